"""Text into the database: whole or not at all, and nothing but the problems of the text."""

import json
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import DataError, IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from roadmaps import node, rows, slugs_below
from soundness import findings

from django_roadmap import editing, exporting, importing, integrity
from django_roadmap.importing import import_text
from django_roadmap.models import Progress, Resource, Roadmap, RoadmapNode
from django_roadmap.outline import Link, Outline, OutlineError, Problem, write
from django_roadmap.outline.values import KINDS, one_line, walk_levels
from django_roadmap.placing import MAX_LEVELS
from django_roadmap.replacing import Changes

pytestmark = pytest.mark.django_db(databases=["default", "other"])

SEED = (Path(__file__).parent / "data" / "roadmap.txt").read_text(encoding="utf-8")
STAGES = "django-step-by-step"
SECTION = "django/frontend-basics"


@pytest.fixture(autouse=True)
def sound(bare):
    yield
    for using in ("default", "other"):
        assert findings(using) == []
        assert integrity.check(using=using) == []


def stored(using="default"):
    """Every row that an import may write."""
    through = RoadmapNode.prerequisites.through
    others = [
        list(models.QuerySet(model, using=using).order_by("pk").values())
        for model in (Resource, through, Progress)
    ]
    return [rows(using), *others]


@contextmanager
def nothing_written():
    before = stored(), stored("other")
    yield
    assert (stored(), stored("other")) == before


def attempt(source, **options):
    """What an import that may be refused returns or raises."""
    try:
        return import_text(source, **options)
    except OutlineError as error:
        return error


def problems(source, **options):
    """What is wrong with a text, which then writes nothing."""
    with nothing_written(), pytest.raises(OutlineError) as error:
        import_text(source, **options)
    assert error.value.problems
    lines = [problem.line or 0 for problem in error.value.problems]
    assert lines == sorted(lines)
    return str(error.value).split("\n")


def outline_at(path, using="default"):
    return exporting.outlines_at([path], using)[0]


def lines_of(path, using="default"):
    """A branch as titles and summaries, indented."""
    parts = walk_levels([outline_at(path, using)])
    return ["  " * level + f"{part.title}|{part.summary}" for part, level in parts]


def nested(*nodes):
    """JSON of these nodes."""
    return json.dumps({"format": "django-roadmap", "version": 1, "roadmaps": nodes})


