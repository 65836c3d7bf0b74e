"""Trees and tables for those who are signed in: what each has done, and nobody else's."""

import re
from collections import Counter
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.cache import caches
from django.db import connection
from django.template import TemplateSyntaxError
from django.test.signals import template_rendered
from pages import Page, separately
from roadmaps import node

from django_roadmap import editing, editions, rendering
from django_roadmap.counting import DONE, LEARNING, PENDING, SKIPPED
from django_roadmap.models import Progress, RoadmapNode
from django_roadmap.progress import Learner
from django_roadmap.rendering import roadmap_table, roadmap_tree

pytestmark = pytest.mark.usefixtures("same_token")

NODE = "django_roadmap/node.html"
ROW = "django_roadmap/row.html"
COUNTS = "django_roadmap/counts.html"
HEAD = {"class": "roadmap-head"}
WORDS = {LEARNING: "Learning", DONE: "Done", SKIPPED: "Skipped"}


@pytest.fixture
def python(grow):
    levels = {"Basics": {"Values": ["Numbers", "Texts"], "Flow": ["Loops"]}, "Files": ["Paths"]}
    return grow("Python", levels)


@pytest.fixture
def learner(rf, db):
    """``learner("ann", loops="done")`` gives a request of hers, with these marks and no others."""

    def request_of(name, **marks):
        user, _is_new = User.objects.get_or_create(username=name)
        Progress.objects.filter(user=user).delete()
        for slug, state in marks.items():
            Progress.objects.create(user=user, node=node(f"python/{slug}"), state=state)
        request = separately(rf.get("/"))
        request.user = user
        return request

    return request_of


@pytest.fixture
def visitor(rf):
    request = separately(rf.get("/"))
    request.user = AnonymousUser()
    return separately(request)


def change(path, **fields):
    RoadmapNode.objects.filter(path=path).update(**fields)


def without_ids(html):
    """As without a request, when nobody knows what else is on the page."""
    return re.sub(' id="[^"]*"', "", html)


def tree(request, target="python", **options):
    return Page(roadmap_tree(target, request=request, **options))


def table(request, target="python", **options):
    return Page(roadmap_table(target, request=request, **options))


def heads(page):
    """What each node says of itself, and its classes."""
    for item, head in zip(page.all("li"), page.all("div", **HEAD), strict=True):
        yield *head.texts, item.attributes["class"].split()


def states(page):
    """By title, from the classes; the words must say the same."""
    found = {}
    for title, *words, classes in heads(page):
        (state,) = [state for state in (PENDING, *WORDS) if f"roadmap-{state}" in classes]
        assert [word for word in words if word in WORDS.values()] == [
            word for key, word in WORDS.items() if key == state
        ]
        found[title] = state
    return found


def counts(page):
    """By title, of the nodes that show some."""
    return {
        title: word
        for title, *words, _classes in heads(page)
        for word in words
        if word[0].isdigit()
    }


@contextmanager
def rendered(*names):
    """How often each node was rendered in each state, with the templates of these names."""
    seen = Counter()

    def see(template, context, **kwargs):
        if template.name in names:
            seen[context["node"].title, context["state"]] += 1

    template_rendered.connect(see)
    try:
        yield seen
    finally:
        template_rendered.disconnect(see)


