"""Owners' numbers against a plain count over all learners, one by one."""

import pytest
from django.contrib.auth.models import User
from hypothesis import given
from hypothesis import strategies as st
from roadmaps import node
from test_counting import MARKS, state_of, topics_of, trees

from django_roadmap import statistics
from django_roadmap.counting import DONE, LEARNING, PENDING, SKIPPED, skeleton
from django_roadmap.models import Progress, RoadmapNode
from django_roadmap.statistics import Band, largest_fall, rows_of, spread_of
from django_roadmap.tree import Branch, walk

# Of some learners, each with marks on keys of topics, of parents or of no node at all.
everybody = st.lists(
    st.dictionaries(st.integers(1, 25), st.sampled_from(MARKS), max_size=25), max_size=6
)


def tallies(learners, keys):
    """One for each learner with a mark on these topics: how many are done, how many skipped."""
    for marks in learners:
        here = [marks[key] for key in keys if key in marks]
        if here:
            yield here.count(DONE), here.count(SKIPPED), 1


def added_up(learners):
    """How many marks there are by node and state."""
    numbers = {}
    for marks in learners:
        for mark in marks.items():
            numbers[mark] = numbers.get(mark, 0) + 1
    return numbers


@given(trees())
def test_what_counts_is_what_counts_for_a_learner(branch):
    order = list(walk(branch))

    rows = rows_of(order, skeleton(order), {}, 0)
    assert [row.node for row in rows] == order
    assert [row.node for row in rows if row.is_topic and row.is_counted] == topics_of(branch)
    assert rows[0].is_counted


@given(trees(), everybody)
def test_spread_is_that_of_each_learner(branch, learners):
    keys = [topic.pk for topic in topics_of(branch)]
    here = [marks for marks in learners if marks.keys() & set(keys)]
    states = [state_of([marks.get(key, PENDING) for key in keys]) for marks in here]

    spread = spread_of(tallies(learners, keys), len(keys))
    assert spread.learners == len(here)
    assert spread.finished == states.count(DONE)
    assert spread.skipped == states.count(SKIPPED)
    others = [m for m, state in zip(here, states, strict=True) if state not in (DONE, SKIPPED)]
    for low, high, number in spread.bands:
        percents = [
            100 * sum(marks.get(key) == DONE for key in keys) // to_do
            for marks in others
            if (to_do := sum(marks.get(key) != SKIPPED for key in keys))
        ]
        assert number == sum(low <= percent <= high for percent in percents)


@pytest.mark.parametrize(
    ("done", "skipped", "band"), [(0, 0, 0), (1, 0, 0), (2, 0, 20), (9, 0, 80), (3, 5, 60)]
)
def test_bands_begin_every_twenty_percent(done, skipped, band):
    spread = spread_of([(done, skipped, 7)], 10)

    assert [b for b in spread.bands if b.learners] == [Band(band, band + 19, 7)]
    assert (spread.learners, spread.finished, spread.skipped) == (7, 0, 0)


@pytest.mark.parametrize(("done", "skipped"), [(3, 0), (3, 9), (1, 1)])
def test_topics_that_have_gone_since_break_nothing(done, skipped):
    assert spread_of([(done, skipped, 1)], 2).finished == 1


@given(trees(), everybody)
def test_rows_add_up_the_marks_on_topics(branch, learners):
    order, marks = list(walk(branch)), added_up(learners)

    rows = rows_of(order, skeleton(order), marks, 6)
    assert [row.node for row in rows] == order
    for row in rows:
        keys = [topic.pk for topic in topics_of(row.node)]
        assert row.topics == len(keys)
        expected = [sum(marks.get((key, state), 0) for key in keys) for state in MARKS]
        assert list(row.counts) == [6 * len(keys), *expected]


def row_of(title, *, is_counted=True, is_topic=True, **numbers):
    branch = Branch(1, None, 2, "path", title, "", True, False, None)
    counts = statistics.Counts(100, **numbers)
    return statistics.Row(branch, 1, is_topic, is_counted, 1, counts)


class TestWhereTheyStop:
    def test_is_the_largest_fall_between_topics_that_count(self):
        a, b = row_of("A", done=90), row_of("B", done=70)
        optional, section = row_of("C", is_counted=False), row_of("D", is_topic=False)
        e, f = row_of("E", done=20), row_of("F", done=10)

        assert largest_fall([a, b, optional, section, e, f]) == (b, e, 50)

    def test_whoever_skips_a_topic_gets_past_it(self):
        a, b = row_of("A", done=90), row_of("B", done=10, skipped=80)
        c = row_of("C", done=85)

        assert largest_fall([a, b, c]) == (b, c, 5)

    def test_the_first_of_equal_ones(self):
        a, b, c = (row_of(title, done=done) for title, done in (("A", 9), ("B", 6), ("C", 3)))

        assert largest_fall([a, b, c]) == (a, b, 3)

    @pytest.mark.parametrize("done", [[], [5], [5, 5], [5, 6]])
    def test_nowhere_without_a_fall(self, done):
        assert largest_fall([row_of("A", done=number) for number in done]) is None

    @pytest.mark.parametrize(
        ("learning", "done", "expected"), [(3, 2, True), (2, 2, False), (0, 0, False)]
    )
    def test_more_are_learning_than_have_done(self, learning, done, expected):
        assert row_of("A", learning=learning, done=done).is_stuck is expected
        assert row_of("A", is_topic=False, learning=learning, done=done).is_stuck is False


