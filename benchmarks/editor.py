"""How long the admin takes to open the tree of a roadmap, and to move a node, beside mptt's own.

python benchmarks/editor.py            ends with 1 when an aim is missed
python benchmarks/editor.py --check    only the ratios, for machines that do other work, too

Prints Markdown. Times are the best of some rounds, of processor time, from the request to the
answer, on SQLite; both lists show the same nodes in the same run.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import django
from django.conf import settings
from django.urls import path
from rendering import Report

OPEN, MOVE = 500, 100
"""Milliseconds, for 1,000 nodes."""

RATIO = 1
"""How many times as long as mptt's draggable list, whatever the machine."""

NODES = "/admin/django_roadmap/roadmapnode/"
PEERS = "/admin/peers/mpttnode/"

urlpatterns = []


def configure(folder):
    settings.configure(
        ALLOWED_HOSTS=["testserver"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": Path(folder) / "benchmark.sqlite3",
                "OPTIONS": {"transaction_mode": "IMMEDIATE"},
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DJANGO_ROADMAP_SEED=False,
        SECRET_KEY="only for benchmarks",
        INSTALLED_APPS=[
            "django.contrib.admin",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.messages",
            "django.contrib.sessions",
            "django.contrib.staticfiles",
            "mptt",
            "treebeard",
            "tree_queries",
            "django_roadmap",
            "peers",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        ROOT_URLCONF=__name__,
        STATIC_URL="/static/",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
    )
    django.setup()


def best(rounds, function):
    seconds = []
    for number in range(rounds):
        start = time.process_time()
        function(number)
        seconds.append(time.process_time() - start)
    return 1000 * min(seconds)


def places(nodes):
    """Last in the tree, and before the sibling that stood behind it at first."""
    root, _moved, *others = nodes
    beside = next(node for node in others if node.parent_id == root.pk)
    return (root, "last-child"), (beside, "left")


def main(sizes, rounds, only_ratio) -> int:
    from django.contrib import admin
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client
    from mptt.admin import DraggableMPTTAdmin
    from peers import trees
    from peers.models import MpttNode

    from django_roadmap.models import RoadmapNode

    call_command("migrate", run_syncdb=True, verbosity=0)
    list_display = ("tree_actions", "indented_title", "address")
    options = {"list_display": list_display, "list_display_links": ["indented_title"]}
    admin.site.register(MpttNode, type("PeersAdmin", (DraggableMPTTAdmin,), options))
    urlpatterns.append(path("admin/", admin.site.urls))
    client = Client()
    client.force_login(User.objects.create_superuser("admin"))

    def open_ours(number):
        answer = client.get(NODES, {"roadmap": "usual"})
        assert answer.content.count(b"data-node=") == size

    def open_peers(number):
        answer = client.get(PEERS)
        assert answer.content.count(b'class="tree-node"') == min(size, 2000)

    def move_ours(number):
        version = RoadmapNode.objects.get(path="usual").version
        moved, (target, position) = ours[1], places(ours)[number % 2]
        wish = {"target": target.pk, "position": position, "version": version}
        answer = client.post(f"{NODES}{moved.pk}/move/", wish, headers=as_script)
        assert answer.status_code == 200

    def move_peers(number):
        moved, (target, position) = peers[1], places(peers)[number % 2]
        wish = {"cmd": "move_node", "position": position}
        wish |= {"cut_item": moved.pk, "pasted_on": target.pk}
        headers = {"x-requested-with": "XMLHttpRequest"}
        assert client.post(PEERS, wish, headers=headers).content.startswith(b"OK")

    as_script = {"accept": "application/json"}
    report, rows = Report(), []
    for size in sizes:
        MpttNode.objects.all().delete()
        trees.build(size)
        ours = list(RoadmapNode.objects.filter(path__startswith="usual").order_by("lft"))
        peers = list(MpttNode.objects.order_by("lft"))
        for name, function, peer, aim in (
            ("open", open_ours, open_peers, OPEN),
            ("move", move_ours, move_peers, MOVE),
        ):
            spent, of_peer = best(rounds, function), best(rounds, peer)
            ratio = round(spent / of_peer, 2)
            aims = [report.aim(ratio, at_most=RATIO)] if name == "open" else []
            if size == 1000 and not only_ratio:
                aims.append(report.aim(round(spent), at_most=aim))
            rows.append(
                [f"{size:,}", name, f"{spent:.1f}", f"{of_peer:.1f}", ratio, ", ".join(aims)]
            )
    print("# The editor")
    report.table(
        "From the request to the answer",
        ["Nodes", "What", "ms", "ms of mptt's list", "ratio", "Aims"],
        rows,
    )
    return 0 if report.passed else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="50,1000", help="numbers of nodes, from 12 up")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--check", action="store_true", help="leave out the aims in milliseconds")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        configure(folder)
        sizes = [int(size) for size in chosen.sizes.split(",")]
        sys.exit(main(sizes, chosen.rounds, chosen.check))
