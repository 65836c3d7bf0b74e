"""What a template looks like now, so that nothing rendered with another one is shown."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.base import FilterExpression, Template
from django.template.loader_tags import ExtendsNode, IncludeNode

OURS = f"{Path(__file__).parent / 'templates'}{os.sep}"


class Look(NamedTuple):
    digest: str
    is_ours: bool
    """Whether nothing in it is the site's: then we know what it depends on."""


_known: WeakKeyDictionary[Any, Look] = WeakKeyDictionary()


def fingerprint(template: Any) -> Look:
    """A digest of a template and of those it names to extend or include.

    Those that it works out are not in it, nor is what tags show. Of a template of another
    engine than Django's it is a digest of its file.
    """
    compiled = template.template
    if not isinstance(compiled, Template):
        file = Path(str(template.origin.name))
        digest = _of_file(file, file.stat().st_mtime_ns) if file.is_file() else str(file)
        return Look(digest, is_ours=False)
    if compiled not in _known:
        sources: dict[str, str] = {}
        _collect(compiled, [], sources)
        digest = blake2b(repr(sources).encode(), digest_size=20).hexdigest()
        _known[compiled] = Look(digest, all(name.startswith(OURS) for name in sources))
    return _known[compiled]


@lru_cache
def _of_file(file: Path, changed: int) -> str:
    return blake2b(file.read_bytes(), digest_size=20).hexdigest()


def _collect(template: Template, children: list[Any], sources: dict[str, str]) -> None:
    """Add a template and those it names; ``children`` are the origins of what extends it.

    One may extend another of its own name, which is looked for past all of these.
    """
    name = str(template.origin.name)
    if name in sources:
        return
    sources[name] = str(template.source)
    nodes: Any = template.nodelist
    chain = [*children, template.origin]
    named = [(node.parent_name, chain) for node in nodes.get_nodes_by_type(ExtendsNode)]
    named += [(node.template, []) for node in nodes.get_nodes_by_type(IncludeNode)]
    for expression, skip in named:
        if _is_constant(expression):
            # What is behind "#" is a part of a template, from Django 6.0 on.
            file = expression.var.partition("#")[0]
            with suppress(TemplateDoesNotExist, TemplateSyntaxError):
                found, _ = template.engine.find_template(file, skip=skip)
                _collect(found, skip, sources)


def _is_constant(expression: FilterExpression) -> bool:
    return isinstance(expression.var, str) and not expression.filters
