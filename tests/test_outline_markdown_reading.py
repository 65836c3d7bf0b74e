"""Markdown in: what becomes of it, and what is said where it is wrong."""

import re
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_roadmap.outline.markdown_reading import INLINE_MAX_LENGTH, read
from django_roadmap.outline.values import KINDS, Link, walk_levels

NOT_SET_OFF = "This list is indented too far, or not set off."
ABOUT_NOTHING = "This is about no node: write it below a title."
NO_TEXT = "There is no text in this title: write one."
NO_TITLE = "An item without a title: write one."
NO_END = "This comment has no end: write -->."
KNOWN = "slug, optional, published, unpublished, minutes, after"


def drawn(text):
    """The titles, indented, each with its line."""
    outlines, problems = read(text)
    assert problems == []
    return [f"{'  ' * level}{part.title} {part.line}" for part, level in walk_levels(outlines)]


def only(text):
    """The one node of a text in which nothing is wrong."""
    (outline,), problems = read(text)
    assert problems == []
    assert outline.children == []
    return outline


def wrong(text):
    return [(problem.line, problem.text, problem.message) for problem in read(text)[1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\n\n---\n\n***\n", []),
        ("# A", ["A 1"]),
        ("A\n===\n\nB\n---\n\nC\n---", ["A 1", "  B 4", "  C 7"]),
        ("# A #\n\n## B ##\n### C\n## D", ["A 1", "  B 3", "    C 4", "  D 5"]),
        ("# A\n### B\n## C\n##### D\n###### E\n# F", "A 1,  B 2,  C 3,    D 4,      E 5,F 6"),
        ("## A\n# B\n## C", ["A 1", "B 2", "  C 3"]),
        ("# A\n# B\n# C", ["A 1", "B 2", "C 3"]),
        ("# A\n- b\n  - c\n- d\n## E\n- f", "A 1,  b 2,    c 3,  d 4,  E 5,    f 6"),
        ("# A\n\n- b\n\n\n- c\n\n  - d\n", ["A 1", "  b 3", "  c 6", "    d 8"]),
        ("- a\n  - b\n    - c\n- d", ["a 1", "  b 2", "    c 3", "d 4"]),
        ("* a\n\t* b\n\t\t* c\n* d", ["a 1", "  b 2", "    c 3", "d 4"]),
        ("1. a\n   1. b\n   2. c\n2. d\n10. e", ["a 1", "  b 2", "  c 3", "d 4", "e 5"]),
        ("1) a\n   - b\n     + c\n2) d", ["a 1", "  b 2", "    c 3", "d 4"]),
        ("- a\n* b\n+ c\n1. d", ["a 1", "b 2", "c 3", "d 4"]),
        ("Title\n\n- a\n  - b", ["Title 1", "  a 3", "    b 4"]),
        ("Title\n- a\n", ["Title 1", "  a 2"]),
        ("Title\n\n- # a", ["Title 1", "  a 3"]),
        ("- [ ] a\n  - [x] b\n  - [X] c", ["a 1", "  b 2", "  c 3"]),
        ("# [x] a", ["a 1"]),
        ("- [x]a\n- [y] b", ["[x]a 1", "[y] b 2"]),
        ("# A\n\n- \n- b\n-\n", ["A 1", "  b 4"]),
        ("- # a\n\n  - b", ["a 1", "  b 3"]),
        ("- <!-- x -->\n  a", ["a 1"]),
        ("####### x", ["####### x 1"]),
        ("# A\n\n- b\n\n---\n\n- c", ["A 1", "  b 3", "  c 7"]),
    ],
)
def test_levels(text, expected):
    assert drawn(text) == (expected.split(",") if isinstance(expected, str) else expected)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("*a* _b_ **c** __d__ ***e***", "a b c d e"),
        ("`code` and ``a ` b``", "code and a ` b"),
        (r"\*a\* \[b\] 1\. \# \\", r"*a* [b] 1. # \ ".strip()),
        ("a &amp; b &lt;c&gt; &copy; &nope;", "a & b <c> © &nope;"),
        ("a_b_c * d < e > f & g", "a_b_c * d < e > f & g"),
        ("a <b>bold</b> <br> word", "a bold word"),
        ("a  <!-- note -->", "a"),
        ("a <!-- note --> b", "a b"),
        ("a `<!-- slug: x -->`", "a <!-- slug: x -->"),
        (r"a \<!-- slug: x -->", "a <!-- slug: x -->"),
        ("a -->", "a -->"),
        ("![logo](http://a.b/c.png) a", "logo a"),
        ("a\u00a0b \u4e00", "a\u00a0b \u4e00"),
        ("[no link] [x][nothing]", "[no link] [x][nothing]"),
        ("**a**", "a"),
        ("**a:**", "a:"),
        ("**a** b: c", "a b: c"),
        ("a **b**: c", "a b: c"),
        ("x" * (INLINE_MAX_LENGTH + 1), "x" * (INLINE_MAX_LENGTH + 1)),
        ("*" + "x" * INLINE_MAX_LENGTH + "*", "*" + "x" * INLINE_MAX_LENGTH + "*"),
    ],
)
@pytest.mark.parametrize("mark", ["# ", "- ", ""])
def test_titles(mark, title, expected):
    outline = only(mark + title)

    assert (outline.title, outline.slug, outline.summary) == (expected, "", None)
    assert (outline.description, outline.resources, outline.line) == (None, None, 1)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("**A** : rest", ("A", "rest")),
        ("**A**: rest", ("A", "rest")),
        ("**A:** rest", ("A", "rest")),
        ("__A :__ *rest* `of` it", ("A", "rest of it")),
        ("**A `b` c**: rest: more", ("A b c", "rest: more")),
        ("**A **b** c**: rest", ("A b c", "rest")),
        ("**A**:", ("A", "")),
        ("[ ] **A**: rest <!-- optional -->", ("A", "rest")),
    ],
)
def test_a_bold_title_with_a_colon_has_the_summary_behind_it(title, expected):
    outline = only(f"- {title}")

    assert (outline.title, outline.summary) == expected


