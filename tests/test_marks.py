"""Where marks are: in rows of an account, or in the session of a guest."""

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from random import Random

import pytest
from django.contrib.sessions.backends import db as database
from django.contrib.sessions.backends import signed_cookies
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from roadmaps import node
from threads import together

from django_roadmap import editing
from django_roadmap.counting import DONE, LEARNING, PENDING, SKIPPED
from django_roadmap.marks import (
    COOKIE_ROOM,
    NOTE_KEY,
    SESSION_KEY,
    AccountMarks,
    GuestMarks,
    TooManyMarks,
)
from django_roadmap.models import Progress, RoadmapNode
from django_roadmap.outline import Outline
from django_roadmap.progress import Learner

MARKED = [LEARNING, DONE, SKIPPED]

keys = st.integers(1, 2**63 - 1) | st.integers(1, 9)
plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | keys
nested = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner)
)
rubbish = nested | st.dictionaries(
    st.sampled_from([PENDING, *MARKED, "gone"]), nested | st.lists(keys | plain, max_size=5)
)


class Session(dict):
    """Knows whether it has been modified, as far as Django's would."""

    modified = False

    def __init__(self, found=None):
        super().__init__({} if found is None else {SESSION_KEY: found})

    def __setitem__(self, key, value):
        self.modified = True
        super().__setitem__(key, value)

    def pop(self, key, *default):
        self.modified = self.modified or key in self
        return super().pop(key, *default)


@pytest.fixture
def ann(django_user_model, db):
    return django_user_model.objects.create(username="ann")


@pytest.fixture
def bob(django_user_model, db):
    return django_user_model.objects.create(username="bob")


def topics(number, title="Large"):
    """The keys of the topics of a new roadmap."""
    root = editing.add(Outline(title, children=[Outline(f"Topic {n}") for n in range(number)]))
    rows = RoadmapNode.objects.filter(tree_id=root.tree_id).exclude(pk=root.pk)
    return list(rows.order_by("lft").values_list("pk", flat=True))


def marks_of(user):
    return dict(Progress.objects.filter(user=user).values_list("node_id", "state"))


def change(user, changed):
    return AccountMarks(user.pk).change("default", lambda marks: changed)


