"""How long the owner's pages about learners take on PostgreSQL, with few learners and with many.

make crowd                    with ARGS=--check it ends with 1 when a page is too slow

Each learner has marked all 30 topics of one roadmap. POSTGRES_HOST names the server.
"""

import argparse
import os
import sys
import time
from statistics import median

import django
import psycopg
from django.conf import settings

DATABASE = "roadmap_learners"
SIZES = (1_000, 100_000)
CONTRIB = ("admin", "auth", "contenttypes", "messages", "sessions", "staticfiles")
LIMIT = 1000
"""Milliseconds that a page may take."""

USERS = """
    INSERT INTO auth_user (username, password, first_name, last_name, email,
        is_superuser, is_staff, is_active, date_joined)
    SELECT 'learner' || number, '', '', '', '', false, false, true, now()
    FROM generate_series(%s, %s) AS number
"""
# Most get some way; the last topics are done by fewest.
MARKS = """
    INSERT INTO django_roadmap_progress (user_id, node_id, state, updated_at)
    SELECT auth_user.id, topic.id,
        CASE WHEN (auth_user.id * 7 + topic.lft * 3) %% 10 = 0 THEN 'skipped'
            WHEN auth_user.id * 13 %% 120 > topic.lft THEN 'done' ELSE 'learning' END,
        now()
    FROM auth_user CROSS JOIN django_roadmap_roadmapnode AS topic
    WHERE username LIKE 'learner%%' AND topic.path LIKE 'django/%%' AND topic.rght = topic.lft + 1
    ON CONFLICT DO NOTHING
"""


def configure() -> None:
    try:
        host = os.environ["POSTGRES_HOST"]
    except KeyError:
        sys.exit("POSTGRES_HOST is not set. Run: .ci/services python benchmarks/learners.py")
    user = os.environ.get("POSTGRES_USER", "postgres")
    with psycopg.connect(host=host, user=user, dbname="postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        connection.execute(f"CREATE DATABASE {DATABASE}")
    engine = "django.db.backends.postgresql"
    contrib = "django.contrib"
    settings.configure(
        SECRET_KEY="only for this run",
        ALLOWED_HOSTS=["testserver"],
        DATABASES={"default": {"ENGINE": engine, "HOST": host, "NAME": DATABASE, "USER": user}},
        ROOT_URLCONF=__name__,
        STATIC_URL="static/",
        USE_TZ=True,
        INSTALLED_APPS=[
            *(f"{contrib}.{name}" for name in CONTRIB),
            "mptt",
            "django_roadmap",
        ],
        MIDDLEWARE=[
            f"{contrib}.sessions.middleware.SessionMiddleware",
            f"{contrib}.auth.middleware.AuthenticationMiddleware",
            f"{contrib}.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        f"{contrib}.auth.context_processors.auth",
                        f"{contrib}.messages.context_processors.messages",
                    ]
                },
            }
        ],
    )
    django.setup()


def plant(before: int, learners: int) -> None:
    """Add learners up to this number, with their marks; tidy up as autovacuum would."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(USERS, [before + 1, learners])
        cursor.execute(MARKS, [])
        cursor.execute("VACUUM ANALYZE")


def pages() -> dict[str, str]:
    """What is looked at: titles and addresses."""
    from django.urls import reverse

    from django_roadmap.models import RoadmapNode

    found = {}
    for title, path in (
        ("roadmap", "django"),
        ("section", "django/core-django-concepts"),
        ("topic", "django/middleware"),
    ):
        pk = RoadmapNode.objects.get(path=path).pk
        address = reverse("admin:django_roadmap_roadmapnode_statistics", args=[pk])
        found[f"statistics of a {title}"] = address
    marks = reverse("admin:django_roadmap_progress_changelist")
    found["list of all marks"] = marks
    found["marks on a topic"] = f"{marks}?node={pk}"
    found["marks of a learner"] = f"{marks}?q=learner77"
    found["marks of nobody"] = f"{marks}?q=nobody"
    found["list of roadmaps"] = reverse("admin:django_roadmap_roadmap_changelist")
    return found


def measure(client, address: str, times: int) -> tuple[int, float]:
    """The number of queries, and the median of the milliseconds."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200, address
    # Later requests would empty the list.
    number = len(queries)
    milliseconds = []
    for _ in range(times):
        start = time.perf_counter()
        client.get(address)
        milliseconds.append((time.perf_counter() - start) * 1000)
    return number, median(milliseconds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=7, help="that each page is asked for")
    parser.add_argument("--check", action="store_true", help="end with 1 when one is too slow")
    options = parser.parse_args()
    configure()

    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client

    from django_roadmap.models import Progress

    call_command("migrate", verbosity=0)
    client = Client()
    client.force_login(User.objects.create_superuser("owner"))
    results: dict[str, list[tuple[int, float]]] = {}
    before = 0
    for learners in SIZES:
        plant(before, learners)
        before = learners
        print(f"{learners:>9,} learners, {Progress.objects.count():,} marks", file=sys.stderr)
        for title, address in pages().items():
            results.setdefault(title, []).append(measure(client, address, options.times))
    sizes = [f"{learners:,} learners" for learners in SIZES]
    print(f"| page | {' | '.join(f'{size}: queries | ms' for size in sizes)} |")
    print("| --- |" + " --- | --- |" * len(SIZES))
    for title, found in results.items():
        cells = " | ".join(f"{queries} | {time:,.0f}" for queries, time in found)
        print(f"| {title} | {cells} |")
    is_fine = all(
        len({queries for queries, _ in found}) == 1 and max(time for _, time in found) <= LIMIT
        for found in results.values()
    )
    if not is_fine:
        print(f"More queries with more learners, or more than {LIMIT} ms.", file=sys.stderr)
    return 1 if options.check and not is_fine else 0


def __getattr__(name: str):
    """``urlpatterns``, which the admin makes only once Django is set up."""
    if name == "urlpatterns":
        from django.contrib import admin
        from django.urls import path

        return [path("admin/", admin.site.urls)]
    raise AttributeError(name)


if __name__ == "__main__":
    sys.exit(main())
