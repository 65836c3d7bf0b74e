import re

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Permission, User
from django.db import connection, models
from django.test import override_settings
from django.urls import path, reverse
from roadmaps import node
from soundness import findings

from django_roadmap.models import Progress, Resource, Roadmap, RoadmapNode

NODES = "/admin/django_roadmap/roadmapnode/"
ROADMAPS = "/admin/django_roadmap/roadmap/"
MARKS = "/admin/django_roadmap/progress/"


def titles_below(path):
    return [child.title for child in node(path).get_children()]


@pytest.fixture
def client_of(client, db):
    """A client signed in as somebody with just these permissions."""

    def client_of(*codenames):
        user = User.objects.create_user("Ada", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client.force_login(user)
        return client

    return client_of


class TestTree:
    def test_shows_one_roadmap_at_a_time(self, admin_client):
        first = admin_client.get(NODES).content.decode()
        second = admin_client.get(NODES, {"roadmap": "django-step-by-step"}).content.decode()

        assert "Control Flow" in first
        assert "Final Projects" not in first
        assert "Final Projects" in second
        assert "Control Flow" not in second

    def test_is_named_after_its_roadmap(self, admin_client):
        response = admin_client.get(NODES, {"roadmap": "django-step-by-step"})

        assert "<h1>Step By Step Python Django Roadmap</h1>" in response.content.decode()

    def test_unknown_roadmap_leads_to_the_first(self, admin_client):
        response = admin_client.get(NODES, {"roadmap": "none"}, follow=True)

        assert response.redirect_chain == [(NODES, 302)]
        html = response.content.decode()
        assert "No roadmap has the path none." in html
        assert "Control Flow" in html

    def test_without_roadmaps(self, admin_client):
        RoadmapNode.objects.all().delete()

        assert "0 nodes" in admin_client.get(NODES).content.decode()

    def test_is_in_reading_order(self, admin_client):
        changelist = admin_client.get(NODES, {"o": "-2"}).context["cl"]
        expected = node("django").get_descendants(include_self=True)

        assert list(changelist.result_list) == list(expected)

    @pytest.mark.usefixtures("bare")
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"q": "middleware"}, ["Middleware", "Custom Middleware"]),
            ({"q": "css"}, ["CSS"]),
            ({"is_published__exact": "0"}, ["HTML"]),
        ],
    )
    def test_search_and_filters(self, admin_client, query, expected):
        RoadmapNode.objects.filter(path="django/html").update(is_published=False)
        changelist = admin_client.get(NODES, query).context["cl"]

        assert [found.title for found in changelist.result_list] == expected

    def test_has_no_inline_style(self, admin_client):
        assert "style=" not in admin_client.get(NODES).content.decode()

    def test_escapes_titles(self, admin_client):
        RoadmapNode.objects.filter(path="django/html").update(title="<script>x</script>")

        assert "<script>x</script>" not in admin_client.get(NODES).content.decode()

    def test_list_of_one_roadmap_can_be_asked_for_by_other_code(self, rf, admin_user):
        request = rf.get(NODES)
        request.user = admin_user
        changelist = site.get_model_admin(RoadmapNode).get_changelist_instance(request)

        assert list(changelist.queryset) == list(node("django").get_descendants(include_self=True))

    def test_only_nodes_in_a_roadmap_have_a_handle(self, admin_client):
        html = admin_client.get(NODES).content.decode()

        assert html.count("data-node=") == 43
        assert html.count("roadmap-editor-handle") == 42

    def test_one_added_with_all_its_fields_comes_back_to_the_roadmap(self, admin_client):
        parent = node("django-step-by-step")
        page = admin_client.get(f"{NODES}{parent.pk}/titles/").content.decode()
        link = (
            f"{NODES}add/?parent={parent.pk}&amp;_changelist_filters=roadmap%3Ddjango-step-by-step"
        )
        assert link in page
        response = admin_client.post(
            link.replace("&amp;", "&"), form(parent=parent.pk, title="Next")
        )

        assert response.url == f"{NODES}?roadmap=django-step-by-step"
        assert titles_below("django-step-by-step")[-1] == "Next"


