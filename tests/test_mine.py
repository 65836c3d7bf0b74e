"""A learner's own pages: their roadmaps, starting one over, and a copy of their marks."""

import json
from datetime import datetime, timezone

import pytest
from django.contrib.auth.models import User
from django.core.cache import caches
from django.utils import timezone as clocks
from roadmaps import node
from visiting import CSRF, ELSEWHERE, NOTE, TOKEN, Visitor, forms, inside, site_of

from django_roadmap import editions
from django_roadmap.counting import DONE, LEARNING, PENDING, SKIPPED
from django_roadmap.models import Progress, RoadmapNode

MINE = "/roadmaps/~mine/"
DOWNLOAD = "/roadmaps/~mine/progress.json"
NOTHING = "You have not marked anything yet."


def reset_url(path):
    return f"/roadmaps/~mine/reset/{path}/"


@pytest.fixture(autouse=True)
def roadmaps(alone, grow):
    grow("Third", ["Last", "Least"], position=3)
    grow("Second", ["Only"], position=2)
    grow("First", {"Part": ["One", "Two", "Three"], "Rest": ["Four"]}, position=1)


def assert_not_found(response):
    assert response.status_code == 404
    assert {"no-store", "private"} <= {*response["Cache-Control"].split(", ")}


def listed(page):
    """What the page says of each roadmap, by title."""
    found = {}
    for item in page.all("li"):
        [title] = [e.text for e in inside(page, item) if e.tag == "h2"]
        found[title] = [e.text for e in inside(page, item) if e.tag == "p"]
    return found


def bars(page):
    return [
        tuple(bar.attributes[name] for name in ("value", "max")) for bar in page.all("progress")
    ]


def mark_some(visitor):
    visitor.mark("third/last", LEARNING)
    visitor.mark("first/one", DONE)
    visitor.mark("first/two", LEARNING)
    visitor.mark("first/three", SKIPPED)
    visitor.mark("first/four", LEARNING)


