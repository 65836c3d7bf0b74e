"""What goes with nodes that are deleted: counted, where Django would read and list each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.contrib.admin.utils import NestedObjects
from django.db import router
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from django_roadmap.models import Progress, Resource, RoadmapNode
from django_roadmap.rows import plain_rows

OURS = frozenset({RoadmapNode, Resource, Progress, RoadmapNode.prerequisites.through})

Deleted = tuple[list[Any], dict[str, int], set[str], list[Any]]


class Others(NestedObjects):
    """Finds what a site's own models have on nodes: what goes with them, and what protects them."""

    def related_objects(self, related_model: Any, related_fields: Any, objs: Any) -> Any:
        found: Any = super().related_objects(related_model, related_fields, objs)
        return found.none() if related_model._meta.concrete_model in OURS else found


def deleted_with(nodes: Iterable[Any], request: HttpRequest, model_admin: Any) -> Deleted:
    """As ``ModelAdmin.get_deleted_objects()``: what is named, the counts, what is not allowed and
    what is in the way.

    Whoever may delete a node may delete what is ours on it: resources, and marks of learners.
    """
    using, site = router.db_for_write(RoadmapNode), model_admin.admin_site
    going = list(_branches(list(nodes), using))
    needed = _not_allowed(going, request, site)
    keys = [node.pk for node in going]
    marks = plain_rows(Progress, using).filter(node__in=keys)
    resources = plain_rows(Resource, using).filter(node__in=keys)
    counts = {
        str(RoadmapNode._meta.verbose_name_plural): len(going),
        str(Resource._meta.verbose_name_plural): resources.count(),
        _("marks of learners"): marks.count(),
        _("learners with marks here"): marks.values("user").distinct().count(),
    }
    others = Others(using=using, origin=going)
    others.collect(going)
    named = _named(going, site)
    models: dict[Any, Any] = others.model_objs
    for model, found in models.items():
        if model not in OURS:
            counts[str(model._meta.verbose_name_plural)] = len(found)
            named += [_name(other) for other in found]
            needed |= _not_allowed(found, request, site)
    counts = {name: count for name, count in counts.items() if count}
    return named, counts, needed, [_name(other) for other in others.protected]


def _branches(chosen: Sequence[RoadmapNode], using: str) -> Iterator[RoadmapNode]:
    """These nodes and all below them, each once, in the order of the trees."""
    keys = {node.pk for node in chosen}
    # Not each branch by a condition of its own, of which SQLite takes less than 1,000.
    rows = plain_rows(RoadmapNode, using).filter(
        tree_id__in={node.tree_id for node in chosen},
        lft__gte=min((node.lft for node in chosen), default=0),
        rght__lte=max((node.rght for node in chosen), default=0),
    )
    top = None
    for node in rows.order_by("tree_id", "lft"):
        if top is None or node.tree_id != top.tree_id or node.lft > top.rght:
            top = node if node.pk in keys else None
        if top is not None:
            yield node


def _named(going: Sequence[RoadmapNode], site: Any) -> list[Any]:
    """Titles that lead to the nodes, those below a node in a list behind it."""
    name = f"{site.name}:django_roadmap_roadmapnode_change"
    link = '<a href="{}">{}</a>' if site.is_registered(RoadmapNode) else "{1}"
    top: list[Any] = []
    places: dict[int | None, tuple[list[Any], list[Any]]] = {}
    for node in going:
        beside, below = places.get(node.parent_id, (top, top))
        if not below and below is not top:
            beside.append(below)
        below.append(format_html(link, reverse(name, args=[node.pk]), node.title))
        places[node.pk] = (below, [])
    return top


def _name(other: Any) -> str:
    return f"{capfirst(other._meta.verbose_name)}: {other}"


def _not_allowed(found: Iterable[Any], request: HttpRequest, site: Any) -> set[str]:
    return {
        str(other._meta.verbose_name)
        for other in found
        if site.is_registered(type(other))
        and not site.get_model_admin(type(other)).has_delete_permission(request, other)
    }
