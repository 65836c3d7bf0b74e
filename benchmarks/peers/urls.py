from django.urls import include, path

urlpatterns = [path("roadmaps/", include("django_roadmap.urls"))]
