"""SELECT statements in Athena's SQL. Names come from the mirror and are quoted, values are parameters."""

from collections.abc import Sequence


def quote_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def build_select(
    columns: Sequence[str], *, database: str, table: str, conditions: Sequence[str], limit: int
) -> str:
    """`conditions` hold a question mark for each parameter."""
    listed = ", ".join(quote_name(name) for name in columns)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    source = f"{quote_name(database)}.{quote_name(table)}"
    return f"SELECT {listed} FROM {source}{where} LIMIT {limit:d}"  # noqa: S608 - quoted


def build_profile(
    columns: Sequence[str], ranged: Sequence[bool], *, database: str, table: str, limit: int
) -> str:
    """Profiles the first rows: how many there are, then of each column how many are null, how many values it has, and its least and
    greatest value, which are null unless the column is `ranged`.
    """
    counts = ["count(*)"]
    for column, has_range in zip(columns, ranged, strict=True):
        name = quote_name(column)
        counts += [f"count(*) - count({name})", f"count(DISTINCT {name})"]
        counts += [f"CAST({one}({name}) AS varchar)" if has_range else "NULL" for one in ("min", "max")]
    named = ", ".join(f"{count} AS c{number}" for number, count in enumerate(counts))
    listed = ", ".join(quote_name(name) for name in columns)
    source = f"{quote_name(database)}.{quote_name(table)}"
    return f"SELECT {named} FROM (SELECT {listed} FROM {source} LIMIT {limit:d})"  # noqa: S608 - quoted
