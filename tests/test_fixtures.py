"""Fixtures: dumpdata and loaddata, here and to another site."""

import json

import pytest
from django.core import serializers
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, models
from soundness import findings

from django_roadmap.models import Resource, Roadmap, RoadmapNode

# What a fixture leaves to be done on commit is done only where transactions are real.
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "other"])

BY_PATH = {"use_natural_primary_keys": True, "use_natural_foreign_keys": True}


def node(path, using="other"):
    return RoadmapNode.objects.using(using).get(path=path)


def rows(using="other"):
    return [
        list(models.QuerySet(model, using=using).order_by("pk").values())
        for model in (RoadmapNode, Resource, RoadmapNode.prerequisites.through)
    ]


def outline(path, using="other"):
    nodes = node(path, using).get_descendants(include_self=True).using(using)
    return [(found.path, found.level, found.title) for found in nodes]


@pytest.fixture
def rust(grow):
    """A roadmap with everything on it, here; a fixture of it comes by ``dump``."""
    grow("Rust", {"Basics": ["Loops", "Names"], "Web": []})
    names = node("rust/names", "default")
    names.prerequisites.set([node("rust/loops", "default"), node("rust/web", "default")])
    names.resources.create(title="The Book", url="https://example.org/", kind="book")
    return node("rust", "default")


@pytest.fixture
def dump(rust):
    def dump(**options):
        tree = RoadmapNode.objects.filter(tree_id=rust.tree_id)
        links = Resource.objects.filter(node__in=tree)
        return json.loads(serializers.serialize("json", [*tree, *links], **options))

    return dump


@pytest.fixture
def load(tmp_path):
    def load(objects, using="other"):
        fixture = tmp_path / "roadmap.json"
        fixture.write_text(json.dumps(objects))
        call_command("loaddata", fixture, database=using, verbosity=0)

    return load


def take_tree_id(tree_id):
    """Let a roadmap of the other database have the tree_id of one of ours."""
    go = RoadmapNode(title="Go")
    go.save(using="other")
    RoadmapNode(title="Channels", parent=go).save(using="other")
    models.QuerySet(RoadmapNode, using="other").filter(tree_id=go.tree_id).update(tree_id=tree_id)


