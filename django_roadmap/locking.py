"""The lock of a roadmap: one UPDATE of its root, which also gives it a new version.

A row that a transaction has updated is locked until its end on every database, SQLite
included, which has no ``SELECT ... FOR UPDATE``. So that UPDATE comes first, and only
then are the nodes read that an edit is about: what was read before may be stale.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models, transaction
from django.utils import timezone

_held: ContextVar[frozenset[tuple[str, int]]] = ContextVar("django_roadmap_held", default=frozenset())

ATTEMPTS = 10
"""How often a node may change its roadmap between our reading where it is and the lock."""


class _Elsewhere(Exception):
    """A node turned out to be in a roadmap that is not locked."""


def new_version() -> str:
    """A token that no rolled-back edit can have used before, unlike the next number."""
    return secrets.token_hex(16)


def is_held(using: str, tree_ids: Iterable[int]) -> bool:
    """Whether the roadmaps of all these trees are locked by the block we are in."""
    return {(using, tree_id) for tree_id in tree_ids} <= _held.get()


@contextmanager
def lock(model: type[models.Model], using: str, tree_ids: Iterable[int]) -> Iterator[None]:
    """Hold the roadmaps of these trees until the block ends, in one transaction.

    Blocks nest: a roadmap that an outer block holds is not updated again. Several are
    taken in the order of their ``tree_id``, so two edits never wait for each other in a ring.
    """
    held = _held.get()
    wanted = sorted({(using, tree_id) for tree_id in tree_ids} - held)
    with transaction.atomic(using=using):
        for _, tree_id in wanted:
            _take(models.QuerySet(model, using=using), tree_id)
        token = _held.set(held.union(wanted))
        try:
            yield
        finally:
            _held.reset(token)


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
    for attempt in range(ATTEMPTS):
        current = None
        try:
            with lock(model, using, tree_ids):
                found = models.QuerySet(model, using=using).in_bulk([pk for pk, _ in nodes])
                actual = {node.tree_id for node in found.values()}
                if not is_held(using, actual):
                    raise _Elsewhere
                current = [found.get(pk) for pk, _ in nodes]
                yield current
                return
        except _Elsewhere:
            if current is not None or attempt == ATTEMPTS - 1:
                raise
            tree_ids = actual
