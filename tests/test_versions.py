"""Every change gives the roadmaps concerned a new version, and writes nothing in any other."""

import pytest
from django.db import connection, models, transaction
from roadmaps import node
from soundness import findings

from django_roadmap import editing
from django_roadmap.models import Resource, Roadmap, RoadmapNode
from django_roadmap.outline import Link, Outline

pytestmark = [
    pytest.mark.django_db(databases=["default", "other"]),
    pytest.mark.usefixtures("bare"),
]

SECTION = "django/frontend-basics"
STAGE = "django-step-by-step/deployment"


def rows(using="default"):
    """The rows of each roadmap, its links included, by the primary key of its root."""
    found = {}
    nodes = models.QuerySet(RoadmapNode, using=using).order_by("pk")
    roots = {root.tree_id: root.pk for root in nodes.filter(parent=None)}
    for row in nodes.values():
        found.setdefault(roots[row["tree_id"]], []).append(row)
    for link in models.QuerySet(Resource, using=using).values("node__tree_id", "title", "pk"):
        found[roots[link["node__tree_id"]]].append(link)
    return found


def save(path, **values):
    found = node(path)
    for name, value in values.items():
        setattr(found, name, value)
    found.save()


def link(path=SECTION, title="MDN"):
    return Resource.objects.get_or_create(
        node=node(path), title=title, url=f"https://{title}.example/"
    )[0]


def put_on(resource, path):
    resource.node = node(path)
    return resource


DJANGO, BOTH = {"django"}, {"django", "django-step-by-step"}


NEW = Outline("New", children=[Outline("A", resources=[Link("A", "https://a.org/")]), Outline("B")])


def rebuild():
    models.QuerySet(RoadmapNode).filter(path="django/css").update(level=7)
    RoadmapNode.objects.rebuild()


CHANGES = {
    "create": (lambda: RoadmapNode.objects.create(title="New", parent=node(SECTION)), DJANGO),
    "create roadmap": (lambda: RoadmapNode.objects.create(title="New"), set()),
    "insert_at": (
        lambda: RoadmapNode(title="New").insert_at(node(STAGE), "left", save=True),
        {"django-step-by-step"},
    ),
    "children.create": (lambda: node(SECTION).children.create(title="New"), DJANGO),
    "children.add": (
        lambda: node(SECTION).children.add(RoadmapNode(title="New"), bulk=False),
        DJANGO,
    ),
    "retitle": (lambda: save("django/css", title="Styles"), DJANGO),
    "hide": (lambda: save("django/css", is_published=False), DJANGO),
    "rename": (lambda: save("django/css", slug="styles"), DJANGO),
    "rename roadmap": (lambda: save("django", slug="python"), DJANGO),
    "reparent": (lambda: save(SECTION, parent=node("django/middleware")), DJANGO),
    "reparent away": (lambda: save(SECTION, parent=node(STAGE)), BOTH),
    "move": (lambda: node("django/css").move_to(node("django/html"), "left"), DJANGO),
    "move away": (lambda: node("django/css").move_to(node(STAGE), "left"), BOTH),
    "delete": (lambda: node(SECTION).delete(), DJANGO),
    "delete roadmap": (lambda: node("django").delete(), DJANGO),
    "update_or_create": (
        lambda: RoadmapNode.objects.update_or_create(path=STAGE, defaults={"minutes": 5}),
        {"django-step-by-step"},
    ),
    "queryset.update": (
        lambda: RoadmapNode.objects.filter(path__in=["django/css", SECTION]).update(minutes=5),
        DJANGO,
    ),
    "queryset.update of all": (lambda: RoadmapNode.objects.update(minutes=5), BOTH),
    "roots.update": (lambda: Roadmap.roots.filter(path="django").update(position=9), DJANGO),
    "bulk_update": (
        lambda: RoadmapNode.objects.bulk_update([node("django/css")], ["title"]),
        DJANGO,
    ),
    "queryset.delete": (lambda: RoadmapNode.objects.filter(path=SECTION).delete(), DJANGO),
    "rebuild": (rebuild, DJANGO),
    "editing.add": (lambda: editing.add(NEW, node(SECTION), "left"), DJANGO),
    "editing.add a roadmap": (lambda: editing.add(NEW), set()),
    "editing.copy": (lambda: editing.copy(node(SECTION), node("django/html")), DJANGO),
    "editing.copy away": (lambda: editing.copy(node(SECTION), node(STAGE)), BOTH),
    "editing.copy as a roadmap": (lambda: editing.copy(node(SECTION)), DJANGO),
    "editing.replace": (lambda: editing.replace(node(SECTION), NEW), DJANGO),
    "editing.replace, delete": (lambda: editing.replace(node("django"), NEW, delete=True), DJANGO),
    "editing.rename": (lambda: editing.rename(node("django"), "python"), DJANGO),
    "editing.touch": (lambda: editing.touch("django"), DJANGO),
    "prerequisites.add": (
        lambda: node("django/css").prerequisites.add(node("django/html")),
        DJANGO,
    ),
    "resources.create": (
        lambda: node("django/css").resources.create(title="New", url="https://example.org/"),
        DJANGO,
    ),
    "resources.add": (lambda: node(STAGE).resources.add(link()), BOTH),
    "resources.set": (lambda: node("django/css").resources.set([link()]), DJANGO),
    "resources.update": (lambda: node(SECTION).resources.update(title="New"), DJANGO),
    "resources.delete": (lambda: node(SECTION).resources.all().delete(), DJANGO),
    "resource moved": (lambda: put_on(link(), STAGE).save(), BOTH),
    "resource moved in bulk": (
        lambda: Resource.objects.bulk_update([put_on(link(), STAGE)], ["node"]),
        BOTH,
    ),
    "resource moved by update": (lambda: Resource.objects.update(node=node(STAGE)), BOTH),
    "resource created in bulk": (
        lambda: Resource.objects.bulk_create(
            [Resource(node=node(STAGE), title="New", url="https://example.org/")]
        ),
        {"django-step-by-step"},
    ),
    "resource saved": (lambda: link().save(), DJANGO),
    "resource deleted": (lambda: link().delete(), DJANGO),
    "stale resource deleted": (lambda: put_on(link(), STAGE).delete(), BOTH),
}