def test_percent_is_of_what_was_not_skipped():
    assert row_of("A", done=40, skipped=20).percent == 50
    assert row_of("A", done=40, is_counted=False).percent is None


@pytest.fixture
def mark(grow):
    """A roadmap, and ``mark("Ada", loops="done")`` to mark topics of it by slug."""
    grow(
        "Python",
        {"Basics": ["Loops", "Names"], "Extras": ["Turtle"], "Next": {"Classes": ["Draft"]}},
    )
    RoadmapNode.objects.filter(path="python/extras").update(is_optional=True)
    RoadmapNode.objects.filter(path="python/draft").update(is_published=False)

    def mark(name, **marks):
        user, _ = User.objects.get_or_create(username=name)
        for slug, state in marks.items():
            Progress.objects.create(user=user, node=node(f"python/{slug}"), state=state)

    return mark


@pytest.fixture(params=["by key", "by place"])
def search(request, monkeypatch):
    monkeypatch.setattr(statistics, "MOST_KEYS", 500 if request.param == "by key" else 0)


@pytest.mark.usefixtures("search")
class TestOf:
    def numbers(self, path):
        """Learners, finished, all skipped, and what the bands hold."""
        learners, finished, skipped, bands = statistics.of(node(path)).spread
        return learners, finished, skipped, [band.learners for band in bands]

    def test_counts_learners_by_how_far_they_are(self, mark):
        mark("Ada", loops=DONE, names=DONE, classes=DONE)
        mark("Grace", loops=DONE, names=SKIPPED)
        mark("Alan", loops=LEARNING)
        mark("Edsger", loops=LEARNING)
        mark("Barbara", loops=SKIPPED, names=SKIPPED, classes=SKIPPED)

        assert self.numbers("python") == (5, 1, 1, [2, 0, 1, 0, 0])
        assert self.numbers("python/basics") == (5, 2, 1, [2, 0, 0, 0, 0])
        assert self.numbers("python/classes") == (2, 1, 1, [0, 0, 0, 0, 0])

    def test_marks_that_count_nowhere_make_no_learner(self, mark):
        mark("Ada", turtle=DONE, basics=DONE, draft=DONE)
        Progress.objects.create(user=User.objects.get(), node=node("django/html"), state=DONE)

        assert self.numbers("python") == (0, 0, 0, [0] * 5)

    def test_marks_that_sleep_do_not_finish(self, mark):
        mark("Ada", loops=DONE, basics=DONE, extras=DONE, turtle=DONE)

        assert self.numbers("python") == (1, 0, 0, [0, 1, 0, 0, 0])

    def test_an_optional_section_has_numbers_of_its_own(self, mark):
        mark("Ada", turtle=DONE)

        assert self.numbers("python/extras") == (1, 1, 0, [0] * 5)

    def test_rows_are_of_all_nodes_in_order(self, mark):
        mark("Ada", loops=DONE, names=LEARNING, turtle=DONE, basics=DONE)
        mark("Grace", loops=SKIPPED, names=DONE)

        rows = statistics.of(node("python")).rows
        found = [
            (row.node.title, row.depth, row.is_counted, tuple(row.counts)[1:], row.percent)
            for row in rows
        ]
        assert found == [
            ("Python", 0, True, (1, 2, 1), 40),
            ("Basics", 1, True, (1, 2, 1), 66),
            ("Loops", 2, True, (0, 1, 1), 100),
            ("Names", 2, True, (1, 1, 0), 50),
            ("Extras", 1, False, (0, 1, 0), None),
            ("Turtle", 2, False, (0, 1, 0), None),
            ("Next", 1, True, (0, 0, 0), 0),
            ("Classes", 2, True, (0, 0, 0), 0),
            ("Draft", 3, False, (0, 0, 0), None),
        ]

    def test_way_leads_from_the_roadmap(self, mark):
        found = statistics.of(node("python/loops"))

        assert [above.title for above in found.way] == ["Python", "Basics", "Loops"]
        assert [row.depth for row in found.rows] == [0]

    def test_a_node_that_has_just_gone(self, mark):
        gone = node("python/loops")
        RoadmapNode.objects.filter(pk=gone.pk).delete()

        assert statistics.of(gone) is None

    @pytest.mark.parametrize("path", ["python", "python/basics", "python/loops"])
    def test_queries_are_three(self, mark, path, django_assert_num_queries):
        place = node(path)
        with django_assert_num_queries(3):
            statistics.of(place)
        for number in range(5):
            mark(f"Learner {number}", loops=DONE, turtle=DONE, basics=DONE)
        with django_assert_num_queries(3):
            assert statistics.of(place).spread.learners == 5
