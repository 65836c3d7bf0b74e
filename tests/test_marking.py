"""To mark topics through forms and as a script does: what is done, and what is refused."""

import json
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.db import IntegrityError
from pages import Page
from roadmaps import node
from visiting import (
    CSRF,
    ELSEWHERE,
    NOTE,
    TOKEN,
    Visitor,
    button_of,
    buttons,
    fields,
    forms,
    inside,
    site_of,
)

from django_roadmap import editing
from django_roadmap.counting import DONE, LEARNING, PENDING, SKIPPED
from django_roadmap.models import Progress, RoadmapNode
from django_roadmap.outline import Outline
from django_roadmap.progress import Learner

MARK = "/roadmaps/~mark/"
SCRIPT = {"accept": "application/json"}
NOTHING_MARKED = "That was not marked"


@pytest.fixture(autouse=True)
def python(grow):
    levels = {"Basics": {"Values": ["Numbers", "Texts"], "Flow": ["Loops"]}, "Files": ["Paths"]}
    return grow("Python", levels)


def learner(visitor):
    """Whoever the visitor is, as they are stored."""
    if visitor.user:
        return Learner.of_user(visitor.user)

    class Request:
        session = visitor.client.session

    return Learner.of(Request())


def marked(visitor, path="python"):
    """The states of a roadmap that are not pending."""
    states = learner(visitor).states(path)
    return {path: state for path, state in states.items() if state != PENDING}


def script(visitor, **values):
    """As our script asks."""
    return visitor.send(values, **SCRIPT)


class TestForms:
    """What a browser without scripts sends, from each page that has a button."""

    def press(self, visitor, **attributes):
        """A guest is asked, with their first token, before the mark."""
        response = visitor.press(**attributes)
        if response.status_code == 403:
            visitor.read(response, status=403)
            response = visitor.press()
        return response

    def test_tick_in_a_tree(self, visitor):
        visitor.see("/roadmaps/python/?from=mail")

        response = self.press(visitor, value="done python/loops")
        assert response["Location"] == "/roadmaps/python/?from=mail#python/loops"
        page = visitor.go_on(response)
        assert page.one("li", id=visitor.place).texts[0] == "Loops"
        assert marked(visitor) == {
            "python": LEARNING,
            "python/basics": LEARNING,
            "python/flow": DONE,
            "python/loops": DONE,
        }
        [(_form, button)] = [
            found
            for found in buttons(page, **{"aria-pressed": "true"})
            if "roadmap-tick" in found[1].attributes["class"]
        ]
        assert button.attributes["value"] == "pending python/loops"
        visitor.press(value="pending python/loops")
        assert marked(visitor) == {}

    @pytest.mark.parametrize("state", [LEARNING, DONE, SKIPPED])
    def test_on_the_page_of_a_topic(self, visitor, state):
        page = visitor.see("/roadmaps/python/loops/")
        offered = [b.attributes["value"] for _form, b in buttons(page)]
        assert offered == [f"{s} python/loops" for s in (PENDING, LEARNING, DONE, SKIPPED)]

        page = visitor.go_on(self.press(visitor, value=f"{state} python/loops"))
        assert visitor.place == page.one("div", id="python/loops").attributes["id"]
        assert marked(visitor)["python/loops"] == state
        pressed = [b.attributes["value"] for _form, b in buttons(page, **{"aria-pressed": "true"})]
        assert pressed == [f"{state} python/loops"]
        visitor.go_on(visitor.press(value="pending python/loops"))
        assert marked(visitor) == {}

    @pytest.mark.parametrize("state", [LEARNING, DONE, SKIPPED])
    def test_menu_of_a_topic_in_a_tree(self, visitor, state):
        visitor.see("/roadmaps/python/basics/")
        page = visitor.read(visitor.press(name="ask", value="python/loops"))
        assert page.one("h1").text == "Mark “Loops” as"
        assert marked(visitor) == {}
        assert page.links["Back"] == "/roadmaps/python/basics/#python/loops"

        response = visitor.press(value=f"{state} python/loops")
        assert response["Location"] == page.links["Back"]
        assert marked(visitor)["python/loops"] == state

    def test_menu_of_a_parent_in_a_tree(self, visitor):
        visitor.see("/roadmaps/python/")
        page = visitor.read(visitor.press(name="ask", value="python/basics"))
        assert page.one("h1").text == "Mark 3 topics of “Basics” as"

        visitor.go_on(visitor.press(value="done python/basics"))
        assert marked(visitor)["python/basics"] == DONE
        assert marked(visitor)["python/texts"] == DONE
        assert "python/paths" not in marked(visitor)

    def test_all_on_the_page_of_a_parent(self, visitor):
        page = visitor.see("/roadmaps/python/files/")
        response = visitor.press(value="skipped python/files")
        page = visitor.read(response, status=200 if visitor.user else 403)
        assert page.one("h1").text == "Mark 1 topic of “Files” as “Skipped”?"
        assert marked(visitor) == {}

        visitor.go_on(visitor.press(value="skipped python/files"))
        assert marked(visitor) == {"python/files": SKIPPED, "python/paths": SKIPPED}

    @pytest.mark.parametrize("path", ["مقدمة", "数据库/مقدمة"])
    def test_in_any_script(self, grow, visitor, path):
        grow("数据库", ["مقدمة"])
        grow("مقدمة", ["b"])
        visitor.see(f"/roadmaps/{path}/")
        visitor.read(visitor.press(value=f"done {path}"), status=403) if not visitor.user else None
        response = visitor.press(value=f"done {path}")
        if response.status_code == 200:
            visitor.read(response)
            response = visitor.press()
        page = visitor.go_on(response)
        assert learner(visitor).states(path)[path] == DONE
        assert response["Location"].isascii()
        assert page.one("div", id=path)

    def test_back_without_a_mark(self, guest):
        guest.see("/roadmaps/python/?page=2")
        page = guest.read(guest.press(value="done python/loops"), status=403)

        assert page.links["Back"] == "/roadmaps/python/?page=2#python/loops"
        assert marked(guest) == {}

    def test_a_parent_whose_topics_all_count_for_nothing_has_no_button(self, visitor):
        RoadmapNode.objects.filter(path="python/paths").update(is_optional=True)

        assert not buttons(visitor.see("/roadmaps/python/"), name="ask", value="python/files")
        page = visitor.see("/roadmaps/python/files/")
        assert {b.attributes["value"] for _form, b in buttons(page)} == {
            "done python/paths",
            "python/paths",
        }