class TestNew:
    def test_the_seed_document_is_what_is_planted(self):
        found = import_text(SEED, slugs=["stages", "levels"])

        assert [imported.path for imported in found] == ["stages", "levels"]
        assert all(imported.is_new for imported in found)
        assert lines_of("stages") == lines_of(STAGES)
        assert lines_of("levels") == lines_of("django")
        for imported, path in zip(found, (STAGES, "django"), strict=True):
            was = RoadmapNode.objects.get(path=path).get_family()
            slugs = [row.path.partition("/")[2] for row in imported.rows]
            assert slugs == [other.path.partition("/")[2] for other in was]
            assert [row.title for row in imported.rows] == [other.title for other in was]
            assert [row.level for row in imported.rows] == [other.level for other in was]
            assert imported.changes == Changes(added=[row.path for row in imported.rows])
        assert [root.path for root in Roadmap.roots.all()][-2:] == ["stages", "levels"]
        assert node("levels").version

    @pytest.mark.parametrize(
        "source",
        [
            "# Forms\n\nAll about.\n\n- Fields\n- Widgets <!-- optional; minutes: 5 -->\n",
            b"# Forms\r\n\r\nAll about.\r\n\r\n- Fields\r\n- Widgets <!-- optional; minutes: 5 -->",
            nested(
                {
                    "title": "Forms",
                    "summary": "All about.",
                    "children": [
                        {"title": "Fields"},
                        {"title": "Widgets", "is_optional": True, "minutes": 5},
                    ],
                }
            ),
            (
                '<opml xmlns:roadmap="urn:django-roadmap"><body>'
                '<outline text="Forms" roadmap:summary="All about."><outline text="Fields"/>'
                '<outline text="Widgets" roadmap:optional="true" roadmap:minutes="5"/>'
                "</outline></body></opml>"
            ),
        ],
        ids=["markdown", "bytes", "json", "opml"],
    )
    def test_a_format_is_recognised(self, source):
        [imported] = import_text(source)

        assert [tuple(row) for row in imported.rows] == [
            (0, "forms", "Forms", True),
            (1, "forms/fields", "Fields", True),
            (1, "forms/widgets", "Widgets", True),
        ]
        assert (node("forms").summary, node("forms/fields").summary) == ("All about.", "")
        assert (node("forms/widgets").minutes, node("forms/widgets").is_optional) == (5, True)

    def test_plain_text(self):
        [imported] = import_text("Forms\n\nFields\n  Text\nWidgets\n")
        assert [(row.level, row.path) for row in imported.rows] == [
            *((0, "forms"), (1, "forms/fields"), (2, "forms/text"), (1, "forms/widgets"))
        ]

    def test_a_format_that_is_said(self):
        [imported] = import_text("Forms\n\n# Fields\n", format="text", slugs=["forms"])
        assert [row.title for row in imported.rows] == ["Forms", "# Fields"]
        for format in ("mermaid", "checklist", "yaml"):
            with nothing_written(), pytest.raises(ValueError, match="not a format to read"):
                import_text("# Forms", format=format)

    def test_slugs_that_the_text_gives(self):
        [imported] = import_text("# Forms <!-- slug: f -->\n\n- F <!-- slug: f -->\n- f\n")
        assert [row.path for row in imported.rows] == ["f", "f/f", "f/f-2"]

    def test_slugs_that_are_given_instead(self):
        found = import_text("# A <!-- slug: x -->\n# B\n", slugs=["b", "a"])
        assert [imported.path for imported in found] == ["b", "a"]

    @pytest.mark.parametrize("text", ["- HTML\n- CSS\n", "HTML\nCSS\n", "# HTML\n\n# CSS\n"])
    def test_a_list_is_one_roadmap_that_needs_a_title(self, text):
        with nothing_written():
            [problem] = problems(text)
        assert problem.startswith("Line 1, “")
        assert "This is a list without a title: write one above it, or give one." in problem

        [imported] = import_text(text, title="Front end")
        assert imported.path == "front-end"
        assert len(imported.rows) == 3
        assert [found.path for found in import_text(text, slugs=["a", "b"])] == ["a", "b"]
        assert len(import_text(text, under="django/javascript")) == 2

    @pytest.mark.parametrize("slugs", [["a"], ["a", "b", "c"]])
    def test_as_many_slugs_as_tops(self, slugs):
        message = "Give each of these a slug, or all of them a title above: “A”, “B”."
        assert problems("# A\n# B\n", slugs=slugs) == [message]

    def test_slugs_are_no_problem_where_the_text_is_one(self):
        assert problems("", slugs=["a", "b"]) == ["There is no title in it."]

    def test_a_title_gathers_all(self):
        source = "# A\n\n- X\n\n# B\n\nText\n"
        [imported] = import_text(source, title="All of it", slugs=["all"])
        assert [(row.level, row.path) for row in imported.rows] == [
            *((0, "all"), (1, "all/a"), (2, "all/x"), (1, "all/b"))
        ]
        assert import_text(source, title="All of it")[0].path == "all-of-it"
        assert problems("", title="All") == ["There is no title in it."]
        assert problems("# A", title="x" * 201)[0].endswith("at most 200 characters (it has 201).")
        assert problems("# A", title=" ") == ["title: This field cannot be blank."]

    def test_titles_are_in_one_line_in_any_format(self):
        said = {"title": " A\r\n\tb\u2028c ", "children": [{"title": "x" * 200 + " \n"}]}
        said["summary"] = "\nIn\n\none \n"
        said["resources"] = [{"title": " A\nlink ", "url": "https://a.org"}]
        [imported] = import_text(nested(said), title=" All\n of it ")
        assert [row.title for row in imported.rows] == ["All of it", "A b c", "x" * 200]
        [part] = outline_at("all-of-it").children[:1]
        assert (part.summary, part.resources[0].title) == ("In one", "A link")
        text = write([outline_at("all-of-it")], "text")
        assert import_text(text, update=True)[0].changes == Changes()

    def test_a_title_without_letters(self):
        [imported] = import_text("# 🎉\n\n- 🎉\n")
        assert [row.path for row in imported.rows] == ["node-1", "node-1/node-1"]
        assert import_text("# 🎊\n")[0].path == "node-2"
        assert problems("# 🎊\n", update=True) == [
            "Line 1, “🎊”: Nothing tells which roadmap this is: give it a slug."
        ]

    def test_one_that_is_there_is_refused(self):
        import_text("# Django", slugs=["django-2"])
        assert problems("# A\n- B\n# Django\n\n# Django 3") == [
            "Line 3, “Django”: A roadmap is at “django” already: update that, or take “django-4”."
        ]
        found = problems("# A <!-- slug: django -->\n# B\n", slugs=[STAGES, "django"])
        assert len(found) == 2

    def test_one_that_the_database_takes_for_the_same(self):
        """On some databases it is refused; on none does it happen without a word."""
        error = attempt("# Django", slugs=["Django"])
        if isinstance(error, OutlineError):
            assert str(error).endswith("“Django” already: update that, or take “Django-2”.")
        else:
            assert node("Django").title == "Django"

    def test_published_or_not(self):
        [imported] = import_text("# A <!-- unpublished -->\n\n- B\n")
        assert [row.is_published for row in imported.rows] == [False, True]


