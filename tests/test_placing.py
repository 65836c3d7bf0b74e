"""Saving, moving, renaming and deleting one node, with nobody else about."""

import pytest
from asgiref.sync import async_to_sync
from django.db import IntegrityError, models
from mptt.exceptions import InvalidMove
from mptt.signals import node_moved
from roadmaps import node, slugs_below
from soundness import findings

from django_roadmap.models import Roadmap, RoadmapNode

pytestmark = [
    pytest.mark.django_db(databases=["default", "other"]),
    pytest.mark.usefixtures("bare"),
]

SECTION = "django/frontend-basics"


@pytest.fixture(autouse=True)
def sound():
    yield
    assert findings() == []
    assert findings("other") == []


PLACES = [
    (SECTION, "first-child", "new html css javascript"),
    (SECTION, "last-child", "html css javascript new"),
    ("django/html", "left", "new html css javascript"),
    ("django/css", "left", "html new css javascript"),
    ("django/css", "right", "html css new javascript"),
    ("django/javascript", "right", "html css javascript new"),
]


class TestInsert:
    @pytest.mark.parametrize(("target", "position", "expected"), PLACES)
    def test_at_a_position(self, target, position, expected):
        new = RoadmapNode(title="New")
        new.insert_at(node(target), position, save=True)

        assert slugs_below(SECTION) == expected
        assert (new.path, new.parent) == ("django/new", node(SECTION))

    def test_by_save_is_last_below_the_parent(self):
        RoadmapNode(title="New", parent=node(SECTION)).save()
        RoadmapNode(title="Newer", parent_id=node(SECTION).pk).save()

        assert slugs_below(SECTION) == "html css javascript new newer"

    def test_at_a_place_overrules_the_parent_it_was_given(self):
        RoadmapNode(title="New", parent=node("django/css")).insert_at(
            node("django/html"), "right", save=True
        )
        alone = RoadmapNode(title="Alone", parent=node("django/css"))
        alone.insert_at(None, save=True)

        assert slugs_below(SECTION) == "html new css javascript"
        assert (alone.parent, alone.path) == (None, "alone")

    def test_makes_a_roadmap_with_a_tree_of_its_own(self):
        new = RoadmapNode(title="New")
        new.save()
        Roadmap.roots.create(title="Newer")

        assert (new.parent, new.path, new.level, len(new.version)) == (None, "new", 0, 32)
        assert [root.path for root in Roadmap.roots.all()][2:] == ["new", "newer"]

    def test_makes_a_tree_of_its_own_where_its_key_is_a_tree_already(self):
        tree_id = node("django-step-by-step").tree_id
        models.QuerySet(RoadmapNode).filter(tree_id=tree_id).update(tree_id=9000)
        new = RoadmapNode(title="New", pk=9000)
        new.save()

        assert new.tree_id == 9001

    def test_of_a_copy_needs_a_slug_of_its_own(self):
        copied = node(SECTION)
        copied.pk, copied.slug = None, ""
        copied.save()

        assert copied.path == "django/frontend-basics-2"
        assert slugs_below(SECTION) == "html css javascript"
        assert not copied.get_children()
        copied.pk = None
        with pytest.raises(IntegrityError):
            copied.save()

    def test_of_a_copied_roadmap_is_one_more(self):
        copied = node("django")
        copied.pk, copied.slug = None, ""
        copied.save()

        assert copied.path == "django-roadmap"
        assert copied.get_descendant_count() == 0

    def test_into_another_database(self):
        RoadmapNode(title="One").save(using="other")
        RoadmapNode(title="Two", parent=node(SECTION, "other")).save()
        RoadmapNode(title="Three").insert_at(node(SECTION, "other"), "first-child", save=True)
        node(SECTION, "other").children.create(title="Four")

        assert slugs_below(SECTION, "other") == "three html css javascript two four"
        assert node("one", "other").tree_id not in (
            node("django", "other").tree_id,
            node("django-step-by-step", "other").tree_id,
        )
        assert RoadmapNode.objects.count() == 54


