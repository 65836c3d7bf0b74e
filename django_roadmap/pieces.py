"""Each node through its template, by itself, and the pieces joined: no recursion, at any depth.

A node is rendered once in each state that is asked for. In the place of what differs from
visit to visit, its children and its counts, a piece holds a slot.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from itertools import compress
from math import inf
from typing import Any, NamedTuple

from django.conf import settings
from django.template import Context, Template, TemplateSyntaxError
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from django_roadmap import paths
from django_roadmap.counting import LABELS, Counts, Skeleton, skeleton_of
from django_roadmap.tree import Branch, walk

logger = logging.getLogger("django_roadmap")


# Safe, so that templates need not escape them for each node.
NOTHING, TOPIC, SECTION, LEVEL = map(SafeString, ("", "topic", "section", "level"))


class Pieces(NamedTuple):
    """The nodes of a branch in one state, by place; empty for those that are not shown.

    ``token`` is in the slots, so that no text of a node can look like one; ``explore`` holds
    the controls of a tree.
    """

    node: Branch
    numbered: bool
    skeleton: Skeleton
    html: list[str]
    is_shown: bytes
    parents: list[int]
    token: str
    explore: str = ""


class Links(Sequence[Any]):
    """The resources of a node, which are looked for when a template asks for them."""

    __slots__ = ("find", "pk")

    def __init__(self, find: Callable[[int], list[Any]], pk: int) -> None:
        self.find, self.pk = find, pk

    def __getitem__(self, index: Any) -> Any:
        return self.find(self.pk)[index]

    def __len__(self) -> int:
        return len(self.find(self.pk))


class Writer:
    """Renders the nodes of a branch, which it reads when there is something to render.

    ``way`` finds the nodes from the root to the branch, ``resources`` those of all nodes;
    ``state`` is that of nodes without marks, empty where there is no learner; ``anchors`` is
    whether nodes have an ``id``, and ``can_mark`` whether a learner gets buttons.
    """

    def __init__(
        self,
        way: Callable[[], list[Branch]],
        resources: Callable[[int], list[Any]],
        node_template: Any,
        counts_template: Any,
        explore_template: Any = None,
        *,
        depth: int | None,
        numbered: bool | None,
        state: str,
        anchors: bool = False,
        can_mark: bool = False,
    ) -> None:
        self.way, self.resources = cache(way), resources
        self.templates = node_template, counts_template, explore_template
        self.depth, self.state = depth, state
        self.anchors, self.can_mark = anchors, can_mark
        self._numbered = numbered

    @cached_property
    def _render_node(self) -> Callable[[dict[str, Any]], str]:
        return _renderer(self.templates[0])

    @cached_property
    def _render_counts(self) -> Callable[[dict[str, Any]], str]:
        return _renderer(self.templates[1])

    @cached_property
    def nodes(self) -> list[Branch]:
        return list(walk(self.way()[-1]))

    @property
    def numbered(self) -> bool:
        """As asked for; otherwise the stages of a flat roadmap are."""
        top = self.nodes[0]
        if self._numbered is None:
            return top.level == 0 and all(child.is_topic for child in top.children)
        return self._numbered

    def write(self) -> Pieces:
        """All that is shown, in the state of nodes without marks."""
        token = secrets.token_hex(8)
        is_shown = bytearray(len(self.nodes))
        html, parents = [""], []
        for place, node in enumerate(self.nodes[1:], 1):
            if node.level > self.last_level:
                html.append("")
                continue
            is_shown[place] = True
            html.append(self.node(place, self.state, token))
            if node.children:
                parents.append(place)
        top = replace(self.nodes[0], children=[])
        explore = self._explore(is_shown) if self.templates[2] else ""
        bones, numbered = self._bones, self.numbered
        return Pieces(top, numbered, bones, html, bytes(is_shown), parents, token, explore)

    def node(self, place: int, state: str, token: str) -> str:
        node = self.nodes[place]
        opens = bool(node.children) and node.level < self.last_level
        context = {
            "node": node,
            "url": self._url(node.path),
            "shape": _shape(node) if opens else TOPIC,
            "state": state,
            "label": LABELS.get(state, ""),
            "anchor": node.path if self.anchors else "",
            "can_mark": self.can_mark,
            "number": self._numbers.get(node.pk),
            "resources": Links(self.resources, node.pk),
            "children": slot("children", token) if opens else NOTHING,
            "counts": slot("counts", token) if self._bones.has_counts(place) else NOTHING,
        }
        html = self._render_node(context)
        if not node.children:
            return html
        return without_misused_slots(html, token, self.templates[0], "children", "counts")

    def counts(self, counts: Counts) -> str:
        """Nothing where there is nothing to count."""
        if not counts.to_do:
            return ""
        context = {"topics": counts.topics, "progress": counts if self.state else None}
        return self._render_counts(context)

    def _explore(self, is_shown: bytearray) -> str:
        """The controls of a tree, which follow from what is shown of it."""
        top, shown = self.nodes[0], list(compress(self.nodes, is_shown))
        levels = max((node.level - top.level for node in shown), default=0)
        context = {
            "node": top,
            "levels": range(1, levels + 1),
            "topics": sum(node.is_topic or node.level == self.last_level for node in shown),
            "has_optional": any(node.is_optional for node in shown),
            "states": LABELS.items() if self.state else (),
        }
        return _renderer(self.templates[2])(context)

    @cached_property
    def _bones(self) -> Skeleton:
        return skeleton_of(self.way())

    @cached_property
    def _url(self) -> Callable[[str], str]:
        """Addresses; a path's part of it is quoted, so the rest tells what is to be escaped."""
        url = paths.node_urls()
        kind = SafeString if escape(url("x")) == url("x") else str
        return lambda path: kind(url(path))

    @cached_property
    def _numbers(self) -> dict[int, int]:
        children = self.nodes[0].children if self.numbered else []
        return {child.pk: number for number, child in enumerate(children, 1)}

    @cached_property
    def last_level(self) -> float:
        return inf if self.depth is None else self.nodes[0].level + self.depth


