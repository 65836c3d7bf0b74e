"""Problems as sentences."""

import pytest

from django_roadmap.outline import Outline, OutlineError, Problem


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (Problem(3, "- A", "Mend it."), "Line 3, “- A”: Mend it."),
        (Problem(3, "  - A \t", "Mend it."), "Line 3, “- A”: Mend it."),
        (Problem(3, "", "Mend it."), "Line 3: Mend it."),
        (Problem(3, " \t", "Mend it."), "Line 3: Mend it."),
        (Problem(None, "A", "Mend it."), "“A”: Mend it."),
        (Problem(None, "", "Mend it."), "Mend it."),
        (Problem(1, "x" * 60, "Mend it."), f"Line 1, “{'x' * 60}”: Mend it."),
        (Problem(1, "x" * 61, "Mend it."), f"Line 1, “{'x' * 59}…”: Mend it."),
        (Problem(1, "%s {} %d", "100 %"), "Line 1, “%s {} %d”: 100 %"),
        (Problem(1, "e\u0301" * 60, "Mend it."), f"Line 1, “{'é' * 60}”: Mend it."),
        (Problem(1, "x" * 10**7, "Mend it."), f"Line 1, “{'x' * 59}…”: Mend it."),
    ],
)
def test_a_problem_says_where_and_what(problem, sentence):
    assert str(problem) == sentence


def test_many_problems_in_a_long_line_are_soon_said():
    line = "x" * 10**7 + " "

    assert len(str(OutlineError([Problem(1, line, "Mend it.")] * 1000)).split("\n")) == 1000


def test_an_error_has_all_problems_by_line():
    last, first, general, second = (
        Problem(30, "", "Last."),
        Problem(2, "a", "First."),
        Problem(None, "", "General."),
        Problem(2, "b", "Second."),
    )
    error = OutlineError(iter([last, first, general, second]), iter([Outline("A")]))

    assert error.problems == [general, first, second, last]
    assert error.outlines == [Outline("A")]
    assert str(error) == "General.\nLine 2, “a”: First.\nLine 2, “b”: Second.\nLine 30: Last."
    assert OutlineError([]).outlines == []
