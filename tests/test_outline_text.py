"""Roadmaps as plain text and as drawn trees."""

from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_roadmap.outline.text import is_drawn, read, write
from django_roadmap.outline.values import Outline, one_line, walk_levels

SEED = (Path(__file__).parent / "data" / "roadmap.txt").read_text()
ROADMAPS = import_module("django_roadmap.migrations.0002_seed").ROADMAPS


def nested(outlines):
    """Each a title, or a pair of the title and what is below it."""
    return [
        (part.title, nested(part.children)) if part.children else part.title for part in outlines
    ]


def tidied(parts):
    """Titles and summaries at all depths."""
    return [
        (one_line(part.title), one_line(part.summary or ""), tidied(part.children))
        for part in parts
    ]


def outlined(content):
    outlines, problems = read(content)
    assert not problems
    return nested(outlines)


def only(content):
    [outline] = read(content)[0]
    return outline


def told(content):
    """The numbers of lines with problems, each with the line that the message names."""
    return [
        (problem.line, int(problem.message.partition(" line ")[2].split()[0].rstrip(":")))
        for problem in read(content)[1]
    ]


class TestSeed:
    def test_is_read_as_it_was_planted(self):
        outlines, problems = read(SEED)

        assert not problems
        roadmaps = [ROADMAPS["django-step-by-step"], ROADMAPS["django"]]
        assert [(level, one_line(part.title)) for part, level in walk_levels(outlines)] == [
            (node["level"], node["title"]) for nodes in roadmaps for node in nodes
        ]
        stages = [(one_line(part.title), part.summary) for part in outlines[0].children]
        assert stages == [(node["title"], node["summary"]) for node in roadmaps[0][1:]]

    def test_lines(self):
        stages, roadmap = read(SEED)[0]

        assert (stages.line, stages.children[0].line, roadmap.line) == (1, 5, 30)
        assert roadmap.children[0].children[0].line == 33

    def test_only_what_is_said(self):
        stages, roadmap = read(SEED)[0]

        assert stages.description == SEED.split("\n")[24]
        assert stages.description.startswith("This table outlines a structured roadmap")
        assert roadmap == Outline("Django RoadMap", children=roadmap.children)
        assert stages.children[0] == Outline("Learn Python", summary=stages.children[0].summary)

    def test_is_drawn_as_it_was(self):
        drawn = [line for line in SEED.split("\n")[29:] if line and not line.startswith("*")]

        assert [line for line in write(read(SEED)[0][1:]).split("\n") if line] == drawn

    def test_numbers_stages_as_they_were(self):
        lines = write(read(SEED)[0]).split("\n")

        assert lines[:2] == ["Step By Step Python Django Roadmap", ""]
        assert lines[2].startswith(" 1. **Learn Python** : Understand Python fundamentals: var")
        assert lines[20].startswith(" 10. **Final Projects** : Build comprehensive projects")
        assert lines[21:25] == ["", "*" * 62, "", "Django RoadMap"]


