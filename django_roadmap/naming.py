"""The slugs and paths that nodes get, free and in step with where they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.core.validators import validate_unicode_slug

from django_roadmap import paths
from django_roadmap.rows import branch_rows, plain_rows, write

if TYPE_CHECKING:
    from django_roadmap.models import RoadmapNode


def name_node(node: RoadmapNode, root_slug: str | None, using: str) -> None:
    """Set slug and path; a slug that is made here is numbered when taken, a given one never.

    Raises ``ValidationError`` for a slug with other characters than slugs have, and
    ``ValueError`` for a path, given to a new node, that does not follow from its place.
    """
    given_path = "" if node._loaded else node.path
    node.slug = node.slug or paths.own_slug(given_path) or free_slug(node, root_slug, using)
    validate_unicode_slug(node.slug)
    node.path = paths.node_path(root_slug, node.slug)
    if given_path and given_path != node.path:
        raise ValueError(
            f"The path cannot be {given_path!r}: place and slug make it {node.path!r}."
        )


def name_again(node: RoadmapNode, root_slug: str | None, using: str) -> None:
    """The same for a new node whose slug a handler of ``pre_save`` may have set."""
    node.path = ""
    name_node(node, root_slug, using)


@contextmanager
def keeping_its_name(node: RoadmapNode) -> Iterator[None]:
    """A handler of ``pre_save`` that sets a slug of its own renames nobody."""
    node.slug = paths.own_slug(node.path)
    yield


def rename(node: RoadmapNode, using: str) -> None:
    """Give an existing node the path of its new slug; below a roadmap the paths follow."""
    root_slug = None if node.parent_id is None else paths.roadmap_slug(node.path)
    name_node(node, root_slug, using)
    if root_slug is None:
        rename_below(node, using)


def rename_below(node: RoadmapNode, using: str) -> None:
    """Give the rows of a branch, all but a roadmap's own, paths in the node's roadmap."""
    root_slug = paths.roadmap_slug(node.path)
    branch = list(branch_rows(node, using).filter(level__gt=0).only("slug", "path"))
    for below in branch:
        below.path = paths.node_path(root_slug, below.slug)
    # By key: MariaDB would lock the root that comes after the tree, too, to find these.
    write(type(node), using, ["path"], branch)


def free_slug(node: RoadmapNode, root_slug: str | None, using: str) -> str:
    """The slug that the node has, or one made from its title, numbered when it is taken."""
    others = plain_rows(type(node), using).exclude(pk=node.pk)

    def is_taken(slug: str) -> bool:
        # Only the database knows which paths its collation takes for the same.
        return others.filter(path=paths.node_path(root_slug, slug)).exists()

    slug = wanted = node.slug or paths.slug_from(node.title)
    taken: set[str] = set()
    while not slug or is_taken(slug):
        if not taken:
            start = wanted[: paths.SLUG_MAX_LENGTH // 2] or "node"
            alike = others.filter(path__istartswith=paths.node_path(root_slug, start))
            taken.update(alike.values_list("slug", flat=True))
        taken.add(slug)
        slug = paths.numbered(wanted, taken)
    return slug


def name_nodes(
    wanted: Iterable[tuple[RoadmapNode, str]], root_slug: str, taken: Iterable[str]
) -> None:
    """Set slug and path of many nodes of a roadmap, in which the slugs in ``taken`` are.

    A new node gets the wanted slug, or one made from its title, numbered when it is taken or
    differs from a taken one by case and accents only. One that has a slug keeps it then.
    """
    alike = {paths.folded(slug) for slug in taken}
    last: dict[str, int] = {}
    # Given ones first: what is made from a title must not take them.
    for node, given in sorted(wanted, key=lambda pair: not pair[1]):
        slug = base = given or paths.slug_from(node.title)
        if node.slug and paths.folded(slug) in alike:
            continue
        while not slug or paths.folded(slug) in alike:
            slug = paths.numbered(base, (), after=last.get(base, 0))
            last[base] = int(slug.rpartition("-")[2])
        alike.add(paths.folded(slug))
        node.slug, node.path = slug, paths.node_path(root_slug, slug)
