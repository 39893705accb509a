"""Iceberg tables are what their metadata say: rows, snapshots, schemas."""

import pytest

from mocklake.athena.iceberg import manifests, schemas
from mocklake.tests.athena.lakes import Lake

MADE = (
    "CREATE TABLE i (a int, b string, ts timestamp) PARTITIONED BY (day(ts), bucket(4, b)) "
    "LOCATION 's3://made-here/i/' TBLPROPERTIES ('table_type'='ICEBERG')"
)
ROWS = "INSERT INTO i VALUES (1, 'x', TIMESTAMP '2024-01-01 10:00:00'), (2, 'y', NULL), (3, NULL, NULL)"
TABLE = {"Table": {"DatabaseName": "w", "Name": "i"}}


@pytest.fixture
def lake() -> Lake:
    started = Lake()
    started.run(MADE, ROWS)
    return started


def test_rows_are_changed_and_deleted(lake: Lake) -> None:
    lake.run("UPDATE i SET b = upper(b) || '!' WHERE a = 1", "DELETE FROM i WHERE a = 2")
    assert lake.run("SELECT a, b FROM i ORDER BY a") == [["1", "X!"], ["3", None]]


def test_rows_are_merged(lake: Lake) -> None:
    lake.run(
        "MERGE INTO i t USING (SELECT 1 AS a, 'm' AS b UNION ALL SELECT 2, 'd' UNION ALL SELECT 9, 'n') s ON t.a = s.a "
        "WHEN MATCHED AND s.b = 'd' THEN DELETE WHEN MATCHED THEN UPDATE SET b = s.b "
        "WHEN NOT MATCHED THEN INSERT (a, b) VALUES (s.a, s.b)"
    )
    assert lake.run("SELECT a, b FROM i ORDER BY a") == [["1", "m"], ["3", None], ["9", "n"]]
    twice = "MERGE INTO i t USING (SELECT 1 AS x UNION ALL SELECT 2) s ON t.a = 1 WHEN MATCHED THEN DELETE"
    assert "MERGE_TARGET_ROW_MULTIPLE_MATCHES" in lake.ask(twice).reason


def test_files_that_no_snapshot_has_are_not_read(lake: Lake) -> None:
    lake.s3.put_object(Bucket="made-here", Key="i/data/left-over.parquet", Body=b"no parquet")
    assert lake.run("SELECT count(*) AS c FROM i") == [["3"]]


def test_columns_are_found_by_their_ids(lake: Lake) -> None:
    lake.run("ALTER TABLE i CHANGE COLUMN b name string", "ALTER TABLE i ADD COLUMNS (more bigint)")
    assert lake.run("SELECT a, name, more FROM i ORDER BY a") == [
        ["1", "x", None],
        ["2", "y", None],
        ["3", None, None],
    ]


def test_an_earlier_snapshot_is_read(lake: Lake) -> None:
    first = lake.run('SELECT snapshot_id FROM "i$snapshots"')[0][0]
    lake.run("DELETE FROM i")
    assert lake.run("SELECT count(*) AS c FROM i") == [["0"]]
    assert lake.run(f"SELECT count(*) AS c FROM i FOR VERSION AS OF {first}") == [["3"]]
    assert lake.run("SELECT count(*) AS c FROM i FOR TIMESTAMP AS OF current_timestamp") == [["0"]]
    assert (
        "No version history"
        in lake.ask("SELECT * FROM i FOR TIMESTAMP AS OF TIMESTAMP '2000-01-01 00:00:00'").reason
    )
    assert "does not exist" in lake.ask("SELECT * FROM i FOR VERSION AS OF 1").reason


