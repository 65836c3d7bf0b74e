"""The public names of nodes: slugs, paths and addresses. Knows no model."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from unicodedata import combining, normalize
from urllib.parse import quote

from django.urls import NoReverseMatch, reverse
from django.utils.text import slugify

SLUG_MAX_LENGTH = 120
"""Two slugs and the slash between them fit a path."""

PATH_MAX_LENGTH = 255

PATH_REGEX = r"[-\w]+(?:/[-\w]+)?"
"""What a path looks like: a roadmap's slug, or that, a slash and the node's own slug."""


def is_path(text: str) -> bool:
    """Whether this may be a path: not every text can be asked of every database."""
    return re.fullmatch(PATH_REGEX, text) is not None


def slug_from(title: str) -> str:
    """A slug for a title, its letters in any script; empty when it has none (emoji)."""
    return slugify(title, allow_unicode=True)[:SLUG_MAX_LENGTH].strip("-_")


def numbered(slug: str, taken: Container[str], after: int = 0) -> str:
    """``slug`` with the lowest number that is free, from 2 and higher than ``after``.

    An empty slug becomes ``node-1``.
    """
    number = max(after + 1, 2 if slug else 1)
    while True:
        suffix = f"-{number}"
        candidate = (slug or "node")[: SLUG_MAX_LENGTH - len(suffix)] + suffix
        if candidate not in taken:
            return candidate
        number += 1


def folded(slug: str) -> str:
    """The slug without its case and accents, which some databases do not tell apart."""
    return "".join(c for c in normalize("NFKD", slug.casefold()) if not combining(c))


def node_path(roadmap_slug: str | None, slug: str) -> str:
    """The path of a node: ``django`` for a roadmap, ``django/middleware`` for a node in it."""
    return slug if roadmap_slug is None else f"{roadmap_slug}/{slug}"


def roadmap_slug(path: str) -> str:
    """The slug of the roadmap that the node at ``path`` is in."""
    return path.partition("/")[0]


def own_slug(path: str) -> str:
    """The node's own slug, the last part of its path."""
    return path.rpartition("/")[2]


def url(name: str, *args: object) -> str:
    """The address of a page of ours; empty when the site does not include our URLs."""
    try:
        return reverse(f"django_roadmap:{name}", args=args)
    except NoReverseMatch:
        return ""


def node_url(path: str) -> str:
    """The address of a node's page, or empty."""
    return url("node", path)


def node_urls() -> Callable[[str], str]:
    """The same for many nodes: the pattern is looked for once, and that takes most of the time."""
    stand_in = "path-of-a-node"
    before, found, behind = node_url(stand_in).rpartition(stand_in)
    # Most are plain, and to see that takes less time than to quote them.
    is_plain = re.compile(PATH_REGEX, re.ASCII).fullmatch

    def url(path: str) -> str:
        if not found or not (is_plain(path) or is_path(path)):
            return ""
        return before + (path if is_plain(path) else quote(path)) + behind

    return url
