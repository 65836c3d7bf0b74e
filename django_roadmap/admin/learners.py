"""Who has marked what, and how far learners are with a node."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path as route
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_roadmap import statistics
from django_roadmap.admin.base import BaseNodeAdmin
from django_roadmap.models import Progress, RoadmapNode


class LearnersAdmin(BaseNodeAdmin):
    """For the admin of nodes: a page of numbers about the learners of each."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.statistics_view)
        name = self.url_name("statistics")
        return [route("<path:object_id>/statistics/", view, name=name), *super().get_urls()]

    def statistics_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """How far learners are with a node; who they are, only for those who may see marks."""
        node = self.get_object(request, unquote(object_id))
        found = node and statistics.of(node)
        if node is None or found is None:
            return self.back_from_nothing(request, object_id)
        if not self.has_view_permission(request, node):
            raise PermissionDenied
        site = self.admin_site
        may_see_who = site.is_registered(Progress) and site.get_model_admin(
            Progress
        ).has_view_permission(request)
        return self.page(
            request,
            "statistics",
            title=_("Learners: %s") % node,
            node=node,
            above=found.way[:-1],
            statistics=found,
            may_see_who=may_see_who,
        )


class NewestPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no more rows than these, however many there are."""

    most = 10_000

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        return rows.order_by()[: self.most].count()


class MarkedNodeFilter(admin.SimpleListFilter):
    """Says which node's marks are listed, where a link has led to these. It offers no others."""

    title = gettext_lazy("node")
    parameter_name = "node"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        pk = self.value()
        if pk is None:
            return []
        title = RoadmapNode.objects.filter(pk=pk).values_list("title", flat=True).first()
        return [(pk, title or pk)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(node=self.value())

    def value(self) -> str | None:
        pk = super().value()
        return pk if pk is None or (pk.isdecimal() and len(pk) < 19) else "0"


class ProgressAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who has marked what, the newest first: to look at. Marks are made by learners alone."""

    list_display = ("user", "node", "state", "updated_at")
    list_filter = (MarkedNodeFilter,)
    list_select_related = ("user", "node")
    ordering = ("-pk",)
    sortable_by = ()
    # Of one for all that are found, Django would read each before it asks.
    actions = None
    paginator = NewestPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    search_help_text = gettext_lazy(
        "A whole user name. At most the 10,000 newest marks are listed."
    )

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Exact, which an index finds."""
        return (f"user__{get_user_model().USERNAME_FIELD}__exact",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
