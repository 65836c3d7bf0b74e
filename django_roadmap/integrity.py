"""Are roadmaps sound? Findings as data, and the repair of what parents and order determine.

What a node's parent is and which of two siblings comes first is taken as true; all numbers
follow from that, and all paths from slugs. Reading takes no lock and a constant number of
queries; the repair reads again under the lock.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import Q
from django.utils.translation import gettext as _

from django_roadmap import locking, markdown, placing, tree
from django_roadmap.paths import node_path, roadmap_slug
from django_roadmap.rows import plain_rows, roots_at, write

COLUMNS = ("pk", "parent_id", "tree_id", "lft", "rght", "level", "slug", "path")


@dataclass(frozen=True)
class Finding:
    """Something that is wrong: its kind, the paths of the nodes concerned, and a sentence."""

    kind: str
    paths: tuple[str, ...]
    message: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"


@dataclass(slots=True)
class Row:
    """A node's place, as the table has it or as it should be."""

    pk: int
    parent_id: int | None
    tree_id: int
    lft: int
    rght: int
    level: int
    slug: str
    path: str


def check(*paths: str, using: str = DEFAULT_DB_ALIAS) -> list[Finding]:
    """What is wrong with the roadmaps at these paths, or with all; an empty list when nothing.

    Raises ``RoadmapNode.DoesNotExist`` for a path where no roadmap is.
    """
    tree_ids = _tree_ids(using, paths)
    return _findings(using, tree_ids, _read(using, tree_ids))


def repair(*paths: str, using: str = DEFAULT_DB_ALIAS) -> tuple[list[Finding], list[Finding]]:
    """Mend these roadmaps, or all, in one transaction; what was mended, and what is left.

    Only roadmaps with damaged trees are locked, and only rows that are wrong are written. A
    node that is part of itself goes below the root of the roadmap that its path names.
    Raises ``RoadmapNode.DoesNotExist`` for a path where no roadmap is.
    """
    tree_ids = _tree_ids(using, paths)
    rows = _read(using, tree_ids)
    before = _findings(using, tree_ids, rows)
    damaged = _damaged(rows)
    if not damaged:
        return [], before

    def find() -> tuple[list[Row], set[int]]:
        ids = _with_relatives(using, damaged)
        return _read(using, ids), ids

    with locking.lock_found(_node_model(), using, damaged, find) as wrong:
        locked = {row.tree_id for row in wrong}
        _mend(using, wrong)
        now = [*(row for row in rows if row.tree_id not in locked), *wrong]
        left = _findings(using, tree_ids, now)
    return [finding for finding in before if finding not in left], left


def _node_model() -> Any:
    return apps.get_model("django_roadmap", "RoadmapNode")


def _tree_ids(using: str, paths: Collection[str]) -> set[int] | None:
    """The trees of these roadmaps, and those they are tangled up with; None stands for all."""
    roots = roots_at(_node_model(), using, paths)
    return _with_relatives(using, set(roots.values())) if paths else None


def _with_relatives(using: str, tree_ids: set[int]) -> set[int]:
    """These trees and those with a parent or child of their nodes, which only damage makes."""
    rows, found = plain_rows(_node_model(), using), set[int]()
    while found != tree_ids:
        found = set(tree_ids)
        relatives = Q(parent__tree_id__in=found) | Q(children__tree_id__in=found)
        others = rows.filter(relatives).exclude(tree_id__in=found)
        tree_ids = found | set(others.values_list("tree_id", flat=True))
    return found


def _read(using: str, tree_ids: set[int] | None) -> list[Row]:
    rows = _within(plain_rows(_node_model(), using), "tree_id", tree_ids)
    return [Row(*values) for values in rows.order_by("tree_id", "lft", "pk").values_list(*COLUMNS)]


def _within(
    rows: models.QuerySet[Any], column: str, tree_ids: set[int] | None
) -> models.QuerySet[Any]:
    return rows if tree_ids is None else rows.filter(**{f"{column}__in": tree_ids})


def _findings(using: str, tree_ids: set[int] | None, rows: list[Row]) -> list[Finding]:
    return [*_in_trees(rows), *_in_prerequisites(using, tree_ids), *_in_links(using, tree_ids)]