@pytest.mark.parametrize("url", [NODES, ROADMAPS])
def test_lists_cost_the_same_whatever_their_size(
    admin_client, url, grow, django_assert_num_queries
):
    expected = {NODES: 5, ROADMAPS: 5}[url]
    with django_assert_num_queries(expected):
        admin_client.get(url)
    for number in range(5):
        grow(f"Another {number}", {"A": ["B", "C"]}, parent=node("django") if number % 2 else None)
    with django_assert_num_queries(expected):
        admin_client.get(url)


@pytest.mark.parametrize("path", ["django", "django/html"])
def test_change_form_costs_the_same_whatever_the_roadmap_holds(
    admin_client, path, grow, django_assert_num_queries
):
    url = f"{NODES}{node(path).pk}/change/"
    admin_client.get(url)
    # A roadmap has no parent to be named.
    expected = 6 if path == "django" else 7
    with django_assert_num_queries(expected):
        admin_client.get(url)
    grow("More", ["A", "B", "C"], parent=node("django"))
    with django_assert_num_queries(expected):
        admin_client.get(url)


def form(**values):
    return {
        "title": "",
        "slug": "",
        "summary": "",
        "description": "",
        "is_published": "on",
        "minutes": "",
        "position": "0",
        "resources-TOTAL_FORMS": "0",
        "resources-INITIAL_FORMS": "0",
        **values,
    }


