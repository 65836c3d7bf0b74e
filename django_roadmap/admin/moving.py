"""To move a node: a plain page, which also answers the script that drags and takes keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path as route
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from mptt.exceptions import InvalidMove

from django_roadmap import locking, paths
from django_roadmap.admin.base import BaseNodeAdmin
from django_roadmap.models import Roadmap, RoadmapNode
from django_roadmap.placing import POSITIONS
from django_roadmap.rows import branch_rows, plain_rows

INDENT = "\u2003"
"""For a level in a list to choose from: an em space."""

STEPS = {
    "up": gettext_lazy("Up"),
    "down": gettext_lazy("Down"),
    "in": gettext_lazy("In, below the one before"),
    "out": gettext_lazy("Out, behind its parent"),
}


class MoveForm(forms.Form):
    """Where to; ``nodes`` are those of a roadmap without the one that moves and what is in it."""

    position = forms.ChoiceField(
        label=gettext_lazy("Move it"),
        initial="last-child",
        widget=forms.RadioSelect,
        choices=[
            ("left", gettext_lazy("before")),
            ("right", gettext_lazy("after")),
            ("first-child", gettext_lazy("inside, as the first")),
            ("last-child", gettext_lazy("inside, as the last")),
        ],
    )
    target = forms.TypedChoiceField(label=gettext_lazy("this node"), coerce=int)

    def __init__(self, *args: Any, nodes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        target: Any = self.fields["target"]
        target.choices = [
            (pk, INDENT * level + title)
            for pk, level, title in nodes.order_by("lft").values_list("pk", "level", "title")
        ]


class Refused(Exception):
    """Why a move is not made, and the status to say it with."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Place:
    """Where a node is: below which, as which of how many, from 1, and behind which key."""

    parent: RoadmapNode
    number: int
    count: int
    after: int | None

    @classmethod
    def of(cls, node: RoadmapNode) -> Place:
        beside = _beside(node).order_by("lft").values_list("pk", flat=True)
        keys = list(beside)
        index = keys.index(node.pk)
        parent = cast(RoadmapNode, node.parent)
        return cls(parent, index + 1, len(keys), keys[index - 1] if index else None)

    def steps(self) -> dict[str, bool]:
        """Which steps there are from here."""
        return {
            "up": self.number > 1,
            "down": self.number < self.count,
            "in": self.number > 1,
            "out": self.parent.level > 0,
        }


