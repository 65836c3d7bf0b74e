"""A template's fingerprint: the same wherever the same is read, another after an edit."""

import os
import subprocess
import sys
from pathlib import Path

import django
import pytest
from django.template import engines
from django.template.backends.django import DjangoTemplates

import django_roadmap
from django_roadmap.fingerprints import fingerprint

SOURCES = {
    "own.html": "own",
    "child.html": "{% extends 'parent.html' %}{% block a %}{% include 'part.html' %}{% endblock %}",
    "parent.html": "{% extends 'base.html' %}{% block b %}{% if x %}{% include 'in.html' %}"
    "{% endif %}{% endblock %}",
    "base.html": "{% block a %}{% endblock %}{% for x in y %}{% include 'loop.html' %}{% endfor %}"
    "{% block b %}{% endblock %}",
    "part.html": "part",
    "in.html": "in",
    "loop.html": "loop",
    "circle.html": "{% if x %}{% include 'circle-2.html' %}{% endif %}",
    "circle-2.html": "{% include 'circle.html' %}{% include 'part.html' %}",
    "missing.html": "{% if x %}{% include 'gone.html' %}{% endif %}{% include 'part.html' %}",
    "variable.html": "{% include name %}{% include 'part.html' %}",
}


def backend(sources=SOURCES, loader="locmem.Loader"):
    options = {"loaders": [(f"django.template.loaders.{loader}", sources)]}
    return DjangoTemplates({"NAME": "x", "DIRS": [], "APP_DIRS": False, "OPTIONS": options})


def of(name, **edited):
    sources = SOURCES | {f"{changed}.html": source for changed, source in edited.items()}
    return fingerprint(backend(sources).get_template(f"{name}.html"))


@pytest.mark.parametrize("name", [name.removesuffix(".html") for name in SOURCES])
def test_is_the_same_in_another_engine_and_another_when_edited(name):
    assert of(name) == of(name)
    assert of(name) != of(name, **{name: SOURCES[f"{name}.html"] + "."})


def test_others_have_others():
    assert len({of(name.removesuffix(".html")) for name in SOURCES}) == len(SOURCES)


@pytest.mark.parametrize(
    ("name", "edited"),
    [
        ("child", "parent"),
        ("child", "base"),
        ("child", "part"),
        ("child", "in"),
        ("child", "loop"),
        ("circle", "circle-2"),
        ("circle", "part"),
        ("missing", "gone"),
        ("missing", "part"),
        ("variable", "part"),
    ],
)
def test_is_of_all_that_it_names(name, edited):
    assert of(name) != of(name, **{edited: "edited"})


def test_is_not_of_what_it_does_not_name():
    assert of("child") == of("child", own="edited", circle="edited")
    assert of("variable") == of("variable", own="edited")


def test_a_template_of_the_same_source_elsewhere_is_another_one():
    one, two = (fingerprint(backend({name: "x"}).get_template(name)) for name in ("a", "b"))
    assert one != two


@pytest.fixture
def folder(tmp_path):
    page = "{% include 'part.html' %}{% if more %}{% include more %}{% endif %}"
    (tmp_path / "page.html").write_text(page)
    (tmp_path / "part.html").write_text("part")
    return tmp_path


def test_is_of_the_files_as_they_are_now(folder):
    uncached = backend([str(folder)], "filesystem.Loader")
    before = fingerprint(uncached.get_template("page.html"))
    (folder / "part.html").write_text("edited")

    assert fingerprint(uncached.get_template("page.html")) != before
    (folder / "part.html").write_text("part")
    assert fingerprint(uncached.get_template("page.html")) == before


def test_of_a_loader_that_keeps_templates_is_of_what_it_shows(folder):
    inner = [("django.template.loaders.filesystem.Loader", [str(folder)])]
    cached = backend(inner, "cached.Loader")
    before = fingerprint(cached.get_template("page.html"))
    (folder / "part.html").write_text("edited")

    assert fingerprint(cached.get_template("page.html")) == before
    cached.engine.template_loaders[0].reset()
    assert cached.get_template("page.html").render() == "edited"
    assert fingerprint(cached.get_template("page.html")) != before


