"""Managers and querysets: writing many nodes, and rebuilding."""

import pytest
from django.db import connection, models, transaction
from django.db.models import F, Value
from django.test.utils import CaptureQueriesContext
from roadmaps import node, rows
from soundness import findings

from django_roadmap import integrity
from django_roadmap.models import Resource, Roadmap, RoadmapNode

pytestmark = [
    pytest.mark.django_db(databases=["default", "other"]),
    pytest.mark.usefixtures("bare"),
]

SECTION = "django/frontend-basics"


def slugs_below(path, using="default"):
    return [child.slug for child in node(path, using).get_children().using(using)]


@pytest.fixture(autouse=True)
def sound():
    yield
    assert findings() == []
    assert findings("other") == []


def section():
    return node(SECTION)


class TestBranch:
    @pytest.mark.parametrize("target", [None, 5, b"django", Resource()])
    def test_is_of_a_path_or_a_node(self, target):
        with pytest.raises(RoadmapNode.DoesNotExist, match="neither a path nor a node"):
            RoadmapNode.objects.branch(target)


class TestUpdate:
    def test_of_plain_columns(self):
        below = section().get_descendants()

        assert below.update(minutes=5, summary=Value("Seen")) == 3
        assert below.filter(minutes=5).update(minutes=F("minutes") + 1) == 3
        assert RoadmapNode.objects.filter(minutes=6, summary="Seen").count() == 3
        assert RoadmapNode.objects.none().update(title="") == 0

    def test_of_positions_orders_roadmaps(self):
        Roadmap.roots.filter(path="django").update(position=9)

        assert [root.path for root in Roadmap.roots.all()] == ["django-step-by-step", "django"]

    def test_in_bulk(self):
        nodes = list(RoadmapNode.objects.all())
        for found in nodes:
            found.title += "!"

        assert RoadmapNode.objects.bulk_update(nodes, ["title"], batch_size=10) == 54
        assert RoadmapNode.objects.filter(title__endswith="!").count() == 54

    def test_in_another_database(self):
        RoadmapNode.objects.using("other").filter(path=SECTION).update(title="Front")

        assert (node(SECTION, "other").title, node(SECTION).title) == ("Front", "Frontend Basics")


class TestDelete:
    @pytest.mark.parametrize(
        ("paths", "left"),
        [
            (["django/css"], 53),
            (["django/html", "django/css", "django/javascript"], 51),
            ([SECTION], 50),
            (["django/html", SECTION, "django/beginner-level"], 39),
            (["django/css", "django-step-by-step/deployment"], 52),
            (["django"], 11),
            (["django", "django-step-by-step", "django/css"], 0),
            ([], 54),
        ],
        ids=str,
    )
    def test_of_some(self, paths, left):
        found = RoadmapNode.objects.filter(path__in=paths).order_by("-title")
        count, by_label = found.delete()

        assert RoadmapNode.objects.count() == left
        assert count == sum(by_label.values()) == 54 - left

    @pytest.mark.parametrize("fields", [["title"], ["path", "lft"]], ids=str)
    def test_with_fields_left_out(self, fields):
        RoadmapNode.objects.filter(parent__path=SECTION).only(*fields).delete()

        assert section().is_leaf_node()

    def test_of_all_of_a_tree_takes_no_more_queries_than_of_its_root(self):
        def queries_to_delete(nodes):
            with CaptureQueriesContext(connection) as queries:
                nodes.delete()
            return len(queries)

        whole = RoadmapNode.objects.filter(tree_id=node("django").tree_id)
        with transaction.atomic():
            expected = queries_to_delete(whole.filter(path="django"))
            transaction.set_rollback(True)

        assert queries_to_delete(whole.order_by("title")) == expected

    def test_of_roadmaps(self):
        assert Roadmap.roots.filter(path="django").delete()[0] == 43
        assert [root.path for root in Roadmap.roots.all()] == ["django-step-by-step"]

    def test_of_children_by_the_related_manager(self):
        section().children.exclude(slug="css").delete()

        assert slugs_below(SECTION) == ["css"]

    def test_takes_resources_along(self):
        node("django/css").resources.create(title="MDN", url="https://example.org/")

        assert section().get_children().delete() == (
            4,
            {"django_roadmap.RoadmapNode": 3, "django_roadmap.Resource": 1},
        )
        assert not Resource.objects.exists()

    def test_in_another_database(self):
        RoadmapNode.objects.using("other").filter(path=SECTION).delete()

        assert RoadmapNode.objects.using("other").count() == 50
        assert RoadmapNode.objects.count() == 54