def without_misused_slots(html: str, token: str, template: Any, *names: str) -> str:
    """A filter may have made something else of a slot, but hardly of its token."""
    if html.lower().count(token) == sum(html.count(slot(name, token)) for name in names):
        return html
    template_name, slots = template.origin.name, " and ".join(names)
    message = f"{template_name} may only print {slots}, without filter or loop."
    if settings.DEBUG:
        raise TemplateSyntaxError(message)
    logger.warning("%s", message)
    return re.sub(f"(?:{'|'.join(names)})-?{token}", "", html, flags=re.IGNORECASE)


def _renderer(template: Any) -> Callable[[dict[str, Any]], str]:
    """Renders a template many times; one of Django's without making a context each time."""
    compiled = template.template
    if not isinstance(compiled, Template):
        return lambda values: str(template.render(values))
    context = Context(autoescape=compiled.engine.autoescape)
    context.template = compiled
    layer = context.push()

    def render(values: dict[str, Any]) -> str:
        layer.clear()
        layer.update(values)
        # A plain str, which is read back from the cache ten times as fast.
        return "".join([compiled.render(context)])

    return render


def slot(name: str, token: str) -> SafeString:
    return mark_safe(f"{name}-{token}")  # noqa: S308 (nobody can know the token)


def _shape(node: Branch) -> SafeString:
    """What a node looks like follows from what is below it, at any depth."""
    return SECTION if all(child.is_topic for child in node.children) else LEVEL


def join(pieces: Pieces, changed: Mapping[int, str], counts: Callable[[int], str]) -> list[str]:
    """The HTML of a branch in parts, with the ``changed`` pieces in place of those kept.

    From below: what a parent has before its children stays in its place, what it has behind
    goes to the last node below it, so its children are not copied once for each level.
    """
    children_slot, counts_slot = f"children-{pieces.token}", f"counts-{pieces.token}"
    html, ends = pieces.html.copy(), pieces.skeleton.ends
    for place, piece in changed.items():
        html[place] = piece
    for place in reversed(pieces.parents):
        text, end = html[place], ends[place]
        if counts_slot in text:
            text = text.replace(counts_slot, counts(place))
        if text.count(children_slot) == 1:
            html[place], _, behind = text.partition(children_slot)
            html[end - 1] += behind
        else:
            html[place] = text.replace(children_slot, "".join(html[place + 1 : end]))
            html[place + 1 : end] = [""] * (end - place - 1)
    return html