class TestTree:
    def test_who_has_done_nothing_has_all_to_do(self, python, learner):
        page = tree(learner("ann"))

        assert set(states(page).values()) == {PENDING}
        assert counts(page) == {
            "Basics": "0 of 3",
            "Values": "0 of 2",
            "Flow": "0 of 1",
            "Files": "0 of 1",
        }

    def test_states_roll_up(self, python, learner):
        page = tree(learner("ann", numbers=DONE, texts=LEARNING, loops=DONE, paths=SKIPPED))

        assert states(page) == {
            "Basics": LEARNING,
            "Values": LEARNING,
            "Numbers": DONE,
            "Texts": LEARNING,
            "Flow": DONE,
            "Loops": DONE,
            "Files": SKIPPED,
            "Paths": SKIPPED,
        }
        # Where all is skipped there is nothing to count.
        assert counts(page) == {"Basics": "2 of 3", "Values": "1 of 2", "Flow": "1 of 1"}

    def test_skipped_topics_are_not_to_do(self, python, learner):
        page = tree(learner("ann", numbers=SKIPPED, loops=DONE))

        assert counts(page)["Basics"] == "1 of 2"
        assert states(page)["Basics"] == LEARNING

    def test_nobody_has_states(self, python, visitor):
        page = tree(visitor)

        assert not {PENDING, *WORDS} & set(page.text.lower().split())
        assert "roadmap-pending" not in roadmap_tree("python", request=visitor)
        assert counts(page)["Basics"] == "3 topics"

    @pytest.mark.parametrize("assets", [True, False])
    def test_nobody_signed_in_is_as_no_request(self, python, visitor, rf, assets):
        pages = {
            roadmap_tree("python", assets=assets),
            without_ids(roadmap_tree("python", assets=assets, request=visitor)),
            # Without the middleware that finds out who it is.
            without_ids(roadmap_tree("python", assets=assets, request=rf.get("/"))),
        }
        assert len(pages) == 1

    def test_an_optional_section_has_a_state_but_no_counts(self, python, learner):
        change("python/flow", is_optional=True)

        page = tree(learner("ann", loops=DONE))
        assert states(page)["Flow"] == states(page)["Loops"] == DONE
        assert states(page)["Basics"] == PENDING
        assert counts(page) == {"Basics": "0 of 2", "Values": "0 of 2", "Files": "0 of 1"}

    def test_an_optional_topic_has_a_state(self, python, learner):
        change("python/texts", is_optional=True)

        page = tree(learner("ann", texts=DONE))
        assert states(page)["Texts"] == DONE
        assert states(page)["Values"] == PENDING
        assert counts(page)["Values"] == "0 of 1"

    def test_unpublished_nodes_count_nowhere(self, python, learner):
        ann = learner("ann", numbers=DONE, texts=DONE)
        change("python/texts", is_published=False)

        page = tree(ann)
        assert "Texts" not in page.text
        assert counts(page)["Values"] == "1 of 1"
        assert states(page)["Values"] == DONE

    def test_a_mark_on_what_has_become_a_section_sleeps(self, python, grow, learner):
        ann = learner("ann", loops=DONE)
        grow("While", parent=node("python/loops"))

        page = tree(ann)
        assert states(page)["Loops"] == PENDING
        assert counts(page)["Loops"] == "0 of 1"
        change("python/while", is_published=False)
        assert states(tree(ann))["Loops"] == DONE

    def test_depth_shows_what_is_below(self, python, learner):
        page = tree(learner("ann", numbers=DONE, paths=DONE), depth=1)

        assert states(page) == {"Basics": LEARNING, "Files": DONE}
        assert counts(page) == {"Basics": "1 of 3", "Files": "1 of 1"}

    def test_of_a_branch(self, python, learner):
        ann = learner("ann", numbers=DONE, paths=DONE)

        for target in ("python/basics", node("python/basics")):
            page = tree(ann, target)
            assert states(page)["Values"] == LEARNING
            assert counts(page) == {"Values": "1 of 2", "Flow": "0 of 1"}

    def test_nothing_counts_below_an_optional_section(self, python, learner):
        ann = learner("ann", numbers=DONE)
        change("python/basics", is_optional=True)

        for target in ("python/basics", "python/values"):
            assert not counts(tree(ann, target))
        assert states(tree(ann, "python/basics"))["Values"] == LEARNING

    def test_of_the_first_roadmap(self, alone, python, learner):
        assert states(Page(roadmap_tree(request=learner("ann", paths=DONE))))["Files"] == DONE

    def test_a_node_may_show_itself_in_a_state_only(self, python, learner, templates):
        state = '{% if state == "done" %}, hidden{% else %}<ul>{{ children }}</ul>{% endif %}'
        templates({NODE: f"<li>{{{{ node.title }}}}{state}</li>"})

        page = tree(learner("ann", numbers=DONE, texts=DONE))
        assert page.outline == [
            "Basics",
            "  Values, hidden",
            "  Flow",
            "    Loops",
            "Files",
            "  Paths",
        ]


class TestTable:
    def test_states_are_classes_and_words(self, python, learner):
        page = table(learner("ann", numbers=DONE, paths=DONE))

        rows = {row.texts[0]: row for row in page.all("tr")[1:]}
        assert {title: row.attributes["class"] for title, row in rows.items()} == {
            "Basics": "roadmap-learning",
            "Files": "roadmap-done",
        }
        assert {title: row.texts for title, row in rows.items()} == {
            "Basics": ["Basics", "Learning"],
            "Files": ["Files", "Done"],
        }

    def test_what_is_to_do_is_not_said(self, python, learner):
        page = table(learner("ann"))

        classes = [row.attributes["class"] for row in page.all("tr")[1:]]
        assert classes == ["roadmap-pending"] * 2
        assert [row.text for row in page.all("tr")[1:]] == ["Basics", "Files"]

    def test_nobody_has_states(self, python, visitor):
        assert [row.attributes for row in table(visitor).all("tr")] == [{}] * 3


