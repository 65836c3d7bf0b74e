"""Markdown out: the text as it is written, shown and read again."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from django_roadmap.counting import DONE, LEARNING, PENDING, SKIPPED
from django_roadmap.outline.markdown_reading import read
from django_roadmap.outline.markdown_writing import escape, write, write_checklist
from django_roadmap.outline.values import KINDS, Link, Outline, one_line, walk_levels


def grown(title, children=(), **fields):
    """The children are a dict where some have children again, a list where none has."""
    below = children if isinstance(children, dict) else dict.fromkeys(children, ())
    return Outline(title, children=[grown(*child) for child in below.items()], **fields)


def below(depth, parts):
    """A chain of nodes, and these at its end."""
    for level in range(depth, 0, -1):
        parts = [Outline(f"Level {level}", slug=f"level-{level}", children=parts)]
    return parts


def test_a_small_roadmap():
    django = Outline(
        "Django",
        slug="django",
        summary="A web framework.",
        description="For *perfectionists*.\n\n- with\n- deadlines",
        is_published=True,
        is_optional=False,
        minutes=0,
        resources=[Link("Docs", "https://docs.djangoproject.com", "official")],
        prerequisites=[],
    )
    models = Outline("Models", slug="models", minutes=90, children=[grown("Fields")])
    admin = Outline(
        "Admin",
        slug="admin",
        summary="For *staff*.",
        description="\nA\n",
        is_optional=True,
        is_published=False,
        minutes=5,
        resources=[Link("a", "http://b.c"), Link("[d]", "http://e.f/(g)_h?i=1&amp;j", "video")],
        prerequisites=["models", "views"],
    )
    models.children += [admin, grown("Queries")]
    django.children = [models, grown("Views")]

    assert write([django, grown("Flask", ["Routes", "Jinja"])]) == (
        "# Django <!-- slug: django -->\n"
        "\n"
        "A web framework.\n"
        "\n"
        "> For *perfectionists*.\n"
        ">\n"
        "> - with\n"
        "> - deadlines\n"
        "\n"
        '[Docs](https://docs.djangoproject.com "official")\n'
        "\n"
        "## Models <!-- slug: models; minutes: 90 -->\n"
        "\n"
        "- Fields\n"
        "- Admin <!-- slug: admin; optional; unpublished; minutes: 5; after: models, views -->\n"
        "\n"
        "  For \\*staff\\*.\n"
        "\n"
        "  >\n"
        "  > A\n"
        "  >\n"
        "\n"
        "  [a](http://b.c)\n"
        '  [\\[d\\]](http://e.f/\\(g\\)_h?i=1\\&amp;j "video")\n'
        "\n"
        "- Queries\n"
        "\n"
        "## Views\n"
        "\n"
        "# Flask\n"
        "\n"
        "- Routes\n"
        "- Jinja\n"
    )


def test_headings_go_down_to_the_sixth_level_and_lists_below():
    two = [grown("Left", ["Leaf"]), grown("Right")]

    assert write(below(6, two)) == (
        "# Level 1 <!-- slug: level-1 -->\n\n"
        "## Level 2 <!-- slug: level-2 -->\n\n"
        "### Level 3 <!-- slug: level-3 -->\n\n"
        "#### Level 4 <!-- slug: level-4 -->\n\n"
        "##### Level 5 <!-- slug: level-5 -->\n\n"
        "###### Level 6 <!-- slug: level-6 -->\n\n"
        "- Left\n"
        "  - Leaf\n"
        "- Right\n"
    )


def test_what_is_said_of_items_is_indented_like_them_and_set_off():
    deep = grown("C", ["D"], summary="Sum.")
    text = write(below(6, [grown("A"), Outline("B", children=[deep]), grown("E")]))

    assert text.partition("\n\n- ")[2] == "A\n- B\n  - C\n\n    Sum.\n\n    - D\n- E\n"


@pytest.mark.parametrize(
    ("outlines", "text"),
    [
        ([], "\n"),
        ([grown("A")], "# A\n"),
        ([grown("A"), grown("B")], "# A\n\n# B\n"),
        ([grown("A", ["B", "C"])], "# A\n\n- B\n- C\n"),
        ([grown("A", {"B": ["C"], "D": ()})], "# A\n\n## B\n\n- C\n\n## D\n"),
        ([Outline("A", is_published=True, is_optional=False, minutes=0)], "# A\n"),
        ([Outline("A", summary="", description="", resources=[])], "# A\n"),
    ],
)
def test_no_more_lines_than_needed(outlines, text):
    assert write(outlines) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a  b\n\tc ", "a b c"),
        ("*a* _b_ `c` ~d~ |", r"\*a\* \_b\_ \`c\` \~d\~ \|"),
        ("a_b __init__ 3_000", r"a_b \_\_init\_\_ 3_000"),
        ("[a](b) <c> &amp; #1 \\", r"\[a\](b) \<c\> \&amp; \#1 \\"),
        ("1. a 2. b", r"1\. a 2. b"),
        ("12) a", r"12\) a"),
        ("1234567890. a", "1234567890. a"),
        ("- a - b", r"\- a - b"),
        ("+1", r"\+1"),
        ("=", r"\="),
        (": a", r"\: a"),
        ("# a", r"\# a"),
    ],
)
def test_escape(text, expected):
    assert escape(text) == expected


CHARACTERS = "ab1 .)-+*_`[]<>&#|~!:\\/=\"'()x\u00a0é\u4e00\U0001f600"
texts = st.text(st.sampled_from(CHARACTERS), max_size=12) | st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12
)
titles = texts.map(one_line).filter(bool)
quoted = st.text(st.sampled_from("> -#\na`*1. \t|"), max_size=20)
urls = st.text(st.sampled_from("ab/?&=;()<>[]*_`\\%#.ü\"'"), max_size=10)
links = st.builds(Link, titles, urls.map("https://e.org/{}".format), st.sampled_from(KINDS))


def nodes(children):
    return st.builds(
        Outline,
        titles,
        st.sampled_from(["", "a", "b-c", "é", "-"]),
        st.just("") | texts.map(one_line),
        st.just("") | texts.map(lambda text: text.replace("\r", "")) | quoted,
        st.booleans(),
        st.booleans(),
        st.integers(0, 99),
        st.lists(links, max_size=3),
        st.lists(st.sampled_from(["x", "y-z"]), unique=True, max_size=2),
        children,
    )


forests = st.lists(
    st.recursive(
        nodes(st.just([])), lambda trees: nodes(st.lists(trees, max_size=4)), max_leaves=8
    ),
    min_size=1,
    max_size=3,
)


def settled(outlines):
    """With what stands for nothing said, as a text that says nothing has it."""
    return [
        replace(
            part,
            summary=part.summary or "",
            description=part.description or "",
            is_published=part.is_published is not False,
            is_optional=bool(part.is_optional),
            minutes=part.minutes or 0,
            resources=part.resources or [],
            prerequisites=part.prerequisites or [],
            children=settled(part.children),
        )
        for part in outlines
    ]


@given(st.integers(0, 9), forests)
def test_what_is_written_reads_back_equal(depth, forest):
    outlines = below(depth, forest)
    text = write(outlines)
    found, problems = read(text)

    assert problems == []
    assert settled(found) == settled(outlines)
    assert write(found) == text
    for part, _level in walk_levels(found):
        assert escape(part.title) in text.split("\n")[part.line - 1]


@given(forests)
def test_neither_two_empty_lines_nor_one_at_the_end(forest):
    text = write(forest)

    assert not re.search(r"\n\n\n", text)
    assert not text.startswith("\n")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def shown(text):
    """The texts of headings and items, as a reader of the page sees them."""
    tokens = MarkdownIt("commonmark").parse(text)
    titles = []
    for opening, token in pairwise(tokens):
        if opening.type in ("heading_open", "paragraph_open"):
            children = token.children or []
            assert {child.type for child in children} <= {"text", "html_inline"}
            texts = [child.content for child in children if child.type == "text"]
            titles.append("".join(texts).strip())
    return titles


@given(st.integers(0, 9), forests)
def test_other_readers_show_titles_as_they_are(depth, forest):
    outlines = below(depth, forest)
    for part, _level in walk_levels(outlines):
        part.summary, part.description, part.resources = "", "", []

    assert shown(write(outlines)) == [part.title for part, _level in walk_levels(outlines)]


@given(texts.map(one_line).filter(bool))
def test_other_readers_show_summaries_as_they_are(summary):
    assert shown(write([Outline("A", summary=summary)])) == ["A", summary]


def test_a_checklist():
    django = grown("Django *5*", {"Models": ["Fields", "Queries"], "Views": (), "1. URLs": ()})
    for part, slug in zip([part for part, _level in walk_levels([django])], "dmfqvu", strict=True):
        part.slug, part.summary, part.minutes = slug, "Nobody sees it.", 5
    states = {"d": DONE, "m": DONE, "f": LEARNING, "q": SKIPPED, "v": PENDING, "x": DONE}

    assert write_checklist([django, grown("Flask", ["Routes"]), grown("None")], states) == (
        "# Django \\*5\\*\n"
        "\n"
        "- [x] Models\n"
        "  - [ ] Fields *(Learning)*\n"
        "  - [ ] Queries *(Skipped)*\n"
        "- [ ] Views\n"
        "- [ ] 1\\. URLs\n"
        "\n"
        "# Flask\n"
        "\n"
        "- [ ] Routes\n"
        "\n"
        "# None\n"
    )


@given(st.integers(0, 9), forests)
def test_a_checklist_reads_back_as_titles(depth, forest):
    outlines = below(depth, forest)
    found, problems = read(write_checklist(outlines, {"a": DONE}))

    assert problems == []
    assert [(part.title, level) for part, level in walk_levels(found)] == [
        (part.title, level) for part, level in walk_levels(outlines)
    ]


def test_any_number_of_resources_reads_back():
    links = [Link(f"Link {n}", f"https://example.org/{'x' * 300}/{n}") for n in range(70)]

    [read_back], problems = read(write([Outline("A", resources=links)]))

    assert problems == []
    assert (read_back.resources, read_back.description) == (links, None)
