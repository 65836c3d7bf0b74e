"""What a learner does on the example project: mark, undo, sign in, start over."""

import json
import re
from pathlib import Path

import pytest
from checks import assert_accessible, assert_no_sideways_scrolling, open_page
from django.contrib.auth.models import User
from playwright.sync_api import expect

from django_roadmap.models import Progress, RoadmapNode

ROADMAP = "/roadmaps/django/"
MARK = re.compile("/~mark/")
STATES = ["To do", "Learning", "Done", "Skipped"]
LAST = "django/use-docker-for-containerization"
LAST_TITLE = "Use Docker for Containerization"


def node(page, path):
    return page.locator(f'[id="django/{path}"]')


def tick(page, title):
    return page.get_by_role("button", name=f"{title}: done", exact=True)


def more(page, title):
    return page.get_by_role("button", name=f"Mark {title}", exact=True)


def choose(page, title, state):
    more(page, title).click()
    page.locator(".roadmap-menu").get_by_role("button", name=state, exact=True).click()


def assert_state(page, path, state, count=None):
    """What the page says of a node, by its class and in words."""
    expect(node(page, path)).to_have_class(re.compile(rf"\broadmap-{state}\b"))
    for other in {"pending", "learning", "done", "skipped"} - {state}:
        expect(node(page, path)).not_to_have_class(re.compile(rf"\broadmap-{other}\b"))
    head = node(page, path).locator("> .roadmap-head")
    expect(head.locator(".roadmap-state")).to_have_text("" if state == "pending" else state.title())
    if count:
        expect(head.locator(".roadmap-count")).to_have_text(count)


def assert_in_view(page, path):
    top = node(page, path).bounding_box()["y"]
    assert 0 <= top < page.viewport_size["height"]


def held_back(page):
    """Requests for the page itself, which wait until somebody goes on with them."""
    held = []

    def hold(route):
        held.append(route)

    page.route(f"**{ROADMAP}", hold)
    return held


def finished_marks(page):
    """Grows by one with each mark that the server has answered."""
    found = []

    def listen(request):
        if MARK.search(request.url) and request.method == "POST":
            found.append(request)

    page.on("requestfinished", listen)
    return found


def wait_for(page, condition):
    for _ in range(250):
        if condition():
            return
        page.wait_for_timeout(20)
    raise AssertionError("It did not come.")


def enter(page, name):
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).or_(page.get_by_label("Password:")).fill("secret")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/~mine/")


@pytest.fixture
def ann(django_db_serialized_rollback, live_server):
    return User.objects.create_user("ann", password="secret")


@pytest.fixture
def plain_page(open_browser):
    """A page of a visitor whose browser runs no script."""
    return open_browser(java_script_enabled=False, may_fail=True)


