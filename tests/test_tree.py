"""Branches against plain nested lists, and against rows no sound tree would have."""

from dataclasses import dataclass, field, fields
from graphlib import CycleError, TopologicalSorter
from itertools import count, pairwise

from hypothesis import given
from hypothesis import strategies as st

from django_roadmap.counting import span, topic_counts
from django_roadmap.tree import (
    ROW_FIELDS,
    Branch,
    build,
    circles,
    neighbours,
    number,
    walk,
    way_to,
)


def row(pk, parent_id=None, level=0, *, is_published=True, is_optional=False):
    return (pk, parent_id, level, f"path-{pk}", f"Node {pk}", "", is_published, is_optional, None)


@dataclass
class Plain:
    """A node of the oracle: nothing but its flags and its children."""

    is_published: bool = True
    is_optional: bool = False
    children: list["Plain"] = field(default_factory=list)
    pk: int = 0


rarely = st.sampled_from([False, False, False, True])
mostly = rarely.map(lambda value: not value)
plain_roadmaps = st.recursive(
    st.builds(Plain, is_published=mostly, is_optional=rarely),
    lambda below: st.builds(Plain, mostly, rarely, st.lists(below, max_size=4)),
    max_leaves=25,
)


def rows_of(plain, parent_id=None, level=0, pks=None):
    """The rows of an oracle in tree order; primary keys count down, so their order is another."""
    pks = pks or count(1000, -1)
    plain.pk = next(pks)
    flags = {"is_published": plain.is_published, "is_optional": plain.is_optional}
    rows = [row(plain.pk, parent_id, level, **flags)]
    for child in plain.children:
        rows += rows_of(child, plain.pk, level + 1, pks)
    return rows


def grown(plain, **options):
    """The oracle's top as a branch, if it is shown."""
    return build(rows_of(plain), **options).get(plain.pk)


def published(plain):
    children = [published(child) for child in plain.children if child.is_published]
    return Plain(children=children, pk=plain.pk)


def nested(node):
    return [node.pk, *map(nested, node.children)]


def flat(plain):
    return [plain, *(node for child in plain.children for node in flat(child))]


@given(plain_roadmaps)
def test_every_node_is_in_its_place(plain):
    assert nested(grown(plain, unpublished=True)) == nested(plain)


@given(plain_roadmaps)
def test_unpublished_nodes_hide_what_is_below_them(plain):
    branch = grown(plain)

    if plain.is_published:
        assert nested(branch) == nested(published(plain))
    else:
        assert branch is None


@given(plain_roadmaps)
def test_walk_is_in_reading_order(plain):
    branch = grown(plain, unpublished=True)

    assert [node.pk for node in walk(branch)] == [node.pk for node in flat(plain)]


@given(plain_roadmaps)
def test_counts_are_of_published_topics_below_nothing_optional(plain):
    branch = grown(plain, unpublished=True)

    def topics(plain):
        if plain.is_optional or not plain.is_published:
            return 0
        below = [topics(child) for child in plain.children if child.is_published]
        return sum(below) if below else 1

    def expected(plain, left_out=False):
        left_out |= plain.is_optional or not plain.is_published
        numbers = {plain.pk: 0 if left_out else topics(plain)}
        for child in plain.children:
            numbers |= expected(child, left_out)
        return numbers

    assert topic_counts(branch) == expected(plain)


def test_a_node_with_optional_children_only_holds_no_topic():
    rows = [row(1), row(2, 1), row(3, 2, is_optional=True), row(4, 3), row(5, 1)]

    assert topic_counts(build(rows)[1]) == {1: 1, 2: 0, 3: 0, 4: 0, 5: 1}


@given(plain_roadmaps)
def test_spans_are_the_counted_topics_of_each_branch(plain):
    roadmap, topics, within = grown(plain, unpublished=True), [], {}

    def count(branch, above, *, counted):
        counted = counted and branch.is_published and not branch.is_optional
        within[branch.pk] = []
        if counted and not any(child.is_published for child in branch.children):
            topics.append(branch.pk)
            for pk in (branch.pk, *above):
                within[pk].append(branch.pk)
        for child in branch.children:
            count(child, [branch.pk, *above], counted=counted)

    count(roadmap, [], counted=True)
    for pk, inside in within.items():
        found = span(roadmap, pk)
        assert (found is None) == (not inside)
        if found:
            assert topics[found.first - 1 : found.last] == inside
            assert found.total == len(topics)


@given(plain_roadmaps)
def test_the_way_to_a_node_is_through_its_parents_unless_hidden(plain):
    branches = build(rows_of(plain))

    def check(plain, above):
        way = [*above, plain.pk] if plain.is_published and above is not None else None
        assert [node.pk for node in way_to(branches, plain.pk)] == (way or [])
        for child in plain.children:
            check(child, way)

    check(plain, [])


@given(plain_roadmaps)
def test_neighbours_follow_each_other_in_reading_order(plain):
    branch = grown(plain, unpublished=True)

    order = [None, *(node.pk for node in flat(plain)), None]
    for before, pk, after in zip(order, order[1:], order[2:], strict=False):
        found = neighbours(branch, pk)
        assert [node and node.pk for node in found] == [before, after]