def test_the_paragraph_below_is_the_description_then():
    outline = only("- **A**: rest\n\n  More of it.")

    assert (outline.summary, outline.description) == ("rest", "More of it.")


@pytest.mark.parametrize(
    ("title", "text", "links"),
    [
        ("[A](https://b.c)", "A", [Link("A", "https://b.c")]),
        ("See [*A*](HTTP://b.c 'video') now", "See A now", [Link("A", "HTTP://b.c", "video")]),
        ("<https://b.c/d>", "https://b.c/d", [Link("https://b.c/d", "https://b.c/d")]),
        ("a [](http://b.c)", "a", [Link("http://b.c", "http://b.c")]),
        ("[A](<http://b.c/d e>)", "A", [Link("A", "http://b.c/d e")]),
        (
            "**[A](http://b.c)**: [d](http://e.f)",
            "A: d",
            [Link("A", "http://b.c"), Link("d", "http://e.f")],
        ),
        ("[![alt](d.png)](http://b.c)", "alt", [Link("alt", "http://b.c")]),
        ("![[A](http://b.c)](d.png) x", "[A](http://b.c) x", None),
        (r"[a\]b](http://b.c/\(d\)?e=1&f)", "a]b", [Link("a]b", "http://b.c/(d)?e=1&f")]),
    ],
)
def test_links_in_titles_are_resources(title, text, links):
    outline = only(f"# {title}")

    assert (outline.title, outline.resources, outline.summary) == (text, links, None)


@pytest.mark.parametrize("kind", [*KINDS, "Video", "a title", ""])
def test_the_title_of_a_link_may_be_its_kind(kind):
    outline = only(f'# A\n\n[b](https://c.d "{kind}")')

    assert outline.resources == [Link("b", "https://c.d", kind if kind in KINDS else "article")]


@pytest.mark.parametrize(
    "paragraph",
    [
        "[a](http://b.c)\n[d](http://e.f 'book')",
        "[a](http://b.c), [d](http://e.f 'book')",
        "[a](http://b.c) | [d](http://e.f 'book');",
        "[a](http://b.c)\n\n[d](http://e.f 'book')",
        "[a](http://b.c) · [d](http://e.f 'book') •",
        "**[a](http://b.c)** / *[d](http://e.f 'book')*",
        "[a](http://b.c)  \n[d](http://e.f 'book')",
        "[a][1]<br>[d][]\n\n[1]: http://b.c\n[D]: http://e.f 'book'",
    ],
)
def test_paragraphs_of_links_are_resources(paragraph):
    outline = only(f"# A\n\n{paragraph}")

    assert outline.resources == [Link("a", "http://b.c"), Link("d", "http://e.f", "book")]
    assert (outline.summary, outline.description) == (None, None)


