import pytest
from checks import assert_accessible, assert_no_sideways_scrolling, open_page
from playwright.sync_api import expect

from django_roadmap.models import RoadmapNode


def test_branch_folds_and_opens_by_a_click_beside_its_title(page):
    open_page(page, "/")
    topic = page.get_by_role("link", name="Install Django")
    count = page.get_by_text("0 of 11")
    count.scroll_into_view_if_needed()
    count = count.bounding_box()
    expect(topic).to_be_visible()
    page.mouse.click(count["x"] + 5, count["y"] + 5)
    expect(topic).to_be_hidden()
    page.mouse.click(count["x"] + 5, count["y"] + 5)
    expect(topic).to_be_visible()


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_branch_folds_and_opens_by_keyboard(page, key):
    open_page(page, "/")
    topic = page.get_by_role("link", name="Install Django")
    page.get_by_role("button", name="Mark Beginner Level").focus()
    page.keyboard.press("Tab")
    page.keyboard.press(key)
    expect(topic).to_be_hidden()
    page.keyboard.press(key)
    expect(topic).to_be_visible()


def test_title_leads_to_the_page_of_its_node_and_back(page):
    open_page(page, "/")
    page.get_by_role("link", name="Core Django Concepts").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Core Django Concepts")
    page.get_by_role("link", name="Query Sets").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Query Sets")
    page.get_by_label("Breadcrumbs").get_by_role("link", name="Core Django Concepts").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Core Django Concepts")
    page.go_back()
    page.go_back()
    page.go_back()
    expect(page.get_by_role("heading", level=2, name="The roadmap")).to_be_visible()


def test_first_tab_stop_skips_to_the_content(page):
    open_page(page, "/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("See the roadmap")


def test_long_words_and_deep_levels_fit_a_small_screen(page):
    node = RoadmapNode.objects.create(title="w" * 200, slug="deep", summary="s" * 300)
    for depth in range(12):
        RoadmapNode.objects.create(title="Topic", parent=node)
        node = RoadmapNode.objects.create(title=f"{depth} {'w' * 197}", parent=node)
    page.set_viewport_size({"width": 360, "height": 800})
    open_page(page, "/roadmaps/deep/")
    assert_no_sideways_scrolling(page)
    assert_accessible(page)


def test_page_reads_from_right_to_left(open_browser):
    page = open_browser(locale="ar")
    page.set_viewport_size({"width": 360, "height": 800})
    open_page(page, "/roadmaps/django/")
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert_no_sideways_scrolling(page)
    title = page.get_by_role("link", name="Beginner Level", exact=True).bounding_box()
    assert title["x"] + title["width"] > 300
    page.locator('[id="django/html"] .roadmap-more').click()
    menu = page.locator(".roadmap-menu").bounding_box()
    assert menu["x"] >= 0
    assert menu["x"] + menu["width"] < 180
    assert_no_sideways_scrolling(page)


def test_unpublished_page_is_marked_for_staff(page, staff):
    RoadmapNode.objects.filter(path="django/middleware").update(is_published=False)
    open_page(page, "/roadmaps/django/middleware/")
    expect(page.get_by_text("This page is not published")).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize("model", ["roadmap", "roadmapnode"])
def test_admin_keeps_the_content_security_policy(described_node, page, staff, model):
    pk = described_node.pk if model == "roadmapnode" else described_node.get_root().pk
    for address in ("", "add/", f"{pk}/change/"):
        open_page(page, f"/admin/django_roadmap/{model}/{address}")
        page.wait_for_load_state("networkidle")


def test_language_is_chosen_at_the_foot_of_the_page(page):
    open_page(page, "/roadmaps/")
    page.get_by_role("button", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    assert page.url.endswith("/roadmaps/")
    expect(page.get_by_role("link", name="Meine Roadmaps").first).to_be_visible()
    page.get_by_role("link", name="Evening Django").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Gemeinsam Django lernen")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Learn Django together")