class TestMove:
    @pytest.mark.parametrize(("target", "position", "expected"), PLACES)
    def test_to_a_position(self, target, position, expected):
        moved = node("django/middleware")
        old_section = moved.parent.path
        moved.move_to(node(target), position)

        assert slugs_below(SECTION) == expected.replace("new", "middleware")
        assert moved.parent == node(SECTION) == node("django/middleware").parent
        assert "middleware" not in slugs_below(old_section).split()

    @pytest.mark.parametrize(
        ("target", "position", "expected"),
        [
            ("django/html", "left", "css html javascript"),
            ("django/javascript", "right", "html javascript css"),
            (SECTION, "first-child", "css html javascript"),
            (SECTION, "last-child", "html javascript css"),
            ("django/html", "right", "html css javascript"),
        ],
    )
    def test_among_its_own(self, target, position, expected):
        node("django/css").move_to(node(target), position)

        assert slugs_below(SECTION) == expected

    def test_by_save_is_last_below_the_new_parent(self):
        moved = node(SECTION)
        moved.parent = node("django/advanced-level")
        moved.title = "Front"
        moved.save()

        assert slugs_below("django/advanced-level").endswith(" frontend-basics")
        assert slugs_below(SECTION) == "html css javascript"
        assert node(SECTION).title == "Front"

    def test_keeps_texts_only_the_instance_has(self):
        css = node("django/css")
        css.title = "Unsaved"
        css.move_to(node("django/html"), "left")

        assert node("django/css").title == "CSS"
        assert css.title == "Unsaved"

    @pytest.mark.parametrize("by_save", [True, False])
    def test_to_another_roadmap_renames_paths(self, grow, by_save):
        rust, moved = grow("Rust", ["Loops"]), node(SECTION)
        if by_save:
            moved.parent = rust
            moved.save()
        else:
            moved.move_to(rust, "last-child")

        assert moved.path == "rust/frontend-basics"
        assert slugs_below("rust") == "loops frontend-basics"
        assert slugs_below("rust/frontend-basics") == "html css javascript"
        assert not RoadmapNode.objects.filter(path=SECTION).exists()

    def test_to_another_roadmap_cuts_prerequisites_that_would_reach_back(self, grow):
        css, html, js = (node(f"django/{slug}") for slug in ("css", "html", "javascript"))
        outside, section = node("django/functions"), node(SECTION)
        css.prerequisites.set([html, outside])
        js.dependents.set([html, outside])
        outside.prerequisites.add(node("django/middleware"))
        section.move_to(node("django/advanced-level"))
        assert css.prerequisites.count() == js.dependents.count() == 2
        section.move_to(grow("Rust"))

        assert list(css.prerequisites.all()) == [html]
        assert list(js.dependents.all()) == [html]
        assert list(outside.prerequisites.all()) == [node("django/middleware")]

    def test_to_another_roadmap_with_a_free_slug_of_its_own(self, grow):
        moved = node("django/css")
        moved.parent, moved.slug = grow("Rust", ["CSS"]), "styles"
        moved.full_clean()
        moved.save()

        assert slugs_below("rust") == "css styles"

    def test_tells_who_asks(self):
        told = []

        def tell(**signal):
            told.append((signal["instance"].path, signal["target"].path, signal["position"]))

        css = node("django/css")
        node_moved.connect(tell)
        try:
            css.move_to(node("django/html"), "left")
            css.parent = node("django/html")
            css.save()
        finally:
            node_moved.disconnect(tell)

        html = ("django/css", "django/html")
        assert told == [(*html, "left"), (*html, "last-child")]

    def test_in_another_database(self):
        css = node("django/css", "other")
        css.move_to(node("django/html", "other"), "left")

        assert slugs_below(SECTION, "other") == "css html javascript"
        with pytest.raises(InvalidMove, match="“CSS” and “HTML” are not in one database"):
            css.move_to(node("django/html"))
        assert slugs_below(SECTION) == "html css javascript"


class TestRename:
    def test_of_a_node_changes_its_path_only(self):
        section = node(SECTION)
        section.slug = "frontend"
        section.save()

        assert slugs_below("django/frontend") == "html css javascript"
        assert node("django/html").parent == section

    def test_of_a_roadmap_changes_every_path_in_it(self):
        root = node("django")
        root.slug = "django-6"
        root.save()

        assert root.path == "django-6"
        assert RoadmapNode.objects.filter(path__startswith="django-6/").count() == 42
        assert node("django-step-by-step/deployment")

    def test_to_nothing_is_by_title(self):
        css = node("django/css")
        css.title, css.slug = "Style Sheets", ""
        css.save()

        assert (css.path, css.slug) == ("django/style-sheets", "style-sheets")

    def test_of_the_title_leaves_the_path(self):
        css = node("django/css")
        css.title = "Style Sheets"
        css.save()

        assert node("django/css").title == "Style Sheets"


class TestDelete:
    @pytest.mark.parametrize(("path", "gone"), [("django/css", 1), (SECTION, 4), ("django", 43)])
    def test_takes_what_is_below(self, path, gone):
        deleted = node(path).delete()

        assert deleted == (gone, {"django_roadmap.RoadmapNode": gone})
        assert RoadmapNode.objects.count() == 54 - gone

    def test_of_what_is_not_there_does_nothing(self):
        first, second = node(SECTION), node(SECTION)
        first.delete()

        assert first.delete() == second.delete() == (0, {})
        assert RoadmapNode(title="New", parent=node("django")).delete() == (0, {})
        assert RoadmapNode.objects.count() == 50

    def test_in_another_database(self):
        node(SECTION, "other").delete()
        node("django/css").delete(using="default")

        assert slugs_below("django/beginner-level", "other") == "learn-python-basics django-basics"
        assert slugs_below(SECTION) == "html javascript"


def test_async_calls():
    @async_to_sync
    async def edit():
        new = RoadmapNode(title="New", parent=await RoadmapNode.objects.aget(path=SECTION))
        await new.asave()
        css = await RoadmapNode.objects.aget(path="django/css")
        css.slug = "styles"
        await css.asave(update_fields=["slug"])
        await (await RoadmapNode.objects.aget(path="django/html")).adelete()
        await RoadmapNode.objects.acreate(title="Newer", parent=new)

    edit()
    assert slugs_below(SECTION) == "styles javascript new"
    assert slugs_below("django/new") == "newer"
