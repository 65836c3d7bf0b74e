"""Nodes by their paths, and what the table holds."""

from django.db import models

from django_roadmap.models import RoadmapNode


def node(path, using="default"):
    return RoadmapNode.objects.using(using).get(path=path)


def slugs_below(path, using="default"):
    children = node(path, using).get_children().using(using)
    return " ".join(child.slug for child in children)


def rows(using="default"):
    """Every column of every node, to compare before and after."""
    return list(models.QuerySet(RoadmapNode, using=using).order_by("pk").values())
