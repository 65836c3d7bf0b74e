"""The documentation: its examples run, and what it names is what there is.

Each fenced block of README.md and docs/ is executed according to its language:

* ``pycon``: in this process, with the test database; the output must be the one shown.
* ``html+django``: rendered with the names of the page so far; a block of ``html`` after it is
  what must come out. With a file's name in its first line it is a file instead.
* ``python``, ``html+jinja`` and ``markdown``: a file, named in the first line, of the project
  that the tutorial makes; ``, at the end`` adds to the one that is there.
* ``sh``: run in that project, warnings being errors.

Each page with files or commands has a test of its own here, called after it.
"""

import doctest
import inspect
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import textwrap
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name
from urllib.request import urlopen

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command, load_command_class
from django.core.management.base import CommandParser
from django.dispatch import Signal
from django.template import engines
from django.test import Client
from django.test.html import parse_html
from django.test.signals import template_rendered

import django_roadmap
from django_roadmap import (
    counting,
    drawing,
    editing,
    integrity,
    progress,
    rendering,
    summaries,
    urls,
)
from django_roadmap.admin import RoadmapNodeAdmin
from django_roadmap.models import Resource, ResourceKind, Roadmap, RoadmapNode
from django_roadmap.outline import Link, Outline
from django_roadmap.templatetags import django_roadmap as library

