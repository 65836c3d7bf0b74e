"""System checks, through the command that runs them."""

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import DEFAULT_DB_ALIAS, connections


def found():
    """This app's findings: their ids, texts and hints."""
    messages = [m for m in run_checks() if (m.id or "").startswith("django_roadmap.")]
    return [(message.id, message.msg, message.hint) for message in messages]


class OnlyDefault:
    """A router that keeps the tables out of every other database."""

    def allow_migrate(self, db, app_label, **hints):
        return db == DEFAULT_DB_ALIAS


@pytest.fixture
def database(monkeypatch):
    """``database("mysql", {...})`` gives the other database a kind and options, as a site may."""

    def database(vendor, options):
        monkeypatch.setattr(connections["other"], "vendor", vendor)
        monkeypatch.setitem(connections["other"].settings_dict, "OPTIONS", options)

    return database


def test_a_sound_site_has_no_findings():
    assert found() == []
    call_command("check", fail_level="WARNING")


def test_without_mptt(settings):
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if app != "mptt"]

    with pytest.raises(SystemCheckError) as caught:
        call_command("check")
    assert "(django_roadmap.E001) 'mptt' is not in INSTALLED_APPS." in str(caught.value)
    assert "HINT: Add 'mptt' beside 'django_roadmap'." in str(caught.value)


W001 = (
    "django_roadmap.W001",
    "Two people editing at once may see “database is locked” ('other').",
    "Add 'transaction_mode': 'IMMEDIATE' to DATABASES['other']['OPTIONS'].",
)
W002 = (
    "django_roadmap.W002",
    "Edits may read a tree as it was before the lock ('other').",
    "Set 'isolation_level': 'read committed', Django's default, in DATABASES['other']['OPTIONS'].",
)


@pytest.mark.parametrize(
    ("vendor", "options", "expected"),
    [
        ("sqlite", {}, [W001]),
        ("sqlite", {"transaction_mode": None}, [W001]),
        ("sqlite", {"transaction_mode": "DEFERRED"}, [W001]),
        ("sqlite", {"transaction_mode": "immediate"}, []),
        ("sqlite", {"transaction_mode": "EXCLUSIVE"}, []),
        ("mysql", {}, []),
        ("mysql", {"isolation_level": "Read Committed"}, []),
        ("mysql", {"isolation_level": "repeatable read"}, [W002]),
        ("mysql", {"isolation_level": None}, [W002]),
        ("postgresql", {"isolation_level": 4}, []),
    ],
)
def test_databases(database, vendor, options, expected):
    database(vendor, options)

    assert found() == expected


def test_every_database_is_checked(monkeypatch):
    for alias in connections:
        monkeypatch.setattr(connections[alias], "vendor", "sqlite")
        monkeypatch.setitem(connections[alias].settings_dict, "OPTIONS", {})

    with pytest.raises(SystemCheckError) as caught:
        call_command("check", fail_level="WARNING")
    for alias in ("default", "other"):
        assert f"(django_roadmap.W001) {W001[1]}".replace("other", alias) in str(caught.value)


def test_a_database_without_our_tables_is_left_alone(database, settings):
    database("sqlite", {})
    settings.DATABASE_ROUTERS = [OnlyDefault()]

    assert found() == []