class TestUnder:
    def test_branches(self):
        text = "- HTML\n  - Tags\n- Forms\n"
        found = import_text(text, under="django/html", format="markdown")

        assert [imported.path for imported in found] == ["django/html-2", "django/forms"]
        assert [tuple(row) for row in found[0].rows] == [
            (4, "django/html-2", "HTML", True),
            (5, "django/tags", "Tags", True),
        ]
        assert slugs_below("django/html") == "html-2 forms"
        with nothing_written():
            again = problems(text + "- New\n", under="django/html", format="markdown")
        remedy = "already: update that, or give it another title and slug."
        assert again == [
            f"Line 1, “HTML”: It is at “django/html-2” {remedy}",
            f"Line 3, “Forms”: It is at “django/forms” {remedy}",
        ]

    def test_slugs_and_title(self):
        [imported] = import_text("- A\n- B", under="django/html", title="All", slugs=["css"])
        assert [row.path for row in imported.rows] == ["django/css-2", "django/a", "django/b"]
        told = [
            "“All”: It is at “django/css” already: update that, or give it another title and slug."
        ]
        assert problems("- A", under="django", title="All", slugs=["css"]) == told

    @pytest.mark.parametrize("path", ["nowhere", "django/nowhere", "Django", "DJANGO/css", "a b"])
    @pytest.mark.parametrize("update", [False, True])
    def test_nothing_is_there(self, path, update):
        with nothing_written(), pytest.raises(RoadmapNode.DoesNotExist) as error:
            import_text("# A", under=path, update=update)
        assert str(error.value) == f"No roadmap or node has the path {path}."

    @pytest.mark.parametrize("path", ["\0", "\udcff", "x/y/z", "a" * 10_000])
    def test_what_is_no_path(self, path):
        with nothing_written(), pytest.raises(RoadmapNode.DoesNotExist):
            import_text("# A", under=path)

    def test_it_is_gone_once_the_roadmap_is_locked(self, monkeypatch):
        lock_nodes = importing.locking.lock_nodes

        def too_late(*args):
            monkeypatch.undo()
            node("django/css").delete()
            return lock_nodes(*args)

        monkeypatch.setattr(importing.locking, "lock_nodes", too_late)
        with pytest.raises(RoadmapNode.DoesNotExist, match="the path django/css"):
            import_text("# A", under="django/css")
        assert not RoadmapNode.objects.filter(title="A").exists()

    def test_update_by_slug_and_by_title(self):
        import_text("- A\n- B <!-- slug: bee -->\n  - Deep\n", under="django/css")
        before = {slug: node(f"django/{slug}").pk for slug in ("a", "bee", "deep")}
        found = import_text(
            "- Bees <!-- slug: bee -->\n- A\n  - New\n- New\n", under="django/css", update=True
        )

        assert [imported.path for imported in found] == ["django/bee", "django/a", "django/new-2"]
        assert [imported.is_new for imported in found] == [False, False, True]
        assert found[0].changes == Changes(changed=["django/bee"], removed=["django/deep"])
        assert found[1].changes == Changes(added=["django/new"])
        after = {slug: node(f"django/{slug}").pk for slug in ("a", "bee", "deep")}
        assert after == before
        assert slugs_below("django/css") == "a bee new-2"

    def test_update_of_one_deeper_down_leaves_it_there(self):
        import_text("- B\n  - Deep\n", under="django/css")
        [found] = import_text("- Deeper <!-- slug: deep -->", under="django/css", update=True)

        assert found.changes == Changes(changed=["django/deep"])
        assert slugs_below("django/b") == "deep"

    @pytest.mark.parametrize("order", [["B", "Deep"], ["Deep", "B"]])
    def test_update_of_one_and_of_a_part_of_it_is_refused(self, order):
        import_text("- B\n  - Deep\n", under="django/css")
        before = rows()
        text = "\n".join(f"- {title} <!-- slug: {title.lower()} -->" for title in order)
        with pytest.raises(OutlineError) as caught:
            import_text(text, under="django/css", update=True, delete=True)

        assert str(caught.value) == (
            f"Line {order.index('Deep') + 1}, “Deep”: It is part of “B”, which is here, too:"
            " write it below that."
        )
        assert rows() == before

    def test_a_title_that_is_lacking_is_told_once(self):
        with pytest.raises(OutlineError) as caught:
            import_text("# A\n\n#\n\n- B\n")

        assert [problem.line for problem in caught.value.problems] == [3]

    def test_a_prerequisite_of_the_slug_of_its_roadmap_is_a_node(self):
        text = "# F <!-- slug: f -->\n\n- F <!-- slug: f -->\n- G <!-- slug: g; after: f -->\n"
        import_text(text)

        assert [need.path for need in node("f/g").prerequisites.all()] == ["f/f"]

    def test_update_of_many_that_grow(self):
        """What the first adds moves what is found for the next ones."""
        import_text("- A\n- B\n- C", under="django/css", format="markdown")
        text = "- A\n  - x\n  - y\n- B\n  - z\n- C\n  - v\n"
        found = import_text(text, under="django/css", update=True, format="markdown")

        assert [imported.path for imported in found] == ["django/a", "django/b", "django/c"]
        assert [imported.is_new for imported in found] == [False] * 3
        assert slugs_below("django/css") == "a b c"
        assert [row.path for row in found[2].rows] == ["django/c", "django/v"]

    def test_update_of_namesakes(self):
        text = "- A\n  - x\n- A\n  - y\n"
        once = import_text(text, under="django/css", update=True, format="markdown")
        assert [imported.path for imported in once] == ["django/a", "django/a-2"]
        again = import_text(text, under="django/css", update=True, format="markdown")
        assert [imported.path for imported in again] == ["django/a", "django/a-2"]
        assert [imported.changes for imported in again] == [Changes()] * 2

        # One that is found by its slug is not found by its title, too.
        text = "- A\n- C <!-- slug: a -->\n"
        [a, c] = import_text(text, under="django/css", update=True, format="markdown")
        assert (a.path, c.path) == ("django/a-2", "django/a")

    def test_prerequisites_in_other_branches(self):
        text = (
            "- A <!-- slug: a; after: c, css -->\n"
            "- B <!-- slug: b -->\n  - C <!-- slug: c -->\n"
            "- D <!-- slug: d; after: a, c -->\n"
        )
        found = import_text(text, under="django/html", format="markdown")
        assert [imported.changes.changed for imported in found] == [[], [], []]
        outlines = exporting.outlines_at(["django/a", "django/d"], "default")
        assert [part.prerequisites for part in outlines] == [["c", "css"], ["a", "c"]]
        options = {"under": "django/html", "format": "markdown", "update": True}
        assert [imported.changes for imported in import_text(text, **options)] == [Changes()] * 3

        text = text.replace("after: c, css", "after: e") + "- E <!-- slug: e -->\n"
        text = text.replace("- C", "- C1")
        found = import_text(text, **options)
        assert [imported.changes for imported in found] == [
            Changes(changed=["django/a"]),
            Changes(changed=["django/c"]),
            Changes(),
            Changes(added=["django/e"]),
        ]
        assert outline_at("django/a").prerequisites == ["e"]
        text = "- F <!-- slug: f; after: g -->\n- G <!-- slug: g; after: f -->\n"
        [found] = problems(text, **options)
        assert found.startswith("These would be prerequisites of each other: django/")
        text = "- H <!-- after: g, x -->\n- G <!-- slug: g -->\n"
        assert problems(text, **options) == [
            "Line 1: “H”: the prerequisite “x” is no other node here."
        ]

    def test_the_node_itself_is_not_one_of_them(self):
        [imported] = import_text("- CSS", under="django/css", update=True, format="markdown")
        assert imported.path == "django/css-2"

    def test_too_deep(self):
        top = Outline(str(MAX_LEVELS), slug="deep")
        for level in range(MAX_LEVELS - 1, 0, -1):
            top = Outline(str(level), slug=f"level-{level}", children=[top])
        text = write([top], "json")
        import_text(text)
        [found] = problems("# A", under="level-1/deep")
        assert found == "Below “64”, “A” would reach level 65 of at most 64."
        assert len(problems(text, under="django")) == 1
        assert "would reach level 65" in problems("# A\n## B", under="level-1/level-63")[0]
        [found] = problems(text, title="Above")
        assert found == (
            f"Line {text[: text.index('deep')].count(chr(10)) - 1}, “64”:"
            " This is level 65 of at most 64: move it further up."
        )