def test_references_may_be_defined_anywhere():
    text = "[0]: http://z.y\n\n# [A][1]\n\n- b\n\n  [c], <http://i.j>\n\n  [1]: http://d.e\n\n[c]: http://f.g"
    (outline,), problems = read(text)

    assert problems == []
    assert outline.resources == [Link("A", "http://d.e")]
    assert outline.children[0].resources == [
        Link("c", "http://f.g"),
        Link("http://i.j", "http://i.j"),
    ]


def test_a_paragraph_with_a_link_and_words_is_the_description():
    outline = only("# A\n\nSee [b](http://c.d) for *more*.")

    assert (outline.summary, outline.resources) == (None, None)
    assert outline.description == "See [b](http://c.d) for *more*."


def test_links_within_the_text_are_text():
    [top], problems = read("# A\n\n[Up](#a)\n\n- See [below](#b)\n")

    assert problems == []
    assert (top.description, top.summary, top.resources) == (None, None, None)
    assert [(child.title, child.resources) for child in top.children] == [("See below", None)]


@pytest.mark.parametrize("url", ["ftp://a.b", "docs/a.md", "javascript:alert(1)", ""])
def test_other_links_are_problems(url):
    text = f"# A\n\n[a](http://b.c)\n[d](http://e.f)\\\n[g]({url})\n\n## [h]({url})"
    message = f"The link to “{url}” does not begin with https:// or http://."

    assert wrong(text) == [(5, f"[g]({url})", message), (7, f"## [h]({url})", message)]


@pytest.mark.parametrize(
    ("paragraph", "summary"),
    [
        ("Some words.", "Some words."),
        ("Some\nmore  words\\\nand  \nmore.", "Some more words and more."),
        (r"A \* b &amp; c 2 < 3", "A * b & c 2 < 3"),
        ("x" * 300, "x" * 300),
        ("2 + 2", "2 + 2"),
        ("-\u00a0b", "-\u00a0b"),
    ],
)
@pytest.mark.parametrize("mark", ["# A\n\n", "- A\n\n  ", "- A\n  ", "A\n\n"])
def test_a_plain_first_paragraph_is_the_summary(mark, paragraph, summary):
    text = mark + paragraph.replace("\n", "\n  " if mark.startswith("-") else "\n")

    assert (only(text).summary, only(text).description) == (summary, None)


@pytest.mark.parametrize(
    "block",
    [
        "Some *words*.",
        "Some `words`\nof  them  \n here.",
        "x" * 301,
        "x [y](http://a.b)",
        "![a](b.png)",
        "words <!-- comment -->",
        "a <b>c</b>",
        "*" * (INLINE_MAX_LENGTH + 1) + "a",
        "```python\nif a:\n    b()\n\n\tc\n```",
        "~~~\n# no heading\n- no item\n~~~",
        "```\nopen",
        "    code\n\n        - deep\n    back",
        "        deep first\n    back",
        "<div>\n  <p>html\n</div>",
        "<!-- comment --> <b>html</b>",
        "| a | b |\n|---|--:|\n| 1 | - 2 |",
        "a | b\n--|--\nc | d",
    ],
)
@pytest.mark.parametrize("mark", ["# A\n\n", "- A\n\n  ", "1. A\n\n   ", "A\n\n"])
def test_all_else_is_the_description_as_it_is_written(mark, block):
    indent = mark.rpartition("\n")[2]
    text = mark + re.sub(r"\n(?=.)", f"\n{indent}", block)
    outline = only(text)

    assert (outline.title, outline.summary) == ("A", None)
    assert outline.description == block


def test_blocks_of_a_description_are_set_off():
    text = "- A\n\n  Sum.\n\n  More.\n\n  ```\n  a\n  ```\n  - b\n\n  > c\n"
    (outline,), problems = read(text)
    (below,) = outline.children

    assert problems == []
    assert (outline.summary, outline.description) == ("Sum.", "More.\n\n```\na\n```")
    assert (below.title, below.description, below.line) == ("b", "c", 10)


