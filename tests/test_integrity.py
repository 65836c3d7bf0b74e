"""Every damage is found, and what parents and order determine is mended, and nothing else."""

from contextlib import contextmanager
from itertools import count

import pytest
from django.db import IntegrityError, OperationalError, connection, models, transaction
from roadmaps import node, rows
from soundness import findings

from django_roadmap.integrity import check, repair
from django_roadmap.models import RoadmapNode

pytestmark = pytest.mark.django_db(databases=["default", "other"])

SEEDS = ["django", "django-step-by-step"]


@pytest.fixture
def rust(grow):
    """Two small roadmaps beside the seeds, "rust" and "go", each node with a title of one letter.

    The numbers of rust are 1-12, of a 2-9, b 3-6, x 4-5, c 7-8, d 10-11, of go 1-6, e 2-5, f 3-4.
    """
    rust = grow("Rust", {"A": {"B": ["X"], "C": []}, "D": []})
    go = grow("Go", {"E": ["F"]})
    # So that a tree is not always called like its root, and the later roadmap comes first.
    for root, tree_id in ((rust, 10_200), (go, 10_100)):
        table().filter(tree_id=root.tree_id).update(tree_id=tree_id)
    return rust


def table(using="default"):
    return models.QuerySet(RoadmapNode, using=using)


def damage(paths, /, using="default", **values):
    """Set columns past everything that guards them."""
    assert table(using).filter(path__in=paths.split()).update(**values)


def hang(path, parent):
    damage(path, parent=parent and node(parent))


def swap(path, other, *columns):
    first, second = node(path), node(other)
    if "path" in columns:
        damage(other, path="out of the way")
    for instance, values in ((first, second), (second, first)):
        table().filter(pk=instance.pk).update(**{name: getattr(values, name) for name in columns})


def link(path, prerequisite):
    through = RoadmapNode.prerequisites.through
    ends = {"from_roadmapnode": node(path), "to_roadmapnode": node(prerequisite)}
    models.QuerySet(through).create(**ends)


def structure():
    """What a repair leaves as it is when only numbers were damaged; and the numbers."""
    names = ("pk", "parent_id", "lft", "rght", "level", "slug", "path")
    return list(table().order_by("pk").values_list(*names))


def places(slug):
    """The paths of a roadmap with their depth, in tree order."""
    return [f"{'-' * row.level}{row.path}" for row in node(slug).get_family()]


def kinds(found):
    """Findings without their sentences, which must name the nodes."""
    for finding in found:
        assert finding.paths
        assert all(f"“{path}”" in finding.message for path in finding.paths)
    return sorted((finding.kind, *finding.paths) for finding in found)


def of_seeds(table):
    return [row for row in table if row["path"].partition("/")[0] in SEEDS]


def test_that_nothing_is_wrong_with_what_was_planted_and_grown(rust):
    assert check() == check("rust", "django") == check(using="other") == []


