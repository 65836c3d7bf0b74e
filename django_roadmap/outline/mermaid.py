"""Mermaid out: a mind map of the titles, as a README on GitHub shows it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django_roadmap.outline.values import Outline, one_line, walk_levels

# What ends a title, or is markup, an entity, a directive, an icon or a formula to Mermaid.
_SPECIAL = re.compile(r'["#$%&*:;<>@\[\\\]_`{}~]|^[-+]|(?<=\d)[.)]|(?<=www)\.')

# Mermaid's own placeholders for entities begin and end like this; a word joiner is not seen.
_PLACEHOLDER = re.compile("(?<=ﬂ)(?=°)|(?<=¶)(?=ß)")


def write(outlines: Sequence[Outline]) -> str:
    """One mind map. It must have one root: several roadmaps get one without a title."""
    depth = int(len(outlines) != 1)
    lines = ["mindmap", *['  root((" "))'] * depth]
    for number, (part, level) in enumerate(walk_levels(outlines), 1):
        lines.append(f'{"  " * (level + depth + 1)}n{number}["{_escape(part.title)}"]')
    return "\n".join(lines) + "\n"


def _escape(title: str) -> str:
    title = _PLACEHOLDER.sub("\u2060", one_line(title))
    # A node must have a text.
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", title) or " "
