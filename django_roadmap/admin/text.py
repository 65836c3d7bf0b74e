"""Text in, text out in the admin: a form, a preview of what it would do, and files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import router
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.urls import path as route
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_roadmap import downloads, exporting, importing, paths
from django_roadmap.admin.base import COPYING, BaseNodeAdmin, may, may_see_nodes
from django_roadmap.importing import Imported
from django_roadmap.models import Roadmap, RoadmapNode
from django_roadmap.outline import CHECKLIST, FORMATS, OutlineError, Problem, decode, write
from django_roadmap.outline.formats import MAX_BYTES, named
from django_roadmap.rows import plain_rows

REFUSE, UPDATE, DELETE = "refuse", "update", "delete"

NEEDED = {
    REFUSE: COPYING,
    UPDATE: (_CHANGE := (*COPYING, "change_roadmapnode", "change_resource", "delete_resource")),
    DELETE: (*_CHANGE, "delete_roadmapnode"),
}
"""The permissions to import; for a roadmap of its own it takes the one to add roadmaps, too."""

_WORDS = {
    "added": gettext_lazy("New"),
    "moved": gettext_lazy("Moved"),
    "changed": gettext_lazy("Changed"),
    "unpublished": gettext_lazy("Unpublished"),
}
_COUNTS = {
    "added": gettext_lazy("%d new"),
    "moved": gettext_lazy("%d moved"),
    "changed": gettext_lazy("%d changed"),
    "unpublished": gettext_lazy("%d unpublished"),
    "deleted": gettext_lazy("%d deleted"),
}

ROOM = 2**14
"""Bytes of a request that are left to all but the text."""


class OutlineForm(forms.Form):
    """A text that is looked at first, and written when it is sent again with what was seen."""

    required_css_class = "required"

    text = forms.CharField(
        label=gettext_lazy("Text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 20, "class": "vLargeTextField", "dir": "auto"}),
        help_text=gettext_lazy(
            "A title on each line, what belongs to it indented below it; or Markdown, JSON, OPML."
        ),
    )

    def clean_text(self) -> str:
        """The same whichever line ends it came with: a browser sends others than it was shown."""
        return _decoded(self.cleaned_data["text"])

    options: Callable[[], dict[str, Any]]
    """How to read the text, as ``import_text()`` takes it."""

    def digest(self, found: list[Imported]) -> str:
        """What tells a preview from another one, also by others' edits since."""
        before = [self.versions.get(paths.roadmap_slug(imported.path)) for imported in found]
        said = (self.cleaned_data["text"], self.options(), found, before)
        return blake2b(repr(said).encode(), digest_size=16).hexdigest()

    def look(
        self, expected: str, is_allowed: Callable[[list[Imported]], bool]
    ) -> tuple[list[Imported], list[Problem]]:
        """What came of the text, or would, or what is wrong with it.

        It is written if that is what was expected. Raises ``PermissionDenied`` where that is
        not allowed.
        """

        def is_expected(found: list[Imported]) -> bool:
            if not is_allowed(found):
                raise PermissionDenied
            return self.digest(found) == expected

        # Before the lock, which changes them.
        roots = plain_rows(RoadmapNode, router.db_for_write(RoadmapNode)).filter(parent=None)
        self.versions = dict(roots.values_list("path", "version"))
        text, options = self.cleaned_data["text"], self.options()
        try:
            return importing.import_text(text, only_if=is_expected, **options), []
        except OutlineError as error:
            return [], error.problems


