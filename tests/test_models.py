"""What the tables are: names, slugs, places, constraints and what is read from them."""

from urllib.parse import unquote

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.test import override_settings
from django.urls import NoReverseMatch, resolve
from django.utils.functional import Promise
from mptt.exceptions import InvalidMove
from roadmaps import node, rows
from soundness import findings

from django_roadmap.models import Progress, Resource, ResourceKind, Roadmap, RoadmapNode

pytestmark = pytest.mark.django_db


class TestNames:
    def test_title_stands_for_node_and_resource(self):
        assert str(node("django/css")) == "CSS"
        assert str(Roadmap.roots.first()) == "Django RoadMap"
        assert str(Resource(title="MDN")) == "MDN"
        assert str(Progress(node=node("django/css"), state="done")) == "CSS: Done"

    @pytest.mark.parametrize("path", ["django", "django/css"])
    def test_address_leads_to_the_path(self, path):
        assert resolve(node(path).get_absolute_url()).kwargs == {"path": path}

    def test_no_address_without_our_urls(self):
        css = node("django/css")

        with override_settings(ROOT_URLCONF=()), pytest.raises(NoReverseMatch):
            css.get_absolute_url()

    def test_natural_key_is_the_path(self):
        css = node("django/css")

        assert css.natural_key() == ("django/css",)
        assert RoadmapNode.objects.get_by_natural_key("django/css") == css
        assert Roadmap.objects.get_by_natural_key("django/css") == css

    def test_help_texts_are_sentences_to_translate(self):
        own = [
            field
            for model in apps.get_app_config("django_roadmap").get_models()
            for field in model._meta.get_fields()
            if getattr(field, "help_text", "")
        ]

        assert len(own) > 10
        for field in own:
            assert isinstance(field.help_text, Promise), field
            assert str(field.help_text)[0].isupper(), field
            assert str(field.help_text).endswith("."), field

    def test_names_of_models_and_fields_can_be_translated(self):
        for model in apps.get_app_config("django_roadmap").get_models():
            assert isinstance(model._meta.verbose_name, Promise), model
            assert isinstance(model._meta.verbose_name_plural, Promise), model
            for field in model._meta.fields:
                if field.editable and not field.primary_key:
                    assert isinstance(field.verbose_name, Promise), field


class TestSlugs:
    @pytest.mark.parametrize(
        ("title", "slugs"),
        [
            ("Loops", ["loops", "loops-2", "loops-3"]),
            ("مقدمة في جانغو", ["مقدمة-في-جانغو", "مقدمة-في-جانغو-2", "مقدمة-في-جانغو-3"]),
            ("数据库 模型", ["数据库-模型", "数据库-模型-2", "数据库-模型-3"]),
            ("🎉" * 200, ["node-1", "node-2", "node-3"]),
            ("<script>", ["script", "script-2", "script-3"]),
            ("x" * 200, ["x" * 120, f"{'x' * 118}-2", f"{'x' * 118}-3"]),
        ],
        ids=["latin", "arabic", "chinese", "emoji", "markup", "long"],
    )
    @pytest.mark.parametrize("below", [True, False], ids=["node", "roadmap"])
    def test_come_from_titles_and_are_numbered(self, title, slugs, below):
        parent = node("django") if below else None
        added = [RoadmapNode.objects.create(title=title, parent=parent) for _ in slugs]

        assert [new.slug for new in added] == slugs
        assert [new.path for new in added] == [
            f"django/{slug}" if below else slug for slug in slugs
        ]
        for new in added:
            assert resolve(unquote(new.get_absolute_url())).kwargs == {"path": new.path}
        assert findings() == []

    def test_are_numbered_where_the_database_takes_letters_for_equal(self):
        titles = ["Uber", "Uber", "Über", "Über", "𠮷", "𠮶", "𠮵"]
        parent = node("django")
        added = {RoadmapNode.objects.create(title=title, parent=parent).path for title in titles}

        assert len(added) == len(titles)
        assert findings() == []

    def test_are_the_nodes_own_in_each_roadmap(self, grow):
        grow("Rust", ["CSS"])

        assert node("rust/css").slug == node("django/css").slug

    def test_number_of_a_node_that_keeps_its_title_stays(self, grow):
        second = grow("Loops", parent=grow("Rust", ["Loops"]))
        second.slug = ""
        second.save()

        assert second.path == "rust/loops-2"

    @pytest.mark.parametrize("path", ["django/css", "django-step-by-step"])
    def test_taken_one_is_refused_naming_who_has_it(self, path):
        taken = node(path)
        new = RoadmapNode(title="New", slug=taken.slug, parent=taken.parent)
        before = rows()

        with pytest.raises(ValidationError) as refusal:
            new.full_clean()
        assert refusal.value.message_dict == {
            "slug": [
                f"The path {path} is taken by “{taken.title}”. Leave the slug empty for another."
            ]
        }
        with pytest.raises(IntegrityError):
            new.save()
        assert rows() == before
        assert new.pk is None

    @pytest.mark.parametrize("slug", ["a/b", "a b", "?"])
    def test_one_that_fits_no_address_is_refused(self, slug):
        new, css = RoadmapNode(title="New", slug=slug, parent=node("django")), node("django/css")
        css.slug = slug
        before = rows()

        with pytest.raises(ValidationError) as refusal:
            new.full_clean()
        assert list(refusal.value.message_dict) == ["slug"]
        for unclean in new, css:
            with pytest.raises(ValidationError):
                unclean.save()
        assert rows() == before


