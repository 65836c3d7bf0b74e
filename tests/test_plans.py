"""Plans: what marks are held against, read once for each version."""

import pytest
from django.db import models
from roadmaps import node

from django_roadmap import editions, plans
from django_roadmap.counting import DONE, LEARNING, PENDING, SKIPPED, Counts
from django_roadmap.models import RoadmapNode
from django_roadmap.plans import Standing, Step

THROUGH = RoadmapNode.prerequisites.through


@pytest.fixture
def python(grow):
    return grow("Python", {"Basics": ["Loops", "Names"], "Files": ["Paths"]})


@pytest.fixture
def several(alone, grow):
    """``several(3)`` adds that many roadmaps and finds their editions."""

    def add(number):
        for place in range(number):
            root = grow(f"Road {place}", {"Part": ["First", "Second"]}, position=place + 1)
            node(f"{root.path}/second").prerequisites.add(node(f"{root.path}/first"))
        return editions.published()

    return add


def change(path, **fields):
    RoadmapNode.objects.filter(path=path).update(**fields)


def plan_of(path="python", **options):
    return plans.plan(editions.find(path, **options))


def another_process():
    editions._recent.clear()


class TestReading:
    def test_takes_two_queries_and_none_when_it_is_kept(self, python, django_assert_num_queries):
        edition = editions.find("python")
        with django_assert_num_queries(2):
            plan = plans.plan(edition)
        for process in (lambda: None, another_process):
            process()
            again = editions.find("python")
            with django_assert_num_queries(0):
                assert plans.plan(again) == plan

    @pytest.mark.parametrize("number", [1, 2, 5])
    def test_of_several_takes_as_many_queries_as_one(
        self, several, number, django_assert_num_queries
    ):
        found = several(number)
        with django_assert_num_queries(2):
            made = plans.plans(found)
        assert [plan.paths[0] for plan in made] == [f"road-{n}" for n in range(number)]
        assert [plan.needs for plan in made] == [{3: [2]}] * number
        again = editions.published()
        with django_assert_num_queries(0):
            assert plans.plans(again) == made

    def test_reads_only_what_is_not_kept(self, several, django_assert_num_queries):
        first, *rest = several(3)
        kept = plans.plan(first)

        with django_assert_num_queries(2) as seen:
            made = plans.plans([rest[0], first, rest[1]])
        asked = [query["sql"] for query in seen.captured_queries]
        assert [plan.paths[0] for plan in made] == ["road-1", "road-0", "road-2"]
        assert made[1] is kept
        assert not any(str(first.tree_id) in sql.partition(" WHERE ")[2].split() for sql in asked)

    def test_of_nothing_takes_none(self, db, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert plans.plans([]) == []

    @pytest.mark.parametrize("number", [1, 2])
    def test_uses_what_has_been_read(self, several, number, django_assert_num_queries):
        found = several(number)
        editions.read(found)
        assert all(edition.branches for edition in found)
        with django_assert_num_queries(1):
            plans.plans(found)

    @pytest.mark.parametrize(
        "edit",
        [
            lambda: change("python/loops", minutes=30),
            lambda: node("python/loops").prerequisites.add(node("python/paths")),
            lambda: node("python/loops").delete(),
            lambda: RoadmapNode(title="New", parent=node("python")).save(),
        ],
        ids=["update", "prerequisite", "delete", "insert"],
    )
    def test_is_done_again_after_an_edit(self, python, edit):
        before = plan_of()
        edit()

        after = plan_of()
        assert after != before
        assert after == plan_of()

    def test_keeps_what_is_unpublished_apart(self, python):
        change("python/basics", is_published=False)

        for _ in range(2):
            assert plan_of().paths == ["python", "python/files", "python/paths"]
            everything = plan_of(unpublished=True)
            assert len(everything.paths) == 6
            # It is shown, but it does not count.
            assert everything.skeleton.topics_of(0) == [5]

    @pytest.mark.parametrize("number", [1, 2])
    def test_of_a_roadmap_that_is_gone(self, several, number):
        found = several(number)
        node("road-0").delete()

        with pytest.raises(RoadmapNode.DoesNotExist, match="'road-0'"):
            plans.plans(found)


class TestPlan:
    def test_is_by_place_in_reading_order(self, python):
        change("python/paths", minutes=20)
        node("python/loops").prerequisites.set([node("python/names"), node("python/paths")])
        node("python/files").prerequisites.add(node("python/basics"))

        plan = plan_of()
        slugs = ["basics", "loops", "names", "files", "paths"]
        assert plan.paths == ["python", *(f"python/{slug}" for slug in slugs)]
        assert plan.titles == ["Python", "Basics", "Loops", "Names", "Files", "Paths"]
        assert {place: sorted(needs) for place, needs in plan.needs.items()} == {2: [3, 5], 4: [1]}
        assert [*plan.skeleton.minutes] == [0, 0, 0, 0, 0, 20]
        assert [*plan.skeleton.pks] == [node(path).pk for path in plan.paths]

    def test_needs_nothing_that_is_not_there(self, python, grow):
        loops, ruby = node("python/loops"), grow("Ruby")
        change("python/files", is_published=False)
        # Django's own ways refuse a link to another roadmap.
        for need in (ruby, node("python/paths"), node("python/names")):
            models.QuerySet(THROUGH).create(from_roadmapnode=loops, to_roadmapnode=need)

        assert plan_of().needs == {2: [3]}

    def test_place_is_found_by_path_and_by_key(self, python):
        plan = plan_of()

        for path in ("python", "python/names", "python/paths"):
            assert plan.place(path) == plan.place(node(path).pk) == plan.paths.index(path)

    @pytest.mark.parametrize("target", ["python/gone", "", "Python", 0, -1, 2**70, None])
    def test_no_place_is_found_for_others(self, python, target):
        with pytest.raises(RoadmapNode.DoesNotExist, match="No published roadmap or node is at"):
            plan_of().place(target)

    def test_above_are_those_up_to_the_root(self, python):
        plan = plan_of()

        assert [plan.above(place) for place in range(6)] == [[], [0], [0, 1], [0, 1], [0], [0, 4]]


class TestStanding:
    def test_is_of_each_node(self, python):
        change("python/names", minutes=25)
        change("python/paths", minutes=50)
        node("python/loops").prerequisites.add(node("python/paths"))
        plan = plan_of()
        marks = {node("python/loops").pk: LEARNING, node("python/paths").pk: SKIPPED, 0: DONE}

        standing = Standing(plan, marks)
        states = [LEARNING, LEARNING, LEARNING, PENDING, SKIPPED, SKIPPED]
        assert [standing.state(place) for place in range(6)] == states
        assert standing.counts() == Counts(3, learning=1, skipped=1)
        assert [standing.counts(place).topics for place in range(6)] == [3, 2, 1, 1, 1, 1]
        assert standing.time_left() == (25, True)
        assert standing.time_left(3) == (25, False)
        assert standing.time_left(4) is None
        assert standing.next_step() == Step("python/loops", "Loops", LEARNING, None)
        assert standing.next_step(3) == Step("python/names", "Names", PENDING, 25)
        assert standing.next_step(4) is None

    def test_waits_for_prerequisites(self, python):
        node("python/basics").prerequisites.add(node("python/files"))

        assert Standing(plan_of(), {}).next_step().path == "python/paths"
        done = {node("python/paths").pk: DONE}
        assert Standing(plan_of(), done).next_step().path == "python/loops"
