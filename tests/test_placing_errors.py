"""All or nothing: an error anywhere leaves every row and the instance as they were."""

from contextlib import contextmanager, nullcontext, suppress
from itertools import count

import pytest
from django.db import Error, IntegrityError, OperationalError, connection, transaction
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save
from mptt.exceptions import InvalidMove
from mptt.signals import node_moved
from roadmaps import node, rows
from soundness import findings

from django_roadmap import editing
from django_roadmap.models import Resource, RoadmapNode
from django_roadmap.outline import Link, Outline

SECTION = "django/frontend-basics"


def memory(instance):
    """What an instance and the parents it holds know."""
    known = []
    while instance is not None:
        known.append(
            {**vars(instance), "_state": (instance._state.adding, instance._state.db)},
        )
        instance = instance._state.fields_cache.get("parent")
    return known


def new_node():
    return RoadmapNode(title="New", parent=node(SECTION))


def with_values(path, **values):
    def prepare():
        found = node(path)
        for name, value in values.items():
            setattr(found, name, node(value) if name == "parent" else value)
        return found

    return prepare


NEW = Outline(
    "Frontend",
    children=[
        Outline("New", resources=[Link("New", "https://new.org/")], prerequisites=["html"]),
        Outline("JavaScript", children=[Outline("HTML")], prerequisites=[]),
    ],
)
save = RoadmapNode.save
EDITS = {
    "create": (new_node, save),
    "create first": (
        lambda: RoadmapNode(title="New"),
        lambda new: new.insert_at(node(SECTION), "first-child", save=True),
    ),
    "create roadmap": (lambda: RoadmapNode(title="New"), save),
    "retitle": (with_values("django/css", title="Styles"), save),
    "rename": (with_values("django/css", slug="styles"), save),
    "rename roadmap": (with_values("django", slug="python"), save),
    "move": (with_values(SECTION, parent="django/middleware"), save),
    "move beside": (
        with_values("django/css"),
        lambda css: css.move_to(node("django/html"), "left"),
    ),
    "move away": (with_values(SECTION, parent="django-step-by-step"), save),
    "move and rename": (with_values("django/css", slug="styles", parent="django/html"), save),
    "delete": (with_values(SECTION), RoadmapNode.delete),
    "delete roadmap": (with_values("django"), RoadmapNode.delete),
    "add": (with_values("django/css"), lambda css: editing.add(NEW, css, "left")),
    "add roadmap": (with_values("django"), lambda _root: editing.add(NEW)),
    "copy": (with_values(SECTION), lambda found: editing.copy(found, node("django/middleware"))),
    "import": (with_values(SECTION), lambda found: editing.replace(found, NEW)),
    "import less": (with_values(SECTION), lambda found: editing.replace(found, NEW, delete=True)),
}
each_edit = pytest.mark.parametrize(("prepare", "edit"), EDITS.values(), ids=EDITS)
in_a_transaction_or_not = pytest.mark.parametrize(
    "block", [nullcontext, transaction.atomic], ids=["autocommit", "atomic"]
)


def everything():
    links = [Resource, RoadmapNode.prerequisites.through]
    return rows(), [list(model._base_manager.order_by("pk").values()) for model in links]


def assert_done_again(edit, instance):
    """The same instance can be given to the same edit once nothing is in its way."""
    before = everything()
    with transaction.atomic():
        edit(instance)
        assert findings() == []
        assert everything() != before
        transaction.set_rollback(True)


def assert_undone(edit, instance, before, known):
    """Rows and instance are as they were, and the edit can be made."""
    assert everything() == before
    assert memory(instance) == known
    assert_done_again(edit, instance)


@contextmanager
def failing_at(number, *, fail):
    numbers = count()

    def statement(execute, *args):
        if next(numbers) == number:
            fail()
        return execute(*args)

    with connection.execute_wrapper(statement):
        yield


def disk_is_full():
    raise OperationalError("disk full")


def connection_is_lost():
    connection.connection.close()


