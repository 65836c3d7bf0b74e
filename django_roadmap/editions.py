"""One version of a roadmap: what is read of it, and what is kept of it in Django's cache.

A roadmap's version is new with every edit, so what is kept with it is never stale. Whatever
the cache does, a page is rendered: it may be empty, full of others' values or out of reach.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from threading import Lock
from typing import Any, Final, TypeVar

import django
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, router
from django.urls import get_script_prefix, get_urlconf
from django.utils import timezone
from django.utils.translation import get_language

from django_roadmap import locking, paths, tree
from django_roadmap.models import Resource, RoadmapNode
from django_roadmap.rows import plain_rows, values_where

logger = logging.getLogger("django_roadmap")

Value = TypeVar("Value")

FIRST: Final = object()
"""Stands for the first published roadmap, where nothing else is given."""

CACHE = "django_roadmap"
"""The cache that is used where ``CACHES`` has it; otherwise the default one is."""

COLUMNS = ("path", "tree_id", "version", "updated_at", "is_published")

KEPT_FOR = 24 * 60 * 60
"""Seconds, so that what hangs on more than the version, such as a tag of the site's, is renewed."""

AT_HAND = 16
"""How many values each process has at hand; one takes one or two kilobytes for each node."""

FORMAT = 2
"""Raised when what is kept looks different, for sites whose cache outlives an upgrade."""


@dataclass
class Edition:
    """A roadmap as it is at one version; one query to find, one more to read all of it."""

    using: str
    unpublished: bool
    path: str
    tree_id: int
    version: str
    updated_at: datetime | None

    @cached_property
    def branches(self) -> dict[int, tree.Branch]:
        """All nodes of the roadmap by primary key; the edition becomes the one that is read."""
        where = (RoadmapNode, self.using, "tree_id", [self.tree_id])
        return self.take(values_where(*where, tree.ROW_FIELDS, "lft"))

    def take(self, rows: list[Any]) -> dict[int, tree.Branch]:
        """Be the edition that these rows are of, which somebody has read."""
        branches = tree.build(rows, unpublished=self.unpublished)
        self.version = next((b.version for b in branches.values() if b.parent_id is None), "")
        self.__dict__["branches"] = branches
        return branches

    @cached_property
    def resources(self) -> dict[int, list[Resource]]:
        """The resources of the whole roadmap in their order, by primary key of the node."""
        found: dict[int, list[Resource]] = {}
        rows = Resource.objects.using(self.using)
        for resource in rows.filter(node__tree_id__in=self._tree_ids()):
            found.setdefault(resource.node_id, []).append(resource)
        return found

    def _tree_ids(self) -> Any:
        return [self.tree_id]

    def way_to(self, target: Any) -> list[tree.Branch]:
        """The nodes from the root to the one of this path or key.

        Raises ``DoesNotExist`` where that, or one above it, is not there or not published.
        """
        if isinstance(target, str):
            pk = next((pk for pk, node in self.branches.items() if node.path == target), 0)
        else:
            pk = target
        way = tree.way_to(self.branches, pk)
        if not way:
            raise RoadmapNode.DoesNotExist(f"No published roadmap or node is at {target!r}.")
        return way

    def kept(self, *parts: object) -> Kept:
        """A place in the cache for what these parts describe, as this visit sees it."""
        look = (surroundings(self.using), self.tree_id, self.unpublished, parts)
        digest = blake2b(repr(look).encode(), digest_size=20).hexdigest()
        return Kept(self, f"django_roadmap.{digest}")


def surroundings(using: str) -> tuple[object, ...]:
    """What decides how something looks besides its content: here, now and for this visit."""
    database = connections[using].settings_dict
    static_version = ""
    with suppress(ImproperlyConfigured):
        # It changes with any static file, where their names are hashed.
        static_version = getattr(staticfiles_storage, "manifest_hash", "")
    return (
        *(FORMAT, django.VERSION, static_version),
        *(using, database["NAME"], database["HOST"], database["PORT"]),
        *(get_language(), get_script_prefix(), get_urlconf() or settings.ROOT_URLCONF),
    )


_recent: OrderedDict[str, tuple[str, float, Any]] = OrderedDict()
_recent_lock = Lock()


