"""Random forests: sound ones raise no alarm, any damage is found, several at once are mended."""

from contextlib import contextmanager

import pytest
from django.db import models, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from roadmaps import rows
from soundness import findings

from django_roadmap.integrity import COLUMNS, Forest, Row, check, repair
from django_roadmap.models import RoadmapNode

pytestmark = pytest.mark.django_db


def table():
    return models.QuerySet(RoadmapNode)


def structure():
    """What a repair leaves as it is when only numbers were damaged; and the numbers."""
    names = ("pk", "parent_id", "lft", "rght", "level", "slug", "path")
    return list(table().order_by("pk").values_list(*names))


nested = st.recursive(st.just([]), lambda below: st.lists(below, max_size=4), max_leaves=12)
forests = st.tuples(st.lists(nested, min_size=1, max_size=3), st.randoms(use_true_random=False))


def forest_rows(forest):
    """The rows of nested lists, each of them a node; keys and trees are numbered at random."""
    trees, chance = forest
    total = sum(str(tree).count("[") for tree in trees)
    pks = iter(chance.sample(range(1001, 1001 + total), total))
    found = []

    def grow(children, parent, root, lft):
        pk = next(pks)
        row = Row(pk, parent and parent.pk, 0, lft, 0, 0, f"n{pk}", f"n{pk}")
        found.append(row)
        root = root or row
        row.tree_id = root.tree_id or chance.choice([pk, pk + 5000])
        if parent:
            row.level, row.path = parent.level + 1, f"{root.slug}/{row.slug}"
        step = lft
        for child in children:
            step = grow(child, row, root, step + 1)
        row.rght = step + 1
        return row.rght

    for tree in trees:
        grow(tree, None, None, 1)
    return in_order(found)


def in_order(forest):
    return sorted(forest, key=lambda row: (row.tree_id, row.lft, row.pk))


def is_sound(forest):
    """Whether every node is right beside the one before it, by itself."""
    below = {}
    for row in sorted(forest, key=lambda row: row.lft):
        below.setdefault(row.parent_id, []).append(row)
    roots = below.pop(None, [])
    if len({root.tree_id for root in roots}) < len(roots) or below.keys() - {
        row.pk for row in forest
    }:
        return False
    homes = {root.tree_id: root for root in roots}
    for row in forest:
        if row.tree_id not in homes:
            return False
        root, step = homes[row.tree_id], row.lft
        for child in below.get(row.pk, []):
            if (child.lft, child.level, child.tree_id) != (step + 1, row.level + 1, row.tree_id):
                return False
            step = child.rght
        if row.rght != step + 1:
            return False
        if row.path != (row.slug if row is root else f"{root.slug}/{row.slug}"):
            return False
    return all((root.lft, root.level) == (1, 0) for root in roots)


@settings(max_examples=1000)
@given(forests)
def test_that_sound_forests_raise_no_alarm(forest):
    forest = forest_rows(forest)

    assert is_sound(forest)
    assert Forest(forest).damaged == set()
    assert list(Forest(forest).findings()) == []


def change(forest, data, *columns):
    """Set something of one row to what may well be wrong, as the table allows it."""
    row = data.draw(st.sampled_from(forest))
    other = data.draw(st.sampled_from(forest))
    number = st.integers(0, 2 * len(forest) + 2)
    column = data.draw(st.sampled_from(columns))
    if column == "numbers":
        row.lft, row.rght = sorted(data.draw(st.lists(number, min_size=2, max_size=2, unique=True)))
    elif column == "swap":
        row.lft, row.rght, other.lft, other.rght = other.lft, other.rght, row.lft, row.rght
    elif column == "rght":
        row.rght = max(row.lft + 1, data.draw(number))
    elif column == "level":
        row.level = data.draw(number)
    elif column == "parent_id":
        row.parent_id = data.draw(st.sampled_from([other.pk, None]))
    elif column == "tree_id":
        row.tree_id = data.draw(st.sampled_from([other.tree_id, 99]))
    elif column == "path":
        row.path, other.path = other.path, row.path
    else:
        row.slug = f"{row.slug}-new"


@settings(max_examples=1000)
@given(forests, st.data())
def test_that_any_change_that_makes_a_forest_unsound_is_found(forest, data):
    forest = forest_rows(forest)
    columns = ("numbers", "swap", "rght", "level", "parent_id", "tree_id", "path", "slug")
    change(forest, data, *columns)
    forest = in_order(forest)

    found = list(Forest(forest).findings())
    assert bool(found) is bool(Forest(forest).damaged) is not is_sound(forest)
    assert all(finding.paths for finding in found)


@contextmanager
def planted(forest):
    """These rows in the table, until the block ends."""
    with transaction.atomic():
        table().bulk_create(RoadmapNode(pk=row.pk, **values(row)) for row in forest)
        yield
        transaction.set_rollback(True)


def values(row):
    return {name: getattr(row, name) for name in COLUMNS if name != "pk"}


def plant_again(forest):
    for row in forest:
        table().filter(pk=row.pk).update(path=f"{row.pk} on its way")
    for row in forest:
        table().filter(pk=row.pk).update(**values(row))


@settings(max_examples=60)
@given(forests, st.data())
def test_that_several_damages_at_once_are_mended(forest, data):
    forest = forest_rows(forest)
    with planted(forest):
        for _ in range(data.draw(st.integers(1, 5))):
            change(forest, data, "numbers", "swap", "rght", "level", "parent_id", "tree_id", "slug")
        plant_again(forest)
        in_circles = {row.pk for circle in Forest(forest).circles() for row in circle}
        repair()

        assert check() == findings() == []
        parents = dict(table().values_list("pk", "parent_id"))
        for row in forest:
            assert row.pk in in_circles or parents[row.pk] == row.parent_id
        mended = rows()
        assert repair() == ([], [])
        assert rows() == mended


@settings(max_examples=60)
@given(forests, st.data())
def test_that_only_what_was_damaged_is_another_after_a_repair(forest, data):
    forest = forest_rows(forest)
    with planted(forest):
        before = structure()
        for _ in range(data.draw(st.integers(1, 5))):
            change(forest, data, "level", "tree_id", "path")
        plant_again(forest)
        repair()

        assert structure() == before
