from django.db import models

from django_roadmap.models import RoadmapNode


class Certificate(models.Model):
    """What must not go with a node; without a constraint, so that migrations can go back."""

    node = models.ForeignKey(
        RoadmapNode, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )

    def __str__(self) -> str:
        return f"For {self.node}"