class TestUpdate:
    def test_keys_marks_and_what_is_not_said(self):
        ann = User.objects.create_user("Ann")
        import_text(
            "# P <!-- minutes: 5 -->\n\n> Words.\n\n- A\n- B\n  - C\n- D <!-- slug: dee -->"
        )
        node("p").prerequisites.add(node("p/a"))
        for slug in "abc":
            Progress.objects.create(user=ann, node=node(f"p/{slug}"), state="done")
        keys = {slug: node(f"p/{slug}").pk for slug in ("a", "b", "c", "dee")}
        [imported] = import_text("# P\n\n- Deep <!-- slug: dee -->\n- C\n- A\n- E\n", update=True)

        assert not imported.is_new
        assert imported.changes == Changes(
            added=["p/e"], moved=["p/c", "p/a"], changed=["p/dee"], removed=["p/b"]
        )
        assert [(row.path, row.is_published) for row in imported.rows] == [
            *(("p", True), ("p/dee", True), ("p/c", True), ("p/a", True), ("p/e", True)),
            ("p/b", False),
        ]
        assert {slug: node(f"p/{slug}").pk for slug in keys} == keys
        assert Progress.objects.count() == 3
        assert (node("p").minutes, node("p").description) == (5, "Words.")
        assert node("p").prerequisites.get() == node("p/a")

        [imported] = import_text("# P\n\n- A\n", update=True, delete=True)
        assert imported.changes.removed == ["p/dee", "p/c", "p/e", "p/b"]
        assert [row.path for row in imported.rows] == ["p", "p/a"]
        assert list(Progress.objects.values_list("node", flat=True)) == [keys["a"]]

    def test_nothing_to_delete_without_update(self):
        problems("# Django", delete=True)

    def test_what_is_said_of_one_is_said_of_all(self):
        import_text("# P <!-- minutes: 5 -->\n\n- A <!-- minutes: 10 -->\n")
        import_text("# P\n\n- A <!-- minutes: 7 -->\n", update=True)
        assert (node("p").minutes, node("p/a").minutes) == (None, 7)
        import_text(nested({"title": "P", "children": [{"title": "A"}]}), update=True)
        assert node("p/a").minutes == 7

    def test_one_that_is_new(self):
        [p, q] = import_text("# P\n# Django <!-- slug: django -->\n", update=True)
        assert (p.is_new, q.is_new) == (True, False)
        assert slugs_below("django") == "beginner-level intermediate-level advanced-level"
        assert {row.is_published for row in q.rows[1:]} == {False}

    def test_a_title_finds_no_roadmap(self):
        """Its slug does, said or made from the title."""
        assert import_text("# Django RoadMap", update=True)[0].is_new

    def test_another_database(self):
        before = stored()
        import_text("# Django", slugs=["django"], update=True, delete=True, using="other")
        import_text("# A\n\n- B\n  - C", using="other")
        import_text("# D", using="other", under="a/b")
        assert stored() == before
        assert RoadmapNode.objects.using("other").filter(path__startswith="django/").count() == 0
        assert slugs_below("a/b", "other") == "c d"
        with pytest.raises(RoadmapNode.DoesNotExist):
            import_text("# D", under="a/b")


