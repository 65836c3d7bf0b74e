"""The tree of a roadmap in the admin: by mouse, by keyboard, and without any script."""

import re

import pytest
from checks import assert_accessible, assert_no_sideways_scrolling, open_page
from django.contrib.auth.models import Permission, User
from playwright.sync_api import expect

from django_roadmap import editing, integrity
from django_roadmap.models import Resource, RoadmapNode
from django_roadmap.outline import Outline

ADMIN = "/admin/django_roadmap"
TREE = f"{ADMIN}/roadmapnode/?roadmap=django"
BELOW = "django/frontend-basics"
OURS = {"include": [["#content"]], "exclude": [["#changelist-filter"]]}


def node(path):
    return RoadmapNode.objects.get(path=path)


def slugs_below(path):
    return " ".join(child.slug for child in node(path).get_children())


def sign_in(page, name="admin"):
    open_page(page, "/admin/login/?next=/admin/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(name)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/admin/")


def row(page, path):
    return page.locator(f"#node-{node(path).pk} > .roadmap-editor-row")


def handle(page, path):
    return row(page, path).locator(".roadmap-editor-handle")


def children(page, path):
    return page.locator(f"#node-{node(path).pk} > ul > li > div .roadmap-path")


def said(page):
    return page.get_by_role("status").filter(has_text=re.compile("."))


def drag(page, path, target, part):
    """To the upper, middle or lower part of another row."""
    start, end = handle(page, path).bounding_box(), row(page, target).bounding_box()
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    for step in (0.4, 0.5, part):
        page.mouse.move(end["x"] + 150, end["y"] + end["height"] * step, steps=4)
    page.mouse.up()


class TestDragging:
    @pytest.mark.parametrize(
        ("target", "part", "below", "expected"),
        [
            ("django/html", 0.1, BELOW, "javascript html css"),
            ("django/html", 0.9, BELOW, "html javascript css"),
            ("django/functions", 0.5, "django/functions", "javascript"),
            (
                "django/functions",
                0.1,
                "django/learn-python-basics",
                (
                    "variables-and-data-types control-flow-if-statements-loops javascript "
                    "functions object-oriented-programming"
                ),
            ),
        ],
    )
    def test_moves_before_behind_and_into(self, page, staff, target, part, below, expected):
        page.set_viewport_size({"width": 1280, "height": 1600})
        open_page(page, TREE)
        drag(page, "django/javascript", target, part)

        expect(said(page)).to_contain_text("“JavaScript” is number")
        expect(children(page, below)).to_have_text(expected.split())
        assert slugs_below(below) == expected
        expect(handle(page, "django/javascript")).to_be_focused()
        assert list(integrity.check()) == []

    def test_takes_along_what_is_below_and_never_into_itself(self, page, staff):
        page.set_viewport_size({"width": 1280, "height": 1600})
        open_page(page, TREE)
        drag(page, "django/django-basics", "django/install-django", 0.5)
        page.wait_for_timeout(100)
        expect(said(page)).to_have_count(0)
        drag(page, "django/frontend-basics", "django/learn-python-basics", 0.1)

        expect(children(page, "django/beginner-level").first).to_have_text("frontend-basics")
        expect(children(page, BELOW)).to_have_text(["html", "css", "javascript"])
        assert slugs_below("django/beginner-level").startswith("frontend-basics learn")

    def test_a_roadmap_has_no_handle(self, page, staff):
        open_page(page, TREE)

        expect(handle(page, "django")).to_have_count(0)


