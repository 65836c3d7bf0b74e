"""Links pasted into a node's form."""

import pytest
from django.contrib.auth.models import Permission, User
from roadmaps import node

from django_roadmap.models import Resource, RoadmapNode

pytestmark = pytest.mark.usefixtures("bare")

NODES = "/admin/django_roadmap/roadmapnode/"
ROADMAPS = "/admin/django_roadmap/roadmap/"


def post(client, links, path="django/css", **values):
    found = node(path)
    data = {"title": found.title, "slug": found.slug, "parent": found.parent_id, "links": links}
    data |= {"resources-TOTAL_FORMS": "0", "resources-INITIAL_FORMS": "0", "is_published": "on"}
    return client.post(f"{NODES}{found.pk}/change/", {**data, **values})


def resources(path="django/css"):
    found = Resource.objects.filter(node=node(path))
    return [(each.position, each.title, each.kind) for each in found]


def test_each_line_becomes_a_resource_behind_those_there(admin_client):
    Resource.objects.create(
        node=node("django/css"), title="Old", url="https://a.example/", position=4
    )
    links = 'One https://b.example/\n[Two](https://c.example/ "video")\n[T](https://d.example "x")'
    assert post(admin_client, links).status_code == 302

    assert resources() == [
        (4, "Old", "article"),
        (5, "One", "article"),
        (6, "Two", "video"),
        (7, "T", "article"),
    ]


def test_what_cannot_be_is_told_with_its_line_and_stays(admin_client):
    Resource.objects.create(node=node("django/css"), title="Old", url="https://a.example/")
    links = (
        "Old https://a.example/\n\nwithout any\nhttps://" + "x" * 500 + ".example/\n"
        "https://b.example/ https://b.example/"
    )
    response = post(admin_client, links)

    (errors,) = response.context["errors"]
    lines = [error.partition(":")[0] for error in errors]
    assert lines == ["Line 1", "Line 3", "Line 4", "Line 5"]
    assert errors[0] == "Line 1: https://a.example/ is there already."
    assert errors[1] == "Line 3: There is no address in it."
    assert errors[-1] == "Line 5: https://b.example/ is there already."
    assert response.context["adminform"].form["links"].value() == links
    assert len(resources()) == 1


def test_what_is_no_address_is_refused(admin_client):
    response = post(admin_client, "https://[")

    (error,) = response.context["errors"][0]
    assert error == "Line 1: Enter an address that begins with https:// or http://."


def test_the_same_link_below_and_pasted_is_one(admin_client):
    values = {
        "resources-TOTAL_FORMS": "1",
        "resources-0-title": "Below",
        "resources-0-url": "https://a.example/",
        "resources-0-kind": "book",
        "resources-0-position": "0",
    }
    assert post(admin_client, "https://a.example/\nhttps://b.example/", **values).status_code == 302

    assert resources() == [(1, "Below", "book"), (2, "b.example", "article")]


@pytest.mark.parametrize("address", [NODES, ROADMAPS])
def test_a_new_node_has_them_at_once(admin_client, address):
    data = {"title": "New", "links": "https://a.example/", "position": "0"}
    data |= {"resources-TOTAL_FORMS": "0", "resources-INITIAL_FORMS": "0"}
    if address == NODES:
        data["parent"] = node("django").pk
    assert admin_client.post(f"{address}add/", data).status_code == 302

    assert resources(RoadmapNode.objects.get(title="New").path) == [(1, "a.example", "article")]


def test_are_for_those_who_may_add_resources(client, db):
    user = User.objects.create_user("Ada", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="change_roadmapnode"))
    client.force_login(user)
    url = f"{NODES}{node('django/css').pk}/change/"

    assert 'name="links"' not in client.get(url).content.decode()
    assert post(client, "https://a.example/").status_code == 302
    assert resources() == []


def test_description_has_a_button_to_look_at_it(admin_client):
    html = admin_client.get(f"{NODES}{node('django/css').pk}/change/").content.decode()

    assert f'formaction="{NODES}preview/"' in html
    # What Enter in a field presses comes before it.
    assert html.index('name="_save"') < html.index("formaction=")