class TestList:
    def test_shows_the_roadmaps_with_a_mark_in_their_order(self, visitor):
        mark_some(visitor)
        page = visitor.see(MINE)

        assert page.one("h1").text == page.one("title").text == "My roadmaps"
        assert listed(page) == {
            "First": [
                "1 of 3 done (33 %), 1 skipped",
                "Go on with: Two",
                "Learning now: Two , Four",
                "Start over \N{EN DASH} First",
            ],
            "Third": [
                "0 of 2 done (0 %)",
                "Go on with: Last",
                "Learning now: Last",
                "Start over \N{EN DASH} Third",
            ],
        }
        assert bars(page) == [("1", "3"), ("0", "2")]
        assert [label.text for label in page.all("label")][2:] == ["First", "Third"]

    def test_leads_to_everything_it_names(self, visitor):
        mark_some(visitor)
        links = visitor.see(MINE).links

        assert links == {
            "First": "/roadmaps/first/",
            "Two": "/roadmaps/first/two/",
            "Four": "/roadmaps/first/four/",
            "Start over \N{EN DASH} First": reset_url("first"),
            "Third": "/roadmaps/third/",
            "Last": "/roadmaps/third/last/",
            "Start over \N{EN DASH} Third": reset_url("third"),
            "Download my progress (JSON)": DOWNLOAD,
        }
        for url in links.values():
            assert visitor.client.get(url).status_code == 200

    def test_next_step_follows_what_is_done(self, visitor):
        visitor.mark("first/one", DONE)
        assert listed(visitor.see(MINE))["First"][1] == "Next: Two"
        RoadmapNode.objects.filter(path="first/two").update(minutes=25)
        node("first/two").prerequisites.add(node("first/four"))
        assert listed(visitor.see(MINE))["First"][1] == "Next: Three"
        visitor.mark("first/three", SKIPPED)
        visitor.mark("first/four", DONE)
        assert listed(visitor.see(MINE))["First"][:2] == [
            "2 of 3 done (66 %), 1 skipped, about 25 min left",
            "Next: Two 25 min",
        ]

    @pytest.mark.parametrize(
        ("state", "facts"),
        [
            (DONE, ["1 of 1 done (100 %)", "All done."]),
            (SKIPPED, ["1 skipped", "Nothing is left to do."]),
        ],
    )
    def test_shows_what_is_finished(self, visitor, state, facts):
        visitor.mark("second/only", state)

        assert listed(visitor.see(MINE)) == {"Second": [*facts, "Start over \N{EN DASH} Second"]}

    def test_before_the_first_mark(self, visitor):
        page = visitor.see(MINE)

        assert NOTHING in page.text
        assert page.links == {"Choose a roadmap": "/roadmaps/"}
        assert not page.all("form")

    def test_without_roadmaps(self, visitor):
        RoadmapNode.objects.all().delete()

        assert NOTHING in visitor.see(MINE).text

    def test_leaves_out_what_was_taken_back(self, visitor):
        mark_some(visitor)
        visitor.mark("third/last", PENDING)

        assert [*listed(visitor.see(MINE))] == ["First"]

    def test_leaves_out_what_is_not_published(self, visitor):
        mark_some(visitor)
        RoadmapNode.objects.filter(path="first").update(is_published=False)

        page = visitor.see(MINE)
        assert [*listed(page)] == ["Third"]
        assert "First" not in page.text

    def test_leaves_out_a_roadmap_whose_marks_all_sleep(self, visitor, grow):
        visitor.mark("second/only", DONE)
        grow("Below", parent=node("second/only"))

        assert NOTHING in visitor.see(MINE).text
        node("second/below").delete()
        assert [*listed(visitor.see(MINE))] == ["Second"]

    def test_an_optional_topic_counts_for_nothing_but_is_a_start(self, visitor):
        RoadmapNode.objects.filter(path="third/last").update(is_optional=True)
        visitor.mark("third/last", DONE)

        assert listed(visitor.see(MINE))["Third"][:2] == ["0 of 1 done (0 %)", "Next: Least"]

    @pytest.mark.parametrize("title", ["<script>alert(1)</script>", '"><b>', "مقدمة", "🎉"])
    def test_any_title_is_shown_as_it_is(self, visitor, title):
        RoadmapNode.objects.update(title=title)
        visitor.mark("second/only", LEARNING)

        page = visitor.see(MINE)
        assert listed(page)[title][1:3] == [f"Go on with: {title}", f"Learning now: {title}"]
        assert not page.all("b")
        assert not page.all("script")


class TestHiding:
    @pytest.fixture(autouse=True)
    def finished(self, visitor):
        mark_some(visitor)
        visitor.mark("second/only", DONE)
        visitor.mark("third/last", SKIPPED)
        visitor.mark("third/least", SKIPPED)

    @pytest.mark.parametrize(
        ("query", "titles", "says"),
        [
            ("", ["First", "Second", "Third"], ""),
            ("?hide=done", ["First", "Third"], "1 roadmap is hidden."),
            ("?hide=skipped", ["First", "Second"], "1 roadmap is hidden."),
            ("?hide=done&hide=skipped", ["First"], "2 roadmaps are hidden."),
            ("?hide=learning", ["First", "Second", "Third"], ""),
            ("?hide=rubbish&hide=", ["First", "Second", "Third"], ""),
        ],
    )
    def test_leaves_them_out_and_says_so(self, visitor, query, titles, says):
        page = visitor.see(MINE + query)

        assert [*listed(page)] == titles
        assert says in page.text
        if not says:
            assert "hidden." not in page.text
        boxes = {box.attributes["value"]: "checked" in box.attributes for box in page.all("input")}
        assert boxes == {name: f"hide={name}" in query for name in ("done", "skipped")}
        assert [label.text for label in page.all("label")][:2] == [
            "Hide what is done",
            "Hide what is skipped",
        ]

    def test_all_of_them_is_not_nothing(self, visitor):
        visitor.client.post(reset_url("first"), {TOKEN: "a" * 32})
        page = visitor.see(f"{MINE}?hide=done&hide=skipped")

        assert listed(page) == {}
        assert NOTHING not in page.text
        assert "2 roadmaps are hidden." in page.text
        # And a way back.
        assert page.one("form").attributes["method"] == "get"


