"""The command that makes roadmaps from a text."""

import sys
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from roadmaps import node, rows, slugs_below
from soundness import findings

from django_roadmap.management.commands import roadmap_import
from django_roadmap.models import RoadmapNode
from django_roadmap.outline import formats

pytestmark = pytest.mark.django_db(databases=["default", "other"])

SEED = Path(__file__).parent / "data" / "roadmap.txt"
FORMS = "# Forms\n\n- Fields\n- Widgets\n"


@pytest.fixture
def write(tmp_path):
    """``write(text)`` makes a file and returns its name."""

    def write(text, name="text.md"):
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(path)

    return write


@pytest.fixture
def type_in(monkeypatch):
    """``type_in(text)`` is what comes from standard input."""

    def type_in(text):
        stream = TextIOWrapper(BytesIO(text.encode()), encoding="ascii")
        monkeypatch.setattr(sys, "stdin", stream)
        return stream.buffer

    return type_in


def run(*args, **options):
    """What the command prints."""
    out = StringIO()
    call_command("roadmap_import", *args, stdout=out, no_color=True, **options)
    assert findings() == findings("other") == []
    return out.getvalue()


def refused(*args, **options):
    """How the command ends when it writes nothing."""
    before, out = (rows(), rows("other")), StringIO()
    with pytest.raises(CommandError) as error:
        call_command("roadmap_import", *args, stdout=out, no_color=True, **options)
    assert (rows(), rows("other")) == before
    assert (out.getvalue(), error.value.returncode) == ("", 1)
    return str(error.value)


def test_a_file(write):
    assert run(write(FORMS)) == "forms: 3 added\n"
    assert slugs_below("forms") == "fields widgets"


def test_one_that_comes_with_the_app():
    assert run("git-for-django-developers", "--shipped") == "git-for-django-developers: 24 added\n"
    assert run("django", "--shipped", "--update") == "django: nothing to change\n"


@pytest.mark.parametrize("name", ["flask", "", "-", "../roadmaps/django", "django.md"])
def test_one_that_does_not_come_with_the_app(name):
    assert refused(name, "--shipped") == (
        f"“{name}” does not come with the app; "
        "django, django-step-by-step, git-for-django-developers do."
    )


def test_format_of_one_that_comes_with_the_app_is_known():
    told = refused("django", "--shipped", "--format", "json")
    assert told == "--format does not go with --shipped."


def test_other_files_do_not_come_with_the_app(tmp_path, monkeypatch):
    for name in ("rust.md", "rust.md~", ".DS_Store"):
        (tmp_path / name).touch()
    monkeypatch.setattr(roadmap_import, "SHIPPED", tmp_path)
    assert roadmap_import.shipped() == ["rust"]


def test_standard_input(type_in):
    type_in("# Änderung\n")
    assert run("-") == "änderung: 1 added\n"


def test_the_seed_document_with_slugs():
    assert run(str(SEED), "--slug", "stages", "--slug", "levels") == (
        "stages: 11 added\nlevels: 43 added\n"
    )


def test_title(write):
    assert run(write("# A\n# B\n"), "--title", "All", "--slug", "x") == "x: 3 added\n"
    assert slugs_below("x") == "a b"


def test_format(write):
    file = write("Title\n\n# No heading\n")
    assert run(file, "--format", "text") == "title: 2 added\n"
    assert node("title/no-heading").title == "# No heading"
    message = refused(file, "--format", "mermaid")
    assert "invalid choice: 'mermaid'" in message
    assert "markdown" in message


def test_under(write):
    file = write(FORMS)
    assert run(file, "--under", "django/css") == "django/forms: 3 added\n"
    assert refused(file, "--under", "django/css") == (
        "Nothing was imported.\nLine 1, “Forms”: It is at “django/forms” already: update that,"
        " or give it another title and slug."
    )
    assert run(file, "--under", "django/css", "--update") == "django/forms: nothing to change\n"
    assert refused(file, "--under", "gone") == "No roadmap or node has the path gone."


