"""JSON in and out: all there is, so that nothing is lost on the way.

::

    {"format": "django-roadmap", "version": 1, "roadmaps": [NODE, …]}

    NODE = {"title": "…", "slug": "…", "summary": "…", "description": "…",
            "is_published": true, "is_optional": false, "minutes": 30,
            "resources": [{"title": "…", "url": "https://…", "kind": "article"}, …],
            "prerequisites": ["slug", …], "children": [NODE, …]}

Only the title is required. What a node leaves out stays as it is; ``minutes`` are null when
unknown.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_roadmap.outline.problems import Problem
from django_roadmap.outline.values import KINDS, Link, Outline, walk_levels

FORMAT = "django-roadmap"
VERSION = 1

_encode = json.JSONEncoder(ensure_ascii=False, indent=2).encode


class _Object(dict[str, Any]):
    """An object of the text, with the line that it begins in and the names it has twice."""

    __slots__ = ("line", "twice")

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.line = 1
        self.twice: Sequence[str] = ()
        if len(self) < len(pairs):
            names = Counter(name for name, _value in pairs)
            self.twice = [name for name in self if names[name] > 1]


_TOP: dict[str, type] = {"format": str, "version": int, "roadmaps": list}
_NODE: dict[str, type] = {
    "title": str,
    "slug": str,
    "summary": str,
    "description": str,
    "is_published": bool,
    "is_optional": bool,
    "minutes": int,
    "resources": list,
    "prerequisites": list,
    "children": list,
}
_LINK: dict[str, type] = {"title": str, "url": str, "kind": str}

_WRONG: dict[type, Any] = {
    str: gettext_lazy("“%s” is no text: put it in quotes."),
    bool: gettext_lazy("“%s” is neither true nor false."),
    int: gettext_lazy("“%s” is neither a whole number from 1 on nor null."),
    list: gettext_lazy("“%s” is no list: put it in square brackets."),
}
_WRONG_IN: dict[type, Any] = {
    str: gettext_lazy("In “%s” is what is no text: put it in quotes."),
    _Object: gettext_lazy("In “%s” is what is no object: put it in curly brackets."),
}


def read(content: str) -> tuple[list[Outline], list[Problem]]:
    """The outlines in a text, and what is wrong with it."""
    objects: list[_Object] = []

    def ended(pairs: list[tuple[str, Any]]) -> _Object:
        objects.append(_Object(pairs))
        return objects[-1]

    try:
        top = json.loads(content, object_pairs_hook=ended, parse_int=_whole)
    except RecursionError:
        return [], [Problem(1, "", _("It is nested too deep: move its nodes further up."))]
    except json.JSONDecodeError as error:
        begin = content.rfind("\n", 0, error.pos) + 1
        shown = content[max(begin, error.pos - 30) : error.pos + 30].partition("\n")[0]
        message = _("This is no JSON: %(reason)s (column %(column)d). Look here and right above.")
        message %= {"reason": error.msg, "column": error.colno}
        return [], [Problem(error.lineno, _encodable(shown), message)]
    _find_lines(content, objects)
    reader = _Reader()
    return reader.read(top), reader.problems


def _whole(digits: str) -> float:
    """Python refuses to convert more, and they are no minutes either."""
    return int(digits) if len(digits) <= 4000 else float("inf")


def _find_lines(content: str, objects: Iterable[_Object]) -> None:
    """Objects are in the order of their ends; outside of strings there is little else."""
    outside = content.replace("\\\\", "").replace('\\"', "").split('"')[::2]
    line, begun, rest = 1, [], iter(objects)
    for mark in re.findall(r"[{}\n]", "".join(outside)):
        if mark == "\n":
            line += 1
        elif mark == "{":
            begun.append(line)
        else:
            next(rest).line = begun.pop()


def _is_a(value: Any, kind: type) -> bool:
    """Truth is no number here; all numbers count from one."""
    return (kind is not int or (isinstance(value, int) and value > 0)) and type(value) is kind


def _encodable(text: str) -> str:
    return text.encode(errors="replace").decode()


class _Reader:
    """Makes outlines of what JSON has, and notes what is no part of one."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def read(self, top: Any) -> list[Outline]:
        if not isinstance(top, _Object) or top.get("format") != FORMAT or "roadmaps" not in top:
            begin = f'{{"format": "{FORMAT}", "version": {VERSION}, "roadmaps": ['
            self.problems.append(Problem(1, "", _("Begin with %s and end with ]}.") % begin))
            return []
        if type(top.get("version")) is not int or top["version"] != VERSION:
            self._problem(top, _("Only “version”: %d can be read.") % VERSION)
            return []
        outlines: list[Outline] = []
        waiting = [(top, "roadmaps", self._values(top, _TOP), outlines)]
        while waiting:
            found, name, values, into = waiting.pop()
            for each in self._items(found, name, values, _Object):
                values_below = self._values(each, _NODE)
                into.append(self._node(each, values_below))
                if "children" in values_below:
                    waiting.append((each, "children", values_below, into[-1].children))
        return outlines

    def _node(self, found: _Object, values: dict[str, Any]) -> Outline:
        part = Outline("", line=found.line)
        title = found.get("title", "")
        if isinstance(title, str) and not title.strip():
            self._problem(found, _("There is no title: write one."))
        if "resources" in values:
            each_found = self._items(found, "resources", values, _Object)
            links = [self._link(each) for each in each_found]
            values["resources"] = [link for link in links if link is not None]
        if "prerequisites" in values:
            slugs = self._items(found, "prerequisites", values, str)
            values["prerequisites"] = [self._text(found, "prerequisites", slug) for slug in slugs]
        for name, value in values.items():
            if name != "children":
                setattr(part, name, value)
        return part

    def _link(self, found: _Object) -> Link | None:
        values = self._values(found, _LINK)
        for name in ("title", "url"):
            if name not in found:
                self._problem(found, _("There is no “%s”: write one.") % name)
        if values.get("kind", "article") not in KINDS:
            self._problem(found, _("“kind” is none of %s.") % _(", ").join(KINDS))
            del values["kind"]
        return Link(**values) if {"title", "url"} <= values.keys() else None

    def _values(self, found: _Object, types: Mapping[str, type]) -> dict[str, Any]:
        """Those that are as they must be."""
        for name in found.twice:
            self._problem(found, _("“%s” is there twice: delete one.") % name)
        values: dict[str, Any] = {}
        for name, value in found.items():
            if name not in types:
                message = _("Nothing is called “%(name)s”; there are %(known)s.")
                self._problem(found, message % {"name": name, "known": _(", ").join(types)})
            elif name == "minutes" and value is None:
                values[name] = 0
            elif not _is_a(value, types[name]):
                self._problem(found, _WRONG[types[name]] % name)
            else:
                values[name] = self._text(found, name, value) if types[name] is str else value
        return values

    def _items(
        self, found: _Object, name: str, values: Mapping[str, Any], kind: type
    ) -> Iterator[Any]:
        for item in values.get(name, ()):
            if type(item) is kind:
                yield item
            else:
                self._problem(found, _WRONG_IN[kind] % name)

    def _text(self, found: _Object, name: str, value: str) -> str:
        text = _encodable(value)
        if text != value:
            self._problem(found, _("In “%s” is half of a character: delete it.") % name)
        return text

    def _problem(self, found: _Object, message: str) -> None:
        title = found.get("title")
        text = title if isinstance(title, str) else ""
        self.problems.append(Problem(found.line, _encodable(text), _encodable(message)))


