"""Maps as SVG: part of a page, in its colours, or a file of its own.

``roadmap_map`` is the function behind the template tag, for views and Jinja2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_bidi, ngettext
from django.utils.translation import gettext as _

from django_roadmap import paths, rendering
from django_roadmap.counting import DONE, LABELS, LEARNING, PENDING, SKIPPED, Counts, skeleton_of
from django_roadmap.editions import FIRST, Edition
from django_roadmap.fingerprints import fingerprint
from django_roadmap.picture import Box, Text, lay_out
from django_roadmap.progress import Marks
from django_roadmap.tree import Branch, walk

ROLES = ("text", "text-muted", "line", "dot", "learning", "accent", "on-accent", "surface")

THEMES = {
    "light": {
        "text": "#17211c",
        "text_muted": "#55635b",
        "line": "#d5ded9",
        "dot": "#788a80",
        "learning": "#8f5400",
        "accent": "#0c6b48",
        "on_accent": "#fff",
        "surface": "#fff",
        "page": "#fff",
    },
    "dark": {
        "text": "#e8efea",
        "text_muted": "#a5b3ab",
        "line": "#33423b",
        "dot": "#6f8378",
        "learning": "#f0b45b",
        "accent": "#5fd3a0",
        "on_accent": "#0c1a14",
        "surface": "#19221e",
        "page": "#101713",
    },
}
"""The colours of files, which no stylesheet reaches: the defaults of the stylesheet."""

PAGE = {role.replace("-", "_"): SafeString(f"var(--roadmap-{role})") for role in ROLES}
"""The colours of maps in a page: whatever the page says they are."""

INKS = {
    "": "dot",
    PENDING: "text_muted",
    LEARNING: "learning",
    DONE: "accent",
    SKIPPED: "text_muted",
}
"""The colours of topics' marks by state, as in trees."""


@rendering.forgiving
def roadmap_map(
    node: object = FIRST,
    *,
    depth: int | None = None,
    assets: bool = True,
    request: HttpRequest | None = None,
) -> SafeString:
    """The map of a roadmap or branch, the node itself on top.

    The arguments mean what they mean to ``roadmap_tree``.
    """
    if (found := rendering.seek(node, request)) is None:
        return SafeString()
    edition, target, marks = found
    return map_html(edition, target, depth=depth, assets=assets, request=request, marks=marks)


def map_html(
    edition: Edition,
    target: str | int,
    *,
    depth: int | None = None,
    assets: bool = True,
    request: HttpRequest | None = None,
    marks: Marks | None = None,
) -> SafeString:
    """A map of an edition, by path or key, as part of a page.

    ``marks`` are the learner's, None where there is no learner. Raises ``DoesNotExist`` for
    what is not in the edition, and ``InvalidDepth``.
    """
    rendering.check_depth(depth)
    drawn = svg(edition, target, PAGE, depth=depth, marks=marks, node_url=paths.node_urls())
    context = {"map": drawn, "assets": assets and rendering.is_first(request, "stylesheet")}
    wrapper = rendering.template("map.html", edition.path)
    return SafeString(wrapper.render(context, request))


def svg(
    edition: Edition,
    target: str | int,
    colours: Mapping[str, str],
    *,
    node_url: Callable[[str], str],
    depth: int | None = None,
    marks: Marks | None = None,
) -> SafeString:
    """A map as an SVG element, in ``colours`` by role; with one for ``page``, as a file.

    What it looks like without marks is kept.
    """
    template = rendering.template("picture.svg", edition.path)
    # The address of a file's links holds the name of the site.
    look = (target, depth, marks is None, sorted(colours.items()), node_url("x"))
    kept = edition.kept("map", *look, fingerprint(template))
    # Safe text would be kept as such, which takes longer to read.
    drawn = None if marks else kept.get(map=str)[0]
    if drawn is None:
        drawn = "".join(
            [template.render(_context(edition, target, colours, node_url, depth, marks))]
        )
        if not marks:
            kept.put(map=drawn)
    return mark_safe(drawn)  # noqa: S308 (a template made it)


def _context(
    edition: Edition,
    target: str | int,
    colours: Mapping[str, str],
    node_url: Callable[[str], str],
    depth: int | None,
    marks: Marks | None,
) -> dict[str, Any]:
    way = edition.way_to(target)
    state_of, note_of = _standing(way, marks)
    rtl = get_language_bidi()
    picture = lay_out(way[-1], note=note_of, depth=depth, marks_parents=marks is not None, rtl=rtl)
    boxes = []
    for box in picture.boxes:
        state = state_of(box.node)
        ink, tick = INKS[state], "on_accent"
        if box.kind == "stage":
            ink, tick = "on_accent", "accent"
        elif box.node.children and state in (PENDING, LEARNING):
            ink = "accent"
        more = {"url": node_url(box.node.path), "state": state}
        more |= {"ink": colours[ink], "tick": colours[tick]}
        boxes.append(_flat(box) | more)
    return {
        "node": way[-1],
        "width": picture.width,
        "height": picture.height,
        "boxes": boxes,
        "cards": picture.cards,
        "edges": picture.edges,
        "colours": colours,
        "rtl": rtl,
    }


def _flat(box: Box) -> dict[str, Any]:
    """As a template prints it soonest: of a thousand boxes that is half of the time."""
    x, y = box.mark or ("", "")
    return {
        **{name: _plain(value) for name, value in box.frame._asdict().items()},
        "node": box.node,
        "kind": _plain(box.kind),
        "level": _plain(box.level),
        "mark_x": _plain(x),
        "mark_y": _plain(y),
        "title": _flat_text(box.title),
        "note": box.note and _flat_text(box.note),
    }


def _flat_text(text: Text) -> dict[str, Any]:
    first, *others = text.lines
    return {
        "x": _plain(text.x),
        "y": _plain(first.y),
        "anchor": _plain(text.anchor),
        "direction": _plain(text.direction),
        "size": _plain(text.font.size),
        "is_bold": text.font.bold,
        "line": first.text,
        "others": others,
    }


@lru_cache(maxsize=4096)
def _plain(value: int | str) -> SafeString:
    """Numbers and names of ours, which are neither escaped nor written as the language does."""
    return SafeString(value)


def _standing(
    way: list[Branch], marks: Marks | None
) -> tuple[Callable[[Branch], str], Callable[[Branch], str]]:
    """What the learner has done with each node, and what the map says beside its title."""
    bones = skeleton_of(way)
    places = {id(node): place for place, node in enumerate(walk(way[-1]))}
    states, counts = bones.roll_up(marks or {})

    def state_of(node: Branch) -> str:
        return "" if marks is None else states.get(places[id(node)], PENDING)

    def note_of(node: Branch) -> str:
        place, state = places[id(node)], state_of(node)
        words = [str(LABELS[state])] if state else []
        if bones.has_counts(place):
            words.append(_counted(bones.of(place, states, counts), marks is not None))
        if node.is_optional:
            words.append(_("Optional"))
        if not node.is_published:
            words.append(_("Not published"))
        return " · ".join(filter(None, words))

    return state_of, note_of


def _counted(counts: Counts, has_learner: bool) -> str:
    if not counts.to_do:
        return ""
    if has_learner:
        return _("%(done)s of %(to_do)s") % {"done": counts.done, "to_do": counts.to_do}
    topics = counts.topics
    return ngettext("%(topics)s topic", "%(topics)s topics", topics) % {"topics": topics}
