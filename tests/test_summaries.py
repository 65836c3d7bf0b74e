"""``{% roadmap_progress %}`` and ``{% roadmap_next %}``, and the functions behind them."""

import logging

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.template import Context, Template, TemplateSyntaxError, engines
from django.utils.safestring import SafeString
from pages import Page
from roadmaps import node

from django_roadmap.counting import DONE, LEARNING, SKIPPED
from django_roadmap.models import Progress, RoadmapNode
from django_roadmap.summaries import roadmap_next, roadmap_progress
from django_roadmap.tree import Branch

FUNCTIONS = {"roadmap_progress": roadmap_progress, "roadmap_next": roadmap_next}
NAMES = {"roadmap_progress": "progress.html", "roadmap_next": "next.html"}
STYLESHEET = ["/static/django_roadmap/roadmap.css"]

each_tag = pytest.mark.parametrize("tag", FUNCTIONS)


@pytest.fixture(autouse=True)
def python(alone, grow):
    levels = {"Basics": {"Values": ["Numbers", "Texts"], "Flow": ["Loops"]}, "Files": ["Paths"]}
    return grow("Python", levels)


@pytest.fixture
def visit(rf):
    """``visit(loops="done")`` gives a request of somebody with these marks."""

    def visit(**marks):
        request = rf.get("/")
        request.user = User.objects.get_or_create(username="Ann")[0]
        Progress.objects.all().delete()
        for slug, state in marks.items():
            Progress.objects.create(user=request.user, node=node(f"python/{slug}"), state=state)
        return request

    return visit


@pytest.fixture
def nobody(rf):
    request = rf.get("/")
    request.user = AnonymousUser()
    return request


def change(*slugs, **fields):
    paths = [f"python/{slug}" for slug in slugs]
    assert RoadmapNode.objects.filter(path__in=paths).update(**fields) == len(slugs)


def render(source, **context):
    return Template("{% load django_roadmap %}" + source).render(Context(context))


def show(source, **context):
    return Page(render(source, **context))


def bar(request, target="python"):
    """The label and the values of the bar, and what is said below it."""
    page = Page(roadmap_progress(target, request=request))
    bars = [
        (label.text, progress.attributes["value"], progress.attributes["max"])
        for label, progress in zip(page.all("label"), page.all("progress"), strict=True)
    ]
    return *bars, page.one("p").text


def step(request, target="python"):
    return Page(roadmap_next(target, request=request)).text


