"""The lock of a roadmap: one UPDATE before all else, for as long as a block lasts."""

import threading
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection, models, transaction
from roadmaps import node
from soundness import findings
from threads import together

from django_roadmap import editing, locking
from django_roadmap.models import Resource, Roadmap, RoadmapNode
from django_roadmap.outline import Outline

SECTION = "django/frontend-basics"
STAGES = "django-step-by-step"


def tree(path="django"):
    return node(path).tree_id


def version(path="django"):
    return node(path).version


@contextmanager
def statements():
    """The statements inside transactions, and their parameters, as they come."""
    seen = []

    def see(execute, sql, params, many, context):
        if connection.in_atomic_block and not sql.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(see):
        yield seen


def locks(seen):
    return [params for sql, params in seen if sql.startswith("UPDATE") and "version" in sql]


@pytest.mark.django_db(transaction=True)
class TestFirst:
    @pytest.mark.parametrize(
        ("edit", "roadmaps"),
        [
            (lambda css: RoadmapNode(title="New", parent=css).save(), 1),
            (lambda css: RoadmapNode(title="New").insert_at(css, "left", save=True), 1),
            (lambda css: css.save(), 1),
            (lambda css: css.save(update_fields=["title"]), 1),
            (lambda css: (setattr(css, "slug", "styles"), css.save()), 1),
            (lambda css: (setattr(css, "parent", node(STAGES)), css.save()), 2),
            (lambda css: css.move_to(node("django/html"), "left"), 1),
            (lambda css: css.move_to(node(STAGES)), 2),
            (lambda css: css.delete(), 1),
            (lambda css: css.parent.delete(), 1),
            (lambda css: RoadmapNode.objects.filter(level=2).update(minutes=5), 1),
            (lambda css: RoadmapNode.objects.filter(level=1).delete(), 2),
            (lambda css: css.resources.create(title="New", url="https://example.org/"), 1),
            (lambda css: Resource.objects.all().delete(), 1),
            (lambda css: editing.add(Outline("New"), css), 1),
            (lambda css: editing.copy(css, node("django/html")), 1),
            (lambda css: editing.copy(css, node(STAGES)), 2),
            (lambda css: editing.replace(css, Outline("New")), 1),
            (lambda css: editing.touch(), 2),
        ],
        ids=[
            *("create", "insert_at", "save", "save a field", "rename", "reparent away", "move"),
            *("move away", "delete", "delete branch", "update", "queryset.delete"),
            *("resource", "delete resources"),
            *("add", "copy", "copy away", "replace", "touch"),
        ],
    )
    @pytest.mark.usefixtures("bare")
    def test_statement_of_a_write_locks(self, edit, roadmaps):
        css = node("django/css")
        css.resources.create(title="MDN", url="https://developer.mozilla.org/")
        with statements() as seen:
            edit(css)

        assert len(locks(seen)) == roadmaps
        assert locks(seen[:roadmaps]) == locks(seen)
        assert findings() == []

    def test_comes_the_smaller_tree_id_whoever_moves(self):
        small, large = sorted([node("django"), node(STAGES)], key=lambda root: root.tree_id)
        for source, target in (small, large), (large, small):
            with statements() as seen:
                source.get_leafnodes()[0].move_to(target)
            assert [params[-1] for params in locks(seen)] == [small.tree_id, large.tree_id]

    def test_comes_the_smaller_tree_id_in_bulk_too(self):
        ids = sorted([tree("django"), tree(STAGES)])
        for edit in (
            lambda: RoadmapNode.objects.order_by("-tree_id").update(minutes=5),
            lambda: RoadmapNode.objects.filter(level=1).delete(),
            lambda: editing.copy(node("django"), node(STAGES)),
            editing.touch,
        ):
            with statements() as seen:
                edit()
            assert [params[-1] for params in locks(seen)][:2] == ids

    @pytest.mark.parametrize(
        "edit",
        [
            lambda css, html: (setattr(css, "parent", html), css.save(update_fields=["parent"])),
            lambda css, html: css.move_to(html),
            editing.copy,
            lambda css, html: RoadmapNode(title="New", parent=html).save(),
        ],
        ids=["reparent", "move", "copy", "create"],
    )
    def test_is_let_go_before_another_is_taken_where_stale_nodes_are(self, edit):
        """And not taken again, which would be the other way round than others take them."""
        css, html = node("django/css"), node("django/html")
        for moved in ("django/css", "django/html"):
            node(moved).move_to(node(STAGES))
        with statements() as seen:
            edit(css, html)

        assert [params[-1] for params in locks(seen)] == [tree(), tree(STAGES)]
        assert findings() == []


