"""A branch as it is stored, as an outline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from django.utils.translation import gettext as _

from django_roadmap import paths
from django_roadmap.models import Resource, RoadmapNode
from django_roadmap.outline import Link, Outline
from django_roadmap.replacing import LINK, TEXTS
from django_roadmap.rows import branch_rows, plain_rows


def outline_of(
    top: RoadmapNode,
    using: str,
    shown: Collection[int] | None = None,
    *,
    only_published: bool = False,
) -> Outline:
    """A node and all below it, in three queries; only those with the keys ``shown``, if given.

    Prerequisites are those in the whole roadmap, in its order. Raises
    ``RoadmapNode.DoesNotExist`` where the node is no longer there.
    """
    nodes = branch_rows(top, using)
    resources = plain_rows(Resource, using).filter(node__in=nodes).order_by("position", "pk")
    through = plain_rows(RoadmapNode.prerequisites.through, using)
    ends = through.filter(from_roadmapnode__in=nodes).order_by("to_roadmapnode__lft")
    ends = ends.values_list("from_roadmapnode", "to_roadmapnode", "to_roadmapnode__slug")
    links, prerequisites = defaultdict(list), defaultdict(list)
    for pk, *values in resources.values_list("node", *LINK):
        links[pk].append(Link(*values))
    for pk, other, slug in ends:
        if shown is None or other in shown:
            prerequisites[pk].append(slug)
    parts: dict[int, Outline] = {}
    for pk, parent, slug, *values in nodes.order_by("lft").values_list(
        "pk", "parent", "slug", *TEXTS
    ):
        said = dict(zip(TEXTS, values, strict=True))
        # What was shown may have been withdrawn since.
        if shown is None or (pk in shown and said["is_published"] >= only_published):
            said["minutes"] = said["minutes"] or 0
            parts[pk] = Outline(
                slug=slug, resources=links[pk], prerequisites=prerequisites[pk], **said
            )
            if parent in parts:
                parts[parent].children.append(parts[pk])
    if top.pk not in parts:
        raise nothing_at(top.path)
    return parts[top.pk]


def outlines_at(wanted: Sequence[str], using: str) -> list[Outline]:
    """The nodes at these paths, or all roadmaps in their order, with all that is unpublished.

    Raises ``RoadmapNode.DoesNotExist`` for a path where nothing is.
    """
    rows = plain_rows(RoadmapNode, using)
    if not wanted:
        tops = list(rows.filter(parent=None).order_by("position", "pk"))
        return [outline_of(top, using) for top in tops]
    found = {node.path: node for node in rows.filter(path__in=filter(paths.is_path, wanted))}
    for path in wanted:
        if path not in found:
            raise nothing_at(path)
    return [outline_of(found[path], using) for path in wanted]


def nothing_at(path: str) -> RoadmapNode.DoesNotExist:
    """What to raise where a path leads nowhere."""
    return RoadmapNode.DoesNotExist(_("No roadmap or node has the path %s.") % path)
