from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import TemplateView
from django.views.i18n import set_language
from join import JoinView

from django_roadmap.sitemaps import RoadmapSitemap

urlpatterns = [
    path("", TemplateView.as_view(template_name="home.html"), name="home"),
    path("roadmaps/", include("django_roadmap.urls")),
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("join/", JoinView.as_view(), name="join"),
    # Without a token, which would give each guest a cookie and keep the pages from shared caches:
    # all that another site could do is to change the language of its own visitor here.
    path("language/", csrf_exempt(set_language), name="set_language"),
    path("admin/", admin.site.urls),
    path(
        "robots.txt",
        TemplateView.as_view(template_name="robots.txt", content_type="text/plain"),
        name="robots",
    ),
    path("sitemap.xml", sitemap, {"sitemaps": {"roadmaps": RoadmapSitemap}}, name="sitemap"),
]
