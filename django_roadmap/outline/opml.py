"""OPML 2.0 in and out, for outliners: descriptions are notes, resources are links.

What says nothing (no text, no resources, published, not optional, minutes unknown) is not
written, and is None once it is read. Characters that XML does not have are left out, and what
had no others is gone; a slug with a space becomes two prerequisites.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.saxutils import escape, quoteattr
from xml.sax.xmlreader import AttributesImpl

from django.core.serializers.xml_serializer import DefusedExpatParser, DefusedXmlException
from django.utils.translation import gettext as _

from django_roadmap.outline.problems import Problem
from django_roadmap.outline.values import KINDS, Link, Outline, one_line, walk_levels

NAMESPACE = "urn:django-roadmap"

_KNOWN = ("slug", "summary", "optional", "unpublished", "minutes", "prerequisites", "kind")
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read(content: str) -> tuple[list[Outline], list[Problem]]:
    """The outlines in a text, and what is wrong with it."""
    parser = DefusedExpatParser()
    handler = _Handler(parser)
    parser.setContentHandler(handler)
    for number, line in enumerate(content.split("\n"), 1):
        if _encodable(line) != line:
            message = _("There is half of a character in it: delete it.")
            handler.problems.append(Problem(number, _encodable(line), message))
    try:
        parser.feed(_encodable(content))
        parser.close()
    except SAXParseException as error:
        column = error.getColumnNumber() or 0
        line = "".join(content.split("\n")[handler.line - 1 : handler.line])
        message = _("This is no XML: %(reason)s (column %(column)d). Look here and right above.")
        message %= {"reason": error.getMessage(), "column": column + 1}
        handler.problem(_encodable(line[max(0, column - 30) : column + 30]), message)
    except DefusedXmlException:
        handler.problem("", _("Entities are not allowed: delete the DOCTYPE."))
    return handler.outlines, handler.problems


def _encodable(text: str) -> str:
    return text.encode(errors="replace").decode()


class _Open(NamedTuple):
    """An element whose end is not there yet; ``url`` is that of a link."""

    part: Outline
    url: str
    kind: str


class _Handler(ContentHandler):
    """Goes through the elements; ``open`` are the outlines from the top to the last one."""

    def __init__(self, parser: DefusedExpatParser) -> None:
        super().__init__()
        self.parser = parser
        self.outlines: list[Outline] = []
        self.problems: list[Problem] = []
        self.names: list[str] = []
        self.open: list[_Open] = []
        self.prefixes = {"roadmap"}
        self.has_body = False

    @property
    def line(self) -> int:
        return self.parser.getLineNumber() or 1

    def problem(self, text: str, message: str) -> None:
        self.problems.append(Problem(self.line, text, message))

    def startElement(self, name: str, attrs: AttributesImpl[str]) -> None:  # noqa: N802
        # Prefixes without a declaration are no error here, as they would be to the parser.
        for attribute, value in attrs.items():
            if attribute.startswith("xmlns:"):
                change = self.prefixes.add if value == NAMESPACE else self.prefixes.discard
                change(attribute.removeprefix("xmlns:"))
        if not self.names and name != "opml":
            self.problem("", _("This is no OPML: its first element is <%s>.") % name)
        self.names.append(name)
        self.has_body = self.has_body or self.names == ["opml", "body"]
        if self._is_outline():
            self._start(attrs)

    def endElement(self, name: str) -> None:  # noqa: N802
        if self._is_outline():
            self._end()
        self.names.pop()

    def endDocument(self) -> None:  # noqa: N802
        if not self.has_body and not self.problems:
            self.problem("", _("There is no <body> in it."))

    def _is_outline(self) -> bool:
        return self.names[-1] == "outline" and self.names[:2] == ["opml", "body"]

    def _start(self, attrs: AttributesImpl[str]) -> None:
        titles = [attrs.get(name, "") for name in ("text", "title")]
        title = next((title for title in titles if title.strip()), "")
        part = Outline(title, description=attrs.get("_note"), line=self.line)
        (self.open[-1].part.children if self.open else self.outlines).append(part)
        kind = "article"
        for attribute, value in attrs.items():
            prefix, _colon, name = attribute.partition(":")
            if prefix not in self.prefixes or not name:
                continue
            if name == "kind" and value in KINDS:
                kind = value
            else:
                self._attribute(part, name, value)
        urls = [attrs.get(name, "") for name in ("url", "htmlUrl", "xmlUrl")]
        is_link = attrs.get("type", "").lower() in ("link", "rss")
        url = next((url for url in urls if url and is_link), "")
        self.open.append(_Open(part, url, kind))
        if not title:
            self.problem(url or part.slug, _("There is no “text”: write one."))

    def _attribute(self, part: Outline, name: str, value: str) -> None:
        if name == "slug":
            part.slug = value
        elif name == "summary":
            part.summary = value
        elif name == "prerequisites":
            part.prerequisites = value.split()
        elif name == "minutes" and re.fullmatch("[0-9]{1,9}", value):
            part.minutes = int(value)
        elif name == "minutes":
            self.problem(part.title, _("“%s” is no number of minutes.") % value)
        elif name == "kind":
            self.problem(part.title, _("“kind” is none of %s.") % _(", ").join(KINDS))
        elif name not in _KNOWN:
            message = _("Nothing is called “%(name)s”; there are %(known)s.")
            self.problem(part.title, message % {"name": name, "known": _(", ").join(_KNOWN)})
        elif value not in ("true", "false"):
            self.problem(part.title, _("“%s” is neither true nor false.") % name)
        elif name == "optional":
            part.is_optional = value == "true"
        else:
            part.is_published = value == "false"

    def _end(self) -> None:
        part, url, kind = self.open.pop()
        if not url:
            return
        link = Link(part.title, url, kind)
        if self.open and not part.children and part.resources is None:
            above = self.open[-1].part
            above.children.pop()
            above.resources = [*(above.resources or ()), link]
        else:
            part.resources = [link, *(part.resources or ())]


def write(outlines: Sequence[Outline]) -> str:
    """The outlines, with what OPML has no name for in attributes of a namespace."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<opml version="2.0" xmlns:roadmap="{NAMESPACE}">',
        "  <head>",
        f"    <title>{escape(one_line(', '.join(top.title for top in outlines)))}</title>",
        "  </head>",
        "  <body>",
    ]
    opened = 0
    for part, level in walk_levels(outlines):
        lines += _ends(opened, level)
        links = part.resources or ()
        opened = level + bool(links or part.children)
        end = "" if opened > level else "/"
        lines.append(f"{_margin(level)}<outline{_attributes(_said(part))}{end}>")
        for link in links:
            said = {"text": link.title, "type": "link", "url": link.url}
            said |= {} if link.kind == "article" else {"roadmap:kind": link.kind}
            lines.append(f"{_margin(level + 1)}<outline{_attributes(said)}/>")
    lines += [*_ends(opened, 0), "  </body>", "</opml>", ""]
    return _NO_XML.sub("", "\n".join(lines))


def _said(part: Outline) -> dict[str, str]:
    said = {
        "text": part.title,
        "_note": part.description,
        "roadmap:slug": part.slug,
        "roadmap:summary": part.summary,
        "roadmap:optional": "true" if part.is_optional else "",
        "roadmap:unpublished": "true" if part.is_published is False else "",
        "roadmap:minutes": str(part.minutes or ""),
        "roadmap:prerequisites": " ".join(part.prerequisites or ()),
    }
    return {name: value for name, value in said.items() if value}


def _attributes(said: Mapping[str, str]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in said.items())


def _ends(opened: int, level: int) -> Iterator[str]:
    return (f"{_margin(depth)}</outline>" for depth in range(opened - 1, level - 1, -1))


def _margin(level: int) -> str:
    return "  " * (level + 2)
