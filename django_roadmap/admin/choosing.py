"""To choose nodes by typing: Django's autocomplete, over paths and titles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import (
    AutocompleteMixin,
    AutocompleteSelect,
    AutocompleteSelectMultiple,
)
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from django_roadmap.models import RoadmapNode
from django_roadmap.rows import plain_rows


def label_of(node: RoadmapNode) -> str:
    """What tells a node from others of the same title."""
    return f"{node.title} ({node.path})"


class NodeField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return label_of(obj)


class NodesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return label_of(obj)


class _InRoadmap(AutocompleteMixin):
    """Offers the nodes of one roadmap: that of the node with the key ``beside``; or all nodes."""

    beside: str = ""

    def get_url(self) -> str:
        name = f"{self.admin_site.name}:django_roadmap_roadmapnode_autocomplete"
        return reverse(name, args=[self.beside] if self.beside else [])

    def build_attrs(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """With a text where nothing is chosen, which also names the field for screen readers."""
        attrs: dict[str, Any] = super().build_attrs(*args, **kwargs)
        return {**attrs, "data-placeholder": _("Type a path or a title")}

    def optgroups(self, name: str, value: Sequence[str], attrs: Any = None) -> Any:
        """Of values that can be keys; Django would ask the database for any."""
        keys = [key for key in value if key.isdecimal() and len(key) < 19]
        return super().optgroups(name, keys, attrs)


class NodeSelect(_InRoadmap, AutocompleteSelect):
    """For one node."""


class NodeSelectMultiple(_InRoadmap, AutocompleteSelectMultiple):
    """For several."""


class NodeAutocompleteView(AutocompleteJsonView):
    """Answers these fields, in the order of the trees."""

    def get_queryset(self) -> QuerySet[Any]:
        nodes: QuerySet[Any] = super().get_queryset()
        beside = self.kwargs.get("pk")
        if beside is not None:
            here = plain_rows(RoadmapNode, nodes.db).filter(pk=beside)
            nodes = nodes.filter(tree_id__in=here.values("tree_id"))
        # The list's search looks at summaries, too, which are not to be seen here.
        for word in self.term.split():
            nodes = nodes.filter(Q(title__icontains=word) | Q(path__icontains=word))
        return nodes.order_by("tree_id", "lft")

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        return {**super().serialize_result(obj, to_field_name), "text": label_of(obj)}

    def has_perm(self, request: HttpRequest, obj: Any = None) -> bool:
        """Also for those who may only add."""
        return super().has_perm(request, obj) or self.model_admin.has_add_permission(request)