class TestPlaces:
    """full_clean() refuses for people; save() refuses whoever does not ask."""

    def assert_refused(self, moved, message, on_save=None):
        before = rows()
        with pytest.raises(ValidationError) as refusal:
            moved.full_clean()
        assert refusal.value.message_dict == {"parent": [message]}
        with pytest.raises(InvalidMove) as refusal:
            moved.save()
        assert str(refusal.value) == (on_save or message)
        assert rows() == before

    @pytest.mark.parametrize(
        ("path", "parent", "message"),
        [
            ("django/html", "django/html", "“HTML” cannot be part of “HTML”, which is part of it."),
            (
                "django/beginner-level",
                "django/html",
                "“Beginner Level” cannot be part of “HTML”, which is part of it.",
            ),
            ("django/html", None, "“HTML” cannot change between a roadmap and a node in one."),
            (
                "django/frontend-basics",
                "rust",
                (
                    "“Frontend Basics” cannot move to “Rust”: these paths are taken there: "
                    "rust/javascript (“JavaScript”), rust/css (“CSS”)"
                ),
            ),
        ],
        ids=["itself", "part", "to roadmap", "taken"],
    )
    def test_impossible_ones_are_refused(self, grow, path, parent, message):
        grow("Rust", ["JavaScript", "CSS"])
        moved = node(path)
        moved.parent = parent and node(parent)

        self.assert_refused(moved, message)

    def test_roadmap_in_another_is_refused(self):
        roadmap = node("django")
        roadmap.parent = node("django-step-by-step")

        self.assert_refused(
            roadmap,
            "“Django RoadMap” cannot change between a roadmap and a node in one.",
            "“Django RoadMap” is a roadmap: order roadmaps by their position instead.",
        )

    def test_65th_level_is_refused(self, grow):
        lowest = grow("1")
        for level in range(2, 65):
            lowest = grow(str(level), parent=lowest)
        section = grow("Section", {"Topic": []}, parent=node("1"))

        self.assert_refused(
            RoadmapNode(title="65", parent=lowest),
            "Below “64”, “65” would reach level 65 of at most 64.",
        )
        section.parent = lowest.parent
        self.assert_refused(section, "Below “63”, “Section” would reach level 65 of at most 64.")
        section.parent = lowest.parent.parent
        section.full_clean()
        section.save()
        assert node("1/topic").level == 63
        assert findings() == []

    def test_roadmap_is_part_of_nothing(self):
        with pytest.raises(ValidationError) as refusal:
            Roadmap(title="New", parent=node("django")).full_clean()

        assert refusal.value.message_dict == {"parent": ["A roadmap is part of nothing."]}

    @pytest.mark.parametrize("parent", [None, "django/css"])
    def test_good_new_one_is_clean(self, parent):
        RoadmapNode(title="New", parent=parent and node(parent)).full_clean()

    def test_unchanged_node_is_clean(self):
        node("django").full_clean()
        node("django/css").full_clean()
        Roadmap.roots.first().full_clean()

    def test_parent_that_never_was_is_refused(self):
        css = node("django/css")
        css.parent_id = 0
        for wrong in (css, RoadmapNode(title="New", parent_id=0)):
            with pytest.raises(ValidationError) as refusal:
                wrong.full_clean()
            assert list(refusal.value.message_dict) == ["parent"]

    def test_vanished_parent_is_refused(self):
        new = RoadmapNode(title="New", parent=node("django/css"))
        node("django/css").delete()

        with pytest.raises(ValidationError) as refusal:
            new.full_clean()
        assert list(refusal.value.message_dict) == ["parent"]
        with pytest.raises(InvalidMove, match="“CSS” is no longer there"):
            new.save()


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (RoadmapNode, {"path": "django/html"}),
        (RoadmapNode, {"slug": "a/b"}),
        (RoadmapNode, {"minutes": 0}),
        (RoadmapNode, {"lft": F("rght")}),
        (Resource, {"kind": "poem"}),
        (Resource, {"url": "javascript:alert(1)"}),
        (Resource, {"url": "ftp://example.org/"}),
        (Resource, {"url": "https"}),
        (Resource, {"url": "https://example.org/"}),
    ],
)
def test_database_refuses(model, values):
    css = node("django/css")
    css.resources.create(title="MDN", url="https://example.org/", kind="official")
    link = css.resources.create(title="WHATWG", url="HTTP://example.com/")

    with pytest.raises(IntegrityError):
        models.QuerySet(model).filter(pk=(css if model is RoadmapNode else link).pk).update(
            **values
        )