# The numbers of a node, or of several; with the kinds of finding and the nodes they name.
MENDED = {
    "gap": (lambda: damage("rust", rght=14), [("gap", "rust/d", "rust")]),
    "gap at the start": (
        lambda: damage("go go/e go/f", lft=models.F("lft") + 3, rght=models.F("rght") + 3),
        [("gap", "go")],
    ),
    "numbers from 0": (
        lambda: damage("go go/e go/f", lft=models.F("lft") - 1, rght=models.F("rght") - 1),
        None,
    ),
    "crossing": (
        lambda: (damage("rust/a", rght=10), damage("rust/d", lft=9)),
        [("overlap", "rust/a", "rust/d")],
    ),
    "shared endpoint": (
        lambda: damage("rust/d", lft=9),
        [
            ("gap", "rust/d", "rust/d"),
            ("overlap", "rust/a", "rust/d"),
            ("overlap", "rust/a", "rust/d"),
        ],
    ),
    "same numbers": (lambda: damage("go/f", lft=2, rght=5), None),
    "level": (lambda: damage("rust/b", level=7), [("level", "rust/b")]),
    "level of a root": (lambda: damage("rust", level=1), [("level", "rust")]),
    "parent and child swapped": (
        lambda: swap("rust/a", "rust/b", "lft", "rght"),
        [
            ("parent", "rust/a", "rust"),
            ("parent", "rust/b", "rust/a"),
            ("parent", "rust/c", "rust/a"),
            ("parent", "rust/x", "rust/b"),
        ],
    ),
    "leaf outside its parent": (lambda: damage("go", rght=3), None),
    "leaf in another tree": (
        lambda: damage("rust/c", tree_id=node("go").tree_id),
        [("gap", "rust/b", "rust/a"), ("tree", "rust/c", "rust")],
    ),
    "leaf in nobody's tree": (
        lambda: damage("rust/c", tree_id=12345),
        [("gap", "rust/b", "rust/a"), ("root", "rust/c"), ("tree", "rust/c", "rust")],
    ),
    "first leaf behind its siblings": (lambda: damage("rust/b", tree_id=12345), None),
    "branch in another tree": (
        lambda: damage("rust/a rust/b rust/c rust/x", tree_id=node("go").tree_id),
        [
            ("gap", "rust", "rust/d"),
            ("tree", "rust/a", "rust"),
            ("tree", "rust/b", "rust"),
            ("tree", "rust/c", "rust"),
            ("tree", "rust/x", "rust"),
        ],
    ),
    "branch in nobody's tree": (
        lambda: damage("rust/a rust/b rust/c rust/x", tree_id=12345),
        None,
    ),
    "root in another tree": (lambda: damage("rust", tree_id=node("go").tree_id), None),
    "root in nobody's tree": (lambda: damage("go", tree_id=12345), None),
    "two roadmaps in one tree": (
        lambda: table().filter(tree_id=node("rust").tree_id).update(tree_id=node("go").tree_id),
        [("root", "rust", "go")],
    ),
    "two roadmaps in one tree, damaged": (
        lambda: (
            table().filter(tree_id=node("rust").tree_id).update(tree_id=node("go").tree_id),
            damage("rust", rght=14),
        ),
        [("gap", "rust/d", "rust"), ("root", "rust", "go")],
    ),
    "circle of one": (
        lambda: hang("rust/a", "rust/a"),
        [("circle", "rust/a"), ("parent", "rust/a", "rust/a")],
    ),
    "circle of two": (
        lambda: hang("rust/a", "rust/b"),
        [("circle", "rust/a", "rust/b"), ("parent", "rust/a", "rust/b")],
    ),
    "circle of three": (
        lambda: hang("rust/a", "rust/x"),
        [("circle", "rust/a", "rust/x", "rust/b"), ("parent", "rust/a", "rust/x")],
    ),
    "circle in nobody's tree": (
        lambda: (
            hang("rust/a", "rust/x"),
            damage("rust/a rust/b rust/c rust/x", tree_id=12345),
        ),
        None,
    ),
    "circle whose paths are lost": (
        lambda: (
            hang("rust/a", "rust/x"),
            [damage(f"rust/{slug}", path=f"lost/{slug}") for slug in "abcx"],
        ),
        None,
    ),
    "circle in another tree": (
        lambda: (
            hang("rust/a", "rust/x"),
            damage("rust/a rust/b rust/c rust/x", tree_id=node("go").tree_id),
        ),
        None,
    ),
    "circle in two trees": (
        lambda: (hang("rust/a", "rust/x"), damage("rust/x", tree_id=node("go").tree_id)),
        None,
    ),
    "circle with the root": (lambda: hang("rust", "rust/b"), None),
    "circle with the root, its level wrong": (
        lambda: (hang("rust", "rust/b"), damage("rust", level=7)),
        None,
    ),
    "circle of the root alone": (lambda: hang("rust", "rust"), None),
    "path": (lambda: damage("rust/c", path="rust/old"), [("path", "rust/old")]),
    "path of a root": (lambda: damage("go", path="old"), [("path", "old")]),
    "paths swapped": (
        lambda: swap("rust/a", "rust/x", "path"),
        [("path", "rust/a"), ("path", "rust/x")],
    ),
    "paths of roots swapped": (
        lambda: swap("rust", "go", "path"),
        [("path", "go"), ("path", "rust")],
    ),
    "paths swapped between roadmaps": (
        lambda: swap("rust/a", "go/f", "path"),
        [("path", "go/f"), ("path", "rust/a")],
    ),
    "everything": (
        lambda: (
            table().filter(tree_id=node("rust").tree_id).update(tree_id=node("go").tree_id),
            damage("rust", rght=14),
            damage("rust/c", level=7),
            damage("rust/d", tree_id=12345),
            hang("rust/a", "rust/x"),
            swap("go/e", "go/f", "path"),
        ),
        None,
    ),
}
each_damage = pytest.mark.parametrize(
    ("hurt", "expected"), MENDED.values(), ids=[name.replace(" ", "-") for name in MENDED]
)


