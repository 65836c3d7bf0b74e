"""What ``loaddata`` writes: rows with the keys and tree columns of another site, made to fit."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from django.db import connections, transaction
from django.db.models import Max, Q
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver

from django_roadmap import integrity, paths
from django_roadmap.locking import lock_roadmaps_of
from django_roadmap.models import Resource, Roadmap, RoadmapNode
from django_roadmap.rows import plain_rows

logger = logging.getLogger("django_roadmap")

_REMEDY = "use dumpdata with both --natural-primary and --natural-foreign."


@dataclass(frozen=True)
class Renumber:
    """Numbers a tree anew from its parents, once a fixture is in; a value, so it is kept once."""

    using: str
    tree_id: int

    def __call__(self) -> None:
        rows = plain_rows(RoadmapNode, self.using).filter(tree_id=self.tree_id, parent=None)
        for path in rows.values_list("path", flat=True):
            mended, _left = integrity.repair(path, using=self.using)
            for finding in mended:
                if finding.kind == "circle":
                    # Two sites have put each of two nodes below the other.
                    logger.warning("%s One of them is now below the root.", finding.message)


@receiver(pre_save, sender=RoadmapNode)
@receiver(pre_save, sender=Roadmap)
def node_from_fixture(instance: RoadmapNode, raw: bool, using: str, **kwargs: Any) -> None:
    """Put the node into the tree that its roadmap has here, or into one that nobody has.

    Raises ``ValueError`` for a primary key that another node has here, as its own or as its
    parent's.
    """
    if not raw:
        return
    rows = plain_rows(RoadmapNode, using)
    other = rows.filter(pk=instance.pk).first()
    if other is not None and other.path != instance.path:
        raise ValueError(f"“{instance.path}” has the key of “{other.path}” here: {_REMEDY}")
    root_slug = paths.roadmap_slug(instance.path)
    parent = rows.filter(pk=instance.parent_id).first()
    if parent is not None and paths.roadmap_slug(parent.path) != root_slug:
        raise ValueError(f"“{instance.path}” would be below “{parent.path}”: {_REMEDY}")
    of_roadmap = rows.filter(Q(path=root_slug) | Q(path__startswith=f"{root_slug}/"))
    here = of_roadmap.values_list("tree_id", flat=True).first()
    if here is not None:
        instance.tree_id = here
    elif rows.filter(tree_id=instance.tree_id).exists():
        instance.tree_id = rows.aggregate(last=Max("tree_id"))["last"] + 1


@receiver(pre_save, sender=Resource)
def resource_from_fixture(instance: Resource, raw: bool, using: str, **kwargs: Any) -> None:
    """Raises ``ValueError`` for a primary key that another resource has here."""
    other = plain_rows(Resource, using).filter(pk=instance.pk).first() if raw else None
    if other is not None and (other.node_id, other.url) != (instance.node_id, instance.url):
        raise ValueError(f"“{instance.url}” has the key of “{other.url}” here: {_REMEDY}")


@receiver(post_save, sender=RoadmapNode)
@receiver(post_save, sender=Roadmap)
@receiver(post_save, sender=Resource)
def row_from_fixture(
    instance: RoadmapNode | Resource, raw: bool, using: str, **kwargs: Any
) -> None:
    """A new version for the roadmap written to; its tree is put in order when all is in."""
    if not raw:
        return
    node_id = instance.node_id if isinstance(instance, Resource) else instance.pk
    with lock_roadmaps_of(RoadmapNode, using, {node_id}) as nodes:
        for node in nodes:
            renumber = Renumber(using, node.tree_id)
            waiting = [entry[1] for entry in connections[using].run_on_commit]
            if renumber not in waiting:
                transaction.on_commit(renumber, using=using)
