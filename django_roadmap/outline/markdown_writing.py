"""Markdown out: what ``markdown_reading`` reads, and a list to tick off."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from django_roadmap.counting import DONE, LABELS, LEARNING, SKIPPED
from django_roadmap.outline.markdown_reading import INLINE_MAX_LENGTH, LAST_HEADING
from django_roadmap.outline.values import Link, Outline, one_line, walk_levels


def write(outlines: Sequence[Outline]) -> str:
    """Headings down to a sixth level and lists below; a list, too, where nothing has children."""
    lines: list[str] = []
    is_apart = True
    stack = [(outline, 1, -1) for outline in reversed(outlines)]
    while stack:
        part, heading, item = stack.pop()
        indent = "  " * (item + 1)
        mark = "#" * heading if item < 0 else "  " * item + "-"
        if lines and (item < 0 or is_apart):
            lines.append("")
        lines.append(f"{mark} {_titled(part)}")
        about = list(_about(part))
        for block in about:
            lines += ["", *(f"{indent}{line}" for line in block)]
        is_list = item >= 0 or heading == LAST_HEADING
        is_list = is_list or not any(child.children for child in part.children)
        below = (heading, item + 1) if is_list else (heading + 1, -1)
        stack += [(child, *below) for child in reversed(part.children)]
        # A heading, and what is said of an item, are set off from the next one.
        is_apart = item < 0 or bool(about)
    return "\n".join(lines) + "\n"


def _titled(part: Outline) -> str:
    said = [f"slug: {part.slug}"] if part.slug else []
    said += ["optional"] if part.is_optional else []
    said += ["unpublished"] if part.is_published is False else []
    said += [f"minutes: {part.minutes}"] if part.minutes else []
    said += [f"after: {', '.join(part.prerequisites)}"] if part.prerequisites else []
    return escape(part.title) + (f" <!-- {'; '.join(said)} -->" if said else "")


def _about(part: Outline) -> Iterator[list[str]]:
    if part.summary:
        yield [escape(part.summary)]
    if part.description:
        yield [f"> {line}" if line else ">" for line in part.description.split("\n")]
    links: list[str] = []
    for link in part.resources or ():
        # Paragraphs that are very long are not looked into when they are read.
        if sum(map(len, links)) > INLINE_MAX_LENGTH // 2:
            yield links
            links = []
        links.append(_linked(link))
    if links:
        yield links


def _linked(link: Link) -> str:
    url = re.sub(r"&(?=#?\w+;)|[\\<>()\[\]`]", r"\\\g<0>", link.url)
    kind = "" if link.kind == "article" else f' "{link.kind}"'
    return f"[{escape(link.title)}]({url}{kind})"


def escape(text: str) -> str:
    """The text in one line, such that Markdown shows it as it is."""
    text = re.sub(r"([\\`*\[\]<>&#~|])", r"\\\1", one_line(text))
    text = re.sub(r"_(?![^\W_])|(?<![^\W_])_", r"\\_", text)
    return re.sub(r"^(?:(\d{1,9})([.)])|([-+=:]))", r"\1\\\2\3", text)


def write_checklist(outlines: Sequence[Outline], states: Mapping[str, str]) -> str:
    """Every node with a box, which is ticked when it is done."""
    lines: list[str] = []
    for part, level in walk_levels(outlines):
        state = states.get(part.slug, "")
        word = f" *({LABELS[state]})*" if state in (LEARNING, SKIPPED) else ""
        if level == 0:
            lines += ["", f"# {escape(part.title)}", ""][not lines :]
        else:
            box = "x" if state == DONE else " "
            lines.append(f"{'  ' * (level - 1)}- [{box}] {escape(part.title)}{word}")
    return "\n".join(lines).rstrip("\n") + "\n"