class TestInPlace:
    def test_guest_ticks_a_topic_and_takes_it_back(self, page):
        open_page(page, ROADMAP)
        page.evaluate("window.isTheSame = true")
        title = "Variables and Data Types"
        note = page.locator(".roadmap-note", has_text="Your marks are kept in this browser.")
        assert_state(page, "variables-and-data-types", "pending")
        expect(note.first).to_be_hidden()

        tick(page, title).click()
        assert_state(page, "variables-and-data-types", "done")
        expect(tick(page, title)).to_have_attribute("aria-pressed", "true")
        expect(tick(page, title)).to_be_focused()
        told = "Your marks are kept in this browser. Sign in to keep them in your account."
        expect(page.locator(".roadmap > [role=status]")).to_have_text(f"“{title}”: Done. {told}")
        assert_state(page, "learn-python-basics", "learning", "1 of 4")
        assert_state(page, "beginner-level", "learning", "1 of 11")
        expect(page.get_by_text("1 of 30 done (3 %)")).to_be_visible()
        expect(page.get_by_role("progressbar", name="Django RoadMap")).to_have_js_property(
            "value", 1
        )
        expect(page.locator(".roadmap-next")).to_have_text(
            "Next: Control Flow (if statements, loops)"
        )
        expect(note.filter(visible=True)).to_have_count(1)

        page.keyboard.press("Space")
        assert_state(page, "variables-and-data-types", "pending")
        expect(tick(page, title)).to_have_attribute("aria-pressed", "false")
        expect(tick(page, title)).to_be_focused()
        expect(page.locator(".roadmap > [role=status]")).to_have_text(f"“{title}”: To do.")
        assert_state(page, "learn-python-basics", "pending", "0 of 4")
        assert_state(page, "beginner-level", "pending", "0 of 11")
        expect(page.get_by_text("0 of 30 done (0 %)")).to_be_visible()
        expect(page.locator(".roadmap-next")).to_have_text(f"Next: {title}")
        assert page.evaluate("window.isTheSame")
        assert page.url.endswith(ROADMAP)

        tick(page, "HTML").click()
        assert_state(page, "html", "done")
        page.reload()
        assert_state(page, "html", "done")
        expect(note.filter(visible=True)).to_have_count(0)

    def test_visitor_has_no_cookies_until_the_first_mark(self, page):
        for address in ("/", "/roadmaps/", ROADMAP, "/roadmaps/django/html/", "/roadmaps/~mine/"):
            open_page(page, address)
            assert page.context.cookies() == []
        open_page(page, ROADMAP)
        more(page, "HTML").click()
        assert page.context.cookies() == []
        page.keyboard.press("Escape")
        tick(page, "HTML").click()
        assert_state(page, "html", "done")
        names = {cookie["name"] for cookie in page.context.cookies()}
        assert names == {"csrftoken", "sessionid"}

    def test_home_page_marks_in_place(self, page):
        open_page(page, "/")
        page.evaluate("window.isTheSame = true")
        tick(page, "HTML").click()
        assert_state(page, "html", "done")
        expect(page.get_by_text("1 of 30 done (3 %)")).to_be_visible()
        choose(page, "CSS", "Learning")
        assert_state(page, "css", "learning")
        expect(page.locator(".roadmap-next")).to_have_text("Go on with: CSS")
        assert page.evaluate("window.isTheSame")

    def test_menu_is_used_by_mouse(self, page):
        open_page(page, ROADMAP)
        menu = page.locator(".roadmap-menu")
        expect(more(page, "HTML")).to_have_attribute("aria-expanded", "false")
        choose(page, "HTML", "Learning")
        assert_state(page, "html", "learning")
        expect(menu).to_have_count(0)
        expect(more(page, "HTML")).to_be_focused()
        expect(tick(page, "HTML")).to_have_attribute("aria-pressed", "false")

        more(page, "HTML").click()
        expect(menu.locator("[aria-pressed=true]")).to_have_text("Learning")
        menu.get_by_role("button", name="Skipped").click()
        assert_state(page, "html", "skipped")
        assert_state(page, "frontend-basics", "pending", "0 of 2")

        more(page, "HTML").click()
        expect(more(page, "HTML")).to_have_attribute("aria-expanded", "true")
        group = page.get_by_role("group", name="Mark HTML", exact=True)
        expect(group.get_by_role("button")).to_have_text(STATES)
        more(page, "HTML").click()
        expect(menu).to_have_count(0)
        expect(more(page, "HTML")).to_have_attribute("aria-expanded", "false")
        more(page, "HTML").click()
        more(page, "Middleware").click()
        expect(menu).to_have_count(1)
        expect(node(page, "middleware").locator(".roadmap-menu")).to_be_visible()
        page.mouse.click(2, 400)
        expect(menu).to_have_count(0)

    @pytest.mark.parametrize("key", ["Enter", "Space"])
    def test_menu_is_used_by_keyboard(self, page, key):
        open_page(page, ROADMAP)
        menu = page.locator(".roadmap-menu")
        tick(page, "HTML").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(more(page, "HTML")).to_be_focused()
        page.keyboard.press(key)
        assert menu.get_by_role("button").all_inner_texts() == STATES
        expect(menu.get_by_role("button", name="To do")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press(key)
        assert_state(page, "html", "learning")
        expect(menu).to_have_count(0)
        expect(more(page, "HTML")).to_be_focused()

        page.keyboard.press(key)
        expect(menu).to_have_count(1)
        page.keyboard.press("Escape")
        expect(menu).to_have_count(0)
        expect(more(page, "HTML")).to_be_focused()

        page.keyboard.press(key)
        for _ in STATES:
            page.keyboard.press("Tab")
        expect(menu).to_have_count(0)
        expect(tick(page, "CSS")).to_be_focused()
        assert_state(page, "html", "learning")

    def test_section_is_marked_after_a_question(self, page):
        open_page(page, ROADMAP)
        questions = []
        page.once("dialog", lambda d: (questions.append(d.message), d.dismiss()))
        choose(page, "Frontend Basics", "Done")
        wait_for(page, lambda: questions)
        expect(more(page, "Frontend Basics")).to_be_focused()
        assert_state(page, "frontend-basics", "pending", "0 of 3")
        page.once("dialog", lambda d: (questions.append(d.message), d.accept()))
        choose(page, "Frontend Basics", "Done")
        assert_state(page, "frontend-basics", "done", "3 of 3")
        for path in ("html", "css", "javascript"):
            assert_state(page, path, "done")
        expect(tick(page, "JavaScript")).to_have_attribute("aria-pressed", "true")
        assert_state(page, "beginner-level", "learning", "3 of 11")
        told = "Your marks are kept in this browser. Sign in to keep them in your account."
        expect(page.locator(".roadmap > [role=status]")).to_have_text(
            f"“Frontend Basics”: Done. {told}"
        )
        expect(page.get_by_text("3 of 30 done (10 %)")).to_be_visible()
        assert questions == ["Mark 3 topics of “Frontend Basics” as “Done”?"] * 2

    def test_double_click_ends_as_done(self, page):
        open_page(page, ROADMAP)
        marks = finished_marks(page)
        tick(page, "HTML").dblclick()
        wait_for(page, lambda: len(marks) == 2)
        assert_state(page, "html", "done")
        page.reload()
        assert_state(page, "html", "done")
        assert_state(page, "frontend-basics", "learning", "1 of 3")

    def test_quick_clicks_on_different_topics_lose_none(self, page):
        open_page(page, ROADMAP)
        marks = finished_marks(page)
        page.evaluate(
            "for (const path of ['html', 'css', 'javascript'])"
            " document.getElementById(`django/${path}`).querySelector('.roadmap-tick').click()"
        )
        wait_for(page, lambda: len(marks) == 3)
        assert_state(page, "frontend-basics", "done", "3 of 3")
        expect(page.get_by_text("3 of 30 done (10 %)")).to_be_visible()
        page.reload()
        assert_state(page, "frontend-basics", "done", "3 of 3")

    def test_marks_that_wait_are_not_lost_when_the_page_is_left(self, page, ann):
        open_page(page, "/login/")
        enter(page, "ann")
        open_page(page, ROADMAP)
        held = []

        def hold(route):
            if held:
                route.continue_()
            held.append(route)

        page.route(MARK, hold)
        tick(page, "HTML").click()
        wait_for(page, lambda: held)
        tick(page, "CSS").click()
        tick(page, "JavaScript").click()
        choose(page, "JavaScript", "Skipped")
        page.locator(".roadmap-tree").get_by_role("link", name="Middleware", exact=True).click()
        page.wait_for_url("**/django/middleware/")

        def states():
            return dict(Progress.objects.values_list("node__slug", "state"))

        wait_for(page, lambda: states() == {"css": "done", "javascript": "skipped"})
        held[0].continue_()

    def test_slow_refresh_of_the_bar_does_not_hold_up_the_next_mark(self, page):
        open_page(page, ROADMAP)
        marks, held = finished_marks(page), held_back(page)
        tick(page, "HTML").click()
        wait_for(page, lambda: held)
        older = held[0].fetch()
        tick(page, "CSS").click()
        wait_for(page, lambda: len(marks) == 2 and len(held) == 2)
        held[1].continue_()
        expect(page.get_by_text("2 of 30 done (6 %)")).to_be_visible()
        held[0].fulfill(response=older)
        page.wait_for_timeout(200)
        expect(page.get_by_text("2 of 30 done (6 %)")).to_be_visible()
        assert_state(page, "css", "done")

    def test_node_is_the_same_wherever_the_page_shows_it(self, page, settings, tmp_path):
        shown = "{% roadmap_tree %}{% roadmap_tree 'django/frontend-basics' %}"
        shown += "{% roadmap_table 'django/frontend-basics' %}"
        load = "{% extends 'base.html' %}{% load django_roadmap %}"
        (tmp_path / "home.html").write_text(
            f"{load}{{% block content %}}<h1>Twice</h1>{shown}{{% endblock %}}"
        )
        [engine] = settings.TEMPLATES
        settings.TEMPLATES = [{**engine, "DIRS": [tmp_path, *engine["DIRS"]]}]
        open_page(page, "/")
        both = page.locator("[id='django/html'], li[data-node='django/html']")
        row = page.locator("tr[data-node='django/html']")
        for clicked, state in ((0, "Done"), (1, "")):
            tick(page, "HTML").nth(clicked).click()
            expect(both.locator(".roadmap-state")).to_have_text([state, state])
            expect(row.locator(".roadmap-state")).to_have_text(state)
            expect(both).to_have_count(2)
            pressed = str(bool(state)).lower()
            expect(
                page.locator(f".roadmap-tick[value$=' django/html'][aria-pressed={pressed}]")
            ).to_have_count(2)

    def test_node_page_of_a_topic(self, page):
        open_page(page, "/roadmaps/django/html/")
        choice = page.get_by_role("group", name="How far you are")
        assert choice.get_by_role("button").all_inner_texts() == STATES
        for state in ("Learning", "Done", "To do", "Skipped"):
            button = choice.get_by_role("button", name=state)
            button.click()
            expect(choice.locator("[aria-pressed=true]")).to_have_count(1)
            expect(button).to_have_attribute("aria-pressed", "true")
            expect(button).to_be_focused()
            told = " Your marks are kept in this browser. Sign in to keep them in your account."
            message = f"“HTML”: {state}." + (told if state == "Learning" else "")
            expect(page.get_by_role("status")).to_have_text(message)
        page.reload()
        expect(choice.get_by_role("button", name="Skipped")).to_have_attribute(
            "aria-pressed", "true"
        )

    def test_node_page_of_a_section(self, page):
        open_page(page, "/roadmaps/django/frontend-basics/")
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_text("Mark all").click()
        page.locator(".roadmap-all").get_by_role("button", name="Skipped").click()
        for path in ("html", "css", "javascript"):
            assert_state(page, path, "skipped")
        expect(page.get_by_text("3 skipped")).to_be_visible()
        expect(page.get_by_text("Nothing is left to do.")).to_be_visible()
        tick(page, "HTML").click()
        expect(page.get_by_text("1 of 1 done (100 %), 2 skipped")).to_be_visible()
        expect(page.get_by_text("All done.")).to_be_visible()

    def test_focus_stays_on_the_next_step_when_a_mark_renews_it(self, page):
        open_page(page, ROADMAP)
        link = page.locator(".roadmap-next a")
        held = held_back(page)
        tick(page, "Variables and Data Types").click()
        wait_for(page, lambda: held)
        link.focus()
        held[0].continue_()
        expect(link).to_have_text("Control Flow (if statements, loops)")
        expect(link).to_be_focused()


class TestGoingBack:
    def test_page_shows_what_was_marked_on_another(self, page, described_node):
        # A browser asks anew by itself when it has other cookies than before.
        open_page(page, ROADMAP)
        tick(page, "HTML").click()
        expect(page.get_by_text("1 of 30 done (3 %)")).to_be_visible()
        open_page(page, ROADMAP)
        page.locator(".roadmap-tree").get_by_role("link", name="Middleware", exact=True).click()
        known = page.locator(".roadmap-links li", has_text="Functions")
        expect(known).to_have_class("roadmap-pending")
        known.get_by_role("link").click()
        choice = page.get_by_role("group", name="How far you are")
        choice.get_by_role("button", name="Done").click()
        expect(choice.locator("[aria-pressed=true]")).to_have_text("Done")

        page.go_back()
        expect(known).to_have_class("roadmap-done")
        expect(known.locator(".roadmap-state")).to_have_text("Done")
        choice.get_by_role("button", name="Skipped").click()
        expect(choice.locator("[aria-pressed=true]")).to_have_text("Skipped")

        page.go_back()
        assert_state(page, "functions", "done")
        assert_state(page, "middleware", "skipped")
        assert_state(page, "learn-python-basics", "learning", "1 of 4")
        expect(tick(page, "Functions")).to_have_attribute("aria-pressed", "true")
        expect(page.get_by_text("2 of 29 done (6 %), 1 skipped")).to_be_visible()
        tick(page, "Functions").click()
        assert_state(page, "functions", "pending")
        assert_state(page, "learn-python-basics", "pending", "0 of 4")

    def test_page_that_the_browser_has_kept_alive_is_renewed(self, page):
        open_page(page, "/roadmaps/django/html/")
        other = page.context.new_page()
        open_page(other, "/roadmaps/django/html/")
        for tab, state in ((other, "Done"), (page, "Learning"), (other, "To do")):
            choice = tab.get_by_role("group", name="How far you are")
            tab.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
            if tab is page:
                expect(choice.locator("[aria-pressed=true]")).to_have_text("Done")
            choice.get_by_role("button", name=state).click()
            expect(choice.locator("[aria-pressed=true]")).to_have_text(state)


class TestWithoutScript:
    def test_topic_is_ticked_in_the_tree(self, plain_page):
        page = plain_page
        page.goto(ROADMAP)
        tick(page, LAST_TITLE).click()
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_have_text(f"Mark “{LAST_TITLE}” as “Done”?")
        expect(page.get_by_text("Your marks are kept in this browser.")).to_be_visible()
        page.get_by_role("button", name="Done").click()
        page.wait_for_url(f"**{ROADMAP}#{LAST}")
        assert_state(page, LAST.removeprefix("django/"), "done")
        assert_in_view(page, LAST.removeprefix("django/"))
        assert_state(page, "full-stack-development", "learning", "1 of 2")

        # There is a token now, so the next are not asked.
        tick(page, "Testing (Unit and Integration)").click()
        page.wait_for_url("**#django/testing-unit-and-integration")
        assert_state(page, "testing-unit-and-integration", "done")
        assert_in_view(page, "testing-unit-and-integration")
        tick(page, LAST_TITLE).click()
        page.wait_for_url(f"**#{LAST}")
        assert_state(page, LAST.removeprefix("django/"), "pending")
        expect(page.get_by_text("1 of 30 done (3 %)")).to_be_visible()

    def test_menu_button_leads_to_four_choices(self, plain_page):
        page = plain_page
        page.goto("/")
        more(page, "HTML").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Mark “HTML” as")
        assert page.get_by_role("main").get_by_role("button").all_inner_texts() == STATES
        page.get_by_role("button", name="Learning").click()
        page.wait_for_url("**/#django/html")
        assert_state(page, "html", "learning")
        assert_in_view(page, "html")
        more(page, "HTML").click()
        page.get_by_role("main").get_by_role("link", name="Back").click()
        page.wait_for_url("**/#django/html")
        assert_state(page, "html", "learning")

    def test_topic_is_marked_on_its_page(self, plain_page):
        page = plain_page
        page.goto("/roadmaps/django/html/")
        choice = page.get_by_role("group", name="How far you are")
        choice.get_by_role("button", name="Done").click()
        page.get_by_role("button", name="Done").click()
        for state in ("Done", "Learning", "Skipped", "To do"):
            if state != "Done":
                choice.get_by_role("button", name=state).click()
            page.wait_for_url("**/roadmaps/django/html/#django/html")
            expect(choice.locator("[aria-pressed=true]")).to_have_text(state)

    def test_section_is_marked_after_saying_how_many(self, plain_page):
        page = plain_page
        page.goto(ROADMAP)
        more(page, "Frontend Basics").click()
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_have_text("Mark 3 topics of “Frontend Basics” as")
        page.get_by_role("button", name="Done").click()
        page.wait_for_url(f"**{ROADMAP}#django/frontend-basics")
        assert_state(page, "frontend-basics", "done", "3 of 3")
        assert_in_view(page, "frontend-basics")

        page.goto("/roadmaps/django/frontend-basics/")
        page.get_by_text("Mark all").click()
        page.locator(".roadmap-all").get_by_role("button", name="To do").click()
        expect(heading).to_have_text("Mark 3 topics of “Frontend Basics” as “To do”?")
        page.get_by_role("button", name="To do").click()
        page.wait_for_url("**/frontend-basics/#django/frontend-basics")
        expect(page.get_by_text("0 of 3 done (0 %)")).to_be_visible()

    def test_note_is_shown_once(self, plain_page):
        page = plain_page
        page.goto("/login/")  # where there is a token for it
        page.goto(ROADMAP)
        note = page.get_by_text("Your marks are kept in this browser.").filter(visible=True)
        expect(note).to_have_count(0)
        tick(page, "HTML").click()
        assert_state(page, "html", "done")
        expect(note).to_have_count(1)
        page.reload()
        expect(note).to_have_count(0)


class TestTrouble:
    @pytest.mark.parametrize("trouble", ["abort", 500])
    def test_form_is_sent_when_the_script_gets_no_answer(self, open_browser, trouble):
        page = open_browser(may_fail=True)
        open_page(page, ROADMAP)

        def fail(route):
            if "application/json" not in route.request.headers["accept"]:
                route.continue_()
            elif trouble == "abort":
                route.abort()
            else:
                route.fulfill(status=trouble)

        page.route(MARK, fail)
        tick(page, "HTML").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Mark “HTML” as “Done”?")
        page.get_by_role("main").get_by_role("button", name="Done", exact=True).click()
        page.wait_for_url(f"**{ROADMAP}#django/html")
        assert_state(page, "html", "done")

        choose(page, "CSS", "Learning")
        page.wait_for_url(f"**{ROADMAP}#django/css")
        assert_state(page, "css", "learning")

        choose(page, "Frontend Basics", "Skipped")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Mark 3 topics")
        page.get_by_role("main").get_by_role("button", name="Skipped").click()
        assert_state(page, "javascript", "skipped")

        page.unroute(MARK)
        page.evaluate("window.isTheSame = true")
        tick(page, "HTML").click()
        assert_state(page, "html", "done")
        assert page.evaluate("window.isTheSame")

    def test_mark_that_failed_is_not_sent_again_after_going_back(self, open_browser):
        page = open_browser(may_fail=True)
        open_page(page, "/login/")
        open_page(page, ROADMAP)
        page.route(MARK, lambda route: route.abort())
        tick(page, "HTML").click()
        wait_for(page, lambda: page.url.startswith("chrome-error:"))
        page.unroute(MARK)
        page.go_back()
        tick(page, "CSS").click()
        assert_state(page, "css", "done")
        assert_state(page, "html", "pending")

    def test_stale_token_ends_well(self, open_browser):
        page = open_browser(may_fail=True)
        open_page(page, ROADMAP)
        tick(page, "HTML").click()
        assert_state(page, "html", "done")
        # Its answer has a cookie too.
        expect(page.get_by_text("1 of 30 done (3 %)")).to_be_visible()
        cookie = next(c for c in page.context.cookies() if c["name"] == "csrftoken")
        page.context.add_cookies([{**cookie, "value": "x" * 32}])
        tick(page, "CSS").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Mark “CSS” as “Done”?")
        page.get_by_role("main").get_by_role("button", name="Done", exact=True).click()
        page.wait_for_url(f"**{ROADMAP}#django/css")
        assert_state(page, "css", "done")
        assert_state(page, "html", "done")

    def test_mark_after_all_cookies_are_gone_ends_well(self, open_browser):
        page = open_browser(may_fail=True)
        open_page(page, ROADMAP)
        tick(page, "HTML").click()
        assert_state(page, "html", "done")
        # Its answer has a cookie too.
        expect(page.get_by_text("1 of 30 done (3 %)")).to_be_visible()
        page.context.clear_cookies()
        choose(page, "CSS", "Learning")
        expect(page.get_by_role("heading", level=1)).to_have_text("Mark “CSS” as “Learning”?")
        page.get_by_role("main").get_by_role("button", name="Learning").click()
        page.wait_for_url(f"**{ROADMAP}#django/css")
        assert_state(page, "css", "learning")
        assert_state(page, "html", "pending")

    def test_node_that_is_gone_says_so(self, open_browser):
        page = open_browser(may_fail=True)
        open_page(page, ROADMAP)
        RoadmapNode.objects.get(path="django/css").delete()
        tick(page, "CSS").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("That was not marked")
        expect(page.get_by_text("No roadmap or node has the path django/css.")).to_be_visible()


class TestAccount:
    def test_signing_in_keeps_the_marks_of_a_guest(self, page, open_browser, ann):
        open_page(page, ROADMAP)
        tick(page, "HTML").click()
        assert_state(page, "html", "done")
        choose(page, "CSS", "Learning")
        assert_state(page, "css", "learning")
        page.locator(".roadmap-note:visible").get_by_role("link", name="Sign in").click()
        page.get_by_label("Username").fill("ann")
        page.get_by_label("Password").fill("secret")
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"**{ROADMAP}")
        assert_state(page, "html", "done")
        assert_state(page, "css", "learning")
        tick(page, "JavaScript").click()
        assert_state(page, "javascript", "done")
        expect(page.get_by_text("Your marks are kept in this browser.").first).to_be_hidden()

        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/")
        assert_state(page, "frontend-basics", "pending", "0 of 3")
        open_page(page, "/roadmaps/~mine/")
        expect(page.get_by_text("You have not marked anything yet.")).to_be_visible()

        elsewhere = open_browser()
        open_page(elsewhere, "/login/")
        enter(elsewhere, "ann")
        expect(elsewhere.get_by_text("2 of 30 done (6 %)")).to_be_visible()

    def test_joining_keeps_the_marks_of_a_guest(self, page):
        open_page(page, ROADMAP)
        tick(page, "HTML").click()
        assert_state(page, "html", "done")
        page.get_by_label("Site").get_by_role("link", name="Sign in").click()
        page.get_by_role("link", name="Join").click()
        page.get_by_label("Username").fill("bob")
        page.locator("[name=password1]").fill("a long secret")
        page.locator("[name=password2]").fill("a long secret")
        page.get_by_role("button", name="Join").click()
        page.wait_for_url("**/~mine/")
        expect(page.get_by_text("1 of 30 done (3 %)")).to_be_visible()

    def test_two_tabs_lose_none_and_the_last_mark_wins(self, page, ann):
        open_page(page, "/login/")
        enter(page, "ann")
        other = page.context.new_page()
        for tab in (page, other):
            open_page(tab, ROADMAP)
        tick(page, "HTML").click()
        tick(other, "CSS").click()
        assert_state(page, "html", "done")
        assert_state(other, "css", "done")
        choose(other, "HTML", "Skipped")
        assert_state(other, "html", "skipped")
        assert_state(other, "frontend-basics", "learning", "1 of 2")
        page.reload()
        assert_state(page, "html", "skipped")
        assert_state(page, "css", "done")
        states = dict(Progress.objects.values_list("node__slug", "state"))
        assert states == {"html": "skipped", "css": "done"}

    def test_tab_from_before_signing_in_ends_well(self, open_browser, ann):
        page = open_browser(may_fail=True)
        open_page(page, ROADMAP)
        tick(page, "HTML").click()
        assert_state(page, "html", "done")
        other = page.context.new_page()
        open_page(other, "/login/")
        enter(other, "ann")
        tick(page, "CSS").click()
        page.get_by_role("main").get_by_role("button", name="Done", exact=True).click()
        page.wait_for_url(f"**{ROADMAP}#django/css")
        assert_state(page, "html", "done")
        assert_state(page, "css", "done")


