"""An owner brings text into the admin: by keyboard, on any screen."""

import os
import re
from pathlib import Path

import pytest
from checks import assert_accessible, assert_no_sideways_scrolling, open_page
from django.contrib.auth.models import User
from playwright.sync_api import expect

from django_roadmap.models import Progress, RoadmapNode

IMPORT = "/admin/django_roadmap/roadmap/import/"
FORMS = """\
# Forms

All that is asked on a page.

- Fields
  - Widgets
- Validation
"""
PROBLEMS = """\
# Forms

- Fields <!-- minutes: long -->
- Widgets <!-- colour: red -->
- [Docs](ftp://example.org/a-rather-long-address-that-has-no-place-to-break-anywhere-at-all)
"""
LONG = "\n".join(["w" * 150, *(f"{' ' * n}Topic {n} {'w' * 20}" for n in range(1, 60))])


def show(page, text, **fields):
    page.locator("textarea").fill(text)
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="Show what it would do").click()


def existing(page, start):
    page.get_by_role("radio", name=start).check()


def picture(page, name):
    """For somebody to look at, when asked for: ``PICTURES=/tmp pytest …``."""
    if "PICTURES" in os.environ:
        path = Path(os.environ["PICTURES"]) / f"import-{name}.png"
        page.screenshot(path=path, full_page=True)


def empty(page):
    pass


def new(page):
    show(page, FORMS)
    page.get_by_role("heading", name="New: Forms").wait_for()


def update(page):
    node = RoadmapNode.objects.get(path="django/html")
    Progress.objects.create(user=User.objects.get(), node=node, state="done")
    existing(page, "Bring it up to date; delete")
    text = "# Frontend Basics\n\n- CSS <!-- optional -->\n- JavaScript\n- Forms\n"
    show(page, text, under="django/beginner-level")
    page.get_by_text("These would be deleted").wait_for()


def long(page):
    show(page, LONG)
    page.get_by_role("heading", name="New: w").wait_for()


def problems(page):
    show(page, PROBLEMS)
    page.get_by_text("Nothing was imported").wait_for()


def errors(page):
    show(page, FORMS, under="nowhere")
    page.get_by_text("No roadmap or node has the path").wait_for()


@pytest.mark.parametrize("state", [empty, new, update, long, problems, errors])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_accessible_and_fits(page, staff, state, width, scheme):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    open_page(page, IMPORT)
    state(page)
    picture(page, f"{state.__name__}-{width}-{scheme}")
    assert_accessible(page)
    assert_no_sideways_scrolling(page)


def tab_to(page, what):
    """Press Tab until what is looked for has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if what.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("It is not reached.")


def test_outline_is_imported_by_keyboard_alone(page, staff):
    open_page(page, "/admin/django_roadmap/roadmap/")
    tab_to(page, page.get_by_role("link", name="Import", exact=True))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{IMPORT}")
    tab_to(page, page.locator("textarea"))
    page.keyboard.insert_text(FORMS)
    tab_to(page, page.get_by_role("button", name="Show what it would do"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="New: Forms")).to_be_visible()
    titles = ["Forms", "Fields", "Widgets", "Validation"]
    expect(page.locator(".roadmap-title")).to_have_text(titles)
    assert not RoadmapNode.objects.filter(path="forms").exists()
    tab_to(page, page.get_by_role("button", name="Import", exact=True))
    page.keyboard.press("Enter")
    page.wait_for_url("**/roadmapnode/?roadmap=forms")
    expect(page.get_by_text("“Forms” was imported: 4 new.")).to_be_visible()
    open_page(page, "/roadmaps/forms/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Forms")
    tree = page.get_by_role("list", name="Forms")
    for title in titles[1:]:
        expect(tree.get_by_role("link", name=title, exact=True)).to_be_visible()


def test_file_is_imported_after_one_look(page, staff, tmp_path):
    """A browser sends other line ends than it was shown."""
    path = tmp_path / "forms.md"
    path.write_bytes(b"\xef\xbb\xbf\n" + FORMS.replace("\n", "\r\n").encode())
    open_page(page, IMPORT)
    page.locator("[type=file]").set_input_files(path)
    page.get_by_role("button", name="Show what it would do").click()
    expect(page.locator("textarea")).to_have_value(f"\n{FORMS}")
    page.get_by_role("button", name="Import", exact=True).click()
    page.wait_for_url("**/roadmapnode/?roadmap=forms")


def test_text_changed_after_the_look_is_shown_again(page, staff):
    open_page(page, IMPORT)
    new(page)
    page.locator("textarea").fill("# Forms\n\n- Other\n")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("This is not what you have seen before")).to_be_visible()
    expect(page.locator(".roadmap-title")).to_have_text(["Forms", "Other"])
    assert_accessible(page)
    page.get_by_role("button", name="Import", exact=True).click()
    page.wait_for_url("**/roadmapnode/?roadmap=forms")


def test_enter_in_a_field_only_shows_again(page, staff):
    open_page(page, IMPORT)
    new(page)
    page.locator("[name=slug]").fill("web-forms")
    page.locator("[name=slug]").press("Enter")
    expect(page.get_by_role("cell", name="web-forms", exact=True)).to_be_visible()
    page.locator("[name=slug]").press("Enter")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("cell", name="web-forms", exact=True)).to_be_visible()
    assert not page.get_by_text("This is not what you have seen before").is_visible()
    assert not RoadmapNode.objects.filter(path="web-forms").exists()


def test_page_reads_from_right_to_left(page, staff):
    page.set_viewport_size({"width": 360, "height": 800})
    open_page(page, IMPORT)
    new(page)
    page.set_extra_http_headers({"Accept-Language": "ar"})
    page.locator("[name=slug]").press("Enter")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    picture(page, "rtl")
    title = page.locator(".roadmap-title > :last-child", has_text="Widgets").bounding_box()
    assert title["x"] + title["width"] > 200
    assert_accessible(page)
    assert_no_sideways_scrolling(page)


def test_roadmap_is_saved_as_a_file(page, staff):
    open_page(page, "/admin/django_roadmap/roadmap/")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("^Markdown ?: Django RoadMap$")).click()
    assert download.value.suggested_filename == "django.md"
    assert "# Django RoadMap" in Path(download.value.path()).read_text()


@pytest.mark.parametrize("width", [360, 1280])
def test_list_with_links_fits(page, staff, width):
    page.set_viewport_size({"width": width, "height": 800})
    open_page(page, "/admin/django_roadmap/roadmap/")
    picture(page, f"list-{width}")
    assert_no_sideways_scrolling(page)
