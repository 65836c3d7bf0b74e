"""The catalogs are whole, and no page says a word that does not go through them."""

import ast
import gettext
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from unicodedata import is_normalized

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.test.signals import template_rendered
from django.utils import translation
from django.utils.translation import trans_real
from roadmaps import node

import django_roadmap
from django_roadmap import editing
from django_roadmap.models import Resource, RoadmapNode
from django_roadmap.outline import Outline
from django_roadmap.progress import Learner

PACKAGE = Path(django_roadmap.__file__).parent
EXAMPLE = Path(__file__).parents[1] / "example_project"
CATALOGS = sorted(path for each in (PACKAGE, EXAMPLE) for path in each.glob("locale/**/*.po"))
PLURALS = {
    "de": {0: 1, 1: 0, 2: 1, 21: 1},
    "ar": {0: 0, 1: 1, 2: 2, 3: 3, 10: 3, 11: 4, 99: 4, 100: 5, 102: 5, 103: 3, 111: 4},
}
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd]")


def entries(path):
    """What a catalog says, header included: by context and message its plural and translations."""
    found = {}
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        values, name = {}, ""
        for line in block.splitlines():
            if match := re.match(r'(msg\S+) (".*")$', line):
                name, text = match.groups()
                values[name] = ast.literal_eval(text)
            elif line.startswith('"'):
                values[name] += ast.literal_eval(line)
            else:
                assert re.match(r"#, (python-format|python-brace-format)$", line), line
        key = (values.pop("msgctxt", None), values.pop("msgid"))
        found[key] = (values.pop("msgid_plural", None), list(values.values()))
    return found


def catalogs(test):
    names = [f"{path.parents[3].name}-{path.parents[1].name}" for path in CATALOGS]
    return pytest.mark.parametrize("path", CATALOGS, ids=names)(test)


def test_there_are_two_languages_for_the_app_and_for_the_example():
    found = {(path.parents[3], path.parents[1].name) for path in CATALOGS}
    assert found == {(each, language) for each in (PACKAGE, EXAMPLE) for language in PLURALS}


