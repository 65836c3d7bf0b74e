"""Each check fails on a page that is broken in its way."""

import pytest
from checks import (
    assert_accessible,
    assert_focus_is_visible,
    assert_live_regions_are_polite,
    assert_no_sideways_scrolling,
    assert_one_first_heading,
)

PAGE = """<!doctype html>
<html lang="en">
<head><title>A page</title><style>{style}</style></head>
<body><main><h1>A page</h1>{body}</main></body>
</html>"""

BROKEN = {
    "contrast": (assert_accessible, "", '<p style="color: #999">Grey</p>'),
    "no name": (assert_accessible, "", "<button></button>"),
    "headings": (assert_accessible, "", "<h3>Third</h3>"),
    "small targets": (
        assert_accessible,
        "button { inline-size: 10px; block-size: 10px; padding: 0; font-size: 6px }",
        "<div><button>a</button><button>b</button></div>",
    ),
    "two first headings": (assert_one_first_heading, "", "<h1>Another</h1>"),
    "sideways": (assert_no_sideways_scrolling, "", '<p style="inline-size: 300vw">Wide</p>'),
    "focus": (assert_focus_is_visible, ":focus { outline: none }", '<a href="/">Home</a>'),
    "focus without colour": (
        assert_focus_is_visible,
        ":focus { outline: 2px solid transparent }",
        '<a href="/">Home</a>',
    ),
    "focus in the colour of the page": (
        assert_focus_is_visible,
        "body { background: #eee } :focus { outline: 2px solid #eee }",
        '<a href="/">Home</a>',
    ),
    "focus cut off": (
        assert_focus_is_visible,
        "div { overflow: hidden; inline-size: max-content }",
        '<div><a href="/">Home</a></div>',
    ),
    "focus covered": (
        assert_focus_is_visible,
        "div { position: fixed; inset: 0; background: #fff }",
        '<a href="/">Home</a><div></div>',
    ),
    "focus out of sight": (
        assert_focus_is_visible,
        "a { position: absolute; inset-inline-start: -9999px }",
        '<a href="/">Home</a>',
    ),
    "alert": (assert_live_regions_are_polite, "", '<p role="alert">Now!</p>'),
    "assertive": (
        assert_live_regions_are_polite,
        "",
        '<p role="status" aria-live="assertive"></p>',
    ),
}
FINE = """<h2>Second</h2><p>Text with <a href="/">a link</a></p>
<button>Send</button><p role="status"></p>"""


@pytest.mark.parametrize("name", BROKEN)
def test_check_finds(page, name):
    check, style, body = BROKEN[name]
    page.set_content(PAGE.format(style=style, body=body))
    with pytest.raises(AssertionError):
        check(page)


def test_checks_let_a_good_page_pass(page):
    page.set_content(PAGE.format(style="", body=FINE))
    for check in {check for check, *_ in BROKEN.values()}:
        check(page)