@pytest.mark.parametrize(
    ("quote", "description"),
    [
        ("> a", "a"),
        (">a\n>\n>  b", "a\n\n b"),
        ("> # a\n> - b\n>   - c\n>\n>       d", "# a\n- b\n  - c\n\n      d"),
        ("> a\nb", "a\nb"),
        (">\ta\n>\tb", "a\nb"),
        ("> > a\n> b", "> a\nb"),
        ("> ```\n> a\n> ```\n", "```\na\n```"),
        ("> a\n\n> b", "a\n\nb"),
        ("   > a\n > b", "a\nb"),
    ],
)
def test_a_quote_is_the_description_without_its_marks(quote, description):
    outline = only(f"# A\n\n{quote}\n\nSum?")

    assert outline.description == f"{description}\n\nSum?"
    assert outline.summary is None


def test_code_in_a_list_of_tabs_keeps_its_own_indentation():
    outline = only("-\tA\n\n\t```\n\tif a:\n\t\tb\n\t```")

    assert outline.description == "```\nif a:\n\tb\n```"


def test_a_heading_in_an_item_is_its_title_or_described():
    outline = only("- # A\n\n  ## B\n\n  C\n\n  D\n  ---\n")

    assert (outline.title, outline.summary) == ("A", None)
    assert outline.description == "## B\n\nC\n\nD\n---"


def test_a_paragraph_of_nothing_but_spaces_is_none():
    assert only("# A\n\n\u00a0\n\nSum.").summary == "Sum."


@pytest.mark.parametrize(
    ("comment", "fields"),
    [
        ("slug: b-c", {"slug": "b-c"}),
        ("slug:b", {"slug": "b"}),
        ("optional", {"is_optional": True}),
        ("unpublished", {"is_published": False}),
        ("published;", {"is_published": True}),
        ("minutes: 30", {"minutes": 30}),
        ("minutes: 0", {"minutes": 0}),
        ("after: a, b  c,", {"prerequisites": ["a", "b", "c"]}),
        ("after:", {"prerequisites": []}),
        (
            "slug: x; optional;; unpublished ;minutes:5; after: y",
            {
                "slug": "x",
                "is_optional": True,
                "is_published": False,
                "minutes": 5,
                "prerequisites": ["y"],
            },
        ),
        ("note", {}),
        ("note; optional", {}),
        ("", {}),
        (" ; ", {}),
    ],
)
@pytest.mark.parametrize("text", ["# A {}", "- A {}", "- A {}  \n  Sum.", "- [ ] A{}", "A {}\n==="])
def test_a_comment_at_the_end_of_a_title_has_attributes(text, comment, fields):
    outline = only(text.format(f"<!-- {comment} -->"))
    names = ("is_optional", "is_published", "minutes", "prerequisites")

    assert (outline.title, outline.slug) == ("A", fields.get("slug", ""))
    assert {name: getattr(outline, name) for name in names} == {
        name: fields.get(name) for name in names
    }


@pytest.mark.parametrize(
    ("comment", "messages"),
    [
        ("slug: a; colour: red", [f"Nothing is called “colour”; there are {KNOWN}."]),
        ("optional; x; y", [f"Nothing is called “{name}”; there are {KNOWN}." for name in "xy"]),
        ("minutes: 3 h", ["“3 h” is no number of minutes."]),
        ("minutes: -3", ["“-3” is no number of minutes."]),
        ("minutes: ٣", ["“٣” is no number of minutes."]),
        ("minutes", ["“” is no number of minutes."]),
        ("minutes: 1234567890", ["“1234567890” is no number of minutes."]),
        ("published: no", ["Nothing stands after “published”: it is said, or not."]),
        ("optional: true", ["Nothing stands after “optional”: it is said, or not."]),
    ],
)
def test_wrong_attributes_are_problems(comment, messages):
    line = f"- B <!-- {comment} -->"

    assert wrong(f"# A\n\n{line}\n") == [(3, line, message) for message in messages]


@pytest.mark.parametrize(
    "comment", ["<!-- slug: x -->", "<!-- todo\n\n# no heading\n- no item\n-->", "<!---->"]
)
def test_comments_of_their_own_are_ignored(comment):
    outline = only(f"{comment}\n\n# A\n\n{comment}\n\nSum.")

    assert (outline.slug, outline.summary, outline.description) == ("", "Sum.", None)