class TestProblems:
    def test_one_wrong_roadmap_is_no_roadmap(self):
        assert problems("# A\n\n- B\n\n# C\n\n- D <!-- after: nowhere -->\n") == [
            "Line 7: “D”: the prerequisite “nowhere” is no other node here."
        ]
        text = "# Django <!-- slug: django -->\n\n- B\n\n# C\n\n- D <!-- after: nowhere -->\n"
        problems(text, update=True)
        problems("- A\n- B <!-- after: nowhere -->", under="django", format="markdown")

    def test_all_in_one_report_by_line(self):
        text = (
            "# A <!-- slug: a.b -->\n\n"
            "- B <!-- slug: bee -->\n"
            "- C <!-- slug: bee; minutes: 0 -->\n"
            "- [L](ftp://example.org/)\n"
            f"- [L](https://example.org/{'x' * 500})\n"
            "- D <!-- minutes: ten -->\n\n"
            "  [L](https://a.org/) [M](https://a.org/)\n"
            f"- {'x' * 201}\n"
            f"# {'y' * 201}\n"
        )
        found = problems(text)
        assert [each.partition(":")[0].partition(",")[0] for each in found] == [
            *("Line 1", "Line 4", "Line 5", "Line 6", "Line 7", "Line 7", "Line 10", "Line 11")
        ]
        assert found[0].startswith("Line 1, “A”: slug: Enter a valid “slug”")
        assert found[1] == "Line 4, “C”: The slug “bee” is on line 3, too: take “bee-2”."
        assert "address: Ensure this value has at most 500 characters" in found[3]
        assert "“ten” is no number of minutes." in found[4]
        assert found[5] == "Line 7, “D”: https://a.org/ is there more than once."
        assert found[6].endswith(
            "title: Ensure this value has at most 200 characters (it has 201)."
        )

    @pytest.mark.parametrize(
        ("said", "message"),
        [
            ({"summary": "x" * 301}, "summary: Ensure this value has at most 300"),
            ({"title": "A\0"}, "title: Null characters are not allowed."),
            ({"summary": "\0"}, "summary: Null characters are not allowed."),
            ({"description": "\0"}, "description: Null characters are not allowed."),
            ({"slug": "\0"}, "slug: Null characters are not allowed."),
            ({"description": "\ud800"}, "half of a character"),
            ({"slug": "a/b"}, "slug: Enter a valid"),
            ({"slug": "a b"}, "slug: Enter a valid"),
            ({"slug": "x" * 121}, "slug: Ensure this value has at most 120"),
            ({"minutes": 10**30}, "minutes: Ensure this value is less than or equal to"),
            ({"resources": [{"title": "", "url": "https://a.org"}]}, "title: This field cannot"),
            ({"resources": [{"title": "L", "url": "ftp://a.org"}]}, "begins with https:// or"),
            ({"resources": [{"title": "L", "url": "https://[a"}]}, "address: Enter a valid URL."),
            ({"resources": [{"title": "L", "url": "https://a.org/\0"}]}, "address: Null char"),
            ({"prerequisites": ["\0"]}, "is no other node here"),
            ({"prerequisites": [""]}, "is no other node here"),
        ],
    )
    def test_what_a_node_cannot_have(self, said, message):
        [found] = problems(nested({"title": "A", **said}))
        assert found.startswith("Line 1")
        assert message in found

    @pytest.mark.parametrize(
        "source", ["# A\ud800", "# A\n\nB \udfff", "A\ud800\n", b"# A\xff", "# A\0"]
    )
    def test_no_letters(self, source):
        assert len(problems(source)) == 1

    def test_options_without_letters(self):
        assert "slug: Half of a character" in problems("# A", slugs=["\udcff"])[0]
        assert "title: Half of a character" in problems("# A", title="\udcff")[0]
        assert "slug: Null characters" in problems("# A", slugs=["\0"])[0]

    @pytest.mark.parametrize("twin", ["bee", "Bee", "bée", "BÉE"])
    def test_a_slug_twice(self, twin):
        text = f"# A\n\n- B <!-- slug: bee -->\n  - C <!-- slug: {twin} -->\n"
        assert problems(text) == [
            f"Line 4, “C”: The slug “{twin}” is on line 3, too: take “{twin}-2”."
        ]
        assert len(problems(text, under="django/css")) == 1

    def test_the_slug_that_is_proposed_is_free(self):
        text = "# A\n" + "".join(
            f"\n- N <!-- slug: {slug} -->" for slug in ("x", "x", "X", "x-2", "X-5", "x", "é", "E")
        )
        assert [each.partition(": ")[2] for each in problems(text)] == [
            "The slug “x” is on line 3, too: take “x-3”.",
            "The slug “X” is on line 3, too: take “X-4”.",
            "The slug “x” is on line 3, too: take “x-6”.",
            "The slug “E” is on line 9, too: take “E-2”.",
        ]

    def test_a_slug_of_two_roadmaps(self):
        assert problems("# A <!-- slug: x -->\n# B <!-- slug: X -->\n") == [
            "Line 2, “B”: The slug “X” is on line 1, too: take “X-2”."
        ]
        # Also one that is made from the title, as it would not be numbered.
        for update in (False, True):
            assert problems("# F\n\n- F\n\n# F\n", update=update) == [
                "Line 5, “F”: The slug “f” is on line 1, too: take “f-2”."
            ]
        assert problems("# A\n# B\n", slugs=["x", "x"]) == [
            "Line 2, “B”: The slug “x” is on line 1, too: take “x-2”."
        ]

    def test_the_same_slug_in_two_roadmaps(self):
        text = "# A\n\n- B <!-- slug: x -->\n\n# C <!-- slug: x -->\n\n- D <!-- slug: x -->\n"
        assert [imported.path for imported in import_text(text)] == ["a", "x"]
        assert len(problems(text, under="django/css")) == 2
        assert len(problems(text, title="All")) == 2

    def test_the_slug_of_a_title_twice(self):
        assert problems("- A <!-- slug: x -->", title="All", slugs=["x"], under="django") == [
            "Line 1, “A”: The slug “x” is that of “All”: take “x-2”."
        ]

    def test_circles(self):
        text = "# A\n\n- B <!-- slug: b; after: c -->\n- C <!-- slug: c; after: b -->\n"
        [found] = problems(text)
        assert found.startswith("These would be prerequisites of each other: a/")
        assert "no other node" in problems("# A\n\n- B <!-- slug: b; after: b -->\n")[0]

    def test_every_unknown_prerequisite_has_its_line(self):
        text = "# 50% %(node)s\n\n- B <!-- after: x -->\n- C %s <!-- after: y, z -->\n"
        assert problems(text) == [
            "Line 3: “B”: the prerequisite “x” is no other node here.",
            "Line 4: “C %s”: the prerequisite “y” is no other node here.",
            "Line 4: “C %s”: the prerequisite “z” is no other node here.",
        ]

    @pytest.mark.parametrize("error", [IntegrityError("Duplicate"), DataError("Duplicate")])
    def test_what_only_the_database_knows(self, monkeypatch, error):
        def add(*args, **kwargs):
            raise error

        monkeypatch.setattr(editing, "add", add)
        assert problems("# A") == ["The database refuses it: Duplicate"]

    @pytest.mark.parametrize("pair", ["oø", "sß", "あア", "lł", "aª"])
    def test_slugs_that_only_the_database_takes_for_the_same(self, pair):
        text = "# P\n" + "".join(f"\n- T <!-- slug: {slug} -->" for slug in pair)
        with transaction.atomic():
            error = attempt(text)
            assert not isinstance(error, OutlineError) or error.problems
        assert node("django").title == "Django RoadMap"

    def test_addresses_that_only_the_database_takes_for_the_same(self):
        text = "# P\n\n[A](https://a.org/x) [B](https://a.org/X)\n"
        with transaction.atomic():
            error = attempt(text)
            if isinstance(error, OutlineError):
                assert "The database refuses it" in str(error)
            else:
                assert node("p").resources.count() == 2


