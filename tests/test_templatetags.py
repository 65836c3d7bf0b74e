"""``{% roadmap_tree %}``, ``{% roadmap_table %}`` and ``{% roadmap_map %}`` as authors use them."""

import logging
from pathlib import Path

import counting_tags
import pytest
from django.db.models import QuerySet
from django.template import Context, Template, TemplateSyntaxError, engines
from django.utils import translation
from pages import Page
from roadmaps import node

import django_roadmap
from django_roadmap.models import Progress, Roadmap, RoadmapNode

LEVELS = {
    "Beginner": {"Basics": ["Loops", "Names"], "Files": ["Paths"]},
    "Expert": {"Speed": ["Profiling"]},
}
OUTLINE = [
    "Beginner",
    "  Basics",
    "    Loops",
    "    Names",
    "  Files",
    "    Paths",
    "Expert",
    "  Speed",
    "    Profiling",
]
NODE = "django_roadmap/node.html"
TREE = "django_roadmap/tree.html"
TABLE = "django_roadmap/table.html"
ROW = "django_roadmap/row.html"
COUNTS = "django_roadmap/counts.html"


def render(source, **context):
    return Template("{% load django_roadmap %}" + source).render(Context(context))


def show(source, **context):
    return Page(render(source, **context))


def change(path, **fields):
    RoadmapNode.objects.filter(path=path).update(**fields)


@pytest.fixture
def python(grow):
    return grow("Python", LEVELS)


@pytest.fixture
def steps(grow):
    """A flat roadmap, of stages with descriptions."""
    root = grow("Steps", ["Learn", "Build"])
    change("steps/learn", summary="Read & write.")
    return root


@pytest.fixture
def guest(rf):
    """``guest(loops="done")`` gives a request of a guest with these marks."""

    def guest(**marks):
        request = rf.get("/start/?page=2")
        found = {}
        for slug, state in marks.items():
            found.setdefault(state, []).append(node(f"python/{slug}").pk)
        request.session = {"django_roadmap": found} if found else {}
        return request

    return guest


class TestWhichTree:
    def test_path(self, python):
        assert show("{% roadmap_tree 'python' %}").outline == OUTLINE

    def test_path_of_a_branch(self, python):
        expected = ["Basics", "  Loops", "  Names", "Files", "  Paths"]
        assert show("{% roadmap_tree 'python/beginner' %}").outline == expected

    @pytest.mark.parametrize("model", [RoadmapNode, Roadmap])
    def test_node(self, python, model):
        node = model.objects.get(path="python")
        assert show("{% roadmap_tree node %}", node=node).outline == OUTLINE

    def test_order_is_that_of_the_tree(self, python):
        node("python/names").move_to(node("python/basics"), "first-child")
        node("python/expert").move_to(node("python/beginner"), "left")

        moved = ["Expert", "  Speed", "    Profiling", "Beginner", "  Basics", "    Names"]
        assert show("{% roadmap_tree 'python' %}").outline[:6] == moved

    def test_node_in_memory_is_read_as_it_is_now(self, python):
        stale = node("python/beginner")
        change("python/loops", title="Iteration")
        fresh = node("python/beginner")
        fresh.slug = "novice"
        fresh.save()

        outline = show("{% roadmap_tree node %}", node=stale).outline
        assert outline == ["Basics", "  Iteration", "  Names", "Files", "  Paths"]

    def test_without_argument_it_is_the_first_published_roadmap(self, alone, grow):
        grow("Third", ["C"], position=3)
        grow("Second", ["B"], position=2)
        grow("First", ["A"], position=1, is_published=False)

        assert show("{% roadmap_tree %}").outline == ["B"]
        assert show("{% roadmap_table %}").one("tbody").text == "1. B"

    def test_of_two_at_one_position_the_older_is_first(self, alone, grow):
        grow("Older", ["B"], position=1)
        grow("Newer", ["A"], position=1)

        assert show("{% roadmap_tree %}").outline == ["B"]

    def test_a_branch_is_never_the_first_roadmap(self, alone, grow):
        root = grow("Python", {"A": ["B"]}, position=5)
        RoadmapNode.objects.filter(parent=root).update(position=1)

        assert show("{% roadmap_tree %}").outline == ["A", "  B"]

    @pytest.mark.parametrize("tag", ["roadmap_tree", "roadmap_table", "roadmap_map"])
    def test_without_roadmaps_there_is_nothing(self, alone, settings, caplog, tag):
        settings.DEBUG = True

        assert render(f"{{% {tag} %}}") == ""
        assert not caplog.records

    def test_without_published_roadmaps_there_is_nothing(self, alone, grow, caplog):
        grow("Python", ["Loops"], is_published=False)

        assert render("{% roadmap_tree %}") == ""
        assert not caplog.records

    @pytest.mark.django_db(databases=["default", "other"])
    def test_a_node_of_another_database_is_read_there(self, grow, django_assert_num_queries):
        grow("Python", ["Here"])
        elsewhere = grow("Python", ["There"], using="other")

        for tag in ("roadmap_tree", "roadmap_table", "roadmap_map"):
            template = Template(f"{{% load django_roadmap %}}{{% {tag} node %}}")
            with (
                django_assert_num_queries(0),
                django_assert_num_queries(2, using="other"),
            ):
                page = Page(template.render(Context({"node": elsewhere})))
            assert "There" in page.text
            assert "Here" not in page.text


