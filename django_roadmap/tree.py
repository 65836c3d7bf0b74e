"""Roadmaps in memory: rows in, branches out. No ORM, no request, no recursion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

ROW_FIELDS = (
    "pk",
    "parent_id",
    "level",
    "path",
    "title",
    "summary",
    "is_published",
    "is_optional",
    "minutes",
)
"""The columns ``build`` reads, in the order of ``Branch``'s first attributes."""


@dataclass(slots=True, eq=False)
class Branch:
    """A node and all below it, in order: a plain value with no database behind it."""

    pk: int
    parent_id: int | None
    level: int
    path: str
    title: str
    summary: str
    is_published: bool
    is_optional: bool
    minutes: int | None
    children: list[Branch] = field(default_factory=list, repr=False)

    @property
    def is_topic(self) -> bool:
        """Whether this is a leaf: what a learner ticks off."""
        return not self.children


def build(rows: Iterable[tuple[object, ...]], *, unpublished: bool = False) -> Branch | None:
    """The branch whose top is the first of these rows, which hold ``ROW_FIELDS`` in tree order.

    An unpublished node is left out with all below it, unless ``unpublished``. Children are
    found by their parent, never by position, so a damaged tree shows each node at most once
    and none that hangs under a node left out.
    """
    top: Branch | None = None
    branches: dict[int | None, Branch] = {}
    for row in rows:
        branch = Branch(*row)  # type: ignore[arg-type]
        top = top or branch
        if branch.is_published or unpublished:
            branches[branch.pk] = branch
    for branch in branches.values():
        parent = branches.get(branch.parent_id)
        if parent is not None and branch is not top:
            parent.children.append(branch)
    return top and branches.get(top.pk)


def walk(branch: Branch) -> Iterator[Branch]:
    """The nodes of a branch in reading order, itself first."""
    stack = [branch]
    while stack:
        branch = stack.pop()
        yield branch
        stack.extend(reversed(branch.children))


def topic_counts(branch: Branch) -> dict[int, int]:
    """For every node by primary key, how many published, non-optional topics it holds.

    A topic counts itself; what is below an optional or unpublished node counts nowhere.
    """
    counts: dict[int, int] = {}
    order = list(walk(branch))
    for node in reversed(order):
        if node.is_optional or not node.is_published:
            counts[node.pk] = 0
        else:
            below = [counts[child.pk] for child in node.children if child.is_published]
            counts[node.pk] = sum(below) if below else 1
    return counts


def way_to(branch: Branch, pk: int) -> list[Branch]:
    """The nodes from the top of ``branch`` down to the one with this primary key; none when not there."""
    by_pk: dict[int | None, Branch] = {node.pk: node for node in walk(branch)}
    way: list[Branch] = []
    node = by_pk.get(pk)
    while node is not None:
        way.append(node)
        node = by_pk.get(node.parent_id)
    return way[::-1]


def neighbours(branch: Branch, pk: int) -> tuple[Branch | None, Branch | None]:
    """The nodes before and after the one with primary key ``pk`` in reading order."""
    order = list(walk(branch))
    index = next(i for i, node in enumerate(order) if node.pk == pk)
    return (
        order[index - 1] if index else None,
        order[index + 1] if index + 1 < len(order) else None,
    )
