"""How much of a roadmap there is, and how much of it a learner has done. Pure.

Counts are of published topics that are not optional; skipped ones are left out of what there
is to do. What a learner does with topics rolls up: parents have no marks of their own.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from django_roadmap.tree import Branch, walk

PENDING, LEARNING, DONE, SKIPPED = "pending", "learning", "done", "skipped"
"""The states of a topic, and of a node with topics below it."""

LABELS = {
    PENDING: pgettext_lazy("state of a topic", "To do"),
    LEARNING: pgettext_lazy("state of a topic", "Learning"),
    DONE: pgettext_lazy("state of a topic", "Done"),
    SKIPPED: pgettext_lazy("state of a topic", "Skipped"),
}
"""The words for them, in the order in which a learner chooses among them."""


class Counts(NamedTuple):
    """Of the topics of a node: how many there are, and how many are in each state."""

    topics: int
    learning: int = 0
    done: int = 0
    skipped: int = 0

    @property
    def to_do(self) -> int:
        """How many topics make the whole: all but the skipped ones."""
        return self.topics - self.skipped

    @property
    def percent(self) -> int | None:
        """How much of that is done, rounded down; None where there is nothing to do."""
        return self.done * 100 // self.to_do if self.to_do else None

    @property
    def state(self) -> str:
        """What the node is: done when all below it are, learning when anything is."""
        if self.skipped and not self.to_do:
            return SKIPPED
        if self.done and self.done == self.to_do:
            return DONE
        return LEARNING if self.done or self.learning else PENDING


class TimeLeft(NamedTuple):
    """How many minutes of work are left: that many at least, if some topics say nothing."""

    minutes: int
    is_partial: bool

    def __str__(self) -> str:
        """As people say it: to five minutes from an hour on, to hours from ten on."""
        minutes = self.minutes
        if minutes >= 60:
            unit = 5 if minutes < 600 else 60
            minutes = (minutes + unit // 2) // unit * unit
        hours, rest = divmod(minutes, 60)
        values = {"hours": hours, "minutes": rest}
        if not hours:
            time = _("%(minutes)d min") % values
        else:
            time = (_("%(hours)d h %(minutes)d min") if rest else _("%(hours)d h")) % values
        return (_("at least %s left") if self.is_partial else _("about %s left")) % time


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A branch as bare numbers, a place for each node in reading order: all that counting needs.

    A topic counts for the nodes above it up to the first that is optional or unpublished, so
    that an optional section has a state, too. ``counted`` says which nodes' counts are shown:
    none at or below an optional or unpublished node.
    """

    pks: array[int]
    ends: array[int]
    """The place after the last node below."""
    feeds: array[int]
    """The place of the parent that a node counts for, or -1."""
    topics: array[int]
    is_leaf: bytes
    counted: bytes
    minutes: array[int]
    """How long each topic takes, 0 where nobody has said."""

    def has_counts(self, place: int) -> bool:
        """Whether there is anything to count below the node, and it is to be shown."""
        return bool(self.counted[place] and self.topics[place] and not self.is_leaf[place])

    def roll_up(self, marks: Mapping[int, str]) -> tuple[dict[int, str], dict[int, Counts]]:
        """What a learner's marks, states by primary key of topics, make of the nodes.

        Returns the states of all nodes that are not pending and the counts of all parents
        that something is marked below, both by place. A mark on what is no topic sleeps.
        """
        places = dict(zip(self.pks, range(len(self.pks)), strict=True))
        is_leaf, feeds = self.is_leaf, self.feeds
        states: dict[int, str] = {}
        # One more at the end, where -1 leads.
        columns = {state: [0] * (len(feeds) + 1) for state in (LEARNING, DONE, SKIPPED)}
        for pk, state in marks.items():
            place = places.get(pk)
            if place is not None and is_leaf[place]:
                states[place] = state
                columns[state][feeds[place]] += 1
        counts: dict[int, Counts] = {}
        learning, done, skipped = columns.values()
        # From below, so that each parent is whole before it goes into the one above.
        parent = len(feeds)
        while (parent := is_leaf.rfind(0, 0, parent)) >= 0:
            if learning[parent] or done[parent] or skipped[parent]:
                count = Counts(self.topics[parent], learning[parent], done[parent], skipped[parent])
                counts[parent] = count
                if (state := count.state) != PENDING:
                    states[parent] = state
                above = feeds[parent]
                learning[above] += learning[parent]
                done[above] += done[parent]
                skipped[above] += skipped[parent]
        return states, counts

    def of(self, place: int, states: Mapping[int, str], counts: Mapping[int, Counts]) -> Counts:
        """The counts of any node, a topic included, from what ``roll_up`` returned."""
        if self.is_leaf[place]:
            state = states.get(place)
            return Counts(1, **{state: 1} if state else {})
        return counts.get(place) or Counts(self.topics[place])

    def counting_for(self, place: int) -> list[int]:
        """The places of a node and of all below it that count for it, which it does itself."""
        counts = bytearray(self.ends[place])
        counts[place] = True
        for below in range(place + 1, self.ends[place]):
            counts[below] = self.feeds[below] >= place and counts[self.feeds[below]]
        return [each for each in range(place, self.ends[place]) if counts[each]]

    def topics_of(self, place: int) -> list[int]:
        """The places of the topics that count for a node: of a topic its own."""
        return [each for each in self.counting_for(place) if self.is_leaf[each]]

    def time_left(self, place: int, states: Mapping[int, str]) -> TimeLeft | None:
        """How long the topics of a node take that are neither done nor skipped.

        None when that is known of none of them.
        """
        left = [self.minutes[topic] for topic in self.topics_of(place) if is_left(states, topic)]
        return TimeLeft(sum(left), 0 in left) if any(left) else None


