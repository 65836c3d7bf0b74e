"""How long trees take to render, beside a loop by hand and other apps' trees in the same run.

python benchmarks/rendering.py                        ends with 1 when an aim is missed
python benchmarks/rendering.py --sizes 50,1000 --rounds 10

Prints Markdown. The *limit* is one SELECT of the same columns and one pass that joins strings
into the same bytes; of pages with buttons there is one that has them, too. All contenders take
turns in one process, in another order each round; times are medians of processor time, to which
it is all the same what else the machine is doing.
"""

import argparse
import os
import platform
import random
import re
import sqlite3
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import django
from django.conf import settings

SECONDS = 8
"""For each contender at each size, with what it prepares; a slow one sits out some rounds."""

LEAST_ROUNDS = 3

VISIT_AIMS = {50: (4, 8), 1000: (0.3, 0.8), 10_000: (0.2, 1)}
"""How many times the limit a visit may take by size: nobody signed in, and a learner."""

RECURSETREE_AIMS = {1000: 4}
"""How many times faster than mptt's recursetree we are to be by size; otherwise just faster."""

PACKAGES = "Django", "django-mptt", "django-treebeard", "django-tree-queries"


def configure(folder: str) -> None:
    settings.configure(
        CACHES={
            "default": {
                "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
                "OPTIONS": {"MAX_ENTRIES": 1_000_000},
            }
        },
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
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "mptt",
            "treebeard",
            "tree_queries",
            "django_roadmap",
            "peers",
        ],
        ROOT_URLCONF="peers.urls",
        STATIC_URL="/static/",
        TEMPLATES=[
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
        ],
    )
    django.setup()


@dataclass
class Contender:
    """``show`` gets what ``prepare`` returns; only ``show`` is timed."""

    name: str
    kind: str
    show: Callable
    prepare: Callable = tuple
    aim: float | None = None
    has_buttons: bool = False
    queries: int = 0
    spent: float = 0
    seconds: list[float] = field(default_factory=list)

    @property
    def median(self):
        return statistics.median(self.seconds)

    def run(self):
        start = time.process_time()
        ready = self.prepare()
        ready_at = time.process_time()
        self.show(*ready)
        end = time.process_time()
        self.seconds.append(end - ready_at)
        self.spent += end - start

    def peak(self):
        """Bytes at the most, beyond what was there before."""
        ready = self.prepare()
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            self.show(*ready)
            return tracemalloc.get_traced_memory()[1] - before
        finally:
            tracemalloc.stop()


def measure(contenders, rounds):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for contender in contenders:
        ready = contender.prepare()
        with CaptureQueriesContext(connection) as queries:
            contender.show(*ready)
        contender.queries = len(queries)
    order = random.Random(1)
    for number in range(rounds):
        for one in order.sample(contenders, len(contenders)):
            due = number * LEAST_ROUNDS // rounds >= len(one.seconds)
            if due or one.spent <= SECONDS * number / rounds:
                one.run()


def contenders_at(size, user):
    from django.contrib.auth.models import AnonymousUser
    from django.contrib.sessions.backends.signed_cookies import SessionStore
    from django.core.cache import cache
    from django.template import engines
    from django.test import RequestFactory
    from peers import trees
    from peers.by_hand import limit, limit_with_buttons

    from django_roadmap import editing

    tag = engines["django"].from_string("{% load django_roadmap %}{% roadmap_tree slug %}")

    def context(slug, visitor, session=None):
        # A request of its own for each: the stylesheet is linked once for a request.
        request = visitor and RequestFactory().get("/")
        if request:
            request.user = visitor
            request.session = session
        return {"slug": slug, "request": request}

    def warm(show, arguments):
        """Nobody is timed on what another has left in the processor's caches."""

        def prepare():
            show(*arguments())
            return arguments()

        return prepare

    def change(arguments):
        def prepare():
            editing.touch("usual", "alike")
            cache.clear()
            return arguments()

        return prepare

    def visit(name, slug, visitor=None, aim=None, session=None, has_buttons=False):
        prepare = warm(tag.render, lambda: (context(slug, visitor, session),))
        return Contender(name, "visit", tag.render, prepare, aim, has_buttons)

    def around(html):
        return "usual", html[: html.index('<li class="roadmap-node')], html[html.rindex("</ul>") :]

    def first(name, slug):
        return Contender(name, "first", tag.render, change(lambda: (context(slug, None),)))

    guest = AnonymousUser(), SessionStore()
    plain = around(tag.render(context("usual", None)))
    buttons = around(tag.render(context("usual", *guest)))
    peers = trees.pages().items()
    nobody, learner = VISIT_AIMS.get(size, (None, None))
    return [
        Contender("limit", "limit", limit, warm(limit, lambda: plain)),
        Contender(
            "limit, with buttons",
            "limit",
            limit_with_buttons,
            warm(limit_with_buttons, lambda: buttons),
            has_buttons=True,
        ),
        visit("ours, nobody signed in, no request", "usual", aim=nobody),
        visit("ours, nobody signed in", "usual", AnonymousUser(), nobody),
        visit("ours, a guest who may mark", "usual", guest[0], nobody, guest[1], has_buttons=True),
        visit("ours, a learner", "usual", user, learner, has_buttons=True),
        visit("ours, shown like the peers", "alike"),
        first("ours, default templates", "usual"),
        first("ours, shown like the peers", "alike"),
        *(Contender(name, "peer visit", show, warm(show, tuple)) for name, show in peers),
        *(Contender(name, "peer first", show, change(tuple)) for name, show in peers),
    ]