@pytest.mark.django_db
class TestLock:
    def test_of_one_roadmap_gives_that_a_new_version(self):
        before, other = version(), version(STAGES)
        with locking.lock(RoadmapNode, "default", [tree()]):
            assert version() != before

        assert version(STAGES) == other

    def test_is_taken_only_at_the_version_that_is_expected(self):
        seen = {tree(): version(), tree(STAGES): version(STAGES)}
        with locking.lock(RoadmapNode, "default", seen, seen):
            assert version() != seen[tree()]
        there = version(STAGES)
        with (
            pytest.raises(locking.Outdated),
            locking.lock(RoadmapNode, "default", seen, {tree(STAGES): seen[tree(STAGES)]}),
        ):
            pass

        # Nothing is left of the lock that had been taken before.
        assert version(STAGES) == there

    def test_nests_without_a_second_update(self):
        both = [tree(), tree(STAGES)]
        with statements() as seen, locking.lock(RoadmapNode, "default", both[:1]):
            with locking.lock(RoadmapNode, "default", both[:1]):
                held = version()
            with locking.lock(RoadmapNode, "default", both):
                assert locking.is_held("default", both)
            assert version() == held
            assert not locking.is_held("default", both)

        assert len(locks(seen)) == 2

    def test_is_held_inside_only(self):
        ours, others = [tree()], [tree(), tree(STAGES)]
        assert not locking.is_held("default", ours)
        with locking.lock(RoadmapNode, "default", ours):
            assert locking.is_held("default", ours)
            assert not locking.is_held("default", others)
            assert not locking.is_held("other", ours)
        assert not locking.is_held("default", ours)
        assert locking.is_held("default", [])

    def test_is_given_back_after_an_error(self):
        before, ours = version(), [tree()]
        with pytest.raises(ZeroDivisionError), locking.lock(RoadmapNode, "default", ours):
            raise ZeroDivisionError

        assert not locking.is_held("default", ours)
        assert version() == before

    @pytest.mark.parametrize(
        ("damage", "next_lft"),
        [({"lft": 2}, 2), ({"lft": 2}, 1), ({"lft": 0}, 2), ({"lft": 0}, 1), ({"level": 3}, 2)],
        ids=str,
    )
    def test_finds_a_damaged_root(self, damage, next_lft):
        before, ours = version(), tree()
        models.QuerySet(RoadmapNode).filter(path="django").update(**damage)
        models.QuerySet(RoadmapNode).filter(path="django/beginner-level").update(lft=next_lft)
        with locking.lock(RoadmapNode, "default", [ours], {ours: before}):
            assert version() != before
        with (
            pytest.raises(locking.Outdated),
            locking.lock(RoadmapNode, "default", [ours], {ours: before}),
        ):
            pass
        with locking.lock(RoadmapNode, "default", [ours]):
            assert version() != before

    def test_of_another_version_looks_at_no_other_roadmap(self):
        with (
            statements() as seen,
            pytest.raises(locking.Outdated),
            locking.lock(RoadmapNode, "default", [tree()], {tree(): "another"}),
        ):
            pass

        assert len(locks(seen)) == 1

    def test_of_no_roadmap_is_a_transaction(self):
        with statements() as seen, locking.lock(RoadmapNode, "default", [12345]):
            assert connection.in_atomic_block

        assert len(locks(seen)) == 2

    def test_belongs_to_one_connection(self):
        ours, held = [tree()], []
        with locking.lock(RoadmapNode, "default", ours):
            work = threading.Thread(target=lambda: held.append(locking.is_held("default", ours)))
            work.start()
            work.join()

        assert held == [False]


