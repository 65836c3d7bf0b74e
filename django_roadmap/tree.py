"""Roadmaps in memory: rows in, branches out. No ORM, no request, no recursion."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

Key = TypeVar("Key", bound=Hashable)
Nested = TypeVar("Nested")

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


def build(rows: Iterable[tuple[object, ...]], *, unpublished: bool = False) -> dict[int, Branch]:
    """Branches by primary key, from rows of ``ROW_FIELDS`` in tree order.

    An unpublished node is left out, and hangs in no other, unless ``unpublished``. A node
    hangs in its parent, which comes before it, so even a damaged tree holds no circle, shows
    each node at most once and none that hangs below a node left out.
    """
    branches: dict[int, Branch] = {}
    for row in rows:
        branch = Branch(*row)  # type: ignore[arg-type]
        if branch.is_published or unpublished:
            if branch.parent_id in branches:
                branches[branch.parent_id].children.append(branch)
            branches[branch.pk] = branch
    return branches


def roadmap_of(branches: dict[int, Branch], pk: int) -> Branch | None:
    """The root above the node with this primary key; none when something above is left out."""
    branch, steps = branches.get(pk), len(branches)
    # A damaged tree may hold a circle, which has fewer steps than nodes.
    while branch is not None and branch.parent_id is not None and steps:
        branch, steps = branches.get(branch.parent_id), steps - 1
    return branch if steps else None


def walk(branch: Nested) -> Iterator[Nested]:
    """The nodes of a branch, or of anything with ``children``, in reading order, itself first."""
    stack: list[Any] = [branch]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.children))


def topic_counts(branch: Branch) -> dict[int, int]:
    """For every node by primary key, how many published, non-optional topics it holds.

    A topic counts itself; what is below an optional or unpublished node counts nowhere.
    """
    counts: dict[int, int] = {}
    order = list(walk(branch))
    left_out: set[int | None] = set()
    for node in order:
        if node.is_optional or not node.is_published or node.parent_id in left_out:
            left_out.add(node.pk)
    for node in reversed(order):
        if node.pk in left_out:
            counts[node.pk] = 0
        else:
            below = [counts[child.pk] for child in node.children if child.is_published]
            counts[node.pk] = sum(below) if below else 1
    return counts


def way_to(branch: Branch, pk: int) -> list[Branch]:
    """The nodes from the top of ``branch`` down to the one with this key; none without it."""
    by_pk: dict[int | None, Branch] = {node.pk: node for node in walk(branch)}
    way: list[Branch] = []
    node = by_pk.get(pk)
    while node is not None:
        way.append(node)
        node = None if node is branch else by_pk.get(node.parent_id)
    return way[::-1]


def neighbours(branch: Branch, pk: int) -> tuple[Branch | None, Branch | None]:
    """The nodes before and after the one with primary key ``pk`` in reading order."""
    order = list(walk(branch))
    index = next(i for i, node in enumerate(order) if node.pk == pk)
    return (
        order[index - 1] if index else None,
        order[index + 1] if index + 1 < len(order) else None,
    )


def number(nodes: Iterable[tuple[Key, Key | None]]) -> dict[Key, tuple[Key, int, int, int]]:
    """The root, ``lft``, ``rght`` and ``level`` of every node, from pairs of node and parent.

    Any values may stand for the nodes, such as primary keys; every root has a tree of its
    own. Siblings keep the order they come in. What no root leads to is left out.
    """
    children: dict[Key | None, list[Key]] = {}
    for node, parent in nodes:
        children.setdefault(parent, []).append(node)
    numbers: dict[Key, tuple[Key, int, int, int]] = {}
    for root in children.get(None, []):
        counter = 0
        stack = [(root, 0, 0)]
        while stack:
            node, lft, level = stack.pop()
            counter += 1
            if lft:
                numbers[node] = (root, lft, counter, level)
            else:
                stack.append((node, counter, level))
                stack.extend((child, 0, level + 1) for child in reversed(children.get(node, ())))
    return numbers


def circles(graph: Mapping[Key, Iterable[Key]]) -> list[list[Key]]:
    """Ways along a graph that end where they begin: at least one for each knot in it."""
    found: list[list[Key]] = []
    done: set[Key] = set()
    for start in graph:
        way = {} if start in done else {start: iter(graph[start])}
        while way:
            node = next(reversed(way))
            step = next(way[node], None)
            if step is None:
                done.add(node)
                del way[node]
            elif step in way:
                steps = list(way)
                found.append(steps[steps.index(step) :])
            elif step not in done:
                way[step] = iter(graph.get(step, ()))
    return found
