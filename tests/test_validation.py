"""The rules for what an outline may say are those of the models."""

import pytest
from django.core.exceptions import ValidationError

from django_roadmap import validation
from django_roadmap.models import Resource, RoadmapNode
from django_roadmap.outline import Link, Outline

LONG = "x" * 500


def told(outline):
    """Titles and problems."""
    return [(part.title, problem) for part, problem in validation.problems(outline)]


@pytest.mark.parametrize(
    "outline",
    [
        Outline("A"),
        Outline(" A "),
        Outline("x" * 200, slug="x" * 120, summary="x" * 300, description=LONG * 100),
        Outline("A", slug="節_-9", summary="", description="", minutes=0, is_published=False),
        Outline("A", resources=[Link("L", "http://a.org"), Link("L", "HTTPS://a.org")]),
        Outline("A", resources=[Link("x" * 200, f"https://a.org/{LONG[14:]}", "podcast")]),
        Outline("A", prerequisites=["whatever", "\0"]),
        Outline("A", description="\ufeff\u200b\t\r\n\x1b"),
    ],
)
def test_what_is_well(outline):
    assert told(outline) == []
    validation.validate(outline)


@pytest.mark.parametrize(
    ("outline", "problem"),
    [
        (Outline(""), "title: This field cannot be blank."),
        (Outline("\t \n"), "title: This field cannot be blank."),
        (Outline(None), "title: This field cannot be null."),
        (Outline("x" * 201), "title: Ensure this value has at most 200 characters (it has 201)."),
        (Outline(" " + "x" * 200), "title: Ensure this value has at most 200 characters"),
        (Outline("A\0"), "title: Null characters are not allowed."),
        (Outline("A\ud800"), "title: Half of a character is not allowed."),
        (Outline("A", slug=None), "slug: This field cannot be null."),
        (Outline("A", slug="a/b"), "slug: Enter a valid “slug”"),
        (Outline("A", slug="~a"), "slug: Enter a valid “slug”"),
        (Outline("A", slug="a\n"), "slug: Enter a valid “slug”"),
        (Outline("A", slug="x" * 121), "slug: Ensure this value has at most 120"),
        (Outline("A", slug="\udcff"), "slug: Half of a character"),
        (Outline("A", summary="x" * 301), "summary: Ensure this value has at most 300"),
        (Outline("A", summary="\0"), "summary: Null characters"),
        (Outline("A", description="\udfff"), "description: Half of a character"),
        (Outline("A", minutes=-1), "minutes: Ensure this value is greater than or equal to"),
        (Outline("A", minutes=10**30), "minutes: Ensure this value is less than or equal to"),
        (Outline("A", minutes="many"), "minutes: “many” value must be an integer."),
        (Outline("A", is_published="perhaps"), "published: “perhaps” value must be either"),
        (Outline("A", is_optional=[]), "optional: “[]” value must be either"),
        (Outline("A", resources=[Link("", "http://a.org")]), "title: This field cannot be blank"),
        (Outline("A", resources=[Link("L", "")]), "address: This field cannot be blank."),
        (Outline("A", resources=[Link("L", None)]), "address: This field cannot be null."),
        (
            Outline("A", resources=[Link("L", "ftp://a.org")]),
            "address: Enter an address that begins with https:// or http://.",
        ),
        (
            Outline("A", resources=[Link("L", f"https://a.org/{LONG}")]),
            "address: Ensure this value has at most 500",
        ),
        (Outline("A", resources=[Link("L", "https://a.org/\0")]), "address: Null characters"),
        (Outline("A", resources=[Link("L", "https://a.org", "film")]), "kind: Value 'film' is not"),
    ],
)
def test_what_is_wrong(outline, problem):
    found = told(outline)
    assert [title for title, _problem in found] == [outline.title]
    assert found[0][1].startswith(problem)
    with pytest.raises(ValidationError) as error:
        validation.validate(Outline("Top", children=[outline]))
    assert error.value.messages == [f"“{outline.title}” in “Top”: {found[0][1]}"]


def test_addresses_are_once_on_a_node():
    twice = [Link("A", "https://a.org"), Link("B", "https://b.org")] * 2
    part = Outline("P", resources=[*twice, Link("C", "https://c.org")])
    assert told(Outline("Top", resources=part.resources[2:], children=[part])) == [
        ("P", "https://a.org is there more than once."),
        ("P", "https://b.org is there more than once."),
    ]
    nothing = Outline("A", resources=[Link("L", None), Link("L", "https://a.org")] * 2)
    assert told(nothing)[-2:] == [
        ("A", "None is there more than once."),
        ("A", "https://a.org is there more than once."),
    ]


def test_all_is_told_in_reading_order():
    below = Outline("", minutes=-1, children=[Outline("C", slug="/", summary="x" * 301)])
    assert [(title, problem.partition(":")[0]) for title, problem in told(below)] == [
        *(("", "title"), ("", "minutes"), ("C", "slug"), ("C", "summary"))
    ]


def test_the_models_accept_what_is_well():
    """What the rules here let through is what ``full_clean`` does."""
    node = RoadmapNode(title="x" * 200, slug="x" * 120, summary="x" * 300, minutes=1)
    node.clean_fields(exclude=["path", "tree_id", "lft", "rght", "level"])
    Resource(title="x" * 200, url="https://a.org").clean_fields(exclude=["node"])


def test_what_is_deep_is_no_trouble():
    top = Outline("Last", minutes=-1)
    for level in range(3000):
        top = Outline(str(level), children=[top])
    assert [title for title, _problem in told(top)] == ["Last"]


def test_a_part_in_two_places():
    part = Outline("P")
    circle = Outline("C", children=[part])
    part.children.append(circle)
    for wrong in (Outline("A", children=[Outline("B", children=[part]), part]), circle, part):
        with pytest.raises(ValidationError, match="is in two places of the outline"):
            validation.validate(wrong)
    equal = Outline("A", children=[Outline("P"), Outline("P")])
    validation.validate(equal)