class TestForms:
    def test_node_needs_a_parent(self, admin_client):
        response = admin_client.post(f"{NODES}add/", form(title="Alone"))

        assert response.context["errors"] == [["This field is required."]]

    def test_node_with_resources_and_prerequisites(self, admin_client):
        css = node("django/css")
        data = form(
            parent=node("django/frontend-basics").pk,
            title="شبكة",
            prerequisites=[css.pk],
            **{
                "resources-TOTAL_FORMS": "1",
                "resources-0-title": "MDN",
                "resources-0-url": "developer.mozilla.org/",
                "resources-0-kind": "official",
                "resources-0-position": "0",
            },
        )
        assert admin_client.post(f"{NODES}add/", data).status_code == 302

        added = node("django/شبكة")
        assert list(added.prerequisites.all()) == [css]
        assert Resource.objects.get(node=added).url == "https://developer.mozilla.org/"

    @pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://example.org/"])
    def test_address_of_another_kind_is_refused(self, admin_client, url):
        data = form(
            parent=node("django").pk,
            title="New",
            **{
                "resources-TOTAL_FORMS": "1",
                "resources-0-title": "Bad",
                "resources-0-url": url,
                "resources-0-kind": "other",
                "resources-0-position": "0",
            },
        )
        response = admin_client.post(f"{NODES}add/", data)

        assert "Enter a valid URL." in str(response.context["errors"])
        assert not RoadmapNode.objects.filter(title="New").exists()

    @pytest.mark.parametrize("wrong", ["django-step-by-step/deployment", "django/css"])
    def test_prerequisite_that_cannot_be_is_refused(self, admin_client, wrong):
        css = node("django/css")
        data = form(parent=css.parent_id, title="CSS", slug="css", prerequisites=[node(wrong).pk])
        response = admin_client.post(f"{NODES}{css.pk}/change/", data)

        assert response.context["errors"] == [
            [f"A prerequisite is another node of the same roadmap, not {node(wrong)}."]
        ]
        assert not css.prerequisites.exists()

    @pytest.mark.parametrize("damage", [True, False], ids=["damaged", "sound"])
    def test_circle_of_prerequisites_is_refused(self, admin_client, damage):
        css, html, javascript = (node(f"django/{slug}") for slug in ("css", "html", "javascript"))
        html.prerequisites.add(css)
        if damage:
            # Another circle, which is not the fault of this form.
            through = RoadmapNode.prerequisites.through
            for first, second in ((css, javascript), (javascript, css)):
                through.objects.create(from_roadmapnode=first, to_roadmapnode=second)
        there = set(css.prerequisites.all())
        data = form(parent=css.parent_id, title="Styles", slug="css")
        data["prerequisites"] = [found.pk for found in (*there, html)]
        response = admin_client.post(f"{NODES}{css.pk}/change/", data)

        form_errors = response.context["adminform"].form.errors
        way = "django/css → django/html → django/css"
        message = f"These would be prerequisites of each other: {way}."
        assert form_errors == {"prerequisites": [message]}
        assert set(css.prerequisites.all()) == there
        assert node("django/css").title == "CSS"

        data["prerequisites"] = [found.pk for found in (*there, node("django/functions"))]
        assert admin_client.post(f"{NODES}{css.pk}/change/", data).status_code == 302
        assert set(css.prerequisites.all()) == {*there, node("django/functions")}

    @pytest.mark.parametrize("address", ["{html}/change/", "add/?parent={html}"])
    def test_prerequisites_are_offered_from_its_roadmap(self, admin_client, address):
        html = node("django/html").pk
        response = admin_client.get(NODES + address.format(html=html))
        fields = response.context["adminform"].form.fields
        url = f"{NODES}autocomplete/"

        assert fields["parent"].widget.widget.get_url() == url
        assert fields["prerequisites"].widget.widget.get_url() == f"{url}{html}/"

    @pytest.mark.parametrize("address", ["add/", "add/?parent=nonsense"])
    def test_prerequisites_are_offered_from_all_until_it_has_one(self, admin_client, address):
        response = admin_client.get(NODES + address)
        field = response.context["adminform"].form.fields["prerequisites"]

        assert field.widget.widget.get_url() == f"{NODES}autocomplete/"

    def test_form_that_was_open_survives_a_move_to_another_roadmap(self, admin_client):
        css = node("django/css")
        data = form(title="Styles", parent=css.parent_id, slug="css")
        data |= {"initial-parent": css.parent_id, "initial-slug": "css"}
        css.move_to(node("django-step-by-step"), "last-child")
        assert admin_client.post(f"{NODES}{css.pk}/change/", data).status_code == 302

        assert node("django-step-by-step/css").title == "Styles"

    def test_slug_made_by_script_is_numbered_when_taken(self, admin_client):
        data = form(parent=node("django").pk, title="CSS", slug="css")
        assert admin_client.post(f"{NODES}add/", data).status_code == 302

        assert node("django/css-2").title == "CSS"

    def test_roadmap_stays_a_roadmap(self, admin_client):
        root = node("django")
        url = f"{NODES}{root.pk}/change/"
        data = form(parent=node("django-step-by-step").pk, title="Django", slug="django")
        assert admin_client.post(url, data).status_code == 302

        root.refresh_from_db()
        assert (root.title, root.parent) == ("Django", None)

    def test_form_that_was_open_undoes_nobodys_move_and_rename(self, admin_client):
        css = node("django/css")
        url = f"{NODES}{css.pk}/change/"
        opened = admin_client.get(url).content.decode()
        assert f'name="initial-parent" value="{css.parent_id}"' in opened
        shown = {"parent": css.parent_id, "slug": "css"}
        others = node("django/css")
        others.slug = "style"
        others.save()
        others.move_to(node("django/html"), "first-child")
        initial = {f"initial-{name}": value for name, value in shown.items()}
        data = form(title="Cascading Style Sheets", **shown, **initial)
        assert admin_client.post(url, data).status_code == 302

        css.refresh_from_db()
        assert (css.title, css.path) == ("Cascading Style Sheets", "django/style")
        assert css.parent == node("django/html")

    def test_taken_slug_is_refused_naming_who_has_it(self, admin_client):
        data = form(parent=node("django").pk, title="Styles", slug="css")
        response = admin_client.post(f"{NODES}add/", data)

        (error,) = response.context["errors"][0]
        assert error.startswith("The path django/css is taken by “CSS”.")

    def test_cycle_is_refused_naming_both(self, admin_client):
        level = node("django/beginner-level")
        data = form(parent=node("django/html").pk, title=level.title, slug=level.slug)
        response = admin_client.post(f"{NODES}{level.pk}/change/", data)

        assert response.context["errors"] == [
            ["“Beginner Level” cannot be part of “HTML”, which is part of it."]
        ]

    @pytest.mark.parametrize("prerequisite", ["", "x"])
    def test_is_read_and_checked_under_the_lock(self, admin_client, prerequisite):
        """Or somebody could delete or move the node, or its parent, after that."""
        css, seen = node("django/css"), []
        home, new_home = css.parent, node("django/html")

        def see(execute, sql, params, many, context):
            if "django_roadmap_roadmapnode" in sql:
                seen.append((sql.split()[0], params))
            return execute(sql, params, many, context)

        data = form(title="Styles", parent=new_home.pk, prerequisites=[prerequisite])
        data.update({"initial-parent": home.pk, "initial-slug": "css"})
        with connection.execute_wrapper(see):
            admin_client.post(f"{NODES}{css.pk}/change/", data)

        # Before that it is only asked where the nodes are.
        first = [verb for verb, _ in seen].index("UPDATE")
        assert first < 3
        assert all(set(params) == {css.pk, new_home.pk} for _, params in seen[:first])
        assert [verb for verb, params in seen].count("UPDATE") == 1 or not prerequisite

    @pytest.mark.parametrize("pk", ["9" * 30, "x", "-1", "0"])
    def test_a_parent_that_cannot_be_is_refused(self, admin_client, pk):
        url = f"{NODES}{node('django/css').pk}/change/"
        response = admin_client.post(url, form(title="CSS", parent=pk))

        assert "not one of the available choices" in str(response.context["errors"])
        assert admin_client.post(f"{NODES}{pk}/change/", form()).status_code == 302

    def test_looking_takes_no_lock(self, admin_client):
        version = node("django").version
        admin_client.get(f"{NODES}{node('django/css').pk}/change/")

        assert node("django").version == version

    def test_somebody_who_may_only_look_sees_the_form(self, client_of):
        client = client_of("view_roadmapnode")

        assert client.get(f"{NODES}{node('django/html').pk}/change/").status_code == 200


