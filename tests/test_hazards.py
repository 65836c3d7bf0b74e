"""What corrupts a tree of plain mptt is refused, with a message that says what to do instead."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from mptt.exceptions import InvalidMove
from roadmaps import node, rows
from soundness import findings

from django_roadmap.models import Roadmap, RoadmapNode

pytestmark = pytest.mark.django_db

SECTION = "django/frontend-basics"


def bulk_update(**values):
    css = node("django/css")
    for name, value in values.items():
        setattr(css, name, value)
    RoadmapNode.objects.bulk_update([css], values)


def upsert(*update_fields):
    css = node("django/css")
    copy = RoadmapNode(
        title="Styles",
        slug="css",
        path=css.path,
        parent=node("django/html"),
        **{name: getattr(css, name) for name in ("tree_id", "lft", "rght", "level")},
    )
    target = ["path"] if connection.features.supports_update_conflicts_with_target else None
    RoadmapNode.objects.bulk_create(
        [copy], update_conflicts=True, update_fields=update_fields, unique_fields=target
    )


def css():
    return RoadmapNode.objects.filter(path="django/css")


def section():
    return node(SECTION)


new = RoadmapNode
INSTEAD = r"save\(\)"
REFUSED = {
    "update parent": (lambda: css().update(parent=node("django")), TypeError, r"move_to\(\)"),
    "update parent_id": (lambda: css().update(parent_id=node("django").pk), TypeError, INSTEAD),
    "update slug": (lambda: css().update(slug="styles"), TypeError, INSTEAD),
    "update path": (lambda: css().update(path="django/styles"), TypeError, "set path"),
    "update version": (lambda: css().update(version="x"), TypeError, "set version"),
    "update lft, rght": (lambda: css().update(lft=1, rght=F("lft")), TypeError, "set lft, rght"),
    "update tree_id": (lambda: Roadmap.roots.update(tree_id=1, title=""), TypeError, "tree_id"),
    "update level": (lambda: RoadmapNode.objects.update(level=1), TypeError, "set level"),
    "update of a slice": (lambda: css()[:1].update(title=""), TypeError, "slice"),
    "bulk_update parent": (lambda: bulk_update(parent=node("django")), TypeError, INSTEAD),
    "bulk_update slug": (lambda: bulk_update(title="", slug="styles"), TypeError, "set slug"),
    "bulk_update lft": (lambda: bulk_update(lft=2), TypeError, "set lft"),
    "upsert parent": (lambda: upsert("title", "parent"), TypeError, INSTEAD),
    "upsert lft": (lambda: upsert("lft"), TypeError, INSTEAD),
    "bulk_create bare": (
        lambda: RoadmapNode.objects.bulk_create([new(title="New", parent=section())]),
        (TypeError, ValueError, IntegrityError),
        None,
    ),
    "children.add": (lambda: section().children.add(node("django/functions")), TypeError, INSTEAD),
    "children.set": (
        lambda: section().children.set([node("django/functions")]),
        TypeError,
        INSTEAD,
    ),
    "children.remove": (lambda: section().children.remove(css().get()), TypeError, INSTEAD),
    "children.clear": (lambda: section().children.clear(bulk=True), TypeError, INSTEAD),
    "insert_at": (lambda: new(title="New").insert_at(section()), TypeError, "save=True"),
    "insert_node": (
        lambda: RoadmapNode.objects.insert_node(new(title="New"), section()),
        TypeError,
        "save=True",
    ),
    "insert_at of a saved node": (
        lambda: css().get().insert_at(section(), save=True),
        ValueError,
        r"“CSS” is in a roadmap already: call its move_to\(\)",
    ),
    "move_to nowhere": (lambda: css().get().move_to(None), InvalidMove, "add a new one"),
    "move_node to nowhere": (
        lambda: RoadmapNode.objects.move_node(css().get(), None),
        InvalidMove,
        "“CSS” cannot become a roadmap",
    ),
    "move_to of a new node": (
        lambda: new(title="New").move_to(section()),
        (InvalidMove, ValueError),
        "New",
    ),
    "move_to a new node": (
        lambda: css().get().move_to(new(title="New")),
        (InvalidMove, ValueError),
        "New",
    ),
    "build_tree_nodes": (
        lambda: RoadmapNode.objects.build_tree_nodes({"title": "New"}, target=section()),
        TypeError,
        INSTEAD,
    ),
    "disable_mptt_updates": (
        RoadmapNode.objects.disable_mptt_updates,
        TypeError,
        INSTEAD,
    ),
    "delay_mptt_updates": (Roadmap.roots.delay_mptt_updates, TypeError, INSTEAD),
    "delete of a slice": (css()[:1].delete, TypeError, "limit|slice"),
    "delete of values": (lambda: css().values().delete(), TypeError, "values"),
}


@pytest.mark.parametrize(("call", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(call, error, message):
    before = rows()

    with pytest.raises(error, match=message), transaction.atomic():
        call()
    assert rows() == before
    assert findings() == []