class TestFields:
    @pytest.mark.parametrize("path", ["python/loops", "python/numbers"])
    @pytest.mark.parametrize("state", [PENDING, LEARNING, DONE, SKIPPED])
    def test_node_and_state(self, visitor, path, state):
        visitor.mark("python/loops", LEARNING)
        response = visitor.send({"node": path, "state": state})

        assert response.status_code == 302
        assert learner(visitor).states("python")[path] == state

    def test_win_over_what_a_button_says(self, visitor):
        visitor.send({"mark": "done python/loops", "node": "python/paths", "state": SKIPPED})

        assert marked(visitor) == {"python/files": SKIPPED, "python/paths": SKIPPED}

    def test_next_is_the_page_of_the_node_if_nobody_says(self, visitor):
        for values in ({}, {"next": ""}):
            response = visitor.mark("python/loops", DONE, **values)
            assert response["Location"] == "/roadmaps/python/loops/#python/loops"
            visitor.go_on(response)

    @pytest.mark.parametrize(
        ("following", "location"),
        [
            ("/", "/#python/loops"),
            ("/shop/?a=1&b=2", "/shop/?a=1&b=2#python/loops"),
            ("/shop/#cart", "/shop/#cart"),
            ("http://testserver/shop/", "http://testserver/shop/#python/loops"),
            ("/a\r\nSet-Cookie: b=c", "/a%0D%0ASet-Cookie:%20b=c#python/loops"),
            ("?a=1", "?a=1#python/loops"),
        ],
    )
    def test_next_is_a_page_of_this_site(self, visitor, following, location):
        response = visitor.mark("python/loops", DONE, next=following)

        assert (response.status_code, response["Location"]) == (302, location)
        assert "b" not in response.cookies

    @pytest.mark.parametrize(
        "following",
        [
            "https://evil.example/",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "http:///evil.example",
            "http://testserver@evil.example/",
            "http://[",
            "\x08//evil.example",
            "javascript:alert(1)",
            "data:text/html,a",
            "ftp://testserver/",
        ],
    )
    @pytest.mark.parametrize("by", ["form", "script"])
    def test_next_elsewhere_is_refused_and_nothing_changed(self, visitor, following, by):
        values = {"mark": "done python/loops", "next": following}
        response = visitor.send(values, **SCRIPT if by == "script" else {})

        assert response.status_code == 400
        assert "evil" not in response.content.decode()
        assert marked(visitor) == {}

    @pytest.mark.parametrize("length", [1900, 2040, 2100, 30000])
    @pytest.mark.parametrize("letter", ["a", "中"])
    def test_next_may_be_too_long(self, visitor, letter, length):
        """Versions of Django differ in what is: then nothing is marked."""
        response = visitor.mark("python/loops", DONE, next="/" + letter * length)

        assert response.status_code in (302, 400)
        assert bool(marked(visitor)) is (response.status_code == 302)

    def test_next_is_secure_where_the_site_is(self, visitor):
        visitor.client.cookies["csrftoken"] = "a" * 32
        values = {"mark": "done python/loops", TOKEN: "a" * 32}
        statuses = [
            visitor.client.post(
                MARK,
                {**values, "next": f"{scheme}://testserver/"},
                secure=True,
                headers={"referer": "https://testserver/"},
            ).status_code
            for scheme in ("http", "https")
        ]
        assert statuses == [400, 302]


