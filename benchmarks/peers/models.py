"""Plain models, each with the base class its app recommends and the same columns."""

from django.db import models
from mptt.models import MPTTModel, TreeForeignKey
from tree_queries.models import OrderableTreeNode
from treebeard.mp_tree import MP_Node


class Columns(models.Model):
    # Not "path": treebeard has a column of that name.
    address = models.CharField(max_length=255, unique=True)
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=300)

    class Meta:
        abstract = True

    def __str__(self):
        return self.title


class MpttNode(MPTTModel, Columns):
    parent = TreeForeignKey("self", null=True, on_delete=models.CASCADE, related_name="children")


class TreebeardNode(MP_Node, Columns):
    pass


class TreeQueriesNode(OrderableTreeNode, Columns):
    pass
