"""Mermaid: one root, and titles that are nothing but titles."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_roadmap.outline import mermaid
from django_roadmap.outline.values import Outline, one_line, walk_levels

FORMS = Outline(
    "Forms", children=[Outline("Fields", children=[Outline("C++ & C#")]), Outline("数")]
)


def test_one_roadmap():
    assert mermaid.write([FORMS]) == (
        'mindmap\n  n1["Forms"]\n    n2["Fields"]\n      n3["C#43;#43; #38; C#35;"]\n    n4["数"]\n'
    ).replace("#43;", "+")


def test_several_roadmaps_have_one_root():
    assert mermaid.write([Outline("A", children=[Outline("B")]), Outline("C")]) == (
        'mindmap\n  root((" "))\n    n1["A"]\n      n2["B"]\n    n3["C"]\n'
    )
    assert mermaid.write([]) == 'mindmap\n  root((" "))\n'


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Let's go (really), a-b/c? Yes!", "Let's go (really), a-b/c? Yes!"),
        ('"]; b', "#34;#93;#59; b"),
        ("#quot;", "#35;quot#59;"),
        ("&lt;<b>", "#38;lt#59;#60;b#62;"),
        ("`*__init__*`", "#96;#42;#95;#95;init#95;#95;#42;#96;"),
        ("%%{init: {}}%%", "#37;#37;#123;init#58; #123;#125;#125;#37;#37;"),
        ("[a](b)", "#91;a#93;(b)"),
        ("1. a 2) b", "1#46; a 2#41; b"),
        ("- a", "#45; a"),
        ("+ a", "#43; a"),
        ("www.example.org", "www#46;example.org"),
        ("$$x$$ \\n ~~a~~", "#36;#36;x#36;#36; #92;n #126;#126;a#126;#126;"),
        ("a\n\t b\u2028c", "a b c"),
        ("ﬂ°lt¶ß Maß", "ﬂ\u2060°lt¶\u2060ß Maß"),
        ("", " "),
        ("\n", " "),
    ],
)
def test_titles(title, written):
    assert mermaid.write([Outline(title)]) == f'mindmap\n  n1["{written}"]\n'


TITLES = st.text() | st.text('"#;`[](){}<>&*_$%:\n\\~ aﬂ°¶ß1.')
TREES = st.recursive(
    st.builds(Outline, TITLES),
    lambda below: st.builds(Outline, TITLES, children=st.lists(below, max_size=3)),
    max_leaves=8,
)


@given(st.lists(TREES, max_size=3))
def test_any_titles(outlines):
    parts = list(walk_levels(outlines))
    depth = 1 if len(outlines) == 1 else 2
    lines = mermaid.write(outlines).split("\n")[depth:-1]
    assert len(lines) == len(parts)
    for number, (line, (part, level)) in enumerate(zip(lines, parts, strict=True), 1):
        match = re.fullmatch(r'( +)n(\d+)\["([^"`<>&*_$%{}\\~]+)"\]', line)
        assert match is not None
        assert (len(match[1]), match[2]) == (2 * (level + depth), str(number))
        shown = html.unescape(re.sub(r"#(\d+);", r"&#\1;", match[3])).replace("\u2060", "")
        assert shown.strip() == one_line(part.title).replace("\u2060", "").strip()
