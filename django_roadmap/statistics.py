"""How far learners are with a roadmap or a part of it, for its owners: numbers, no names.

One query counts marks by node and state, another learners by how much they have done. What
counts is what counts for a learner.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from django.db.models import Case, Count, F, QuerySet, Sum, When, Window

from django_roadmap import tree
from django_roadmap.counting import DONE, LEARNING, SKIPPED, Counts, Skeleton, skeleton
from django_roadmap.models import Progress, RoadmapNode
from django_roadmap.rows import branch_rows, plain_rows

STEP = 20
"""Percent from one band to the next."""

SKIPPED_WEIGHS = 2**20
"""More than any number of topics."""

MOST_KEYS = 500
"""Of so many nodes the marks are found by key, which is fastest; of more by their place."""


class Band(NamedTuple):
    """How many learners have done at least ``low`` percent and at most ``high``."""

    low: int
    high: int
    learners: int


class Spread(NamedTuple):
    """How far learners are. Each is in one band, or has finished, or has skipped everything."""

    learners: int
    finished: int
    skipped: int
    bands: tuple[Band, ...]


class Row(NamedTuple):
    """One node and what all learners together have done: with it, or with the topics below."""

    node: tree.Branch
    depth: int
    is_topic: bool
    is_counted: bool
    """Whether it counts for the node that the rows begin with."""
    topics: int
    counts: Counts
    """Marks; ``counts.topics`` is how many there would be, had each learner marked every topic."""

    @property
    def indent(self) -> range:
        """One number for each level, for a template to go through."""
        return range(self.depth)

    @property
    def percent(self) -> int | None:
        """How much is done of what was not skipped; None where it does not count."""
        return self.counts.percent if self.is_counted else None

    @property
    def past(self) -> int:
        """How many have done or skipped it."""
        return self.counts.done + self.counts.skipped

    @property
    def is_stuck(self) -> bool:
        """Whether more people are learning this topic than have done it."""
        return self.is_topic and self.counts.learning > self.counts.done


class Fall(NamedTuple):
    """From one topic to the next: how many fewer are past it."""

    before: Row
    after: Row
    learners: int


class Statistics(NamedTuple):
    """What an owner sees of a node; ``way`` leads from the roadmap to it."""

    way: Sequence[tree.Branch]
    spread: Spread
    rows: Sequence[Row]
    fall: Fall | None


def of(node: RoadmapNode) -> Statistics | None:
    """The statistics of a node, in three queries; None when it has just been deleted."""
    nodes = plain_rows(RoadmapNode, node._state.db)
    rows = nodes.filter(tree_id__in=nodes.filter(pk=node.pk).values("tree_id")).order_by("lft")
    branches = tree.build(rows.values_list(*tree.ROW_FIELDS), unpublished=True)
    way = tree.way_to(branches, node.pk)
    if not way:
        return None
    order = list(tree.walk(way[-1]))
    bones = skeleton(order)
    topics = {pk for pk, is_leaf in zip(bones.pks, bones.is_leaf, strict=True) if is_leaf}
    marks = _marks(_progress(node, topics))
    counted = {bones.pks[topic] for topic in bones.topics_of(0)}
    others = {pk for pk, _ in marks} - counted
    spread = spread_of(_learners(_progress(node, counted, others)), bones.topics[0])
    table = rows_of(order, bones, marks, spread.learners)
    return Statistics(way, spread, table, largest_fall(table))


def _progress(node: RoadmapNode, keys: set[int], others: Iterable[int] = ()) -> QuerySet[Any]:
    """The marks on these nodes of a branch; ``others`` are marked there and not wanted."""
    rows = plain_rows(Progress, node._state.db)
    if len(keys) <= MOST_KEYS:
        return rows.filter(node__in=keys)
    places = branch_rows(node, node._state.db)
    return rows.filter(node__in=places.values("pk")).exclude(node__in=others)


def _marks(rows: QuerySet[Any]) -> dict[tuple[int, str], int]:
    """How many marks there are, by node and state."""
    counted = rows.values_list("node_id", "state").annotate(marks=Count("pk"))
    return {(pk, state): marks for pk, state, marks in counted}


def _learners(rows: QuerySet[Any]) -> Iterator[tuple[int, int, int]]:
    """How many topics are done, how many are skipped, and how many learners have just that."""
    # Both in one number: of millions of marks, to add up one takes much less time than two.
    weights = Case(When(state=DONE, then=1), When(state=SKIPPED, then=SKIPPED_WEIGHS), default=0)
    by_learner = rows.values("user").annotate(weight=Sum(weights))
    # A window, since the ORM cannot group by what it has added up.
    alike = by_learner.annotate(alike=Window(Count("*"), partition_by=[F("weight")]))
    for weight, learners in alike.values_list("weight", "alike").distinct():
        skipped, done = divmod(weight, SKIPPED_WEIGHS)
        yield done, skipped, learners


def spread_of(alike: Iterable[tuple[int, int, int]], topics: int) -> Spread:
    """Learners in bands, from how many are alike in the numbers of topics done and skipped."""
    finished = skipped_all = 0
    bands = [0] * (100 // STEP)
    for done, skipped, learners in alike:
        # Nodes may have been moved since topics were counted.
        counts = Counts(topics, 0, done, min(skipped, topics - done))
        if counts.percent is None:
            skipped_all += learners
        elif counts.state == DONE:
            finished += learners
        else:
            bands[counts.percent // STEP] += learners
    named = tuple(Band(n * STEP, n * STEP + STEP - 1, number) for n, number in enumerate(bands))
    return Spread(finished + skipped_all + sum(bands), finished, skipped_all, named)


def rows_of(
    order: Sequence[tree.Branch],
    bones: Skeleton,
    marks: Mapping[tuple[int, str], int],
    learners: int,
) -> list[Row]:
    """The nodes in reading order with the marks on them, those of topics added up above them."""
    size = len(order)
    # One more at the end, where -1 leads.
    columns = {state: [0] * (size + 1) for state in (LEARNING, DONE, SKIPPED)}
    for state, column in columns.items():
        for place in range(size - 1, -1, -1):
            if bones.is_leaf[place]:
                column[place] = marks.get((bones.pks[place], state), 0)
            column[bones.feeds[place]] += column[place]
    counting, rows = {*bones.counting_for(0)}, []
    for place, node in enumerate(order):
        topics, depth = bones.topics[place], node.level - order[0].level
        marked = Counts(topics * learners, *(column[place] for column in columns.values()))
        rows.append(Row(node, depth, bool(bones.is_leaf[place]), place in counting, topics, marked))
    return rows


def largest_fall(rows: Sequence[Row]) -> Fall | None:
    """Where fewest get on, of the topics that count; the first of several equal falls."""
    topics = [row for row in rows if row.is_topic and row.is_counted]
    falls = [Fall(before, after, before.past - after.past) for before, after in pairwise(topics)]
    most = max((fall.learners for fall in falls), default=0)
    return next((fall for fall in falls if fall.learners == most > 0), None)
