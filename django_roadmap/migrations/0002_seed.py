"""Plants two roadmaps: titles and order are those of the seed document, word for word.

Historical models know nothing of trees, so this numbers the rows itself: a walk depth
first, ``lft`` on the way down, ``rght`` on the way up. What is planted here is frozen: it
imports nothing of the app but two literals, so it works the same whatever the models become.
"""

import secrets
from typing import Any, NamedTuple

from django.conf import settings
from django.db import migrations, models
from django.utils.text import slugify

from . import _seed_django, _seed_django_step_by_step

ROADMAPS: dict[str, list[dict[str, Any]]] = {
    "django": _seed_django.NODES,
    "django-step-by-step": _seed_django_step_by_step.NODES,
}
"""By the slug of the roadmap: its nodes in reading order, each with its level."""


class Row(NamedTuple):
    parent_path: str | None
    columns: dict[str, Any]
    resources: list[tuple[str, str, str]]
    """Kind, title and address of each."""
    prerequisites: list[str]
    """The path of each."""


def numbered_rows(root_slug: str, nodes: list[dict[str, Any]]) -> list[Row]:
    """The rows of a roadmap in reading order."""
    rows: list[Row] = []
    open_rows: list[Row] = []
    counter = 0

    def close(level: int) -> None:
        nonlocal counter
        while len(open_rows) > level:
            open_rows.pop().columns["rght"] = counter = counter + 1

    for node in nodes:
        close(node["level"])
        slug = slugify(node["title"], allow_unicode=True) if node["level"] else root_slug
        counter += 1
        row = Row(
            parent_path=open_rows[-1].columns["path"] if open_rows else None,
            columns={
                "title": node["title"],
                "slug": slug,
                "path": f"{root_slug}/{slug}" if node["level"] else root_slug,
                "summary": node["summary"],
                "description": node["description"],
                "level": node["level"],
                "lft": counter,
            },
            resources=node.get("resources", []),
            prerequisites=[f"{root_slug}/{slug}" for slug in node.get("prerequisites", [])],
        )
        rows.append(row)
        open_rows.append(row)
    close(0)
    return rows


def plant(apps: Any, schema_editor: Any) -> None:
    """Add each roadmap after those that are there; leave a site's own of the same path alone."""
    if not getattr(settings, "DJANGO_ROADMAP_SEED", True):
        return
    tables = Tables(apps, schema_editor.connection.alias)
    for root_slug, seed in ROADMAPS.items():
        if tables.nodes.filter(path=root_slug).exists():
            continue
        last = tables.nodes.aggregate(
            tree_id=models.Max("tree_id"), position=models.Max("position")
        )
        tree_id = (last["tree_id"] or 0) + 1
        tree = tables.nodes.filter(tree_id=tree_id)
        rows = numbered_rows(root_slug, seed)
        # A level at a time, since a child needs its parent's key; read back by path,
        # since not every database returns the keys of many rows at once.
        for level in range(max(row.columns["level"] for row in rows) + 1):
            keys = dict(tree.values_list("path", "pk"))
            tables.nodes.bulk_create(
                tables.nodes.model(
                    **row.columns,
                    parent_id=keys.get(row.parent_path),
                    tree_id=tree_id,
                    position=0 if level else (last["position"] or 0) + 1,
                    version="" if level else secrets.token_hex(16),
                )
                for row in rows
                if row.columns["level"] == level
            )
        keys = dict(tree.values_list("path", "pk"))
        tables.resources.bulk_create(
            tables.resources.model(
                node_id=keys[row.columns["path"]], position=number, kind=kind, title=title, url=url
            )
            for row in rows
            for number, (kind, title, url) in enumerate(row.resources, 1)
        )
        tables.prerequisites.bulk_create(
            tables.prerequisites.model(
                from_roadmapnode_id=keys[row.columns["path"]], to_roadmapnode_id=keys[path]
            )
            for row in rows
            for path in row.prerequisites
        )


def uproot(apps: Any, schema_editor: Any) -> None:
    """Delete each roadmap that is as it was planted and in which nobody marked anything.

    One that was edited, or followed, stays whole.
    """
    tables = Tables(apps, schema_editor.connection.alias)
    for root_slug, seed in ROADMAPS.items():
        root = tables.nodes.filter(path=root_slug, parent=None).first()
        if root is None or tables.marks.filter(node__tree_id=root.tree_id).exists():
            continue
        if tables.content(root.tree_id) == planted(numbered_rows(root_slug, seed)):
            tree = tables.nodes.filter(tree_id=root.tree_id)
            # From below, so that no database deletes a parent before its children.
            for level in (2, 1, 0):
                tree.filter(level__gte=level).delete()


class Tables:
    """Those of a database, without the managers that today's models have."""

    def __init__(self, apps: Any, alias: str) -> None:
        node = apps.get_model("django_roadmap", "RoadmapNode")
        self.nodes = self._rows(node, alias)
        self.resources = self._rows(apps.get_model("django_roadmap", "Resource"), alias)
        self.marks = self._rows(apps.get_model("django_roadmap", "Progress"), alias)
        self.prerequisites = self._rows(node.prerequisites.through, alias)

    @staticmethod
    def _rows(model: Any, alias: str) -> models.QuerySet[Any]:
        return models.QuerySet(model, using=alias)

    def content(self, tree_id: int) -> tuple[list[Any], list[Any], list[Any]]:
        """All that is planted of a tree, to be compared with ``planted()``."""
        nodes = self.nodes.filter(tree_id=tree_id).order_by("lft")
        resources = self.resources.filter(node__tree_id=tree_id)
        before = self.prerequisites.filter(from_roadmapnode__tree_id=tree_id)
        return (
            list(nodes.values_list(*COLUMNS, *UNSET, "parent__path")),
            sorted(resources.values_list("node__path", "position", "kind", "title", "url")),
            sorted(before.values_list("from_roadmapnode__path", "to_roadmapnode__path")),
        )


COLUMNS = ("title", "slug", "path", "summary", "description", "level", "lft", "rght")
UNSET = {"is_published": True, "is_optional": False, "minutes": None}


def planted(rows: list[Row]) -> tuple[list[Any], list[Any], list[Any]]:
    """What ``Tables.content()`` is of a roadmap that nobody has changed."""
    paths = [row.columns["path"] for row in rows]
    return (
        [
            (*(row.columns[name] for name in COLUMNS), *UNSET.values(), row.parent_path)
            for row in rows
        ],
        sorted(
            (path, number, *resource)
            for path, row in zip(paths, rows, strict=True)
            for number, resource in enumerate(row.resources, 1)
        ),
        sorted(
            (path, other)
            for path, row in zip(paths, rows, strict=True)
            for other in row.prerequisites
        ),
    )


class Migration(migrations.Migration):
    dependencies = [("django_roadmap", "0001_initial")]

    operations = [
        migrations.RunPython(plant, uproot, hints={"model_name": "roadmapnode"}),
    ]
