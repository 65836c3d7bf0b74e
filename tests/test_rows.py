"""Rows past the managers: written and deleted in bulk, by key."""

import pytest
from django.db import IntegrityError, connection
from roadmaps import node, rows

from django_roadmap.models import Resource, RoadmapNode
from django_roadmap.rows import deleting_by_key, roots_at, write

pytestmark = pytest.mark.django_db


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
