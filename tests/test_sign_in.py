"""What a guest has marked is the account's when they sign in."""

import pytest
from django.contrib.auth import login
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.db import SessionStore
from django.db import IntegrityError
from roadmaps import node

from django_roadmap import editing
from django_roadmap.counting import DONE, LEARNING, PENDING, SKIPPED
from django_roadmap.marks import SESSION_KEY, AccountMarks
from django_roadmap.models import Progress, RoadmapNode
from django_roadmap.outline import Outline
from django_roadmap.progress import Learner

pytestmark = pytest.mark.django_db

BACKEND = "django.contrib.auth.backends.ModelBackend"

RANK = {state: rank for rank, state in enumerate([PENDING, SKIPPED, LEARNING, DONE])}


def marks_of(user):
    """By slug."""
    rows = Progress.objects.filter(user=user).values_list("node__slug", "state")
    return dict(rows)


def enter(client, user):
    """As through the site's own page."""
    client.post("/admin/login/", {"username": user.username, "password": "secret"})


class TestSignIn:
    @pytest.fixture
    def ann(self, django_user_model):
        return django_user_model.objects.create_superuser("ann", password="secret")

    @pytest.fixture
    def bob(self, django_user_model):
        return django_user_model.objects.create_superuser("bob", password="secret")

    @pytest.fixture
    def visit(self, rf):
        """``visit({path: state})`` is the request of a guest with these marks."""

        def visit(marks):
            request = rf.get("/")
            request.session, request.user = SessionStore(), AnonymousUser()
            for path, state in marks.items():
                Learner.of(request).mark(path, state)
            return request

        return visit

    @pytest.mark.parametrize("here", RANK)
    @pytest.mark.parametrize("there", RANK)
    def test_keeps_the_further_state(self, ann, visit, here, there):
        Learner.of_user(ann).mark("django/css", there)
        request = visit({"django/css": here})
        before = list(Progress.objects.values())
        login(request, ann, BACKEND)

        further = max(here, there, key=RANK.get)
        assert marks_of(ann) == ({"css": further} if further != PENDING else {})
        if RANK[here] <= RANK[there]:
            assert list(Progress.objects.values()) == before
        assert SESSION_KEY not in request.session

    def test_adds_to_what_is_there(self, ann, bob, visit):
        Learner.of_user(ann).mark("django/frontend-basics", LEARNING)
        Learner.of_user(bob).mark("django/css", SKIPPED)
        marks = {"django/css": DONE, "django/html": SKIPPED, "django/middleware": LEARNING}
        login(visit({**marks, "django-step-by-step/deployment": DONE}), ann, BACKEND)

        expected = {"css": DONE, "html": LEARNING, "middleware": LEARNING, "deployment": DONE}
        assert expected.items() <= marks_of(ann).items()
        assert set(marks_of(ann).values()) == {LEARNING, DONE}
        assert marks_of(bob) == {"css": SKIPPED}

    def test_happens_once(self, ann, visit):
        request = visit({"django/css": DONE})
        login(request, ann, BACKEND)
        Learner.of_user(ann).mark("django/css", LEARNING)

        login(request, ann, BACKEND)
        assert marks_of(ann) == {"css": LEARNING}

    def test_leaves_out_what_is_gone(self, ann, visit):
        request = visit({"django/css": DONE, "django/html": LEARNING})
        node("django/css").delete()
        request.session[SESSION_KEY][SKIPPED] = [2**63 - 1, -1, "x"]
        login(request, ann, BACKEND)

        assert marks_of(ann) == {"html": LEARNING}
        assert SESSION_KEY not in request.session

    def test_keeps_what_is_out_of_sight(self, ann, visit, grow):
        request = visit({"django/css": DONE, "django/html": DONE})
        RoadmapNode.objects.filter(path="django").update(is_published=False)
        grow("For", parent=node("django/html"))
        login(request, ann, BACKEND)

        assert marks_of(ann) == {"css": DONE, "html": DONE}

    @pytest.mark.parametrize("found", ["x", [1], {DONE: {}}, None, {"done": ["1", True]}])
    def test_with_rubbish_in_the_session(self, ann, visit, found):
        request = visit({})
        request.session[SESSION_KEY] = found
        login(request, ann, BACKEND)

        assert marks_of(ann) == {}

    def test_without_a_session(self, ann, rf, django_assert_num_queries):
        with django_assert_num_queries(1):
            user_logged_in.send(type(ann), request=rf.get("/"), user=ann)
        with django_assert_num_queries(1):
            user_logged_in.send(type(ann), request=None, user=ann)

    def test_of_somebody_new_asks_nothing(self, ann, visit, django_assert_num_queries):
        request = visit({})
        # Django's own: the time of the last visit.
        with django_assert_num_queries(1):
            user_logged_in.send(type(ann), request=request, user=ann)
        assert request.session.is_empty()

    @pytest.mark.parametrize(("roadmaps", "size"), [(1, 2), (1, 300), (4, 2), (4, 300)])
    def test_queries_are_as_many_for_any_number(
        self, alone, ann, visit, roadmaps, size, django_assert_num_queries
    ):
        marks = {}
        for number in range(roadmaps):
            title = f"Road {number}"
            topics = [Outline(f"Topic {n}") for n in range(size)]
            editing.add(Outline(title, children=[Outline("Part", children=topics)]))
            marks[f"road-{number}"] = LEARNING
            marks[f"road-{number}/topic-1"] = DONE
        request = visit(marks)
        Learner.of_user(ann).mark("road-0/topic-0", SKIPPED)
        RoadmapNode.objects.update(summary="New")

        # The nodes, the roadmaps and their plans; a savepoint, the lock, the marks, what is
        # written; and the time of the visit.
        with django_assert_num_queries(4 + 6 + 1):
            user_logged_in.send(type(ann), request=request, user=ann)
        assert len(marks_of(ann)) >= size
        assert Progress.objects.filter(state=LEARNING).count() == roadmaps * (size - 1)

    @pytest.mark.parametrize("times", [1, 2])
    def test_succeeds_whatever_is_deleted_meanwhile(self, ann, visit, times, monkeypatch, caplog):
        request = visit({"django/css": DONE})
        change = AccountMarks.change
        errors = iter([IntegrityError, RoadmapNode.DoesNotExist][:times])

        def fail_first(self, *args):
            for error in errors:
                raise error
            return change(self, *args)

        monkeypatch.setattr(AccountMarks, "change", fail_first)
        user_logged_in.send(type(ann), request=request, user=ann)
        assert marks_of(ann) == ({"css": DONE} if times == 1 else {})
        assert ("could not be added" in caplog.text) == (times == 2)
        assert (SESSION_KEY in request.session) == (times == 2)

    def test_through_the_page_of_a_site(self, client, ann, bob):
        session = client.session
        session[SESSION_KEY] = {DONE: [node("django/css").pk]}
        session.save()
        enter(client, ann)
        assert marks_of(ann) == {"css": DONE}
        assert SESSION_KEY not in client.session

        client.post("/admin/logout/")
        assert not client.session.items()
        request = client.get("/roadmaps/").wsgi_request
        assert Learner.of(request).is_guest
        assert Learner.of(request).progress("django").done == 0
        enter(client, bob)
        assert marks_of(bob) == {}

    def test_of_another_takes_nothing_of_the_first(self, client, ann, bob):
        client.force_login(ann)
        session = client.session
        session[SESSION_KEY] = {DONE: [node("django/css").pk]}
        session.save()
        client.force_login(bob)

        assert marks_of(ann) == marks_of(bob) == {}