class TestRefusals:
    CASES = [
        ({"mark": "done python/gone"}, 404, "No roadmap or node has the path python/gone."),
        ({"mark": "done gone"}, 404, "No roadmap or node has the path gone."),
        ({"mark": "done \x00"}, 404, "No roadmap or node has the path"),
        ({"mark": f"done {'a' * 5000}"}, 404, "No roadmap or node has the path a"),
        ({"mark": "done python/loops/"}, 404, "No roadmap or node has the path python/loops/."),
        ({"ask": "python/gone"}, 404, "No roadmap or node has the path python/gone."),
        ({"mark": "finished python/loops"}, 400, "pending, skipped, learning, done."),
        ({"mark": "DONE python/loops"}, 400, "pending, skipped, learning, done."),
        ({"mark": "python/loops"}, 400, "pending, skipped, learning, done."),
        ({"node": "python/loops"}, 400, "pending, skipped, learning, done."),
        ({"node": "python/loops", "state": ""}, 400, "pending, skipped, learning, done."),
        ({"mark": "done"}, 400, "Say which node to mark."),
        ({"state": "done"}, 400, "Say which node to mark."),
        ({"state": "done", "node": ""}, 400, "Say which node to mark."),
        ({"ask": ""}, 400, "Say which node to mark."),
        ({}, 400, "pending, skipped, learning, done."),
    ]

    def send(self, visitor, values, method="post", by="form"):
        return visitor.send(values, method, **SCRIPT if by == "script" else {})

    @pytest.mark.parametrize(("values", "status", "problem"), CASES)
    @pytest.mark.parametrize("by", ["form", "script"])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_say_why_and_change_nothing(self, visitor, values, status, problem, by, method):
        response = self.send(visitor, values, method, by)

        assert response.status_code == status
        if by == "script":
            assert [*response.json()] == ["detail"]
            assert problem in response.json()["detail"]
        else:
            page = Page(response.content.decode())
            assert page.one("h1").text == page.one("title").text == NOTHING_MARKED
            assert problem in page.text
            assert not forms(page)
        assert marked(visitor) == {}
        assert not Progress.objects.exists()

    @pytest.mark.parametrize("hidden", ["python/loops", "python/flow", "python"])
    @pytest.mark.parametrize("values", [{"mark": "done python/loops"}, {"ask": "python/loops"}])
    def test_what_is_not_published_is_not_there(self, visitor, hidden, values):
        RoadmapNode.objects.filter(path=hidden).update(is_published=False)

        response = self.send(visitor, values)
        assert response.status_code == 404
        assert "Loops" not in response.content.decode()
        RoadmapNode.objects.update(is_published=True)
        assert marked(visitor) == {}

    @pytest.mark.parametrize("values", [{"mark": "done python/files"}, {"ask": "python/files"}])
    def test_a_node_with_no_topics_that_count(self, visitor, values):
        RoadmapNode.objects.filter(path="python/paths").update(is_optional=True)

        response = self.send(visitor, values)
        assert response.status_code == 400
        assert "“Files” has no topics to mark." in response.content.decode()

    @pytest.mark.parametrize("method", ["put", "patch", "delete"])
    def test_other_methods(self, visitor, method):
        assert getattr(visitor.client, method)(MARK).status_code == 405

    def test_a_topic_that_is_deleted_meanwhile(self, ann, monkeypatch):
        def fail(*args):
            raise IntegrityError

        monkeypatch.setattr(Learner, "_change", fail)
        response = self.send(ann, {"mark": "done python/loops"})
        assert response.status_code == 404
        assert "No roadmap or node has the path python/loops." in response.content.decode()

    @pytest.mark.parametrize("by", ["form", "script"])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_a_site_without_sessions_has_no_guests(self, guest, by, method):
        with site_of(CSRF):
            response = self.send(guest, {"mark": "done python/loops"}, method, by)
        assert response.status_code == 403
        assert "This site keeps no marks for you." in response.content.decode()
        assert "set-cookie" not in response.headers

    def test_pages_may_not_be_kept(self, visitor):
        answers = [
            self.send(visitor, {"mark": "done python/loops"}),
            self.send(visitor, {"mark": "done python/gone"}),
            self.send(visitor, {"ask": "python"}),
            self.send(visitor, {"mark": "done python/paths"}, by="script"),
            self.send(visitor, {"mark": "done python"}, "get"),
            self.send(visitor, {"mark": "done python"}, by="script"),
            visitor.client.get(MARK),
        ]
        assert [a.status_code for a in answers] == [302, 404, 200, 200, 200, 409, 400]
        for answer in answers:
            assert {"no-store", "private"} <= {*answer["Cache-Control"].split(", ")}

    def test_pages_are_for_no_search_engine(self, visitor):
        for path in ("python/loops", "python/gone"):
            page = Page(self.send(visitor, {"ask": path}).content.decode())
            assert page.one("meta", name="robots").attributes["content"] == "noindex"


