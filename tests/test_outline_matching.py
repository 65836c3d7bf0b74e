"""Which nodes the parts of an outline are."""

from dataclasses import dataclass

import pytest

from django_roadmap.outline import Outline, match
from django_roadmap.tree import walk


@dataclass
class Node:
    pk: int
    parent_id: int | None
    title: str
    slug: str


def nodes(*rows):
    """Nodes 1, 2, 3 … of pairs of parent and title, and of a slug if it is not the title's."""
    return [
        Node(pk, parent, title, *slug or [title.lower()])
        for pk, (parent, title, *slug) in enumerate(rows, 1)
    ]


def matched(outline, *rows):
    found = match(outline, nodes(*rows))
    return {
        (part.slug or part.title): found[id(part)].pk for part in walk(outline) if id(part) in found
    }


TOP = (None, "Top")


def top(*children):
    return Outline("Anything", children=list(children))


def test_the_top_is_the_top_whatever_its_title():
    assert matched(top(), TOP, (1, "A")) == {"Anything": 1}


def test_children_are_matched_by_title():
    outline = top(Outline("B"), Outline("A", children=[Outline("C"), Outline("New")]))

    assert matched(outline, TOP, (1, "A"), (2, "C"), (1, "B")) == {
        "Anything": 1,
        "A": 2,
        "B": 4,
        "C": 3,
    }


def test_a_slug_comes_before_a_title():
    outline = top(Outline("A", slug="b"), Outline("B", slug="a"))

    assert matched(outline, TOP, (1, "A"), (1, "B")) == {"Anything": 1, "b": 3, "a": 2}


def test_a_slug_that_nobody_has_leaves_it_to_the_title():
    outline = top(Outline("A", slug="alpha"))

    assert matched(outline, TOP, (1, "A")) == {"Anything": 1, "alpha": 2}


def test_a_node_is_found_where_it_was_moved_from():
    outline = top(Outline("A"), Outline("B", children=[Outline("C"), Outline("D")]))

    assert matched(outline, TOP, (1, "A"), (2, "B"), (3, "D"), (2, "C")) == {
        "Anything": 1,
        "A": 2,
        "B": 3,
        "C": 5,
        "D": 4,
    }


def test_what_is_below_a_moved_node_is_found_with_it():
    outline = top(Outline("New", children=[Outline("A", children=[Outline("Exercises")])]))
    rows = [TOP, (1, "A"), (2, "Exercises", "exercises-7")]

    assert matched(outline, *rows) == {"Anything": 1, "A": 2, "Exercises": 3}


@pytest.mark.parametrize("new_first", [True, False])
def test_a_new_node_takes_nothing_from_one_that_stays(new_first):
    """Two sections have a topic of one title, and a third gets one, too."""
    new = Outline("C", children=[Outline("Exercises", description="new")])
    old = [Outline(title, children=[Outline("Exercises", description=title)]) for title in "AB"]
    outline = top(*([new, *old] if new_first else [*old, new]))
    found = match(
        outline,
        nodes(TOP, (1, "A"), (2, "Exercises"), (1, "B"), (4, "Exercises", "exercises-2")),
    )

    pks = {
        p.description: found[id(p)].pk for p in walk(outline) if p.description and id(p) in found
    }
    assert pks == {"A": 3, "B": 5}


def test_twins_are_matched_in_order():
    twins = [Outline("A"), Outline("A"), Outline("A")]
    found = match(top(*twins), nodes(TOP, (1, "A"), (1, "A", "a-2")))

    assert [found[id(twin)].pk for twin in twins[:2]] == [2, 3]
    assert id(twins[2]) not in found


def test_each_node_is_one_part_only():
    outline = top(Outline("A", slug="a"), Outline("A"), Outline("B", slug="a"))

    assert list(matched(outline, TOP, (1, "A")).values()) == [1, 2]
