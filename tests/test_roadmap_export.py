"""The command that writes roadmaps as text."""

import sys
from io import BytesIO, StringIO, TextIOWrapper

import pytest
from django.core.management import CommandError, call_command
from roadmaps import node
from soundness import findings

from django_roadmap import editing, exporting
from django_roadmap.models import RoadmapNode
from django_roadmap.outline import FORMATS, Link, Outline, read, write

pytestmark = pytest.mark.django_db(databases=["default", "other"])

STAGES = "django-step-by-step"


def run(*args, **options):
    """What the command prints."""
    out = StringIO()
    call_command("roadmap_export", *args, stdout=out, **options)
    return out.getvalue()


@pytest.mark.parametrize("format", FORMATS)
def test_each_format(format, tmp_path):
    expected = write(exporting.outlines_at(["django"], "default"), format)
    assert run("django", "--format", format) == expected
    assert "Beginner Level" in expected or format == "mermaid"

    file = tmp_path / "Änderung.txt"
    file.write_text("old" * 10_000)
    assert run("django", "--format", format, "--output", str(file)) == ""
    assert file.read_bytes() == expected.encode()


def test_without_arguments_all_in_markdown():
    text = run()
    assert text == run("django", STAGES, "--format=markdown")
    assert text.startswith("# Django RoadMap <!-- slug: django -->\n")
    assert [outline.slug for outline in read(text)] == ["django", STAGES]


@pytest.mark.usefixtures("bare")
def test_a_branch_with_all_that_is_unpublished():
    RoadmapNode.objects.filter(path="django/css").update(is_published=False)
    text = run("django/frontend-basics")
    assert text == (
        "# Frontend Basics <!-- slug: frontend-basics -->\n\n- HTML <!-- slug: html -->\n"
        "- CSS <!-- slug: css; unpublished -->\n- JavaScript <!-- slug: javascript -->\n"
    )


@pytest.mark.parametrize("format", FORMATS)
def test_without_roadmaps(alone, format):
    assert run("--format", format) == write([], format)


def test_letters_of_all_kinds(alone):
    editing.add(Outline("Änderung 節 🎉", slug="节", summary="é\u0301\u200b"))
    [outline] = read(run("--format", "json"))
    assert (outline.title, outline.slug, outline.summary) == (
        *("Änderung 節 🎉", "节", "é\u0301\u200b"),
    )


@pytest.mark.parametrize("path", ["gone", "django/gone", "Django", "\udcff", ""])
def test_an_unknown_path(path, tmp_path):
    file = tmp_path / "file"
    with pytest.raises(CommandError) as error:
        run("django", path, "--output", str(file))
    assert str(error.value) == f"No roadmap or node has the path {path}."
    assert not file.exists()


def test_an_unknown_format_or_database():
    for option in ("--format=yaml", "--database=gone"):
        with pytest.raises(CommandError, match="invalid choice"):
            run("django", option)


def test_a_file_that_cannot_be_written(tmp_path):
    for path, reason in (
        (tmp_path, "Is a directory"),
        (tmp_path / "gone" / "file", "No such file or directory"),
    ):
        with pytest.raises(CommandError) as error:
            run("--output", str(path))
        assert str(error.value) == f"{path}: {reason}"


def test_another_database():
    editing.add(Outline("New"), node(STAGES, "other"))
    assert "New" in run(STAGES, "--database", "other")
    assert "New" not in run(STAGES)


def pipe(monkeypatch, text, *args):
    stream = TextIOWrapper(BytesIO(text.encode()))
    monkeypatch.setattr(sys, "stdin", stream)
    out = StringIO()
    call_command("roadmap_import", "-", *args, stdout=out, no_color=True)
    assert findings("other") == []
    return out.getvalue()


@pytest.mark.parametrize("format", ["markdown", "json", "opml"])
def test_out_and_in_again(monkeypatch, format):
    editing.add(
        Outline(
            "Rich", "rich", "Sum.", "> *D*", True, True, 5, [Link("L", "https://a.org")], ["css"]
        ),
        node("django/css"),
    )
    text = run("django", "--format", format)
    before = exporting.outlines_at([], "default")
    there = ("--database", "other")
    assert pipe(monkeypatch, text, *there, "--update") == "django: 1 added\n"
    assert pipe(monkeypatch, text, *there, "--update") == "django: nothing to change\n"
    node("django", "other").delete()
    assert pipe(monkeypatch, text, *there) == "django: 44 added\n"
    assert run("django", "--format", format, *there) == text
    assert exporting.outlines_at(["django"], "other") == before[:1]
    assert exporting.outlines_at([], "default") == before


def test_the_name_of_the_file_says_the_format(tmp_path):
    file = tmp_path / "django.opml"
    run("django", "--output", str(file))
    assert file.read_text(encoding="utf-8").startswith("<?xml")
    run("django", "--output", str(file), "--format", "json")
    assert file.read_text(encoding="utf-8").startswith("{")
