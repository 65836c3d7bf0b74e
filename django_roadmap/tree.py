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
    "version",
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
    version: str = ""
    children: list[Branch] = field(default_factory=list, repr=False)

    def __getitem__(self, name: str) -> Any:
        """The attribute of this name: templates ask for a key first, and an error takes longer."""
        return getattr(self, name)

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


def way_to(branches: Mapping[int, Branch], pk: int) -> list[Branch]:
    """The nodes from the root down to the one with this key; none when one of them is left out."""
    way: list[Branch] = []
    node = branches.get(pk)
    # A damaged tree may hold a circle, which has fewer steps than nodes.
    while node is not None and len(way) < len(branches):
        way.append(node)
        if node.parent_id is None:
            return way[::-1]
        node = branches.get(node.parent_id)
    return []


def walk(branch: Nested) -> Iterator[Nested]:
    """The nodes of a branch, or of anything with ``children``, in reading order, itself first."""
    stack: list[Any] = [branch]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.children))


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