class TestTokens:
    PAGES = [
        "/roadmaps/",
        "/roadmaps/python/",
        "/roadmaps/python/basics/",
        "/roadmaps/python/loops/",
        "/roadmaps/~mine/",
        "/roadmaps/~mine/progress.json",
    ]

    @pytest.mark.parametrize("in_session", [False, True])
    @pytest.mark.parametrize("url", PAGES)
    def test_pages_give_a_new_visitor_no_cookie(self, guest, settings, url, in_session):
        settings.CSRF_USE_SESSIONS = in_session
        response = guest.client.get(url)

        assert response.status_code == 200
        assert not response.cookies
        assert TOKEN not in response.content.decode()

    @pytest.mark.parametrize("in_session", [False, True])
    @pytest.mark.parametrize("url", PAGES[1:4])
    def test_an_account_has_a_token_in_each_form(self, ann, settings, url, in_session):
        settings.CSRF_USE_SESSIONS = in_session
        page = ann.see(url)

        assert forms(page)
        assert len(page.all("input", name=TOKEN)) == len(forms(page))
        response = ann.press(value=f"done {url[10:-1]}")
        assert response.status_code == (302 if "loops" in url else 200)

    @pytest.mark.parametrize("in_session", [False, True])
    def test_a_guest_is_asked_once_and_then_has_a_token(self, guest, settings, in_session):
        settings.CSRF_USE_SESSIONS = in_session
        guest.see("/roadmaps/python/")
        response = guest.press(value="done python/loops")
        page = guest.read(response, status=403)
        assert page.one("h1").text == "Mark “Loops” as “Done”?"
        assert marked(guest) == {}
        guest.go_on(guest.press())
        assert marked(guest)["python/loops"] == DONE

        guest.go_on(guest.press(value="done python/paths"))
        assert marked(guest)["python/paths"] == DONE

    @pytest.mark.parametrize("token", ["b" * 32, "b" * 32 + "c" * 32, "short", "", "ü" * 32])
    @pytest.mark.parametrize("cookie", ["a" * 32, "rubbish", None])
    def test_a_wrong_one_is_asked_for_anew(self, visitor, token, cookie):
        if cookie:
            visitor.client.cookies["csrftoken"] = cookie
        values = {"mark": "done python/loops", TOKEN: token}
        page = visitor.read(visitor.client.post(MARK, values), status=403)
        assert marked(visitor) == {}
        assert page.one("h1").text == "Mark “Loops” as “Done”?"

        visitor.go_on(visitor.press())
        assert marked(visitor)["python/loops"] == DONE

    def test_from_another_site_is_refused(self, visitor):
        response = visitor.send({"mark": "done python/loops"}, origin="https://evil.example")

        assert response.status_code == 403
        assert marked(visitor) == {}

    def test_in_a_header_does_as_well(self, visitor):
        visitor.client.cookies["csrftoken"] = "a" * 32
        headers = {**SCRIPT, "x-csrftoken": "a" * 32}
        response = visitor.client.post(MARK, {"mark": "done python/loops"}, headers=headers)

        assert response.status_code == 200
        assert marked(visitor)["python/loops"] == DONE

    def test_for_a_script(self, visitor):
        values = {"mark": "done python/loops"}
        refused = visitor.client.post(MARK, values, headers=SCRIPT)
        assert (refused.status_code, marked(visitor)) == (403, {})

        token = refused.json()["token"]
        response = visitor.client.post(MARK, {**values, TOKEN: token}, headers=SCRIPT)
        assert response.status_code == 200
        assert marked(visitor)["python/loops"] == DONE

    @pytest.mark.parametrize("mark", ["done python/loops", "done python/basics"])
    def test_a_script_asks_before_it_marks(self, visitor, mark):
        answer = visitor.client.get(MARK, {"mark": mark}, headers=SCRIPT)
        assert answer.status_code == 200
        found = answer.json()
        assert found["asks"] is (mark == "done python/basics")
        assert marked(visitor) == {}

        values = {"mark": mark, TOKEN: found["token"], "topics": found["topics"]}
        assert visitor.client.post(MARK, values, headers=SCRIPT).status_code == 200
        assert marked(visitor)[mark.split()[1]] == DONE

    def test_a_link_asks_and_marks_nothing(self, visitor):
        """Whatever a page elsewhere links to or loads as a picture."""
        for values in ({"mark": "done python"}, {"mark": "done python/loops", "topics": 1}):
            page = visitor.see(f"{MARK}?{urlencode(values)}")
            assert marked(visitor) == {}
        assert page.one("h1").text == "Mark “Loops” as “Done”?"
        visitor.go_on(visitor.press())
        assert marked(visitor)["python/loops"] == DONE

    @pytest.mark.parametrize("token", ["b" * 32, None])
    def test_where_the_site_checks_none(self, ann, token):
        with site_of(
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ):
            ann.client.handler.load_middleware()
            values = {"mark": "done python/loops", **({TOKEN: token} if token else {})}
            page = ann.read(ann.client.post(MARK, values), status=403)
            assert marked(ann) == {}
            assert page.one("h1").text == "Mark “Loops” as “Done”?"
            # Asked again, in another tab, they keep the token that the first one has.
            cookie = ann.client.cookies["csrftoken"].value
            ann.client.post(MARK, {"mark": "done python/paths"})
            assert ann.client.cookies["csrftoken"].value == cookie
            assert ann.press().status_code == 302
        assert marked(ann)["python/loops"] == DONE

    def test_where_there_are_accounts_but_no_sessions(self, settings):
        User.objects.create_user("Ann")
        settings.INSTALLED_APPS = [a for a in settings.INSTALLED_APPS if "sessions" not in a]
        settings.MIDDLEWARE = [CSRF, ELSEWHERE]
        ann = Visitor()
        ann.client.defaults["HTTP_X_USER"] = "Ann"
        ann.user = User.objects.get()

        page = ann.see("/roadmaps/python/")
        assert not page.all("p", **{"class": "roadmap-note"})
        page = ann.go_on(ann.press(value="done python/loops"))
        assert button_of(page, value="pending python/loops")
        assert marked(ann)["python/loops"] == DONE


