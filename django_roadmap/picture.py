"""Where everything is in the map of a roadmap: a tree in, a plain picture out. Pure.

A spine runs down the middle, with a stage on it for each child of the top. Below each stage
are the cards of its children, two in a row, one at each side; whatever is deeper is rows in
these cards. So nothing can overlap or cross, at any depth, and what is read first is further
up, or nearer to where a line begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from math import ceil, inf
from typing import Final, NamedTuple

from django_roadmap import lettering
from django_roadmap.tree import Branch

WIDTH: Final = 880
"""Of every map, in units that are CSS pixels where it is not scaled."""

MARK: Final = 14
"""The diameter of a mark."""

EDGE, MIDDLE = 2, WIDTH // 2
CARD_WIDTH, STAGE_WIDTH, ROOT_WIDTH = 396, 396, 560
# Above a stage, above what belongs to it, and between cards.
STAGE_GAP, CARD_GAP = 32, 20
CARD_PADDING, ROW_PADDING, INDENT, DEEPEST = 8, 8, 18, 5


class Font(NamedTuple):
    size: int
    height: int
    bold: bool = False

    def width(self, text: str) -> int:
        return ceil(lettering.width_of(text, self.size, bold=self.bold))

    def lines(self, text: str, width: float) -> list[str]:
        return lettering.lines(text, width, self.size, bold=self.bold)

    def baseline(self, top: int) -> int:
        return top + (self.height + round(self.size * 0.7)) // 2


ROOT, STAGE, HEAD, TOPIC, NOTE = (
    Font(20, 26, bold=True),
    Font(17, 22, bold=True),
    Font(15, 20, bold=True),
    Font(15, 20),
    Font(12, 16),
)


class Line(NamedTuple):
    text: str
    y: int
    """Of its baseline."""


class Text(NamedTuple):
    """``x`` is where ``anchor`` says: its start, middle or end in its own ``direction``."""

    x: int
    lines: list[Line]
    anchor: str
    direction: str
    font: Font


class Frame(NamedTuple):
    x: int
    y: int
    width: int
    height: int


class Edge(NamedTuple):
    x1: int
    y1: int
    x2: int
    y2: int


class Box(NamedTuple):
    """A node: the place that leads to its page, and what is written there.

    ``kind`` is ``root``, ``stage``, ``card``, which is the head of one, or ``row``; ``mark``
    is the middle of its mark, if it has one.
    """

    node: Branch
    kind: str
    level: int
    frame: Frame
    title: Text
    note: Text | None
    mark: tuple[int, int] | None


@dataclass
class Picture:
    """A map; boxes are in the order of the tree, and ``cards`` are what they stand on."""

    height: int = 0
    boxes: list[Box] = field(default_factory=list)
    cards: list[Frame] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    width: int = WIDTH


def lay_out(
    top: Branch,
    *,
    note: Callable[[Branch], str] = lambda node: "",
    depth: int | None = None,
    marks_parents: bool = False,
    rtl: bool = False,
) -> Picture:
    """The map of a branch.

    ``note`` says what stands beside a title, ``depth`` how many levels below the top are
    shown. What has nothing below it there has a mark, and with ``marks_parents`` all nodes.
    ``rtl`` is whether the page reads from right to left: then all of it is mirrored.
    """
    return _Drawing(top, note, depth, marks_parents, rtl).picture


class _Drawing:
    """Draws from the top down; ``y`` is where there is room."""

    def __init__(
        self,
        top: Branch,
        note: Callable[[Branch], str],
        depth: int | None,
        marks_parents: bool,
        rtl: bool,
    ) -> None:
        self.top, self.note = top, note
        self.last_level = inf if depth is None else top.level + depth
        self.marks_parents, self.rtl = marks_parents, rtl
        self.direction = "rtl" if rtl else "ltr"
        self.picture = Picture()
        self.y = EDGE
        self._draw()

    def _draw(self) -> None:
        spine_from = self._on_spine(self.top, "root", ROOT, ROOT_WIDTH)
        spine_to = spine_from
        for stage in self._children(self.top):
            self.y += STAGE_GAP
            spine_to = self.y
            self._on_spine(stage, "stage", STAGE, STAGE_WIDTH)
            cards = iter(self._children(stage))
            while pair := list(islice(cards, 2)):
                spine_to = self._cards(pair)
        if spine_to > spine_from:
            self.picture.edges.insert(0, Edge(MIDDLE, spine_from, MIDDLE, spine_to))
        self.picture.height = self.y + EDGE

    def _children(self, node: Branch) -> list[Branch]:
        return node.children if node.level < self.last_level else []

    def _has_mark(self, node: Branch) -> bool:
        return self.marks_parents or not self._children(node)

    def _on_spine(self, node: Branch, kind: str, font: Font, most: int) -> int:
        """Returns where the box ends."""
        padding, beside = 24, MARK + 10 if self._has_mark(node) else 0
        room = most - 2 * padding - beside
        titles, notes = font.lines(node.title, room), []
        if words := self.note(node):
            notes = NOTE.lines(words, room)
        widths = [*map(font.width, titles), *map(NOTE.width, notes)]
        width = min(most, max(widths) + 2 * padding + beside)
        # Even, so that the middle is a whole number.
        frame = Frame(MIDDLE - ceil(width / 2), self.y, 2 * ceil(width / 2), 0)
        y = self.y + 10
        middle = MIDDLE + beside // 2
        title = self._text(titles, middle, y, font, "middle")
        y += len(titles) * font.height
        note = self._text(notes, middle, y, NOTE, "middle") if notes else None
        y += len(notes) * NOTE.height + 10
        mark = (frame.x + padding + MARK // 2, (self.y + y) // 2) if beside else None
        self._add(node, kind, frame._replace(height=y - self.y), title, note, mark)
        self.y = y
        return y

    def _cards(self, pair: list[Branch]) -> int:
        """One card at each side of the spine; returns where the edges to them leave it."""
        top = self.y + CARD_GAP
        leaves = top + CARD_PADDING + ROW_PADDING + HEAD.height // 2
        ends = []
        for node, x in zip(pair, (EDGE, WIDTH - EDGE - CARD_WIDTH), strict=False):
            self.y = top + CARD_PADDING
            for inner, indent in self._rows(node):
                self._row(inner, x, indent)
            ends.append(self.y + CARD_PADDING)
            card = Frame(x, top, CARD_WIDTH, ends[-1] - top)
            self.picture.cards.append(self._mirrored(card))
            side = x + CARD_WIDTH if x < MIDDLE else x
            self.picture.edges.append(Edge(MIDDLE, leaves, self._flip(side), leaves))
        self.y = max(ends)
        return leaves

    def _rows(self, card: Branch) -> Iterator[tuple[Branch, int]]:
        """The nodes of a card in reading order, and how far each is indented."""
        stack = [card]
        while stack:
            node = stack.pop()
            yield node, min(max(node.level - card.level - 1, 0), DEEPEST) * INDENT
            stack.extend(reversed(self._children(node)))

    def _row(self, node: Branch, x: int, indent: int) -> None:
        is_head = node.level - self.top.level == 2
        font = HEAD if self._children(node) else TOPIC
        frame = Frame(x + 8, self.y, CARD_WIDTH - 16, 0)
        start = frame.x + 8 + indent
        mark = None
        if self._has_mark(node):
            mark = (start + MARK // 2, self.y + ROW_PADDING + font.height // 2)
            start += MARK + 10
        end = frame.x + frame.width - 8
        notes: list[str] = []
        room = end - start
        is_beside = False
        if words := self.note(node):
            is_beside = NOTE.width(words) <= room * 0.45
            notes = NOTE.lines(words, room)
            room -= (NOTE.width(words) + 12) if is_beside else 0
        titles = font.lines(node.title, room)
        y = self.y + ROW_PADDING
        title = self._text(titles, start, y, font, "start")
        below = y + len(titles) * font.height
        note = None
        if is_beside:
            note = self._text(notes, end, y + (font.height - NOTE.height) // 2 + 1, NOTE, "end")
        elif notes:
            note = self._text(notes, start, below, NOTE, "start")
            below += len(notes) * NOTE.height
        kind = "card" if is_head else "row"
        frame = frame._replace(height=below + ROW_PADDING - self.y)
        self._add(node, kind, frame, title, note, mark)
        self.y += frame.height

    def _text(self, lines: list[str], x: int, top: int, font: Font, anchor: str) -> Text:
        """``anchor`` is meant in the direction of the page, which the text need not have."""
        direction = lettering.direction(" ".join(lines))
        if direction != self.direction:
            anchor = {"start": "end", "end": "start"}.get(anchor, anchor)
        placed = [Line(text, font.baseline(top + i * font.height)) for i, text in enumerate(lines)]
        return Text(self._flip(x), placed, anchor, direction, font)

    def _add(
        self,
        node: Branch,
        kind: str,
        frame: Frame,
        title: Text,
        note: Text | None,
        mark: tuple[int, int] | None,
    ) -> None:
        level = node.level - self.top.level + 1
        mark = mark and (self._flip(mark[0]), mark[1])
        self.picture.boxes.append(Box(node, kind, level, self._mirrored(frame), title, note, mark))

    def _flip(self, x: int) -> int:
        return WIDTH - x if self.rtl else x

    def _mirrored(self, frame: Frame) -> Frame:
        return frame._replace(x=WIDTH - frame.x - frame.width) if self.rtl else frame
