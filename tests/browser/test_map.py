"""The map in a browser: what it measured without a font, as a browser draws it."""

import pytest
from checks import assert_accessible, assert_no_sideways_scrolling, open_page
from extremes import deep, one, wide, wild
from playwright.sync_api import expect

from django_roadmap import editing
from django_roadmap.models import RoadmapNode

# Text that is outside of its box, and boxes that cover each other; in pixels of the screen.
GEOMETRY = """picture => {
  const wrong = [], boxes = [...picture.querySelectorAll(".roadmap-box")];
  const of = (element) => element.getBoundingClientRect();
  const covers = (a, b) => a.left < b.right - .5 && b.left < a.right - .5
    && a.top < b.bottom - .5 && b.top < a.bottom - .5;
  const within = (inner, outer) => inner.left >= outer.left - .5 && inner.right <= outer.right + .5
    && inner.top >= outer.top - .5 && inner.bottom <= outer.bottom + .5;
  const frames = boxes.map((box) => of(box.querySelector("rect")));
  const whole = of(picture);
  boxes.forEach((box, i) => {
    const texts = [...box.querySelectorAll("text")];
    if (texts.some((text) => !within(of(text), frames[i]))) wrong.push(["out", box.textContent]);
    // A line is taller than its letters, more so in some fonts.
    const lines = texts.map(of).map(({ left, right, top, bottom }) =>
      ({ left, right, top: top + 3, bottom: bottom - 3 }));
    if (texts[1] && covers(...lines)) wrong.push(["covered", box.textContent]);
    if (!within(frames[i], whole)) wrong.push(["off", box.textContent]);
  });
  frames.sort((a, b) => a.top - b.top);
  for (let i = 0; i < frames.length; i++)
    for (let j = i + 1; j < frames.length && frames[j].top < frames[i].bottom; j++)
      if (covers(frames[i], frames[j])) wrong.push(["over", i, j]);
  return [boxes.length, wrong];
}"""


# How much of a box's width is within the part of the map on the screen, of what could be.
SEEN = """box => {
  const [inner, outer] = [box.querySelector("rect"), box.closest(".roadmap-map")]
    .map((element) => element.getBoundingClientRect());
  const seen = Math.min(inner.right, outer.right) - Math.max(inner.left, outer.left);
  return seen / Math.min(inner.width, outer.width);
}"""


def geometry(page):
    return page.locator(".roadmap-picture").evaluate(GEOMETRY)


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("font", ["inherit", "'DejaVu Sans'"])
@pytest.mark.parametrize("outline", [wild, wide, deep])
def test_any_roadmap_fits(open_browser, outline, language, font):
    page = open_browser(locale=language)
    root = editing.add(outline())
    open_page(page, f"/roadmaps/{root.path}/")
    page.locator(".roadmap-picture").evaluate(
        "(picture, font) => { picture.style.fontFamily = font }", font
    )
    count, wrong = geometry(page)
    assert count == root.get_descendant_count() + 1
    assert wrong == []


def test_geometry_finds_what_does_not_fit(page):
    open_page(page, "/roadmaps/django/")
    assert geometry(page)[1] == []
    text = page.locator(".roadmap-box text").nth(3)
    text.evaluate("text => { text.firstChild.textContent = 'w'.repeat(90) }")
    assert [what for what, *_ in geometry(page)[1]] == ["out"]
    note = page.locator(".roadmap-stage").last.locator("text").last
    note.evaluate("note => { note.setAttribute('y', note.getAttribute('y') - 20) }")
    assert {what for what, *_ in geometry(page)[1]} == {"out", "covered"}


def test_one_node_has_a_map_as_a_file(page):
    root = editing.add(one())
    response = page.goto(f"/roadmaps/{root.path}.svg")
    assert response.status == 200
    assert geometry(page) == [1, []]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_file_is_drawn_in_its_colours(page, theme):
    page.goto(f"/roadmaps/django.svg?theme={theme}")
    assert geometry(page) == [43, []]
    page_colour = page.locator("svg > rect").evaluate("rect => getComputedStyle(rect).fill")
    assert page_colour == {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 23, 19)"}[theme]


