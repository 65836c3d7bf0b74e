"""Which nodes of a branch the parts of an outline are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django_roadmap import paths
from django_roadmap.outline.values import Outline
from django_roadmap.tree import walk


def match(outline: Outline, nodes: list[Any]) -> dict[int, Any]:
    """The nodes of a branch, in order, that parts of an outline are, by the ``id()`` of those.

    Of nodes it needs ``pk``, ``parent_id``, ``slug`` and ``title`` only. The top is the top.
    The others are found by the slugs that the outline gives; then by title among the children
    of the same parent; then, moved from elsewhere, by the slug that the title would make.
    """
    matched = {id(outline): nodes[0]}
    free = {node.pk: node for node in nodes[1:]}
    by_slug = {node.slug: node for node in nodes[1:]}
    by_title = defaultdict(list)
    for node in nodes[1:]:
        by_title[node.parent_id, node.title].append(node)
    parts = list(walk(outline))[1:]

    def take(part: Outline, candidates: Iterable[Any]) -> None:
        for node in candidates:
            if node is not None and node.pk in free:
                matched[id(part)] = free.pop(node.pk)
                return

    def take_children(top: Outline) -> None:
        for part in walk(top):
            for child in part.children if id(part) in matched else ():
                if id(child) not in matched:
                    take(child, by_title[matched[id(part)].pk, child.title])

    for part in parts:
        take(part, [by_slug.get(part.slug)])
    take_children(outline)
    for part in parts:
        if id(part) not in matched and not part.slug:
            take(part, [by_slug.get(paths.slug_from(part.title))])
            if id(part) in matched:
                take_children(part)
    return matched
