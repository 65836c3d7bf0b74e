"""Many processes edit the same roadmaps at once, and nothing is lost, broken or refused."""

import os
import random
from collections import Counter
from dataclasses import dataclass, field
from time import monotonic

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from processes import Failed, running
from soundness import findings
from writers import DEADLOCK, WEIGHTS

from django_roadmap import editing, integrity
from django_roadmap.models import Roadmap, RoadmapNode
from django_roadmap.outline import Link, Outline

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS, READERS = 8, 2
LONGER = int(os.environ.get("STRESS", "1"))
OPERATIONS, TIMEOUT = 200 * LONGER, 300 * LONGER


def plant(roadmaps=4, topics=40):
    """Nothing but these roadmaps, of nodes at random places, and somebody who may edit them."""
    call_command("flush", interactive=False, verbosity=0)
    User.objects.create_superuser("ada")
    for number in range(roadmaps):
        parts = [Outline(f"Roadmap {number}")]
        for topic in range(1, topics):
            part = Outline(f"Topic {number} {topic}", f"r{number}-{topic}", summary="As planted.")
            if topic % 3 == 0:
                part.resources = [Link("Example", "https://example.org/")]
                part.prerequisites = [f"r{number}-{topic - 2}"]
            random.choice(parts).children.append(part)
            parts.append(part)
        editing.add(parts[0])


@dataclass
class Outcome:
    """What must not be: damage to the data, errors that callers got, and a test of nothing."""

    damage: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    idle: list[str] = field(default_factory=list)

    def __str__(self):
        return "\n".join([*self.damage[:20], *self.errors[:20], *self.idle])


def stress(operations, *, has_lock=True, seconds=TIMEOUT):
    """Let everybody edit and read at once."""
    plant()
    nodes = list(RoadmapNode.objects.order_by("pk"))
    kept = {node.pk for node in nodes if node.parent_id is None}
    seeds = [random.randrange(2**32) for _ in range(WRITERS)]
    calls = []
    for number, seed in enumerate(seeds):
        owned = {node.pk: (node.summary, node.slug) for node in nodes[number::WRITERS]}
        calls.append(("write", number, seed, operations, owned, kept, has_lock))
    outcome, deadline = Outcome(), monotonic() + seconds

    def end(process):
        try:
            return [process.receive(max(0, deadline - monotonic()))]
        except Failed as error:
            outcome.errors.append(str(error))
            return []

    with running(*calls, *[("read",)] * READERS) as processes:
        results = [result for writer in processes[:WRITERS] for result in end(writer)]
        for reader in processes[WRITERS:]:
            reader.stop()
        readings = [reading for reader in processes[WRITERS:] for reading in end(reader)]

    for result in results:
        outcome.errors += result["errors"]
    for times, wrong, errors in readings:
        outcome.damage += [f"A reader saw: {finding}" for finding in wrong[:5]]
        outcome.errors += errors[:5]
        if times <= 10:
            outcome.idle.append(f"A reader has read {times} times only.")
    now = {pk: values for pk, *values in RoadmapNode.objects.values_list("pk", "summary", "slug")}
    expected = len(nodes) + sum(result["added"] for result in results)
    if len(results) == WRITERS and len(now) != expected:
        outcome.damage.append(f"There are {len(now)} nodes instead of {expected}.")
    owned = {pk: list(values) for result in results for pk, values in result["owned"].items()}
    outcome.damage += [
        f"The owner of {pk} wrote {values}, but it has {now[pk]}."
        for pk, values in owned.items()
        if now.get(pk, values) != values
    ]
    found = integrity.check()
    outcome.damage += [str(finding) for finding in found]
    if not found:
        outcome.damage += findings()
    done = sum((result["done"] for result in results), Counter())
    refused = sum((result["refused"] for result in results), Counter())
    deadlocks = sum(count for (_name, what), count in refused.items() if what == DEADLOCK)
    if deadlocks > WRITERS * operations / 50:
        outcome.errors.append(f"Not rarely, {deadlocks} times, edits were in each other's way.")
    rare = [name for name in WEIGHTS if done[name] < operations / 20]
    if rare or not owned.keys() & now.keys() or refused.total() > done.total() / 2:
        outcome.idle.append(f"Done was {done}, refused {refused}.")
    outcome.idle += [f"The seeds were {seeds}."] if outcome != Outcome() else []
    return outcome


def test_edits_at_once_lose_and_break_nothing():
    outcome = stress(OPERATIONS)

    assert outcome == Outcome(), str(outcome)


def test_without_the_lock_they_do():
    assert any(stress(40, has_lock=False, seconds=60).damage for _attempt in range(3))


@pytest.mark.parametrize("same", [True, False], ids=["same title", "other titles"])
@pytest.mark.parametrize("roadmaps", [0, 4], ids=["empty", "planted"])
def test_roadmaps_created_at_once_share_neither_tree_nor_path(roadmaps, same):
    plant(roadmaps)
    calls = [
        ("create", ["Same" if same else f"Roadmap {number} {turn}" for turn in range(6)])
        for number in range(WRITERS)
    ]
    with running(*calls) as processes:
        created = [pair for process in processes for pair in process.receive()]

    roots = list(Roadmap.roots.values_list("tree_id", "path"))
    assert set(created) <= set(roots)
    assert len(roots) == roadmaps + len(created) == roadmaps + 6 * WRITERS
    assert len({tree_id for tree_id, _path in roots}) == len(roots)
    assert len({path for _tree_id, path in roots}) == len(roots)
    assert findings() == []
