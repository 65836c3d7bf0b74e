"""Markdown to HTML that is safe to show, whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROADMAP_SCHEME = "roadmap:"
LOWEST_HEADING = 6

_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_cleaner = nh3.Cleaner(
    tags={
        *("a", "blockquote", "br", "code", "em", "hr", "img", "li", "ol", "p", "pre", "s"),
        *("strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
        *("h2", "h3", "h4", "h5", "h6"),
    },
    attributes={"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}},
    url_schemes={"http", "https"},
    link_rel=None,
)


def to_html(text: str, node_url: Callable[[str], str]) -> SafeString:
    """HTML for a node's page, which has its own first heading: the highest here is the second.

    A link to ``roadmap:django/middleware`` leads where ``node_url`` says that path is, and
    is plain text where that is nowhere. Raw HTML is shown as text.
    """
    tokens = _parser.parse(text)
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1:]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(int(token.tag[1:]) - highest + 2, LOWEST_HEADING)}"
    for token in tokens:
        for child in token.children or ():
            _resolve(child, node_url)
    html = _parser.renderer.render(tokens, _parser.options, {})
    return mark_safe(_cleaner.clean(html))  # noqa: S308 (cleaned in this very line)


def _resolve(token: Token, node_url: Callable[[str], str]) -> None:
    href = str(token.attrGet("href") or "")
    if href.startswith(ROADMAP_SCHEME):
        # The parser has quoted it, and slugs are in any script.
        url = node_url(unquote(href.removeprefix(ROADMAP_SCHEME)))
        token.attrs = {**token.attrs, "href": url} if url else {}
