"""Whoever has a page already gets 304, but never for one that looks different now."""

import json
import time
from datetime import datetime, timedelta, timezone

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.messages import INFO
from django.contrib.messages.storage.cookie import CookieStorage
from django.db.models import QuerySet
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import override_script_prefix
from django.utils import timezone as clocks
from django.utils import translation
from django.utils.http import http_date
from roadmaps import node

from django_roadmap import conditional, editing
from django_roadmap.models import Progress, Resource, RoadmapNode
from django_roadmap.views import ConditionalMixin, NodeView, RoadmapListView

LIST = "/roadmaps/"
BASICS = "/roadmaps/python/basics/"
NODES = ["/roadmaps/django/", "/roadmaps/django/css/", "/roadmaps/python/", BASICS]
PAGES = [LIST, *NODES]
LONG_AGO = datetime(2020, 2, 20, 20, 20, 20, 200_000, tzinfo=timezone.utc)
TOKEN = {"csrfmiddlewaretoken": "t" * 32}
HEADERS = ("ETag", "Last-Modified", "Cache-Control", "Vary")


@pytest.fixture(autouse=True)
def python(grow):
    root = grow("Python", {"Basics": ["Loops", "Names"], "Files": ["Paths"]})
    # Past the managers, which would say that it was just now.
    QuerySet(RoadmapNode).update(updated_at=LONG_AGO)
    return root


@pytest.fixture(autouse=True)
def language():
    """That of a visitor stays with the thread."""
    with translation.override(translation.get_language()):
        yield


@pytest.fixture
def ada():
    return User.objects.create_user("Ada", is_staff=True)


@pytest.fixture
def learner(ada):
    return signed_in(ada)


@pytest.fixture
def sources(settings):
    """Templates of the site by name, which may be edited while it runs."""
    sources = {}
    loaders = [
        ("django.template.loaders.locmem.Loader", sources),
        "django.template.loaders.app_directories.Loader",
    ]
    processors = [f"django.contrib.{app}.context_processors.{app}" for app in ("auth", "messages")]
    backend = "django.template.backends.django.DjangoTemplates"
    options = {"loaders": loaders, "context_processors": processors}
    settings.TEMPLATES = [{"BACKEND": backend, "OPTIONS": options}]
    return sources


def signed_in(user):
    client = Client()
    client.force_login(user)
    # To sign in is to send a form, with its token.
    client.cookies["csrftoken"] = "t" * 32
    return client


def ask(client, url, etag=None, **headers):
    """A visit; with the tag of a page that the visitor has."""
    if etag:
        headers["if-none-match"] = etag
    return client.get(url, headers={name.replace("_", "-"): headers[name] for name in headers})


def etag(client, url, **headers):
    """The tag of a page, with which a second visit gets 304."""
    response = ask(client, url, **headers)
    assert response.status_code == 200
    assert ask(client, url, response["ETag"], **headers).status_code == 304
    return response["ETag"]


def is_new(client, url, old, **headers):
    """Whether a visitor who has the page with this tag gets another one."""
    response = ask(client, url, old, **headers)
    if response.status_code == 304:
        return False
    assert (response.status_code, response["ETag"] == old) == (200, False)
    return True


def about(response):
    return {name: response[name] for name in HEADERS if name in response}


def set_session(client, **values):
    session = client.session
    session.update(values)
    session.save()


def leave_message(client, text):
    request, response = RequestFactory().get("/"), HttpResponse()
    storage = CookieStorage(request)
    storage.add(INFO, text)
    storage.update(response)
    client.cookies.update(response.cookies)


@pytest.fixture
def early(monkeypatch):
    """A site says that it knows all that its frame depends on."""
    monkeypatch.setattr(ConditionalMixin, "answers_early", True)


@pytest.fixture(autouse=True)
def started_long_ago(monkeypatch):
    monkeypatch.setattr(conditional, "STARTED", 0)


