"""Where a map puts things: no overlap, no crossing, nothing outside, in the order of the tree."""

from itertools import combinations, pairwise

import branches
import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_roadmap.lettering import width_of
from django_roadmap.picture import WIDTH, lay_out
from django_roadmap.tree import Branch, walk

TITLES = [
    "Loops",
    "w" * 200,
    "\U0001f40d" * 60,
    "مقدمة في لغة بايثون للمبتدئين " * 4,
    "学习数据库、缓存和部署。" * 8,
    "Control Flow (if statements, loops)",
]
NOTES = ["", "Done", "Learning · 2 of 4 · Optional · Not published"]


def named(branch, titles):
    for node, title in zip(walk(branch), titles, strict=False):
        node.title = title
    return branch


@st.composite
def pictures(draw):
    branch = named(draw(branches.trees()), draw(st.lists(st.sampled_from(TITLES), min_size=20)))
    notes = draw(st.lists(st.sampled_from(NOTES), min_size=26, max_size=26))
    return lay_out(
        branch,
        note=lambda node: notes[node.pk],
        depth=draw(st.none() | st.integers(1, 4)),
        marks_parents=draw(st.booleans()),
        rtl=draw(st.booleans()),
    )


def extent(text):
    """The frame that a text fills: x, y, width, height."""
    width = max(width_of(line.text, text.font.size, bold=text.font.bold) for line in text.lines)
    is_rtl = text.direction == "rtl"
    left = {
        "middle": text.x - width / 2,
        "start": text.x - width * is_rtl,
        "end": text.x - width * (not is_rtl),
    }[text.anchor]
    top = text.lines[0].y - text.font.size * 0.95
    bottom = text.lines[-1].y + text.font.size * 0.25
    return left, top, width, bottom - top


def overlap(one, other):
    x, y, width, height = one
    x2, y2, width2, height2 = other
    return x < x2 + width2 and x2 < x + width and y < y2 + height2 and y2 < y + height


def holds(outer, inner):
    x, y, width, height = outer
    x2, y2, width2, height2 = inner
    return x <= x2 and y <= y2 and x2 + width2 <= x + width and y2 + height2 <= y + height


def check(picture):
    whole = 0, 0, picture.width, picture.height
    frames = [box.frame for box in picture.boxes]
    assert not any(overlap(*pair) for pair in combinations(frames, 2))
    assert not any(overlap(*pair) for pair in combinations(picture.cards, 2))
    assert all(holds(whole, frame) for frame in [*frames, *picture.cards])
    for box in picture.boxes:
        parts = [extent(text) for text in (box.title, box.note) if text]
        if box.mark:
            x, y = box.mark
            parts.append((x - 7, y - 7, 14, 14))
        assert all(holds(box.frame, part) for part in parts), box
        assert not any(overlap(*pair) for pair in combinations(parts, 2)), box
        on = [card for card in picture.cards if overlap(card, box.frame)]
        assert len(on) == (box.kind in ("card", "row"))
        assert all(holds(card, box.frame) for card in on)
    for edge in picture.edges:
        if edge.x1 == edge.x2:
            assert not any(card.x < edge.x1 < card.x + card.width for card in picture.cards)
        else:
            inside = min(edge.x1, edge.x2), edge.y1, abs(edge.x1 - edge.x2), 0
            assert not any(overlap(inside, frame) for frame in frames)
            # It ends at a card, not in the air.
            assert any(edge.x2 in (c.x, c.x + c.width) for c in picture.cards)


@given(pictures())
def test_any_map_has_no_overlap_and_nothing_outside(picture):
    check(picture)


@given(pictures())
def test_any_map_reads_in_the_order_of_the_tree(picture):
    """Each box begins below the one before, or beside it, or else it is in the other card."""
    for one, other in pairwise(picture.boxes):
        is_below = other.frame.y >= one.frame.y + one.frame.height
        assert is_below or (other.kind == "card" and other.frame.x != one.frame.x)


