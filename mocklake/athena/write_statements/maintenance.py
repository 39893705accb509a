"""OPTIMIZE and VACUUM of Iceberg tables.

Source: Athena User Guide, optimize-statement, vacuum-statement (how long snapshots are kept).
"""

from datetime import timedelta
from typing import Any

from mocklake.athena.iceberg import metadata as table_metadata
from mocklake.athena.iceberg import tables as iceberg_tables
from mocklake.athena.iceberg.metadata import Metadata
from mocklake.athena.parsing import Statement
from mocklake.athena.s3_storage import Storage
from mocklake.athena.session import Outcome, Session
from mocklake.athena.statement_reader import StatementReader
from mocklake.athena.write_statements import row_changes, storage

USUAL_AGE, USUAL_KEPT = 432_000, 1


def optimize(session: Session, statement: Statement) -> Outcome:
    """All files become one for each partition; a WHERE is read over, as nothing but files change."""
    reader = StatementReader(statement.text).expect("OPTIMIZE")
    name = reader.table(session.database, session.catalog)
    reader.expect("REWRITE", "DATA", "USING", "BIN_PACK")
    if not reader.is_at_end:
        reader.expect("WHERE").rest()
    row_changes.rewrite(session, row_changes.target_of(session, name))
    return Outcome()


def vacuum(session: Session, statement: Statement) -> Outcome:
    """Ends old snapshots, and deletes the files that none has any more."""
    reader = StatementReader(statement.text).expect("VACUUM")
    name = reader.table(session.database, session.catalog)
    reader.end()
    target = row_changes.target_of(session, name)
    location = target.table["StorageDescriptor"]["Location"]
    for verb in ("DELETE", "ALTER"):
        place = storage.writer(session, name, location, verb)
    present = iceberg_tables.load(place, target.table)
    kept = _kept(session, present)
    before, after = _files(place, present["snapshots"]), _files(place, kept)
    gone = [one.partition("://")[2].partition("/")[2] for one in sorted(before - after)]
    if len(kept) < len(present["snapshots"]):
        numbers = {one["snapshot-id"] for one in kept}
        log = [one for one in present["snapshot-log"] if one["snapshot-id"] in numbers]
        iceberg_tables.commit(
            session, name, target.table, place, present | {"snapshots": kept, "snapshot-log": log}
        )
        place.delete(gone)
    return Outcome()


def _kept(session: Session, present: Metadata) -> list[dict[str, Any]]:
    properties = present.get("properties", {})
    age = timedelta(seconds=int(properties.get("vacuum_max_snapshot_age_seconds", USUAL_AGE)))
    least = int(properties.get("vacuum_min_snapshots_to_keep", USUAL_KEPT))
    newest = int((session.world.now() - age).timestamp() * 1000)
    named = {one["snapshot-id"] for one in present.get("refs", {}).values()} | {
        present["current-snapshot-id"]
    }
    last = {one["snapshot-id"] for one in present["snapshots"][-least:]}
    return [
        one
        for one in present["snapshots"]
        if one["timestamp-ms"] >= newest or one["snapshot-id"] in named | last
    ]


def _files(place: Storage, snapshots: list[dict[str, Any]]) -> set[str]:
    found: set[str] = set()
    for one in snapshots:
        found.add(one["manifest-list"])
        found |= {manifest.path for manifest in table_metadata.manifests_of(place, one)}
        found |= {file.path for file in table_metadata.files_of(place, one)}
    return found
