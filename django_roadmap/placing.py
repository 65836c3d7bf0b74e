"""Where a node is: insert, save, move and delete it, each under the lock of its roadmap.

mptt trusts the instances it is given and writes all of their fields; two editors, or one
with an instance from a minute ago, corrupt its tree that way. Here each write locks, reads
again, and writes only what the caller changed. When it fails, rows and instance are as
they were.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.db.models import Max, Q
from django.utils.translation import gettext as _
from mptt.exceptions import InvalidMove
from mptt.managers import TreeManager
from mptt.signals import node_moved

from django_roadmap import locking, memory, naming, paths, tree
from django_roadmap.rows import branch_rows, deleting_by_key, plain_rows

if TYPE_CHECKING:
    from django_roadmap.models import RoadmapNode

MAX_LEVELS = 64
"""Levels of a roadmap. Themes that include themselves and deletes break near 100 and 488."""

MAX_NAMESAKES = 100
"""How many others may add a roadmap of the same title while somebody does."""

POSITIONS = ("first-child", "last-child", "left", "right")


def insert(
    node: RoadmapNode,
    target: RoadmapNode | None,
    position: str = "last-child",
    *,
    using: str,
) -> None:
    """Write a new node at a position relative to ``target``; as a roadmap without one."""
    is_unnamed = target is None and not node.slug and not node.path
    attempts = MAX_NAMESAKES if is_unnamed else 1
    while not _is_inserted(node, target, position, using, attempts):
        attempts -= 1


def update(node: RoadmapNode, update_fields: set[str] | None, *, using: str) -> None:
    """Write what the caller changed; move the node on a new parent, rename it on a new slug."""
    cached = node._state.fields_cache.get("parent")
    if cached is not None and node.parent_id is None:
        node.parent = cached  # which had no primary key when it was set
    named = {"parent", "slug"} if update_fields is None else update_fields
    moves = memory.was_set(node, "parent_id") and not named.isdisjoint({"parent", "parent_id"})
    slug_was_set = memory.was_set(node, "slug")
    renames = slug_was_set and "slug" in named
    with memory.as_it_was_on_error(node):
        node._state.db = using
        parent, slug = (node.parent if moves else None), node.slug
        seen = [(node.pk, node.tree_id)]
        if parent is not None:
            seen.append((parent.pk, parent.tree_id))
        with locking.lock_nodes(type(node), using, seen) as (current, *_parent):
            fields = memory.own_fields(node, update_fields)
            if current is not None:
                memory.adopt(node, current)
                if moves and parent is None:
                    check_place(current, None)
                elif parent is not None and parent.pk != current.parent_id:
                    move(node, parent, "last-child", slug=node.slug if renames else "")
                if renames:
                    naming.rename(node, using)
                    fields |= {"slug", "path"}
            node._in_place = partial(naming.keeping_its_name, node)
            models.Model.save(node, using=using, update_fields=fields)
        memory.remember(node, fields)
        if slug_was_set and not renames:
            node.slug = slug


def move(node: RoadmapNode, target: RoadmapNode | None, position: str, *, slug: str = "") -> None:
    """Move a node with all below it: first or last below ``target``, or beside it.

    Both are read again under the lock; only the place is written, and a new ``slug`` with
    it, never the texts that ``node`` has in memory. Raises mptt's ``InvalidMove``, naming the
    nodes, for a roadmap itself, a place below the node itself, a 65th level or paths taken in
    another roadmap.
    """
    if position not in POSITIONS:
        raise ValueError(f"A position is one of {', '.join(POSITIONS)}, not {position!r}.")
    if target is None:
        raise InvalidMove(_("“%s” cannot become a roadmap: add a new one.") % node)
    using = same_database(node, target)
    seen = [(node.pk, node.tree_id), (target.pk, target.tree_id)]
    with (
        memory.as_it_was_on_error(node),
        locking.lock_nodes(type(node), using, seen) as (fresh, place),
    ):
        _check_there((node, fresh), (target, place))
        parent, own_slug, came_from = _parent_at(fresh, place, position), fresh.slug, fresh.tree_id
        fresh.slug = slug or own_slug
        check_place(fresh, parent)

        @contextmanager
        def in_its_place() -> Iterator[None]:
            # Read again, since a handler of pre_save may have edited, too.
            found = plain_rows(type(node), using).in_bulk([fresh.pk, place.pk])
            now: Any = found.get(fresh.pk)
            beside: Any = found.get(place.pk)
            _check_there((node, now), (target, beside))
            fresh.parent = _parent_at(now, beside, position)
            fresh.slug = slug or own_slug
            fresh.path = paths.node_path(paths.roadmap_slug(beside.path), fresh.slug)
            manager = type(node)._tree_manager.db_manager(using)
            TreeManager._move_node(manager, now, beside, position, refresh_target=False)
            for name in memory.TREE_FIELDS:
                setattr(fresh, name, getattr(now, name))
            yield

        fresh._in_place = in_its_place
        models.Model.save(
            fresh, using=using, update_fields=["parent", "slug", "path", "updated_at"]
        )
        if fresh.tree_id != came_from:
            naming.rename_below(fresh, using)
            _cut_prerequisites(fresh, using)
        node.parent_id = fresh.parent_id
        memory.adopt(node, fresh)
        memory.reread(target, using)
        node_moved.send(sender=type(node), instance=node, target=target, position=position)


def delete(node: RoadmapNode, *, using: str, keep_parents: bool) -> tuple[int, dict[str, int]]:
    """Delete a node and all below it; nothing happens when it is gone already."""
    if node.pk is None:
        return 0, {}
    with memory.as_it_was_on_error(node):
        seen = [(node.pk, node.tree_id)]
        with locking.lock_nodes(type(node), using, seen) as (current,):
            if current is None:
                return 0, {}
            manager = type(node)._tree_manager.db_manager(using)
            width = current.rght - current.lft + 1
            TreeManager._close_gap(manager, width, current.rght, current.tree_id)
            node._state.db = using
            with deleting_by_key(using):
                deleted = models.Model.delete(node, using, keep_parents)
            memory.reread(node, using)
    return deleted


def check_place(node: RoadmapNode, parent: RoadmapNode | None) -> None:
    """Raise ``InvalidMove``, naming the nodes, when ``node`` must not be below ``parent``.

    Both must have been read just now: it is their tree columns that are compared.
    """
    height = 0
    if not node._state.adding:
        below = branch_rows(node, node._state.db)
        _check_move(node, parent, below)
        # None, if somebody has deleted it since then.
        height = (below.aggregate(last=Max("level"))["last"] or node.level) - node.level
    if parent is not None:
        check_levels(node, parent, parent.level + 2 + height)


def check_levels(node: object, parent: object, levels: int) -> None:
    """Raise ``InvalidMove`` when ``node``, below ``parent``, would make too many levels."""
    if levels > MAX_LEVELS:
        raise InvalidMove(
            _("Below “%(parent)s”, “%(node)s” would reach level %(levels)d of at most %(most)d.")
            % {"parent": parent, "node": node, "levels": levels, "most": MAX_LEVELS}
        )


def check_prerequisites(
    model: Any, using: str, tree_id: int | None, links: Collection[tuple[int, int]]
) -> None:
    """Raise ``ValidationError``, spelling out the way, when links would close a circle.

    A link is a pair of primary keys: a node's, and that of a prerequisite of it. One that is
    there already is not refused.
    """
    if not links:
        return
    through = plain_rows(model.prerequisites.through, using)
    of_roadmap = through.filter(from_roadmapnode__tree_id=tree_id)
    there = list(of_roadmap.values_list("from_roadmapnode_id", "to_roadmapnode_id"))
    new = set(links).difference(there)
    graph: dict[int, list[int]] = {}
    # New ones first: where damage has left a circle, another through the same nodes is found.
    for node, other in (*sorted(new), *there):
        graph.setdefault(node, []).append(other)
    for circle in tree.circles(graph):
        way = [*circle, circle[0]]
        if not new.isdisjoint(pairwise(way)):
            nodes = plain_rows(model, using).in_bulk(circle)
            raise ValidationError(
                _("These would be prerequisites of each other: %(way)s.")
                % {"way": " → ".join(nodes[pk].path for pk in way)},
                code="prerequisite",
            )


def gone(node: RoadmapNode) -> InvalidMove:
    """The error for a node that somebody has deleted."""
    return InvalidMove(_("“%s” is no longer there.") % node)


@contextmanager
def locked(node: RoadmapNode, using: str) -> Iterator[RoadmapNode]:
    """Hold the lock of a node's roadmap; the block gets it read again, as a node.

    Raises ``InvalidMove`` when it is gone. After an error the instance is as it was.
    """
    model: Any = node._meta.concrete_model
    with (
        memory.as_it_was_on_error(node),
        locking.lock_nodes(model, using, [(node.pk, node.tree_id)]) as (found,),
    ):
        if found is None:
            raise gone(node)
        yield found


def same_database(node: RoadmapNode, target: RoadmapNode) -> str:
    """The alias of the database that both nodes are in; ``InvalidMove`` when they are in two."""
    aliases = {found._state.db for found in (node, target)} - {None}
    if len(aliases) != 1:
        raise InvalidMove(
            _("“%(node)s” and “%(target)s” are not in one database.")
            % {"node": node, "target": target}
        )
    return str(aliases.pop())


def own_tree_id(model: type[models.Model], using: str, pk: int) -> int:
    """A number for the tree of a root: its primary key, which no other process can be given.

    Where a planted or loaded tree has that already, the one after the highest.
    """
    rows = plain_rows(model, using)
    if not rows.filter(tree_id=pk).exists():
        return pk
    highest: int = rows.aggregate(highest=Max("tree_id"))["highest"]
    return highest + 1


def _is_inserted(
    node: RoadmapNode, target: RoadmapNode | None, position: str, using: str, attempts: int
) -> bool:
    """Insert a node; False when somebody has just added a roadmap with the slug made for it."""
    try:
        with memory.as_it_was_on_error(node):
            node._state.db, node._state.adding = using, True
            try:
                if target is None:
                    _insert_root(node, using)
                else:
                    _insert_below(node, target, position, using)
            finally:
                path = node.path
    except IntegrityError:
        # No lock is there to be taken before a roadmap is.
        if attempts == 1 or not plain_rows(type(node), using).filter(path=path):
            raise
        return False
    return True


def _insert_root(node: RoadmapNode, using: str) -> None:
    rows = plain_rows(type(node), using)

    @contextmanager
    def in_a_tree_of_its_own() -> Iterator[None]:
        naming.name_again(node, None, using)
        node.tree_id, node.lft, node.rght, node.level = 0, 1, 2, 0
        yield
        node.tree_id = own_tree_id(type(node), using, node.pk)
        rows.filter(pk=node.pk).update(tree_id=node.tree_id)

    with locking.lock(type(node), using, ()):
        node.parent = None
        naming.name_node(node, None, using)
        node.version = locking.new_version()
        if not node.position:
            last = rows.filter(parent=None).aggregate(last=Max("position"))["last"]
            node.position = (last or 0) + 1
        node._in_place = in_a_tree_of_its_own
        models.Model.save(node, force_insert=True, using=using)
    memory.remember(node)


def _insert_below(node: RoadmapNode, target: RoadmapNode, position: str, using: str) -> None:
    same_database(node, target)
    with locking.lock_nodes(type(node), using, [(target.pk, target.tree_id)]) as (place,):
        if place is None:
            raise gone(target)
        parent = _parent_at(node, place, position)
        check_place(node, parent)
        root_slug = paths.roadmap_slug(place.path)
        naming.name_node(node, root_slug, using)
        node.parent = target if parent.pk == target.pk else parent
        node.version = ""

        @contextmanager
        def in_its_place() -> Iterator[None]:
            naming.name_again(node, root_slug, using)
            manager, wanted = type(node)._tree_manager.db_manager(using), node.parent
            # Its own reading of the place, since a handler of pre_save may have moved it.
            TreeManager.insert_node(manager, node, place, position, allow_existing_pk=True)
            node.parent = wanted
            yield

        node._in_place = in_its_place
        models.Model.save(node, force_insert=True, using=using)
        memory.reread(target, using)
    memory.remember(node)


def _check_there(*nodes: tuple[RoadmapNode, RoadmapNode | None]) -> None:
    for node, found in nodes:
        if found is None:
            raise gone(node)


def _parent_at(node: RoadmapNode, place: RoadmapNode, position: str) -> RoadmapNode:
    if not node._state.adding and node.parent_id is None:
        raise InvalidMove(_("“%s” is a roadmap: order roadmaps by their position instead.") % node)
    parent: RoadmapNode | None = place.parent if position in ("left", "right") else place
    if parent is None:
        raise InvalidMove(
            _("“%(node)s” cannot stand beside the roadmap “%(target)s”, only in one.")
            % {"node": node, "target": place}
        )
    return parent


def _check_move(node: RoadmapNode, parent: RoadmapNode | None, below: models.QuerySet[Any]) -> None:
    if (parent is None) != (node.parent_id is None):
        raise InvalidMove(_("“%s” cannot change between a roadmap and a node in one.") % node)
    if parent is None:
        return
    if parent.tree_id == node.tree_id:
        if node.lft <= parent.lft <= node.rght:
            raise InvalidMove(
                _("“%(node)s” cannot be part of “%(parent)s”, which is part of it.")
                % {"node": node, "parent": parent}
            )
        return
    there = plain_rows(type(node), node._state.db).filter(tree_id=parent.tree_id, level__gt=0)
    moved = Q(slug=node.slug) | Q(slug__in=below.exclude(pk=node.pk).values("slug"))
    taken = there.filter(moved).order_by("lft")[:3]
    if taken:
        raise InvalidMove(
            _("“%(node)s” cannot move to “%(parent)s”: these paths are taken there: %(paths)s")
            % {
                "node": node,
                "parent": parent,
                "paths": _(", ").join(
                    _("%(path)s (“%(title)s”)") % {"path": other.path, "title": other}
                    for other in taken
                ),
            }
        )


def _cut_prerequisites(node: RoadmapNode, using: str) -> None:
    """Prerequisites are of the same roadmap: those that a move has stretched over two go."""
    links = plain_rows(type(node).prerequisites.through, using)
    moved = branch_rows(node, using).values("pk")
    inside, outside = Q(from_roadmapnode__in=moved), Q(to_roadmapnode__in=moved)
    stretched = links.filter((inside & ~outside) | (outside & ~inside))
    # By key, since MariaDB would lock all links and their nodes to find these.
    with deleting_by_key(using):
        links.filter(pk__in=list(stretched.values_list("pk", flat=True))).delete()