class TestDryRun:
    TEXTS = {
        "new": ("# A\n\n- B\n\n# C\n", {}),
        "update": (
            "# D <!-- slug: django -->\n\n- CSS\n- [New](https://a.org)\n# New\n",
            {"update": True},
        ),
        "delete": ("# D <!-- slug: django -->\n\n- CSS\n", {"update": True, "delete": True}),
        "under": ("- A\n- B", {"under": "django/css", "format": "markdown"}),
        "other": ("# A\n\n- B", {"using": "other"}),
    }

    @pytest.mark.parametrize(("text", "options"), TEXTS.values(), ids=TEXTS)
    def test_the_same_and_nothing_written(self, text, options):
        seen = []

        def refuse(found):
            seen.append(replace(found[0]))
            return False

        with nothing_written():
            dry = import_text(text, dry_run=True, **options)
            refused = import_text(text, only_if=refuse, **options)
            both = import_text(text, dry_run=True, only_if=lambda found: True, **options)
        assert findings() == findings("other") == []
        real = import_text(text, only_if=lambda found: found == dry, **options)
        assert dry == refused == both == real
        assert seen == dry[:1]
        paths = [row.path for imported in real for row in imported.rows]
        stored = RoadmapNode.objects.using(options.get("using")).filter(path__in=paths)
        assert stored.count() == len(paths)

    def test_problems_are_the_same(self):
        text = "# D <!-- slug: django -->\n\n- B <!-- after: x -->\n"
        assert problems(text, update=True) == problems(text, update=True, dry_run=True)
        assert problems(text) == problems(text, dry_run=True)

    def test_in_a_transaction_of_the_caller(self):
        with transaction.atomic():
            import_text("# A")
            with nothing_written():
                import_text("# B\n- D\n# C", dry_run=True)
                with pytest.raises(OutlineError):
                    import_text("# B\n\n- C <!-- after: x -->")
            assert not connection.needs_rollback
            import_text("# D")
        assert {"a", "d"} < set(Roadmap.roots.values_list("path", flat=True))

        with transaction.atomic():
            import_text("# E")
            transaction.set_rollback(True)
        assert not RoadmapNode.objects.filter(path="e").exists()

    @pytest.mark.django_db(transaction=True, databases=["default", "other"])
    @pytest.mark.parametrize("options", [{}, {"update": True}, {"under": "django/css"}])
    def test_no_transaction_is_left_open(self, options):
        with nothing_written(), CaptureQueriesContext(connection) as queries:
            import_text("# A\n\n- B", dry_run=True, **options)
            assert not connection.in_atomic_block
            assert connection.get_autocommit()
        assert queries.captured_queries[-1]["sql"] == "ROLLBACK"
        import_text("# A\n\n- B", **options)
        assert RoadmapNode.objects.filter(title="B").count() == 1
        assert not connection.in_atomic_block