@pytest.mark.parametrize(
    "text", ["# A\n\n<!-- todo\n\n## B", "# A\n\n<!-- todo\n\n## B\n", "# A\n\n<!--"]
)
def test_a_comment_without_an_end_is_a_problem(text):
    assert wrong(text) == [(3, text.split("\n")[2], NO_END)]


@pytest.mark.parametrize(
    ("front", "line"),
    [
        ("---\ntitle: x\n---\n", 4),
        ("---\ntitle: x\n# comment\n\n...\n\n", 7),
        ("---  \n---\n", 3),
        ("---\na: b\n- c\n--- \n", 5),
    ],
)
def test_front_matter_is_skipped(front, line):
    assert drawn(f"{front}# A\n- b") == [f"A {line}", f"  b {line + 1}"]
    assert wrong(f"{front}# A\n[a](b)")[0][:2] == (line + 1, "[a](b)")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\n\n# A\n\n---\n\n# B", ["A 3", "B 7"]),
        ("----\n# A\n---\n", ["A 2"]),
        ("---\n# A", ["A 2"]),
        ("\n---\n# A\n---", ["A 3"]),
        ("---", []),
    ],
)
def test_a_rule_is_no_front_matter(text, expected):
    assert drawn(text) == expected


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("- A\n        - B\n        - C", 2),
        ("# R\n\n- A\n  text\n          - B", 5),
        ("# R\n\ntext\n     - B\n     - C", 4),
        ("# R\n\ntext\nmore\n2. B\n3. C", 5),
        ("# R\n- A\n  2. B", 3),
        ("Title\n    - B", 2),
        ("Title\n\t* B", 2),
        ("# R\n\n- A\n\n  text\n          1) B", 6),
    ],
)
def test_lists_indented_too_far_or_glued_to_a_paragraph_are_problems(text, line):
    assert wrong(text) == [(line, text.split("\n")[line - 1], NOT_SET_OFF)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Intro.\n\nMore.\n\n# A", [(1, "Intro."), (3, "More.")]),
        ("> a\n> b\n\n# A", [(1, "> a")]),
        ("```\na\n```\n# A", [(1, "```")]),
        ("    a\n\n# A", [(1, "    a")]),
        ("<div>\n\n# A", [(1, "<div>")]),
        ("\n|a|\n|-|\n\n# A", [(2, "|a|")]),
        ("> # a", [(1, "> # a")]),
        ("- > a\n", [(1, "- > a")]),
        ("- ```\n  a\n  ```\n  b\n", [(1, "- ```")]),
    ],
)
def test_what_is_about_no_node_is_a_problem(text, expected):
    assert wrong(text) == [(*where, ABOUT_NOTHING) for where in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# ", [(1, "# ", NO_TEXT)]),
        ("# A\n\n##\n\n- b", [(3, "##", NO_TEXT)]),
        ("# A\n\n- [ ]\n- [x] \n- b", [(3, "- [ ]", NO_TEXT), (4, "- [x] ", NO_TEXT)]),
        ("# <!-- slug: x -->", [(1, "# <!-- slug: x -->", NO_TEXT)]),
        ("# A\n\n- **:** b", [(3, "- **:** b", NO_TEXT)]),
        ("# A\n\n-\n  - b\n  - c", [(3, "-", NO_TITLE)]),
        ("# A\n\n- <!-- optional -->\n  - b", [(3, "- <!-- optional -->", NO_TITLE)]),
        ("- - a", [(1, "- - a", NO_TITLE)]),
        ("- ![](b.png)\n  `b`", [(1, "- ![](b.png)", NO_TEXT)]),
    ],
)
def test_titles_without_text_are_problems(text, expected):
    assert wrong(text) == expected


@pytest.mark.parametrize("text", ["{}x", "- {}x", "# {}x", "a\n{}x", "# A\n\n- b\n\n  {}x"])
@pytest.mark.parametrize(
    "mark", ["[", "![", "*", "_", "`", "> ", ">", "- ", "1. ", "- > ", "<", "<!--", "(", "# ", "\t"]
)
def test_nothing_is_too_deep(text, mark):
    outlines, problems = read(text.format(mark * 10_000))
    count = text.count("\n") + 1

    assert all(1 <= part.line <= count for part, _level in walk_levels(outlines))
    assert all(1 <= problem.line <= count for problem in problems)


