"""Usage examples of a product: SQL and Python that must fit the product's tables."""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import sqlglot
from django.utils.translation import gettext as _
from sqlglot import exp
from sqlglot.errors import OptimizeError, SqlglotError
from sqlglot.optimizer.qualify import qualify

from catalog.mirror.models import Column
from kernel.errors import RefusedError

DIALECT = "athena"

Schema = Mapping[tuple[str, str], Sequence[str]]
"""Column names by database and table, all in lower case."""


class Language(StrEnum):
    SQL = "sql"
    PYTHON = "python"


class NamedTable(NamedTuple):
    """As an example names it, in lower case; without a database, `database` is empty."""

    database: str
    name: str


class ReadNames(NamedTuple):
    """What an example reads: `columns` by their names alone, in lower case."""

    tables: frozenset[NamedTable]
    columns: frozenset[str]


EXAMPLE_FIELDS = {Language.SQL: "sql_example", Language.PYTHON: "python_example"}


def read_schema(tables: Collection[int]) -> Schema:
    """Of the tables with these ids. One query."""
    rows = Column.objects.filter(table__in=tables).order_by("table", "position")
    schema: dict[tuple[str, str], list[str]] = {}
    for database, table, column in rows.values_list("table__database__name", "table__name", "name"):
        schema.setdefault((database.lower(), table.lower()), []).append(column.lower())
    return schema


def check_examples(texts: Mapping[str, str], tables: Collection[int]) -> None:
    """RefusedError at the field of the first example that cannot be parsed, or that names a table or a column which these
    tables do not have.
    """
    written = {language: texts[field] for language, field in EXAMPLE_FIELDS.items() if texts[field]}
    schema = read_schema(tables) if written else {}
    for language, code in written.items():
        if problem := find_problem(language, code, schema):
            raise RefusedError(problem, EXAMPLE_FIELDS[language])


def find_problem(language: Language, code: str, schema: Schema) -> str:
    """What does not fit, in one sentence, or empty. A schema changes after an example was saved, so pages ask again."""
    if language == Language.SQL:
        return _find_sql_problem(code, schema)
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _("This is not valid Python.")
    problems = (_find_sql_problem(text, schema) for text in _list_queries(tree))
    return next(filter(None, problems), "")


def find_read_names(language: Language, code: str) -> ReadNames:
    """Of what can be parsed."""
    tables: set[NamedTable] = set()
    columns: set[str] = set()
    for query in _parse_queries(language, code):
        own = {one.alias_or_name.lower() for one in query.find_all(exp.CTE)}
        named = (NamedTable(one.db.lower(), one.name.lower()) for one in query.find_all(exp.Table))
        tables.update(one for one in named if one.database or one.name not in own)
        columns.update(one.name.lower() for one in query.find_all(exp.Column))
    return ReadNames(frozenset(tables), frozenset(columns))


def _parse_queries(language: Language, code: str) -> Iterator[exp.Expression]:
    try:
        texts = [code] if language == Language.SQL else list(_list_queries(ast.parse(code)))
        for text in texts:
            yield from filter(None, sqlglot.parse(text, read=DIALECT))
    except (SqlglotError, SyntaxError, ValueError, RecursionError, MemoryError):
        return


def _list_queries(tree: ast.AST) -> Iterator[str]:
    """Text literals that begin like a query."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            first = node.value.split(maxsplit=1)[:1]
            if first and first[0].lower() in ("select", "with"):
                yield node.value


def _find_sql_problem(code: str, schema: Schema) -> str:
    try:
        statements = sqlglot.parse(code, read=DIALECT)
    except (SqlglotError, RecursionError):
        return _("This is not valid SQL for Athena.")
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        return _("Write one SELECT statement.")
    return _find_unknown_table(statements[0], schema) or _find_unknown_column(statements[0], schema)


def _find_unknown_table(query: exp.Query, schema: Schema) -> str:
    """Also completes table names without a database."""
    known_names = {one.alias_or_name.lower() for one in query.find_all(exp.CTE)}
    for table in query.find_all(exp.Table):
        database, name = table.db.lower(), table.name.lower()
        if not database and name in known_names:
            continue
        matches = [key for key in schema if key[1] == name and database in ("", key[0])]
        if not matches:
            shown = f"{table.db}.{table.name}" if table.db else table.name
            return _("The product has no table %(name)s.") % {"name": shown}
        table.set("db", exp.to_identifier(matches[0][0]))
        table.set("catalog", None)
    return ""


def _find_unknown_column(query: exp.Query, schema: Schema) -> str:
    databases: dict[str, Any] = {}
    for (database, table), columns in schema.items():
        databases.setdefault(database, {})[table] = dict.fromkeys(columns, "varchar")
    try:
        qualify(query.copy(), schema=databases, dialect=DIALECT)
    except OptimizeError as error:
        # The first sentence of the library's message, without its mark of the place.
        return _("A column is not in the product's tables: %(error)s") % {
            "error": str(error).split("\n", 1)[0].split(". Line", 1)[0][:200]
        }
    except (SqlglotError, RecursionError):
        return _("This is not valid SQL for Athena.")
    return ""
