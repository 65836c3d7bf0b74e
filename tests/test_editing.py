"""Whole branches at once: add, copy and replace, and the edits of one node beside them."""

from itertools import zip_longest

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models.signals import post_delete, post_save
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from mptt.exceptions import InvalidMove
from roadmaps import node, rows, slugs_below
from soundness import findings

from django_roadmap import editing, integrity
from django_roadmap.models import Resource, Roadmap, RoadmapNode
from django_roadmap.outline import Link, Outline
from django_roadmap.placing import MAX_LEVELS
from django_roadmap.tree import walk

pytestmark = [
    pytest.mark.django_db(databases=["default", "other"]),
    pytest.mark.usefixtures("bare"),
]

SECTION = "django/frontend-basics"
STAGES = "django-step-by-step"


@pytest.fixture(autouse=True)
def sound():
    yield
    assert findings() == []
    assert integrity.check() == []


def plain(path, using="default"):
    """A branch as nested pairs of slug and children."""

    def nested(branch):
        return branch.path.rpartition("/")[2], [nested(child) for child in branch.children]

    return nested(RoadmapNode.objects.db_manager(using).branch(path, unpublished=True))


def outline(*titles, **children):
    parts = [Outline(title) for title in titles]
    parts += [Outline(title, children=list(below)) for title, below in children.items()]
    return parts


FORMS = Outline(
    "Forms",
    summary="What people fill in.",
    description="*Much* to say.",
    is_optional=True,
    minutes=30,
    resources=[Link("Docs", "https://example.org/docs", "official"), Link("B", "http://b.org/")],
    children=[
        Outline("Widgets", slug="controls", is_published=False),
        Outline("Validation", prerequisites=["controls", "css"]),
    ],
)


