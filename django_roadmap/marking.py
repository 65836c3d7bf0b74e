"""The address that marks a topic: a form or a script posts to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from django_roadmap import paths, progress, rendering
from django_roadmap.counting import LABELS
from django_roadmap.models import RoadmapNode
from django_roadmap.plans import Standing
from django_roadmap.progress import STATES, Learner, Marked, Spot
from django_roadmap.views import may_see_unpublished


class Refused(Exception):
    """What cannot be done, and the status that says so."""

    def __init__(self, status: int, problem: str) -> None:
        self.status, self.problem = status, problem


@method_decorator([csrf_exempt, never_cache], name="dispatch")
class MarkView(View):
    """Marks ``node`` with ``state`` and goes to ``next``, a page of this site.

    A button may send both at once as ``mark``: the state, a space and the path; or, to be
    asked which state, the path as ``ask``. Before it marks, a page of its own asks where the
    form has no token, since its visitor had none yet, and where the mark is for more than one
    topic. ``topics`` says how many those were when the answer was yes.
    """

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Say what a mark would do, in a form that does it, or as JSON with a token for one."""
        return self.answer(lambda check: self.ask(*self.asked(request.GET), 200))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        return self.answer(self.mark)

    def answer(self, method: Callable[[CsrfViewMiddleware], HttpResponse]) -> HttpResponseBase:
        # Exempt, because the refusal of others is a dead end; it is checked here.
        check = CsrfViewMiddleware(lambda request: HttpResponse())
        check.process_request(self.request)
        try:
            response = method(check)
        except Refused as refused:
            response = self.refuse(refused)
        return check.process_response(self.request, response)

    @property
    def wants_json(self) -> bool:
        types = ["text/html", "application/json"]
        return self.request.get_preferred_type(types) == "application/json"

    def asked(self, values: QueryDict) -> tuple[Learner, Spot, str, str]:
        """Who is to mark what with which state, and where to go then."""
        state, _space, path = values.get("mark", "").partition(" ")
        path, state = values.get("node", path), values.get("state", state)
        if "ask" in values:
            path, state = values.get("ask", ""), ""
        elif state not in STATES:
            raise Refused(400, _("A state is one of %s.") % _(", ").join(STATES))
        if not path:
            raise Refused(400, _("Say which node to mark."))
        learner = Learner.of(self.request)
        if learner is None:
            raise Refused(403, _("This site keeps no marks for you."))
        try:
            spot = progress.find(path, unpublished=may_see_unpublished(self.request))
        except RoadmapNode.DoesNotExist as error:
            raise self._unknown(path) from error
        if not spot.topics:
            raise Refused(400, _("“%s” has no topics to mark.") % spot.title)
        return learner, spot, state, self.back(spot, values.get("next"))

    def mark(self, check: CsrfViewMiddleware) -> HttpResponse:
        request, values = self.request, self.request.POST
        learner, spot, state, back = asked = self.asked(values)
        # Before the mark, since Django refuses some that are very long.
        redirect = HttpResponseRedirect(back)
        if not state:
            return self.ask(*asked, 200)
        if check.process_view(request, self.mark, (), {}):
            return self.ask(*asked, 403)
        # A topic needs no asking; of others it is known how many were told.
        if not spot.is_topic and values.get("topics") != str(len(spot.topics)):
            return self.ask(*asked, 409 if self.wants_json else 200)
        try:
            marked = learner.mark_at(spot, state)
        except RoadmapNode.DoesNotExist as error:
            raise self._unknown(spot.path) from error
        except progress.TooManyMarks as error:
            problem = _("This browser has no room for more marks. Sign in to keep them.")
            raise Refused(400, problem) from error
        if marked.is_first:
            learner.leave_note()
        if self.wants_json:
            return JsonResponse(self.report(spot, marked, learner))
        if "topics" in values:
            # Whoever was asked was told then.
            learner.take_note()
        return redirect

    def _unknown(self, path: str) -> Refused:
        return Refused(404, _("No roadmap or node has the path %s.") % path)

    def back(self, spot: Spot, following: str | None) -> str:
        """Where to go then: to the node on the page that the form was on."""
        url = following or paths.node_url(spot.path)
        hosts = {self.request.get_host()}
        if not url_has_allowed_host_and_scheme(url, hosts, require_https=self.request.is_secure()):
            raise Refused(400, _("“next” is no page of this site."))
        return url if "#" in url else f"{url}#{quote(spot.path)}"

    def ask(self, learner: Learner, spot: Spot, state: str, back: str, status: int) -> HttpResponse:
        """Show what would be done, in a form that does it."""
        count = len(spot.topics)
        values = {"title": spot.title, "state": state and LABELS[state], "count": count}
        if spot.is_topic:
            question = _("Mark “%(title)s” as “%(state)s”?") if state else _("Mark “%(title)s” as")
        elif state:
            question = ngettext(
                "Mark %(count)d topic of “%(title)s” as “%(state)s”?",
                "Mark %(count)d topics of “%(title)s” as “%(state)s”?",
                count,
            )
        else:
            question = ngettext(
                "Mark %(count)d topic of “%(title)s” as",
                "Mark %(count)d topics of “%(title)s” as",
                count,
            )
        question %= values
        if self.wants_json:
            answer = {"detail": question, "topics": count, "asks": not spot.is_topic}
            return JsonResponse({**answer, "token": get_token(self.request)}, status=status)
        context = {
            "title": spot.title,
            "question": question,
            "path": spot.path,
            "states": [(state, LABELS[state])] if state else LABELS.items(),
            "topics": count,
            "back": back,
            "note": learner.take_note(is_due=True),
            "login_url": rendering.login_url(back),
        }
        return render(self.request, "django_roadmap/marking.html", context, status=status)

    def refuse(self, refused: Refused) -> HttpResponse:
        if self.wants_json:
            return JsonResponse({"detail": refused.problem}, status=refused.status)
        context = {"problem": refused.problem}
        return render(self.request, "django_roadmap/marking.html", context, status=refused.status)

    def report(self, spot: Spot, marked: Marked, learner: Learner) -> dict[str, Any]:
        """What is different on a page now, and what to say of it."""
        standing, plan = marked.standing, spot.plan
        end = plan.skeleton.ends[spot.place]
        node = described(standing, spot.place)
        values = {"title": node["title"], "state": node["label"]}
        return {
            "node": node,
            "ancestors": [described(standing, above) for above in plan.above(spot.place)],
            "below": [described(standing, below) for below in range(spot.place + 1, end)],
            "message": _("“%(title)s”: %(state)s.") % values,
            "note": learner.take_note(),
        }


def described(standing: Standing, place: int) -> dict[str, Any]:
    """A node and how far a learner is with it, as plain values."""
    plan, state, counts = standing.plan, standing.state(place), standing.counts(place)
    html = ""
    if counts.to_do and not plan.skeleton.is_leaf[place]:
        template = rendering.template("counts.html", plan.paths[0])
        html = template.render({"topics": counts.topics, "progress": counts})
    return {
        "path": plan.paths[place],
        "title": plan.titles[place],
        "state": state,
        "label": str(LABELS[state]),
        "topics": counts.topics,
        "done": counts.done,
        "to_do": counts.to_do,
        "percent": counts.percent,
        "counts": html,
    }