def is_left(states: Mapping[int, str], place: int) -> bool:
    """Whether a node is still to be done."""
    return states.get(place) not in (DONE, SKIPPED)


def skeleton(order: Sequence[Branch], *, counted: bool = True) -> Skeleton:
    """The bare numbers of a branch, from its nodes in reading order.

    ``counted`` is whether the nodes above let it count.
    """
    size = len(order)
    # Not by keys: a branch in memory may have been changed.
    parents = {id(child): place for place, node in enumerate(order) for child in node.children}
    above = [-1, *(parents[id(node)] for node in order[1:])]
    ends, feeds, topics = array("q", range(1, size + 1)), array("q"), array("q", bytes(8 * size))
    is_leaf, is_counted = bytearray(size), bytearray(size)
    for place, node in enumerate(order):
        parent = above[place]
        counts = node.is_published and not node.is_optional
        feeds.append(parent if counts else -1)
        is_counted[place] = counts and (is_counted[parent] if place else counted)
        if not node.children or not any(child.is_published for child in node.children):
            is_leaf[place] = topics[place] = 1
    for place in range(size - 1, 0, -1):
        if feeds[place] >= 0:
            topics[feeds[place]] += topics[place]
        ends[above[place]] = max(ends[above[place]], ends[place])
    pks = array("q", [node.pk for node in order])
    minutes = array("q", [node.minutes or 0 for node in order])
    return Skeleton(pks, ends, feeds, topics, bytes(is_leaf), bytes(is_counted), minutes)


def skeleton_of(way: Sequence[Branch]) -> Skeleton:
    """The bare numbers of the last of these nodes, which the ones before it lead to."""
    counted = all(node.is_published and not node.is_optional for node in way[:-1])
    return skeleton(list(walk(way[-1])), counted=counted)


class Span(NamedTuple):
    """Which of a roadmap's topics a node has: the first and the last, from 1, of how many."""

    first: int
    last: int
    total: int


def span(roadmap: Branch, pk: int) -> Span | None:
    """Where the topics of a node are among those of its roadmap; None when it has none."""
    counts = topic_counts(roadmap)
    # Each itself, if it is a topic to those who see no unpublished nodes.
    before = sum(
        counts[node.pk] - sum(counts[child.pk] for child in node.children)
        for node in takewhile(lambda node: node.pk != pk, walk(roadmap))
    )
    return Span(before + 1, before + counts[pk], counts[roadmap.pk]) if counts[pk] else None


def topic_counts(branch: Branch) -> dict[int, int]:
    """For every node by primary key, how many published, non-optional topics it holds.

    A topic counts itself; what is below an optional or unpublished node counts nowhere.
    """
    bones = skeleton(list(walk(branch)))
    return {
        pk: topics if counted else 0
        for pk, topics, counted in zip(bones.pks, bones.topics, bones.counted, strict=True)
    }
