"""Querysets and managers: reading what is published, and every mptt call under the lock."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final, NoReturn

from django.db import models, router, transaction
from django.db.models import Exists, OuterRef, Subquery
from django.utils.translation import gettext as _
from mptt.exceptions import InvalidMove
from mptt.managers import TreeManager
from mptt.querysets import TreeQuerySet
from mptt.signals import node_moved

from django_roadmap import locking, paths, tree

if TYPE_CHECKING:
    from django_roadmap.models import RoadmapNode

FIRST: Final = object()
"""Stands for the first published roadmap, where neither a path nor a node is given."""

MAX_LEVELS = 64
"""Levels of a roadmap. Themes that include themselves and deletes break near 100 and 488."""

TREE_FIELDS = ("tree_id", "lft", "rght", "level")
DERIVED_FIELDS = frozenset({*TREE_FIELDS, "parent", "parent_id", "slug", "path", "version"})
"""Fields that hang together over several rows, so no bulk update may set one."""


class NodeQuerySet(TreeQuerySet):  # type: ignore[misc]
    """Nodes; whatever writes them holds the lock of their roadmaps."""

    def published(self) -> NodeQuerySet:
        """Nodes that visitors see: published, and so is every node above them."""
        hidden = self.model._base_manager.using(self.db).filter(
            is_published=False,
            tree_id=OuterRef("tree_id"),
            lft__lte=OuterRef("lft"),
            rght__gte=OuterRef("rght"),
        )
        return self.filter(~Exists(hidden))

    def roadmaps(self) -> NodeQuerySet:
        """The roots, in the order site owners gave them."""
        return self.filter(parent=None).order_by("position", "pk")

    def branch(self, target: object = FIRST, *, unpublished: bool = False) -> tree.Branch | None:
        """A node and all below it, by its path, from the node itself, or the first roadmap.

        None when there is no roadmap at all; ``DoesNotExist`` for a path or node that is not
        there or not published, and for what is neither. A node is looked for in the database
        it came from. Two queries.
        """
        if isinstance(target, self.model._meta.concrete_model):
            nodes = self.using(target._state.db).filter(pk=target.pk)
        elif isinstance(target, str):
            nodes = self.filter(path=target)
        elif target is FIRST:
            nodes = self.roadmaps()
        else:
            raise self.model.DoesNotExist(f"{target!r} is neither a path nor a node.")
        if not unpublished:
            nodes = nodes.published()
        pk = nodes.values_list("pk", flat=True).first()
        branch = None if pk is None else nodes._branch_at(pk, unpublished)
        if branch is None and target is not FIRST:
            raise self.model.DoesNotExist(f"No published roadmap or node is at {target!r}.")
        return branch

    def roadmap_of(self, pk: int, *, unpublished: bool = False) -> tree.Branch | None:
        """The whole roadmap that the node with this primary key is in, in one query."""
        rows = models.QuerySet(self.model, using=self.db)
        in_tree = rows.filter(tree_id=Subquery(rows.filter(pk=pk).values("tree_id")[:1]))
        return tree.build(_in_order(in_tree), unpublished=unpublished)

    def _branch_at(self, pk: int, unpublished: bool) -> tree.Branch | None:
        """One statement finds where the branch is and reads it, so no edit comes in between."""
        rows = models.QuerySet(self.model, using=self.db)
        node = rows.filter(pk=pk)
        in_branch = rows.filter(
            tree_id=Subquery(node.values("tree_id")[:1]),
            lft__gte=Subquery(node.values("lft")[:1]),
            lft__lte=Subquery(node.values("rght")[:1]),
        )
        return tree.build(_in_order(in_branch), unpublished=unpublished)

    def update(self, **kwargs: Any) -> int:
        """Update plain columns; the roadmaps concerned get a new version."""
        self._for_write = True
        tree_ids = self._tree_ids()
        refused = sorted(DERIVED_FIELDS & set(kwargs))
        if refused and not locking.is_held(self.db, tree_ids):
            raise TypeError(
                f"update() cannot set {', '.join(refused)}: these hang together over several "
                "rows. Set them on a node and save() it, or call its move_to()."
            )
        with locking.lock(self.model, self.db, tree_ids):
            rows: int = super().update(**kwargs)
        return rows

    update.alters_data = True  # type: ignore[attr-defined]

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete these nodes and all below them; what stays closes ranks."""
        if self.query.is_sliced or self._fields is not None:
            return super().delete()  # type: ignore[no-any-return]  # refuses, and says why
        self._for_write = True
        counts: dict[str, int] = {}
        with locking.lock(self.model, self.db, self._tree_ids()):
            # What is below another node goes with it; and from right to left, a deletion
            # moves none of the nodes still to come.
            for node in reversed(self._topmost()):
                for label, number in node.delete(using=self.db)[1].items():
                    counts[label] = counts.get(label, 0) + number
        return sum(counts.values()), counts

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Insert nodes that carry their own paths and tree columns, numbered by the caller."""
        self._for_write = True
        objs = list(objs)
        for node in objs:
            if node.parent_id is None and not node.version:
                node.version = locking.new_version()
        tree_ids = {node.tree_id for node in objs if node.tree_id is not None}
        with locking.lock(self.model, self.db, tree_ids):
            created: list[Any] = super().bulk_create(objs, *args, **kwargs)
        return created

    def _topmost(self) -> list[RoadmapNode]:
        topmost: list[RoadmapNode] = []
        for node in self.order_by("tree_id", "lft"):
            last = topmost[-1] if topmost else None
            if last is None or node.tree_id != last.tree_id or node.lft > last.rght:
                topmost.append(node)
        return topmost

    def _tree_ids(self) -> set[int]:
        return set(self.order_by().values_list("tree_id", flat=True).distinct())


def _in_order(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    return rows.order_by("lft").values_list(*tree.ROW_FIELDS)


class NodeManager(TreeManager.from_queryset(NodeQuerySet)):  # type: ignore[misc]
    """mptt's manager; its calls that change the tree take the roadmaps' locks or refuse."""

    def get_by_natural_key(self, path: str) -> RoadmapNode:
        """The node at ``path``, for fixtures."""
        node: RoadmapNode = self.get(path=path)
        return node

    def insert_node(
        self,
        node: RoadmapNode,
        target: RoadmapNode | None,
        position: str = "last-child",
        save: bool = False,
        allow_existing_pk: bool = False,
        refresh_target: bool = True,
    ) -> RoadmapNode:
        """Add a new node first or last below ``target``, or beside it; always saves.

        Raises ``TypeError`` without ``save=True``: space made for a node that may never come
        would stay a gap. Raises ``InvalidMove`` beside a roadmap.
        """
        if not save:
            raise TypeError("insert_node() and insert_at() need save=True: make and save in one.")
        if not node._state.adding:
            raise ValueError(f"“{node}” is in a roadmap already: call its move_to() instead.")
        node.insert(target, position, using=self._db or router.db_for_write(self.model))
        return node

    def move_node(
        self, node: RoadmapNode, target: RoadmapNode | None, position: str = "last-child"
    ) -> None:
        """Move a node with all below it: first or last below ``target``, or beside it.

        Both are read again under the lock; only the place is written, never the texts that
        ``node`` has in memory. Raises mptt's ``InvalidMove``, naming the nodes, for a roadmap
        itself, a place below the node itself, a 65th level or paths taken in another roadmap.
        """
        using = node._state.db or router.db_for_write(self.model, instance=node)
        if target is None:
            raise InvalidMove(_("“%s” cannot become a roadmap: add a new one.") % node)
        if target._state.db not in (None, using):
            raise InvalidMove(
                _("“%(node)s” and “%(target)s” are in different databases.")
                % {"node": node, "target": target}
            )
        seen = [(node.pk, node.tree_id), (target.pk, target.tree_id)]
        with locking.lock_nodes(self.tree_model, using, seen) as (fresh, place):
            for wanted, found in ((node, fresh), (target, place)):
                if found is None:
                    raise InvalidMove(_("“%s” is no longer there.") % wanted)
            parent = self._parent_at(fresh, place, position)
            old_tree_id = fresh.tree_id
            if old_tree_id != place.tree_id:
                self._refuse_taken_paths(fresh, place, using)
            TreeManager._move_node(
                self.db_manager(using), fresh, place, position, refresh_target=False
            )
            fresh.parent = parent
            models.Model.save(fresh, using=using, update_fields=["parent", "updated_at"])
            if fresh.tree_id != old_tree_id:
                new_root = paths.roadmap_slug(place.path)
                fresh.rename_below(new_root, using)
                fresh.path = paths.node_path(new_root, fresh.slug)
        node.adopt(fresh)
        node_moved.send(sender=type(node), instance=node, target=target, position=position)

    def _parent_at(self, node: RoadmapNode, place: RoadmapNode, position: str) -> RoadmapNode:
        """The parent a move gives a node; raises ``InvalidMove`` for a move that must not be."""
        if position not in ("first-child", "last-child", "left", "right"):
            raise ValueError(f"An invalid position was given: {position}.")
        if node.parent_id is None:
            raise InvalidMove(
                _("“%s” is a roadmap: order roadmaps by their position instead.") % node
            )
        beside = position in ("left", "right")
        if beside and place.parent_id is None:
            raise InvalidMove(
                _("“%(node)s” cannot stand beside the roadmap “%(target)s”, only in one.")
                % {"node": node, "target": place}
            )
        parent: RoadmapNode = place.parent if beside else place
        node.check_place(parent)
        return parent

    def _refuse_taken_paths(self, node: RoadmapNode, place: RoadmapNode, using: str) -> None:
        rows = models.QuerySet(self.tree_model, using=using)
        moving = rows.filter(tree_id=node.tree_id, lft__gte=node.lft, rght__lte=node.rght)
        there = rows.filter(tree_id=place.tree_id, level__gt=0).order_by("lft")
        taken = there.filter(slug__in=moving.values("slug"))[:3]
        if taken:
            raise InvalidMove(
                _("“%(node)s” cannot move to “%(roadmap)s”: these paths are taken there: %(paths)s")
                % {
                    "node": node,
                    "roadmap": paths.roadmap_slug(place.path),
                    "paths": ", ".join(f"{other.path} (“{other}”)" for other in taken),
                }
            )

    def rebuild(self, batch_size: int = 1000, **filters: Any) -> None:
        """mptt's ``rebuild()``, with every roadmap locked for as long as it takes."""
        using = self._db or router.db_for_write(self.model)
        rows = models.QuerySet(self.tree_model, using=using)
        with transaction.atomic(using=using):
            tree_ids = rows.order_by().values_list("tree_id", flat=True).distinct()
            with locking.lock(self.tree_model, using, set(tree_ids)):
                super().rebuild(batch_size=batch_size, **filters)

    rebuild.alters_data = True  # type: ignore[attr-defined]

    def build_tree_nodes(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("build_tree_nodes() makes space without a lock: save() nodes instead.")

    def disable_mptt_updates(self) -> NoReturn:
        raise TypeError("disable_mptt_updates() would leave the tree corrupt: save() as usual.")

    def delay_mptt_updates(self) -> NoReturn:
        raise TypeError("delay_mptt_updates() accepts loops: save() as usual.")


class RootManager(NodeManager):
    """Roadmaps only, in the order site owners gave them."""

    def get_queryset(self, *args: Any, **kwargs: Any) -> Any:
        return super().get_queryset(*args, **kwargs).roadmaps()


class ResourceQuerySet(models.QuerySet[Any]):
    """Resources; whatever writes them gives the roadmaps of their nodes a new version."""

    def update(self, **kwargs: Any) -> int:
        new_node = kwargs.get("node", kwargs.get("node_id"))
        with self._lock(self._node_ids() | {getattr(new_node, "pk", new_node)}):
            return super().update(**kwargs)

    update.alters_data = True  # type: ignore[attr-defined]

    def delete(self) -> tuple[int, dict[str, int]]:
        with self._lock(self._node_ids()):
            return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        objs = list(objs)
        with self._lock({resource.node_id for resource in objs}):
            return super().bulk_create(objs, *args, **kwargs)

    def _lock(self, node_ids: Collection[Any]) -> AbstractContextManager[Any]:
        self._for_write = True
        return lock_roadmaps_of(self.model.node.field.related_model, self.db, node_ids)

    def _node_ids(self) -> set[Any]:
        self._for_write = True
        return set(self.order_by().values_list("node_id", flat=True))


def lock_roadmaps_of(
    model: type[models.Model], using: str, node_ids: Collection[Any]
) -> AbstractContextManager[Any]:
    """The lock of the roadmaps that the nodes with these primary keys are in."""
    rows = models.QuerySet(model, using=using).filter(pk__in=node_ids)
    return locking.lock_nodes(model, using, list(rows.values_list("pk", "tree_id")))