def check(contenders):
    """Whether the learner's page shows states, once it is sure that equal pages are equal."""
    from peers.equality import check_equal, shown

    html = [contender.show(*contender.prepare()) for contender in contenders]
    limit, buttons, no_request, nobody, guest, learner, _, default, alike, *peers = html
    # Only with a request one can tell that no node is on the page twice.
    for page in (no_request, re.sub(' id="[^"]+"', "", nobody), default):
        check_equal(limit, page, "Ours is not what the limit makes")
    check_equal(buttons, guest, "A guest's is not what the limit makes")
    for contender, page in zip(contenders[-len(peers) :], peers, strict=True):
        check_equal(shown(alike), shown(page), f"{contender.name} shows something else")
    return len({nobody, guest, learner}) == 3


class Report:
    """Tables in Markdown, and whether all aims were reached."""

    def __init__(self):
        self.passed = True

    def aim(self, value, at_most=None, at_least=None):
        if at_most is None and at_least is None:
            return ""
        reached = value <= at_most if at_least is None else value >= at_least
        self.passed &= reached
        text = f"at most {at_most}" if at_least is None else f"at least {at_least}"
        return text if reached else f"**{text}: missed**"

    def table(self, title, headers, rows):
        print(f"\n## {title}\n")
        print(f"| {' | '.join(headers)} |")
        print(f"|{'---|' * len(headers)}")
        for row in rows:
            print(f"| {' | '.join(str(cell) for cell in row)} |")

    def visits(self, results):
        rows = []
        for size, contenders in results.items():
            for one in contenders:
                if not one.kind.endswith("first"):
                    times = one.median / contenders[one.has_buttons].median
                    shown = [f"{size:,}", one.name, f"{1000 * one.median:.3f}", f"{times:.2f}"]
                    rows.append([*shown, self.aim(times, at_most=one.aim), one.queries])
        headers = ["Nodes", "Page", "ms", "times limit", "Aim", "Queries"]
        self.table("Visits while nothing changes", headers, rows)

    def firsts(self, results):
        rows = []
        for size, contenders in results.items():
            limit = contenders[0].median
            ours = next(one for one in reversed(contenders) if one.kind == "first").median
            for one in contenders:
                if not one.kind.endswith("visit"):
                    shown = [f"{size:,}", one.name, f"{1000 * one.median:.3f}"]
                    shown.append(f"{one.median / limit:.2f}")
                    if one.kind == "peer first":
                        least = RECURSETREE_AIMS.get(size, 1) if "mptt, rec" in one.name else 1
                        times = one.median / ours
                        shown += [f"{times:.2f}", self.aim(times, at_least=least)]
                    rows.append([*shown, *[""] * (6 - len(shown)), one.queries])
        headers = ["Nodes", "Page", "ms", "times limit", "times ours", "Aim", "Queries"]
        self.table("First renders after a change (ours: shown like the peers)", headers, rows)

    def growth(self, results, peaks):
        rows = []
        for size, contenders in results.items():
            for one in contenders:
                if not one.kind.startswith("peer"):
                    each = 1_000_000 * one.median / size
                    peak = peaks[size, one.name, one.kind] / 2**20
                    name = f"{one.name}, first render" if one.kind == "first" else one.name
                    rows.append([f"{size:,}", name, f"{each:.2f}", f"{peak:.2f}"])
        headers = ["Nodes", "Page", "µs a node", "Peak MiB"]
        self.table("Growth", headers, rows)


def main(sizes, rounds) -> int:
    from django.core.management import call_command
    from peers import trees

    call_command("migrate", run_syncdb=True, verbosity=0)
    report, results, peaks = Report(), {}, {}
    states_shown = True
    for size in sizes:
        print(f"{size} nodes", file=sys.stderr)
        contenders = results[size] = contenders_at(size, trees.build(size))
        states_shown &= check(contenders)
        if not rounds:
            continue
        measure(contenders, rounds)
        for one in contenders:
            if not one.kind.startswith("peer"):
                peaks[size, one.name, one.kind] = one.peak()
    if not rounds:
        return 0 if states_shown else 1
    print("# Rendering\n")
    print(f"- Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}")
    print(f"- {', '.join(f'{name} {version(name)}' for name in PACKAGES)}")
    print(f"- {platform.system()} {platform.machine()}, {os.cpu_count()} CPUs")
    print("- Medians of processor time; all contenders take turns in one process")
    report.visits(results)
    report.firsts(results)
    report.growth(results, peaks)
    if not states_shown:
        print("\n**The learner's page shows no states: missed**")
    return 0 if report.passed and states_shown else 1


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="50,1000,10000", help="numbers of nodes, from 12 up")
    parser.add_argument("--rounds", type=int, default=100, help="at the most; from 3 up")
    parser.add_argument(
        "--check", action="store_const", const=0, dest="rounds", help="only compare the pages"
    )
    chosen = parser.parse_args()
    sizes = [int(size) for size in chosen.sizes.split(",")]
    if min(sizes) < 12 or 0 < chosen.rounds < LEAST_ROUNDS:
        parser.error("Too few nodes or rounds.")
    return sizes, chosen.rounds


if __name__ == "__main__":
    sizes_and_rounds = arguments()
    with tempfile.TemporaryDirectory() as folder:
        configure(folder)
        sys.exit(main(*sizes_and_rounds))
