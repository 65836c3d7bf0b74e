"""To choose nodes by typing."""

import pytest
from django.contrib.auth.models import Permission, User
from roadmaps import node

AUTOCOMPLETE = "/admin/django_roadmap/roadmapnode/autocomplete/"


def search(client, term, beside=None):
    query = {"app_label": "django_roadmap", "model_name": "roadmapnode", "field_name": "parent"}
    url = AUTOCOMPLETE if beside is None else f"{AUTOCOMPLETE}{beside}/"
    response = client.get(url, {**query, "term": term})
    return [result["text"] for result in response.json()["results"]]


def test_finds_by_title_and_path_in_the_order_of_the_trees(admin_client):
    assert search(admin_client, "advanced") == [
        "Advanced Level (django/advanced-level)",
        "Advanced Topics (django/advanced-topics)",
        "Advanced Topics (django-step-by-step/advanced-topics)",
    ]
    assert search(admin_client, "django/htm") == ["HTML (django/html)"]
    assert search(admin_client, "step advanced") == [
        "Advanced Topics (django-step-by-step/advanced-topics)"
    ]
    # It is in a summary.
    assert search(admin_client, "narrow") == []


def test_offers_one_roadmap_where_asked(admin_client):
    beside = node("django-step-by-step/deployment").pk

    assert search(admin_client, "advanced", beside) == [
        "Advanced Topics (django-step-by-step/advanced-topics)"
    ]
    assert search(admin_client, "", 0) == []


def test_is_a_page_at_a_time(admin_client):
    query = {"app_label": "django_roadmap", "model_name": "roadmapnode", "field_name": "parent"}
    answer = admin_client.get(AUTOCOMPLETE, query).json()

    assert (len(answer["results"]), answer["pagination"]) == (20, {"more": True})


@pytest.mark.parametrize("size", [0, 40])
def test_costs_the_same_whatever_there_is(admin_client, grow, size, django_assert_num_queries):
    grow("More", [f"CSS {number}" for number in range(size)])
    with django_assert_num_queries(4):
        assert search(admin_client, "css")


@pytest.mark.parametrize(
    ("codename", "status"),
    [("view_roadmapnode", 200), ("add_roadmapnode", 200), ("view_progress", 403)],
)
def test_is_for_those_who_may_look_or_add(client, db, codename, status):
    user = User.objects.create_user("Ada", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename=codename))
    client.force_login(user)
    query = {"app_label": "django_roadmap", "model_name": "roadmapnode", "field_name": "parent"}

    assert client.get(AUTOCOMPLETE, query).status_code == status
