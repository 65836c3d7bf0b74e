"""What the roadmaps that come with the app say: rules that hold for every text and link."""

import re
from collections import Counter
from datetime import date
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import call_command
from roadmaps import node
from spellchecker import SpellChecker

import django_roadmap
from django_roadmap import exporting, integrity
from django_roadmap.models import Resource, RoadmapNode
from django_roadmap.outline import read, write
from django_roadmap.outline.values import walk_levels

SEEDED = ["django", "django-step-by-step"]
EXAMPLE = "git-for-django-developers"
FILES = {
    path.stem: path
    for path in sorted((Path(django_roadmap.__file__).parent / "roadmaps").glob("*.md"))
}
DOCS = Path(__file__).parents[1] / "docs"

OVERSTATED = re.compile(
    r"\b(best[- ]practices?|blazing\w*|cutting[- ]edge|dive|easily|effortless\w*|elegant\w*|just"
    r"|leverag\w*|master|modern|obviously|of course|powerful|robust\w*|seamless\w*|simply|very)\b",
    re.IGNORECASE,
)
TERMS = set((Path(__file__).parent / "data" / "terms.txt").read_text().split())
"""What these texts say and no dictionary has."""

ROW = re.compile(r"^\| <(\S+)> \| (.+?) \| (\d{4}-\d\d-\d\d) \| (.+?) \|$", re.MULTILINE)


def parts(name):
    """All nodes of a file, each with its level."""
    [roadmap] = read(FILES[name].read_text(encoding="utf-8"))
    return list(walk_levels([roadmap]))


ALL = [(name, part) for name in FILES for part, _level in parts(name)]
NODES = pytest.mark.parametrize(
    ("name", "part"), ALL, ids=[f"{name}/{part.slug}" for name, part in ALL]
)


def words(text):
    """Without the addresses of links."""
    return re.sub(r"\]\(\S+\)", "]", text).split()


def prose(part):
    """All that is to be read of a node, without code."""
    titles = [link.title for link in part.resources or []]
    text = "\n".join([part.title, part.summary, part.description, *titles])
    return " ".join(words(re.sub("`[^`]*`", " ", text)))


def links(text):
    """The paths that links to nodes lead to."""
    return re.findall(r"\]\(roadmap:(\S+?)\)", text)


@pytest.mark.django_db
@pytest.mark.parametrize("name", SEEDED)
def test_file_is_what_is_planted(name):
    text = write(exporting.outlines_at([name], "default"), "markdown")
    assert text == FILES[name].read_text(encoding="utf-8")
    assert text == (DOCS / "roadmaps" / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.django_db
def test_the_example_is_imported_as_it_is_and_links_lead_somewhere():
    call_command("roadmap_import", EXAMPLE, "--shipped", verbosity=0)
    text = write(exporting.outlines_at([EXAMPLE], "default"), "markdown")
    assert text == FILES[EXAMPLE].read_text(encoding="utf-8")
    assert integrity.check() == []
    assert not RoadmapNode.objects.exclude(minutes=None).exists()
    assert not RoadmapNode.objects.filter(is_published=False).exists()


@NODES
def test_summary_is_one_sentence(name, part):
    assert re.fullmatch(r"[A-Z].*[^.]\.", part.summary)
    assert not re.search(r"[.?!] [A-Z]|[`*_<>\[\]]", part.summary)
    assert len(part.summary) <= 160


@NODES
def test_description_says_how_one_knows_that_one_has_got_it(name, part):
    assert 30 <= len(words(part.description)) <= 90
    assert len(re.findall(r"(?:^|[.?!]\s+)You can [^.]", part.description)) == 1
    assert part.description.rstrip().endswith(".")


@NODES
def test_voice(name, part):
    stays_verbatim = name == "django-step-by-step" and part.slug != name
    for text in [part.description, *([] if stays_verbatim else [part.summary])]:
        assert not OVERSTATED.search(text)
        assert not re.search(r"[!\u2013\u2014\u2026]|  |https?:", re.sub("`[^`]*`", "x", text))
        assert all(first != second for first, second in pairwise(text.lower().split()))


def test_spelling():
    used = {
        word.lower()
        for _name, part in ALL
        for word in re.findall(r"[A-Za-z]+(?:'[a-z]{2,})?", prose(part))
    }
    spelling = SpellChecker(language="en", distance=1)
    assert spelling.unknown(["migratons", "quxery"]) == {"migratons", "quxery"}
    assert spelling.unknown(used) <= TERMS
    assert used >= TERMS


@pytest.mark.parametrize("name", FILES)
def test_topics_have_a_few_resources_official_ones_first(name):
    kinds = Counter()
    for part, _level in parts(name):
        found = part.resources or []
        assert len(found) <= 4
        if not part.children:
            assert found
        assert len({link.url for link in found}) == len(found)
        official = [link.kind == "official" for link in found]
        assert official == sorted(official, reverse=True)
        assert all(link.url.startswith("https://") for link in found)
        kinds.update(link.kind for link in found)
    assert kinds["official"] / kinds.total() >= 0.6


@pytest.mark.parametrize("name", FILES)
def test_prerequisites_say_what_the_order_does_not(name):
    order = [part.slug for part, _level in parts(name)]
    for index, (part, _level) in enumerate(parts(name)):
        below = {child.slug for child, _level in walk_levels([part])}
        for slug in part.prerequisites or []:
            assert slug in order[:index]
            assert slug not in below


@pytest.mark.django_db
def test_stages_lead_to_sections_that_lead_back():
    sections = set(RoadmapNode.objects.filter(path__startswith="django/", level=2))
    stages = set(node("django-step-by-step").get_children())
    for stage in stages:
        assert {section.path for section in sections} & set(links(stage.description))
    for section in sections:
        back = set(links(section.description)) & {stage.path for stage in stages}
        assert back
        for path in back:
            below = section.get_descendants(include_self=True)
            assert set(links(node(path).description)) & {each.path for each in below}


def test_every_address_is_in_the_table_with_how_it_was_confirmed():
    table = ROW.findall((DOCS / "reference" / "roadmaps.md").read_text(encoding="utf-8"))
    urls = [url for url, *_rest in table]
    assert urls == sorted({link.url for _name, part in ALL for link in part.resources or []})
    for url, _title, day, how in table:
        assert date(2026, 11, 1) <= date.fromisoformat(day)
        assert re.fullmatch(
            r"source `[\w.-]+/[\w.-]+`, `\S+`|a stored copy of (the page|`\S+`)", how
        ), url


def test_every_title_is_that_of_its_page():
    table = ROW.findall((DOCS / "reference" / "roadmaps.md").read_text(encoding="utf-8"))
    titles = {url: title for url, title, *_rest in table}
    for _name, part in ALL:
        for link in part.resources or []:
            if "#" not in link.url:
                told = re.sub(r"\W+", " ", link.title.lower())
                page = re.sub(r"\W+", " ", titles[link.url].lower())
                assert page in told or told in page, link


def test_addresses_outlive_releases():
    for _name, part in ALL:
        for link in part.resources or []:
            assert not re.search(r"/en/(\d+\.\d+|latest)/|docs\.python\.org/(?!3/)", link.url)


@pytest.mark.django_db
def test_planted_kinds_are_known():
    seed = import_module("django_roadmap.migrations.0002_seed")
    planted = [row for name in SEEDED for row in seed.ROADMAPS[name]]
    assert Resource.objects.count() == sum(len(row.get("resources", [])) for row in planted)
    for resource in Resource.objects.all():
        resource.full_clean()
    for found in RoadmapNode.objects.all():
        found.full_clean()