class TestQueries:
    @pytest.mark.parametrize("tag", ["roadmap_tree", "roadmap_table", "roadmap_map"])
    @pytest.mark.parametrize("argument", ["", "'python'", "'python/beginner'", "node"])
    def test_are_two(self, grow, django_assert_num_queries, tag, argument):
        grow("Python", LEVELS)
        context = {"node": node("python/expert")}

        with django_assert_num_queries(2):
            render(f"{{% {tag} {argument} %}}", **context)

    @pytest.mark.parametrize(("width", "depth"), [(1, 1), (60, 1), (1, 12), (6, 3)])
    def test_do_not_depend_on_size(self, grow, django_assert_num_queries, width, depth):
        def children(depth, name=""):
            return {
                f"n{name}x{i}": children(depth - 1, f"{name}x{i}") if depth > 1 else ()
                for i in range(width)
            }

        grow("Python", children(depth))
        with django_assert_num_queries(2):
            page = show("{% roadmap_tree 'python' %}")
        assert len(page.outline) == sum(width**level for level in range(1, depth + 1))

    def test_of_what_is_not_there_are_one(self, db, django_assert_num_queries):
        with django_assert_num_queries(1):
            render("{% roadmap_tree 'gone' %}")


class TestUnpublished:
    @pytest.mark.parametrize(
        ("path", "outline"),
        [
            ("python/basics", ["Beginner", "  Files", "    Paths", *OUTLINE[6:]]),
            ("python/beginner", OUTLINE[6:]),
            ("python/profiling", [*OUTLINE[:8]]),
        ],
    )
    def test_hides_the_branch(self, python, path, outline):
        change(path, is_published=False)

        assert show("{% roadmap_tree 'python' %}").outline == outline

    @pytest.mark.parametrize("hidden", ["python", "python/beginner", "python/basics"])
    def test_ancestor_hides_a_branch_asked_for(self, python, hidden, settings):
        change(hidden, is_published=False)
        settings.DEBUG = True

        with pytest.raises(TemplateSyntaxError, match="No published roadmap or node"):
            render("{% roadmap_tree 'python/basics' %}")
        with pytest.raises(TemplateSyntaxError, match="No published roadmap or node"):
            render("{% roadmap_table node %}", node=node("python/basics"))

    def test_stage_is_not_in_the_table(self, steps):
        change("steps/learn", is_published=False)

        assert [row.text for row in show("{% roadmap_table 'steps' %}").all("tr")] == [
            "Stage Description",
            "1. Build",
        ]

    def test_sections_leave_a_topic_to_visitors(self, python):
        RoadmapNode.objects.filter(parent=node("python/basics")).update(is_published=False)

        basics = show("{% roadmap_tree 'python/beginner' %}").all("li")[0]
        assert basics.text == "Basics"


class TestDamaged:
    """What no edit can do to the tree, but somebody with a database shell."""

    def test_a_circle_ends(self, python):
        QuerySet(RoadmapNode).filter(path="python/basics").update(parent=node("python/loops"))

        assert render("{% roadmap_tree 'python/basics' %}") == ""
        rest = ["Beginner", "  Files", "    Paths", *OUTLINE[6:]]
        assert show("{% roadmap_tree 'python' %}").outline == rest

    def test_a_place_taken_twice_shows_both_nodes_once(self, python):
        places = QuerySet(RoadmapNode).filter(path="python/loops").values("lft", "rght")
        QuerySet(RoadmapNode).filter(path="python/names").update(**places[0])

        page = show("{% roadmap_tree 'python' %}")
        assert sorted(page.outline) == sorted(OUTLINE)


class TestDepth:
    @pytest.mark.parametrize(
        ("depth", "levels"), [("1", 1), ("2", 2), ("3", 3), ("99", 3), ("None", 3)]
    )
    def test_is_how_many_levels_below_the_node(self, python, depth, levels):
        expected = [line for line in OUTLINE if line.count("  ") < levels]

        assert show(f"{{% roadmap_tree 'python' depth={depth} %}}").outline == expected

    def test_counts_from_the_branch(self, python):
        page = show("{% roadmap_tree 'python/beginner' depth=1 %}")

        assert page.outline == ["Basics", "Files"]

    def test_leaves_nothing_to_open_and_the_counts(self, python):
        page = show("{% roadmap_tree 'python' depth=1 %}")

        assert not page.all("details")
        assert [item.text for item in page.all("li")] == ["Beginner 3 topics", "Expert 1 topic"]

    @pytest.mark.parametrize(
        ("depth", "shown"),
        [(wrong, wrong) for wrong in ("0", "-1", "'2'", "1.5", "True")] + [("missing", "''")],
    )
    @pytest.mark.parametrize("tag", ["roadmap_tree", "roadmap_map"])
    def test_is_a_whole_number_from_one_up(self, python, settings, caplog, tag, depth, shown):
        source = f"{{% {tag} 'python' depth={depth} %}}"

        message = f"{tag}: depth is a whole number from 1 up, not {shown}."

        assert render(source) == ""
        assert caplog.record_tuples == [("django_roadmap", logging.WARNING, message)]
        settings.DEBUG = True
        with pytest.raises(TemplateSyntaxError) as caught:
            render(source)
        assert str(caught.value) == message

    def test_is_nothing_a_table_has(self, db):
        with pytest.raises(TemplateSyntaxError, match="unexpected keyword argument 'depth'"):
            render("{% roadmap_table 'python' depth=1 %}")


