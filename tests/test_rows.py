"""Rows past the managers: written and deleted in bulk, by key."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from roadmaps import node, rows

from django_roadmap import editing
from django_roadmap import rows as rows_module
from django_roadmap.models import Progress, Resource, RoadmapNode
from django_roadmap.outline import Outline
from django_roadmap.rows import deleting_by_key, insert, roots_at, values_where, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bare")]


def test_writes_what_is_named_and_nothing_else():
    css, html = node("django/css"), node("django/html")
    css.title = html.title = "Changed"
    css.minutes, css.is_optional, css.parent = 5, True, html
    before = {row["id"]: row for row in rows()}
    write(RoadmapNode, "default", ["minutes", "is_optional", "parent"], [css, html])

    changed = {**before[css.pk], "minutes": 5, "is_optional": True, "parent_id": html.pk}
    assert {row["id"]: row for row in rows()} == {**before, css.pk: changed}


def test_writes_nothing_without_a_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        write(RoadmapNode, "default", ["title"], [])


@pytest.mark.parametrize("number", [1, 5, 3_000])
def test_inserts_any_number_at_once(django_user_model, number, django_assert_num_queries):
    ada = django_user_model.objects.create(username="ada")
    outlines = [Outline(f"Topic {n}") for n in range(number)]
    root = editing.add(Outline("Road", children=outlines))
    topics = list(RoadmapNode.objects.filter(tree_id=root.tree_id, level=1).order_by("lft"))
    before = timezone.now()
    with django_assert_num_queries(1):
        insert(Progress, "default", (Progress(user=ada, node=t, state="done") for t in topics))

    found = list(Progress.objects.order_by("node__lft"))
    assert [(row.user, row.node_id, row.state) for row in found] == [
        (ada, topic.pk, "done") for topic in topics
    ]
    assert all(before <= row.updated_at <= timezone.now() for row in found)


def test_inserts_nothing_without_a_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        insert(Progress, "default", [])


def test_inserts_what_the_text_is(django_user_model):
    title = "%s ' \" -- дорога"
    insert(Resource, "default", [Resource(node=node("django/css"), title=title, url="http://x")])
    assert Resource.objects.get().title == title


def test_inserts_no_row_twice(django_user_model):
    ada = django_user_model.objects.create(username="ada")
    rows = [Progress(user=ada, node=node("django/css"), state="done") for _ in range(2)]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(Progress, "default", rows)
    assert not Progress.objects.exists()


@pytest.mark.django_db(databases=["default", "other"])
def test_inserts_into_another_database(grow):
    there = grow("There", using="other")
    insert(Resource, "other", [Resource(node_id=there.pk, title="Docs", url="https://x.example")])

    assert Resource.objects.using("other").get().node_id == there.pk
    assert not Resource.objects.exists()


def test_roots_by_path():
    both = roots_at(RoadmapNode, "default", [])
    assert set(both) == {"django", "django-step-by-step"}
    assert roots_at(RoadmapNode, "default", ["django"]) == {"django": node("django").tree_id}
    with pytest.raises(RoadmapNode.DoesNotExist, match="'django/css', 'x'"):
        roots_at(RoadmapNode, "default", ["django", "django/css", "x"])


def test_deletes_by_key_count_all_rows():
    css = node("django/css")
    for number in range(3):
        css.resources.create(title="Link", url=f"https://example.org/{number}")
    with deleting_by_key("default"):
        assert Resource.objects.filter(node=css).delete()[0] == 3
    assert not css.resources.exists()
    assert node("django/frontend-basics").delete()[1] == {"django_roadmap.RoadmapNode": 4}


@pytest.mark.skipif(connection.vendor != "mysql", reason="others do not go through all rows")
def test_deletes_name_one_key_each():
    left = []

    def see(execute, sql, *args):
        left.append(sql.split()[0])
        return execute(sql, *args)

    link = node("django/css").resources.create(title="Link", url="https://example.org/")
    with deleting_by_key("default"), connection.execute_wrapper(see):
        assert Resource.objects.filter(pk__in=[link.pk, 0]).delete()[0] == 1
    assert "DELETE" not in left


@pytest.mark.skipif(connection.vendor != "mysql", reason="others do not go through all rows")
@pytest.mark.django_db(transaction=True)
def test_errors_of_deletes_are_those_of_django():
    table = "DELETE FROM django_roadmap_roadmapnode WHERE id IN (%s, %s)"
    keys = [node("django").pk, node("django/html").pk]
    with (
        deleting_by_key("default"),
        connection.cursor() as cursor,
        pytest.raises(IntegrityError),
    ):
        cursor.execute(table, keys)


def found(name, values, columns, *order, model=RoadmapNode, using="default"):
    return values_where(model, using, name, values, columns, *order)


def test_values_where_it_is_one_of_several(django_assert_num_queries):
    css, html = node("django/css"), node("django/html")
    wanted = [css.path, html.path, css.path, "django/gone"]
    columns = ("title", "pk", "parent_id", "minutes", "tree_id")
    with django_assert_num_queries(1):
        values = found("path", wanted, columns)

    expected = [tuple(getattr(row, column) for column in columns) for row in (css, html)]
    assert sorted(values) == sorted(expected)
    assert {type(row) for row in values} == {tuple}


def test_values_where_it_is_none_of_them():
    assert found("path", ["gone"], ("pk",)) == []


def test_values_come_from_an_iterator_once():
    assert found("path", iter(["django"]), ("path",)) == [("django",)]


@pytest.mark.parametrize("order", ["lft", "-lft"])
def test_values_in_order(order):
    tree_id = node("django").tree_id
    paths = RoadmapNode.objects.filter(tree_id=tree_id).order_by(order)

    values = found("tree_id", [tree_id], ("path",), order)
    assert values == [(path,) for path in paths.values_list("path", flat=True)]
    assert len(values) > 10


def test_truth_is_a_bool_on_every_database():
    RoadmapNode.objects.filter(path="django/css").update(is_optional=True, minutes=1)
    columns = ("is_optional", "minutes", "is_published", "path")
    [values] = found("path", ["django/css"], columns)

    assert values == (True, 1, True, "django/css")
    assert [type(value) for value in values] == [bool, int, bool, str]
    RoadmapNode.objects.filter(path="django/css").update(is_published=False, is_optional=False)
    [values] = found("path", ["django/css"], columns)
    assert values[0] is values[2] is False


def test_values_where_a_foreign_key_is(django_user_model):
    ada, bob = (django_user_model.objects.create(username=name) for name in ("ada", "bob"))
    css = node("django/css")
    Progress.objects.create(user=ada, node=css, state="done")
    Progress.objects.create(user=bob, node=css, state="learning")

    columns = ("node_id", "state")
    assert found("user", [ada.pk], columns, model=Progress) == [(css.pk, "done")]
    assert len(found("user", [ada.pk, bob.pk], columns, model=Progress)) == 2


@pytest.mark.parametrize("path", ["x' OR '1'='1", "%s", "django%", '"', "дорога", ""])
def test_values_are_no_part_of_the_statement(grow, path):
    root = grow("Road", slug="road")
    rows_module.plain_rows(RoadmapNode, None).filter(pk=root.pk).update(path=path)

    assert found("path", [path], ("pk",)) == [(root.pk,)]


@pytest.mark.django_db(databases=["default", "other"])
def test_values_of_another_database(grow):
    there = grow("There", using="other")

    assert found("path", ["there"], ("pk",), using="other") == [(there.pk,)]
    assert found("path", ["there"], ("pk",)) == []


def test_a_statement_is_built_once_for_each_shape(monkeypatch):
    built = []

    def plain(model, using):
        built.append((model, using))
        return plain_rows(model, using)

    plain_rows = rows_module.plain_rows
    monkeypatch.setattr(rows_module, "plain_rows", plain)
    monkeypatch.setattr(rows_module, "_statements", {})
    for path in ("django", "django/css", "gone"):
        found("path", [path], ("pk", "path"))
    assert len(built) == 1
    shapes = [
        lambda: found("path", ["django", "gone"], ("pk", "path")),
        lambda: found("path", ["django"], ("path", "pk")),
        lambda: found("slug", ["django"], ("pk", "path")),
        lambda: found("path", ["django"], ("pk", "path"), "lft"),
        lambda: found("id", [node("django").pk], ("pk",)),
        lambda: found("id", [node("django").pk], ("pk",), model=Resource),
    ]
    for _ in range(2):
        for shape in shapes:
            shape()
    found("path", ["gone", "django", "gone"], ("pk", "path"))
    assert len(built) == 1 + len(shapes)
