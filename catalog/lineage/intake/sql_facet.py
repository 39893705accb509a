"""Columns by the statement of a job, for events without column lineage."""

from functools import lru_cache
from typing import NamedTuple

from catalog.lineage.sql_lineage import (
    TableName,
    UnreadableQueryError,
    list_tables,
    parse_query,
    trace_columns,
)

MAX_STATEMENT = 20_000
"""Longer statements are not read: they would hold up the others of a batch."""
DIALECTS = {
    "athena": "athena",
    "trino": "trino",
    "presto": "presto",
    "hive": "hive",
    "redshift": "redshift",
    "postgres": "postgres",
}
USUAL_DIALECT = "spark"


class StatementColumn(NamedTuple):
    """`table` are the aliases by which the caller named the table."""

    table: tuple[str, ...]
    column: str
    target: str


@lru_cache(maxsize=512)
def find_statement_columns(
    text: str, dialect: str, schema: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
) -> tuple[StatementColumn, ...]:
    """`schema`: columns by the aliases of a table. A job sends the same statement again and again, so the last ones are kept."""
    if len(text) > MAX_STATEMENT:
        return ()
    spoken = DIALECTS.get(dialect.lower(), USUAL_DIALECT)
    try:
        query = parse_query(text, spoken)
        known = {one: found for one in list_tables(query) if (found := _find_aliases(one, schema))}
        columns = {one: [name.lower() for name in found[1]] for one, found in known.items()}
        traced = trace_columns(query, spoken, columns)
    except UnreadableQueryError:
        return ()
    return tuple(
        StatementColumn(known[one.table][0], one.column, one.target) for one in traced if one.table in known
    )


def _find_aliases(
    table: TableName, schema: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The only dataset that may be called so."""
    wanted = ".".join(filter(None, table))
    found = [one for one in schema if any(f".{alias}".endswith(f".{wanted}") for alias in one[0])]
    return found[0] if len(found) == 1 else None
