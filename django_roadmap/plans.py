"""What a learner's marks in a roadmap are held against: read once for each version, and kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from django_roadmap import editions, tree
from django_roadmap.counting import Counts, Skeleton, TimeLeft, skeleton
from django_roadmap.editions import Edition
from django_roadmap.models import RoadmapNode
from django_roadmap.rows import plain_rows
from django_roadmap.steps import next_step


class Step(NamedTuple):
    """The topic that comes next."""

    path: str
    title: str
    state: str
    minutes: int | None


class Plan(NamedTuple):
    """The nodes of a roadmap by place, in reading order, and what is good to know before each."""

    skeleton: Skeleton
    paths: list[str]
    titles: list[str]
    needs: dict[int, list[int]]

    def place(self, target: str | int) -> int:
        """Where the node of this path or key is; raises ``DoesNotExist``."""
        known: Any = self.paths if isinstance(target, str) else self.skeleton.pks
        try:
            return int(known.index(target))
        except ValueError:
            message = f"No published roadmap or node is at {target!r}."
            raise RoadmapNode.DoesNotExist(message) from None

    def above(self, place: int) -> list[int]:
        """The places from the root down to the node's parent."""
        return [above for above in range(place) if self.skeleton.ends[above] > place]


class Standing:
    """How far a learner is with a roadmap, and with each node in it."""

    def __init__(self, plan: Plan, marks: Any) -> None:
        self.plan = plan
        self.states, self._counts = plan.skeleton.roll_up(marks)

    def counts(self, place: int = 0) -> Counts:
        return self.plan.skeleton.of(place, self.states, self._counts)

    def time_left(self, place: int = 0) -> TimeLeft | None:
        return self.plan.skeleton.time_left(place, self.states)

    def next_step(self, place: int = 0) -> Step | None:
        plan = self.plan
        step = next_step(plan.skeleton, self.states, plan.needs, place)
        if step is None:
            return None
        minutes = plan.skeleton.minutes[step] or None
        return Step(plan.paths[step], plan.titles[step], self.state(step), minutes)

    def state(self, place: int) -> str:
        return self.states.get(place, "pending")


def plan(edition: Edition) -> Plan:
    """The plan of an edition: no query when it is kept, otherwise two."""
    return plans([edition])[0]


def plans(found: Sequence[Edition]) -> list[Plan]:
    """The plans of several editions of one database, with as many queries as for one."""
    kept = [edition.kept("plan") for edition in found]
    ready: list[Plan | None] = [place.get(plan=Plan)[0] for place in kept]
    missing = [edition for edition, plan in zip(found, ready, strict=True) if plan is None]
    if missing:
        editions.read(missing)
        links = _prerequisites(missing)
    made = {edition.path: _plan(edition, links) for edition in missing}
    for edition, place in zip(found, kept, strict=True):
        if edition.path in made:
            place.put(plan=made[edition.path])
    return [plan or made[edition.path] for edition, plan in zip(found, ready, strict=True)]


def _prerequisites(found: Sequence[Edition]) -> dict[int, list[int]]:
    tree_ids = [edition.tree_id for edition in found]
    rows = plain_rows(RoadmapNode.prerequisites.through, found[0].using)
    links = defaultdict(list)
    ends = "from_roadmapnode_id", "to_roadmapnode_id"
    for node, need in rows.filter(from_roadmapnode__tree_id__in=tree_ids).values_list(*ends):
        links[node].append(need)
    return links


def _plan(edition: Edition, links: dict[int, list[int]]) -> Plan:
    order = list(tree.walk(edition.way_to(edition.path)[0]))
    places = {node.pk: place for place, node in enumerate(order)}
    needs = {
        places[node.pk]: [places[need] for need in links[node.pk] if need in places]
        for node in order
        if node.pk in links
    }
    return Plan(skeleton(order), [n.path for n in order], [n.title for n in order], needs)