class TestAccount:
    def test_has_no_marks_at_first(self, ann, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert AccountMarks(ann.pk).read("default") == {}

    def test_reads_its_own(self, ann, bob, django_assert_num_queries):
        one, two, three = topics(3)
        change(ann, {one: DONE, two: SKIPPED})
        change(bob, {two: LEARNING, three: DONE})

        with django_assert_num_queries(1):
            assert AccountMarks(ann.pk).read("default") == {one: DONE, two: SKIPPED}
        assert AccountMarks(bob.pk).read("default") == {two: LEARNING, three: DONE}

    def test_changes_tell_before_and_after(self, ann, bob):
        one, two, three, four = topics(4)
        change(bob, dict.fromkeys((one, two, three, four), LEARNING))
        before = {one: LEARNING, two: DONE, three: SKIPPED}
        assert change(ann, {**before, four: PENDING}) == ({}, before)

        after = {two: SKIPPED, three: SKIPPED, four: DONE}
        assert change(ann, {one: PENDING, two: SKIPPED, four: DONE}) == (before, after)
        assert marks_of(ann) == after
        assert set(marks_of(bob).values()) == {LEARNING}
        assert len(marks_of(bob)) == 4

    def test_changes_are_made_of_the_marks_as_they_are(self, ann):
        [one] = topics(1)
        change(ann, {one: DONE})
        seen = []

        AccountMarks(ann.pk).change("default", lambda marks: seen.append(dict(marks)) or {})
        assert seen == [{one: DONE}]

    def test_a_change_to_the_same_writes_no_other_row(self, ann):
        one, two = topics(2)
        change(ann, {one: DONE, two: DONE})
        times = dict(Progress.objects.values_list("node_id", "updated_at"))
        rows = set(Progress.objects.values_list("pk", flat=True))
        change(ann, {two: LEARNING})

        assert set(Progress.objects.values_list("pk", flat=True)) == rows
        now = dict(Progress.objects.values_list("node_id", "updated_at"))
        assert now[one] == times[one]
        assert now[two] > times[two]

    @pytest.mark.parametrize("size", [1, 3, 2_000])
    def test_queries_are_as_many_for_any_number(self, ann, size, django_assert_num_queries):
        # A lock, the marks and what is written; a savepoint around them.
        pks = topics(3 * size)
        new, old, gone = pks[:size], pks[size : 2 * size], pks[2 * size :]
        with django_assert_num_queries(5):
            change(ann, dict.fromkeys(old + gone, LEARNING))
        with django_assert_num_queries(7):
            all_ways = dict.fromkeys(new + old, DONE) | dict.fromkeys(gone, PENDING)
            change(ann, all_ways)
        assert marks_of(ann) == dict.fromkeys(new + old, DONE)
        with django_assert_num_queries(4):
            change(ann, {})
        with django_assert_num_queries(5):
            change(ann, dict.fromkeys(pks, PENDING))
        assert not Progress.objects.exists()

    def test_ten_thousand_are_no_matter(self, ann, django_assert_num_queries):
        pks = topics(10_000)
        for state, rows in [(DONE, 10_000), (SKIPPED, 10_000), (PENDING, 0)]:
            with django_assert_num_queries(5):
                change(ann, dict.fromkeys(pks, state))
            assert Progress.objects.filter(state=state).count() == rows
        assert not Progress.objects.exists()

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("wrong", ["node", "state"])
    def test_is_changed_whole_or_not_at_all(self, django_user_model, wrong):
        ann = django_user_model.objects.create(username="ann")
        one, two, three, last = topics(4)
        change(ann, {one: LEARNING, two: LEARNING})
        before = list(Progress.objects.order_by("pk").values())
        if wrong == "node":
            RoadmapNode.objects.get(pk=last).delete()

        changed = {one: PENDING, two: DONE, three: DONE}
        with pytest.raises(DatabaseError):
            change(ann, {**changed, last: DONE if wrong == "node" else "unknown"})
        assert list(Progress.objects.order_by("pk").values()) == before

    def test_exports_in_reading_order(self, ann, bob, grow, django_assert_num_queries):
        grow("Python", {"Basics": ["Loops", "Names"], "Files": ["Paths"]})
        change(bob, {node("python/loops").pk: DONE})
        slugs = {"paths": DONE, "names": LEARNING, "loops": SKIPPED}
        for slug, state in slugs.items():
            change(ann, {node(f"python/{slug}").pk: state})

        with django_assert_num_queries(1):
            exported = AccountMarks(ann.pk).export("default")
        times = {row.node_id: row.updated_at for row in Progress.objects.filter(user=ann)}
        assert exported == [
            {
                "path": f"python/{slug}",
                "title": slug.title(),
                "state": slugs[slug],
                "updated_at": times[node(f"python/{slug}").pk],
            }
            for slug in ("loops", "names", "paths")
        ]


@pytest.mark.django_db(transaction=True)
class TestTogether:
    @pytest.fixture
    def ann(self, django_user_model):
        return django_user_model.objects.create(username="ann")

    @pytest.fixture
    def python(self, grow):
        return grow("Python", {"Basics": ["Loops", "Names"], "Files": ["Paths"]})

    def test_a_double_click_is_one_mark(self, ann, python):
        for state in (DONE, LEARNING, PENDING, SKIPPED):
            clicks = [lambda s=state: Learner.of_user(ann).mark("python/loops", s)] * 4
            assert together(*clicks) == []
            assert Learner.of_user(ann).states("python")["python/loops"] == state
            assert Progress.objects.count() == (state != PENDING)

    def test_two_tabs_leave_one_of_their_marks(self, ann, python):
        def click(seed):
            random = Random(seed)
            for _ in range(8):
                state = random.choice([PENDING, *MARKED])
                Learner.of_user(ann).mark("python/loops", state)

        assert together(*[lambda n=n: click(n) for n in range(4)]) == []
        assert Progress.objects.count() <= 1

    def test_a_parent_and_its_topics(self, ann, python):
        def click(path, *states):
            for state in states * 3:
                Learner.of_user(ann).mark(path, state)

        works = [
            lambda: click("python", DONE, PENDING),
            lambda: click("python/basics", SKIPPED, DONE),
            lambda: click("python/names", LEARNING, PENDING, DONE),
            lambda: click("python/paths", PENDING, LEARNING),
        ]
        assert together(*works) == []
        pks = list(Progress.objects.values_list("node_id", flat=True))
        assert len(pks) == len(set(pks)) <= 3

    def test_no_mark_is_lost(self, ann):
        pks = topics(12)
        works = [lambda part=part: [change(ann, {pk: DONE}) for pk in part] for part in parts(pks)]

        assert together(*works) == []
        assert marks_of(ann) == dict.fromkeys(pks, DONE)

    def test_accounts_share_topics(self, django_user_model):
        pks = topics(200)
        users = [django_user_model.objects.create(username=f"user {n}") for n in range(4)]

        def click(user, order):
            for state in (DONE, SKIPPED, PENDING, LEARNING):
                change(user, dict.fromkeys(order, state))

        assert together(*[lambda u=u: click(u, pks[:: 1 - 2 * (u.pk % 2)]) for u in users]) == []
        for user in users:
            assert marks_of(user) == dict.fromkeys(pks, LEARNING)

    @pytest.mark.skipif(connection.vendor == "sqlite", reason="all writers wait for each other")
    def test_accounts_never_wait_for_each_other(self, django_user_model):
        pks = topics(200)
        ann, bob = (django_user_model.objects.create(username=name) for name in ("ann", "bob"))
        change(bob, dict.fromkeys(pks, LEARNING))
        held, done = threading.Event(), threading.Event()

        def hold():
            with transaction.atomic():
                change(bob, dict.fromkeys(pks, DONE))
                held.set()
                assert done.wait(timeout=20)

        def click():
            assert held.wait(timeout=20)
            for state in (DONE, SKIPPED, PENDING, LEARNING):
                change(ann, dict.fromkeys(pks, state))
            done.set()

        assert together(hold, click) == []

    def test_the_last_one_wins(self, ann):
        [pk] = topics(1)
        entered = threading.Event()

        def first():
            with transaction.atomic():
                change(ann, {pk: DONE})
                entered.set()
                threading.Event().wait(0.3)

        def last():
            entered.wait(timeout=30)
            assert change(ann, {pk: SKIPPED}) == ({pk: DONE}, {pk: SKIPPED})

        assert together(first, last) == []
        assert marks_of(ann) == {pk: SKIPPED}

    def test_others_read_and_edit_at_the_same_time(self, ann, grow):
        grow("Python", {"Basics": [f"Topic {n}" for n in range(20)]})

        def edit():
            for number in range(10):
                node("python/topic-3").move_to(node("python/basics"), "last-child")
                RoadmapNode(title=f"New {number}", parent=node("python")).save()

        def mark():
            for state in (DONE, SKIPPED, PENDING, LEARNING) * 3:
                Learner.of_user(ann).mark("python/basics", state)
                assert Learner.of_user(ann).progress("python").topics

        assert together(edit, mark) == []
        assert list(marks_of(ann).values()) == [LEARNING] * 20


def parts(values):
    return [values[start::4] for start in range(4)]


class TestGuest:
    """Of a session that is a dict, as all are to whoever uses one."""

    @given(rubbish)
    def test_whatever_is_in_the_session_it_has_marks(self, found):
        guest = GuestMarks(Session(found))

        marks = guest.read()
        assert set(marks.values()) <= set(MARKED)
        assert all(type(pk) is int and 0 < pk < 2**63 for pk in marks)
        assert guest.session == Session(found)
        assert not guest.session.modified

    @given(rubbish, st.dictionaries(keys, st.sampled_from([PENDING, *MARKED])))
    def test_whatever_was_there_is_written_clean(self, found, changed):
        guest = GuestMarks(Session(found))
        before, after = guest.change("", lambda marks: changed)

        expected = {pk: s for pk, s in {**before, **changed}.items() if s != PENDING}
        assert after == expected
        assert guest.read() == expected
        if changed:
            clean = {s: sorted(pk for pk in after if after[pk] == s) for s in MARKED}
            clean = {state: pks for state, pks in clean.items() if pks}
            assert guest.session == ({SESSION_KEY: clean} if clean else {})
        else:
            assert guest.session == Session(found)
            assert not guest.session.modified

    @pytest.mark.parametrize(
        ("found", "marks"),
        [
            ({DONE: [1, 2], LEARNING: [3]}, {1: DONE, 2: DONE, 3: LEARNING}),
            ({DONE: [True, "4", 5.0, None, [6], {"7": 8}, -9, 0, 2**63, 10]}, {10: DONE}),
            ({DONE: [2**63 - 1]}, {2**63 - 1: DONE}),
            ({DONE: "123", LEARNING: {"1": 2}, SKIPPED: 3}, {}),
            ({PENDING: [1], "gone": [2], "1": DONE}, {}),
            ([DONE], {}),
            ("done", {}),
            (17, {}),
        ],
    )
    def test_has_what_is_a_mark(self, found, marks):
        assert GuestMarks(Session(found)).read() == marks

    def test_stores_nothing_until_something_is_marked(self):
        session = Session()
        guest = GuestMarks(session)
        assert guest.read() == {}
        assert guest.change("", lambda marks: {}) == ({}, {})
        assert not guest.take_note()
        assert session == {}
        assert not session.modified

        assert guest.change("", lambda marks: {5: DONE, 3: DONE}) == ({}, {5: DONE, 3: DONE})
        assert session == {SESSION_KEY: {DONE: [3, 5]}}
        assert session.modified

    def test_leaves_nothing_when_all_is_taken_back(self):
        guest = GuestMarks(Session({DONE: [3], LEARNING: [5]}))

        guest.change("", lambda marks: {3: PENDING})
        assert guest.session == {SESSION_KEY: {LEARNING: [5]}}
        assert guest.change("", lambda marks: {5: PENDING}) == ({5: LEARNING}, {})
        assert guest.session == {}

    def test_takes_a_note_once(self):
        guest = GuestMarks(Session())
        guest.leave_note()

        assert guest.session.modified
        assert [guest.take_note() for _ in range(3)] == [True, False, False]
        assert guest.session == {NOTE_KEY: False}
        guest.session.modified = False
        guest.leave_note()
        assert not any(guest.take_note(is_due) for is_due in (False, True))
        assert not guest.session.modified

    def test_takes_a_note_that_is_due_though_nothing_is_stored(self):
        guest = GuestMarks(Session())

        assert [guest.take_note(is_due) for is_due in (True, False, True)] == [True, False, True]
        assert guest.session == {}
        assert not guest.session.modified

    def test_what_is_stored_goes_through_a_session(self, db):
        store = database.SessionStore()
        GuestMarks(store).change("", lambda marks: {2: DONE, 1: SKIPPED, 7: LEARNING})
        store.save()

        again = GuestMarks(database.SessionStore(store.session_key))
        assert again.read() == {2: DONE, 1: SKIPPED, 7: LEARNING}

    def test_exports_in_reading_order(self, grow, django_assert_num_queries):
        grow("Python", {"Basics": ["Loops", "Names"], "Files": ["Paths"]})
        slugs = {"loops": SKIPPED, "names": LEARNING, "paths": DONE}
        found = {slugs[slug]: [node(f"python/{slug}").pk, 2**63 - 1] for slug in slugs}
        guest = GuestMarks(Session(found))

        with django_assert_num_queries(1):
            exported = guest.export("default")
        assert exported == [
            {"path": f"python/{slug}", "title": slug.title(), "state": slugs[slug]}
            for slug in slugs
        ]


class TestCookie:
    """A session that is a cookie has little room."""

    def session(self, **values):
        """As a visit finds it."""
        store = signed_cookies.SessionStore()
        store.update(values)
        if values:
            store.save()
        return signed_cookies.SessionStore(store.session_key)

    def test_takes_marks_as_long_as_there_is_room(self):
        guest = GuestMarks(self.session())

        # In no order, so that they take the room they take.
        marks, pks = {}, Random(1).sample(range(10**12), 2000)
        with suppress(TooManyMarks):
            for pk in pks:
                marks = guest.change("", lambda marks, pk=pk: {pk: DONE})[1]
        assert 100 < len(marks) < 2000
        session = signed_cookies.SessionStore(guest.session.session_key)
        assert COOKIE_ROOM - 50 < len(session.session_key) <= COOKIE_ROOM
        assert GuestMarks(session).read() == marks

    @pytest.mark.parametrize("found", [{}, {"other": 1}, {SESSION_KEY: {DONE: [1]}, "other": 1}])
    def test_too_many_leave_all_as_it_was(self, found):
        session = self.session(**found)
        many = Random(1).sample(range(10**12), 2000)
        with pytest.raises(TooManyMarks):
            GuestMarks(session).change("", lambda marks: dict.fromkeys(many, DONE))

        assert dict(session.items()) == found
        assert not session.modified
        assert dict(signed_cookies.SessionStore(session.session_key).items()) == found

    def test_too_many_leave_what_else_has_changed(self):
        session = self.session()
        session["other"] = 1
        many = Random(1).sample(range(10**12), 2000)
        with pytest.raises(TooManyMarks):
            GuestMarks(session).change("", lambda marks: dict.fromkeys(many, DONE))

        assert dict(session.items()) == {"other": 1}
        assert session.modified

    def test_of_a_full_one_marks_can_be_taken_back(self):
        session = self.session(
            other="".join(Random(1).choices("abcdefghijklmnopqrstuvwxyz", k=6000)),
            **{SESSION_KEY: {DONE: [1, 2], LEARNING: [3]}},
        )
        assert len(session.session_key) > COOKIE_ROOM

        guest = GuestMarks(session)
        guest.change("", lambda marks: {1: PENDING})
        assert guest.read() == {2: DONE, 3: LEARNING}
        guest.change("", lambda marks: {2: PENDING, 3: PENDING})
        assert SESSION_KEY not in session


def test_keys_of_accounts_may_be_uuids():
    in_memory = "file:members?mode=memory&cache=shared"
    name = in_memory if connection.vendor == "sqlite" else f"test_members_{os.getpid()}"
    path = os.pathsep.join(filter(None, sys.path))
    process = subprocess.run(
        [sys.executable, "-m", "members", name],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (process.returncode, process.stderr) == (0, "")
    css, middleware = "django/css", "django/middleware"
    assert json.loads(process.stdout) == {
        "key": "UUID",
        "rows": {css: DONE, middleware: LEARNING},
        "exported": {css: DONE, middleware: LEARNING},
        "done": 1,
        "removed": 2,
        "left": [["bob@example.org", SKIPPED]],
    }
