"""Usage examples of a product: SQL and Python that must fit the product's tables."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlglot
from django.utils.translation import gettext as _
from sqlglot import exp
from sqlglot.errors import OptimizeError, SqlglotError
from sqlglot.optimizer.qualify import qualify

from identity.errors import RefusedError

MAX_EXAMPLES, MAX_TITLE_LENGTH, MAX_CODE_LENGTH = 10, 120, 4000
DIALECT = "athena"

Schema = Mapping[tuple[str, str], Sequence[str]]
"""Column names by database and table, all in lower case."""


class Language(StrEnum):
    SQL = "sql"
    PYTHON = "python"


@dataclass(frozen=True)
class Example:
    title: str
    language: Language
    code: str


def check_examples(examples: Sequence[Example], schema: Schema) -> tuple[Example, ...]:
    """The examples with their texts stripped. RefusedError for `examples` at the first that is incomplete, that cannot be
    parsed, or that names a table or a column outside `schema`.
    """
    if len(examples) > MAX_EXAMPLES:
        raise RefusedError(_("Give at most %(most)s examples.") % {"most": MAX_EXAMPLES}, "examples")
    return tuple(_check_example(one, schema) for one in examples)


def _check_example(example: Example, schema: Schema) -> Example:
    found = Example(example.title.strip(), example.language, example.code.strip())
    if not found.title or not found.code:
        raise RefusedError(_("Give each example a title and its code."), "examples")
    if len(found.title) > MAX_TITLE_LENGTH or len(found.code) > MAX_CODE_LENGTH:
        lengths = {"title": MAX_TITLE_LENGTH, "code": MAX_CODE_LENGTH}
        said = _("Use at most %(title)s characters for a title and %(code)s for the code.")
        raise RefusedError(said % lengths, "examples")
    problem = find_problem(found, schema)
    if problem:
        raise RefusedError(f"{found.title}: {problem}", "examples")
    return found


def find_problem(example: Example, schema: Schema) -> str:
    """What does not fit, in one sentence, or empty. A schema changes after an example was saved, so pages ask again."""
    if example.language == Language.SQL:
        return _find_sql_problem(example.code, schema)
    try:
        tree = ast.parse(example.code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _("This is not valid Python.")
    problems = (_find_sql_problem(text, schema) for text in _list_queries(tree))
    return next(filter(None, problems), "")


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
        return _("A column is not in the product's tables: %(error)s") % {"error": _shorten(error)}
    except (SqlglotError, RecursionError):
        return _("This is not valid SQL for Athena.")
    return ""


def _shorten(error: OptimizeError) -> str:
    """The first sentence of the library's message, without its mark of the place."""
    return str(error).split("\n", 1)[0].split(". Line", 1)[0][:200]
