"""Roadmaps and branches as files, as a visitor may see them."""

import re
from datetime import datetime, timezone
from unicodedata import normalize
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.db import connection, models
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from roadmaps import node

from django_roadmap import downloads, drawing, editing, exporting
from django_roadmap.models import Progress, RoadmapNode
from django_roadmap.outline import FORMATS, Outline, read, write
from django_roadmap.outline.values import walk_levels

pytestmark = pytest.mark.django_db

EXTENSIONS = {
    "md": "text/markdown",
    "txt": "text/plain",
    "json": "application/json",
    "opml": "text/x-opml",
    "mmd": "text/vnd.mermaid",
    "checklist.md": "text/markdown",
}
LONG_AGO = datetime(2020, 2, 20, 20, 20, 20, tzinfo=timezone.utc)
SVG = "{http://www.w3.org/2000/svg}"
CHECKLIST = "/roadmaps/python.checklist.md"


@pytest.fixture(autouse=True)
def python():
    """What is unpublished is drafts, and all below it; others need it."""
    root = editing.add(
        Outline(
            "Python",
            description="All.",
            children=[
                Outline("Loops", prerequisites=["draft", "names", "below"], minutes=5),
                Outline(
                    "Draft",
                    is_published=False,
                    description="Secret",
                    children=[Outline("Below", prerequisites=["names"])],
                ),
                Outline("Names", children=[Outline("Scopes"), Outline("Types")]),
            ],
        )
    )
    models.QuerySet(RoadmapNode).update(updated_at=LONG_AGO)
    return root


@pytest.fixture
def editor():
    user = User.objects.create_user("Ed", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="change_roadmapnode"))
    client = Client()
    client.force_login(user)
    return client


def get(client, url, status=200, **headers):
    response = client.get(url, headers=headers)
    assert response.status_code == status, url
    return response


def text_of(client, url):
    return get(client, url).content.decode()


def slugs(text):
    return [part.slug for part, _level in walk_levels(read(text))]


@pytest.mark.parametrize(("extension", "content_type"), EXTENSIONS.items())
@pytest.mark.parametrize("path", ["django", "django/frontend-basics", "django/css"])
def test_each_format(client, path, extension, content_type):
    response = get(client, f"/roadmaps/{path}.{extension}")
    [name] = [found.name for found in FORMATS.values() if found.extension == extension]

    assert response.content.decode() == write(exporting.outlines_at([path], "default"), name)
    assert response["Content-Type"] == f"{content_type}; charset=utf-8"
    file = f"{path.replace('/', '-')}.{extension}"
    assert response["Content-Disposition"] == f'attachment; filename="{file}"'
    assert response["Link"] == f'<http://testserver/roadmaps/{path}/>; rel="canonical"'
    assert response["Vary"] == "Cookie"
    assert response["Cache-Control"] == "no-cache"
    assert response["ETag"]


def test_formats_are_those_above():
    assert {found.extension: found.content_type for found in FORMATS.values()} == EXTENSIONS


def test_what_is_not_latin(client):
    editing.add(Outline("Änderung", slug="änderung", children=[Outline("节", slug="节")]))
    url = "/roadmaps/%C3%A4nderung/%E8%8A%82"
    response = get(client, f"{url}.md")
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''%C3%A4nderung-%E8%8A%82.md"
    )
    assert response["Link"] == f'<http://testserver{url}/>; rel="canonical"'
    assert response.content.decode() == "# 节 <!-- slug: 节 -->\n"
    get(client, f"/roadmaps/{normalize('NFD', 'änderung')}.md", 404)


def test_the_file_of_a_branch_is_called_after_both(client):
    response = downloads.file_response("a/b", FORMATS["checklist"], "ä")
    assert response["Content-Disposition"] == 'attachment; filename="a-b.checklist.md"'
    assert response.content == "ä".encode()


