"""What the admin of roadmaps and that of their nodes have in common."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from roadmaps import node, rows, slugs_below
from soundness import findings

from django_roadmap.admin import RoadmapNodeAdmin
from django_roadmap.models import Resource, Roadmap, RoadmapNode

pytestmark = pytest.mark.usefixtures("bare")

NODES = "/admin/django_roadmap/roadmapnode/"
ROADMAPS = "/admin/django_roadmap/roadmap/"


def act(client, action, *paths, address=NODES):
    selected = [node(path).pk for path in paths]
    return client.post(address, {"action": action, "_selected_action": selected}, follow=True)


class TestPublishing:
    def test_changes_and_logs_what_was_not_so(self, admin_client):
        RoadmapNode.objects.filter(path="django/html").update(is_published=False)
        response = act(admin_client, "unpublish", "django/html", "django/css")

        assert "1 was unpublished." in response.content.decode()
        assert not node("django/css").is_published
        entry = LogEntry.objects.get()
        assert (entry.object_repr, entry.change_message) == ("CSS", "Unpublished.")
        response = act(admin_client, "unpublish", "django/css")
        assert "0 were unpublished." in response.content.decode()
        response = act(admin_client, "publish", "django/html", "django/css")
        assert "2 were published." in response.content.decode()
        assert node("django/html").is_published

    def test_is_of_roadmaps_too(self, admin_client):
        before = node("django").version
        act(admin_client, "unpublish", "django", address=ROADMAPS)

        assert not node("django").is_published
        assert node("django").version != before

    def test_is_refused_whole(self, admin_client, monkeypatch):
        def has_change_permission(self, request, obj=None):
            return obj is None or obj.slug != "css"

        monkeypatch.setattr(RoadmapNodeAdmin, "has_change_permission", has_change_permission)
        before = rows()

        assert act(admin_client, "unpublish", "django/html", "django/css").status_code == 403
        assert rows() == before


class TestDuplicating:
    def test_copies_to_the_place_behind_and_publishes_nothing(self, admin_client):
        Resource.objects.create(node=node("django/css"), title="MDN", url="https://example.org/")
        response = act(admin_client, "duplicate", "django/frontend-basics", "django/css")

        assert "“Frontend Basics” was duplicated. The copy is not published yet." in (
            response.content.decode()
        )
        assert slugs_below("django/beginner-level").split()[-2:] == [
            *("frontend-basics", "frontend-basics-2"),
        ]
        # What is below another one that is chosen is copied with that.
        assert slugs_below("django/frontend-basics") == "html css javascript"
        assert slugs_below("django/frontend-basics-2") == "html-2 css-2 javascript-2"
        assert node("django/css-2").resources.count() == 1
        published = {each.slug: each.is_published for each in RoadmapNode.objects.all()}
        assert (published["frontend-basics-2"], published["css-2"]) == (False, True)
        assert LogEntry.objects.get().change_message == "Copied from “Frontend Basics”."
        assert findings() == []

    def test_of_a_roadmap_is_a_roadmap(self, admin_client):
        act(admin_client, "duplicate", "django", address=ROADMAPS)

        copy = Roadmap.roots.get(path="django-roadmap")
        assert (copy.get_descendant_count(), copy.is_published) == (42, False)
        history = admin_client.get(f"{ROADMAPS}{copy.pk}/history/").content.decode()
        assert "Copied from “Django RoadMap”." in history

    def test_needs_to_see_what_is_copied(self, admin_client, monkeypatch):
        def has_view_permission(self, request, obj=None):
            return obj is None or obj.slug != "css"

        monkeypatch.setattr(RoadmapNodeAdmin, "has_view_permission", has_view_permission)
        before = rows()

        assert act(admin_client, "duplicate", "django/css").status_code == 403
        assert rows() == before


class TestAddress:
    def html(self, client, path):
        return client.get(f"{NODES}{node(path).pk}/change/").content.decode()

    def test_says_what_another_slug_would_break(self, admin_client):
        css = node("django/css")
        for path in ("django/html", "django-step-by-step/deployment"):
            other = node(path)
            other.description = "See [CSS](roadmap:django/css)."
            other.save()
        other = node("django/javascript")
        other.description = "See [CSS](roadmap:django/css-2), not `roadmap:django/css`."
        other.save()
        html = self.html(admin_client, css.path)

        assert "links from elsewhere to this address lead nowhere" in html
        assert "These descriptions link to it: django/html, django-step-by-step/deployment." in html

    def test_of_a_roadmap_is_part_of_all_others(self, admin_client):
        other = node("django-step-by-step/deployment")
        other.description = "See [CSS](roadmap:django/css)."
        other.save()
        html = self.html(admin_client, "django")

        assert "The addresses of 42 nodes in it would change, too." in html
        assert "link to it: django-step-by-step/deployment." in html
        assert "link to it" not in self.html(admin_client, "django-step-by-step")

    def test_in_any_script(self, admin_client, grow):
        root = grow("Arabic", ["شبكة"])
        other = node("django/html")
        other.description = f"[x](roadmap:{root.path}/شبكة)"
        other.save()

        assert "link to it: django/html." in self.html(admin_client, f"{root.path}/شبكة")

    def test_is_not_there_before_the_node(self, admin_client):
        assert "field-address" not in admin_client.get(f"{NODES}add/").content.decode()


class TestTools:
    def test_lead_to_pages_that_are_there(self, admin_client):
        for path, expected in (
            ("django/css", ["In the tree", "Learners", "Move", "Add below"]),
            ("django", ["In the tree", "Learners", "Add below"]),
        ):
            response = admin_client.get(f"{NODES}{node(path).pk}/change/")
            assert [label for _, label in response.context["tools"]] == expected
            for url, _ in response.context["tools"]:
                assert admin_client.get(url).status_code == 200

    def test_are_for_those_who_may(self, client, db):
        user = User.objects.create_user("Ada", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename="view_roadmap"))
        client.force_login(user)
        response = client.get(f"{ROADMAPS}{node('django').pk}/change/")

        assert response.context["tools"] == []
        assert 'name="links"' not in response.content.decode()


class TestPreview:
    def preview(self, client, text, **values):
        return client.post(f"{NODES}preview/", {"description": text, **values}).content.decode()

    def test_is_what_the_page_will_show(self, admin_client):
        html = self.preview(admin_client, "# A\n\n[CSS](roadmap:django/css)", title="<b>")

        assert "<h2>A</h2>" in html
        assert '<a href="/roadmaps/django/css/">CSS</a>' in html
        assert "&lt;b&gt;" in html
        assert "lead to no node" not in html

    def test_is_safe(self, admin_client):
        html = self.preview(admin_client, "<script>x</script> [a](javascript:x)")

        assert "<script>x" not in html
        assert 'href="javascript' not in html

    def test_names_links_that_lead_nowhere(self, admin_client):
        text = "[a](roadmap:django/gone) [b](<roadmap:a b>) [c](roadmap:django/css)"
        html = self.preview(admin_client, text)

        assert "These links lead to no node: a b, django/gone" in html

    def test_of_nothing_says_so(self, admin_client):
        response = admin_client.get(f"{NODES}preview/")

        assert "There is no description yet." in response.content.decode()
        assert "There is no description yet." in self.preview(admin_client, " \n")
