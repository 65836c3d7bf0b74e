import re
from types import ModuleType

import pytest
from django.contrib import admin
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, override_settings
from django.urls import include, path, reverse
from pages import Page
from roadmaps import node, rows
from soundness import findings
from visiting import inside

from django_roadmap import exporting
from django_roadmap.admin import RoadmapAdmin, RoadmapNodeAdmin
from django_roadmap.admin import text as admin_text
from django_roadmap.models import Progress, Roadmap, RoadmapNode

NODES = "/admin/django_roadmap/roadmapnode/"
ROADMAPS = "/admin/django_roadmap/roadmap/"
IMPORT = f"{ROADMAPS}import/"
FORMS = "# Forms\n\nAll that is asked.\n\n- Fields\n  - Widgets\n- Validation\n"

JSON = '{"format": "django-roadmap", "version": 1, "roadmaps": [{"title": "Forms"}]}'

ADD = ("add_roadmapnode", "add_resource")
UPDATE = (*ADD, "change_roadmapnode", "change_resource", "delete_resource")
DELETE = (*UPDATE, "delete_roadmapnode")


def post(client, text="", url=IMPORT, **values):
    return client.post(url, {"text": text, "existing": "refuse", **values})


def confirm(client, response, url=IMPORT, **changes):
    """Press the button below a preview; a browser sends what it shows, with its line ends."""
    form = response.context["form"]
    shown = {field.name: field.value() or "" for field in form if field.name != "file"}
    shown = {**shown, "confirm": response.context["confirm"], **changes}
    shown["text"] = re.sub("\r\n|\r|\n", "\r\n", shown["text"])
    return client.post(url, shown)


def errors(response):
    """What is said of each field, and that nothing else is."""
    assert response.status_code == 200
    assert not response.context["found"]
    assert not response.context["problems"]
    return dict(response.context["form"].errors)


def problems(response):
    assert response.status_code == 200
    assert not response.context["found"]
    assert not response.context["form"].errors
    return [(found.line, found.text, found.message) for found in response.context["problems"]]


def main_of(response):
    """What is in the middle of the page."""
    html = response.content.decode()
    return Page("<main" + html.partition("<main")[2].partition("</main>")[0] + "</main>")


def table(response, caption="As it would be"):
    """The rows of a table of the page, each as the texts of its cells."""
    page = main_of(response)
    [found] = [
        found
        for found in page.all("table")
        if any(other.tag == "caption" and other.text == caption for other in inside(page, found))
    ]
    cells = [
        [other.text for other in inside(page, row) if other.tag in ("td", "th")]
        for row in inside(page, found)
        if row.tag == "tr"
    ]
    return cells[1:]


def text_of(response):
    return " ".join(main_of(response).text.split())


def file(content, name="forms.md"):
    return SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())


