"""Querysets and managers: reading what is published, and every mptt call under the lock."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, NoReturn

from django.db import models, router
from django.db.models import Exists, OuterRef, Subquery
from mptt.managers import TreeManager
from mptt.querysets import TreeQuerySet

from django_roadmap import integrity, locking, memory, paths, placing, tree
from django_roadmap.rows import plain_rows

if TYPE_CHECKING:
    from django_roadmap.models import Resource, RoadmapNode


class NodeQuerySet(TreeQuerySet):
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

    def update(self, **kwargs: Any) -> int:
        """Update plain columns; the roadmaps concerned get a new version."""
        refused = sorted(memory.DERIVED_FIELDS & set(kwargs))
        if refused:
            raise TypeError(
                f"update() cannot set {', '.join(refused)}: these hang together over several "
                "rows. Set them on a node and save() it, or call its move_to()."
            )
        if self.query.is_sliced:
            return super().update(**kwargs)  # refuses, and says why
        self._for_write = True
        with locking.lock_found(
            self.model, self.db, self._tree_ids(), lambda: (ids := self._tree_ids(), ids)
        ) as tree_ids:
            # What others make fit our conditions just now may be in a roadmap that is not locked.
            # In no order: MariaDB would go through the index of all roadmaps for it, and wait.
            here = self.order_by().filter(tree_id__in=tree_ids)
            rows: int = super(NodeQuerySet, here).update(**kwargs)
        self._result_cache = None
        return rows

    update.alters_data = True  # type: ignore[attr-defined]

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete these nodes and all below them; what stays closes ranks."""
        if self.query.is_sliced or self._fields is not None:  # type: ignore[attr-defined]
            return super().delete()  # refuses, and says why
        self._for_write = True
        counts: dict[str, int] = {}
        with locking.lock_found(self.model, self.db, self._tree_ids(), self.topmost) as topmost:
            for node in topmost:
                for label, number in node.delete(using=self.db)[1].items():
                    counts[label] = counts.get(label, 0) + number
        self._result_cache = None
        return sum(counts.values()), counts

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Insert nodes that carry their own paths and tree columns, numbered by the caller."""
        refused = sorted(memory.DERIVED_FIELDS & set(kwargs.get("update_fields") or ()))
        if refused:
            raise TypeError(f"bulk_create() cannot update {', '.join(refused)}: save() each node.")
        self._for_write = True
        objs = list(objs)
        for node in objs:
            node.version = "" if node.parent_id else locking.new_version()
        tree_ids = {node.tree_id for node in objs if node.tree_id is not None}
        with locking.lock(self.model, self.db, tree_ids):
            created: list[Any] = super().bulk_create(objs, *args, **kwargs)
        return created

    def _tree_ids(self) -> set[int]:
        return set(self.order_by().values_list("tree_id", flat=True).distinct())

    def topmost(self) -> tuple[list[RoadmapNode], set[int]]:
        """Those of these nodes that are below no other of them, and the trees they are in."""
        topmost: list[RoadmapNode] = []
        for node in self.order_by("tree_id", "lft"):
            last = topmost[-1] if topmost else None
            if last is None or node.tree_id != last.tree_id or node.lft > last.rght:
                topmost.append(node)
        return topmost, {node.tree_id for node in topmost}


def _in_order(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    return rows.order_by("lft").values_list(*tree.ROW_FIELDS)


class NodeManager(TreeManager.from_queryset(NodeQuerySet)):  # type: ignore[misc]
    """mptt's manager; its calls that change the tree take the roadmaps' locks or refuse."""

    def branch(self, target: RoadmapNode | str, *, unpublished: bool = False) -> tree.Branch:
        """A node and all below it, given by its path or as a node; two queries.

        A node is looked for in the database it came from. Raises ``DoesNotExist`` for what is
        not there, not published or neither a path nor a node.
        """
        if isinstance(target, str):
            nodes = self.filter(path=target) if paths.is_path(target) else self.none()
        elif isinstance(target, self.tree_model):
            nodes = self.using(target._state.db).filter(pk=target.pk)
        else:
            raise self.model.DoesNotExist(f"{target!r} is neither a path nor a node.")
        branch = self._first_branch(nodes, unpublished)
        if branch is None:
            raise self.model.DoesNotExist(f"No published roadmap or node is at {target!r}.")
        return branch

    def first_roadmap(self, *, unpublished: bool = False) -> tree.Branch | None:
        """The roadmap that comes first by position, if there is one; two queries."""
        return self._first_branch(self.roadmaps(), unpublished)

    def _first_branch(self, nodes: NodeQuerySet, unpublished: bool) -> tree.Branch | None:
        if not unpublished:
            nodes = nodes.published()
        pk = nodes.values_list("pk", flat=True).first()
        rows = plain_rows(self.tree_model, nodes.db)
        node = rows.filter(pk=pk)
        # One statement finds where the branch is and reads it, so no edit comes in between.
        in_branch = rows.filter(
            tree_id=Subquery(node.values("tree_id")[:1]),
            lft__gte=Subquery(node.values("lft")[:1]),
            lft__lte=Subquery(node.values("rght")[:1]),
        )
        branches = {} if pk is None else tree.build(_in_order(in_branch), unpublished=unpublished)
        return branches.get(pk or 0)

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
        using = self._db or (target and target._state.db) or router.db_for_write(self.model)
        placing.insert(node, target, position, using=using)
        return node

    def move_node(
        self, node: RoadmapNode, target: RoadmapNode | None, position: str = "last-child"
    ) -> None:
        """Move a node with all below it; see ``placing.move``."""
        placing.move(node, target, position)

    def rebuild(self, batch_size: int = 1000, **filters: Any) -> None:
        """Mend every roadmap, or those whose roots ``filters`` find; see ``integrity.repair``."""
        using = self._db or router.db_for_write(self.model)
        roots = plain_rows(self.tree_model, using).filter(parent=None, **filters)
        for path in roots.values_list("path", flat=True) if filters else ():
            integrity.repair(path, using=using)
        if not filters:
            integrity.repair(using=using)

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

    def get_by_natural_key(self, path: str, url: str) -> Resource:
        """The link to ``url`` on the node at ``path``, for fixtures."""
        resource: Resource = self.get(node__path=path, url=url)
        return resource

    def update(self, **kwargs: Any) -> int:
        self._for_write = True
        pks = list(self.values_list("pk", flat=True))
        with self._lock_nodes_of(pks):
            rows = super().update(**kwargs)
            # The node itself may be what was set, to a value that only the database knows.
            with self._lock_nodes_of(pks):
                return rows

    update.alters_data = True  # type: ignore[attr-defined]

    def delete(self) -> tuple[int, dict[str, int]]:
        self._for_write = True
        with self._lock_nodes_of(list(self.values_list("pk", flat=True))):
            return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        self._for_write = True
        objs = list(objs)
        with self._lock({resource.node_id for resource in objs}):
            return super().bulk_create(objs, *args, **kwargs)

    def _lock_nodes_of(self, pks: Collection[Any]) -> AbstractContextManager[Any]:
        rows = plain_rows(self.model, self.db).filter(pk__in=pks)
        return self._lock(set(rows.values_list("node_id", flat=True)))

    def _lock(self, node_ids: Collection[Any]) -> AbstractContextManager[Any]:
        nodes = self.model.node.field.related_model
        return locking.lock_roadmaps_of(nodes, self.db, node_ids)
