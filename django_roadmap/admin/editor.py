"""The tree of one roadmap, to look through, to choose in and to edit."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_roadmap import paths
from django_roadmap.admin.base import BaseNodeAdmin
from django_roadmap.models import Roadmap, RoadmapNode


class RoadmapFilter(admin.SimpleListFilter):
    """Which roadmap is shown; there is always one, so "All" is not offered."""

    title = gettext_lazy("roadmap")
    parameter_name = "roadmap"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.shown = model_admin.shown_roadmap(request)
        return [(roadmap.path, roadmap.title) for roadmap in model_admin.roadmaps(request)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset

    def choices(self, changelist: Any) -> Any:
        for path, title in self.lookup_choices:
            yield {
                "selected": path == self.shown.path,
                "query_string": changelist.get_query_string({self.parameter_name: path}),
                "display": title,
            }


@dataclass
class Row:
    """A node in the tree, and what its lists begin and end."""

    node: RoadmapNode
    is_match: bool
    ends: int = 0
    notes: Sequence[str] = ()
    may_move: bool = False
    may_add: bool = False

    @property
    def pk(self) -> str:
        """Without separators of thousands."""
        return str(self.node.pk)

    @property
    def has_children(self) -> bool:
        """Whether a list of them follows; otherwise the item ends, and perhaps some around it."""
        return self.ends == 0

    @property
    def closes(self) -> range:
        """For each list that ends behind this node."""
        return range(self.ends - 1)


def rows_of(nodes: Sequence[RoadmapNode], matches: Collection[int] | None) -> list[Row]:
    """Rows of the nodes, in tree order: of all, or of the matches and what is above them."""
    kept = None
    if matches is not None:
        above = {node.pk: node.parent_id for node in nodes}
        kept = set()
        for pk in matches:
            way: int | None = pk
            while way is not None and way not in kept:
                kept.add(way)
                way = above.get(way)
    rows: list[Row] = []
    open_at: list[int] = []
    for node in nodes:
        if kept is not None and node.pk not in kept:
            continue
        if rows:
            while open_at and open_at[-1] != node.parent_id:
                open_at.pop()
                rows[-1].ends += 1
        open_at.append(node.pk)
        rows.append(Row(node, matches is not None and node.pk in matches))
    if rows:
        rows[-1].ends += len(open_at)
    return rows


class EditorList(ChangeList):
    """All nodes of a roadmap on one page; where some are looked for, with those above them."""

    model_admin: Any

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """That of the tree, whatever the address asks for."""
        return ["tree_id", "lft"]

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        found: Any = self.result_list
        matches = None
        here = RoadmapFilter.parameter_name
        narrowing = [name for name in self.get_filters_params() if name != here]
        self.is_narrowed = bool(self.query or narrowing)
        # Which roadmap is shown is nothing to be cleared.
        self.has_active_filters = bool(narrowing)
        self.clear_all_filters_qs = self.get_query_string(remove=[SEARCH_VAR, *narrowing])
        self.kept = [(name, value) for name, value in self.params.items() if name != SEARCH_VAR]
        if self.is_narrowed:
            matches = [node.pk for node in found]
            found = self.root_queryset.order_by("tree_id", "lft")
        self.rows = rows_of(list(found), matches)
        may_move = self.model_admin.has_change_permission(request)
        may_add = self.model_admin.has_add_permission(request)
        for row in self.rows:
            node = row.node
            row.notes = self.model_admin.notes(node)
            row.may_move = (
                may_move
                and node.parent_id is not None
                and self.model_admin.has_change_permission(request, node)
            )
            row.may_add = may_add and self.model_admin.has_place_permission(request, node)
        self.shown = self.model_admin.shown_roadmap(request)
        # Beside what is not shown there is no telling where a node comes to be.
        self.may_drag = not self.is_narrowed and any(row.may_move for row in self.rows)
        self.filters = urlencode({"_changelist_filters": self.get_query_string()[1:]})


class EditorAdmin(BaseNodeAdmin):
    """For the admin of nodes."""

    change_list_template = "admin/django_roadmap/roadmapnode/change_list.html"
    list_display = ("title",)
    list_filter = (RoadmapFilter, "is_published")
    ordering = ("tree_id", "lft")
    sortable_by = ()
    # A tree is not cut.
    list_per_page = sys.maxsize
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions_selection_counter = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return EditorList

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        self.roadmaps(request)
        return super().get_changelist_instance(request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        roadmaps = self.roadmaps(request)
        wanted = request.GET.get(RoadmapFilter.parameter_name)
        if wanted is not None and wanted not in [roadmap.path for roadmap in roadmaps]:
            message = _("No roadmap has the path %s.") % wanted
            self.message_user(request, message, messages.WARNING)
            return HttpResponseRedirect(self.url("changelist"))
        shown = self.shown_roadmap(request)
        # Read once, since each text that is looked up takes time, and rows are many.
        words = {
            "choose": _("Choose:"),
            "move": _("Move:"),
            "below": _("What is below:"),
            "add": _("Add below"),
        }
        context: dict[str, Any] = {**words, "tools": self.list_tools(request, shown)}
        if shown is not None:
            context["title"] = shown.title
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def list_tools(self, request: HttpRequest, shown: Roadmap | None) -> list[tuple[str, str]]:
        """Addresses and texts of links above the tree."""
        tools, site = [], self.admin_site
        if site.is_registered(Roadmap):
            roadmaps = site.get_model_admin(Roadmap)
            if roadmaps.has_view_permission(request):
                name = f"{site.name}:django_roadmap_roadmap_changelist"
                tools.append((reverse(name), _("All roadmaps")))
        if shown is not None:
            tools.append((self.url("statistics", shown.pk), _("Learners")))
            if page := paths.node_url(shown.path):
                tools.append((page, _("View on site")))
        return tools

    def roadmaps(self, request: HttpRequest) -> list[Roadmap]:
        """All roadmaps, read once; from then on the request is about the list of one of them."""
        if not hasattr(request, "roadmaps"):
            request.roadmaps = list(Roadmap.roots.all())  # type: ignore[attr-defined]
        return request.roadmaps  # type: ignore[attr-defined, no-any-return]

    def shown_roadmap(self, request: HttpRequest) -> Roadmap | None:
        """The roadmap of the list that is asked for: by its path in the address, or the first."""
        roadmaps: list[Roadmap] = getattr(request, "roadmaps", [])
        path = request.GET.get(RoadmapFilter.parameter_name)
        return next((r for r in roadmaps if r.path == path), roadmaps[0] if roadmaps else None)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RoadmapNode]:
        nodes: QuerySet[RoadmapNode] = super().get_queryset(request)
        shown = self.shown_roadmap(request)
        return nodes if shown is None else nodes.filter(tree_id=shown.tree_id)

    def notes(self, node: RoadmapNode) -> Sequence[str]:
        """What stands beside the title of a node in the tree."""
        notes = []
        if not node.is_published:
            notes.append(_("not published"))
        if node.is_optional:
            notes.append(_("optional"))
        return notes
