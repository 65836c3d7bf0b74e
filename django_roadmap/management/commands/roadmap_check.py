from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, connections

from django_roadmap import integrity
from django_roadmap.models import RoadmapNode


class Command(BaseCommand):
    help = "Tells what is wrong with roadmaps, and ends with 1 if anything is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", metavar="PATH", nargs="*", help="a roadmap; default: all")
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, choices=list(connections))
        parser.add_argument(
            "--repair", action="store_true", help="mend what parents and order determine"
        )

    def handle(
        self, *args: Any, paths: list[str], database: str, repair: bool, **options: Any
    ) -> None:
        mended: list[integrity.Finding] = []
        try:
            if repair:
                mended, found = integrity.repair(*paths, using=database)
            else:
                found = integrity.check(*paths, using=database)
        except RoadmapNode.DoesNotExist as error:
            raise CommandError(str(error)) from error
        for finding in mended:
            self.stdout.write(f"mended {finding}")
        for finding in found:
            self.stdout.write(str(finding))
        if found:
            left = " that --repair cannot mend" if repair else ""
            raise CommandError(f"Findings{left}: {len(found)}")
        self.stdout.write(self.style.SUCCESS("Nothing is wrong."))
