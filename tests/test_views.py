"""The pages: the list of roadmaps, and one for every node."""

import pytest
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.db import models
from django.db.models import QuerySet
from django.http import Http404
from pages import Page
from roadmaps import node

from django_roadmap.models import Resource, Roadmap, RoadmapNode
from django_roadmap.tree import Branch
from django_roadmap.views import MOST_SIBLINGS, NodeView, RoadmapListView

LIST = "/roadmaps/"
LEVELS = {
    "Beginner": {"Basics": ["Loops", "Names"], "Files": ["Paths"]},
    "Expert": ["Profiling"],
}
FILES = ["Markdown", "Text", "JSON", "OPML", "Mermaid", "Checklist", "Picture (SVG)"]
READING_ORDER = [
    "python",
    *(
        f"python/{slug}"
        for slug in ("beginner", "basics", "loops", "names", "files", "paths", "expert")
    ),
    "python/profiling",
]


def address(path):
    return f"/roadmaps/{path}/"


def change(path, **fields):
    assert RoadmapNode.objects.filter(path=path).update(**fields)


def read(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return Page(response.content.decode())


def meta(page, name):
    return page.one("meta", name=name).attributes["content"]


def canonical(page):
    return page.one("link", rel="canonical").attributes["href"]


def step(page, rel):
    return [link.attributes["href"] for link in page.all("a", rel=rel)]


@pytest.fixture
def python(grow):
    return grow("Python", LEVELS)


@pytest.fixture
def signed_in(client, db):
    """``signed_in(is_staff=True, may_edit=True)`` gives a client of somebody like that."""

    def signed_in(*, is_staff, may_edit):
        user = User.objects.create_user("Ada", is_staff=is_staff)
        if may_edit:
            user.user_permissions.add(Permission.objects.get(codename="change_roadmapnode"))
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def editor(signed_in):
    return signed_in(is_staff=True, may_edit=True)


NO_EDITORS = [
    {"is_staff": False, "may_edit": False},
    {"is_staff": True, "may_edit": False},
    {"is_staff": False, "may_edit": True},
]


class TestList:
    def test_shows_roadmaps_in_their_order(self, alone, grow, client, django_assert_num_queries):
        grow("Last", ["Z"], position=3)
        grow("First", ["A"], position=1, summary="Start <here>.")
        grow("Middle", position=2)

        with django_assert_num_queries(1):
            page = read(client, LIST)
        assert page.outline == ["First", "Middle", "Last"]
        links = {title: address(title.lower()) for title in page.outline}
        assert page.links == {"My roadmaps": f"{LIST}~mine/", **links}
        assert "Start <here>." in page.text
        assert page.one("title").text == page.one("h1").text == "Roadmaps"
        assert meta(page, "description") == "First, Middle, Last"

    def test_query_count_is_that_of_many_roadmaps(self, grow, client, django_assert_num_queries):
        for number in range(30):
            grow(f"Roadmap {number}")

        with django_assert_num_queries(1):
            assert len(read(client, LIST).outline) == 32

    def test_has_one_address(self, alone, client):
        page = read(client, f"{LIST}?from=mail")

        assert canonical(page) == "http://testserver/roadmaps/"

    def test_without_roadmaps(self, alone, client):
        page = read(client, LIST)

        assert "There are no roadmaps yet." in page.text
        assert not page.outline
        assert meta(page, "description") == "Learning roadmaps"

    @pytest.mark.parametrize("user", [None, *NO_EDITORS])
    def test_leaves_out_what_is_not_published(self, alone, grow, client, signed_in, user):
        grow("Draft", is_published=False)
        grow("Ready")
        if user:
            signed_in(**user)

        assert read(client, LIST).outline == ["Ready"]

    def test_marks_it_for_editors(self, alone, grow, editor, django_assert_num_queries):
        grow("Draft", is_published=False)
        grow("Ready")

        # A session, a user, two for permissions, and the list.
        with django_assert_num_queries(5):
            page = read(editor, LIST)
        assert [item.text for item in page.all("li")] == ["Draft Not published", "Ready"]

    def test_needs_no_sign_in_at_the_site(self, python, rf):
        response = RoadmapListView.as_view()(rf.get(LIST))

        assert "Python" in Page(response.render().content.decode()).outline


class TestNode:
    def test_of_a_roadmap(self, python, client, django_assert_num_queries):
        with django_assert_num_queries(5):
            page = read(client, address("python"))
        assert page.one("title").text == page.one("h1").text == "Python"
        assert canonical(page) == "http://testserver/roadmaps/python/"
        assert meta(page, "description") == "Python: Beginner, Expert"
        assert page.outline == [
            "Roadmaps",
            "Python",
            "Beginner",
            "  Basics",
            "    Loops",
            "    Names",
            "  Files",
            "    Paths",
            "Expert",
            "  Profiling",
            *FILES,
        ]
        assert page.links["Roadmaps"] == LIST
        assert page.links["Loops"] == address("python/loops")
        assert not page.all("a", rel="prev")
        assert step(page, "next") == [address("python/beginner")]

    def test_of_a_section(self, python, client, django_assert_num_queries):
        with django_assert_num_queries(5):
            page = read(client, address("python/basics"))
        assert page.one("title").text == "Basics \N{EN DASH} Python"
        assert page.one("h1").text == "Basics"
        assert canonical(page) == "http://testserver/roadmaps/python/basics/"
        assert meta(page, "description") == "Basics: Loops, Names"
        assert page.outline == [
            *("Roadmaps", "Python", "Beginner", "Basics", "Loops", "Names", "Basics", "Files"),
        ]
        assert (
            page.one("p", **{"class": "roadmap-facts roadmap-place"}).text == "Topics 1 to 2 of 4"
        )
        trail = page.all("ol")[0]
        assert trail.text == "Roadmaps Python Beginner Basics"
        assert page.one("li", **{"aria-current": "page"}).text == "Basics"
        assert page.links["Beginner"] == address("python/beginner")
        assert step(page, "prev") == [address("python/beginner")]
        assert step(page, "next") == [address("python/loops")]

    def test_of_a_topic(self, python, client, django_assert_num_queries):
        with django_assert_num_queries(5):
            page = read(client, address("python/names"))
        assert page.one("title").text == "Names \N{EN DASH} Python"
        assert meta(page, "description") == "Names, a topic of Python"
        assert page.outline == [
            *("Roadmaps", "Python", "Beginner", "Basics", "Names", "Loops", "Names"),
        ]
        assert page.one("p", **{"class": "roadmap-facts roadmap-place"}).text == "Topic 2 of 4"
        assert not page.all("details")
        assert [heading.text for heading in page.all("h2")] == ["Basics"]
        assert [item.text for item in page.all("bdi", **{"aria-current": "page"})] == ["Names"]

    def test_says_where_a_section_of_one_topic_is(self, python, client):
        page = read(client, address("python/expert"))
        assert page.one("p", **{"class": "roadmap-facts roadmap-place"}).text == "Topic 4 of 4"

    def test_of_an_optional_topic_has_no_number(self, python, client):
        models.QuerySet(RoadmapNode).filter(path="python/loops").update(is_optional=True)
        assert client.get(address("python/loops")).context["span"] is None
        assert "Topic" not in read(client, address("python/loops")).text
        page = read(client, address("python/names"))
        assert page.one("p", **{"class": "roadmap-facts roadmap-place"}).text == "Topic 1 of 3"

    def test_tells_what_comes_next(self, python, client):
        models.QuerySet(RoadmapNode).filter(path="python/names").update(summary="Name values.")
        page = read(client, address("python/loops"))
        assert page.one("a", rel="next").text == "Next Names Name values."
        html = client.get(address("python/loops")).content.decode()
        assert "<bdi>Names</bdi> <span" in html

    @pytest.mark.parametrize("count", [1, MOST_SIBLINGS, MOST_SIBLINGS + 1])
    def test_lists_what_is_beside_it_if_that_is_short(self, grow, client, count):
        grow("Flat", [f"n{number}" for number in range(count)])
        siblings = client.get(address("flat/n0")).context["siblings"]
        assert len(siblings) == (count if count == MOST_SIBLINGS else 0)
        headings = [heading.text for heading in read(client, address("flat/n0")).all("h2")]
        assert headings == (["Flat"] if siblings else [])

    def test_of_a_roadmap_that_is_still_empty(self, grow, client):
        grow("Python")

        page = read(client, address("python"))
        assert page.outline == ["Roadmaps", "Python", *FILES]
        assert meta(page, "description") == "Python"
        assert not page.all("a", rel="prev")
        assert not page.all("a", rel="next")

    def test_query_count_is_that_of_a_full_and_deep_one(
        self, grow, client, django_assert_num_queries
    ):
        parent = root = grow("Deep")
        for level in range(1, 64):
            parent = grow(f"n{level}", parent=parent)
        for number in range(3):
            Resource.objects.create(node=parent, title=f"{number}", url=f"https://x.org/{number}")
        parent.prerequisites.set(root.get_descendants()[:3])

        with django_assert_num_queries(5):
            page = read(client, address("deep/n63"))
        assert page.outline[:65] == ["Roadmaps", "Deep", *(f"n{level}" for level in range(1, 64))]
        with django_assert_num_queries(4):
            page = read(client, address("deep"))
        assert page.outline[-len(FILES) - 1] == "  " * 62 + "n63"

    def test_of_a_roadmap_leads_to_its_files(self, python, client):
        page = read(client, address("python"))
        links = [link.attributes["href"] for link in page.all("a") if link.text in FILES]
        extensions = ["md", "txt", "json", "opml", "mmd", "checklist.md", "svg"]
        assert links == [f"/roadmaps/python.{extension}" for extension in extensions]
        assert [client.get(link).status_code for link in links] == [200] * 7
        of_node = read(client, address("python/basics"))
        assert not [link for link in of_node.all("a") if link.text in FILES]

    def test_of_a_roadmap_shows_its_map(self, python, client):
        page = read(client, address("python"))
        [boxes] = page.all("g", role="list")
        inside = [link for link in page.all("a") if boxes.index < link.index < boxes.stop]
        assert [link.texts[0] for link in inside] == [
            *("Python", "Beginner", "Basics", "Loops", "Names"),
            *("Files", "Paths", "Expert", "Profiling"),
        ]
        heading = page.one("h2", id="roadmap-map")
        assert heading.text == "Map"
        assert page.links["Map"] == "#roadmap-map"
        # The list, in which one marks, comes first.
        assert page.all("ul")[0].index < heading.index < boxes.index

    @pytest.mark.parametrize("path", ["python/basics", "python/names", "empty"])
    def test_of_nodes_and_of_what_is_empty_has_no_map(self, python, grow, client, path):
        grow("Empty")

        page = read(client, address(path))
        assert not page.all("svg")
        assert "Map" not in page.links

    @pytest.mark.parametrize("path", ["python", "python/basics", "python/names"])
    def test_costs_one_query_to_see_again(self, python, client, path, django_assert_num_queries):
        # To find it, to read the roadmap, its text and prerequisites, its resources, and all
        # prerequisites of the roadmap.
        with django_assert_num_queries(5):
            first = client.get(address(path))
        with django_assert_num_queries(1):
            again = client.get(address(path))
        assert again.content == first.content

    @pytest.mark.parametrize("path", ["python", "python/basics", "python/names"])
    def test_costs_a_learner_one_more(
        self, python, signed_in, path, same_token, django_assert_num_queries
    ):
        client = signed_in(is_staff=False, may_edit=False)
        client.cookies["csrftoken"] = "t" * 32

        # A session, a user, and marks.
        with django_assert_num_queries(3 + 5):
            first = client.get(address(path))
        with django_assert_num_queries(3 + 1):
            again = client.get(address(path))
        assert again.content == first.content

    def test_an_edit_is_seen_at_once(self, python, client, django_assert_num_queries):
        client.get(address("python/names"))
        change("python/files", title="Folders")

        with django_assert_num_queries(5):
            page = read(client, address("python/names"))
        assert page.one("a", rel="next").text == "Next Folders"

    def test_context_is_plain_values(self, python, client):
        """So that no template can ask the database by accident."""
        node("python/names").prerequisites.add(node("python/loops"))
        Resource.objects.create(node=node("python/names"), title="A", url="https://a.org/")

        for _visit in range(2):
            context = client.get(address("python/names")).context
            branches = [context[name] for name in ("node", "roadmap", "previous", "next")]
            branches += [*context["breadcrumbs"]]
            branches += [other["node"] for other in context["prerequisites"]]
            assert [branch.path for branch in branches] == [
                "python/names",
                "python",
                "python/loops",
                "python/files",
                *("python", "python/beginner", "python/basics"),
                "python/loops",
            ]
            assert {type(branch) for branch in branches} == {Branch}
            assert [resource.title for resource in context["resources"]] == ["A"]
            assert context["path"] == "python/names"

    def test_steps_go_through_the_roadmap_in_reading_order(self, python, client):
        path, way = "python", []
        while path:
            page = read(client, address(path))
            before = [address(way[-1])] if way else []
            assert step(page, "prev") == before
            way.append(path)
            (url,) = step(page, "next") or [""]
            path = url.removeprefix(LIST).rstrip("/")
        assert way == READING_ORDER

    def test_steps_pass_by_what_is_not_published(self, python, client):
        change("python/files", is_published=False)

        page = read(client, address("python/names"))
        assert step(page, "next") == [address("python/expert")]
        page = read(client, address("python/expert"))
        assert step(page, "prev") == [address("python/names")]

    def test_has_one_address(self, python, client):
        page = read(client, address("python/basics") + "?from=mail")

        assert canonical(page) == "http://testserver/roadmaps/python/basics/"

    def test_has_an_address_in_any_script(self, grow, client):
        grow("数据库", ["مقدمة"])

        page = read(client, address("数据库/مقدمة"))
        assert page.one("h1").text == "مقدمة"
        assert canonical(page) == (
            "http://testserver/roadmaps/%E6%95%B0%E6%8D%AE%E5%BA%93/%D9%85%D9%82%D8%AF%D9%85%D8%A9/"
        )

    def test_says_what_is_optional(self, python, client):
        assert "Optional" not in read(client, address("python/names")).text
        change("python/names", is_optional=True)

        assert "Optional" in read(client, address("python/names")).text

    def test_says_how_long_it_takes(self, python, client):
        assert "minute" not in read(client, address("python/names")).text
        change("python/names", minutes=90)

        assert "90 minutes" in read(client, address("python/names")).text

    def test_is_only_read(self, python, client):
        assert client.post(address("python")).status_code == 405

    def test_needs_no_sign_in_at_the_site(self, python, rf):
        response = NodeView.as_view()(rf.get(address("python")), path="python")

        assert Page(response.render().content.decode()).one("h1").text == "Python"

    def test_may_have_a_template_for_one_roadmap(self, python, grow, client, settings):
        grow("Other")
        loaders = [
            (
                "django.template.loaders.locmem.Loader",
                {"django_roadmap/python/node_detail.html": "mine: {{ node.title }}"},
            ),
            "django.template.loaders.app_directories.Loader",
        ]
        backend = "django.template.backends.django.DjangoTemplates"
        settings.TEMPLATES = [{"BACKEND": backend, "OPTIONS": {"loaders": loaders}}]

        assert client.get(address("python/basics")).content == b"mine: Basics"
        assert read(client, address("other")).one("h1").text == "Other"


class TestDescription:
    def test_summary_is_what_search_engines_show(self, python, client):
        change("python/basics", summary='The "first" <steps>.')

        page = read(client, address("python/basics"))
        assert meta(page, "description") == 'The "first" <steps>.'
        assert page.all("p")[0].text == 'The "first" <steps>.'

    def test_markdown(self, python, client):
        text = "# Why\n\nSee [loops](roadmap:python/loops) and [that](https://x.org/)."
        change("python/basics", description=text)

        page = read(client, address("python/basics"))
        assert page.one("h1").text == "Basics"
        assert page.all("h2")[0].text == "Why"
        assert page.links["loops"] == address("python/loops")
        assert page.links["that"] == "https://x.org/"

    def test_harmful_markdown_does_no_harm(self, python, client):
        text = "<script>alert(1)</script> [a](javascript:alert(2)) ![b](data:text/html,c)"
        change("python/basics", description=text)

        page = read(client, address("python/basics"))
        assert {script.text for script in page.all("script")} == {""}
        assert "<script>alert(1)</script> [a](javascript:alert(2))" in page.text
        assert not [href for href in page.links.values() if ":" in href]

    @pytest.mark.parametrize("title", ["🎉" * 200, "مقدمة", "<script>alert('1')</script>", '"><b>'])
    def test_any_title_is_shown_as_it_is(self, grow, client, title):
        root = grow(title, {title: {title: [title]}}, slug="harm")
        section = root.get_children()[0].get_children()[0]

        page = read(client, section.get_absolute_url())
        assert page.one("title").text == f"{title} \N{EN DASH} {title}"
        assert page.one("h1").text == title
        assert meta(page, "description") == f"{title}: {title}"
        # The crumbs, the topic below, and both neighbours.
        assert [item.texts[0] for item in page.all("li")] == ["Roadmaps", *[title] * 4]
        assert page.all("a", rel="prev")[0].text == f"Previous {title}"
        assert {script.text for script in page.all("script")} == {""}
        assert not page.all("b")


class TestUnpublished:
    PATHS = ["python", "python/beginner", "python/basics", "python/loops"]

    @pytest.mark.parametrize(("hidden", "queries"), [*zip(PATHS, (1, 2, 2, 1), strict=True)])
    def test_hides_the_pages_below(
        self, python, client, hidden, queries, django_assert_num_queries
    ):
        change(hidden, is_published=False)

        # The first reads the roadmap's own row and the node's, a second one those between.
        for _visit in range(2):
            with django_assert_num_queries(queries):
                assert client.get(address("python/loops")).status_code == 404
        visible = self.PATHS[: self.PATHS.index(hidden)]
        for path in visible:
            assert hidden not in client.get(address(path)).content.decode()

    @pytest.mark.parametrize("user", NO_EDITORS)
    def test_hides_them_from_all_but_editors(self, python, client, signed_in, user):
        change("python/basics", is_published=False)

        assert signed_in(**user).get(address("python/loops")).status_code == 404

    def test_is_marked_for_editors(self, python, editor, django_assert_num_queries):
        change("python/basics", is_published=False)
        mark = "This page is not published"

        # A session, a user, two for permissions, marks, and the page.
        with django_assert_num_queries(10):
            page = read(editor, address("python/loops"))
        assert mark in page.text
        assert mark in read(editor, address("python/basics")).text
        page = read(editor, address("python/beginner"))
        assert mark not in page.text
        items = {item.texts[0]: item.texts for item in page.all("li")}
        assert items["Basics"][1] == "Not published"
        assert "Not published" not in items["Loops"]
        assert step(read(editor, address("python/beginner")), "next") == [address("python/basics")]

    def test_is_seen_by_a_superuser(self, python, admin_client, django_assert_num_queries):
        change("python", is_published=False)

        # A session, a user, marks, and the page.
        with django_assert_num_queries(8):
            assert read(admin_client, address("python/loops")).one("h1").text == "Loops"

    def test_is_nothing_for_those_without_an_account(self, python, rf):
        change("python", is_published=False)
        request = rf.get("/")
        request.user = AnonymousUser()

        for path in ("python", "python/loops"):
            with pytest.raises(Http404, match=f"^No roadmap or node has the path {path}.$"):
                NodeView.as_view()(request, path=path)


class TestResources:
    def test_official_ones_come_first_each_group_in_its_order(self, python, client):
        basics = node("python/basics")
        add = Resource.objects.create
        add(node=basics, title="Third", url="https://x.org/3", kind="video", position=2)
        add(node=basics, title="<First>", url="https://x.org/1?a=1&b=2", position=1)
        add(node=basics, title="Second", url="http://x.org/2", kind="official", position=1)
        add(node=node("python/loops"), title="Elsewhere", url="https://x.org/4")

        page = read(client, address("python/basics"))
        assert [item.text for item in page.all("li") if "x.org" in hrefs(page, item)] == [
            "Second",
            "<First> Article",
            "Third Video",
        ]
        assert [heading.text for heading in page.all("h3")] == ["Official documentation", "More"]
        assert page.links["<First>"] == "https://x.org/1?a=1&b=2"
        assert "Elsewhere" not in page.text

    @pytest.mark.parametrize(
        ("kind", "headings", "item"),
        [("official", ["Official documentation"], "Only"), ("book", [], "Only Book")],
    )
    def test_of_one_group(self, python, client, kind, headings, item):
        Resource.objects.create(
            node=node("python/loops"), title="Only", url="https://x.org/", kind=kind
        )
        page = read(client, address("python/loops"))
        assert [heading.text for heading in page.all("h3")] == headings
        assert item in [found.text for found in page.all("li")]


def hrefs(page, item):
    inside = [a for a in page.all("a") if item.start <= a.start and a.end <= item.end]
    return " ".join(a.attributes["href"] for a in inside)


class TestPrerequisites:
    @pytest.fixture
    def profiling(self, python):
        profiling = node("python/profiling")
        profiling.prerequisites.set(map(node, ["python/paths", "python/beginner", "python/names"]))
        return profiling

    def listed(self, client):
        page = read(client, address("python/profiling"))
        if not page.all("h2"):
            return []
        assert page.one("h2").text == "Good to know first"
        return [item.texts[0] for item in page.all("li")[4:]]

    def test_are_listed_in_reading_order(self, profiling, client):
        assert self.listed(client) == ["Beginner", "Names", "Paths"]
        page = read(client, address("python/profiling"))
        assert page.links["Paths"] == address("python/paths")

    def test_are_no_dependents(self, profiling, client):
        assert not read(client, address("python/paths")).all("h2")

    @pytest.mark.parametrize(
        ("hidden", "expected"),
        [
            ("python/names", ["Beginner", "Paths"]),
            ("python/basics", ["Beginner", "Paths"]),
            ("python/beginner", []),
        ],
    )
    def test_are_left_out_when_not_published(self, profiling, client, hidden, expected):
        change(hidden, is_published=False)

        assert self.listed(client) == expected

    def test_are_all_shown_to_editors(self, profiling, editor):
        change("python/beginner", is_published=False)

        assert self.listed(editor) == ["Beginner", "Names", "Paths"]

    def test_have_the_state_of_who_asks(self, profiling, signed_in):
        client = signed_in(is_staff=False, may_edit=False)
        for slug, state in {"paths": "done", "names": "skipped", "loops": "learning"}.items():
            mark(client, f"python/{slug}", state)

        page = read(client, address("python/profiling"))
        items = page.all("li")[4:]
        assert [item.text for item in items] == ["Beginner Learning", "Names Skipped", "Paths Done"]
        states = [item.attributes["class"] for item in items]
        assert states == ["roadmap-learning", "roadmap-skipped", "roadmap-done"]
        # They are advice, and lock nothing.
        assert mark(client, "python/profiling", "done").status_code == 302

    def test_have_none_without_a_learner(self, profiling, rf):
        response = NodeView.as_view()(rf.get("/"), path="python/profiling")

        page = Page(response.render().content.decode())
        assert [item.text for item in page.all("li")[4:]] == ["Beginner", "Names", "Paths"]
        assert not [item for item in page.all("li")[4:] if item.attributes]


def mark(client, path, state, **values):
    return client.post("/roadmaps/~mark/", {"node": path, "state": state, **values})


class TestStanding:
    """How far the learner is with the node of the page."""

    @pytest.fixture(params=["guest", "account"])
    def learner(self, request, python, client, django_user_model):
        if request.param == "account":
            client.force_login(django_user_model.objects.create(username="Ben"))
        # That a guest is told something once is no part of this.
        mark(client, "python/loops", "learning")
        client.get(address("python"))
        mark(client, "python/loops", "pending")
        client.get(address("python"))
        return client

    def standing(self, client, path):
        """The texts of the part of the page that has the node's path as its id."""
        page = read(client, address(path))
        part = page.one("div", id=path)
        shown = [text for text in part.texts if not text.startswith("Your marks are kept")]
        return part.attributes["class"], shown

    def test_of_a_topic_is_its_state_among_all_states(self, learner):
        words = ["To do", "Learning", "Done", "Skipped"]
        for state, word in [
            ("pending", "To do"),
            ("done", "Done"),
            ("learning", "Learning"),
            ("skipped", "Skipped"),
        ]:
            mark(learner, "python/loops", state)
            name, shown = self.standing(learner, "python/loops")
            assert name == f"roadmap-standing roadmap-{state}"
            assert shown == words
            page = read(learner, address("python/loops"))
            pressed = [b.text for b in page.all("button", **{"aria-pressed": "true"})]
            assert pressed == [word]

    def test_of_a_parent_is_a_bar_and_what_comes_next(self, learner):
        change("python/names", minutes=20)
        choices = ["Mark all", "To do", "Learning", "Done", "Skipped"]

        name, shown = self.standing(learner, "python/beginner")
        assert name == "roadmap-standing roadmap-pending"
        facts = ["0 of 3 done (0 %), at least 20 min left", "Next:", "Loops"]
        assert shown == ["Beginner", *facts, *choices]
        mark(learner, "python/loops", "done")
        mark(learner, "python/paths", "skipped")
        name, shown = self.standing(learner, "python/beginner")
        assert name == "roadmap-standing roadmap-learning"
        facts = ["1 of 2 done (50 %), 1 skipped, about 20 min left", "Next:", "Names", "20 min"]
        assert shown == ["Beginner", *facts, *choices]
        mark(learner, "python/names", "done")
        _name, shown = self.standing(learner, "python/beginner")
        assert shown[1:3] == ["2 of 2 done (100 %), 1 skipped", "All done."]
        bar = read(learner, address("python")).one("progress")
        assert bar.attributes == {"max": "3", "value": "2"}

    def test_of_what_has_nothing_to_count_is_nothing(self, learner):
        change("python/loops", is_optional=True)
        change("python/names", is_optional=True)

        assert self.standing(learner, "python/basics")[1] == []

    def test_of_an_optional_topic_may_be_marked(self, learner):
        change("python/loops", is_optional=True)
        mark(learner, "python/loops", "done")

        assert self.standing(learner, "python/loops")[0].endswith("roadmap-done")
        assert self.standing(learner, "python/basics")[1][1] == "0 of 1 done (0 %)"

    def test_is_nothing_without_a_learner(self, python, rf):
        for path in ("python", "python/basics", "python/loops"):
            response = NodeView.as_view()(rf.get("/"), path=path)
            page = Page(response.render().content.decode())
            assert not page.all("form", method="post")
            assert not page.all("progress")
            assert not [e for e in page.all("button") if e.attributes["name"] in ("mark", "ask")]
            assert not [e for e in page.elements if e.attributes.get("id") == path]
            assert not page.all("script", src="/static/django_roadmap/marking.js")

    def test_minutes_are_those_of_a_topic(self, learner):
        """Those of a parent are the sum of what is below."""
        change("python/loops", minutes=20)
        change("python/basics", minutes=7)

        assert "20 minutes" in read(learner, address("python/loops")).text
        page = read(learner, address("python/basics"))
        assert "7 min" not in page.text
        assert "at least 20 min left" in page.text

    @pytest.mark.parametrize("path", ["python", "python/basics", "python/loops"])
    @pytest.mark.parametrize("frame", ["", "{% roadmap_tree 'python' %}"])
    def test_ids_are_unique_on_the_page(self, learner, templates, settings, path, frame):
        """Also where the frame of the site shows the whole roadmap."""
        content = "{% block content %}{% endblock %}"
        base = "{% load django_roadmap %}" + frame + content + frame
        templates({"django_roadmap/base.html": base})
        [engine] = settings.TEMPLATES
        processors = ["django.template.context_processors.request"]
        engine["OPTIONS"]["context_processors"] = processors
        settings.TEMPLATES = [engine]

        page = read(learner, address(path))
        forms = page.all("form", method="post")
        assert len(forms) == (path != "python/loops") + 1 + 2 * bool(frame)
        ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
        assert len(ids) == len({*ids})
        assert path in ids

    def test_may_be_another_for_one_roadmap(self, learner, grow, templates):
        grow("Other", ["A"])
        templates(
            {"django_roadmap/python/standing.html": "<hr>{{ title }} {{ label }} {{ mark_url }}"}
        )
        mark(learner, "python/loops", "done")

        page = read(learner, address("python/loops"))
        assert "Loops Done /roadmaps/~mark/" in page.texts
        assert len(read(learner, address("other")).all("hr")) == 0


@pytest.mark.parametrize("url", [LIST, address("python"), address("python/basics")])
def test_pages_need_no_inline_script_or_style(python, client, url):
    page = read(client, url)

    assert page.stylesheets.count("/static/django_roadmap/roadmap.css") == 1
    assert not page.all("style")
    assert all("src" in script.attributes for script in page.all("script"))
    attributes = {name for element in page.elements for name in element.attributes}
    assert not [name for name in attributes if name == "style" or name.startswith("on")]


class TestNotFound:
    @pytest.mark.parametrize(
        "path",
        ["gone", "python/gone", "gone/loops", "loops", "python/basics/loops", "python//loops"],
    )
    def test_unknown_path(self, python, client, path):
        assert client.get(address(path)).status_code == 404

    def test_node_that_hangs_in_no_roadmap(self, python, grow, client):
        """A damaged tree: no way leads from the root to the node."""
        other = grow("Other")
        QuerySet(RoadmapNode).filter(path="python/basics").update(parent=other)

        assert client.get(address("python/loops")).status_code == 404
        assert "Loops" not in read(client, address("python")).text

    def test_roadmap_whose_root_hides_only_itself(self, python, client):
        """A damaged tree: the numbers say that the unpublished root is not above the node."""
        QuerySet(RoadmapNode).filter(path="python").update(is_published=False, rght=2)

        assert client.get(address("python/loops")).status_code == 404


class TestSubclasses:
    def test_what_one_visit_changes_no_other_sees(self, python, rf):
        Resource.objects.create(node=node("python/basics"), title="Read", url="https://x.org/")

        class Mine(NodeView):
            def get_context_data(self, **kwargs):
                context = super().get_context_data(**kwargs)
                context["breadcrumbs"].insert(0, context["roadmap"])
                for resource in context["resources"]:
                    resource.title += "!"
                return context

        def visit(view):
            context = view.as_view()(rf.get("/"), path="python/basics").context_data
            return len(context["breadcrumbs"]), [r.title for r in context["resources"]]

        assert [visit(view) for view in (NodeView, Mine, Mine, NodeView)] == [
            (2, ["Read"]),
            (3, ["Read!"]),
            (3, ["Read!"]),
            (2, ["Read"]),
        ]

    def test_list_of_other_roadmaps(self, alone, grow, rf):
        draft = grow("Draft", is_published=False)

        class Mine(RoadmapListView):
            def get_queryset(self):
                return Roadmap.roots.all()

        tag = Mine.as_view()(rf.get("/"))["ETag"]
        change(draft.path, title="Another")
        assert Mine.as_view()(rf.get("/"))["ETag"] != tag
