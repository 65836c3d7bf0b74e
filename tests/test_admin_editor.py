"""The tree of one roadmap in the admin."""

import re
from types import SimpleNamespace

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from roadmaps import node

from django_roadmap import editing
from django_roadmap.admin import RoadmapNodeAdmin
from django_roadmap.admin.editor import rows_of
from django_roadmap.models import Roadmap, RoadmapNode
from django_roadmap.outline import Outline

pytestmark = pytest.mark.usefixtures("bare")

NODES = "/admin/django_roadmap/roadmapnode/"


@st.composite
def forests(draw):
    """Nodes in the order of a tree, each with its key and its parent's."""
    way, nodes = [], []
    for pk in range(1, draw(st.integers(0, 12)) + 1):
        way = way[: draw(st.integers(0, len(way)))]
        nodes.append(SimpleNamespace(pk=pk, parent_id=way[-1] if way else None))
        way.append(pk)
    return nodes


def nested(nodes, above=None):
    return [[each.pk, *nested(nodes, each.pk)] for each in nodes if each.parent_id == above]


def from_rows(rows):
    """Lists as the template begins and ends them."""
    top = []
    stack = [top]
    for row in rows:
        stack[-1].append(item := [row.node.pk])
        if row.has_children:
            stack.append(item)
        else:
            del stack[len(stack) - len(row.closes) :]
    assert len(stack) == 1 or not rows
    return top


@given(forests())
def test_rows_nest_as_the_nodes_do(nodes):
    assert from_rows(rows_of(nodes, None)) == nested(nodes)


@given(forests(), st.data())
def test_matches_are_shown_with_all_above_them(nodes, data):
    matches = data.draw(st.sets(st.sampled_from([each.pk for each in nodes]))) if nodes else set()
    parents = {each.pk: each.parent_id for each in nodes}
    kept = set()
    for match in matches:
        pk = match
        while pk is not None:
            kept.add(pk)
            pk = parents[pk]
    rows = rows_of(nodes, matches)

    assert from_rows(rows) == nested([each for each in nodes if each.pk in kept])
    assert {row.node.pk for row in rows if row.is_match} == matches


def titles(response):
    html = response.content.decode()
    return re.findall(r'class="roadmap-editor-title"><a [^>]*>([^<]*)<', html)


def test_search_shows_what_is_above(admin_client):
    response = admin_client.get(NODES, {"q": "middle", "roadmap": "django"})

    assert titles(response) == [
        *("Django RoadMap", "Intermediate Level", "Core Django Concepts", "Middleware"),
        *("Advanced Level", "Advanced Topics", "Custom Middleware"),
    ]
    html = response.content.decode()
    assert html.count("is-match") == 2
    assert "2 nodes found" in html
    assert "Clear all filters" not in html
    assert "data-moves" not in html
    assert '<a href="?roadmap=django">Show all</a>' in html


def test_filter_shows_what_is_above(admin_client):
    RoadmapNode.objects.filter(path="django/css").update(is_published=False)
    query = {"is_published__exact": "0", "roadmap": "django"}
    response = admin_client.get(NODES, query)

    assert titles(response) == ["Django RoadMap", "Beginner Level", "Frontend Basics", "CSS"]
    assert '<input type="hidden" name="is_published__exact" value="0">' in response.content.decode()


@pytest.mark.parametrize("more", [{}, {"q": ""}, {"o": "1"}], ids=["", "empty", "ordered"])
def test_whole_tree_moves(admin_client, more):
    response = admin_client.get(NODES, {"roadmap": "django", **more})
    html = response.content.decode()

    assert titles(response)[1:3] == ["Beginner Level", "Learn Python Basics"]
    assert f'data-version="{node("django").version}" data-moves' in html
    assert "Clear all filters" not in html
    assert "node found" not in html


def test_saving_comes_back_to_what_was_shown(admin_client):
    html = admin_client.get(NODES, {"roadmap": "django", "q": "css"}).content.decode()

    assert "/change/?_changelist_filters=q%3Dcss%26roadmap%3Ddjango" in html


def test_node_can_be_chosen_in_a_window_of_its_own(admin_client):
    html = admin_client.get(NODES, {"_popup": "1"}).content.decode()

    assert f'data-popup-opener="{node("django/css").pk}"' in html
    for control in ("roadmap-editor-handle", "roadmap-editor-add", "_selected_action"):
        assert control not in html


def test_says_what_is_not_published_or_optional(admin_client):
    RoadmapNode.objects.filter(path="django/css").update(is_published=False, is_optional=True)
    html = admin_client.get(NODES).content.decode()

    assert re.findall(r'class="roadmap-editor-note">([^<]*)<', html) == [
        "not published",
        "optional",
    ]


def test_a_site_may_say_more(admin_client, monkeypatch):
    monkeypatch.setattr(RoadmapNodeAdmin, "notes", lambda self, node: [f"<{node.level}>"])

    assert "&lt;3&gt;" in admin_client.get(NODES).content.decode()


def test_links_above_lead_to_pages_that_are_there(admin_client, monkeypatch):
    tools = admin_client.get(NODES).context["tools"]
    assert [label for _, label in tools] == ["All roadmaps", "Learners", "View on site"]
    for url, _ in tools:
        assert admin_client.get(url).status_code == 200
    monkeypatch.delitem(admin.site._registry, Roadmap)
    monkeypatch.setattr("django_roadmap.paths.node_url", lambda path: "")
    assert [label for _, label in admin_client.get(NODES).context["tools"]] == ["Learners"]


def test_without_roadmaps_there_is_nothing_to_do(admin_client):
    RoadmapNode.objects.all().delete()
    response = admin_client.get(NODES)

    assert titles(response) == []
    assert "data-version" not in response.content.decode()


def test_keys_have_no_separators(admin_client, settings):
    settings.USE_THOUSAND_SEPARATOR = True
    css = node("django/css")
    RoadmapNode.objects.filter(pk=css.pk)
    big = RoadmapNode(pk=1234567, title="Big", parent=css)
    big.save()
    html = admin_client.get(NODES).content.decode()

    assert 'data-node="1234567"' in html
    assert 'href="1234567/move/"' in html
    move = admin_client.get(f"{NODES}1234567/move/").content.decode()
    assert "1,234,567" not in html + move
    assert "1,234,567" not in admin_client.get(f"{NODES}1234567/titles/").content.decode()


def test_opens_a_thousand_nodes_in_few_queries(admin_client):
    sections = [
        Outline(f"S {s}", children=[Outline(f"T {s} {t}") for t in range(9)]) for s in range(100)
    ]
    editing.add(Outline("Big", slug="big", children=sections))
    for query, most in (({}, 5), ({"q": "T 5"}, 6)):
        with CaptureQueriesContext(connection) as queries:
            response = admin_client.get(NODES, {"roadmap": "big", **query})
        assert len(titles(response)) > 10
        assert len(queries) == most
