"""The look as a browser computes it: themes, shapes, paper, and beside Bootstrap."""

import io

import pytest
from checks import open_page
from PIL import Image

ROADMAP = "/roadmaps/django/"

STYLE = """([selector, pseudo, names]) => {
    const style = getComputedStyle(document.querySelector(selector), pseudo);
    return names.map(name => style.getPropertyValue(name));
}"""

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


def style(page, selector, *names, pseudo=None):
    values = page.evaluate(STYLE, [selector, pseudo, names])
    return values[0] if len(names) == 1 else values


def topic(slug):
    return f'[id="django/{slug}"]'


LEARNED = {
    "done": topic("functions"),
    "learning": topic("create-a-hello-world-app"),
    "skipped": topic("html"),
    "pending": topic("css"),
}
SHAPE = ("border-top-style", "clip-path", "background-image")


class TestThemes:
    def test_preference_of_the_visitor_is_followed(self, page):
        open_page(page, ROADMAP)
        page.emulate_media(color_scheme="light")
        light = style(page, ".roadmap-section", "background-color", "color")
        page.emulate_media(color_scheme="dark")
        dark = style(page, ".roadmap-section", "background-color", "color")
        assert light == ["rgb(255, 255, 255)", "rgb(23, 33, 28)"]
        assert dark == ["rgb(25, 34, 30)", "rgb(232, 239, 234)"]

    @pytest.mark.parametrize("selector", ["body", "article.roadmap"])
    def test_attribute_decides(self, page, selector):
        open_page(page, ROADMAP)

        def surface(theme):
            page.locator(selector).evaluate("(element, t) => element.dataset.theme = t", theme)
            return style(page, ".roadmap-section", "background-color")

        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert surface("light") == "rgb(255, 255, 255)"
            assert surface("dark") == "rgb(25, 34, 30)"
            auto = {"light": "rgb(255, 255, 255)", "dark": "rgb(25, 34, 30)"}[scheme]
            assert surface("auto") == auto

    def test_stylesheet_before_ours_wins(self, page):
        open_page(page, ROADMAP)
        page.evaluate(
            """() => {
                const sheet = new CSSStyleSheet();
                sheet.replaceSync('.roadmap { --roadmap-surface: rgb(1, 2, 3) }');
                const [first] = document.styleSheets;
                first.insertRule(sheet.cssRules[0].cssText, 0);
            }"""
        )
        assert style(page, ".roadmap-section", "background-color") == "rgb(1, 2, 3)"


class TestShapes:
    @pytest.mark.parametrize("forced_colors", ["none", "active"])
    def test_states_differ_without_colour(self, page, forced_colors):
        learn(page)
        page.emulate_media(forced_colors=forced_colors)
        shapes = [
            str(style(page, selector, *SHAPE, pseudo="::before")).split("rgb")[0]
            for selector in LEARNED.values()
        ]
        assert len(set(shapes)) == 4, shapes

    @pytest.mark.parametrize("forced_colors", ["none", "active"])
    def test_levels_and_sections_show_how_far_they_are(self, page, forced_colors):
        learn(page)
        page.emulate_media(forced_colors=forced_colors)

        def mark(slug):
            head = f"{topic(slug)} > .roadmap-head"
            return style(page, head, "background-image", "background-color", pseudo="::before")

        assert mark("advanced-topics") == ["none", "rgba(0, 0, 0, 0)"]
        assert mark("django-basics")[0].startswith("linear-gradient(to right")
        assert mark("beginner-level") == mark("django-basics")
        assert mark("advanced-level") == mark("advanced-topics")
        image, colour = mark("learn-python-basics")
        assert image == "none"
        assert colour != "rgba(0, 0, 0, 0)"

    def test_marks_begin_where_reading_does(self, page):
        learn(page)
        page.evaluate("document.documentElement.dir = 'rtl'")
        for selector in (LEARNED["learning"], f"{topic('django-basics')} > .roadmap-head"):
            image = style(page, selector, "background-image", pseudo="::before")
            assert image.startswith("linear-gradient(to left")
        box = page.locator(topic("beginner-level")).bounding_box()
        tick = page.locator(f"{LEARNED['done']} .roadmap-tick").bounding_box()
        assert tick["x"] > box["x"] + 0.5 * box["width"]

    def test_rows_and_links_have_the_marks_of_the_tree(self, page):
        page.goto("/roadmaps/django-step-by-step/")
        page.locator(".roadmap-tick").first.click()
        page.wait_for_selector(".roadmap-topic.roadmap-done")
        page.goto("/")
        row = "tr.roadmap-done .roadmap-state"
        assert style(page, row, "clip-path", pseudo="::before").startswith("polygon")
        assert page.locator(row).inner_text() == "Done"


