"""Whole ways of a guest, a learner and an owner, by keyboard alone."""

import re

import pytest
from checks import open_page
from django.contrib.auth.models import User
from playwright.sync_api import expect

from django_roadmap.models import Progress, RoadmapNode


@pytest.fixture
def keys(page):
    """Go on with the Tab key until something has the focus; press a key there."""

    def go_to(role, name, *, within=None, press="Enter", backwards=False):
        root = within or page
        wanted = root.get_by_role(role, name=name, exact=True).first
        for _ in range(150):
            page.keyboard.press("Shift+Tab" if backwards else "Tab")
            if wanted.evaluate("element => element === document.activeElement"):
                page.keyboard.press(press)
                return
        pytest.fail(f"The Tab key does not reach the {role} {name}.")

    return go_to


def test_topic_is_found_opened_marked_and_come_back_to(page, keys):
    open_page(page, "/")
    keys("searchbox", "Find", press="m")
    page.keyboard.type("iddlew")
    tree = page.locator(".roadmap-tree")
    expect(tree.get_by_role("link", name="Query Sets")).not_to_be_visible()
    keys("link", "Middleware", within=tree)
    page.wait_for_url("**/roadmaps/django/middleware/")
    keys("button", "Done")
    expect(page.get_by_role("button", name="Done", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.go_back()
    link = page.locator(".roadmap-tree").get_by_role("link", name="Middleware", exact=True)
    expect(link).to_be_focused()
    assert link.evaluate("link => link.matches(':focus-visible')")
    expect(page.locator('[id="django/middleware"]')).to_have_class(re.compile("roadmap-done"))


@pytest.mark.parametrize("title", ["Query Sets", "Custom Middleware"])
def test_box_of_the_map_is_come_back_to(page, keys, title):
    open_page(page, "/roadmaps/django/#roadmap-map")
    boxes = page.locator(".roadmap-picture")
    keys("link", f"{title} To do", within=boxes)
    page.wait_for_url(re.compile("/roadmaps/django/[a-z-]+/$"))
    page.go_back()
    expect(page.locator("a.roadmap-box").filter(has_text=title)).to_be_focused()


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/roadmaps/", "Django RoadMap"),
        ("/roadmaps/django/middleware/", "Core Django Concepts"),
    ],
)
def test_link_of_a_page_without_a_tree_is_come_back_to(page, keys, address, title):
    open_page(page, address)
    link = page.locator("main").get_by_role("link", name=title, exact=True).first
    keys("link", title, within=page.locator("main"))
    page.wait_for_url(lambda url: not url.endswith(address))
    page.go_back()
    expect(link).to_be_focused()


def test_click_of_a_mouse_is_not_come_back_to(page, keys):
    open_page(page, "/roadmaps/django/")
    keys("link", "HTML", within=page.locator(".roadmap-tree"))
    page.wait_for_url("**/roadmaps/django/html/")
    page.go_back()
    page.locator(".roadmap-tree").get_by_role("link", name="Middleware", exact=True).click()
    page.wait_for_url("**/roadmaps/django/middleware/")
    page.go_back()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.activeElement === document.body")


def test_guest_marks_and_finds_the_marks_in_a_new_account(page, keys):
    open_page(page, "/roadmaps/django/html/")
    keys("button", "Learning")
    expect(page.get_by_role("button", name="Learning", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    keys("link", "Sign in", backwards=True)
    keys("link", "Join")
    page.wait_for_url("**/join/**")
    keys("textbox", "Username:", press="a")
    page.keyboard.type("nn")
    for label in ("Password:", "Password confirmation:"):
        keys("textbox", label, press="a")
        page.keyboard.type(" long evening in May")
    page.keyboard.press("Enter")
    page.wait_for_url("**/roadmaps/~mine/")
    expect(page.get_by_text("Learning now:")).to_be_visible()
    keys("link", "HTML")
    expect(page.get_by_role("button", name="Learning", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    [progress] = Progress.objects.all()
    assert (progress.user.username, progress.state) == ("ann", "learning")


def test_learner_goes_from_step_to_step(page, keys):
    open_page(page, "/roadmaps/django/")
    for title, following in (
        ("Variables and Data Types", "Control Flow (if statements, loops)"),
        ("Control Flow (if statements, loops)", "Functions"),
    ):
        keys("link", title, within=page.locator(".roadmap-next"))
        expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
        keys("button", "Done")
        expect(page.get_by_role("button", name="Done", exact=True)).to_have_attribute(
            "aria-pressed", "true"
        )
        page.go_back()
        expect(page.locator(".roadmap-next")).to_contain_text(following)
        open_page(page, "/roadmaps/django/")
    expect(page.get_by_text("2 of 30 done").first).to_be_visible()


def test_owner_gives_a_topic_another_title(page, keys):
    User.objects.create_superuser("admin", password="admin")
    node = RoadmapNode.objects.get(path="django/html")
    open_page(page, f"/admin/login/?next=/admin/django_roadmap/roadmapnode/{node.pk}/change/")
    # The first field has the focus.
    page.keyboard.type("admin")
    keys("textbox", "Password:", press="a")
    page.keyboard.type("dmin")
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/")
    keys("textbox", "Title:", press="End")
    page.keyboard.type(" and forms")
    page.keyboard.press("Enter")
    page.get_by_text("was changed successfully").wait_for()
    open_page(page, "/roadmaps/django/")
    expect(page.locator(".roadmap-tree").get_by_role("link", name="HTML and forms")).to_be_visible()
