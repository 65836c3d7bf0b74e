"""A tree of ours, copies of it in the peers' tables, and the peers' pages of it."""

from itertools import cycle

from django.contrib.auth.models import User
from django.db import models
from django.template.loader import get_template

from django_roadmap import editing
from django_roadmap.models import Progress, RoadmapNode
from django_roadmap.outline import Outline
from peers.models import MpttNode, TreebeardNode, TreeQueriesNode

WIDTH = 10
"""Children of a node."""


def build(size):
    """The same tree twice, shown with the default templates and as the peers show theirs."""
    RoadmapNode.objects.all().delete()
    for slug in ("usual", "alike"):
        parts = [Outline("Views & URLs", slug=slug, summary="Everything from the first day on.")]
        for number in range(1, size):
            topic = Outline(
                f"Topic {number}: “views” & URLs",
                slug=f"topic-{number}",
                summary="One plain sentence about this topic, and why it's good to know.",
            )
            parts[(number - 1) // WIDTH].children.append(topic)
            parts.append(topic)
        editing.add(parts[0])
    nodes = models.QuerySet(RoadmapNode).order_by("lft")
    _copy(nodes.filter(tree_id=nodes.get(path="alike").tree_id))

    user = User.objects.get_or_create(username="learner")[0]
    usual = nodes.filter(tree_id=nodes.get(path="usual").tree_id)
    states = cycle(["learning", "done", "skipped"])
    Progress.objects.bulk_create(
        Progress(user=user, node=node, state=next(states)) for node in usual[::3]
    )
    return user


def _copy(nodes):
    """Fill the tables with the nodes of one roadmap, given in tree order."""
    mptt, treebeard, tree_queries = [], [], []
    steps, paths = {}, {}
    for node in nodes:
        columns = {
            "pk": node.pk,
            "address": node.path,
            "title": node.title,
            "summary": node.summary,
        }
        step = steps[node.parent_id] = steps.get(node.parent_id, 0) + 1
        depth = node.level + 1
        paths[node.pk] = TreebeardNode._get_path(paths.get(node.parent_id, ""), depth, step)
        mptt.append(
            MpttNode(
                **columns,
                parent_id=node.parent_id,
                tree_id=1,
                lft=node.lft,
                rght=node.rght,
                level=node.level,
            )
        )
        treebeard.append(TreebeardNode(**columns, path=paths[node.pk], depth=depth))
        # Ten apart, as its own save() numbers them.
        tree_queries.append(
            TreeQueriesNode(**columns, parent_id=node.parent_id, position=10 * step)
        )
    for node in treebeard:
        node.numchild = steps.get(node.pk, 0)
    for found in (mptt, treebeard, tree_queries):
        rows = models.QuerySet(type(found[0]))
        rows.all()._raw_delete(rows.db)
        rows.bulk_create(found)


def pages():
    """For each peer by name a function that shows the tree.

    The tables hold this tree and no other, so that nobody has to look for it.
    """

    def page(name, context):
        template = get_template(f"peers/{name}.html")
        return lambda: template.render(context())

    return {
        "treebeard, get_annotated_list": page(
            "treebeard", lambda: {"annotated_list": TreebeardNode.objects.get_annotated_list()}
        ),
        "tree-queries, recursetree": page(
            "tree_queries", lambda: {"nodes": TreeQueriesNode.objects.with_tree_fields()}
        ),
        "mptt, tree_info": page("mptt_tree_info", lambda: {"nodes": MpttNode.objects.all()}),
        "mptt, recursetree": page("mptt_recursetree", lambda: {"nodes": MpttNode.objects.all()}),
    }
