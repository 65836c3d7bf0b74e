"""Every page of the app and of the example site, and who sees it."""

from typing import NamedTuple

from conftest import describe
from django.contrib.auth.models import User
from django.test import Client

from django_roadmap.models import Progress, RoadmapNode

ADMIN = "/admin/django_roadmap"


class Page(NamedTuple):
    """``visitor`` is a guest, Ann, who has marked something, Ben, who has not, or staff."""

    name: str
    address: str
    visitor: str = "guest"
    status: int = 200
    is_of_the_admin: bool = False


PAGES = [
    Page("home", "/"),
    Page("list", "/roadmaps/"),
    Page("roadmap", "/roadmaps/django/"),
    Page("learner", "/roadmaps/django/", "ann"),
    Page("newcomer", "/roadmaps/django/", "ben"),
    Page("stages", "/roadmaps/django-step-by-step/"),
    Page("branch", "/roadmaps/django/core-django-concepts/", "ann"),
    Page("node", "/roadmaps/django/middleware/"),
    Page("topic", "/roadmaps/django/middleware/", "ann"),
    Page("unpublished", "/roadmaps/django/graphql-apis/", "staff"),
    Page("mine", "/roadmaps/~mine/", "ann"),
    Page("nothing", "/roadmaps/~mine/"),
    Page("reset", "/roadmaps/~mine/reset/django/", "ann"),
    Page("question", "/roadmaps/~mark/?ask=django/frontend-basics"),
    Page("refusal", "/roadmaps/~mark/?mark=done", status=400),
    Page("sign-in", "/login/"),
    Page("join", "/join/"),
    Page("missing", "/roadmaps/gone/", status=404),
    Page("admin-roadmaps", f"{ADMIN}/roadmap/", "staff", is_of_the_admin=True),
    Page("admin-nodes", f"{ADMIN}/roadmapnode/?roadmap=django", "staff", is_of_the_admin=True),
    Page("admin-node", f"{ADMIN}/roadmapnode/add/", "staff", is_of_the_admin=True),
    Page("admin-change", f"{ADMIN}/roadmapnode/{{node}}/change/", "staff", is_of_the_admin=True),
    Page("admin-roadmap", f"{ADMIN}/roadmap/{{roadmap}}/change/", "staff", is_of_the_admin=True),
    Page("admin-delete", f"{ADMIN}/roadmapnode/{{node}}/delete/", "staff", is_of_the_admin=True),
    Page("admin-move", f"{ADMIN}/roadmapnode/{{node}}/move/", "staff", is_of_the_admin=True),
    Page("admin-titles", f"{ADMIN}/roadmapnode/{{node}}/titles/", "staff", is_of_the_admin=True),
    Page("admin-search", f"{ADMIN}/roadmapnode/?q=middle", "staff", is_of_the_admin=True),
    Page("admin-preview", f"{ADMIN}/roadmapnode/preview/", "staff", is_of_the_admin=True),
    Page("admin-import", f"{ADMIN}/roadmap/import/", "staff", is_of_the_admin=True),
    Page(
        "admin-learners",
        f"{ADMIN}/roadmapnode/{{roadmap}}/statistics/",
        "staff",
        is_of_the_admin=True,
    ),
]

FILES = ["/roadmaps/django.svg", "/roadmaps/django.svg?theme=dark"]

NO_PAGES = {"download", "export", "map"}
"""Addresses of the app that answer with files."""

DONE = ("functions", "install-django", "variables-and-data-types", "object-oriented-programming")


def prepare():
    """Make what the pages show; returns the visitors' clients by name."""
    describe()
    RoadmapNode.objects.filter(path="django/css").update(is_optional=True)
    RoadmapNode.objects.filter(path="django/graphql-apis").update(is_published=False)
    ann = User.objects.create_user("ann", password="a long evening")
    staff = User.objects.create_superuser("admin", password="admin")
    states = {**dict.fromkeys(DONE, "done"), "html": "learning", "javascript": "skipped"}
    for slug, state in states.items():
        node = RoadmapNode.objects.get(path=f"django/{slug}")
        Progress.objects.create(user=ann, node=node, state=state)
    clients = {"guest": Client()}
    for name, user in {"ann": ann, "ben": User.objects.create_user("ben"), "staff": staff}.items():
        clients[name] = Client()
        clients[name].force_login(user)
    return clients


def address_of(page):
    paths = {"node": "django/middleware", "roadmap": "django"}
    keys = {name: RoadmapNode.objects.get(path=path).pk for name, path in paths.items()}
    return page.address.format(**keys)