class TestWho:
    def test_sees_their_own_only(self):
        everybody = [Visitor("Ann"), Visitor("Ben"), Visitor(), Visitor()]
        paths = ["first/one", "second/only", "third/last"]
        for visitor, path in zip(everybody, paths, strict=False):
            visitor.mark(path, DONE)

        found = [[*listed(visitor.see(MINE))] for visitor in everybody]
        assert found == [["First"], ["Second"], ["Third"], []]

    def test_a_guest_is_told_where_the_marks_are(self, guest, settings):
        assert NOTE in guest.see(MINE).text
        settings.LOGIN_URL = "admin:login"
        page = guest.see(f"{MINE}?hide=done")
        assert page.links["Sign in"] == "/admin/login/?next=/roadmaps/~mine/%3Fhide%3Ddone"

    def test_an_account_is_not(self, ann, settings):
        settings.LOGIN_URL = "admin:login"

        page = ann.see(MINE)
        assert NOTE not in page.text
        assert "Sign in" not in page.links

    @pytest.mark.parametrize("url", [MINE, DOWNLOAD, reset_url("first")])
    def test_is_nobody_on_a_site_without_sessions(self, guest, url):
        with site_of(CSRF):
            assert_not_found(guest.client.get(url))
            guest.client.cookies["csrftoken"] = "a" * 32
            assert_not_found(guest.client.post(url, {TOKEN: "a" * 32}))

    def test_may_be_an_account_on_a_site_without_sessions(self, settings):
        User.objects.create_user("Ann")
        settings.INSTALLED_APPS = [a for a in settings.INSTALLED_APPS if "sessions" not in a]
        settings.MIDDLEWARE = [CSRF, ELSEWHERE]
        ann = Visitor()
        ann.client.defaults["HTTP_X_USER"] = "Ann"
        ann.mark("second/only", DONE)

        assert [*listed(ann.see(MINE))] == ["Second"]
        assert len(ann.client.get(DOWNLOAD).json()["marks"]) == 1
        ann.see(reset_url("second"))
        ann.go_on(ann.client.post(reset_url("second"), {TOKEN: "a" * 32}))
        assert not Progress.objects.exists()

    @pytest.mark.parametrize("url", [MINE, DOWNLOAD, reset_url("first")])
    def test_is_nobody_elses_to_see(self, visitor, url):
        mark_some(visitor)
        response = visitor.client.get(url)

        assert {"no-store", "private"} <= {*response["Cache-Control"].split(", ")}
        again = visitor.client.get(url, headers={"if-none-match": "*"})
        assert again.status_code == 200
        assert "ETag" not in response

    @pytest.mark.parametrize("url", [MINE, reset_url("first")])
    def test_is_no_search_engine(self, visitor, url):
        page = visitor.see(url)
        assert page.one("meta", name="robots").attributes["content"] == "noindex"
        assert not page.all("style")
        assert not page.all("script")

    @pytest.mark.parametrize("url", [MINE, DOWNLOAD])
    def test_only_reads(self, visitor, url):
        visitor.client.cookies["csrftoken"] = "a" * 32
        assert visitor.client.post(url, {TOKEN: "a" * 32}).status_code == 405


