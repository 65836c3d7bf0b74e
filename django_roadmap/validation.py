"""Whether an outline can be written: the rules are those of the models' fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _

from django_roadmap import tree
from django_roadmap.models import Resource, RoadmapNode
from django_roadmap.outline import Outline
from django_roadmap.replacing import LINK, TEXTS

_without_null = ProhibitNullCharactersValidator()


def validate(outline: Outline) -> None:
    """Raises ``ValidationError`` for all that is wrong, naming the nodes."""
    above: dict[int, Outline] = {}
    for part in tree.walk(outline):
        for child in part.children:
            if id(child) in above or child is outline:
                raise ValidationError(_("“%s” is in two places of the outline.") % child.title)
            above[id(child)] = part
    errors = []
    for part, problem in problems(outline):
        way = [part]
        while id(way[-1]) in above:
            way.append(above[id(way[-1])])
        named = _(" in ").join(_("“%s”") % part.title for part in way)
        errors.append(f"{named}: {problem}")
    if errors:
        raise ValidationError(errors)


def problems(outline: Outline) -> Iterator[tuple[Outline, str]]:
    """What is wrong with each part."""
    for part in tree.walk(outline):
        for problem in _problems(part):
            yield part, problem


def _check_letters(text: str) -> None:
    """Raises ``ValidationError`` for what no database stores."""
    _without_null(text)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValidationError(_("Half of a character is not allowed.")) from error


def _problems(part: Outline) -> Iterator[str]:
    field = RoadmapNode._meta.get_field
    said = [(name, getattr(part, name)) for name in TEXTS[1:-1]]
    said += [("minutes", part.minutes or None)]
    values: list[tuple[Any, Any]] = [(field("slug"), part.slug)]
    # Blanks alone are no title, but count where there is one.
    values += [(field("title"), part.title and part.title.strip() and part.title)]
    values += [(field(name), value) for name, value in said if value is not None]
    for link in part.resources or ():
        values += [(Resource._meta.get_field(name), getattr(link, name)) for name in LINK]
    for column, value in values:
        yield from _wrong_in(column, value)
    urls = [link.url for link in part.resources or ()]
    for url in sorted({str(url) for url in urls if urls.count(url) > 1}):
        yield _("%s is there more than once.") % url


def _wrong_in(column: Any, value: Any) -> Iterator[str]:
    try:
        _check_letters(str(value))
        column.clean(value, None)
    except ValidationError as error:
        yield f"{column.verbose_name}: {' '.join(error.messages)}"