class TestForcedColours:
    def test_what_can_be_used_is_seen(self, page):
        learn(page)
        # The bar is renewed after a mark.
        page.wait_for_load_state("networkidle")
        page.emulate_media(forced_colors="active")
        canvas = style(page, "body", "background-color")
        summary = ".roadmap-section > details > summary"
        assert style(page, summary, "background-color", pseudo="::after") != canvas
        assert style(page, ".roadmap-more", "background-color", pseudo="::before") != canvas
        bar = style(page, ".roadmap-bar progress", "border-top-width", "border-top-color")
        assert bar[0] == "1px"
        assert bar[1] != canvas
        picture = Image.open(io.BytesIO(page.locator(".roadmap-bar progress").first.screenshot()))
        middle = picture.height // 2
        ends = [picture.getpixel((x, middle)) for x in (5, picture.width - 6)]
        assert ends[0] != ends[1]
        page.locator(summary).first.focus()
        page.keyboard.press("Tab")
        focus = style(page, ":focus-visible", "outline-style", "outline-width", "outline-color")
        assert focus[:2] == ["solid", "2px"]
        assert focus[2] != canvas


class TestMotion:
    @pytest.mark.parametrize(
        ("preference", "seconds"), [("reduce", "0s"), ("no-preference", "0.15s")]
    )
    def test_chevron_turns_for_those_who_like_it(self, page, preference, seconds):
        page.emulate_media(reduced_motion=preference)
        open_page(page, ROADMAP)
        found = style(page, ".roadmap-node summary", "transition-duration", pseudo="::after")
        assert found == seconds


class TestPaper:
    def test_everything_is_unfolded_and_nothing_is_to_press(self, page):
        learn(page)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = false)")
        last = page.locator(f"{topic('use-docker-for-containerization')} .roadmap-title")
        assert not last.is_visible()
        page.emulate_media(media="print", color_scheme="dark")
        assert last.is_visible()
        assert last.bounding_box()["height"] > 0
        for name in ("breadcrumbs", "downloads", "steps", "all", "tick", "more"):
            assert page.locator(f".roadmap-{name}").first.is_hidden(), name
        assert style(page, ".roadmap-section", "background-color", "color") == [
            "rgb(255, 255, 255)",
            "rgb(0, 0, 0)",
        ]
        assert style(page, "body", "background-color") == "rgb(255, 255, 255)"

    def test_topics_have_boxes_and_done_ones_are_ticked(self, page):
        learn(page)
        page.emulate_media(media="print")
        for state, selector in LEARNED.items():
            box = style(
                page, selector, "border-top-width", "content", "clip-path", pseudo="::before"
            )
            assert box[0] == "1px"
            assert ("\u2713" in box[1]) == (state == "done")
            assert box[2] == "none"

    def test_addresses_of_links_are_written_out(self, page, described_node):
        open_page(page, f"{ROADMAP}middleware/")
        link = ".roadmap-links a[href^=http]"
        assert style(page, link, "content", pseudo="::after") == "none"
        page.emulate_media(media="print")
        address = page.locator(link).first.get_attribute("href")
        assert address in style(page, link, "content", pseudo="::after")

    def test_cards_are_not_torn(self, page):
        open_page(page, ROADMAP)
        page.emulate_media(media="print")
        assert style(page, ".roadmap-section", "break-inside") == "avoid"
        assert style(page, ".roadmap-head", "break-after") == "avoid"