@pytest.mark.parametrize("mark", ["- ", "1. "])
def test_deep_lists_of_lines(mark):
    text = "".join(f"{' ' * len(mark) * level}{mark}a\n" for level in range(64))
    outlines, problems = read(text)

    assert problems == []
    assert [level for _part, level in walk_levels(outlines)] == list(range(64))


PIECES = [
    *("# x\n", "- x\n", "- a\n\n", "- a\n  - b\n", "2. a\n", "x\n", "\n", "- \n", "- - "),
    *("\t", "    a\n", "`a`\n\n", "[a](http://b.c)\n\n", "[a](http://b.c)\n", "[a](b)\n\n"),
    *("[a]", "[", "![", "[a](", "<", "<!--", "<!-- x -->\n", "<!-- ", "- <!--\n", "<div>\n"),
    *("<a a", "*a ", "**", "_a*", "`", "``a`", "&", "\\", "```\n", "- ```\n", "~~~\n>", "> a\n\n"),
    *("> ", "- a <!-- minutes: x -->\n", "=\n", "---\n", "|a|\n|-|\n", "|a", " ", "\u00a0", "1"),
]


@pytest.mark.parametrize(
    ("head", "piece"),
    [("# A <!-- optional", "; a"), *(("# A\n\n", piece) for piece in PIECES)],
)
def test_long_texts_take_no_more_than_their_share_of_time(head, piece):
    def seconds(size):
        text = head + piece * (size // len(piece)) + " -->"
        begin = perf_counter()
        for problem in read(text)[1]:
            str(problem)
        return perf_counter() - begin

    assert seconds(80_000) < 60 * seconds(5_000) + 1


WHOLE = """\
---
title: A
---

# Python <!-- slug: python; minutes: 30 -->

A summary *of* it.

[Docs](https://docs.python.org "official"), <https://e.org>

## **Basics**: all of them

- [x] Names <!-- optional; after: a, b -->

  Some words.

  ```python
  if a:
      b()
  ```
- [ ] [Loops](http://a.b)
\t1. for
\t2. while

> a quote
> of lines

| a | b |
|---|---|
| 1 | 2 |

Setext
------

* deep
  * deeper
    text

[ref]: http://a.b 'video'
<!-- a comment -->
"""

odd = st.text(
    st.sampled_from("#-*+_`[]()<>!\\&|~>:;=.1 \t\n\u00a0\x0c\x85\u2028\ud800é'\"x"), max_size=6
)
place = st.integers(0, len(WHOLE) + 40)
line = st.integers(0, WHOLE.count("\n"))
edits = st.one_of(
    st.tuples(st.just("cut"), place, st.integers(1, 60)),
    st.tuples(st.just("insert"), place, odd),
    st.tuples(st.just("twice"), line, line),
    st.tuples(st.just("indent"), line, st.sampled_from([" ", "  ", "    ", "\t", "> "])),
)


def edited(text, edit):
    what, at, how = edit
    if what == "cut":
        return text[:at] + text[at + how :]
    if what == "insert":
        return text[:at] + how + text[at:]
    lines = text.split("\n")
    if what == "twice":
        return "\n".join([*lines[:at], *lines[how : how + 5], *lines[at:]])
    return "\n".join([*lines[:at], *(how + line for line in lines[at : at + 5]), *lines[at + 5 :]])


@given(st.lists(edits, max_size=8))
def test_any_text_is_read(changes):
    text = WHOLE
    for change in changes:
        text = edited(text, change)
    outlines, problems = read(text)
    lines = text.split("\n")

    for part, _level in walk_levels(outlines):
        assert 1 <= part.line <= len(lines)
        assert part.title or problems
        assert part.title == " ".join(part.title.split(" ")).strip()
        assert "\n" not in f"{part.title}{part.summary}"
        for link in part.resources or ():
            assert link.title
            assert link.kind in KINDS
            assert link.url.lower().startswith(("http://", "https://"))
    for problem in problems:
        assert 1 <= problem.line <= len(lines)
        assert str(problem).startswith(f"Line {problem.line}")


def test_the_whole_of_it():
    (outline,), problems = read(WHOLE)
    basics, setext = outline.children
    names, loops = basics.children

    assert problems == []
    assert (outline.title, outline.slug, outline.minutes) == ("Python", "python", 30)
    assert (outline.summary, outline.description) == (None, "A summary *of* it.")
    assert outline.resources == [
        Link("Docs", "https://docs.python.org", "official"),
        Link("https://e.org", "https://e.org"),
    ]
    assert (basics.title, basics.summary, basics.line) == ("Basics", "all of them", 11)
    assert (names.title, names.is_optional, names.prerequisites) == ("Names", True, ["a", "b"])
    assert (names.summary, names.line) == ("Some words.", 13)
    assert names.description == "```python\nif a:\n    b()\n```"
    assert (loops.title, loops.resources) == ("Loops", [Link("Loops", "http://a.b")])
    assert [(child.title, child.line) for child in loops.children] == [("for", 22), ("while", 23)]
    assert loops.children[1].description is None
    # Not indented, they are about what the list is part of.
    assert basics.description == "a quote\nof lines\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    assert (setext.title, setext.line) == ("Setext", 32)
    assert setext.children[0].children[0].summary == "text"


def nested(outlines):
    return [(part.title, nested(part.children)) for part in outlines]


def test_bold_lines_head_the_lists_below_them():
    outlines, problems = read(
        "# D\n\n**Phase 1: A**\n\n* Python\n  * Git\n\n"
        "**Phase 2**:\n\n1. Models\n\n## Last\n\n- B\n"
    )

    assert problems == []
    phases = [("Phase 1: A", [("Python", [("Git", [])])]), ("Phase 2", [("Models", [])])]
    assert nested(outlines) == [("D", [*phases, ("Last", [("B", [])])])]


def test_bold_lines_without_a_heading_are_tops():
    outlines, problems = read("**One**\n\n- A\n\n**Two**\n\n- B\n")

    assert (nested(outlines), problems) == ([("One", [("A", [])]), ("Two", [("B", [])])], [])


@pytest.mark.parametrize("line", ["**Mind** this.", "**Mind this.**\n\nMore.", "**A** and **B**"])
def test_other_bold_text_is_description(line):
    outlines, problems = read(f"# D\n\nSum.\n\n{line}\n\n- A\n")

    assert (nested(outlines), problems) == ([("D", [("A", [])])], [])
    assert outlines[0].description == line


def test_what_follows_a_list_is_about_what_it_is_part_of():
    outlines, problems = read("# D\n\n- A\n  - B\n\nGood luck!\n\n[C](http://d.e)\n")

    assert (nested(outlines), problems) == ([("D", [("A", [("B", [])])])], [])
    assert (outlines[0].summary, outlines[0].description) == (None, "Good luck!")
    assert outlines[0].resources == [Link("C", "http://d.e")]


@pytest.mark.parametrize(
    ("comment", "name"),
    [
        ("minute: 30", "minute"),
        ("optionl", "optionl"),
        ("minutes=30", "minutes=30"),
        ("optional, minutes: 30", "optional, minutes"),
        ("Slgu: x", "slgu"),
    ],
)
def test_slips_in_comments_are_problems(comment, name):
    outlines, problems = read(f"# D\n\n- A <!-- {comment} -->\n")

    assert nested(outlines) == [("D", [("A", [])])]
    assert [problem.line for problem in problems] == [3]
    assert problems[0].message.startswith(f"Nothing is called “{name}”; there are slug, ")


def test_names_in_comments_are_in_any_case():
    [top], problems = read("# D <!-- Optional; Minutes: 30; SLUG: d -->")

    assert (top.is_optional, top.minutes, top.slug, problems) == (True, 30, "d", [])


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("The <div> element", "The <div> element"),
        ("List<int> and Vec<T>", "List<int> and Vec<T>"),
        ("Use <canvas> & co", "Use <canvas> & co"),
        ("a <b>bold</b> one<br>", "a bold one"),
    ],
)
def test_tags_are_text_in_titles_but_for_those_that_dress_it(written, title):
    assert nested(read(f"- {written}")[0]) == [(title, [])]


def test_rules_around_a_text_are_no_front_matter():
    outlines, problems = read("---\n# Git\n- Commit\n\n---\n\n# Other\n- B\n")

    assert (nested(outlines), problems) == (
        [("Git", [("Commit", [])]), ("Other", [("B", [])])],
        [],
    )
