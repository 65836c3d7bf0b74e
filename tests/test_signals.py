"""Signals of what a learner has reached, sent when that is certain."""

import logging

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.test import RequestFactory
from roadmaps import node
from threads import together

from django_roadmap import progress
from django_roadmap.counting import DONE, LEARNING, PENDING, SKIPPED
from django_roadmap.models import Progress, RoadmapNode
from django_roadmap.progress import Learner
from django_roadmap.signals import roadmap_done, topic_done

ALL = ["loops", "names", "paths", "python: whole"]


@pytest.fixture
def python(grow):
    return grow("Python", {"Basics": ["Loops", "Names"], "Files": ["Paths"]})


@pytest.fixture
def ann(django_user_model, db):
    return Learner.of_user(django_user_model.objects.create(username="ann"))


@pytest.fixture
def sent():
    """What was sent: slugs of topics, and roadmaps with a word."""
    seen = []

    def topic(sender, user, path, signal, **kwargs):
        assert (sender, signal, kwargs) == (Learner, topic_done, {})
        seen.append((user.username, path.rpartition("/")[2]))

    def roadmap(sender, user, path, signal, **kwargs):
        assert (sender, signal, kwargs) == (Learner, roadmap_done, {})
        seen.append((user.username, f"{path}: whole"))

    topic_done.connect(topic)
    roadmap_done.connect(roadmap)
    yield seen
    topic_done.disconnect(topic)
    roadmap_done.disconnect(roadmap)


@pytest.fixture
def mark(ann, sent, django_capture_on_commit_callbacks):
    """``mark(path, state)`` tells what was sent when that was committed."""

    def mark(path, state):
        sent.clear()
        with django_capture_on_commit_callbacks(execute=True):
            ann.mark(path, state)
            assert sent == []
        assert {name for name, _what in sent} <= {"ann"}
        return [what for _name, what in sent]

    return mark


def test_a_topic_and_then_the_roadmap(python, mark):
    assert mark("python/loops", LEARNING) == []
    assert mark("python/loops", DONE) == ["loops"]
    assert mark("python/paths", DONE) == ["paths"]
    assert mark("python/names", DONE) == ["names", "python: whole"]


@pytest.mark.parametrize("state", [PENDING, LEARNING, SKIPPED])
def test_no_other_state(python, mark, state):
    for path in ("python/loops", "python/basics", "python"):
        assert mark(path, state) == []


def test_not_twice_for_a_mark_made_twice(python, mark):
    for path, expected in (("python/loops", ["loops"]), ("python", ["names", "paths", ALL[-1]])):
        assert sorted(mark(path, DONE)) == sorted(expected)
        assert mark(path, DONE) == []


def test_again_when_it_is_done_again(python, mark):
    assert sorted(mark("python", DONE)) == ALL
    assert mark("python/loops", LEARNING) == []
    assert mark("python/loops", DONE) == ["loops", "python: whole"]
    assert mark("python", PENDING) == []
    assert sorted(mark("python", DONE)) == ALL


def test_each_topic_of_a_parent(python, mark, grow):
    grow("Aside", parent=node("python/basics"), is_optional=True)
    assert mark("python/basics", DONE) == ["loops", "names"]
    assert mark("python/aside", DONE) == ["aside"]
    assert mark("python", DONE) == ["paths", "python: whole"]


def test_a_roadmap_is_done_by_skipping_what_is_left(python, mark):
    mark("python/basics", DONE)
    assert mark("python/paths", SKIPPED) == ["python: whole"]
    assert mark("python/paths", LEARNING) == []
    assert mark("python/paths", SKIPPED) == ["python: whole"]


def test_a_roadmap_without_topics_is_done_itself(grow, mark):
    grow("Alone")
    assert mark("alone", DONE) == ["alone", "alone: whole"]


def test_what_is_optional_leaves_a_roadmap_as_it_is(python, mark, grow):
    grow("Extra", ["Reading"], parent=node("python"), is_optional=True)
    assert mark("python/extra", DONE) == ["reading"]
    assert sorted(mark("python", DONE)) == ALL
    assert mark("python/reading", LEARNING) == []


def test_nothing_for_what_is_taken_back(python, ann, sent, django_capture_on_commit_callbacks):
    ann.mark("python", DONE)
    sent.clear()
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        ann.reset("python")
    assert callbacks == sent == []


def test_nothing_for_guests(python, sent, django_capture_on_commit_callbacks, rf):
    request = rf.get("/")
    request.session = SessionStore()
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        Learner.of(request).mark("python", DONE)
    assert callbacks == sent == []