class TestKeys:
    def test_move_up_down_in_and_out(self, page, staff):
        open_page(page, TREE)
        handle(page, "django/css").focus()
        for key, below, expected, told in (
            ("ArrowUp", BELOW, "css html javascript", "1 of 3 below “Frontend Basics”"),
            ("ArrowDown", BELOW, "html css javascript", "2 of 3 below “Frontend Basics”"),
            ("ArrowRight", "django/html", "css", "1 of 1 below “HTML”"),
            ("ArrowLeft", BELOW, "html css javascript", "2 of 3 below “Frontend Basics”"),
        ):
            page.keyboard.press(key)
            expect(said(page)).to_have_text(f"“CSS” is number {told}.")
            expect(children(page, below)).to_have_text(expected.split())
            assert slugs_below(below) == expected
            expect(handle(page, "django/css")).to_be_focused()
        # What has nothing below it any more has nothing to fold.
        expect(row(page, "django/html").locator(".roadmap-editor-fold")).to_be_hidden()

    def test_pressed_one_after_the_other_all_arrive(self, page, staff):
        open_page(page, TREE)
        handle(page, "django/install-django").focus()
        for _ in range(3):
            page.keyboard.press("ArrowDown")

        expect(said(page)).to_contain_text("number 4 of 4")
        assert slugs_below("django/django-basics").split()[-1] == "install-django"
        assert list(integrity.check()) == []

    def test_are_mirrored_from_right_to_left(self, open_browser):
        User.objects.create_superuser("admin", password="admin")
        page = open_browser()
        sign_in(page)
        page.set_extra_http_headers({"Accept-Language": "ar"})
        open_page(page, TREE)
        handle(page, "django/css").focus()
        page.keyboard.press("ArrowLeft")

        expect(children(page, "django/html")).to_have_text(["css"])

    def test_that_lead_nowhere_are_refused(self, open_browser):
        User.objects.create_superuser("admin", password="admin")
        page = open_browser(may_fail=True)
        sign_in(page)
        open_page(page, TREE)
        handle(page, "django/html").focus()
        page.keyboard.press("ArrowUp")

        expect(said(page)).to_have_text("“HTML” is the first one here already.")
        expect(page.locator(".roadmap-editor-message.errornote")).to_be_visible()
        expect(handle(page, "django/html")).to_be_focused()
        page.keyboard.press("ArrowDown")
        expect(said(page)).to_contain_text("2 of 3")

    def test_alone_lead_from_the_list_to_a_place_and_back(self, page, staff):
        open_page(page, f"{ADMIN}/roadmap/")
        page.get_by_role("link", name=re.compile("^42 nodes ?: Django RoadMap$")).focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/roadmapnode/?roadmap=django")
        handle(page, "django/css").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/move/")
        page.get_by_role("radio", name="after", exact=True).focus()
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.type("Functions".rjust(12, "\u2003"))
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Move")).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url("**/roadmapnode/?roadmap=django#node-*")

        assert slugs_below("django/learn-python-basics").split()[3] == "css"


