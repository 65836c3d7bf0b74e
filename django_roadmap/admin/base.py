"""What the pages of roadmaps and of other nodes have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db import models, router
from django.db.models import Max, QuerySet
from django.forms import BaseInlineFormSet, Script
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path as route
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from django_roadmap import editing, markdown, paths
from django_roadmap.admin import deleting
from django_roadmap.admin.forms import MarkdownWidget, RoadmapForm
from django_roadmap.locking import lock_roadmaps_of
from django_roadmap.managers import NodeQuerySet
from django_roadmap.models import Resource, RoadmapNode
from django_roadmap.rows import plain_rows

COPYING = ("add_roadmapnode", "add_resource")
"""The permissions to make nodes with all that hangs on them."""


def may(user: Any, *names: str) -> bool:
    """Whether somebody has all these permissions for the models of this app."""
    return bool(user.has_perms([f"django_roadmap.{name}" for name in names]))


def may_see_nodes(user: Any) -> bool:
    return may(user, "view_roadmapnode") or may(user, "change_roadmapnode")


class ResourceFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """A new resource without a position comes last."""

    def save_new(self, form: Any, commit: bool = True) -> Any:
        form.instance.position = form.instance.position or _last_position(self.instance) + 1
        return super().save_new(form, commit)


class ResourceInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Resource
    fk_name = "node"
    formset = ResourceFormSet
    fields = ("position", "title", "url", "kind")
    extra = 0
    # What every Django from 6.0 on assumes, and 5.2 warns it will.
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


class BaseNodeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Forms with resources, links to paste, a preview and what a new slug would break."""

    form = RoadmapForm
    inlines = (ResourceInline,)
    prepopulated_fields = {"slug": ("title",)}
    readonly_fields = ("address",)
    search_fields = ("title", "path", "summary")
    actions = ("publish", "unpublish", "duplicate")

    class Media:
        css = {"all": ("django_roadmap/admin.css",)}
        js = (Script("django_roadmap/admin.js", type="module"),)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.preview_view)
        return [route("preview/", view, name=self.url_name("preview")), *super().get_urls()]

    def url_name(self, page: str) -> str:
        """The name of one of this admin's addresses, without that of the site."""
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def url(self, page: str, *args: Any, **query: str) -> str:
        """The address of one of this admin's pages."""
        name = f"{self.admin_site.name}:{self.url_name(page)}"
        return reverse(name, args=args, query=query or None)

    def page(
        self, request: HttpRequest, template: str, status: int = 200, **context: Any
    ) -> TemplateResponse:
        """A page in the frame of the admin."""
        request.current_app = self.admin_site.name
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        name = f"admin/django_roadmap/{template}.html"
        return TemplateResponse(request, name, context, status=status)

    def back_from_nothing(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Where Django leads when a node is not there, with a message."""
        answer: HttpResponse = self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined]
            request, self.opts, object_id
        )
        return answer

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with self._lock_nodes_in(request):
            return super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with self._lock_nodes_in(request):
            return super().changelist_view(request, *args, **kwargs)

    def _lock_nodes_in(self, request: HttpRequest) -> AbstractContextManager[Any]:
        """Before a form is read and checked, so that it is true when saved, and all in order."""
        may_write = request.method == "POST" and (
            self.has_add_permission(request)
            or self.has_change_permission(request)
            or self.has_delete_permission(request)
        )
        if not may_write:
            return nullcontext()
        match = request.resolver_match
        named = [match and match.kwargs.get("object_id")]
        for name, values in request.POST.lists():
            if re.fullmatch(r"parent|prerequisites|_selected_action|form-\d+-id", name):
                named += values
        pks = {int(pk) for pk in named if pk and pk.isdecimal() and len(pk) < 19}
        return lock_roadmaps_of(RoadmapNode, router.db_for_write(self.model), pks)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without what there is nothing to show for, or nothing to do with."""
        without = {"address"} if obj is None else set()
        if not self._may_paste(request, obj):
            without.add("links")
        return [name for name in super().get_fields(request, obj) if name not in without]

    def _may_paste(self, request: HttpRequest, obj: Any) -> bool:
        may_edit = (
            self.has_add_permission(request)
            if obj is None
            else self.has_change_permission(request, obj)
        )
        inline = ResourceInline(self.model, self.admin_site)
        return may_edit and bool(inline.has_add_permission(request, obj))

    def tools(self, request: HttpRequest, node: RoadmapNode) -> list[tuple[str, str]]:
        """Addresses and texts of links above the form."""
        if not may_see_nodes(request.user):
            return []
        name = f"{self.admin_site.name}:django_roadmap_roadmapnode"
        tree = reverse(f"{name}_changelist", query={"roadmap": paths.roadmap_slug(node.path)})
        learners = reverse(f"{name}_statistics", args=[node.pk])
        return [(f"{tree}#node-{node.pk}", _("In the tree")), (learners, _("Learners"))]

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        node = context.get("original")
        if node is not None:
            context["tools"] = self.tools(request, node)
        return super().render_change_form(request, context, *args, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "description":
            kwargs["widget"] = MarkdownWidget(self.url("preview"))
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=gettext_lazy("path"))
    def address(self, node: RoadmapNode) -> SafeString:
        """The path, and what would break if it were another one."""
        below = node.get_descendant_count() if node.parent_id is None else 0
        said = [_("With another slug, links from elsewhere to this address lead nowhere.")]
        if below:
            said.append(
                ngettext(
                    "The address of %d node in it would change, too.",
                    "The addresses of %d nodes in it would change, too.",
                    below,
                )
                % below
            )
        linking = list(_linking_to(node))
        if linking:
            said.append(_("These descriptions link to it: %s.") % _(", ").join(linking))
        lines = format_html_join("", '<div class="help">{}</div>', [(line,) for line in said])
        return format_html('<bdi class="roadmap-path">{}</bdi>{}', node.path, lines)

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """What becomes of a description, and which of its links to nodes lead nowhere."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        text = request.POST.get("description", "")
        linked = {path for path in markdown.roadmap_links(text) if paths.is_path(path)}
        rows = plain_rows(RoadmapNode, router.db_for_read(RoadmapNode)).filter(path__in=linked)
        return self.page(
            request,
            "preview",
            title=request.POST.get("title", "").strip() or _("Preview"),
            html=markdown.to_html(text, paths.node_url),
            lost=sorted(markdown.roadmap_links(text) - set(rows.values_list("path", flat=True))),
        )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        # A form has this field whether it is shown or not.
        may_paste = self._may_paste(request, form.instance if change else None)
        pasted = (may_paste and form.cleaned_data.get("links")) or []
        there = form.instance.resources.values_list("url", flat=True)
        new = [resource for resource in pasted if resource.url not in set(there)]
        for position, resource in enumerate(new, _last_position(form.instance) + 1):
            resource.node, resource.position = form.instance, position
        Resource.objects.bulk_create(new)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        return deleting.deleted_with(objs, request, self)

    @admin.display(description=gettext_lazy("learners"))
    def learners(self, node: Any) -> SafeString | str:
        name = f"{self.admin_site.name}:django_roadmap_roadmapnode_statistics"
        return format_html('<a href="{}">{}</a>', reverse(name, args=[node.pk]), _("Statistics"))

    def view_on_site(self, node: RoadmapNode) -> str | None:
        return paths.node_url(node.path) or None

    @admin.action(description=gettext_lazy("Publish"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._set_published(request, queryset, True)

    @admin.action(description=gettext_lazy("Unpublish"), permissions=["change"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._set_published(request, queryset, False)

    def _set_published(self, request: HttpRequest, queryset: QuerySet[Any], value: bool) -> None:
        nodes = [node for node in queryset if node.is_published != value]
        if not all(self.has_change_permission(request, node) for node in nodes):
            raise PermissionDenied
        plain = self.model._default_manager.filter(pk__in=[node.pk for node in nodes])
        plain.update(is_published=value, updated_at=timezone.now())
        said = _("Published.") if value else _("Unpublished.")
        user: Any = request.user
        LogEntry.objects.log_actions(user.pk, nodes, CHANGE, said)
        if value:
            message = ngettext("%d was published.", "%d were published.", len(nodes))
        else:
            message = ngettext("%d was unpublished.", "%d were unpublished.", len(nodes))
        self.message_user(request, message % len(nodes), messages.SUCCESS)

    def has_duplicate_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may copy nodes, with their resources."""
        return self.has_add_permission(request) and may(request.user, *COPYING)

    def may_copy(self, request: HttpRequest, node: RoadmapNode) -> bool:
        """Whether somebody may copy this one to the place beside it."""
        return self.has_view_permission(request, node)

    @admin.action(description=gettext_lazy("Duplicate"), permissions=["duplicate"])
    def duplicate(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Copy nodes, each with all below it, to the place behind it; unpublished at first."""
        for node in cast(NodeQuerySet, queryset).topmost()[0]:
            if not self.may_copy(request, node):
                raise PermissionDenied
            made = editing.copy(node, *(() if node.parent_id is None else (node, "right")))
            copy = self.model._default_manager.get(pk=made.pk)
            copy.is_published = False
            copy.save(update_fields=["is_published"])
            self.log_addition(request, copy, _("Copied from “%s”.") % node)
            message = _("“%s” was duplicated. The copy is not published yet.") % node
            self.message_user(request, message, messages.SUCCESS)


def _last_position(node: RoadmapNode) -> int:
    last: int | None = node.resources.aggregate(last=Max("position"))["last"]
    return last or 0


def _linking_to(node: RoadmapNode) -> Iterable[str]:
    """Paths of the nodes whose descriptions link to this one, or to one in this roadmap."""
    # As it is written: others than these letters may be quoted.
    wanted = f"roadmap:{node.path}" if node.path.isascii() else "roadmap:"
    rows = plain_rows(RoadmapNode, node._state.db).filter(description__contains=wanted)
    inside = f"{node.path}/" if node.parent_id is None else None
    for path, description in rows.order_by("tree_id", "lft").values_list("path", "description"):
        links = markdown.roadmap_links(description)
        if any(link == node.path or (inside and link.startswith(inside)) for link in links):
            yield path