def test_for_each_learner(python, ann, sent, django_user_model, django_capture_on_commit_callbacks):
    bob = Learner.of_user(django_user_model.objects.create(username="bob"))
    with django_capture_on_commit_callbacks(execute=True):
        ann.mark("python", DONE)
        bob.mark("python/basics", DONE)
    assert sorted(sent) == [*(("ann", what) for what in ALL), ("bob", "loops"), ("bob", "names")]


def guest(*paths, state=DONE):
    request = RequestFactory().get("/")
    request.session = SessionStore()
    learner = Learner.of(request)
    for path in paths:
        learner.mark(path, state)
    return learner


class TestMerge:
    @pytest.fixture
    def merge(self, ann, sent, django_capture_on_commit_callbacks):
        def merge(guest):
            sent.clear()
            with django_capture_on_commit_callbacks(execute=True):
                ann.take_over(guest)
                assert sent == []
            return sorted(what for _name, what in sent)

        return merge

    def test_sends_what_a_guest_has_done(self, python, merge, grow):
        grow("Ruby", ["Gems", "Blocks"])
        assert merge(guest("python/loops", "ruby")) == ["blocks", "gems", "loops", "ruby: whole"]

    def test_sends_what_it_makes_whole(self, python, ann, merge):
        ann.mark("python/basics", DONE)
        assert merge(guest("python/paths", "python/loops")) == ["paths", "python: whole"]
        assert merge(guest("python")) == []

    def test_sends_nothing_for_less_than_done(self, python, ann, merge):
        ann.mark("python/basics", DONE)
        assert merge(guest("python", state=LEARNING)) == []

    def test_sends_nothing_of_what_is_unpublished(self, python, merge, grow):
        grow("Ruby", ["Gems"])
        visitor = guest("python/loops", "python/names", "ruby")
        RoadmapNode.objects.filter(path__in=["python/loops", "ruby"]).update(is_published=False)
        assert merge(visitor) == ["names"]


@pytest.mark.django_db(transaction=True)
class TestCommit:
    @pytest.fixture
    def ann(self, django_user_model):
        return Learner.of_user(django_user_model.objects.create(username="ann"))

    def test_comes_first(self, python, ann, sent):
        with transaction.atomic():
            ann.mark("python/loops", DONE)
            with transaction.atomic():
                ann.mark("python/paths", DONE)
            assert sent == []
        assert sent == [("ann", "loops"), ("ann", "paths")]
        ann.mark("python/names", DONE)
        assert sent[2:] == [("ann", "names"), ("ann", "python: whole")]

    def test_that_does_not_come_sends_nothing(self, python, ann, sent):
        with transaction.atomic():
            ann.mark("python/loops", DONE)
            with transaction.atomic():
                ann.mark("python", DONE)
                transaction.set_rollback(True)
        assert sent == [("ann", "loops")]
        with transaction.atomic():
            ann.mark("python", DONE)
            transaction.set_rollback(True)
        assert sent == [("ann", "loops")]
        assert Progress.objects.count() == 1

    def test_that_fails_sends_nothing(self, python, ann, sent, monkeypatch):
        change = progress.AccountMarks.change

        def delete(self, *args):
            node("python/loops").delete()
            return change(self, *args)

        monkeypatch.setattr(progress.AccountMarks, "change", delete)
        with pytest.raises(RoadmapNode.DoesNotExist):
            ann.mark("python", DONE)
        assert sent == []

    def test_comes_once_for_a_double_click(self, python, ann, sent):
        assert together(*[lambda: ann.mark("python", DONE)] * 4) == []
        assert sorted(what for _name, what in sent) == ALL

    def test_a_receiver_sees_the_marks(self, python, ann):
        seen = []

        def award(user, path, **kwargs):
            seen.append(Learner.of_user(user).progress(path).done)

        roadmap_done.connect(award)
        try:
            ann.mark("python", DONE)
        finally:
            roadmap_done.disconnect(award)
        assert seen == [3]

    def test_a_receiver_that_fails_takes_nothing_back(self, python, ann, sent, caplog):
        def fail(**kwargs):
            raise ZeroDivisionError("no award")

        topic_done.connect(fail)
        try:
            with caplog.at_level(logging.ERROR, "django.dispatch"):
                ann.mark("python", DONE)
        finally:
            topic_done.disconnect(fail)
        assert Progress.objects.filter(state=DONE).count() == 3
        assert sorted(what for _name, what in sent) == ALL
        assert len([record for record in caplog.records if "no award" in record.getMessage()]) == 3
