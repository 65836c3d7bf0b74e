"""How far a learner is, and what comes next, as HTML: a bar, a line, the buttons of a page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString

from django_roadmap import paths, progress, rendering
from django_roadmap.counting import LABELS
from django_roadmap.editions import FIRST
from django_roadmap.models import RoadmapNode
from django_roadmap.plans import Standing
from django_roadmap.progress import Spot


@rendering.forgiving
def roadmap_progress(
    node: object = FIRST, *, assets: bool = True, request: HttpRequest | None = None
) -> SafeString:
    """How much of a roadmap or branch the learner of the request has done: a bar and counts.

    Nothing where there is nothing to count. The arguments mean what they mean to
    ``roadmap_tree``; without a learner it is the number of topics.
    """
    return _html("progress.html", node, assets, request)


@rendering.forgiving
def roadmap_next(
    node: object = FIRST, *, assets: bool = True, request: HttpRequest | None = None
) -> SafeString:
    """What the learner of the request does next in a roadmap or branch: a link to the topic.

    Nothing where there is nothing to count. The arguments mean what they mean to
    ``roadmap_tree``; without a learner it is the first topic.
    """
    return _html("next.html", node, assets, request)


def _html(name: str, node: object, assets: bool, request: HttpRequest | None) -> SafeString:
    try:
        spot = progress.find(node)
    except RoadmapNode.DoesNotExist:
        if node is FIRST:
            return SafeString()
        raise
    marks = rendering.marks_of(request, lambda: spot.edition)
    context = standing_of(spot, Standing(spot.plan, marks or {}))
    if not context["counts"].topics:
        return SafeString()
    context |= {
        "has_learner": marks is not None,
        "assets": assets and rendering.is_first(request, "stylesheet"),
    }
    return SafeString(rendering.template(name, spot.path).render(context, request))


def standing_of(spot: Spot, standing: Standing) -> dict[str, Any]:
    """What templates show of how far a learner is with a node."""
    step = standing.next_step(spot.place)
    return {
        "path": spot.path,
        "title": spot.title,
        "url": paths.node_url(spot.path),
        "state": standing.state(spot.place),
        "label": LABELS[standing.state(spot.place)],
        "counts": standing.counts(spot.place),
        "time_left": standing.time_left(spot.place),
        "next_step": step,
        "next_url": step and paths.node_url(step.path),
    }


def standing_html(spot: Spot, standing: Standing, request: HttpRequest) -> SafeString:
    """What a node's own page says and offers to whoever may mark it."""
    context = {
        **standing_of(spot, standing),
        **rendering.marking(request),
        "is_topic": spot.is_topic,
    }
    return SafeString(rendering.template("standing.html", spot.path).render(context, request))
