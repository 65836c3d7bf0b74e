"""Two people with copies of the same rows: neither undoes what the other did."""

import pytest
from django.db import DatabaseError, connection, models, transaction
from mptt.exceptions import InvalidMove
from soundness import findings

from django_roadmap.models import Roadmap, RoadmapNode

pytestmark = [
    pytest.mark.django_db(databases=["default", "other"]),
    pytest.mark.usefixtures("bare"),
]

SECTION = "django/frontend-basics"


def node(path, **options):
    return RoadmapNode.objects.get(path=path, **options)


def rows(path="django"):
    """The rows of a roadmap but for what its lock writes."""
    found = models.QuerySet(RoadmapNode).filter(tree_id=node(path).tree_id).order_by("lft")
    return [{**row, "version": "", "updated_at": None} for row in found.values()]


@pytest.fixture(autouse=True)
def sound():
    yield
    assert findings() == []


def rename(copy):
    copy.slug = "styles"
    copy.save()


def move(copy):
    copy.move_to(node("django/middleware"))


def move_away(copy):
    copy.move_to(node("django-step-by-step"))


def retitle(copy):
    copy.title = "Styles"
    copy.save()


def refreshed_and_retitled(copy):
    copy.refresh_from_db()
    retitle(copy)


def now(copy):
    found = RoadmapNode.objects.get(pk=copy.pk)
    return found.title, found.slug, found.parent.slug, found.path


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (rename, retitle, ("Styles", "styles", "frontend-basics", "django/styles")),
        (move, retitle, ("Styles", "css", "middleware", "django/css")),
        (move_away, retitle, ("Styles", "css", "django-step-by-step", "django-step-by-step/css")),
        (rename, move, ("CSS", "styles", "middleware", "django/styles")),
        (move, rename, ("CSS", "styles", "middleware", "django/styles")),
        (rename, move_away, ("CSS", "styles", "django-step-by-step", "django-step-by-step/styles")),
        (move_away, rename, ("CSS", "styles", "django-step-by-step", "django-step-by-step/styles")),
        (move, move_away, ("CSS", "css", "django-step-by-step", "django-step-by-step/css")),
        (move_away, move, ("CSS", "css", "middleware", "django/css")),
        (retitle, move, ("Styles", "css", "middleware", "django/css")),
        (rename, refreshed_and_retitled, ("Styles", "styles", "frontend-basics", "django/styles")),
    ],
)
def test_edits_of_two_copies_add_up(first, second, expected):
    ours, theirs = node("django/css"), node("django/css")
    first(theirs)
    second(ours)

    assert now(ours) == expected
    assert (ours.slug, ours.parent.slug, ours.path) == expected[1:]
    theirs.minutes = 5
    theirs.save()
    assert now(theirs)[1:] == expected[1:]


@pytest.mark.parametrize(
    "fields", [["path"], ["slug"], ["parent"], ["slug", "path"], ["lft"]], ids=str
)
@pytest.mark.parametrize("method", ["only", "defer"])
@pytest.mark.parametrize("edit", [rename, move, move_away])
def test_copies_with_fields_left_out_undo_nothing(method, fields, edit):
    ours, theirs = (
        getattr(RoadmapNode.objects, method)(*fields).get(path="django/css"),
        node("django/css"),
    )
    edit(theirs)
    retitle(ours)

    assert now(ours)[1:] == now(theirs)[1:] == (theirs.slug, theirs.parent.slug, theirs.path)


@pytest.mark.parametrize("fields", [None, ["parent"], ["slug"], ["path"], ["title"]], ids=str)
def test_a_refreshed_copy_undoes_nothing_that_comes_later(fields):
    ours, theirs = node("django/css"), node("django/css")
    move_away(theirs)
    ours.refresh_from_db(fields=fields)
    move(theirs)
    rename(theirs)
    retitle(ours)

    assert now(ours) == ("Styles", "styles", "middleware", "django/styles")


def test_a_parent_that_is_set_wins_over_a_move_in_between():
    ours = node("django/css")
    move(node("django/css"))
    ours.parent = node("django/html")
    ours.save()

    assert now(ours)[2] == "html"


def test_a_move_beside_a_node_that_went_elsewhere_goes_there():
    html, css = node("django/html"), node("django/css", parent__slug="frontend-basics")
    move(node("django/css"))
    html.move_to(css, "left")

    assert html.parent == node("django/middleware")
    assert [child.slug for child in html.parent.get_children()] == ["html", "css"]


def test_an_insert_beside_a_node_that_went_elsewhere_goes_there():
    css = node("django/css")
    move_away(node("django/css"))
    new = RoadmapNode(title="New")
    new.insert_at(css, "left", save=True)

    assert new.path == "django-step-by-step/new"
    assert [child.slug for child in new.parent.get_children()][:2] == ["new", "css"]


