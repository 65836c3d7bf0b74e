"""The forms of nodes and roadmaps."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import ValidationError
from django.db import router
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_roadmap import paths, placing
from django_roadmap.admin.links import read_links
from django_roadmap.models import Resource, ResourceKind, RoadmapNode
from django_roadmap.rows import plain_rows

PLACE = ("parent", "slug")
"""What a form changes only when its user did, not when it merely shows what was."""


class MarkdownWidget(AdminTextareaWidget):
    """With a button that shows what becomes of the text; without a script, in another tab."""

    template_name = "admin/django_roadmap/widgets/markdown.html"

    def __init__(self, preview_url: str) -> None:
        super().__init__()
        self.preview_url = preview_url

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return {**super().get_context(name, value, attrs), "preview_url": self.preview_url}


class RoadmapForm(forms.ModelForm):  # type: ignore[type-arg]
    """A slug that a script has made from the title is made again, and numbered when taken."""

    links = forms.CharField(
        label=gettext_lazy("Paste links"),
        required=False,
        strip=False,
        widget=AdminTextareaWidget(attrs={"rows": 3, "dir": "auto"}),
        help_text=gettext_lazy(
            "One a line, with a title before it or without, or as Markdown. "
            "Each becomes a resource."
        ),
    )

    def clean_links(self) -> list[Resource]:
        """Resources that are still without a node."""
        found: list[Resource] = []
        errors = []
        there = plain_rows(Resource, router.db_for_write(Resource)).filter(node=self.instance.pk)
        urls = set(there.values_list("url", flat=True))
        for number, links in read_links(self.cleaned_data["links"]):
            problems = [] if links else [_("There is no address in it.")]
            for link in links:
                kind = link.kind if link.kind in ResourceKind.values else ResourceKind.ARTICLE
                resource = Resource(title=link.title, url=link.url, kind=kind)
                try:
                    resource.clean_fields(exclude=["node", "position"])
                except ValidationError as error:
                    # Of two validators that refuse an address, the last one, ours, says more.
                    problems += [said[-1] for said in error.message_dict.values()]
                if link.url in urls:
                    problems.append(_("%s is there already.") % link.url)
                urls.add(link.url)
                found.append(resource)
            errors += [
                _("Line %(number)d: %(problem)s") % {"number": number, "problem": problem}
                for problem in problems
            ]
        if errors:
            raise ValidationError(errors)
        return found

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