@each_damage
def test_that_damage_is_found(rust, hurt, expected):
    hurt()
    damaged = rows()
    found = check()

    assert found
    assert rows() == damaged
    if expected is not None:
        assert kinds(found) == sorted(expected)


@each_damage
def test_that_damage_is_mended(rust, hurt, expected):
    before, seeds = structure(), of_seeds(rows())
    hurt()
    found = check()

    assert repair() == (found, [])
    assert check() == findings() == []
    assert structure() == before
    assert of_seeds(rows()) == seeds
    mended = rows()
    assert repair() == ([], [])
    assert rows() == mended


def test_that_the_order_of_siblings_follows_their_numbers(rust):
    damage("rust/d", lft=1, rght=2)
    repair()

    assert places("rust") == ["rust", "-rust/d", "-rust/a", "--rust/b", "---rust/x", "--rust/c"]


def test_that_a_tree_that_several_share_stays_with_the_root_it_is_called_like(rust):
    go = node("go")
    table().filter(tree_id__gte=10_100).update(tree_id=go.pk)
    repair()

    assert (node("rust").tree_id, node("go").tree_id) == (rust.pk, go.pk)


def test_that_roots_get_trees_of_their_own_though_others_are_called_like_them(rust, grow):
    for seed, other in zip(SEEDS, (node("go"), grow("C")), strict=True):
        trees = [node("rust").tree_id, other.tree_id]
        table().filter(tree_id__in=trees).update(tree_id=node("rust").tree_id)
        table().filter(tree_id=node(seed).tree_id).update(tree_id=other.pk)
    repair()

    assert check() == findings() == []


# What is mended by making it fit to the parents and slugs, which were others before.
CHANGED = {
    "parent": (
        lambda: hang("rust/x", "rust/d"),
        [("parent", "rust/x", "rust/d"), ("level", "rust/x")],
        ["rust", "-rust/a", "--rust/b", "--rust/c", "-rust/d", "--rust/x"],
    ),
    "parent in another roadmap": (
        lambda: hang("go/e", "rust/d"),
        None,
        [
            *("rust", "-rust/a", "--rust/b", "---rust/x", "--rust/c", "-rust/d", "--rust/e"),
            "---rust/f",
        ],
    ),
    "parent of a root": (
        lambda: hang("go", "rust/d"),
        None,
        [
            *("rust", "-rust/a", "--rust/b", "---rust/x", "--rust/c", "-rust/d", "--rust/go"),
            *("---rust/e", "----rust/f"),
        ],
    ),
    "slug": (
        lambda: damage("rust/b", slug="new"),
        [("path", "rust/b")],
        ["rust", "-rust/a", "--rust/new", "---rust/x", "--rust/c", "-rust/d"],
    ),
    "slug of a root": (
        lambda: damage("go", slug="rust-2"),
        [("path", "go"), ("path", "go/e"), ("path", "go/f")],
        ["rust-2", "-rust-2/e", "--rust-2/f"],
    ),
    "slugs round in a ring": (
        lambda: [damage(f"rust/{old}", slug=new) for old, new in ("xc", "cd", "dx")],
        [("path", "rust/c"), ("path", "rust/d"), ("path", "rust/x")],
        ["rust", "-rust/a", "--rust/b", "---rust/c", "--rust/d", "-rust/x"],
    ),
    "root that is none": (lambda: hang("rust/b", None), None, ["b", "-b/x"]),
}


