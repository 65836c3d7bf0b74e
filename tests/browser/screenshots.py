"""Renew the pictures in docs/images: pytest tests/browser/screenshots.py"""

import io
from pathlib import Path

import pytest
from PIL import Image

IMAGES = Path(__file__).parents[2] / "docs" / "images"

DONE = (
    "variables-and-data-types",
    "control-flow-if-statements-loops",
    "functions",
    "object-oriented-programming",
    "install-django",
)


def learn(page):
    """Do what somebody has done who is a week into the Django roadmap."""
    page.goto("/roadmaps/django/")
    for slug in DONE:
        tick = page.locator(f'[id="django/{slug}"] .roadmap-tick')
        tick.click()
        page.wait_for_selector(f'[id="django/{slug}"].roadmap-done')
    for slug, state in (("create-a-hello-world-app", "Learning"), ("html", "Skipped")):
        page.click(f'[id="django/{slug}"] .roadmap-more')
        page.get_by_role("button", name=state, exact=True).click()
        page.wait_for_selector(f'[id="django/{slug}"].roadmap-{state.lower()}')


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("home", "/"),
        ("roadmap", "/roadmaps/django/"),
        ("node", "/roadmaps/django/middleware/"),
        ("mine", "/roadmaps/~mine/"),
    ],
)
def test_screenshot(request, page, name, address, scheme, width):
    if name == "node":
        request.getfixturevalue("described_node")
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    if name in ("roadmap", "mine"):
        learn(page)
    page.goto(address)
    picture = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    # Few colours and flat areas: a palette looks the same at a third of the size.
    picture = picture.quantize(128, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    IMAGES.mkdir(parents=True, exist_ok=True)
    picture.save(IMAGES / f"{name}-{width}-{scheme}.png", optimize=True)