class TestHeaders:
    @pytest.mark.parametrize("url", NODES)
    def test_of_a_node_for_nobody(self, client, url):
        response = ask(client, url)

        tag = response["ETag"]
        assert (tag[0], len(tag), tag[-1]) == ('"', 42, '"')
        assert about(response) == {
            "ETag": tag,
            "Last-Modified": "Thu, 20 Feb 2020 20:20:20 GMT",
            "Cache-Control": "no-cache",
            "Vary": "Cookie",
        }

    def test_of_the_list_for_nobody(self, client):
        """Without a time, which would stay as it was when the last roadmap goes."""
        response = ask(client, LIST)

        assert response["ETag"]
        assert "Last-Modified" not in response
        assert (response["Cache-Control"], response["Vary"]) == ("no-cache", "Cookie")

    @pytest.mark.parametrize("url", PAGES)
    def test_for_a_learner(self, learner, url):
        """Without a time, which would not tell that a mark was taken back."""
        response = ask(learner, url)

        assert response["ETag"]
        assert "Last-Modified" not in response
        assert response["Cache-Control"] == "no-cache, private"
        assert response["Vary"] == "Cookie"

    def test_of_no_page(self, client):
        assert about(ask(client, "/roadmaps/gone/")).keys() <= {"Vary"}

    def test_without_use_tz(self, client, settings):
        settings.USE_TZ, settings.TIME_ZONE = False, "UTC"

        tag = etag(client, BASICS)
        assert ask(client, BASICS)["Last-Modified"] == "Thu, 20 Feb 2020 20:20:20 GMT"
        node("python").save()
        assert is_new(client, BASICS, tag)

    def test_leave_what_a_page_says_of_itself(self, rf):
        class Mine(NodeView):
            def render_to_response(self, context):
                return HttpResponse(headers={"ETag": '"mine"', "Vary": "X-Mine"})

        response = Mine.as_view()(rf.get("/"), path="python")
        assert (response["ETag"], response["Vary"]) == ('"mine"', "X-Mine, Cookie")


class TestRevisit:
    def revisit(self, client, url):
        first = ask(client, url)
        second = ask(client, url, first["ETag"])
        assert (first.status_code, second.status_code) == (200, 304)
        assert first.content
        assert not second.content
        assert about(first) == about(second)
        return lambda: ask(client, url, first["ETag"])

    @pytest.mark.parametrize("url", PAGES)
    def test_of_nobody(self, client, url, django_assert_num_queries):
        again = self.revisit(client, url)

        with django_assert_num_queries(1):
            assert again().status_code == 304

    @pytest.mark.parametrize("url", PAGES)
    def test_of_a_learner(self, ada, learner, url, django_assert_num_queries):
        ada.is_staff = False
        ada.save()
        again = self.revisit(learner, url)

        # A session, a user, the roadmap or all of them, and for nodes the marks.
        with django_assert_num_queries(3 if url == LIST else 4):
            assert again().status_code == 304

    @pytest.mark.parametrize("url", PAGES)
    def test_of_an_editor(self, ada, learner, url, django_assert_num_queries):
        ada.user_permissions.add(Permission.objects.get(codename="change_roadmapnode"))
        again = self.revisit(learner, url)

        # As many, and two for permissions.
        with django_assert_num_queries(5 if url == LIST else 6):
            assert again().status_code == 304

    @pytest.mark.parametrize("url", [LIST, BASICS])
    @pytest.mark.parametrize(
        ("form", "status"),
        [
            ("{}", 304),
            ("W/{}", 304),
            ('"a", {}, W/"b"', 304),
            ('"a",W/{}', 304),
            ("*", 304),
            ('"a"', 200),
            ('W/"a", "b"', 200),
            ("rubbish", 200),
        ],
    )
    def test_tags_in_any_form(self, client, url, form, status):
        tag = etag(client, url)

        assert ask(client, url, form.format(tag)).status_code == status

    def test_of_no_page(self, client):
        assert ask(client, "/roadmaps/python/gone/", "*").status_code == 404
        QuerySet(RoadmapNode).filter(path="python/basics").update(is_published=False)
        assert ask(client, BASICS, "*").status_code == 404

    @pytest.mark.parametrize("url", [LIST, BASICS])
    def test_head(self, client, url):
        page = ask(client, url)

        response = client.head(url)
        assert (response.status_code, response.content) == (200, b"")
        assert about(response) == about(page)
        response = client.head(url, headers={"if-none-match": page["ETag"]})
        assert response.status_code == 304
        assert about(response) == about(page)

    @pytest.mark.parametrize(
        ("date", "status"),
        [
            (LONG_AGO, 304),
            (LONG_AGO + timedelta(days=1), 304),
            (LONG_AGO - timedelta(seconds=1), 200),
            (None, 200),
        ],
    )
    def test_by_time_alone(self, client, learner, date, status):
        date = http_date(date.timestamp()) if date else "yesterday"

        response = ask(client, BASICS, if_modified_since=date)
        assert response.status_code == status
        assert about(response) == about(ask(client, BASICS))
        assert ask(learner, BASICS, if_modified_since=date).status_code == 200
        assert ask(client, LIST, if_modified_since=date).status_code == 200

    def test_a_restart_may_bring_other_templates(self, client, monkeypatch):
        restart = time.time()
        monkeypatch.setattr(conditional, "STARTED", restart)

        response = ask(client, BASICS, if_modified_since=http_date(LONG_AGO.timestamp()))
        assert response.status_code == 200
        assert response["Last-Modified"] == http_date(restart)
        assert ask(client, BASICS, if_modified_since=http_date(restart)).status_code == 304

    def test_a_tag_says_more_than_a_time(self, client):
        tag = etag(client, BASICS)
        date = http_date(LONG_AGO.timestamp())

        assert ask(client, BASICS, '"a"', if_modified_since=date).status_code == 200
        assert ask(client, BASICS, tag, if_modified_since="yesterday").status_code == 304

    @pytest.mark.parametrize("url", [LIST, BASICS])
    def test_only_if_it_is_that_page(self, client, url):
        tag = etag(client, url)

        assert ask(client, url, if_match=tag).status_code == 200
        assert ask(client, url, if_match="*").status_code == 200
        refused = ask(client, url, if_match='"a"')
        assert (refused.status_code, refused.content, refused["ETag"]) == (412, b"", tag)

    def test_only_if_it_is_no_newer(self, client):
        date = http_date(LONG_AGO.timestamp())
        before = http_date(LONG_AGO.timestamp() - 1)

        assert ask(client, BASICS, if_unmodified_since=date).status_code == 200
        assert ask(client, BASICS, if_unmodified_since=before).status_code == 412