@pytest.mark.parametrize(
    ("hurt", "expected", "after"),
    CHANGED.values(),
    ids=[name.replace(" ", "-") for name in CHANGED],
)
def test_that_parents_and_slugs_are_taken_as_true(rust, hurt, expected, after):
    seeds = of_seeds(rows())
    hurt()
    damaged = rows()
    found = check()
    if expected is not None:
        assert kinds(found) == sorted(expected)
    assert rows() == damaged

    assert repair() == (found, [])
    assert check() == findings() == []
    assert places(after[0]) == after
    assert of_seeds(rows()) == seeds
    assert repair() == ([], [])


LEFT = {
    "path that is taken": (lambda: damage("rust/c", slug="b"), [("path", "rust/c")]),
    "path that two want": (
        lambda: damage("rust/b rust/c", slug="new"),
        [("path", "rust/b"), ("path", "rust/c")],
    ),
    "path of one that stays": (
        lambda: (damage("rust/c", slug="b"), damage("rust/d", slug="c")),
        [("path", "rust/c"), ("path", "rust/d")],
    ),
    "path of a roadmap that is taken": (
        lambda: damage("go", slug="rust"),
        [("path", "go"), ("path", "go/e"), ("path", "go/f")],
    ),
    "circle in no roadmap": (
        lambda: (
            hang("rust/a", "rust/x"),
            damage("rust/a rust/b rust/c rust/x", tree_id=12345),
            [damage(f"rust/{slug}", path=f"lost/{slug}") for slug in "abcx"],
            repair("rust"),
        ),
        [
            ("circle", "lost/a", "lost/x", "lost/b"),
            ("gap", "lost/a"),
            ("parent", "lost/a", "lost/x"),
            ("root", "lost/a"),
        ],
    ),
    "prerequisite in another roadmap": (
        lambda: link("rust/a", "go/e"),
        [("prerequisite", "rust/a", "go/e")],
    ),
    "circle of prerequisites": (
        lambda: (link("rust/a", "rust/d"), link("rust/d", "rust/c"), link("rust/c", "rust/a")),
        [("prerequisite-circle", "rust/a", "rust/d", "rust/c")],
    ),
    "own prerequisite": (lambda: link("rust/a", "rust/a"), [("prerequisite-circle", "rust/a")]),
    "link to nowhere": (
        lambda: damage("rust/a", description="[b](roadmap:rust/b) [old](roadmap:rust/old)"),
        [("link", "rust/a")],
    ),
}


@pytest.mark.parametrize(
    ("hurt", "expected"), LEFT.values(), ids=[name.replace(" ", "-") for name in LEFT]
)
def test_that_what_cannot_be_mended_is_said_and_stays(rust, hurt, expected):
    hurt()
    damaged, before = rows(), structure()
    found = check()
    if expected is not None:
        assert kinds(found) == sorted(expected)
    assert rows() == damaged

    assert repair() == ([], found)
    assert structure() == before
    assert check() == found


def test_that_the_rest_is_mended_beside_what_is_left(rust):
    damage("rust/c", slug="b")
    damage("rust/d", tree_id=node("go").tree_id)
    link("rust/a", "go/e")
    found = check()

    mended, left = repair()
    assert kinds(left) == [("path", "rust/c"), ("prerequisite", "rust/a", "go/e")]
    assert mended == [finding for finding in found if finding not in left]
    assert check() == left


def test_that_what_is_left_is_not_called_mended_since_a_path_was(rust):
    link("rust/a", "go/e")
    damage("rust/a", path="rust/old")

    mended, left = repair()
    assert kinds(mended) == [("path", "rust/old")]
    assert kinds(left) == [("prerequisite", "rust/a", "go/e")]


def test_that_a_link_is_right_once_a_path_is_mended(rust):
    damage("rust/a", description="[d](roadmap:rust/d)")
    damage("rust/d", path="rust/old")

    mended, left = repair()
    assert kinds(mended) == [("path", "rust/old")]
    assert left == []


def test_that_paths_that_only_the_database_finds_alike_are_left(rust):
    damage("rust/a", path="rust/old")
    damage("rust/d", level=7)

    def refuse(execute, sql, *args):
        if sql.startswith("UPDATE") and "path" in sql.partition("WHERE")[0]:
            raise IntegrityError("Duplicate entry")
        return execute(sql, *args)

    with connection.execute_wrapper(refuse):
        mended, left = repair()
    assert kinds(mended) == [("level", "rust/d")]
    assert kinds(left) == kinds(check()) == [("path", "rust/old")]


