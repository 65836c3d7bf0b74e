"""What comes next, against a model that asks every node for itself."""

import pytest
from branches import (
    grow,
    marks_on_anything,
    shown,
    state_of,
    states_below,
    topics_of,
    trees,
)
from hypothesis import given
from hypothesis import strategies as st

from django_roadmap.counting import DONE, LEARNING, SKIPPED, skeleton
from django_roadmap.steps import next_step
from django_roadmap.tree import walk

FINISHED = (DONE, SKIPPED)
links = st.dictionaries(st.integers(0, 19), st.lists(st.integers(0, 19), max_size=3), max_size=12)


def next_of(root, target, marks, needs):
    """The topic that comes next, from needs by key."""
    nodes = {node.pk: node for node in walk(root)}
    parents = {child.pk: node for node in walk(root) for child in node.children}
    counted = shown(root)

    def with_those_above(node):
        counts = node.is_published and not node.is_optional
        above = parents.get(node.pk) if counts else None
        return [node, *(with_those_above(above) if above else [])]

    def is_met(need, topic):
        if need.pk not in counted or not topics_of(need) or topic in walk(need):
            return True
        return state_of(states_below(need, marks)) in FINISHED

    left = [topic for topic in topics_of(target) if marks.get(topic.pk) not in FINISHED]
    ready = [
        topic
        for topic in left
        if all(
            is_met(nodes[need], topic)
            for node in with_those_above(topic)
            for need in needs.get(node.pk, ())
        )
    ]
    candidates = ready or left
    learning = [topic for topic in candidates if marks.get(topic.pk) == LEARNING]
    return next(iter(learning or candidates), None)


class TestAgainstAModel:
    @given(trees(), marks_on_anything, links)
    def test_is_the_same_for_every_node(self, branch, marks, links):
        order = list(walk(branch))
        size, bones = len(order), skeleton(order)
        needs = {a: [b for b in found if b < size] for a, found in links.items() if a < size}
        by_key = {order[a].pk: [order[b].pk for b in found] for a, found in needs.items()}

        states = bones.roll_up(marks)[0]
        for place, target in enumerate(order):
            step = next_step(bones, states, needs, place)
            expected = next_of(branch, target, marks, by_key)
            assert (None if step is None else order[step]) is expected

    @given(trees(), marks_on_anything, links)
    def test_is_none_only_when_nothing_is_left(self, branch, marks, links):
        order = list(walk(branch))
        size, bones = len(order), skeleton(order)
        needs = {a: [b for b in found if b < size] for a, found in links.items() if a < size}

        step = next_step(bones, bones.roll_up(marks)[0], needs)
        left = [t for t in topics_of(branch) if marks.get(t.pk) not in FINISHED]
        assert (step is None) is (not left)
        assert step is None or order[step] in left


def bones(*nodes):
    """Of "parent" with flags after a space: "0", "0 optional"; reading order is as given."""
    rows = []
    for pk, (parent, *flags) in enumerate((str(node).split() for node in nodes), 1):
        rows.append((pk, int(parent), "unpublished" not in flags, "optional" in flags))
    order = list(walk(grow(rows)))
    assert [node.pk for node in order] == list(range(1, len(rows) + 1))
    return skeleton(order)


# 0 root, 1 section with 2 and 3, 4 section with 5 and 6.
TWO_SECTIONS = bones(0, 0, 1, 1, 0, 4, 4)


@pytest.mark.parametrize(
    ("states", "needs", "step"),
    [
        ({}, {}, 2),
        ({2: DONE}, {}, 3),
        ({2: SKIPPED}, {}, 3),
        ({2: LEARNING}, {}, 2),
        ({6: LEARNING}, {}, 6),
        ({3: LEARNING, 6: LEARNING}, {}, 3),
        ({2: DONE, 3: DONE, 5: SKIPPED, 6: DONE}, {}, None),
        ({}, {2: [3]}, 3),
        ({3: DONE}, {2: [3]}, 2),
        ({3: SKIPPED}, {2: [3]}, 2),
        ({3: LEARNING}, {2: [3]}, 3),
        ({2: LEARNING}, {2: [3]}, 3),
        ({}, {2: [3, 5], 3: [6]}, 5),
        ({3: DONE}, {2: [3, 5]}, 5),
        # Of all nodes above, the root included.
        ({}, {1: [5]}, 5),
        ({}, {1: [4]}, 5),
        ({5: DONE}, {1: [4]}, 6),
        ({5: DONE, 6: SKIPPED}, {1: [4]}, 2),
        ({}, {0: [5]}, 5),
        # A part cannot wait for the whole, nor for itself.
        ({}, {2: [1]}, 2),
        ({}, {2: [0], 3: [0]}, 2),
        ({}, {1: [2]}, 2),
        ({}, {2: [2]}, 2),
        ({}, {2: [1, 5]}, 3),
        # Where all wait, the first one comes, or the first one of those being learned.
        ({}, {1: [4], 4: [1]}, 2),
        ({5: LEARNING}, {1: [4], 4: [1]}, 5),
        ({2: DONE, 3: DONE}, {5: [6], 6: [5]}, 5),
    ],
)
def test_the_rule(states, needs, step):
    rolled = TWO_SECTIONS.roll_up({place + 1: state for place, state in states.items()})[0]

    assert next_step(TWO_SECTIONS, rolled, needs) == step


@pytest.mark.parametrize("flag", ["optional", "unpublished"])
def test_what_counts_for_nothing_is_neither_next_nor_waited_for(flag):
    # 0 root, 1 topic that does not count, 2 section that does not with 3, 4 topic.
    tree = bones(0, f"0 {flag}", f"0 {flag}", 2, 0)

    assert next_step(tree, {}, {}) == 4
    assert next_step(tree, {}, {4: [1, 2, 3]}) == 4
    assert next_step(tree, {4: DONE}, {}) is None


def test_what_has_no_topics_that_count_is_not_waited_for():
    # 0 root, 1 section of the optional topic 2, 3 and 4 topics.
    tree = bones(0, 0, "1 optional", 0, 0)

    assert next_step(tree, {}, {3: [1]}) == 3
    assert next_step(tree, {}, {}, 1) is None


def test_in_a_branch():
    assert next_step(TWO_SECTIONS, {2: LEARNING}, {}, 4) == 5
    assert next_step(TWO_SECTIONS, {}, {4: [2]}, 4) == 5
    assert next_step(TWO_SECTIONS, {}, {5: [2]}, 4) == 6
    assert next_step(TWO_SECTIONS, {5: DONE, 6: DONE}, {}, 4) is None
    assert next_step(TWO_SECTIONS, {}, {6: [2]}, 6) == 6
    assert next_step(TWO_SECTIONS, {6: DONE}, {}, 6) is None


def test_in_an_optional_branch():
    # 0 root, 1 topic, 2 optional section of 3, 4 and the optional 5.
    tree = bones(0, 0, "0 optional", 2, 2, "2 optional")

    assert next_step(tree, {}, {}, 2) == 3
    assert next_step(tree, {}, {3: [1]}, 2) == 4
    assert next_step(tree, {4: LEARNING}, {}, 2) == 4
    assert next_step(tree, {3: DONE, 4: DONE}, {}, 2) is None
    assert next_step(tree, {}, {}, 5) == 5
