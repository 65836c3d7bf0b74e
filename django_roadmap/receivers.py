"""Changes that reach the tables past ``save()`` and the managers: links and fixtures."""

from __future__ import annotations

from typing import Any

from django.db.models import Max, Model, Q, QuerySet
from django.db.models.signals import m2m_changed, post_save, pre_save
from django.dispatch import receiver

from django_roadmap import locking, paths
from django_roadmap.managers import lock_roadmaps_of
from django_roadmap.models import Resource, Roadmap, RoadmapNode


@receiver(m2m_changed, sender=RoadmapNode.prerequisites.through)
def prerequisites_changed(instance: RoadmapNode, action: str, using: str, **kwargs: Any) -> None:
    """A new version; before the change, in the transaction that Django makes it in."""
    if action.startswith("pre_"):
        with lock_roadmaps_of(RoadmapNode, using, {instance.pk}):
            pass


@receiver(pre_save, sender=RoadmapNode)
@receiver(pre_save, sender=Roadmap)
def node_from_fixture(instance: RoadmapNode, raw: bool, using: str, **kwargs: Any) -> None:
    """Keep a fixture's roadmap apart from those that are here, whose trees it knows nothing of.

    Raises ``ValueError`` for a parent in another roadmap: a primary key of another site.
    """
    if not raw:
        return
    rows = QuerySet(RoadmapNode, using=using)
    root_slug = paths.roadmap_slug(instance.path)
    parent = rows.filter(pk=instance.parent_id).first()
    if parent is not None and paths.roadmap_slug(parent.path) != root_slug:
        raise ValueError(
            f"The parent of “{instance.path}” would be “{parent.path}”, of another roadmap: "
            "use dumpdata with both --natural-primary and --natural-foreign."
        )
    ours = Q(path=root_slug) | Q(path__startswith=f"{root_slug}/")
    here = rows.filter(ours).values_list("tree_id", flat=True).first()
    if here is not None:
        instance.tree_id = here
    elif rows.filter(tree_id=instance.tree_id).exists():
        instance.tree_id = rows.aggregate(last=Max("tree_id"))["last"] + 1
    if instance.parent_id is None:
        instance.version = locking.new_version()


@receiver(post_save, sender=RoadmapNode)
@receiver(post_save, sender=Resource)
def row_from_fixture(instance: Model, raw: bool, using: str, **kwargs: Any) -> None:
    """A new version for what a fixture writes into a roadmap that is here."""
    if raw:
        node_id = instance.node_id if isinstance(instance, Resource) else instance.pk
        with lock_roadmaps_of(RoadmapNode, using, {node_id}):
            pass