def test_that_orphans_go_below_the_root_of_their_path(rust):
    """What a backup that was restored in part may leave."""
    before = structure()
    with transaction.atomic(), connection.constraint_checks_disabled():
        connection.disable_constraint_checking()
        damage("rust/a", parent_id=99999)
        assert kinds(check("rust")) == [("orphan", "rust/a")]
        mended, left = repair()
        connection.enable_constraint_checking()

    assert kinds(mended) == [("orphan", "rust/a")]
    assert left == check() == findings() == []
    assert node("rust/a").parent == node("rust")
    assert len(structure()) == len(before)


def test_that_paths_alike_but_for_case_end_no_repair(rust):
    damage("rust/c", slug="B")
    mended, left = repair()

    assert [finding.paths for finding in mended + left] == [("rust/c",)]
    assert check() == left
    assert node("rust/b").slug == "b"


def test_that_no_number_is_named_as_one_that_a_node_shares_with_itself(rust):
    damage("rust", lft=0)
    found = check()

    assert found
    assert [finding for finding in found if finding.kind == "overlap"] == []


def test_that_a_finding_reads_well(rust):
    damage("rust", rght=14)
    damage("rust/b", level=7)
    damage("go/e", path="go/old")

    assert sorted(map(str, check())) == [
        "gap: “rust/d”, “rust”: the number after 11 is 14.",
        "level: “rust/b” has depth 7 instead of 2.",
        "path: “go/old” should have the path “go/e”.",
    ]


# One roadmap of many


def test_that_only_the_roadmaps_asked_for_are_looked_at(rust):
    damage("rust/b", level=7)
    damage("go/e", level=7)

    assert kinds(check("rust")) == [("level", "rust/b")]
    assert kinds(check("rust", "go")) == [("level", "go/e"), ("level", "rust/b")]
    assert check("django") == []


def test_that_only_the_roadmaps_asked_for_are_mended(rust):
    damage("rust/b", level=7)
    damage("go/e", level=7)
    repair("rust")

    assert kinds(check()) == [("level", "go/e")]


def test_that_prerequisites_and_links_elsewhere_are_not_looked_at(rust):
    link("rust/a", "go/e")
    damage("rust/b", description="[old](roadmap:rust/old)")

    assert check("go") == []
    assert len(check("rust")) == 2


def test_that_a_link_may_lead_to_another_roadmap(rust):
    damage("rust/b", description="[e](roadmap:go/e) [django](roadmap:django)")

    assert check("rust") == []


@pytest.mark.parametrize("path", ["rust", "go"])
def test_that_what_a_roadmap_is_tangled_up_with_is_looked_at_too(rust, path):
    damage("rust/c", tree_id=node("go").tree_id)
    found = check()

    assert check(path) == found
    assert repair(path) == (found, [])
    assert check() == findings() == []


def test_that_a_circle_in_no_tree_is_nothing_to_its_roadmap(rust):
    hang("rust/a", "rust/x")
    damage("rust/a rust/b rust/c rust/x", tree_id=12345)

    repair("rust")
    assert check("rust") == []
    assert "circle" in {finding.kind for finding in check()}
    repair()
    assert check() == findings() == []


@pytest.mark.parametrize("function", [check, repair])
def test_that_a_path_where_no_roadmap_is_is_refused(function):
    with pytest.raises(RoadmapNode.DoesNotExist, match="'gone', 'django/css'"):
        function("django", "gone", "django/css")


def test_that_another_database_is_looked_at_and_mended():
    damage("django/css", using="other", level=7)
    before = rows()

    assert check() == []
    assert kinds(check("django", using="other")) == [("level", "django/css")]
    assert kinds(repair(using="other")[0]) == [("level", "django/css")]
    assert check(using="other") == findings("other") == []
    assert rows() == before


