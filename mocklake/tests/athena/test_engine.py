"""The second wall: what the SQL engine refuses by itself, were a statement to pass the first."""

from pathlib import Path

import duckdb
import pytest

from mocklake.athena import engine
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.objects import File
from mocklake.athena.sources import Source, to_duckdb_type
from mocklake.athena.sql_text import TableName

NAME = TableName("d", "t")


def source(tmp_path: Path, *columns: tuple[str, str]) -> Source:
    path = tmp_path / "t.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT 1 AS seen, 'secret' AS unseen, 2.50::decimal(9,2) AS price, "
            f"timestamp '2026-01-31 10:20:30.5' AS moment) TO '{path}' (FORMAT parquet)"
        )
    return Source(NAME, columns, (File(path.read_bytes()),))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/*')",
        "COPY (SELECT 1) TO '/tmp/mocklake-engine-escape'",
        "ATTACH '/tmp/mocklake-engine-escape.db'",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "INSTALL httpfs",
        "LOAD httpfs",
    ],
)
def test_the_engine_reaches_nothing_outside(sql: str) -> None:
    with pytest.raises(QueryFailedError):
        engine.run(sql, [], "")


def test_a_column_that_was_not_granted_is_not_even_loaded(tmp_path: Path) -> None:
    result = engine.run("SELECT * FROM t", [source(tmp_path, ("seen", "int"))], "d")
    assert (result.columns, result.rows) == ((("seen", "integer"),), (("1",),))


def test_a_column_that_the_files_do_not_have_is_null(tmp_path: Path) -> None:
    result = engine.run("SELECT * FROM t", [source(tmp_path, ("seen", "int"), ("added", "string"))], "d")
    assert result.rows == (("1", None),)


def test_values_are_written_as_athena_writes_them(tmp_path: Path) -> None:
    typed = source(tmp_path, ("price", "decimal(9,2)"), ("moment", "timestamp"))
    result = engine.run("SELECT price, moment FROM t", [typed], "d")
    assert result.columns == (("price", "decimal(9,2)"), ("moment", "timestamp"))
    assert result.rows == (("2.50", "2026-01-31 10:20:30.500"),)


def test_a_table_whose_types_are_not_known_fails_the_query(tmp_path: Path) -> None:
    with pytest.raises(QueryFailedError, match="HIVE_BAD_DATA"):
        engine.run("SELECT * FROM t", [source(tmp_path, ("seen", "map<string,int>"))], "d")


def test_an_object_that_is_no_parquet_fails_the_query() -> None:
    with pytest.raises(QueryFailedError, match="HIVE_BAD_DATA"):
        engine.run("SELECT * FROM t", [Source(NAME, (("seen", "int"),), (File(b"garbage"),))], "d")


def test_a_query_that_runs_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "LONGEST_SECONDS", 0.2)
    with pytest.raises(QueryFailedError, match="Query timeout"):
        engine.run("SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b", [], "")


def test_more_rows_than_are_answered_fail_instead_of_being_cut() -> None:
    assert len(engine.run(f"SELECT * FROM range({engine.MOST_ROWS})", [], "").rows) == engine.MOST_ROWS
    with pytest.raises(QueryFailedError, match="EXCEEDED_ROW_LIMIT"):
        engine.run(f"SELECT * FROM range({engine.MOST_ROWS + 1})", [], "")


@pytest.mark.parametrize(
    ("glue", "duckdb_form"),
    [
        ("string", "varchar"),
        ("array<int>", "integer[]"),
        ("map<string,array<bigint>>", "MAP(varchar, bigint[])"),
        (
            "struct<a:int,b:struct<c:decimal(9,2),d:string>>",
            'STRUCT("a" integer, "b" STRUCT("c" decimal(9,2), "d" varchar))',
        ),
    ],
)
def test_glues_types_are_read_in_duckdbs_words(glue: str, duckdb_form: str) -> None:
    assert to_duckdb_type(glue) == duckdb_form


def test_a_checksum_does_not_depend_on_the_order_of_rows() -> None:
    sums = [
        engine.run(f"SELECT checksum(a) FROM (VALUES {rows}) AS t (a)", [], "").rows
        for rows in ("(1), (2), (NULL)", "(NULL), (2), (1)", "(1), (2)")
    ]
    assert sums[0] == sums[1] != sums[2]
