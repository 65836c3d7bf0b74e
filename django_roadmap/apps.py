from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DjangoRoadmapConfig(AppConfig):
    name = "django_roadmap"
    verbose_name = _("Learning roadmaps")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django_roadmap import checks, fixtures, receivers  # noqa: F401
