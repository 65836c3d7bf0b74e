"""Every change of a roadmap's structure, each under the lock, whole or not at all.

``move``, ``rename`` and ``delete`` are what a node's own methods do. ``add``, ``copy`` and
``replace`` write any number of nodes in bulk, so they send no signals of single nodes, except
for the top one that ``add`` and ``copy`` make.
"""

from __future__ import annotations

from django.db import router

from django_roadmap import (
    exporting,
    locking,
    memory,
    naming,
    paths,
    placing,
    replacing,
    tree,
    validation,
)
from django_roadmap.models import RoadmapNode
from django_roadmap.outline import Outline
from django_roadmap.replacing import Changes
from django_roadmap.rows import roots_at


def add(
    outline: Outline,
    target: RoadmapNode | None = None,
    position: str = "last-child",
    *,
    using: str | None = None,
) -> RoadmapNode:
    """Write an outline as a branch at a position relative to ``target``, and return its top.

    Without ``target`` it becomes a roadmap. A slug that is taken is numbered, but not that of
    a roadmap. Raises ``ValidationError``, naming the nodes, for what they cannot have, and
    mptt's ``InvalidMove`` for a place beside a roadmap or below the 64th level.
    """
    validation.validate(outline)
    using = using or (target and target._state.db) or router.db_for_write(RoadmapNode)
    return _add(outline, target, position, outline.slug, str(using))


def copy(
    node: RoadmapNode, target: RoadmapNode | None = None, position: str = "last-child"
) -> RoadmapNode:
    """Copy a node and all below it, with resources, to a position relative to ``target``.

    Without ``target`` the copy becomes a roadmap. Prerequisites within the branch lead to the
    copies; others stay in the same roadmap and are dropped in another. Raises ``InvalidMove``
    as ``add`` does, and for a node that is gone.
    """
    nodes = [node] if target is None else [node, target]
    using = placing.same_database(node, nodes[-1])
    seen = [(found.pk, found.tree_id) for found in nodes]
    with locking.lock_nodes(RoadmapNode, using, seen) as (source, *place):
        if source is None:
            raise placing.gone(node)
        outline = exporting.outline_of(source, using)
        if [found and found.tree_id for found in place] != [source.tree_id]:
            inside = {part.slug for part in tree.walk(outline)}
            for part in tree.walk(outline):
                part.prerequisites = [slug for slug in part.prerequisites or () if slug in inside]
        slug = "" if target is None else outline.slug
        return _add(outline, target, position, slug, using)


def replace(node: RoadmapNode, outline: Outline, *, delete: bool = False) -> Changes:
    """Make a node and all below it what an outline says, and tell what that changed.

    Nodes that the outline has, too (see ``outline.match``), keep their primary keys and
    whatever it says nothing about; the node itself keeps its slug. Those that it lacks are
    unpublished and go last below their parents, or are deleted if ``delete``. Raises
    ``ValidationError`` and ``InvalidMove`` as ``add`` does.
    """
    validation.validate(outline)
    using = placing.same_database(node, node)
    return replacing.replace(node, outline, using=using, delete=delete)


def move(node: RoadmapNode, target: RoadmapNode, position: str = "last-child") -> None:
    """Move a node with all below it; see ``placing.move``."""
    node.move_to(target, position)


def rename(node: RoadmapNode, slug: str) -> None:
    """Give a node another slug; below a roadmap the paths follow. ``IntegrityError`` if taken."""
    using = placing.same_database(node, node)
    with placing.locked(node, using):
        node.slug = slug
        node.save(using=using, update_fields=["slug"])


def delete(node: RoadmapNode) -> tuple[int, dict[str, int]]:
    """Delete a node and all below it; nothing happens when it is gone already."""
    return node.delete()


def touch(*roadmaps: str, using: str | None = None) -> None:
    """Give the roadmaps at these paths, or all, a new version, after writes that went past us.

    Raises ``RoadmapNode.DoesNotExist`` for a path where no roadmap is.
    """
    using = using or router.db_for_write(RoadmapNode)
    roots = roots_at(RoadmapNode, using, roadmaps)
    with locking.lock(RoadmapNode, using, roots.values()):
        pass


def _add(
    outline: Outline, target: RoadmapNode | None, position: str, slug: str, using: str
) -> RoadmapNode:
    top = RoadmapNode(slug=slug)
    top._state.db = using
    replacing.fill(top, outline)
    seen = [] if target is None else [(target.pk, target.tree_id)]
    with (
        memory.as_it_was_on_error(target or top),
        locking.lock_nodes(RoadmapNode, using, seen) as places,
    ):
        if target is None:
            top.clean()
        for place in filter(None, places):
            top.slug = naming.free_slug(top, paths.roadmap_slug(place.path), using)
        placing.insert(top, target, position, using=using)
        replacing.replace(top, outline, using=using)
        if target is not None:
            memory.reread(target, using)
    return top
