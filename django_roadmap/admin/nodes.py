"""The nodes of one roadmap at a time: their editor and their forms."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import router
from django.db.models import ForeignKey
from django.http import HttpRequest
from django.urls import path as route
from django.utils.translation import gettext as _

from django_roadmap.admin.adding import AddingAdmin
from django_roadmap.admin.base import COPYING, may
from django_roadmap.admin.choosing import (
    NodeAutocompleteView,
    NodeField,
    NodeSelect,
    NodeSelectMultiple,
    NodesField,
)
from django_roadmap.admin.editor import EditorAdmin
from django_roadmap.admin.forms import NodeForm
from django_roadmap.admin.learners import LearnersAdmin
from django_roadmap.models import RoadmapNode


class RoadmapNodeAdmin(EditorAdmin, AddingAdmin, LearnersAdmin):
    """Fields and permissions; the pages are of the classes above.

    To derive from: ``has_place_permission`` says who may put nodes below which, ``notes`` what
    stands beside a title in the tree, and Django's own methods and attributes do what they do
    elsewhere.
    """

    form = NodeForm
    fields = (
        *("parent", "title", "slug", "address", "summary", "description"),
        ("is_published", "is_optional", "minutes"),
        *("prerequisites", "links"),
    )

    def get_urls(self) -> list[Any]:
        autocomplete = self.admin_site.admin_view(
            NodeAutocompleteView.as_view(admin_site=self.admin_site)
        )
        name = self.url_name("autocomplete")
        return [
            route("autocomplete/", autocomplete, name=name),
            route("autocomplete/<int:pk>/", autocomplete, name=name),
            *super().get_urls(),
        ]

    def may_copy(self, request: HttpRequest, node: RoadmapNode) -> bool:
        """A roadmap is copied by those who may add one; elsewhere the place counts, too."""
        if not self.has_view_permission(request, node):
            return False
        if node.parent is None:
            return may(request.user, "add_roadmap", *COPYING)
        return self.has_place_permission(request, node.parent)

    def tools(self, request: HttpRequest, node: RoadmapNode) -> list[tuple[str, str]]:
        tools = super().tools(request, node)
        if node.parent_id is not None and self.has_change_permission(request, node):
            tools.append((self.url("move", node.pk), _("Move")))
        if self.has_add_permission(request) and self.has_place_permission(request, node):
            tools.append((self.url("titles", node.pk), _("Add below")))
        return tools

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        moves = not change or "parent" in form.changed_data
        if moves and obj.parent and not self.has_place_permission(request, obj.parent):
            raise PermissionDenied
        super().save_model(request, obj, form, change)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """``parent``: any node, by its path."""
        widget = NodeSelect(db_field, self.admin_site)
        kwargs.update(form_class=NodeField, queryset=self._nodes(), widget=widget)
        return ForeignKey.formfield(db_field, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """``prerequisites``: offered are the nodes of the same roadmap."""
        widget = NodeSelectMultiple(db_field, self.admin_site)
        match = request.resolver_match
        beside = (match and match.kwargs.get("object_id")) or request.GET.get("parent", "")
        widget.beside = beside if beside.isdecimal() else ""
        return db_field.formfield(
            form_class=NodesField, queryset=self._nodes(), widget=widget, **kwargs
        )

    def _nodes(self) -> Any:
        return RoadmapNode.objects.using(router.db_for_write(RoadmapNode))
