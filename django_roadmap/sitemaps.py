"""``sitemaps = {"roadmaps": RoadmapSitemap}`` for ``django.contrib.sitemaps``."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet

from django_roadmap.models import RoadmapNode


class RoadmapSitemap(Sitemap):  # type: ignore[type-arg]
    """The pages of all published roadmaps and nodes."""

    def items(self) -> QuerySet[RoadmapNode]:
        nodes: QuerySet[RoadmapNode] = RoadmapNode.objects.published()
        return nodes.only("path", "updated_at")

    def lastmod(self, node: RoadmapNode) -> datetime:
        return node.updated_at
