"""The lock of a roadmap: one UPDATE of its root, which also gives it a new version.

A row that a transaction has updated is locked until its end on every database, SQLite
included, which has no ``SELECT ... FOR UPDATE``. So that UPDATE comes first, and only
then are the nodes read that an edit is about: what was read before may be stale.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from django_roadmap.rows import plain_rows

_held: WeakKeyDictionary[BaseDatabaseWrapper, frozenset[int]] = WeakKeyDictionary()
"""The ``tree_id`` of the roadmaps that blocks hold now; a lock belongs to a connection."""

ATTEMPTS = 10
"""How often a node may change its roadmap between our reading where it is and the lock."""


class _Elsewhere(Exception):
    """A node turned out to be in a roadmap that is not locked."""


def new_version() -> str:
    """A token that no rolled-back edit can have used before, unlike the next number."""
    return secrets.token_hex(16)


def is_held(using: str, tree_ids: Iterable[int]) -> bool:
    """Whether the roadmaps of all these trees are locked by the block we are in."""
    return _held.get(connections[using], frozenset()).issuperset(tree_ids)


@contextmanager
def lock(model: type[models.Model], using: str, tree_ids: Iterable[int]) -> Iterator[None]:
    """Hold the roadmaps of these trees until the block ends, in one transaction.

    Blocks nest: a roadmap that an outer block holds is not updated again. Several are
    taken in the order of their ``tree_id``, so two edits never wait for each other in a ring.
    """
    connection, wanted = connections[using], frozenset(tree_ids)
    held = _held.get(connection, frozenset())
    with transaction.atomic(using=using):
        for tree_id in sorted(wanted - held):
            _take(plain_rows(model, using), tree_id)
        _held[connection] = held | wanted
        try:
            yield
        finally:
            _held[connection] = held


def _take(rows: models.QuerySet[Any], tree_id: int) -> None:
    """Update the root of a tree: by the index on its two columns, or, when damaged, by parent.

    Found by ``lft`` no other roadmap's root is looked at, so no other roadmap waits.
    """
    values = {"version": new_version(), "updated_at": timezone.now()}
    if not rows.filter(tree_id=tree_id, lft=1).update(**values):
        rows.filter(tree_id=tree_id, parent=None).update(**values)


@contextmanager
def lock_nodes(
    model: type[models.Model], using: str, nodes: Sequence[tuple[Any, int | None]]
) -> Iterator[list[Any]]:
    """Lock the roadmaps that nodes are in now; the block gets them read again, None where gone.

    ``nodes`` are pairs of a primary key and the ``tree_id`` where it was last seen.
    """
    tree_ids = {tree_id for _, tree_id in nodes if tree_id is not None}
    attempts = 0
    while True:
        attempts += 1
        current = None
        try:
            with lock(model, using, tree_ids):
                found = plain_rows(model, using).in_bulk([pk for pk, _ in nodes])
                actual = {node.tree_id for node in found.values()}
                if not is_held(using, actual):
                    raise _Elsewhere
                current = [found.get(pk) for pk, _ in nodes]
                yield current
                return
        except _Elsewhere:
            if current is not None or attempts == ATTEMPTS:
                raise
            tree_ids = actual


def lock_roadmaps_of(
    model: type[models.Model], using: str, node_ids: Collection[Any]
) -> AbstractContextManager[list[Any]]:
    """Lock the roadmaps that the nodes with these primary keys are in."""
    rows = plain_rows(model, using).filter(pk__in=node_ids)
    return lock_nodes(model, using, list(rows.values_list("pk", "tree_id")))