@pytest.fixture
def written(db):
    """Notes the ``tree_id`` of every row that is written, even when that changes nothing in it."""
    link()
    if connection.vendor != "sqlite":
        return set
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE written (tree_id)")
        for event, rows in (("INSERT", "new"), ("UPDATE", "old new"), ("DELETE", "old")):
            notes = [f"INSERT INTO written VALUES ({row}.tree_id);" for row in rows.split()]
            cursor.execute(
                f"CREATE TEMP TRIGGER on_{event} AFTER {event} ON django_roadmap_roadmapnode "
                f"BEGIN {' '.join(notes)} END"
            )

    def written():
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT tree_id FROM written")
            return {tree_id for (tree_id,) in cursor.fetchall()}

    return written


@pytest.mark.parametrize(("change", "concerned"), CHANGES.values(), ids=CHANGES)
def test_change(change, concerned, written):
    trees = {root.path: root.tree_id for root in Roadmap.roots.all()}
    roots = {root.pk: (root.path, root.version) for root in Roadmap.roots.all()}
    before, elsewhere = rows(), rows("other")
    change()
    after = rows()

    versions = dict(models.QuerySet(RoadmapNode).filter(parent=None).values_list("pk", "version"))
    for pk, (path, version) in roots.items():
        if path in concerned:
            assert versions.get(pk) != version
        else:
            assert after[pk] == before[pk]
    assert after != before
    assert all(versions.values())
    assert not RoadmapNode.objects.filter(level__gt=0).exclude(version="").exists()
    assert not written() & {trees[path] for path in trees if path not in concerned}
    assert rows("other") == elsewhere
    assert findings() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda: RoadmapNode.objects.none().update(title="New"),
        lambda: RoadmapNode.objects.filter(path="nowhere").delete(),
        lambda: Resource.objects.none().update(title="New"),
        lambda: Resource.objects.filter(title="none").delete(),
        lambda: Resource.objects.bulk_create([]),
        lambda: RoadmapNode.objects.bulk_create([]),
        lambda: Resource(node=node("django"), title="New").full_clean(exclude=["url"]),
    ],
    ids=["update", "delete", "links.update", "links.delete", "links.create", "create", "clean"],
)
def test_no_change_gives_no_version(change):
    link()
    before = rows()
    change()

    assert rows() == before


def test_a_version_that_was_rolled_back_never_comes_again():
    versions = {node("django").version}
    for _ in range(3):
        with transaction.atomic():
            save("django/css", title="Styles")
            versions.add(node("django").version)
            transaction.set_rollback(True)
    save("django/css", title="Styles")
    versions.add(node("django").version)

    assert len(versions) == 5


def test_a_roadmap_in_memory_knows_its_version_after_its_own_edits():
    root = node("django")
    root.title = "Django"
    root.save()
    assert root.version == node("django").version

    root.refresh_from_db()
    created = RoadmapNode.objects.create(title="New")
    assert created.version == node("new").version


def test_new_version_comes_with_the_time_of_the_change():
    paths = ("django", "django/css", "django/html")
    before = {path: node(path).updated_at for path in paths}
    save("django/css", title="Styles")

    assert [path for path in paths if node(path).updated_at > before[path]] == list(paths[:2])