def wide(count):
    """A text about that many nodes, on three levels."""
    sections = count // 2 - 1
    lines = [f"- S{n}\n  - T{n}\n" for n in range(sections)]
    lines += [f"- U{n}\n" for n in range(count - 1 - 2 * sections)]
    return "# Wide <!-- minutes: 5 -->\n\n[L](https://a.org/)\n\n" + "".join(lines)


@pytest.mark.parametrize(
    ("options", "most"),
    [
        ({}, 36),
        ({"under": "django/css"}, 40),
        ({"dry_run": True}, 36),
        ({"update": True}, 36),
    ],
    ids=["new", "under", "dry run", "update"],
)
def test_a_text_takes_as_many_queries_however_long_it_is(options, most):
    counts = []
    for count in (10, 100):
        with CaptureQueriesContext(connection) as queries:
            [imported] = import_text(wide(count), **options)
        assert len(imported.changes.added) == count
        counts.append(len(queries))
        for root in RoadmapNode.objects.filter(title="Wide"):
            root.delete()
    # In a transaction, MariaDB is asked where a node is before that is locked.
    more = "under" in options and connection.vendor == "mysql"
    assert counts[0] == counts[1] <= most + more


def test_an_update_takes_as_many_queries_however_long_it_is():
    counts = []
    for count in (10, 100):
        import_text(wide(count))
        text = wide(count).replace("- T", "- New ").replace("minutes: 5", "minutes: 6")
        with CaptureQueriesContext(connection) as queries:
            [imported] = import_text(text, update=True)
        assert len(imported.changes.added) == len(imported.changes.removed) == count // 2 - 1
        counts.append(len(queries))
        node("wide").delete()
    assert counts[0] == counts[1] <= 26


class TestRoundTrip:
    @pytest.fixture
    def rich(self):
        """All that a roadmap may have."""
        text = """\
# Rich & *bold* <!-- slug: rich; minutes: 5 -->

One \\_sentence\\_ of 100%.

> ## A description
>
> with `code` and
>
>     a block
>
> 1. one

[Docs](https://example.org/a_(b)?c=d&e=f "official")
[An \\[article\\]](https://example.org/)

## Optional <!-- slug: opt; optional; after: leaf-b, leaf-a -->

### Hidden <!-- slug: hid; unpublished -->

- Leaf <!-- slug: leaf-a -->
- Leaf <!-- slug: leaf-b; after: rich -->

## Änderung 🎉 <!-- slug: änderung; minutes: 90 -->
"""
        import_text(text)

    @pytest.mark.parametrize("format", ["markdown", "json", "opml"])
    @pytest.mark.parametrize("path", ["django", STAGES, "rich"])
    def test_deleted_and_imported_again(self, rich, path, format):
        text = write([outline_at(path)], format)
        with transaction.atomic():
            [same] = import_text(text, update=True, delete=True)
            assert same.changes == Changes()
        node(path).delete()
        [imported] = import_text(text, format=format)
        assert write([outline_at(path)], format) == text
        assert imported.path == path
        assert import_text(text)[0].path if False else True

    @pytest.mark.parametrize("format", ["markdown", "json", "opml"])
    def test_of_all_to_another_database(self, rich, format):
        RoadmapNode.objects.using("other").all().delete()
        text = write(exporting.outlines_at([], "default"), format)
        found = import_text(text, using="other")
        assert [imported.path for imported in found] == ["django", STAGES, "rich"]
        assert write(exporting.outlines_at([], "other"), format) == text
        assert [root.path for root in Roadmap.roots.using("other")] == ["django", STAGES, "rich"]

    def test_of_a_branch(self, rich):
        text = write([outline_at("rich/opt")], "json")
        [imported] = import_text(text, under="rich", update=True)
        assert imported.changes == Changes()

    def test_text_keeps_titles_and_summaries(self):
        for path in ("django", STAGES):
            text = write([outline_at(path)], "text")
            [imported] = import_text(text, slugs=["copy"])
            assert lines_of("copy") == lines_of(path)
            assert import_text(text, slugs=["copy"], update=True)[0].changes == Changes()
            node("copy").delete()
            assert imported.is_new


LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.text(LETTERS, max_size=30)
titles = st.text(LETTERS, min_size=1, max_size=30).map(one_line).filter(bool)
links = st.builds(
    Link,
    titles,
    st.sampled_from([f"https://example.org/{name}" for name in "abcdef"] + ["http://b.org?x=ü"]),
    st.sampled_from(KINDS),
)