@pytest.mark.parametrize(
    "path",
    [
        *("python.html", "python.MD", "python.", "python.md.md", "python.md/", "python/.md"),
        *("gone.md", "python/gone.md", "Python.md", "python/loops/x.md", "~python.md", ".md"),
        *("python/draft.md", "python/below.json", "python/draft.checklist.md"),
    ],
)
def test_nothing_there(client, path):
    get(client, f"/roadmaps/{path}", 404)


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_an_unpublished_roadmap(client, editor, python, extension):
    RoadmapNode.objects.filter(pk=python.pk).update(is_published=False)
    for path in ("python", "python/loops"):
        get(client, f"/roadmaps/{path}.{extension}", 404)
        assert get(editor, f"/roadmaps/{path}.{extension}")["Cache-Control"] == "no-cache, private"


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_drafts_are_for_who_may_change_nodes(client, editor, extension):
    url = f"/roadmaps/python.{extension}"
    seen = text_of(client, url)
    assert not re.search("draft|secret|below", seen, re.IGNORECASE)
    assert re.search("draft", text_of(editor, url), re.IGNORECASE)
    # Each has their own, in any order.
    assert text_of(client, url) == seen


def test_prerequisites_that_do_not_show(client, editor):
    [outline] = read(text_of(client, "/roadmaps/python.json"))
    assert outline.children[0].prerequisites == ["names"]
    assert slugs(text_of(client, "/roadmaps/python.json")) == [
        *("python", "loops", "names", "scopes", "types")
    ]
    [outline] = read(text_of(client, "/roadmaps/python/loops.json"))
    assert outline.prerequisites == ["names"]

    [outline] = read(text_of(editor, "/roadmaps/python.json"))
    assert outline == exporting.outlines_at(["python"], "default")[0]
    assert outline.children[0].prerequisites == ["draft", "below", "names"]
    assert slugs(text_of(editor, "/roadmaps/python/draft.json")) == ["draft", "below"]
    # To come here from a part of the roadmap that is hidden is no way either.
    get(client, "/roadmaps/python/below.json", 404)


@pytest.mark.parametrize(("is_staff", "may_change"), [(False, False), (True, False), (False, True)])
def test_who_is_no_editor_sees_no_drafts(client, is_staff, may_change):
    user = User.objects.create_user("Ada", is_staff=is_staff)
    if may_change:
        user.user_permissions.add(Permission.objects.get(codename="change_roadmapnode"))
    client.force_login(user)
    assert "draft" not in text_of(client, "/roadmaps/python.json")
    get(client, "/roadmaps/python/draft.json", 404)


class TestConditional:
    URLS = ("/roadmaps/python.md", "/roadmaps/python/names.opml", CHECKLIST)

    @pytest.mark.parametrize("url", URLS)
    def test_who_has_it_already(self, client, url):
        first = get(client, url)
        again = get(client, url, 304, if_none_match=first["ETag"])
        assert again.content == b""
        assert again["ETag"] == first["ETag"]
        assert first["Last-Modified"]
        get(client, url, 304, if_modified_since=first["Last-Modified"])

    def test_an_edit_is_seen(self, client, python):
        tags = set()
        for edit in (
            lambda: None,
            lambda: node("python/draft").save(),
            node("python/loops").prerequisites.clear,
            lambda: editing.add(Outline("New"), node("python/names")),
            lambda: node("python/draft").resources.create(title="L", url="https://a.org"),
        ):
            edit()
            tags.add(get(client, "/roadmaps/python/names.json")["ETag"])
        assert len(tags) == 5

    def test_each_has_its_own_tag(self, client, editor):
        urls = [f"/roadmaps/{path}.{e}" for path in ("python", "python/loops") for e in EXTENSIONS]
        tags = {get(each, url)["ETag"] for url in urls for each in (client, editor)}
        assert len(tags) == 2 * len(urls)
        get(client, urls[0], 200, if_none_match=get(client, urls[1])["ETag"])
        # The page of the same node is another thing.
        assert get(client, "/roadmaps/python/")["ETag"] not in tags

    def test_a_head_has_no_body(self, client):
        for extension in EXTENSIONS:
            url = f"/roadmaps/python.{extension}"
            head, got = client.head(url), get(client, url)
            assert head.status_code == 200
            assert head.content == b""
            for name in ("ETag", "Content-Type", "Content-Disposition", "Link", "Last-Modified"):
                assert head[name] == got[name]
        assert client.post("/roadmaps/python.md").status_code == 405

    def test_queries(self, client, django_assert_num_queries):
        for extension in EXTENSIONS:
            client.cookies.clear()
            url = f"/roadmaps/python.{extension}"
            # Find and read the roadmap, the node, and what is said of those below it.
            with CaptureQueriesContext(connection) as queries:
                response = get(client, url)
            assert len(queries) <= 6 + (extension == "checklist.md")
            with django_assert_num_queries(2):
                get(client, url, 304, if_none_match=response["ETag"])

    def test_as_many_queries_for_a_long_one(self, client, django_assert_num_queries):
        top = node("python/names")
        editing.add(Outline("Many", children=[Outline(f"T{n}") for n in range(100)]), top)
        with django_assert_num_queries(6):
            get(client, "/roadmaps/python.md")


