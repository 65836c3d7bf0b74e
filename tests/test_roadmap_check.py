"""The command that tells whether roadmaps are sound."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import models
from soundness import findings

from django_roadmap.models import RoadmapNode

pytestmark = pytest.mark.django_db(databases=["default", "other"])


def damage(path, using="default", **values):
    assert models.QuerySet(RoadmapNode, using=using).filter(path=path).update(**values)


def run(*args, **options):
    """What the command prints, and how it ends when that is with an error."""
    out, error = StringIO(), None
    try:
        call_command("roadmap_check", *args, stdout=out, no_color=True, **options)
    except CommandError as raised:
        error = raised
    return out.getvalue(), error and (str(error), error.returncode)


def test_that_it_says_so_when_nothing_is_wrong():
    assert run() == ("Nothing is wrong.\n", None)


def test_that_findings_are_printed_and_are_an_error():
    damage("django/css", level=7)
    damage("django/html", slug="old")

    assert run() == (
        (
            "path: “django/html” should have the path “django/old”.\n"
            "level: “django/css” has depth 7 instead of 3.\n"
        ),
        ("Findings: 2", 1),
    )
    assert findings() != []


def test_that_only_the_roadmaps_named_are_looked_at():
    damage("django/css", level=7)

    assert run("django-step-by-step") == ("Nothing is wrong.\n", None)
    assert run("django")[1] == run("django-step-by-step", "django")[1] == ("Findings: 1", 1)


@pytest.mark.parametrize("repair", [False, True])
def test_that_a_path_where_no_roadmap_is_is_an_error(repair):
    paths = ["django", "gone", "django/css"]

    assert run(*paths, repair=repair) == ("", ("No roadmap is at 'gone', 'django/css'.", 1))


def test_that_a_repair_says_what_it_has_mended():
    damage("django/css", level=7)

    assert run(repair=True) == (
        "mended level: “django/css” has depth 7 instead of 3.\nNothing is wrong.\n",
        None,
    )
    assert findings() == []
    assert run("--repair") == ("Nothing is wrong.\n", None)


def test_that_what_a_repair_leaves_is_an_error():
    damage("django/css", level=7)
    damage("django/html", slug="css")

    assert run("django", repair=True) == (
        (
            "mended level: “django/css” has depth 7 instead of 3.\n"
            "path: “django/html” should have the path “django/css”.\n"
        ),
        ("Findings that --repair cannot mend: 1", 1),
    )
    assert len(findings()) == 1


def test_that_another_database_is_looked_at_and_mended():
    damage("django/css", using="other", level=7)

    assert run() == ("Nothing is wrong.\n", None)
    assert run(database="other")[1] == ("Findings: 1", 1)
    assert run(database="other", repair=True)[1] is None
    assert findings("other") == []


def test_that_a_database_must_be_known():
    with pytest.raises(CommandError, match="invalid choice: 'gone'"):
        call_command("roadmap_check", "--database=gone")
