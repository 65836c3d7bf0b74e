"""What an instance in memory may decide, and what only the rows know.

An instance is as old as its reading. So what its caller set on it is told apart from what
was read, and places are always taken over from rows read under the lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from django_roadmap.rows import plain_rows

if TYPE_CHECKING:
    from django_roadmap.models import RoadmapNode

TREE_FIELDS = ("tree_id", "lft", "rght", "level")
_MISSING: Final = object()

DERIVED_FIELDS = frozenset({*TREE_FIELDS, "parent", "parent_id", "slug", "path", "version"})
"""Fields that hang together over several rows, so none is written by itself."""


def remember(node: RoadmapNode, names: set[str] | None = None) -> None:
    """Note parent and slug as the database has them, so that what a caller sets is told apart."""
    noted = {
        key: node.__dict__[key]
        for key, name in (("parent_id", "parent"), ("slug", "slug"))
        if key in node.__dict__ and (names is None or not names.isdisjoint({key, name}))
    }
    node._loaded = {**node._loaded, **noted}
    node._mptt_cached_fields = {"parent": node._loaded.get("parent_id")}


def adopt(node: RoadmapNode, fresh: RoadmapNode) -> None:
    """Take over from a copy read under the lock what an instance in memory must not decide."""
    for name in ("parent_id", "slug"):
        if not was_set(node, name) and node.__dict__.get(name, _MISSING) != getattr(fresh, name):
            setattr(node, name, getattr(fresh, name))
    for name in (*TREE_FIELDS, "path", "version"):
        setattr(node, name, getattr(fresh, name))
    node._loaded = {"parent_id": fresh.parent_id, "slug": fresh.slug}
    node._mptt_cached_fields = {"parent": fresh.parent_id}


def was_set(node: RoadmapNode, name: str) -> bool:
    """Whether the caller, rather than the database, gave the instance this value."""
    return name in node.__dict__ and node.__dict__[name] != node._loaded.get(name, _MISSING)


def reread(node: RoadmapNode, using: str) -> None:
    """Tell the caller's own objects, a node and the parents it holds, where they are now."""
    above = list(_cached_way_up(node))
    rows = plain_rows(type(node), using).filter(pk__in=[other.pk for other in above])
    places = {pk: place for pk, *place in rows.values_list("pk", *TREE_FIELDS)}
    for other in above:
        for name, value in zip(TREE_FIELDS, places.get(other.pk, ()), strict=False):
            setattr(other, name, value)


def own_fields(node: RoadmapNode, update_fields: set[str] | None) -> set[str]:
    """The names of the fields that ``save()`` writes from the instance."""
    if update_fields is None:
        deferred = node.get_deferred_fields()
        update_fields = {
            field.name
            for field in node._meta.concrete_fields
            if not field.primary_key and field.attname not in deferred
        }
    return (update_fields - DERIVED_FIELDS) | {"updated_at"}


@contextmanager
def as_it_was_on_error(node: RoadmapNode) -> Iterator[None]:
    """Put the instance, and the parents it holds, back when the block fails."""
    before = []
    for above in _cached_way_up(node):
        state = {**above._state.__dict__, "fields_cache": {**above._state.fields_cache}}
        before.append((above, {**above.__dict__}, state))
    try:
        yield
    except BaseException:
        for above, values, state in before:
            for kept, now in ((values, above.__dict__), (state, above._state.__dict__)):
                now.clear()
                now.update(kept)
        raise


def _cached_way_up(node: RoadmapNode) -> Iterator[RoadmapNode]:
    """The node and the parents it holds in memory, where a mistake may have made a circle."""
    seen: list[RoadmapNode] = []
    above: RoadmapNode | None = node
    while above is not None and not any(above is other for other in seen):
        seen.append(above)
        yield above
        above = above._state.fields_cache.get("parent")
