"""Prerequisites, the links between nodes that Django writes past save() and the managers."""

from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from roadmaps import node, rows

from django_roadmap import integrity
from django_roadmap.models import RoadmapNode

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bare")]

through = RoadmapNode.prerequisites.through


def links():
    """Every link, as the slug of a node and that of its prerequisite."""
    ends = ("from_roadmapnode__slug", "to_roadmapnode__slug")
    return sorted(through.objects.values_list(*ends))


def link(*pairs):
    """Write links past all checks."""
    ends = ("from_roadmapnode", "to_roadmapnode")
    models.QuerySet(through).bulk_create(
        [through(**dict(zip(ends, pair, strict=True))) for pair in pairs]
    )


@pytest.mark.parametrize(
    "edit",
    [
        lambda css, html: css.prerequisites.add(html),
        lambda css, html: css.dependents.add(html),
        lambda css, html: css.prerequisites.set([]),
        lambda css, html: css.prerequisites.clear(),
        lambda css, html: node("django/functions").prerequisites.remove(css),
        lambda css, html: css.dependents.clear(),
    ],
    ids=["add", "reverse add", "set", "clear", "remove", "reverse clear"],
)
def test_changed_prerequisites_give_a_new_version(edit):
    css, html, functions = (node(f"django/{slug}") for slug in ("css", "html", "functions"))
    css.prerequisites.add(node("django/middleware"))
    functions.prerequisites.add(css)
    version, stages = node("django").version, node("django-step-by-step").version
    edit(css, html)

    assert node("django").version != version
    assert node("django-step-by-step").version == stages


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("django-step-by-step/deployment", "Deployment"),
        ("django-step-by-step", "Step By Step Python Django Roadmap"),
        ("django/css", "CSS"),
    ],
    ids=["other roadmap's node", "other roadmap", "itself"],
)
@pytest.mark.parametrize("side", ["prerequisites", "dependents"])
@pytest.mark.parametrize("call", ["add", "set"])
def test_links_out_of_the_roadmap_and_to_itself_are_refused(side, call, path, wrong):
    css, html = node("django/css"), node("django/html")
    getattr(css, side).add(html)
    links, before = getattr(css, side), list(RoadmapNode.objects.values())
    others = [node(path), node("django/functions")]

    refusal = pytest.raises(ValidationError, match=f"another node of its roadmap, not “{wrong}”.")
    with refusal, transaction.atomic():
        links.set(others) if call == "set" else links.add(*others)
    assert list(links.all()) == [html]
    assert list(RoadmapNode.objects.values()) == before


@pytest.fixture
def chain():
    """CSS has HTML as a prerequisite, and HTML has JavaScript."""
    css, html, javascript = (node(f"django/{slug}") for slug in ("css", "html", "javascript"))
    css.prerequisites.add(html)
    html.prerequisites.add(javascript)
    return css, html, javascript


THREE = "django/javascript → django/css → django/html → django/javascript."
TWO = "django/html → django/css → django/html."
FUNCTIONS = "django/css → django/functions → django/css."


@pytest.mark.parametrize(
    ("edit", "way"),
    [
        (lambda css, html, javascript, functions: javascript.prerequisites.add(css), THREE),
        (lambda css, html, javascript, functions: javascript.prerequisites.set([css]), THREE),
        (lambda css, html, javascript, functions: css.dependents.add(functions, javascript), THREE),
        (lambda css, html, javascript, functions: css.dependents.set([javascript]), THREE),
        (lambda css, html, javascript, functions: html.prerequisites.set([css]), TWO),
        (lambda css, html, javascript, functions: html.dependents.get().dependents.add(html), TWO),
        (lambda css, html, javascript, functions: css.prerequisites.set([functions]), FUNCTIONS),
    ],
    ids=[
        *("add", "set", "reverse add", "reverse set", "set of two", "reverse add of two"),
        "set beside",
    ],
)
def test_circles_are_refused_with_the_way_and_change_nothing(chain, edit, way):
    functions = node("django/functions")
    functions.prerequisites.add(chain[0])
    before = rows(), links()

    with pytest.raises(ValidationError) as error, transaction.atomic():
        edit(*chain, functions)
    assert error.value.messages == [f"These would be prerequisites of each other: {way}"]
    assert (rows(), links()) == before


