"""Every page in its looks: light and dark, wide and narrow, in either direction."""

import pytest
from checks import (
    assert_accessible,
    assert_focus_is_visible,
    assert_live_regions_are_polite,
    assert_no_sideways_scrolling,
    assert_one_first_heading,
    open_page,
)
from pages import NO_PAGES, PAGES, address_of, prepare

from django_roadmap import urls

LOOKS = [("en", "light", 1280), ("en", "dark", 360), ("ar", "light", 360), ("de", "dark", 768)]

# Django's own part of its admin pages is not ours to mend.
OURS_IN_THE_ADMIN = {
    "include": [["#content"]],
    # The second is Django's field to choose by typing, which names its parts badly.
    "exclude": [["#changelist-filter"], [".select2-selection"]],
}
NOT_OURS = (
    "label",  # of fields in a list
    "label-title-only",
    "empty-table-header",  # in tables of inlines
    "select-name",  # in tables of inlines
)


def cookies(client, url):
    """Those of a client of the tests, for a browser."""
    return [
        {"name": name, "value": cookie.value, "url": url} for name, cookie in client.cookies.items()
    ]


@pytest.mark.parametrize("found", PAGES, ids=lambda found: found.name)
def test_page(open_browser, live_server, found):
    client = prepare()[found.visitor]
    for language, scheme, width in LOOKS:
        page = open_browser(
            may_fail=found.status != 200,
            locale=language,
            color_scheme=scheme,
            viewport={"width": width, "height": 800},
        )
        page.context.add_cookies(cookies(client, live_server.url))
        open_page(page, address_of(found), found.status)
        page.wait_for_load_state("networkidle")
        assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        if found.is_of_the_admin:
            assert_accessible(page, OURS_IN_THE_ADMIN, without=NOT_OURS)
        else:
            assert_accessible(page)
            assert_focus_is_visible(page)
        assert_one_first_heading(page)
        assert_no_sideways_scrolling(page)
        assert_live_regions_are_polite(page)
        page.context.close()


def test_list_is_whole(open_browser):
    names = {pattern.name for pattern in urls.urlpatterns} - NO_PAGES
    clients = prepare()
    seen = set()
    for found in PAGES:
        response = clients[found.visitor].get(address_of(found))
        assert response.status_code == found.status, found.name
        seen.add(getattr(response.wsgi_request.resolver_match, "url_name", None))
    assert names <= seen


@pytest.mark.parametrize("address", ["/login/", "/join/"])
def test_page_with_errors(page, address):
    page.set_viewport_size({"width": 360, "height": 800})
    open_page(page, address)
    page.get_by_label("Username").fill("a b")
    for field in page.locator("[type=password]").all():
        field.fill("1")
    page.locator("form.account button").click()
    page.locator(".errorlist").first.wait_for()
    assert_accessible(page)
    assert_focus_is_visible(page)
    assert_no_sideways_scrolling(page)