ROOT = Path(__file__).parents[1]
PACKAGE = Path(django_roadmap.__file__).parent
PAGES = {
    path.relative_to(ROOT).as_posix().removeprefix("docs/"): path.read_text(encoding="utf-8")
    for path in [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("docs/**/*.md"))]
}
DISTRIBUTION = re.search(r'^name = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1]

FENCE = re.compile(r"^( *)```(\S+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"^(?:# (\S+)|\{# (\S+) #\}|<!-- (\S+) -->)(, at the end)?\n")
INLINE_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


@dataclass
class Block:
    language: str
    text: str
    name: str
    line: int

    @property
    def file(self):
        if self.language not in ("python", "html+django", "html+jinja", "markdown"):
            return None
        match = FILE.match(self.text)
        return match and (match[1] or match[2] or match[3])

    @property
    def is_added(self):
        return bool(FILE.match(self.text)[4])


def blocks(page, *languages):
    return [
        Block(match[2], textwrap.dedent(match[3]), page, PAGES[page].count("\n", 0, match.start()))
        for match in FENCE.finditer(PAGES[page])
        if not languages or match[2] in languages
    ]


def section(page, heading):
    """The text below a heading, up to the next one of its rank or above."""
    rank = heading.split()[0]
    found = re.search(
        rf"^{re.escape(heading)}$(.*?)(?=^#{{1,{len(rank)}}} |\Z)",
        PAGES[page],
        re.MULTILINE | re.DOTALL,
    )
    assert found, f"{page} has no {heading!r}"
    return found[1]


def first_column(text):
    """The code in the first cells of a table; a cell may hold several."""
    rows = re.findall(r"^\| (`[^|]+?) \|", text, re.MULTILINE)
    return [name for row in rows for name in INLINE_CODE.findall(row)]


def headings(text, rank):
    return re.findall(rf"^{'#' * rank} `(.+)`$", text, re.MULTILINE)


class Project:
    """A site like the tutorial's, in a folder of its own."""

    def __init__(self, folder, expected_warnings=()):
        self.folder = folder
        self.expected_warnings = set(expected_warnings)
        paths = [str(PACKAGE.parent), os.environ.get("PYTHONPATH", "")]
        self.env = {
            **{
                name: value
                for name, value in os.environ.items()
                if name != "DJANGO_SETTINGS_MODULE"
            },
            "DJANGO_SUPERUSER_EMAIL": "",
            "DJANGO_SUPERUSER_PASSWORD": "only for this test",
            "DJANGO_SUPERUSER_USERNAME": "admin",
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "PYTHONUTF8": "1",
        }

    def copy(self, name, **options):
        return Project(shutil.copytree(self.folder, self.folder.with_name(name)), **options)

    def follow(self, *steps):
        """Do what the blocks say; return what their commands print."""
        return "".join(self.run(line) for step in steps for line in self.lines(step))

    def lines(self, block):
        if block.language == "sh":
            yield from block.text.splitlines()
        elif block.file:
            path = self.folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a" if block.is_added else "w", encoding="utf-8") as file:
                file.write(block.text)

    def run(self, line):
        program, *arguments = shlex.split(line)
        if program == "make":
            assert re.search(rf"^{arguments[0]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
            return ""
        if arguments[:2] == ["-m", "pip"]:
            assert DISTRIBUTION in arguments
            return ""
        if program == "django-admin":
            arguments = ["-m", "django", *arguments]
        else:
            assert program == "python"
        if arguments[1] == "createsuperuser":
            arguments.append("--noinput")
        done = subprocess.run(self.command(arguments), check=False, timeout=60, **self.options)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        warnings = set(re.findall(r"^\S*: \((\w+\.\w+)\)", done.stderr, re.MULTILINE))
        assert warnings <= self.expected_warnings, done.stderr
        return done.stdout

    def command(self, arguments):
        return [sys.executable, "-W", "error", *arguments]

    @property
    def options(self):
        return {
            "cwd": self.folder,
            "env": self.env,
            "encoding": "utf-8",
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "stdin": subprocess.DEVNULL,
        }

    def shell(self, code):
        return self.run(shlex.join(["python", "manage.py", "shell", "--no-imports", "-c", code]))

    def get(self, url):
        """The content of a page, fetched by Django's test client."""
        return self.shell(
            "from django.test import Client\n"
            f"response = Client(HTTP_HOST='localhost').get({url!r})\n"
            "assert response.status_code == 200, response.status_code\n"
            "print(response.content.decode())"
        )

    def titles(self):
        """Each node, indented by its level, in order."""
        return self.shell(
            "from django_roadmap.models import RoadmapNode\n"
            "for node in RoadmapNode.objects.order_by('tree_id', 'lft'):\n"
            "    print('  ' * node.level + node.title)"
        ).splitlines()

    @contextmanager
    def server(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            host, port = free.getsockname()
        command = self.command(["manage.py", "runserver", "--noreload", f"{host}:{port}"])
        with subprocess.Popen(command, **self.options) as process:
            try:
                deadline = time.monotonic() + 30
                while not answers(host, port):
                    assert process.poll() is None, process.stderr.read()
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
                yield f"http://{host}:{port}"
            finally:
                process.terminate()


def answers(host, port):
    with socket.socket() as client:
        return client.connect_ex((host, port)) == 0


def fetch(url):
    with urlopen(url, timeout=10) as response:
        return response.read().decode()


@pytest.fixture(scope="session")
def startproject(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("docs") / "startproject")
    project.folder.mkdir()
    [command] = [
        line for line in project.lines(blocks("tutorial.md", "sh")[0]) if "startproject" in line
    ]
    project.run(command)
    return project


@pytest.fixture
def project(startproject, request):
    """What the tutorial has made before its first ``migrate``."""
    project = startproject.copy(request.node.name)
    project.follow(*(block for block in blocks("tutorial.md") if block.file))
    return project


def test_tutorial(tmp_path):
    project = Project(tmp_path)
    *steps, last = blocks("tutorial.md")
    output = project.follow(*steps)
    assert "django_roadmap.0002_seed" in output

    *commands, serve = project.lines(last)
    for command in commands:
        project.run(command)
    assert serve == "python manage.py runserver"
    with project.server() as site:
        home = fetch(f"{site}/")
        sign_in = fetch(f"{site}/admin/")
        topic = fetch(f"{site}/roadmaps/django/middleware/")
        stylesheet = fetch(site + re.search(r'<link rel="stylesheet" href="(.+?)">', home)[1])

    words = {3: "level", 9: "section", 30: "topic"}
    assert [home.count(f"roadmap-node roadmap-{shape}") for shape in words.values()] == [*words]
    assert home.count('<th scope="row">') == 10
    assert home.count('rel="stylesheet"') == 1
    assert "--roadmap-accent" in stylesheet
    assert "<h1><bdi>Middleware</bdi></h1>" in topic
    assert 'name="password"' in sign_in
    text = " ".join(PAGES["tutorial.md"].split())
    assert "three levels, nine sections and thirty topics, and the table with ten stages" in text


def test_readme(startproject):
    project = startproject.copy("readme", expected_warnings=["django_roadmap.W001"])
    project.follow(*blocks("README.md"))
    template = blocks("README.md", "html+django")[0].text
    html = project.shell(
        "from django.template import engines\n"
        f"print(engines['django'].from_string({template!r}).render())"
    )
    assert "Beginner Level" in html
    assert "Middleware" in project.get("/roadmaps/django/middleware/")


def test_howto_templates(project):
    project.follow(*blocks("howto/templates.md"))
    project.run("python manage.py migrate")
    html = project.get("/roadmaps/django/deployment-and-apis/")
    assert "<title>Deployment and APIs \N{EN DASH} Django RoadMap | My site</title>" in html
    assert "<header>My site</header>" in html
    assert '<link rel="canonical"' in html
    assert html.count('rel="stylesheet"') == 1
    assert "<strong>CREATE RESTFUL APIS</strong>" in html


LEARNER = """
from django.contrib.auth.models import User
from django.test import Client

user = User.objects.create_user("ada", password="lovelace")
browser = Client(enforce_csrf_checks=True, HTTP_HOST="localhost")

def token():
    return browser.cookies["csrftoken"].value if "csrftoken" in browser.cookies else ""

def mark(text, **more):
    data = {"mark": text, "csrfmiddlewaretoken": token(), **more}
    return browser.post("/roadmaps/~mark/", data, follow=True)

def show(response):
    print(response.status_code, [*browser.cookies], response.content.decode())

show(browser.get("/"))
show(mark("done django/html"))
show(mark("done django/html"))
data = {"username": "ada", "password": "lovelace", "csrfmiddlewaretoken": token()}
show(browser.post("/login/", data, follow=True))
mark("done django-step-by-step", topics=10)
print([*user.groups.values_list("name", flat=True)])
browser.post("/logout/", {"csrfmiddlewaretoken": token()})
show(browser.get("/roadmaps/~mine/"))
"""


def test_howto_learners(project):
    project.follow(*blocks("howto/learners.md"))
    project.run("python manage.py migrate")
    html = project.shell(
        "from django.template import engines\n"
        "from django.test import RequestFactory\n"
        "template = engines['django'].get_template('learn.html')\n"
        "print(template.render(request=RequestFactory().get('/')))\n"
        "print(engines['django'].get_template('menu.html').render())"
    )
    assert "30 topics" in html
    assert html.count('rel="stylesheet"') == html.count("marking.js") == 1
    assert 'href="/roadmaps/~mine/"' in html

    parts = re.split(r"^(?=\d{3} \[|\['Has)", project.shell(LEARNER), flags=re.MULTILINE)
    _, before, asked, marked, signed_in, groups, signed_out = parts
    assert before.startswith("200 []")
    assert "csrfmiddlewaretoken" not in before
    assert asked.startswith("403 ['csrftoken']")
    assert re.search(r'<div class="roadmap-note">.+?href="/login/\?next=', marked, re.DOTALL)
    assert "<h1>My roadmaps</h1>" in signed_in
    assert "1 of 30 done" in signed_in
    assert groups == "['Has done django-step-by-step']\n"
    assert "You have not marked anything yet." in signed_out


def test_explanation_privacy(project):
    project.run("python manage.py migrate")
    project.follow(*blocks("explanation/privacy.md"))


def test_howto_choose_and_order(project):
    project.follow(*blocks("howto/choose-and-order.md"))
    project.run("python manage.py migrate")
    html = project.shell(
        "from django.test import RequestFactory\n"
        "from mysite.views import HomeView\n"
        "print(HomeView.as_view()(RequestFactory().get('/')).render().content.decode())"
    )
    headings = ["<h2>Django RoadMap</h2>", "<h2>Step By Step Python Django Roadmap</h2>"]
    assert re.findall("<h2>.+?</h2>", html) == headings
    assert html.index(headings[0]) < html.index("Beginner Level") < html.index(headings[1])
    assert "Middleware" not in html


def test_howto_python_and_jinja2(project):
    project.follow(*blocks("howto/python-and-jinja2.md"))
    project.run("python manage.py migrate")
    view = project.shell(
        "from django.test import RequestFactory\n"
        "from mysite.views import branch\n"
        "print(branch(RequestFactory().get('/')).content.decode())"
    )
    assert all(title in view for title in ("HTML", "CSS", "JavaScript"))
    html = project.shell(
        "from django.shortcuts import render\n"
        "from django.test import RequestFactory\n"
        "print(render(RequestFactory().get('/'), 'roadmap.html', using='jinja2').content.decode())"
    )
    assert "Core Django Concepts" in html
    assert "Middleware" not in html[: html.index("<table")]
    assert "30 topics" in html
    assert "Variables and Data Types" in html[: html.index("roadmap-tree")]
    assert "Final Projects" in html
    assert html.count('rel="stylesheet"') == 1


def test_howto_seed(project):
    turn_off, migrate, back_and_forth = blocks("howto/seed.md", "python", "sh")
    seeded = project.copy("seeded")
    seeded.run("python manage.py migrate")
    project.follow(turn_off, migrate)
    assert project.titles() == []

    before = seeded.titles()
    back, forth = seeded.lines(back_and_forth)
    seeded.run(back)
    assert seeded.titles() == []
    seeded.run(forth)
    assert seeded.titles() == before
    seeded.shell(
        "from django_roadmap.models import RoadmapNode\n"
        "RoadmapNode.objects.filter(path='django/html').update(summary='Edited')"
    )
    seeded.run(back)
    assert seeded.titles() == before[:43]


def test_howto_databases(project):
    project.follow(*blocks("howto/databases.md"))
    project.run("python manage.py migrate --database default django_roadmap 0001")
    counts = project.shell(
        "from django_roadmap.models import RoadmapNode\n"
        "print([RoadmapNode.objects.using(alias).count() for alias in ('default', 'other')])"
    )
    assert counts == "[0, 54]\n"


EDITS = """
from django_roadmap.models import Resource, RoadmapNode
html = RoadmapNode.objects.get(path="django/html")
html.prerequisites.add(RoadmapNode.objects.get(path="django/css"))
RoadmapNode.objects.create(parent=html, title="Forms")
html.move_to(RoadmapNode.objects.get(path="django/advanced-level"), "first-child")
RoadmapNode.objects.get(path="django/functions").move_to(RoadmapNode.objects.get(path="django/forms"))
Resource.objects.create(node=html, title="Learn HTML", url="https://example.org/")
"""
OTHER_EDITS = """
from django_roadmap.models import Roadmap, RoadmapNode
Roadmap.objects.create(title="Cooking")
basics = RoadmapNode.objects.get(path="django/learn-python-basics")
RoadmapNode.objects.create(parent=basics, title="Only here")
RoadmapNode.objects.filter(path="django/css").update(title="Overwritten")
"""
STATE = """
from django_roadmap.models import Resource, RoadmapNode
for root in RoadmapNode.objects.roadmaps():
    for node in root.get_descendants(include_self=True):
        print(node.path, node.level, node.lft, node.rght, node.parent, [*node.prerequisites.all()])
for resource in Resource.objects.all():
    print(resource.node.path, resource.title)
"""


def test_howto_import_text(project):
    project.run("python manage.py migrate")
    shown = [block for block in blocks("howto/import-text.md") if block.language != "pycon"]
    shipped, text, commands, update, *more = shown
    assert "git-for-django-developers: 24 added\n" in project.follow(shipped)
    assert "Git for Django developers" in project.get("/roadmaps/git-for-django-developers/")
    before = project.titles()
    dry, real = project.lines(commands)
    project.follow(text)
    assert "would be added git/every-day\n" in project.run(dry)
    assert project.titles() == before
    project.run(real)
    page = project.get("/roadmaps/git/merge/")
    assert "Bring two lines of work together." in page
    assert '<span class="roadmap-kind">Book</span>' in page
    assert "git: nothing to change" in project.follow(update)
    project.follow(*more)
    assert "          The test client" in project.titles()


def test_howto_roadmap_in_git(project):
    project.run("python manage.py migrate")
    project.run("python manage.py roadmap_import git-for-django-developers --shipped")
    export, update, check = blocks("howto/roadmap-in-git.md")
    project.follow(export)
    file = project.folder / "learn-git.md"
    project.shell(LEARNING)
    assert "git-for-django-developers: nothing to change" in project.follow(update)
    text = file.read_text(encoding="utf-8").replace("- Bisect <!--", "- Search by halves <!--")
    text = re.sub(r"^- Ignore files .*?(?=^- )", "", text, flags=re.MULTILINE | re.DOTALL)
    file.write_text(text, encoding="utf-8")
    dry, real = project.lines(update)
    changed, hidden = "git-for-django-developers/bisect", "git-for-django-developers/ignore-files"
    assert project.run(dry).startswith(
        f"would be changed {changed}\nwould be unpublished {hidden}\n"
    )
    assert project.run(real) == "git-for-django-developers: 1 changed, 1 unpublished\n"
    assert (
        project.shell(MARKED)
        == "[('Ignore files', 'done', False), ('Search by halves', 'done', True)]\n"
    )
    assert "would be" in project.follow(check)


LEARNING = """
from django.contrib.auth.models import User
from django_roadmap.progress import Learner
ada = Learner.of_user(User.objects.create_user("ada"))
ada.mark("git-for-django-developers/bisect", "done")
ada.mark("git-for-django-developers/ignore-files", "done")
"""
MARKED = """
from django_roadmap.models import Progress
rows = Progress.objects.order_by("node__title")
print([*rows.values_list("node__title", "state", "node__is_published")])
"""


def test_howto_several_processes(project):
    project.follow(*blocks("howto/several-processes.md", "python"))
    project.run("python manage.py check")


def test_howto_move_between_sites(project):
    dump, load, delete, export = blocks("howto/move-between-sites.md")
    other = project.copy("other_site")
    for site in (project, other):
        site.run("python manage.py migrate")
    project.shell(EDITS)
    project.follow(dump)
    shutil.copy(project.folder / "roadmaps.json", other.folder)
    other.shell(OTHER_EDITS)
    other.follow(load)
    assert sorted(other.titles()) == sorted([*project.titles(), "      Only here", "Cooking"])

    commands = [line[4:] for line in delete.text.splitlines() if line.startswith(">>> ")]
    other.shell("\n".join(commands))
    assert other.titles() == ["Cooking"]
    other.follow(load)
    here, there = project.shell(STATE), other.shell(STATE)
    assert "django/html Learn HTML" in here
    assert there.replace("cooking 0 1 2 None []\n", "") == here

    project.follow(export)
    code = "from mysite.export import fixture; open('one.json', 'w').write(fixture('django'))"
    project.shell(code)
    shutil.copy(project.folder / "one.json", other.folder)
    other.shell("\n".join(commands))
    other.run("python manage.py loaddata one.json")
    assert sorted(other.titles()) == sorted([*project.titles()[:44], "Cooking"])
    assert "django/html Learn HTML" in other.shell(STATE)


def test_howto_check_and_repair(project):
    project.run("python manage.py migrate")
    output = project.follow(*blocks("howto/check-and-repair.md", "sh"))
    assert output.count("Nothing is wrong.") == 2


def test_reference_commands(project):
    project.run("python manage.py migrate")
    project.follow(*blocks("reference/commands.md"))


def test_howto_upgrade(project):
    project.follow(*blocks("howto/upgrade.md"))


def test_howto_uninstall(startproject, project):
    fresh = {
        name: (startproject.folder / "mysite" / name).read_text()
        for name in ("settings.py", "urls.py")
    }
    copy, drop, rest = blocks("howto/uninstall.md", "sh")
    project.run("python manage.py migrate")
    project.follow(copy)
    assert (project.folder / "roadmaps.json").stat().st_size > 1000
    (project.folder / "mysite/urls.py").write_text(fresh["urls.py"])
    (project.folder / "templates/home.html").unlink()
    project.follow(drop)
    (project.folder / "mysite/settings.py").write_text(fresh["settings.py"])
    project.follow(rest)
    left = project.shell(
        "from django.contrib.contenttypes.models import ContentType\n"
        "from django.db import connection\n"
        "print([name for name in connection.introspection.table_names() if 'roadmap' in name],\n"
        "      ContentType.objects.filter(app_label='django_roadmap').count())"
    )
    assert left == "[] 0\n"


def test_reference_urls(startproject):
    project = startproject.copy("urls")
    project.follow(blocks("tutorial.md", "python")[0])
    project.follow(*blocks("reference/urls.md"))
    project.run("python manage.py migrate")
    sitemap = project.get("/sitemap.xml")
    assert sitemap.count("<loc>") == 54
    assert "/roadmaps/django/middleware/</loc>" in sitemap


def test_howto_edit_in_admin(admin_client):
    titles, links = (block.text for block in blocks("howto/edit-in-admin.md", "text"))
    call_command("roadmap_import", "git-for-django-developers", "--shipped", verbosity=0)
    branches = RoadmapNode.objects.get(path="git-for-django-developers/branches")
    page = f"/admin/django_roadmap/roadmapnode/{branches.pk}"
    confirm = admin_client.post(f"{page}/titles/", {"text": titles}).context["confirm"]
    admin_client.post(f"{page}/titles/", {"text": titles, "confirm": confirm})
    data = {"title": "Branches", "parent": branches.parent_id, "links": links}
    data |= {"resources-TOTAL_FORMS": "0", "resources-INITIAL_FORMS": "0"}
    assert admin_client.post(f"{page}/change/", data).status_code == 302

    below = RoadmapNode.objects.get(pk=branches.pk).get_descendants()
    assert [node.title for node in below][4:] == [
        *("Rebase", "Interactive rebase", "Rebase with migrations", "Cherry-pick"),
    ]
    assert [(found.title, found.kind) for found in branches.resources.all()] == [
        ("Rebasing", "article"),
        ("git-scm.com/docs/git-cherry-pick", "article"),
        ("git-rebase", "official"),
    ]


def test_reference_admin(project):
    project.follow(*blocks("reference/admin.md"))
    project.run("python manage.py migrate")
    said = project.shell(
        "from django.contrib.auth.models import User\n"
        "from django.test import Client\n"
        "from django_roadmap.models import RoadmapNode\n"
        "node = RoadmapNode.objects.get(path='django/css')\n"
        "node.minutes, node.slug = 30, 'official-css'\n"
        "node.save()\n"
        "browser = Client(HTTP_HOST='localhost')\n"
        "browser.force_login(User.objects.create_superuser('ada'))\n"
        "page = '/admin/django_roadmap/roadmapnode/'\n"
        "print(browser.get(page).content.decode())\n"
        "print(browser.post(f'{page}{node.pk}/move/', {'step': 'up'}).status_code)\n"
    )
    assert ">30 min</span>" in said
    assert said.split()[-1] == "403"


HOOKS = {
    "has_place_permission",
    "has_duplicate_permission",
    "may_copy",
    "notes",
    "list_tools",
    "tools",
}


def test_hooks_of_the_admin_are_documented():
    table = PAGES["reference/admin.md"].partition("these come on top:")[2].partition("##")[0]
    names = {name.partition("(")[0] for name in first_column(table)}
    assert names == HOOKS
    for name in first_column(table):
        hook, _, arguments = name.partition("(")
        signature = inspect.signature(getattr(RoadmapNodeAdmin, hook))
        assert [*signature.parameters][1:] == arguments.rstrip(")").split(", ")


@pytest.mark.parametrize("page", PAGES)
def test_pages_with_files_and_commands_have_a_test(page):
    if any(block.file or block.language == "sh" for block in blocks(page)):
        name = page.lower().removesuffix(".md").replace("/", "_").replace("-", "_")
        assert f"test_{name}" in globals()


@pytest.mark.parametrize("page", PAGES)
def test_blocks_are_of_a_kind_that_is_run(page):
    before = None
    for block in blocks(page):
        where = f"{page}, line {block.line + 1}"
        if block.language in ("python", "html+jinja", "markdown"):
            assert block.file, f"{where}: the first line names no file"
        elif block.language == "html":
            assert before is not None, where
            assert before.language == "html+django", where
            assert not before.file, where
        else:
            kinds = ("css", "html+django", "pycon", "sh", "text", "{toctree}")
            assert block.language in kinds, where
        before = block


@pytest.fixture
def engine(settings, tmp_path):
    """Templates as in the tests' settings, with a folder of the page's own before them."""
    loaders = [
        ("django.template.loaders.filesystem.Loader", [tmp_path / "templates"]),
        "django.template.loaders.app_directories.Loader",
    ]
    options = {**settings.TEMPLATES[0]["OPTIONS"], "loaders": loaders}
    backend = "django.template.backends.django.DjangoTemplates"
    settings.TEMPLATES = [{"BACKEND": backend, "OPTIONS": options}]
    settings.DEBUG = True
    return engines["django"]


@pytest.mark.django_db(databases=["default", "other"])
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "pycon", "html+django")])
def test_examples(page, engine, tmp_path, rf):
    names = {}
    html = None
    for block in blocks(page):
        if block.language == "pycon":
            names = run_doctest(block, names)
        elif block.language == "html+django" and block.file:
            Project(tmp_path).follow(block)
        elif block.language == "html+django":
            context = {"node": RoadmapNode.objects.get(path="django"), **names}
            html = engine.from_string(block.text).render(context, rf.get("/"))
            for tag in re.findall(r"\{% (roadmap_\w+)", block.text):
                html_class = {"roadmap_progress": "roadmap-bar"}.get(tag, tag.replace("_", "-"))
                assert f'class="{html_class}' in html
            assert html.count('<div class="roadmap">') == block.text.count("{% roadmap_")
        elif block.language == "html":
            assert parse_html(html) == parse_html(block.text)


def run_doctest(block, names):
    test = doctest.DocTestParser().get_doctest(
        block.text, names, block.name, block.name, block.line
    )
    assert test.examples, block
    report = []
    results = doctest.DocTestRunner(verbose=False).run(test, out=report.append, clear_globs=False)
    assert results.failed == 0, "".join(report)
    return test.globs


def source():
    return "".join(path.read_text(encoding="utf-8") for path in PACKAGE.glob("**/*.py"))


def test_every_check_is_documented():
    ids = re.compile(r"django_roadmap\.[EWI]\d{3}")
    assert first_column(PAGES["reference/checks.md"]) == sorted(set(ids.findall(source())))
    assert {name for text in PAGES.values() for name in ids.findall(text)} <= set(
        ids.findall(source())
    )


def test_every_setting_is_documented():
    name = re.compile(r"\bDJANGO_ROADMAP_\w+")
    documented = headings(PAGES["reference/settings.md"], 2)
    assert documented == sorted(set(name.findall(source())))
    assert {found for text in PAGES.values() for found in name.findall(text)} == set(documented)


def test_every_tag_and_argument_is_documented():
    assert headings(PAGES["reference/tags.md"], 2) == list(library.register.tags)
    for tag in library.register.tags:
        arguments = first_column(section("reference/tags.md", f"## `{tag}`"))
        parameters = inspect.signature(getattr(library, tag)).parameters
        assert ["context", *arguments] == list(parameters)


def arguments(function):
    parameters = inspect.signature(function).parameters.values()
    only_named = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    others = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    several = [f"*{p.name}" for p in parameters if p.kind is p.VAR_POSITIONAL]
    return ", ".join(others + (several or ["*"] * bool(only_named)) + only_named)


@pytest.mark.parametrize("module", headings(PAGES["reference/python.md"], 2))
def test_functions_are_as_documented(module):
    for heading in headings(section("reference/python.md", f"## `{module}`"), 3):
        name, bracket, _ = heading.partition("(")
        found = getattr(import_module(module), name)
        assert heading == (f"{name}({arguments(found)})" if bracket else name)


def test_values_are_as_documented():
    text = PAGES["reference/python.md"]
    outline = first_column(section("reference/python.md", "### `Outline`"))
    assert outline == [found.name for found in fields(Outline)]
    for heading, value in (("Link", Link), ("Finding", integrity.Finding)):
        named = INLINE_CODE.findall(section("reference/python.md", f"### `{heading}`"))
        assert {found.name for found in fields(value)} <= set(named)
    for heading, value in (("Counts", counting.Counts), ("TimeLeft", counting.TimeLeft)):
        text_of_value = section("reference/python.md", f"### `{heading}`")
        computed = {name for name, found in vars(value).items() if isinstance(found, property)}
        assert {*value._fields, *computed} <= set(INLINE_CODE.findall(text_of_value))
    named = INLINE_CODE.findall(section("reference/python.md", "### `Step`"))
    assert set(progress.Step._fields) <= set(named)
    changes = re.search("Returns `Changes` with the lists of paths (.+?)\\.", text)[1]
    assert INLINE_CODE.findall(changes) == [found.name for found in fields(editing.Changes)]


def test_members_of_learners_are_as_documented():
    documented = first_column(section("reference/python.md", "### `Learner`"))
    for member in documented:
        name, bracket, _ = member.partition("(")
        found = getattr(progress.Learner, name, None)
        if bracket:
            assert member == f"{name}({arguments(found).removeprefix('self, ')})"
        elif found is None:
            assert name in vars(progress.Learner.of_user(User()))
    [states] = re.findall(r"one of the states (.+?), or all", PAGES["reference/python.md"])
    assert set(re.findall(r'`"(\w+)"`', states)) == set(progress.STATES)


def test_signals_are_as_documented():
    names = headings(section("reference/python.md", "## `django_roadmap.signals`"), 3)
    module = resolve_name("django_roadmap.signals")
    assert names == [name for name, found in vars(module).items() if isinstance(found, Signal)]


@pytest.mark.django_db
def test_answers_to_marks_are_as_documented():
    text = section("reference/urls.md", "## `django_roadmap:mark`")
    fields, _, answer = text.partition("It answers with a redirect")
    browser = Client(enforce_csrf_checks=True, headers={"Accept": "application/json"})
    data = {"node": "django/frontend-basics", "state": "done", "topics": 3, "next": "/"}
    refused = browser.post("/roadmaps/~mark/", data)
    asked = "|".join(re.findall(r"`(\w+)`", text[text.index("Where it asks") :].partition(". ")[0]))
    assert sorted(refused.json()) == sorted(asked.split("|"))
    data["csrfmiddlewaretoken"] = refused.json()["token"]
    assert {*data, "mark", "ask"} == set(first_column(fields))
    marked = browser.post("/roadmaps/~mark/", data).json()
    assert [*marked] == first_column(answer)
    described = INLINE_CODE.findall(re.search(r"^\| `node` \| (.+) \|$", answer, re.MULTILINE)[1])
    assert {*marked["node"]} <= {*described}
    assert re.findall(r"^\| (\d+) \|", answer, re.MULTILINE) == ["400", "403", "404", "409"]
    statuses = [
        browser.post("/roadmaps/~mark/", {**data, **changed}).status_code
        for changed in (
            {"state": "known"},
            {"csrfmiddlewaretoken": ""},
            {"node": "django/nowhere"},
            {"topics": 4},
        )
    ]
    assert statuses == [400, 403, 404, 409]
    file = browser.get("/roadmaps/~mine/progress.json").json()
    text = section("reference/urls.md", "## `django_roadmap:download`")
    assert {*file, *file["marks"][0]} <= {*INLINE_CODE.findall(text)}


def test_every_command_and_argument_is_documented():
    commands = PACKAGE.glob("management/commands/roadmap_*.py")
    assert headings(PAGES["reference/commands.md"], 2) == sorted(path.stem for path in commands)
    for name in headings(PAGES["reference/commands.md"], 2):
        parser = CommandParser(add_help=False)
        load_command_class("django_roadmap", name).add_arguments(parser)
        names = [[*a.option_strings, a.metavar][0] for a in parser._actions]
        text, _, _ = section("reference/commands.md", f"## `{name}`").partition("\n### ")
        assert sorted(first_column(text)) == sorted(names)


def test_every_kind_of_finding_is_documented():
    kinds = set(re.findall(r'_finding\(\s*"([\w-]+)"', source()))
    assert set(first_column(section("reference/commands.md", "### What it finds"))) == kinds


@pytest.mark.parametrize("name", ["published", "roadmaps", "branch", "first_roadmap"])
def test_methods_of_managers_are_as_documented(name):
    heading = f"### `{name}({arguments(getattr(RoadmapNode.objects, name))})`"
    assert section("reference/models.md", heading)


def test_attributes_of_branches_are_documented():
    branch = resolve_name("django_roadmap.tree.Branch")
    documented = first_column(section("reference/python.md", "### `Branch`"))
    assert documented == [*branch.__dataclass_fields__, "is_topic"]


@pytest.mark.parametrize("model", [RoadmapNode, Resource])
def test_every_field_is_documented(model):
    fields = {field.name for field in model._meta.get_fields() if not field.auto_created}
    text = section("reference/models.md", f"## `{model.__name__}`")
    assert sorted(first_column(text)) == sorted(fields)


def test_managers_relations_and_kinds_are_documented():
    text = PAGES["reference/models.md"]
    relations = {r.get_accessor_name() for r in RoadmapNode._meta.related_objects}
    assert set(INLINE_CODE.findall(re.search("Reverse relations: (.+?)\\.", text)[1])) == relations
    kinds = re.search(r"One of `ResourceKind`: (.+?)\.", text)[1]
    assert INLINE_CODE.findall(kinds) == ResourceKind.values
    managers = first_column(section("reference/models.md", "## `Roadmap`"))
    assert sorted(managers) == sorted(manager.name for manager in Roadmap._meta.managers)
    for heading in re.findall(
        "^### (.+)$", section("reference/models.md", "## Managers and querysets"), re.MULTILINE
    ):
        for name in re.findall(r"(\w+)\(", heading):
            assert callable(
                getattr(RoadmapNode.objects, name, None) or getattr(RoadmapNode.objects.all(), name)
            )


def test_every_template_is_documented():
    names = {path.name for path in (PACKAGE / "templates/django_roadmap").iterdir()}
    text = PAGES["reference/templates.md"]
    rows = dict(re.findall(r"^\| `(\w+\.(?:html|svg))` \| (yes|no) \|", text, re.MULTILINE))
    assert set(rows) == names == set(headings(text, 2))
    per_roadmap = set(re.findall(r'"(\w+\.(?:html|svg))"', source()))
    assert {name for name, answer in rows.items() if answer == "yes"} == per_roadmap


INCLUDED = {"bar.html", "step.html", "note.html"}


def test_every_variable_of_templates_is_documented(db, rf, django_user_model):
    given = defaultdict(set)

    def note(template, context, **kwargs):
        for names in context.dicts:
            given[template.name].update(names)

    learner = Client()
    learner.force_login(django_user_model.objects.create_user("ada"))
    template_rendered.connect(note)
    try:
        learner.get("/roadmaps/~mark/", {"mark": "done django/html"})
        learner.post("/roadmaps/~mark/", {"mark": "no state"})
        for address in ("", "django/", "django/middleware/", "~mine/", "~mine/reset/django/"):
            learner.get(f"/roadmaps/{address}")
        for function in (
            *(rendering.roadmap_tree, rendering.roadmap_table),
            *(summaries.roadmap_progress, summaries.roadmap_next, drawing.roadmap_map),
        ):
            function("django")
    finally:
        template_rendered.disconnect(note)
    context = {"True", "False", "None", "block", "forloop", "row", "roadmap"}
    processors = {"csrf_token", "request", "user", "perms", "messages", "DEFAULT_MESSAGE_LEVELS"}
    for heading in headings(PAGES["reference/templates.md"], 2):
        if heading == "base.html":
            continue
        text = section("reference/templates.md", f"## `{heading}`")
        # Other tables are of what is in these.
        documented = set(first_column(re.split("finds like this|Each box has", text)[0]))
        further = re.search("`ListView` adds: (.+)", text)
        if further:
            documented.update(INLINE_CODE.findall(further[1]))
        names = given[f"django_roadmap/{heading}"] - (context - documented) - processors
        if heading in INCLUDED:
            # Around them is what the including template has; theirs is what they ask for.
            names &= names_in(PACKAGE / "templates/django_roadmap" / heading)
        assert names == documented, heading


def test_what_boxes_of_maps_have_is_documented(db, templates):
    listed = "{% for name in boxes.0 %}{{ name }} {% endfor %}"
    texts = "{% for name in boxes.0.title %}{{ name }} {% endfor %}"
    text = section("reference/templates.md", "## `picture.svg`").partition("Each box has")[2]
    templates({"django_roadmap/map.html": "{{ map }}", "django_roadmap/picture.svg": listed})
    assert set(drawing.roadmap_map("django").split()) == set(first_column(text))
    templates({"django_roadmap/map.html": "{{ map }}", "django_roadmap/picture.svg": texts})
    [row] = re.findall("^.*`note`.*$", text, re.MULTILINE)
    assert set(drawing.roadmap_map("django").split()) <= set(INLINE_CODE.findall(row))


def names_in(template):
    """What a template asks its context for, and some other words."""
    tags = re.findall(r"\{[{%](.+?)[%}]\}", template.read_text(encoding="utf-8"))
    code = re.sub(r"\"[^\"]*\"|'[^']*'", "", " ".join(tags))
    return set(re.findall(r"(?<![.\w])([a-z]\w*)(?!\w|=)", code))


def test_what_the_script_looks_for_is_documented():
    script = (PACKAGE / "static/django_roadmap/marking.js").read_text(encoding="utf-8")
    text = section("reference/templates.md", "## `node.html`").partition("finds like this")[2]
    documented = {name for name in INLINE_CODE.findall(text) if re.match("data-|roadmap-", name)}
    show = re.search(r"^function show\(.+?^}", script, re.MULTILINE | re.DOTALL)[0]
    found = re.findall(r"\.(roadmap-\w+)|\[(data-\w+)", show)
    assert {name for names in found for name in names if name} <= documented
    assert documented <= set(re.findall(r"(?:roadmap|data)-\w+", script)) | {"roadmap-done"}


def test_blocks_of_the_base_template_are_documented():
    base = (PACKAGE / "templates/django_roadmap/base.html").read_text()
    line = re.search("^Blocks: (.+?)\\.", PAGES["reference/templates.md"], re.MULTILINE)[1]
    assert INLINE_CODE.findall(line) == re.findall(r"\{% block (\w+)", base)


def test_every_url_is_documented():
    names = [f"{urls.app_name}:{pattern.name}" for pattern in urls.urlpatterns]
    found = re.findall(r"^\| `(\w+:\w+)` \|", PAGES["reference/urls.md"], re.MULTILINE)
    assert found == names


def test_every_custom_property_in_the_text_exists():
    css = (PACKAGE / "static/django_roadmap/roadmap.css").read_text()
    there = re.findall(r"^  (--[\w-]+):", css, re.MULTILINE)
    for text in PAGES.values():
        assert set(re.findall(r"--roadmap-[\w-]+", text)) <= set(there)


@pytest.mark.parametrize("page", PAGES)
def test_names_in_the_text_exist(page):
    for name in INLINE_CODE.findall(PAGES[page]):
        if re.fullmatch(r"django_roadmap\.[EWI]\d{3}", name):
            continue
        if re.fullmatch(r"(django_roadmap|django|mptt)(\.[a-zA-Z_]\w*)+", name):
            resolve_name(name)
        elif match := re.fullmatch(r"(?:django_roadmap\.)?(\d{4}_\w+)", name):
            import_module(f"django_roadmap.migrations.{match[1]}")
        elif match := re.match(r"(\w+)\.objects\.(\w+)\(", name):
            assert hasattr(
                getattr(resolve_name("django_roadmap.models"), match[1]).objects, match[2]
            )


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    file = ROOT / page if "/" not in page and (ROOT / page).exists() else ROOT / "docs" / page
    for target in re.findall(r"(?:\]\(|src=\")([^)\"\s]+)", FENCE.sub("", PAGES[page])):
        if not target.startswith(("http", "#")):
            assert (file.parent / target.partition("#")[0]).is_file(), target


def test_supported_versions_are_those_declared():
    pyproject = (ROOT / "pyproject.toml").read_text()
    djangos = re.findall(r'"Framework :: Django :: ([\d.]+)"', pyproject)
    pythons = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', pyproject)
    table = section("README.md", "## Supported versions")
    assert (
        re.findall(r"\d+\.\d", " ".join(re.findall(r"^\| (.+?) \|", table, re.MULTILINE)))
        == djangos
    )
    assert re.findall(r"^\| 5\.2 \| (\S+) to (\S+) \|$", table, re.MULTILINE) == [
        (pythons[0], pythons[-1])
    ]