def test_is_made_once_for_a_template():
    template = backend().get_template("child.html")
    before = fingerprint(template)
    template.backend.engine.template_loaders[0].templates_dict = {}

    assert fingerprint(template) == before


def test_is_the_same_in_another_process(folder):
    code = (
        "import sys, django\n"
        "django.setup()\n"
        "from test_fingerprints import backend, fingerprint, of\n"
        "files = backend([sys.argv[1]], 'filesystem.Loader')\n"
        "page = files.get_template('page.html')\n"
        "sys.stdout.write(of('child').digest + fingerprint(page).digest)\n"
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "settings",
        "PYTHONHASHSEED": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    command = [sys.executable, "-c", code, str(folder)]
    there = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    page = backend([str(folder)], "filesystem.Loader").get_template("page.html")
    assert there.stdout == of("child").digest + fingerprint(page).digest


def test_of_jinja2_is_that_of_its_file(settings, tmp_path):
    settings.TEMPLATES = [
        {"BACKEND": "django.template.backends.jinja2.Jinja2", "DIRS": [str(tmp_path)]}
    ]
    file = tmp_path / "a.html"
    file.write_text("one")
    [jinja2] = engines.all()

    one = fingerprint(jinja2.get_template("a.html"))
    assert one == fingerprint(jinja2.get_template("a.html"))
    file.write_text("two")
    os.utime(file, (1, 1))
    assert one != fingerprint(jinja2.get_template("a.html"))
    assert fingerprint(jinja2.from_string("one")) == ("<template>", False)


def of_files(*folders):
    """The fingerprint of node.html, found in one of these folders, as a new process has it."""
    names = [str(folder) for folder in folders]
    return fingerprint(backend(names, "filesystem.Loader").get_template("node.html"))


def test_one_may_extend_another_of_its_name(tmp_path):
    site, app = tmp_path / "site", tmp_path / "app"
    for folder in (site, app):
        folder.mkdir()
    (site / "node.html").write_text("{% extends 'node.html' %}{% block a %}x{% endblock %}")
    (app / "node.html").write_text("one {% block a %}{% endblock %}")

    one = of_files(site, app)
    (app / "node.html").write_text("two {% block a %}{% endblock %}")
    assert one != of_files(site, app)


@pytest.mark.skipif(django.VERSION < (6, 0), reason="There are no parts of templates.")
def test_follows_a_part_of_a_template(tmp_path):
    (tmp_path / "node.html").write_text("{% include 'parts.html#a' %}")
    parts = tmp_path / "parts.html"
    parts.write_text("{% partialdef a %}one{% endpartialdef %}")

    one = of_files(tmp_path)
    parts.write_text("{% partialdef a %}two{% endpartialdef %}")
    assert one != of_files(tmp_path)


def test_what_is_never_reached_may_be_broken(tmp_path):
    (tmp_path / "node.html").write_text("{% if no %}{% include 'p.html' %}{% endif %}")
    (tmp_path / "p.html").write_text("{% broken %}")

    assert of_files(tmp_path)


def test_a_name_that_is_worked_out_is_not_followed(tmp_path):
    (tmp_path / "node.html").write_text("{% include 'p'|add:'.html' %}")
    (tmp_path / "p").write_text("{% broken %}")

    assert of_files(tmp_path)


def test_tells_what_is_ours_alone(tmp_path):
    app = Path(django_roadmap.__path__[0]) / "templates"

    def is_ours(*folders):
        names = [str(folder) for folder in folders]
        page = backend(names, "filesystem.Loader").get_template("django_roadmap/node_detail.html")
        return fingerprint(page).is_ours

    assert is_ours(app)
    (tmp_path / "django_roadmap").mkdir()
    (tmp_path / "django_roadmap" / "base.html").write_text("{% block content %}{% endblock %}")
    assert not is_ours(tmp_path, app)
