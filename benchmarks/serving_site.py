"""What serving.py loads: the example project, and beside its pages the same bytes from memory."""

import os
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.cache import cache as site_cache
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

FOLDER = Path(os.environ["SERVING_FOLDER"])

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
settings.ROOT_URLCONF = __name__
settings.STATIC_ROOT = FOLDER / "static"

application = get_wsgi_application()


@cache
def page(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def from_memory(request: HttpRequest, name: str) -> HttpResponse:
    return HttpResponse(page(name))


def from_cache(request: HttpRequest, name: str) -> HttpResponse:
    """The least that is fresh and shared by processes: one query, and one look into the cache."""
    from django_roadmap.models import RoadmapNode

    version = RoadmapNode.objects.values_list("version", flat=True).get(path="django")
    html = site_cache.get(f"serving-{version}")
    if html is None:
        html = page(name)
        site_cache.set(f"serving-{version}", html)
    return HttpResponse(html)


def from_memory_for_user(request: HttpRequest, name: str) -> HttpResponse:
    """Find out who asks, as nearly every page does: a query for the session, one for the user."""
    assert request.user.is_authenticated
    return HttpResponse(page(name))


urlpatterns = [
    path("memory/<str:name>/", from_memory),
    path("cache/<str:name>/", from_cache),
    path("memory-for-user/<str:name>/", from_memory_for_user),
    path("", include("urls")),
]
