from __future__ import annotations

import sys
from importlib import resources
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, connections

from django_roadmap.importing import import_text
from django_roadmap.models import RoadmapNode
from django_roadmap.outline import FORMATS, OutlineError
from django_roadmap.outline.formats import MAX_BYTES, named

SHIPPED = resources.files("django_roadmap") / "roadmaps"

READABLE = [found.name for found in FORMATS.values() if found.read]


def shipped() -> list[str]:
    """The slugs of the roadmaps that come with the app as Markdown."""
    names = (file.name for file in SHIPPED.iterdir())
    return sorted(name.removesuffix(".md") for name in names if name.endswith(".md"))


class Command(BaseCommand):
    help = "Makes roadmaps from a text: an outline, Markdown, JSON or OPML."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the text; - for standard input")
        parser.add_argument(
            "--shipped",
            action="store_true",
            help=f"FILE is one of those that come with the app: {', '.join(shipped())}",
        )
        parser.add_argument(
            "--format",
            choices=READABLE,
            help="default: by the name of the file, or what it looks like",
        )
        parser.add_argument(
            "--slug",
            action="append",
            default=[],
            help="of the roadmap; again for each further one in the text",
        )
        parser.add_argument("--title", default="", help="of a roadmap to put above all of the text")
        parser.add_argument(
            "--under", metavar="PATH", default="", help="make branches below this node"
        )
        parser.add_argument(
            "--update", action="store_true", help="change what is there; else it is refused"
        )
        parser.add_argument(
            "--delete",
            action="store_true",
            help="with --update: delete what the text lacks; else it is unpublished",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="tell what would be done, and do nothing"
        )
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, choices=list(connections))

    def handle(
        self,
        *args: Any,
        file: str,
        slug: list[str],
        database: str,
        update: bool,
        delete: bool,
        verbosity: int,
        **options: Any,
    ) -> None:
        if delete and not update:
            raise CommandError("--delete goes with --update only.")
        if options["shipped"] and options["format"]:
            raise CommandError("--format does not go with --shipped.")
        said = {name: options[name] for name in ("title", "under", "dry_run")}
        if options["shipped"]:
            text, said["format"] = _read_shipped(file), "markdown"
        else:
            text, said["format"] = _read(file), options["format"] or named(file, to_read=True)
        try:
            found = import_text(
                text, slugs=slug, update=update, delete=delete, using=database, **said
            )
        except OutlineError as error:
            raise CommandError(f"Nothing was imported.\n{error}") from error
        except RoadmapNode.DoesNotExist as error:
            raise CommandError(str(error)) from error
        would = "would be " if options["dry_run"] else ""
        for imported in found:
            changes = {what: changed for what, changed in imported.told.items() if changed}
            if verbosity > 1 or options["dry_run"]:
                for what, changed in changes.items():
                    self.stdout.writelines(f"{would}{what} {path}\n" for path in changed)
            counts = ", ".join(f"{len(changed)} {what}" for what, changed in changes.items())
            told = f"{would}{counts}" if counts else "nothing to change"
            self.stdout.write(self.style.SUCCESS(f"{imported.path}: {told}"))


def _read_shipped(slug: str) -> bytes:
    if slug not in shipped():
        raise CommandError(f"“{slug}” does not come with the app; {', '.join(shipped())} do.")
    return (SHIPPED / f"{slug}.md").read_bytes()


def _read(file: str) -> bytes:
    """No more of it than is needed to see that it is too large."""
    if file == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        with Path(file).open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from error
