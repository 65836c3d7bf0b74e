"""The list of roadmaps, and their forms."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, ngettext

from django_roadmap.admin.base import may_see_nodes
from django_roadmap.admin.text import TextAdmin
from django_roadmap.models import Progress, Roadmap


class RoadmapAdmin(TextAdmin):
    """Roadmaps in their order; each leads to its tree."""

    list_display = (
        *("title", "tree", "path", "is_published", "position"),
        *("updated_at", "learners", "export"),
    )
    list_editable = ("is_published", "position")
    list_filter = ("is_published",)
    ordering = ("position", "pk")
    fields = (
        *("title", "slug", "address", "summary", "description"),
        *("is_published", "position", "links"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Roadmap]:
        roadmaps: QuerySet[Roadmap] = super().get_queryset(request).filter(parent=None)
        marks = Progress.objects.filter(node__tree_id=OuterRef("tree_id"))
        return roadmaps.annotate(has_learners=Exists(marks))

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        may_look = may_see_nodes(request.user)
        return [n for n in self.list_display if n not in ("tree", "learners", "export") or may_look]

    @admin.display(description=gettext_lazy("tree"))
    def tree(self, roadmap: Roadmap) -> SafeString:
        """Where the roadmap is edited, and how many nodes are in it."""
        url = reverse(f"{self.admin_site.name}:django_roadmap_roadmapnode_changelist")
        count = roadmap.get_descendant_count()
        return format_html(
            '<a href="{}?{}">{}<span class="visually-hidden">: {}</span></a>',
            url,
            urlencode({"roadmap": roadmap.path}),
            ngettext("%(count)d node", "%(count)d nodes", count) % {"count": count},
            roadmap,
        )

    @admin.display(description=gettext_lazy("learners"))
    def learners(self, node: Any) -> SafeString | str:
        return super().learners(node) if node.has_learners else ""
