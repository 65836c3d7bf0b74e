"""``path("roadmaps/", include("django_roadmap.urls"))``"""

from __future__ import annotations

import re

from django.urls import path, register_converter

from django_roadmap import mine, paths, views
from django_roadmap.downloads import ExportView, MapView
from django_roadmap.marking import MarkView
from django_roadmap.outline import FORMATS, Format


class PathConverter:
    """A node's path.

    An address of the app's own below these holds a character that slugs cannot, a tilde, so
    that no roadmap can ever be in its way.
    """

    regex = paths.PATH_REGEX

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class FormatConverter:
    """A format by the extension of its files."""

    by_extension = {found.extension: found for found in FORMATS.values()}
    regex = "|".join(map(re.escape, by_extension))

    def to_python(self, value: str) -> Format:
        return self.by_extension[value]

    def to_url(self, value: Format) -> str:
        return value.extension


register_converter(PathConverter, "roadmap_path")
register_converter(FormatConverter, "roadmap_format")

app_name = "django_roadmap"

urlpatterns = [
    path("", views.RoadmapListView.as_view(), name="list"),
    path("~mark/", MarkView.as_view(), name="mark"),
    path("~mine/", mine.MyRoadmapsView.as_view(), name="mine"),
    path("~mine/progress.json", mine.DownloadView.as_view(), name="download"),
    path("~mine/reset/<roadmap_path:path>/", mine.ResetView.as_view(), name="reset"),
    path("<roadmap_path:path>.<roadmap_format:format>", ExportView.as_view(), name="export"),
    path("<roadmap_path:path>.svg", MapView.as_view(), name="map"),
    path("<roadmap_path:path>/", views.NodeView.as_view(), name="node"),
]
