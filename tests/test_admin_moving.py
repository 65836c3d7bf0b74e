"""To move a node in the admin: by steps and to places, checked, logged, and refused when stale."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from roadmaps import node, rows, slugs_below
from soundness import findings

from django_roadmap import editing, locking
from django_roadmap.admin import RoadmapNodeAdmin
from django_roadmap.models import Progress, RoadmapNode

NODES = "/admin/django_roadmap/roadmapnode/"
STALE = "Somebody has changed this roadmap meanwhile, so nothing was moved."


def page_of(path):
    return f"{NODES}{node(path).pk}/move/"


def move(client, path, *, json=False, version=None, **wish):
    """As from a page made just now, unless ``version`` says otherwise."""
    target = wish.get("target")
    if isinstance(target, str) and "/" in target:
        wish["target"] = node(target).pk
    there = [node("django").version, node("django-step-by-step").version]
    data = {"version": there if version is None else version, **wish}
    headers = {"accept": "application/json"} if json else {}
    return client.post(page_of(path), data, headers=headers)


def said(response):
    is_json = response["Content-Type"] == "application/json"
    return response.json()["message"] if is_json else response.content.decode()


@pytest.fixture
def staff(db, client):
    """A client signed in as somebody with just these permissions."""

    def staff(*codenames):
        user = User.objects.create_user("Ada", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client.force_login(user)
        return client

    return staff


class TestSteps:
    @pytest.mark.parametrize(
        ("path", "step", "below", "expected"),
        [
            ("django/css", "up", "django/frontend-basics", "css html javascript"),
            ("django/css", "down", "django/frontend-basics", "html javascript css"),
            ("django/css", "in", "django/html", "css"),
            (
                "django/css",
                "out",
                "django/beginner-level",
                "learn-python-basics django-basics frontend-basics css",
            ),
        ],
    )
    def test_move(self, admin_client, path, step, below, expected):
        response = move(admin_client, path, step=step)

        assert response.status_code == 302
        assert slugs_below(below) == expected
        assert findings() == []

    def test_lead_back_to_the_page_for_the_next(self, admin_client):
        response = move(admin_client, "django/css", step="up")

        assert response.url == page_of("django/css")
        html = admin_client.get(response.url).content.decode()
        assert html.count("“CSS” is number 1 of 3 below “Frontend Basics”.") == 2

    @pytest.mark.parametrize(
        ("path", "step", "reason"),
        [
            ("django/html", "up", "“HTML” is the first one here already."),
            ("django/html", "in", "“HTML” is the first one here already."),
            ("django/javascript", "down", "“JavaScript” is the last one here already."),
            (
                "django/advanced-level",
                "out",
                "“Advanced Level” is on the highest level of its roadmap already.",
            ),
        ],
    )
    @pytest.mark.parametrize("json", [True, False])
    def test_that_lead_nowhere_are_refused(self, admin_client, path, step, reason, json):
        before = rows()
        response = move(admin_client, path, step=step, json=json)

        assert response.status_code == 409
        assert reason in said(response)
        assert rows() == before

    @pytest.mark.parametrize(
        ("path", "possible"),
        [
            ("django/html", ["down", "out"]),
            ("django/css", ["up", "down", "in", "out"]),
            ("django/advanced-level", ["up", "in"]),
        ],
    )
    def test_are_offered_where_they_lead_somewhere(self, admin_client, path, possible):
        html = admin_client.get(page_of(path)).content.decode()

        assert re.findall(r'name="step" value="(\w+)" class="button">', html) == possible


class TestPlaces:
    @pytest.mark.parametrize(
        ("position", "below", "expected"),
        [
            ("left", "django/frontend-basics", "css html javascript"),
            ("right", "django/frontend-basics", "html css javascript"),
            ("first-child", "django/html", "css"),
            ("last-child", "django/html", "css"),
        ],
    )
    def test_are_beside_and_below_any_node(self, admin_client, position, below, expected):
        response = move(admin_client, "django/css", target="django/html", position=position)

        moved = node("django/css")
        assert response.url == f"{NODES}?roadmap=django#node-{moved.pk}"
        assert slugs_below(below) == expected
        assert findings() == []

    def test_are_in_other_roadmaps_too(self, admin_client):
        css = node("django/css")
        Progress.objects.create(user=User.objects.get(), node=css, state="done")
        html = admin_client.get(page_of("django/css"), {"to": "django-step-by-step"})
        form = html.context["form"]
        assert [label.strip() for _, label in form.fields["target"].choices][:2] == [
            "Step By Step Python Django Roadmap",
            "Learn Python",
        ]
        assert html.context["versions"] == {
            node("django").version,
            node("django-step-by-step").version,
        }
        target = "django-step-by-step/deployment"
        response = move(admin_client, "django/css", target=target, position="right")

        assert response.url == f"{NODES}?roadmap=django-step-by-step#node-{css.pk}"
        assert node("django-step-by-step/css").progress.count() == 1
        assert findings() == []

    def test_leave_out_the_node_and_all_below_it(self, admin_client):
        response = admin_client.get(page_of("django/frontend-basics"))
        offered = {pk for pk, _ in response.context["form"].fields["target"].choices}
        branch = node("django/frontend-basics").get_descendants(include_self=True)

        assert offered == set(
            RoadmapNode.objects.filter(tree_id=node("django").tree_id)
            .exclude(pk__in=branch)
            .values_list("pk", flat=True)
        )

    @pytest.mark.parametrize(
        "wish",
        [
            {},
            {"target": "django/html"},
            {"target": "x", "position": "left"},
            {"target": "9" * 30, "position": "left"},
            {"target": "-1", "position": "left"},
            {"target": "django/html", "position": "up"},
            {"step": "sideways"},
        ],
    )
    @pytest.mark.parametrize("json", [True, False])
    def test_that_are_none_are_refused(self, admin_client, wish, json):
        before = rows()
        response = move(admin_client, "django/css", json=json, **wish)

        assert response.status_code == 400
        assert "Choose where to move it." in response.content.decode()
        assert rows() == before

    def test_below_itself_is_refused(self, admin_client):
        before = rows()
        response = move(
            admin_client, "django/frontend-basics", target="django/css", position="last-child"
        )

        assert response.status_code == 409
        assert "which is part of it" in response.content.decode()
        assert rows() == before

    def test_beside_a_roadmap_is_refused(self, admin_client):
        response = move(admin_client, "django/css", target=node("django").pk, position="left")

        assert response.status_code == 409
        assert "cannot stand beside the roadmap" in response.content.decode()

    def test_of_a_roadmap_are_none(self, admin_client):
        before = rows()
        for wish in ({"step": "up"}, {"step": "out"}, {"target": "django/css", "position": "left"}):
            response = move(admin_client, "django", json=True, **wish)
            assert response.status_code == 409
            assert response.json()["message"].startswith("“Django RoadMap” is a roadmap")
        assert rows() == before

    def test_of_a_roadmap_has_no_page(self, admin_client):
        assert admin_client.get(page_of("django")).status_code == 302


class TestAnswers:
    def test_a_script_is_told_the_place_and_the_new_version(self, admin_client):
        html, css = node("django/html"), node("django/css")
        response = move(admin_client, "django/css", step="up", json=True)

        assert response.json() == {
            "message": "“CSS” is number 1 of 3 below “Frontend Basics”.",
            "version": node("django").version,
            "parent": css.parent_id,
            "after": None,
        }
        answer = move(admin_client, "django/css", step="down", json=True).json()
        assert answer["after"] == html.pk

    def test_the_new_version_is_good_for_the_next_move(self, admin_client):
        version = node("django").version
        for step in ("down", "up", "in", "out"):
            answer = move(admin_client, "django/css", json=True, step=step, version=version)
            assert answer.status_code == 200
            version = answer.json()["version"]
        assert slugs_below("django/frontend-basics") == "html css javascript"

    def test_the_history_of_the_node_tells(self, admin_client):
        css = node("django/css")
        move(admin_client, "django/css", step="up")
        entry = LogEntry.objects.get()

        assert (entry.object_id, entry.is_change()) == (str(css.pk), True)
        assert entry.change_message == "Moved to place 1 of 3 below “Frontend Basics”."
        history = admin_client.get(f"{NODES}{css.pk}/history/").content.decode()
        assert entry.change_message in history

    def test_titles_are_escaped(self, admin_client):
        RoadmapNode.objects.filter(path="django/css").update(title="<script>x</script>")

        assert "<script>x" not in admin_client.get(page_of("django/css")).content.decode()

    @pytest.mark.parametrize(
        ("wish", "queries"),
        [
            ({"position": "left"}, 25),
            ({"position": "last-child"}, 22),
            ({"step": "up"}, 25),
        ],
    )
    def test_cost_the_same_in_any_roadmap(
        self, admin_client, grow, wish, queries, django_assert_num_queries
    ):
        ContentType.objects.get_for_model(RoadmapNode, for_concrete_model=False)
        url, html = page_of("django/css"), node("django/html")
        for _ in range(2):
            node("django/css").move_to(html, "right")
            data = {"version": node("django").version, "target": html.pk, **wish}
            with django_assert_num_queries(queries):
                response = admin_client.post(url, data, headers={"accept": "application/json"})
            assert response.status_code == 200
            grow("More", {"A": ["B", "C"]}, parent=html)


class TestSomebodyElse:
    @pytest.mark.parametrize("json", [True, False])
    def test_has_changed_the_roadmap(self, admin_client, json):
        seen = node("django").version
        editing.move(node("django/javascript"), node("django/html"), "first-child")
        before = rows()
        response = move(admin_client, "django/css", json=json, step="up", version=seen)

        assert response.status_code == 409
        assert STALE in response.content.decode()
        assert rows() == before

    def test_page_then_shows_how_it_is_now(self, admin_client):
        seen = node("django").version
        editing.move(node("django/javascript"), node("django/html"), "left")
        response = move(admin_client, "django/css", step="up", version=seen)

        assert "“CSS” is number 3 of 3" in response.content.decode()
        assert response.context["versions"] == {node("django").version}
        again = {"version": [*response.context["versions"]], "step": "up"}
        assert admin_client.post(page_of("django/css"), again).status_code == 302
        assert slugs_below("django/frontend-basics") == "javascript css html"

    def test_has_changed_the_roadmap_it_goes_to(self, admin_client):
        seen = [node("django").version, node("django-step-by-step").version]
        editing.touch("django-step-by-step")
        response = move(
            admin_client,
            "django/css",
            target="django-step-by-step/deployment",
            position="left",
            version=seen,
        )

        assert response.status_code == 409
        assert node("django/css").parent.slug == "frontend-basics"

    def test_comes_between_the_look_and_the_lock(self, admin_client, monkeypatch):
        lock = locking.lock

        def edit_and_lock(*args):
            monkeypatch.setattr(locking, "lock", lock)
            editing.touch("django")
            return lock(*args)

        url, version = page_of("django/css"), node("django").version
        monkeypatch.setattr(locking, "lock", edit_and_lock)
        response = admin_client.post(url, {"step": "up", "version": version})

        assert response.status_code == 409
        assert slugs_below("django/frontend-basics") == "html css javascript"

    @pytest.mark.parametrize("what", ["django/css", "django/html"])
    def test_has_deleted_the_node_or_the_place(self, admin_client, what):
        url, version = page_of("django/css"), node("django").version
        data = {"target": node("django/html").pk, "position": "left", "version": version}
        node(what).delete()
        response = admin_client.post(url, data, headers={"accept": "application/json"})

        assert response.status_code == 409
        assert STALE in response.json()["message"]

    def test_has_deleted_the_node_whose_page_is_open(self, admin_client):
        url = page_of("django/css")
        node("django/css").delete()

        assert admin_client.get(url).status_code == 302
        assert admin_client.post(url, {"step": "up"}).status_code == 302

    def test_does_not_matter_in_another_roadmap(self, admin_client):
        seen = node("django").version
        editing.touch("django-step-by-step")

        assert move(admin_client, "django/css", step="up", version=seen).status_code == 302

    def test_without_a_version_nothing_moves(self, admin_client):
        assert move(admin_client, "django/css", step="up", version=[]).status_code == 409


@pytest.fixture
def careful(monkeypatch):
    """Nobody changes what is below “Beginner Level”, itself included."""
    may_change = RoadmapNodeAdmin.has_change_permission

    def has_change_permission(self, request, obj=None):
        level = node("django/beginner-level")
        is_there = obj is not None and level.lft <= obj.lft < level.rght
        return may_change(self, request, obj) and not is_there

    monkeypatch.setattr(RoadmapNodeAdmin, "has_change_permission", has_change_permission)


class TestPermissions:
    @pytest.mark.parametrize("json", [True, False])
    def test_to_look_is_not_enough(self, staff, json):
        client = staff("view_roadmapnode", "add_roadmapnode", "delete_roadmapnode")
        response = move(client, "django/css", json=json, step="up")

        assert response.status_code == 403
        assert slugs_below("django/frontend-basics") == "html css javascript"

    def test_page_is_for_those_who_may_move(self, staff):
        assert staff("view_roadmapnode").get(page_of("django/css")).status_code == 403

    def test_to_change_is_enough(self, staff):
        assert move(staff("change_roadmapnode"), "django/css", step="up").status_code == 302

    def test_for_the_node_are_asked(self, careful, admin_client):
        response = move(admin_client, "django/css", json=True, step="up")

        assert response.status_code == 403
        assert response.json() == {"message": "You may not move “CSS”."}
        assert admin_client.get(page_of("django/css")).status_code == 403

    @pytest.mark.parametrize(
        ("target", "position"),
        [("django/beginner-level", "last-child"), ("django/css", "left")],
    )
    @pytest.mark.parametrize("json", [True, False])
    def test_for_the_place_are_asked(self, careful, admin_client, target, position, json):
        before = rows()
        response = move(
            admin_client, "django/middleware", json=json, target=target, position=position
        )

        assert response.status_code == 403
        assert "You may not move nodes to “" in said(response)
        assert rows() == before

    def test_beside_what_may_not_be_changed_is_a_place(self, careful, admin_client):
        response = move(
            admin_client, "django/middleware", target="django/beginner-level", position="left"
        )

        assert response.status_code == 302

    def test_needs_a_token(self, admin_user):
        client = Client(enforce_csrf_checks=True)
        client.force_login(admin_user)

        assert move(client, "django/css", step="up").status_code == 403

    def test_needs_an_account(self, db):
        response = move(Client(), "django/css", step="up")

        assert response.status_code == 302
        assert response.url.startswith("/admin/login/")
        assert slugs_below("django/frontend-basics") == "html css javascript"