def write(outlines: Sequence[Outline]) -> str:
    """All of the outlines. Not by one call of ``json``, which would follow them down."""
    pieces = [f'{{\n  "format": "{FORMAT}",\n  "version": {VERSION},\n  "roadmaps": [']
    above = -1
    for part, level in walk_levels(outlines):
        if level > above:
            pieces.append(f',{_margin(above)}  "children": [' if level else "")
        else:
            pieces += [*_ends(above, level), ","]
        node = _encode(_said(part)).removesuffix("\n}")
        pieces += [_margin(level), node.replace("\n", _margin(level))]
        above = level
    pieces += [*_ends(above, 0), "\n  " if outlines else "", "]\n}\n"]
    return "".join(pieces)


def _said(part: Outline) -> dict[str, Any]:
    values = {name: getattr(part, name) for name in _NODE if name != "children"}
    said = {name: value for name, value in values.items() if value is not None}
    if not part.slug:
        del said["slug"]
    if part.minutes == 0:
        said["minutes"] = None
    if part.resources:
        links = part.resources
        said["resources"] = [{name: getattr(link, name) for name in _LINK} for link in links]
    return said


def _ends(above: int, level: int) -> Iterator[str]:
    """What closes the nodes that are open down to one level, up to another."""
    for depth in range(above, level - 1, -1):
        yield f"{_margin(depth)}  ]" if depth < above else ""
        yield f"{_margin(depth)}}}"


def _margin(level: int) -> str:
    return "\n" + "    " * (level + 1)
