"""Links as people paste them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_roadmap.admin.links import TITLE_MAX_LENGTH, read_links, title_from
from django_roadmap.outline import Link

DOCS = "https://docs.djangoproject.com/en/stable/topics/http/middleware/"


@pytest.mark.parametrize(
    ("line", "title"),
    [
        (DOCS, "docs.djangoproject.com/en/stable/topics/http/middleware"),
        (f"Middleware {DOCS}", "Middleware"),
        (f"- Middleware: {DOCS}", "Middleware"),
        (f"3. Middleware \N{EN DASH} <{DOCS}>", "Middleware"),
        (f"{DOCS} | Middleware", "Middleware"),
        (f"\t* {DOCS}.", "docs.djangoproject.com/en/stable/topics/http/middleware"),
    ],
)
def test_title_is_beside_the_address_or_made_from_it(line, title):
    assert [*read_links(line)] == [(1, [Link(title, DOCS, "")])]


def test_markdown_may_say_the_kind():
    line = f'[Middleware]({DOCS} "official"), [ ](http://www.example.org/a%20b/)'
    expected = [
        Link("Middleware", DOCS, "official"),
        Link("example.org/a b", "http://www.example.org/a%20b/", ""),
    ]
    assert [*read_links(line)] == [(1, expected)]


@pytest.mark.parametrize(
    ("line", "link"),
    [
        (
            "[Trees](HTTPS://example.org/Tree_(graph))",
            Link("Trees", "HTTPS://example.org/Tree_(graph)", ""),
        ),
        ("https://[", Link("https://[", "https://[", "")),
        (
            "https://example.org/%00%0A",
            Link("example.org/%00%0A", "https://example.org/%00%0A", ""),
        ),
    ],
)
def test_strange_addresses_are_taken_as_they_are(line, link):
    assert [*read_links(line)] == [(1, [link])]


def test_several_of_a_line_have_what_stands_before_each():
    line = "One https://one.example/ two, https://two.example/ https://three.example/"
    ((_, links),) = read_links(line)

    assert [link.title for link in links] == ["One", "two", "three.example"]


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("(see https://example.org/a)", "https://example.org/a"),
        ("https://example.org/a_(b)", "https://example.org/a_(b)"),
        ("“https://example.org/?a=b&c”!", "https://example.org/?a=b&c”"),
        ("HTTPS://EXAMPLE.ORG/", "HTTPS://EXAMPLE.ORG/"),
    ],
)
def test_what_ends_a_sentence_is_not_of_the_address(written, url):
    ((_, (link,)),) = read_links(written)

    assert link.url == url


def test_lines_are_counted_and_empty_ones_left_out():
    assert [*read_links(f"\nnothing\n  \n{DOCS}")] == [
        (2, []),
        (4, [Link(title_from(DOCS), DOCS, "")]),
    ]


def test_title_is_not_too_long():
    ((_, (link,)),) = read_links("x" * 300 + " https://example.org/")

    assert link.title == "x" * TITLE_MAX_LENGTH


@given(st.text(alphabet=st.sampled_from("htps:/[]()<>. -\"'a1\n?é\x85\u2028")))
def test_any_text_is_read(text):
    for number, links in read_links(text):
        assert 1 <= number <= len(text.splitlines())
        for link in links:
            assert link.url.lower().startswith(("http://", "https://"))
            assert link.title.strip() or link.url.rstrip("/") in ("http:", "https:")