class ImportForm(OutlineForm):
    """A text and what to make of it. Of a file the text is taken, to be looked at and changed."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        help_text=gettext_lazy("Instead of the text above."),
    )
    format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        required=False,
        choices=[
            ("", gettext_lazy("Detected from the text")),
            *((found.name, found.label) for found in FORMATS.values() if found.read),
        ],
    )
    title = forms.CharField(
        label=gettext_lazy("Title"),
        required=False,
        help_text=gettext_lazy("Of a roadmap to put above all of the text, where that has none."),
    )
    slug = forms.CharField(
        label=gettext_lazy("Slug"),
        required=False,
        help_text=gettext_lazy(
            "Left empty, it is in the text or made from the title. Of several, with spaces between."
        ),
    )
    under = forms.CharField(
        label=gettext_lazy("Below"),
        required=False,
        help_text=gettext_lazy("The path of a node to add it to. Left empty, it is a roadmap."),
    )
    existing = forms.ChoiceField(
        label=gettext_lazy("What is there already"),
        initial=REFUSE,
        widget=forms.RadioSelect,
        choices=[
            (REFUSE, gettext_lazy("Leave it alone")),
            (UPDATE, gettext_lazy("Bring it up to date; unpublish what the text lacks")),
            (DELETE, gettext_lazy("Bring it up to date; delete what the text lacks, marks too")),
        ],
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["under"].required = not may(user, "add_roadmap")
        existing: Any = self.fields["existing"]
        existing.choices = [
            (value, label) for value, label in existing.choices if may(user, *NEEDED[value])
        ]

    def clean_file(self) -> str:
        """The text in the file, which then takes the place of what was typed."""
        file = self.cleaned_data["file"]
        if file is None:
            return ""
        limits = [MAX_BYTES, settings.DATA_UPLOAD_MAX_MEMORY_SIZE]
        most = min(limit for limit in limits if limit is not None)
        text = _decoded(file.read()) if file.size <= most else ""
        # It comes back from the text area, where each line ends in two characters.
        if file.size > most or len(text.encode()) + text.count("\n") + ROOM > most:
            message = _("It is too large for this page, which takes %s: use roadmap_import.")
            raise forms.ValidationError(message % filesizeformat(most))
        return text

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        # One that is refused stays in the text area, to be mended.
        if "text" in data or data.get("file"):
            data["text"] = data.get("file") or data["text"]
        if data.get("file"):
            file: Any = self.files["file"]
            data["format"] = data.get("format") or named(file.name, to_read=True) or ""
        if not data.get("text", "").strip() and not self.errors:
            self.add_error("text", _("Write or paste a text, or choose a file."))
        return data

    def options(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "format": data["format"] or None,
            "slugs": data["slug"].split(),
            "title": data["title"],
            "under": data["under"],
            "update": data["existing"] != REFUSE,
            "delete": data["existing"] == DELETE,
        }


class TextAdmin(BaseNodeAdmin):
    """For the admin of roadmaps: pages to import text, and links to files."""

    def get_urls(self) -> list[Any]:
        view, name = self.admin_site.admin_view, "django_roadmap_roadmap"
        return [
            route("import/", view(self.import_view), name=f"{name}_import"),
            route("<int:pk>/export/<str:format>/", view(self.export_view), name=f"{name}_export"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"may_import": may(request.user, *NEEDED[REFUSE]), **(extra_context or {})}
        return super().changelist_view(request, extra_context=context)

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """First shows what a text would do; then does it, if it is still the same."""
        if not may(request.user, *NEEDED[REFUSE]):
            raise PermissionDenied
        initial = {"under": request.GET.get("under", "")}
        bound = (request.POST, request.FILES) if request.method == "POST" else ()
        form = ImportForm(*bound, user=request.user, initial=initial)
        problems: list[Problem] = []
        found: list[Imported] = []
        if form.is_valid():
            expected = request.POST.get("confirm", "")
            try:
                found, problems = form.look(expected, partial(self._may_import, request, form))
            except RoadmapNode.DoesNotExist as error:
                form.add_error("under", str(error))
            if found and form.digest(found) == expected:
                model = RoadmapNode if form.cleaned_data["under"] else Roadmap
                return self._imported(request, found, model)
            if found and expected:
                message = _("This is not what you have seen before: look at it again.")
                self.message_user(request, message, messages.WARNING)
        if form.is_bound and "text" in form.cleaned_data:
            shown = {name: form.cleaned_data.get(name, "") for name in ("text", "format")}
            form.data = {**request.POST.dict(), **shown}
        return self.page(
            request,
            "import",
            title=_("Import roadmaps"),
            form=form,
            problems=problems,
            found=[preview(imported) for imported in found],
            confirm=form.digest(found) if found else "",
            has_view_permission=self.has_view_permission(request),
        )

    def _may_import(self, request: HttpRequest, form: ImportForm, found: list[Imported]) -> bool:
        """Whether the nodes that this adds to or brings up to date allow it, too."""
        site, data = self.admin_site, form.cleaned_data
        if not site.is_registered(RoadmapNode):
            return True
        nodes: Any = site.get_model_admin(RoadmapNode)
        rows = plain_rows(RoadmapNode, router.db_for_write(RoadmapNode))
        above = rows.filter(path__in=[data["under"]] if data["under"] else [])
        old = rows.filter(path__in=[each.path for each in found if not each.is_new])
        return (
            all(nodes.has_place_permission(request, node) for node in above)
            and all(nodes.has_change_permission(request, node) for node in old)
            and all(
                nodes.has_delete_permission(request, node)
                for node in (old if data["existing"] == DELETE else ())
            )
        )

    def _imported(
        self, request: HttpRequest, found: list[Imported], model: type[RoadmapNode]
    ) -> HttpResponse:
        rows = plain_rows(model, router.db_for_write(model))
        tops = {node.path: node for node in rows.filter(path__in=[each.path for each in found])}
        for imported in found:
            changes = summed_up(imported)
            # Somebody may have deleted or renamed it since.
            if imported.path in tops:
                log = self.log_addition if imported.is_new else self.log_change
                log(request, tops[imported.path], _("Imported as text: %s.") % changes)
            said = {"node": imported.rows[0].title, "changes": changes}
            message = _("“%(node)s” was imported: %(changes)s.") % said
            self.message_user(request, message, messages.SUCCESS)
        return HttpResponseRedirect(self._url_after(request, found))

    def _url_after(self, request: HttpRequest, found: list[Imported]) -> str:
        """Where what was imported can be seen, by those who may look."""
        name = self.admin_site.name
        roadmaps = {paths.roadmap_slug(imported.path) for imported in found}
        if len(roadmaps) == 1 and may_see_nodes(request.user):
            url = reverse(f"{name}:django_roadmap_roadmapnode_changelist")
            return f"{url}?{urlencode({'roadmap': roadmaps.pop()})}"
        if self.has_view_permission(request):
            return reverse(f"{name}:django_roadmap_roadmap_changelist")
        return reverse(f"{name}:index")

    def export_view(self, request: HttpRequest, pk: int, format: str) -> HttpResponse:
        """A roadmap as a file, with all that is unpublished."""
        roadmap = self.get_queryset(request).filter(pk=pk).first()
        if roadmap is None or format not in FORMATS:
            raise Http404
        if not (self.has_view_permission(request, roadmap) and may_see_nodes(request.user)):
            raise PermissionDenied
        try:
            outline = exporting.outline_of(roadmap, roadmap._state.db)
        except RoadmapNode.DoesNotExist as error:
            # Deleted just now.
            raise Http404 from error
        text = write([outline], format)
        return downloads.file_response(roadmap.path, FORMATS[format], text)

    @admin.display(description=gettext_lazy("export"))
    def export(self, roadmap: Roadmap) -> SafeString:
        name = f"{self.admin_site.name}:django_roadmap_roadmap_export"
        links = [
            (reverse(name, args=[roadmap.pk, found.name]), found.label, roadmap)
            for found in FORMATS.values()
            if found.name != CHECKLIST
        ]
        link = '<a href="{}">{}<span class="visually-hidden">: {}</span></a>'
        return format_html_join(" ", link, links)


def _decoded(source: str | bytes) -> str:
    try:
        return decode(source)
    except OutlineError as error:
        raise forms.ValidationError(list(map(str, error.problems))) from error


def preview(imported: Imported) -> dict[str, Any]:
    """The nodes as they would be, each with what is to become of it."""
    told = [({*imported.told[what]}, word) for what, word in _WORDS.items()]
    rows = [
        {
            "indent": range(row.level - imported.rows[0].level),
            "row": row,
            "words": _(", ").join(str(word) for changed, word in told if row.path in changed),
        }
        for row in imported.rows
    ]
    return {
        "imported": imported,
        "rows": rows,
        "deleted": imported.told["deleted"],
        "summed_up": summed_up(imported),
    }


def summed_up(imported: Imported) -> str:
    counts = {what: len(paths) for what, paths in imported.told.items()}
    words = [_COUNTS[what] % count for what, count in counts.items() if count]
    return _(", ").join(words) or _("nothing to change")
