"""What must be true of every page."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

LOOK = (Path(__file__).parent / "checks.js").read_text()


def open_page(page, address, status=200):
    response = page.goto(address)
    assert response.status == status
    assert response.headers["content-security-policy"].startswith("default-src 'self';")


def assert_accessible(page, context=None, without=()):
    """By axe: contrast, names, headings in order, targets of 24 pixels or with room around."""
    rules = {"target-size": {"enabled": True}, **{rule: {"enabled": False} for rule in without}}
    options = {"runOnly": RULES, "rules": rules}
    results = Axe().run(page, context=context, options=options)
    assert results.violations_count == 0, results.generate_report()


def assert_no_sideways_scrolling(page):
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def assert_one_first_heading(page):
    assert page.locator("h1").count() == 1


def assert_focus_is_visible(page):
    """Of each element that the Tab key reaches."""
    page.keyboard.press("Tab")
    assert page.evaluate(f"{LOOK}.withoutFocus()") == []


def assert_live_regions_are_polite(page):
    assert page.evaluate(f"{LOOK}.impolite()") == []