class TestTree:
    TREE = ["A", ("B", [("C", ["D"]), "E"]), "F"]

    @pytest.mark.parametrize(
        "content",
        [
            "A\nB\n  C\n    D\n  E\nF",
            "A\nB\n   C\n      D\n   E\nF",
            "A\nB\n    C\n        D\n    E\nF",
            "A\nB\n\tC\n\t\tD\n\tE\nF",
            "A\nB\n \xa0C\n \xa0 \xa0D\n\xa0\xa0E\nF",
            "- A\n- B\n  * C\n    + D\n  * E\n- F",
            "1. A\n2) B\n   • C\n     - [ ] D\n   • [x] E\n3. [X] F",
            "├── A\n├── B\n│   ├── C\n│   │   └── D\n│   └── E\n└── F",
            "├─ A\n├─ B\n│  ├─ C\n│  │  └─ D\n│  └─ E\n└─ F",
            "├──A\n├─┬B\n│ ├─┬ C\n│ │ └── D\n│ └── E\n└── F",
            "┣━ A\n┣━ B\n┃  ┣━ C\n┃  ┃  ┗━ D\n┃  ┗━ E\n┗━ F",
            "|-- A\n|-- B\n|   |-- C\n|   |   `-- D\n|   `-- E\n`-- F",
            "+-- A\n+-- B\n|   +-- C\n|   |   \\-- D\n|   \\-- E\n\\-- F",
            "+---A\n+---B\n|   +---C\n|   |   \\---D\n|   \\---E\n\\---F",
            "A\nB\n  ├── C\n  │   └── D\n  │\n  └── E\n\n|\nF",
            "├── A\n├── B\n│\n│   ├── - C\n│   │   └── 1. D\n│   └── ** E **\n└── `F`",
        ],
    )
    def test_depth_is_where_a_line_begins(self, content):
        assert outlined(content) == self.TREE

    def test_spaces_that_do_not_break_as_tree_has_them(self):
        lines = ["├──\xa0A", "├──\xa0B", "│\xa0\xa0 ├──\xa0C", "│\xa0\xa0 │\xa0\xa0 └──\xa0D"]

        assert outlined("\n".join([*lines, "│\xa0\xa0 └──\xa0E", "└──\xa0F"])) == self.TREE

    def test_a_tree_below_a_plain_line(self):
        assert outlined(".\n├── A\n│   └── B\n└── C") == [(".", [("A", ["B"]), "C"])]

    def test_trees_below_plain_lines_in_the_same_place(self):
        assert outlined("A\n├── B\n└── C\nD\n└── E") == [("A", ["B", "C"]), ("D", ["E"])]

    def test_a_plain_line_beside_a_drawn_one(self):
        assert outlined("A\n  ├── B\n  C\n  └── D") == [("A", ["B", "C", "D"])]

    def test_siblings_may_begin_in_another_place_elsewhere(self):
        assert outlined("A\n  B\nC\n   D") == [("A", ["B"]), ("C", ["D"])]

    @pytest.mark.parametrize(
        "content", ["", "\n", " \n\t\n", "│\n ┃ |\n", "-\n", "├──\n1.\n- [ ] \n\\"]
    )
    def test_nothing(self, content):
        assert read(content) == ([], [])

    def test_lines_without_a_title_are_no_nodes(self):
        assert outlined("A\n  B\n  -\n  ├──\n  1. [x]\n  C") == [("A", ["B", "C"])]

    def test_lines_are_counted_from_one(self):
        outlines, _problems = read("\nA\n\n  B\n  C")

        assert [(part.title, part.line) for part, _level in walk_levels(outlines)] == [
            ("A", 2),
            ("B", 4),
            ("C", 5),
        ]

    def test_thousands_of_levels(self):
        outlines, problems = read("\n".join(" " * level + "A" for level in range(3000)))

        assert not problems
        assert [level for _part, level in walk_levels(outlines)] == list(range(3000))


class TestJumps:
    def test_over_a_level(self):
        content = "A\n  B\n    C\nD\n    E"

        assert nested(read(content)[0]) == [("A", [("B", ["C"])]), ("D", ["E"])]
        assert told(content) == [(5, 2)]

    def test_message(self):
        [problem] = read("A\n  B\n    C\nD\n    E ")[1]

        assert problem == (
            5,
            "E",
            "Jump in indentation: begin it where line 2 does, or a level further right.",
        )

    def test_to_where_another_level_begins(self):
        content = "A\n    B\nC\n  D\n    E"

        assert nested(read(content)[0]) == [("A", ["B"]), ("C", [("D", ["E"])])]
        assert told(content) == [(5, 4)]

    def test_back_to_nowhere(self):
        content = "A\n    B\n  C\nD"

        assert nested(read(content)[0]) == [("A", ["B", "C"]), "D"]
        assert told(content) == [(3, 2)]

    def test_back_to_nowhere_between_deeper_levels(self):
        assert told("A\n  B\n      C\n        D\n    E\n  F") == [(5, 3)]

    def test_back_before_the_first(self):
        content = "  A\n  B\nC\n  D\nE"

        assert nested(read(content)[0]) == ["A", "B", ("C", ["D"]), "E"]
        assert told(content) == [(3, 2)]

    def test_is_told_once_of_what_is_beside_and_below(self):
        assert told("A\n  B\n    C\nD\n    E\n      F\n    G\n  H\n    I\nJ\n  K") == [(5, 2)]

    def test_all_are_told_in_one_go(self):
        assert told("A\n  B\n    C\nD\n    E\nF\n   G\n  H\nI\n    J") == [(5, 2), (8, 7), (10, 7)]

    def test_back_to_nowhere_below_a_jump(self):
        assert told("A\n  B\n    C\nD\n    E\n        F\n      G") == [(5, 2)]

    def test_another_roadmap_is_indented_in_its_own_way(self):
        content = "A\n\nB\n    C\n\n***\nD\n\n    E\n        F"

        assert outlined(content) == [("A", [("B", ["C"])]), ("D", [("E", ["F"])])]