class TestChecklist:
    def boxes(self, client, url=CHECKLIST):
        return text_of(client, url).split("\n")[2:-1]

    def test_of_a_learner(self, visitor):
        client = visitor.client
        assert self.boxes(client) == [
            *("- [ ] Loops", "- [ ] Names", "  - [ ] Scopes", "  - [ ] Types")
        ]
        tags = [get(client, CHECKLIST)["ETag"]]
        for topic, state in (("loops", "done"), ("scopes", "learning"), ("types", "skipped")):
            visitor.mark(f"python/{topic}", state)
            response = get(client, CHECKLIST)
            assert response["Cache-Control"] == "no-cache, private"
            assert "Last-Modified" not in response
            tags.append(response["ETag"])
            get(client, CHECKLIST, 304, if_none_match=tags[-1])
            get(client, CHECKLIST, 200, if_none_match=tags[-2])
        assert self.boxes(client) == [
            "- [x] Loops",
            "- [ ] Names *(Learning)*",
            "  - [ ] Scopes *(Learning)*",
            "  - [ ] Types *(Skipped)*",
        ]
        visitor.mark("python/scopes", "done")
        assert self.boxes(client)[1:] == [
            *("- [x] Names", "  - [x] Scopes", "  - [ ] Types *(Skipped)*")
        ]
        assert self.boxes(client, "/roadmaps/python/names.checklist.md") == [
            *("- [x] Scopes", "- [ ] Types *(Skipped)*")
        ]
        assert len(set(tags)) == 4

    def test_of_others(self, ann, guest, editor):
        ann.mark("python/loops", "done")
        assert self.boxes(ann.client)[0] == "- [x] Loops"
        assert self.boxes(guest.client)[0] == self.boxes(Client())[0] == "- [ ] Loops"
        assert self.boxes(editor)[:3] == ["- [ ] Loops", "- [ ] Draft", "  - [ ] Below"]

    def test_other_formats_say_nothing_of_marks(self, ann):
        ann.mark("python/scopes", "done")
        response = get(ann.client, "/roadmaps/python.md")
        ann.mark("python/loops", "done")
        get(ann.client, "/roadmaps/python.md", 304, if_none_match=response["ETag"])
        assert get(ann.client, "/roadmaps/python.md").content == response.content

    def test_a_topic_with_the_slug_of_the_roadmap(self, ann):
        editing.add(Outline("Python itself", slug="python"), node("python"), "first-child")
        ann.mark("python/loops", "done")
        assert self.boxes(ann.client)[0] == "- [ ] Python itself"
        ann.mark("python/python", "done")
        assert self.boxes(ann.client)[0] == "- [x] Python itself"

    def test_queries(self, ann, django_assert_max_num_queries):
        ann.mark("python/loops", "done")
        tag = get(ann.client, CHECKLIST)["ETag"]
        # A session, the account, the roadmap twice and the marks.
        with django_assert_max_num_queries(5):
            get(ann.client, CHECKLIST, 304, if_none_match=tag)

    @pytest.mark.parametrize("user", [None, AnonymousUser()])
    def test_of_nobody(self, rf, user):
        """On a site without sessions, or without accounts, there is no learner."""
        request = rf.get(CHECKLIST)
        if user:
            request.user = user
        view = downloads.ExportView.as_view()
        response = view(request, path="python", format=FORMATS["checklist"])
        assert response.status_code == 200
        assert b"- [ ] Loops" in response.content
        assert response["Cache-Control"] == "no-cache"


