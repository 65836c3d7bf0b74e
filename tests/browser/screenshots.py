"""Renew the pictures in docs/images: pytest tests/browser/screenshots.py"""

import io
from pathlib import Path

import pytest
from PIL import Image

IMAGES = Path(__file__).parents[2] / "docs" / "images"


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("home", "/"),
        ("roadmap", "/roadmaps/django/"),
        ("node", "/roadmaps/django/middleware/"),
    ],
)
def test_screenshot(request, page, name, address, scheme, width):
    if name == "node":
        request.getfixturevalue("described_node")
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.goto(address)
    picture = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    # Few colours and flat areas: a palette looks the same at a third of the size.
    picture = picture.quantize(128, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    IMAGES.mkdir(parents=True, exist_ok=True)
    picture.save(IMAGES / f"{name}-{width}-{scheme}.png", optimize=True)
