"""A learner's own pages: all their roadmaps, starting one over, and a copy of their marks."""

from __future__ import annotations

from typing import Any

from django.core.handlers.exception import response_for_exception
from django.db import router
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.generic import TemplateView, View

from django_roadmap import editions, plans, progress, rendering, summaries
from django_roadmap.counting import DONE, LEARNING, SKIPPED
from django_roadmap.models import Progress, RoadmapNode
from django_roadmap.plans import Standing
from django_roadmap.progress import Learner, Marks, Spot
from django_roadmap.rows import plain_rows


@method_decorator(never_cache, name="dispatch")
class LearnerView(View):
    """A page that is one learner's alone."""

    learner: Learner

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            learner = Learner.of(request)
            if learner is None:
                raise Http404(_("This site keeps no marks for you."))
            self.learner = learner
            return super().dispatch(request, *args, **kwargs)
        except Http404 as error:
            # Answered here: caches may keep a 404 that does not say otherwise.
            return response_for_exception(request, error)


class MyRoadmapsView(LearnerView, TemplateView):
    """The roadmaps that the learner has marked something in: how far they are, what comes next.

    ``?hide=done`` and ``?hide=skipped`` leave those out.
    """

    template_name = "django_roadmap/my_roadmaps.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        hide = {*self.request.GET.getlist("hide")} & {DONE, SKIPPED}
        found = editions.published()
        marks = self.learner.marks(found[0]) if found else {}
        started = self._started(found[0].using, marks) if marks else set()
        found = [edition for edition in found if edition.tree_id in started]
        roadmaps = []
        try:
            read = plans.plans(found) if found else []
        except RoadmapNode.DoesNotExist as error:
            raise Http404(_("This was changed just now: look again.")) from error
        for edition, plan in zip(found, read, strict=True):
            standing = Standing(plan, marks)
            if standing.states:
                roadmaps.append(self.describe(Spot(edition, plan, 0), standing))
        context = {
            "roadmaps": [each for each in roadmaps if each["state"] not in hide],
            "hidden": sum(each["state"] in hide for each in roadmaps),
            "hide": hide,
            "is_guest": self.learner.is_guest,
            "login_url": rendering.login_url(self.request.get_full_path()),
        }
        return super().get_context_data(**context, **kwargs)

    def describe(self, spot: Spot, standing: Standing) -> dict[str, Any]:
        """What the page says of one roadmap; ``learning`` are paths and titles of topics."""
        plan = spot.plan
        learning = [
            {"path": plan.paths[place], "title": plan.titles[place]}
            for place, state in sorted(standing.states.items())
            if state == LEARNING and plan.skeleton.is_leaf[place]
        ]
        return {**summaries.standing_of(spot, standing), "learning": learning}

    def _started(self, using: str, marks: Marks) -> set[int]:
        nodes = plain_rows(RoadmapNode, using).filter(pk__in=list(marks))
        return set(nodes.values_list("tree_id", flat=True))


@method_decorator(csrf_protect, name="dispatch")
class ResetView(LearnerView, TemplateView):
    """Takes back all marks in one roadmap, after asking."""

    template_name = "django_roadmap/reset.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        spot = self._spot()
        standing = self.learner.standing(spot)
        return super().get_context_data(**(kwargs | summaries.standing_of(spot, standing)))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self._spot()
        self.learner.reset(self.kwargs["path"])
        return HttpResponseRedirect(reverse("django_roadmap:mine"))

    def _spot(self) -> Spot:
        path = self.kwargs["path"]
        try:
            spot = progress.find(path)
        except RoadmapNode.DoesNotExist as error:
            raise Http404(_("No roadmap or node has the path %s.") % path) from error
        if spot.place:
            raise Http404(_("%s is no roadmap.") % path)
        return spot


class DownloadView(LearnerView):
    """All marks of the learner as a JSON file."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        marks = self.learner.export(router.db_for_read(Progress))
        content = {"downloaded_at": timezone.now(), "marks": marks}
        response = JsonResponse(content, json_dumps_params={"indent": 2, "ensure_ascii": False})
        response.headers["Content-Disposition"] = 'attachment; filename="roadmap-progress.json"'
        return response