def save(path, **values):
    found = node(path)
    for name, value in values.items():
        setattr(found, name, value)
    found.save()


def resources():
    return Resource.objects.filter(node__path="python/loops")


EDITS = {
    "node": lambda: save("python/basics", title="First steps"),
    "description": lambda: save("python/basics", description="Why"),
    "another node": lambda: save("python/paths", title="Places"),
    "roadmap": lambda: save("python", title="Snakes"),
    "new node": lambda: RoadmapNode.objects.create(title="New", parent=node("python/files")),
    "move": lambda: node("python/paths").move_to(node("python/loops"), "left"),
    "delete": lambda: node("python/paths").delete(),
    "unpublish": lambda: save("python/loops", is_published=False),
    "publish": lambda: save("python/hidden", is_published=True),
    "update": lambda: RoadmapNode.objects.filter(path="python/loops").update(minutes=5),
    "new resource": lambda: node("python/loops").resources.create(title="New", url="https://x.org"),
    "resource": lambda: resources().get().save(),
    "update of resources": lambda: resources().update(title="Other"),
    "delete of a resource": lambda: resources().get().delete(),
    "prerequisites": lambda: node("python/basics").prerequisites.add(node("python/paths")),
    "no prerequisites": lambda: node("python/basics").prerequisites.set(()),
    "touch": lambda: editing.touch("python"),
}
LIST_EDITS = {
    "new roadmap": lambda: RoadmapNode.objects.create(title="New"),
    "delete": lambda: node("python").delete(),
    "title": lambda: save("python", title="Snakes"),
    "order": lambda: save("python", position=1),
    "unpublish": lambda: save("python", is_published=False),
    "publish": lambda: save("draft", is_published=True),
}


class TestEdits:
    @pytest.fixture(autouse=True)
    def more(self, grow):
        grow("Hidden", parent=node("python"), is_published=False)
        grow("Draft", is_published=False)
        node("python/loops").resources.create(title="Old", url="https://old.example/")
        node("python/basics").prerequisites.add(node("python/files"))

    @pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
    def test_of_the_roadmap(self, client, learner, edit):
        visitors = {visitor: etag(visitor, BASICS) for visitor in (client, learner)}
        edit()

        for visitor, old in visitors.items():
            assert is_new(visitor, BASICS, old)
            assert etag(visitor, BASICS) != old

    @pytest.mark.parametrize("edit", LIST_EDITS.values(), ids=LIST_EDITS)
    def test_of_the_list(self, client, edit):
        old = etag(client, LIST)
        edit()

        assert is_new(client, LIST, old)

    def test_of_another_roadmap(self, client, learner):
        visitors = {visitor: etag(visitor, BASICS) for visitor in (client, learner)}
        save("django/css", title="Styles")
        node("django").delete()

        for visitor, old in visitors.items():
            assert not is_new(visitor, BASICS, old)

    def test_of_a_draft_are_not_in_the_list(self, client):
        old = etag(client, LIST)
        save("draft", title="Sketch")

        assert not is_new(client, LIST, old)

    def test_that_is_undone_is_another(self, client):
        old = etag(client, BASICS)
        save("python/basics", title="First steps")
        save("python/basics", title="Basics")

        assert is_new(client, BASICS, old)

    def test_that_puts_another_roadmap_at_the_address(self, client, grow):
        old = etag(client, BASICS)
        node("python").delete()
        grow("Python", ["Basics"])

        assert is_new(client, BASICS, old)

    def test_take_the_page_away(self, client):
        old = etag(client, BASICS)
        save("python", is_published=False)

        assert ask(client, BASICS, old).status_code == 404


