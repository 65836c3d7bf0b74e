"""How fast the page of a roadmap is served, beside a view that has the same bytes in memory.

.ci/services python benchmarks/serving.py     under gunicorn, on PostgreSQL, with Redis

Both have the middleware of the example project. ``make load`` installs what is needed, but for
wrk; POSTGRES_HOST and REDIS_URL name the two servers. ``--help`` lists how to load longer.
"""

import argparse
import datetime
import os
import platform
import re
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import cycle
from pathlib import Path
from statistics import median
from string import ascii_uppercase
from urllib.request import Request, urlopen

import psycopg

ROOT = Path(__file__).parents[1]
DATABASE = "roadmap_serving"
ROADMAP = "/roadmaps/django/"
WORKERS = 2
UNITS = {"us": 0.001, "ms": 1, "s": 1000}


@dataclass
class Case:
    """An address that is loaded, and what came of it in each round."""

    title: str
    address: str
    headers: dict[str, str] = field(default_factory=dict)
    beside: list["Case"] = field(default_factory=list)
    """Views that have the same bytes in memory."""
    letter: str = ""
    aim: str = ""
    per_second: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)

    def load(self, seconds: int, connections: int) -> None:
        """Let wrk ask as often as it gets answers. Milliseconds are noted."""
        command = ["wrk", "--threads=1", f"--connections={connections}", f"--duration={seconds}s"]
        headers = [f"--header={name}: {value}" for name, value in self.headers.items()]
        done = subprocess.run(
            [*command, "--latency", *headers, self.address],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        if re.search("Socket errors|Non-2xx", done.stdout):
            sys.exit(f"{self.title}\n{done.stdout}")
        self.per_second.append(float(re.search(r"Requests/sec: +([\d.]+)", done.stdout)[1]))
        for percent, noted in ((50, self.p50), (99, self.p99)):
            number, unit = re.search(rf" {percent}% +([\d.]+)([mu]?s)", done.stdout).groups()
            noted.append(float(number) * UNITS[unit])

    def ratio(self, other: "Case") -> str:
        """Of rounds that followed each other, so that a slow minute slows both."""
        rounds = zip(self.per_second, other.per_second, strict=True)
        return f"{median(ours / theirs for ours, theirs in rounds):.2f} of {other.letter}"

    def row(self) -> str:
        cells = [self.letter, self.title, f"{median(self.per_second):,.0f}"]
        cells += [f"{median(noted):.1f} ms" for noted in (self.p50, self.p99)]
        cells += [", ".join(self.ratio(other) for other in self.beside), self.aim]
        return f"| {' | '.join(cells)} |"


def configure(folder: str) -> None:
    """Give the example project its three variables, and a database of its own."""
    try:
        host, redis = os.environ["POSTGRES_HOST"], os.environ["REDIS_URL"]
    except KeyError as missing:
        sys.exit(f"{missing} is not set. Run it as: .ci/services python benchmarks/serving.py")
    user = os.environ.get("POSTGRES_USER", "postgres")
    with psycopg.connect(host=host, user=user, dbname="postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        connection.execute(f"CREATE DATABASE {DATABASE}")
    os.environ |= {
        # A host that is a folder, with the server's socket in it, stands in the path.
        "DATABASE_URL": f"postgres://{user}@/{host}/{DATABASE}"
        if host.startswith("/")
        else f"postgres://{user}@{host}/{DATABASE}",
        "CACHE_URL": redis.replace("unix://", "redis://"),
        "SECRET_KEY": "only for this run",
        "SERVING_FOLDER": folder,
    }
    (Path(folder) / "static").mkdir()
    sys.path.insert(0, str(ROOT / "example_project"))


def prepare() -> dict[str, str]:
    """Fill the database; return the headers of a learner who has marked a third of the topics."""
    # The site is set up by this import.
    import serving_site  # noqa: F401
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db.models import F
    from django.test import Client

    from django_roadmap.models import Progress, RoadmapNode

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    user = User.objects.create_user("learner")
    topics = RoadmapNode.objects.filter(path__startswith="django/", lft=F("rght") - 1)
    Progress.objects.bulk_create(
        Progress(user=user, node=topic, state=state)
        for topic, state in zip(
            topics.order_by("lft")[::3], cycle(["learning", "done", "skipped"]), strict=False
        )
    )
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(user)
    # A page with forms hands out a cookie that the browser sends from then on.
    client.get(ROADMAP)
    cookies = [f"{cookie.key}={cookie.value}" for cookie in client.cookies.values()]
    return {"Cookie": "; ".join(cookies)}


@contextmanager
def gunicorn(folder: Path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "gunicorn", f"--workers={WORKERS}", f"--bind={address}"]
    # Its control socket would be one for all that this user runs.
    command += ["--no-control-socket", "--pythonpath=benchmarks,example_project", "serving_site"]
    log = folder / "gunicorn.log"
    with log.open("w") as file, subprocess.Popen(command, cwd=ROOT, stderr=file) as process:
        try:
            deadline = time.monotonic() + 30
            while log.read_text().count("Booting worker") < WORKERS:
                if process.poll() is not None or time.monotonic() > deadline:
                    sys.exit(log.read_text())
                time.sleep(0.1)
            yield f"http://{address}"
        finally:
            process.terminate()


def fetch(address, headers):
    with urlopen(Request(address, headers=headers), timeout=30) as response:
        return response.read(), response.headers


def cases_of(site: str, folder: Path, learner: dict[str, str]) -> list[Case]:
    """What is compared; each page is kept for the views that have it in memory."""
    pages = {"visitor": {}, "learner": learner}
    etags = {}
    for name, headers in pages.items():
        body, received = fetch(site + ROADMAP, headers)
        (folder / name).write_bytes(body)
        etags[name] = received["ETag"]
        print(f"{name}: {len(body):,} bytes", file=sys.stderr)

    visitor = Case("From memory, not signed in", f"{site}/memory/visitor/")
    known = Case(
        "From memory, signed in, session and user are read",
        f"{site}/memory-for-user/learner/",
        learner,
    )
    unknown = Case("From memory, signed in, nobody asks", f"{site}/memory/learner/", learner)
    least = Case("One query, one look into the cache", f"{site}/cache/visitor/", beside=[visitor])
    cases = [
        Case("Roadmap page, not signed in", site + ROADMAP, beside=[visitor], aim="0.8 of B"),
        visitor,
        least,
        Case("Roadmap page, signed in", site + ROADMAP, learner, [known, unknown], aim="0.6 of E"),
        known,
        unknown,
    ]
    for case in (visitor, known, unknown, least):
        body, _ = fetch(case.address, case.headers)
        assert body == (folder / case.address.split("/")[-2]).read_bytes(), case.address
    for name, title in (("visitor", "not signed in"), ("learner", "signed in")):
        if etags[name]:
            headers = pages[name] | {"If-None-Match": etags[name]}
            cases.append(Case(f"Asked again, unchanged (304), {title}", site + ROADMAP, headers))
    for letter, case in zip(ascii_uppercase, cases, strict=False):
        case.letter = letter
    return cases


def report(cases: list[Case], connections: int) -> None:
    from django.core.cache import cache
    from django.db import connection

    print("| | what | requests per second | p50 | p99 | ratio | aim |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for case in cases:
        print(case.row())

    today = datetime.datetime.now(tz=datetime.timezone.utc).date()
    postgres = ".".join(map(str, divmod(connection.pg_version, 10000)))
    redis = cache._cache.get_client().info("server")["redis_version"]
    programs = [f"Python {platform.python_version()}"]
    programs += [f"{name} {version(name)}" for name in ("Django", "gunicorn", "psycopg", "redis")]
    programs += [f"PostgreSQL {postgres}", f"Redis {redis}"]
    print(
        f"\n{today}: medians of {len(cases[0].per_second)} rounds; {WORKERS} workers, {connections}"
        f" connections; {os.cpu_count()} cores for the workers, both servers and wrk."
        f" {', '.join(programs)}."
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="of each round of each view")
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        configure(name)
        learner = prepare()
        with gunicorn(folder) as site:
            cases = cases_of(site, folder, learner)
            for case in cases:
                case.load(1, options.connections)
                for noted in (case.per_second, case.p50, case.p99):
                    noted.clear()
            for _ in range(options.rounds):
                for case in cases:
                    case.load(options.seconds, options.connections)
        report(cases, options.connections)


if __name__ == "__main__":
    main()
