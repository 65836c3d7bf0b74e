"""What goes with nodes that are deleted is spelled out."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from neighbour.models import Certificate
from roadmaps import node
from soundness import findings

from django_roadmap import editing
from django_roadmap.admin import RoadmapNodeAdmin
from django_roadmap.admin.deleting import deleted_with
from django_roadmap.models import Progress, Resource, RoadmapNode
from django_roadmap.outline import Outline

pytestmark = pytest.mark.usefixtures("bare")

NODES = "/admin/django_roadmap/roadmapnode/"


@pytest.fixture
def request_of(rf):
    def request_of(user):
        request = rf.get("/")
        request.user = user
        return request

    return request_of


def going(request, *paths):
    model_admin = admin.site.get_model_admin(RoadmapNode)
    return deleted_with([node(path) for path in paths], request, model_admin)


def test_nodes_resources_and_marks_are_counted(admin_client, admin_user):
    html, css = node("django/html"), node("django/css")
    Resource.objects.create(node=css, title="MDN", url="https://example.org/")
    ann = User.objects.create_user("ann")
    for user, topic in ((ann, html), (ann, css), (admin_user, css)):
        Progress.objects.create(user=user, node=topic, state="done")
    url = f"{NODES}{node('django/frontend-basics').pk}/delete/"
    html = admin_client.get(url).content.decode()

    for said in (
        "Nodes: 4",
        "Resources: 1",
        "Marks of learners: 3",
        "Learners with marks here: 2",
        f'<a href="{NODES}{css.pk}/change/">CSS</a>',
    ):
        assert said in html
    assert admin_client.post(url, {"post": "yes"}).status_code == 302
    assert not Progress.objects.exists()
    assert findings() == []


def test_titles_are_nested_as_the_nodes_are(admin_user, request_of):
    named, counts, needed, protected = going(
        request_of(admin_user), "django/django-basics", "django/frontend-basics", "django/css"
    )

    def titles(items):
        return [
            titles(item) if isinstance(item, list) else item.partition(">")[2][:-4]
            for item in items
        ]

    basics = [
        child.title.replace('"', "&quot;") for child in node("django/django-basics").get_children()
    ]
    assert titles(named) == [
        *("Django Basics", basics),
        *("Frontend Basics", ["HTML", "CSS", "JavaScript"]),
    ]
    assert (counts, needed, protected) == ({"nodes": 9}, set(), [])


def test_nothing_goes_with_nothing(admin_user, request_of):
    assert going(request_of(admin_user)) == ([], {}, set(), [])


def test_costs_the_same_whatever_goes(admin_user, request_of, grow, django_assert_num_queries):
    for number in (1, 30):
        root = grow(f"Big {number}", {"A": [f"B {n}" for n in range(number)]})
        user = User.objects.create_user(f"user-{number}")
        Progress.objects.bulk_create(
            Progress(user=user, node=each, state="done") for each in root.get_descendants()
        )
        request = request_of(admin_user)
        with django_assert_num_queries(6):
            going(request, root.path)


def test_as_many_are_counted_as_django_takes_from_a_form(admin_client, grow):
    root = grow("Big", [])
    editing.replace(root, Outline("Big", children=[Outline(f"T {n}") for n in range(990)]))
    keys = root.get_children().values_list("pk", flat=True)
    data = {"action": "delete_selected", "_selected_action": list(keys)}
    html = admin_client.post(f"{NODES}?roadmap=big", data).content.decode()

    assert "Nodes: 990" in html


def test_with_a_roadmap_its_nodes_lead_to_their_own_pages(admin_client):
    url = f"/admin/django_roadmap/roadmap/{node('django').pk}/delete/"
    html = admin_client.get(url).content.decode()

    assert f'<a href="{NODES}{node("django/css").pk}/change/">CSS</a>' in html
    assert "Nodes: 43" in html


def test_without_an_admin_of_nodes_their_titles_are_plain(admin_client, monkeypatch):
    monkeypatch.delitem(admin.site._registry, RoadmapNode)
    url = f"/admin/django_roadmap/roadmap/{node('django').pk}/delete/"

    assert "<li>Frontend Basics" in admin_client.get(url).content.decode()


def test_what_must_not_go_is_in_the_way(admin_client):
    css = node("django/css")
    certificate = Certificate.objects.create(node=css)
    url = f"{NODES}{css.parent_id}/delete/"
    html = admin_client.get(url).content.decode()

    assert f"Certificate: {certificate}" in html
    admin_client.post(url, {"post": "yes"})
    assert node("django/css") == css


def test_what_else_goes_is_named(admin_user, request_of, monkeypatch):
    """As if certificates went with their nodes."""
    from django.db.models import CASCADE

    certificate = Certificate.objects.create(node=node("django/css"))
    relation = Certificate._meta.get_field("node").remote_field
    monkeypatch.setattr(relation, "on_delete", CASCADE)
    named, counts, needed, _ = going(request_of(admin_user), "django/css")

    assert named[-1] == f"Certificate: {certificate}"
    assert counts == {"nodes": 1, "certificates": 1}
    assert needed == set()


def test_permission_is_asked_for_each_node(admin_user, request_of, monkeypatch):
    def has_delete_permission(self, request, obj=None):
        return obj is None or obj.slug != "css"

    monkeypatch.setattr(RoadmapNodeAdmin, "has_delete_permission", has_delete_permission)

    assert going(request_of(admin_user), "django/frontend-basics")[2] == {"node"}
    assert going(request_of(admin_user), "django/html")[2] == set()
