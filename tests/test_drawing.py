"""Maps as SVG: what they say, in which order, of whom, and what is kept of them."""

import re
from pathlib import Path
from xml.etree import ElementTree

import branches
import pytest
from django.template import Context, Template
from django.test.utils import override_settings
from django.urls import set_script_prefix
from django.utils.translation import override
from pages import Page
from roadmaps import node

import django_roadmap
from django_roadmap import drawing, editions, paths
from django_roadmap.drawing import PAGE, THEMES, roadmap_map
from django_roadmap.models import Progress, RoadmapNode

SVG = "{http://www.w3.org/2000/svg}"
LEVELS = {"Beginner": {"Basics": ["Loops", "Names"], "Files": ["Paths"]}, "Expert": ["Speed"]}
CSS = Path(django_roadmap.__file__).parent / "static/django_roadmap/roadmap.css"


@pytest.fixture
def python(grow):
    return grow("Python", LEVELS)


@pytest.fixture
def account(rf, django_user_model):
    """``account(loops="done")`` gives a request of somebody with these marks."""
    user = django_user_model.objects.create(username="Ann")

    def account(**marks):
        for slug, state in marks.items():
            Progress.objects.create(user=user, node=node(f"python/{slug}"), state=state)
        request = rf.get("/")
        request.user = user
        return request

    return account


def change(path, **fields):
    RoadmapNode.objects.filter(path=path).update(**fields)


def drawn(html):
    """The picture in a page as a tree of elements; it must be well-formed."""
    return ElementTree.fromstring(re.search("<svg.*</svg>", html, re.DOTALL)[0])


def boxes(html):
    """Of each box its level, and what it says."""
    return [
        (int(item.get("aria-level")), *("".join(t.itertext()) for t in item.iter(f"{SVG}text")))
        for item in drawn(html).iter(f"{SVG}g")
        if item.get("role") == "listitem"
    ]


class TestWhatItSays:
    def test_all_nodes_in_the_order_of_the_tree(self, python):
        assert boxes(roadmap_map("python")) == [
            (1, "Python", "4 topics"),
            (2, "Beginner", "3 topics"),
            (3, "Basics", "2 topics"),
            (4, "Loops"),
            (4, "Names"),
            (3, "Files", "1 topic"),
            (4, "Paths"),
            (2, "Expert", "1 topic"),
            (3, "Speed"),
        ]

    def test_depth_leaves_out_but_counts(self, python):
        assert boxes(roadmap_map("python", depth=1)) == [
            (1, "Python", "4 topics"),
            (2, "Beginner", "3 topics"),
            (2, "Expert", "1 topic"),
        ]

    def test_a_branch_has_itself_on_top(self, python):
        assert boxes(roadmap_map("python/basics")) == [
            (1, "Basics", "2 topics"),
            (2, "Loops"),
            (2, "Names"),
        ]

    def test_a_topic_is_one_box(self, python):
        assert boxes(roadmap_map("python/loops")) == [(1, "Loops")]

    def test_what_is_optional_says_so_and_does_not_count(self, python):
        change("python/basics", is_optional=True)
        said = boxes(roadmap_map("python"))
        assert said[0] == (1, "Python", "2 topics")
        assert said[2:4] == [(3, "Basics", "Optional"), (4, "Loops")]

    def test_what_is_not_published_is_left_out(self, python):
        change("python/basics", is_published=False)
        assert (3, "Basics") not in {box[:2] for box in boxes(roadmap_map("python"))}

    def test_what_is_not_published_says_so_in_memory(self, python):
        change("python/files", is_published=False)
        branch = RoadmapNode.objects.branch("python", unpublished=True)
        assert (3, "Files", "Not published") in boxes(roadmap_map(branch))

    def test_titles_are_shown_as_they_are(self, grow):
        grow("Python", ['<b> & "it"\'s {{ x }}'])
        assert boxes(roadmap_map("python"))[1] == (2, '<b> & "it"\'s {{ x }}')

    def test_a_title_of_several_lines_can_be_read_as_one(self, grow):
        title = "Integrate all of the frontend frameworks that there are (Vue.js, React)"
        grow("Python", {"A": [title]})
        assert boxes(roadmap_map("python"))[2] == (3, title)
        lines = list(drawn(roadmap_map("python")).iter(f"{SVG}tspan"))
        assert [line.text for line in lines] == [" ", lines[1].text]

    def test_it_has_a_name_and_a_description(self, python):
        element = drawn(roadmap_map("python"))
        assert element.get("role") == "group"
        assert element.get("aria-label") == "Map of Python"
        assert "every box leads to the page of its node" in element.find(f"{SVG}desc").text
        # It would be a tip that follows the mouse everywhere.
        assert element.find(f"{SVG}title") is None

    def test_numbers_are_numbers_in_any_format(self, python, settings):
        settings.USE_THOUSAND_SEPARATOR = True
        grown = branches.grow([(1, 0, True, False), *((n, 0, True, False) for n in range(2, 99))])
        with override("de"):
            html = roadmap_map(grown)
        height = drawn(html).get("viewBox").split()[3]
        assert int(height) > 1000
        assert not re.search(r' (?:x|y|cx|cy|width|height)="[^"]*[.,][^"]*"', html)

    def test_from_right_to_left_it_is_mirrored(self, python):
        def first_title(language):
            with override(language):
                return next(
                    t for t in drawn(roadmap_map("python")).iter(f"{SVG}text") if t.text == "Loops"
                )

        plain, mirrored = first_title("en"), first_title("ar")
        assert int(mirrored.get("x")) == 880 - int(plain.get("x"))
        assert (plain.get("text-anchor"), mirrored.get("text-anchor")) == ("start", "end")
        assert plain.get("direction") == mirrored.get("direction") == "ltr"


