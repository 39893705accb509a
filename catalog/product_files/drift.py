"""Where a file and the portal differ in what a file doesn't change. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from catalog.product_files.values import FileColumn, FileTable, Path, ProductFile

STATED = ("version", "lifecycle", "domain", "team", "tier")
COLUMN_PARTS = ("type", "comment", "classification")
TABLE_PARTS = ("description", "kind")


@dataclass(frozen=True)
class Drift:
    """`what` is table_missing, column_missing, column_added, audience_kept (a draft doesn't change it), or differs. `where` is the member of the file, `name` the table,
    column or field. `file` and `portal` are the values.
    """

    what: str
    where: Path
    name: str
    file: str = ""
    portal: str = ""


def find_stated_drift(
    file: ProductFile, portal: ProductFile, *, accepted: dict[str, set[str]]
) -> Iterator[Drift]:
    """`accepted`: values by field that don't count as a difference besides the portal's own."""
    for field in STATED:
        said, known = file.stated.get(field), portal.stated.get(field, "")
        if said is not None and said != known and said not in accepted.get(field, set()):
            yield Drift("differs", file.places[field], field, said, known)


def find_server_drift(file: ProductFile, portal: ProductFile) -> Iterator[Drift]:
    if file.servers is not None and set(file.servers) != set(portal.servers or ()):
        said, known = (
            ", ".join(f"{one.account}/{one.database}" for one in servers or ())
            for servers in (file.servers, portal.servers)
        )
        yield Drift("differs", ("servers",), "servers", said, known)


def find_schema_drift(
    said: Sequence[FileTable], known: Sequence[FileTable | None], where: Path
) -> Iterator[Drift]:
    """Of tables, each beside what the catalog has; None where it has none."""
    for position, (table, mirrored) in enumerate(zip(said, known, strict=True)):
        path = (*where, position)
        if mirrored is None:
            yield Drift("table_missing", path, table.name)
            continue
        yield from _compare_parts(TABLE_PARTS, table, mirrored, path, table.name)
        if table.columns is not None:
            yield from _compare_columns(table, mirrored, path)


def _compare_columns(table: FileTable, mirrored: FileTable, path: Path) -> Iterator[Drift]:
    known = {column.name.lower(): column for column in mirrored.columns or ()}
    said = table.columns or ()
    for position, column in enumerate(said):
        place, name = (*path, "properties", position), f"{table.name}.{column.name}"
        own = known.get(column.name.lower())
        if own is None:
            yield Drift("column_missing", place, name)
        else:
            yield from _compare_parts(COLUMN_PARTS, column, own, place, name)
            if column.is_partition_key and not own.is_partition_key:
                yield Drift("differs", place, f"{name}, partition key", "true", "false")
    names = {column.name.lower() for column in said}
    for name in sorted(known.keys() - names):
        yield Drift("column_added", path, f"{table.name}.{name}")


def _compare_parts(
    parts: Iterable[str], said: FileTable | FileColumn, known: FileTable | FileColumn, path: Path, name: str
) -> Iterator[Drift]:
    """What the file leaves out is not compared."""
    for part in parts:
        value, own = getattr(said, part), getattr(known, part)
        if value and value != own:
            yield Drift("differs", path, f"{name}, {part}", value, own)
