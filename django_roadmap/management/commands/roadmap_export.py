from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, connections

from django_roadmap import exporting
from django_roadmap.models import RoadmapNode
from django_roadmap.outline import FORMATS, write
from django_roadmap.outline.formats import named


class Command(BaseCommand):
    help = "Writes roadmaps, or branches of them, as text."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "paths", metavar="PATH", nargs="*", help="a roadmap or a node; default: all roadmaps"
        )
        parser.add_argument(
            "--format", choices=list(FORMATS), help="default: by the name of the file, or markdown"
        )
        parser.add_argument("--output", metavar="FILE", help="default: standard output")
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, choices=list(connections))

    def handle(
        self,
        *args: Any,
        paths: list[str],
        format: str | None,
        output: str | None,
        database: str,
        **options: Any,
    ) -> None:
        try:
            outlines = exporting.outlines_at(paths, database)
        except RoadmapNode.DoesNotExist as error:
            raise CommandError(str(error)) from error
        text = write(outlines, format or named(output or "") or "markdown")
        if output is None:
            self.stdout.write(text, ending="")
            return
        try:
            Path(output).write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise CommandError(f"{output}: {error.strerror}") from error
