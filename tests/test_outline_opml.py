"""OPML: what outliners read and write, and what is wrong in it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outlines import check_read, forests, tears, torn

from django_roadmap.outline import opml
from django_roadmap.outline.values import KINDS, Link, Outline, walk_levels

ROADMAPS = [
    Outline(
        'The "Forms" & <more>',
        slug="forms",
        summary="All about 'them'",
        description="One\n\n\ttwo\r",
        is_published=False,
        is_optional=True,
        minutes=90,
        resources=[
            Link("Docs", "https://example.org/?a&b"),
            Link("Talk", "https://v.org", "video"),
        ],
        children=[
            Outline("Fields", children=[Outline("Widgets", prerequisites=["forms", "sets"])]),
            Outline("Sets"),
        ],
    ),
    Outline("Models"),
]
WRITTEN = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0" xmlns:roadmap="urn:django-roadmap">
  <head>
    <title>The "Forms" &amp; &lt;more&gt;, Models</title>
  </head>
  <body>
    <outline text='The "Forms" &amp; &lt;more&gt;' _note="One&#10;&#10;&#9;two&#13;"\
 roadmap:slug="forms" roadmap:summary="All about 'them'" roadmap:optional="true"\
 roadmap:unpublished="true" roadmap:minutes="90">
      <outline text="Docs" type="link" url="https://example.org/?a&amp;b"/>
      <outline text="Talk" type="link" url="https://v.org" roadmap:kind="video"/>
      <outline text="Fields">
        <outline text="Widgets" roadmap:prerequisites="forms sets"/>
      </outline>
      <outline text="Sets"/>
    </outline>
    <outline text="Models"/>
  </body>
</opml>
"""
KNOWN = "slug, summary, optional, unpublished, minutes, prerequisites, kind"


def around(outlines):
    return f"<opml><body>\n{outlines}\n</body></opml>"


def read(outlines):
    found, problems = opml.read(around(outlines))
    assert not problems
    return found


def test_write():
    assert opml.write(ROADMAPS) == WRITTEN
    assert "<body>\n  </body>" in opml.write([])


def test_write_says_only_what_says_something():
    outline = Outline("A\x00\ud800\ufffe", "", "", "", True, False, 0, [], [])
    assert '    <outline text="A"/>\n' in opml.write([outline])


def test_read():
    assert opml.read(WRITTEN) == (ROADMAPS, [])
    assert opml.read(opml.write([])) == ([], [])
    outlines, _problems = opml.read(WRITTEN)
    assert [part.line for part, _level in walk_levels(outlines)] == [7, 10, 11, 13, 15]


@pytest.mark.parametrize(
    ("outlines", "expected"),
    [
        # What is below an outline makes a node of it, and so does the top.
        (
            '<outline text="A" type="link" url="u"/>',
            [Outline("A", resources=[Link("A", "u")])],
        ),
        (
            (
                '<outline text="A"><outline text="B" type="link" url="u">'
                '<outline text="C"/></outline></outline>'
            ),
            [
                Outline(
                    "A",
                    children=[
                        Outline("B", resources=[Link("B", "u")], children=[Outline("C")]),
                    ],
                )
            ],
        ),
        (
            (
                '<outline text="A" type="LINK" url="u"><outline text="B" type="rss" xmlUrl="v"/>'
                '<outline text="C" type="rss" htmlUrl="w" xmlUrl="x"/></outline>'
            ),
            [Outline("A", resources=[Link("A", "u"), Link("B", "v"), Link("C", "w")])],
        ),
        # No links.
        ('<outline text="A" type="link" url=""/>', [Outline("A")]),
        ('<outline text="A" type="include" url="u"/>', [Outline("A")]),
        # What other programs write.
        ('<outline title="A" text="" created="today" _status="x" x:y="z"/>', [Outline("A")]),
        ('<outline text="A" title="B" _note="C"/>', [Outline("A", description="C")]),
        (
            '<b><outline text="A"><i>x</i><outline text="B"/></outline></b>text',
            [Outline("A", children=[Outline("B")])],
        ),
        # Said, but nothing.
        (
            (
                '<outline text="A" _note="" roadmap:summary="" roadmap:prerequisites=" "'
                ' roadmap:optional="false" roadmap:unpublished="false" roadmap:minutes="0"/>'
            ),
            [Outline("A", "", "", "", True, False, 0, None, [])],
        ),
        # Namespaces by other names.
        ('<outline text="A" ns0:slug="a" xmlns:ns0="urn:django-roadmap"/>', [Outline("A", "a")]),
        ('<outline text="A" roadmap:slug="a" xmlns:roadmap="urn:other"/>', [Outline("A")]),
    ],
)
def test_outlines(outlines, expected):
    assert read(outlines) == expected


def test_only_outlines_in_the_body_count():
    content = '<opml><head><outline text="A"/></head><x><body><outline text="B"/></body></x><body/>'
    assert opml.read(f"{content}</opml>") == ([], [])


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "shift_jis", "no-such-encoding"])
def test_an_encoding_in_it_says_nothing(encoding):
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>'
    assert opml.read(declaration + around('<outline text="é数"/>')) == ([Outline("é数")], [])