@pytest.fixture
def linked(transactional_db):
    """Resources and prerequisites that edits have to take care of, too."""
    node("django/css").resources.create(title="MDN", url="https://mdn.org/")
    node("django/css").prerequisites.add(node("django/html"))
    node("django/javascript").prerequisites.add(node("django/html"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("linked")
@in_a_transaction_or_not
@each_edit
def test_failure_at_any_statement(prepare, edit, block):
    for number in count():
        with block():
            instance = prepare()
            before, known = everything(), memory(instance)
            try:
                with failing_at(number, fail=disk_is_full):
                    edit(instance)
            except OperationalError:
                assert_undone(edit, instance, before, known)
                continue
        break

    assert number > 2
    assert everything() != before
    assert findings() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("linked")
@each_edit
def test_lost_connection_at_any_statement(prepare, edit):
    for number in count():
        instance = prepare()
        before, known = everything(), memory(instance)
        try:
            with failing_at(number, fail=connection_is_lost):
                edit(instance)
        except (Error, connection.Database.Error):
            with suppress(Error):
                connection.close()
            assert_undone(edit, instance, before, known)
            continue
        break

    assert number > 2
    assert everything() != before


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("linked")
@each_edit
def test_failing_commit(prepare, edit, monkeypatch):
    instance = prepare()
    before, known = everything(), memory(instance)
    with monkeypatch.context() as patch:
        patch.setattr(connection, "_commit", disk_is_full)
        with pytest.raises(OperationalError):
            edit(instance)

    assert_undone(edit, instance, before, known)


SAVED = ["create", "create first", "create roadmap", "rename", "rename roadmap", "move"]
HANDLERS = {
    "pre_save": (pre_save, SAVED),
    "post_save": (post_save, SAVED),
    "node_moved": (node_moved, ["move", "move beside", "move away", "move and rename"]),
    "pre_delete": (pre_delete, ["delete", "delete roadmap"]),
    "post_delete": (post_delete, ["delete", "delete roadmap"]),
}


@contextmanager
def connected(signal, handler):
    signal.connect(handler, sender=RoadmapNode)
    try:
        yield
    finally:
        signal.disconnect(handler, sender=RoadmapNode)


@pytest.mark.django_db(transaction=True)
@in_a_transaction_or_not
@pytest.mark.parametrize(
    ("handler", "name"),
    [(handler, name) for handler, (_, names) in HANDLERS.items() for name in names],
)
def test_failing_handler(handler, name, block):
    prepare, edit = EDITS[name]

    def fail(**kwargs):
        raise ZeroDivisionError

    with block():
        instance = prepare()
        before, known = rows(), memory(instance)
        with connected(HANDLERS[handler][0], fail), pytest.raises(ZeroDivisionError):
            edit(instance)

        assert rows() == before
        assert memory(instance) == known
        assert_done_again(edit, instance)


@pytest.mark.django_db
@pytest.mark.parametrize("signal", [pre_save, post_save], ids=["pre_save", "post_save"])
@pytest.mark.parametrize(
    "add",
    [
        lambda new: RoadmapNode(title="More", parent=node("django")).save(),
        lambda new: RoadmapNode(title="More").insert_at(node("django"), "first-child", save=True),
        lambda new: RoadmapNode(title="More").save(),
        lambda new: RoadmapNode(title="More", parent=new).save() if new.pk else None,
        lambda new: node("django/html").delete(),
        lambda new: node("django/html").move_to(node("django/middleware")),
        lambda new: node("django/advanced-level").move_to(node("django"), "first-child"),
    ],
    ids=["last", "first", "roadmap", "below", "delete", "move down", "move up"],
)
@pytest.mark.parametrize("name", ["create", "create roadmap", "retitle", "rename", "move"])
def test_handler_that_edits_too(name, signal, add):
    prepare, edit = EDITS[name]
    instance, calls = prepare(), []

    def also(instance, **kwargs):
        if not calls:
            calls.append(instance)
            add(instance)

    with connected(signal, also):
        edit(instance)

    assert calls
    assert findings() == []
    instance.refresh_from_db()
    instance.save()
    assert findings() == []


def edit_in_pre_save(edit):
    """Move HTML below CSS while a handler of ``pre_save`` does something, too, once."""
    calls = []

    def handler(instance, **kwargs):
        if not calls:
            calls.append(instance)
            edit(RoadmapNode.objects.get(pk=instance.pk))

    with connected(pre_save, handler):
        node("django/html").move_to(node("django/css"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("edit", "path"),
    [
        (lambda moved: moved.move_to(node("django/javascript")), "django/html"),
        (lambda moved: node("django/css").move_to(node("django/middleware")), "django/html"),
        (
            lambda moved: node("django/css").move_to(node("django-step-by-step")),
            "django-step-by-step/html",
        ),
    ],
    ids=["it", "the target", "the target to another roadmap"],
)
def test_handler_that_moves_what_a_move_is_about(edit, path):
    edit_in_pre_save(edit)

    assert node(path).parent.slug == "css"
    assert findings() == []


@pytest.mark.django_db
@pytest.mark.parametrize("gone", ["django/html", "django/css"])
def test_handler_that_deletes_what_a_move_is_about(gone):
    before = rows()
    with pytest.raises(InvalidMove, match="no longer there"):
        edit_in_pre_save(lambda moved: node(gone).delete())

    assert rows() == before


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["create", "create roadmap", "retitle", "rename", "move"])
def test_handler_that_sets_a_slug(name):
    prepare, edit = EDITS[name]

    def set_slug(instance, **kwargs):
        instance.slug = f"by-handler-{instance.title}".lower()

    instance = prepare()
    with connected(pre_save, set_slug):
        edit(instance)

    assert findings() == []


@pytest.mark.django_db
def test_handler_that_sets_a_slug_that_is_taken():
    def set_slug(instance, **kwargs):
        instance.slug = "django"

    before = rows()
    with (
        connected(pre_save, set_slug),
        pytest.raises(IntegrityError),
        transaction.atomic(),
    ):
        RoadmapNode(title="New").save()
    assert rows() == before


REFUSED = {
    "part of itself": (with_values("django/beginner-level", parent="django/html"), InvalidMove),
    "roadmap in another": (with_values("django", parent="django-step-by-step"), InvalidMove),
    "node as roadmap": (with_values("django/css", parent_id=None), InvalidMove),
    "taken": (with_values("django/css", slug="html"), IntegrityError),
    "taken roadmap": (with_values("django", slug="django-step-by-step"), IntegrityError),
    "taken elsewhere": (with_values("django/css", parent="rust"), InvalidMove),
    "taken elsewhere, below": (with_values(SECTION, parent="rust"), InvalidMove),
    "new and taken": (
        lambda: RoadmapNode(title="N", slug="css", parent=node("django")),
        IntegrityError,
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("prepare", "error"), REFUSED.values(), ids=REFUSED)
def test_refused_save(grow, prepare, error):
    grow("Rust", ["CSS"])
    instance = prepare()
    before, known = rows(), memory(instance)

    with pytest.raises(error):
        instance.save()
    assert rows() == before
    assert memory(instance) == known

    instance.slug = "quite-another"
    if not instance._state.adding:
        instance.parent_id = RoadmapNode.objects.get(pk=instance.pk).parent_id
    instance.save()
    assert node(instance.path).slug == "quite-another"
    assert findings() == []


BAD_MOVES = {
    "up": ("django/css", "django/html", "up", ValueError, "A position is one of"),
    "beside itself": ("django/css", "django/css", "left", InvalidMove, "sibling of itself"),
    "into itself": ("django/css", "django/css", "first-child", InvalidMove, "which is part of it"),
    "beside roadmap": (
        "django/css",
        "django",
        "left",
        InvalidMove,
        "cannot stand beside the roadmap",
    ),
    "roadmap": ("django", "django/css", "left", InvalidMove, "order roadmaps by their position"),
    "roadmaps": ("django", "django-step-by-step", "left", InvalidMove, "by their position"),
    "taken": (SECTION, "rust", "last-child", InvalidMove, "rust/css .“CSS”."),
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "target", "position", "error", "message"), BAD_MOVES.values(), ids=BAD_MOVES
)
def test_refused_move(grow, path, target, position, error, message):
    grow("Rust", ["CSS"])
    instance, place = node(path), node(target)
    before, known = rows(), memory(instance)

    with pytest.raises(error, match=message):
        instance.move_to(place, position)
    assert rows() == before
    assert memory(instance) == known
    instance.title = "Still here"
    instance.save()
    assert node(path).title == "Still here"
    assert findings() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("target", "position", "error"),
    [
        ("django/css", "up", ValueError),
        ("django", "left", InvalidMove),
        ("django", "right", InvalidMove),
    ],
)
def test_refused_insert(target, position, error):
    new, before = RoadmapNode(title="New"), rows()
    known = memory(new)

    with pytest.raises(error):
        new.insert_at(node(target), position, save=True)
    assert rows() == before
    assert memory(new) == known
    new.insert_at(node("django/css"), "left", save=True)
    assert findings() == []