class TestMyRoadmaps:
    def test_what_i_am_on_can_be_hidden_taken_along_and_started_over(self, page):
        open_page(page, ROADMAP)
        choose(page, "HTML", "Learning")
        assert_state(page, "html", "learning")
        open_page(page, "/roadmaps/django-step-by-step/")
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_text("Mark all").click()
        page.locator(".roadmap-all").get_by_role("button", name="Skipped").click()
        expect(page.get_by_text("10 skipped")).to_be_visible()

        page.get_by_role("link", name="My roadmaps").first.click()
        titles = page.locator("main h2")
        expect(titles).to_have_text(["Django RoadMap", "Step By Step Python Django Roadmap"])
        expect(page.locator(".roadmap-next")).to_have_text(
            ["Go on with: HTML", "Nothing is left to do."]
        )
        page.get_by_label("Hide what is skipped").check()
        page.get_by_role("button", name="Show").click()
        page.wait_for_url("**?hide=skipped")
        expect(titles).to_have_text(["Django RoadMap"])
        expect(page.get_by_text("1 roadmap is hidden.")).to_be_visible()
        expect(page.get_by_label("Hide what is skipped")).to_be_checked()

        with page.expect_download() as download:
            page.get_by_role("link", name="Download my progress").click()
        assert download.value.suggested_filename == "roadmap-progress.json"
        marks = json.loads(Path(download.value.path()).read_text())["marks"]
        assert len(marks) == 11
        assert ("django/html", "learning") in [(mark["path"], mark["state"]) for mark in marks]

        reset = page.get_by_role("link", name=re.compile("Start over .* Django RoadMap"))
        reset.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Start Django RoadMap over?")
        page.get_by_role("link", name="Back").click()
        reset.click()
        page.get_by_role("button", name="Take back all marks").click()
        page.wait_for_url("**/~mine/")
        expect(titles).to_have_text(["Step By Step Python Django Roadmap"])
        open_page(page, ROADMAP)
        assert_state(page, "html", "pending")