class TestTabs:
    def test_among_spaces(self):
        content = "A\n  B\nC\n\tD\n  E\n\tF\n\t\tG\n   H"

        assert told(content) == [(4, 2)]

    def test_spaces_among_tabs(self):
        assert told("A\n\tB\nC\n\tD\n  E\n\t\tF") == [(5, 2)]

    def test_both_in_a_line(self):
        assert told("A\nB\n\t C\n  D\n\tE") == [(3, 3)]

    def test_message(self):
        assert read("A\n B\n\tC")[1] == [
            (3, "C", "Both tabs and spaces indent, here and in line 2: use only one of them.")
        ]

    def test_jumps_before_are_told(self):
        assert told("A\n    B\n  C\nD\n\tE\n   F") == [(3, 2), (5, 2)]

    def test_bars_are_neither(self):
        assert outlined("A\n│\t├── B\n│\t│\t└── C") == [("A", [("B", ["C"])])]

    def test_of_lines_that_are_no_nodes_do_not_matter(self):
        assert outlined("A\n\t\n  B\n\t│\n\t-\n") == [("A", ["B"])]


class TestRoadmaps:
    def test_a_line_alone_at_the_start(self):
        assert outlined("\nTop\n\nA\n  B\n\nC\n\nD\n  E\n") == [
            ("Top", [("A", ["B"]), "C", ("D", ["E"])])
        ]

    def test_a_line_alone_in_the_text(self):
        assert outlined("Top") == ["Top"]

    def test_a_line_alone_after_a_rule(self):
        assert outlined("A\n  B\n***\nTop\n\nC\n\n***\n\nD\n  E\n\n* * *\n\nEnd") == [
            ("A", ["B"]),
            ("Top", ["C", ("D", ["E"])]),
            "End",
        ]

    def test_a_line_after_the_first_is_no_title(self):
        assert outlined("A\nB\n\nC\n\nD") == ["A", "B", "C", "D"]

    def test_an_underlined_line(self):
        assert outlined("====\nTop\n====\n\nA\n\nB\n\n---\nEnd\n---\nC\n  D") == [
            ("Top", ["A", "B"]),
            ("End", [("C", ["D"])]),
        ]

    def test_drawn_or_indented_lines_are_below(self):
        assert outlined("Top\n\n├── A\n└── B\n\n***\n\nEnd\n\n  C\n") == [
            ("Top", ["A", "B"]),
            ("End", ["C"]),
        ]

    @pytest.mark.parametrize(
        "content", ["1. A\n\n2. B", "- A\n\n- B", "├── A\n\n└── B", " A\n\n B"]
    )
    def test_items_and_indented_lines_open_none(self, content):
        assert outlined(content) == ["A", "B"]

    def test_summary(self):
        assert only("**Top** : All\n\n- A").summary == "All"

    @pytest.mark.parametrize("sign", "*-=_─━═#")
    @pytest.mark.parametrize("rule", ["{0}{0}{0}", " {0} {0}\xa0{0} ", "\t{0}{0}  {0}{0}\t"])
    def test_rules(self, sign, rule):
        assert outlined(f"A\n  B\n{rule.format(sign)}\nC\n\nD") == [("A", ["B"]), ("C", ["D"])]

    @pytest.mark.parametrize("line", ["--", "-=-", "~~~", "─━─"])
    def test_no_rules(self, line):
        assert outlined(f"A\n  B\n{line}\nC\n\nD") == [("A", ["B"]), line, "C", "D"]


