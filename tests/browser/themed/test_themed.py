"""The tree of a roadmap in the admin, under a theme."""

import re

import pytest
from checks import assert_no_sideways_scrolling
from django.contrib.auth.models import User
from playwright.sync_api import expect

from django_roadmap.models import RoadmapNode

# The theme's own; ours are errors in all other tests.
pytestmark = pytest.mark.filterwarnings("ignore")

NODES = "/admin/django_roadmap/roadmapnode/"


def node(path):
    return RoadmapNode.objects.get(path=path)


def slugs_below(path):
    return " ".join(child.slug for child in node(path).get_children())


@pytest.fixture
def editor(page):
    User.objects.create_superuser("admin", password="admin")
    page.goto("/admin/login/?next=/admin/")
    page.locator("[name=username]").fill("admin")
    page.locator("[name=password]").fill("admin")
    page.locator("[type=submit]").click()
    page.wait_for_url("**/admin/")
    page.goto(f"{NODES}?roadmap=django")
    return page


def handle(page, path):
    return page.locator(f"#node-{node(path).pk} > div .roadmap-editor-handle")


def test_tree_is_there_and_moves_by_keys(editor):
    expect(editor.locator(".roadmap-editor-row")).to_have_count(43)
    handle(editor, "django/css").focus()
    editor.keyboard.press("ArrowUp")

    expect(editor.locator(".roadmap-editor-message")).to_contain_text("“CSS” is number 1 of 3")
    assert slugs_below("django/frontend-basics") == "css html javascript"


def test_node_is_dragged(editor):
    start = handle(editor, "django/css").bounding_box()
    target = editor.locator(f"#node-{node('django/javascript').pk} > div")
    target.scroll_into_view_if_needed()
    start, end = handle(editor, "django/css").bounding_box(), target.bounding_box()
    editor.mouse.move(start["x"] + 5, start["y"] + 5)
    editor.mouse.down()
    editor.mouse.move(end["x"] + 150, end["y"] + end["height"] * 0.5, steps=4)
    editor.mouse.move(end["x"] + 150, end["y"] + end["height"] * 0.9, steps=4)
    editor.mouse.up()

    expect(editor.locator(".roadmap-editor-message")).to_contain_text("“CSS” is number 3 of 3")
    assert slugs_below("django/frontend-basics") == "html javascript css"


def test_node_moves_by_the_plain_form(editor):
    handle(editor, "django/css").click()
    editor.locator("[name=target]").select_option(str(node("django/functions").pk))
    editor.get_by_role("button", name="Move", exact=True).click()
    editor.wait_for_url("**/roadmapnode/?roadmap=django#node-*")

    assert slugs_below("django/functions") == "css"


def test_titles_are_typed(editor):
    editor.goto(f"{NODES}{node('django/css').pk}/titles/")
    editor.locator("[name=text]").fill("One\nTwo")
    editor.get_by_role("button", name="Show what it would do").click()
    editor.get_by_role("button", name="Add these").click()
    editor.wait_for_url("**/roadmapnode/?roadmap=django#node-*")

    assert slugs_below("django/css") == "one two"


def test_form_saves(editor):
    editor.goto(f"{NODES}{node('django/css').pk}/change/")
    editor.locator("[name=title]").fill("Styles")
    editor.locator("[name=title]").press("Enter")
    editor.wait_for_url(re.compile("roadmapnode/(\\?.*)?$"))

    assert node("django/css").title == "Styles"


@pytest.mark.parametrize("address", ["", "{}/move/", "{}/titles/", "{}/change/"])
def test_pages_fit_a_small_screen(editor, address):
    editor.set_viewport_size({"width": 360, "height": 800})
    editor.goto(NODES + address.format(node("django/css").pk))

    assert_no_sideways_scrolling(editor)