# Headings of a page have the site's look: what is in them has it, and what is around them is as
# high as they make it.
COMPUTED = """selector => [...document.querySelectorAll(selector)]
    .filter(element => !element.closest("h1, h2, script, template"))
    .map(element => {
        const style = getComputedStyle(element);
        const name = `${element.localName}.${element.className}`;
        const values = NAMES.map(name => [name, style.getPropertyValue(name)]);
        const isAroundHeading = element.closest(".roadmap") && element.querySelector("h1, h2");
        return [name, Object.fromEntries(isAroundHeading
            ? values.filter(([name]) => name !== "height") : values)];
    })"""
NAMES = [
    "display",
    "position",
    "margin-top",
    "margin-right",
    "margin-bottom",
    "margin-left",
    "padding-top",
    "padding-right",
    "padding-bottom",
    "padding-left",
    "border-top-width",
    "border-right-width",
    "border-bottom-width",
    "border-left-width",
    "border-top-style",
    "border-bottom-style",
    "border-top-color",
    "border-bottom-color",
    "border-top-left-radius",
    "box-sizing",
    "width",
    "height",
    "color",
    "background-color",
    "font-size",
    "font-weight",
    "font-family",
    "font-style",
    "line-height",
    "text-align",
    "text-decoration-line",
    "text-decoration-color",
    "vertical-align",
    "white-space",
    "word-break",
    "overflow-x",
    "opacity",
    "list-style-type",
    "cursor",
    "border-collapse",
    "resize",
    "appearance",
    "text-transform",
    "letter-spacing",
]

HOST = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Host</title>{links}
<style>body {{ margin: 0; font: 16px/1.5 sans-serif; color: #000; background: #fff }}</style></head>
<body><main class="container"><h1>Site</h1><p>Text <a href="/">link</a> <code>code</code></p>
<ul><li>One</li></ul><form><label>Name <input></label> <button class="btn">Go</button></form>
<details><summary>More</summary><p>Text</p></details><progress value="1" max="2"></progress>
<table class="table"><tr><th>A</th><td>B</td></tr></table><nav><ol><li>Here</li></ol></nav></main>
{content}</body></html>"""


@pytest.fixture
def host(page, described_node, node_modules):
    """Show parts of real pages in a site that has other stylesheets."""
    parts = []
    learn(page)
    for address in ("/", ROADMAP, f"{ROADMAP}middleware/", "/roadmaps/", "/roadmaps/~mine/"):
        page.goto(address)
        parts += page.evaluate(
            "[...document.querySelectorAll('.roadmap')]"
            ".filter(each => !each.parentElement.closest('.roadmap'))"
            ".map(each => each.outerHTML.replace(/<script.*?<\\/script>/gs, ''))"
        )
    bootstrap = node_modules / "bootstrap/dist/css/bootstrap.css"
    page.route("**/bootstrap.css", lambda route: route.fulfill(path=bootstrap))
    html = {}
    page.route("**/host/", lambda route: route.fulfill(body=html["host"], content_type="text/html"))

    def show(*, bootstrap, roadmap, selector):
        links = '<link rel="stylesheet" href="/bootstrap.css">' if bootstrap else ""
        if roadmap:
            links += '<link rel="stylesheet" href="/static/django_roadmap/roadmap.css">'
        html["host"] = HOST.format(links=links, content="".join(parts))
        page.goto("/host/")
        return page.evaluate(COMPUTED.replace("NAMES", str(NAMES)), selector)

    return show


def differences(before, after):
    assert len(before) == len(after)
    return {
        (name, key, old[key], new[key])
        for (name, old), (_, new) in zip(before, after, strict=True)
        for key in old
        if old[key] != new[key]
    }


class TestHost:
    def test_bootstrap_changes_nothing_inside(self, host):
        inside = ".roadmap, .roadmap *"
        alone = host(bootstrap=False, roadmap=True, selector=inside)
        assert len(alone) > 300
        assert differences(alone, host(bootstrap=True, roadmap=True, selector=inside)) == set()

    @pytest.mark.parametrize("bootstrap", [False, True])
    def test_nothing_changes_outside(self, host, bootstrap):
        outside = "html, body > main, body > main *"
        bare = host(bootstrap=bootstrap, roadmap=False, selector=outside)
        assert len(bare) > 15
        # The page is as high as what is in it.
        found = differences(bare, host(bootstrap=bootstrap, roadmap=True, selector=outside))
        assert {each for each in found if each[:2] != ("html.", "height")} == set()