def test_on_a_small_screen_the_tree_comes_first_and_the_map_scrolls(page):
    page.set_viewport_size({"width": 360, "height": 800})
    open_page(page, "/roadmaps/django/")
    assert_no_sideways_scrolling(page)
    tree = page.locator(".roadmap-tree").bounding_box()
    area = page.locator(".roadmap-map")
    assert tree["y"] + tree["height"] <= area.bounding_box()["y"]
    widths = area.evaluate("area => [area.scrollWidth, area.clientWidth]")
    assert widths[0] > 800 > 360 > widths[1]
    # What one reads is as large as the rest of the page.
    height = page.locator(".roadmap-row text").first.evaluate(
        "text => text.getBBox().height * text.getScreenCTM().a"
    )
    assert height > 14


@pytest.mark.parametrize("language", ["en", "ar"])
def test_box_with_the_focus_is_in_sight_on_a_small_screen(open_browser, language):
    page = open_browser(locale=language, viewport={"width": 360, "height": 800})
    open_page(page, "/roadmaps/django/")
    boxes = page.locator("a.roadmap-box")
    boxes.first.focus()
    page.keyboard.press("Shift+Tab")
    for number in range(boxes.count()):
        page.keyboard.press("Tab")
        box = boxes.nth(number)
        assert box.evaluate("box => box === document.activeElement")
        assert box.evaluate(SEEN) > 0.95, box.text_content()


@pytest.mark.parametrize("width", [640, 768, 1280])
def test_wide_screens_show_it_whole(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    open_page(page, "/roadmaps/django/")
    widths = page.locator(".roadmap-map").evaluate("area => [area.scrollWidth, area.clientWidth]")
    assert widths[0] == widths[1]
    # Targets have room around them: 24 pixels from one to the next.
    rows = page.locator(".roadmap-row rect").evaluate_all(
        "rows => rows.map((row) => row.getBoundingClientRect().height)"
    )
    assert min(rows) >= 24 - 0.01


def test_each_box_is_reached_by_keyboard_in_order_and_shows_it(page):
    open_page(page, "/roadmaps/django/")
    boxes = page.locator("a.roadmap-box")
    boxes.first.focus()
    for title in (
        "Django RoadMap",
        "Beginner Level",
        "Learn Python Basics",
        "Variables and Data Types",
    ):
        focused = page.locator("a.roadmap-box:focus")
        assert focused.locator("text").first.text_content() == title
        frame = focused.locator("rect")
        assert frame.evaluate("rect => getComputedStyle(rect).strokeWidth") == "3px"
        page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/roadmaps/django/variables-and-data-types/")


def test_shows_a_mark_at_once(page):
    open_page(page, "/roadmaps/django/")
    box = page.locator('a.roadmap-box[href="/roadmaps/django/html/"]')
    assert "Done" not in box.text_content()
    page.locator('[id="django/html"] .roadmap-tick').click()
    expect(box).to_contain_text("Done")
    page.reload()
    expect(box).to_contain_text("Done")


def test_in_forced_colours_it_is_in_those_of_the_visitor(page):
    page.emulate_media(forced_colors="active")
    open_page(page, "/roadmaps/django/")
    stage = page.locator(".roadmap-stage").first
    fill, text = stage.evaluate(
        "box => ['rect', 'text'].map((part) => getComputedStyle(box.querySelector(part)).fill)"
    )
    highlight_text, canvas_text = page.evaluate(
        "['HighlightText', 'CanvasText'].map((name) => { const e = document.createElement('i');"
        " document.body.append(e); e.style.color = name; return getComputedStyle(e).color })"
    )
    assert text == highlight_text != fill
    title = page.locator(".roadmap-row text").first
    assert title.evaluate("text => getComputedStyle(text).fill") == canvas_text


def test_on_paper_it_is_on_one_page_and_dark_on_white(page):
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": 700, "height": 990})
    open_page(page, "/roadmaps/django/")
    box = page.locator(".roadmap-picture").bounding_box()
    assert box["height"] <= 990
    assert box["width"] <= 700
    text = page.locator(".roadmap-row text").first
    assert text.evaluate("text => getComputedStyle(text).fill") == "rgb(0, 0, 0)"


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_is_accessible(open_browser, language, scheme):
    page = open_browser(locale=language)
    RoadmapNode.objects.filter(path="django/css").update(is_optional=True)
    page.emulate_media(color_scheme=scheme)
    open_page(page, "/roadmaps/django/")
    for slug in ("html", "functions"):
        page.locator(f'[id="django/{slug}"] .roadmap-tick').click()
        page.wait_for_selector(f'[id="django/{slug}"].roadmap-done')
    assert_accessible(page)
    name = page.locator(".roadmap-picture").get_attribute("aria-label")
    assert name.endswith("Django RoadMap")