BUTTONS = """() => [...document.querySelectorAll(".roadmap button")]
    .filter(button => button.checkVisibility())
    .map(button => [button.getBoundingClientRect(), button.outerHTML])
    .filter(([{ width, height }]) => Math.min(width, height) < 24)
    .map(([{ width, height }, html]) => `${width} x ${height}: ${html}`)"""


def assert_good(page):
    assert_accessible(page)
    assert_no_sideways_scrolling(page)
    assert page.evaluate(BUTTONS) == []


class TestLook:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_small_screen(self, open_browser, scheme):
        page = open_browser(
            viewport={"width": 360, "height": 800}, color_scheme=scheme, may_fail=True
        )
        open_page(page, ROADMAP)
        tick(page, "HTML").click()
        assert_state(page, "html", "done")
        choose(page, "CSS", "Learning")
        assert_state(page, "css", "learning")
        choose(page, "JavaScript", "Skipped")
        assert_state(page, "javascript", "skipped")
        for title in ("CSS", "Frontend Basics", "Beginner Level"):
            more(page, title).click()
            expect(page.locator(".roadmap-menu")).to_be_visible()
            assert_no_sideways_scrolling(page)
            box = page.locator(".roadmap-menu").bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 360
            if title != "Beginner Level":
                assert_good(page)

        for address in ("css/", "frontend-basics/"):
            open_page(page, ROADMAP + address)
            if address == "frontend-basics/":
                page.get_by_text("Mark all").click()
            assert_good(page)
        for address in ("~mine/", "~mine/reset/django/", "~mark/?ask=django/css"):
            open_page(page, f"/roadmaps/{address}")
            assert_good(page)
        page.goto("/roadmaps/~mark/?mark=done%20django/nowhere")
        assert_good(page)
        for address in ("/login/", "/join/"):
            open_page(page, address)
            assert_good(page)
            page.get_by_role("main").get_by_role("button").click()