@pytest.fixture
def client_of(client, db):
    """A client signed in as somebody with just these permissions."""

    def client_of(*codenames):
        user = User.objects.create_user("Ada", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        assert user.user_permissions.count() == len(codenames)
        client.force_login(user)
        return client

    return client_of


class TestImport:
    def test_shows_first_and_writes_nothing(self, admin_client):
        before = rows()
        response = post(admin_client, FORMS)

        assert response.status_code == 200
        assert table(response) == [
            ["Forms", "forms"],
            ["Fields", "forms/fields"],
            ["Widgets", "forms/widgets"],
            ["Validation", "forms/validation"],
        ]
        assert "New: Forms 4 new." in text_of(response)
        assert response.context["form"]["text"].value() == FORMS
        assert rows() == before
        assert not LogEntry.objects.exists()

    def test_then_writes_and_tells(self, admin_client):
        response = confirm(admin_client, post(admin_client, FORMS))

        assert response.status_code == 302
        assert response.url == f"{NODES}?roadmap=forms"
        roadmap = node("forms")
        titles = [found.title for found in roadmap.get_descendants()]
        assert titles == ["Fields", "Widgets", "Validation"]
        assert roadmap.summary == "All that is asked."
        assert findings() == []
        log = LogEntry.objects.get()
        assert (log.object_id, log.action_flag) == (str(roadmap.pk), ADDITION)
        assert log.get_edited_object() == roadmap
        assert log.get_change_message() == "Imported as text: 4 new."
        assert "“Forms” was imported: 4 new." in text_of(admin_client.get(response.url))

    def test_is_named_by_form(self, admin_client):
        response = post(admin_client, "- Fields\n- Widgets\n", title="Forms", slug="web-forms")

        assert table(response) == [
            ["Forms", "web-forms"],
            ["Fields", "web-forms/fields"],
            ["Widgets", "web-forms/widgets"],
        ]
        assert confirm(admin_client, response).url == f"{NODES}?roadmap=web-forms"
        assert node("web-forms").title == "Forms"

    def test_letters_of_any_script(self, admin_client):
        response = confirm(admin_client, post(admin_client, "# شبكة\n\n- 網路 😀\n"))

        assert response.url == f"{NODES}?roadmap=%D8%B4%D8%A8%D9%83%D8%A9"
        assert node("شبكة").get_children().get().title == "網路 😀"

    def test_below_a_node(self, admin_client):
        url = f"{IMPORT}?under=django/html"
        form = admin_client.get(url).context["form"]
        assert form["under"].value() == "django/html"
        response = post(admin_client, FORMS, url, under="django/html")

        assert table(response)[0] == ["Forms", "django/forms"]
        assert not node("django/html").get_children()
        assert confirm(admin_client, response, url).url == f"{NODES}?roadmap=django"
        assert node("django/forms").parent == node("django/html")
        assert findings() == []

    @pytest.mark.parametrize("path", ["nowhere", "/django/", "x" * 300, "django/nowhere"])
    def test_below_nothing_is_an_error_there(self, admin_client, path):
        before = rows()
        response = post(admin_client, FORMS, under=path)

        assert errors(response) == {"under": [f"No roadmap or node has the path {path}."]}
        assert response.context["form"]["under"].value() == path
        assert rows() == before

    def test_several_roadmaps_go_to_their_list(self, admin_client):
        response = post(admin_client, "# Forms\n\n- Fields\n\n# Models\n", slug="forms models-2")
        html = text_of(response)

        assert "New: Forms 2 new." in html
        assert "New: Models 1 new." in html
        response = confirm(admin_client, response)
        assert response.url == ROADMAPS
        assert node("models-2").title == "Models"
        assert LogEntry.objects.count() == 2
        html = text_of(admin_client.get(response.url))
        assert "“Forms” was imported: 2 new." in html
        assert "“Models” was imported: 1 new." in html

    def test_several_branches_go_to_their_roadmap(self, admin_client):
        response = post(admin_client, "- Forms\n- Models\n", under="django/html", existing="update")

        assert confirm(admin_client, response).url == f"{NODES}?roadmap=django"
        titles = [child.title for child in node("django/html").get_children()]
        assert titles == ["Forms", "Models"]

    @pytest.mark.parametrize(
        ("text", "format", "title"),
        [
            ("# Forms\n", "text", "# Forms"),
            ("Forms\n=====\n", "markdown", "Forms"),
            (JSON, "", "Forms"),
            (JSON, "text", JSON),
            (
                '<opml version="2.0"><body><outline text="Forms"/></body></opml>',
                "opml",
                "Forms",
            ),
        ],
    )
    def test_format_is_found_or_forced(self, admin_client, text, format, title):
        response = post(admin_client, text, format=format)

        [found] = response.context["found"]
        assert found["imported"].rows[0].title == title
        assert response.context["form"]["format"].value() == format

    @pytest.mark.parametrize("format", ["mermaid", "checklist", "x"])
    def test_what_cannot_be_read_is_no_choice(self, admin_client, format):
        form = admin_client.get(IMPORT).context["form"]
        names = [name for name, label in form.fields["format"].choices]

        assert names == ["", "markdown", "text", "json", "opml"]
        assert [*errors(post(admin_client, FORMS, format=format))] == ["format"]

    @pytest.mark.parametrize("text", ["", " \n\t "])
    def test_nothing_is_an_error(self, admin_client, text):
        message = "Write or paste a text, or choose a file."

        assert errors(post(admin_client, text)) == {"text": [message]}

    def test_null_character_is_an_error(self, admin_client):
        message = "Null characters are not allowed."

        assert errors(post(admin_client, "# A\0")) == {"text": [message]}

    def test_keeps_what_was_entered(self, admin_client):
        values = {"title": "T", "slug": "s", "under": "nowhere", "existing": "delete"}
        response = post(admin_client, FORMS, format="text", **values)
        form = response.context["form"]

        assert {name: form[name].value() for name in values} == values
        assert form["text"].value() == FORMS
        assert form["format"].value() == "text"

    def test_choice_is_needed(self, admin_client):
        response = admin_client.post(IMPORT, {"text": FORMS})

        assert errors(response) == {"existing": ["This field is required."]}


class TestFile:
    @pytest.mark.parametrize(
        "content",
        [
            FORMS.encode(),
            b"\xef\xbb\xbf" + FORMS.encode(),
            FORMS.replace("\n", "\r\n").encode(),
            FORMS.replace("\n", "\r").encode(),
            FORMS.encode("utf-16"),
        ],
        ids=["plain", "byte-order mark", "CRLF", "CR", "UTF-16"],
    )
    def test_text_of_it_can_be_changed_and_is_imported_without_it(self, admin_client, content):
        response = post(admin_client, "Another text", file=file(content))

        assert len(table(response)) == 4
        assert response.context["form"]["text"].value() == FORMS
        assert confirm(admin_client, response).url == f"{NODES}?roadmap=forms"

    def test_leading_empty_lines_stay(self, admin_client):
        response = post(admin_client, file=file(f"\n\n{FORMS}"))

        assert f">\n\n\n{FORMS}</textarea>" in response.content.decode()

    def test_broken_encoding_is_said_where(self, admin_client):
        response = post(admin_client, "Forms", file=file(b"# Forms\n\n- Gr\xf6\xdfe"))

        assert errors(response)["file"] == [
            "Line 3, “- Gr��e”: These are no letters of UTF-8: save the file as UTF-8."
        ]
        assert response.context["form"]["text"].value() == "Forms"

    def test_other_than_text_is_an_error(self, admin_client):
        found = errors(post(admin_client, file=file(b"PK\0\0")))

        [message] = found.pop("file")
        assert "There is a null character in it" in message
        assert found == {}

    def test_empty_is_an_error(self, admin_client):
        assert errors(post(admin_client, file=file(b""))) == {
            "file": ["The submitted file is empty."]
        }

    @pytest.mark.parametrize("limit", [None, 2**30])
    def test_too_large_is_an_error(self, admin_client, monkeypatch, settings, limit):
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = limit
        monkeypatch.setattr(admin_text, "MAX_BYTES", 20_480)
        message = "It is too large for this page, which takes 20.0\xa0KB: use roadmap_import."

        assert errors(post(admin_client, file=file(b"x" * 20_481))) == {"file": [message]}
        assert errors(post(admin_client, file=file(b"x" * 20_000))) == {"file": [message]}

    def test_what_is_shown_can_be_sent_back(self, admin_client, settings):
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = most = 40_000
        begin, end = "# Forms\n\n```\n", "```\n"
        room = most - admin_text.ROOM - sum(len(s) + s.count("\n") for s in (begin, end))
        text = begin + "ö\n" * (room // 4) + end
        assert [*errors(post(admin_client, file=file(text + "    ")))] == ["file"]
        response = post(admin_client, file=file(text))

        assert response.context["found"]
        assert confirm(admin_client, response).status_code == 302

    def test_is_kept_when_something_else_is_wrong(self, admin_client):
        response = post(admin_client, file=file(FORMS), format="x", under="y")

        assert [*errors(response)] == ["format"]
        assert response.context["form"]["text"].value() == FORMS


class TestProblems:
    TEXT = "# Forms\n\n- [A](ftp://a.org)\n- B <!-- minutes: long -->\n- C <!-- slug: b b -->\n"

    def test_are_in_a_table_and_nothing_is_written(self, admin_client):
        before = rows()
        response = post(admin_client, self.TEXT)
        found = table(response, "Problems")

        assert [row[:2] for row in found] == [
            ["3", "- [A](ftp://a.org)"],
            ["4", "- B <!-- minutes: long -->"],
            ["5", "C"],
        ]
        assert all(row[2] for row in found)
        assert "Nothing was imported: there are 3 problems in the text." in text_of(response)
        assert "<title>Error: Import roadmaps" in response.content.decode()
        assert response.context["form"]["text"].value() == self.TEXT
        assert not response.context["confirm"]
        assert rows() == before

    def test_one_is_said_to_be_one(self, admin_client):
        response = post(admin_client, "# Forms\n\n- B <!-- minutes: long -->")

        assert "Nothing was imported: there is a problem in the text." in text_of(response)

    def test_may_be_without_a_line(self, admin_client):
        response = post(admin_client, FORMS, slug="a b")

        assert table(response, "Problems") == [
            ["", "", "Give each of these a slug, or all of them a title above: “Forms”."]
        ]

    def test_many_are_not_all_shown(self, admin_client):
        response = post(admin_client, "# A\n\n" + "- B <!-- minutes: long -->\n" * 201)

        assert "there are 201 problems" in text_of(response)
        assert len(table(response, "Problems")) == 200
        assert "Only the first 200 of them are shown." in text_of(response)

    def test_of_what_is_there_already(self, admin_client):
        before = rows()
        response = post(admin_client, "# Django\n\n- HTML\n")

        [(line, text, message)] = problems(response)
        assert (line, text) == (1, "Django")
        assert message == "A roadmap is at “django” already: update that, or take “django-2”."
        assert rows() == before

    def test_level_below_all_others(self, admin_client):
        text = "\n".join(f"{' ' * level}x{level}" for level in range(65))

        assert [line for line, *_ in problems(post(admin_client, text, format="text"))] == [65]
        deep = "\n".join(f"{' ' * level}x{level}" for level in range(62))
        [(line, _text, message)] = problems(
            post(admin_client, deep, format="text", under="django/html")
        )
        assert line is None
        assert message

    @pytest.mark.parametrize("name", ["title", "slug", "summary", "prerequisites", "x"])
    @pytest.mark.parametrize("half", [r"\ud800", r"\udfff"])
    def test_half_of_a_character(self, admin_client, name, half):
        value = f'["{half}"]' if name == "prerequisites" else f'"{half}"'
        text = JSON.replace('"Forms"', f'"Forms", "{name}": {value}')

        assert problems(post(admin_client, text))

    def test_prerequisite_that_is_none_here(self, admin_client):
        response = post(admin_client, "# Forms\n\n- A <!-- after: b -->\n")

        [(line, _text, message)] = problems(response)
        assert line == 3
        assert "“b” is no other node here" in message


class TestSeenBefore:
    def test_another_text_is_shown_first(self, admin_client):
        response = post(admin_client, FORMS)
        response = confirm(admin_client, response, text="# Forms\n\n- Other\n")

        assert table(response) == [["Forms", "forms"], ["Other", "forms/other"]]
        assert "This is not what you have seen before: look at it again." in text_of(response)
        assert not RoadmapNode.objects.filter(path="forms").exists()
        assert confirm(admin_client, response).status_code == 302
        assert node("forms").get_children().get().title == "Other"

    @pytest.mark.parametrize(
        "change",
        [
            {"text": FORMS.replace("All that", "What")},
            {"title": "Web"},
            {"slug": "web-forms"},
            {"under": "django"},
            {"existing": "update"},
            {"confirm": "x"},
            {"confirm": "å"},
        ],
        ids=str,
    )
    def test_anything_else_is_shown_first(self, admin_client, change):
        before = rows()
        response = confirm(admin_client, post(admin_client, FORMS), **change)

        assert response.status_code == 200
        assert len(response.context["found"]) == 1
        assert rows() == before
        assert not LogEntry.objects.exists()

    def test_what_somebody_else_has_changed_is_shown_first(self, admin_client):
        response = post(admin_client, "# Frontend Basics\n\n- HTML\n- CSS\n", under="django")
        values = {"under": "django/beginner-level", "existing": "update"}
        response = post(admin_client, "# Frontend Basics\n\n- HTML\n- CSS\n", **values)
        assert ["JavaScript (not published)", "django/javascript", "Unpublished"] in table(response)
        node("django/javascript").delete()
        before = rows()
        response = confirm(admin_client, response)

        assert response.status_code == 200
        assert "This is not what you have seen before" in text_of(response)
        assert "Nothing to change." in text_of(response)
        assert rows() == before
        assert confirm(admin_client, response).status_code == 302

    def test_what_somebody_else_has_taken_is_a_problem(self, admin_client, grow):
        response = post(admin_client, FORMS)
        grow("Forms")

        assert len(problems(confirm(admin_client, response))) == 1
        assert not node("forms").get_children()

    def test_site_may_have_no_admin_of_nodes(self, admin_client, monkeypatch):
        monkeypatch.delitem(admin.site._registry, RoadmapNode)

        assert confirm(admin_client, post(admin_client, FORMS)).status_code == 302

    def test_node_that_somebody_else_has_deleted_is_an_error(self, admin_client):
        response = post(admin_client, FORMS, under="django/html")
        node("django/html").delete()

        assert [*errors(confirm(admin_client, response))] == ["under"]

    def test_what_is_gone_right_after_is_not_logged(self, admin_client, monkeypatch):
        response = post(admin_client, FORMS)
        look = admin_text.ImportForm.look

        def look_and_delete(form, *args):
            found = look(form, *args)
            node("forms").delete()
            return found

        monkeypatch.setattr(admin_text.ImportForm, "look", look_and_delete)
        assert confirm(admin_client, response).status_code == 302
        assert not LogEntry.objects.exists()


class TestUpdate:
    TEXT = """\
# Frontend Basics

- Forms
- JavaScript
  - DOM
- CSS <!-- optional -->
"""
    VALUES = {"under": "django/beginner-level"}

    def test_leaves_alone_what_is_there(self, admin_client):
        response = post(admin_client, self.TEXT, **self.VALUES)

        [[line, text, message]] = table(response, "Problems")
        assert (line, text) == ("1", "Frontend Basics")
        assert message.startswith("It is at “django/frontend-basics” already: update that, or ")
        assert not response.context["confirm"]
        assert node("django/html").is_published

    @pytest.mark.parametrize("mode", ["update", "delete"])
    def test_says_what_becomes_of_each(self, admin_client, mode):
        before = rows()
        response = post(admin_client, self.TEXT, existing=mode, **self.VALUES)
        shown = table(response)

        assert shown[:5] == [
            ["Frontend Basics", "django/frontend-basics", ""],
            ["Forms", "django/forms", "New"],
            ["JavaScript", "django/javascript", ""],
            ["DOM", "django/dom", "New"],
            ["CSS", "django/css", "Moved, Changed"],
        ]
        last = [["HTML (not published)", "django/html", "Unpublished"]]
        assert shown[5:] == (last if mode == "update" else [])
        html = text_of(response)
        gone = {"update": "unpublished", "delete": "deleted"}[mode]
        assert f"Update: Frontend Basics 2 new, 1 moved, 1 changed, 1 {gone}." in html
        said = "These would be deleted, with all marks on them: django/html As it would be"
        assert (said in html) is (mode == "delete")
        assert rows() == before

    @pytest.mark.parametrize("mode", ["update", "delete"])
    def test_does_it(self, admin_client, admin_user, mode):
        html = node("django/html")
        Progress.objects.create(user=admin_user, node=html, state="done")
        response = post(admin_client, self.TEXT, existing=mode, **self.VALUES)
        response = confirm(admin_client, response)

        assert response.url == f"{NODES}?roadmap=django"
        left = RoadmapNode.objects.filter(pk=html.pk)
        assert [found.is_published for found in left] == ([False] if mode == "update" else [])
        assert Progress.objects.exists() is (mode == "update")
        assert node("django/css").is_optional
        log = LogEntry.objects.get()
        assert log.action_flag == CHANGE
        assert log.object_id == str(node("django/frontend-basics").pk)
        assert findings() == []

    def test_roadmap_keeps_its_own(self, admin_client):
        pk = node("django-step-by-step").pk
        response = post(
            admin_client, "# Step by step <!-- slug: django-step-by-step -->", existing="update"
        )

        assert "Update: Step by step" in text_of(response)
        assert confirm(admin_client, response).url == f"{NODES}?roadmap=django-step-by-step"
        found = node("django-step-by-step")
        assert (found.pk, found.title) == (pk, "Step by step")
        assert not found.get_children().filter(is_published=True).exists()

    def test_nothing_to_change(self, admin_client):
        post_it = {"text": FORMS, "existing": "update"}
        confirm(admin_client, post(admin_client, **post_it))
        response = post(admin_client, **post_it)

        assert "Update: Forms Nothing to change." in text_of(response)
        response = confirm(admin_client, response)
        assert "“Forms” was imported: nothing to change." in text_of(admin_client.get(response.url))


class TestPermissions:
    @pytest.mark.parametrize(
        "names",
        [
            (),
            ("view_roadmap", "view_roadmapnode"),
            ("change_roadmap", "change_roadmapnode"),
            ("add_roadmapnode",),
            ("add_resource", "add_roadmap", "view_roadmap"),
        ],
        ids=", ".join,
    )
    def test_is_refused_and_not_offered(self, client_of, names):
        client = client_of(*names)
        before = rows()

        assert client.get(IMPORT).status_code == 403
        assert post(client, FORMS, under="django").status_code == 403
        assert rows() == before
        response = client.get(ROADMAPS)
        assert response.status_code in (200, 403)
        assert IMPORT not in response.content.decode()

    @pytest.mark.parametrize(
        ("names", "is_free", "modes"),
        [
            (ADD, False, "refuse"),
            ((*ADD, "add_roadmap"), True, "refuse"),
            ((*ADD, "change_roadmapnode", "delete_roadmapnode"), False, "refuse"),
            (UPDATE, False, "refuse update"),
            ((*UPDATE, "add_roadmap"), True, "refuse update"),
            (DELETE, False, "refuse update delete"),
            ((*DELETE, "add_roadmap"), True, "refuse update delete"),
        ],
        ids=lambda value: ", ".join(value) if isinstance(value, tuple) else str(value),
    )
    def test_offers_what_they_allow(self, client_of, names, is_free, modes):
        client = client_of(*names, "view_roadmap")
        assert f'href="{IMPORT}"' in client.get(ROADMAPS).content.decode()
        response = client.get(IMPORT)
        form = response.context["form"]
        before = rows()

        assert [value for value, _label in form.fields["existing"].choices] == modes.split()
        assert form.fields["under"].required is not is_free
        assert ('for="id_under" class="required"' in response.content.decode()) is not is_free
        response = post(client, FORMS)
        if is_free:
            assert confirm(client, response).status_code == 302
        else:
            assert errors(response) == {"under": ["This field is required."]}
            assert rows() == before

        for mode in ("refuse", "update", "delete"):
            before = rows()
            response = post(client, FORMS, existing=mode, under="django/html")
            if mode in modes.split():
                assert confirm(client, response).status_code == 302
                assert rows() != before or mode != "refuse"
            else:
                assert [*errors(response)] == ["existing"]
                assert [*errors(confirm(client, response))] == ["existing"]
                assert rows() == before

    @pytest.mark.parametrize(
        ("names", "url"),
        [
            ((), "/admin/"),
            (("view_roadmap",), ROADMAPS),
            (("view_roadmapnode",), f"{NODES}?roadmap=django"),
        ],
        ids=["nothing", "roadmaps", "nodes"],
    )
    def test_leads_where_one_may_look(self, client_of, names, url):
        client = client_of(*ADD, *names)
        response = post(client, FORMS, under="django")
        assert (f'href="{ROADMAPS}"' in response.content.decode()) is ("view_roadmap" in names)
        response = confirm(client, response)

        assert response.url == url
        response = client.get(url)
        assert response.status_code == 200
        assert "“Forms” was imported: 4 new." in text_of(response)

    def test_anonymous_signs_in_first(self, client, db):
        for url in (IMPORT, f"{ROADMAPS}1/export/json/"):
            assert client.get(url).url == f"/admin/login/?next={url}"
        assert post(client, FORMS).url == f"/admin/login/?next={IMPORT}"

    def test_needs_a_csrf_token(self, admin_user):
        client = Client(enforce_csrf_checks=True)
        client.force_login(admin_user)
        before = rows()

        assert post(client, FORMS).status_code == 403
        token = main_of(client.get(IMPORT)).all("input", name="csrfmiddlewaretoken")
        token = {"csrfmiddlewaretoken": token[0].attributes["value"]}
        response = post(client, FORMS, **token)
        assert response.status_code == 200
        assert confirm(client, response).status_code == 403
        assert rows() == before
        assert confirm(client, response, **token).status_code == 302


def export_of(path, format):
    return f"{ROADMAPS}{node(path).pk}/export/{format}/"


class TestExport:
    def test_of_a_roadmap_that_is_deleted_meanwhile(self, admin_client, monkeypatch):
        def outline_of(top, using):
            top.delete()
            return exporting_outline_of(top, using)

        exporting_outline_of = exporting.outline_of
        monkeypatch.setattr(exporting, "outline_of", outline_of)
        url = reverse("admin:django_roadmap_roadmap_export", args=[node("django").pk, "text"])

        assert admin_client.get(url).status_code == 404

    @pytest.mark.parametrize(
        ("format", "label", "name", "content_type"),
        [
            ("markdown", "Markdown", "django.md", "text/markdown"),
            ("text", "Text", "django.txt", "text/plain"),
            ("json", "JSON", "django.json", "application/json"),
            ("opml", "OPML", "django.opml", "text/x-opml"),
            ("mermaid", "Mermaid", "django.mmd", "text/vnd.mermaid"),
        ],
    )
    def test_is_a_file_with_what_is_unpublished(
        self, admin_client, format, label, name, content_type
    ):
        RoadmapNode.objects.filter(path="django/html").update(is_published=False, title="Hidden")
        url = export_of("django", format)
        page = main_of(admin_client.get(ROADMAPS))
        assert page.one("a", href=url).text == f"{label} : Django RoadMap"
        response = admin_client.get(url)

        assert response.status_code == 200
        assert response["Content-Type"] == f"{content_type}; charset=utf-8"
        assert response["Content-Disposition"] == f'attachment; filename="{name}"'
        assert "Hidden" in response.content.decode()
        assert "no-store" in response["Cache-Control"]

    def test_checklist_is_for_learners(self, admin_client):
        assert "/export/checklist/" not in admin_client.get(ROADMAPS).content.decode()

    def test_comes_back_as_it_was(self, admin_client):
        text = admin_client.get(export_of("django", "json")).content.decode()
        response = post(admin_client, text, existing="delete")

        assert "Nothing to change." in text_of(response)

    @pytest.mark.parametrize(
        ("pk", "format"), [("0", "json"), ("9" * 30, "json"), ("{django}", "x"), ("{html}", "json")]
    )
    def test_of_nothing_is_not_found(self, admin_client, pk, format):
        pk = pk.format(django=node("django").pk, html=node("django/html").pk)

        assert admin_client.get(f"{ROADMAPS}{pk}/export/{format}/").status_code == 404

    @pytest.mark.parametrize(
        ("names", "status"),
        [
            ((), 403),
            (("view_roadmapnode",), 403),
            (("view_roadmap",), 403),
            (("change_roadmap",), 403),
            (("view_roadmap", "view_roadmapnode"), 200),
            (("view_roadmap", "change_roadmapnode"), 200),
            (("change_roadmap", "view_roadmapnode"), 200),
        ],
    )
    def test_is_for_those_who_may_see_roadmaps_and_nodes(self, client_of, names, status):
        client = client_of(*names)

        assert client.get(export_of("django", "text")).status_code == status
        html = client.get(ROADMAPS).content.decode()
        assert ("/export/" in html) is (status == 200)

    def test_costs_the_same_whatever_there_is(self, admin_client, grow, django_assert_num_queries):
        url = export_of("django", "markdown")
        # Two for session and user.
        with django_assert_num_queries(2 + 4):
            admin_client.get(url)
        grow("More", {"A": ["B", "C"]}, parent=node("django"))
        with django_assert_num_queries(2 + 4):
            admin_client.get(url)


class TestOtherSite:
    @pytest.fixture
    def site(self):
        site = admin.AdminSite(name="staff")
        site.register(Roadmap, RoadmapAdmin)
        site.register(RoadmapNode, RoadmapNodeAdmin)
        module = ModuleType("two_sites")
        module.urlpatterns = [
            path("admin/", admin.site.urls),
            path("staff/", site.urls),
            path("roadmaps/", include("django_roadmap.urls")),
        ]
        with override_settings(ROOT_URLCONF=module):
            yield site

    def test_leads_nowhere_else(self, admin_client, site):
        url = reverse("staff:django_roadmap_roadmap_import")
        assert url == "/staff/django_roadmap/roadmap/import/"
        response = post(admin_client, FORMS, url)
        pages = [
            admin_client.get("/staff/django_roadmap/roadmap/"),
            admin_client.get(url),
            response,
            post(admin_client, TestProblems.TEXT, url),
        ]

        for page in pages:
            assert page.status_code == 200
            assert '"/admin/' not in page.content.decode()
        links = main_of(pages[0]).links
        assert links["Import"] == url
        exported = f"/staff/django_roadmap/roadmap/{node('django').pk}/export/json/"
        assert links["JSON : Django RoadMap"] == exported
        assert admin_client.get(exported).status_code == 200
        response = confirm(admin_client, response, url)
        assert response.url == "/staff/django_roadmap/roadmapnode/?roadmap=forms"

    def test_after_several_and_without_permission(self, client_of, site):
        url = reverse("staff:django_roadmap_roadmap_import")
        client = client_of(*ADD, "add_roadmap")
        response = post(client, "# A\n- C\n\n# B\n", url)
        assert confirm(client, response, url).url == "/staff/"


class TestPage:
    STATES = [
        ("", {}),
        (FORMS, {}),
        (FORMS, {"under": "nowhere", "format": ""}),
        ("", {"existing": ""}),
        (TestProblems.TEXT, {}),
        (TestUpdate.TEXT, {**TestUpdate.VALUES, "existing": "delete"}),
    ]

    @pytest.fixture(params=STATES, ids=["nothing", "new", "under", "none", "problems", "delete"])
    def response(self, request, admin_client):
        text, values = request.param
        return post(admin_client, text, **values) if text or values else admin_client.get(IMPORT)

    def test_fields_have_labels_and_descriptions(self, response):
        page = main_of(response)
        form = page.one("form", enctype="multipart/form-data")
        ids = [each.attributes["id"] for each in page.elements if "id" in each.attributes]
        assert len(ids) == len(set(ids))
        labels = {label.attributes.get("for") for label in page.all("label")}
        fields = [
            each.attributes
            for each in inside(page, form)
            if each.tag in ("input", "select", "textarea")
            and each.attributes.get("type") != "hidden"
        ]
        assert len(fields) == 6 + 3
        for field in fields:
            assert field["id"] in labels
        helped = {"id_text", "id_file", "id_title", "id_slug", "id_under"}
        for each in inside(page, form):
            described = each.attributes.get("aria-describedby", "").split()
            assert set(described) <= set(ids)
            name = each.attributes.get("id")
            if name in helped:
                assert f"{name}_helptext" in described
        for name in response.context["form"].errors:
            [described] = [
                each.attributes
                for each in inside(page, form)
                if f"id_{name}_error" in each.attributes.get("aria-describedby", "").split()
                and each.attributes.get("type") != "radio"
            ]
            assert described.get("aria-invalid") == "true" or name == "existing"
        [choice] = [each for each in inside(page, form) if each.tag == "legend"]
        assert choice.text == "What is there already"

    def test_headings_are_in_order(self, response):
        page = main_of(response)
        main = page.one("main")
        levels = [
            int(each.tag[1]) for each in inside(page, main) if re.fullmatch("h[1-6]", each.tag)
        ]

        assert levels[0] == 1
        assert set(levels[1:]) <= {2}

    def test_is_plain(self, response):
        html = response.content.decode()
        main = html.partition("<main")[2].partition("</main>")[0]

        assert "style=" not in main
        assert "<script" not in main
        assert "<th>" not in main

    def test_counts_errors(self, admin_client):
        assert "Please correct the error below." in text_of(post(admin_client))
        response = post(admin_client, format="x", existing="y")
        assert "Please correct the errors below." in text_of(response)

    def test_titles_are_escaped(self, admin_client):
        below = '"<script>a</script>", "slug": "a", "children": [{"title": "</textarea>"}]}]'
        text = JSON.replace('"Forms"}]', below)
        response = post(admin_client, text)
        pages = [response, post(admin_client, text.replace('"a"', '"<script>"'))]
        response = confirm(admin_client, response)
        assert response.status_code == 302
        pages.append(admin_client.get(response.url))
        pages.append(admin_client.get(ROADMAPS))
        pages.append(post(admin_client, FORMS, under="<script>b"))

        for page in pages:
            main = page.content.decode().partition("<main")[2].partition("</main>")[0]
            assert "<script" not in main
            assert main.count("</textarea>") <= 1

    def test_costs_the_same_whatever_the_text(self, admin_client, django_assert_num_queries):
        def text(count, name):
            nodes = "- {}{} <!-- after: x -->\n\n  [MDN](https://example.org/)\n"
            below = "".join(nodes.format(name, number) for number in range(count))
            return f"# Forms\n\n- X{name} <!-- slug: x -->\n{below}"

        with django_assert_num_queries(2):
            admin_client.get(IMPORT)
        # Django asks once for the type of content that a log is about.
        for model in (RoadmapNode, Roadmap):
            ContentType.objects.get_for_model(model, for_concrete_model=False)
        # In a transaction, MariaDB is asked where a node is before that is locked.
        more = connection.vendor == "mysql"
        for mode, name, expected in (("refuse", "A", 36 + more), ("delete", "B", 34 + more)):
            for count in (3, 40):
                values = {"slug": f"forms-{count}", "existing": mode}
                with django_assert_num_queries(expected):
                    response = post(admin_client, text(count, name), **values)
                assert response.context["found"]
                # Two for the log, and nothing is rolled back.
                with django_assert_num_queries(expected + 2 - 1):
                    assert confirm(admin_client, response).status_code == 302

    def test_many_roadmaps_cost_the_list_nothing(
        self, admin_client, grow, django_assert_num_queries
    ):
        with django_assert_num_queries(5):
            admin_client.get(ROADMAPS)
        for number in range(5):
            grow(f"Another {number}")
        with django_assert_num_queries(5):
            admin_client.get(ROADMAPS)


def test_a_text_that_is_refused_stays_in_the_text_area(admin_client):
    response = admin_client.post(IMPORT, {"text": "# A\n\0", "existing": "refuse"})

    assert "text" in response.context["form"].errors
    assert response.context["form"]["text"].value() == "# A\n\0"


class TestOthers:
    def test_edit_of_what_would_change_anyway_is_not_overwritten_unseen(self, admin_client):
        text = "# Django RoadMap <!-- slug: django -->\n\nOurs.\n"
        response = post(admin_client, text, existing="update")
        django = node("django")
        django.summary = "Theirs."
        django.save()
        again = confirm(admin_client, response)

        assert "This is not what you have seen before" in text_of(again)
        assert node("django").summary == "Theirs."
        assert confirm(admin_client, again).status_code == 302
        assert node("django").summary == "Ours."

    def test_edit_of_another_roadmap_is_in_nobody_s_way(self, admin_client):
        response = post(admin_client, FORMS)
        node("django/html").save()

        assert confirm(admin_client, response).status_code == 302

    def test_log_is_that_of_the_roadmap(self, admin_client):
        confirm(admin_client, post(admin_client, FORMS))
        url = reverse("admin:django_roadmap_roadmap_history", args=[node("forms").pk])

        assert "Imported as text" in admin_client.get(url).content.decode()

    def test_name_of_the_file_says_its_format(self, admin_client):
        file = SimpleUploadedFile("syllabus.txt", b"Course\n  1. One\n    1.1 Two\n")
        response = post(admin_client, "", file=file)

        assert response.context["form"]["format"].value() == "text"
        assert [title for title, _path in table(response)] == ["Course", "One", "1.1 Two"]
        assert confirm(admin_client, response).status_code == 302

    def test_export_asks_the_admin_s_own_queryset(self, admin_client, monkeypatch):
        url = reverse("admin:django_roadmap_roadmap_export", args=[node("django").pk, "text"])
        assert admin_client.get(url).status_code == 200
        none = Roadmap.roots.none()
        monkeypatch.setattr(RoadmapAdmin, "get_queryset", lambda self, request: none)

        assert admin_client.get(url).status_code == 404
