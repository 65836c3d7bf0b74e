"""``path("roadmaps/", include("django_roadmap.urls"))``"""

from __future__ import annotations

from django.urls import path, register_converter

from django_roadmap import paths, views


class PathConverter:
    """A node's path.

    An address of the app's own below these must hold a character that slugs cannot, such as
    a dot, so that no roadmap can ever be in its way.
    """

    regex = paths.PATH_REGEX

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PathConverter, "roadmap_path")

app_name = "django_roadmap"

urlpatterns = [
    path("", views.RoadmapListView.as_view(), name="list"),
    path("<roadmap_path:path>/", views.NodeView.as_view(), name="node"),
]