class TestNumbered:
    """Whether the outermost list is an ``ol``; the lists in it never are."""

    @pytest.mark.parametrize(
        ("argument", "tag"), [("", "ol"), ("numbered=False", "ul"), ("numbered=True", "ol")]
    )
    def test_flat_roadmap(self, steps, argument, tag):
        page = show(f"{{% roadmap_tree 'steps' {argument} %}}")

        assert [e.tag for e in page.elements if e.tag in ("ol", "ul")] == [tag]

    @pytest.mark.parametrize(
        ("argument", "tag"), [("", "ul"), ("numbered=False", "ul"), ("numbered=True", "ol")]
    )
    def test_roadmap_of_levels(self, python, argument, tag):
        page = show(f"{{% roadmap_tree 'python' {argument} %}}")

        lists = [e.tag for e in page.elements if e.tag in ("ol", "ul")]
        assert lists == [tag, "ul", "ul", "ul", "ul", "ul"]

    def test_a_branch_is_no_flat_roadmap(self, python):
        assert not show("{% roadmap_tree 'python/basics' %}").all("ol")

    def test_one_stage_with_topics_makes_it_no_longer_flat(self, steps, grow):
        grow("Sites", parent=node("steps/build"))

        assert not show("{% roadmap_tree 'steps' %}").all("ol")
        # Nor does leaving the topics out make it flat again.
        assert not show("{% roadmap_tree 'steps' depth=1 %}").all("ol")

    @pytest.mark.parametrize(
        ("path", "argument", "firsts"),
        [
            ("steps", "", ["1. Learn", "2. Build"]),
            ("steps", "numbered=False", ["Learn", "Build"]),
            ("python", "", ["Beginner", "Expert"]),
            ("python", "numbered=True", ["1. Beginner", "2. Expert"]),
        ],
    )
    def test_table(self, steps, python, path, argument, firsts):
        page = show(f"{{% roadmap_table '{path}' {argument} %}}")

        assert [cell.text for cell in page.all("th", scope="row")] == firsts


class TestAssets:
    STYLESHEET = ["/static/django_roadmap/roadmap.css"]

    @pytest.mark.parametrize("tag", ["roadmap_tree", "roadmap_table", "roadmap_map"])
    def test_are_linked(self, steps, rf, tag):
        assert show(f"{{% {tag} 'steps' %}}").stylesheets == self.STYLESHEET
        page = show(f"{{% {tag} 'steps' %}}", request=rf.get("/"))
        assert page.stylesheets == self.STYLESHEET

    def test_exist(self):
        app = Path(django_roadmap.__file__).parent
        assert (app / "static/django_roadmap/roadmap.css").exists()

    def test_are_linked_once_for_each_request(self, steps, rf):
        source = "{% roadmap_table 'steps' %}{% roadmap_tree 'steps' %}{% roadmap_tree 'steps' %}"

        for _ in range(2):
            assert show(source, request=rf.get("/")).stylesheets == self.STYLESHEET

    @pytest.mark.parametrize("tag", ["roadmap_tree", "roadmap_table", "roadmap_map"])
    def test_may_be_left_to_the_site(self, steps, rf, tag):
        source = f"{{% {tag} 'steps' assets=False %}}"

        assert not show(source).stylesheets
        assert not show(source, request=rf.get("/")).stylesheets

    def test_of_the_next_tag_are_not_left_out_with_them(self, steps, rf):
        source = "{% roadmap_tree 'steps' assets=False %}{% roadmap_tree 'steps' %}"

        assert show(source, request=rf.get("/")).stylesheets == self.STYLESHEET

    def test_may_be_asked_for_where_the_request_is_in_no_context(self, steps, rf):
        template = engines["django"].from_string(
            "{% load django_roadmap %}{% roadmap_tree 'steps' %}{% roadmap_tree 'steps' %}"
        )

        assert len(Page(template.render({}, rf.get("/"))).stylesheets) == 1
        assert len(Page(template.render({})).stylesheets) == 2