def _damaged(rows: list[Row]) -> set[int]:
    """The ``tree_id`` of every tree that is not as its nodes' parents and order say."""
    numbers = _numbers(rows)
    by_pk = {row.pk: row for row in rows}
    roots = [row for row in rows if row.parent_id is None]
    homes = {root.slug: root.tree_id for root in roots}
    trees = Counter(root.tree_id for root in roots)
    damaged = {tree_id for tree_id, count in trees.items() if count > 1}
    for row in rows:
        if row.pk not in numbers:
            damaged |= {row.tree_id, homes.get(roadmap_slug(row.path), row.tree_id)}
            continue
        pk, *place = numbers[row.pk]
        root = by_pk[pk]
        if place != [row.lft, row.rght, row.level] or row.tree_id != root.tree_id:
            damaged |= {row.tree_id, root.tree_id}
        elif row.path != _path(row, root):
            damaged.add(row.tree_id)
    return damaged


def _numbers(rows: list[Row]) -> dict[int, tuple[int, int, int, int]]:
    return tree.number((row.pk, row.parent_id) for row in rows)


def _path(row: Row, root: Row) -> str:
    return node_path(None if row is root else root.slug, row.slug)


def _circles(rows: list[Row]) -> list[list[Row]]:
    by_pk = {row.pk: row for row in rows}
    parents = {row.pk: [row.parent_id] for row in rows if row.parent_id is not None}
    return [[by_pk[pk] for pk in circle] for circle in tree.circles(parents)]


def _finding(kind: str, rows: Iterable[Row | str], message: str, **values: object) -> Finding:
    paths = tuple(row.path if isinstance(row, Row) else row for row in rows)
    values["nodes"] = ", ".join(f"“{path}”" for path in paths)
    return Finding(kind, paths, message % values)


def _in_trees(rows: list[Row]) -> Iterator[Finding]:
    damaged = _damaged(rows)
    rows = [row for row in rows if row.tree_id in damaged]
    by_pk, numbers = {row.pk: row for row in rows}, _numbers(rows)
    for _tree_id, together in groupby(rows, lambda row: row.tree_id):
        of_tree = list(together)
        roots = [row for row in of_tree if row.parent_id is None]
        if len(roots) > 1:
            yield _finding("root", roots, _("%(nodes)s share one tree."))
        elif not roots:
            yield _finding("root", of_tree[:1], _("The tree of %(nodes)s has no root."))
        for root in roots or of_tree[:1]:
            # Where several share a tree, each is looked at by itself.
            own = [row for row in of_tree if numbers.get(row.pk, (root.pk,))[0] == root.pk]
            yield from _in_endpoints(own)
            yield from _in_nesting(own, by_pk)
    for circle in _circles(rows):
        yield _finding("circle", circle, _("Each is part of the next, in a circle: %(nodes)s."))
    for row in rows:
        if row.pk in numbers:
            pk, _lft, _rght, level = numbers[row.pk]
            yield from _in_row(row, by_pk[pk], level)


def _in_row(row: Row, root: Row, level: int) -> Iterator[Finding]:
    if row.tree_id != root.tree_id:
        yield _finding("tree", [row, root], _("%(nodes)s are one roadmap, but in two trees."))
    if row.level != level:
        message = _("%(nodes)s has depth %(wrong)d instead of %(right)d.")
        yield _finding("level", [row], message, wrong=row.level, right=level)
    if row.path != _path(row, root):
        message = _("%(nodes)s should have the path “%(path)s”.")
        yield _finding("path", [row], message, path=_path(row, root))


def _in_endpoints(rows: list[Row]) -> Iterator[Finding]:
    ends = sorted((end, number) for number, row in enumerate(rows) for end in (row.lft, row.rght))
    before, beside = 0, rows[:1]
    for end, number in ends:
        nodes = [*beside, rows[number]]
        if end == before:
            yield _finding("overlap", nodes, _("%(nodes)s both have the number %(end)d."), end=end)
        elif end > before + 1:
            message = _("%(nodes)s: the numbers from %(first)d to %(last)d are missing between.")
            yield _finding("gap", nodes, message, first=before + 1, last=end - 1)
        before, beside = end, nodes[-1:]


def _in_nesting(rows: list[Row], by_pk: dict[int, Row]) -> Iterator[Finding]:
    above: list[Row] = []
    for row in rows:
        while above and above[-1].rght < row.lft:
            above.pop()
        around = next((other for other in reversed(above) if other.rght > row.rght), None)
        if above and above[-1] is not around:
            yield _finding("overlap", [above[-1], row], _("%(nodes)s overlap."))
        if row.parent_id != (around and around.pk):
            parents = [by_pk[pk] for pk in (row.parent_id,) if pk in by_pk]
            message = _("%(nodes)s: the first is not right below the second, its parent.")
            yield _finding("parent", [row, *parents], message)
        above.append(row)