class TestLinks:
    def test_each_box_leads_to_its_page(self, python):
        links = [a.get("href") for a in drawn(roadmap_map("python")).iter(f"{SVG}a")]
        assert links[0] == "/roadmaps/python/"
        assert links[3] == "/roadmaps/python/loops/"
        assert len(links) == 9

    @pytest.mark.urls(())
    def test_without_our_urls_there_are_none(self, python):
        html = roadmap_map("python")
        assert not list(drawn(html).iter(f"{SVG}a"))
        assert len(boxes(html)) == 9

    def test_follow_the_script_prefix(self, python):
        roadmap_map("python")
        set_script_prefix("/below/")
        try:
            assert 'href="/below/roadmaps/python/loops/"' in roadmap_map("python")
        finally:
            set_script_prefix("/")


class TestStates:
    def test_are_words_beside_the_titles(self, python, account):
        request = account(loops="done", names="skipped", paths="learning")
        assert boxes(roadmap_map("python", request=request)) == [
            (1, "Python", "Learning · 1 of 3"),
            (2, "Beginner", "Learning · 1 of 2"),
            (3, "Basics", "Done · 1 of 1"),
            (4, "Loops", "Done"),
            (4, "Names", "Skipped"),
            (3, "Files", "Learning · 0 of 1"),
            (4, "Paths", "Learning"),
            (2, "Expert", "To do · 0 of 1"),
            (3, "Speed", "To do"),
        ]

    def test_of_what_is_skipped_whole(self, python, account):
        request = account(loops="skipped", names="skipped")
        assert boxes(roadmap_map("python/basics", request=request))[0] == (1, "Basics", "Skipped")

    def test_are_shapes(self, python, account):
        """A ring, half of it filled, a tick, a dashed ring; a dot where there is no learner.

        A parent's tick is on a disc.
        """

        def shapes(html):
            found = []
            for item in drawn(html).iter(f"{SVG}g"):
                if item.get("role") == "listitem":
                    marks = [*item.iter(f"{SVG}circle"), *item.iter(f"{SVG}path")]
                    found.append(
                        " ".join(
                            mark.tag.removeprefix(SVG) + "-" * bool(mark.get("stroke-dasharray"))
                            for mark in marks
                        )
                    )
            return found

        request = account(loops="done", names="skipped", paths="learning")
        assert shapes(roadmap_map("python", request=request)) == [
            *("circle path", "circle path", "circle path", "path", "circle-"),
            *("circle path", "circle path", "circle", "circle"),
        ]
        assert shapes(roadmap_map("python")) == [
            "",
            "",
            "",
            "circle",
            "circle",
            "",
            "circle",
            "",
            "circle",
        ]

    def test_half_a_ring_is_filled_where_reading_begins(self, python, account):
        request = account(loops="learning")
        for language, sweep in (("en", "0"), ("ar", "1")):
            with override(language):
                assert f"m0-6a6 6 0 0 {sweep} 0 12z" in roadmap_map("python", request=request)

    def test_of_one_are_not_shown_to_others(self, python, account, rf):
        request = account(loops="done")
        plain = roadmap_map("python", request=rf.get("/"))
        assert roadmap_map("python", request=request) != plain
        assert roadmap_map("python", request=rf.get("/")) == plain

    def test_cost_one_query_more(self, python, account, django_assert_num_queries):
        request = account(loops="done")
        roadmap_map("python")
        with django_assert_num_queries(3):
            roadmap_map("python", request=request)

    def test_are_renewed_by_the_script(self, python):
        assert "data-fresh" in drawn(roadmap_map("python")).attrib


