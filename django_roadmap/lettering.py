"""How wide text is and where it breaks into lines, in any script and without a font. Pure.

A server does not know the font that a browser will take, so these widths are those of a wide
one (DejaVu Sans, of which Verdana is a cousin): most others leave some room.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import Final
from unicodedata import bidirectional, category, combining, east_asian_width, normalize

BOLD: Final = 1.15
"""How much wider bold letters are."""

_WIDTHS = {
    "ijlI'": 0.32,
    "J ,.:;!frt()[]/\\-|": 0.42,
    'cksvxyz?"*_LF`': 0.6,
    "aeEPTYbdghnopquSZXKRAVBC0123456789${}": 0.7,
    "DGHNOQU<>=+~#&w^": 0.86,
    "mMW@%—…щшжюфмыωФМЫ": 1.0,
    "ЖШЩЮ": 1.16,
    "\ufdfd": 9.0,
}
_KNOWN = {character: width for characters, width in _WIDTHS.items() for character in characters}

_JOINER = "\u200d"
_BREAKS_AFTER = "-/_.,:;)]}\u2010\u2013"
# What may not begin a line of Chinese or Japanese text, as far as titles hold it.
_NEVER_FIRST = "、。，．：；？！）】』」》〉〕］｝・ー々’”…"
_NEVER_LAST = "（【『「《〈〔［｛‘“"


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a line of text in the unit of ``size``, which is the size of its font."""
    return sum(map(_width, text)) * size * (BOLD if bold else 1)


@lru_cache(maxsize=4096)
def _width(character: str) -> float:
    """In sizes of the font."""
    if character in _KNOWN:
        return _KNOWN[character]
    kind = category(character)
    if kind in ("Mn", "Me", "Cf", "Cc"):
        return 0
    # An accented letter is as wide as the letter, a ligature as all that it is made of.
    parts = normalize("NFKD", character)
    if parts != character:
        return sum(map(_width, parts))
    if east_asian_width(character) in "WF":
        return 1.4 if kind == "So" else 1
    if "\u0590" <= character <= "\u08ff":
        return 0.85
    if kind == "Ll" or kind[0] == "P":
        return 0.72
    return 0.9 if kind[0] in "LMN" else 1.1


def direction(text: str) -> str:
    """``"rtl"`` where the first letter that has a direction is one of those, else ``"ltr"``."""
    for character in text:
        if (kind := bidirectional(character)) in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return "ltr"


def lines(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Text in lines no wider than ``width``; at least one.

    Lines break at white space, between Chinese and Japanese characters, and inside of a word
    only where it is wider than a line, at best behind a hyphen or a slash.
    """
    found: list[str] = []
    line, room = "", width / (size * (BOLD if bold else 1))
    for before, piece in _pieces(text, room):
        longer = f"{line}{before}{piece}"
        if line and sum(map(_width, longer)) > room:
            found.append(line)
            line = piece
        else:
            line = longer if line else piece
    return [*found, line]


def _pieces(text: str, room: float) -> Iterator[tuple[str, str]]:
    """What stays together, and the space before it, if any."""
    for word in text.split():
        before = " "
        for part in _parts(word):
            for piece in _fitting(part, room):
                yield before, piece
                before = ""


def _parts(word: str) -> Iterator[str]:
    """A word of Chinese or Japanese in the parts between which a line may break."""
    if word.isascii():
        yield word
        return
    part = ""
    for is_wide, group in groupby(clusters(word), _breaks_anywhere):
        for cluster in group if is_wide else ["".join(group)]:
            if part and cluster[0] not in _NEVER_FIRST and part[-1] not in _NEVER_LAST:
                yield part
                part = ""
            part += cluster
    yield part


def _breaks_anywhere(cluster: str) -> bool:
    return east_asian_width(cluster[0]) in "WF"


def _fitting(part: str, room: float) -> Iterator[str]:
    """The part itself, or where it is wider than a line, as much of it as fits each."""
    if sum(map(_width, part)) <= room:
        yield part
        return
    line: list[str] = []
    for cluster in clusters(part):
        if line and sum(map(_width, "".join([*line, cluster]))) > room:
            good = next((i for i in range(len(line), 0, -1) if line[i - 1] in _BREAKS_AFTER), 0)
            # A good place near the start leaves the line almost empty.
            cut = good if good > len(line) // 2 else len(line)
            yield "".join(line[:cut])
            line = line[cut:]
        line.append(cluster)
    yield "".join(line)


def clusters(text: str) -> Iterator[str]:
    """What readers take for one character: a letter with its marks, an emoji of several."""
    cluster = ""
    for character in text:
        if cluster and (
            _extends(character) or cluster[-1] == _JOINER or _is_flag(cluster, character)
        ):
            cluster += character
        else:
            if cluster:
                yield cluster
            cluster = character
    if cluster:
        yield cluster


def _extends(character: str) -> bool:
    return (
        character == _JOINER
        or bool(combining(character))
        or category(character) in ("Mn", "Me", "Mc")
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )


def _is_flag(cluster: str, character: str) -> bool:
    """Two regional indicators are a flag."""
    first, last = "\U0001f1e6", "\U0001f1ff"
    return len(cluster) == 1 and first <= cluster <= last and first <= character <= last
