"""A learner: a guest or an account, what they have done, and what comes next."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db import DatabaseError, IntegrityError, router, transaction
from django.http import HttpRequest

from django_roadmap import editions, plans
from django_roadmap.counting import DONE, LEARNING, PENDING, SKIPPED, Counts, TimeLeft
from django_roadmap.editions import FIRST, Edition
from django_roadmap.marks import AccountMarks, GuestMarks, Marks, Store, TooManyMarks
from django_roadmap.models import Progress, RoadmapNode
from django_roadmap.plans import Plan, Standing, Step
from django_roadmap.rows import plain_rows
from django_roadmap.signals import roadmap_done, topic_done

logger = logging.getLogger("django_roadmap")

__all__ = ["Learner", "Marked", "Marks", "TooManyMarks"]

STATES = (PENDING, SKIPPED, LEARNING, DONE)
"""From the least to the furthest: that one is kept when a guest's mark meets an account's."""


class Spot(NamedTuple):
    """Where a node is: its roadmap, as it is now, and its place in that."""

    edition: Edition
    plan: Plan
    place: int

    @property
    def path(self) -> str:
        return self.plan.paths[self.place]

    @property
    def title(self) -> str:
        return self.plan.titles[self.place]

    @property
    def is_topic(self) -> bool:
        return bool(self.plan.skeleton.is_leaf[self.place])

    @property
    def topics(self) -> list[int]:
        """The places of the topics that a mark on the node is for."""
        return self.plan.skeleton.topics_of(self.place)


class Marked(NamedTuple):
    """What became of a mark: where the learner stands now, and whether it is their first."""

    standing: Standing
    is_first: bool


class Learner:
    """Somebody who follows roadmaps; ``user`` is their account, None for a guest.

    Nodes are named as in the tags: by a path, a ``RoadmapNode``, or nothing for the first
    published roadmap. What is not published, or not there, raises ``DoesNotExist``.
    """

    def __init__(self, store: Store, user: Any = None) -> None:
        self._store, self.user = store, user

    @classmethod
    def of(cls, request: HttpRequest | None) -> Learner | None:
        """The learner that a request is from: an account, or a guest where there are sessions."""
        user: Any = getattr(request, "user", None)
        if isinstance(user, get_user_model()):
            return cls.of_user(user) if user.pk is not None else None
        session = getattr(request, "session", None)
        if session is None or (user is not None and user.is_authenticated):
            return None
        return cls(GuestMarks(session))

    @classmethod
    def of_user(cls, user: Any) -> Learner:
        """The learner with this account."""
        return cls(AccountMarks(user.pk), user)

    @property
    def is_guest(self) -> bool:
        return self.user is None

    def marks(self, edition: Edition) -> Marks:
        """The states of all topics that are not pending; of an account in one query."""
        return self._store.read(edition.using)

    def states(self, node: object = FIRST) -> dict[str, str]:
        """The state of a node and of each below it, by path."""
        place, standing = self._standing(node)
        end = standing.plan.skeleton.ends[place]
        return {standing.plan.paths[i]: standing.state(i) for i in range(place, end)}

    def progress(self, node: object = FIRST) -> Counts:
        """How many topics of a node there are, and how many are learned, done and skipped."""
        place, standing = self._standing(node)
        return standing.counts(place)

    def time_left(self, node: object = FIRST) -> TimeLeft | None:
        """How much work is left; None where nobody has estimated any of it."""
        place, standing = self._standing(node)
        return standing.time_left(place)

    def next_step(self, node: object = FIRST) -> Step | None:
        """The topic of a node that comes next; None when nothing is left."""
        place, standing = self._standing(node)
        return standing.next_step(place)

    def mark(self, node: object, state: str) -> Marked:
        """Give a topic this state, or all topics that count for a node that has some.

        Raises ``ValueError`` for an unknown state and ``TooManyMarks`` where a guest's session
        is full; then nothing has changed.
        """
        return self.mark_at(find(node), state, _alias_for(node))

    def mark_at(self, spot: Spot, state: str, using: str | None = None) -> Marked:
        """The same where the node has been found already."""
        if state not in STATES:
            raise ValueError(f"A state is one of {', '.join(STATES)}, not {state!r}.")
        pks = [spot.plan.skeleton.pks[topic] for topic in spot.topics]

        def changes(marks: Marks) -> Marks:
            return {pk: state for pk in pks if marks.get(pk, PENDING) != state}

        try:
            before, after = self._change(using or _alias_for(), changes, [spot.plan])
        except IntegrityError as error:
            # Deleted since the plan was read.
            raise RoadmapNode.DoesNotExist(f"No node is at {spot.path!r}.") from error
        return Marked(Standing(spot.plan, after), is_first=bool(after) and not before)

    def reset(self, node: object = FIRST) -> int:
        """Take back all marks in a roadmap; returns how many there were.

        Raises ``ValueError`` for a node within one, whose other marks nobody wants to lose.
        """
        spot = find(node)
        edition = spot.edition
        if spot.place:
            raise ValueError(f"{spot.path!r} is no roadmap: to reset that, give {edition.path!r}.")
        nodes = plain_rows(RoadmapNode, edition.using).filter(tree_id=edition.tree_id)
        pks = set(nodes.values_list("pk", flat=True))
        taken: list[int] = []

        def changes(marks: Marks) -> Marks:
            taken[:] = [pk for pk in marks if pk in pks]
            return dict.fromkeys(taken, PENDING)

        self._change(_alias_for(node), changes, [])
        return len(taken)

    def take_over(self, guest: Learner) -> None:
        """Add a guest's marks to the account's, of each topic the further one, once.

        Nobody is kept from signing in: what cannot be added is logged, and stays the guest's.
        """
        try:
            self._take_over(guest)
        except (RoadmapNode.DoesNotExist, DatabaseError):
            # Something was deleted since it was read, or two waited for each other.
            try:
                self._take_over(guest)
            except (RoadmapNode.DoesNotExist, DatabaseError):
                logger.exception("The marks of a guest could not be added.")

    def _take_over(self, guest: Learner) -> None:
        using = router.db_for_write(Progress)
        marks = guest._store.read(using)
        if not marks:
            return
        nodes = plain_rows(RoadmapNode, using).filter(pk__in=list(marks))
        trees = dict(nodes.values_list("pk", "tree_id"))
        found = [e for e in editions.published() if e.tree_id in trees.values()]

        def changes(present: Marks) -> Marks:
            return {
                pk: state
                for pk, state in marks.items()
                if pk in trees and STATES.index(state) > STATES.index(present.get(pk, PENDING))
            }

        self._change(using, changes, plans.plans(found))
        guest._store.change(using, lambda marks: dict.fromkeys(marks, PENDING))

    def _change(
        self, using: str, changes: Callable[[Marks], Marks], about: Iterable[Plan]
    ) -> tuple[Marks, Marks]:
        """Change marks, and tell of what has become done in the roadmaps that these are about."""
        before, after = self._store.change(using, changes)
        if self.is_guest or before == after:
            return before, after
        for plan in about:
            old, new = Standing(plan, before), Standing(plan, after)
            bones, paths = plan.skeleton, plan.paths
            for place, state in new.states.items():
                if state == DONE and old.states.get(place) != DONE:
                    if bones.is_leaf[place]:
                        _tell(topic_done, self.user, paths[place], using)
                    if place == 0:
                        _tell(roadmap_done, self.user, paths[place], using)
        return before, after

    def standing(self, spot: Spot) -> Standing:
        """How far the learner is with the roadmap of a node."""
        return Standing(spot.plan, self.marks(spot.edition))

    def _standing(self, node: object) -> tuple[int, Standing]:
        spot = find(node)
        return spot.place, self.standing(spot)

    def take_note(self, is_due: bool = False) -> bool:
        """Whether a guest is to be told, now and never again, where their marks are.

        ``is_due`` decides for who has marked nothing yet: for them nothing is stored.
        """
        return isinstance(self._store, GuestMarks) and self._store.take_note(is_due)

    def leave_note(self) -> None:
        """Have the next page tell a guest where their marks are, unless one has."""
        if isinstance(self._store, GuestMarks):
            self._store.leave_note()

    def export(self, using: str) -> list[dict[str, Any]]:
        """All marks with the path and the title of their topics, in reading order."""
        return self._store.export(using)


def _alias_for(node: object = None) -> str:
    """The database to write marks to: that of the node, where it is known and takes them."""
    hints = {"instance": node} if isinstance(node, RoadmapNode) else {}
    return router.db_for_write(Progress, **hints)


def _tell(signal: Any, user: Any, path: str, using: str) -> None:
    send = partial(signal.send_robust, Learner, user=user, path=path)
    transaction.on_commit(send, using=using)


def find(node: Any = FIRST, *, unpublished: bool = False) -> Spot:
    """Where a node is, from what names it; raises ``DoesNotExist``. Only what is published
    is found, unless ``unpublished``."""
    edition = editions.find(node, unpublished=unpublished)
    if edition is None:
        raise RoadmapNode.DoesNotExist(f"No published roadmap or node is at {node!r}.")
    target = edition.path if node is FIRST else node if isinstance(node, str) else node.pk
    return spot(edition, target)


def spot(edition: Edition, target: str | int) -> Spot:
    """Where the node of this path or key is in an edition; raises ``DoesNotExist``."""
    plan = plans.plan(edition)
    return Spot(edition, plan, plan.place(target))
