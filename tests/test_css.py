"""The stylesheet, read as text: its properties, its colours, its size."""

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STATIC = ROOT / "django_roadmap/static/django_roadmap"
CSS = re.sub(r"/\*.*?\*/", "", (STATIC / "roadmap.css").read_text(), flags=re.DOTALL)
DOCS = (ROOT / "docs/reference/css.md").read_text()
SITE = next((ROOT / "example_project").rglob("site.css")).read_text()
THEMES = dict(re.findall(r"^### (.+?)\n.*?```css\n(.*?)```", DOCS, re.MULTILINE | re.DOTALL))

DECLARATION = re.compile(r"(--[\w-]+):\s*([^;]+);")
DEFAULTS = dict(DECLARATION.findall(CSS.partition(":where(.roadmap) {")[2].partition("}")[0]))

TEXTS = ("text", "text-muted", "accent", "learning")
MARKS = ("accent", "text-muted", "dot", "learning")


def split(text):
    """The arguments of a function, those of functions in it left whole."""
    return [part.strip() for part in re.split(r",(?![^()]*\))", text)]


def colour(value, properties, scheme):
    """Red, green and blue from 0 to 1 of what a browser makes of a value."""
    value = value.strip()
    if value.startswith("#"):
        digits = value[1:] if len(value) == 7 else "".join(2 * digit for digit in value[1:])
        return [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    name, _, rest = value.partition("(")
    arguments = split(rest.removesuffix(")"))
    if name == "var":
        return colour(properties[arguments[0]], properties, scheme)
    if name == "light-dark":
        return colour(arguments[scheme == "dark"], properties, scheme)
    assert (name, arguments[0]) == ("color-mix", "in srgb")
    first, share = re.fullmatch(r"(.+) (\d+)%", arguments[1]).groups()
    share = int(share) / 100
    pairs = zip(
        colour(first, properties, scheme), colour(arguments[2], properties, scheme), strict=True
    )
    return [share * one + (1 - share) * other for one, other in pairs]


def luminance(channels):
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def too_weak(properties, scheme, page):
    """Pairs of colours that are too close: text below 4.5, marks, controls and focus below 3."""

    def of(role):
        return colour(role if role == page else f"var(--roadmap-{role})", properties, scheme)

    surfaces = ("surface", "soft", page)
    pairs = [(role, surface, 4.5) for role in TEXTS for surface in surfaces]
    pairs += [(role, surface, 3) for role in MARKS for surface in surfaces]
    pairs.append(("on-accent", "accent", 4.5))
    found = [(one, other, contrast(of(one), of(other)), least) for one, other, least in pairs]
    return [each for each in found if each[2] < each[3]]


def test_contrast_is_computed_as_wcag_does():
    white, black = colour("#fff", {}, "light"), colour("#000", {}, "light")
    assert contrast(white, black) == pytest.approx(21)
    assert contrast(colour("#767676", {}, "light"), white) == pytest.approx(4.54, abs=0.01)
    mixed = colour("color-mix(in srgb, #000 25%, light-dark(#000, #fff))", {}, "dark")
    assert mixed == [0.75, 0.75, 0.75]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(scheme):
    page = re.search(r"background: (light-dark\([^)]+\))", (STATIC / "page.css").read_text())[1]
    assert too_weak(DEFAULTS, scheme, page) == []
    assert too_weak({**DEFAULTS, "--roadmap-text-muted": "#777"}, scheme, page) != []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_of_the_example_project(scheme):
    properties = DEFAULTS | dict(DECLARATION.findall(SITE.partition("@media print")[0]))
    assert properties["--roadmap-accent"] == "var(--green)"
    assert too_weak(properties, scheme, "var(--paper)") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", THEMES)
def test_contrast_of_documented_themes(name, scheme):
    theme = dict(DECLARATION.findall(THEMES[name]))
    assert set(theme) <= set(DEFAULTS)
    assert too_weak(DEFAULTS | theme, scheme, "var(--roadmap-surface)") == []


def test_themes_are_found():
    assert len(THEMES) == 3


def test_every_property_is_documented_with_its_value():
    rows = re.findall(r"^\| `(--[\w-]+)` \| `([^|]+)` \| .+ \|$", DOCS, re.MULTILINE)
    assert [name for name, _ in rows] == list(DEFAULTS)
    assert {name: value.replace("`", "") for name, value in rows} == {
        name: value.removeprefix("light-dark(").removesuffix(")").replace(", ", " / ")
        if value.startswith("light-dark(")
        else value
        for name, value in DEFAULTS.items()
    }


def test_every_property_is_used_and_there_is_no_other():
    used = set(re.findall(r"var\((--roadmap-[\w-]+)", CSS))
    assert used == set(DEFAULTS)


def test_documented_classes_exist():
    listed = re.findall(r"^\| `\.(roadmap[\w-]*)` \|", DOCS, re.MULTILINE)
    assert listed
    assert set(listed) <= set(re.findall(r"\.(roadmap[\w-]*)", CSS))


def test_sides_are_logical():
    """But for gradients, which know no direction: theirs is turned in right-to-left text."""
    turned = ("{ --_end: to right; }", ".roadmap:dir(rtl) { --_end: to left; }")
    rest = CSS
    for rule in turned:
        assert rule in rest
        rest = rest.replace(rule, "")
    rest += (STATIC / "page.css").read_text()
    rest = re.sub(r"@(media|container) \((min|max)-width", "", rest)
    assert re.findall(r"(?<![\w-])(?:left|right)\b|-(?:left|right)\b", rest) == []
    sides = r"(?:margin|padding|border)-(?:top|bottom)|top|bottom"
    words = rf"(?<![\w-])(?:(?:min-|max-)?(?:width|height)|{sides})\s*:"
    assert re.findall(words, rest) == []


def test_every_rule_is_about_our_classes():
    rules = re.sub(r"@(?:media|container) [^{]+\{", "", CSS)
    for selectors in re.findall(r"([^{}]+)\{", rules):
        for selector in re.split(r",(?![^()]*\))", selectors.strip()):
            assert ".roadmap" in selector, selector


def test_motion_is_only_for_those_who_like_it():
    start = CSS.index("@media (prefers-reduced-motion: no-preference)")
    calm, moving = CSS[:start], CSS[start:]
    assert not re.search(r"\b(transition|animation)\b", calm)
    assert "transition" in moving.partition("@media (forced-colors")[0]
    assert "transition" not in moving.partition("@media (forced-colors")[2]


def test_stylesheet_is_small():
    assert len(gzip.compress((STATIC / "roadmap.css").read_bytes())) <= 8_500
