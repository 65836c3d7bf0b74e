"""Pages: the list of roadmaps, and one for every node."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any, NamedTuple

from django.db import router
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import select_template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.generic import ListView, TemplateView

from django_roadmap import (
    conditional,
    drawing,
    editions,
    markdown,
    paths,
    progress,
    rendering,
    summaries,
    tree,
)
from django_roadmap.counting import LABELS, Span, span
from django_roadmap.editions import Edition, Kept
from django_roadmap.fingerprints import Look, fingerprint
from django_roadmap.models import Resource, ResourceKind, Roadmap, RoadmapNode
from django_roadmap.outline import FORMATS
from django_roadmap.plans import Standing
from django_roadmap.progress import Learner, Marks
from django_roadmap.tree import Branch

MOST_SIBLINGS = 20
"""A page lists those beside its node up to here; more would be a second table of contents."""


def may_see_unpublished(request: HttpRequest) -> bool:
    """Staff who may edit nodes see what is not published yet, marked as such."""
    user = getattr(request, "user", None)
    return bool(user and user.is_staff and user.has_perm("django_roadmap.change_roadmapnode"))


class ConditionalMixin:
    """Pages that a visitor may have already."""

    answers_early: bool | None = None
    """Whether ``depends_on`` says all. By default where every template is the app's own: what
    a site puts around them is the site's to know."""

    def depends_on(self) -> list[object]:
        """What decides how the page looks, besides who asks and where: extend it with more."""
        return [*self._looks()]

    def _templates(self) -> list[Any]:
        return [select_template(self.get_template_names())]  # type: ignore[attr-defined]

    def _looks(self) -> list[Look]:
        return [fingerprint(template) for template in self._templates()]

    def _known(self) -> list[object] | None:
        early = self.answers_early
        if early is None:
            early = all(look.is_ours for look in self._looks())
        return self.depends_on() if early else None


class RoadmapListView(ConditionalMixin, ListView):  # type: ignore[type-arg]
    """All roadmaps in their order."""

    template_name = "django_roadmap/roadmap_list.html"
    context_object_name = "roadmap_list"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object_list = self.get_queryset()

        def render() -> HttpResponse:
            return self.render_to_response(self.get_context_data())

        # When the last one changed says nothing of one that is gone.
        return conditional.answer(request, self._known(), None, render)

    def depends_on(self) -> list[object]:
        versions = [(roadmap.pk, roadmap.version) for roadmap in self.object_list]
        here = editions.surroundings(router.db_for_read(Roadmap))
        return [*super().depends_on(), here, versions]

    def get_queryset(self) -> QuerySet[Roadmap]:
        roadmaps: QuerySet[Roadmap] = Roadmap.roots.all()
        if not may_see_unpublished(self.request):
            roadmaps = Roadmap.roots.published()
        return roadmaps

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["canonical_url"] = self.request.build_absolute_uri(self.request.path)
        context["has_learner"] = Learner.of(self.request) is not None
        titles = _(", ").join(roadmap.title for roadmap in context["roadmap_list"])
        context["description"] = titles or _("Learning roadmaps")
        return context


class NodePage(NamedTuple):
    """What the page of a node says to whoever may see it."""

    node: Branch
    roadmap: Branch
    breadcrumbs: list[Branch]
    is_public: bool
    has_tree: bool
    description: str
    description_html: str
    span: Span | None
    siblings: list[Branch]
    resources: list[Resource]
    prerequisites: list[Branch]
    previous: Branch | None
    next: Branch | None


