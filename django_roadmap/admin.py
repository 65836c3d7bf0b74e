"""The admin: roadmaps in a list, and the nodes of one roadmap at a time as a tree."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import models, router
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path as route
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from mptt.admin import DraggableMPTTAdmin, MPTTModelAdmin
from mptt.exceptions import InvalidMove
from mptt.forms import TreeNodeMultipleChoiceField

from django_roadmap import paths, placing, statistics
from django_roadmap.admin_text import TextAdmin
from django_roadmap.locking import lock_roadmaps_of
from django_roadmap.models import Progress, Resource, Roadmap, RoadmapNode

INDENT = "\u2003"
"""For a level in a list to choose from: an em space."""

PLACE = ("parent", "slug")
"""What a form changes only when its user did, not when it merely shows what was."""


class ResourceInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Resource
    fk_name = "node"
    fields = ("title", "url", "kind", "position")
    extra = 0
    # What every Django from 6.0 on assumes, and 5.2 warns it will.
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


class RoadmapForm(forms.ModelForm):  # type: ignore[type-arg]
    """A slug that a script has made from the title is made again, and numbered when taken."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if self.instance.pk is None and data.get("slug") == paths.slug_from(data.get("title", "")):
            data["slug"] = ""
        return data


class NodeForm(RoadmapForm):
    """A node of a roadmap: below another from the start, and with prerequisites beside it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_root = self.instance.pk is not None and self.instance.parent_id is None
        if "parent" in self.fields:
            self.fields["parent"].required = not is_root
            self.fields["parent"].disabled = is_root
        for name in PLACE:
            if name in self.fields:
                self.fields[name].show_hidden_initial = self.instance.pk is not None

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for name in PLACE:
            # Somebody else may have moved or renamed the node while this form was open.
            if self.instance.pk is not None and name in data and name not in self.changed_data:
                data[name] = getattr(self.instance, name)
        home = data.get("parent") or self.instance
        prerequisites = data.get("prerequisites", ())
        wrong = [
            str(node)
            for node in prerequisites
            if node.tree_id != home.tree_id or node == self.instance
        ]
        if wrong:
            message = _("A prerequisite is another node of the same roadmap, not %s.")
            self.add_error("prerequisites", message % _(", ").join(wrong))
        elif self.instance.pk is not None:
            links = [(self.instance.pk, node.pk) for node in prerequisites]
            using = router.db_for_write(RoadmapNode)
            try:
                placing.check_prerequisites(RoadmapNode, using, home.tree_id, links)
            except ValidationError as error:
                self.add_error("prerequisites", error)
        return data


class BaseNodeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What pages of roadmaps and of other nodes have in common."""

    form = RoadmapForm
    inlines = (ResourceInline,)
    prepopulated_fields = {"slug": ("title",)}
    search_fields = ("title", "slug", "summary")

    class Media:
        css = {"all": ("django_roadmap/admin.css",)}

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with self._lock_nodes_in(request):
            return super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with self._lock_nodes_in(request):
            return super().changelist_view(request, *args, **kwargs)

    def _lock_nodes_in(self, request: HttpRequest) -> AbstractContextManager[Any]:
        """Before a form is read and checked, so that it is true when saved, and all in order."""
        if request.method != "POST":
            return nullcontext()
        match = request.resolver_match
        named = [match and match.kwargs.get("object_id")]
        for name, values in request.POST.lists():
            if re.fullmatch(r"parent|prerequisites|_selected_action|form-\d+-id", name):
                named += values
        pks = {int(pk) for pk in named if pk and pk.isdecimal() and len(pk) < 19}
        return lock_roadmaps_of(RoadmapNode, router.db_for_write(self.model), pks)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        request.marks_go_too = True  # type: ignore[attr-defined]
        return super().get_deleted_objects(objs, request)

    @admin.display(description=gettext_lazy("learners"))
    def learners(self, node: RoadmapNode) -> SafeString:
        name = f"{self.admin_site.name}:django_roadmap_roadmapnode_statistics"
        return format_html('<a href="{}">{}</a>', reverse(name, args=[node.pk]), _("Statistics"))

    def view_on_site(self, node: RoadmapNode) -> str | None:
        return paths.node_url(node.path) or None


@admin.register(Roadmap)
class RoadmapAdmin(TextAdmin, BaseNodeAdmin):
    """Roadmaps in their order; each leads to its tree."""

    list_display = (
        *("title", "path", "tree", "learners", "export"),
        *("is_published", "position", "updated_at"),
    )
    list_editable = ("is_published", "position")
    list_filter = ("is_published",)
    ordering = ("position", "pk")
    fields = ("title", "slug", "summary", "description", "is_published", "position")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Roadmap]:
        roadmaps: QuerySet[Roadmap] = super().get_queryset(request).filter(parent=None)
        return roadmaps

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        permissions = ("django_roadmap.view_roadmapnode", "django_roadmap.change_roadmapnode")
        may_look = any(request.user.has_perm(permission) for permission in permissions)
        return [n for n in self.list_display if n not in ("tree", "learners", "export") or may_look]

    @admin.display(description=gettext_lazy("tree"))
    def tree(self, roadmap: Roadmap) -> SafeString:
        url = reverse(f"{self.admin_site.name}:django_roadmap_roadmapnode_changelist")
        count = roadmap.get_descendant_count()
        return format_html(
            '<a href="{}?{}">{}</a>',
            url,
            urlencode({"roadmap": roadmap.path}),
            ngettext("%(count)d node", "%(count)d nodes", count) % {"count": count},
        )


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