class TestKept:
    def test_costs_one_query_to_see_again(self, python, django_assert_num_queries):
        with django_assert_num_queries(2):
            first = roadmap_map("python")
        with django_assert_num_queries(1):
            assert roadmap_map("python") == first

    def test_is_new_with_each_edit(self, python):
        roadmap_map("python")
        loops = node("python/loops")
        loops.title = "For loops"
        loops.save()
        assert (4, "For loops") in boxes(roadmap_map("python"))

    def test_is_of_each_language_depth_and_colour(self, python):
        edition = editions.find("python")
        urls = paths.node_urls()
        with override("de"):
            roadmap_map("python")
        assert "aria-label" in roadmap_map("python")
        assert len(boxes(roadmap_map("python", depth=1))) == 3
        files = [drawing.svg(edition, "python", THEMES[name], node_url=urls) for name in THEMES]
        assert len({*files, roadmap_map("python")}) == 3

    def test_is_the_same_to_the_byte(self, python):
        first = roadmap_map("python")
        editions._recent.clear()
        with override_settings(
            CACHES={"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
        ):
            assert roadmap_map("python") == first

    def test_a_template_of_the_site_wins(self, python, grow, templates):
        grow("Go", ["Loops"])
        roadmap_map("python")
        templates(
            {
                "django_roadmap/python/picture.svg": "<svg>{{ boxes.0.title.line }}</svg>",
                "django_roadmap/map.html": "<figure>{{ map }}</figure>",
            }
        )
        assert roadmap_map("python") == "<figure><svg>Python</svg></figure>"
        assert len(boxes(roadmap_map("go"))) == 2


class TestColours:
    def test_of_a_page_are_those_of_the_stylesheet(self):
        css = CSS.read_text()
        for colour in PAGE.values():
            assert f"{colour[4:-1]}:" in css

    def test_of_files_are_the_defaults_of_the_stylesheet(self):
        css = CSS.read_text()
        for role in drawing.ROLES:
            light, dark = re.search(
                rf"--roadmap-{role}: light-dark\((#\w+), (#\w+)\)", css
            ).groups()
            name = role.replace("-", "_")
            assert (THEMES["light"][name], THEMES["dark"][name]) == (light, dark), role

    def test_of_a_file_are_all_there(self):
        assert set(THEMES["light"]) == set(THEMES["dark"]) == {*PAGE, "page"}


def test_in_a_template(python, rf):
    source = "{% load django_roadmap %}{% roadmap_map 'python' 1 assets=False %}"
    page = Page(Template(source).render(Context({"request": rf.get("/")})))
    assert not page.stylesheets
    assert len(page.all("a")) == 3
