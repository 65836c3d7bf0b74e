"""Branches as they are stored, as outlines."""

import pytest
from roadmaps import node

from django_roadmap import editing, exporting
from django_roadmap.models import Resource, Roadmap, RoadmapNode
from django_roadmap.outline import Link, Outline

pytestmark = pytest.mark.django_db(databases=["default", "other"])

FORMS = Outline(
    "Forms",
    slug="forms",
    summary="What people fill in.",
    description="*Much*\n\nto say.",
    is_published=True,
    is_optional=True,
    minutes=30,
    resources=[Link("B", "https://example.org/b", "official"), Link("A", "http://a.org/")],
    prerequisites=["css", "javascript", "widgets", "middleware"],
    children=[
        Outline(
            "Widgets",
            slug="widgets",
            summary="",
            description="",
            is_published=False,
            is_optional=False,
            minutes=0,
            resources=[],
            prerequisites=["django"],
            children=[
                Outline("Deep", "deep", "", "", True, False, 0, [], []),
            ],
        ),
        Outline("Fields", "fields", "", "", True, False, 0, [], []),
    ],
)


@pytest.fixture
def forms():
    return editing.add(FORMS, node("django/javascript"))


def slugs(outline):
    return [outline.slug, *(slugs(child) for child in outline.children)]


def test_all_of_it(forms):
    """Prerequisites come in reading order: css, javascript, forms' own widgets, middleware."""
    assert exporting.outline_of(forms, "default") == FORMS
    again = [link.url for link in exporting.outline_of(forms, "default").resources]
    Resource.objects.filter(url=again[0]).update(position=9)
    assert [link.url for link in exporting.outline_of(forms, "default").resources] == again[::-1]


def test_what_is_written_is_what_was_read(forms):
    """Any order in which they are given is the same."""
    said = Outline("Forms", prerequisites=["middleware", "widgets", "css", "javascript"])
    editing.replace(forms, said)
    assert exporting.outline_of(node("django/forms"), "default").prerequisites == [
        *("css", "javascript", "widgets", "middleware")
    ]


def test_only_what_is_shown(forms):
    shown = set(RoadmapNode.objects.values_list("pk", flat=True))
    assert exporting.outline_of(forms, "default", shown) == FORMS
    shown -= {node("django/widgets").pk, node("django/middleware").pk}
    found = exporting.outline_of(forms, "default", frozenset(shown))

    # Whoever is below what is not shown has no place.
    assert slugs(found) == ["forms", ["fields"]]
    assert found.prerequisites == ["css", "javascript"]
    with pytest.raises(RoadmapNode.DoesNotExist, match="the path django/forms"):
        exporting.outline_of(forms, "default", [])


def test_three_queries(forms, django_assert_num_queries):
    for top in (forms, node("django"), node("django/css")):
        with django_assert_num_queries(3):
            exporting.outline_of(top, "default")
        with django_assert_num_queries(3):
            exporting.outline_of(top, "default", [top.pk])


def test_what_is_gone(forms):
    gone = node("django/forms")
    forms.delete()
    with pytest.raises(RoadmapNode.DoesNotExist, match="No roadmap or node has the path django/f"):
        exporting.outline_of(gone, "default")


def test_another_database():
    editing.add(Outline("New"), node("django", "other"))
    assert exporting.outline_of(node("django", "other"), "other").children[-1].title == "New"
    [found] = exporting.outlines_at(["django/new"], "other")
    assert found.title == "New"
    with pytest.raises(RoadmapNode.DoesNotExist):
        exporting.outlines_at(["django/new"], "default")


def test_several_paths():
    paths = ["django/css", "django-step-by-step", "django/css", "django/frontend-basics"]
    found = exporting.outlines_at(paths, "default")
    assert [outline.slug for outline in found] == [path.rpartition("/")[2] for path in paths]
    assert slugs(found[-1]) == ["frontend-basics", ["html"], ["css"], ["javascript"]]


def test_all_roadmaps_in_their_order():
    Roadmap.roots.filter(path="django").update(position=99, is_published=False)
    found = exporting.outlines_at([], "default")
    assert [(outline.slug, outline.is_published) for outline in found] == [
        *(("django-step-by-step", True), ("django", False))
    ]


def test_without_roadmaps(alone):
    assert exporting.outlines_at([], "default") == []


@pytest.mark.parametrize("path", ["nowhere", "Django", "django/nowhere", "", "\0", "\udcff", "a b"])
def test_an_unknown_path(path):
    with pytest.raises(RoadmapNode.DoesNotExist) as error:
        exporting.outlines_at(["django", path], "default")
    assert str(error.value) == f"No roadmap or node has the path {path}."


def test_a_roadmap_that_is_deep_and_wide(django_assert_num_queries):
    top = Outline("End")
    for level in range(63):
        top = Outline(f"L{level}", children=[Outline(f"A{level}"), top])
    root = editing.add(top)
    with django_assert_num_queries(3):
        found = exporting.outline_of(root, "default")
    for _level in range(63):
        found = found.children[1]
    assert (found.title, found.children) == ("End", [])
