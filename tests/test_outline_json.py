"""JSON: nothing is lost, and whatever is wrong is said with its line."""

import json as stdlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outlines import check_read, forests, tears, torn

from django_roadmap.outline import json
from django_roadmap.outline.values import KINDS, Link, Outline, walk_levels

ROADMAPS = [
    Outline(
        "Forms",
        slug="forms",
        summary="“All” about\nthem {",
        description="",
        is_published=False,
        is_optional=True,
        minutes=0,
        resources=[Link("Docs \\", "https://example.org/}", "official")],
        prerequisites=[],
        children=[
            Outline("Fields", children=[Outline("Widgets", minutes=5)]),
            Outline("Sets", resources=[], prerequisites=["fields", "widgets"]),
        ],
    ),
    Outline("Models"),
]
WRITTEN = r"""{
  "format": "django-roadmap",
  "version": 1,
  "roadmaps": [
    {
      "title": "Forms",
      "slug": "forms",
      "summary": "“All” about\nthem {",
      "description": "",
      "is_published": false,
      "is_optional": true,
      "minutes": null,
      "resources": [
        {
          "title": "Docs \\",
          "url": "https://example.org/}",
          "kind": "official"
        }
      ],
      "prerequisites": [],
      "children": [
        {
          "title": "Fields",
          "children": [
            {
              "title": "Widgets",
              "minutes": 5
            }
          ]
        },
        {
          "title": "Sets",
          "resources": [],
          "prerequisites": [
            "fields",
            "widgets"
          ]
        }
      ]
    },
    {
      "title": "Models"
    }
  ]
}
"""
NOTHING = '{\n  "format": "django-roadmap",\n  "version": 1,\n  "roadmaps": []\n}\n'
TOO_DEEP = "It is nested too deep: move its nodes further up."
BEGIN = 'Begin with {"format": "django-roadmap", "version": 1, "roadmaps": [ and end with ]}.'
NODE = (
    "title, slug, summary, description, is_published, is_optional, minutes, resources,"
    " prerequisites, children"
)


def around(nodes):
    return f'{{"format": "django-roadmap", "version": 1, "roadmaps": [\n{nodes}\n]}}'


def problems(content):
    return [tuple(problem) for problem in json.read(content)[1]]


def test_write():
    assert json.write(ROADMAPS) == WRITTEN
    assert json.write([]) == NOTHING


def test_read():
    assert json.read(WRITTEN) == (ROADMAPS, [])
    assert json.read(NOTHING) == ([], [])


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (WRITTEN, [5, 22, 25, 31, 41]),
        (
            around('{"title": "a{\\"}",\n\n"children": [{\n"title": "b\\\\"}]},\n{"title":"c"}'),
            [2, 4, 6],
        ),
        (stdlib.dumps(stdlib.loads(WRITTEN)), [1] * 5),
    ],
)
def test_each_outline_has_its_line(content, lines):
    outlines, _problems = json.read(content)
    assert [part.line for part, _level in walk_levels(outlines)] == lines


def test_a_kind_may_be_left_out():
    content = around('{"title": "A", "resources": [{"title": "B", "url": "https://b.org"}]}')
    assert json.read(content)[0] == [Outline("A", resources=[Link("B", "https://b.org")])]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", (1, "", "This is no JSON: Expecting value (column 1). Look here and right above.")),
        (
            '{\n "a": b}',
            (
                2,
                '"a": b}',
                "This is no JSON: Expecting value (column 7). Look here and right above.",
            ),
        ),
        (
            '{"a": "\ud800" b\n}',
            (
                1,
                '{"a": "?" b',
                "This is no JSON: Expecting ',' delimiter (column 11). Look here and right above.",
            ),
        ),
        ("[]", (1, "", BEGIN)),
        ('"a"', (1, "", BEGIN)),
        ('\n{"title": "A"}', (1, "", BEGIN)),
        ('{"format": "other", "version": 1, "roadmaps": []}', (1, "", BEGIN)),
        ('{"format": "django-roadmap", "version": 1}', (1, "", BEGIN)),
    ],
)
def test_no_roadmaps(content, expected):
    outlines, found = json.read(content)
    assert not outlines
    assert [(line, text.strip(), message) for line, text, message in found] == [expected]


@pytest.mark.parametrize(
    ("opening", "closing"), [("[", ""), ('{"a":', ""), ("[", "]"), ('{"children":[', "]}")]
)
def test_nested_too_deep(opening, closing):
    # Python 3.14 goes as deep as the stack of its thread allows.
    content = opening * 1_000_000 + closing * 1_000_000
    assert json.read(content) == ([], [(1, "", TOO_DEEP)])
    assert json.read(around(content)) == ([], [(1, "", TOO_DEEP)])


