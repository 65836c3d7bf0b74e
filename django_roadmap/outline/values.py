"""A roadmap or a branch of one as a plain value, to be written as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

KINDS = ("official", "article", "video", "course", "book", "source", "podcast", "other")
"""Of resources, as the model has them."""

BREAKS = re.compile(r"[\t-\r\x1c-\x20\x85\u2028\u2029]+")


@dataclass(slots=True)
class Link:
    """A resource of a node."""

    title: str
    url: str
    kind: str = "article"


@dataclass(slots=True)
class Outline:
    """A node and all below it; None leaves as it is what a node has that is there already.

    ``minutes`` are 0 when unknown. ``prerequisites`` are slugs of nodes in the same roadmap.
    ``line`` is where a text has it.
    """

    title: str
    slug: str = ""
    summary: str | None = None
    description: str | None = None
    is_published: bool | None = None
    is_optional: bool | None = None
    minutes: int | None = None
    resources: list[Link] | None = None
    prerequisites: list[str] | None = None
    children: list[Outline] = field(default_factory=list, repr=False)
    line: int | None = field(default=None, repr=False, compare=False)


def walk_levels(outlines: Iterable[Outline]) -> Iterator[tuple[Outline, int]]:
    """All parts in reading order, each with how deep it is, from 0."""
    stack = [(outline, 0) for outline in outlines][::-1]
    while stack:
        part, level = stack.pop()
        yield part, level
        stack.extend((child, level + 1) for child in reversed(part.children))


def one_line(text: str) -> str:
    """The text with a space for each run of white space, but spaces that do not break stay."""
    return BREAKS.sub(" ", text).strip()