@pytest.mark.parametrize(
    ("attribute", "message"),
    [
        ('minutes="many"', "“many” is no number of minutes."),
        ('minutes="-1"', "“-1” is no number of minutes."),
        ('minutes="٣"', "“٣” is no number of minutes."),
        ('minutes="1234567890"', "“1234567890” is no number of minutes."),
        ('optional="yes"', "“optional” is neither true nor false."),
        ('unpublished=""', "“unpublished” is neither true nor false."),
        ('kind="blog"', f"“kind” is none of {', '.join(KINDS)}."),
        ('level="1"', f"Nothing is called “level”; there are {KNOWN}."),
    ],
)
def test_wrong_attributes(attribute, message):
    content = around(f'<outline text="B"/>\n<outline text="A"\nroadmap:{attribute}/>')
    assert opml.read(content) == ([Outline("B"), Outline("A")], [(3, "A", message)])


@pytest.mark.parametrize(
    ("outline", "text"),
    [
        ("<outline/>", ""),
        ('<outline text=" " title=""/>', ""),
        ('<outline type="link" url="u"/>', "u"),
    ],
)
def test_no_text(outline, text):
    assert opml.read(around(outline))[1] == [(2, text, "There is no “text”: write one.")]


NO_ENTITIES = "Entities are not allowed: delete the DOCTYPE."


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<html>\n</html>", (1, "", "This is no OPML: its first element is <html>.")),
        ("<opml>\n<head/>\n</opml>", (3, "", "There is no <body> in it.")),
        ("\n<!DOCTYPE opml>\n<opml/>", (2, "", NO_ENTITIES)),
        ('<!DOCTYPE opml [<!ENTITY a "b">]>\n<opml/>', (1, "", NO_ENTITIES)),
        ('<!DOCTYPE opml SYSTEM "file:///etc/passwd">\n<opml/>', (1, "", NO_ENTITIES)),
        (
            "",
            (1, "", "This is no XML: no element found (column 1). Look here and right above."),
        ),
        (
            "<opml>\n<body>\n<a></b>\n",
            (
                3,
                "<a></b>",
                "This is no XML: mismatched tag (column 6). Look here and right above.",
            ),
        ),
        (
            "<opml>&nbsp;</opml>",
            (
                1,
                "<opml>&nbsp;</opml>",
                "This is no XML: undefined entity (column 7). Look here and right above.",
            ),
        ),
        (
            "<opml>\r\r\r<",
            (4, "", "This is no XML: unclosed token (column 1). Look here and right above."),
        ),
        ("<opml><body/></opml>\n\ud800", None),
    ],
)
def test_no_opml(content, expected):
    outlines, problems = opml.read(content)
    assert not outlines
    if expected is None:
        assert problems[0] == (2, "?", "There is half of a character in it: delete it.")
    else:
        assert problems == [expected]


def test_what_could_be_read():
    outlines, problems = opml.read(around('<outline text="A"><outline text="B"/>'))
    assert outlines == [Outline("A", children=[Outline("B")])]
    assert [problem.line for problem in problems] == [3]


def test_halves_of_characters():
    outlines, problems = opml.read(around('<outline text="A\ud800"/>'))
    assert outlines == [Outline("A?")]
    message = "There is half of a character in it: delete it."
    assert problems == [(2, '<outline text="A?"/>', message)]


def test_depth():
    count = 10_000
    outlines, problems = opml.read(around('<outline text="A">' * count + "</outline>" * count))
    assert not problems
    assert [level for _part, level in walk_levels(outlines)] == list(range(count))
    levels = [Outline(str(level)) for level in range(1000)]
    for above, below in pairwise(levels):
        above.children.append(below)
    assert opml.write(levels[:1]).count("</outline>") == 999


LETTERS = st.characters(codec="utf-8", exclude_characters="\ufffe\uffff", exclude_categories=["Cc"])
TEXTS = st.text(LETTERS | st.sampled_from("\t\n\r&<>\"'"))
TITLES = TEXTS.filter(str.strip)
SLUGS = st.text(LETTERS, min_size=1).filter(lambda slug: slug.split() == [slug])
ROADMAPS_OF = forests(TEXTS, titles=TITLES, slugs=SLUGS, minutes=st.integers(0, 999_999_999))


@given(ROADMAPS_OF)
def test_what_says_something_is_not_lost(outlines):
    found = opml.read(opml.write(outlines))
    for part, _level in walk_levels(outlines):
        part.summary = part.summary or None
        part.description = part.description or None
        part.is_published = None if part.is_published else part.is_published
        part.is_optional = part.is_optional or None
        part.minutes = part.minutes or None
        part.resources = part.resources or None
        part.prerequisites = part.prerequisites or None
    assert found == (outlines, [])


@given(st.lists(st.builds(Outline, st.text(st.characters()), description=st.text(st.characters()))))
def test_any_letters_can_be_written(outlines):
    found, problems = opml.read(opml.write(outlines))
    assert len(found) == len(outlines)
    assert {message for _line, _text, message in problems} <= {"There is no “text”: write one."}


@given(st.text(st.characters()) | st.text("<>/=\"'&;#x!-[]? \n\ropmlbdyutine"))
def test_any_text(content):
    check_read(content, *opml.read(content))


@given(tears)
def test_torn_texts(tear):
    pieces = ["<", ">", '"', "\n", "\r", "&", "</outline>"]
    content = torn(WRITTEN, tear, pieces)
    check_read(content, *opml.read(content))
