import ast
import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from mptt.managers import TreeManager
from roadmaps import node
from soundness import findings

from django_roadmap import editing, integrity
from django_roadmap.models import Progress, Resource, Roadmap, RoadmapNode
from django_roadmap.outline import Outline

seed = import_module("django_roadmap.migrations.0002_seed")

ATTACHED = [
    (RoadmapNode, ("path", "summary", "description", "prerequisites__path")),
    (Resource, ("node__path", "position", "kind", "title", "url")),
]
COLUMNS = ("path", "parent__path", "tree_id", "lft", "rght", "level", "position", "title")


def rows(using="default"):
    return list(RoadmapNode.objects.using(using).values_list(*COLUMNS))


def migrate(name="0002", using="default"):
    call_command("migrate", "django_roadmap", name, database=using, verbosity=0)


@pytest.fixture
def migrations(transactional_db):
    """Migrations move for real; afterwards they are where the other tests expect them."""
    yield
    migrate()


@pytest.fixture
def document():
    """Both halves of the seed document, read from the document itself."""
    text = (Path(__file__).parent / "data" / "roadmap.txt").read_text()
    table, outline = text.split("*" * 62, 1)
    stages = re.findall(r"^ *\d+\. +\*\*(.+?)\*\* *: *(.+?) *$", table, re.MULTILINE)
    title, *lines = (line.rstrip() for line in outline.splitlines() if line.strip(" │*"))
    nodes = [(title.strip(), 0)]
    for line in lines:
        branch = re.match(r"[ │]*[├└]── ", line)
        level = 1 if branch is None else 2 if branch.end() < 9 else 3
        nodes.append((line[branch.end() :] if branch else line, level))
    return {"table": (table.splitlines()[0], stages), "outline": nodes}


@pytest.mark.django_db
class TestDocument:
    def test_outline_is_the_django_roadmap(self, document):
        nodes = RoadmapNode.objects.get(path="django").get_descendants(include_self=True)

        assert list(nodes.values_list("title", "level")) == document["outline"]

    def test_table_is_the_step_by_step_roadmap(self, document):
        title, stages = document["table"]
        root = RoadmapNode.objects.get(path="django-step-by-step")

        assert root.title == title
        assert list(root.get_children().values_list("title", "summary")) == stages

    def test_document_has_the_counts_we_claim(self, document):
        levels = [level for _, level in document["outline"]]

        assert [levels.count(level) for level in range(4)] == [1, 3, 9, 30]
        assert len(document["table"][1]) == 10


@pytest.mark.django_db
def test_seeded_trees_are_sound():
    assert findings() == []
    assert [roadmap.path for roadmap in Roadmap.roots.all()] == ["django", "django-step-by-step"]
    assert all(roadmap.version for roadmap in Roadmap.roots.all())


@pytest.mark.django_db
def test_rebuild_of_mptt_changes_nothing():
    before = rows()
    manager = TreeManager()
    manager.model = manager.tree_model = RoadmapNode
    manager._base_manager = None
    manager.rebuild()

    assert rows() == before


def test_forward_backward_forward_ends_where_it_started(migrations):
    def texts():
        return [sorted(model.objects.values_list(*names), key=str) for model, names in ATTACHED]

    before, attached = rows(), texts()
    migrate("0001")
    assert rows() == []
    assert not Resource.objects.exists()
    migrate()

    assert rows() == before
    assert texts() == attached
    assert findings() == []


def test_trees_are_sound_whatever_is_edited_in_between(migrations):
    def edit(title):
        root = editing.add(Outline(title, children=[Outline(title, children=[Outline("B")])]))
        for other in Roadmap.roots.exclude(pk=root.pk):
            editing.copy(other.get_children()[0], root)
            editing.copy(root.get_children()[0], other, "first-child")
            other.get_children()[0].move_to(other.get_children().last())
        assert findings() == []
        # The other roadmap's texts have links to what is deleted below.
        assert {finding.kind for finding in integrity.check()} <= {"link"}

    edit("Before")
    node("django/css").delete()
    migrate("0001")
    edit("Without the seed")
    migrate()
    edit("With the seed")
    migrate("0001")
    edit("Without it again")

    assert Roadmap.roots.filter(path="django").exists()


def test_all_the_way_down_and_up(migrations):
    before = rows()
    migrate("zero")
    assert "django_roadmap_roadmapnode" not in connection.introspection.table_names()
    migrate()

    assert rows() == before