class TestFixtures:
    @pytest.mark.parametrize("order", [1, -1], ids=["parents first", "children first"])
    @pytest.mark.parametrize("taken", [True, False], ids=["tree_id taken", "tree_id free"])
    def test_bring_a_roadmap_to_another_site(self, dump, load, rust, order, taken):
        if taken:
            take_tree_id(rust.tree_id)
        before = {path: outline(path) for path in ("django", "django-step-by-step")}
        *nodes, link = dump(**BY_PATH)
        load([*nodes[::order], link])

        assert findings("other") == []
        assert outline("rust") == outline("rust", "default")
        assert {path: outline(path) for path in before} == before
        names = node("rust/names")
        assert [near.path for near in names.prerequisites.order_by("path")] == [
            "rust/loops",
            "rust/web",
        ]
        assert [link.title for link in names.resources.all()] == ["The Book"]
        assert node("rust").version not in ("", rust.version)
        if taken:
            assert outline("go") == [("go", 0, "Go"), ("go/channels", 1, "Channels")]

    def test_of_the_whole_app_go_round(self, rust, tmp_path):
        fixture = tmp_path / "all.json"
        options = {"natural_primary": True, "natural_foreign": True}
        call_command("dumpdata", "django_roadmap", output=fixture, **options)
        call_command("loaddata", fixture, database="other", verbosity=0)

        assert findings("other") == []
        for roadmap in Roadmap.roots.all():
            assert outline(roadmap.path) == outline(roadmap.path, "default")

    def test_loaded_again_change_nothing_but_versions(self, dump, load):
        load(dump(**BY_PATH))
        before, version = outline("rust"), node("rust").version
        counts = [len(table) for table in rows()]
        load(dump(**BY_PATH))

        assert findings("other") == []
        assert outline("rust") == before
        assert [len(table) for table in rows()] == counts
        assert node("rust").version != version

    def test_leave_resources_of_the_site_alone(self, dump, load, rust):
        fixture = dump(**BY_PATH)
        pk = rust.get_descendants().get(path="rust/names").resources.get().pk
        Resource(pk=pk, node=node("django/css"), title="MDN", url="https://example.org/").save(
            using="other"
        )
        load(fixture)

        assert "MDN" in [link.title for link in node("django/css").resources.all()]
        assert [link.title for link in node("rust/names").resources.all()] == ["The Book"]

    @pytest.mark.parametrize("parent", ["django/css", "django-step-by-step"])
    def test_with_parents_of_another_site_are_refused(self, dump, load, parent):
        fixture = dump(use_natural_primary_keys=True)
        for found in fixture:
            if found["fields"].get("parent"):
                found["fields"]["parent"] = node(parent).pk
        before = rows()

        with pytest.raises(ValueError, match=f"would be below “{parent}”.*--natural-foreign"):
            load(fixture)
        assert rows() == before

    def test_with_keys_of_another_site_are_refused(self, dump, load):
        root = next(found for found in dump() if found["fields"].get("path") == "rust")
        before = rows()

        with pytest.raises(ValueError, match="--natural-primary"):
            load([{**root, "pk": node("django").pk}])
        assert rows() == before

    def test_with_keys_of_the_sites_resources_are_refused(self, dump, load):
        link = dump(use_natural_foreign_keys=True)[-1]
        ours = Resource(node=node("django/css"), title="MDN", url="https://example.org/")
        ours.save(using="other")
        load(dump(**BY_PATH)[:-1])
        before = rows()

        with pytest.raises(ValueError, match="--natural-primary"):
            load([{**link, "pk": ours.pk}])
        assert rows() == before

    def test_with_keys_of_this_site_are_a_backup(self, dump, load):
        fixture, before = dump(), outline("rust", "default")
        node("rust", "default").delete()
        load(fixture, using="default")

        assert findings() == []
        assert outline("rust", "default") == before

    @pytest.mark.parametrize(
        "edit",
        [
            lambda: RoadmapNode(title="New").insert_at(
                node("rust", "default"), "first-child", save=True
            ),
            lambda: node("rust/web", "default").move_to(node("rust/names", "default")),
            lambda: node("rust/basics", "default").delete(),
        ],
        ids=["added", "moved", "deleted"],
    )
    def test_older_than_the_tree_leave_it_sound(self, dump, load, edit):
        fixture = dump(**BY_PATH)
        edit()
        before = rows("default")
        try:
            load(fixture, using="default")
        except ValueError:
            assert rows("default") == before
        else:
            assert node("rust/web", "default").parent.path == "rust"
        assert findings() == []

    def test_of_some_nodes_join_the_roadmap_that_is_there(self, dump, load):
        load([found for found in dump(**BY_PATH) if "names" not in str(found)])
        RoadmapNode(title="First").insert_at(node("rust/basics"), "left", save=True)
        load([found for found in dump(**BY_PATH) if found["fields"].get("slug") == "names"])

        assert findings("other") == []
        assert outline("rust")[-1:] != [("rust/names", 2, "Names")]
        assert node("rust/names").parent.path == "rust/basics"

    def test_that_would_close_a_circle_leave_it_open(self, dump, load, caplog):
        load(dump(**BY_PATH))
        web = next(found for found in dump(**BY_PATH) if found["fields"].get("slug") == "web")
        node("rust/basics").move_to(node("rust/web"))
        web["fields"]["parent"] = ["rust/loops"]
        load([web])

        assert findings() == []
        assert node("rust/web").parent == node("rust")
        assert node("rust/basics").parent == node("rust/web")
        assert "Each is part of the next, in a circle: “rust/basics”" in caplog.text

    @pytest.mark.parametrize("there", [True, False], ids=["with what is there", "alone"])
    def test_that_close_a_circle_of_prerequisites_are_refused(self, dump, load, there):
        fixture = dump(**BY_PATH)
        if there:
            load(fixture)
            fixture = [found for found in fixture if found["fields"].get("slug") == "web"]
        web = next(found for found in fixture if found["fields"].get("slug") == "web")
        web["fields"]["prerequisites"] = [["rust/names"]]
        web["fields"]["title"] = "The Web"
        before = rows()

        with pytest.raises(ValidationError, match=r"of each other: rust/(web|names) → rust/"):
            load(fixture)
        assert rows() == before

    def test_with_a_parent_that_is_nowhere_are_refused(self, dump, load):
        fixture = dump(**BY_PATH)
        before = rows()

        with pytest.raises((IntegrityError, serializers.base.DeserializationError)):
            load([found for found in fixture if found["fields"].get("slug") != "basics"])
        assert rows() == before

    def test_of_resources_only_give_a_version(self, dump, load):
        load(dump(**BY_PATH))
        version, stages = node("rust").version, node("django-step-by-step").version
        load([found for found in dump(**BY_PATH) if found["model"] == "django_roadmap.resource"])

        assert node("rust").version != version
        assert node("django-step-by-step").version == stages