class TestBranch:
    def test_has_the_states_of_who_sees_it(self, python, learner, django_assert_num_queries):
        branch = RoadmapNode.objects.branch("python/basics")
        ann = learner("ann", numbers=DONE, texts=DONE)

        with django_assert_num_queries(2):
            page = tree(ann, branch)
        assert states(page)["Values"] == DONE
        assert counts(page) == {"Values": "2 of 2", "Flow": "0 of 1"}
        assert table(ann, branch).all("tr")[1].text == "Values Done"

    def test_may_hold_what_is_not_published(self, python, learner):
        ann = learner("ann", loops=DONE, paths=DONE)
        change("python/flow", is_published=False)

        page = tree(ann, RoadmapNode.objects.branch("python", unpublished=True))
        assert states(page)["Flow"] == DONE
        assert states(page)["Basics"] == PENDING
        assert counts(page) == {"Basics": "0 of 2", "Values": "0 of 2", "Files": "1 of 1"}

    def test_may_be_changed_and_is_not_kept(self, python, learner):
        branch = RoadmapNode.objects.branch("python")
        ann = learner("ann", loops=DONE)

        branch.children[0].title = "Foundations"
        assert "Foundations" in tree(ann, branch).text
        branch.children[0].title = "Beginnings"
        assert "Beginnings" in tree(ann, branch).text
        assert "Basics" in tree(ann).text

    def test_of_no_roadmap_there_is_has_all_to_do(self, python, learner):
        branch = RoadmapNode.objects.branch("python")
        ann = learner("ann", loops=DONE)
        change("python", is_published=False)

        assert set(states(tree(ann, branch)).values()) == {PENDING}


class TestQueries:
    """Those of the first visit, and of all after it."""

    @pytest.mark.parametrize("show", [roadmap_tree, roadmap_table])
    @pytest.mark.parametrize("target", ["python", "python/basics"])
    def test_of_nobody(self, python, visitor, show, target, django_assert_num_queries):
        for queries in (2, 1, 1):
            with django_assert_num_queries(queries):
                show(target, request=visitor)

    @pytest.mark.parametrize("show", [roadmap_tree, roadmap_table])
    @pytest.mark.parametrize("target", ["python", "python/basics"])
    @pytest.mark.parametrize("marks", [{}, {"loops": DONE, "paths": LEARNING}])
    def test_of_a_learner(self, python, learner, show, target, marks, django_assert_num_queries):
        ann, ben = learner("ann", **marks), learner("ben", **marks)

        for request, queries in [(ann, 3), (ann, 2), (ben, 2)]:
            with django_assert_num_queries(queries):
                show(target, request=request)

    @pytest.mark.parametrize("by", ["node", "first"])
    def test_by_other_ways(self, alone, python, learner, by, django_assert_num_queries):
        ann = learner("ann", loops=DONE)
        targets = [python] if by == "node" else []

        for queries in (3, 2):
            with django_assert_num_queries(queries):
                roadmap_tree(*targets, request=ann)

    def test_of_resources(self, python, learner, visitor, templates, django_assert_num_queries):
        templates({NODE: "{% for resource in resources %}{% endfor %}{{ children }}"})

        for request, queries in [(visitor, 3), (visitor, 1), (learner("ann", loops=DONE), 4)]:
            with django_assert_num_queries(queries):
                roadmap_tree("python", request=request)


