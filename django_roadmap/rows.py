"""Rows of a table in no order, past the managers and what they guard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from django_roadmap.models import RoadmapNode


def plain_rows(model: type[models.Model], using: str | None) -> models.QuerySet[Any]:
    """All rows of the model."""
    return models.QuerySet(model, using=using)


def branch_rows(node: RoadmapNode, using: str | None) -> models.QuerySet[Any]:
    """The node's row and those of all below it, by the tree columns of the instance."""
    rows = plain_rows(type(node), using)
    return rows.filter(tree_id=node.tree_id, lft__gte=node.lft, rght__lte=node.rght)