class TestWithoutScript:
    @pytest.fixture
    def plain(self, open_browser):
        User.objects.create_superuser("admin", password="admin")
        page = open_browser(java_script_enabled=False)
        sign_in(page)
        return page

    def test_steps_move(self, plain):
        open_page(plain, TREE)
        handle(plain, "django/css").click()
        plain.get_by_role("button", name="Up", exact=True).click()
        expect(plain.get_by_text("“CSS” is number 1 of 3")).to_have_count(2)
        plain.get_by_role("button", name="Out, behind its parent").click()
        expect(plain.get_by_text("“CSS” is number 4 of 4 below “Beginner Level”.")).to_have_count(2)

    def test_moves_to_a_place_in_another_roadmap(self, plain):
        open_page(plain, f"{ADMIN}/roadmapnode/{node('django/css').pk}/move/")
        plain.get_by_label("Roadmap:").select_option("Step By Step Python Django Roadmap")
        plain.get_by_role("button", name="Show its nodes").click()
        expect(plain.get_by_text("In another roadmap it gets another address")).to_be_visible()
        plain.get_by_role("radio", name="before").check()
        plain.get_by_label("this node:").select_option("\u2003Learn Python")
        plain.get_by_role("button", name="Move").click()

        expect(plain.get_by_role("heading", level=1)).to_have_text(
            re.compile("Step By Step Python Django Roadmap")
        )
        assert slugs_below("django-step-by-step").startswith("css learn-python")

    def test_ten_topics_are_typed_in_one_go(self, plain):
        open_page(plain, TREE)
        row(plain, BELOW).get_by_role("link", name="Add below").click()
        titles = [f"Topic {number}" for number in range(9)]
        plain.get_by_label("Titles").fill("Forms\n  " + "\n  ".join(titles))
        plain.get_by_role("button", name="Show what it would do").click()
        expect(plain.locator(".roadmap-title")).to_have_text(["Forms", *titles])
        expect(plain.get_by_text("Nothing is written yet.")).to_be_visible()
        plain.get_by_role("button", name="Add these").click()

        expect(plain.get_by_text("10 nodes were added below “Frontend Basics”.")).to_be_visible()
        assert slugs_below("django/forms").split()[-1] == "topic-8"

    def test_what_is_wrong_in_a_text_is_told_with_its_line(self, plain):
        open_page(plain, f"{ADMIN}/roadmapnode/{node(BELOW).pk}/titles/")
        plain.get_by_label("Titles").fill("Forms\nHTML\n" + "x" * 201)
        plain.get_by_role("button", name="Show what it would do").click()

        expect(plain.get_by_role("row", name=re.compile("^3 "))).to_contain_text("200")
        expect(plain.get_by_label("Titles")).to_have_value(re.compile("^Forms\nHTML\nx+$"))

    def test_actions_publish_duplicate_and_delete(self, plain):
        open_page(plain, TREE)

        def run(action, *paths):
            for path in paths:
                row(plain, path).get_by_role("checkbox").check()
            plain.get_by_label("Action:").select_option(action)
            plain.locator(".actions button").click()

        run("Unpublish", "django/css", "django/html")
        expect(plain.get_by_text("2 were unpublished.")).to_be_visible()
        expect(row(plain, "django/css")).to_contain_text("not published")
        run("Publish", "django/css")
        expect(row(plain, "django/css")).not_to_contain_text("not published")
        run("Duplicate", "django/css")
        expect(plain.get_by_text("“CSS” was duplicated.")).to_be_visible()
        assert slugs_below(BELOW) == "html css css-2 javascript"
        run("Delete selected nodes", "django/css-2", "django/html")
        expect(plain.get_by_text("Nodes: 2")).to_be_visible()
        plain.locator("[type=submit][value^=Yes]").click()
        expect(plain.get_by_text("Successfully deleted 2 nodes")).to_be_visible()
        assert slugs_below(BELOW) == "css javascript"
        assert {finding.kind for finding in integrity.check()} == {"link"}

    def test_description_is_shown_in_another_tab(self, plain):
        open_page(plain, f"{ADMIN}/roadmapnode/{node('django/css').pk}/change/")
        plain.get_by_label("Description").fill("**Colour**, see [HTML](roadmap:django/gone)")
        with plain.context.expect_page() as tab:
            plain.get_by_role("button", name="Preview").click()
        expect(tab.value.locator("strong").filter(has_text="Colour")).to_be_visible()
        expect(tab.value.get_by_text("These links lead to no node:")).to_contain_text("django/gone")

    def test_enter_in_a_field_saves(self, plain):
        open_page(plain, f"{ADMIN}/roadmapnode/{node('django/css').pk}/change/")
        plain.get_by_label("Title", exact=False).first.fill("Styles")
        plain.get_by_label("Title", exact=False).first.press("Enter")
        plain.get_by_text("was changed successfully").wait_for()

        assert node("django/css").title == "Styles"