class TestOnceForAll:
    """A node is rendered once in each state, whoever has it there."""

    def test_in_a_tree(self, python, learner):
        ann = learner("ann", numbers=DONE, texts=DONE)
        ben = learner("ben", numbers=DONE, loops=LEARNING)

        with rendered(NODE) as seen:
            pages = [roadmap_tree("python", request=ann, assets=False) for _ in range(2)]
            roadmap_tree("python", request=ben)
            again = roadmap_tree("python", request=ann, assets=False)
        assert set(seen.values()) == {1}
        assert {state for _title, state in seen} == {PENDING, LEARNING, DONE}
        assert len({*pages, again}) == 1

    def test_only_what_is_new_is_rendered(self, python, learner):
        roadmap_tree("python", request=learner("ann", numbers=DONE))

        with rendered(NODE) as seen:
            roadmap_tree("python", request=learner("ben", numbers=DONE, texts=DONE))
        assert seen == {("Values", DONE): 1, ("Texts", DONE): 1}

    def test_in_a_table(self, python, learner):
        with rendered(ROW) as seen:
            for name in ("ann", "ben"):
                roadmap_table("python", request=learner(name, paths=DONE))
        assert seen == {("Basics", PENDING): 1, ("Files", PENDING): 1, ("Files", DONE): 1}

    def test_what_is_not_shown_is_not_rendered(self, python, learner):
        with rendered(NODE) as seen:
            roadmap_tree("python", depth=1, request=learner("ann", numbers=DONE))
        assert {title for title, _state in seen} == {"Basics", "Files"}

    def test_nobodys_are_other_ones(self, python, learner, visitor):
        roadmap_tree("python", request=learner("ann", numbers=DONE))

        with rendered(NODE) as seen:
            page = tree(visitor)
        assert {state for _title, state in seen} == {""}
        assert "Done" not in page.text

    def test_a_new_version_is_rendered_anew(self, python, learner):
        ann = learner("ann", loops=DONE)
        before = states(tree(ann))
        change("python/loops", title="Iteration")

        with rendered(NODE) as seen:
            after = states(tree(ann))
        assert seen["Iteration", DONE] == seen["Paths", PENDING] == 1
        assert "Loops" in before
        assert "Loops" not in after
        assert after["Iteration"] == DONE

    def test_who_has_done_nothing_is_not_taken_for_nobody(self, python, learner, visitor):
        ann = learner("ann")

        for _ in range(2):
            assert counts(tree(ann))["Basics"] == "0 of 3"
            assert counts(tree(visitor))["Basics"] == "3 topics"

    def test_each_depth_is_kept_by_itself(self, python, learner):
        ann = learner("ann", numbers=DONE)

        for _ in range(2):
            assert len(states(tree(ann, depth=1))) == 2
            assert len(states(tree(ann, depth=2))) == 5
            assert len(states(tree(ann))) == 8

    def test_states_of_other_pieces_are_not_mixed_in(self, python, learner):
        ann = learner("ann", numbers=DONE)
        before = roadmap_tree("python", request=ann, assets=False)
        # As when the cache had no room for them, and another process rendered them anew.
        for key in [key for key in editions._recent if key.endswith(".pieces")]:
            del editions._recent[key]
            caches["default"].delete(key)

        assert roadmap_tree("python", request=ann, assets=False) == before

    def test_equal_counts_are_rendered_once(self, python, learner):
        visits = [
            learner("ann", numbers=DONE, texts=LEARNING),
            learner("ben", numbers=LEARNING, texts=DONE),
            # Everybody has had these states, but nobody these counts.
            *[learner("cleo", numbers=LEARNING, texts=LEARNING)] * 2,
        ]
        seen = Counter()

        def see(template, context, **kwargs):
            if template.name == COUNTS:
                seen[context["progress"]] += 1

        template_rendered.connect(see)
        try:
            for request in visits:
                roadmap_tree("python", request=request)
        finally:
            template_rendered.disconnect(see)
        assert set(seen.values()) == {1}

    def test_an_edit_in_the_midst_of_a_visit_mixes_no_versions(self, python, learner, monkeypatch):
        roadmap_tree("python", request=learner("ann", loops=DONE))
        ben = learner("ben", loops=SKIPPED, paths=DONE)
        marks = Learner.marks

        def edit_after(self, edition):
            found = marks(self, edition)
            node("python/files").move_to(node("python/basics"), "left")
            change("python/paths", title="Trails")
            return found

        monkeypatch.setattr(Learner, "marks", edit_after)
        page = tree(ben)
        assert page.outline[:3] == ["Files", "  Trails", "Basics"]
        found = states(page)
        assert [found[title] for title in ("Files", "Trails", "Flow", "Loops", "Values")] == [
            DONE,
            DONE,
            SKIPPED,
            SKIPPED,
            PENDING,
        ]

    def test_a_rename_in_the_midst_of_a_visit_loses_no_resource(self, python, learner, templates):
        templates({NODE: "{{ node.title }}{% for r in resources %} {{ r.title }}{% endfor %}"})
        node("python/files").resources.create(title="Read this", url="https://example.org/")
        queries = []

        def rename_after_the_first(execute, sql, *rest):
            queries.append(sql)
            if len(queries) == 2:
                editing.rename(node("python"), "snakes")
            return execute(sql, *rest)

        with connection.execute_wrapper(rename_after_the_first):
            roadmap_tree(python)
        assert "Read this" in roadmap_tree(python)

    def test_an_edit_that_leaves_fewer_nodes_takes_no_page_down(self, python, learner, monkeypatch):
        roadmap_tree("python", request=learner("ann", loops=DONE))
        ben = learner("ben", paths=DONE)
        marks = Learner.marks

        def edit_after(self, edition):
            found = marks(self, edition)
            node("python/basics").delete()
            return found

        monkeypatch.setattr(Learner, "marks", edit_after)
        assert tree(ben).outline == ["Files", "  Paths"]

    def test_only_so_many_counts_are_kept(self, python, learner, monkeypatch):
        monkeypatch.setattr(rendering, "COUNTS_KEPT", 3)
        for number, slug in enumerate(["numbers", "texts", "loops", "paths"]):
            roadmap_tree("python", request=learner(f"user{number}", **{slug: DONE, "texts": DONE}))

        (others,) = (v for *_, v in editions._recent.values() if isinstance(v, rendering.Others))
        assert len(others.counts) == 3

    def test_a_node_may_be_shown_in_one_state_only(self, python, learner, templates):
        source = '{% if state == "done" or children %}{{ node.title }} {{ children }}{% endif %}'
        templates({NODE: source})

        html = roadmap_tree("python", request=learner("ann", loops=DONE))
        assert "Loops" in html
        assert "Paths" not in html


