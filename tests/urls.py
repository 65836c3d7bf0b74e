from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path

from django_roadmap.sitemaps import RoadmapSitemap

urlpatterns = [
    path("admin/", admin.site.urls),
    path("roadmaps/", include("django_roadmap.urls")),
    path("sitemap.xml", sitemap, {"sitemaps": {"roadmaps": RoadmapSitemap}}),
]