class TestWhatIsShown:
    def test_titles_link_to_pages(self, python):
        assert show("{% roadmap_tree 'python/beginner' %}").links == {
            "Basics": "/roadmaps/python/basics/",
            "Loops": "/roadmaps/python/loops/",
            "Names": "/roadmaps/python/names/",
            "Files": "/roadmaps/python/files/",
            "Paths": "/roadmaps/python/paths/",
        }

    def test_what_has_children_opens_and_closes(self, python):
        page = show("{% roadmap_tree 'python/beginner' %}")

        assert [details.level for details in page.all("details")] == [1, 1]
        summaries = [summary.text for summary in page.all("summary")]
        assert ["Basics" in summaries[0], "Files" in summaries[1]] == [True, True]
        assert len(summaries) == 2

    def test_it_has_a_name_and_no_heading(self, python):
        page = show("{% roadmap_tree 'python/beginner' %}")

        assert page.all("ul", **{"aria-label": "Beginner"})
        assert not {"h1", "h2", "h3", "h4", "h5", "h6"} & {e.tag for e in page.elements}

    def test_counts_are_of_topics_that_count(self, python):
        change("python/names", is_optional=True)
        change("python/expert", is_optional=True)

        items = show("{% roadmap_tree 'python' %}").all("li")
        numbers = {item.texts[0]: [t for t in item.texts if "topic" in t][:1] for item in items}
        assert numbers == {
            "Beginner": ["2 topics"],
            "Basics": ["1 topic"],
            "Loops": [],
            "Names": [],
            "Files": ["1 topic"],
            "Paths": [],
            "Expert": [],
            "Speed": [],
            "Profiling": [],
        }

    def test_summaries(self, steps):
        assert [item.text for item in show("{% roadmap_tree 'steps' %}").all("li")] == [
            "Learn Read & write.",
            "Build",
        ]

    def test_optional_nodes_say_so(self, steps):
        change("steps/build", is_optional=True)

        items = [item.text for item in show("{% roadmap_tree 'steps' %}").all("li")]
        assert items == ["Learn Read & write.", "Build Optional"]

    def test_a_topic_has_no_list(self, steps):
        page = show("{% roadmap_tree 'steps/build' %}")

        assert page.text == ""
        assert not page.all("ul")
        assert not page.all("ol")

    def test_table(self, steps):
        page = show("{% roadmap_table 'steps' %}")

        assert page.one("table").attributes["aria-label"] == "Steps"
        assert [[e.text for e in page.all("th", scope=s)] for s in ("col", "row")] == [
            ["Stage", "Description"],
            ["1. Learn", "2. Build"],
        ]
        assert [cell.text for cell in page.all("td")] == ["Read & write.", ""]
        assert page.links == {
            "Learn": "/roadmaps/steps/learn/",
            "Build": "/roadmaps/steps/build/",
        }

    def test_table_of_a_branch_has_its_children_only(self, python):
        page = show("{% roadmap_table 'python/beginner' %}")

        assert [cell.text for cell in page.all("th", scope="row")] == ["Basics", "Files"]

    @pytest.mark.urls(())
    def test_without_our_urls_titles_are_text(self, python):
        tree, table = show("{% roadmap_tree 'python' %}"), show("{% roadmap_table 'python' %}")

        assert tree.outline == OUTLINE
        assert [cell.text for cell in table.all("th", scope="row")] == ["Beginner", "Expert"]
        assert not tree.all("a")
        assert not table.all("a")

    @pytest.mark.parametrize(
        "title",
        [
            "🎉" * 200,
            "مقدمة في جانغو",
            "<script>alert('1')</script>",
            "{{ node }} {% now 'Y' %}",
            "a & b > c \"d\" 'e'",
        ],
    )
    @pytest.mark.parametrize("tag", ["roadmap_tree", "roadmap_table"])
    @pytest.mark.parametrize("escape", ["on", "off"])
    def test_titles_and_summaries_are_shown_as_they_are(self, grow, title, tag, escape):
        root = grow(title, {title: [title]}, slug="harm")
        RoadmapNode.objects.filter(tree_id=root.tree_id).update(summary=title)

        source = f"{{% autoescape {escape} %}}{{% {tag} 'harm' %}}{{% endautoescape %}}"
        page = show(source)
        shown = 4 if tag == "roadmap_tree" else 2
        assert page.texts.count(title) == shown
        assert not [script for script in page.all("script") if script.text]
        assert [e.attributes["aria-label"] for e in page.elements if "aria-label" in e.attributes]
        assert all(
            e.attributes["aria-label"] in (title, f"Find in {title}")
            for e in page.elements
            if "aria-label" in e.attributes
        )


def sources(page):
    """The names of the scripts that a page links."""
    return [script.attributes["src"].rpartition("/")[2] for script in page.all("script")]