def test_the_metadata_are_tables(lake: Lake) -> None:
    lake.run("INSERT INTO i (a) VALUES (4)")
    assert lake.run('SELECT operation FROM "i$snapshots"') == [["append"], ["append"]]
    assert lake.run('SELECT is_current_ancestor FROM "i$history"') == [["true"], ["true"]]
    assert lake.run('SELECT sum(record_count) AS c FROM "i$files"') == [["4"]]
    assert lake.run('SELECT count(*) AS c FROM "i$manifests"') == [["2"]]
    assert lake.run('SELECT sum(record_count) AS c FROM "i$partitions"') == [["4"]]
    assert lake.run('SELECT name FROM "i$refs"') == [["main"]]


def test_a_table_is_made_of_a_query_and_dropped_with_its_files(lake: Lake) -> None:
    lake.run(
        "CREATE TABLE j WITH (table_type='ICEBERG', location='s3://made-here/j/', is_external=false, partitioning=ARRAY['truncate(b, 1)']) AS SELECT a, b FROM i"
    )
    assert lake.run("SELECT count(*) AS c FROM j") == [["3"]]
    lake.run("DROP TABLE j")
    assert lake.keys("j/") == []


def test_optimize_and_vacuum_leave_the_rows(lake: Lake) -> None:
    lake.run("INSERT INTO i (a) VALUES (4)", "OPTIMIZE i REWRITE DATA USING BIN_PACK")
    lake.run("ALTER TABLE i SET TBLPROPERTIES ('vacuum_max_snapshot_age_seconds'='0')")
    before = len(lake.keys("i/data/"))
    lake.run("VACUUM i")
    assert len(lake.keys("i/data/")) < before
    assert lake.run('SELECT count(*) AS c FROM "i$snapshots"') == [["1"]]
    assert lake.run("SELECT count(*) AS c FROM i") == [["4"]]


@pytest.mark.parametrize(
    "sql",
    [
        'SELECT * FROM "i$files"',
        "SELECT * FROM i FOR TIMESTAMP AS OF current_timestamp",
        "INSERT INTO i (a) VALUES (9)",
        "DELETE FROM i",
        "UPDATE i SET a = 1",
        "MERGE INTO i USING i s ON i.a = s.a WHEN MATCHED THEN DELETE",
        "OPTIMIZE i REWRITE DATA USING BIN_PACK",
        "VACUUM i",
        "DROP TABLE i",
        "ALTER TABLE i ADD COLUMNS (z int)",
    ],
)
def test_without_permission_nothing_changes(lake: Lake, sql: str) -> None:
    lake.grant(TABLE, "DESCRIBE")
    before = lake.keys("i/")
    answer = lake.ask(sql, "analyst")
    assert (answer.state, "Insufficient Lake Formation permission" in answer.reason) == ("FAILED", True)
    assert lake.keys("i/") == before


def test_who_reads_a_part_changes_no_rows(lake: Lake) -> None:
    lake.grant({"TableWithColumns": {"DatabaseName": "w", "Name": "i", "ColumnNames": ["a"]}}, "SELECT")
    assert "Insufficient" in lake.ask('SELECT * FROM "i$partitions"', "analyst").reason
    assert "Insufficient" in lake.ask("DELETE FROM i", "analyst").reason
    assert lake.run("SELECT count(*) AS c FROM i") == [["3"]]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(34, 2017239379), ("iceberg", 1210000089), (b"\x00\x01\x02\x03", -188683207 & 0xFFFFFFFF)],
)
def test_hashes_are_those_of_the_specification(value: object, expected: int) -> None:
    assert schemas.compute_hash(value) == expected


def test_avro_gives_back_what_was_written() -> None:
    schema = {
        "type": "record",
        "name": "all",
        "fields": [
            {"name": "n", "type": ["null", "long"]},
            {"name": "m", "type": {"type": "map", "values": "string"}},
            {"name": "b", "type": "boolean"},
            {"name": "d", "type": "double"},
        ],
    }
    records = [
        {"n": None, "m": {}, "b": True, "d": 1.5},
        {"n": -(2**40), "m": {"k": "v"}, "b": False, "d": 0.0},
    ]
    metadata, found = manifests.read_avro(manifests.write_avro(schema, records, {"of": "test"}))
    assert (metadata["of"], found) == ("test", records)