class TestViewOnSite:
    def test_leads_to_the_page(self, admin_client):
        html = admin_client.get(f"{NODES}{node('django/html').pk}/change/").content.decode()

        assert f'href="{reverse("django_roadmap:node", args=["django/html"])}"' in html

    def test_is_not_offered_without_our_urls(self, admin_client):
        with override_settings(ROOT_URLCONF=only_the_admin()):
            html = admin_client.get(f"{NODES}{node('django/html').pk}/change/").content.decode()

        assert "View on site" not in html


def only_the_admin():
    from types import ModuleType

    from django.contrib import admin

    module = ModuleType("only_the_admin")
    module.urlpatterns = [path("admin/", admin.site.urls)]
    return module


def mark(name, *slugs, state="done"):
    user, _ = User.objects.get_or_create(username=name)
    topics = [node(f"django/{slug}") for slug in slugs]
    return Progress.objects.bulk_create(Progress(user=user, node=t, state=state) for t in topics)


def statistics_of(path):
    return f"{NODES}{node(path).pk}/statistics/"


def texts(html, row):
    """What the cells of the table row with this title say."""
    cells = re.search(rf"<th scope=.row.>(?:<[^>]+>)*{row}(.*?)</tr>", html, re.DOTALL)[1]
    found = [re.sub(r"<[^>]+>", "", cell) for cell in cells.split("<td")[1:]]
    return [" ".join(text.partition(">")[2].split()) for text in found]


