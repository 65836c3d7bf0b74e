"""Pages: the list of roadmaps, and one for every node."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from django.views.generic import ListView, TemplateView

from django_roadmap import markdown, paths, rendering, tree
from django_roadmap.models import Resource, Roadmap, RoadmapNode


def may_see_unpublished(request: HttpRequest) -> bool:
    """Staff who may edit nodes see what is not published yet, marked as such."""
    user = getattr(request, "user", None)
    return bool(user and user.is_staff and user.has_perm("django_roadmap.change_roadmapnode"))


class RoadmapListView(ListView):  # type: ignore[type-arg]
    """All roadmaps in their order."""

    template_name = "django_roadmap/roadmap_list.html"
    context_object_name = "roadmap_list"

    def get_queryset(self) -> QuerySet[Roadmap]:
        roadmaps: QuerySet[Roadmap] = Roadmap.roots.all()
        if not may_see_unpublished(self.request):
            roadmaps = Roadmap.roots.published()
        return roadmaps

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["canonical_url"] = self.request.build_absolute_uri(self.request.path)
        titles = ", ".join(roadmap.title for roadmap in context["roadmap_list"])
        context["description"] = titles or _("Learning roadmaps")
        return context


class NodeView(TemplateView):
    """A roadmap, or a node in one: where it is, what it is, what it holds, what comes next."""

    def get_template_names(self) -> list[str]:
        return rendering.template_names("node_detail.html", self.path)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        path = self.kwargs["path"]
        unpublished = may_see_unpublished(self.request)
        nodes = RoadmapNode.objects.all() if unpublished else RoadmapNode.objects.published()
        node = nodes.filter(path=path).first()
        roadmap = node and RoadmapNode.objects.roadmap_of(node, unpublished=unpublished)
        way = tree.way_to(roadmap, node.pk) if node and roadmap else []
        if not node or not roadmap or not way:
            raise Http404(_("No roadmap or node has the path %s.") % path)
        # Not the address's: a database may take other letters for the same.
        self.path = node.path
        branch = way[-1]
        previous, following = tree.neighbours(roadmap, node.pk)
        return super().get_context_data(
            **kwargs,
            node=node,
            roadmap=roadmap,
            breadcrumbs=way[:-1],
            is_public=all(above.is_published for above in way),
            description=meta_description(branch, roadmap),
            description_html=markdown.to_html(node.description, paths.node_url),
            canonical_url=self.request.build_absolute_uri(node.get_absolute_url()),
            tree=branch.children
            and rendering.tree_html(branch, assets=False, request=self.request),
            resources=Resource.objects.filter(node=node),
            prerequisites=self._visible_prerequisites(node, roadmap),
            previous=previous,
            next=following,
        )

    def _visible_prerequisites(self, node: RoadmapNode, roadmap: tree.Branch) -> list[tree.Branch]:
        """Those that this visitor sees, in reading order."""
        pks = set(node.prerequisites.order_by().values_list("pk", flat=True))
        return [other for other in tree.walk(roadmap) if other.pk in pks]


def meta_description(branch: tree.Branch, roadmap: tree.Branch) -> str:
    """What a search engine shows: the summary, or what the node holds, or where it belongs."""
    if branch.summary:
        return branch.summary
    if branch.children:
        return f"{branch.title}: " + ", ".join(child.title for child in branch.children)
    if branch is roadmap:
        return branch.title
    return _("%(node)s, a topic of %(roadmap)s") % {
        "node": branch.title,
        "roadmap": roadmap.title,
    }