class TestWrapper:
    @pytest.mark.parametrize("name", ["tree.html", "table.html"])
    def test_may_only_print_its_slot(self, python, templates, caplog, settings, name):
        show, slot = {
            "tree.html": (roadmap_tree, "children"),
            "table.html": (roadmap_table, "rows"),
        }[name]
        templates({f"django_roadmap/{name}": f"<ul>{{{{ {slot}|upper }}}}</ul>"})

        assert show("python") == "<ul></ul>"
        assert f"may only print {slot}" in caplog.text
        settings.DEBUG = True
        with pytest.raises(TemplateSyntaxError, match="may only print"):
            show("python")

    def test_may_be_cached_by_the_site(self, python, templates):
        source = "{% load cache %}{% cache 60 x %}<ul>{{ children }}</ul>{% endcache %}"
        templates({"django_roadmap/tree.html": source})

        assert "Paths" in roadmap_tree("python")
        change("python/paths", title="Trails")
        assert "Trails" in roadmap_tree("python")


class TestWhoIsNoLearner:
    @pytest.mark.parametrize(
        "user", [User(username="new"), SimpleNamespace(is_authenticated=True, pk="x")]
    )
    def test_has_no_states(self, python, rf, user):
        request = rf.get("/")
        request.user = user

        assert without_ids(roadmap_tree("python", request=request)) == roadmap_tree("python")


class TestLearners:
    def test_see_their_own_states_only(self, python, learner):
        ann, ben, cleo = (
            learner("ann", numbers=DONE, texts=DONE, loops=DONE),
            learner("ben", numbers=LEARNING, paths=SKIPPED),
            learner("cleo"),
        )
        expected = [("3 of 3", DONE, PENDING), ("0 of 3", LEARNING, SKIPPED)]
        expected.append(("0 of 3", PENDING, PENDING))

        for _ in range(2):
            for request, own in zip([ann, ben, cleo], expected, strict=True):
                page = tree(request)
                found = states(page)
                assert (counts(page)["Basics"], found["Basics"], found["Files"]) == own

    def test_see_a_change_at_once(self, python, learner):
        ann = learner("ann", paths=LEARNING)
        assert states(tree(ann))["Files"] == LEARNING

        Progress.objects.update(state=DONE)
        assert states(tree(ann))["Files"] == DONE
        Progress.objects.all().delete()
        assert states(tree(ann))["Files"] == PENDING

    def test_have_marks_in_other_roadmaps(self, python, grow, learner):
        other = grow("Other", ["Paths"])
        ann = learner("ann", loops=DONE)
        user, topic = ann.user, other.get_children().get()
        Progress.objects.create(user=user, node=topic, state=SKIPPED)

        assert states(tree(ann))["Paths"] == PENDING
        assert states(tree(ann, "other")) == {"Paths": SKIPPED}

    def test_see_right_counts_when_few_are_kept(self, python, learner, monkeypatch):
        monkeypatch.setattr(rendering, "COUNTS_KEPT", 2)
        learners = {
            ("1 of 3", "1 of 2"): learner("ann", numbers=DONE),
            ("2 of 3", "1 of 2"): learner("ben", texts=DONE, loops=DONE),
            ("2 of 2", "1 of 1"): learner("cleo", numbers=SKIPPED, texts=DONE, loops=DONE),
        }

        for _ in range(2):
            for expected, request in learners.items():
                found = counts(tree(request))
                assert (found["Basics"], found["Values"]) == expected
