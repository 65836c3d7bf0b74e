"""Widths and lines of text in any script."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_roadmap.lettering import clusters, direction, lines, width_of

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
THUMB = "\U0001f44d\U0001f3fd"
FLAGS = "\U0001f1e9\U0001f1ea", "\U0001f1eb\U0001f1f7"
HINDI = "हिन्दी"

# The least of several wide fonts: what is measured here must not be less.
REAL = {"i": 0.28, "m": 0.97, "W": 0.98, "0": 0.63, "Ж": 1.07, "学": 1.0, "ü": 0.63, "ﬁ": 0.6}


class TestWidth:
    @pytest.mark.parametrize(("character", "real"), REAL.items())
    def test_is_no_less_than_in_a_wide_font(self, character, real):
        assert real <= width_of(character, 1) <= 1.6 * real

    def test_grows_with_size_and_weight(self):
        assert width_of("Loops", 20) == pytest.approx(2 * width_of("Loops", 10))
        assert width_of("Loops", 10) < width_of("Loops", 10, bold=True)

    def test_marks_and_joiners_take_none(self):
        assert width_of("e\u0301", 1) == width_of("é", 1) == width_of("e", 1)
        assert width_of("\u200d\u200f\u200b", 1) == 0

    def test_a_ligature_is_as_wide_as_its_letters(self):
        assert width_of("ﬃ", 1) == width_of("ffi", 1)

    def test_emoji_are_wider_than_letters(self):
        assert width_of("\U0001f40d", 1) > width_of("学", 1) >= 1

    @given(st.text())
    def test_is_never_negative(self, text):
        assert width_of(text, 1) >= 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Loops", "ltr"),
        ("حلقات", "rtl"),
        ("לולאות", "rtl"),
        ("1. حلقات in Python", "rtl"),
        ("«Python» للمبتدئين", "ltr"),
        ("", "ltr"),
        ("123 …", "ltr"),
    ],
)
def test_direction_is_that_of_the_first_letter(text, expected):
    assert direction(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc", ["a", "b", "c"]),
        ("", []),
        ("e\u0301a", ["e\u0301", "a"]),
        (FAMILY + THUMB, [FAMILY, THUMB]),
        ("".join(FLAGS), list(FLAGS)),
        ("❤️", ["❤️"]),
        (HINDI, ["हि", "न्", "दी"]),
    ],
)
def test_clusters_are_what_readers_take_for_one(text, expected):
    assert list(clusters(text)) == expected


class TestLines:
    def test_what_fits_is_one(self):
        assert lines("Control flow", 200, 15) == ["Control flow"]

    def test_break_between_words(self):
        assert lines("Control flow and loops", 100, 15) == ["Control", "flow and", "loops"]

    def test_white_space_is_one_space(self):
        assert lines(" Control \n flow\t", 400, 15) == ["Control flow"]

    @pytest.mark.parametrize("text", ["", "  "])
    def test_of_nothing_is_one_that_is_empty(self, text):
        assert lines(text, 100, 15) == [""]

    def test_of_bold_text_hold_less(self):
        words = "many words " * 5
        assert len(lines(words, 160, 15)) < len(lines(words, 160, 15, bold=True))

    def test_a_long_word_breaks_as_late_as_it_can(self):
        found = lines("w" * 200, 100, 15)
        assert "".join(found) == "w" * 200
        assert {len(line) for line in found[:-1]} == {len(found[0])}
        assert width_of(found[0], 15) <= 100 < width_of(found[0] + "w", 15)

    def test_a_long_word_breaks_best_behind_a_hyphen_or_slash(self):
        assert lines("abcdefghi/jklmnopqrst", 130, 15) == ["abcdefghi/", "jklmnopqrst"]
        # But not where that leaves the line almost empty.
        assert lines("ab/" + "w" * 20, 130, 15)[0].startswith("ab/w")

    def test_chinese_breaks_anywhere_but_before_its_marks(self):
        found = lines("学习数据库、缓存和部署。", 60, 15)
        assert "".join(found) == "学习数据库、缓存和部署。"
        assert len(found) > 2
        assert not [line for line in found if line[0] in "、。"]

    def test_opening_marks_do_not_end_a_line(self):
        found = lines("学习「数据」和（缓存）等", 47, 15)
        assert not [line for line in found if line[-1] in "「（"]

    def test_latin_words_in_chinese_stay_whole(self):
        assert lines("学习Python的基础", 75, 15) == ["学习", "Python的", "基础"]

    @pytest.mark.parametrize("cluster", [FAMILY, THUMB, *FLAGS, "e\u0301", "न्"])
    def test_no_cluster_is_torn(self, cluster):
        found = lines(cluster * 40, 90, 15)
        assert len(found) > 1
        assert all(line == cluster * (len(line) // len(cluster)) for line in found)

    @given(st.text(max_size=80), st.integers(20, 300))
    def test_any_text_fits_and_nothing_is_lost(self, text, width):
        found = lines(text, width, 15)
        assert "".join("".join(found).split()) == "".join(text.split())
        for line in found:
            # What cannot be broken is let through.
            assert width_of(line, 15) <= width or len(list(clusters(line))) <= 2 or _is_held(line)

    @given(st.lists(st.text("abc", min_size=1, max_size=9), min_size=1, max_size=20))
    def test_no_line_takes_what_fits_into_the_one_before(self, words):
        found = lines(" ".join(words), 100, 15)
        for first, second in pairwise(found):
            assert width_of(f"{first} {second.split()[0]}", 15) > 100


def _is_held(line):
    """Whether no line may break in it, because of what must not be first or last."""
    return any(
        character in "、。，．：；？！）】』」》〉〕］｝・ー々’”…（【『「《〈〔［｛‘“"
        for character in line
    )