class TestAdd:
    def test_a_branch_with_all_there_is(self):
        top = editing.add(FORMS, node("django/html"))

        assert plain("django/html") == ("html", [("forms", [("controls", []), ("validation", [])])])
        assert top == node("django/forms")
        assert (top.summary, top.description, top.is_optional, top.minutes) == (
            *("What people fill in.", "*Much* to say."),
            *(True, 30),
        )
        assert [(r.title, r.url, r.kind) for r in top.resources.all()] == [
            ("Docs", "https://example.org/docs", "official"),
            ("B", "http://b.org/", "article"),
        ]
        assert not node("django/controls").is_published
        assert node("django/controls").minutes is None
        needed = node("django/validation").prerequisites.order_by("path")
        assert [other.path for other in needed] == ["django/controls", "django/css"]
        assert all(found.version == "" for found in top.get_family() if found.level)

    @pytest.mark.parametrize(
        ("position", "slugs"),
        [
            ("first-child", "new html css javascript"),
            ("last-child", "html css javascript new"),
        ],
    )
    def test_below(self, position, slugs):
        editing.add(Outline("New"), node(SECTION), position)
        assert slugs_below(SECTION) == slugs

    @pytest.mark.parametrize(
        ("position", "slugs"),
        [("left", "html new css javascript"), ("right", "html css new javascript")],
    )
    def test_beside(self, position, slugs):
        editing.add(Outline("New", children=outline("A", "B")), node("django/css"), position)
        assert slugs_below(SECTION) == slugs
        assert slugs_below("django/new") == "a b"

    def test_a_roadmap(self):
        root = editing.add(Outline("Rust", slug="crab", children=outline("Traits", B=outline("C"))))

        assert root == Roadmap.roots.last()
        assert plain("crab") == ("crab", [("traits", []), ("b", [("c", [])])])
        assert root.version
        assert root.is_root_node()
        assert editing.add(Outline("Rust")).path == "rust"
        assert editing.add(Outline("Rust")).path == "rust-2"

    def test_in_another_database(self):
        editing.add(Outline("Rust", children=outline("Traits")), using="other")
        place = RoadmapNode.objects.using("other").get(path="django/css")
        editing.add(Outline("Colours", children=outline("Red")), place)

        assert plain("rust", "other") == ("rust", [("traits", [])])
        assert plain("django/css", "other") == ("css", [("colours", [("red", [])])])
        assert findings("other") == []
        assert not RoadmapNode.objects.filter(slug__in=["rust", "colours"]).exists()

    def test_slugs_that_are_taken_are_numbered(self):
        titles = ["CSS", "css!", "Forms", "Forms", "🎉", "Änderung", "Anderung"]
        editing.add(Outline("HTML", slug="css", children=outline(*titles)), node("django/html"))

        assert plain("django/html")[1] == [
            (
                "css-2",
                [
                    *(("css-3", []), ("css-4", []), ("forms", []), ("forms-2", [])),
                    *(("node-1", []), ("änderung", []), ("anderung-2", [])),
                ],
            )
        ]

    def test_many_of_one_title(self):
        long = "x" * 200
        editing.add(Outline("Many", children=outline(*["Same"] * 300, long, long)))

        slugs = slugs_below("many").split()
        assert slugs[:3] == ["same", "same-2", "same-3"]
        assert slugs[299:] == ["same-300", "x" * 120, "x" * 118 + "-2"]

    def test_a_child_may_have_the_slug_that_the_title_of_the_top_would_make(self):
        top = editing.add(Outline("Forms", slug="web", children=outline("Forms")), node("django"))
        assert plain(top.path) == ("web", [("forms", [])])

        editing.rename(top, "forms-2")
        editing.rename(node("django/forms"), "forms")
        assert plain(editing.copy(top, node(STAGES)).path) == ("forms-2", [("forms", [])])

    def test_the_target_knows_what_is_below_it(self):
        css = node("django/css")
        editing.add(Outline("A", children=outline("B", "C")), css)
        assert css.get_descendant_count() == 3

    def test_prerequisites_are_looked_for_in_the_outline_first(self):
        parts = [Outline("A", slug="css"), Outline("A", slug="css")]
        parts += [Outline("B", prerequisites=["css", "html"])]
        editing.add(Outline("New", children=parts), node("django"))
        needed = node("django/b").prerequisites.order_by("path")
        assert [found.path for found in needed] == ["django/css-2", "django/html"]

    def test_sends_signals_of_the_top_only(self):
        saved = []

        def handler(instance, **kwargs):
            assert (instance.path, instance.minutes) == ("django/forms", 30)
            saved.append(instance.title)

        post_save.connect(handler, sender=RoadmapNode)
        try:
            editing.add(FORMS, node("django/html"))
        finally:
            post_save.disconnect(handler, sender=RoadmapNode)
        assert saved == ["Forms"]

    def test_writes_in_bulk(self, django_assert_max_num_queries):
        children = [Outline(f"Topic {number}") for number in range(40)]
        with django_assert_max_num_queries(33):
            editing.add(Outline("New", children=children), node("django/css"))
        children = [Outline(f"More {number}") for number in range(400)]
        with django_assert_max_num_queries(33 + 400 // 20):
            editing.add(Outline("New", children=children), node("django/css"))

    def test_as_deep_as_can_be(self):
        top = Outline("1")
        for level in range(2, MAX_LEVELS + 1):
            top = Outline(str(level), children=[top])
        editing.add(top)
        assert RoadmapNode.objects.filter(level=MAX_LEVELS - 1).count() == 1

        before = rows()
        message = "Below “5”, “4” would reach level 65 of at most 64"
        with pytest.raises(InvalidMove, match=message):
            editing.add(top, node("django/css"))
        assert rows() == before


WRONG = {
    "no title": (Outline(""), "“”: title: This field cannot be blank"),
    "title of blanks": (Outline("  "), "“  ”: title: This field cannot be blank"),
    "title of nothing": (Outline(None), "“None”: title: This field cannot be null"),
    "link to nothing": (Outline("A", resources=[Link("L", None)]), "“A”: address: This field"),
    "long title": (Outline("x" * 201), "“xxxxxx: title: Ensure this value has at most 200"),
    "long summary": (
        Outline("A", children=[Outline("B", children=[Outline("C", summary="x" * 301)])]),
        "“C” in “B” in “A”: summary: Ensure this value has at most 300",
    ),
    "slug": (Outline("A", slug="a/b"), "“A”: slug: Enter a valid"),
    "null": (Outline("A", description="\0"), "“A”: description: Null characters"),
    "minutes": (Outline("A", minutes=-1), "“A”: minutes: Ensure this value is greater"),
    "script": (
        Outline("A", resources=[Link("L", "javascript:alert(1)")]),
        "“A”: address: Enter a valid URL. Enter an address that begins",
    ),
    "kind": (
        Outline("A", resources=[Link("L", "http://a.org", "film")]),
        "“A”: kind: Value 'film'",
    ),
    "link twice": (
        Outline("A", resources=[Link("L", "http://a.org"), Link("M", "http://a.org")]),
        "“A”: http://a.org is there more than once",
    ),
    "unknown prerequisite": (
        Outline("A", prerequisites=["nowhere"]),
        "“A”: the prerequisite “nowhere” is no other node here",
    ),
    "prerequisites of each other": (
        Outline(
            "A",
            children=[
                Outline("B", slug="b", prerequisites=["c", "d"]),
                Outline("C", slug="c"),
                Outline("D", slug="d", prerequisites=["b"]),
            ],
        ),
        "These would be prerequisites of each other: → ",
    ),
    "itself as prerequisite": (
        Outline("A", slug="a", prerequisites=["a"]),
        "“A”: the prerequisite “a” is no other node here",
    ),
}


@pytest.mark.parametrize(("wrong", "message"), WRONG.values(), ids=WRONG)
def test_wrong_outlines_are_refused(wrong, message):
    before = rows()
    whole = Outline("Top", children=[Outline("Fine"), wrong])
    for edit in (
        lambda: editing.add(wrong),
        lambda: editing.add(whole),
        lambda: editing.add(wrong, node("django/css")),
        lambda: editing.replace(node("django"), whole),
    ):
        with pytest.raises(ValidationError) as error:
            edit()
        name, problem = message.split(":", 1)
        assert [found for found in error.value.messages if found.startswith(name)] != []
        assert problem in " ".join(error.value.messages)
    assert rows() == before


def test_all_that_is_wrong_is_said_at_once():
    wrong = Outline("A", slug="/", children=[Outline("B", minutes=-5), Outline("")])
    with pytest.raises(ValidationError) as error:
        editing.add(wrong)

    assert [message.partition(":")[0] for message in error.value.messages] == [
        *("“A”", "“B” in “A”", "“” in “A”")
    ]


def test_a_part_in_two_places_is_refused():
    part = Outline("Part")
    circle = Outline("Circle", children=[part])
    part.children.append(circle)
    before = rows()
    for wrong in (Outline("A", children=[part, part]), circle):
        with pytest.raises(ValidationError, match="is in two places of the outline"):
            editing.replace(node("django/css"), wrong)
    assert rows() == before


@pytest.mark.parametrize(
    ("edit", "error", "message"),
    [
        (
            lambda: editing.add(Outline("A", slug="django")),
            ValidationError,
            "taken by “Django RoadMap”",
        ),
        (lambda: editing.add(FORMS, node("django"), "left"), InvalidMove, "beside the roadmap"),
        (lambda: editing.add(FORMS, node("django"), "up"), ValueError, "position"),
        (lambda: editing.add(FORMS, RoadmapNode(title="New")), (InvalidMove, ValueError), "New"),
        (
            lambda: editing.add(FORMS, node("django/css", "other"), using="default"),
            InvalidMove,
            "“Forms” and “CSS” are not in one database",
        ),
        (
            lambda: editing.copy(node("django/css"), node("django/html", "other")),
            InvalidMove,
            "“CSS” and “HTML” are not in one database",
        ),
        (lambda: editing.copy(node("django/css"), node("django"), "left"), InvalidMove, "beside"),
        (lambda: editing.replace(RoadmapNode(title="New"), FORMS), InvalidMove, "New"),
        (lambda: editing.rename(node("django/css"), "html"), IntegrityError, None),
        (lambda: editing.touch("django", "nowhere"), RoadmapNode.DoesNotExist, "'nowhere'"),
        (lambda: editing.touch("django/css"), RoadmapNode.DoesNotExist, "'django/css'"),
    ],
    ids=[
        *("taken path", "beside roadmap", "position", "below unsaved", "other database"),
        *("copy to other database", "copy beside roadmap", "replace unsaved", "taken slug"),
        *("touch nowhere", "touch a node"),
    ],
)
def test_refused(edit, error, message):
    before = rows(), rows("other")
    with pytest.raises(error, match=message), transaction.atomic():
        edit()
    assert (rows(), rows("other")) == before


@pytest.mark.parametrize(
    "edit",
    [
        lambda css: editing.add(FORMS, css),
        editing.copy,
        lambda css: editing.copy(node("django/html"), css),
        lambda css: editing.replace(css, FORMS),
    ],
    ids=["add", "copy", "copy to", "replace"],
)
def test_what_is_gone_is_refused(edit):
    css = node("django/css")
    node("django/css").delete()
    before = rows()
    with pytest.raises(InvalidMove, match="“CSS” is no longer there"):
        edit(css)
    assert rows() == before


class TestCopy:
    @pytest.fixture(autouse=True)
    def forms(self, bare):
        editing.add(FORMS, node("django/html"))

    def test_within_a_roadmap(self):
        copied = editing.copy(node("django/html"), node("django/css"), "right")

        assert plain(SECTION)[1][1:3] == [
            ("css", []),
            ("html-2", [("forms-2", [("controls-2", []), ("validation-2", [])])]),
        ]
        assert copied == node("django/html-2")
        forms, original = node("django/forms-2"), node("django/forms")
        for name in ("title", "summary", "description", "is_optional", "minutes"):
            assert getattr(forms, name) == getattr(original, name)
        assert not node("django/controls-2").is_published
        links = [[(r.title, r.url, r.kind) for r in n.resources.all()] for n in (forms, original)]
        assert len(links[0]) == 2
        assert links[0] == links[1]
        needed = node("django/validation-2").prerequisites.order_by("path")
        assert [other.path for other in needed] == ["django/controls-2", "django/css"]

    def test_to_another_roadmap(self):
        editing.copy(node("django/html"), node(STAGES), "first-child")

        assert plain(STAGES)[1][0] == (
            *("html", [("forms", [("controls", []), ("validation", [])])]),
        )
        needed = node(f"{STAGES}/validation").prerequisites.all()
        assert [other.path for other in needed] == [f"{STAGES}/controls"]

    def test_as_a_roadmap(self):
        copied = editing.copy(node("django/html"))

        assert plain("html") == ("html", [("forms", [("controls", []), ("validation", [])])])
        assert Roadmap.roots.last() == copied
        assert editing.copy(node("django")).path == "django-roadmap"
        assert len(plain("django-roadmap")[1]) == 3

    def test_with_the_roadmap_as_a_prerequisite(self):
        node("django/css").prerequisites.add(node("django"))
        copied = editing.copy(node("django"))
        assert node(f"{copied.path}/css").prerequisites.get() == copied

    def test_of_a_circle_of_prerequisites_that_damage_made_is_refused(self):
        through = RoadmapNode.prerequisites.through
        css, html = node("django/css"), node("django/html")
        for first, second in ((css, html), (html, css)):
            through.objects.create(from_roadmapnode=first, to_roadmapnode=second)
        before, links = rows(), list(through.objects.values())

        with pytest.raises(ValidationError, match="of each other: django/html-2 → django/css-2"):
            editing.copy(node(SECTION), node("django/functions"))
        assert rows() == before
        assert list(through.objects.values()) == links
        css.prerequisites.clear()

    def test_into_itself(self):
        editing.copy(node(SECTION), node("django/css"))

        assert [slug for slug, _ in plain("django/css")[1]] == ["frontend-basics-2"]
        assert slugs_below("django/frontend-basics-2") == "html-2 css-2 javascript-2"

    def test_of_a_roadmap_into_another(self):
        editing.copy(node(STAGES), node("django"))

        assert len(plain(f"django/{STAGES}")[1]) == 10

    def test_in_another_database(self):
        copied = editing.copy(node("django/css", "other"), node("django/html", "other"))

        assert copied._state.db == "other"
        assert slugs_below("django/html", "other") == "css-2"

    def test_leaves_the_original_alone(self):
        before = {row["id"]: row for row in rows() if row["path"].startswith("django/")}
        editing.copy(node("django/html"), node(STAGES))

        assert {pk: row for row in rows() if (pk := row["id"]) in before} == before


class TestReplace:
    def test_keeps_what_the_outline_has_and_says_nothing_of(self):
        RoadmapNode.objects.filter(path="django/css").update(summary="Colours", minutes=5)
        css = node("django/css")
        css.resources.create(title="MDN", url="https://mdn.org/")
        css.prerequisites.add(node("django/html"))
        before = {row["id"]: row for row in rows()}
        changes = editing.replace(
            node(SECTION),
            Outline("Frontend", children=outline("CSS", "JavaScript", "HTML", "Forms")),
        )

        assert slugs_below(SECTION) == "css javascript html forms"
        assert changes == editing.Changes(
            added=["django/forms"], moved=["django/html"], changed=[SECTION]
        )
        now = node("django/css")
        assert (now.pk, now.summary, now.minutes) == (css.pk, "Colours", 5)
        assert now.updated_at == css.updated_at
        assert now.resources.get().title == "MDN"
        assert now.prerequisites.get() == node("django/html")
        ours = {"django", "django/beginner-level"} | {
            found.path for found in node(SECTION).get_descendants(include_self=True)
        }
        behind = node(SECTION).rght
        for row in rows():
            if row["path"] not in ours and (row["tree_id"] != now.tree_id or row["rght"] < behind):
                assert row == before[row["id"]]

    def test_writes_what_the_outline_says(self):
        css = node("django/css")
        css.resources.create(title="MDN", url="https://mdn.org/")
        css.prerequisites.add(node("django/html"))
        said = Outline(
            "Styles",
            slug="css",
            summary="s",
            description="d",
            is_optional=True,
            minutes=7,
            resources=[Link("New", "https://new.org/", "video")],
            prerequisites=["javascript"],
        )
        changes = editing.replace(node(SECTION), Outline("Frontend Basics", children=[said]))

        now = node("django/css")
        assert (now.pk, now.title, now.summary, now.description) == (css.pk, "Styles", "s", "d")
        assert (now.is_optional, now.minutes) == (True, 7)
        assert now.updated_at > css.updated_at
        assert [(r.title, r.kind) for r in now.resources.all()] == [("New", "video")]
        assert now.prerequisites.get() == node("django/javascript")
        assert changes.changed == ["django/css"]

        said.minutes, said.resources, said.prerequisites, said.is_optional = 0, [], [], False
        editing.replace(node(SECTION), Outline("Frontend Basics", children=[said]))
        now = node("django/css")
        assert (now.minutes, now.is_optional) == (None, False)
        assert not now.resources.exists()
        assert not now.prerequisites.exists()

    @pytest.mark.parametrize("delete", [True, False])
    def test_that_closes_a_circle_of_prerequisites_through_others_is_refused(self, delete):
        css, functions = node("django/css"), node("django/functions")
        css.prerequisites.add(functions)
        functions.prerequisites.add(node("django/html"))
        before, links = rows(), list(RoadmapNode.prerequisites.through.objects.values())
        said = [Outline("New"), Outline("HTML", minutes=5, prerequisites=["css", "new"])]
        section = Outline("Frontend Basics", children=[*said, Outline("CSS")])

        way = "django/html → django/css → django/functions → django/html"
        with pytest.raises(ValidationError, match=f"of each other: {way}"):
            editing.replace(node(SECTION), section, delete=delete)
        assert rows() == before
        assert list(RoadmapNode.prerequisites.through.objects.values()) == links

    def test_turns_prerequisites_round(self):
        node("django/css").prerequisites.add(node("django/html"))
        said = [Outline("HTML", prerequisites=["css"]), Outline("CSS", prerequisites=[])]
        editing.replace(node(SECTION), Outline("Frontend Basics", children=said))

        assert node("django/html").prerequisites.get() == node("django/css")
        assert not node("django/css").prerequisites.exists()

    def test_asks_the_same_however_many_prerequisites_are_new(self):
        numbers = []
        for prerequisites in ["css"], ["css", "javascript", "functions"]:
            said = Outline("HTML", prerequisites=prerequisites)
            html = node("django/html")
            with CaptureQueriesContext(connection) as queries:
                editing.replace(html, said)
            numbers.append(len(queries))
        assert numbers[0] == numbers[1]

    def test_tells_of_slugs_resources_and_prerequisites(self):
        said = [
            Outline("HTML", slug="markup"),
            Outline("CSS", resources=[Link("MDN", "https://mdn.org/")]),
            Outline("JavaScript", prerequisites=["markup"]),
        ]
        section = Outline("Frontend Basics", children=said)
        changes = editing.replace(node(SECTION), section)
        paths = ["django/markup", "django/css", "django/javascript"]
        assert changes == editing.Changes(changed=paths)
        assert editing.replace(node(SECTION), section) == editing.Changes()

    def test_the_same_resources_are_left_alone(self):
        link = node("django/css").resources.create(title="MDN", url="https://mdn.org/")
        css = Outline("CSS", resources=[Link("MDN", "https://mdn.org/")])
        editing.replace(node(SECTION), Outline("Frontend Basics", children=[css]))

        assert Resource.objects.get() == link

    def test_what_the_outline_lacks_is_unpublished(self):
        said = Outline("Beginner Level", children=outline("New", "Django Basics"))
        changes = editing.replace(node("django/beginner-level"), said)

        assert slugs_below("django/beginner-level") == (
            "new django-basics learn-python-basics frontend-basics"
        )
        hidden = RoadmapNode.objects.filter(is_published=False).order_by("lft")
        assert [found.path for found in hidden] == changes.removed
        assert changes.removed[0] == "django/install-django"
        assert changes.removed[4:6] == [
            *("django/learn-python-basics", "django/variables-and-data-types")
        ]
        assert editing.replace(node("django/beginner-level"), said) == editing.Changes()

    def test_what_the_outline_lacks_is_deleted(self):
        said = Outline(
            "Beginner Level",
            children=[Outline("Styling", children=outline("CSS")), *outline("Django Basics")],
        )
        css = node("django/css")
        changes = editing.replace(node("django/beginner-level"), said, delete=True)

        assert plain("django/beginner-level")[1] == [
            ("styling", [("css", [])]),
            ("django-basics", []),
        ]
        assert node("django/css").pk == css.pk
        assert len(changes.removed) == 12
        assert changes.moved == ["django/css"]
        assert not RoadmapNode.objects.filter(path__in=changes.removed).exists()

    @pytest.mark.parametrize("model", [RoadmapNode, Roadmap])
    def test_deletes_are_told_to_receivers_of_nodes(self, model):
        deleted = []

        def handler(instance, **kwargs):
            deleted.append(instance.slug)

        post_delete.connect(handler, sender=RoadmapNode)
        try:
            root = model.objects.get(path=STAGES)
            editing.replace(root, Outline("Stages", children=outline("Deployment")), delete=True)
        finally:
            post_delete.disconnect(handler, sender=RoadmapNode)
        assert len(deleted) == 9

    def test_upside_down(self):
        editing.add(Outline("A", children=outline(B=outline("C"))), node("django/css"))
        said = Outline(
            "CSS", children=[Outline("C", children=[Outline("B", children=[Outline("A")])])]
        )
        pks = {slug: node(f"django/{slug}").pk for slug in "abc"}
        editing.replace(node("django/css"), said, delete=True)

        assert plain("django/css") == ("css", [("c", [("b", [("a", [])])])])
        assert {slug: node(f"django/{slug}").pk for slug in "abc"} == pks

    def test_a_slug_of_the_outline_renames(self):
        css = node("django/css")
        editing.replace(
            node(SECTION), Outline("Frontend Basics", children=[Outline("CSS", slug="styles")])
        )
        assert node("django/styles").pk == css.pk

        # One that somebody else has leaves it as it is.
        editing.replace(
            node(SECTION), Outline("Frontend Basics", children=[Outline("CSS", slug="middleware")])
        )
        assert node("django/styles").pk == css.pk

    def test_the_node_itself_keeps_its_slug(self):
        for path in ("django", SECTION):
            editing.replace(node(path), Outline("New", slug="new"))
            assert node(path).title == "New"

    def test_a_stale_instance_will_do(self):
        section = node(SECTION)
        node(SECTION).move_to(node(STAGES))
        editing.replace(section, Outline("Frontend", children=outline("New")), delete=True)

        assert section.path == f"{STAGES}/frontend-basics"
        assert (section.title, section.rght - section.lft) == ("Frontend", 3)
        section.minutes = 5
        section.save()
        assert plain(section.path)[1] == [("new", [])]

    def test_nothing_new_writes_nothing_but_the_lock(self):
        before = rows()
        editing.replace(
            node("django/css"), Outline("CSS", summary="", is_published=True, minutes=0)
        )
        assert [
            {**row, "version": "", "updated_at": ""} for row in before if row["path"] != "django"
        ] == [{**row, "version": "", "updated_at": ""} for row in rows() if row["path"] != "django"]


class TestSingle:
    def test_move(self):
        editing.move(node("django/css"), node("django/html"), "left")
        assert slugs_below(SECTION) == "css html javascript"

    def test_rename(self):
        editing.rename(node("django/css"), "styles")
        assert node("django/styles").title == "CSS"
        editing.rename(node("django"), "python")
        assert node("python/styles").title == "CSS"

    def test_rename_that_fails_leaves_the_node_as_it_was(self):
        css = node("django/css")
        with pytest.raises(IntegrityError), transaction.atomic():
            editing.rename(css, "html")
        css.title = "Styles"
        css.save()
        assert node("django/css").title == "Styles"

    def test_rename_of_what_is_gone_is_refused(self):
        css = node("django/css")
        node("django/css").delete()
        with pytest.raises(InvalidMove, match="“CSS” is no longer there"):
            editing.rename(css, "styles")

    def test_delete(self):
        assert editing.delete(node(SECTION))[0] == 4
        assert editing.delete(RoadmapNode(title="New")) == (0, {})

    def test_touch(self):
        def versions():
            return {root.path: root.version for root in Roadmap.roots.all()}

        first = versions()
        editing.touch("django")
        second = versions()
        assert second["django"] != first["django"]
        assert second[STAGES] == first[STAGES]
        editing.touch()
        assert versions()[STAGES] != first[STAGES]
        editing.touch(using="other")


titles = st.sampled_from(["A", "B", "C", "Ä", "a", "Same", "🎉"])
slugs = st.sampled_from(["", "", "a", "b", "same", "x"])
outlines = st.recursive(
    st.builds(Outline, titles, slugs),
    lambda parts: st.builds(Outline, titles, slugs, children=st.lists(parts, max_size=4)),
    max_leaves=12,
)


def begins_like(branch, outline):
    """Whether the branch has what the outline has, in order, before all else."""
    return branch.title == outline.title and all(
        begins_like(child, part)
        for child, part in zip_longest(branch.children[: len(outline.children)], outline.children)
    )


@given(st.lists(outlines, min_size=1, max_size=3), st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_outline_after_any_other(several, delete):
    top = editing.add(Outline("Top", slug="top"))
    place = editing.add(Outline("Place"), top)
    try:
        for said in several:
            pks = set(RoadmapNode.objects.filter(tree_id=top.tree_id).values_list("pk", flat=True))
            changes = editing.replace(place, said, delete=delete)
            branch = RoadmapNode.objects.branch(place, unpublished=True)
            assert begins_like(branch, said)
            assert not delete or [n.title for n in walk(branch)] == [n.title for n in walk(said)]
            now = set(RoadmapNode.objects.filter(tree_id=top.tree_id).values_list("pk", flat=True))
            assert len(now - pks) == len(changes.added)
            assert len(pks - now) == (len(changes.removed) if delete else 0)
            assert findings() == []
            assert integrity.check() == []
            # A second time there is nothing to do, but to give a slug that the first has freed.
            again = editing.replace(place, said, delete=delete)
            assert again == editing.Changes(changed=again.changed)
            assert not again.changed or any(part.slug for part in walk(said))
    finally:
        top.delete()
