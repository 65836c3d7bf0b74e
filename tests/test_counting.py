"""Counts and states against a plain recursion that looks at all topics of every node."""

import pytest
from branches import (
    MARKS,
    grow,
    is_leaf,
    marks_on_anything,
    shown,
    state_of,
    states_below,
    topics_of,
    trees,
)
from hypothesis import given
from hypothesis import strategies as st

from django_roadmap.counting import (
    DONE,
    LEARNING,
    PENDING,
    SKIPPED,
    Counts,
    TimeLeft,
    is_left,
    skeleton,
    topic_counts,
)
from django_roadmap.tree import walk


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
        keys = shown(branch)

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


class TestTopicsOf:
    @given(trees())
    def test_are_those_of_a_recursion_in_reading_order(self, branch):
        order = list(walk(branch))

        bones = skeleton(order)
        found = [[order[topic] for topic in bones.topics_of(place)] for place in range(len(order))]
        assert found == [topics_of(node) for node in order]

    @given(trees())
    def test_are_as_many_as_are_counted(self, branch):
        bones = skeleton(list(walk(branch)))

        assert [len(bones.topics_of(place)) for place in range(len(bones.pks))] == [*bones.topics]

    def test_of_an_optional_node_are_its_own(self):
        # A root, an optional section with a topic and an optional topic, and a topic.
        nodes = [(1, 0, True, False), (2, 0, True, True), (3, 1, True, False), (4, 1, True, True)]
        bones = skeleton(list(walk(grow([*nodes, (5, 0, True, False)]))))

        assert [bones.topics_of(place) for place in range(5)] == [[4], [2], [2], [3], [4]]

    def test_of_a_node_that_is_marked_itself_is_the_node(self):
        bones = skeleton(list(walk(grow([(1, 0, True, False), (2, 0, False, False)]))))

        assert bones.topics_of(0) == [0]


class TestOf:
    @given(trees(), marks_on_anything)
    def test_is_what_a_recursion_finds_for_any_node(self, branch, marks):
        order = list(walk(branch))

        bones = skeleton(order)
        rolled = bones.roll_up(marks)
        for place, node in enumerate(order):
            states = states_below(node, marks)
            expected = Counts(len(states), *map(states.count, MARKS))
            assert bones.of(place, *rolled) == expected


class TestTimeLeft:
    @given(trees(), marks_on_anything)
    def test_is_that_of_the_topics_that_are_left(self, branch, marks):
        order = list(walk(branch))

        bones = skeleton(order)
        states = bones.roll_up(marks)[0]
        for place, node in enumerate(order):
            left = [t.minutes for t in topics_of(node) if marks.get(t.pk) not in (DONE, SKIPPED)]
            known = [minutes for minutes in left if minutes]
            expected = TimeLeft(sum(known), len(known) < len(left)) if known else None
            assert bones.time_left(place, states) == expected

    def test_leaves_out_what_is_optional_or_unpublished(self):
        nodes = [(1, 0, True, False, 7), (2, 0, True, False, 10), (3, 0, True, True, 100)]
        bones = skeleton(list(walk(grow([*nodes, (4, 0, False, False, 1000)]))))

        assert bones.time_left(0, {}) == (10, False)
        assert bones.time_left(0, {1: LEARNING}) == (10, False)
        assert bones.time_left(0, {1: DONE}) is None
        assert bones.time_left(2, {}) == (100, False)

    @pytest.mark.parametrize(
        ("minutes", "text"),
        [
            (1, "1 min"),
            (59, "59 min"),
            (60, "1 h"),
            (62, "1 h"),
            (63, "1 h 5 min"),
            (89, "1 h 30 min"),
            (118, "2 h"),
            (125, "2 h 5 min"),
            (597, "9 h 55 min"),
            (598, "10 h"),
            (600, "10 h"),
            (629, "10 h"),
            (630, "11 h"),
            (720, "12 h"),
            (60_000, "1000 h"),
        ],
    )
    def test_is_said_as_people_say_it(self, minutes, text):
        assert str(TimeLeft(minutes, is_partial=False)) == f"about {text} left"
        assert f"{TimeLeft(minutes, is_partial=True)}" == f"at least {text} left"

    @pytest.mark.parametrize("state", [PENDING, *MARKS, None])
    def test_is_left_what_is_neither_done_nor_skipped(self, state):
        assert is_left({3: state} if state else {}, 3) is (state not in (DONE, SKIPPED))


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

    def test_topics_of_a_deep_and_a_wide_branch(self):
        deep = grow([(pk, pk - 2, True, False) for pk in range(1, self.SIZE + 1)])
        wide = grow([(1, 0, True, False), *((n, 0, True, False, 1) for n in range(2, self.SIZE))])

        assert skeleton(list(walk(deep))).topics_of(0) == [self.SIZE - 1]
        bones = skeleton(list(walk(wide)))
        assert bones.topics_of(0) == list(range(1, self.SIZE - 1))
        assert bones.time_left(0, {}) == (self.SIZE - 2, False)