class TestTime:
    @pytest.fixture
    def at(self, monkeypatch):
        """``at(1.5)`` makes it that many seconds past noon."""

        def at(seconds):
            moment = datetime(2030, 1, 1, 12, tzinfo=timezone.utc) + timedelta(seconds=seconds)
            monkeypatch.setattr(clocks, "now", lambda: moment)

        return at

    def test_is_not_told_of_a_change_in_the_last_second(self, client, at):
        at(0.1)
        save("python/basics", title="One")

        for seconds in (0.1, 0.9, 1.1):
            at(seconds)
            response = ask(client, BASICS)
            assert response["ETag"]
            assert "Last-Modified" not in response
        at(1.2)
        assert ask(client, BASICS)["Last-Modified"] == "Tue, 01 Jan 2030 12:00:00 GMT"

    def test_of_two_edits_in_a_second(self, client, at):
        seen, at_noon = [], "Tue, 01 Jan 2030 12:00:00 GMT"
        for seconds in (0.1, 0.5, 0.9, 1.0):
            at(seconds)
            save("python/basics", title=f"At {seconds}")
            response = ask(client, BASICS, if_modified_since=at_noon)
            seen.append((response.status_code, "Last-Modified" in response))
        assert seen == [(200, False)] * 4

        at(2.5)
        assert ask(client, BASICS, if_modified_since=at_noon).status_code == 200
        told = ask(client, BASICS)["Last-Modified"]
        assert told == "Tue, 01 Jan 2030 12:00:01 GMT"
        assert ask(client, BASICS, if_modified_since=told).status_code == 304

    def test_by_a_clock_that_is_ahead(self, client, at):
        at(60)
        save("python/basics", title="Tomorrow")

        at(0)
        assert "Last-Modified" not in ask(client, BASICS)