@pytest.mark.django_db
class TestLockNodes:
    def nodes(self, *nodes):
        return locking.lock_nodes(RoadmapNode, "default", nodes)

    def test_reads_them_again(self):
        css = node("django/css")
        RoadmapNode.objects.filter(pk=css.pk).update(title="Styles")
        with self.nodes((css.pk, css.tree_id), (0, css.tree_id), (None, None)) as found:
            assert [other and other.title for other in found] == ["Styles", None, None]
            assert locking.is_held("default", [css.tree_id])

    @pytest.mark.parametrize("hint", [None, 12345, STAGES])
    def test_locks_where_they_are_now(self, hint):
        css, other = node("django/css"), version(STAGES)
        before = version()
        seen_in = tree(hint) if hint == STAGES else hint
        with self.nodes((css.pk, seen_in)) as [found]:
            assert found == css
            assert locking.is_held("default", [css.tree_id])

        assert version() != before
        assert version(STAGES) == other

    def test_gives_up_on_one_that_is_never_where_it_was(self):
        css, moves = node("django/css"), []
        rows = models.QuerySet(RoadmapNode).filter(pk=css.pk)

        def move(execute, sql, *args):
            if sql.startswith("SELECT"):
                moves.append(sql)
                rows.update(tree_id=9000 + len(moves))
            return execute(sql, *args)

        entered, block = [], self.nodes((css.pk, css.tree_id))
        with (
            pytest.raises(OperationalError, match="try again"),
            connection.execute_wrapper(move),
            block,
        ):
            entered.append(css)

        # And once before, since MariaDB would keep a lock until the end of our transaction.
        assert len(moves) == locking.ATTEMPTS + (connection.vendor == "mysql")
        assert not entered
        rows.update(tree_id=css.tree_id)
        assert findings() == []

    def test_lets_errors_of_the_block_pass(self):
        css, before = node("django/css"), version()
        with pytest.raises(ZeroDivisionError), self.nodes((css.pk, css.tree_id)):
            raise ZeroDivisionError

        assert not locking.is_held("default", [css.tree_id])
        assert version() == before


def deadlocks(number):
    """The first locks end with MariaDB's error for a deadlock."""
    errors = [OperationalError(locking.MARIADB_DEADLOCK, "Deadlock found")] * number

    def fail(execute, sql, *args):
        if sql.startswith("UPDATE") and "version" in sql and errors:
            raise errors.pop()
        return execute(sql, *args)

    return connection.execute_wrapper(fail)


@pytest.mark.django_db(transaction=True)
class TestDeadlock:
    def test_before_anything_is_done_is_nothing_to_tell(self):
        with deadlocks(locking.ATTEMPTS):
            node("django/css").move_to(node(STAGES))

        assert node(f"{STAGES}/css").parent.path == STAGES
        assert findings() == []

    def test_again_and_again_is_an_error(self):
        with deadlocks(locking.ATTEMPTS + 1), pytest.raises(OperationalError, match="Deadlock"):
            node("django/css").move_to(node(STAGES))

    def test_in_a_transaction_of_others_is_an_error(self):
        with pytest.raises(OperationalError), deadlocks(1), transaction.atomic():
            node("django/css").move_to(node(STAGES))

        assert node("django/css").parent.path == SECTION

    def test_only_is_tried_again(self):
        def fail(execute, sql, *args):
            raise OperationalError("disk full")

        css, stages = node("django/css"), node(STAGES)
        with pytest.raises(OperationalError, match="full"), connection.execute_wrapper(fail):
            css.move_to(stages)