class TestTables:
    HEADED = "Top\n\n Stage     Description\n{}\n 1. A\n\n 2. B\n"

    @pytest.mark.parametrize("rule", ["------", "- - -", "──────", "━━━━"])
    def test_header_is_dropped(self, rule):
        assert outlined(self.HEADED.format(rule)) == [("Top", ["A", "B"])]

    @pytest.mark.parametrize("rule", ["******", "======", "A"])
    def test_only_above_dashes(self, rule):
        assert "Stage Description" in only(self.HEADED.format(rule)).children[0].title

    @pytest.mark.parametrize("line", ["Stage one", "├── Stage  one", "- Stage  one"])
    def test_only_phrases_set_apart(self, line):
        assert outlined(f"Top\n\n{line}\n-----\n") == [("Top", ["Stage one"])]

    def test_the_dashes_open_no_roadmap(self):
        assert outlined("Top\n\nStage  Text\n-----\nA\n\nB") == [("Top", ["A", "B"])]


class TestProse:
    def test_is_the_description(self):
        outline = only("Top\n\nFirst.\n\nA\n  B\n\nWhy not?  \n\n- - -\n\nC\n  D")

        assert nested([outline]) == [("Top", [("A", ["B"]), ("C", ["D"])])]
        assert outline.description == "First.\n\nWhy not?"

    def test_is_of_the_roadmap_above(self):
        first, second = read("A\n\nB.\n\n***\n\nC\n\nD。\n\nE!\n***")[0]

        assert (first.description, second.description) == ("B.", "D。\n\nE!")

    def test_goes_on_below_it(self):
        assert outlined("Top\n\n  A\n\nText.\n\n  B\n    C") == [("Top", ["A", ("B", ["C"])])]

    @pytest.mark.parametrize(
        ("line", "title"),
        [
            ("B", "B"),
            ("B:", "B:"),
            ("- B.", "B."),
            ("├── B.", "B."),
            ("  B.", "B."),
            ("\\B.", "B."),
            ("**B** : C.", "B"),
            ("**B.**", "B."),
            (".", "."),
        ],
    )
    def test_what_is_none(self, line, title):
        outline = only(f"Top\n\n{line}\n\nA")

        assert outline.children[0].title == title
        assert outline.description is None

    def test_only_what_stands_alone(self):
        outline = only("Top\n\nA.\nB\n\nC\nD.\n\nE.\n  F")

        assert nested([outline]) == [("Top", ["A.", "B", "C", "D.", ("E.", ["F"])])]
        assert outline.description is None

    def test_without_a_roadmap_is_a_node(self):
        assert outlined("A\n  B\n\nC.\n\nD") == [("A", ["B"]), "C.", "D"]