class TestVisitors:
    @pytest.mark.parametrize("url", PAGES)
    def test_sign_in_and_out(self, client, ada, url):
        client.cookies["csrftoken"] = "t" * 32
        seen = [etag(client, url)]
        client.force_login(ada)
        assert is_new(client, url, seen[0])
        seen.append(etag(client, url))
        client.logout()
        client.cookies["csrftoken"] = "t" * 32
        assert is_new(client, url, seen[1])
        # Nobody is whoever has signed out, so what was kept before is right again.
        assert etag(client, url) == seen[0]
        client.force_login(User.objects.create_user("Ben"))
        assert is_new(client, url, seen[0])
        assert is_new(client, url, seen[1])

    @pytest.mark.parametrize("url", [LIST, BASICS])
    def test_have_cookies_that_our_templates_do_not_read(self, client, url):
        nobody = etag(client, url)
        client.cookies["theme"] = "dark"

        response = ask(client, url)
        assert response["ETag"] == nobody
        assert response["Cache-Control"] == "no-cache, private"
        assert "Last-Modified" not in response

    @pytest.mark.parametrize("url", [LIST, BASICS])
    def test_see_what_the_frame_of_a_site_shows_of_them(self, ada, learner, sources, url):
        sources["django_roadmap/base.html"] = (
            "{{ user.first_name }}{% block content %}{% endblock %}"
        )
        old = etag(learner, url)
        User.objects.filter(pk=ada.pk).update(first_name="Augusta")

        assert is_new(learner, url, old)

    def test_get_a_form_whose_token_is_good(self, learner, sources):
        """In the frame of a site, too: the tokens in forms differ, what they stand for is one."""
        sources["django_roadmap/base.html"] = "{% block content %}{% endblock %}"
        old = etag(learner, BASICS)
        assert b"csrfmiddlewaretoken" in ask(learner, BASICS).content
        learner.cookies["csrftoken"] = "u" * 32

        assert is_new(learner, BASICS, old)

    def test_may_have_the_page_in_the_frame_of_a_site_that_knows_all(self, learner, sources, early):
        sources["django_roadmap/base.html"] = "<hr>{% block content %}{% endblock %}"

        assert etag(learner, BASICS)

    @pytest.mark.parametrize("url", [LIST, BASICS])
    def test_see_what_tags_show_in_the_frame_of_a_site(self, client, url, sources):
        sources["django_roadmap/base.html"] = "{% now 'u' %}{% block content %}{% endblock %}"
        response = ask(client, url)

        assert ask(client, url, response["ETag"]).status_code == 200
        assert "Last-Modified" not in response

    def test_get_no_tag_of_ours_for_a_day_that_is_over(self, client, monkeypatch):
        """Translations may have changed meanwhile."""
        old = etag(client, BASICS)
        now = time.time()
        monkeypatch.setattr(conditional.time, "time", lambda: now + conditional.DAY)

        assert is_new(client, BASICS, old)

    def test_have_a_session_with_keys_of_any_kind(self, rf):
        request = rf.get(BASICS)
        request.session = {1: "one", "two": 2}

        assert NodeView.as_view()(request, path="python/basics").status_code == 200

    def test_are_given_a_session_by_the_page(self, rf):
        """What is rendered with it is nobody else's, and not to be asked for again."""
        request = rf.get(BASICS)
        request.session = {}

        def render():
            request.session["cart"] = 1
            return HttpResponse("Your cart")

        response = conditional.answer(request, [], LONG_AGO, render)
        assert about(response) == {"Cache-Control": "no-cache, private", "Vary": "Cookie"}

    @pytest.mark.parametrize("url", ["/roadmaps/python/", BASICS, "/roadmaps/python/loops/"])
    def test_mark_topics(self, ada, learner, url):
        ben, nobody = signed_in(User.objects.create_user("Ben")), Client()
        others = {visitor: etag(visitor, url) for visitor in (ben, nobody)}
        seen = [etag(learner, url)]
        mark = Progress.objects.create(user=ada, node=node("python/loops"), state="learning")
        assert is_new(learner, url, seen[0])
        seen.append(etag(learner, url))
        mark.state = "done"
        mark.save()
        assert is_new(learner, url, seen[1])
        seen.append(etag(learner, url))
        mark.delete()
        assert is_new(learner, url, seen[2])

        assert etag(learner, url) == seen[0]
        for visitor, old in others.items():
            assert not is_new(visitor, url, old)

    @pytest.mark.parametrize("url", ["/roadmaps/python/", BASICS, "/roadmaps/python/loops/"])
    def test_mark_topics_through_a_form(self, learner, url):
        seen = [etag(learner, url)]
        for state in ("done", "learning", "pending"):
            learner.post("/roadmaps/~mark/", {"mark": f"{state} python/loops", **TOKEN})
            assert is_new(learner, url, seen[-1])
            seen.append(etag(learner, url))

        assert len({*seen}) == 3
        assert seen[0] == seen[3]

    @pytest.mark.parametrize("url", ["/roadmaps/python/", BASICS, "/roadmaps/python/loops/"])
    def test_mark_topics_as_guests(self, client, url):
        nobody = etag(client, url)
        client.cookies["csrftoken"] = "t" * 32
        client.post("/roadmaps/~mark/", {"mark": "done python/loops", **TOKEN})
        # The first page after it tells them, once, where their marks are.
        date = http_date(LONG_AGO.timestamp() + 1)
        told = ask(client, url, nobody, if_modified_since=date)
        assert told.status_code == 200
        assert about(told) == {"Cache-Control": "no-cache, private", "Vary": "Cookie"}
        assert b'<div class="roadmap-note">' in told.content

        seen = [etag(client, url)]
        assert b'<div class="roadmap-note">' not in ask(client, url).content
        for state in ("learning", "done"):
            client.post("/roadmaps/~mark/", {"mark": f"{state} python/loops", **TOKEN})
            assert is_new(client, url, seen[-1])
            seen.append(etag(client, url))
        assert seen[0] == seen[2]

    @pytest.mark.parametrize("url", NODES)
    def test_are_given_a_token_by_the_page(self, ada, url):
        """What is rendered with it is nobody else's, and not to be asked for again."""
        client = Client()
        client.force_login(ada)
        first = ask(client, url)

        assert first.cookies["csrftoken"]
        assert about(first) == {"Cache-Control": "no-cache, private", "Vary": "Cookie"}
        assert etag(client, url)

    @pytest.mark.parametrize("url", [LIST, BASICS])
    def test_may_see_more_and_less(self, ada, learner, grow, url):
        grow("Draft", is_published=False)
        grow("Hidden", parent=node("python"), is_published=False)
        permission = Permission.objects.get(codename="change_roadmapnode")
        before = etag(learner, url)
        ada.user_permissions.add(permission)
        assert is_new(learner, url, before)
        after = etag(learner, url)
        ada.user_permissions.remove(permission)

        assert is_new(learner, url, after)

    @pytest.mark.parametrize("url", PAGES)
    def test_have_a_session(self, client, url):
        tags = [etag(client, url)]
        for fields in ({"theme": "dark"}, {"theme": "light"}, {"cart": [1]}):
            set_session(client, **fields)
            assert is_new(client, url, tags[-1])
            tags.append(etag(client, url))

        assert len({*tags}) == 4

    @pytest.mark.parametrize("url", [LIST, BASICS])
    def test_have_a_form(self, client, url, sources, early):
        """Else a form would hold the token of before somebody signed in."""
        sources["django_roadmap/base.html"] = "{% csrf_token %}{% block content %}{% endblock %}"
        client.cookies["csrftoken"] = "a" * 32
        old = etag(client, url)
        client.cookies["csrftoken"] = "b" * 32

        assert is_new(client, url, old)

    @pytest.mark.parametrize("url", [LIST, BASICS])
    def test_never_share_the_token_of_a_first_visit(self, client, url, sources, early):
        sources["django_roadmap/base.html"] = "{% csrf_token %}{% block content %}{% endblock %}"
        response = ask(client, url)
        assert response.cookies["csrftoken"]

        assert ask(Client(), url, response.get("ETag", '"none"')).status_code == 200

    @pytest.mark.parametrize("url", [LIST, BASICS])
    def test_have_a_message_once(self, client, url, sources, early):
        base = "{% for m in messages %}{{ m }}{% endfor %}{% block content %}{% endblock %}"
        sources["django_roadmap/base.html"] = base
        old = etag(client, url)
        leave_message(client, "Saved.")

        date = http_date(LONG_AGO.timestamp() + 1)
        response = ask(client, url, f"{old}, *", if_modified_since=date)
        assert response.status_code == 200
        assert b"Saved." in response.content
        assert "ETag" not in response
        assert "Last-Modified" not in response
        assert (response["Cache-Control"], response["Vary"]) == ("no-cache, private", "Cookie")
        del client.cookies["messages"]
        assert not is_new(client, url, old)
        assert b"Saved." not in ask(client, url).content

    def test_a_message_stays_until_it_is_shown(self, client):
        """Our own pages show none, so they must not use it up."""
        leave_message(client, "Saved.")

        for _visit in range(2):
            assert "ETag" not in ask(client, BASICS, "*")

    def test_a_message_in_the_session(self, client, settings):
        settings.MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
        old = etag(client, BASICS)
        set_session(client, _messages=json.dumps([["__json_message", 0, 20, "Saved."]]))

        response = ask(client, BASICS, old)
        assert (response.status_code, "ETag" in response) == (200, False)