damaged_rows = st.permutations(range(1, 9)).flatmap(
    lambda pks: st.tuples(
        *(
            st.builds(row, st.just(pk), st.none() | st.integers(1, 10), is_published=mostly)
            for pk in pks
        )
    )
)


@given(damaged_rows, st.booleans())
def test_damaged_rows_end_and_show_each_node_once(rows, unpublished):
    branches = build(rows, unpublished=unpublished)

    hidden = {pk for pk, *_, is_published, _optional, _minutes in rows if not is_published}
    assert branches.keys() == set(range(1, 9)) - (set() if unpublished else hidden)
    for branch in branches.values():
        order = list(walk(branch))
        assert len({node.pk for node in order}) == len(order)
        assert all(child.parent_id == node.pk for node in order for child in node.children)
        assert topic_counts(branch).keys() == {node.pk for node in order}
        way = way_to(branches, branch.pk)
        assert not way or (way[0].parent_id, way[-1]) == (None, branch)
        assert all(below.parent_id == above.pk for above, below in pairwise(way))


def test_a_node_in_a_circle_is_in_no_roadmap():
    branches = build([row(1), row(2, 3), row(3, 2), row(4, 4)])

    assert [way_to(branches, pk) for pk in (2, 3, 4, 5)] == [[]] * 4


def test_no_branch_holds_itself():
    branches = build([row(1, 2), row(2, 1), row(3, 3)])

    assert [nested(branch) for branch in branches.values()] == [[1, [2]], [2], [3]]


def test_orphans_hang_nowhere():
    branches = build([row(1), row(2, 1), row(3, 99), row(4, 3), row(5)])

    assert nested(branches[1]) == [1, [2]]


def test_a_branch_begins_anywhere():
    branch = build([row(7, 3, level=2), row(8, 7, level=3)])[7]

    assert nested(branch) == [7, [8]]


def test_no_rows_no_branches():
    assert build([]) == {}


def test_a_topic_is_a_leaf():
    branches = build([row(1), row(2, 1), row(3, 2, is_published=False)])

    assert not branches[1].is_topic
    # What hides below it is nothing to a visitor.
    assert branches[2].is_topic


def test_rows_hold_the_attributes_of_a_branch_in_order():
    values = (5, None, 0, "python", "Python", "A language", True, False, 90, "v1")
    branch = build([values])[5]

    assert tuple(getattr(branch, name) for name in ROW_FIELDS) == values
    assert tuple(f.name for f in fields(Branch))[: len(ROW_FIELDS)] == ROW_FIELDS


@given(st.lists(plain_roadmaps, max_size=3))
def test_numbers_are_those_of_a_walk_around_the_tree(forest):
    pks = count(1000, -1)
    pairs = [(pk, parent) for plain in forest for pk, parent, *_ in rows_of(plain, pks=pks)]
    expected = {}

    def visit(plain, root, steps, level):
        lft = next(steps)
        for child in plain.children:
            visit(child, root, steps, level + 1)
        expected[plain.pk] = (root, lft, next(steps), level)

    for plain in forest:
        visit(plain, plain.pk, count(1), 0)
    assert number(pairs) == expected


def test_circles_and_orphans_get_no_numbers():
    numbers = number([(1, None), (2, 3), (3, 2), (4, 99), (5, 1)])
    assert numbers == {1: (1, 1, 4, 0), 5: (1, 2, 3, 1)}


graphs = st.dictionaries(st.integers(1, 6), st.lists(st.integers(1, 8), max_size=4, unique=True))


def has_an_order(graph):
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        return False
    return True


@given(graphs)
def test_circles_are_found_unless_there_is_an_order(graph):
    assert bool(circles(graph)) is not has_an_order(graph)


@given(graphs)
def test_a_circle_follows_the_graph_to_where_it_begins(graph):
    for circle in circles(graph):
        assert len(set(circle)) == len(circle)
        assert all(step in graph[node] for node, step in pairwise([*circle, circle[0]]))


@given(graphs)
def test_no_circle_is_left_without_the_nodes_of_those_found(graph):
    found = {node for circle in circles(graph) for node in circle}

    assert has_an_order({node: steps for node, steps in graph.items() if node not in found})


def test_each_of_several_circles_is_found_once():
    assert circles({1: [2], 2: [3], 3: [2, 5], 4: [1, 4], 5: [6], 6: []}) == [[2, 3], [4]]


def test_length_of_circles_costs_no_recursion():
    length = 20_000
    chain = {number: [number + 1] for number in range(length)}

    assert circles(chain) == []
    assert circles({**chain, length: [0]}) == [[*range(length + 1)]]


def test_depth_costs_no_recursion():
    levels = 20_000
    rows = [row(1), *(row(pk, pk - 1, pk - 1) for pk in range(2, levels + 1))]
    branches = build(rows)

    assert sum(1 for _ in walk(branches[1])) == levels
    assert topic_counts(branches[1])[1] == 1
    assert len(way_to(branches, levels)) == levels
    assert [node and node.pk for node in neighbours(branches[1], levels)] == [levels - 1, None]
    assert number((pk, parent) for pk, parent, *_ in rows)[levels] == (
        1,
        levels,
        levels + 1,
        19_999,
    )