def _mend(using: str, rows: list[Row]) -> None:
    """Make these rows right, and write those that were not."""
    columns = attrgetter(*COLUMNS)
    before = {row.pk: columns(row) for row in rows}
    _take_out_of_circles(rows)
    numbers, by_pk = _numbers(rows), {row.pk: row for row in rows}
    _part_roots(using, [row for row in rows if row.parent_id is None])
    wanted = {}
    for row in rows:
        if row.pk in numbers:
            pk, row.lft, row.rght, row.level = numbers[row.pk]
            row.tree_id = by_pk[pk].tree_id
            if row.path != _path(row, by_pk[pk]):
                wanted[row.pk] = _path(row, by_pk[pk])
    changed = [row for row in rows if columns(row) != before[row.pk]]
    write(_node_model(), using, ["parent", *COLUMNS[2:6]], changed)
    renamed = [by_pk[pk] for pk in _free(using, wanted)]
    # First out of each other's way: paths may have been swapped.
    for path in (lambda pk: f"{pk}/", wanted.__getitem__):
        for row in renamed:
            row.path = path(row.pk)
        write(_node_model(), using, ["path"], renamed)


def _take_out_of_circles(rows: list[Row]) -> None:
    """Put one node of each circle below the root that its path names, or that of its tree."""
    roots = [row for row in rows if row.parent_id is None]
    by_slug = {root.slug: root for root in roots}
    by_tree = {root.tree_id: root for root in roots}
    for circle in _circles(rows):
        top = min(circle, key=lambda row: (row.level, row.lft))
        root = by_slug.get(roadmap_slug(top.path), by_tree.get(top.tree_id))
        if root is not None:
            top.parent_id = root.pk


def _part_roots(using: str, roots: list[Row]) -> None:
    """Where roots share a tree, all but one get a tree of their own."""
    for tree_id, several in groupby(roots, lambda root: root.tree_id):
        for root in sorted(several, key=lambda root: root.pk != tree_id)[1:]:
            root.tree_id = placing.own_tree_id(_node_model(), using, root.pk)
            write(_node_model(), using, ["tree_id"], [root])


def _free(using: str, wanted: dict[int, str]) -> dict[int, str]:
    """Those of the wanted paths, by primary key, that no other node has or wants."""
    alike = Q(pk=None)
    for slug in {roadmap_slug(path) for path in wanted.values()}:
        alike |= Q(path=slug) | Q(path__startswith=f"{slug}/")
    there = dict(plain_rows(_node_model(), using).filter(alike).values_list("pk", "path"))
    free: dict[int, str] = {}
    while len(free) != len(wanted):
        free = wanted
        taken = Counter(path for pk, path in there.items() if pk not in free)
        taken.update(free.values())
        wanted = {pk: path for pk, path in free.items() if taken[path] == 1}
    return free


def _in_prerequisites(using: str, tree_ids: set[int] | None) -> Iterator[Finding]:
    links = plain_rows(_node_model().prerequisites.through, using).order_by("pk")
    ends = ("from_roadmapnode", "to_roadmapnode")
    columns = [f"{end}__{column}" for end in ends for column in ("path", "tree_id")]
    graph = defaultdict(list)
    found = _within(links, "from_roadmapnode__tree_id", tree_ids).values_list(*columns)
    for path, tree_id, other, elsewhere in found:
        graph[path].append(other)
        if tree_id != elsewhere:
            message = _("%(nodes)s: the second, a prerequisite, is in another roadmap.")
            yield _finding("prerequisite", [path, other], message)
    for circle in tree.circles(graph):
        message = _("Each has the next as a prerequisite, in a circle: %(nodes)s.")
        yield _finding("prerequisite-circle", circle, message)


def _in_links(using: str, tree_ids: set[int] | None) -> Iterator[Finding]:
    rows = plain_rows(_node_model(), using)
    texts = _within(rows, "tree_id", tree_ids).filter(description__contains=markdown.ROADMAP_SCHEME)
    links = {
        path: markdown.roadmap_links(description)
        for path, description in texts.order_by("path").values_list("path", "description")
    }
    targets = rows.filter(path__in=set().union(*links.values()))
    there = set(targets.values_list("path", flat=True))
    for path, named in links.items():
        for target in sorted(named - there):
            message = _("%(nodes)s has a link to roadmap:%(target)s, where nothing is.")
            yield _finding("link", [path], message, target=target)
