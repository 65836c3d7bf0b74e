"""Roadmaps and branches of them as files, text or picture, as a visitor may see them."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.generic import View

from django_roadmap import conditional, editions, exporting, paths, plans, tree
from django_roadmap.drawing import THEMES, svg
from django_roadmap.editions import Edition
from django_roadmap.fingerprints import fingerprint
from django_roadmap.models import RoadmapNode
from django_roadmap.outline import CHECKLIST, Format, write
from django_roadmap.progress import Learner
from django_roadmap.rendering import marks_of, template
from django_roadmap.rows import plain_rows
from django_roadmap.views import may_see_unpublished


class ExportView(View):
    """A roadmap, or a branch of one, in one format; a checklist has the visitor's states."""

    def get(
        self, request: HttpRequest, *args: Any, path: str, format: Format, **kwargs: Any
    ) -> HttpResponse:
        edition = editions.find(path, unpublished=may_see_unpublished(request))
        try:
            if edition is None:
                raise RoadmapNode.DoesNotExist
            way = edition.way_to(path)
            states = self._states(edition) if format.name == CHECKLIST else {}
        except RoadmapNode.DoesNotExist as error:
            raise _nothing_at(path) from error

        def render() -> HttpResponse:
            shown = {node.pk for node in tree.walk(way[0])}
            try:
                top = plain_rows(RoadmapNode, edition.using).get(pk=way[-1].pk)
                published = not edition.unpublished
                outline = exporting.outline_of(top, edition.using, shown, only_published=published)
            except RoadmapNode.DoesNotExist as error:
                # Deleted since the edition was read.
                raise _nothing_at(path) from error
            response = file_response(path, format, write([outline], format.name, states))
            response.headers["Link"] = _canonical(request, path)
            return response

        depends_on = [edition.kept("export", path, format.name).key, edition.version, states]
        return conditional.answer(request, depends_on, edition.updated_at, render)

    def _states(self, edition: Edition) -> dict[str, str]:
        learner = Learner.of(self.request)
        if learner is None:
            return {}
        plan = plans.plan(edition)
        standing = plans.Standing(plan, learner.marks(edition))
        # Not the roadmap's: a node in it may have the same slug.
        states = sorted(standing.states.items())
        return {paths.own_slug(plan.paths[place]): state for place, state in states if place}


class MapView(View):
    """The map of a roadmap, or of a branch of one, as a picture with the visitor's states."""

    def get(self, request: HttpRequest, *args: Any, path: str, **kwargs: Any) -> HttpResponse:
        theme = request.GET.get("theme", "light")
        edition = editions.find(path, unpublished=may_see_unpublished(request))
        if edition is None:
            raise _nothing_at(path)
        if theme not in THEMES:
            raise Http404(_("There is no map in the theme %s.") % theme)
        # Somebody who has marked nothing gets what everybody gets.
        marks = marks_of(request, lambda: edition) or None
        node_url, site = paths.node_urls(), request.build_absolute_uri("/").removesuffix("/")

        def render() -> HttpResponse:
            try:
                drawn = svg(
                    edition,
                    path,
                    THEMES[theme],
                    marks=marks,
                    node_url=lambda to: site + node_url(to),
                )
            except RoadmapNode.DoesNotExist as error:
                raise _nothing_at(path) from error
            # To be looked at; whoever saves it gets a name for it.
            name = content_disposition_header(False, f"{path.replace('/', '-')}.svg")
            headers = {"Content-Disposition": name, "Link": _canonical(request, path)}
            return HttpResponse(drawn, content_type="image/svg+xml; charset=utf-8", headers=headers)

        look = fingerprint(template("picture.svg", edition.path))
        states = marks and sorted(marks.items())
        depends_on = [edition.kept("map", path, theme, look).key, edition.version, states]
        return conditional.answer(request, depends_on, edition.updated_at, render)


def file_response(path: str, format: Format, text: str) -> HttpResponse:
    """A text as a file to save, called after the path."""
    name = f"{path.replace('/', '-')}.{format.extension}"
    return HttpResponse(
        text,
        content_type=f"{format.content_type}; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )


def _canonical(request: HttpRequest, path: str) -> str:
    """Search engines are to find the page."""
    return f'<{request.build_absolute_uri(paths.node_url(path))}>; rel="canonical"'


def _nothing_at(path: str) -> Http404:
    return Http404(_("No roadmap or node has the path %s.") % path)
