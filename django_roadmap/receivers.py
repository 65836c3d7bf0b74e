"""Prerequisites: Django writes these links past ``save()`` and the managers."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import ValidationError
from django.db.models.signals import m2m_changed
from django.dispatch import receiver
from django.utils.translation import gettext as _

from django_roadmap import placing
from django_roadmap.locking import lock_roadmaps_of
from django_roadmap.marks import GuestMarks
from django_roadmap.models import RoadmapNode
from django_roadmap.progress import Learner


@receiver(m2m_changed, sender=RoadmapNode.prerequisites.through)
def prerequisites_changed(
    instance: RoadmapNode,
    action: str,
    reverse: bool,
    pk_set: set[int] | None,
    using: str,
    **kwargs: Any,
) -> None:
    """Give the roadmap a new version; refuse links out of it and those that close a circle.

    Before the change, in the transaction that Django makes it in.
    """
    if not action.startswith("pre_"):
        return
    others = pk_set or set()
    with lock_roadmaps_of(RoadmapNode, using, {instance.pk, *others}) as nodes:
        trees = {node.pk: node.tree_id for node in nodes if node is not None}
        wrong = [
            str(node)
            for node in nodes
            if node is not None
            and (
                node.tree_id != trees.get(instance.pk)
                or (node.pk == instance.pk and instance.pk in others)
            )
        ]
        if wrong and action == "pre_add":
            raise ValidationError(
                _("A prerequisite of “%(node)s” is another node of its roadmap, not “%(wrong)s”.")
                % {"node": instance, "wrong": "”, “".join(wrong)},
                code="prerequisite",
            )
        if action == "pre_add":
            links = [(pk, instance.pk) if reverse else (instance.pk, pk) for pk in others]
            placing.check_prerequisites(RoadmapNode, using, trees.get(instance.pk), links)


@receiver(user_logged_in)
def take_over_marks(request: Any, user: Any, **kwargs: Any) -> None:
    """What a guest has marked is theirs when they sign in."""
    session = getattr(request, "session", None)
    if session is not None:
        Learner.of_user(user).take_over(Learner(GuestMarks(session)))
