"""Who may do what in the admin: a table of roles by actions, on a site's own admin site."""

import re
from types import ModuleType

import pytest
from django.contrib.admin import AdminSite
from django.contrib.auth.models import Permission, User
from django.urls import path
from roadmaps import node, rows

from django_roadmap.admin import RoadmapAdmin, RoadmapNodeAdmin
from django_roadmap.models import Roadmap, RoadmapNode
from django_roadmap.outline import write
from django_roadmap.outline.values import Outline

OFFICE = "/office/django_roadmap/roadmapnode/"
LIST = "/office/django_roadmap/roadmap/"

NOTHING, VIEW, ADD, CHANGE, DELETE = "nothing", "view", "add", "change", "delete"
ALL = "all"
KEEPER = "keeper"
"""May do all, but not to “Intermediate Level”: so says the site's own admin of nodes."""

ROLES = {
    NOTHING: (),
    VIEW: ("view_roadmapnode", "view_roadmap"),
    ADD: ("view_roadmapnode", "view_roadmap", "add_roadmapnode", "add_resource", "add_roadmap"),
    CHANGE: ("change_roadmapnode", "change_roadmap", "change_resource"),
    DELETE: ("view_roadmapnode", "view_roadmap", "delete_roadmapnode", "delete_roadmap"),
    ALL: None,
    KEEPER: None,
}


class KeptNodeAdmin(RoadmapNodeAdmin):
    def is_kept(self, request, obj):
        return request.user.username == KEEPER and obj and obj.slug == "intermediate-level"

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) or self.is_kept(request, obj)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not self.is_kept(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not self.is_kept(request, obj)


@pytest.fixture
def office(settings):
    """An admin site of the site's own, under an address and a name of its own."""
    office = AdminSite(name="office")
    office.register(Roadmap, RoadmapAdmin)
    office.register(RoadmapNode, KeptNodeAdmin)
    urls = ModuleType("office_urls")
    urls.urlpatterns = [path("office/", office.urls)]
    settings.ROOT_URLCONF = urls


@pytest.fixture
def somebody(client, office, db):
    def somebody(role):
        permissions = Permission.objects.filter(content_type__app_label="django_roadmap")
        if ROLES[role] is not None:
            permissions = permissions.filter(codename__in=ROLES[role])
        user = User.objects.create_user(role, is_staff=True)
        user.user_permissions.set(permissions)
        client.force_login(user)
        return client

    return somebody


def form(of, **values):
    data = {"title": of.title, "slug": of.slug, "position": "0", "is_published": "on"}
    data |= {"parent": of.parent_id or "", "resources-TOTAL_FORMS": "0"}
    return {**data, "resources-INITIAL_FORMS": "0", **values}


def act(action, *paths, **values):
    return {"action": action, "_selected_action": [node(path).pk for path in paths], **values}


def see_tree(client):
    return client.get(OFFICE)


def see_form(client):
    return client.get(f"{OFFICE}{node('django/intermediate-level').pk}/change/")


def see_list(client):
    return client.get(LIST)


def see_learners(client):
    return client.get(f"{OFFICE}{node('django').pk}/statistics/")


def choose(client):
    query = {"app_label": "django_roadmap", "model_name": "roadmapnode", "field_name": "parent"}
    return client.get(f"{OFFICE}autocomplete/", {**query, "term": "css"})


def preview(client):
    return client.post(f"{OFFICE}preview/", {"description": "*A*"})


def save(client):
    level = node("django/intermediate-level")
    return client.post(f"{OFFICE}{level.pk}/change/", form(level, title="Changed"))


def save_elsewhere(client):
    """To move a node below another by its form."""
    css, level = node("django/css"), node("django/intermediate-level")
    return client.post(f"{OFFICE}{css.pk}/change/", form(css, parent=level.pk))


def save_other(client):
    css = node("django/css")
    return client.post(f"{OFFICE}{css.pk}/change/", form(css, title="Changed"))


def add_one(client):
    level = node("django/intermediate-level")
    new = RoadmapNode(title="New", parent=level)
    return client.post(f"{OFFICE}add/", form(new))


def see_titles(client):
    return client.get(f"{OFFICE}{node('django/intermediate-level').pk}/titles/")


def type_titles(client):
    return client.post(
        f"{OFFICE}{node('django/intermediate-level').pk}/titles/", {"text": "One\nTwo"}
    )


def move_it(client):
    return move(client, "django/intermediate-level", step="up")


def move_into_it(client):
    target = node("django/intermediate-level").pk
    return move(client, "django/css", target=target, position="last-child")


def move_other(client):
    return move(client, "django/css", step="up")


def move(client, path, **wish):
    data = {"version": node("django").version, **wish}
    headers = {"accept": "application/json"}
    return client.post(f"{OFFICE}{node(path).pk}/move/", data, headers=headers)


def publish(client):
    return client.post(OFFICE, act("publish", "django/html"))


def unpublish(client):
    return client.post(OFFICE, act("unpublish", "django/intermediate-level", "django/css"))


def unpublish_roadmap(client):
    return client.post(LIST, act("unpublish", "django"))


def duplicate(client):
    return client.post(OFFICE, act("duplicate", "django/core-django-concepts"))


def duplicate_roadmap(client):
    return client.post(LIST, act("duplicate", "django"))


def duplicate_root(client):
    return client.post(OFFICE, act("duplicate", "django"))


def delete(client):
    level = node("django/intermediate-level")
    return client.post(f"{OFFICE}{level.pk}/delete/", {"post": "yes"})


def delete_above(client):
    return client.post(f"{LIST}{node('django').pk}/delete/", {"post": "yes"})


def delete_chosen(client):
    return client.post(OFFICE, act("delete_selected", "django/intermediate-level", post="yes"))


def import_below(client):
    return import_text(client, "# New", under="django/intermediate-level")


def import_update(client):
    return import_text(client, "# Intermediate Level", under="django", existing="update")


def import_roadmap(client):
    return import_text(client, write([Outline("New", children=[Outline("One")])], "markdown"))


def import_text(client, text, **values):
    data = {"text": text, "existing": "refuse", **values}
    response = client.post(f"{LIST}import/", data)
    if response.status_code != 200 or not response.context["confirm"]:
        return response
    return client.post(f"{LIST}import/", {**data, "confirm": response.context["confirm"]})


EVERYBODY = {VIEW, ADD, CHANGE, DELETE, ALL, KEEPER}

TABLE = [
    (see_list, EVERYBODY),
    (see_tree, EVERYBODY),
    (see_form, EVERYBODY),
    (see_learners, EVERYBODY),
    (choose, EVERYBODY),
    (preview, {ADD, CHANGE, ALL, KEEPER}),
    (save, {CHANGE, ALL}),
    (save_other, {CHANGE, ALL, KEEPER}),
    (save_elsewhere, {CHANGE, ALL}),
    (add_one, {ADD, ALL}),
    (see_titles, {ADD, ALL}),
    (type_titles, {ADD, ALL}),
    (move_it, {CHANGE, ALL}),
    (move_into_it, {CHANGE, ALL}),
    (move_other, {CHANGE, ALL, KEEPER}),
    (publish, {CHANGE, ALL, KEEPER}),
    (unpublish, {CHANGE, ALL}),
    (unpublish_roadmap, {CHANGE, ALL, KEEPER}),
    (duplicate, {ADD, ALL}),
    (duplicate_root, {ADD, ALL, KEEPER}),
    (duplicate_roadmap, {ADD, ALL, KEEPER}),
    (delete, {DELETE, ALL}),
    (delete_above, {DELETE, ALL}),
    (delete_chosen, {DELETE, ALL}),
    (import_below, {ADD, ALL}),
    (import_update, {ALL}),
    (import_roadmap, {ADD, ALL, KEEPER}),
]

ONLY_LOOK = {see_list, see_tree, see_form, see_learners, choose, preview, see_titles, type_titles}
MOVES = {move_it, move_into_it, move_other}


def state():
    """What is stored, but for the traces of a lock."""
    return [{**row, "version": "", "updated_at": ""} for row in rows()]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("do", "allowed"), [pytest.param(*row, id=row[0].__name__) for row in TABLE]
)
def test_who_may_do_what(somebody, do, role, allowed):
    client = somebody(role)
    RoadmapNode.objects.filter(path="django/html").update(is_published=False)
    before = state()
    response = do(client)

    if role in allowed:
        assert response.status_code in (200, 302)
        assert (state() != before) is (do not in ONLY_LOOK)
    else:
        assert state() == before
        if do in ONLY_LOOK | MOVES:
            assert response.status_code == 403


