"""What must be true of every page."""

from axe_playwright_python.sync_playwright import Axe

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def open_page(page, address):
    response = page.goto(address)
    assert response.status == 200
    assert response.headers["content-security-policy"].startswith("default-src 'self';")


def assert_accessible(page):
    results = Axe().run(page, options={"runOnly": RULES})
    assert results.violations_count == 0, results.generate_report()


def assert_no_sideways_scrolling(page):
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
