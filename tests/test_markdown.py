"""Descriptions: what Markdown becomes, and what never gets through."""

import re
from html.parser import HTMLParser

import pytest
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st

from django_roadmap.markdown import roadmap_links, to_html

ADDRESSES = {"django/middleware": "/learn/django/middleware/", "数据/主题": "/learn/cn/"}


def html(text):
    return to_html(text, lambda path: ADDRESSES.get(path, ""))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "*a* **b** `c` ~~d~~",
            '<p><em>a</em> <strong>b</strong> <code dir="ltr">c</code> <s>d</s></p>\n',
        ),
        ("a  \nb", "<p>a<br>\nb</p>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>\n'),
        ("> a\n\n---", "<blockquote>\n<p>a</p>\n</blockquote>\n<hr>\n"),
        ("```python\na < b\n```", '<pre dir="ltr"><code dir="ltr">a &lt; b\n</code></pre>\n'),
        (
            "![a](https://x.org/a.png 'b')",
            '<p><img src="https://x.org/a.png" alt="a" title="b"></p>\n',
        ),
        ("<https://x.org>", '<p><a href="https://x.org">https://x.org</a></p>\n'),
        ("[a](/b/ 'c')", '<p><a href="/b/" title="c">a</a></p>\n'),
    ],
)
def test_markdown(text, expected):
    assert html(text) == expected


def test_it_may_go_into_a_template_as_it_is():
    assert isinstance(html("a"), SafeString)


def test_a_table_has_no_inline_style():
    assert html("|a|\n|-:|\n|b|") == (
        "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n"
        "<tbody>\n<tr>\n<td>b</td>\n</tr>\n</tbody>\n</table>\n"
    )


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# a", "2"),
        ("a\n===", "2"),
        ("### a", "2"),
        ("# a\n## a\n# a", "232"),
        ("## a\n#### a", "24"),
        ("# a\n##### a\n###### a", "266"),
    ],
)
def test_headings_follow_the_page_heading(text, levels):
    assert html(text) == "".join(f"<h{level}>a</h{level}>\n" for level in levels)


def test_a_roadmap_link_leads_to_the_node():
    expected = '<p><a href="/learn/django/middleware/">a</a></p>\n'

    assert html("[a](roadmap:django/middleware)") == expected
    assert html("[a][b]\n\n[b]: roadmap:django/middleware") == expected


def test_a_roadmap_link_may_be_in_any_script_and_have_a_title():
    expected = '<p><a href="/learn/cn/" title="b">a</a></p>\n'

    assert html("[a](roadmap:数据/主题 'b')") == expected


def test_a_roadmap_link_to_nowhere_leads_nowhere():
    assert html("[a](roadmap:gone 'b')") == "<p>a</p>\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", set()),
        ("[a](roadmap:django/middleware) [b](roadmap:django)", {"django/middleware", "django"}),
        ("[a][b]\n\n[b]: roadmap:django", {"django"}),
        ("<roadmap:django>", {"django"}),
        ("[a](roadmap:数据/主题 'b')", {"数据/主题"}),
        ("[*a*](roadmap:django)", {"django"}),
        ("# [a](roadmap:a)\n\n- [b](roadmap:b)\n\n|[c](roadmap:c)|\n|-|", {"a", "b", "c"}),
        ("[a](roadmap:)", {""}),
        ("[a](https://x.org/roadmap:b) [c](/roadmap:d)", set()),
        ("`[a](roadmap:b)`\n\n    [c](roadmap:d)", set()),
        ("roadmap:a \\[b](roadmap:b) ![c](roadmap:c)", set()),
    ],
)
def test_roadmap_links_are_those_of_the_text(text, expected):
    assert roadmap_links(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("a <b onclick=x>c</b>", "<p>a &lt;b onclick=x&gt;c&lt;/b&gt;</p>"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>"),
        ("[a](JAVA&#115;CRIPT:alert(1))", "<p>[a](JAVAsCRIPT:alert(1))</p>"),
        ("<javascript:alert(1)>", "<p>&lt;javascript:alert(1)&gt;</p>"),
        ("[a](data:text/html,b)", "<p>[a](data:text/html,b)</p>"),
        ("![a](data:image/png;base64,AAAA)", '<p><img alt="a"></p>'),
        ("[a](mailto:b@x.org) [*b*](ftp://x.org)", "<p>a <em>b</em></p>"),
    ],
)
def test_what_is_not_markdown_is_shown_as_text(text, expected):
    assert expected in html(text)


class Reader(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes = set(), []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += attributes


harm = st.sampled_from(
    [
        "[a](",
        "![",
        "](",
        ")",
        "<",
        ">",
        "javascript:",
        "&#x6A;avascript:",
        "\tjava\nscript:alert(1)",
        "roadmap:",
        "<script>",
        "<img src=x onerror=alert(1)>",
        "</p>",
        "\n\n",
    ]
)


@given(st.lists(harm | st.text(max_size=5), max_size=12).map("".join))
def test_nothing_harmful_gets_through(text):
    reader = Reader(html(text))

    assert not reader.tags & {"script", "style", "iframe", "object", "svg", "h1"}
    for name, value in reader.attributes:
        assert name in {"href", "src", "alt", "title", "start", "dir"}
        if name in {"href", "src"}:
            # As a browser finds it, which ignores control characters.
            scheme = re.match(r"[a-z][a-z0-9+.-]*:", re.sub(r"[\x00- ]", "", value.lower()))
            assert scheme is None or scheme[0] in {"http:", "https:"}


@given(st.lists(harm | st.sampled_from(["[a](roadmap:b)", "`"]), max_size=12).map("".join))
def test_roadmap_links_are_those_that_become_addresses(text):
    asked = set()
    to_html(text, lambda path: asked.add(path) or "")

    assert roadmap_links(text) == asked