class TestMeanwhile:
    """Between two queries, somebody else may do anything."""

    def after(self, monkeypatch, module, name, edit):
        function = getattr(module, name)

        def patched(*args, **kwargs):
            monkeypatch.undo()
            found = function(*args, **kwargs)
            edit()
            return found

        monkeypatch.setattr(module, name, patched)

    @pytest.mark.parametrize("path", ["python", "python/names"])
    @pytest.mark.parametrize("extension", ["md", "checklist.md"])
    def test_it_is_deleted_once_it_was_found(self, client, monkeypatch, path, extension):
        self.after(monkeypatch, downloads.editions, "find", lambda: node(path).delete())
        get(client, f"/roadmaps/{path}.{extension}", 404)

    @pytest.mark.parametrize("path", ["python", "python/names"])
    def test_it_is_deleted_once_the_edition_was_read(self, client, monkeypatch, path):
        self.after(monkeypatch, downloads.tree, "walk", lambda: node(path).delete())
        get(client, f"/roadmaps/{path}.md", 404)

    @pytest.mark.parametrize("path", ["python", "python/names"])
    def test_it_is_deleted_once_its_row_was_read(self, client, monkeypatch, path):
        branch_rows = exporting.branch_rows

        def patched(top, using):
            monkeypatch.undo()
            node(path).delete()
            return branch_rows(top, using)

        monkeypatch.setattr(exporting, "branch_rows", patched)
        get(client, f"/roadmaps/{path}.md", 404)

    def test_what_is_new_shows_the_next_time(self, client, monkeypatch):
        def edit():
            editing.add(Outline("Hidden", is_published=False), node("python/names"))

        self.after(monkeypatch, downloads.tree, "walk", edit)
        response = get(client, "/roadmaps/python/names.md")
        assert b"Hidden" not in response.content
        get(client, "/roadmaps/python/names.md", 200, if_none_match=response["ETag"])

    def test_marks_of_what_is_gone(self, rf, monkeypatch):
        request = rf.get(CHECKLIST)
        request.user = User.objects.create_user("Ann")

        def gone(edition):
            raise RoadmapNode.DoesNotExist

        monkeypatch.setattr(downloads.plans, "plan", gone)
        with pytest.raises(Http404, match="the path python"):
            downloads.ExportView.as_view()(request, path="python", format=FORMATS["checklist"])


@pytest.mark.django_db
def test_what_is_withdrawn_while_a_file_is_made_is_not_in_it(client, monkeypatch):
    def outline_of(top, *args, **kwargs):
        RoadmapNode.objects.filter(path="django/html").update(is_published=False, title="Secret")
        return made(top, *args, **kwargs)

    made = exporting.outline_of
    monkeypatch.setattr(exporting, "outline_of", outline_of)
    text = client.get("/roadmaps/django.json").content.decode()

    assert "Secret" not in text
    assert '"CSS"' in text