class TestTitles:
    @pytest.mark.parametrize(
        ("line", "title"),
        [
            ("Learn \t  Python", "Learn Python"),
            ("Learn\xa0 Python\xa0", "Learn\xa0 Python"),
            ("- A", "A"),
            ("-\tA", "A"),
            ("* A", "A"),
            ("+ A", "A"),
            ("• A", "A"),
            ("◦ A", "A"),
            ("12. A", "A"),
            ("12) A", "A"),
            ("- [ ] A", "A"),
            ("1. [x] A", "A"),
            ("* [X]   A", "A"),
            ("[x] A", "[x] A"),
            ("- - A", "- A"),
            ("-A", "-A"),
            ("-- A", "-- A"),
            ("3.14 A", "3.14 A"),
            ("1234567890. A", "1234567890. A"),
            ("**A**", "A"),
            ("*A*", "A"),
            ("__A__", "A"),
            ("`A`", "A"),
            ("***A***", "A"),
            ("- ** A **", "A"),
            ("_A_", "_A_"),
            ("**A** and **B**", "**A** and **B**"),
            ("**A** and **B** : C", "**A** and **B** : C"),
            ("*A* b", "*A* b"),
            ("A **b**", "A **b**"),
            ("**", "**"),
            ("``", "``"),
            ("A: B", "A: B"),
            ("A : B", "A : B"),
            ("`A` : B", "`A` : B"),
            ("**A:**", "A:"),
            ("** ** : B", "** ** : B"),
            ("\\- A", "- A"),
            ("\\\\A", "\\A"),
            ("\\ -- A", "-- A"),
            ("\\**A** : B", "**A** : B"),
            ("- \\[ ] A", "[ ] A"),
            ("A \\* B", "A \\* B"),
            ("A | B", "A | B"),
            ("C#", "C#"),
        ],
    )
    def test_title(self, line, title):
        outline = read(f"{line}\nEnd")[0][0]

        assert (outline.title, outline.summary) == (title, None)

    @pytest.mark.parametrize(
        ("line", "title", "summary"),
        [
            ("**A** : B", "A", "B"),
            ("**A**: B", "A", "B"),
            ("**A**:B", "A", "B"),
            ("**A:** B", "A", "B"),
            ("**A:** : B", "A:", "B"),
            ("**A** :  B \t c: **d** ", "A", "B c: **d**"),
            ("** A  b **  : B", "A b", "B"),
            ("   ├── **A** : B", "A", "B"),
            ("- [ ] **A** : B", "A", "B"),
            ("**A** :", "A", None),
            (r"**A \* \\ \n** : \* \\", r"A * \ \n", r"\* \\"),
            (r"**A\*\* : B** : C", "A** : B", "C"),
            (r"**A\\** : B", "A\\", "B"),
            ("**- A** : B", "- A", "B"),
            ("**:** : :", ":", ":"),
        ],
    )
    def test_summary(self, line, title, summary):
        outline = read(f"{line}\nEnd")[0][0]

        assert (outline.title, outline.summary) == (title, summary)


class TestDetection:
    @pytest.mark.parametrize(
        "line",
        [
            *("├── A", "└─ A", "  │", "┣━ A", "┗━ A", "┃  A", "\t├── A", "\xa0├── A"),
            *("|-- A", "+-- A", "`-- A", "\\-- A", "    `-- A", "+---A", "\\---A"),
        ],
    )
    def test_drawn(self, line):
        assert is_drawn(line)
        assert is_drawn(f"A\n\n{line}\nB")

    @pytest.mark.parametrize(
        "line",
        [
            *("", "A", "- A", "+ A", "* A", "  - A", "1. A", "-- A", "--- A"),
            *("| A | B |", "|---|---|", "|--- | ---|", "| --- |", "|:--|", "+---+---+", "+--"),
            *("A ├── B", "A |-- B", "a\n+\n-- b"),
        ],
    )
    def test_not_drawn(self, line):
        assert not is_drawn(line)
        assert not is_drawn(f"A\n\n{line}\nB")


