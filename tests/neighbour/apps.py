from django.apps import AppConfig


class NeighbourConfig(AppConfig):
    name = "neighbour"
    default_auto_field = "django.db.models.BigAutoField"
