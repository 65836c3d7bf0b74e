"""Rows of a table in no order, past the managers and what they guard."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, cast

from django.db import connections, models

if TYPE_CHECKING:
    from django_roadmap.models import RoadmapNode


def plain_rows(model: type[models.Model], using: str | None) -> models.QuerySet[Any]:
    """All rows of the model."""
    return models.QuerySet(model, using=using)


def branch_rows(node: RoadmapNode, using: str | None) -> models.QuerySet[Any]:
    """The node's row and those of all below it, by the tree columns of the instance."""
    rows = plain_rows(type(node), using)
    return rows.filter(tree_id=node.tree_id, lft__gte=node.lft, rght__lte=node.rght)


def roots_at(model: type[models.Model], using: str, paths: Collection[str]) -> dict[str, int]:
    """The ``tree_id`` of the roadmaps at these paths, or of all; ``DoesNotExist`` for none."""
    rows = plain_rows(model, using).filter(parent=None)
    if paths:
        rows = rows.filter(path__in=paths)
    roots = dict(rows.values_list("path", "tree_id"))
    unknown = ", ".join(repr(path) for path in paths if path not in roots)
    if unknown:
        raise cast(Any, model).DoesNotExist(f"No roadmap is at {unknown}.")
    return roots


def write(model: type[models.Model], using: str, names: Iterable[str], rows: Iterable[Any]) -> None:
    """Write these fields of many rows, objects with a ``pk``: one statement, many times.

    ``bulk_update()`` takes many times as long.
    """
    connection, opts = connections[using], cast(Any, model._meta)
    quote = connection.ops.quote_name
    fields = [opts.get_field(name) for name in names]
    columns = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    statement = f"UPDATE {quote(opts.db_table)} SET {columns} WHERE {quote(opts.pk.column)} = %s"
    values = [
        (*(f.get_db_prep_save(getattr(row, f.attname), connection) for f in fields), row.pk)
        for row in rows
    ]
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(statement, values)


def insert(model: type[models.Model], using: str, rows: Iterable[models.Model]) -> None:
    """Insert many rows that nothing else is to know of: one statement, many times.

    ``bulk_create()`` makes many statements where a database takes few parameters.
    """
    connection, opts = connections[using], cast(Any, model._meta)
    quote = connection.ops.quote_name
    fields = [field for field in opts.concrete_fields if not field.primary_key]
    columns = ", ".join(quote(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {quote(opts.db_table)} ({columns}) VALUES ({places})"
    values = [
        [f.get_db_prep_save(f.pre_save(row, True), connection) for f in fields] for row in rows
    ]
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(statement, values)


def deleting_by_key(using: str) -> AbstractContextManager[None]:
    """Inside, MariaDB deletes row by row, by the index.

    To delete ``WHERE id IN (...)`` it goes through all rows of a small table, and waits for
    those that an edit of another roadmap has locked: so two edits could wait for each other.
    """
    connection = connections[using]
    if connection.vendor != "mysql":
        return nullcontext()

    def execute(run: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        match = re.fullmatch(r"(DELETE FROM \S+ WHERE \S+) IN \([%s, ]+\)", sql)
        if match is None:
            return run(sql, params, many, context)
        with connection.wrap_database_errors:
            cursor = context["cursor"].cursor
            return cursor.executemany(f"{match[1]} = %s", [(key,) for key in params])

    return connection.execute_wrapper(execute)


_statements: dict[tuple[Any, ...], str] = {}


def values_where(
    model: type[models.Model],
    using: str,
    name: str,
    values: Iterable[Any],
    columns: tuple[str, ...],
    *order: str,
) -> list[Any]:
    """Tuples of the ``columns`` of the rows where the field ``name`` has one of these values,
    at least one.

    For what is asked at every visit: to build such a statement takes longer than to run it,
    so it is built once. Times are as the database driver gives them.
    """
    connection = connections[using]
    field: Any = model._meta.get_field(name)
    wanted = list({field.get_db_prep_value(value, connection): None for value in values})
    key = (model, using, name, len(wanted), columns, order)
    if key not in _statements:
        rows = plain_rows(model, using).filter(**{f"{name}__in": wanted}).order_by(*order)
        compiler = rows.values_list(*columns).query.get_compiler(using)
        _statements[key] = str(compiler.as_sql()[0])
    with connection.cursor() as cursor:
        cursor.execute(_statements[key], wanted)
        found = list(cursor.fetchall())
    if connection.vendor == "mysql":
        # Whose driver gives truth as 1 and 0.
        kinds = [bool if column.startswith("is_") else None for column in columns]
        found = [
            tuple(kind(value) if kind else value for kind, value in zip(kinds, row, strict=True))
            for row in found
        ]
    return found
