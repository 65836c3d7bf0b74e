"""Prerequisites, the links between nodes that Django writes past save() and the managers."""

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from roadmaps import node

from django_roadmap.models import RoadmapNode

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "edit",
    [
        lambda css, html: css.prerequisites.add(html),
        lambda css, html: css.dependents.add(html),
        lambda css, html: css.prerequisites.set([]),
        lambda css, html: css.prerequisites.clear(),
        lambda css, html: node("django/functions").prerequisites.remove(css),
        lambda css, html: css.dependents.clear(),
    ],
    ids=["add", "reverse add", "set", "clear", "remove", "reverse clear"],
)
def test_changed_prerequisites_give_a_new_version(edit):
    css, html, functions = (node(f"django/{slug}") for slug in ("css", "html", "functions"))
    css.prerequisites.add(node("django/middleware"))
    functions.prerequisites.add(css)
    version, stages = node("django").version, node("django-step-by-step").version
    edit(css, html)

    assert node("django").version != version
    assert node("django-step-by-step").version == stages


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("django-step-by-step/deployment", "Deployment"),
        ("django-step-by-step", "Step By Step Python Django Roadmap"),
        ("django/css", "CSS"),
    ],
    ids=["other roadmap's node", "other roadmap", "itself"],
)
@pytest.mark.parametrize("side", ["prerequisites", "dependents"])
@pytest.mark.parametrize("call", ["add", "set"])
def test_links_out_of_the_roadmap_and_to_itself_are_refused(side, call, path, wrong):
    css, html = node("django/css"), node("django/html")
    css.prerequisites.add(html)
    css.dependents.add(html)
    links, before = getattr(css, side), list(RoadmapNode.objects.values())
    others = [node(path), node("django/functions")]

    refusal = pytest.raises(ValidationError, match=f"another node of its roadmap, not “{wrong}”.")
    with refusal, transaction.atomic():
        links.set(others) if call == "set" else links.add(*others)
    assert list(links.all()) == [html]
    assert list(RoadmapNode.objects.values()) == before
