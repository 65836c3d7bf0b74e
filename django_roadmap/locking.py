"""The lock of a roadmap: one UPDATE of its root, which also gives it a new version.

A row that a transaction has updated is locked until its end on every database, SQLite
included, which has no ``SELECT ... FOR UPDATE``. So that UPDATE comes first, and only
then are the nodes read that an edit is about: what was read before may be stale.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from types import MappingProxyType
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from django.db import OperationalError, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from django.utils.translation import gettext as _

from django_roadmap.rows import plain_rows

Found = TypeVar("Found")

_held: WeakKeyDictionary[BaseDatabaseWrapper, frozenset[int]] = WeakKeyDictionary()
"""The ``tree_id`` of the roadmaps that blocks hold now; a lock belongs to a connection."""

ATTEMPTS = 10
"""How often a node may change its roadmap between our reading where it is and the lock."""

MARIADB_DEADLOCK = 1213


class Outdated(Exception):
    """Somebody has changed a roadmap since the version that a change was made from."""


def new_version() -> str:
    """A token that no rolled-back edit can have used before, unlike the next number."""
    return secrets.token_hex(16)


def is_held(using: str, tree_ids: Iterable[int]) -> bool:
    """Whether the roadmaps of all these trees are locked by the block we are in."""
    return _held.get(connections[using], frozenset()).issuperset(tree_ids)


@contextmanager
def lock(
    model: type[models.Model],
    using: str,
    tree_ids: Iterable[int],
    versions: Mapping[int, str] = MappingProxyType({}),
) -> Iterator[None]:
    """Hold the roadmaps of these trees until the block ends, in one transaction.

    Blocks nest: a roadmap that an outer block holds is not updated again. Several are
    taken in the order of their ``tree_id``, so two edits never wait for each other in a ring.
    Raises ``Outdated`` unless those in ``versions`` are still at that version.
    """
    connection, wanted = connections[using], frozenset(tree_ids)
    held = _held.get(connection, frozenset())
    found = plain_rows(model, using)
    with _taken(found, using, sorted(wanted - held), versions, ATTEMPTS):
        _held[connection] = held | wanted
        try:
            yield
        finally:
            _held[connection] = held


def _taken(
    rows: models.QuerySet[Any],
    using: str,
    tree_ids: list[int],
    versions: Mapping[int, str],
    attempts: int,
) -> ExitStack:
    """A transaction that has begun, in which the locks are taken.

    MariaDB's statements may lock more rows than they write, and so end edits of two roadmaps
    with a deadlock. When that comes before anything is done, it is begun again.
    """
    is_outermost = not connections[using].in_atomic_block
    try:
        with ExitStack() as stack:
            stack.enter_context(transaction.atomic(using=using))
            for tree_id in tree_ids:
                _take(rows, tree_id, versions.get(tree_id))
            return stack.pop_all()
    except OperationalError as error:
        if not (is_outermost and attempts and error.args[:1] == (MARIADB_DEADLOCK,)):
            raise
    return _taken(rows, using, tree_ids, versions, attempts - 1)


def _take(rows: models.QuerySet[Any], tree_id: int, version: str | None) -> None:
    """Update the root of a tree: by the index on its two columns, or, when damaged, by parent.

    Found by ``lft`` no other roadmap's root is looked at, so no other roadmap waits. A tree
    without a root, which only damage makes, is locked by all of its rows.
    """
    values = {"version": new_version(), "updated_at": timezone.now()}
    # Asked in the same statement, so that nobody comes between the look and the lock.
    wanted = {} if version is None else {"version": version}
    first = rows.filter(tree_id=tree_id, lft=1)
    if first.filter(**wanted).update(**values):
        return
    # Not by parent for another version: MariaDB would then lock the roots of other roadmaps, too.
    if (wanted and first.filter(parent=None).exists()) or not (
        rows.filter(tree_id=tree_id, parent=None, **wanted).update(**values)
    ):
        if wanted:
            raise Outdated
        rows.filter(tree_id=tree_id).update(updated_at=values["updated_at"])


@contextmanager
def lock_found(
    model: type[models.Model],
    using: str,
    tree_ids: Iterable[int],
    find: Callable[[], tuple[Found, Collection[int]]],
) -> Iterator[Found]:
    """Lock the roadmaps of what ``find()`` finds, which it does again under the lock.

    ``tree_ids`` are where that was last seen; ``find`` returns it with the ``tree_id`` of
    where it is. Raises ``OperationalError`` when it changes its roadmap faster than we lock.
    """
    connection = connections[using]
    if _held.get(connection) or (connection.vendor == "mysql" and connection.in_atomic_block):
        # Where a lock that is taken by mistake would stay, and be in others' way.
        tree_ids = find()[1]
    for _attempt in range(ATTEMPTS):
        with lock(model, using, tree_ids):
            found, tree_ids = find()
            if is_held(using, tree_ids):
                yield found
                return
            transaction.set_rollback(True, using=using)
    raise OperationalError(_("The nodes are being moved between roadmaps all the time: try again."))


def lock_nodes(
    model: type[models.Model], using: str, nodes: Sequence[tuple[Any, int | None]]
) -> AbstractContextManager[list[Any]]:
    """Lock the roadmaps that nodes are in now; the block gets them read again, None where gone.

    ``nodes`` are pairs of a primary key and the ``tree_id`` where it was last seen.
    """

    def find() -> tuple[list[Any], set[int]]:
        found = plain_rows(model, using).in_bulk([pk for pk, _seen in nodes])
        return [found.get(pk) for pk, _seen in nodes], {node.tree_id for node in found.values()}

    seen = {tree_id for _pk, tree_id in nodes if tree_id is not None}
    return lock_found(model, using, seen, find)


def lock_roadmaps_of(
    model: type[models.Model], using: str, node_ids: Collection[Any]
) -> AbstractContextManager[list[Any]]:
    """Lock the roadmaps that the nodes with these primary keys are in."""
    rows = plain_rows(model, using).filter(pk__in=node_ids)
    return lock_nodes(model, using, list(rows.values_list("pk", "tree_id")))