class TestTree:
    def test_folds_and_remembers(self, page, staff):
        open_page(page, TREE)
        fold = row(page, BELOW).get_by_role("button")
        fold.click()
        expect(fold).to_have_attribute("aria-expanded", "false")
        expect(row(page, "django/css")).to_be_hidden()
        page.reload()
        expect(row(page, "django/css")).to_be_hidden()
        page.get_by_role("button", name="Fold all", exact=True).click()
        expect(page.locator(".roadmap-editor-row:visible")).to_have_count(4)
        page.get_by_role("button", name="Unfold all").click()
        expect(page.locator(".roadmap-editor-row:visible")).to_have_count(43)

    def test_link_to_a_node_unfolds_the_way(self, page, staff):
        open_page(page, TREE)
        page.get_by_role("button", name="Fold all", exact=True).click()
        page.goto("about:blank")
        open_page(page, f"{TREE}#node-{node('django/css').pk}")

        expect(row(page, "django/css")).to_be_in_viewport()

    def test_search_keeps_what_is_above_and_moves_nothing(self, page, staff):
        open_page(page, TREE)
        page.locator("#searchbar").fill("javascript")
        page.locator("#searchbar").press("Enter")
        expect(page.locator(".roadmap-editor-title > a")).to_have_text(
            ["Django RoadMap", "Beginner Level", "Frontend Basics", "JavaScript"]
        )
        expect(page.locator("[draggable=true]")).to_have_count(0)
        page.get_by_role("link", name="Show all").click()
        expect(page.locator(".roadmap-editor-row")).to_have_count(43)

    def test_of_somebody_who_may_only_look_has_no_controls(self, open_browser):
        user = User.objects.create_user("ada", password="ada", is_staff=True)
        user.user_permissions.add(Permission.objects.get(codename="view_roadmapnode"))
        page = open_browser()
        sign_in(page, "ada")
        open_page(page, TREE)

        expect(page.locator(".roadmap-editor-row")).to_have_count(43)
        expect(page.locator(".roadmap-editor-handle, .roadmap-editor-add")).to_have_count(0)
        expect(page.locator(".roadmap-editor [type=checkbox], .actions")).to_have_count(0)

    @pytest.mark.parametrize("language", ["en", "ar"])
    @pytest.mark.parametrize("width", [360, 1280])
    def test_has_room_for_what_is_deep_or_long(self, page, staff, language, width):
        branch = Outline("x" * 199)
        for number in range(62, 0, -1):
            branch = Outline(f"Level {number}", children=[branch])
        editing.add(Outline("Deep", children=[branch, Outline("\N{ARABIC LETTER SHEEN}" * 199)]))
        page.set_extra_http_headers({"Accept-Language": language})
        page.set_viewport_size({"width": width, "height": 800})
        open_page(page, f"{ADMIN}/roadmapnode/?roadmap=deep")

        assert_no_sideways_scrolling(page)
        for title in page.locator(".roadmap-editor-title").all():
            box = title.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert box["width"] > 90

    @pytest.mark.parametrize("page_name", ["", "{}/move/", "{}/titles/", "{}/change/", "add/"])
    def test_fits_a_small_screen(self, page, staff, page_name):
        page.set_viewport_size({"width": 360, "height": 800})
        address = page_name.format(node("django/css").pk)
        open_page(page, f"{ADMIN}/roadmapnode/{address}")

        assert_no_sideways_scrolling(page)


class TestForm:
    def test_description_is_shown_beside(self, page, staff):
        open_page(page, f"{ADMIN}/roadmapnode/{node('django/css').pk}/change/")
        page.get_by_label("Description").fill("**Colour** <script>alert(1)</script>")
        page.get_by_role("button", name="Preview").click()
        shown = page.locator(".roadmap-markdown-preview")
        expect(shown.locator("strong")).to_have_text("Colour")
        expect(shown).to_contain_text("<script>")

    def test_parent_and_prerequisites_are_found_by_typing(self, page, staff):
        open_page(page, f"{ADMIN}/roadmapnode/{node('django/css').pk}/change/")
        page.locator(".field-parent .select2-selection").press("Enter")
        page.locator(".select2-search__field").last.fill("step/depl")
        expect(page.locator(".select2-results__option")).to_have_text(
            ["Deployment (django-step-by-step/deployment)"]
        )
        page.keyboard.press("Escape")
        search = page.locator(".field-prerequisites .select2-search__field")
        search.fill("HTM")
        expect(page.locator(".select2-results__option")).to_have_text(["HTML (django/html)"])
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_text("was changed successfully").wait_for()

        assert [str(other) for other in node("django/css").prerequisites.all()] == ["HTML"]

    def test_pasted_links_become_resources(self, page, staff):
        open_page(page, f"{ADMIN}/roadmapnode/{node('django/css').pk}/change/")
        page.get_by_label("Paste links").fill(
            "https://developer.mozilla.org/CSS\n"
            "- Cascade: https://example.org/cascade\n"
            '[The book](https://example.org/book "book")\n'
        )
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_text("was changed successfully").wait_for()

        found = Resource.objects.filter(node=node("django/css"))
        assert [(each.title, each.kind) for each in found][3:] == [
            ("developer.mozilla.org/CSS", "article"),
            ("Cascade", "article"),
            ("The book", "book"),
        ]


