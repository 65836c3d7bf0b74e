"""Text into the database: all of it in one transaction under the lock, or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, router, transaction
from django.utils.translation import gettext as _
from mptt.exceptions import InvalidMove

from django_roadmap import editing, locking, paths, validation
from django_roadmap.exporting import nothing_at
from django_roadmap.models import RoadmapNode
from django_roadmap.outline import Outline, OutlineError, Problem, read
from django_roadmap.outline.values import one_line, walk_levels
from django_roadmap.placing import MAX_LEVELS
from django_roadmap.replacing import Changes
from django_roadmap.rows import branch_rows, plain_rows


class Row(NamedTuple):
    """A node as it is after an import."""

    level: int
    path: str
    title: str
    is_published: bool


@dataclass
class Imported:
    """What became of one outline: its nodes in reading order, and what that changed."""

    rows: list[Row]
    changes: Changes

    @property
    def path(self) -> str:
        return self.rows[0].path

    @property
    def is_new(self) -> bool:
        return self.path in self.changes.added

    @property
    def told(self) -> dict[str, list[str]]:
        """The paths of what is new, and of what was moved, changed, unpublished and deleted."""
        there = {row.path for row in self.rows}
        changes, removed = self.changes, self.changes.removed
        return {
            "added": changes.added,
            "moved": changes.moved,
            "changed": changes.changed,
            "unpublished": [path for path in removed if path in there],
            "deleted": [path for path in removed if path not in there],
        }


def import_text(
    source: str | bytes,
    *,
    format: str | None = None,
    slugs: Sequence[str] = (),
    title: str = "",
    under: str = "",
    update: bool = False,
    delete: bool = False,
    dry_run: bool = False,
    only_if: Callable[[list[Imported]], bool] | None = None,
    using: str | None = None,
) -> list[Imported]:
    """Make the roadmaps, or below the node ``under`` the branches, that a text is about.

    ``slugs`` are for the tops, in order; with a ``title`` there is one top, above all of them.
    A roadmap that is there already is refused, unless ``update``: see ``editing.replace``,
    also about ``delete``. A ``dry_run`` does all of it, and takes it back; so does ``only_if``, a
    function, that is not content with what came of it. Raises ``OutlineError``, with all that
    is wrong, and ``RoadmapNode.DoesNotExist`` for ``under``.
    """
    using = using or router.db_for_write(RoadmapNode)
    outlines, problems = [], []
    try:
        outlines = read(source, format)
    except OutlineError as error:
        outlines, problems = error.outlines, error.problems
    if title:
        outlines = [Outline(title, children=outlines)]
    _tidy(outlines)
    if slugs and len(slugs) != len(outlines) and not problems:
        titles = _(", ").join(_("“%s”") % outline.title for outline in outlines)
        message = _("Give each of these a slug, or all of them a title above: %s.")
        problems.append(Problem(None, "", message % titles))
    for outline, slug in zip(outlines, slugs, strict=False):
        outline.slug = slug
    # A reader has told already where a title is lacking.
    told = {problem.line for problem in problems}
    found = [p for p in _problems(outlines) if p.text or p.line is None or p.line not in told]
    problems += [*found, *_named_twice(outlines, together=bool(under))]
    is_list = len(outlines) > 1 and not any(top.children or top.slug for top in outlines)
    if is_list and not under:
        message = _("This is a list without a title: write one above it, or give one.")
        problems.append(Problem(outlines[0].line, outlines[0].title, message))
    if problems:
        raise OutlineError(problems)
    try:
        return _run(
            outlines,
            under,
            update,
            delete,
            lambda found: not dry_run and (only_if is None or only_if(found)),
            using,
        )
    except ValidationError as error:
        raise OutlineError(_told(error)) from error
    except InvalidMove as error:
        raise OutlineError([Problem(None, "", str(error))]) from error
    except (IntegrityError, DataError) as error:
        # It may take more for the same than we do, or somebody was faster.
        message = _("The database refuses it: %s")
        raise OutlineError([Problem(None, "", message % error)]) from error


def _tidy(outlines: list[Outline]) -> None:
    """Texts of one line are one, as in forms; else another format would change them again."""
    for part, _level in walk_levels(outlines):
        part.title = one_line(part.title)
        part.summary = part.summary and one_line(part.summary)
        for link in part.resources or ():
            link.title = one_line(link.title)


def _problems(outlines: list[Outline]) -> Iterator[Problem]:
    for outline in outlines:
        for part, message in validation.problems(outline):
            yield Problem(part.line, str(part.title), message)
    for part, level in walk_levels(outlines):
        if level == MAX_LEVELS:
            message = _("This is level %(level)d of at most %(most)d: move it further up.")
            said = {"level": level + 1, "most": MAX_LEVELS}
            yield Problem(part.line, part.title, message % said)


def _named_twice(outlines: list[Outline], *, together: bool) -> Iterator[Problem]:
    """Parts with a slug that another in the same roadmap has; a roadmap's own is in no way.

    That of a roadmap may be made from its title, and then it is not numbered.
    """
    tops: dict[str, Outline] = {}
    below: dict[str, Outline] = {}
    said: list[tuple[Outline, str, dict[str, Outline]]] = []
    for outline in outlines:
        below = below if together else {}
        for part, level in walk_levels([outline]):
            if level or together:
                said.append((part, part.slug, below))
            else:
                said.append((part, part.slug or paths.slug_from(part.title), tops))
    for part, slug, scope in said:
        scope.setdefault(paths.folded(slug), part)
    last: defaultdict[tuple[int, str], int] = defaultdict(lambda: 1)
    for part, slug, scope in said:
        first = scope[paths.folded(slug)]
        if slug and first is not part:
            free, base = slug, (id(scope), paths.folded(slug))
            while paths.folded(free) in scope:
                free = paths.numbered(slug, (), after=last[base])
                last[base] += 1
            scope[paths.folded(free)] = part
            if first.line is None:
                message = _("The slug “%(slug)s” is that of “%(first)s”: take “%(free)s”.")
            else:
                message = _("The slug “%(slug)s” is on line %(line)d, too: take “%(free)s”.")
            told = {"slug": slug, "free": free, "line": first.line, "first": first.title}
            yield Problem(part.line, part.title, message % told)


def _run(
    outlines: list[Outline],
    under: str,
    update: bool,
    delete: bool,
    is_wanted: Callable[[list[Imported]], bool],
    using: str,
) -> list[Imported]:
    rows = plain_rows(RoadmapNode, using)
    slugs = [outline.slug or paths.slug_from(outline.title) for outline in outlines]
    if under and not paths.is_path(under):
        raise nothing_at(under)
    found = list(rows.filter(path__in=[under] if under else slugs))
    if not under and not update and found:
        raise OutlineError(_taken(outlines, slugs, found, using))
    if not under and update and "" in slugs:
        # Each time it would be another one.
        top = outlines[slugs.index("")]
        message = _("Nothing tells which roadmap this is: give it a slug.")
        raise OutlineError([Problem(top.line, top.title, message)])
    seen = [(node.pk, node.tree_id) for node in found]
    with locking.lock_nodes(RoadmapNode, using, seen) as nodes:
        # Letter by letter: a database may take others for the same.
        there = {node.path: node for node in nodes if node is not None}
        if under and under not in there:
            raise nothing_at(under)
        target = there[under] if under else None
        if target is None:
            known = [there.get(slug) for slug in slugs]
            for outline, slug in zip(outlines, slugs, strict=True):
                outline.slug = slug
        else:
            known = _counterparts(outlines, target, using)
            _check_apart(outlines, known)
            if not update and any(known):
                raise OutlineError(_there(outlines, known))
        held = {} if target is None else _held_back(outlines, target, using)
        imported = [
            _import(outline, node, target, delete, using)
            for outline, node in zip(outlines, known, strict=True)
        ]
        for place, waiting in held.items():
            for part, prerequisites in waiting:
                part.prerequisites = prerequisites
            node = rows.get(path=imported[place].path)
            again = editing.replace(node, outlines[place], delete=delete)
            changes = imported[place].changes
            changed = {*changes.changed, *again.changed} - {*changes.added}
            changes.changed = [row.path for row in imported[place].rows if row.path in changed]
        if not is_wanted(imported):
            transaction.set_rollback(True, using=using)
    return imported


def _taken(
    outlines: list[Outline], slugs: list[str], found: list[RoadmapNode], using: str
) -> Iterator[Problem]:
    there = {paths.folded(node.path) for node in found}
    taken = {
        *slugs,
        *plain_rows(RoadmapNode, using).filter(parent=None).values_list("slug", flat=True),
    }
    for outline, slug in zip(outlines, slugs, strict=True):
        if paths.folded(slug) in there:
            message = _("A roadmap is at “%(slug)s” already: update that, or take “%(free)s”.")
            said = {"slug": slug, "free": paths.numbered(slug, taken)}
            yield Problem(outline.line, outline.title, message % said)


def _import(
    outline: Outline,
    node: RoadmapNode | None,
    target: RoadmapNode | None,
    delete: bool,
    using: str,
) -> Imported:
    if node is None:
        node = editing.add(outline, target, using=using)
        rows = _rows(node, using)
        return Imported(rows, Changes(added=[row.path for row in rows]))
    changes = editing.replace(node, outline, delete=delete)
    return Imported(_rows(node, using), changes)


def _counterparts(
    outlines: list[Outline], target: RoadmapNode, using: str
) -> list[RoadmapNode | None]:
    """The nodes below another that outlines are: by slug, then by title among the children."""
    below = list(branch_rows(target, using).exclude(pk=target.pk).order_by("lft"))
    by_slug = {node.slug: node for node in below}
    found = [by_slug.get(outline.slug) for outline in outlines]
    taken = {node.pk for node in found if node is not None}
    by_title = defaultdict(list)
    for node in reversed(below):
        if node.parent_id == target.pk and node.pk not in taken:
            by_title[node.title.strip()].append(node)
    for place, outline in enumerate(outlines):
        alike = by_title[outline.title.strip()]
        if found[place] is None and alike:
            found[place] = alike.pop()
    return found


def _there(outlines: list[Outline], known: list[RoadmapNode | None]) -> Iterator[Problem]:
    for outline, node in zip(outlines, known, strict=True):
        if node is not None:
            message = _("It is at “%s” already: update that, or give it another title and slug.")
            yield Problem(outline.line, outline.title, message % node.path)


def _check_apart(outlines: list[Outline], known: list[RoadmapNode | None]) -> None:
    """Raises ``OutlineError`` for one that is within another, which lacks it, in the database."""
    found = [
        (outline, node) for outline, node in zip(outlines, known, strict=True) if node is not None
    ]
    problems = []
    for outline, node in found:
        for _other, above in found:
            if above.lft < node.lft < above.rght:
                message = _("It is part of “%s”, which is here, too: write it below that.")
                problems.append(Problem(outline.line, outline.title, message % above.title))
    if problems:
        raise OutlineError(problems)


def _held_back(
    outlines: list[Outline], target: RoadmapNode, using: str
) -> dict[int, list[tuple[Outline, list[str]]]]:
    """Take from parts the prerequisites that only come in later branches, to be given back then.

    By the place of the branch, each part with all that it had.
    """
    in_roadmap = plain_rows(RoadmapNode, using).filter(tree_id=target.tree_id)
    there = {"", *in_roadmap.values_list("slug", flat=True)}
    held: dict[int, list[tuple[Outline, list[str]]]] = {}
    later: set[str] = set()
    for place in reversed(range(len(outlines))):
        parts = [part for part, _level in walk_levels([outlines[place]])]
        for part in parts:
            wanted = part.prerequisites or []
            if not later.isdisjoint(wanted):
                held.setdefault(place, []).append((part, wanted))
                part.prerequisites = [slug for slug in wanted if slug not in later]
        later.update(part.slug for part in parts if part.slug not in there)
    return held


def _rows(node: RoadmapNode, using: str) -> list[Row]:
    values = branch_rows(node, using).order_by("lft")
    return [Row(*row) for row in values.values_list("level", "path", "title", "is_published")]


def _told(error: ValidationError) -> Iterator[Problem]:
    """With the line, where that was said."""
    for each in getattr(error, "error_list", [error]):
        for message in each.messages:
            yield Problem((getattr(each, "params", None) or {}).get("line"), "", message)