class TestExploring:
    """What a script needs to filter and fold a tree. Without one it is hidden."""

    TAG = "{% roadmap_tree 'python' %}"
    COMMON = ["text", "clear"]

    def controls(self, source, **options):
        """The names of what can be used in it, and the page."""
        page = show(source, **options)
        for form in page.all("form", role="search"):
            assert "hidden" in form.attributes
        elements = [e for tag in ("input", "select", "button") for e in page.all(tag)]
        names = [e.attributes["name"] for e in elements]
        return sorted(name for name in names if name not in ("ask", "mark", "next")), page

    @pytest.mark.parametrize(
        ("source", "names", "levels"),
        [
            ("{% roadmap_tree 'python' %}", ["fold", "fold", "fold"], ["level", "2"]),
            ("{% roadmap_tree 'python' depth=2 %}", ["fold", "fold"], []),
            ("{% roadmap_tree 'python/beginner' %}", ["fold", "fold"], []),
        ],
    )
    def test_folds_to_each_level_that_is_shown(self, python, source, names, levels):
        found, page = self.controls(source)

        assert found == sorted([*self.COMMON, *names])
        assert [option.text for option in page.all("option")] == levels
        folds = [b.attributes["value"] for b in page.all("button", name="fold")]
        assert folds == ["1", str(len(names))]
        form = page.one("form", role="search")
        assert form.attributes["aria-label"].startswith("Find in ")

    @pytest.mark.parametrize(
        "source", ["{% roadmap_tree 'python' depth=1 %}", "{% roadmap_tree 'steps' %}"]
    )
    def test_is_not_there_for_a_short_list(self, python, steps, source):
        assert self.controls(source)[0] == []

    @pytest.mark.parametrize(("topics", "names"), [(12, []), (13, COMMON)])
    def test_filters_a_long_list(self, grow, topics, names):
        grow("Long", [f"Topic {number}" for number in range(topics)])

        assert self.controls("{% roadmap_tree 'long' %}")[0] == sorted(names)

    def test_hides_what_is_optional_where_that_is_shown(self, python):
        assert "optional" not in self.controls(self.TAG)[0]
        change("python/paths", is_optional=True)
        assert "optional" in self.controls(self.TAG)[0]
        assert "optional" not in self.controls("{% roadmap_tree 'python' depth=2 %}")[0]

    def test_filters_by_state_where_there_is_a_learner(self, python, guest):
        assert "state" not in self.controls(self.TAG)[0]
        for request in (guest(), guest(loops="done")):
            names, page = self.controls(self.TAG, request=request)
            assert "state" in names
            [state] = page.all("select", name="state")
            assert state.text == "All To do Learning Done Skipped"
            values = [option.attributes.get("value") for option in page.all("option")]
            assert values[:5] == ["", "pending", "learning", "done", "skipped"]

    def test_stands_outside_the_form_to_mark_with(self, python, guest):
        html = render(self.TAG, request=guest())
        assert html.index("</form>") < html.index('<form method="post"')

    @pytest.mark.urls(())
    def test_links_lead_to_nodes_that_nobody_can_mark(self, python, rf):
        """Without a request one cannot tell what is on the page twice."""
        page = show(self.TAG * 2, request=rf.get("/"))
        ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
        assert len(ids) == len({*ids}) == 9
        assert "python/loops" in ids
        page = show(self.TAG)
        assert not [e for e in page.elements if "id" in e.attributes]

    @pytest.mark.parametrize(
        ("source", "scripts"),
        [
            ("{% roadmap_tree 'python' %}", 1),
            ("{% roadmap_tree 'steps' %}{% roadmap_tree 'python' %}", 1),
            ("{% roadmap_tree 'python' assets=False %}", 0),
            ("{% roadmap_tree 'python/loops' %}", 0),
            ("{% roadmap_table 'python' %}", 0),
        ],
    )
    def test_script_is_linked_once(self, python, steps, rf, source, scripts):
        page = show(source, request=rf.get("/"))

        assert sources(page) == ["exploring.js"] * scripts

    def test_may_be_another_or_nothing(self, python, templates):
        templates({"django_roadmap/explore.html": "<hr>{{ node.title }} {{ topics }}"})
        assert "<hr>Python 4" in render(self.TAG)
        templates({"django_roadmap/python/explore.html": ""})
        page = show(self.TAG)
        assert not page.all("form")
        assert sources(page) == ["exploring.js"]

    @pytest.mark.parametrize("language", ["en", "de"])
    def test_is_kept_like_the_nodes(self, python, templates, guest, language):
        source = "{% load counting_tags %}{% note %}"
        templates({"django_roadmap/explore.html": source})
        with translation.override(language):
            render(self.TAG, request=guest())
            seen = len(counting_tags.rendered)
            assert seen
            render(self.TAG, request=guest())
            render(self.TAG, request=guest(loops="done"))
        assert len(counting_tags.rendered) == seen


class TestWhereItStands:
    SHORT = ["Learn", "Build"]

    def test_in_a_loop(self, python, steps):
        source = "{% for node in nodes %}{% roadmap_tree node depth=forloop.counter %}{% endfor %}"

        page = show(source, nodes=["steps", "python/beginner", "steps"])
        assert page.outline == [
            *self.SHORT,
            "Basics",
            "  Loops",
            "  Names",
            "Files",
            "  Paths",
            *self.SHORT,
        ]

    def test_in_a_loop_over_roadmaps(self, alone, python, steps, django_assert_num_queries):
        source = "{% for roadmap in roadmaps %}{% roadmap_tree roadmap depth=1 %}{% endfor %}"

        with django_assert_num_queries(1 + 2 * 2):
            page = show(source, roadmaps=Roadmap.roots.all())
        assert page.outline == ["Beginner", "Expert", *self.SHORT]

    def test_in_an_included_template(self, steps, templates, rf):
        templates({"part.html": "{% load django_roadmap %}{% roadmap_tree path %}"})
        source = "{% include 'part.html' with path='steps' %}"

        page = show(source * 2, request=rf.get("/"))
        assert page.outline == self.SHORT * 2
        assert len(page.stylesheets) == 1

    def test_where_no_request_is_passed_on(self, steps, templates, rf):
        templates({"part.html": "{% load django_roadmap %}{% roadmap_tree 'steps' %}"})

        page = show("{% include 'part.html' only %}", request=rf.get("/"))
        assert page.outline == self.SHORT

    def test_in_a_variable(self, steps):
        source = "{% roadmap_tree 'steps' as tree %}<hr>{{ tree }}"

        assert show(source).outline == self.SHORT

    def test_leaves_the_variables_of_the_page_alone(self, python):
        variables = ["node", "children", "url", "numbered", "assets", "counts"]
        source = "{% roadmap_tree 'python' %}|" + "".join(f"{{{{ {v} }}}}" for v in variables)

        after = render(source, **{v: v for v in variables}).rpartition("|")[2]
        assert after == "".join(variables)


