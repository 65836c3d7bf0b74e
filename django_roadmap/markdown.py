"""Markdown to HTML that is safe to show, whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import unquote, urlsplit

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROADMAP_SCHEME = "roadmap:"
SCHEMES = {"http", "https"}
LOWEST_HEADING = 6

_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_cleaner = nh3.Cleaner(
    tags={
        *("a", "blockquote", "br", "code", "em", "hr", "img", "li", "ol", "p", "pre", "s"),
        *("strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
        *("h2", "h3", "h4", "h5", "h6"),
    },
    attributes={"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}},
    # Code is read from left to right in every language.
    set_tag_attribute_values={"code": {"dir": "ltr"}, "pre": {"dir": "ltr"}},
    url_schemes=SCHEMES,
    link_rel=None,
)


def to_html(text: str, node_url: Callable[[str], str]) -> SafeString:
    """HTML for a node's page, which has its own first heading: the highest here is the second.

    A link to ``roadmap:django/middleware`` leads where ``node_url`` says that path is. One that
    leads nowhere, or elsewhere than http, https and the site itself, is its text alone. Raw
    HTML is shown as text.
    """
    tokens = _parser.parse(text)
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1:]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(int(token.tag[1:]) - highest + 2, LOWEST_HEADING)}"
    for token in tokens:
        if token.children:
            token.children = list(_with_addresses(token.children, node_url))
    html = _parser.renderer.render(tokens, _parser.options, {})
    return mark_safe(_cleaner.clean(html))  # noqa: S308 (cleaned in this very line)


def roadmap_links(text: str) -> set[str]:
    """The paths that links to ``roadmap:`` in a Markdown text lead to."""
    children = [child for token in _parser.parse(text) for child in token.children or ()]
    targets = {str(child.attrs.get("href", "")) for child in children}
    return {_roadmap_path(href) for href in targets if href.startswith(ROADMAP_SCHEME)}


def _with_addresses(tokens: list[Token], node_url: Callable[[str], str]) -> Iterator[Token]:
    """The same tokens, but for the ends of links that lead nowhere: their text stays."""
    leads_nowhere = False
    for token in tokens:
        if token.type == "link_open":
            token.attrs["href"] = _address(str(token.attrs["href"]), node_url)
            leads_nowhere = not token.attrs["href"]
        if not (leads_nowhere and token.type in ("link_open", "link_close")):
            yield token


def _address(href: str, node_url: Callable[[str], str]) -> str:
    if href.startswith(ROADMAP_SCHEME):
        return node_url(_roadmap_path(href))
    return href if urlsplit(href).scheme in ("", *SCHEMES) else ""


def _roadmap_path(href: str) -> str:
    # The parser has quoted it, and slugs are in any script.
    return unquote(href.removeprefix(ROADMAP_SCHEME))
