"""What a template looks like now, so that nothing rendered with another one is shown."""

from __future__ import annotations

from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from django.template import Engine
from django.template.base import Template
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader_tags import ExtendsNode, IncludeNode

_known: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


def fingerprint(template: Any) -> str:
    """A digest of a template and of those it names to extend or include.

    Those that a variable names are not in it, nor is what tags show. Of a template of another
    engine than Django's it is where that is, and when it was last changed.
    """
    compiled = template.template
    if not isinstance(compiled, Template):
        file = Path(template.origin.name)
        return repr((str(file), file.stat().st_mtime_ns if file.is_file() else None))
    if compiled not in _known:
        sources: dict[str, str] = {}
        _collect(compiled, compiled.engine, sources)
        _known[compiled] = blake2b(repr(sources).encode(), digest_size=20).hexdigest()
    return _known[compiled]


def _collect(template: Template, engine: Engine, sources: dict[str, str]) -> None:
    name = str(template.origin.name)
    if name in sources:
        return
    sources[name] = str(template.source)
    nodes: Any = template.nodelist
    named = [node.parent_name for node in nodes.get_nodes_by_type(ExtendsNode)]
    named += [node.template for node in nodes.get_nodes_by_type(IncludeNode)]
    for expression in named:
        if isinstance(expression.var, str):
            with suppress(TemplateDoesNotExist):
                _collect(engine.get_template(expression.var), engine, sources)
