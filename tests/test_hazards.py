"""What corrupts a tree of plain mptt ends sound, or is refused with what to do instead."""

import asyncio
from contextlib import suppress

import pytest
from django.core import serializers
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F, ProtectedError
from django.db.models.signals import pre_save
from mptt.exceptions import InvalidMove
from neighbour.models import Certificate
from roadmaps import node, rows
from soundness import findings

from django_roadmap import integrity
from django_roadmap.models import Roadmap, RoadmapNode
from django_roadmap.placing import MAX_LEVELS

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


@pytest.mark.django_db
@pytest.mark.parametrize(("call", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(call, error, message):
    before = rows()

    with pytest.raises(error, match=message), transaction.atomic():
        call()
    assert rows() == before
    assert findings() == []


# What is known to corrupt a tree even when nobody else edits.

STAGES = "django-step-by-step"


def delete_what_somebody_deleted():
    ours = node(SECTION)
    node(SECTION).delete()
    assert ours.delete() == (0, {})


def delete_twice():
    ours = section()
    ours.delete()
    assert ours.delete() == (0, {})


def move_beside_a_node_that_went_elsewhere():
    html, ours = node("django/html"), node("django/css")
    node("django/html").move_to(node("django/middleware"))
    ours.move_to(html, "left")
    assert node("django/css").parent.slug == "middleware"


def save_a_node_that_somebody_moved():
    ours = node("django/css")
    node("django/css").move_to(node("django/middleware"))
    ours.title = "Styles"
    ours.save()
    assert node("django/css").parent.slug == "middleware"


def save_after_a_rolled_back_move():
    ours = node("django/css")
    with transaction.atomic():
        ours.move_to(node("django/middleware"))
        transaction.set_rollback(True)
    ours.title = "Styles"
    ours.save()
    assert node("django/css").parent.path == SECTION


def set_a_parent_and_save_the_title():
    ours = node("django/css")
    ours.parent = node("django/middleware")
    ours.save(update_fields=["title"])
    assert node("django/css").parent.path == SECTION


def fail_to_insert():
    with pytest.raises(IntegrityError):
        new(title="CSS", slug="css", parent=section()).save()


def fail_to_insert_and_insert_again():
    ours = new(title="CSS", slug="css", parent=section())
    with pytest.raises(IntegrityError), transaction.atomic():
        ours.save()
    ours.slug = "styles"
    ours.save()
    assert node("django/styles").parent.path == SECTION


def copy_by_no_primary_key():
    ours = css().get()
    ours.pk = None
    with suppress(IntegrityError), transaction.atomic():
        ours.save()
    ours.slug = ours.path = ""
    ours.save()
    assert node("django/css-2").parent.path == SECTION


def delete_what_is_protected():
    certificate = Certificate.objects.create(node=node("django/css"))
    for ours in (node("django/css"), section(), node("django")):
        with pytest.raises(ProtectedError):
            ours.delete()
        with pytest.raises(ProtectedError):
            RoadmapNode.objects.filter(path__in=[ours.path, "django/html"]).delete()
    certificate.delete()
    ours.delete()


def raise_in_a_handler():
    def handler(**kwargs):
        raise ZeroDivisionError

    pre_save.connect(handler, sender=RoadmapNode)
    try:
        for ours in (new(title="New", parent=section()), section()):
            ours.parent = node("django/middleware")
            with pytest.raises(ZeroDivisionError):
                ours.save()
    finally:
        pre_save.disconnect(handler, sender=RoadmapNode)


def raise_while_updates_are_delayed():
    with pytest.raises(TypeError), RoadmapNode.objects.delay_mptt_updates():
        new(title="New", parent=section()).save()


def delete_as_deep_as_can_be():
    deep = section()
    for level in range(deep.level + 1, MAX_LEVELS):
        deep = RoadmapNode.objects.create(title=f"Level {level}", parent=deep)
    with pytest.raises(InvalidMove, match="level 65 of at most 64"):
        new(title="Deeper", parent=deep).save()
    section().delete()


def delete_the_roadmap_that_a_child_came_from():
    ours = node("django/css")
    ours.move_to(node(STAGES))
    node("django").delete()
    assert node(f"{STAGES}/css").parent.path == STAGES


def build_nodes_below_a_stale_one():
    ours = section()
    node(SECTION).move_to(node("django/middleware"))
    with pytest.raises(TypeError):
        RoadmapNode.objects.build_tree_nodes({"title": "New"}, target=ours)


def load_into_a_table_with_trees():
    fixture = serializers.serialize(
        "json",
        RoadmapNode.objects.filter(tree_id=node(STAGES).tree_id),
        use_natural_primary_keys=True,
        use_natural_foreign_keys=True,
    )
    node(STAGES).delete()
    RoadmapNode(title="Took its number").save()
    with transaction.atomic():
        for loaded in serializers.deserialize("json", fixture):
            loaded.save()


def load_old_rows_over_newer_ones():
    fixture = serializers.serialize(
        "json",
        RoadmapNode.objects.filter(tree_id=node("django").tree_id),
        use_natural_primary_keys=True,
        use_natural_foreign_keys=True,
    )
    new(title="Newer", parent=section()).save()
    node("django/css").move_to(node("django"), "first-child")
    with transaction.atomic():
        for loaded in serializers.deserialize("json", fixture):
            loaded.save()


def delete_by_queryset():
    css().delete()
    RoadmapNode.objects.filter(path__in=[SECTION, "django/functions"]).delete()
    assert node("django/learn-python-basics").get_descendant_count() == 3
    RoadmapNode.objects.filter(path__startswith="django/").delete()
    assert node("django").is_leaf_node()


def make_a_node_part_of_itself():
    ours = section()
    ours.parent = node("django/css")
    with pytest.raises(InvalidMove):
        ours.save()


def save_and_move_what_is_gone():
    ours = node("django/css")
    node("django/css").delete()
    with pytest.raises(DatabaseError):
        ours.save()
    with pytest.raises(InvalidMove):
        ours.move_to(node("django/html"))


def insert_below_what_is_gone_or_not_saved():
    gone = node("django/css")
    node("django/css").delete()
    for parent in (gone, new(title="New")):
        with pytest.raises(InvalidMove, match="no longer there"):
            new(title="New", parent=parent).save()


def save_in_another_thread_with_updates_disabled():
    with pytest.raises(TypeError), RoadmapNode.objects.disable_mptt_updates():
        asyncio.run(new(title="New", parent=section()).asave())


HAZARDS = [
    delete_what_somebody_deleted,
    delete_twice,
    move_beside_a_node_that_went_elsewhere,
    save_a_node_that_somebody_moved,
    save_after_a_rolled_back_move,
    set_a_parent_and_save_the_title,
    fail_to_insert,
    fail_to_insert_and_insert_again,
    copy_by_no_primary_key,
    delete_what_is_protected,
    raise_in_a_handler,
    raise_while_updates_are_delayed,
    delete_as_deep_as_can_be,
    delete_the_roadmap_that_a_child_came_from,
    build_nodes_below_a_stale_one,
    load_into_a_table_with_trees,
    load_old_rows_over_newer_ones,
    delete_by_queryset,
    make_a_node_part_of_itself,
    save_and_move_what_is_gone,
    insert_below_what_is_gone_or_not_saved,
    save_in_another_thread_with_updates_disabled,
]


# In autocommit, as a shell or a script works, where nothing else holds statements together.
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard.__name__)
def test_ends_sound(hazard):
    hazard()

    assert findings() == []
    assert integrity.check() == []