class TestWriting:
    def test_nothing(self):
        assert write([]) == ""

    def test_titles_only(self):
        assert write([Outline("A"), Outline("B")]) == f"A\n\n{'*' * 62}\n\nB\n"

    def test_leaves_are_numbered(self):
        top = Outline("Top", summary="All", children=[Outline("A"), Outline("B", summary=" c  d ")])

        assert write([top]) == "**Top** : All\n\n 1. A\n\n 2. **B** : c d\n"

    def test_tree(self):
        outlines, _problems = read("Top\n\nA\n  B\n    C\n      D\n    E\n  F\n  G\n    H\nI")

        assert write(outlines) == (
            "Top\n"
            "\n"
            "A\n"
            "   ├── B\n"
            "   │    ├── C\n"
            "   │    │    └── D\n"
            "   │    └── E\n"
            "   │\n"
            "   ├── F\n"
            "   └── G\n"
            "        └── H\n"
            "\n"
            "I\n"
        )

    @pytest.mark.parametrize(
        ("title", "written"),
        [
            *(("- A", "\\- A"), ("1. A", "\\1. A"), ("[x] A", "\\[x] A"), ("-", "\\-")),
            *(("├── A", "\\├── A"), ("|-- A", "\\|-- A"), ("│ A", "\\│ A"), ("`-- A", "\\`-- A")),
            *(("**A**", "\\**A**"), ("`A`", "\\`A`"), ("__init__", "\\__init__")),
            *(("***", "\\***"), ("---", "\\ ---"), ("- - -", "\\- - -"), ("###", "\\###")),
            *(("\\A", "\\\\A"), ("\\", "\\\\"), ("\\-- A", "\\\\-- A"), ("-- A", "-- A")),
            *(
                ("A.", "A."),
                ("A: B", "A: B"),
                ("3.14", "3.14"),
                ("A  b", "A b"),
                ("*args", "*args"),
            ),
        ],
    )
    def test_titles_are_protected(self, title, written):
        [line] = write([Outline(title)]).splitlines()

        assert line == written

    def test_title_with_a_summary(self):
        assert write([Outline("a*b\\c", summary="*")]) == "**a\\*b\\\\c** : *\n"

    def test_sentences_that_would_stand_alone_are_protected(self):
        below = [Outline("A.", children=[Outline("B.")]), Outline("C."), Outline("D")]

        assert write([Outline("Top.", children=below)]) == ("Top.\n\nA.\n   └── B.\n\n\\C.\n\nD\n")


SPECIAL = st.lists(
    st.sampled_from(
        [
            *("├──", "└─", "│", "┃", "|", "|--", "+--", "`--", "\\--", "--", "---", "-", "─", "━"),
            *("*", "**", "__", "`", "#", "=", "_", "•", "+", "1.", "12)", "[x]", "[ ]", ":", "**:"),
            *("\\", "\\\\", "\\*", " ", "  ", "\t", "\xa0", "\n", "\x0b", "\u2028", "\u3000"),
            *("a", "B c", ".", "!", "?", "。", "A sentence.", "\u200b", "\x85", "\x1c", "┬"),
        ]
    ),
    max_size=7,
).map("".join)
TEXTS = st.one_of(SPECIAL, st.text(max_size=12), st.text("a-*+.|:\\` #1)[x]_", max_size=8))
TITLES = TEXTS.filter(one_line)


@st.composite
def forests(draw):
    """Up to 25 nodes in several roadmaps of up to five levels."""
    tops, path = [], []
    for level in draw(st.lists(st.integers(0, 4), max_size=25)):
        part = Outline(draw(TITLES), summary=draw(st.one_of(st.none(), st.just(""), TEXTS)))
        del path[level:]
        (path[-1].children if path else tops).append(part)
        path.append(part)
    return tops


@given(forests())
def test_what_is_written_is_read_as_it_was(outlines):
    found, problems = read(write(outlines))

    assert not problems
    assert tidied(found) == tidied(outlines)
    assert all(part.description is None for part, _level in walk_levels(found))


LINES = st.sampled_from(SEED.split("\n"))
MANGLED = st.lists(
    st.one_of(
        LINES,
        st.tuples(st.text(" \t│|\xa0", max_size=6), LINES).map("".join),
        st.tuples(LINES, st.integers(0, 20)).map(lambda pair: pair[0][pair[1] :]),
        st.tuples(LINES, TEXTS, st.integers(0, 20)).map(
            lambda found: found[0][: found[2]] + found[1] + found[0][found[2] :]
        ),
    ),
    max_size=40,
).map("\n".join)


@given(MANGLED)
def test_anything_is_read(content):
    outlines, problems = read(content)

    count = content.count("\n") + 1
    assert all(1 <= problem.line <= count and problem.message for problem in problems)
    lines = [part.line for part, _level in walk_levels(outlines)]
    assert lines == sorted(set(lines))
    assert all(1 <= line <= count for line in lines)
    assert all(part.title == one_line(part.title) != "" for part, _level in walk_levels(outlines))


@given(MANGLED)
def test_what_was_read_without_problems_is_written_and_read_as_it_is(content):
    outlines, problems = read(content)

    if not problems:
        assert tidied(read(write(outlines))[0]) == tidied(outlines)
