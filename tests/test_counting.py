"""Counts and states against a plain recursion that looks at all topics of every node."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_roadmap.counting import (
    DONE,
    LEARNING,
    PENDING,
    SKIPPED,
    Counts,
    skeleton,
    topic_counts,
)
from django_roadmap.tree import Branch, walk

rarely = st.sampled_from([False, False, False, True])
mostly = rarely.map(lambda value: not value)
MARKS = [LEARNING, DONE, SKIPPED]


def grow(nodes):
    """A branch from tuples of key, place of the parent and flags, the parents first."""
    branches = []
    for pk, parent, is_published, is_optional in nodes:
        above = branches[parent] if branches else None
        level = above.level + 1 if above else 0
        path, parent_id = f"path-{pk}", above.pk if above else None
        branch = Branch(
            pk, parent_id, level, path, f"Node {pk}", "", is_published, is_optional, None
        )
        if above:
            above.children.append(branch)
        branches.append(branch)
    return branches[0]


@st.composite
def trees(draw):
    # In no order: keys tell nothing about places.
    pks = draw(st.permutations(range(1, draw(st.integers(1, 20)) + 1)))
    return grow(
        (pk, draw(st.integers(0, max(place - 1, 0))), draw(mostly), draw(rarely))
        for place, pk in enumerate(pks)
    )


# Some keys are those of parents, or of no node at all.
marks_on_anything = st.dictionaries(st.integers(1, 25), st.sampled_from(MARKS), max_size=25)


def is_leaf(node):
    return not any(child.is_published for child in node.children)


def topics_of(node):
    if is_leaf(node):
        return [node]
    below = [child for child in node.children if child.is_published and not child.is_optional]
    return [topic for child in below for topic in topics_of(child)]


def state_of(states):
    """What a node is whose topics are in these states."""
    left = [state for state in states if state != SKIPPED]
    if not left:
        return SKIPPED if states else PENDING
    if all(state == DONE for state in left):
        return DONE
    return LEARNING if DONE in left or LEARNING in left else PENDING


def states_below(node, marks):
    return [marks.get(topic.pk, PENDING) for topic in topics_of(node)]


def shown(node, *, counted):
    """The keys of the nodes whose counts are shown."""
    if not counted or node.is_optional or not node.is_published:
        return set()
    return {node.pk}.union(*(shown(child, counted=True) for child in node.children))


class TestSkeleton:
    @given(trees(), st.booleans())
    def test_is_what_a_recursion_finds(self, branch, counted):
        order = list(walk(branch))

        bones = skeleton(order, counted=counted)
        assert list(bones.pks) == [node.pk for node in order]
        assert list(bones.topics) == [len(topics_of(node)) for node in order]
        assert [bool(leaf) for leaf in bones.is_leaf] == [is_leaf(node) for node in order]
        keys = {order[place].pk for place, counts in enumerate(bones.counted) if counts}
        assert keys == shown(branch, counted=counted)

    @given(trees())
    def test_a_branch_ends_after_its_last_node(self, branch):
        order = list(walk(branch))

        ends = skeleton(order).ends
        for place, node in enumerate(order):
            assert order[place : ends[place]] == list(walk(node))

    @given(trees())
    def test_topic_counts_are_those_that_are_shown(self, branch):
        keys = shown(branch, counted=True)

        expected = {n.pk: len(topics_of(n)) if n.pk in keys else 0 for n in walk(branch)}
        assert topic_counts(branch) == expected

    def test_an_optional_section_has_topics_but_shows_none(self):
        # A root, an optional section with a topic, and a topic.
        branch = grow([(1, 0, True, False), (2, 0, True, True), (3, 1, True, False)])

        bones = skeleton(list(walk(branch)))
        assert list(bones.topics) == [0, 1, 1]
        assert list(bones.counted) == [1, 0, 0]
        assert topic_counts(branch) == {1: 0, 2: 0, 3: 0}


class TestRollUp:
    @given(trees(), marks_on_anything)
    def test_states_are_those_of_the_topics_below(self, branch, marks):
        order = list(walk(branch))

        states, _counts = skeleton(order).roll_up(marks)
        expected = [state_of(states_below(node, marks)) for node in order]
        assert [states.get(place, PENDING) for place in range(len(order))] == expected
        assert PENDING not in states.values()

    @given(trees(), marks_on_anything)
    def test_counts_are_of_the_parents_with_marks_below(self, branch, marks):
        order = list(walk(branch))

        expected = {}
        for place, node in enumerate(order):
            states = states_below(node, marks)
            if not is_leaf(node) and set(states) - {PENDING}:
                expected[place] = Counts(len(states), *map(states.count, MARKS))
        assert skeleton(order).roll_up(marks)[1] == expected

    @given(trees(), marks_on_anything)
    def test_is_the_same_whoever_sees_the_counts(self, branch, marks):
        order = list(walk(branch))

        rolled = skeleton(order).roll_up(marks)
        assert skeleton(order, counted=False).roll_up(marks) == rolled

    @given(trees(), st.sampled_from(MARKS))
    def test_all_topics_in_one_state_make_a_whole(self, branch, state):
        order = list(walk(branch))

        states, counts = skeleton(order).roll_up({node.pk: state for node in order})
        assert set(states) == {place for place, node in enumerate(order) if topics_of(node)}
        assert set(states.values()) <= {state}
        for count in counts.values():
            assert getattr(count, state) == count.topics

    @given(trees(), marks_on_anything)
    def test_a_mark_on_what_is_no_topic_sleeps(self, branch, marks):
        bones = skeleton(list(walk(branch)))
        topics = {node.pk for node in walk(branch) if is_leaf(node)}

        awake = {pk: state for pk, state in marks.items() if pk in topics}
        assert bones.roll_up(marks) == bones.roll_up(awake)

    def test_a_node_whose_children_are_unpublished_has_a_mark(self):
        branch = grow([(1, 0, True, False), (2, 0, True, False), (3, 1, False, False)])

        assert skeleton(list(walk(branch))).roll_up({2: DONE, 3: SKIPPED}) == (
            {0: DONE, 1: DONE, 2: SKIPPED},
            {0: Counts(1, done=1)},
        )

    def test_an_optional_section_has_a_state_but_does_not_count(self):
        # A root with a topic and an optional section of two.
        nodes = [(1, 0, True, False), (2, 0, True, False), (3, 0, True, True)]
        branch = grow([*nodes, (4, 2, True, False), (5, 2, True, False)])

        assert skeleton(list(walk(branch))).roll_up({4: DONE}) == (
            {2: LEARNING, 3: DONE},
            {2: Counts(2, done=1)},
        )


class TestCounts:
    @pytest.mark.parametrize(
        ("counts", "to_do", "percent", "state"),
        [
            (Counts(0), 0, None, PENDING),
            (Counts(3), 3, 0, PENDING),
            (Counts(3, learning=1), 3, 0, LEARNING),
            (Counts(3, done=1), 3, 33, LEARNING),
            (Counts(3, done=2), 3, 66, LEARNING),
            (Counts(3, done=3), 3, 100, DONE),
            (Counts(3, done=1, skipped=2), 1, 100, DONE),
            (Counts(3, learning=1, skipped=2), 1, 0, LEARNING),
            (Counts(3, skipped=2), 1, 0, PENDING),
            (Counts(3, skipped=3), 0, None, SKIPPED),
            (Counts(1000, done=999), 1000, 99, LEARNING),
        ],
    )
    def test_say_how_much_is_done(self, counts, to_do, percent, state):
        assert (counts.to_do, counts.percent, counts.state) == (to_do, percent, state)

    @given(st.lists(st.sampled_from([PENDING, *MARKS])))
    def test_are_done_at_a_hundred_percent_only(self, states):
        counts = Counts(len(states), *map(states.count, MARKS))

        assert counts.state == state_of(states)
        assert (counts.percent == 100) is (counts.state == DONE)
        if counts.to_do:
            assert counts.percent * counts.to_do <= 100 * counts.done
            assert (counts.percent + 1) * counts.to_do > 100 * counts.done
        else:
            assert counts.percent is None


class TestSize:
    SIZE = 20_000

    def test_depth_costs_no_recursion(self):
        nodes = [(pk, pk - 2, True, False) for pk in range(1, self.SIZE + 1)]
        branch = grow(nodes)

        bones = skeleton(list(walk(branch)))
        assert list(bones.ends) == [self.SIZE] * self.SIZE
        states, counts = bones.roll_up({self.SIZE: DONE})
        assert states == dict.fromkeys(range(self.SIZE), DONE)
        assert counts == dict.fromkeys(range(self.SIZE - 1), Counts(1, done=1))
        assert topic_counts(branch) == dict.fromkeys(range(1, self.SIZE + 1), 1)

    def test_width_is_counted(self):
        branch = grow([(1, 0, True, False), *((pk, 0, True, False) for pk in range(2, self.SIZE))])
        topics = self.SIZE - 2

        bones = skeleton(list(walk(branch)))
        states, counts = bones.roll_up(dict.fromkeys(range(2, 12), SKIPPED))
        assert states == dict.fromkeys(range(1, 11), SKIPPED)
        assert counts == {0: Counts(topics, skipped=10)}
        assert topic_counts(branch)[1] == topics