class TestStatistics:
    def test_says_how_far_learners_are(self, admin_client):
        mark("Grace", "html", "css", "javascript")
        mark("Alan", "html", "css")
        mark("Ada", "html")
        mark("Barbara", "html", "css", state="learning")
        html = admin_client.get(statistics_of("django/frontend-basics")).content.decode()

        assert "4 learners have marked a topic here." in html
        assert "1 has finished." in html
        assert texts(html, "0 to 19 %") == ["1"]
        assert texts(html, "20 to 39 %") == ["1"]
        assert texts(html, "60 to 79 %") == ["1"]
        assert texts(html, "Finished") == ["1"]
        assert "Everything skipped" not in html
        assert texts(html, "HTML") == ["1", "3", "0", "75 %", "", "Who"]
        fall = "Largest fall: 1 fewer than before."
        assert texts(html, "CSS") == ["1", "2", "0", "50 %", fall, "Who"]
        assert texts(html, "JavaScript") == ["0", "1", "0", "25 %", "", "Who"]
        assert "“HTML” to “CSS”: 3 have done or skipped the first, 2 the second" in html

    def test_says_it_of_one_learner(self, admin_client):
        mark("Grace", "html", "css", "javascript", state="skipped")
        html = admin_client.get(statistics_of("django/frontend-basics")).content.decode()

        assert "1 learner has marked a topic here." in html
        assert "0 have finished." in html
        assert texts(html, "Everything skipped") == ["1"]
        assert "The largest fall is" not in html

    def test_of_a_topic_has_no_bands(self, admin_client):
        mark("Grace", "html", state="learning")
        html = admin_client.get(statistics_of("django/html")).content.decode()

        assert "1 learner has marked a topic here." in html
        assert "How far they are" not in html
        assert texts(html, "HTML")[:3] == ["1", "0", "0"]

    def test_says_where_more_are_learning_than_have_done(self, admin_client):
        mark("Grace", "css", state="learning")
        html = admin_client.get(statistics_of("django")).content.decode()

        assert texts(html, "CSS")[-2] == "More are learning it than have done it."
        assert texts(html, "HTML")[-2] == ""

    def test_is_calm_about_no_marks(self, admin_client):
        html = admin_client.get(statistics_of("django")).content.decode()

        assert "Nobody has marked a topic that counts here yet." in html
        assert "Finished" not in html
        assert texts(html, "HTML") == ["0", "0", "0", "", "", "Who"]

    def test_leads_up_and_down(self, admin_client):
        mark("Grace", "html")
        html = admin_client.get(statistics_of("django/beginner-level")).content.decode()

        for place, expected in (
            ("django", True),
            ("django/beginner-level", False),
            ("django/frontend-basics", True),
            ("django/html", False),
        ):
            assert (f'href="{statistics_of(place)}"' in html) is expected
        assert texts(html, "<a[^>]*>Frontend Basics</a>")[:2] == ["3 topics", "33 %"]

    def test_names_what_is_not_counted(self, admin_client):
        RoadmapNode.objects.filter(path="django/css").update(is_optional=True)
        html = admin_client.get(statistics_of("django")).content.decode()

        assert "<bdi>CSS</bdi> (not counted)" in html
        assert html.count("(not counted)") == 1

    @pytest.mark.usefixtures("bare")
    def test_numbers_are_localised(self, admin_client, settings):
        settings.USE_THOUSAND_SEPARATOR = True
        rows = models.QuerySet(RoadmapNode)
        rows.filter(path="django/html").update(id=1_000_000)
        users = User.objects.bulk_create(User(username=f"Learner {n}") for n in range(1001))
        topic = node("django/html")
        Progress.objects.bulk_create(Progress(user=u, node=topic, state="done") for u in users)
        html = admin_client.get(statistics_of("django/html")).content.decode()

        assert texts(html, "HTML")[:3] == ["0", "1,001", "0"]
        assert f'href="{MARKS}?node={topic.pk}"' in html

    def test_is_plain_and_safe(self, admin_client):
        RoadmapNode.objects.filter(path="django/html").update(title="<script>x</script>")
        html = admin_client.get(statistics_of("django")).content.decode()
        main = html.partition("<main")[2].partition("</main>")[0]

        assert "style=" not in main
        assert "<script" not in main
        assert "<th>" not in main

    @pytest.mark.parametrize("permission", ["view_roadmapnode", "change_roadmapnode"])
    def test_shows_nobody_to_those_who_may_not_see_marks(self, client_of, permission):
        mark("Grace", "html")
        html = client_of(permission).get(statistics_of("django")).content.decode()

        assert "1 learner has" in html
        assert "Grace" not in html
        assert MARKS not in html
        assert len(texts(html, "HTML")) == 5

    def test_leads_those_who_may_to_the_marks(self, client_of):
        mark("Grace", "html")
        client = client_of("view_roadmapnode", "view_progress")
        html = client.get(statistics_of("django")).content.decode()

        assert "Grace" not in html
        link = f"{MARKS}?node={node('django/html').pk}"
        assert f'<a href="{link}">Who</a>' in html
        assert "Grace" in client.get(link).content.decode()

    @pytest.mark.parametrize("permission", ["view_roadmap", "view_progress", "delete_roadmapnode"])
    def test_is_refused_without_permission(self, client_of, permission):
        assert client_of(permission).get(statistics_of("django")).status_code == 403

    @pytest.mark.parametrize("pk", ["0", "x", "9" * 30])
    def test_unknown_node_leads_back(self, admin_client, pk):
        response = admin_client.get(f"{NODES}{pk}/statistics/", follow=True)

        assert response.redirect_chain == [("/admin/", 302)]
        assert "Perhaps it was deleted?" in response.content.decode()

    def test_node_deleted_meanwhile_leads_back(self, admin_client, monkeypatch):
        monkeypatch.setattr("django_roadmap.statistics.of", lambda node: None)

        assert admin_client.get(statistics_of("django")).url == "/admin/"

    def test_is_found_in_both_lists_once_there_are_any(self, admin_client):
        url = statistics_of("django")
        assert url in admin_client.get(NODES).content.decode()
        assert url in admin_client.get(f"{NODES}{node('django').pk}/change/").content.decode()
        assert url not in admin_client.get(ROADMAPS).content.decode()

        mark("Ada", "html")
        assert f'<a href="{url}">Statistics</a>' in admin_client.get(ROADMAPS).content.decode()

    def test_is_not_offered_where_one_may_not_look(self, client_of):
        assert "Statistics" not in client_of("change_roadmap").get(ROADMAPS).content.decode()

    def test_costs_the_same_whoever_learns(self, admin_client, grow, django_assert_num_queries):
        url = statistics_of("django")
        # Two for session and user, one for the node.
        with django_assert_num_queries(3 + 3):
            admin_client.get(url)
        for number in range(5):
            mark(f"Learner {number}", "html", "css", "frontend-basics")
        grow("More", {"A": ["B", "C"]}, parent=node("django"))
        with django_assert_num_queries(3 + 3):
            admin_client.get(url)


