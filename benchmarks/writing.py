"""How long writing and text take on SQLite, the first beside plain django-mptt in the same run.

python benchmarks/writing.py     ends with 1 when something takes longer than it may
"""

import random
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import django
from django.conf import settings

WIDTH = 10
"""Children of a node."""


def configure(folder: str) -> None:
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": Path(folder) / "benchmark.sqlite3",
                "OPTIONS": {"transaction_mode": "IMMEDIATE"},
            }
        },
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "mptt",
            "django_roadmap",
        ],
        DJANGO_ROADMAP_SEED=False,
    )
    django.setup()


def best(action, prepare=lambda: None, times=3):
    """The shortest of several times, in seconds; ``action`` gets what ``prepare`` returns."""
    seconds = []
    for _ in range(times):
        ready = prepare()
        start = time.perf_counter()
        action(*() if ready is None else (ready,))
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def outline(size):
    from django_roadmap.outline import Outline

    parts = [Outline("Benchmark")]
    for number in range(1, size):
        part = Outline(f"Topic {number}", summary="One plain sentence about this topic.")
        parts[(number - 1) // WIDTH].children.append(part)
        parts.append(part)
    return parts[0]


def plain_model():
    """A model that django-mptt alone takes care of, with its table."""
    from django.db import connection, models
    from mptt.models import MPTTModel, TreeForeignKey

    class Plain(MPTTModel):
        parent = TreeForeignKey("self", null=True, on_delete=models.CASCADE)
        title = models.CharField(max_length=200)
        summary = models.CharField(max_length=300)

        class Meta:
            app_label = "django_roadmap"

        def __str__(self):
            return self.title

    with connection.schema_editor() as editor:
        editor.create_model(Plain)
    return Plain


def save_each(model, size):
    from django.db import transaction

    with transaction.atomic():
        nodes = [model.objects.create(title="Benchmark")]
        for number in range(1, size):
            parent = model.objects.get(pk=nodes[(number - 1) // WIDTH].pk)
            nodes.append(model.objects.create(title=f"Topic {number}", parent=parent))


def damage(pks):
    from django.db import models

    from django_roadmap.models import RoadmapNode

    models.QuerySet(RoadmapNode).filter(pk__in=pks).update(level=99)


def main() -> int:
    from django.core.management import call_command
    from django.db import models

    from django_roadmap import editing, integrity
    from django_roadmap.exporting import outlines_at
    from django_roadmap.importing import import_text
    from django_roadmap.models import RoadmapNode
    from django_roadmap.outline import FORMATS, read, write

    call_command("migrate", verbosity=0)
    plain = plain_model()
    results = []

    def report(what, seconds, most=None):
        limit = "" if most is None else f"  (at most {most} s)"
        print(f"{what:<58}{seconds:8.3f} s{limit}", flush=True)
        results.append(most is None or seconds <= most)
        return seconds

    def ratio(what, slower, faster):
        print(f"{what:<58}{slower / faster:8.1f} x", flush=True)

    large, huge = outline(10_000), outline(100_000)
    added = report("add 10,000 nodes from an outline", best(lambda: editing.add(large)), 3)
    RoadmapNode.objects.all().delete()
    saved = report(
        "save() 1,000 nodes of plain mptt", best(lambda: save_each(plain, 1000), times=1)
    )
    ratio("plain mptt, for each node", saved / 1000, added / 10_000)

    for name, known in FORMATS.items():
        if known.read:
            texts = [write([outline(size)], name) for size in (1000, 10_000)]
            small, full = (best(partial(read, text, name), times=5) for text in texts)
            ratio(f"read {name}, each of 10,000 nodes to each of 1,000", full / 10, small)
            report(f"read 10,000 nodes, {name}", full, 0.5)
    text = write([outline(10_000)], "markdown")

    def forget():
        RoadmapNode.objects.all().delete()

    report("import 10,000 nodes, markdown", best(lambda: import_text(text), forget), 3)
    unchanged = best(lambda: import_text(text, update=True))
    report("update them, nothing changed", unchanged, 3)
    for name in FORMATS:
        exported = best(lambda name=name: write(outlines_at([], "default"), name))
        report(f"export 10,000 nodes, {name}", exported, 0.5)
    forget()

    editing.add(huge)
    report("check 100,000 nodes", best(integrity.check), 1)
    rows = models.QuerySet(RoadmapNode)
    pks = list(rows.filter(level__gt=1).order_by("pk").values_list("pk", flat=True))
    some = random.Random(1)
    mend = best(integrity.repair, lambda: damage(some.sample(pks, 10)))
    report("mend ten damaged rows of 100,000", mend, 2)
    assert integrity.check() == []
    RoadmapNode.objects.all().delete()

    plain.objects.all().delete()
    save_each(plain, 2000)
    editing.add(outline(2000))
    rebuilt = report("rebuild() 2,000 nodes of plain mptt", best(plain.objects.rebuild, times=1))
    everything = list(rows.filter(level__gt=0).values_list("pk", flat=True))
    mended = report("mend 2,000 damaged rows", best(integrity.repair, lambda: damage(everything)))
    ratio("plain mptt", rebuilt, mended)
    return 0 if all(results) else 1


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        configure(folder)
        sys.exit(main())