@pytest.mark.django_db(transaction=True)
class TestThreads:
    def test_that_edit_one_roadmap_leave_it_sound(self):
        def add_and_move(name):
            for number in range(6):
                new = RoadmapNode(title=f"{name} {number}", parent=node(SECTION))
                new.save()
                new.move_to(node("django/html"), "left")

        def delete():
            for slug in ("models", "css", "middleware", "sessions", "functions"):
                RoadmapNode.objects.filter(path=f"django/{slug}").delete()

        assert together(lambda: add_and_move("a"), lambda: add_and_move("b"), delete) == []
        assert findings() == []
        slugs = [child.slug for child in node(SECTION).get_children()]
        assert [slug for slug in slugs if slug.startswith("a-")] == [f"a-{n}" for n in range(6)]
        assert [slug for slug in slugs if slug.startswith("b-")] == [f"b-{n}" for n in range(6)]

    def test_that_edit_an_old_copy_leave_it_sound(self):
        copies = [node("django/css"), node("django/css")]
        places = [node("django/middleware"), node("django/functions")]

        def move(copy, place):
            for _ in range(5):
                copy.move_to(place)
                copy.title += "!"
                copy.save()

        edits = [lambda pair=pair: move(*pair) for pair in zip(copies, places, strict=True)]
        assert together(*edits) == []
        assert findings() == []
        assert node("django/css").parent in places

    def test_that_add_roadmaps_share_neither_tree_nor_path(self):
        def add(title):
            root = RoadmapNode(title=title)
            root.save()
            RoadmapNode(title="Basics", parent=root).save()

        errors = together(*[lambda n=n: add(f"Roadmap {n}") for n in range(8)])
        assert errors == []
        assert len({root.tree_id for root in Roadmap.roots.all()}) == 10
        assert RoadmapNode.objects.filter(slug="basics").count() == 8
        assert findings() == []

    def test_that_add_the_same_roadmap_get_one_each(self):
        errors = together(*[lambda: RoadmapNode(title="Same").save() for _ in range(8)])

        assert errors == []
        added = Roadmap.roots.filter(title="Same")
        assert len({root.tree_id for root in added}) == 8
        assert {root.slug for root in added} == {"same", *(f"same-{n}" for n in range(2, 9))}
        assert findings() == []

    @pytest.mark.skipif(connection.vendor == "sqlite", reason="all writers wait for each other")
    def test_that_edit_two_roadmaps_never_wait_for_each_other(self):
        edits = [
            lambda: RoadmapNode.objects.create(title="New", parent=node(STAGES)),
            lambda: editing.replace(node(STAGES), Outline("Stages", children=[Outline("New")])),
            lambda: node(f"{STAGES}/new").move_to(node(STAGES), "first-child"),
            lambda: RoadmapNode.objects.filter(path__startswith=STAGES).update(minutes=5),
            lambda: node(f"{STAGES}/new").delete(),
            lambda: editing.rename(node(STAGES), "stages"),
            lambda: RoadmapNode.objects.create(title="Another roadmap"),
            lambda: editing.add(Outline("One more", children=[Outline("New")])).delete(),
        ]
        with transaction.atomic():
            node("django/css").move_to(node("django"), "first-child")
            node("django/html").delete()

            def edit():
                for each in edits:
                    each()

            assert together(edit) == []
        assert findings() == []

    def test_that_wait_see_what_came_first(self):
        css, started = node("django/css"), threading.Event()

        def rename():
            started.wait(timeout=30)
            copy = node("django/css")
            copy.title = "Styles"
            copy.save()

        def hold():
            with transaction.atomic():
                css.move_to(node("django/middleware"))
                started.set()
                threading.Event().wait(0.3)

        assert together(hold, rename) == []
        now = node("django/css")
        assert (now.title, now.parent.slug) == ("Styles", "middleware")

    def test_close_no_circle_of_prerequisites(self):
        css, html, started = node("django/css"), node("django/html"), threading.Event()

        def wait():
            started.wait(timeout=30)
            html.prerequisites.add(css)

        def hold():
            with transaction.atomic():
                css.prerequisites.add(html)
                started.set()
                threading.Event().wait(0.3)

        (error,) = together(hold, wait)
        assert "django/html → django/css → django/html" in str(error)
        assert not html.prerequisites.exists()
