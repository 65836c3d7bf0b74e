"""Are roadmaps sound? Findings as data, and the repair of what parents and order determine.

What a node's parent is, and which of two siblings comes first, is taken as true: all numbers
follow from that, and all paths from slugs. Looking takes no lock and a constant number of
queries; the repair reads again under the lock.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, router, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from django_roadmap import locking, markdown, placing, tree
from django_roadmap.paths import PATH_REGEX, folded, node_path, roadmap_slug
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


def check(*paths: str, using: str | None = None) -> list[Finding]:
    """What is wrong with the roadmaps at these paths, or with all; an empty list when nothing.

    Raises ``RoadmapNode.DoesNotExist`` for a path where no roadmap is.
    """
    using = using or router.db_for_write(_node_model())
    tree_ids = _tree_ids(using, paths)
    return [*Forest(_read(using, tree_ids)).findings(), *_around(using, tree_ids)]


def repair(*paths: str, using: str | None = None) -> tuple[list[Finding], list[Finding]]:
    """Mend the trees of these roadmaps, or of all, in one transaction: what was mended, and left.

    Only damaged trees are locked, and only rows that are wrong are written. Of nodes that are
    part of each other the highest goes below the root of the roadmap that its path names.
    Raises ``RoadmapNode.DoesNotExist`` for a path where no roadmap is.
    """
    using = using or router.db_for_write(_node_model())
    tree_ids = _tree_ids(using, paths)
    found = Forest(_read(using, tree_ids))
    before = list(found.findings())
    if not before:
        return [], list(_around(using, tree_ids))

    def find() -> tuple[list[Row], set[int]]:
        ids = _with_relatives(using, found.damaged)
        return _read(using, ids), ids

    with locking.lock_found(_node_model(), using, found.damaged, find) as rows:
        _mend(using, rows)
        left = [*Forest(rows).findings(), *_around(using, tree_ids)]
    stays = set(left)
    return [finding for finding in before if finding not in stays], left


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


class Forest:
    """Rows of whole trees, and what their parents and order say they should be."""

    def __init__(self, rows: Iterable[Row]) -> None:
        # Whatever trees they are in, siblings are in the order of ``lft``.
        self.rows = sorted(rows, key=attrgetter("lft"))
        self.by_pk = {row.pk: row for row in self.rows}
        self.roots = [row for row in self.rows if row.parent_id is None]
        self.numbers = tree.number((row.pk, row.parent_id) for row in self.rows)

    def root(self, row: Row) -> Row | None:
        """None for a row that no root leads to."""
        place = self.numbers.get(row.pk)
        return place and self.by_pk[place[0]]

    def path(self, row: Row) -> str:
        root = self.root(row)
        if root is None:
            return row.path
        return node_path(None if row is root else root.slug, row.slug)

    def orphans(self) -> list[Row]:
        children = (row for row in self.rows if row.parent_id is not None)
        return [row for row in children if row.parent_id not in self.by_pk]

    def circles(self) -> list[list[Row]]:
        lost = [row for row in self.rows if row.pk not in self.numbers]
        circles = tree.circles({row.pk: [row.parent_id or 0] for row in lost})
        return [[self.by_pk[pk] for pk in circle] for circle in circles]

    @cached_property
    def damaged(self) -> set[int]:
        """The ``tree_id`` of every tree with a row that is not what it should be."""
        homes = {name: root.tree_id for root in self.roots for name in (root.slug, root.path)}
        trees = Counter(root.tree_id for root in self.roots)
        damaged = {tree_id for tree_id, count in trees.items() if count > 1}
        for row in self.rows:
            root = self.root(row)
            if root is None:
                damaged |= {row.tree_id, homes.get(roadmap_slug(row.path), row.tree_id)}
            elif (
                self.numbers[row.pk][1:] != (row.lft, row.rght, row.level)
                or row.tree_id != root.tree_id
                or row.path != self.path(row)
            ):
                damaged |= {row.tree_id, root.tree_id}
        return damaged

    def findings(self) -> Iterator[Finding]:
        trees = defaultdict(list)
        for row in self.rows:
            if row.tree_id in self.damaged:
                trees[row.tree_id].append(row)
        for rows in trees.values():
            roots = [row for row in rows if row.parent_id is None]
            if len(roots) > 1:
                yield _finding("root", roots, _("%(nodes)s share one tree."))
            elif not roots:
                yield _finding("root", rows[:1], _("The tree of %(nodes)s has no root."))
            for root in roots or rows[:1]:
                # Where several share a tree, each is looked at by itself.
                own = [row for row in rows if (self.root(row) or root) is root]
                yield from self._in_endpoints(own)
                yield from self._in_nesting(own)
            for row in rows:
                yield from self._in_row(row)
        for row in self.orphans():
            yield _finding("orphan", [row], _("The parent of %(nodes)s is not there."))
        for circle in self.circles():
            yield _finding("circle", circle, _("Each is part of the next, in a circle: %(nodes)s."))

    def _in_row(self, row: Row) -> Iterator[Finding]:
        root = self.root(row)
        if root is None:
            return
        level = self.numbers[row.pk][3]
        if row.tree_id != root.tree_id:
            yield _finding("tree", [row, root], _("%(nodes)s are one roadmap, but in two trees."))
        if row.level != level:
            message = _("%(nodes)s has depth %(wrong)d instead of %(right)d.")
            yield _finding("level", [row], message, wrong=row.level, right=level)
        if row.path != self.path(row):
            message = _("%(nodes)s should have the path “%(path)s”.")
            yield _finding("path", [row], message, path=self.path(row))

    def _in_endpoints(self, rows: list[Row]) -> Iterator[Finding]:
        ends = sorted(
            (end, number) for number, row in enumerate(rows) for end in (row.lft, row.rght)
        )
        before, beside = 0, list[Row]()
        for end, number in ends:
            nodes = [*beside, rows[number]]
            if end == before and beside:
                message = _("%(nodes)s both have the number %(end)d.")
                yield _finding("overlap", nodes, message, end=end)
            elif end != before + 1:
                message = _("%(nodes)s: the number after %(before)d is %(end)d.")
                yield _finding("gap", nodes, message, end=end, before=before)
            before, beside = end, nodes[-1:]

    def _in_nesting(self, rows: list[Row]) -> Iterator[Finding]:
        above: list[Row] = []
        for row in rows:
            while above and above[-1].rght < row.lft:
                above.pop()
            while above and above[-1].rght <= row.rght:
                yield _finding("overlap", [above.pop(), row], _("%(nodes)s overlap."))
            around = above[-1].pk if above else None
            parent = None if row.parent_id is None else self.by_pk.get(row.parent_id)
            is_orphan = row.parent_id is not None and parent is None
            if around != (parent and parent.pk) and not is_orphan:
                nodes = [row, parent] if parent else [row]
                message = _("%(nodes)s: the first is not right below the second, its parent.")
                yield _finding("parent", nodes, message)
            above.append(row)


def _finding(kind: str, rows: Iterable[Row | str], message: str, **values: object) -> Finding:
    paths = tuple(row.path if isinstance(row, Row) else row for row in rows)
    values["nodes"] = _(", ").join(_("“%s”") % path for path in dict.fromkeys(paths))
    return Finding(kind, paths, message % values)


def _node_model() -> Any:
    return apps.get_model("django_roadmap", "RoadmapNode")


def _tree_ids(using: str, paths: Collection[str]) -> set[int] | None:
    """The trees of these roadmaps, and those they are tangled up with; None stands for all."""
    if not paths:
        return None
    return _with_relatives(using, set(roots_at(_node_model(), using, paths).values()))


def _with_relatives(using: str, tree_ids: set[int]) -> set[int]:
    """These trees and those with a parent or child of their nodes, which only damage makes."""
    rows, found = plain_rows(_node_model(), using), set[int]()
    while found != tree_ids:
        found = set(tree_ids)
        relatives = Q(parent__tree_id__in=found) | Q(children__tree_id__in=found)
        others = rows.filter(relatives).exclude(tree_id__in=found)
        tree_ids = found | set(others.values_list("tree_id", flat=True))
    return found


def _within(
    rows: models.QuerySet[Any], column: str, tree_ids: set[int] | None
) -> models.QuerySet[Any]:
    return rows if tree_ids is None else rows.filter(**{f"{column}__in": tree_ids})


def _read(using: str, tree_ids: set[int] | None) -> list[Row]:
    rows = _within(plain_rows(_node_model(), using), "tree_id", tree_ids)
    return [Row(*values) for values in rows.order_by("pk").values_list(*COLUMNS)]


def _mend(using: str, rows: list[Row]) -> None:
    """Make these rows right, and write those that were not."""
    columns = attrgetter(*COLUMNS)
    before = {row.pk: columns(row) for row in rows}
    forest = Forest(rows)
    if len(forest.numbers) < len(rows):
        _find_roots(forest)
        forest = Forest(rows)
    _part_roots(using, forest.roots)
    for row in rows:
        root = forest.root(row)
        if root is not None:
            row.tree_id = root.tree_id
            _root, row.lft, row.rght, row.level = forest.numbers[row.pk]
    changed = [row for row in rows if columns(row) != before[row.pk]]
    write(_node_model(), using, ["parent", *COLUMNS[2:6]], changed)
    free = _free(using, forest)
    try:
        with transaction.atomic(using=using):
            # First out of each other's way: paths may have been swapped.
            for path in (lambda pk: f"{pk}/", free.__getitem__):
                for pk in free:
                    forest.by_pk[pk].path = path(pk)
                write(_node_model(), using, ["path"], [forest.by_pk[pk] for pk in free])
    except IntegrityError:
        # Only the database knows which paths its collation takes for the same.
        for pk in free:
            forest.by_pk[pk].path = before[pk][-1]
    # In a damaged tree the lock may have given its version to another node than the root.
    nodes = plain_rows(_node_model(), using).filter(tree_id__in={row.tree_id for row in rows})
    nodes.exclude(version="").update(version="")
    for root in forest.roots:
        nodes.filter(pk=root.pk).update(version=locking.new_version())


def _find_roots(forest: Forest) -> None:
    """Make what was a root one again; put orphans, and the highest of a circle, below theirs."""
    knots = [*forest.circles(), *([row] for row in forest.orphans())]
    lost = [row for row in forest.rows if row.pk not in forest.numbers]
    roots = [*forest.roots, *(row for row in lost if "/" not in row.path)]
    for root in roots:
        root.parent_id = None
    # A path is as old as that of the root, whose slug may be newer.
    by_slug = {name: root for root in roots for name in (root.slug, root.path)}
    by_tree = {root.tree_id: root for root in roots}
    for knot in knots:
        top = min(knot, key=attrgetter("level", "lft"))
        home = by_slug.get(roadmap_slug(top.path), by_tree.get(top.tree_id))
        if home is not None and not any(row.parent_id is None for row in knot):
            top.parent_id = home.pk


def _part_roots(using: str, roots: list[Row]) -> None:
    """Where roots share a tree, all but one get a tree of their own."""
    kept = {root.tree_id: root for root in roots}
    kept.update((root.pk, root) for root in roots if root.pk == root.tree_id)
    for root in roots:
        if kept[root.tree_id] is not root:
            root.tree_id = placing.own_tree_id(_node_model(), using, root.pk)
            write(_node_model(), using, ["tree_id"], [root])


def _free(using: str, forest: Forest) -> dict[int, str]:
    """The paths, by primary key, that rows should have and that no other has or should have.

    None below a root that stays where it is.
    """
    wanted = {row.pk: path for row in forest.rows if row.path != (path := forest.path(row))}
    there = dict(plain_rows(_node_model(), using).values_list("pk", "path")) if wanted else {}
    stale, free = set(wanted), dict[int, str]()
    while len(free) != len(wanted):
        free = wanted
        taken = Counter(folded(path) for pk, path in there.items() if pk not in free)
        taken.update(folded(path) for path in free.values())
        stuck = stale - set(free)
        wanted = {
            pk: path
            for pk, path in free.items()
            if taken[folded(path)] == 1 and forest.numbers[pk][0] not in stuck
        }
    return free


def _around(using: str, tree_ids: set[int] | None) -> Iterator[Finding]:
    """What is wrong with prerequisites and with links in descriptions."""
    rows = plain_rows(_node_model(), using)
    through = plain_rows(_node_model().prerequisites.through, using).order_by("pk")
    ends = ("from_roadmapnode", "to_roadmapnode")
    columns = [f"{end}__{column}" for end in ends for column in ("path", "tree_id")]
    graph = defaultdict(list)
    pairs = _within(through, "from_roadmapnode__tree_id", tree_ids).values_list(*columns)
    for path, tree_id, other, elsewhere in pairs:
        graph[path].append(other)
        if tree_id != elsewhere:
            message = _("%(nodes)s: the second, a prerequisite, is in another roadmap.")
            yield _finding("prerequisite", [path, other], message)
    for circle in tree.circles(graph):
        message = _("Each has the next as a prerequisite, in a circle: %(nodes)s.")
        yield _finding("prerequisite-circle", circle, message)

    texts = _within(rows, "tree_id", tree_ids).filter(description__contains=markdown.ROADMAP_SCHEME)
    links = {
        path: markdown.roadmap_links(description)
        for path, description in texts.order_by("path").values_list("path", "description")
    }
    # Not every text can be asked of every database.
    targets = {t for named in links.values() for t in named if re.fullmatch(PATH_REGEX, t)}
    there = set(rows.filter(path__in=targets).values_list("path", flat=True))
    for path, named in links.items():
        for target in sorted(named - there):
            message = _("%(nodes)s has a link to roadmap:%(target)s, where nothing is.")
            yield _finding("link", [path], message, target=target)