class TestProgress:
    @pytest.mark.parametrize(
        ("marks", "value", "text"),
        [
            ({}, "0", "0 of 4 done (0 %)"),
            ({"numbers": LEARNING}, "0", "0 of 4 done (0 %)"),
            ({"numbers": DONE}, "1", "1 of 4 done (25 %)"),
            ({"numbers": DONE, "texts": DONE, "loops": DONE}, "3", "3 of 4 done (75 %)"),
            (
                dict.fromkeys(["numbers", "texts", "loops", "paths"], DONE),
                "4",
                "4 of 4 done (100 %)",
            ),
        ],
    )
    def test_is_a_bar_and_counts(self, visit, marks, value, text):
        assert bar(visit(**marks)) == (("Python", value, "4"), text)

    def test_is_rounded_down(self, visit):
        change("paths", is_optional=True)

        assert bar(visit(numbers=DONE, loops=DONE))[1] == "2 of 3 done (66 %)"

    def test_says_what_is_skipped(self, visit):
        marks = {"numbers": DONE, "texts": SKIPPED, "paths": SKIPPED}

        assert bar(visit(**marks)) == (("Python", "1", "2"), "1 of 2 done (50 %), 2 skipped")

    def test_has_no_bar_when_all_is_skipped(self, visit):
        marks = dict.fromkeys(["numbers", "texts", "loops", "paths"], SKIPPED)

        assert bar(visit(**marks)) == ("4 skipped",)

    def test_of_a_branch_and_of_a_topic(self, visit):
        request = visit(numbers=DONE, paths=DONE)

        for target in ("python/basics", node("python/basics")):
            assert bar(request, target) == (("Basics", "1", "3"), "1 of 3 done (33 %)")
        assert bar(request, "python/paths") == (("Paths", "1", "1"), "1 of 1 done (100 %)")
        assert bar(request, "python/texts") == (("Texts", "0", "1"), "0 of 1 done (0 %)")

    def test_time_is_what_is_left(self, visit):
        change("numbers", minutes=30)
        change("texts", "loops", "paths", minutes=100)

        assert bar(visit())[1] == "0 of 4 done (0 %), about 5 h 30 min left"
        assert bar(visit(numbers=DONE))[1] == "1 of 4 done (25 %), about 5 h left"
        marks = {"numbers": LEARNING, "texts": SKIPPED, "loops": DONE}
        assert bar(visit(**marks))[1] == "1 of 3 done (33 %), 1 skipped, about 2 h 10 min left"
        assert bar(visit(**marks), "python/values")[1] == (
            "0 of 1 done (0 %), 1 skipped, about 30 min left"
        )

    def test_time_is_the_least_where_some_topics_say_none(self, visit):
        change("numbers", minutes=30)

        assert bar(visit())[1] == "0 of 4 done (0 %), at least 30 min left"
        done = visit(numbers=DONE)
        assert bar(done)[1] == "1 of 4 done (25 %)"

    def test_of_nobody_is_how_much_there_is(self, nobody):
        change("numbers", "texts", minutes=30)

        for request in (None, nobody):
            assert bar(request) == ("4 topics, at least 1 h left",)
            assert bar(request, "python/files") == ("1 topic",)

    def test_label_is_of_any_title(self, visit):
        RoadmapNode.objects.update(title="<b>\"&'")

        assert bar(visit())[0][0] == "<b>\"&'"


class TestNext:
    def test_is_the_first_topic_and_a_link(self, visit):
        page = Page(roadmap_next("python", request=visit()))

        assert page.text == "Next: Numbers"
        assert page.links == {"Numbers": "/roadmaps/python/numbers/"}

    def test_goes_on_with_what_one_is_learning(self, visit):
        assert step(visit(loops=LEARNING)) == "Go on with: Loops"

    def test_passes_by_what_is_done_skipped_or_optional(self, visit):
        change("loops", is_optional=True)

        assert step(visit(numbers=DONE, texts=SKIPPED)) == "Next: Paths"

    def test_waits_for_prerequisites(self, visit):
        node("python/numbers").prerequisites.add(node("python/files"))

        assert step(visit()) == "Next: Texts"
        assert step(visit(paths=DONE)) == "Next: Numbers"

    def test_says_how_long_it_takes(self, visit):
        change("numbers", minutes=45)

        assert step(visit()) == "Next: Numbers 45 min"

    def test_of_a_branch(self, visit):
        request = visit(numbers=LEARNING)

        for target in ("python/files", node("python/files")):
            assert step(request, target) == "Next: Paths"

    @pytest.mark.parametrize(
        ("states", "text"),
        [
            ([DONE] * 4, "All done."),
            ([DONE, SKIPPED, DONE, SKIPPED], "All done."),
            ([SKIPPED] * 4, "Nothing is left to do."),
        ],
    )
    def test_of_what_is_finished(self, visit, states, text):
        marks = dict(zip(["numbers", "texts", "loops", "paths"], states, strict=True))
        page = Page(roadmap_next("python", request=visit(**marks)))

        assert page.text == text
        assert not page.links

    def test_of_nobody_is_the_first_topic(self, nobody):
        assert step(None) == step(nobody) == "Next: Numbers"

    @pytest.mark.urls(())
    def test_without_our_urls_is_no_link(self, visit):
        page = Page(roadmap_next("python", request=visit(numbers=DONE)))

        assert page.text == "Next: Texts"
        assert not page.links

    def test_title_is_shown_as_it_is(self, visit):
        change("numbers", title="<script>alert('1')</script>")

        assert step(visit()) == "Next: <script>alert('1')</script>"