class Kept:
    """Values of one edition in the cache. An older edition's are overwritten, not added to.

    Those that a process used last it has at hand, so it need not fetch and unpack them again:
    whoever gets a value must not change it.
    """

    def __init__(self, edition: Edition, key: str) -> None:
        self.edition, self.key = edition, key

    def get(self, **kinds: type) -> list[Any]:
        """The values under these names; None for what is not there or of another version."""
        if not self._is_usable:
            return [None] * len(kinds)
        keys = {f"{self.key}.{name}": kind for name, kind in kinds.items()}
        with _recent_lock:
            found = {key: _recent[key] for key in keys if self._is_fresh(_recent.get(key))}
            for key in found:
                _recent.move_to_end(key)
        if missing := [key for key in keys if key not in found]:
            answer = self._ask(lambda cache: dict(cache.get_many(missing))) or {}
            fetched = {
                key: answer[key]
                for key in missing
                if key in answer and self._is_ours(key, answer[key], keys[key])
            }
            self._remember(fetched)
            found |= fetched
        return [found[key][2] if key in found else None for key in keys]

    def put(self, **values: object) -> None:
        if self._is_usable:
            stamp = self.edition.version, time.time() + KEPT_FOR
            named = {f"{self.key}.{name}": (*stamp, value) for name, value in values.items()}
            self._remember(named)
            self._ask(lambda cache: cache.set_many(named, KEPT_FOR))

    @property
    def _is_usable(self) -> bool:
        """Not under ``DEBUG``, where templates change, and not in the midst of an edit."""
        edition = self.edition
        is_held = edition.version and locking.is_held(edition.using, [edition.tree_id])
        return bool(edition.version) and not is_held and not settings.DEBUG

    def _is_fresh(self, found: tuple[str, float, Any] | None) -> bool:
        return found is not None and found[0] == self.edition.version and found[1] > time.time()

    def _is_ours(self, key: str, found: Any, kind: type) -> bool:
        match found:
            case str(), float(), value if isinstance(value, kind):
                return self._is_fresh(found)
        logger.warning("The cache has something else than ours under %s.", key)
        return False

    def _remember(self, values: dict[str, tuple[str, float, Any]]) -> None:
        with _recent_lock:
            _recent.update(values)
            for key in values:
                _recent.move_to_end(key)
            while len(_recent) > AT_HAND:
                _recent.popitem(last=False)

    def _ask(self, question: Callable[[BaseCache], Value]) -> Value | None:
        try:
            return question(caches[CACHE if CACHE in settings.CACHES else "default"])
        except Exception as error:
            # Each backend has errors of its own, and rubbish may raise anything.
            logger.warning("The cache did not answer: %r", error)
            return None


def read(found: Sequence[Edition]) -> None:
    """Read the nodes of several editions of one database in one query."""
    unread = {edition.path: edition for edition in found if "branches" not in edition.__dict__}
    if len(unread) > 1:
        using = found[0].using
        tree_ids = [edition.tree_id for edition in unread.values()]
        rows: dict[str, list[Any]] = {path: [] for path in unread}
        for row in values_where(RoadmapNode, using, "tree_id", tree_ids, tree.ROW_FIELDS, "lft"):
            rows.setdefault(paths.roadmap_slug(row[3]), []).append(row)
        for path, edition in unread.items():
            edition.take(rows[path])


def find(target: Any, *, unpublished: bool = False) -> Edition | None:
    """The roadmap of a path, of a node or the first one, in one query; None without one.

    Only what is published is found, unless ``unpublished``: the root, and at a path the node.
    Raises ``DoesNotExist`` for a target that can be neither path nor node.
    """
    using = router.db_for_read(RoadmapNode)
    if isinstance(target, str):
        # The node's own row tells whether there is anything to read the roadmap for.
        wanted = [paths.roadmap_slug(target), target]
        if not paths.is_path(target):
            return None
        rows = values_where(RoadmapNode, using, "path", wanted, COLUMNS)
    else:
        if isinstance(target, RoadmapNode):
            using = target._state.db or using
        roots = plain_rows(RoadmapNode, using).filter(parent=None)
        if target is FIRST:
            roots = roots if unpublished else roots.filter(is_published=True)
            roots = roots.order_by("position", "pk")
        elif isinstance(target, RoadmapNode):
            places = plain_rows(RoadmapNode, using).filter(pk=target.pk)
            roots = roots.filter(tree_id__in=places.values("tree_id"))
        else:
            raise RoadmapNode.DoesNotExist(f"{target!r} is neither a path nor a node.")
        rows = list(roots.values_list(*COLUMNS)[:1])
        wanted = [row[0] for row in rows]
    found = {row[0]: row for row in rows if unpublished or row[-1]}
    # All that is wanted, letter by letter: a database may take others for the same.
    if not wanted or not all(path in found for path in wanted):
        return None
    return _edition(using, unpublished, found[wanted[0]])


def published() -> list[Edition]:
    """All published roadmaps in their order, in one query."""
    using = router.db_for_read(RoadmapNode)
    roots = plain_rows(RoadmapNode, using).filter(parent=None, is_published=True)
    rows = roots.order_by("position", "pk").values_list(*COLUMNS)
    return [_edition(using, False, row) for row in rows]


def _edition(using: str, unpublished: bool, row: Any) -> Edition:
    path, tree_id, version, updated_at, _is_published = row
    if settings.USE_TZ and timezone.is_naive(updated_at):
        updated_at = timezone.make_aware(updated_at, connections[using].timezone)
    return Edition(using, unpublished, path, tree_id, version, updated_at)


class InMemory(Edition):
    """A branch that a caller has, changed perhaps: nothing of it is kept."""

    def __init__(self, branch: tree.Branch) -> None:
        using, path = router.db_for_read(RoadmapNode), paths.roadmap_slug(branch.path)
        super().__init__(using, True, path, 0, "", None)
        self.branch = branch

    def way_to(self, target: Any) -> list[tree.Branch]:
        return [self.branch]

    def _tree_ids(self) -> Any:
        return plain_rows(RoadmapNode, self.using).filter(path=self.path).values("tree_id")
