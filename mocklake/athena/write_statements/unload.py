"""UNLOAD: the rows of a query as files in a folder that is empty, without a table.

Source: Athena User Guide, unload. Registered locations count for nothing here: the caller's own IAM decides.
"""

from mocklake.athena.failures import QueryFailedError
from mocklake.athena.parsing import Statement
from mocklake.athena.session import Outcome, Session
from mocklake.athena.statement_reader import StatementReader
from mocklake.athena.write_statements import data_files, storage
from mocklake.athena.write_statements.data_files import Layout
from mocklake.athena.write_statements.query_rows import Rows, query_rows

_FORMATS = ("PARQUET", "JSON", "TEXTFILE", "ORC", "AVRO")


def unload(session: Session, statement: Statement) -> Outcome:
    reader = StatementReader(statement.text).expect("UNLOAD")
    sql = reader.parenthesised()
    location = reader.expect("TO").text()
    options, keys = _options(reader.expect("WITH"))
    reader.end()
    place = storage.own(session, location)
    with query_rows(session, sql) as rows:
        place.require_write()
        if place.listing():
            raise QueryFailedError(f"HIVE_PATH_ALREADY_EXISTS: Target directory already exists: {location}")
        layout = _layout(options, keys, rows)
        written = tuple(
            place.put(f"{place.prefix}{file.folder}{file.name}", file.content)
            for file in data_files.written(rows, layout, session.query_id)
        )
        return Outcome(update_count=rows.count, scanned=rows.scanned, written=written)


def _options(reader: StatementReader) -> tuple[dict[str, str], list[str]]:
    """The texts, and the columns of `partitioned_by`."""
    found: dict[str, str] = {}
    keys: list[str] = []
    reader.expect("(")
    while not reader.accept(")"):
        name = reader.name()
        reader.expect("=")
        if reader.accept("ARRAY", "["):
            while not reader.accept("]"):
                keys.append(reader.text().lower())
                reader.accept(",")
        else:
            found[name] = reader.value()
        reader.accept(",")
    return found, keys


def _layout(options: dict[str, str], keys: list[str], rows: Rows) -> Layout:
    kind = options.get("format", "").upper()
    if kind not in _FORMATS:
        raise QueryFailedError(
            f"INVALID_FUNCTION_ARGUMENT: UNLOAD needs a format, one of {', '.join(_FORMATS)}"
        )
    columns = tuple(one for one in rows.columns if one[0] not in keys)
    kinds = dict(rows.columns)
    unknown = next((key for key in keys if key not in kinds), None)
    if unknown is not None:
        raise QueryFailedError(
            f"COLUMN_NOT_FOUND: line 1:1: Partition column '{unknown}' is not in the query"
        )
    named = tuple((key, kinds[key]) for key in keys)
    delimiter = options.get("field_delimiter", "\x01")
    return Layout(kind, columns, named, options.get("compression", ""), delimiter)