class TestParents:
    def test_ask_with_the_number_of_topics(self, visitor):
        page = visitor.read(visitor.mark("python/basics", DONE))

        assert page.one("h1").text == "Mark 3 topics of “Basics” as “Done”?"
        assert marked(visitor) == {}
        assert page.one("input", name="topics").attributes["value"] == "3"

    @pytest.mark.parametrize("topics", ["", "2", "4", "3.0", " 3", "-3", "many"])
    def test_any_other_number_asks_again(self, visitor, topics):
        page = visitor.read(visitor.mark("python/basics", DONE, topics=topics))
        assert page.one("h1").text == "Mark 3 topics of “Basics” as “Done”?"
        assert marked(visitor) == {}

    def test_a_number_that_has_changed_asks_again(self, visitor, grow):
        visitor.read(visitor.mark("python/basics", DONE))
        grow("While", parent=node("python/flow"))

        page = visitor.read(visitor.press())
        assert page.one("h1").text == "Mark 4 topics of “Basics” as “Done”?"
        assert marked(visitor) == {}
        visitor.go_on(visitor.press())
        assert marked(visitor)["python/while"] == DONE

    def test_are_asked_with_409_by_a_script(self, visitor):
        response = script(visitor, mark="done python/basics", topics="2")

        assert response.status_code == 409
        answer = response.json()
        assert answer.pop("token")
        assert answer == {
            "detail": "Mark 3 topics of “Basics” as “Done”?",
            "topics": 3,
            "asks": True,
        }
        assert marked(visitor) == {}
        assert script(visitor, mark="done python/basics", topics="3").status_code == 200
        assert marked(visitor)["python/basics"] == DONE

    def test_leave_out_what_does_not_count(self, visitor):
        RoadmapNode.objects.filter(path="python/texts").update(is_optional=True)
        RoadmapNode.objects.filter(path="python/loops").update(is_published=False)

        # Nothing that visitors see is below Flow any more, so it is a topic.
        visitor.mark("python", DONE, topics="3")
        assert set(marked(visitor)) == {
            "python",
            *(f"python/{slug}" for slug in ("basics", "values", "numbers", "flow")),
            *("python/files", "python/paths"),
        }

    def test_take_back_all_below(self, visitor):
        visitor.mark("python/basics", DONE, topics="3")
        visitor.mark("python/paths", LEARNING)
        visitor.mark("python/basics", PENDING, topics="3")

        assert set(marked(visitor)) == {"python", "python/files", "python/paths"}