LOCALE = "django.middleware.locale.LocaleMiddleware"


class TestSurroundings:
    @pytest.mark.parametrize("url", PAGES)
    def test_language(self, settings, url):
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, LOCALE]
        client = Client()
        english, german = (etag(client, url, accept_language=code) for code in ("en", "de"))

        assert english != german
        assert is_new(client, url, english, accept_language="de")
        client.cookies["django_language"] = "de"
        assert is_new(client, url, english, accept_language="en")
        first = ask(client, url)
        assert {*first["Vary"].split(", ")} == {"Cookie", "Accept-Language"}
        again = ask(client, url, first["ETag"])
        assert {*again["Vary"].split(", ")} == {"Cookie", "Accept-Language"}

    @pytest.mark.parametrize("url", [LIST, BASICS])
    def test_host_and_scheme(self, client, settings, url):
        """They are in the canonical address."""
        settings.ALLOWED_HOSTS = ["*"]
        old = etag(client, url)

        assert is_new(client, url, old, host="other.example")
        assert is_new(client, url, old, host="testserver:8000")
        secure = client.get(url, secure=True, headers={"if-none-match": old})
        assert (secure.status_code, secure["ETag"] == old) == (200, False)

    @pytest.mark.parametrize(
        "url",
        [LIST, BASICS],
    )
    def test_script_prefix(self, client, url):
        old = etag(client, url)

        with override_script_prefix("/site/"):
            response = client.get(url, SCRIPT_NAME="/site", headers={"if-none-match": old})
        assert response.status_code == 200
        assert f'"http://testserver/site{url}"' in response.content.decode()

    @pytest.mark.parametrize(
        "url",
        [LIST, BASICS],
    )
    def test_static_files(self, client, settings, tmp_path, url):
        settings.STATIC_ROOT = tmp_path

        def deploy(version):
            names = ("roadmap.css", "page.css", "marking.js", "exploring.js")
            paths = [f"django_roadmap/{name}" for name in names]
            files = {path: path.replace(".", f".{version}.") for path in paths}
            manifest = {"version": "1.1", "hash": version, "paths": files}
            (tmp_path / "staticfiles.json").write_text(json.dumps(manifest))
            backend = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
            settings.STORAGES = {"staticfiles": {"BACKEND": backend}}

        deploy("one")
        old = etag(client, url)
        names = ["page.{}.css", "exploring.{}.js", *(["marking.{}.js"] if url == BASICS else [])]
        page = ask(client, url).content.decode()
        assert all(name.format("one") in page for name in names)
        deploy("two")
        page = ask(client, url, old).content.decode()
        assert all(name.format("two") in page for name in names)

    @pytest.mark.parametrize(
        ("url", "name"),
        [
            (LIST, "base.html"),
            (LIST, "roadmap_list.html"),
            (BASICS, "base.html"),
            (BASICS, "node_detail.html"),
            (BASICS, "python/node_detail.html"),
            (BASICS, "tree.html"),
            (BASICS, "node.html"),
            (BASICS, "explore.html"),
            (BASICS, "standing.html"),
            ("/roadmaps/python/", "counts.html"),
            (BASICS, "menu.html"),
        ],
    )
    def test_templates(self, client, sources, url, name):
        sources["django_roadmap/menu.html"] = "menu"
        include = "{% include 'django_roadmap/menu.html' %}{% block content %}{% endblock %}"
        if name == "menu.html":
            sources["django_roadmap/base.html"] = include
        tags = [etag(client, url)]
        for text in ("one", "two"):
            sources[f"django_roadmap/{name}"] = text
            response = ask(client, url, tags[-1])
            assert response.status_code == 200
            assert text in response.content.decode()
            tags.append(etag(client, url))
        assert len({*tags}) == 3

    @pytest.mark.parametrize(
        ("view", "kwargs"), [(RoadmapListView, {}), (NodeView, {"path": "python/basics"})]
    )
    def test_more_that_a_site_shows(self, rf, view, kwargs):
        class Mine(view):
            def depends_on(self):
                return [*super().depends_on(), self.banner]

        def visit(banner, **headers):
            return Mine.as_view(banner=banner)(rf.get("/", headers=headers), **kwargs)

        Mine.banner = ""
        tag = visit("Sale")["ETag"]
        assert visit("Sale", **{"if-none-match": tag}).status_code == 304
        assert visit("Sold out", **{"if-none-match": tag}).status_code == 200

    def test_template_of_another_roadmap(self, client, sources):
        old = etag(client, BASICS)
        sources["django_roadmap/django/node_detail.html"] = "other"

        assert not is_new(client, BASICS, old)

    @pytest.mark.parametrize("url", PAGES)
    def test_debug(self, client, settings, url):
        """Templates change then, and not all that changes in them is noticed."""
        settings.DEBUG = True

        response = ask(client, url, "*", if_modified_since=http_date())
        assert response.status_code == 200
        assert about(response) == {"Cache-Control": "no-cache", "Vary": "Cookie"}