class TestMarks:
    def test_lists_the_newest_first(self, admin_client):
        mark("Grace", "html", "css")
        mark("Alan", "html", state="learning")
        found = admin_client.get(MARKS).context["cl"].result_list

        assert [str(mark.user) for mark in found] == ["Alan", "Grace", "Grace"]

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"q": "Grace"}, 2),
            ({"q": "Gra"}, 0),
            ({"state__exact": "learning"}, 1),
            ({"node": "0"}, 0),
            ({"node": "x"}, 0),
            ({"node": "9" * 30}, 0),
        ],
    )
    def test_search_and_filters(self, admin_client, query, expected):
        mark("Grace", "html", "css")
        mark("Alan", "html", state="learning")

        assert len(admin_client.get(MARKS, query).context["cl"].result_list) == expected

    def test_says_which_node_it_is_about(self, admin_client):
        mark("Grace", "html", "css")
        response = admin_client.get(MARKS, {"node": node("django/css").pk})

        assert [mark.node.slug for mark in response.context["cl"].result_list] == ["css"]
        [spec] = response.context["cl"].filter_specs
        assert spec.lookup_choices == [(str(node("django/css").pk), "CSS")]

    def test_counts_no_more_than_anybody_looks_through(self, admin_client, monkeypatch):
        monkeypatch.setattr("django_roadmap.admin.learners.NewestPaginator.most", 2)
        monkeypatch.setattr("django_roadmap.admin.ProgressAdmin.list_per_page", 1)
        mark("Grace", "html", "css", "javascript")
        changelist = admin_client.get(MARKS, {"p": "2"}).context["cl"]

        assert changelist.result_count == 2
        assert [mark.node.slug for mark in changelist.result_list] == ["css"]

    def test_is_only_to_look_at(self, admin_client):
        [mark_of_grace] = mark("Grace", "html")
        url = f"{MARKS}{mark_of_grace.pk}/change/"

        assert admin_client.get(url).status_code == 200
        assert admin_client.post(url, {"state": "skipped"}).status_code == 403
        assert admin_client.get(f"{MARKS}add/").status_code == 403
        assert Progress.objects.get().state == "done"
        assert "delete_selected" not in admin_client.get(MARKS).content.decode()

    @pytest.mark.parametrize(("permission", "left"), [("view", 1), ("delete", 0)])
    def test_is_deleted_by_those_who_may(self, client_of, permission, left):
        [mark_of_grace] = mark("Grace", "html")
        client = client_of(f"{permission}_progress")
        client.post(f"{MARKS}{mark_of_grace.pk}/delete/", {"post": "yes"})

        assert Progress.objects.count() == left

    def test_is_hidden_from_others(self, client_of):
        client = client_of("view_roadmapnode", "change_roadmapnode", "delete_roadmapnode")

        assert client.get(MARKS).status_code == 403
        assert MARKS not in client.get("/admin/").content.decode()

    def test_goes_with_its_node(self, client_of):
        mark("Grace", "html")
        client = client_of("view_roadmapnode", "delete_roadmapnode")
        url = f"{NODES}{node('django/html').pk}/delete/"
        html = client.get(url).content.decode()

        assert "Grace" not in html
        assert f'href="{MARKS}"' not in html
        assert client.post(url, {"post": "yes"}).status_code == 302
        assert not Progress.objects.exists()

    @pytest.mark.parametrize("has_filter", [False, True])
    def test_costs_the_same_whoever_learns(
        self, admin_client, has_filter, django_assert_num_queries
    ):
        query = {"node": node("django/html").pk} if has_filter else {}
        # Two for session and user; the filter names its node.
        expected = 2 + 2 + has_filter
        with django_assert_num_queries(expected):
            admin_client.get(MARKS, query)
        for number in range(5):
            mark(f"Learner {number}", "html", "css")
        with django_assert_num_queries(expected):
            admin_client.get(MARKS, query)