class MovingAdmin(BaseNodeAdmin):
    """For the admin of nodes."""

    def get_urls(self) -> list[Any]:
        view, name = self.admin_site.admin_view(self.move_view), self.url_name("move")
        return [route("<path:object_id>/move/", view, name=name), *super().get_urls()]

    def move_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks where to. A POST moves, or is refused with 400, 403 or 409, saying why.

        A script that asks for JSON is told the new place and the new version.
        """
        wants_json = request.headers.get("Accept") == "application/json"
        problem: str = ""
        status = 200
        if request.method == "POST":
            try:
                node, place, version = self._move(request, object_id)
            except Refused as refusal:
                problem, status = str(refusal), refusal.status
            else:
                message = _told(node, place)
                if wants_json:
                    parent, after = place.parent.pk, place.after
                    return JsonResponse(
                        {"message": message, "version": version, "parent": parent, "after": after}
                    )
                self.message_user(request, message, messages.SUCCESS)
                return HttpResponseRedirect(self._url_after(request, node))
            if wants_json:
                return JsonResponse({"message": problem}, status=status)
        return self._move_page(request, object_id, problem, status)

    def _move_page(
        self, request: HttpRequest, object_id: str, problem: str, status: int
    ) -> HttpResponse:
        node = self.get_object(request, unquote(object_id))
        if node is None or node.parent_id is None:
            return self.back_from_nothing(request, object_id)
        if not self.has_change_permission(request, node):
            raise PermissionDenied
        using = str(node._state.db)
        roadmaps = list(Roadmap.roots.using(using))
        here = next(roadmap for roadmap in roadmaps if roadmap.tree_id == node.tree_id)
        wanted = request.GET.get("to")
        there = next((roadmap for roadmap in roadmaps if roadmap.path == wanted), here)
        nodes = plain_rows(RoadmapNode, using).filter(tree_id=there.tree_id)
        nodes = nodes.exclude(pk__in=branch_rows(node, using).values("pk"))
        place = Place.of(node)
        said = {name: request.POST.get(name) for name in ("position", "target")}
        initial = {"target": node.parent_id, **{k: v for k, v in said.items() if v}}
        possible = place.steps()
        return self.page(
            request,
            "move",
            status=status,
            title=_("Move: %s") % node,
            node=node,
            told=_told(node, place),
            roadmap=here,
            tree_url=f"{self.url('changelist', roadmap=here.path)}#node-{node.pk}",
            steps=[(step, label, possible[step]) for step, label in STEPS.items()],
            form=MoveForm(nodes=nodes, initial=initial),
            versions={here.version, there.version},
            there=there,
            roadmaps=roadmaps,
            problem=problem,
        )

    def _move(self, request: HttpRequest, object_id: str) -> tuple[RoadmapNode, Place, str]:
        """Move as asked, under the lock, if nobody has changed anything since.

        The version is that of this move: read later, it might be that of somebody else's.
        """
        node = self.get_object(request, unquote(object_id))
        step, position = request.POST.get("step", ""), request.POST.get("position", "")
        if node is None:
            raise _outdated()
        using = str(node._state.db)
        target = node
        if step not in STEPS:
            pk = request.POST.get("target", "")
            if position not in POSITIONS or not (pk.isdecimal() and len(pk) < 19):
                raise Refused(_("Choose where to move it."), 400)
            target = plain_rows(RoadmapNode, using).filter(pk=pk).first()
            if target is None:
                raise _outdated()
        versions = _versions(node.tree_id, using) | _versions(target.tree_id, using)
        if not set(versions.values()) <= set(request.POST.getlist("version")):
            raise _outdated()
        try:
            with locking.lock(RoadmapNode, using, versions, versions):
                if step in STEPS:
                    target, position = _aim(node, step)
                self._check_permissions(request, node, target, position)
                node.move_to(target, position)
                place = Place.of(node)
                message = _("Moved to place %(number)d of %(count)d below “%(parent)s”.")
                said = {"number": place.number, "count": place.count, "parent": place.parent}
                self.log_change(request, node, message % said)
                version = _versions(node.tree_id, using)[node.tree_id]
        except locking.Outdated as error:
            raise _outdated() from error
        except InvalidMove as error:
            raise Refused(str(error), 409) from error
        return node, place, version

    def _check_permissions(
        self, request: HttpRequest, node: RoadmapNode, target: RoadmapNode, position: str
    ) -> None:
        if not self.has_change_permission(request, node):
            raise Refused(_("You may not move “%s”.") % node, 403)
        parent: Any = target if position in ("first-child", "last-child") else target.parent
        if parent is not None and not self.has_place_permission(request, parent):
            raise Refused(_("You may not move nodes to “%s”.") % parent, 403)

    def has_place_permission(self, request: HttpRequest, parent: RoadmapNode) -> bool:
        """Whether somebody may put nodes below this one, by moving, adding or importing.

        Whoever may change nodes must be allowed to change this one; others must be allowed to
        add nodes.
        """
        if self.has_change_permission(request):
            return self.has_change_permission(request, parent)
        return self.has_add_permission(request)

    def _url_after(self, request: HttpRequest, node: RoadmapNode) -> str:
        """After a step the page for the next one; else the tree, at the node."""
        if request.POST.get("step") in STEPS:
            return self.url("move", node.pk)
        return f"{self.url('changelist', roadmap=paths.roadmap_slug(node.path))}#node-{node.pk}"


def _aim(node: RoadmapNode, step: str) -> tuple[RoadmapNode, str]:
    """Beside or below which node a step leads; ``InvalidMove`` where there is none."""
    parent = cast(RoadmapNode, node.parent)
    if node.parent_id is None:
        # Which mptt's own words are for.
        return node, "left"
    if step == "out":
        if parent.parent_id is None:
            raise InvalidMove(_("“%s” is on the highest level of its roadmap already.") % node)
        return parent, "right"
    beside = _beside(node)
    if step == "down":
        following = beside.filter(lft__gt=node.lft).order_by("lft").first()
        if following is None:
            raise InvalidMove(_("“%s” is the last one here already.") % node)
        return following, "right"
    before = beside.filter(lft__lt=node.lft).order_by("-lft").first()
    if before is None:
        raise InvalidMove(_("“%s” is the first one here already.") % node)
    return before, "left" if step == "up" else "last-child"


def _beside(node: RoadmapNode) -> Any:
    """The node itself and its siblings."""
    return plain_rows(RoadmapNode, node._state.db).filter(parent=node.parent_id)


def _told(node: RoadmapNode, place: Place) -> str:
    message = _("“%(node)s” is number %(number)d of %(count)d below “%(parent)s”.")
    said = {"number": place.number, "count": place.count, "parent": place.parent}
    return message % {"node": node, **said}


def _versions(tree_id: int, using: str) -> dict[int, str]:
    rows = plain_rows(RoadmapNode, using).filter(tree_id=tree_id, parent=None)
    return dict(rows.values_list("tree_id", "version"))


def _outdated() -> Refused:
    message = _(
        "Somebody has changed this roadmap meanwhile, so nothing was moved. This is how it is now."
    )
    return Refused(message, 409)