class TestMiddleware:
    def test_none(self, settings):
        settings.MIDDLEWARE = []
        client = Client()

        for url in PAGES:
            old = etag(client, url)
            assert ask(client, url)["Vary"] == "Cookie"
            save(url.strip("/").partition("/")[2] or "python", summary="New")
            assert is_new(client, url, old)

    @pytest.mark.parametrize(
        ("view", "kwargs"), [(RoadmapListView, {}), (NodeView, {"path": "python/basics"})]
    )
    def test_views_by_themselves(self, rf, view, kwargs):
        response = view.as_view()(rf.get("/"), **kwargs)
        again = view.as_view()(rf.get("/", headers={"if-none-match": response["ETag"]}), **kwargs)

        assert (response.status_code, again.status_code) == (200, 304)
        assert about(response) == about(again)

    def test_views_with_a_template_of_their_own(self, rf, sources):
        class Mine(NodeView):
            def get_template_names(self):
                return ["mine.html"]

        def tag(source):
            sources["mine.html"] = source
            return Mine.as_view()(rf.get("/"), path="python/basics").render()["ETag"]

        assert tag("{{ node.title }}") != tag("{{ node.title }}!")

    GZIP = "django.middleware.gzip.GZipMiddleware"
    CONDITIONAL = "django.middleware.http.ConditionalGetMiddleware"

    @pytest.mark.parametrize("url", PAGES)
    @pytest.mark.parametrize(
        "added", [[GZIP], [CONDITIONAL], [GZIP, CONDITIONAL], [CONDITIONAL, GZIP]]
    )
    def test_of_django(self, settings, added, url):
        settings.MIDDLEWARE = [*added, *settings.MIDDLEWARE]
        client, gzip = Client(), "gzip" if self.GZIP in added else None

        first = ask(client, url, accept_encoding="gzip")
        assert first.get("Content-Encoding") == gzip
        assert first["ETag"].startswith("W/") == bool(gzip)
        # Whether it is compressed or not is the same page.
        for encoding in ("gzip", "identity"):
            again = ask(client, url, first["ETag"], accept_encoding=encoding)
            assert (again.status_code, again.content) == (304, b"")
            assert first["ETag"].removeprefix("W/") == again["ETag"].removeprefix("W/")
            assert again["Cache-Control"] == "no-cache"
        save("python", title="Snakes")
        save("django", title="Pony")
        assert is_new(client, url, first["ETag"], accept_encoding="gzip")

    def test_that_keeps_pages_keeps_none_of_a_learner(self, settings, learner):
        """Django's cache of whole pages knows nothing of marks."""
        name = "django.middleware.cache.{}CacheMiddleware"
        cached = [name.format("Update"), *settings.MIDDLEWARE, name.format("FetchFrom")]
        settings.MIDDLEWARE = cached
        learner.handler.load_middleware()

        ask(learner, BASICS)
        save("python/basics", title="First steps")
        assert b"First steps" in ask(learner, BASICS).content