class TestReset:
    def test_asks_and_then_takes_back_the_marks_of_one_roadmap(self, visitor):
        other = Visitor("Ben")
        for each in (visitor, other):
            mark_some(each)
        visitor.see(MINE)

        page = visitor.see(visitor.page.links["Start over \N{EN DASH} First"])
        assert page.one("h1").text == "Start First over?"
        assert "All your marks in this roadmap are taken back." in page.text
        assert "1 of 3 done (33 %), 1 skipped" in page.text
        assert page.links["Back"] == MINE
        assert len(listed(visitor.see(MINE))) == 2

        page = visitor.see(reset_url("first"))
        [form] = forms(page)
        token = page.one("input", name=TOKEN).attributes["value"]
        assert "action" not in form.attributes
        response = visitor.client.post(reset_url("first"), {TOKEN: token})
        assert (response.status_code, response["Location"]) == (302, MINE)
        assert [*listed(visitor.go_on(response))] == ["Third"]
        assert [*listed(other.see(MINE))] == ["First", "Third"]

    def test_takes_back_sleeping_marks_too(self, visitor, grow):
        visitor.mark("second/only", DONE)
        grow("Below", parent=node("second/only"))
        visitor.client.post(reset_url("second"), {TOKEN: "a" * 32})
        node("second/below").delete()

        assert NOTHING in visitor.see(MINE).text

    def test_of_nothing_is_no_harm(self, visitor):
        mark_some(visitor)
        visitor.go_on(visitor.client.post(reset_url("second"), {TOKEN: "a" * 32}))

        assert [*listed(visitor.page)] == ["First", "Third"]

    @pytest.mark.parametrize("path", ["first/part", "first/one", "gone", "first/gone", "draft"])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_of_what_is_no_roadmap(self, visitor, grow, path, method):
        grow("Draft", is_published=False)
        mark_some(visitor)

        visitor.client.cookies["csrftoken"] = "a" * 32
        response = getattr(visitor.client, method)(reset_url(path), {TOKEN: "a" * 32})
        assert_not_found(response)
        assert [*listed(visitor.see(MINE))] == ["First", "Third"]

    @pytest.mark.parametrize("values", [{}, {TOKEN: "b" * 32}])
    @pytest.mark.parametrize("is_checked", [True, False], ids=["site checks", "site does not"])
    def test_needs_a_token(self, ann, values, is_checked, settings):
        mark_some(ann)
        if not is_checked:
            settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != CSRF]
            ann.client.handler.load_middleware()

        assert ann.client.post(reset_url("first"), values).status_code == 403
        assert [*listed(ann.see(MINE))] == ["First", "Third"]
        assert ann.client.post(reset_url("first"), {TOKEN: "a" * 32}).status_code == 302
        assert [*listed(ann.see(MINE))] == ["Third"]


class TestDownload:
    NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone.utc)

    @pytest.fixture(autouse=True)
    def clock(self, monkeypatch):
        monkeypatch.setattr(clocks, "now", lambda: self.NOW)

    def test_is_all_that_is_stored_in_reading_order(self, visitor, monkeypatch):
        other = Visitor("Ben")
        other.mark("second/only", DONE)
        mark_some(visitor)
        marks = {each["path"]: each for each in visitor.client.get(DOWNLOAD).json()["marks"]}
        assert {path: (mark["title"], mark["state"]) for path, mark in marks.items()} == {
            "third/last": ("Last", LEARNING),
            "first/one": ("One", DONE),
            "first/two": ("Two", LEARNING),
            "first/three": ("Three", SKIPPED),
            "first/four": ("Four", LEARNING),
        }
        assert [path for path in marks if path.startswith("first")] == [
            f"first/{slug}" for slug in ("one", "two", "three", "four")
        ]
        known = {"path", "title", "state", *(["updated_at"] if visitor.user else [])}
        assert all(set(mark) == known for mark in marks.values())

    def test_says_when(self, ann):
        ann.mark("second/only", DONE)

        assert ann.client.get(DOWNLOAD).json() == {
            "downloaded_at": "2030-01-02T03:04:05Z",
            "marks": [
                {
                    "state": "done",
                    "updated_at": "2030-01-02T03:04:05Z",
                    "path": "second/only",
                    "title": "Only",
                }
            ],
        }

    def test_is_a_file(self, visitor):
        headers = visitor.client.get(DOWNLOAD).headers

        assert headers["Content-Type"] == "application/json"
        disposition = 'attachment; filename="roadmap-progress.json"'
        assert headers["Content-Disposition"] == disposition

    def test_is_empty_before_the_first_mark(self, visitor):
        content = visitor.client.get(DOWNLOAD).json()

        assert content == {"downloaded_at": "2030-01-02T03:04:05Z", "marks": []}

    def test_has_marks_that_are_not_shown(self, visitor, grow):
        mark_some(visitor)
        grow("Below", parent=node("first/one"))
        RoadmapNode.objects.filter(path="third").update(is_published=False)

        paths = [mark["path"] for mark in visitor.client.get(DOWNLOAD).json()["marks"]]
        assert {"first/one", "third/last"} <= {*paths}

    def test_may_be_read_by_people(self, visitor, grow):
        grow("Мир", ["Язык"])
        visitor.mark("мир/язык", DONE)

        text = visitor.client.get(DOWNLOAD).content.decode()
        assert '"title": "Язык"' in text
        assert len(text.splitlines()) > 5
        assert json.loads(text)