@given(branches.trees(), st.booleans())
def test_any_node_has_one_box(branch, rtl):
    picture = lay_out(branch, rtl=rtl)
    assert [box.node for box in picture.boxes] == list(walk(branch))
    assert [box.level - 1 for box in picture.boxes] == [node.level for node in walk(branch)]
    assert len(picture.cards) == sum(box.kind == "card" for box in picture.boxes)
    # The spine, if there is anything on it, and one to each card.
    assert len(picture.edges) == len(picture.cards) + bool(branch.children)


@given(branches.trees(), st.integers(1, 4))
def test_depth_is_how_many_levels_are_shown(branch, depth):
    shown = [box.node for box in lay_out(branch, depth=depth).boxes]
    assert shown == [node for node in walk(branch) if node.level <= depth]


@given(branches.trees())
def test_from_right_to_left_it_is_mirrored(branch):
    plain, mirrored = lay_out(branch), lay_out(branch, rtl=True)
    assert mirrored.height == plain.height
    for one, other in zip(plain.boxes, mirrored.boxes, strict=True):
        assert other.frame == one.frame._replace(x=WIDTH - one.frame.x - one.frame.width)
        assert other.title.x == WIDTH - one.title.x
        assert other.mark == (one.mark and (WIDTH - one.mark[0], one.mark[1]))
    for one, other in zip(plain.edges, mirrored.edges, strict=True):
        assert other == (WIDTH - one.x1, one.y1, WIDTH - one.x2, one.y2)


def test_text_begins_where_the_page_does_in_either_direction():
    def texts(rtl):
        top = branches.grow([(1, 0, True, False), (2, 0, True, False), (3, 1, True, False)])
        named(top, ["A", "B", "حلقات"])
        [*_, row] = lay_out(top, note=lambda node: "Done", rtl=rtl).boxes
        return [(text.anchor, text.direction) for text in (row.title, row.note)]

    assert texts(False) == [("end", "rtl"), ("end", "ltr")]
    assert texts(True) == [("start", "rtl"), ("start", "ltr")]


def child(parent, title):
    node = Branch(title, parent.pk, parent.level + 1, "path", title, "", True, False, None)
    parent.children.append(node)
    return node


def root(title="Root"):
    return Branch(title, None, 0, "path", title, "", True, False, None)


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("rtl", [False, True])
@pytest.mark.parametrize("note", NOTES)
def test_one_node(title, rtl, note):
    picture = lay_out(root(title), rtl=rtl, note=lambda node: note)
    check(picture)
    assert picture.edges == []


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_five_hundred_children(levels):
    parent = top = root()
    for level in range(1, levels):
        parent = child(parent, f"Level {level}")
    for number in range(500):
        child(parent, f"{TITLES[number % len(TITLES)]} {number}")
    picture = lay_out(top, note=lambda node: NOTES[len(node.title) % 3])
    check(picture)
    assert len(picture.boxes) == 500 + levels


@pytest.mark.parametrize("rtl", [False, True])
def test_sixty_levels(rtl):
    node = top = root()
    for level in range(60):
        node = child(node, TITLES[level % len(TITLES)])
    picture = lay_out(top, note=lambda node: NOTES[2], marks_parents=True, rtl=rtl)
    check(picture)
    assert len(picture.boxes) == 61


def test_marks_are_of_what_has_nothing_below_or_of_all():
    def marked(**options):
        top = branches.grow([(1, 0, True, False), (2, 0, True, False), (3, 1, True, False)])
        return [bool(box.mark) for box in lay_out(top, **options).boxes]

    assert marked() == [False, False, True]
    assert marked(depth=1) == [False, True]
    assert marked(marks_parents=True) == [True, True, True]


def test_cards_stand_in_pairs_and_the_next_two_below_both():
    top = root()
    stage = child(top, "Stage")
    for number in range(3):
        card = child(stage, f"Card {number}")
        for topic in range(1 + number):
            child(card, f"Topic {topic}")
    first, second, third = lay_out(top).cards
    assert first.y == second.y
    assert first.x + first.width < WIDTH / 2 < second.x
    assert third.x == first.x
    assert third.y > second.y + second.height > first.y + first.height
