"""What must hold of every tree in the table, checked without the code under test."""

from django_roadmap.models import RoadmapNode


def findings(using="default"):
    """Sentences about what is wrong with the trees; none when all is well."""
    found = []
    trees = {}
    for node in RoadmapNode.objects.using(using).order_by("tree_id", "lft"):
        trees.setdefault(node.tree_id, []).append(node)
    for tree_id, nodes in trees.items():
        roots = [node for node in nodes if node.parent_id is None]
        if len(roots) != 1:
            found.append(f"tree {tree_id} has the roots {roots}")
        ends = sorted([node.lft for node in nodes] + [node.rght for node in nodes])
        if ends != list(range(1, 2 * len(nodes) + 1)):
            found.append(f"tree {tree_id} has the endpoints {ends}")
        above = []
        for node in nodes:
            while above and above[-1].rght < node.lft:
                above.pop()
            parent = above[-1] if above else None
            if node.parent_id != (parent and parent.pk):
                found.append(f"{node.path} has the parent {node.parent}, but lies in {parent}")
            if node.level != len(above):
                found.append(f"{node.path} has level {node.level}, but lies at {len(above)}")
            path = f"{nodes[0].slug}/{node.slug}" if above else node.slug
            if node.path != path:
                found.append(f"{node.path} should have the path {path}")
            above.append(node)
    return found