def test_two_ways_to_one_node_are_no_circle(chain):
    css, html, javascript = chain
    css.prerequisites.add(javascript)
    html.prerequisites.set([javascript])
    javascript.dependents.add(css, html)

    assert links() == [("css", "html"), ("css", "javascript"), ("html", "javascript")]


def test_a_link_can_be_turned_round(chain):
    css, html, _javascript = chain
    css.prerequisites.clear()
    html.prerequisites.add(css)

    assert links() == [("html", "css"), ("html", "javascript")]


def test_where_damage_has_left_a_circle_only_another_is_refused(chain):
    css, html, javascript = chain
    link((javascript, css))
    functions = node("django/functions")
    functions.prerequisites.add(css)
    css.prerequisites.add(html)
    html.prerequisites.set([javascript])
    before = links()

    for links_of, other in ((functions.dependents, css), (css.prerequisites, javascript)):
        slug = "functions" if other == css else "javascript"
        way = f"django/css → django/{slug} → django/css"
        with pytest.raises(ValidationError, match=way), transaction.atomic():
            links_of.add(other)
    assert links() == before


@pytest.mark.parametrize("side", ["prerequisites", "dependents"])
def test_looking_for_circles_is_one_query_after_the_lock(side, grow):
    first, second, *others = grow("Rust", [f"Topic {n}" for n in range(30)]).get_children()
    seen = []
    for added in [second], others:
        with CaptureQueriesContext(connection) as queries:
            getattr(first, side).add(*added)
        seen.append([query["sql"] for query in queries])

    assert len(seen[0]) == len(seen[1])
    for statements in seen:
        lock = next(n for n, sql in enumerate(statements) if sql.startswith("UPDATE"))
        asked = [n for n, sql in enumerate(statements) if "JOIN" in sql and "SELECT" in sql]
        assert len(asked) == 1
        assert asked[0] > lock


def test_length_of_a_circle_costs_no_recursion(alone):
    length = 3000
    root = RoadmapNode.objects.create(title="Long")
    RoadmapNode.objects.bulk_create(
        RoadmapNode(
            parent=root,
            title=f"{number}",
            slug=f"{number}",
            path=f"long/{number}",
            tree_id=root.tree_id,
            lft=2 * number,
            rght=2 * number + 1,
            level=1,
        )
        for number in range(1, length + 1)
    )
    nodes = list(RoadmapNode.objects.filter(level=1).order_by("lft"))
    link(*pairwise(nodes))

    way = f"long/{length} → long/1 → long/2 → .* → long/{length}"
    with pytest.raises(ValidationError, match=way), transaction.atomic():
        nodes[-1].prerequisites.add(nodes[0])
    nodes[0].prerequisites.add(nodes[-1])
    assert len(links()) == length


numbers = st.integers(0, 5)
edits = st.tuples(
    numbers,
    st.sampled_from(["prerequisites", "dependents"]),
    st.sampled_from(["add", "set"]),
    st.sets(numbers, min_size=1, max_size=3),
)


def has_circle(pairs):
    graph = {first: {b for a, b in pairs if a == first} for first, _second in pairs}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        return True
    return False


@given(st.lists(edits, max_size=12))
def test_no_edits_leave_a_circle_and_nothing_else_is_refused(several):
    with transaction.atomic():
        nodes = list(node("django").get_leafnodes()[:6])
        expected = set()
        for number, side, call, chosen in several:
            others = chosen - {number}
            end = 0 if side == "prerequisites" else 1
            stay = {pair for pair in expected if call == "add" or pair[end] != number}
            new = {(number, other) if end == 0 else (other, number) for other in others}
            edit = getattr(getattr(nodes[number], side), call)
            found = [nodes[other] for other in others]
            arguments = [found] if call == "set" else found
            if has_circle(stay | new):
                with pytest.raises(ValidationError, match="of each other"), transaction.atomic():
                    edit(*arguments)
            else:
                edit(*arguments)
                expected = stay | new
            assert links() == sorted((nodes[a].slug, nodes[b].slug) for a, b in expected)
            assert integrity.check() == []
        transaction.set_rollback(True)
