"""Branches to HTML: each node through its template, then joined without recursion.

``roadmap_tree`` and ``roadmap_table`` are the functions behind the template tags, for views
and Jinja2: they find what they are asked for and never take a visitor's page down.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Final, ParamSpec

from django.conf import settings
from django.http import HttpRequest
from django.template import TemplateSyntaxError
from django.template.loader import render_to_string, select_template
from django.utils.safestring import SafeString, mark_safe

from django_roadmap import paths
from django_roadmap.models import RoadmapNode
from django_roadmap.tree import Branch, topic_counts

logger = logging.getLogger("django_roadmap")

P = ParamSpec("P")

FIRST: Final = object()
"""Stands for the first published roadmap, where nothing else is given."""

_TOKEN = secrets.token_hex(8)
_CHILDREN = mark_safe(f"children-{_TOKEN}")  # noqa: S308 (nobody else can know the token)
_COUNTS = mark_safe(f"counts-{_TOKEN}")  # noqa: S308
_SLOTS = re.compile(f"((?:children|counts)-{_TOKEN})", re.IGNORECASE)


class InvalidDepth(ValueError):
    """``depth`` is not a whole number from 1 up."""


def _forgiving(function: Callable[P, SafeString]) -> Callable[P, SafeString]:
    """Under ``DEBUG`` a mistake in a template says so; otherwise it shows nothing and is logged."""

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> SafeString:
        try:
            return function(*args, **kwargs)
        except (RoadmapNode.DoesNotExist, InvalidDepth) as error:
            if settings.DEBUG:
                raise TemplateSyntaxError(f"{function.__name__}: {error}") from error
            logger.warning("%s: %s", function.__name__, error)
            return SafeString()

    return wrapped


@_forgiving
def roadmap_tree(
    node: object = FIRST,
    *,
    depth: int | None = None,
    numbered: bool | None = None,
    assets: bool = True,
    request: HttpRequest | None = None,
) -> SafeString:
    """The tree of a roadmap or branch as nested lists.

    ``node`` is a path, a ``RoadmapNode`` or a ``Branch``; without one it is the first
    published roadmap, and nothing when there is none. ``depth`` is how many levels below the
    node to show, from 1; ``numbered`` says whether the outermost list is, by default when it
    holds the stages of a flat roadmap; ``assets`` whether to link the stylesheet, once for
    each ``request``.
    """
    branch = _find(node)
    if branch is None:
        return SafeString()
    return tree_html(branch, depth=depth, numbered=numbered, assets=assets, request=request)


@_forgiving
def roadmap_table(
    node: object = FIRST,
    *,
    numbered: bool | None = None,
    assets: bool = True,
    request: HttpRequest | None = None,
) -> SafeString:
    """The children of a roadmap or branch as a table of stages and descriptions.

    The arguments mean what they mean to ``roadmap_tree``.
    """
    branch = _find(node)
    if branch is None:
        return SafeString()
    context = _wrapper_context(branch, numbered, assets, request)
    context["rows"] = [{"node": row, "url": paths.node_url(row.path)} for row in branch.children]
    return render_to_string(template_names("table.html", branch.path), context, request)


def tree_html(
    branch: Branch,
    *,
    depth: int | None = None,
    numbered: bool | None = None,
    assets: bool = True,
    request: HttpRequest | None = None,
) -> SafeString:
    """The same for a branch in memory, without a query."""
    if depth is not None and (not isinstance(depth, int) or isinstance(depth, bool) or depth < 1):
        raise InvalidDepth(f"depth is a whole number from 1 up, not {depth!r}.")
    context = _wrapper_context(branch, numbered, assets, request)
    context["children"] = mark_safe("".join(_joined(branch, depth)))  # noqa: S308
    return render_to_string(template_names("tree.html", branch.path), context, request)


def template_names(name: str, path: str) -> list[str]:
    """A roadmap's own template, then everybody's."""
    return [f"django_roadmap/{paths.roadmap_slug(path)}/{name}", f"django_roadmap/{name}"]


def _find(node: Any) -> Branch | None:
    if isinstance(node, Branch):
        return node
    return (
        RoadmapNode.objects.first_roadmap() if node is FIRST else RoadmapNode.objects.branch(node)
    )


def _wrapper_context(
    branch: Branch, numbered: bool | None, assets: bool, request: HttpRequest | None
) -> dict[str, Any]:
    if numbered is None:
        numbered = branch.level == 0 and all(child.is_topic for child in branch.children)
    if assets and request is not None:
        assets = not getattr(request, "_django_roadmap_assets", False)
        request._django_roadmap_assets = True  # type: ignore[attr-defined]
    return {"node": branch, "numbered": numbered, "assets": assets}


def _joined(top: Branch, depth: int | None) -> Iterator[str]:
    """Depth first, with a stack of texts to print and branches to open."""
    last_level = None if depth is None else top.level + depth
    pieces_of, counts_of = _node_renderer(top, last_level), _counts_renderer(top)
    stack: list[str | Branch] = [*reversed(top.children)]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            yield item
            continue
        for piece in reversed(pieces_of(item)):
            if piece == _CHILDREN:
                stack.extend(reversed(item.children))
            else:
                stack.append(counts_of(item) if piece == _COUNTS else piece)


def _node_renderer(top: Branch, last_level: int | None) -> Callable[[Branch], list[str]]:
    """Renders a node by itself: the HTML around its slots, and the slots."""
    template = select_template(template_names("node.html", top.path))

    def pieces(node: Branch) -> list[str]:
        opens = bool(node.children) and (last_level is None or node.level < last_level)
        context = {
            "node": node,
            "url": paths.node_url(node.path),
            "shape": _shape(node) if opens else "topic",
            "children": _CHILDREN if opens else "",
            "counts": _COUNTS if node.children else "",
        }
        found = _SLOTS.split(template.render(context))
        # Every second piece is a slot, unless a filter has made something else of it.
        if not {_CHILDREN, _COUNTS}.issuperset(found[1::2]):
            _tell_misuse(template.origin.name)
            found = found[::2]
        return found

    return pieces


def _tell_misuse(template: str) -> None:
    message = f"{template} may only print children and counts, without filter or loop."
    if settings.DEBUG:
        raise TemplateSyntaxError(message)
    logger.warning("%s", message)


def _shape(node: Branch) -> str:
    """What a node looks like follows from what is below it, at any depth."""
    return "section" if all(child.is_topic for child in node.children) else "level"


def _counts_renderer(top: Branch) -> Callable[[Branch], str]:
    template = select_template(template_names("counts.html", top.path))
    topics = topic_counts(top)
    rendered: dict[int, str] = {}

    def counts(node: Branch) -> str:
        number = topics[node.pk]
        if number not in rendered:
            rendered[number] = template.render({"topics": number}) if number else ""
        return rendered[number]

    return counts
