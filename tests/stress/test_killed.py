"""A writer that is killed in the middle of an edit leaves everything as it was."""

import signal

import pytest
from django.db import models, transaction
from django.db.models import F
from processes import running
from roadmaps import rows
from soundness import findings
from test_stress import plant
from writers import EDITS, counting

from django_roadmap.models import Resource, RoadmapNode

pytestmark = pytest.mark.django_db(transaction=True)


def everything():
    """Every row that an edit may write."""
    tables = [Resource, RoadmapNode.prerequisites.through]
    return [rows()] + [list(models.QuerySet(table).order_by("pk").values()) for table in tables]


def damage():
    """Wrong numbers, depths and paths in two roadmaps."""
    planted = models.QuerySet(RoadmapNode).filter(path__regex=r"^roadmap-[01]/")
    planted.update(lft=F("lft") + 3, rght=F("rght") + 5, level=F("level") + 1)
    for number in (3, 5, 7):
        planted.filter(slug=f"r0-{number}").update(path=f"roadmap-0/damaged-{number}")


def number_of_writes(edit):
    counts = []
    with transaction.atomic(), counting(counts.append):
        EDITS[edit]()
        transaction.set_rollback(True)
    return counts[-1]


@pytest.mark.parametrize("part", [0, 0.5, 1], ids=["first write", "middle", "last write"])
@pytest.mark.parametrize("edit", EDITS)
def test_edit_of_a_killed_writer_never_was(edit, part):
    plant()
    if edit == "repair":
        damage()
    before = everything()
    last = number_of_writes(edit)
    number = max(1, round(part * last))
    with running(("stop_in_the_middle", edit, number)) as [writer]:
        assert writer.receive() == "in the middle"
        writer.kill()
        assert writer.process.exitcode == -signal.SIGKILL

    assert everything() == before
    EDITS[edit]()
    assert everything() != before
    assert findings() == []