@st.composite
def valid_outlines(draw):
    """Up to 15 nodes; who needs whom follows an order, so there are no circles."""
    count = draw(st.integers(1, 15))
    parts = []
    for place in range(count):
        needs = draw(st.sets(st.integers(0, count - 1), max_size=3)) if count > 1 else ()
        part = Outline(
            draw(titles),
            f"{draw(st.sampled_from(['n', 'ä', '節', 'N_']))}-{place}",
            summary=one_line(draw(texts)),
            description=draw(texts),
            is_published=draw(st.booleans()),
            is_optional=draw(st.booleans()),
            minutes=draw(st.integers(0, 1000)),
            resources=draw(st.lists(links, max_size=3, unique_by=lambda link: link.url)),
            prerequisites=[need for need in needs if need != place],
        )
        parts.append(part)
        if place:
            parts[draw(st.integers(0, place - 1))].children.append(part)
    # Reading order: a node may need only those before it, or, in one case of two, after it.
    order = [part for part, _level in walk_levels(parts[:1])]
    sign = draw(st.sampled_from([1, -1]))
    places = {part.slug: place for place, part in enumerate(order)}
    for part in order:
        needed = {parts[need].slug for need in part.prerequisites}
        part.prerequisites = sorted(
            (slug for slug in needed if sign * places[slug] < sign * places[part.slug]),
            key=places.get,
        )
    return parts[0]


@contextmanager
def taken_back():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@given(valid_outlines())
def test_any_outline_comes_back_from_json(outline):
    with taken_back():
        text = write([outline], "json")
        [imported] = import_text(text)
        [found] = exporting.outlines_at([outline.slug], "default")

        assert found == outline
        assert [row.title for row in imported.rows] == [
            part.title for part, _level in walk_levels([outline])
        ]
        assert import_text(text, update=True)[0].changes == Changes()
        assert findings() == []


FORMATS = ("markdown", "json", "opml", "text")
LINES = [
    "# New",
    "- New <!-- slug: css -->",
    "  - Below <!-- after: css, html; minutes: 3 -->",
    "[Link](https://example.org/)",
    "[Link](ftp://example.org/)",
    "> quoted",
    "********",
    '    "slug": "css",',
    "<outline text='x' type='link' url='https://a.org/'/>",
    "│    ├── New",
    "\t\ttabs",
    "```",
    "<!--",
    "]}",
]


@st.composite
def mutated(draw, originals):
    text = draw(st.sampled_from(originals))
    for _round in range(draw(st.integers(1, 4))):
        lines = text.split("\n")
        begin, end = sorted(draw(st.tuples(*[st.integers(0, len(lines))] * 2)))
        match draw(st.sampled_from(["cut", "twice", "insert", "letters", "shift"])):
            case "cut":
                del lines[begin : min(end, begin + 5)]
            case "twice":
                lines[end:end] = lines[begin : min(end, begin + 5)]
            case "insert":
                lines.insert(begin, draw(st.sampled_from(LINES)))
            case "shift":
                lines[begin:end] = ["  " + line for line in lines[begin:end]]
            case "letters":
                text = "\n".join(lines)
                place = draw(st.integers(0, len(text)))
                added = draw(st.text(max_size=3) | st.sampled_from(["\0", "\ud800", "<", '"', "%"]))
                lines = (text[:place] + added + text[place + draw(st.integers(0, 3)) :]).split("\n")
        text = "\n".join(lines)
    return text


@given(data=st.data())
def test_any_text_is_imported_or_refused(data):
    outlines = exporting.outlines_at([], "default")
    text = data.draw(mutated([SEED, *(write(outlines, name) for name in FORMATS)]))
    options = {
        "update": data.draw(st.booleans()),
        "delete": data.draw(st.booleans()),
        "under": data.draw(st.sampled_from(["", "", "django/css", STAGES])),
        "title": data.draw(st.sampled_from(["", "", "All"])),
        "slugs": data.draw(st.sampled_from([[], ["new"], ["one", "two"]])),
        "format": data.draw(st.sampled_from([None, None, None, *FORMATS])),
    }
    with taken_back():
        before = stored()
        found = attempt(text, **options)
        if isinstance(found, OutlineError):
            assert found.problems
            assert all(isinstance(problem, Problem) for problem in found.problems)
            assert stored() == before
        else:
            assert found
            assert findings() == []


class TestWhatIsNotSaid:
    def test_a_draft_is_published_only_where_the_text_says_so_of_it(self):
        import_text("# Git\n\n- A <!-- unpublished -->\n- B <!-- unpublished -->\n")
        import_text("# Git\n\n- A\n- B <!-- published -->\n- C <!-- unpublished -->\n", update=True)

        published = {slug: node(f"git/{slug}").is_published for slug in "abc"}
        assert published == {"a": False, "b": True, "c": False}

    def test_roadmaps_of_one_text_say_nothing_about_each_other(self):
        import_text("# Git\n\n- A <!-- minutes: 5 -->\n")
        import_text("# Git\n\n- A\n\n# Other\n\n- B <!-- minutes: 3 -->\n", update=True)

        assert (node("git/a").minutes, node("other/b").minutes) == (5, 3)

    def test_prose_in_a_plain_text_empties_no_description(self):
        import_text("# Git\n\n- A\n\n  > Long.\n")
        text = "Git\n\nThis is all about git.\n\n  A\n  B\n"
        import_text(text, format="text", update=True)

        assert node("git").description == "This is all about git."
        assert node("git/a").description == "Long."
