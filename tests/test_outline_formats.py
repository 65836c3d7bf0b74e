"""Which format a text is in, and what is done for all of them."""

import pytest

from django_roadmap.counting import DONE
from django_roadmap.outline import FORMATS, Link, Outline, OutlineError, formats, read, write

MARKDOWN = "# A\n\n- B\n"
ROADMAPS = [Outline("A", children=[Outline("B", children=[Outline("C")])])]


def titles(source, format=None):
    return [(part.title, [child.title for child in part.children]) for part in read(source, format)]


def told(source, format=None):
    with pytest.raises(OutlineError) as caught:
        read(source, format)
    return [tuple(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ("# A", "markdown"),
        ("   ###### A", "markdown"),
        ("Words.\n\n## A", "markdown"),
        ("#\tA", "markdown"),
        ("---\ntitle: x\n---\n# A", "markdown"),
        ("- a", "markdown"),
        ("A\n  * b", "markdown"),
        ("\t+ b", "markdown"),
        ("1. a", "markdown"),
        ("A\n\n12) b", "markdown"),
        ("- [ ] a", "markdown"),
        ("- \n", "markdown"),
        ("# A\n├── b", "markdown"),
        ("A\n=\n\n- b", "markdown"),
        ("#a", "text"),
        ("####### a", "text"),
        ("1234567890. a", "text"),
        ("-a", "text"),
        ("A\n├── B\n└── C", "text"),
        ("A\n├── - B", "text"),
        ("- A\n├── B", "text"),
        ("A\n|-- B\n`-- C", "text"),
        ("A\n  B\n    C", "text"),
        ("A", "text"),
        ("", "text"),
        (" \n\n", "text"),
        ("[]", "text"),
        ("<b>A</b>", "text"),
        ('{"format": "django-roadmap"}', "json"),
        ("\n\t {", "json"),
        ('<?xml version="1.0"?>\n<opml/>', "opml"),
        ("\n<?XML", "opml"),
        ("<OPML version='2.0'>", "opml"),
    ],
)
def test_detect(text, format):
    assert formats.detect(text) == format


@pytest.mark.parametrize("format", [name for name in FORMATS if FORMATS[name].read])
def test_what_is_written_is_detected_and_read(format):
    text = write(iter(ROADMAPS), format)

    assert formats.detect(text) == format
    assert titles(text) == titles(text, format) == [("A", ["B"])]


@pytest.mark.parametrize("format", FORMATS)
def test_each_is_called_by_its_name(format):
    assert FORMATS[format].name == format
    assert isinstance(write(ROADMAPS, format), str)


def test_states_are_for_the_checklist():
    roadmaps = [Outline("A", children=[Outline("B", slug="b")])]

    assert write(roadmaps, "checklist", {"b": DONE}) == "# A\n\n- [x] B\n"
    assert write(roadmaps, "checklist") == "# A\n\n- [ ] B\n"
    assert write(roadmaps, "markdown", {"b": DONE}) == "# A\n\n- B <!-- slug: b -->\n"


@pytest.mark.parametrize("format", ["mermaid", "checklist", "md", "", "Markdown"])
def test_other_formats_cannot_be_read(format):
    with pytest.raises(ValueError, match=f"^“{format}” is not a format to read.$") as caught:
        read(MARKDOWN, format)
    assert not isinstance(caught.value, OutlineError)


