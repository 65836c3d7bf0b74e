"""Plain text and drawn trees, as in the seed document: what begins further right is below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from django_roadmap.outline.problems import Problem
from django_roadmap.outline.values import Outline, one_line

# The margin, the connector, the marker of a list, and the text.
_LINE = re.compile(
    r"([\s│┃║|]*)([├└╰┣┗╠╚][─━═╴┬┳╦-]*|(?<=\|)--+|[+`\\]--+|)\s*"
    r"((?:[-*+•◦▪‣]|[0-9]{1,9}[.)])(?:\s+|$)(?:\[[ xX]\](?:\s+|$))?|)(.*)",
    re.DOTALL,
)
_DRAWN = re.compile(r"^[^\S\n]*(?:[│┃║├└╰┣┗╠╚]|[|+`\\]--+[^\S\n]*[^\s|:+-])", re.MULTILINE)
_SUMMARY = re.compile(r"\*\*\s*(\S.*?)(?:\*\*\s*:|:\*\*(?!\s*(?::|$)))(.*)", re.DOTALL)
_ESCAPE = re.compile(r"\\([\\*])")
_SENTENCE = re.compile(r"[^\\].*[.!?。]$")


class _Open(NamedTuple):
    """A node that the next line may be below; its level is a guess unless it ``is_sure``."""

    column: tuple[int, bool]
    part: Outline
    is_sure: bool = True


def read(content: str) -> tuple[list[Outline], list[Problem]]:
    """The outlines in a text, and what is wrong with it."""
    return _Reader(content).read()


def write(outlines: Sequence[Outline]) -> str:
    """Titles and summaries as a tree; there is no place for all else."""
    return f"\n{'*' * 62}\n\n".join("\n".join((*_roadmap(top), "")) for top in outlines)


def is_drawn(content: str) -> bool:
    """Whether there is a line of a drawn tree in it."""
    return _DRAWN.search(content) is not None


class _Reader:
    """Goes through the lines of a text; ``open`` are the nodes from the top to the last one."""

    def __init__(self, content: str) -> None:
        self.lines = ["", *content.split("\n"), ""]
        self.outlines: list[Outline] = []
        self.problems: list[Problem] = []
        self.open: list[_Open] = []
        self.indents: dict[bool, int] = {}
        self.depths: dict[tuple[int, bool], int] = {}
        self.latest: dict[int, _Open] = {}

    def read(self) -> tuple[list[Outline], list[Problem]]:
        gaps = [_gap(line) for line in self.lines]
        is_start, title_line = True, 0
        prose: list[tuple[Outline, list[str]]] = []
        for number, line in enumerate(self.lines):
            if gaps[number]:
                # A rule right below the title of a roadmap only underlines it.
                is_start = is_start or (gaps[number] != " " and title_line != number - 1)
                continue
            margin, connector, marker, text = _LINE.findall(line)[0]
            is_bare = not connector and not marker
            if is_bare and gaps[number + 1] in ("-", "─", "━") and re.search(r"\s\s\S", text):
                gaps[number + 1] = " "
                continue
            title, summary = _title(text := text.strip())
            if not title:
                continue
            part = Outline(title, summary=summary, line=number)
            is_alone = is_bare and not margin and gaps[number + 1]
            if is_alone and is_start:
                title_line = number
                self.outlines.append(part)
                prose.append((part, []))
                # Another roadmap may be indented in another way.
                self.open, self.depths, self.latest = [_Open((-1, False), part)], {}, {}
            elif is_alone and gaps[number - 1] and prose and not summary and _SENTENCE.match(text):
                prose[-1][1].append(text)
            else:
                self._check_margin(number, margin)
                # The bar of |-- is in the margin.
                column = len(margin) - connector.startswith("--")
                self._place(number, part, (column, bool(connector)))
            is_start = False
        for roadmap, paragraphs in prose:
            roadmap.description = "\n\n".join(paragraphs) or None
        return self.outlines, self.problems

    def _check_margin(self, number: int, margin: str) -> None:
        other = min(self.indents.values(), default=number)
        kinds = {sign == "\t" for sign in set(margin) - set("│┃║|")} - self.indents.keys()
        self.indents |= dict.fromkeys(kinds, number)
        if kinds and len(self.indents) == 2:
            message = _("Both tabs and spaces indent, here and in line %d: use only one of them.")
            self.problems.append(Problem(number, self.lines[number].strip(), message % other))

    def _place(self, number: int, part: Outline, column: tuple[int, bool]) -> None:
        """Put a node below what begins further left; drawn ones, below a plain line above too."""
        last = None
        while self.open and self.open[-1].column >= column:
            last = self.open.pop()
        parent, depth = self.open[-1] if self.open else None, len(self.open)
        near = parent
        if last and last.column[0] == column[0]:
            column, near = last.column, last
        is_sure = near is None or near.is_sure
        fits = self.depths.get(column, depth) == depth
        astray = last if last and last.column > column and (last.is_sure or not fits) else None
        # Where tabs and spaces are mixed, no column says anything.
        if (astray or (is_sure and not fits)) and len(self.indents) < 2:
            like = astray or self.latest.get(depth, parent)
            assert like is not None
            message = _(
                "Jump in indentation: begin it where line %d does, or a level further right."
            )
            message %= like.part.line
            self.problems.append(Problem(number, self.lines[number].strip(), message))
            is_sure = False
        self.open.append(_Open(column, part, is_sure))
        if is_sure:
            self.depths.setdefault(column, depth)
            self.latest[depth] = self.open[-1]
        (parent.part.children if parent else self.outlines).append(part)


def _gap(line: str) -> str:
    """What a line without text is made of, a space if of nothing."""
    marks = "".join(line.split()) or " "
    is_rule = len(marks) > 2 and marks[0] in "*-=_─━═#" and len(set(marks)) == 1
    return marks[0] if is_rule or marks == " " else ""


def _title(text: str) -> tuple[str, str | None]:
    """Title and summary of a node; what follows a backslash is all title."""
    if text.startswith("\\"):
        return one_line(text[1:]), None
    found = _SUMMARY.match(_ESCAPE.sub("..", text))
    if found and "**" not in found[1]:
        title, summary = (one_line(text[slice(*found.span(group))]) for group in (1, 2))
        return _ESCAPE.sub(r"\1", title), summary or None
    for mark in ("**", "*", "__", "`"):
        inner = text.removeprefix(mark).removesuffix(mark).strip()
        if inner and mark not in inner and text.startswith(mark) and text.endswith(mark):
            text = inner
    return one_line(text), None


def _roadmap(top: Outline) -> Iterator[str]:
    yield _written(top)
    is_flat = not any(child.children for child in top.children)
    for number, child in enumerate(top.children, 1):
        yield ""
        yield f" {number}. {_written(child)}" if is_flat else _written(child, not child.children)
        stack, above = [(part, "   ") for part in reversed(child.children)], ""
        while stack:
            part, margin = stack.pop()
            is_last = not stack or stack[-1][1] != margin
            if len(above) > len(margin) == 3:
                yield "   │"
            yield margin + ("└── " if is_last else "├── ") + _written(part)
            deeper = margin + ("     " if is_last else "│    ")
            stack += [(below, deeper) for below in reversed(part.children)]
            above = margin


def _written(part: Outline, is_alone: bool = False) -> str:
    """Title and summary, such that they are read as they are."""
    title, summary = one_line(part.title), one_line(part.summary or "")
    if summary:
        title = re.sub(r"[\\*]", r"\\\g<0>", title)
        return f"**{title}** : {summary}"
    parts = _LINE.findall(title)[0] + _LINE.findall(f"- {title}")[0]
    is_text = parts == ("", "", "", title, "", "", "- ", title) and not _gap(title)
    is_prose = is_alone and _SENTENCE.match(title)
    if is_text and not is_prose and _title(title) == (title, None):
        return title
    # Some connectors begin with a backslash, too.
    return ("\\ " if _LINE.findall("\\" + title)[0][1] else "\\") + title
