"""A branch made like an outline: matched, numbered in memory, and written in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models.deletion import Collector
from django.utils import timezone
from django.utils.translation import gettext as _
from mptt.managers import TreeManager

from django_roadmap import naming, paths, placing, tree
from django_roadmap.models import Resource, RoadmapNode
from django_roadmap.outline import Outline, match
from django_roadmap.rows import branch_rows, deleting_by_key, plain_rows, write

PLACE = ("parent_id", "lft", "rght", "level")
TEXTS = ("title", "summary", "description", "is_published", "is_optional", "minutes")
LINK = ("title", "url", "kind")


@dataclass
class Changes:
    """What became of a branch: the paths of the nodes concerned, in reading order."""

    added: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


@dataclass(eq=False)
class _Part:
    """A node to be written, the part of the outline it is, and its values before if any."""

    node: RoadmapNode
    above: _Part | None
    said: Outline | None
    before: dict[str, Any]

    @property
    def parent_id(self) -> int | None:
        return self.node.parent_id if self.above is None else self.above.node.pk

    def differs(self, names: Iterable[str]) -> bool:
        return any(self.before[name] != getattr(self.node, name) for name in names)


def replace(node: RoadmapNode, outline: Outline, *, using: str, delete: bool = False) -> Changes:
    """Make a node and all below it what a valid outline says; see ``editing.replace``."""
    with placing.locked(node, using) as top:
        nodes = list(branch_rows(top, using).order_by("lft"))
        plan = _plan(outline, nodes, delete)
        there = {part.node.pk for part in plan}
        lost = [other for other in nodes if other.pk not in there]
        for part in plan:
            if part.said is None:
                part.node.is_published = False
            else:
                fill(part.node, part.said)
        _number(plan, top, using)
        _name(plan, top, using)
        _insert(plan, using)
        _update(plan, using)
        # Not before what was below these has its new place.
        collector = Collector(using=using, origin=top)
        collector.collect(lost)
        with deleting_by_key(using):
            collector.delete()
            linked = _write_resources(plan, using) | _write_prerequisites(plan, using)
        node.refresh_from_db(using=using)
    return _changes(plan, lost, linked)


def fill(node: RoadmapNode, said: Outline) -> None:
    """Give a node the values that a part of an outline says."""
    for name in TEXTS:
        value = getattr(said, name)
        if value is not None:
            setattr(node, name, value if name != "minutes" else value or None)


def _plan(outline: Outline, nodes: list[RoadmapNode], delete: bool) -> list[_Part]:
    """What the branch shall be, in reading order; what the outline lacks comes last, if at all."""
    matched = match(outline, nodes)
    found = {node.pk for node in matched.values()}
    lacking = defaultdict(list)
    for node in nodes:
        if node.pk not in found and not delete:
            lacking[node.parent_id].append(node)
    plan: list[_Part] = []
    stack: list[tuple[Outline | RoadmapNode, _Part | None]] = [(outline, None)]
    while stack:
        item, above = stack.pop()
        said = item if isinstance(item, Outline) else None
        node = item if isinstance(item, RoadmapNode) else matched.get(id(item)) or RoadmapNode()
        columns = () if node.pk is None else (*PLACE, *TEXTS, "slug")
        part = _Part(node, above, said, {name: getattr(node, name) for name in columns})
        plan.append(part)
        below = [*(said.children if said else ()), *lacking[node.pk]]
        stack.extend((child, part) for child in reversed(below))
    return plan


def _number(plan: list[_Part], top: RoadmapNode, using: str) -> None:
    """Give all nodes their numbers, after making room in the tree for those that are more."""
    numbers = tree.number((id(part), part.above and id(part.above)) for part in plan)
    for part in plan:
        _root, lft, rght, level = numbers[id(part)]
        part.node.lft, part.node.rght = top.lft + lft - 1, top.lft + rght - 1
        part.node.tree_id, part.node.level = top.tree_id, top.level + level
        placing.check_levels(part.node, part.above and part.above.node, part.node.level + 1)
    more = 2 * len(plan) - (top.rght - top.lft + 1)
    if more:
        manager = RoadmapNode._tree_manager.db_manager(using)
        TreeManager._manage_space(manager, more, top.rght - 1, top.tree_id)


def _name(plan: list[_Part], top: RoadmapNode, using: str) -> None:
    rows = plain_rows(RoadmapNode, using).filter(tree_id=top.tree_id, level__gt=0)
    wanted = [
        (part.node, part.said.slug)
        for part in plan[1:]
        if part.said and (not part.before or part.said.slug not in ("", part.node.slug))
    ]
    taken = rows.values_list("slug", flat=True)
    naming.name_nodes(wanted, paths.roadmap_slug(top.path), taken)


def _changes(plan: list[_Part], lost: list[RoadmapNode], linked: set[int]) -> Changes:
    changes = Changes(removed=[node.path for node in lost])
    last: dict[int | None, int] = {}
    for part in plan:
        above, path, before = part.parent_id, part.node.path, part.before
        if not before:
            changes.added.append(path)
        elif part.said is None:
            changes.removed += [path] if before["is_published"] else []
        else:
            if before["parent_id"] != above or before["lft"] < last.get(above, 0):
                changes.moved.append(path)
            else:
                last[above] = before["lft"]
            if part.node.pk in linked or part.differs((*TEXTS, "slug")):
                changes.changed.append(path)
    return changes


def _insert(plan: list[_Part], using: str) -> None:
    rows = plain_rows(RoadmapNode, using)
    new = sorted((part for part in plan if not part.before), key=lambda part: part.node.level)
    # A level at a time, since a child needs its parent's key; read back by path, since not
    # every database returns the keys of many rows at once.
    for level, parts in groupby(new, lambda part: part.node.level):
        together = list(parts)
        for part in together:
            part.node.parent_id = part.parent_id
        rows.bulk_create([part.node for part in together])
        keys = rows.filter(tree_id=together[0].node.tree_id, level=level)
        by_path = dict(keys.values_list("path", "pk"))
        for part in together:
            part.node.pk = by_path[part.node.path]


def _update(plan: list[_Part], using: str) -> None:
    now = timezone.now()
    for part in plan:
        part.node.parent_id = part.parent_id
    old = [part for part in plan if part.before]
    write(RoadmapNode, using, PLACE, [part.node for part in old if part.differs(PLACE)])
    changed = [part.node for part in old if part.differs((*TEXTS, "slug", "parent_id"))]
    for node in changed:
        node.updated_at = now
    write(RoadmapNode, using, (*TEXTS, "slug", "path", "updated_at"), changed)


def _write_resources(plan: list[_Part], using: str) -> set[int]:
    """Write what the outline says of resources; the nodes whose resources that changes."""
    rows = plain_rows(Resource, using)
    there = defaultdict(list)
    of_branch = rows.filter(node__in=branch_rows(plan[0].node, using)).order_by("position", "pk")
    for pk, *values in of_branch.values_list("node", *LINK):
        there[pk].append(values)
    new, outdated = [], set()
    for part in plan:
        if part.said is None or part.said.resources is None:
            continue
        pk = part.node.pk
        links = [[getattr(link, name) for name in LINK] for link in part.said.resources]
        if links != there[pk]:
            outdated.add(pk)
            new += [
                Resource(node_id=pk, position=position, **dict(zip(LINK, link, strict=True)))
                for position, link in enumerate(links, 1)
            ]
    rows.filter(node__in=outdated & set(there)).delete()
    rows.bulk_create(new)
    return outdated


def _write_prerequisites(plan: list[_Part], using: str) -> set[int]:
    """The same for prerequisites; a slug is first looked for in the outline, then beside it."""
    top = plan[0].node
    rows = plain_rows(RoadmapNode, using).filter(tree_id=top.tree_id).order_by("lft")
    by_slug = dict(rows.values_list("slug", "pk"))
    # A node, rather than a roadmap of the same slug.
    by_slug.update((part.said.slug, part.node.pk) for part in (plan[0], *plan[:0:-1]) if part.said)
    wanted: set[tuple[int, int]] = set()
    errors = []
    for part in plan:
        for slug in (part.said and part.said.prerequisites) or ():
            if slug and by_slug.get(slug, part.node.pk) != part.node.pk:
                wanted.add((part.node.pk, by_slug[slug]))
            else:
                message = _("“%(node)s”: the prerequisite “%(slug)s” is no other node here.")
                where = {"node": part.node, "slug": slug, "line": part.said and part.said.line}
                errors.append(ValidationError(message, params=where))
    if errors:
        raise ValidationError(errors)
    through = RoadmapNode.prerequisites.through
    links = plain_rows(through, using)
    said = {part.node.pk for part in plan if part.said and part.said.prerequisites is not None}
    ends = ("from_roadmapnode_id", "to_roadmapnode_id")
    found = links.filter(from_roadmapnode__in=branch_rows(top, using)).values_list(*ends, "pk")
    there = {(pk, other): link for pk, other, link in found if pk in said}
    links.filter(pk__in=[link for pair, link in there.items() if pair not in wanted]).delete()
    placing.check_prerequisites(RoadmapNode, using, top.tree_id, wanted - set(there))
    new = [dict(zip(ends, pair, strict=True)) for pair in sorted(wanted - set(there))]
    links.bulk_create([through(**columns) for columns in new])
    return {pk for pk, _other in wanted ^ set(there)}
