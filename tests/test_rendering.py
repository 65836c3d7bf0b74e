"""The functions behind the tags: in Jinja2, in threads, with branches in memory."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.template import TemplateSyntaxError, engines
from django.urls import set_script_prefix
from django.utils.safestring import SafeString
from pages import Page

from django_roadmap.models import RoadmapNode
from django_roadmap.rendering import (
    InvalidDepth,
    login_url,
    roadmap_table,
    roadmap_tree,
    template_names,
)

FUNCTIONS = {"roadmap_tree": roadmap_tree, "roadmap_table": roadmap_table}


@pytest.fixture
def python(grow):
    return grow("Python", {"Basics": ["Loops", "Names"], "<Files>": ["Paths"]})


class TestFunctions:
    def test_take_what_the_tags_take(self, python, django_assert_num_queries):
        with django_assert_num_queries(2):
            tree = Page(roadmap_tree("python", depth=1, numbered=True, assets=False))
        assert tree.outline == ["Basics", "<Files>"]
        assert len(tree.all("ol")) == 1
        assert not tree.stylesheets

        with django_assert_num_queries(2):
            table = Page(roadmap_table(python, numbered=True, assets=False))
        assert [cell.text for cell in table.all("th", scope="row")] == ["1. Basics", "2. <Files>"]
        assert not table.stylesheets

    def test_without_arguments_show_the_first_roadmap(self, python):
        RoadmapNode.objects.filter(parent=None).exclude(pk=python.pk).delete()

        assert Page(roadmap_tree()).outline[0] == "Basics"
        assert Page(roadmap_table()).all("th", scope="row")[0].text == "Basics"

    def test_link_the_stylesheet_once_for_each_request(self, python, rf):
        request = rf.get("/")

        pages = [roadmap_table("python", request=request), roadmap_tree("python", request=request)]
        assert [len(Page(page).stylesheets) for page in pages] == [1, 0]

    @pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
    def test_return_html_even_when_it_is_nothing(self, python, function):
        assert isinstance(function("python"), SafeString)
        assert isinstance(function("gone"), SafeString)
        RoadmapNode.objects.all().delete()
        assert isinstance(function(), SafeString)

    def test_keep_the_cause_of_a_mistake(self, python, settings):
        settings.DEBUG = True

        with pytest.raises(TemplateSyntaxError, match=r"roadmap_tree: .* 'gone'") as caught:
            roadmap_tree("gone")
        assert isinstance(caught.value.__cause__, RoadmapNode.DoesNotExist)


class TestBranch:
    def test_needs_no_query(self, python, django_assert_num_queries):
        branch = RoadmapNode.objects.branch("python/basics")

        with django_assert_num_queries(0):
            tree, table = Page(roadmap_tree(branch)), Page(roadmap_table(branch))
        assert tree.outline == ["Loops", "Names"]
        assert [cell.text for cell in table.all("th", scope="row")] == ["Loops", "Names"]

    def test_may_be_changed(self, python):
        branch = RoadmapNode.objects.branch("python")
        basics, files = branch.children
        files.children.append(basics.children.pop())
        branch.children.reverse()

        page = Page(roadmap_tree(branch))
        assert page.outline == ["<Files>", "  Paths", "  Names", "Basics", "  Loops"]
        assert [count.text for count in page.all("span", **{"class": "roadmap-count"})] == [
            "2 topics",
            "1 topic",
        ]

    def test_shows_unpublished_nodes_that_it_has(self, python):
        RoadmapNode.objects.filter(path="python/basics").update(is_published=False)
        page = Page(roadmap_tree(RoadmapNode.objects.branch("python", unpublished=True)))

        assert page.outline == ["Basics", "  Loops", "  Names", "<Files>", "  Paths"]
        marked = [item.texts[:2] for item in page.all("li") if "Not published" in item.texts]
        assert marked == [["Basics", "Not published"]]
        branch = RoadmapNode.objects.branch("python/loops", unpublished=True)
        assert (branch.title, branch.children) == ("Loops", [])

    @pytest.mark.parametrize("depth", [0, -1, "2", 1.5, True])
    def test_refuses_what_is_no_depth(self, python, settings, depth):
        settings.DEBUG = True

        with pytest.raises(TemplateSyntaxError, match="whole number from 1 up") as caught:
            roadmap_tree("python", depth=depth)
        assert isinstance(caught.value.__cause__, InvalidDepth)


class TestJinja2:
    def render(self, source, **context):
        return engines["jinja2"].from_string(source).render({**FUNCTIONS, **context})

    def test_shows_the_same(self, python, rf, django_assert_num_queries):
        with django_assert_num_queries(4):
            html = self.render(
                "{{ roadmap_tree('python', request=request) }}<hr>"
                "{{ roadmap_table(node, request=request) }}",
                request=rf.get("/"),
                node=python,
            )
        tree, table = html.split("<hr>")
        assert tree == roadmap_tree("python", request=rf.get("/"))
        assert table == roadmap_table("python", assets=False)

    def test_mistakes_show_nothing(self, python, caplog):
        assert self.render("a{{ roadmap_tree('gone') }}b") == "ab"
        assert len(caplog.records) == 1


class TestDepth:
    LEVELS = 1500

    @pytest.fixture
    def deep(self, db):
        """A roadmap deeper than any form accepts, numbered here."""
        first = 1_000_000
        RoadmapNode.objects.bulk_create(
            RoadmapNode(
                pk=first + level,
                parent_id=first + level - 1 if level else None,
                title=f"Level {level}",
                slug=f"l{level}" if level else "deep",
                path=f"deep/l{level}" if level else "deep",
                tree_id=first,
                level=level,
                lft=level + 1,
                rght=2 * self.LEVELS + 2 - level,
            )
            for level in range(self.LEVELS + 1)
        )

    def test_has_no_limit(self, deep, django_assert_num_queries):
        with django_assert_num_queries(2):
            page = Page(roadmap_tree("deep"))
        assert page.outline == [
            "  " * (level - 1) + f"Level {level}" for level in range(1, self.LEVELS + 1)
        ]

    def test_may_be_limited(self, deep):
        assert Page(roadmap_tree("deep", depth=2)).outline == ["Level 1", "  Level 2"]
        page = Page(roadmap_tree(f"deep/l{self.LEVELS - 1}", depth=2))
        assert page.outline == [f"Level {self.LEVELS}"]


@pytest.mark.django_db(transaction=True)
def test_threads_do_not_mix_their_trees(grow, rf):
    template = engines["django"].from_string(
        "{% load django_roadmap %}{% for i in '12345' %}{% roadmap_tree path %}{% endfor %}"
    )
    topics = {"left": [f"L{i}" for i in range(20)], "right": [f"R{i}" for i in range(20)]}
    for path, below in topics.items():
        grow(path, {"Topics": below})
    barrier = Barrier(4)

    def visit(path):
        try:
            barrier.wait(timeout=60)
            return Page(template.render({"path": path}, rf.get("/")))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(barrier.parties) as pool:
        visits = ["left", "right"] * 2
        for path, page in zip(visits, pool.map(visit, visits), strict=True):
            assert page.outline == ["Topics", *(f"  {topic}" for topic in topics[path])] * 5
            assert len(page.stylesheets) == 1


def test_a_roadmaps_own_template_comes_first():
    assert template_names("node.html", "python/loops") == [
        "django_roadmap/python/node.html",
        "django_roadmap/node.html",
    ]


class TestLoginUrl:
    @pytest.mark.parametrize(
        ("setting", "url"),
        [
            ("/admin/login/", "/admin/login/?next=/roadmaps/%3Fa%3D1"),
            ("/admin/login/?from=x", "/admin/login/?from=x&next=/roadmaps/%3Fa%3D1"),
            ("admin:login", "/admin/login/?next=/roadmaps/%3Fa%3D1"),
            ("https://id.example/?a=1", "https://id.example/?a=1&next=/roadmaps/%3Fa%3D1"),
            ("/accounts/login/", ""),
            ("gone:login", ""),
        ],
    )
    def test_leads_back_and_is_empty_where_nothing_is(self, settings, setting, url):
        settings.LOGIN_URL = setting
        assert login_url("/roadmaps/?a=1") == url

    def test_below_a_prefix(self, settings):
        settings.LOGIN_URL = "admin:login"
        set_script_prefix("/site/")
        try:
            assert login_url("/site/") == "/site/admin/login/?next=/site/"
        finally:
            set_script_prefix("/")