class TestAnswers:
    def answer(self, response):
        assert response.status_code == 200
        assert response["Content-Type"] == "application/json"
        return response.json()

    def described(self, path, title, state, label, topics, done, to_do, percent):
        counts = ""
        if topics > 1 or path == "python/flow":
            counts = f'<span class="roadmap-count">{done} of {to_do}</span>\n'
        names = ("path", "title", "state", "label", "topics", "done", "to_do", "percent", "counts")
        values = (path, title, state, label, topics, done, to_do, percent, counts)
        return dict(zip(names, values, strict=True))

    def test_to_a_script_are_complete(self, visitor):
        visitor.mark("python/paths", SKIPPED)
        visitor.mark("python/texts", SKIPPED)

        assert self.answer(script(visitor, mark="done python/loops")) == {
            "node": self.described("python/loops", "Loops", DONE, "Done", 1, 1, 1, 100)
            | {"counts": ""},
            "ancestors": [
                self.described("python", "Python", LEARNING, "Learning", 4, 1, 2, 50),
                self.described("python/basics", "Basics", LEARNING, "Learning", 3, 1, 2, 50),
                self.described("python/flow", "Flow", DONE, "Done", 1, 1, 1, 100),
            ],
            "below": [],
            "message": "“Loops”: Done.",
            # After the first mark no page was opened that told a guest.
            "note": visitor.user is None,
        }

    def test_name_what_is_below(self, visitor):
        answer = self.answer(script(visitor, mark="skipped python/basics", topics="3"))

        assert [each["path"] for each in answer["below"]] == [
            f"python/{slug}" for slug in ("values", "numbers", "texts", "flow", "loops")
        ]
        assert {each["state"] for each in [answer["node"], *answer["below"]]} == {SKIPPED}
        assert answer["node"]["percent"] is None
        # Nothing is left to count, as on the page.
        assert answer["node"]["counts"] == ""
        assert answer["message"] == "“Basics”: Skipped."

    @pytest.mark.parametrize(
        ("state", "message"),
        [(PENDING, "To do"), (LEARNING, "Learning"), (DONE, "Done"), (SKIPPED, "Skipped")],
    )
    def test_say_what_has_been_done(self, visitor, state, message):
        answer = self.answer(script(visitor, mark=f"{state} python/loops"))
        assert answer["message"] == f"“Loops”: {message}."

    def test_show_counts_as_the_roadmaps_own_template_does(self, visitor, templates):
        source = "<b>{{ progress.done }}/{{ topics }}</b>"
        templates({"django_roadmap/python/counts.html": source})

        answer = self.answer(script(visitor, mark="done python/loops"))
        assert [each["counts"] for each in answer["ancestors"]] == [
            "<b>1/4</b>",
            "<b>1/3</b>",
            "<b>1/1</b>",
        ]

    def test_are_what_a_page_shows(self, visitor):
        """For all that is different on the page after a mark."""
        answer = self.answer(script(visitor, mark="done python/values", topics="2"))
        page = visitor.see("/roadmaps/python/")

        for each in [answer["node"], *answer["ancestors"][1:], *answer["below"]]:
            item = page.one("li", id=each["path"])
            assert f"roadmap-{each['state']}" in item.attributes["class"].split()
            counts = [
                e.text
                for e in inside(page, item)
                if e.tag == "span" and e.attributes.get("class") == "roadmap-count"
            ]
            assert (Page(each["counts"]).text or None) == next(iter(counts), None)

    @pytest.mark.parametrize(
        ("accept", "is_json"),
        [
            ("application/json", True),
            ("application/json, text/html;q=0.5", True),
            ("text/html, application/json;q=0.9", False),
            ("text/html,application/xhtml+xml,*/*;q=0.8", False),
            ("*/*", False),
            ("image/png", False),
            ("", False),
            ("rubbish", False),
        ],
    )
    def test_are_in_the_form_that_is_asked_for(self, visitor, accept, is_json):
        response = visitor.send({"mark": "done python/loops"}, accept=accept)

        assert response.status_code == (200 if is_json else 302)
        assert marked(visitor)["python/loops"] == DONE


