"""Branches in memory, at random too, and what a plain recursion finds in them."""

from hypothesis import strategies as st

from django_roadmap.counting import DONE, LEARNING, PENDING, SKIPPED
from django_roadmap.tree import Branch

MARKS = [LEARNING, DONE, SKIPPED]

rarely = st.sampled_from([False, False, False, True])
mostly = rarely.map(lambda value: not value)


def grow(nodes):
    """A branch from tuples of key, place of the parent and flags, the parents first.

    Minutes may follow the flags.
    """
    branches = []
    for pk, parent, is_published, is_optional, *minutes in nodes:
        above = branches[parent] if branches else None
        level = above.level + 1 if above else 0
        path, parent_id = f"path-{pk}", above.pk if above else None
        values = (path, f"Node {pk}", "", is_published, is_optional, *(minutes or [None]))
        branch = Branch(pk, parent_id, level, *values)
        if above:
            above.children.append(branch)
        branches.append(branch)
    return branches[0]


@st.composite
def trees(draw):
    # In no order: keys tell nothing about places.
    pks = draw(st.permutations(range(1, draw(st.integers(1, 20)) + 1)))
    minutes = st.none() | st.integers(1, 1000)
    return grow(
        (pk, draw(st.integers(0, max(place - 1, 0))), draw(mostly), draw(rarely), draw(minutes))
        for place, pk in enumerate(pks)
    )


# Some keys are those of parents, or of no node at all.
marks_on_anything = st.dictionaries(st.integers(1, 25), st.sampled_from(MARKS), max_size=25)


def is_leaf(node):
    return not any(child.is_published for child in node.children)


def topics_of(node):
    if is_leaf(node):
        return [node]
    below = [child for child in node.children if child.is_published and not child.is_optional]
    return [topic for child in below for topic in topics_of(child)]


def state_of(states):
    """What a node is whose topics are in these states."""
    left = [state for state in states if state != SKIPPED]
    if not left:
        return SKIPPED if states else PENDING
    if all(state == DONE for state in left):
        return DONE
    return LEARNING if DONE in left or LEARNING in left else PENDING


def states_below(node, marks):
    return [marks.get(topic.pk, PENDING) for topic in topics_of(node)]


def shown(node, *, counted=True):
    """The keys of the nodes whose counts are shown."""
    if not counted or node.is_optional or not node.is_published:
        return set()
    return {node.pk}.union(*(shown(child) for child in node.children))