class TestOverriding:
    def test_node_with_conditions_and_filters(self, python, templates):
        change("python/basics", minutes=90, is_optional=True, summary="one two three")
        templates(
            {
                NODE: "<li>{{ node.title|upper }}"
                "{% if node.is_topic and url %} {{ url }}"
                "{% elif node.minutes > 60 %} long{% endif %}"
                "{% if node.summary %} {{ node.summary|truncatewords:1 }}{% endif %}"
                "{% if children %}<ul>{{ children }}</ul>{% endif %}</li>"
            }
        )

        assert [item.text for item in show("{% roadmap_tree 'python/beginner' %}").all("li")] == [
            "BASICS long one … LOOPS /roadmaps/python/loops/ NAMES /roadmaps/python/names/",
            "LOOPS /roadmaps/python/loops/",
            "NAMES /roadmaps/python/names/",
            "FILES PATHS /roadmaps/python/paths/",
            "PATHS /roadmaps/python/paths/",
        ]

    def test_node_knows_its_shape(self, python, grow, templates):
        grow("Tips", parent=node("python/expert"))
        templates({NODE: "{{ node.title }}={{ shape }} {{ children }}", TREE: "{{ children }}"})

        assert render("{% roadmap_tree 'python' %}").split() == [
            "Beginner=level",
            "Basics=section",
            "Loops=topic",
            "Names=topic",
            "Files=section",
            "Paths=topic",
            "Expert=level",
            "Speed=section",
            "Profiling=topic",
            "Tips=topic",
        ]
        cut = render("{% roadmap_tree 'python' depth=2 %}").split()
        assert cut == [
            "Beginner=level",
            "Basics=topic",
            "Files=topic",
            "Expert=level",
            "Speed=topic",
            "Tips=topic",
        ]

    def test_node_may_leave_out_what_it_does_not_want(self, python, templates):
        templates({NODE: "<li>{{ node.title }}</li>"})

        assert show("{% roadmap_tree 'python' %}").outline == ["Beginner", "Expert"]

    def test_node_may_print_its_slots_anywhere(self, python, templates):
        node = "[{{ counts }}{{ children }}{{ node.title }} {{ counts }}]"
        templates({NODE: node, TREE: "{{ children }}", COUNTS: "({{ topics }})"})

        assert render("{% roadmap_tree 'python/beginner' %}") == (
            "[(2)[Loops ][Names ]Basics (2)][(1)[Paths ]Files (1)]"
        )

    @pytest.mark.parametrize(
        "misuse",
        [
            "{{ counts|upper }}",
            "{{ children|title }}",
            "{% for c in children %}{{ c.title }}{% endfor %}",
        ],
    )
    def test_node_may_do_nothing_else_with_its_slots(
        self, python, templates, settings, caplog, misuse
    ):
        templates({NODE: f"<li>{{{{ node.title }}}} {misuse}</li>"})

        assert render("{% roadmap_tree 'python/beginner' %}").count("<li>") == 2
        assert "without filter or loop" in caplog.text
        settings.DEBUG = True
        with pytest.raises(TemplateSyntaxError, match="without filter or loop"):
            render("{% roadmap_tree 'python/beginner' %}")

    def test_tree(self, steps, templates, rf):
        templates({TREE: "{{ node.title }} {{ numbered }} {{ assets }} <ol>{{ children }}</ol>"})

        page = show("{% roadmap_tree 'steps' numbered=False %}", request=rf.get("/"))
        assert page.texts[0] == "Steps False True"
        assert page.outline == ["Learn", "Build"]

    def test_table(self, steps, templates):
        row = "; {{ number }} {{ node.title }} {{ node.summary }} {{ url }}"
        templates({TABLE: "{{ node.path }}{{ rows }}", ROW: row})

        assert render("{% roadmap_table 'steps' %}") == (
            "steps; 1 Learn Read &amp; write. /roadmaps/steps/learn/"
            "; 2 Build  /roadmaps/steps/build/"
        )

    def test_counts(self, python, templates):
        templates({COUNTS: "<b>{{ topics }}!</b>"})

        bold = [element.text for element in show("{% roadmap_tree 'python' %}").all("b")]
        assert bold == ["3!", "2!", "1!", "1!", "1!"]

    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("{% roadmap_tree path depth=1 %}", "{0}-tree {0}-node {0}-counts"),
            ("{% roadmap_table path %}", "{0}-table"),
        ],
    )
    def test_of_one_roadmap_wins_over_that_of_all(self, grow, templates, source, expected):
        slots = {"tree": "{{ children }}", "node": "{{ counts }}", "table": "", "counts": ""}
        templates(
            {
                f"django_roadmap/{folder}{name}.html": f"{whose}-{name} {slot}"
                for folder, whose in {"mine/": "my", "": "all"}.items()
                for name, slot in slots.items()
            }
        )
        grow("Mine", {"A": {"B": ["C"]}})
        grow("Yours", {"A": {"B": ["C"]}})

        for path, whose in {"mine": "my", "mine/a": "my", "yours": "all"}.items():
            assert render(source, path=path).split() == expected.format(whose).split()