@each_tag
class TestBoth:
    def test_tag_prints_what_the_function_returns(self, tag, visit):
        source = f"{{% {tag} 'python/basics' %}}"
        expected = FUNCTIONS[tag]("python/basics", request=visit(loops=DONE))

        assert render(source, request=visit(loops=DONE)) == expected
        assert isinstance(expected, SafeString)

    def test_without_argument_it_is_the_first_published_roadmap(self, tag, grow, visit):
        RoadmapNode.objects.filter(path="python").update(position=5)
        grow("Draft", ["A"], position=1, is_published=False)
        grow("Ready", ["Begin"], position=2)

        expected = {"roadmap_progress": "Ready 0 of 1 done (0 %)", "roadmap_next": "Next: Begin"}
        assert show(f"{{% {tag} %}}", request=visit()).text == expected[tag]

    def test_without_roadmaps_there_is_nothing(self, tag, settings, caplog):
        settings.DEBUG = True
        RoadmapNode.objects.all().delete()

        assert render(f"{{% {tag} %}}") == ""
        assert isinstance(FUNCTIONS[tag](), SafeString)
        assert not caplog.records

    @pytest.mark.parametrize("target", ["python", "python/files"])
    def test_with_nothing_to_count_there_is_nothing(self, tag, visit, caplog, target):
        change("numbers", "texts", "loops", "paths", is_optional=True)

        for request in (None, visit(paths=DONE)):
            html = FUNCTIONS[tag](target, request=request)
            assert html == ""
            assert isinstance(html, SafeString)
        assert not caplog.records

    def test_a_roadmap_without_topics_is_one_itself(self, tag, grow, visit):
        """As in the tree: what has nothing below it is a topic."""
        grow("Empty")

        expected = {"roadmap_progress": "Empty 0 of 1 done (0 %)", "roadmap_next": "Next: Empty"}
        assert Page(FUNCTIONS[tag]("empty", request=visit())).text == expected[tag]

    @pytest.mark.parametrize(
        ("argument", "message"),
        [
            ("'gone'", "No published roadmap or node is at 'gone'."),
            ("'python/gone'", "No published roadmap or node is at 'python/gone'."),
            ("missing", "No published roadmap or node is at ''."),
            ("None", "None is neither a path nor a node."),
            ("42", "42 is neither a path nor a node."),
            ("draft", "No published roadmap or node is at <RoadmapNode: Draft>."),
            ("new", "No published roadmap or node is at <RoadmapNode: New>."),
        ],
    )
    def test_mistakes_are_said_under_debug_and_logged_otherwise(
        self, tag, grow, settings, caplog, argument, message
    ):
        context = {"draft": grow("Draft", is_published=False), "new": RoadmapNode(title="New")}
        source = f"a{{% {tag} {argument} %}}b"

        assert render(source, **context) == "ab"
        warning = ("django_roadmap", logging.WARNING, f"{tag}: {message}")
        assert caplog.record_tuples == [warning]
        settings.DEBUG = True
        with pytest.raises(TemplateSyntaxError) as caught:
            render(source, **context)
        assert str(caught.value) == f"{tag}: {message}"

    @pytest.mark.parametrize("hidden", ["python", "python/basics"])
    def test_what_is_not_published_is_not_there(self, tag, caplog, hidden, admin_user, rf):
        RoadmapNode.objects.filter(path=hidden).update(is_published=False)
        request = rf.get("/")
        request.user = admin_user

        assert FUNCTIONS[tag]("python/basics", request=request) == ""
        assert len(caplog.records) == 1

    def test_a_branch_is_none_of_their_arguments(self, tag, caplog):
        branch = RoadmapNode.objects.branch("python")
        assert isinstance(branch, Branch)

        assert FUNCTIONS[tag](branch) == ""
        assert "is neither a path nor a node." in caplog.text

    def test_assets_are_linked_once_for_each_request(self, tag, visit):
        source = f"{{% roadmap_tree 'python' %}}{{% {tag} 'python' %}}"

        assert show(f"{{% {tag} 'python' %}}").stylesheets == STYLESHEET
        request = visit()
        assert show(f"{{% {tag} 'python' %}}" * 2, request=request).stylesheets == STYLESHEET
        assert show(source, request=visit()).stylesheets == STYLESHEET
        assert not show(f"{{% {tag} 'python' assets=False %}}", request=visit()).stylesheets
        both = f"{{% {tag} 'python' assets=False %}}{{% {tag} 'python' %}}"
        assert show(both, request=visit()).stylesheets == STYLESHEET

    def test_needs_no_inline_script_or_style(self, tag, visit):
        page = Page(FUNCTIONS[tag]("python", request=visit()))

        assert not {"script", "style", "h1", "h2", "h3"} & {e.tag for e in page.elements}
        assert not [e for e in page.elements if "style" in e.attributes]

    @pytest.mark.parametrize("target", ["python", "python/basics", None])
    def test_queries(self, tag, visit, nobody, target, django_assert_num_queries):
        arguments = [target] if target else []
        marks = {"loops": DONE}
        # To find it and to read it in two; and the marks of an account.
        for request, queries in [(nobody, 3), (nobody, 1), (visit(**marks), 2), (None, 1)]:
            with django_assert_num_queries(queries):
                FUNCTIONS[tag](*arguments, request=request)

    def test_shows_a_mark_and_an_edit_at_once(self, tag, visit):
        seen = [Page(FUNCTIONS[tag]("python", request=visit())).text]
        seen.append(Page(FUNCTIONS[tag]("python", request=visit(numbers=DONE))).text)
        change("texts", is_optional=True)
        change("loops", title="Iteration")
        seen.append(Page(FUNCTIONS[tag]("python", request=visit(numbers=DONE))).text)

        assert (
            seen
            == {
                "roadmap_progress": [
                    "Python 0 of 4 done (0 %)",
                    "Python 1 of 4 done (25 %)",
                    "Python 1 of 3 done (33 %)",
                ],
                "roadmap_next": ["Next: Numbers", "Next: Texts", "Next: Iteration"],
            }[tag]
        )

    def test_may_be_another_for_one_roadmap(self, tag, grow, templates, visit):
        grow("Other", ["A"])
        name = NAMES[tag]
        source = "{{ title }} {{ path }} {{ url }} {{ state }} {{ label }} {{ counts.done }}"
        source += " {{ next_step.title }} {{ next_url }} {{ has_learner }} {{ assets }}"
        templates({f"django_roadmap/{name}": "all", f"django_roadmap/python/{name}": source})
        function = FUNCTIONS[tag]

        request = visit(loops=DONE)
        assert function("python/flow", request=request) == (
            "Flow python/flow /roadmaps/python/flow/ done Done 1  None True True"
        )
        assert function("python", assets=False) == (
            "Python python /roadmaps/python/ pending To do 0 Numbers /roadmaps/python/numbers/"
            " False False"
        )
        assert function("other") == "all"

    def test_in_jinja2(self, tag, visit):
        source = f"{{{{ {tag}('python', assets=False, request=request) }}}}"
        template = engines["jinja2"].from_string(source)
        html = template.render({tag: FUNCTIONS[tag], "request": visit(loops=DONE)})

        request = visit(loops=DONE)
        assert html == FUNCTIONS[tag]("python", assets=False, request=request)

    def test_of_a_guest_is_of_the_session(self, tag, rf):
        request = rf.get("/")
        request.session = {"django_roadmap": {"done": [node("python/numbers").pk]}}

        expected = {"roadmap_progress": "Python 1 of 4 done (25 %)", "roadmap_next": "Next: Texts"}
        assert Page(FUNCTIONS[tag]("python", request=request)).text == expected[tag]