class TestMap:
    URL = "/roadmaps/python.svg"

    def test_is_a_picture_to_look_at(self, client):
        response = get(client, self.URL)
        assert response["Content-Type"] == "image/svg+xml; charset=utf-8"
        assert response["Content-Disposition"] == 'inline; filename="python.svg"'
        assert response["Link"] == '<http://testserver/roadmaps/python/>; rel="canonical"'
        assert response["Vary"] == "Cookie"
        assert response["Cache-Control"] == "no-cache"
        root = ElementTree.fromstring(response.content)
        assert root.tag == f"{SVG}svg"
        assert root.find(f"{SVG}title").text == "Map of Python"

    def test_is_self_contained_and_leads_back_to_the_site(self, client):
        text = text_of(client, self.URL)
        assert "var(" not in text
        assert "class=" in text
        links = re.findall('href="([^"]*)"', text)
        assert links[:2] == [
            "http://testserver/roadmaps/python/",
            "http://testserver/roadmaps/python/loops/",
        ]
        assert all(link.startswith("http://testserver/roadmaps/python/") for link in links)
        assert re.findall(r"(?:src|url)\b", text) == []

    def test_of_a_branch(self, client):
        response = get(client, "/roadmaps/python/names.svg")
        assert response["Content-Disposition"] == 'inline; filename="python-names.svg"'
        assert re.findall("<text[^>]*>([^<]*)<", response.content.decode())[0] == "Names"

    def test_has_two_themes(self, client):
        light, dark = (text_of(client, f"{self.URL}?theme={theme}") for theme in ("light", "dark"))
        assert text_of(client, self.URL) == light != dark
        for text, theme in ((light, "light"), (dark, "dark")):
            used = set(re.findall('(?:fill|stroke)="(#[^"]*)"', text))
            assert used <= set(drawing.THEMES[theme].values())
        get(client, f"{self.URL}?theme=blue", 404)

    def test_is_the_same_to_the_byte(self, client, settings):
        first = get(client, self.URL).content
        settings.DEBUG = True  # Nothing is kept.
        assert get(client, self.URL).content == first

    @pytest.mark.parametrize("url", ["/roadmaps/gone.svg", "/roadmaps/python/gone.svg"])
    def test_of_nothing_is_not_found(self, client, url):
        get(client, url, 404)

    @pytest.mark.parametrize("path", ["python/draft", "python/below"])
    def test_of_what_is_not_published_is_for_editors(self, client, editor, path):
        get(client, f"/roadmaps/{path}.svg", 404)
        assert "Not published" in text_of(editor, "/roadmaps/python/draft.svg")

    def test_shows_what_the_visitor_has_done(self, client):
        plain = text_of(client, self.URL)
        user = User.objects.create_user("Ann")
        client.force_login(user)
        assert text_of(client, self.URL) == plain
        Progress.objects.create(user=user, node=node("python/loops"), state="done")
        assert ">Done<" in text_of(client, self.URL)
        assert ">Done<" not in text_of(Client(), self.URL)

    @pytest.mark.parametrize("who", ["client", "editor"])
    def test_costs_one_query_to_see_again(self, request, who, django_assert_num_queries):
        client = request.getfixturevalue(who)
        signed_in = 4 if who == "editor" else 0
        with django_assert_num_queries(2 + signed_in + (who == "editor")):
            etag = get(client, self.URL)["ETag"]
        with django_assert_num_queries(1 + signed_in + (who == "editor")):
            get(client, self.URL, 304, if_none_match=etag)
        node("python/loops").save()
        get(client, self.URL, if_none_match=etag)

    def test_is_another_one_for_each_theme_and_template(self, client, templates):
        etags = {get(client, f"{self.URL}{query}")["ETag"] for query in ("", "?theme=dark")}
        templates({"django_roadmap/picture.svg": "<svg>{{ node.title }}</svg>"})
        response = get(client, self.URL)
        assert response.content == b"<svg>Python</svg>"
        assert len(etags | {response["ETag"]}) == 3

    def test_of_a_branch_that_is_deleted_meanwhile(self, client, monkeypatch):
        def gone(*args, **kwargs):
            raise RoadmapNode.DoesNotExist

        monkeypatch.setattr(downloads, "svg", gone)
        get(client, self.URL, 404)