@pytest.mark.parametrize("version", ["2", "true", "1.0", '"1"', "null", "1" * 5000])
def test_versions(version):
    content = f'\n{{"format": "django-roadmap", "version": {version}, "roadmaps": [1]}}'
    assert problems(content) == [(2, "", "Only “version”: 1 can be read.")]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ('"slug": 1', "“slug” is no text: put it in quotes."),
        ('"summary": null', "“summary” is no text: put it in quotes."),
        ('"description": []', "“description” is no text: put it in quotes."),
        ('"is_published": 1', "“is_published” is neither true nor false."),
        ('"is_optional": "true"', "“is_optional” is neither true nor false."),
        *(
            (
                f'"minutes": {value}',
                "“minutes” is neither a whole number from 1 on nor null.",
            )
            for value in ("0", "-5", "1.0", "true", '"5"', "NaN", "-Infinity", "1e999", "9" * 5000)
        ),
        ('"resources": {}', "“resources” is no list: put it in square brackets."),
        ('"prerequisites": "a"', "“prerequisites” is no list: put it in square brackets."),
        ('"children": null', "“children” is no list: put it in square brackets."),
        ('"children": ["a"]', "In “children” is what is no object: put it in curly brackets."),
        ('"resources": [1]', "In “resources” is what is no object: put it in curly brackets."),
        ('"prerequisites": [1]', "In “prerequisites” is what is no text: put it in quotes."),
        ('"slug": "a", "slug": "b"', "“slug” is there twice: delete one."),
        ('"name": "a"', f"Nothing is called “name”; there are {NODE}."),
        ('"\\ud800": "a"', f"Nothing is called “?”; there are {NODE}."),
        ('"slug": "\\ud800"', "In “slug” is half of a character: delete it."),
        ('"prerequisites": ["\\udfff"]', "In “prerequisites” is half of a character: delete it."),
    ],
)
def test_wrong_fields(fields, message):
    content = around(f'{{"title": "B"}},\n{{"title": "A",\n{fields}}}')
    outlines, found = json.read(content)
    assert found == [(3, "A", message)]
    assert [outline.title for outline in outlines] == ["B", "A"]


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ('"title": "A"', "There is no “url”: write one."),
        ('"url": "A"', "There is no “title”: write one."),
        ('"title": "A", "url": 1', "“url” is no text: put it in quotes."),
        ('"title": "A", "url": "b", "kind": null', "“kind” is no text: put it in quotes."),
        ('"title": "A", "url": "b", "kind": "a"', f"“kind” is none of {', '.join(KINDS)}."),
        ('"title": "A", "url": "b", "x": 1', "Nothing is called “x”; there are title, url, kind."),
    ],
)
def test_wrong_resources(link, message):
    content = around(f'{{"title": "N", "resources": [\n{{{link}}}]}}')
    outlines, found = json.read(content)
    assert found == [(3, "A" if "title" in link else "", message)]
    whole = '"url": "b"' in link
    assert outlines[0].resources == ([Link("A", "b")] if whole else [])


@pytest.mark.parametrize(
    ("node", "text", "message"),
    [
        ("{}", "", "There is no title: write one."),
        ('{"title": " \\n"}', " \n", "There is no title: write one."),
        ('{"title": 5}', "", "“title” is no text: put it in quotes."),
        ('{"title": ' + "[" * 300 + "]" * 300 + "}", "", "“title” is no text: put it in quotes."),
        ('{"title": "a\\ud800"}', "a?", "In “title” is half of a character: delete it."),
    ],
)
def test_titles(node, text, message):
    assert problems(around(node)) == [(2, text, message)]


def test_all_problems_at_once():
    content = '{"x": 1, "format": "django-roadmap", "version": 1, "roadmaps": [1,\n{"slug": 1}]}'
    assert problems(content) == [
        (1, "", "Nothing is called “x”; there are format, version, roadmaps."),
        (1, "", "In “roadmaps” is what is no object: put it in curly brackets."),
        (2, "", "“slug” is no text: put it in quotes."),
        (2, "", "There is no title: write one."),
    ]


def test_many_names_twice():
    pairs = ", ".join(f'"{number}": 1, "{number}": 2' for number in range(3000))
    assert len(problems(around(f'{{"title": "A", {pairs}}}'))) == 6000


def test_depth():
    top = outline = Outline("0")
    for level in range(1, 1000):
        outline.children.append(Outline(str(level)))
        outline = outline.children[0]
    assert json.write([top]).count('"title"') == 1000


TEXTS = st.text()
TITLES = TEXTS.filter(str.strip)
ROADMAPS_OF = forests(TEXTS, titles=TITLES, slugs=TEXTS, minutes=st.integers(min_value=0))


@given(ROADMAPS_OF)
def test_nothing_is_lost(outlines):
    content = json.write(outlines)
    assert json.read(content) == (outlines, [])
    indented = stdlib.dumps(stdlib.loads(content), indent=2, ensure_ascii=False)
    assert content == indented + "\n"
    # The titles are right below the lines in which the objects begin.
    lines = content.split("\n")
    for part, _level in walk_levels(json.read(content)[0]):
        assert lines[part.line - 1].strip() == "{"
        written = stdlib.dumps(part.title, ensure_ascii=False)
        assert lines[part.line].strip().removesuffix(",") == f'"title": {written}'


@given(st.text(st.characters()) | st.text('{}[]":,\\u d8"\n1truenl'))
def test_any_text(content):
    check_read(content, *json.read(content))


@given(tears)
def test_torn_texts(tear):
    content = torn(WRITTEN, tear, ["{", "]", '"', "\n", "\\", "1", "null"])
    check_read(content, *json.read(content))