def test_the_format_that_is_named_counts():
    assert titles("# A\n- B", "markdown") == [("A", ["B"])]
    assert titles("{", "markdown") == [("{", [])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_bytes_and_ends_of_lines(encoding, end):
    text = f"# Größe 🎉{end}{end}- 数据{end}  - b{end}"
    (outline,) = read(text.encode(encoding))

    assert (outline.title, outline.line) == ("Größe 🎉", 1)
    assert (outline.children[0].title, outline.children[0].line) == ("数据", 3)
    assert outline.children[0].children[0].line == 4


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_both_orders_of_utf_16(encoding):
    assert titles(f"\ufeff{MARKDOWN}".encode(encoding)) == [("A", ["B"])]


def test_text_with_a_byte_order_mark():
    assert titles(f"\ufeff{MARKDOWN}") == [("A", ["B"])]


@pytest.mark.parametrize(
    ("source", "line", "shown"),
    [
        (b"\xe4", 1, "\ufffd"),
        ("# A\n\n- Größe\n- B".encode("latin-1"), 3, "- Gr\ufffd\ufffde"),
        ("# Gr\xf6\xdfe".encode("latin-1") + b"x" * 99, 1, f"# Gr\ufffd\ufffde{'x' * 99}"),
        (b"# A\r\n- \xff", 2, "- \ufffd"),
        (b"# A\r- \xff\r- B", 2, "- \ufffd"),
        ("# 数".encode()[:-1], 1, "# \ufffd"),
        (b"# A\n- \xed\xa0\x80", 2, "- \ufffd\ufffd\ufffd"),
    ],
)
def test_broken_encodings(source, line, shown):
    message = "These are no letters of UTF-8: save the file as UTF-8."

    assert told(source) == [(line, shown, message)]


def test_broken_utf_16():
    ((line, _shown, message),) = told("\ufeff# A".encode("utf-16-le") + b"\x00")

    assert line == 1
    assert message == "These are no letters of UTF-16: save the file as UTF-8."


@pytest.mark.parametrize("source", ["# A\r\n- b\0c", b"# A\n- \0", "# A\r\0"])
def test_null_characters(source):
    message = "There is a null character in it, as in files that are no text."

    assert told(source) == [(2, "", message)]


def test_too_large(monkeypatch):
    monkeypatch.setattr(formats, "MAX_BYTES", 2 * 2**20)
    most = "# A\n" + " " * (2 * 2**20 - 4)
    message = "It is larger than 2 MB: divide it."

    assert titles(most) == titles(most.encode()) == [("A", [])]
    assert told(f"{most}\n") == told(f"{most}\n".encode()) == [(None, "", message)]


def test_too_many_lines(monkeypatch):
    monkeypatch.setattr(formats, "MAX_LINES", 3)

    assert titles("# A\n\n- B\n") == [("A", ["B"])]
    assert told("# A\r\r- B\r\r") == [(None, "", "It has more than 3 lines: divide it.")]


def test_what_cannot_be_written():
    with pytest.raises(ValueError, match="“word” is not a format to write"):
        write([Outline("A")], "word")


@pytest.mark.parametrize("format", [None, "markdown", "text"])
@pytest.mark.parametrize("source", ["", " \n\n", "\ufeff", "---\n"])
def test_nothing_in_it(source, format):
    nothing = [(None, "", "There is no title in it.")]

    assert told(source, format) == told(source.encode(), format) == nothing


def test_all_problems_are_there_by_line_with_what_could_be_read():
    text = "Intro.\n\n# A\n\n- \n  - b\n- c <!-- minutes: x -->\n\n[d](e)"
    with pytest.raises(OutlineError) as caught:
        read(text)

    assert [problem.line for problem in caught.value.problems] == [1, 5, 7, 9]
    assert str(caught.value).split("\n")[1] == ("Line 5, “-”: An item without a title: write one.")
    assert [part.title for part in caught.value.outlines] == ["A"]


def test_what_a_text_says_nowhere_stays_as_it_is():
    (outline,) = read("# A\n\n- B")

    assert outline == Outline("A", children=[Outline("B")])


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ("## B\n\nSum.", {"summary": ("", "Sum.")}),
        ("## B\n\n> Words.", {"description": ("", "Words.")}),
        ("## B <!-- optional -->", {"is_optional": (False, True)}),
        ("## B <!-- unpublished -->", {"is_published": (None, False)}),
        ("## B <!-- minutes: 5 -->", {"minutes": (0, 5)}),
        ("## B <!-- after: c -->", {"prerequisites": ([], ["c"])}),
        ("## [B](http://c.d)", {"resources": ([], [Link("B", "http://c.d")])}),
    ],
)
def test_what_a_text_says_somewhere_is_empty_elsewhere(said, fields):
    (outline,) = read(f"# A\n\n{said}\n\n## C")
    below = [
        Outline("B", **{name: value for name, (_empty, value) in fields.items()}),
        Outline("C", **{name: empty for name, (empty, _value) in fields.items()}),
    ]
    silent = {name: empty for name, (empty, _value) in fields.items()}

    assert outline == Outline("A", children=below, **silent)


def test_empty_lists_are_not_shared():
    (outline,) = read("# A\n\n- [B](http://c.d)\n- C")
    outline.resources.append("x")

    assert outline.children[1].resources == []


def test_in_json_each_node_says_what_it_leaves_as_it_is():
    text = write([Outline("A", summary="Sum.", children=[Outline("B")])], "json")
    (outline,) = read(text)

    assert (outline.summary, outline.children[0].summary) == ("Sum.", None)


@pytest.mark.parametrize(
    ("file", "format", "to_read"),
    [
        ("a.md", "markdown", "markdown"),
        ("folder/A.MD", "markdown", "markdown"),
        ("a.txt", "text", "text"),
        ("a.json", "json", "json"),
        ("a.opml", "opml", "opml"),
        ("a.mmd", "mermaid", None),
        ("a.checklist.md", "checklist", "markdown"),
        ("a.csv", None, None),
        ("md", None, None),
        ("-", None, None),
        ("", None, None),
    ],
)
def test_formats_by_the_names_of_files(file, format, to_read):
    assert (formats.named(file), formats.named(file, to_read=True)) == (format, to_read)


@pytest.mark.parametrize(
    "source", ['[{"title": "A"}]', "[\n  {}]", "<html><p>A</p></html>", "<!DOCTYPE html>"]
)
def test_what_is_meant_for_programs_is_no_title(source):
    [(line, _text, message)] = told(source)

    assert line == 1
    assert message.startswith(("Begin with {", "This is no OPML", "Entities are not allowed"))