class TestDelete:
    def test_from_the_list_keeps_the_tree_sound(self, admin_client):
        selected = [
            node(p).pk for p in ("django/html", "django/beginner-level", "django/middleware")
        ]
        data = {"action": "delete_selected", "_selected_action": selected, "post": "yes"}
        assert admin_client.post(NODES, data).status_code == 302

        assert RoadmapNode.objects.filter(tree_id=node("django").tree_id).count() == 43 - 15 - 1
        assert findings() == []

    def test_of_a_roadmap_takes_its_nodes(self, admin_client):
        url = f"{ROADMAPS}{node('django').pk}/delete/"
        assert admin_client.post(url, {"post": "yes"}).status_code == 302

        assert RoadmapNode.objects.count() == 11
        assert findings() == []


class TestRoadmaps:
    def test_lists_roadmaps_only_each_with_its_tree(self, admin_client):
        response = admin_client.get(ROADMAPS)

        assert list(response.context["cl"].result_list) == list(Roadmap.roots.all())
        html = response.content.decode()
        link = f'<a href="{NODES}?roadmap=django">42 nodes<span class="visually-hidden">'
        assert link in html

    def test_does_not_lead_where_one_may_not_look(self, client_of):
        response = client_of("change_roadmap").get(ROADMAPS)

        assert response.status_code == 200
        assert "42 nodes" not in response.content.decode()

    @pytest.mark.parametrize(
        "query", [{"q": "step"}, {"is_published__exact": "0"}], ids=["search", "filter"]
    )
    def test_search_and_filter(self, admin_client, query):
        RoadmapNode.objects.filter(path="django-step-by-step").update(is_published=False)
        changelist = admin_client.get(ROADMAPS, query).context["cl"]

        assert [found.path for found in changelist.result_list] == ["django-step-by-step"]

    @pytest.mark.parametrize("url", [NODES, ROADMAPS])
    def test_slug_is_filled_from_the_title(self, admin_client, url):
        [filled] = admin_client.get(f"{url}add/").context["adminform"].prepopulated_fields

        assert filled["field"].name == "slug"
        assert [field.name for field in filled["dependencies"]] == ["title"]

    def test_new_one_goes_last(self, admin_client):
        assert admin_client.post(f"{ROADMAPS}add/", form(title="Python")).status_code == 302

        assert [roadmap.path for roadmap in Roadmap.roots.all()][-1] == "python"
        assert findings() == []

    def test_list_takes_all_locks_in_order(self, admin_client):
        first, last = sorted(Roadmap.roots.all(), key=lambda roadmap: -roadmap.tree_id)
        data = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "2", "_save": "Save"}
        for number, roadmap in enumerate((first, last)):
            data |= {f"form-{number}-id": roadmap.pk, f"form-{number}-position": 7 - number}
        seen = []

        def see(execute, sql, params, many, context):
            if sql.startswith("UPDATE") and "version" in sql:
                seen.append(params[-1])
            return execute(sql, params, many, context)

        with connection.execute_wrapper(see):
            assert admin_client.post(ROADMAPS, data).status_code == 302
        assert seen == [last.tree_id, first.tree_id]

    def test_order_is_edited_in_the_list(self, admin_client):
        first, second = Roadmap.roots.all()
        data = {
            "form-TOTAL_FORMS": "2",
            "form-INITIAL_FORMS": "2",
            "form-0-id": first.pk,
            "form-0-position": "9",
            "form-0-is_published": "on",
            "form-1-id": second.pk,
            "form-1-position": "2",
            "form-1-is_published": "on",
            "_save": "Save",
        }
        assert admin_client.post(ROADMAPS, data).status_code == 302

        assert list(Roadmap.roots.all()) == [second, first]
        assert findings() == []