@catalogs
def test_a_catalog_has_every_message_and_no_other(path, tmp_path):
    if not shutil.which("xgettext") and "CI" not in os.environ:
        # To run the tests nothing but Python is needed; where a change is judged, all of them run.
        pytest.skip("GNU gettext is not installed")
    source = path.parents[3]
    no_catalogs = shutil.ignore_patterns("locale", "__pycache__", "staticfiles", "*.sqlite3")
    shutil.copytree(source, tmp_path / "source", ignore=no_catalogs)
    (tmp_path / "source" / "locale").mkdir()
    language = path.parents[1].name
    command = [sys.executable, "-m", "django", "makemessages", "--locale", language]
    command += ["--extension", "html,txt,py,svg"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO")}
    subprocess.run(command, cwd=tmp_path / "source", check=True, capture_output=True, env=env)
    [fresh] = tmp_path.glob("source/locale/**/*.po")
    unwrapped = subprocess.run(
        ["msgcat", "--no-wrap", "--no-location", fresh], check=True, capture_output=True, text=True
    ).stdout
    # Before the first message it says who translates.
    fresh.write_text("msgid" + unwrapped.replace("#, fuzzy\n", "").partition("msgid")[2])
    wanted = {key: plural for key, (plural, _translations) in entries(fresh).items()}
    assert {key: plural for key, (plural, _translations) in entries(path).items()} == wanted


@catalogs
def test_every_message_is_translated(path):
    for (_context, message), (plural, translations) in entries(path).items():
        forms = len({*PLURALS[path.parents[1].name].values()}) if plural else 1
        assert len(translations) == forms, message
        assert all(translations), message


@catalogs
def test_a_compiled_catalog_is_the_one_that_is_read(path):
    with path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    wanted = {}
    for (context, message), (plural, translations) in entries(path).items():
        key = message if context is None else f"{context}\x04{message}"
        keys = [(key, form) for form in range(len(translations))] if plural else [key]
        wanted |= dict(zip(keys, translations, strict=True))
    assert compiled._catalog == wanted


@catalogs
def test_letters_with_marks_are_written_as_one(path):
    for _plural, translations in entries(path).values():
        assert all(is_normalized("NFC", text) for text in translations), translations


@catalogs
def test_placeholders_are_those_of_the_message(path):
    """Only a form for one single number may say it in words."""
    for (_context, message), (plural, translations) in entries(path).items():
        wanted = sorted(PLACEHOLDER.findall(plural or message))
        for form, text in enumerate(translations):
            found = sorted(PLACEHOLDER.findall(text))
            numbers = [n for n, f in PLURALS[path.parents[1].name].items() if f == form]
            missing = [each for each in wanted if each not in found]
            assert not [each for each in found if each not in wanted], text
            assert not missing or (plural and len(numbers) == 1 and len(missing) == 1), text


@catalogs
def test_plural_forms_are_those_of_the_language(path):
    header = entries(path)[None, ""][1][0]
    forms, rule = re.search(r"nplurals=(\d+); plural=(.+);\n", header).groups()
    expected = PLURALS[path.parents[1].name]
    assert int(forms) == len({*expected.values()})
    assert {number: gettext.c2py(rule)(number) for number in expected} == expected


class Marked(gettext.NullTranslations):
    """A language in which every text that is translated is in brackets."""

    def gettext(self, message):
        return f"⟦{message.rpartition(trans_real.CONTEXT_SEPARATOR)[2]}⟧"

    def ngettext(self, one, many, number):
        return self.gettext(one if number == 1 else many)

    def language(self):
        return "xx"

    to_language = language


@contextmanager
def marked_texts():
    with translation.override("en"):
        trans_real._active.value = Marked()
        yield


NAMES = {
    *("Markdown", "JSON", "OPML", "Mermaid", "Python", "django", "Django"),
    *("learner@example.org", "owner", "learner", "example.com"),
}
"""What is the same in every language."""

ATTRIBUTES = ("aria-label", "title", "alt", "placeholder", "data-shown", "data-none")


class Said(HTMLParser):
    """All that a page says to people, in its text and in attributes; the admin's HTML is loose."""

    def __init__(self, html):
        super().__init__()
        self.texts, self.silent = [], None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.texts += [values[name] for name in ATTRIBUTES if values.get(name)]
        if values.get("name") == "description":
            self.texts.append(values.get("content", ""))
        if tag == "input" and values.get("type") in ("submit", "reset", "button"):
            self.texts.append(values.get("value", ""))
        if tag in ("script", "style", "textarea"):
            self.silent = tag

    def handle_endtag(self, tag):
        if tag == self.silent:
            self.silent = None

    def handle_data(self, text):
        if self.silent is None:
            self.texts.append(" ".join(text.split()))


def left_out(html, data=()):
    """What a page says that is neither translated nor data."""
    known = sorted({*data, *NAMES}, key=len, reverse=True)
    wanting = []
    for text in Said(html).texts:
        rest = text
        while (shorter := re.sub(r"⟦[^⟦⟧]*⟧", " ", rest)) != rest:
            rest = shorter
        for word in known:
            rest = rest.replace(word, " ")
        if re.search(r"[^\W\d_]", rest):
            wanting.append(text)
    return wanting


def test_a_text_that_is_not_translated_is_found():
    with marked_texts():
        template = Template(
            "{% load i18n %}<p>{% translate 'Back' %} {{ title }}</p><p>Forgotten</p>"
            '<img alt="A picture"><a aria-label="{% translate "Back" %}" title="Here"></a>'
        )
        html = template.render(Context({"title": "Views"}))
    assert left_out(html, ["Views"]) == ["Forgotten", "A picture", "Here"]


@pytest.fixture
def data(db):
    """A roadmap with everything there is, marked by a learner; returns its texts."""
    RoadmapNode.objects.filter(parent=None).update(is_published=False)
    chapters = [Outline(f"Kapitel {n}", minutes=70 * n or None) for n in range(4)]
    part = Outline("Teil", summary="Satz", description="Ein **Wort**.", children=chapters)
    outline = Outline("Reise", slug="reise", children=[part])
    outline.children.append(Outline("Entwurf", is_published=False))
    outline.children.append(Outline("Zugabe", is_optional=True, minutes=5))
    editing.add(outline)
    editing.add(Outline("Ferien", slug="ferien", children=[Outline("Erster"), Outline("Zweiter")]))
    chapter = node("reise/kapitel-1")
    chapter.prerequisites.add(node("reise/kapitel-0"))
    Resource.objects.create(node=chapter, title="Quelle", url="https://example.org/")
    learner = Learner.of_user(User.objects.create_user("learner"))
    states = {
        "reise/kapitel-0": "done",
        "reise/kapitel-1": "skipped",
        "reise/kapitel-2": "learning",
    }
    for path, state in {**states, "ferien": "done"}.items():
        learner.mark(path, state)
    User.objects.create_superuser("owner")
    texts = {"Neues", "neues", "Satz", "Ein", "Wort", "Quelle", "https://example.org/"}
    for each in RoadmapNode.objects.all():
        texts |= {each.title, each.slug, each.path, each.summary or each.title}
    return texts


TAGS = [
    *("{% roadmap_tree 'reise' %}", "{% roadmap_table 'ferien' %}", "{% roadmap_table 'reise' %}"),
    *("{% roadmap_progress 'reise' %}", "{% roadmap_progress 'ferien' %}"),
    *("{% roadmap_next 'reise' %}", "{% roadmap_next 'ferien' %}"),
    *("{% roadmap_map 'reise' %}", "{% roadmap_map 'ferien' %}"),
]
MARK = "/roadmaps/~mark/?mark="
PAGES = [
    *("/roadmaps/", "/roadmaps/reise/", "/roadmaps/reise/teil/", "/roadmaps/reise/zugabe/"),
    *(f"/roadmaps/reise/kapitel-{n}/" for n in range(4)),
    *("/roadmaps/reise.svg", "/roadmaps/reise.svg?theme=dark"),
    *("/roadmaps/ferien/", "/roadmaps/~mine/", "/roadmaps/~mine/?hide=done"),
    *("/roadmaps/~mine/reset/reise/", f"{MARK}done%20reise", f"{MARK}done%20reise/zugabe"),
    *("/roadmaps/~mark/?ask=reise", "/roadmaps/~mark/?ask=reise/zugabe", "/roadmaps/~mark/"),
    *(f"{MARK}done%20nowhere", f"{MARK}done", f"{MARK}done%20reise&next=//elsewhere"),
]
ROADMAPS, NODES = "/admin/django_roadmap/roadmap/", "/admin/django_roadmap/roadmapnode/"
ADMIN_PAGES = [
    *("/admin/django_roadmap/", "/admin/django_roadmap/progress/", ROADMAPS, f"{ROADMAPS}add/"),
    *(f"{ROADMAPS}reise/change/", f"{ROADMAPS}reise/delete/", f"{ROADMAPS}import/"),
    *(f"{NODES}?roadmap=reise", f"{NODES}add/", f"{NODES}reise/statistics/"),
    *(f"{NODES}reise/teil/{name}/" for name in ("change", "delete", "statistics")),
    *(f"{NODES}reise/kapitel-1/change/", "/roadmaps/reise/entwurf/"),
    *(f"{NODES}?roadmap=reise&q=teil", f"{NODES}preview/"),
    *(f"{NODES}reise/teil/{name}/" for name in ("move", "titles", "move/?to=ferien")),
]
POSTED = {
    f"{ROADMAPS}import/": [
        {"text": "Neues\n\tTeil", "existing": "refuse"},
        {"text": "Reise\n\tTeil", "slug": "reise", "existing": "delete"},
        {"text": "Reise\n\tTeil", "slug": "reise", "existing": "refuse"},
        {"text": "{", "existing": "refuse"},
        {"text": "", "existing": "refuse"},
    ],
    f"{NODES}reise/teil/titles/": [
        {"text": "Neues\n\tErster"},
        {"text": "Kapitel 1"},
        {"text": ""},
        {"text": "Neues", "confirm": "x"},
    ],
    f"{NODES}reise/teil/move/": [{"step": "up"}, {}],
    f"{NODES}preview/": [{"description": "[Teil](roadmap:reise/teil) [Satz](roadmap:neues)"}],
}
"""To look at one more page or tag, add it here."""

OF_OTHERS = [
    *("Expecting property name enclosed in double quotes", "Search", "True", "False"),
    *("From_roadmapnode-to_roadmapnode relationships", "RoadmapNode_prerequisites object"),
    "From_roadmapnode-to_roadmapnode relationship",
]
"""What Python's own parser and Django's own admin say in English only."""


def with_keys(url):
    """With the key of a node where the admin's address here has its path."""
    match = re.fullmatch(r"(/admin/.*?/(?:roadmap|roadmapnode)/)(reise.*)(/\w+/(?:\?.*)?)", url)
    return match[1] + str(node(match[2]).pk) + match[3] if match else url


def looks():
    """Every page and tag as each visitor sees it: what is asked for and the HTML."""
    clients = {name: Client() for name in (None, "learner", "owner")}
    for name, client in clients.items():
        user = User.objects.get(username=name) if name else AnonymousUser()
        if name:
            client.force_login(user)
        for url in [*PAGES, *(ADMIN_PAGES if name == "owner" else [])]:
            response = client.get(with_keys(url))
            yield f"{url} as {name}", response.content.decode()
        request = RequestFactory().get("/")
        request.user = user
        request.session = client.session
        for each in TAGS:
            template = Template("{% load django_roadmap %}" + each)
            yield f"{each} as {name}", template.render(Context({"request": request}))
    for url, all_values in POSTED.items():
        for values in all_values:
            response = clients["owner"].post(with_keys(url), values)
            yield f"{url} with {values}", response.content.decode()


def test_no_page_or_tag_leaves_out_a_text_and_every_template_is_seen(data):
    names = set()

    def note(template, **kwargs):
        names.add(template.name)

    template_rendered.connect(note)
    try:
        with marked_texts():
            found = {}
            for what, html in looks():
                if wanting := left_out(html, [*data, *OF_OTHERS]):
                    found[what] = wanting
    finally:
        template_rendered.disconnect(note)
    assert found == {}
    folder = PACKAGE / "templates"
    wanted = {path.relative_to(folder).as_posix() for path in folder.rglob("*.*")}
    # What a site replaces whole: its own pages extend another.
    assert wanted - names == set()


def test_answers_to_scripts_leave_out_no_text(data):
    client = Client(headers={"accept": "application/json"})
    client.force_login(User.objects.get(username="learner"))
    with marked_texts():
        asked = client.get(f"{MARK}done%20reise").json()
        values = {"mark": "done reise/kapitel-3"}
        marked = client.post("/roadmaps/~mark/", values).json()
        refused = client.post("/roadmaps/~mark/", {}).json()
    for text in (asked["detail"], marked["message"], marked["node"]["label"], refused["detail"]):
        assert left_out(f"<p>{text}</p>", data) == []
    assert left_out(f"<p>{marked['ancestors'][0]['counts']}</p>", data) == []


class TestLanguagesOfOneVersion:
    """Of one version of a roadmap each visitor sees their own language, whoever came before."""

    @pytest.fixture(autouse=True)
    def site(self, settings):
        settings.LANGUAGES = [("en", "English"), ("de", "German"), ("ar", "Arabic")]
        place = settings.MIDDLEWARE.index("django.middleware.common.CommonMiddleware")
        settings.MIDDLEWARE = [
            *settings.MIDDLEWARE[:place],
            "django.middleware.locale.LocaleMiddleware",
            *settings.MIDDLEWARE[place:],
        ]

    @pytest.mark.parametrize("url", ["/roadmaps/", "/roadmaps/reise/", "/roadmaps/reise/teil/"])
    def test_a_page_is_in_the_language_that_is_asked_for(self, url, data, client):
        found = {}
        for language in ("en", "de", "ar", "en"):
            response = client.get(url, headers={"accept-language": language})
            assert {"Accept-Language", "Cookie"} <= {*response["Vary"].split(", ")}
            assert not response.cookies
            found.setdefault(language, (response["ETag"], response.content))
            assert found[language] == (response["ETag"], response.content)
        assert len({etag for etag, _content in found.values()}) == 3
        etag = found["en"][0]
        for language, status in (("en", 304), ("de", 200)):
            headers = {"accept-language": language, "if-none-match": etag}
            assert client.get(url, headers=headers).status_code == status

    def test_kept_pieces_are_those_of_the_language(self, data, client):
        words = {"en": "Optional", "de": "Optional", "ar": "اختياري"}
        counts = {"en": "4 topics", "de": "4 Themen", "ar": "4 مواضيع"}
        for language in ("en", "de", "ar", "de", "en"):
            with translation.override(language):
                template = Template("{% load django_roadmap %}{% roadmap_tree 'reise' %}")
                html = template.render(Context())
            assert words[language] in html
            assert counts[language] in html
