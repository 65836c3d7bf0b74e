"""Titles typed below a node."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from roadmaps import node, rows, slugs_below
from soundness import findings

from django_roadmap.admin.adding import TitlesForm
from django_roadmap.models import RoadmapNode

NODES = "/admin/django_roadmap/roadmapnode/"
FORMS = "Forms\n  Fields\n  Widgets\nFiles\n"


def page_of(path):
    return f"{NODES}{node(path).pk}/titles/"


def look(client, text, path="django/frontend-basics"):
    return client.post(page_of(path), {"text": text})


def confirm(client, response, text, path="django/frontend-basics"):
    return client.post(page_of(path), {"text": text, "confirm": response.context["confirm"]})


def test_are_looked_at_before_they_are_added(admin_client):
    before = rows()
    response = look(admin_client, FORMS)
    html = response.content.decode()

    assert "To be added below “Frontend Basics”" in html
    assert html.index("django/fields") < html.index("django/files")
    assert [each["rows"][0]["row"].title for each in response.context["found"]] == [
        "Forms",
        "Files",
    ]
    assert rows() == before


def test_are_added_as_they_were_seen(admin_client):
    response = confirm(admin_client, look(admin_client, FORMS), FORMS)

    parent = node("django/frontend-basics")
    assert response.url == f"{NODES}?roadmap=django#node-{parent.pk}"
    assert slugs_below("django/frontend-basics") == "html css javascript forms files"
    assert slugs_below("django/forms") == "fields widgets"
    assert findings() == []
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.change_message) == (
        str(parent.pk),
        "Added 4 nodes below by typing.",
    )
    assert "4 nodes were added below" in admin_client.get(response.url).content.decode()


def test_one_is_added_too(admin_client):
    confirm(admin_client, look(admin_client, "Forms"), "Forms")

    assert LogEntry.objects.get().change_message == "Added 1 node below by typing."


def test_that_somebody_has_come_before_are_shown_again(admin_client):
    response = look(admin_client, FORMS)
    RoadmapNode(title="Other", parent=node("django/html")).save()
    response = confirm(admin_client, response, FORMS)

    assert "This is not what you have seen before" in response.content.decode()
    assert "forms" not in slugs_below("django/frontend-basics")
    assert confirm(admin_client, response, FORMS).status_code == 302


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("Forms\n" + "x" * 201, "3", ""),
        ("Forms\nCSS", "2", "It is at “django/css” already"),
    ],
)
def test_that_cannot_be_are_told_with_their_lines(admin_client, text, line, message):
    before = rows()
    response = look(admin_client, f"\n{text}" if "x" in text else text)
    (problem,) = response.context["problems"]

    assert str(problem.line) == line
    assert message in problem.message
    assert "Nothing was added" in response.content.decode()
    assert rows() == before


def test_of_nothing_are_asked_for(admin_client):
    response = look(admin_client, " \n")

    assert response.context["form"].errors == {"text": ["Write at least one title."]}


def test_are_escaped(admin_client):
    assert "<script>x" not in look(admin_client, "<script>x</script>").content.decode()


def test_below_what_is_gone_lead_back(admin_client):
    url = page_of("django/css")
    node("django/css").delete()

    assert admin_client.get(url).status_code == 302


def test_below_what_goes_just_then_lead_back(admin_client, monkeypatch):
    look_at = TitlesForm.look

    def delete_and_look(form, *args):
        form.parent.delete()
        return look_at(form, *args)

    monkeypatch.setattr(TitlesForm, "look", delete_and_look)

    assert look(admin_client, FORMS).status_code == 302
    assert findings() == []


def test_cost_the_same_however_many_are_below_one(admin_client, django_assert_num_queries):
    ContentType.objects.get_for_model(RoadmapNode, for_concrete_model=False)
    parent = node("django/frontend-basics")
    with django_assert_num_queries(3):
        admin_client.get(f"{NODES}{parent.pk}/titles/")
    # In a transaction, MariaDB is asked where a node is before that is locked.
    more = connection.vendor == "mysql"
    for name, count in (("A", 3), ("B", 30)):
        text = "Top " + name + "".join(f"\n  {name} {number}" for number in range(count))
        with django_assert_num_queries(41 + more):
            response = admin_client.post(f"{NODES}{parent.pk}/titles/", {"text": text})
        assert response.context["found"]