@pytest.mark.parametrize("do", [publish, delete_chosen, duplicate, save_other])
def test_who_may_only_look_leaves_no_trace(somebody, do):
    client = somebody(VIEW)
    before = rows()
    do(client)

    assert rows() == before


@pytest.mark.parametrize(
    ("role", "handles", "boxes", "adds", "actions"),
    [
        (VIEW, 0, 0, 0, []),
        (ADD, 0, 43, 43, ["duplicate"]),
        (CHANGE, 42, 43, 0, ["publish", "unpublish"]),
        (DELETE, 0, 43, 0, ["delete_selected"]),
        (ALL, 42, 43, 43, ["delete_selected", "publish", "unpublish", "duplicate"]),
        (KEEPER, 41, 43, 42, ["delete_selected", "publish", "unpublish", "duplicate"]),
    ],
)
def test_tree_offers_what_is_allowed(somebody, role, handles, boxes, adds, actions):
    response = somebody(role).get(OFFICE)
    html = response.content.decode()
    form = response.context["action_form"]
    offered = [name for name, _ in form.fields["action"].choices[1:]] if form else []

    assert html.count('class="roadmap-editor-handle"') == handles
    assert html.count('name="_selected_action"') == boxes
    assert html.count('class="roadmap-editor-add"') == adds
    assert offered == actions


def test_every_link_of_the_tree_stays_on_the_site(somebody):
    html = somebody(ALL).get(OFFICE).content.decode()

    links = re.findall(r' (?:href|action|formaction)="([^"]*)"', html)
    assert not [link for link in links if link.startswith("/admin/")]
    assert f"{LIST}" in links