def test_update_and_delete(write):
    run(write(FORMS))
    file = write("# Forms\n\nAll about.\n\n- Widgets\n- Labels\n")
    assert refused(file) == (
        "Nothing was imported.\nLine 1, “Forms”: A roadmap is at “forms” already:"
        " update that, or take “forms-2”."
    )
    assert run(file, "--update") == "forms: 1 added, 1 changed, 1 unpublished\n"
    assert slugs_below("forms") == "widgets labels fields"
    assert not node("forms/fields").is_published
    assert run(file, "--update") == "forms: nothing to change\n"
    assert run(file, "--update", "--delete") == "forms: 1 deleted\n"
    assert slugs_below("forms") == "widgets labels"
    assert run(write("# Forms\n\n- Labels\n- Widgets\n"), "--update") == "forms: 1 moved\n"


def test_delete_goes_with_update(write):
    assert refused(write(FORMS), "--delete") == "--delete goes with --update only."


def test_a_dry_run(write):
    run(write(FORMS))
    before = rows()
    file = write("# Forms\n\n- New\n- Widgets <!-- minutes: 5 -->\n\n# Other\n")
    assert run(file, "--update", "--dry-run") == (
        "would be added forms/new\n"
        "would be changed forms/widgets\n"
        "would be unpublished forms/fields\n"
        "forms: would be 1 added, 1 changed, 1 unpublished\n"
        "would be added other\n"
        "other: would be 1 added\n"
    )
    assert rows() == before
    file = write(FORMS)
    assert run(file, "--update", "--dry-run") == "forms: nothing to change\n"


def test_verbosity(write):
    assert run(write(FORMS), verbosity=2) == (
        "added forms\nadded forms/fields\nadded forms/widgets\nforms: 3 added\n"
    )


def test_another_database(write):
    run(write(FORMS), "--database", "other")
    assert node("forms", "other").title == "Forms"
    assert not RoadmapNode.objects.filter(path="forms").exists()
    assert "invalid choice: 'gone'" in refused(write(FORMS), "--database=gone")


def test_all_problems_are_told(write):
    text = "# Forms\n\n- Fields <!-- slug: x -->\n- Widgets <!-- slug: x; minutes: ten -->\n"
    assert refused(write(text)) == (
        "Nothing was imported.\n"
        "Line 4, “- Widgets <!-- slug: x; minutes: ten -->”: “ten” is no number of minutes.\n"
        "Line 4, “Widgets”: The slug “x” is on line 3, too: take “x-2”."
    )


def test_problems_are_told_in_a_dry_run(write):
    text = "# Forms\n\n- Fields <!-- after: x -->\n"
    assert "the prerequisite “x” is no other node here" in refused(write(text), "--dry-run")


@pytest.mark.parametrize("source", [b"", b"\xff\xfe\x00", b"PK\x03\x04\0\0\xff", b"# A\n\xe4"])
def test_no_text(write, source):
    assert refused(write(source)).startswith("Nothing was imported.\n")


def test_a_missing_file(tmp_path):
    path = str(tmp_path / "gone.md")
    assert refused(path) == f"{path}: No such file or directory"


def test_a_directory(tmp_path):
    assert refused(str(tmp_path)) == f"{tmp_path}: Is a directory"


def test_a_file_is_needed():
    assert "FILE" in refused()


@pytest.mark.parametrize("source", ["file", "-"])
def test_too_large(write, type_in, monkeypatch, source):
    for module in (formats, roadmap_import):
        monkeypatch.setattr(module, "MAX_BYTES", len(FORMS))
    read, sizes = roadmap_import._read, []

    def counted(file):
        content = read(file)
        sizes.append(len(content))
        return content

    monkeypatch.setattr(roadmap_import, "_read", counted)

    def give(text):
        if source == "-":
            type_in(text)
        return write(text) if source == "file" else "-"

    assert run(give(FORMS)) == "forms: 3 added\n"
    message = refused(give(FORMS + "- One more\n" * 1000))
    assert message == "Nothing was imported.\nIt is larger than 0 MB: divide it."
    assert sizes == [len(FORMS), len(FORMS) + 1]


def test_called_from_code(write):
    assert run(write(FORMS), slug=["f"], title="", under="", dry_run=False) == "f: 3 added\n"


def test_the_name_of_the_file_says_the_format(tmp_path):
    file = tmp_path / "syllabus.TXT"
    file.write_text("1. Course\n   1.1 One\n   1.2 Two\n", encoding="utf-8")
    assert run(file) == "course: 3 added\n"
    assert run(file, "--slug", "again", "--format", "markdown") == "again: 1 added\n"
    json = tmp_path / "a.json"
    json.write_text("# A", encoding="utf-8")
    assert "This is no JSON" in refused(json)
