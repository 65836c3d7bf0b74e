"""What is wrong with a text, and where."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from django_roadmap.outline.values import Outline


class Problem(NamedTuple):
    """One thing to mend: the line, from 1, what stands there, and what to do about it."""

    line: int | None
    text: str
    message: str

    def __str__(self) -> str:
        text = Truncator(self.text[:500].strip()).chars(60)
        values = {"line": self.line, "text": text, "message": self.message}
        if self.line is None:
            return _("“%(text)s”: %(message)s") % values if text else self.message
        if text:
            return _("Line %(line)d, “%(text)s”: %(message)s") % values
        return _("Line %(line)d: %(message)s") % values


class OutlineError(ValueError):
    """A text that is no outline; ``problems`` are in the order of their lines.

    ``outlines`` are what could be made of it nevertheless.
    """

    def __init__(self, problems: Iterable[Problem], outlines: Iterable[Outline] = ()) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.line or 0)
        self.outlines = list(outlines)
        super().__init__("\n".join(map(str, self.problems)))