class NodeView(ConditionalMixin, TemplateView):
    """A roadmap, or a node in one: where it is, what it is, what it holds, what comes next."""

    edition: Edition
    kept: Kept
    page: NodePage
    marks: Marks | None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        path = kwargs["path"]
        edition = editions.find(path, unpublished=may_see_unpublished(request))
        try:
            if edition is None:
                raise RoadmapNode.DoesNotExist
            self.kept = edition.kept("page", path)
            # Packed, so that each visit has its own to change.
            [packed] = self.kept.get(page=bytes)
            page = pickle.loads(packed) if packed else node_page(edition, path)
            if not packed:
                self.kept.put(page=pickle.dumps(page))
        except RoadmapNode.DoesNotExist as error:
            raise Http404(_("No roadmap or node has the path %s.") % path) from error
        self.edition, self.page = edition, page
        self.marks = rendering.marks_of(request, lambda: edition)

        def render() -> HttpResponse:
            return self.render_to_response(self.get_context_data(**kwargs))

        return conditional.answer(request, self._known(), edition.updated_at, render)

    def depends_on(self) -> list[object]:
        marks = self.marks and sorted(self.marks.items())
        return [*super().depends_on(), self.kept.key, self.edition.version, marks]

    def _templates(self) -> list[Any]:
        names = (
            *("tree.html", "node.html", "counts.html", "explore.html"),
            *("standing.html", "map.html", "picture.svg"),
        )
        path = self.edition.path
        return [*super()._templates(), *(rendering.template(name, path) for name in names)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        path = self.kwargs["path"]
        # First, since what a guest is told once is told where the page begins.
        standing = self._standing()
        below = self.page.has_tree and rendering.branch_html(
            self.edition, path, assets=False, request=self.request, marks=self.marks
        )
        # The node itself has an id here, so that a tree in the site's frame may have none.
        rendering.is_first(self.request, "tree", self.edition.path)
        address = self.request.build_absolute_uri(paths.node_url(path))
        context = {
            **self.page._asdict(),
            "resource_groups": self._resource_groups(),
            "tree": below,
            "map": self._map() if below and not self.page.breadcrumbs else "",
            "canonical_url": address,
            "downloads": [] if self.page.breadcrumbs else self._downloads(path),
        }
        return super().get_context_data(**(context | standing), **kwargs)

    def _resource_groups(self) -> list[dict[str, Any]]:
        groups = [
            {
                "is_official": is_official,
                "label": label,
                "resources": [
                    resource
                    for resource in self.page.resources
                    if (resource.kind == ResourceKind.OFFICIAL) is is_official
                ],
            }
            for is_official, label in [(True, ResourceKind.OFFICIAL.label), (False, _("More"))]
        ]
        return [group for group in groups if group["resources"]]

    def _map(self) -> SafeString:
        """Of a roadmap; on the pages of its nodes one would look for oneself in it."""
        return drawing.map_html(
            self.edition, self.edition.path, assets=False, request=self.request, marks=self.marks
        )

    def _downloads(self, path: str) -> list[dict[str, Any]]:
        files = [(found.label, paths.url("export", path, found)) for found in FORMATS.values()]
        files.append((_("Picture (SVG)"), paths.url("map", path)))
        return [{"url": url, "label": label} for label, url in files if url]

    def _standing(self) -> dict[str, Any]:
        """Where the learner stands: with this node, and with what is good to know before it."""
        first = self.page.prerequisites
        if self.marks is None:
            known = [{"node": node, "state": "", "label": ""} for node in first]
            return {"standing": "", "prerequisites": known}
        try:
            spot = progress.spot(self.edition, self.kwargs["path"])
            standing = Standing(spot.plan, self.marks)
            states = [standing.state(spot.plan.place(node.path)) for node in first]
        except RoadmapNode.DoesNotExist as error:
            raise Http404(_("This was changed just now: look again.")) from error
        return {
            "standing": summaries.standing_html(spot, standing, self.request),
            "prerequisites": [
                {"node": node, "state": state, "label": LABELS[state]}
                for node, state in zip(first, states, strict=True)
            ],
        }

    def get_template_names(self) -> list[str]:
        return rendering.template_names("node_detail.html", self.kwargs["path"])


def node_page(edition: Edition, path: str) -> NodePage:
    """What there is to say of the node at ``path``; raises ``DoesNotExist``. Four queries."""
    way = edition.way_to(path)
    node, roadmap = way[-1], way[0]
    rows = RoadmapNode.objects.using(edition.using).filter(pk=node.pk)
    texts = list(rows.values_list("description", "prerequisites"))
    wanted = {pk for _description, pk in texts}
    description = texts[0][0] if texts else ""
    order = list(tree.walk(roadmap))
    previous, following = tree.neighbours(roadmap, node.pk)
    return NodePage(
        node=_alone(node),
        roadmap=_alone(roadmap),
        breadcrumbs=[_alone(above) for above in way[:-1]],
        is_public=all(above.is_published for above in way),
        has_tree=bool(node.children),
        description=meta_description(node, roadmap),
        description_html=markdown.to_html(description, paths.node_url),
        span=span(roadmap, node.pk),
        siblings=_siblings(way),
        resources=list(Resource.objects.using(edition.using).filter(node=node.pk)),
        # Those that this visitor sees, in reading order.
        prerequisites=[_alone(other) for other in order if other.pk in wanted],
        previous=previous and _alone(previous),
        next=following and _alone(following),
    )


def _siblings(way: list[Branch]) -> list[Branch]:
    """The node and those beside it, if that is a list to look at."""
    beside = way[-2].children if len(way) > 1 else []
    return [_alone(node) for node in beside] if 1 < len(beside) <= MOST_SIBLINGS else []


def _alone(node: Branch) -> Branch:
    """The node without what is below it, so that it takes little room."""
    return replace(node, children=[])


def meta_description(branch: Branch, roadmap: Branch) -> str:
    """What a search engine shows: the summary, or what the node holds, or where it belongs."""
    if branch.summary:
        return branch.summary
    if branch.children:
        return f"{branch.title}: " + _(", ").join(child.title for child in branch.children)
    if branch is roadmap:
        return branch.title
    return _("%(node)s, a topic of %(roadmap)s") % {
        "node": branch.title,
        "roadmap": roadmap.title,
    }