class TestMistakes:
    CASES = [
        ("'gone'", "No published roadmap or node is at 'gone'."),
        ("'python/gone'", "No published roadmap or node is at 'python/gone'."),
        ("'python/'", "No published roadmap or node is at 'python/'."),
        ("missing", "No published roadmap or node is at ''."),
        ("''", "No published roadmap or node is at ''."),
        ("None", "None is neither a path nor a node."),
        ("42", "42 is neither a path nor a node."),
        ("unsaved", "No published roadmap or node is at <RoadmapNode: New>."),
        ("deleted", "No published roadmap or node is at <RoadmapNode: Old>."),
    ]

    @pytest.fixture
    def context(self, python, grow):
        deleted = grow("Old")
        RoadmapNode.objects.filter(path="old").delete()
        return {"unsaved": RoadmapNode(title="New"), "deleted": deleted}

    @pytest.mark.parametrize("tag", ["roadmap_tree", "roadmap_table", "roadmap_map"])
    @pytest.mark.parametrize(("argument", "message"), CASES)
    def test_are_said_under_debug(self, context, settings, tag, argument, message):
        settings.DEBUG = True

        with pytest.raises(TemplateSyntaxError) as caught:
            render(f"{{% {tag} {argument} %}}", **context)
        assert str(caught.value) == f"{tag}: {message}"

    @pytest.mark.parametrize("tag", ["roadmap_tree", "roadmap_table", "roadmap_map"])
    @pytest.mark.parametrize(("argument", "message"), CASES)
    def test_are_logged_and_show_nothing_otherwise(self, context, caplog, tag, argument, message):
        assert render(f"a{{% {tag} {argument} %}}b", **context) == "ab"
        warning = ("django_roadmap", logging.WARNING, f"{tag}: {message}")
        assert caplog.record_tuples == [warning]


