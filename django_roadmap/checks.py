"""System checks: what an installation may have forgotten."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Warning, register
from django.db import connections, router


@register()
def check_mptt_installed(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """``django_roadmap.E001``: mptt brings the translations of its messages."""
    if apps.is_installed("mptt"):
        return []
    return [
        Error(
            "'mptt' is not in INSTALLED_APPS.",
            hint="Add 'mptt' beside 'django_roadmap'.",
            id="django_roadmap.E001",
        )
    ]


@register()
def check_transactions(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """``django_roadmap.W001`` and ``W002``: databases whose settings let edits collide."""
    from django_roadmap.models import RoadmapNode

    messages: list[CheckMessage] = []
    for alias in connections:
        connection = connections[alias]
        if not router.allow_migrate_model(alias, RoadmapNode):
            continue
        options = connection.settings_dict["OPTIONS"]
        mode = str(options.get("transaction_mode")).upper()
        if connection.vendor == "sqlite" and mode not in ("IMMEDIATE", "EXCLUSIVE"):
            messages.append(
                Warning(
                    f"Two people editing at once may see “database is locked” ({alias!r}).",
                    hint=f"Add 'transaction_mode': 'IMMEDIATE' to DATABASES[{alias!r}]['OPTIONS'].",
                    id="django_roadmap.W001",
                )
            )
        isolation = options.get("isolation_level", "read committed")
        if connection.vendor == "mysql" and (isolation or "").lower() != "read committed":
            messages.append(
                Warning(
                    f"Edits may read a tree as it was before the lock ({alias!r}).",
                    hint=(
                        "Set 'isolation_level': 'read committed', Django's default, in "
                        f"DATABASES[{alias!r}]['OPTIONS']."
                    ),
                    id="django_roadmap.W002",
                )
            )
    return messages
