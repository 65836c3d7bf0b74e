"""How long maps take to draw, beside the first render of the same roadmap's tree in the same run.

python benchmarks/maps.py            ends with 1 when an aim is missed
python benchmarks/maps.py --check    only the ratio, for machines that do other work, too

Prints Markdown. Times are the best of some rounds, of processor time; nothing is kept.
"""

import argparse
import sys
import tempfile
import time

from rendering import Report, configure

AIM = 150
"""Milliseconds for a map of 1,000 nodes, with a learner's states or without."""

RATIO = 4
"""How many times as long as a tree a map may take, whose boxes are measured and placed."""


def best(rounds, function, *args, **options):
    seconds = []
    for _ in range(rounds):
        start = time.process_time()
        function(*args, **options)
        seconds.append(time.process_time() - start)
    return 1000 * min(seconds)


def main(sizes, rounds, only_ratio) -> int:
    from django.conf import settings
    from django.core.management import call_command
    from peers import trees

    from django_roadmap import drawing, editions, picture, rendering, tree

    settings.DEBUG = True  # Nothing is kept.
    call_command("migrate", run_syncdb=True, verbosity=0)
    report, rows = Report(), []
    for size in sizes:
        trees.build(size)
        edition = editions.find(editions.FIRST)
        path = edition.path
        [top, *nodes] = tree.walk(edition.way_to(path)[-1])
        marks = {node.pk: "done" for node in nodes[::2] if node.is_topic}
        first = drawing.map_html(edition, path)
        if drawing.map_html(edition, path) != first:
            print("**Two maps of one roadmap differ.**")
            return 1
        of_tree = best(rounds, rendering.branch_html, edition, path)
        for name, spent in {
            "where everything is": best(rounds, picture.lay_out, top),
            "a map": best(rounds, drawing.map_html, edition, path),
            "a map with states": best(rounds, drawing.map_html, edition, path, marks=marks),
        }.items():
            aims = [report.aim(round(spent / of_tree, 2), at_most=RATIO)]
            if size == 1000 and not only_ratio:
                aims.append(report.aim(round(spent), at_most=AIM))
            row = [f"{size:,}", name, f"{spent:.1f}", f"{spent / of_tree:.2f}", ", ".join(aims)]
            rows.append(row)
    print("# Maps")
    report.table("Drawn anew", ["Nodes", "What", "ms", "times a tree", "Aims"], rows)
    return 0 if report.passed else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="50,1000,10000", help="numbers of nodes, from 12 up")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--check", action="store_true", help="leave out the aim in milliseconds")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        configure(folder)
        sizes = [int(size) for size in chosen.sizes.split(",")]
        sys.exit(main(sizes, chosen.rounds, chosen.check))