@pytest.mark.parametrize("sections", [1, 8])
def test_that_the_number_of_queries_is_that_of_any_roadmap(
    grow, django_assert_num_queries, sections
):
    grow("Rust", {f"S{number}": [f"T{number}", f"U{number}"] for number in range(sections)})
    for path in table().filter(path__startswith="rust/").values_list("path", flat=True):
        damage(path, description="[a](roadmap:rust) [b](roadmap:django/css)")
    for number in range(sections):
        link(f"rust/t{number}", f"rust/u{number}")

    with django_assert_num_queries(4):
        assert check() == []
    with django_assert_num_queries(6):
        assert check("rust") == []
    with django_assert_num_queries(4):
        assert repair() == ([], [])


# How it is written


@contextmanager
def statements():
    """What is executed meanwhile: the statement, its parameters, and whether in a transaction."""
    seen = []

    def note(execute, sql, params, many, context):
        seen.append((sql, list(params or ()), many, connection.in_atomic_block))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


def test_that_only_wrong_rows_are_written(rust):
    damage("rust/b", level=7)
    damage("rust/c", path="rust/old")
    before = rows()
    with statements() as seen:
        repair()

    changed = [new["path"] for old, new in zip(before, rows(), strict=True) if old != new]
    assert sorted(changed) == ["rust", "rust/b", "rust/c"]
    written = [[values[-1] for values in params] for _sql, params, many, _atomic in seen if many]
    assert written == [[node("rust/b").pk], [node("rust/c").pk], [node("rust/c").pk]]


@pytest.mark.parametrize(
    "hurt",
    [
        lambda: damage("rust/b", level=7),
        lambda: swap("rust", "rust/a", "lft", "rght"),
        lambda: damage("rust/b", lft=1),
    ],
    ids=["level", "number of the root elsewhere", "number of the root twice"],
)
def test_that_a_mended_roadmap_and_none_of_its_nodes_has_a_new_version(rust, hurt):
    hurt()
    version = node("rust").version
    repair()

    assert node("rust").version != version
    assert not table().exclude(parent=None).exclude(version="")


@pytest.mark.django_db(transaction=True)
def test_that_the_lock_comes_first_and_all_is_one_transaction(rust):
    damage("rust/b", level=7)
    damage("go/e", path="go/old")
    with statements() as seen:
        repair()

    inside = [sql for sql, _params, _many, atomic in seen if atomic and "BEGIN" not in sql]
    updates = [sql for sql, *_ in seen if sql.startswith("UPDATE")]
    assert inside[0] == inside[1] == updates[0] == updates[1]
    assert "version" in updates[0]
    assert [sql for sql in inside if sql.startswith("UPDATE")] == updates
    assert [atomic for *_, atomic in seen] == sorted(atomic for *_, atomic in seen)


@contextmanager
def before_the_lock(edit):
    """Do something once, after the first reading and before the block that locks."""
    waiting = [edit]

    def interfere(execute, sql, params, many, context):
        if waiting and sql.startswith("SAVEPOINT"):
            waiting.pop()()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(interfere):
        yield
    assert not waiting


def test_that_the_repair_reads_again_under_the_lock(rust):
    damage("rust/b", level=7)
    with before_the_lock(lambda: damage("rust/c", level=9)):
        assert repair("rust")[1] == []

    assert check() == findings() == []


def test_that_roadmaps_are_locked_that_get_tangled_up_meanwhile(rust):
    damage("rust/b", level=7)
    versions = {node("rust").version, node("go").version}
    with before_the_lock(lambda: hang("go/e", "rust/d")):
        repair("rust")

    assert check() == findings() == []
    assert node("rust/e").parent.path == "rust/d"
    assert versions.isdisjoint({node("rust").version, node("go").version})


@contextmanager
def failing_at(number):
    numbers = count()

    def fail(execute, *args):
        if next(numbers) == number:
            raise OperationalError("disk full")
        return execute(*args)

    with connection.execute_wrapper(fail):
        yield


@pytest.mark.django_db(transaction=True)
def test_that_an_error_anywhere_leaves_every_row_as_it_was(rust):
    MENDED["everything"][0]()
    before = rows()

    for number in count():
        try:
            with failing_at(number):
                repair()
        except OperationalError:
            assert rows() == before
            continue
        break

    assert number > 12
    assert check() == findings() == []