def test_a_branch_moved_by_one_takes_along_what_another_adds():
    section = node(SECTION)
    node(SECTION).move_to(node("django-step-by-step"), "first-child")
    new = RoadmapNode(title="New", parent=section)
    new.save()

    assert new.path == "django-step-by-step/new"
    assert section.get_root() == node("django-step-by-step")


def test_a_stale_roadmap_keeps_version_and_names():
    stale = Roadmap.roots.get(path="django")
    root = node("django")
    root.slug = "python"
    root.save()
    RoadmapNode(title="New", parent=root).save()
    version = node("python").version
    stale.title = "Django"
    stale.save()

    assert (stale.path, stale.slug, stale.title) == ("python", "python", "Django")
    assert node("python/css")
    assert stale.version == node("python").version != version


GONE = {
    "save": (retitle, DatabaseError),
    "save a field": (lambda gone: gone.save(update_fields=["title"]), DatabaseError),
    "rename": (rename, DatabaseError),
    "move": (move, InvalidMove),
    "move below": (lambda gone: node("django/middleware").move_to(gone), InvalidMove),
    "move beside": (lambda gone: node("django/middleware").move_to(gone, "left"), InvalidMove),
    "insert below": (lambda gone: RoadmapNode(title="New", parent=gone).save(), InvalidMove),
    "insert beside": (
        lambda gone: RoadmapNode(title="New").insert_at(gone, "left", save=True),
        InvalidMove,
    ),
    "insert by related manager": (lambda gone: gone.children.create(title="New"), InvalidMove),
    "insert below a key": (
        lambda gone: RoadmapNode(title="New", parent_id=gone.pk).save(),
        RoadmapNode.DoesNotExist,
    ),
}


@pytest.mark.parametrize(("edit", "error"), GONE.values(), ids=GONE)
def test_what_is_gone_is_refused(edit, error):
    gone = node("django/css")
    node(SECTION).delete()
    before = rows()

    with pytest.raises(error):
        edit(gone)
    assert rows() == before


def test_what_is_gone_can_be_validated():
    ours = node("django/css")
    rename(node("django/css"))
    found = models.QuerySet(RoadmapNode)
    calls = []

    def delete_meanwhile(execute, sql, params, many, context):
        if "MAX(" in sql:
            calls.append(found.filter(pk=ours.pk).delete())
        return execute(sql, params, many, context)

    ours.parent = node("django/html")
    with transaction.atomic(), connection.execute_wrapper(delete_meanwhile):
        ours.clean()
        transaction.set_rollback(True)
    assert calls


def test_a_new_parent_that_is_gone_is_refused():
    html, gone = node("django/html"), node("django/css")
    node("django/css").delete()
    html.parent = gone

    with pytest.raises(InvalidMove, match="“CSS” is no longer there"):
        html.save()
    assert now(html)[2] == "frontend-basics"
    html.parent = node("django/middleware")
    html.save()
    assert now(html)[2] == "middleware"


def test_a_parent_that_is_not_saved_is_refused_until_it_is():
    new, css = RoadmapNode(title="New"), node("django/css")
    css.parent = new
    before = rows()
    for unsaved in css, RoadmapNode(title="Newer", parent=new):
        with pytest.raises((InvalidMove, ValueError)):
            unsaved.save()
        assert rows() == before
    new.insert_at(node("django"), "first-child", save=True)
    css.save()

    assert now(css)[2] == "new"


@pytest.mark.parametrize("edit", [retitle, rename, move, move_away, RoadmapNode.delete])
def test_a_deleted_node_further_up_in_memory_is_in_nobodys_way(edit):
    html, css = node("django/html"), node("django/css")
    css.move_to(html)
    css = html.children.get()
    section = html.parent
    move(node("django/html"))
    section.delete()
    edit(css)

    assert RoadmapNode.objects.filter(slug="html", parent__slug="middleware").exists()


def test_a_roadmap_below_what_is_not_saved_is_refused_before_and_after():
    root, new = node("django"), RoadmapNode(title="New")
    root.parent = new
    with pytest.raises((InvalidMove, ValueError)):
        root.save()
    new.save()
    with pytest.raises(InvalidMove):
        root.save()

    assert node("django").parent is None


@pytest.mark.parametrize("edit", [rename, move, move_away, RoadmapNode.delete])
def test_a_rolled_back_edit_is_not_taken_up_by_the_next(edit):
    css, before = node("django/css"), rows()
    key = css.pk
    with transaction.atomic():
        edit(css)
        transaction.set_rollback(True)
    assert rows() == before

    css.pk = key
    css.title = "Styles"
    css.save()
    assert now(css) == ("Styles", "css", "frontend-basics", "django/css")


def test_a_rolled_back_insert_can_be_done_again():
    parent, before = node(SECTION), rows()
    new = RoadmapNode(title="New", parent=parent)
    with transaction.atomic():
        new.save()
        transaction.set_rollback(True)
    assert rows() == before

    with pytest.raises(DatabaseError):
        new.save()
    assert rows() == before
    new.save(force_insert=True)
    assert [child.slug for child in node(SECTION).get_children()][-1] == "new"
