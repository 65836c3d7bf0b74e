"""What goes with nodes that are deleted: counted, where Django would read and list each row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import router
from django.db.models import Q
from django.db.models.deletion import DO_NOTHING, get_candidate_relations_to_delete
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from django_roadmap.models import Progress, Resource, RoadmapNode
from django_roadmap.rows import plain_rows

Deleted = tuple[list[Any], dict[str, int], set[str], list[Any]]


def others_point_here() -> bool:
    """Whether models of the site itself hang on ours: what becomes of those, Django finds out."""
    ours: Any = {RoadmapNode, Resource, Progress, RoadmapNode.prerequisites.through}
    relations: list[Any] = []
    for model in ours:
        relations += get_candidate_relations_to_delete(model._meta)
    return any(
        relation.on_delete is not DO_NOTHING
        and relation.related_model._meta.concrete_model not in ours
        for relation in relations
    )


def deleted_with(nodes: Iterable[Any], request: HttpRequest, model_admin: Any) -> Deleted:
    """As ``ModelAdmin.get_deleted_objects()``: what is named, the counts, what is not allowed."""
    using = router.db_for_write(RoadmapNode)
    branches = Q(pk__in=())
    for node in nodes:
        branches |= Q(tree_id=node.tree_id, lft__gte=node.lft, rght__lte=node.rght)
    rows = plain_rows(RoadmapNode, using).filter(branches)
    going = list(rows.order_by("tree_id", "lft"))
    needed = set()
    if not all(model_admin.has_delete_permission(request, node) for node in going):
        needed.add(str(RoadmapNode._meta.verbose_name))
    keys = rows.values("pk")
    marks = plain_rows(Progress, using).filter(node__in=keys)
    counts = {
        str(RoadmapNode._meta.verbose_name_plural): len(going),
        str(Resource._meta.verbose_name_plural): plain_rows(Resource, using)
        .filter(node__in=keys)
        .count(),
        _("marks of learners"): marks.count(),
        _("learners with marks here"): marks.values("user").distinct().count(),
    }
    named = _named(going, model_admin)
    return named, {name: count for name, count in counts.items() if count}, needed, []


def _named(going: Sequence[Any], model_admin: Any) -> list[Any]:
    """Titles that lead to the nodes, those below a node in a list behind it."""
    name = f"{model_admin.admin_site.name}:django_roadmap_{model_admin.opts.model_name}_change"
    top: list[Any] = []
    places: dict[int, tuple[list[Any], list[Any]]] = {}
    for node in going:
        beside, below = places.get(node.parent_id, (top, top))
        if not below and below is not top:
            beside.append(below)
        link = format_html('<a href="{}">{}</a>', reverse(name, args=[node.pk]), node.title)
        below.append(link)
        places[node.pk] = (below, [])
    return top