class TestQueries:
    @pytest.fixture(params=[(1, 1), (40, 15)])
    def many(self, request, grow):
        roadmaps, marks = request.param
        for number in range(roadmaps):
            grow(f"r{number}", [f"t{topic}" for topic in range(marks)])
        nodes = RoadmapNode.objects.filter(path__startswith="r", parent__isnull=False)

        def mark_all(visitor):
            if visitor.user:
                Progress.objects.bulk_create(
                    Progress(user=visitor.user, node=topic, state=LEARNING) for topic in nodes
                )
            else:
                visitor.mark("second/only", DONE)
                session = visitor.client.session
                session["django_roadmap"] = {"learning": [topic.pk for topic in nodes]}
                session.save()
            return roadmaps, marks

        return mark_all

    def test_of_the_list(self, visitor, many, django_assert_num_queries):
        roadmaps, marks = many(visitor)
        # A session and a user.
        own = 2 if visitor.user else 1
        # All roadmaps, the marks of an account, what has marks, and twice what to count.
        for queries in (5 if visitor.user else 4, 3 if visitor.user else 2):
            with django_assert_num_queries(own + queries):
                page = visitor.see(MINE)
            assert len(listed(page)) == roadmaps
            # Each roadmap, its bar, its next step and what is being learned.
            assert len(page.all("a")) == roadmaps * (3 + marks) + 1

    def test_of_a_new_learner(self, visitor, django_assert_num_queries):
        # The roadmaps, and those of an account: a session, a user and marks.
        with django_assert_num_queries(4 if visitor.user else 1):
            visitor.see(MINE)

    def test_of_the_download(self, visitor, many, django_assert_num_queries):
        roadmaps, marks = many(visitor)
        with django_assert_num_queries(3 if visitor.user else 2):
            content = visitor.client.get(DOWNLOAD).json()
        assert len(content["marks"]) == roadmaps * marks

    def test_of_a_reset(self, ann, many, django_assert_num_queries):
        many(ann)
        ann.see(reset_url("r0"))
        ann.client.cookies["csrftoken"] = "a" * 32
        # To find it twice, its nodes, a lock, marks, and to delete; savepoints around.
        with django_assert_num_queries(2 + 6 + 2):
            ann.client.post(reset_url("r0"), {TOKEN: "a" * 32})


@pytest.mark.parametrize("has_sessions", [True, False])
def test_the_list_of_roadmaps_leads_here_when_there_is_a_learner(guest, has_sessions):
    if has_sessions:
        assert guest.see("/roadmaps/").links["My roadmaps"] == MINE
        return
    with site_of(CSRF):
        assert "My roadmaps" not in guest.see("/roadmaps/").text


@pytest.mark.parametrize("url", [MINE, "/roadmaps/road/topic/"])
def test_what_is_deleted_while_a_page_is_made_is_not_found(grow, client, monkeypatch, url):
    grow("Road", ["Topic"])
    client.post("/roadmaps/~mark/", {"mark": "done road/topic"})
    assert client.get(url).status_code == 200
    caches["default"].clear()
    editions._recent.clear()

    def gone(found):
        raise RoadmapNode.DoesNotExist

    monkeypatch.setattr("django_roadmap.plans.plans", gone)
    response = client.get(url)
    assert response.status_code == 404
    if url == MINE:
        assert_not_found(response)


def test_what_is_not_found_is_told_by_the_page_of_the_site(guest, templates):
    templates({"404.html": "<h1>Nothing here: {{ exception }}</h1>"})
    page = guest.see(reset_url("gone"), status=404)
    assert page.one("h1").text == "Nothing here: No roadmap or node has the path gone."
