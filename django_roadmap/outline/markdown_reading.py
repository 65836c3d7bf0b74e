"""Markdown in: headings and nested lists are nodes, what stands between them is about them.

A heading or an item may end in a comment, which readers of the page do not see: ``<!-- slug:
html; optional; minutes: 30; after: css, forms -->``. A plain first paragraph is the summary, a
paragraph of links are resources. All else, and what is quoted, is the description.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

from django_roadmap.outline.problems import Problem
from django_roadmap.outline.values import KINDS, Link, Outline, one_line, walk_levels

SUMMARY_MAX_LENGTH = 300
LAST_HEADING = 6
# A bold line right above a list heads it, below all real headings.
BOLD_LINE = 7
# Longer ones are no titles, and what a parser makes of them may take very long.
INLINE_MAX_LENGTH = 10_000

# Two levels of tokens for each of a list; deeper ones than a roadmap has are problems anyway.
_blocks = MarkdownIt("commonmark", {"maxNesting": 160}).enable("table").disable("inline")
_inline = MarkdownIt("commonmark")
for parser in (_blocks, _inline):
    # Addresses stay as they are written, and are looked at here.
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    parser.validateLink = lambda url: True  # type: ignore[method-assign]

_PLAIN = re.compile(r"[^\\`*_\[\]<>&!\n]*")
_PLAIN_KINDS = frozenset({"text", "softbreak", "hardbreak"})
_BOX = re.compile(r"^\[[ xX]\](\s+|$)")
_MARKER = re.compile(r"[ \t]*([-*+]|\d{1,9}[.)])[ \t]")
_BOLD = re.compile(r"\*\*[^*\n]+\*\*:?")
# Other tags are what a title is about.
_MARKUP = re.compile(
    r"<!|</?(?:a|b|br|code|em|i|img|kbd|small|span|strong|sub|sup|u)\b", re.IGNORECASE
)
_SEPARATORS = re.compile(r"[\s,;|·•/]*")


def read(content: str) -> tuple[list[Outline], list[Problem]]:
    """The outlines in a text, and what is wrong with it."""
    reader = _Reader(content)
    reader.read()
    return reader.outlines, reader.problems


class _Reader:
    """Goes through the blocks of a text; ``open`` are the nodes from the top to the last one."""

    def __init__(self, content: str) -> None:
        self.lines = _without_front_matter(content).split("\n")
        self.outlines: list[Outline] = []
        self.problems: list[Problem] = []
        self.open: list[tuple[int, Outline]] = []
        self.blocks: defaultdict[int, list[str]] = defaultdict(list)
        self.references: dict[str, Any] = {}
        self.has_heading = False

    def read(self) -> None:
        tokens = _blocks.parse("\n".join(self.lines), self.references)
        self.has_heading = any((token.type, token.level) == ("heading_open", 0) for token in tokens)
        depth = place = 0
        while place < len(tokens):
            token = tokens[place]
            if token.type in ("bullet_list_open", "ordered_list_open"):
                depth += 1
            elif token.type in ("bullet_list_close", "ordered_list_close"):
                depth -= 1
                # What follows and is not indented is about what the list is part of.
                while not depth and self.open and self.open[-1][0] > BOLD_LINE:
                    self.open.pop()
            elif token.type == "list_item_open":
                self._start(BOLD_LINE + depth, token)
            elif token.type == "heading_open" and not depth:
                self._start(int(token.tag[1:]), token)
            elif token.type in ("blockquote_open", "table_open") or (
                token.type == "heading_open" and self.open[-1][1].title
            ):
                self._describe(token)
                end = token.type.replace("open", "close")
                while (tokens[place].type, tokens[place].level) != (end, token.level):
                    place += 1
            elif token.type == "inline":
                if not depth and _BOLD.fullmatch(token.content) and _is_list(tokens, place + 2):
                    self._start(BOLD_LINE, token)
                self._text(token)
            elif token.type in ("fence", "code_block", "html_block"):
                self._describe(token)
            place += 1
        top = Outline("", children=self.outlines)
        told = {None, *(problem.line for problem in self.problems)}
        for part, _level in walk_levels([top]):
            part.children = [child for child in part.children if child.title or child.children]
            if id(part) in self.blocks:
                part.description = "\n\n".join(self.blocks[id(part)])
            if not part.title and part.line not in told:
                self._problem(part.line, _("An item without a title: write one."))
        self.outlines = top.children

    def _start(self, rank: int, token: Token) -> None:
        assert token.map is not None
        while self.open and self.open[-1][0] >= rank:
            self.open.pop()
        part = Outline("", line=token.map[0] + 1)
        (self.open[-1][1].children if self.open else self.outlines).append(part)
        self.open.append((rank, part))

    def _text(self, token: Token) -> None:
        """A title, if the node waits for one, or a paragraph about it."""
        assert token.map is not None
        line, content = token.map[0] + 1, token.content
        if not self.open:
            if self.has_heading:
                self._problem(line, _("This is about no node: write it below a title."))
                return
            self._start(0, token)
        part = self.open[-1][1]
        if part.title:
            self._paragraph(part, line, content, self._source(token))
            return
        title, _break, rest = content.partition("\n")
        self._title(part, line, title)
        if not part.title:
            self._problem(line, _("There is no text in this title: write one."))
        if rest:
            self._paragraph(part, line + 1, rest, rest)

    def _title(self, part: Outline, line: int, content: str) -> None:
        content = _BOX.sub("", content, count=1).rstrip()
        begin = content.rfind("<!--") if content.endswith("-->") else -1
        if begin >= 0 and content[begin - 1 : begin] != "\\":
            self._attributes(part, line, content[begin + 4 : -3])
            content = content[:begin]
        tokens = self._inline(content)
        links = self._links(tokens, line)
        title = one_line(_plain(tokens))
        if tokens and tokens[0].type == "strong_open" and not links:
            end = next(i for i, t in enumerate(tokens) if (t.type, t.level) == ("strong_close", 0))
            bold, rest = one_line(_plain(tokens[:end])), one_line(_plain(tokens[end:]))
            if rest.startswith(":") or (bold.endswith(":") and rest):
                title = bold.removesuffix(":").strip()
                part.summary = rest.removeprefix(":").strip()
        part.title = title
        if links:
            part.resources = links

    def _attributes(self, part: Outline, line: int, comment: str) -> None:
        pairs = [field.partition(":") for field in comment.split(";") if field.strip()]
        said = [(name.strip().lower(), value.strip()) for name, _colon, value in pairs]
        # Another comment is nobody's business; a slip of the pen is.
        if not said or not get_close_matches(re.split(r"\W", said[0][0])[0], _ATTRIBUTES, 1, 0.75):
            return
        for name, value in said:
            if name not in _ATTRIBUTES:
                message = _("Nothing is called “%(name)s”; there are %(known)s.")
                self._problem(line, message % {"name": name, "known": _(", ").join(_ATTRIBUTES)})
            elif name == "minutes" and not re.fullmatch("[0-9]{1,9}", value):
                self._problem(line, _("“%s” is no number of minutes.") % value)
            elif isinstance(_ATTRIBUTES[name][1], bool) and value:
                self._problem(line, _("Nothing stands after “%s”: it is said, or not.") % name)
            else:
                column, convert = _ATTRIBUTES[name]
                setattr(part, column, convert(value) if callable(convert) else convert)

    def _paragraph(self, part: Outline, line: int, content: str, source: str) -> None:
        lists = [n for n, text in enumerate(content.split("\n"), line) if _MARKER.match(text)]
        if lists:
            self._problem(lists[0], _("This list is indented too far, or not set off."))
        tokens = self._inline(content)
        kinds, plain = {token.type for token in tokens}, one_line(_plain(tokens))
        is_first = part.summary is None and not part.children and id(part) not in self.blocks
        if "link_open" in kinds and _SEPARATORS.fullmatch(_plain(tokens, of_links=False)):
            if links := self._links(tokens, line):
                part.resources = part.resources or []
                part.resources += links
        elif is_first and len(plain) <= SUMMARY_MAX_LENGTH and kinds <= _PLAIN_KINDS:
            part.summary = plain or None
        else:
            self.blocks[id(part)].append(source)

    def _inline(self, content: str) -> list[Token]:
        if _PLAIN.fullmatch(content) or len(content) > INLINE_MAX_LENGTH:
            return [Token("text", "", 0, content=content)]
        tokens = _inline.parseInline(content, self.references)[0].children or ()
        return [token for token in tokens if token.type != "text" or token.content]

    def _links(self, tokens: list[Token], line: int) -> list[Link]:
        links = []
        for place, token in enumerate(tokens):
            line += token.type in ("softbreak", "hardbreak")
            if token.type == "link_open":
                ends = (i for i, t in enumerate(tokens[place:]) if t.type == "link_close")
                title = one_line(_plain(tokens[place : place + next(ends)]))
                url, kind = str(token.attrs["href"]), str(token.attrs.get("title", ""))
                if url.lower().startswith(("http://", "https://")):
                    links.append(Link(title or url, url, kind if kind in KINDS else "article"))
                # A place in the text itself, as in a table of contents, is nowhere any more.
                elif not url.startswith("#"):
                    message = _("The link to “%s” does not begin with https:// or http://.")
                    self._problem(line, message % url)
        return links

    def _describe(self, token: Token) -> None:
        assert token.map is not None
        line, text = token.map[0] + 1, token.content.strip()
        is_comment = token.type == "html_block" and text.startswith("<!--")
        if is_comment and text.find("-->") in (-1, len(text) - 3):
            if not text.endswith("-->"):
                self._problem(line, _("This comment has no end: write -->."))
            return
        if not self.open or not self.open[-1][1].title:
            self._problem(line, _("This is about no node: write it below a title."))
            return
        source = self._source(token)
        if token.type == "code_block":
            source = re.sub("^(?=.)", "    ", token.content.rstrip(), flags=re.MULTILINE)
        elif token.type == "blockquote_open":
            source = re.sub(r"^ {0,3}>[ \t]?", "", source.rstrip("\n"), flags=re.MULTILINE)
        self.blocks[id(self.open[-1][1])].append(source)

    def _source(self, token: Token) -> str:
        """The lines of a block as they are written, but for the indentation of their list."""
        assert token.map is not None
        first, *rest = self.lines[slice(*token.map)]
        text = first.lstrip(" \t")
        indentation = len(first) - len(text)
        tidied = [line[:indentation].lstrip(" \t") + line[indentation:] for line in rest]
        return "\n".join([text, *tidied])

    def _problem(self, line: int | None, message: str) -> None:
        self.problems.append(Problem(line, self.lines[line - 1] if line else "", message))


_ATTRIBUTES: dict[str, tuple[str, Any]] = {
    "slug": ("slug", str),
    "optional": ("is_optional", True),
    "published": ("is_published", True),
    "unpublished": ("is_published", False),
    "minutes": ("minutes", int),
    "after": ("prerequisites", re.compile(r"[^,\s]+").findall),
}


def _without_front_matter(content: str) -> str:
    """With empty lines in its place, so that the others keep their numbers."""
    match = re.match(r"---[ \t]*\n(?=[\w-]+:)(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", content)
    return content if match is None else "\n" * match[0].count("\n") + content[match.end() :]


def _is_list(tokens: list[Token], place: int) -> bool:
    return place < len(tokens) and tokens[place].type.endswith("_list_open")


def _plain(tokens: Iterable[Token], *, of_links: bool = True) -> str:
    """What a reader reads of them."""
    texts, inside = [], 0
    for token in tokens:
        inside += token.nesting if token.type.startswith("link_") else 0
        is_markup = token.type == "html_inline" and _MARKUP.match(token.content)
        if not is_markup and (of_links or not inside):
            texts.append(" " if token.type in ("softbreak", "hardbreak") else token.content)
    return "".join(texts)
