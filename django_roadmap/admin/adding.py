"""To add nodes by typing their titles, one a line."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path as route
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from django_roadmap import paths
from django_roadmap.admin.moving import MovingAdmin
from django_roadmap.admin.text import OutlineForm, preview
from django_roadmap.importing import Imported
from django_roadmap.models import RoadmapNode
from django_roadmap.outline import Problem


class TitlesForm(OutlineForm):
    """Titles, to be added below ``parent``."""

    def __init__(self, *args: Any, parent: RoadmapNode, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parent = parent
        field = self.fields["text"]
        field.required = True
        field.label = _("Titles")
        field.help_text = _("One title a line. What is indented is below the line above it.")
        field.error_messages["required"] = _("Write at least one title.")
        field.widget.attrs["rows"] = 12

    def clean_text(self) -> str:
        text = super().clean_text()
        if not text.strip():
            raise forms.ValidationError(self.fields["text"].error_messages["required"])
        return text

    def options(self) -> dict[str, Any]:
        return {"format": "text", "under": self.parent.path}


class AddingAdmin(MovingAdmin):
    """For the admin of nodes."""

    def get_urls(self) -> list[Any]:
        view, name = self.admin_site.admin_view(self.titles_view), self.url_name("titles")
        return [route("<path:object_id>/titles/", view, name=name), *super().get_urls()]

    def titles_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """First shows what the titles would become; then adds them."""
        parent = self.get_object(request, unquote(object_id))
        if parent is None:
            return self.back_from_nothing(request, object_id)
        if not (self.has_add_permission(request) and self.has_place_permission(request, parent)):
            raise PermissionDenied
        form = TitlesForm(request.POST if request.method == "POST" else None, parent=parent)
        problems: list[Problem] = []
        found: list[Imported] = []
        if form.is_valid():
            expected = request.POST.get("confirm", "")
            try:
                found, problems = form.look(expected, lambda found: True)
            except RoadmapNode.DoesNotExist:
                # Deleted or renamed just now.
                return self.back_from_nothing(request, object_id)
            if found and form.digest(found) == expected:
                return self._added(request, parent, found)
            if found and expected:
                message = _("This is not what you have seen before: look at it again.")
                self.message_user(request, message, messages.WARNING)
        return self.page(
            request,
            "titles",
            title=_("Add below: %s") % parent,
            parent=parent,
            form=form,
            problems=problems,
            found=[preview(imported) for imported in found],
            confirm=form.digest(found) if found else "",
            one_url=self.url(
                "add",
                parent=str(parent.pk),
                _changelist_filters=urlencode({"roadmap": paths.roadmap_slug(parent.path)}),
            ),
            close_url=self.url("changelist", roadmap=paths.roadmap_slug(parent.path)),
        )

    def _added(
        self, request: HttpRequest, parent: RoadmapNode, found: list[Imported]
    ) -> HttpResponse:
        count = sum(len(imported.rows) for imported in found)
        said = {"count": count, "parent": parent}
        logged = ngettext(
            "Added %d node below by typing.", "Added %d nodes below by typing.", count
        )
        self.log_change(request, parent, logged % count)
        message = ngettext(
            "%(count)d node was added below “%(parent)s”.",
            "%(count)d nodes were added below “%(parent)s”.",
            count,
        )
        self.message_user(request, message % said, messages.SUCCESS)
        address = self.url("changelist", roadmap=paths.roadmap_slug(parent.path))
        return HttpResponseRedirect(f"{address}#node-{parent.pk}")
