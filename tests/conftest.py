import os
from importlib import import_module
from types import SimpleNamespace

import counting_tags
import pytest
from django.apps import apps
from django.core.cache import caches
from django.db import connections, models
from django.db.models.signals import post_migrate
from django.dispatch import receiver
from hypothesis import settings
from visiting import Visitor

from django_roadmap import editions
from django_roadmap.models import Resource, RoadmapNode

# A slow machine is no failure; and where a change is judged, everybody gets the same examples.
settings.register_profile("calm", deadline=None, derandomize="CI" in os.environ)
settings.register_profile("thorough", parent=settings.get_profile("calm"), max_examples=600)
settings.load_profile("calm")


@receiver(post_migrate)
def replant(app_config, using, **kwargs):
    """Sow again what a test with real transactions has flushed; a migration sows by itself."""
    if app_config.label == "django_roadmap" and "plan" not in kwargs:
        seed = import_module("django_roadmap.migrations.0002_seed")
        seed.plant(apps, SimpleNamespace(connection=connections[using]))


@pytest.fixture(autouse=True)
def nothing_kept():
    """Versions come back with the rows that a test's rollback brings back."""
    editions._recent.clear()
    for cache in (caches["default"], *caches.all(initialized_only=True)):
        cache.clear()


@pytest.fixture
def alone(db):
    """No seeds: the roadmaps of the test are the only ones."""
    RoadmapNode.objects.all().delete()


@pytest.fixture
def bare(request, db):
    """The seeds as they stand in the seed document, for tests that say what nodes have."""
    marker = request.node.get_closest_marker("django_db")
    for using in (marker and marker.kwargs.get("databases")) or ["default"]:
        for model in (Resource, RoadmapNode.prerequisites.through):
            models.QuerySet(model, using=using).delete()
        nodes = models.QuerySet(RoadmapNode, using=using)
        nodes.update(description="")
        nodes.exclude(parent__path="django-step-by-step").update(summary="")


@pytest.fixture(params=["guest", "Ann"])
def visitor(request, db):
    return Visitor(None if request.param == "guest" else request.param)


@pytest.fixture
def guest(db):
    return Visitor()


@pytest.fixture
def ann(db):
    return Visitor("Ann")


@pytest.fixture
def grow(db):
    """``grow("Python", {"Basics": ["Loops", "Names"]})`` saves a roadmap and returns its root.

    The children of a node are a dict where some have children again, a list where none has.
    Slugs come from titles: here "python/loops". Further arguments are fields of the root.
    """

    def grow(title, children=(), *, parent=None, using="default", **fields):
        node = RoadmapNode(title=title, parent=parent, **fields)
        node.save(using=using)
        for child in children:
            below = children[child] if isinstance(children, dict) else ()
            grow(child, below, parent=node, using=using)
        return node

    return grow


@pytest.fixture
def same_token(monkeypatch):
    """The token in a form is masked anew each time; here not, so that pages can be compared."""
    monkeypatch.setattr("django.middleware.csrf._mask_cipher_secret", lambda secret: secret)


@pytest.fixture
def templates(settings):
    """``templates({name: source})`` puts these before the templates of the app.

    They may load ``counting_tags``, which counts how often each was rendered.
    """

    def override(sources):
        loaders = [
            ("django.template.loaders.locmem.Loader", sources),
            "django.template.loaders.app_directories.Loader",
        ]
        options = {"loaders": loaders, "libraries": {"counting_tags": "counting_tags"}}
        backend = "django.template.backends.django.DjangoTemplates"
        settings.TEMPLATES = [{"BACKEND": backend, "OPTIONS": options}]

    counting_tags.rendered.clear()
    return override