class TestNote:
    def test_is_shown_once_to_a_guest(self, guest):
        assert all("hidden" in n.attributes for n in notes(guest.see("/roadmaps/python/")))
        page = guest.go_on(guest.mark("python/loops", DONE, next="/roadmaps/python/"))
        assert [("hidden" in n.attributes) for n in notes(page)] == [False, True]
        assert NOTE in page.text
        assert all("hidden" in n.attributes for n in notes(guest.see("/roadmaps/python/")))
        for state in (DONE, PENDING):
            page = guest.go_on(guest.mark("python/paths", state, next="/roadmaps/python/"))
            assert all("hidden" in n.attributes for n in notes(page))
        assert not notes(guest.read(guest.mark("python", DONE)))
        guest.mark("python/loops", PENDING)
        assert marked(guest) == {}
        page = guest.go_on(guest.mark("python/loops", DONE, next="/roadmaps/python/"))
        assert all("hidden" in n.attributes for n in notes(page))

    def test_is_shown_once_when_it_is_due_on_a_page_that_asks(self, guest):
        guest.mark("python/loops", DONE)
        assert [len(notes(guest.read(guest.mark("python", DONE)))) for _ in range(2)] == [1, 0]
        assert all("hidden" in n.attributes for n in notes(guest.see("/roadmaps/python/")))

    def test_waits_for_a_page_that_shows_it(self, guest):
        guest.mark("python/loops", DONE)
        guest.see("/roadmaps/")

        page = guest.see("/roadmaps/python/loops/")
        assert [("hidden" in n.attributes) for n in notes(page)] == [False]

    def test_is_shown_where_a_guest_is_asked_and_not_again(self, guest):
        guest.see("/roadmaps/python/")
        page = guest.read(guest.press(value="done python/loops"), status=403)
        assert [("hidden" in n.attributes) for n in notes(page)] == [False]

        page = guest.go_on(guest.press())
        assert all("hidden" in n.attributes for n in notes(page))

    def test_is_told_to_a_script_at_the_first_mark(self, guest):
        marks = [f"{state} python/loops" for state in (DONE, LEARNING, PENDING, DONE)]
        answers = [script(guest, mark=mark).json() for mark in marks]
        assert [answer["note"] for answer in answers] == [True, False, False, False]
        assert all("hidden" in n.attributes for n in notes(guest.see("/roadmaps/python/")))

    def test_is_for_no_account(self, ann):
        assert script(ann, mark="done python/loops").json()["note"] is False
        page = ann.go_on(ann.mark("python/paths", DONE, next="/roadmaps/python/"))
        assert all("hidden" in n.attributes for n in notes(page))
        page = ann.read(ann.mark("python", DONE))
        assert not notes(page)
        assert "django_roadmap_note" not in ann.client.session

    def test_leads_to_where_one_signs_in(self, guest, settings):
        settings.LOGIN_URL = "admin:login"
        page = guest.go_on(guest.mark("python/loops", DONE, next="/roadmaps/python/?a=1&b=2"))

        assert "Sign in to keep them in your account." in page.text
        assert page.links["Sign in"] == "/admin/login/?next=/roadmaps/python/%3Fa%3D1%26b%3D2"

    def test_leads_there_where_a_guest_is_asked(self, guest, settings):
        settings.LOGIN_URL = "admin:login"
        page = guest.read(guest.mark("python/basics", DONE))

        place = "/roadmaps/python/basics/%23python/basics"
        assert page.links["Sign in"] == f"/admin/login/?next={place}"

    def test_leads_nowhere_else(self, guest):
        page = guest.go_on(guest.mark("python/loops", DONE))

        assert "Sign in" not in page.text


def notes(page):
    return page.all("div", **{"class": "roadmap-note"})


class TestSessions:
    @pytest.fixture
    def in_cookies(self, settings):
        settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"

    def stored(self, visitor):
        return SessionStore(visitor.client.cookies["sessionid"].value).load()

    @pytest.mark.parametrize("by", ["form", "script"])
    def test_in_cookies_may_be_full(self, guest, in_cookies, by):
        editing.add(Outline("Large", children=[Outline(f"t{number}") for number in range(3000)]))
        guest.mark("python/loops", DONE)
        before = self.stored(guest)
        values = {"mark": "done large", "topics": "3000"}

        response = guest.send(values, **SCRIPT if by == "script" else {})
        assert response.status_code == 400
        problem = "This browser has no room for more marks. Sign in to keep them."
        assert problem in response.content.decode()
        assert self.stored(guest) == before
        assert "sessionid" not in response.cookies
        assert guest.mark("python/paths", DONE).status_code == 302

    @pytest.mark.parametrize(
        "rubbish",
        [
            "rubbish",
            7,
            None,
            [],
            [1, 2],
            {"done": "all"},
            {"done": [None, "1", -1, 0, 1.5, True, 2**70, [], {}]},
            {"gone": [1], "done": {"1": 2}},
            {"done": {}},
        ],
    )
    def test_full_of_rubbish_do_no_harm(self, guest, rubbish):
        guest.mark("python/paths", DONE)
        session = guest.client.session
        session["django_roadmap"] = rubbish
        session.save()

        for url in TestTokens.PAGES:
            assert guest.client.get(url).status_code == 200
        guest.go_on(guest.mark("python/loops", DONE))
        assert marked(guest, "python/flow") == {"python/flow": DONE, "python/loops": DONE}
        assert guest.client.session["django_roadmap"] == {"done": [node("python/loops").pk]}

    def test_a_note_may_be_rubbish(self, guest):
        guest.mark("python/paths", DONE)
        session = guest.client.session
        session["django_roadmap_note"] = {"a": [1]}
        session.save()

        assert guest.client.get("/roadmaps/python/").status_code == 200
        assert guest.client.session["django_roadmap_note"] is False