class TestCreate:
    def numbered(self, **values):
        return RoadmapNode(title="Rust", tree_id=900, version="x", **values)

    def test_in_bulk_keeps_the_callers_numbers_but_not_versions(self):
        root = self.numbered(slug="rust", path="rust", lft=1, rght=4, level=0)
        [root] = RoadmapNode.objects.bulk_create([root])
        version = node("rust").version
        assert len(version) == 32
        below = self.numbered(slug="a", path="rust/a", lft=2, rght=3, level=1, parent=root)
        RoadmapNode.objects.bulk_create(iter([below]))

        assert node("rust").version not in ("", version)
        assert node("rust/a").version == ""
        RoadmapNode(title="B", parent=root).save()
        assert slugs_below("rust") == ["a", "b"]

    def test_in_bulk_may_update_plain_columns(self):
        css = node("django/css")
        css.pk, css.title, css.parent = None, "Styles", node("django")
        target = ["path"] if connection.features.supports_update_conflicts_with_target else None
        RoadmapNode.objects.bulk_create(
            [css], update_conflicts=True, update_fields=["title"], unique_fields=target
        )

        assert node("django/css").title == "Styles"
        assert node("django/css").parent == section()

    def test_by_related_manager(self):
        section().children.create(title="New")
        section().children.add(RoadmapNode(title="Newer"), bulk=False)
        section().children.add(node("django/functions"), bulk=False)

        assert slugs_below(SECTION) == ["html", "css", "javascript", "new", "newer", "functions"]

    def test_by_get_or_create(self):
        values = {"path": "django/sass", "defaults": {"title": "Sass", "parent": section()}}
        first, created = RoadmapNode.objects.get_or_create(**values)
        again = RoadmapNode.objects.get_or_create(**values)
        child, _ = section().children.get_or_create(title="Less")

        assert created
        assert again == (first, False)
        assert slugs_below(SECTION)[3:] == ["sass", "less"]
        assert child.path == "django/less"

    def test_by_update_or_create(self):
        there, created = RoadmapNode.objects.update_or_create(
            path="django/css", defaults={"title": "Styles", "parent": node("django/html")}
        )
        sass, _ = there.children.update_or_create(title="Sass", create_defaults={"slug": "scss"})

        assert (created, there.title, there.parent.slug) == (False, "Styles", "html")
        assert (sass.path, slugs_below("django/css")) == ("django/scss", ["scss"])

    def test_at_a_path_that_does_not_follow_from_the_place_is_refused(self):
        before = rows()
        with pytest.raises(ValueError, match=r"'rust/sass'.*'django/sass'"):
            RoadmapNode.objects.create(title="Sass", path="rust/sass", parent=section())

        assert rows() == before


class TestRebuild:
    def damage(self, using="default"):
        everything = models.QuerySet(RoadmapNode, using=using)
        before = list(everything.order_by("pk").values_list("pk", "lft", "rght", "level"))
        everything.filter(level__gt=0).update(lft=F("lft") + 10, rght=F("rght") + 20, level=7)
        assert findings(using) != []
        return before

    @pytest.mark.parametrize("manager", [RoadmapNode.objects, Roadmap.objects, Roadmap.roots])
    def test_repairs_every_tree(self, manager):
        before = self.damage()
        manager.rebuild(batch_size=7)

        assert [(row["id"], row["lft"], row["rght"], row["level"]) for row in rows()] == before

    @pytest.mark.parametrize("manager", [RoadmapNode.objects, Roadmap.roots])
    def test_of_one_tree_repairs_that(self, manager):
        before = self.damage()
        for root in Roadmap.roots.all():
            manager.partial_rebuild(root.tree_id)
        manager.partial_rebuild(12345)

        assert [(row["id"], row["lft"], row["rght"], row["level"]) for row in rows()] == before

    def test_of_what_filters_find(self):
        self.damage()
        RoadmapNode.objects.rebuild(path="nowhere")
        assert integrity.check("django") != []
        RoadmapNode.objects.rebuild(path="django")
        assert integrity.check("django") == []
        assert integrity.check("django-step-by-step") != []
        RoadmapNode.objects.rebuild()

    def test_in_another_database(self):
        self.damage("other")
        RoadmapNode.objects.db_manager("other").rebuild()

        assert slugs_below(SECTION, "other") == ["html", "css", "javascript"]

    def test_leaves_room_for_more(self, grow):
        grow("Rust", ["A"])
        RoadmapNode.objects.filter(path="django").delete()
        RoadmapNode.objects.rebuild()
        grow("Go", ["A"])

        assert len({root.tree_id for root in Roadmap.roots.all()}) == 3


class TestResources:
    def test_in_bulk(self):
        stages = node("django-step-by-step")
        links = Resource.objects.bulk_create(
            Resource(node=node("django/css"), title=title, url=f"https://{title}.example/")
            for title in ("a", "b")
        )
        for link in links:
            link.node = stages
        assert Resource.objects.bulk_update(links, ["node"]) == 2

        assert [link.title for link in stages.resources.all()] == ["a", "b"]
        assert Resource.objects.get_by_natural_key("django-step-by-step", "https://a.example/")
        assert stages.resources.filter(title="a").delete()[0] == 1
        assert stages.resources.update(position=3) == 1
        assert Resource.objects.update(node=node("django/css")) == 1
        assert node("django/css").resources.get().position == 3
