"""Text in, text out: which formats there are, and which one a text is in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_roadmap.outline import json, markdown_reading, markdown_writing, mermaid, opml, text
from django_roadmap.outline.problems import OutlineError, Problem
from django_roadmap.outline.values import Outline, walk_levels

CHECKLIST = "checklist"

MAX_BYTES = 10 * 2**20
"""Of a text to be read; of one that is a ``str``, its characters."""

MAX_LINES = 500_000

Reader = Callable[[str], tuple[list[Outline], list[Problem]]]


class Format(NamedTuple):
    """How to read and write one; what cannot be read has no ``read``."""

    name: str
    label: Any
    extension: str
    content_type: str
    write: Callable[..., str]
    read: Reader | None = None


_ALL = (
    Format(
        *("markdown", "Markdown", "md", "text/markdown"),
        markdown_writing.write,
        markdown_reading.read,
    ),
    Format("text", gettext_lazy("Text"), "txt", "text/plain", text.write, text.read),
    Format("json", "JSON", "json", "application/json", json.write, json.read),
    Format("opml", "OPML", "opml", "text/x-opml", opml.write, opml.read),
    Format("mermaid", "Mermaid", "mmd", "text/vnd.mermaid", mermaid.write),
    Format(
        *(CHECKLIST, gettext_lazy("Checklist"), "checklist.md", "text/markdown"),
        markdown_writing.write_checklist,
    ),
)

FORMATS = {found.name: found for found in _ALL}

_EMPTY = {
    "summary": "",
    "description": "",
    "is_optional": False,
    "minutes": 0,
    "resources": [],
    "prerequisites": [],
}


def read(source: str | bytes, format: str | None = None) -> list[Outline]:
    """The roadmaps, or branches of one, that a text is about; without ``format`` it is detected.

    What a text says of none of its nodes is None, "as it is"; JSON says so for each node.
    Raises ``OutlineError`` with all that is wrong, and ``ValueError`` for a format that cannot
    be read.
    """
    reader = FORMATS[format].read if format in FORMATS else None
    if format is not None and reader is None:
        raise ValueError(_("“%s” is not a format to read.") % format)
    content = decode(source)
    if reader is None:
        reader = FORMATS[detect(content)].read
        assert reader is not None
    outlines, problems = reader(content)
    if not outlines and not problems:
        problems = [Problem(None, "", _("There is no title in it."))]
    for outline in outlines if reader is not json.read else ():
        # Prose in a plain text is of a roadmap alone: there is no place for that of others.
        _settle(outline, ["summary"] if reader is text.read else _EMPTY)
    if problems:
        raise OutlineError(problems, outlines)
    return outlines


def write(outlines: Iterable[Outline], format: str, states: Mapping[str, str] | None = None) -> str:
    """The roadmaps as text. ``states`` of a learner, by slug, are for the checklist."""
    if format not in FORMATS:
        raise ValueError(_("“%s” is not a format to write.") % format)
    with_states = [states or {}] if format == CHECKLIST else []
    return FORMATS[format].write(list(outlines), *with_states)


def named(file: str, *, to_read: bool = False) -> str | None:
    """The format that a file has by its name; None where that says nothing."""
    # The longest extension first: that of a checklist ends like Markdown's.
    names: dict[str, str] = {f.extension: f.name for f in reversed(_ALL) if f.read or not to_read}
    return next((names[end] for end in names if file.lower().endswith(f".{end}")), None)


def detect(content: str) -> str:
    """The name of the format that a text seems to be in."""
    start = content.lstrip()[:100].lower()
    if re.match(r"\{(?![{%#])|\[\s*\{", start):
        return "json"
    if start.startswith(("<?xml", "<opml", "<!doctype", "<html")):
        return "opml"
    if re.search(r"^ {0,3}#{1,6}[ \t]", content, re.MULTILINE):
        return "markdown"
    if text.is_drawn(content):
        return "text"
    if re.search(r"^[ \t]*([-*+]|\d{1,9}[.)])[ \t]", content, re.MULTILINE):
        return "markdown"
    return "text"


def decode(source: str | bytes) -> str:
    """The text with line feeds only, without a byte-order mark; raises ``OutlineError``."""
    if len(source) > MAX_BYTES:
        most = MAX_BYTES // 2**20
        message = _("It is larger than %d MB: divide it.") % most
        raise OutlineError([Problem(None, "", message)])
    if isinstance(source, bytes):
        encoding = "utf-16" if source.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
        try:
            source = source.decode(encoding)
        except UnicodeDecodeError as error:
            read = error.object[: error.start].decode(encoding, errors="replace")
            line = _with_line_feeds(read).count("\n") + 1
            shown = _with_line_feeds(error.object.decode(encoding, errors="replace"))
            message = _("These are no letters of %s: save the file as UTF-8.")
            problem = Problem(line, shown.split("\n")[line - 1], message % encoding.upper())
            raise OutlineError([problem]) from error
    content = _with_line_feeds(source.removeprefix("\ufeff"))
    if "\0" in content:
        line = content.count("\n", 0, content.index("\0")) + 1
        message = _("There is a null character in it, as in files that are no text.")
        raise OutlineError([Problem(line, "", message)])
    if content.count("\n") > MAX_LINES:
        message = _("It has more than %d lines: divide it.") % MAX_LINES
        raise OutlineError([Problem(None, "", message)])
    return content


def _with_line_feeds(content: str) -> str:
    return content.replace("\r\n", "\n").replace("\r", "\n")


def _settle(outline: Outline, names: Iterable[str]) -> None:
    """What a text says of one node of a roadmap is empty for those of which it does not."""
    parts = [part for part, _level in walk_levels([outline])]
    for name in names:
        empty = _EMPTY[name]
        silent = [part for part in parts if getattr(part, name) is None]
        if len(silent) < len(parts):
            for part in silent:
                setattr(part, name, list(empty) if isinstance(empty, list) else empty)