class TestOthers:
    def test_see_and_change_their_own_marks_only(self):
        everybody = [Visitor("Ann"), Visitor("Ben"), Visitor(), Visitor()]
        states = [DONE, LEARNING, SKIPPED, DONE]
        for visitor, state in zip(everybody, states, strict=True):
            visitor.mark("python/loops", state)
        nobody = Visitor()

        everybody[0].mark("python/loops", PENDING)
        everybody[2].mark("python/paths", DONE)
        for visitor, state in zip(
            [*everybody, nobody], [PENDING, *states[1:], PENDING], strict=True
        ):
            page = visitor.see("/roadmaps/python/loops/")
            [(_form, pressed)] = buttons(page, **{"aria-pressed": "true"})
            assert pressed.attributes["value"] == f"{state} python/loops"
        assert ["python/paths" in marked(visitor) for visitor in everybody] == [
            *(False, False, True, False)
        ]

    @pytest.mark.parametrize("name", ["user", "user_id", "learner", "username", "pk", "session"])
    def test_cannot_be_named(self, ann, name):
        ben = Visitor("Ben")
        ann.mark("python/loops", DONE, **{name: ben.user.pk})

        assert marked(ben) == {}
        assert marked(ann)["python/loops"] == DONE

    @pytest.mark.parametrize("is_staff", [True, False])
    def test_who_may_edit_mark_what_is_not_published(self, ann, is_staff):
        RoadmapNode.objects.filter(path="python/flow").update(is_published=False)
        User.objects.update(is_staff=is_staff)
        ann.user.user_permissions.add(Permission.objects.get(codename="change_roadmapnode"))
        response = ann.mark("python/loops", DONE)
        if not is_staff:
            assert response.status_code == 404
            assert not Progress.objects.exists()
            return
        page = ann.go_on(response)
        [(_form, pressed)] = buttons(page, **{"aria-pressed": "true"})
        assert pressed.attributes["value"] == "done python/loops"
        assert "python/loops" not in marked(ann)
        RoadmapNode.objects.update(is_published=True)
        assert marked(ann)["python/loops"] == DONE


class TestQueries:
    """The first mark reads the roadmap, later ones do not; none depends on how much there is."""

    SAVEPOINTS = 2

    @pytest.fixture(params=[3, 3000])
    def many(self, request):
        root = RoadmapNode(title="Many")
        root.save()
        topics = [Outline(f"t{number}") for number in range(request.param)]
        editing.add(Outline("Part", children=topics), root)
        return str(request.param)

    @pytest.mark.parametrize("headers", [{}, SCRIPT], ids=["form", "script"])
    def test_of_an_account(self, ann, many, headers, django_assert_num_queries):
        wanted = [
            # To find the roadmap, to read it in two, to lock, and to read and write the marks.
            ({"mark": "done many", "topics": many}, 6),
            ({"mark": "learning many", "topics": many}, 4),
            ({"mark": "pending many", "topics": many}, 4),
            ({"mark": "done many/t1"}, 4),
            ({"mark": "done many/t1"}, 3),
            ({"mark": "skipped many/t1"}, 4),
            ({"mark": "pending many/t1"}, 4),
        ]
        for values, queries in wanted:
            # A session and a user.
            with django_assert_num_queries(2 + self.SAVEPOINTS + queries):
                assert ann.send(values, **headers).status_code in (200, 302)

    def test_that_changes_some_topics_in_each_way(self, ann, many, django_assert_num_queries):
        ann.mark("many", DONE, topics=many)
        ann.mark("many/t1", LEARNING)
        ann.mark("many/t2", PENDING)

        with django_assert_num_queries(2 + self.SAVEPOINTS + 5):
            ann.mark("many", SKIPPED, topics=many)
        assert learner(ann).progress("many").skipped == int(many)

    @pytest.mark.parametrize("headers", [{}, SCRIPT], ids=["form", "script"])
    def test_of_a_guest(self, guest, many, headers, django_assert_num_queries, settings):
        settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"
        for values, queries in [
            ({"mark": "done many", "topics": many}, 3),
            ({"mark": "learning many", "topics": many}, 1),
            ({"mark": "pending many/t1"}, 1),
        ]:
            with django_assert_num_queries(queries):
                assert guest.send(values, **headers).status_code in (200, 302)


def test_what_is_sent_is_what_a_browser_would(guest):
    page = guest.see("/roadmaps/python/loops/")
    form, button = button_of(page, value="done python/loops")

    assert form.attributes["action"] == MARK
    assert fields(page, form, button) == {
        "next": "/roadmaps/python/loops/",
        "mark": "done python/loops",
    }


def test_json_is_readable_in_any_script(guest, grow):
    grow("Мир", ["Язык"])
    answer = script(guest, mark="done мир/язык")
    assert json.loads(answer.content)["node"]["title"] == "Язык"