class TestMarking:
    """Forms and buttons, for whoever may mark something."""

    TAGS = ["{% roadmap_tree 'python' %}", "{% roadmap_table 'python' %}"]

    @pytest.fixture
    def account(self, rf, django_user_model):
        request = rf.get("/start/?page=2")
        request.user = django_user_model.objects.create(username="Ann")
        return request

    def test_needs_a_request_with_a_learner(self, python, rf, guest, account):
        for request, expected in [(None, 0), (rf.get("/"), 0), (guest(), 1), (account, 1)]:
            page = show(self.TAGS[0], request=request)
            assert len(page.all("form", method="post")) == expected
            assert bool(page.all("button", name="ask")) is bool(expected)
            assert sources(page).count("marking.js") == expected

    @pytest.mark.urls(())
    def test_needs_our_urls(self, python, guest, account):
        Progress.objects.create(user=account.user, node=node("python/loops"), state="done")

        for request in (guest(), guest(loops="done"), account):
            for tag in self.TAGS:
                page = show(tag, request=request)
                assert not page.all("form", method="post")
                assert not {"ask", "mark"} & {b.attributes["name"] for b in page.all("button")}
                assert not page.all("template")
                assert "marking.js" not in sources(page)
                assert not [e for e in page.elements if "data-node" in e.attributes]
                if request is not account and not request.session:
                    assert "roadmap-pending" not in render(tag, request=request)
                # What is done is shown, to whoever has done something.
                is_learner = request is account or bool(request.session)
                assert ("Learning" in page.text) is is_learner

    def test_form_leads_back_to_the_page(self, python, account):
        page = show(self.TAGS[0], request=account)

        form = page.one("form", method="post")
        assert form.attributes["action"] == "/roadmaps/~mark/"
        assert page.one("input", name="next").attributes["value"] == "/start/?page=2"
        assert page.one("input", name="csrfmiddlewaretoken")

    def test_topics_have_a_tick_and_all_that_counts_a_menu(self, python, guest):
        change("python/expert", is_optional=True)
        page = show(self.TAGS[0], request=guest(loops="done", names="learning"))

        ticks = [b for b in page.all("button") if "aria-pressed" in b.attributes]
        assert {tick.attributes["value"]: tick.attributes["aria-pressed"] for tick in ticks} == {
            "pending python/loops": "true",
            "done python/names": "false",
            "done python/paths": "false",
            "done python/profiling": "false",
        }
        assert {tick.attributes["name"] for tick in ticks} == {"mark"}
        names = [tick.attributes["aria-label"] for tick in ticks]
        assert names == [f"{title}: done" for title in ("Loops", "Names", "Paths", "Profiling")]
        menus = page.all("button", name="ask")
        assert [menu.attributes["value"] for menu in menus] == [
            f"python/{slug}"
            for slug in ("beginner", "basics", "loops", "names", "files", "paths", "profiling")
        ]
        assert [m.attributes["aria-label"] for m in menus][:2] == ["Mark Beginner", "Mark Basics"]

    def test_script_has_what_its_menu_is_made_of(self, python, guest):
        page = show(self.TAGS[0], request=guest())

        assert page.one("template").text == "To do Learning Done Skipped"
        page.one("script", type="module", src="/static/django_roadmap/marking.js")
        folder = Path(django_roadmap.__file__).parent
        assert (folder / "static/django_roadmap/marking.js").exists()

    @pytest.mark.parametrize(
        ("source", "scripts", "stylesheets"),
        [
            ("{% roadmap_tree 'python' assets=False %}", 0, 0),
            ("{% roadmap_table 'python' %}", 0, 1),
            ("{% roadmap_table 'python' %}{% roadmap_tree 'python' %}", 1, 1),
            ("{% roadmap_tree 'python' %}{% roadmap_tree 'steps' %}", 1, 1),
            ("{% roadmap_tree 'python/loops' %}{% roadmap_tree 'python' %}", 1, 1),
            ("{% roadmap_tree 'python' assets=False %}{% roadmap_tree 'python' %}", 1, 1),
        ],
    )
    def test_script_is_linked_once_by_what_needs_it(
        self, python, steps, guest, source, scripts, stylesheets
    ):
        page = show(source, request=guest())

        assert sources(page) == ["marking.js", "exploring.js"] * scripts
        assert len(page.stylesheets) == stylesheets

    @pytest.mark.parametrize(
        ("source", "anchors", "marked"),
        [
            ("{% roadmap_tree 'python' %}{% roadmap_tree 'python' %}", 9, 9),
            ("{% roadmap_tree 'python/basics' %}{% roadmap_tree 'python' %}", 2, 9),
            ("{% roadmap_tree 'python' depth=1 %}{% roadmap_tree 'python/beginner' %}", 2, 5),
            ("{% roadmap_tree 'python' %}{% roadmap_tree 'steps' %}", 11, 0),
            ("{% roadmap_table 'python' %}{% roadmap_tree 'python' %}", 9, 2),
        ],
    )
    def test_ids_are_unique_on_a_page(self, python, steps, guest, source, anchors, marked):
        """What has none has its path nevertheless, so that the script finds it."""
        page = show(source, request=guest())

        ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
        assert len(ids) == len({*ids}) == anchors
        assert len([e for e in page.elements if "data-node" in e.attributes]) == marked

    def test_a_topic_has_no_form_as_nothing_is_in_it(self, python, guest):
        page = show("{% roadmap_tree 'python/loops' %}", request=guest())

        assert not {"form", "button", "script", "template"} & {e.tag for e in page.elements}

    def test_table_shows_states_and_has_no_buttons(self, python, guest):
        page = show("{% roadmap_table 'python' %}", request=guest(profiling="done"))

        assert not page.all("form")
        assert not page.all("button")
        rows = page.all("tr")[1:]
        assert [row.attributes["data-node"] for row in rows] == ["python/beginner", "python/expert"]
        assert [row.text for row in rows] == ["Beginner", "Expert Done"]

    @pytest.mark.parametrize("tag", TAGS)
    def test_guests_without_marks_get_the_same_bytes(
        self, python, guest, templates, tag, django_assert_num_queries
    ):
        source = "{% load counting_tags %}{% note %}{{ node.title }} {{ children }}"
        first = render(tag, request=guest())
        with django_assert_num_queries(1):
            assert render(tag, request=guest()) == first
        templates({NODE: source, ROW: source})
        render(tag, request=guest())
        seen = len(counting_tags.rendered)
        assert seen
        with django_assert_num_queries(1):
            render(tag, request=guest())
        assert len(counting_tags.rendered) == seen

    def test_note_is_there_for_the_script_to_show(self, python, guest):
        request = guest()
        note = show(self.TAGS[0], request=request).one("div", **{"class": "roadmap-note"})
        assert "hidden" in note.attributes
        request = guest()
        request.session["django_roadmap_note"] = True
        page = show(self.TAGS[0] + self.TAGS[0], request=request)
        shown = [
            "hidden" not in note.attributes for note in page.all("div", **{"class": "roadmap-note"})
        ]
        assert shown == [True, False]
        assert request.session == {"django_roadmap_note": False}

    def test_any_title_is_the_name_of_its_buttons(self, grow, guest):
        root = grow("R", {'"><b>&': ["<script>'"]})

        page = show("{% roadmap_tree root %}", request=guest(), root=root)
        names = [
            b.attributes["aria-label"] for b in page.all("button") if "aria-label" in b.attributes
        ]
        assert names == ['Mark "><b>&', "<script>': done", "Mark <script>'"]
        assert not page.all("b")
