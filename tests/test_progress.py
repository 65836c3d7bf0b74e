"""A learner, by account or as a guest: marks, counts and what comes next."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends import signed_cookies
from django.contrib.sessions.backends.db import SessionStore
from django.db import models, transaction
from django.test import override_settings
from roadmaps import node

from django_roadmap import editing, editions, progress
from django_roadmap.counting import DONE, LEARNING, PENDING, SKIPPED, Counts
from django_roadmap.marks import SESSION_KEY
from django_roadmap.models import Progress, RoadmapNode
from django_roadmap.outline import Outline
from django_roadmap.plans import Step
from django_roadmap.progress import STATES, Learner, TooManyMarks

pytestmark = pytest.mark.django_db


@pytest.fixture
def python(grow):
    root = grow("Python", {"Basics": ["Loops", "Names"], "Files": ["Paths"]})
    change("python/loops", minutes=30)
    change("python/paths", minutes=45)
    return root


@pytest.fixture
def account(django_user_model):
    """``account("ann")`` is the learner with this account."""

    def of(name):
        return Learner.of_user(django_user_model.objects.get_or_create(username=name)[0])

    return of


@pytest.fixture
def ann(account):
    return account("ann")


@pytest.fixture(params=["account", "guest"])
def learner(request, account, rf):
    if request.param == "account":
        return account("ann")
    visit = rf.get("/")
    visit.session = SessionStore()
    return Learner.of(visit)


def change(path, **fields):
    RoadmapNode.objects.filter(path=path).update(**fields)


def rows(**wanted):
    """All marks of accounts, to compare before and after."""
    return list(Progress.objects.filter(**wanted).order_by("pk").values())


def marks(learner):
    """By slug."""
    found = learner.export("default")
    return {row["path"].rpartition("/")[2]: row["state"] for row in found}


class TestOf:
    def test_an_account(self, rf, django_user_model):
        request = rf.get("/")
        request.user = django_user_model.objects.create(username="ann")
        request.session = SessionStore()
        learner = Learner.of(request)

        assert learner.user == request.user
        assert not learner.is_guest

    def test_an_account_without_sessions(self, rf, django_user_model):
        request = rf.get("/")
        request.user = django_user_model.objects.create(username="ann")
        assert Learner.of(request).user == request.user

    @pytest.mark.parametrize("attributes", [{}, {"user": None}, {"user": AnonymousUser()}])
    def test_a_guest(self, rf, attributes, django_assert_num_queries):
        request = rf.get("/")
        request.session = SessionStore()
        vars(request).update(attributes)
        with django_assert_num_queries(0):
            learner = Learner.of(request)

        assert learner.user is None
        assert learner.is_guest
        assert not request.session.accessed

    @pytest.mark.parametrize(
        "attributes",
        [
            {},
            {"user": AnonymousUser()},
            {"session": None},
            {"user": SimpleNamespace(is_authenticated=True), "session": {}},
            {"user": SimpleNamespace(is_authenticated=True, pk=1), "session": {}},
        ],
    )
    def test_nobody(self, rf, attributes):
        request = rf.get("/")
        vars(request).update(attributes)
        assert Learner.of(request) is None

    def test_nobody_without_a_request(self):
        assert Learner.of(None) is None

    def test_nobody_is_an_account_that_is_not_saved(self, rf, django_user_model):
        request = rf.get("/")
        request.user, request.session = django_user_model(username="ann"), {}
        assert Learner.of(request) is None

    def test_a_signed_in_visitor(self, client, python, ann):
        client.force_login(ann.user)
        client.post("/roadmaps/-/mark/", {})
        assert Learner.of(client.get("/roadmaps/python/").wsgi_request).user == ann.user


class TestStanding:
    def test_of_somebody_new(self, learner, python):
        assert set(learner.states("python").values()) == {PENDING}
        assert learner.progress("python") == Counts(3)
        assert learner.time_left("python") == (75, True)
        assert learner.next_step("python") == Step("python/loops", "Loops", PENDING, 30)
        assert learner.export("default") == []

    def test_of_a_roadmap(self, learner, python):
        node("python/loops").prerequisites.add(node("python/names"))
        learner.mark("python/paths", DONE)
        learner.mark("python/loops", LEARNING)

        assert learner.states("python") == {
            "python": LEARNING,
            "python/basics": LEARNING,
            "python/loops": LEARNING,
            "python/names": PENDING,
            "python/files": DONE,
            "python/paths": DONE,
        }
        assert learner.progress("python") == Counts(3, learning=1, done=1)
        assert learner.time_left("python") == (30, True)
        assert learner.next_step("python") == Step("python/names", "Names", PENDING, None)
        learner.mark("python/names", SKIPPED)
        assert learner.next_step("python") == Step("python/loops", "Loops", LEARNING, 30)
        learner.mark("python/loops", DONE)
        assert learner.next_step("python") is None
        assert learner.time_left("python") is None
        assert learner.progress("python").percent == 100

    @pytest.mark.parametrize("name", [lambda path: path, node], ids=["path", "node"])
    def test_of_a_branch(self, learner, python, name):
        learner.mark(name("python/names"), SKIPPED)

        assert learner.states(name("python/basics")) == {
            "python/basics": PENDING,
            "python/loops": PENDING,
            "python/names": SKIPPED,
        }
        assert learner.progress(name("python/basics")) == Counts(2, skipped=1)
        assert learner.progress(name("python/names")) == Counts(1, skipped=1)
        assert learner.time_left(name("python/files")) == (45, False)
        assert learner.next_step(name("python/files")).path == "python/paths"
        assert learner.next_step(name("python/names")) is None

    def test_of_the_first_roadmap(self, alone, learner, grow):
        grow("Second", ["Two"], position=2)
        grow("First", ["One"], position=1)
        learner.mark("first/one", DONE)

        assert learner.states() == {"first": DONE, "first/one": DONE}
        assert learner.progress() == Counts(1, done=1)
        assert learner.time_left() is learner.next_step() is None
        assert learner.reset() == 1
        assert learner.progress() == Counts(1)

    def test_of_a_node_that_was_renamed(self, learner, python):
        learner.mark("python/loops", DONE)
        old = node("python/loops")
        renamed = node("python/loops")
        renamed.slug = "iteration"
        renamed.save()

        assert learner.progress(old).done == 1
        assert learner.states("python")["python/iteration"] == DONE

    def test_queries(self, ann, python, django_assert_num_queries):
        ann.mark("python/loops", DONE)
        for read in (ann.states, ann.progress, ann.time_left, ann.next_step):
            with django_assert_num_queries(2):
                read("python/basics")

    def test_queries_of_guests(self, rf, python, django_assert_num_queries):
        request = rf.get("/")
        request.session = {SESSION_KEY: {DONE: [node("python/loops").pk]}}
        guest = Learner.of(request)
        guest.progress("python")
        with django_assert_num_queries(1):
            assert guest.progress("python") == Counts(3, done=1)

    @pytest.mark.parametrize(
        "call",
        [
            Learner.states,
            Learner.progress,
            Learner.time_left,
            Learner.next_step,
            Learner.reset,
            lambda learner, target: learner.mark(target, DONE),
        ],
    )
    @pytest.mark.parametrize("hidden", ["python/names", "python/basics", "python"])
    def test_of_what_is_not_there_or_not_published(self, learner, python, call, hidden):
        names, new = node("python/names"), RoadmapNode(title="New")
        learner.mark("python/names", LEARNING)
        change(hidden, is_published=False)
        before, session = rows(), learner.export("default")

        for target in (names, names.path, "python/gone", "gone", "", new, None, 17):
            with pytest.raises(RoadmapNode.DoesNotExist):
                call(learner, target)
        assert rows() == before
        assert learner.export("default") == session

    def test_of_nothing(self, alone, learner):
        for call in (learner.states, learner.progress, learner.next_step, learner.reset):
            with pytest.raises(RoadmapNode.DoesNotExist):
                call()


class TestMark:
    def test_gives_a_topic_each_state(self, learner, python):
        for state in (LEARNING, DONE, SKIPPED, PENDING, SKIPPED, LEARNING, PENDING, DONE):
            learner.mark("python/loops", state)
            assert marks(learner) == ({"loops": state} if state != PENDING else {})

    def test_is_of_a_node_as_well(self, learner, python):
        learner.mark(node("python/loops"), DONE)
        assert marks(learner) == {"loops": DONE}

    def test_tells_where_the_learner_stands(self, learner, python):
        marked = learner.mark("python/loops", DONE)
        assert marked.is_first
        assert marked.standing.counts() == learner.progress("python") == Counts(3, done=1)

        marked = learner.mark("python/names", LEARNING)
        assert not marked.is_first
        assert marked.standing.counts() == learner.progress("python")
        learner.reset("python")
        assert learner.mark("python/names", LEARNING).is_first

    def test_of_a_parent_is_for_the_topics_that_count(self, learner, python, grow):
        grow("Deep", ["Deeper", "Aside", "Draft"], parent=node("python/basics"))
        grow("Extra", ["Reading"], parent=node("python/basics"), is_optional=True)
        change("python/aside", is_optional=True)
        change("python/draft", is_published=False)
        learner.mark("python/reading", LEARNING)
        learner.mark("python/paths", LEARNING)
        learner.mark("python/basics", DONE)

        others = {"reading": LEARNING, "paths": LEARNING}
        assert marks(learner) == {"loops": DONE, "names": DONE, "deeper": DONE, **others}
        learner.mark("python/basics", PENDING)
        assert marks(learner) == others
        learner.mark("python/extra", DONE)
        assert marks(learner) == {**others, "reading": DONE}
        learner.mark("python/aside", DONE)
        assert marks(learner) == {**others, "reading": DONE, "aside": DONE}

    def test_of_a_parent_without_topics_is_nothing(self, learner, grow):
        grow("Python", {"Basics": ["Loops"]})
        change("python/loops", is_optional=True)
        marked = learner.mark("python", DONE)

        assert not marked.is_first
        assert marks(learner) == {}

    @pytest.mark.parametrize("state", ["", "Done", "finished", None, True, 1, ["done"]])
    def test_of_an_unknown_state_is_refused(self, learner, python, state):
        learner.mark("python/loops", LEARNING)
        with pytest.raises(ValueError, match="A state is one of pending, skipped, learning, done"):
            learner.mark("python", state)
        assert marks(learner) == {"loops": LEARNING}

    def test_is_of_one_learner(self, account, python):
        ann, bob = account("ann"), account("bob")
        bob.mark("python", LEARNING)
        before = rows(user=bob.user)
        for state in (*STATES, PENDING):
            ann.mark("python", state)
            assert rows(user=bob.user) == before
        ann.mark("python", DONE)
        assert ann.reset("python") == 3

        assert rows() == before
        assert bob.progress("python") == Counts(3, learning=3)
        assert ann.progress("python") == Counts(3)
        assert {row["state"] for row in bob.export("default")} == {LEARNING}

    def test_keeps_marks_that_sleep(self, learner, python, grow):
        learner.mark("python/loops", DONE)
        grow("For", parent=node("python/loops"))
        assert learner.progress("python") == Counts(3)
        for state in (LEARNING, PENDING):
            learner.mark("python", state)
            assert marks(learner)["loops"] == DONE

        node("python/for").delete()
        assert learner.progress("python") == Counts(3, done=1)

    def test_keeps_those_of_what_is_unpublished(self, learner, python):
        learner.mark("python/loops", DONE)
        change("python/loops", is_published=False)
        learner.mark("python", LEARNING)

        assert marks(learner) == {"loops": DONE, "names": LEARNING, "paths": LEARNING}
        change("python/loops", is_published=True)
        assert learner.states("python")["python/loops"] == DONE

    def test_survives_renames_and_moves(self, learner, python):
        learner.mark("python/loops", DONE)
        loops = node("python/loops")
        loops.slug = "iteration"
        loops.save()
        node("python/iteration").move_to(node("python/files"))

        assert learner.states("python/files")["python/iteration"] == DONE

    def test_goes_with_the_node_and_the_account(self, account, python):
        ann, bob = account("ann"), account("bob")
        for learner in (ann, bob):
            learner.mark("python", DONE)
        node("python/loops").delete()
        assert marks(ann) == marks(bob) == {"names": DONE, "paths": DONE}

        ann.user.delete()
        assert set(Progress.objects.values_list("user__username", flat=True)) == {"bob"}

    @pytest.mark.parametrize("size", [3, 3_000])
    @pytest.mark.parametrize("state", [DONE, PENDING])
    def test_queries_are_as_many_at_any_size(self, ann, size, state, django_assert_num_queries):
        outline = Outline("Road", children=[Outline(f"Topic {n}") for n in range(size)])
        root = editing.add(outline)
        ann.mark("road/topic-1", LEARNING)
        editions._recent.clear()
        change("road", summary="Changed")

        # The roadmap, its plan of two, the lock, the marks and what is written, new and changed
        # or taken back; and the savepoint around it, which is two statements.
        with django_assert_num_queries((7 if state == DONE else 6) + 2):
            ann.mark(root, state)
        ann.mark("road/topic-1", PENDING if state == DONE else DONE)
        ann.mark("road/topic-2", LEARNING)
        with django_assert_num_queries((5 if state == DONE else 4) + 2):
            ann.mark(root, state)
        assert len(rows()) == (size if state == DONE else 0)
        with django_assert_num_queries(5):
            ann.mark("road", state)
        with django_assert_num_queries(6):
            ann.mark("road/topic-1", SKIPPED)


class TestMarkOfWhatIsGone:
    def deleting(self, monkeypatch, path):
        """Delete a node when a mark in its roadmap is about to be written."""
        change = progress.AccountMarks.change

        def delete(self, *args):
            node(path).delete()
            return change(self, *args)

        monkeypatch.setattr(progress.AccountMarks, "change", delete)

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("target", ["python/loops", "python/basics", "python"])
    def test_is_refused_and_nothing_is_written(self, grow, account, monkeypatch, target):
        grow("Python", {"Basics": ["Loops", "Names"], "Files": ["Paths"]})
        ann = account("ann")
        ann.mark("python/names", LEARNING)
        before = rows()
        self.deleting(monkeypatch, "python/loops")

        with pytest.raises(RoadmapNode.DoesNotExist, match=f"No node is at '{target}'"):
            ann.mark(target, DONE)
        assert rows() == before

    @pytest.mark.django_db(transaction=True)
    def test_in_a_transaction_is_an_error_of_that(self, grow, account, monkeypatch):
        grow("Python", ["Loops", "Names"])
        ann = account("ann")
        self.deleting(monkeypatch, "python/loops")

        with (
            pytest.raises((RoadmapNode.DoesNotExist, progress.IntegrityError)),
            transaction.atomic(),
        ):
            ann.mark("python", DONE)
        assert rows() == []

    def test_to_take_it_back_is_no_matter(self, python, ann, monkeypatch):
        ann.mark("python", DONE)
        self.deleting(monkeypatch, "python/loops")
        ann.mark("python/basics", PENDING)
        assert marks(ann) == {"paths": DONE}


class TestReset:
    def test_takes_back_all_in_one_roadmap(self, learner, python, grow):
        grow("Ruby", ["Gems"])
        grow("For", parent=node("python/names"))
        for path in ("python/loops", "python/for", "ruby/gems"):
            learner.mark(path, DONE)
        assert learner.reset("python") == 2

        assert marks(learner) == {"gems": DONE}
        assert learner.reset("python") == 0
        assert learner.reset(node("ruby")) == 1
        assert marks(learner) == {}

    @pytest.mark.parametrize("path", ["python/basics", "python/loops"])
    def test_of_less_than_a_roadmap_is_refused(self, learner, python, path):
        learner.mark("python", DONE)
        before = marks(learner)
        for named in (path, node(path)):
            with pytest.raises(ValueError, match=f"^'{path}' is no roadmap: .* give 'python'.$"):
                learner.reset(named)
        assert marks(learner) == before

    def test_takes_back_those_that_sleep_and_those_out_of_sight(self, learner, python, grow):
        learner.mark("python", DONE)
        grow("For", parent=node("python/loops"))
        change("python/files", is_published=False)

        assert learner.reset("python") == 3
        change("python/files", is_published=True)
        assert marks(learner) == {}
        assert learner.progress("python") == Counts(3)

    @pytest.mark.parametrize("size", [3, 3_000])
    def test_queries(self, ann, size, django_assert_num_queries):
        editing.add(Outline("Road", children=[Outline(f"Topic {n}") for n in range(size)]))
        ann.mark("road", DONE)
        with django_assert_num_queries(7):
            assert ann.reset("road") == size


class TestGuest:
    def visit(self, rf, session):
        request = rf.get("/")
        request.session = session
        return Learner.of(request)

    def test_leaves_the_session_alone_until_something_is_marked(self, rf, python):
        session = SessionStore()
        guest = self.visit(rf, session)
        guest.states("python")
        guest.reset("python")
        guest.mark("python/loops", PENDING)
        assert not guest.take_note()
        assert session.is_empty()
        assert not session.modified

        guest.mark("python/loops", DONE)
        assert session.modified
        guest.mark("python/loops", PENDING)
        assert session.is_empty()
        assert not Progress.objects.exists()

    def test_is_no_other_guest(self, rf, python):
        one, two = (self.visit(rf, SessionStore()) for _ in range(2))
        one.mark("python/loops", DONE)
        assert two.progress("python") == Counts(3)
        assert one.progress("python") == Counts(3, done=1)

    @pytest.mark.parametrize("found", ["rubbish", 7, None, [1], {DONE: "1"}, {"x": [1]}, {DONE: 1}])
    def test_with_rubbish_in_the_session(self, rf, python, found):
        session = SessionStore()
        session[SESSION_KEY] = found
        guest = self.visit(rf, session)
        assert guest.progress("python") == Counts(3)
        assert guest.next_step("python").path == "python/loops"
        assert guest.reset("python") == 0
        assert guest.export("default") == []

        guest.mark("python/loops", DONE)
        assert session[SESSION_KEY] == {DONE: [node("python/loops").pk]}

    def test_has_marks_of_what_is_gone(self, rf, python):
        session = SessionStore()
        loops = node("python/loops").pk
        session[SESSION_KEY] = {DONE: [loops, 2**63 - 1, 10**12]}
        guest = self.visit(rf, session)

        assert guest.progress("python") == Counts(3, done=1)
        assert marks(guest) == {"loops": DONE}
        assert guest.reset("python") == 1

    def test_with_a_full_cookie(self, rf):
        editing.add(Outline("Road", children=[Outline(f"Topic {n}") for n in range(3_000)]))
        session = signed_cookies.SessionStore()
        guest = self.visit(rf, session)
        guest.mark("road/topic-5", DONE)
        before = session[SESSION_KEY]
        with pytest.raises(TooManyMarks):
            guest.mark("road", LEARNING)

        assert session[SESSION_KEY] == before
        assert guest.progress("road") == Counts(3_000, done=1)
        guest.mark("road/topic-6", DONE)
        assert guest.progress("road").done == 2

    def test_note_is_taken_once(self, rf):
        guest = self.visit(rf, SessionStore())
        guest.leave_note()
        assert [guest.take_note(), guest.take_note()] == [True, False]


def test_an_account_takes_no_notes(ann, django_assert_num_queries):
    with django_assert_num_queries(0):
        ann.leave_note()
        assert not ann.take_note()


class TestDatabases:
    @pytest.mark.django_db(databases=["default", "other"])
    def test_marks_are_where_the_node_is(self, grow, django_user_model):
        there = grow("There", ["Topic"], using="other")
        user = django_user_model.objects.using("other").create(username="ann", pk=77)
        Learner.of_user(user).mark(there, DONE)

        assert Progress.objects.using("other").get().user_id == 77
        assert not Progress.objects.exists()
        assert Learner.of_user(user).progress(there) == Counts(1, done=1)

    @pytest.mark.django_db(databases=["default", "other"])
    def test_marks_are_written_where_the_site_writes(self, grow, django_user_model):
        for using in ("default", "other"):
            grow("Python", ["Loops"], using=using)
        copies = models.QuerySet(RoadmapNode, using="other")
        for row in models.QuerySet(RoadmapNode).filter(path__startswith="python").values():
            copies.filter(path=row["path"]).update(version=row["version"])
        ann = django_user_model.objects.create(username="ann")

        with override_settings(DATABASE_ROUTERS=[ReadsOther()]):
            edition = editions.find("python")
            assert edition.using == "other"
            pk = node("python/loops").pk
            spot = progress.find("python/loops")
            spot.plan.skeleton.pks[1] = pk
            Learner.of_user(ann).mark_at(spot, DONE)
        assert Progress.objects.using("default").get().node_id == pk
        assert not Progress.objects.using("other").exists()


class ReadsOther:
    """A copy to read from, and one database to write to."""

    def db_for_read(self, model, **hints):
        return "other"

    def db_for_write(self, model, **hints):
        return "default"