def test_sites_own_roadmap_of_the_same_path_is_left_alone(migrations):
    migrate("0001")
    own = RoadmapNode.objects.create(title="Our Django", slug="django")
    RoadmapNode.objects.create(title="Our topic", parent=own)
    migrate()

    assert [node.title for node in own.get_descendants()] == ["Our topic"]
    assert [roadmap.path for roadmap in Roadmap.roots.all()] == ["django", "django-step-by-step"]
    assert findings() == []
    migrate("0001")
    assert [row[0] for row in rows()] == ["django", "django/our-topic"]


@pytest.mark.parametrize(
    "edit",
    [
        lambda: RoadmapNode.objects.create(title="Ours", parent=node("django/html")),
        lambda: RoadmapNode.objects.filter(path="django/css").update(title="Style"),
        lambda: RoadmapNode.objects.filter(path="django/css").update(summary="Style."),
        lambda: RoadmapNode.objects.filter(path="django/css").update(description="Style."),
        lambda: RoadmapNode.objects.filter(path="django/css").update(is_published=False),
        lambda: RoadmapNode.objects.filter(path="django/css").update(is_optional=True),
        lambda: RoadmapNode.objects.filter(path="django/css").update(minutes=5),
        lambda: node("django/css").delete(),
        lambda: node("django/css").move_to(node("django/html"), "left"),
        lambda: node("django/css").prerequisites.add(node("django/html")),
        lambda: RoadmapNode.prerequisites.through.objects.first().delete(),
        lambda: node("django/css").resources.first().delete(),
        lambda: node("django/css").resources.update(kind="book"),
        lambda: node("django/css").resources.filter(position=1).update(position=9),
        lambda: Resource.objects.create(
            node=node("django/css"), title="MDN", url="https://example.org/"
        ),
        lambda: Progress.objects.create(
            node=node("django/css"), user=User.objects.create_user("Ada"), state="done"
        ),
    ],
    ids=[
        *("added", "title", "summary", "description", "published", "optional", "minutes"),
        *("deleted", "moved", "prerequisite added", "prerequisite removed"),
        *("resource removed", "resource changed", "resources reordered", "resource added"),
        "marked",
    ],
)
def test_edited_roadmap_stays_whole_when_going_back(migrations, edit):
    edit()
    before = [row for row in rows() if row[0].split("/")[0] == "django"]
    migrate("0001")

    assert rows() == before
    migrate()
    assert sorted(row[0] for row in rows() if "/" not in row[0]) == [
        "django",
        "django-step-by-step",
    ]
    assert findings() == []


def test_position_among_roadmaps_is_no_edit(migrations):
    RoadmapNode.objects.filter(path="django").update(position=9)
    migrate("0001")

    assert rows() == []


def test_no_seed(migrations, settings):
    migrate("0001")
    settings.DJANGO_ROADMAP_SEED = False
    migrate()

    assert rows() == []
    settings.DJANGO_ROADMAP_SEED = True
    migrate("0001")
    migrate()
    assert len(rows()) == 54


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
def test_other_database():
    before, other = rows(), rows("other")
    assert before == other
    migrate("0001", using="other")

    assert rows("other") == []
    assert rows() == before
    migrate(using="other")
    assert rows("other") == other
    assert findings("other") == []


def test_migration_is_frozen():
    imported, relative = set(), set()
    for found in ast.walk(ast.parse(inspect.getsource(seed))):
        if isinstance(found, ast.Import):
            imported |= {name.name for name in found.names}
        elif isinstance(found, ast.ImportFrom) and found.level:
            relative |= {(found.level, found.module, name.name) for name in found.names}
        elif isinstance(found, ast.ImportFrom):
            imported.add(found.module)

    assert not {name for name in imported if name.startswith(("django_roadmap", "mptt"))}
    assert relative == {(1, None, "_seed_django"), (1, None, "_seed_django_step_by_step")}
    for literal in (seed._seed_django, seed._seed_django_step_by_step):
        [_docstring, nodes] = ast.parse(inspect.getsource(literal)).body
        assert ast.literal_eval(nodes.value) == literal.NODES


@pytest.mark.django_db
def test_index_of_tree_order_exists():
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(
            cursor, RoadmapNode._meta.db_table
        ).values()

    assert ["tree_id", "lft"] in [c["columns"] for c in constraints if c["index"]]
    assert ["path"] in [c["columns"] for c in constraints if c["unique"]]
