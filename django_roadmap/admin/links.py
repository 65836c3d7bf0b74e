"""Pasted links, as people have them: one a line, with a title or without, or as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from django_roadmap.outline import Link

TITLE_MAX_LENGTH = 200

_MARKDOWN = re.compile(
    r"\[(?P<title>[^\[\]]*)\]"
    r'\((?P<url>https?://(?:[^\s()]|\([^\s()]*\))+)(?:\s+"(?P<kind>\w+)")?\)',
    re.IGNORECASE,
)
_BARE = re.compile(r"<?(?P<url>https?://[^\s<>]+)>?", re.IGNORECASE)
_MARKER = re.compile(r"^\s*(?:[-*+•]|\d+[.)])\s+")
_BETWEEN = " \t:|,;-\u2013\u2014"


def read_links(text: str) -> Iterator[tuple[int, list[Link]]]:
    """Each line that is not empty, by its number from 1, and the links in it, if there are any.

    A title is what stands before an address, or behind the only one of a line; without one it
    is made from the address. The kind is that of a Markdown link's title, or empty.
    """
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield number, _links(_MARKER.sub("", line))


def title_from(url: str) -> str:
    """Host and path of an address, as a title for want of a better one."""
    try:
        parts = urlsplit(url)
    except ValueError:
        # No address at all, which those who check it will say.
        return url
    quoted = parts.netloc.removeprefix("www.") + parts.path.rstrip("/")
    title = unquote(quoted)
    # Without line breaks and what no database takes.
    return title if title.isprintable() else quoted


def _title(said: str, url: str) -> str:
    return (said.strip() or title_from(url))[:TITLE_MAX_LENGTH]


def _links(line: str) -> list[Link]:
    found = list(_MARKDOWN.finditer(line))
    if found:
        return [Link(_title(m["title"], m["url"]), m["url"], m["kind"] or "") for m in found]
    links, end = [], 0
    found = list(_BARE.finditer(line))
    for match in found:
        url = _without_full_stop(match["url"])
        title = line[end : match.start()].strip(_BETWEEN)
        if len(found) == 1:
            title = title or line[match.end() :].strip(_BETWEEN)
        links.append(Link(_title(title, url), url, ""))
        end = match.end()
    return links


def _without_full_stop(url: str) -> str:
    """What ends a sentence is not of the address, nor is a bracket that opens before it."""
    while url[-1] in ".,;:!?'\"" or (url[-1] == ")" and "(" not in url):
        url = url[:-1]
    return url
