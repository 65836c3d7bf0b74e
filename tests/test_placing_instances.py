"""What instances in memory may decide: fields to write, fields left out, what became stale."""

import pytest
from django.db import DatabaseError, IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from roadmaps import node, rows
from soundness import findings

from django_roadmap.models import RoadmapNode

pytestmark = pytest.mark.django_db(databases=["default", "other"])

SECTION = "django/frontend-basics"


@pytest.fixture(autouse=True)
def sound():
    yield
    assert findings() == []
    assert findings("other") == []


class TestUpdateFields:
    @pytest.mark.parametrize(
        ("fields", "written"),
        [
            (["title"], {"title"}),
            (["slug"], {"slug"}),
            (["parent"], {"parent"}),
            (["parent_id"], {"parent"}),
            (["title", "slug"], {"title", "slug"}),
            (["parent", "slug"], {"parent", "slug"}),
            (["version", "path", "lft", "tree_id"], set()),
            ([], set()),
            (None, {"title", "slug", "parent"}),
        ],
    )
    def test_write_these_and_keep_the_others_for_later(self, fields, written):
        css, html = node("django/css"), node("django/html")
        css.title, css.slug, css.parent, css.version, css.lft = "New", "new", html, "x", 99
        css.save(update_fields=fields)

        now = RoadmapNode.objects.get(pk=css.pk)
        assert now.title == ("New" if "title" in written else "CSS")
        assert now.path == ("django/new" if "slug" in written else "django/css")
        assert now.parent.path == ("django/html" if "parent" in written else SECTION)
        assert (css.title, css.slug, css.parent) == ("New", "new", html)
        css.save()
        now.refresh_from_db()
        assert (now.title, now.path, now.parent) == ("New", "django/new", html)

    def test_of_no_field_write_nothing(self):
        before = rows()
        node("django/css").save(update_fields=[])

        assert rows() == before

    def test_of_an_unknown_field_are_refused(self):
        css = node("django/css")
        with pytest.raises(ValueError, match="nonsense"):
            css.save(update_fields=["title", "nonsense"])

    @pytest.mark.parametrize(
        "options", [{"force_update": True}, {"update_fields": ["title"]}], ids=str
    )
    def test_of_a_new_node_are_refused(self, options):
        before = rows()
        with pytest.raises((DatabaseError, ValueError)):
            RoadmapNode(title="New", parent=node("django")).save(**options)

        assert rows() == before

    def test_insert_of_a_node_that_is_there_is_refused(self):
        css, before = node("django/css"), rows()
        with pytest.raises(IntegrityError):
            css.save(force_insert=True)

        assert rows() == before


@pytest.mark.parametrize(
    "fields", [["title"], ["slug"], ["path"], ["parent"], ["lft"], ["title", "parent"]], ids=str
)
@pytest.mark.parametrize("method", ["only", "defer"])
def test_deferred_fields_are_not_written(method, fields):
    css = getattr(RoadmapNode.objects, method)(*fields).get(path="django/css")
    RoadmapNode.objects.filter(pk=css.pk).update(summary="Styles", minutes=5)
    css.summary = "Mine"
    with CaptureQueriesContext(connection) as queries:
        css.save()

    updates = [query["sql"] for query in queries if query["sql"].startswith("UPDATE")]
    assert any("description" in update for update in updates) == (method == "defer")
    now = node("django/css")
    assert (now.title, now.summary) == ("CSS", "Mine")
    assert now.minutes == (5 if method == "only" else None)
    css.parent, css.slug = node("django/html"), "styles"
    css.save()
    assert node("django/styles").parent.path == "django/html"


def test_a_roadmap_that_is_told_to_be_one_stays_one():
    root = RoadmapNode.objects.defer("parent").get(path="django")
    root.parent, root.title = None, "Django"
    root.save()

    assert node("django").title == "Django"


class TestMemory:
    """Objects somebody holds tell the truth without a query for it."""

    def test_new_child_is_seen_by_every_cached_node_above(self):
        css = node("django/css")
        html = css.parent.children.first()
        new = RoadmapNode(title="New", parent=css)
        new.save()
        newer = RoadmapNode(title="Newer", parent=new)
        newer.save()

        assert list(css.get_children()) == [new]
        assert list(new.get_children()) == [newer]
        assert (css.get_descendant_count(), css.parent.get_descendant_count()) == (2, 5)
        assert html.is_leaf_node()

    def test_stale_parent_sees_its_new_child(self):
        css = node("django/css")
        node("django/html").delete()
        new = RoadmapNode(title="New", parent=css)
        new.save()

        assert list(css.get_children()) == list(css.get_descendants()) == [new]

    @pytest.mark.parametrize("by_save", [True, False])
    def test_new_parent_sees_what_was_moved(self, by_save):
        css, html = node("django/css"), node("django/html")
        if by_save:
            css.parent = html
            css.save()
        else:
            css.move_to(html)

        assert list(html.get_children()) == [css]
        assert css.parent == html
        assert list(css.get_ancestors())[-1] == html

    def test_parent_misses_what_was_deleted(self):
        section = node(SECTION)
        level = section.parent
        count = level.get_descendant_count()
        section.delete()

        assert level.get_descendant_count() == count - 4