@pytest.mark.parametrize("url", PAGES)
def test_nobody_keeps_what_is_for_another(settings, ada, grow, url):
    """Each visitor asks with the tags of all others: as behind a cache that shares them."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, LOCALE]
    settings.ALLOWED_HOSTS = ["*"]
    for parent in (None, node("python"), node("django")):
        grow("Draft", parent=parent, is_published=False)
    ben = User.objects.create_user("Ben")
    root = User.objects.create_superuser("Root")
    ada.user_permissions.add(Permission.objects.get(codename="change_roadmapnode"))
    Progress.objects.create(user=ben, node=node("python/loops"), state="done")
    shopper, poster, ada_elsewhere = Client(), Client(), signed_in(ada)
    set_session(shopper, cart=[1])
    poster.cookies["csrftoken"] = "a" * 32
    set_session(ada_elsewhere, cart=[1])
    marker = Client()
    set_session(marker, django_roadmap={"done": [node("python/loops").pk]})
    visitors = {
        "nobody": (Client(), {}),
        "a German": (Client(), {"accept_language": "de"}),
        "elsewhere": (Client(), {"host": "other.example"}),
        "shopper": (shopper, {}),
        "poster": (poster, {}),
        "marker": (marker, {}),
        "Ada": (signed_in(ada), {}),
        "Ada, shopping": (ada_elsewhere, {}),
        "Ada, in German": (signed_in(ada), {"accept_language": "de"}),
        "Ben": (signed_in(ben), {}),
        "Root": (signed_in(root), {}),
    }
    tags = {name: etag(client, url, **headers) for name, (client, headers) in visitors.items()}

    kept = {
        (name, other)
        for name, (client, headers) in visitors.items()
        for other in visitors
        if not is_new(client, url, tags[other], **headers)
    }
    assert kept == {(name, name) for name in visitors}
    # All other tags at once, as from a cache that has each of these pages.
    for name, (client, headers) in visitors.items():
        others = ", ".join(tags[other] for other in visitors if other != name)
        assert is_new(client, url, others, **headers)