@admin.register(RoadmapNode)
class RoadmapNodeAdmin(BaseNodeAdmin, DraggableMPTTAdmin):
    """The nodes of one roadmap as a tree, in order; drag them to move them."""

    form = NodeForm  # type: ignore[assignment]
    list_display = (  # type: ignore[assignment]
        "tree_actions",
        "indented_title",
        "path",
        "is_published",
        "learners",
        "add_below",
    )
    list_filter = (RoadmapFilter, "is_published", "level")
    sortable_by = ()
    filter_horizontal = ("prerequisites",)
    expand_tree_by_default = True
    fields = (
        "parent",
        "title",
        "slug",
        "summary",
        "description",
        ("is_published", "is_optional", "minutes"),
        "prerequisites",
    )

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.statistics_view)
        name = "django_roadmap_roadmapnode_statistics"
        return [route("<path:object_id>/statistics/", view, name=name), *super().get_urls()]

    def statistics_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """How far learners are with a node; who they are, only for those who may see marks."""
        node = self.get_object(request, unquote(object_id))
        found = node and statistics.of(node)
        if node is None or found is None:
            redirect: HttpResponse = self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined]
                request, self.opts, object_id
            )
            return redirect
        if not self.has_view_permission(request, node):
            raise PermissionDenied
        site = self.admin_site
        may_see_who = site.is_registered(Progress) and site.get_model_admin(
            Progress
        ).has_view_permission(request)
        context = {
            **site.each_context(request),
            "title": _("Learners: %s") % node,
            "opts": self.opts,
            "node": node,
            "above": found.way[:-1],
            "statistics": found,
            "may_see_who": may_see_who,
        }
        request.current_app = site.name
        return TemplateResponse(request, "admin/django_roadmap/statistics.html", context)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self.roadmaps(request)
        shown = self.shown_roadmap(request)
        context = {} if shown is None else {"title": shown.title}
        response: HttpResponse = super().changelist_view(
            request, extra_context={**context, **(extra_context or {})}
        )
        return response

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """``parent``, the only one."""
        kwargs.update(queryset=self._choices(request), level_indicator=INDENT)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """``prerequisites``, the only one."""
        kwargs.update(queryset=self._choices(request), level_indicator=INDENT)
        return super().formfield_for_manytomany(
            db_field, request, form_class=TreeNodeMultipleChoiceField, **kwargs
        )

    def _choices(self, request: HttpRequest) -> QuerySet[RoadmapNode]:
        """The nodes of the roadmap that the form is about; of all when it does not say which."""
        nodes: QuerySet[RoadmapNode] = RoadmapNode.objects.all()
        match = request.resolver_match
        pk = (match and match.kwargs.get("object_id")) or request.GET.get("parent", "")
        if not pk.isdecimal():
            return nodes
        return nodes.filter(tree_id__in=nodes.filter(pk=pk).order_by().values("tree_id"))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        self.roadmaps(request)
        return super().get_changelist_instance(request)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        without = set()
        if not self.has_change_permission(request):
            without.add("tree_actions")
        if not self.has_add_permission(request):
            without.add("add_below")
        return [name for name in self.list_display if name not in without]

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

    def get_actions(self, request: HttpRequest, action_location: Any = None) -> Any:
        """Django's actions: mptt's own to delete would suspend the upkeep of the tree.

        ``action_location`` came with Django 6.1.
        """
        location = {} if action_location is None else {"action_location": action_location}
        return super(MPTTModelAdmin, self).get_actions(request, **location)

    def tree_actions(self, node: RoadmapNode) -> SafeString:
        """mptt's handle, but not on a roadmap itself, which has no other place to go."""
        handle = mark_safe('<div class="drag-handle"></div>') if node.level else ""
        return format_html(
            '{}<div class="tree-node" data-pk="{}" data-level="{}"></div>',
            handle,
            node.pk,
            node.level,
        )

    tree_actions.short_description = ""  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("title"))
    def indented_title(self, node: RoadmapNode) -> SafeString:
        """Indented by elements, since a strict Content-Security-Policy allows no inline style."""
        indent = mark_safe('<span class="roadmap-indent"></span>' * node.level)  # noqa: S308
        return format_html("{}{}", indent, node.title)

    @admin.display(description="")
    def add_below(self, node: RoadmapNode) -> SafeString:
        url = reverse(f"{self.admin_site.name}:django_roadmap_roadmapnode_add")
        roadmap = urlencode({"roadmap": paths.roadmap_slug(node.path)})
        query = urlencode({"parent": node.pk, "_changelist_filters": roadmap})
        return format_html('<a href="{}?{}">{}</a>', url, query, _("Add below"))

    def _move_node(self, request: HttpRequest) -> HttpResponse:
        """Answer mptt's script, which reloads the page and shows the message left here."""
        nodes = self.get_queryset(request)
        try:
            node = nodes.get(pk=request.POST["cut_item"])
            target = nodes.get(pk=request.POST["pasted_on"])
            position = request.POST["position"]
            for touched in (node, target):
                if not self.has_change_permission(request, touched):
                    return self._refused(request, _("You may not move nodes here."), 403)
            node.move_to(target, position)
        except (KeyError, ValueError, RoadmapNode.DoesNotExist):
            return self._refused(request, _("That move is no longer possible: look again."), 400)
        except InvalidMove as error:
            return self._refused(request, str(error), 409)
        self.log_change(request, node, _("Moved to a place in “%s”.") % node.parent)
        self.message_user(request, _("“%s” was moved.") % node)
        return HttpResponse("OK")

    def _refused(self, request: HttpRequest, message: str, status: int) -> HttpResponse:
        self.message_user(request, message, messages.ERROR)
        return HttpResponse(message, status=status, content_type="text/plain; charset=utf-8")


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


@admin.register(Progress)
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

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Also whoever deletes a node: the marks on it go with it."""
        goes_too = obj is not None and hasattr(request, "marks_go_too")
        return goes_too or super().has_delete_permission(request, obj)