class TestPagesWithAnswers:
    @pytest.mark.parametrize("text", ["Forms\n  Fields", "Forms\nHTML"], ids=["look", "problem"])
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_of_typed_titles_are_for_everyone(self, page, staff, text, scheme):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": 360, "height": 800})
        open_page(page, f"{ADMIN}/roadmapnode/{node(BELOW).pk}/titles/")
        page.get_by_label("Titles").fill(text)
        page.get_by_role("button", name="Show what it would do").click()
        page.locator(".roadmap-import table").wait_for()

        assert_accessible(page, OURS)
        assert_no_sideways_scrolling(page)

    def test_of_a_refused_move_are_for_everyone(self, open_browser):
        User.objects.create_superuser("admin", password="admin")
        page = open_browser(may_fail=True)
        sign_in(page)
        open_page(page, f"{ADMIN}/roadmapnode/{node('django/css').pk}/move/")
        RoadmapNode.objects.get(path="django/html").delete()
        page.get_by_role("button", name="Down", exact=True).click()
        page.locator(".errornote").wait_for()

        assert_accessible(page, OURS)


class TestTwoEditors:
    def test_who_comes_second_is_shown_the_tree_as_it_is(self, open_browser):
        User.objects.create_superuser("admin", password="admin")
        first, second = open_browser(), open_browser(may_fail=True)
        for page in (first, second):
            sign_in(page)
            open_page(page, TREE)
        handle(first, "django/javascript").focus()
        first.keyboard.press("ArrowUp")
        expect(said(first)).to_contain_text("2 of 3")
        handle(second, "django/css").focus()
        second.keyboard.press("ArrowUp")

        expect(said(second)).to_contain_text("Somebody has changed this roadmap meanwhile")
        expect(children(second, BELOW)).to_have_text(["html", "javascript", "css"])
        expect(handle(second, "django/css")).to_be_focused()
        assert_accessible(second, OURS)
        second.keyboard.press("ArrowUp")
        expect(said(second)).to_contain_text("“CSS” is number 2 of 3")
        assert slugs_below(BELOW) == "html css javascript"

    def test_what_was_meant_for_the_old_tree_is_not_done_in_the_new_one(self, open_browser):
        User.objects.create_superuser("admin", password="admin")
        page = open_browser(may_fail=True)
        sign_in(page)
        open_page(page, TREE)
        handle(page, "django/javascript").focus()
        node("django/css").move_to(node("django/html"), "left")
        for _ in range(2):
            page.keyboard.press("ArrowUp")
        expect(said(page)).to_contain_text("Somebody has changed this roadmap meanwhile")
        page.wait_for_load_state("networkidle")

        assert slugs_below(BELOW) == "css html javascript"

    def test_a_plain_form_is_refused_too(self, open_browser):
        User.objects.create_superuser("admin", password="admin")
        first, second = open_browser(), open_browser(may_fail=True, java_script_enabled=False)
        for page in (first, second):
            sign_in(page)
            open_page(page, f"{ADMIN}/roadmapnode/{node('django/css').pk}/move/")
        first.get_by_role("button", name="Up", exact=True).click()
        expect(first.get_by_text("1 of 3")).to_have_count(2)
        second.get_by_role("button", name="Down", exact=True).click()

        expect(second.locator(".errornote")).to_contain_text("Somebody has changed this roadmap")
        expect(second.get_by_text("“CSS” is number 1 of 3")).to_be_visible()
        assert slugs_below(BELOW) == "css html javascript"

    def test_nobody_sees_what_was_deleted(self, open_browser):
        User.objects.create_superuser("admin", password="admin")
        page = open_browser(may_fail=True)
        sign_in(page)
        open_page(page, TREE)
        handle(page, "django/css").focus()
        RoadmapNode.objects.get(path="django/css").delete()
        page.keyboard.press("ArrowUp")

        expect(said(page)).to_contain_text("Somebody has changed this roadmap meanwhile")
        expect(children(page, BELOW)).to_have_text(["html", "javascript"])
