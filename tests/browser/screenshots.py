"""Renew the pictures in docs/images, which are of every page: make screenshots"""

import io
from pathlib import Path

import pytest
from checks import open_page
from pages import PAGES, address_of, prepare
from PIL import Image
from test_pages import cookies

IMAGES = Path(__file__).parents[2] / "docs" / "images"

LOOKS = [(width, scheme) for width in (360, 768, 1280) for scheme in ("light", "dark")]


def save(picture, name):
    # Few colours and flat areas: a palette looks the same at a third of the size.
    picture = Image.open(io.BytesIO(picture)).convert("RGB")
    picture = picture.quantize(160, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    IMAGES.mkdir(parents=True, exist_ok=True)
    picture.save(IMAGES / f"{name}.png", optimize=True)


def open_as_visitor(open_browser, live_server, found, client, width, scheme):
    viewport = {"width": width, "height": 800}
    page = open_browser(
        may_fail=found.status != 200, color_scheme=scheme, viewport=viewport, locale="en"
    )
    page.context.add_cookies(cookies(client, live_server.url))
    open_page(page, address_of(found), found.status)
    page.wait_for_load_state("networkidle")
    return page


@pytest.mark.parametrize("found", PAGES, ids=lambda found: found.name)
def test_pictures_of_page(open_browser, live_server, found):
    client = prepare()[found.visitor]
    for width, scheme in LOOKS:
        page = open_as_visitor(open_browser, live_server, found, client, width, scheme)
        save(page.screenshot(full_page=True), f"{found.name}-{width}-{scheme}")
        page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_picture_of_map(open_browser, live_server, scheme):
    [found] = [found for found in PAGES if found.name == "learner"]
    client = prepare()[found.visitor]
    page = open_as_visitor(open_browser, live_server, found, client, 1280, scheme)
    save(page.locator(".roadmap-picture").screenshot(), f"map-{scheme}")