class TestReading:
    def test_unpublished_node_hides_its_branch_only(self):
        section, stages = node("django/frontend-basics"), node("django-step-by-step")
        seen = set(RoadmapNode.objects.published())
        assert len(seen) == 54
        for hidden in section, stages:
            hidden.is_published = False
            hidden.save()
        below = {
            node(f"django/{slug}") for slug in ("frontend-basics", "html", "css", "javascript")
        }

        assert seen - set(RoadmapNode.objects.published()) == below | set(
            stages.get_descendants(include_self=True)
        )
        assert list(Roadmap.roots.published()) == [node("django")]

    def test_roadmaps_are_in_the_order_of_owners(self, grow):
        rust, go = grow("Rust", position=7), grow("Go", ["Go"], position=1)
        first, second = node("django"), node("django-step-by-step")

        assert list(RoadmapNode.objects.roadmaps()) == [first, go, second, rust]
        assert list(Roadmap.roots.all()) == [first, go, second, rust]
        assert Roadmap.objects.count() == RoadmapNode.objects.count() == 57

    def test_new_roadmap_goes_last(self, grow):
        assert [grow("Rust").position, grow("Go").position] == [3, 4]
        Roadmap.objects.all().delete()
        assert grow("Rust").position == 1

    def test_roadmap_finds_its_nodes(self):
        roadmap = Roadmap.roots.get(path="django")

        assert [child.title for child in roadmap.get_children()] == [
            "Beginner Level",
            "Intermediate Level",
            "Advanced Level",
        ]
        assert roadmap.get_descendants().count() == roadmap.get_descendant_count() == 42
        assert list(Roadmap.roots.first().children.all()) == list(roadmap.get_children())


class TestResources:
    @pytest.mark.usefixtures("bare")
    def test_are_listed_by_position(self):
        css = node("django/css")
        for title, position in [("B", 2), ("A", 1), ("C", 2)]:
            css.resources.create(title=title, position=position, url=f"https://{title}.example/")

        assert "".join(link.title for link in css.resources.all()) == "ABC"
        assert css.resources.first().kind == ResourceKind.ARTICLE

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("url", "javascript:alert(1)"),
            ("url", "data:text/html,x"),
            ("url", "ftp://example.org/"),
            ("url", "//example.org/"),
            ("kind", "poem"),
        ],
    )
    def test_bad_ones_are_refused(self, field, value):
        link = Resource(node=node("django/css"), title="MDN", url="https://example.org/")
        link.full_clean()
        setattr(link, field, value)

        with pytest.raises(ValidationError) as refusal:
            link.full_clean()
        assert field in refusal.value.message_dict


class TestProgress:
    @pytest.fixture
    def done(self):
        ada = User.objects.create_user("Ada")
        return Progress.objects.create(user=ada, node=node("django/css"), state="done")

    @pytest.mark.parametrize("state", ["", "pending"])
    def test_has_a_state_that_is_known(self, done, state):
        with pytest.raises(IntegrityError), transaction.atomic():
            Progress.objects.update(state=state)

    def test_is_one_a_user_and_node(self, done):
        with pytest.raises(IntegrityError), transaction.atomic():
            Progress.objects.create(user=done.user, node=done.node, state="learning")

    def test_stays_with_a_node_that_is_moved_and_renamed(self, done):
        done.node.move_to(node("django/deployment-and-apis"))
        node("django/css").save()
        css = node("django/css")
        css.slug = "styles"
        css.save()

        assert Progress.objects.get().node.path == "django/styles"

    def test_changes_no_version(self, done):
        version = node("django").version
        done.state = "learning"
        done.save()
        done.delete()

        assert node("django").version == version

    def test_goes_with_its_node(self, done):
        node("django/frontend-basics").delete()

        assert not Progress.objects.exists()
        assert User.objects.exists()

    def test_goes_with_its_user(self, done):
        done.user.delete()

        assert not Progress.objects.exists()
        assert node("django/css")
