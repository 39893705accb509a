"""PyAthena: cursors of every kind, parameters, statements, types and errors."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pyathena
from pyathena.arrow.cursor import ArrowCursor
from pyathena.async_cursor import AsyncCursor
from pyathena.cursor import DictCursor
from pyathena.pandas.cursor import PandasCursor

from mocklake.clients.checks.assertions import LAKE, OUTPUT, REGION, equal, fails, holds

DATABASE = "shop"


def _connect(**options: Any) -> Any:
    given = {"s3_staging_dir": OUTPUT, "region_name": REGION, "schema_name": DATABASE, **options}
    return pyathena.connect(**{"poll_interval": 0.1, **given})


def _rows(sql: str, *parameters: Any, **options: Any) -> list[Any]:
    rows: list[Any] = _connect().cursor().execute(sql, *parameters, **options).fetchall()
    return rows


def _value(sql: str) -> Any:
    return _rows(sql)[0][0]


def create_database() -> None:
    _connect(schema_name="default").cursor().execute(
        f"CREATE DATABASE IF NOT EXISTS {DATABASE} COMMENT 'A shop'"
    )
    holds((DATABASE,) in _rows("SHOW DATABASES"))


def create_external_table() -> None:
    _rows(
        "CREATE EXTERNAL TABLE orders (id bigint COMMENT 'Order number', bread string, price double)"
        f" PARTITIONED BY (sold_on string) STORED AS PARQUET LOCATION '{LAKE}/orders/'"
    )
    holds(("orders",) in _rows("SHOW TABLES"))


def create_table_as_select() -> None:
    _rows(
        f"CREATE TABLE breads WITH (format = 'PARQUET', external_location = '{LAKE}/breads/') AS"
        " SELECT * FROM (VALUES (1, 'rye', 3.2e0, DATE '2026-10-01'), (2, 'spelt', 4.1e0, DATE '2026-10-02'),"
        " (3, NULL, 5.0e0, DATE '2026-10-03')) AS t (id, bread, price, sold_on)"
    )
    equal(_value("SELECT count(*) FROM breads"), 3)


def insert_rows() -> None:
    _rows("INSERT INTO breads VALUES (4, 'rye', 3.0e0, DATE '2026-10-04')")
    equal(_value("SELECT count(*) FROM breads"), 4)


def create_csv_table() -> None:
    _rows(
        "CREATE EXTERNAL TABLE in_csv (id int, name string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"
        f" LOCATION '{LAKE}/in-csv/'"
    )
    equal(_rows("SELECT * FROM in_csv"), [])


def add_partition() -> None:
    _rows(
        f"ALTER TABLE orders ADD PARTITION (sold_on = '2026-10-01') LOCATION '{LAKE}/orders/sold_on=2026-10-01/'"
    )
    equal(_rows("SHOW PARTITIONS orders"), [("sold_on=2026-10-01",)])


def drop_partition() -> None:
    _rows("ALTER TABLE orders DROP PARTITION (sold_on = '2026-10-01')")
    equal(_rows("SHOW PARTITIONS orders"), [])


def repair_table() -> None:
    _rows("MSCK REPAIR TABLE orders")


def create_view() -> None:
    _rows("CREATE OR REPLACE VIEW ryes AS SELECT id, price FROM breads WHERE bread = 'rye'")
    equal(sorted(_rows("SELECT id FROM ryes")), [(1,), (4,)])


def show_views() -> None:
    equal(_rows("SHOW VIEWS"), [("ryes",)])


def show_columns() -> None:
    equal([row[0].strip() for row in _rows("SHOW COLUMNS IN breads")], ["id", "bread", "price", "sold_on"])


def describe_table() -> None:
    holds(_rows("DESCRIBE breads")[0][0].startswith("id"))


def show_create_table() -> None:
    holds("CREATE EXTERNAL TABLE" in "\n".join(row[0] for row in _rows("SHOW CREATE TABLE orders")))


def drop_view_and_table() -> None:
    _rows("DROP VIEW IF EXISTS ryes")
    _rows("DROP TABLE in_csv")
    holds(("in_csv",) not in _rows("SHOW TABLES"))


def unload_rows() -> None:
    _rows(f"UNLOAD (SELECT * FROM breads) TO '{LAKE}/unloaded/' WITH (format = 'PARQUET')")


def fetch_one() -> None:
    cursor = _connect().cursor().execute("SELECT id FROM breads ORDER BY id")
    equal((cursor.fetchone(), cursor.fetchmany(2)), ((1,), [(2,), (3,)]))


def iterate_over_rows() -> None:
    equal(list(_connect().cursor().execute("SELECT 1 UNION ALL SELECT 1")), [(1,), (1,)])


def fetch_many_pages() -> None:
    cursor = _connect().cursor().execute("SELECT n FROM UNNEST(sequence(1, 2500)) AS t (n)")
    equal(len(cursor.fetchall()), 2500)


def describe_result() -> None:
    cursor = _connect().cursor().execute("SELECT id, bread, price FROM breads")
    equal(
        [one[:2] for one in cursor.description],
        [("id", "integer"), ("bread", "varchar"), ("price", "double")],
    )


def name_columns_without_alias() -> None:
    equal(_connect().cursor().execute("SELECT 1, count(*) FROM breads").description[1][0], "_col1")


def read_statistics() -> None:
    cursor = _connect().cursor().execute("SELECT * FROM breads")
    holds(cursor.data_scanned_in_bytes > 0, "nothing was scanned")
    holds(cursor.output_location.startswith(OUTPUT))
    equal((cursor.state, cursor.statement_type), ("SUCCEEDED", "DML"))


def read_engine_version() -> None:
    cursor = _connect().cursor().execute("SELECT 1")
    holds("version 3" in cursor.effective_engine_version, cursor.effective_engine_version)


def pass_named_parameters() -> None:
    equal(_rows("SELECT id FROM breads WHERE bread = %(bread)s ORDER BY id", {"bread": "rye"}), [(1,), (4,)])


def pass_quoted_parameter() -> None:
    equal(_rows("SELECT %(text)s", {"text": "it's"}), [("it's",)])


def pass_list_parameter() -> None:
    equal(len(_rows("SELECT id FROM breads WHERE id IN %(ids)s", {"ids": [1, 2]})), 2)


def pass_date_parameter() -> None:
    equal(_rows("SELECT id FROM breads WHERE sold_on = %(day)s", {"day": dt.date(2026, 10, 2)}), [(2,)])


def pass_execution_parameters() -> None:
    equal(
        _rows("SELECT id FROM breads WHERE bread = ? AND id > ?", ["'rye'", "1"], paramstyle="qmark"), [(4,)]
    )


def use_dict_cursor() -> None:
    cursor = _connect(cursor_class=DictCursor).cursor()
    equal(cursor.execute("SELECT 1 AS one").fetchall(), [{"one": 1}])


def use_async_cursor() -> None:
    cursor = _connect(cursor_class=AsyncCursor).cursor()
    _, future = cursor.execute("SELECT 1")
    equal(future.result().fetchall(), [(1,)])


def use_pandas_cursor() -> None:
    frame = _connect(cursor_class=PandasCursor).cursor().execute("SELECT * FROM breads").as_pandas()
    equal((len(frame), str(frame.dtypes["id"])), (4, "Int64"))


def use_pandas_cursor_with_unload() -> None:
    cursor = _connect(cursor_class=PandasCursor, cursor_kwargs={"unload": True}).cursor()
    equal(len(cursor.execute("SELECT * FROM breads").as_pandas()), 4)


def use_pandas_cursor_in_chunks() -> None:
    cursor = _connect(cursor_class=PandasCursor).cursor()
    equal([len(one) for one in cursor.execute("SELECT * FROM breads", chunksize=2).as_pandas()], [2, 2])


def use_arrow_cursor() -> None:
    equal(_connect(cursor_class=ArrowCursor).cursor().execute("SELECT * FROM breads").as_arrow().num_rows, 4)


def use_arrow_cursor_with_unload() -> None:
    cursor = _connect(cursor_class=ArrowCursor, cursor_kwargs={"unload": True}).cursor()
    equal(cursor.execute("SELECT * FROM breads").as_arrow().num_rows, 4)


def reuse_results() -> None:
    sql = "SELECT max(id) FROM breads"
    _rows(sql)
    cursor = _connect().cursor()
    cursor.execute(sql, result_reuse_enable=True, result_reuse_minutes=10)
    equal(cursor.fetchall(), [(4,)])


def read_integer_types() -> None:
    sql = "SELECT CAST(1 AS tinyint), CAST(2 AS smallint), 3, CAST(4 AS bigint)"
    cursor = _connect().cursor().execute(sql)
    equal([one[1] for one in cursor.description], ["tinyint", "smallint", "integer", "bigint"])
    equal(cursor.fetchall(), [(1, 2, 3, 4)])


def read_decimal() -> None:
    equal(_value("SELECT CAST(1.5 AS decimal(10, 2))"), Decimal("1.50"))


def read_boolean_and_null() -> None:
    equal(_rows("SELECT true, CAST(NULL AS varchar)"), [(True, None)])


def read_dates_and_times() -> None:
    equal(
        _rows("SELECT DATE '2026-10-01', TIMESTAMP '2026-10-01 12:30:00.500'"),
        [(dt.date(2026, 10, 1), dt.datetime(2026, 10, 1, 12, 30, 0, 500_000))],  # noqa: DTZ001
    )


def read_array() -> None:
    equal(_rows("SELECT ARRAY[1, 2, 3]"), [([1, 2, 3],)])


def read_map() -> None:
    equal(_rows("SELECT MAP(ARRAY['a'], ARRAY['b'])"), [({"a": "b"},)])


def read_row() -> None:
    equal(_rows("SELECT CAST(ROW(1, 'b') AS ROW(a integer, b varchar))"), [({"a": 1, "b": "b"},)])


def read_binary() -> None:
    equal(_rows("SELECT X'00FF'"), [(b"\x00\xff",)])


def unnest_array() -> None:
    equal(_rows("SELECT n FROM UNNEST(ARRAY[1, 2]) AS t (n)"), [(1,), (2,)])


def cross_join_unnest() -> None:
    equal(len(_rows("SELECT id, n FROM breads CROSS JOIN UNNEST(ARRAY[1, 2]) AS t (n)")), 8)


def read_paths_of_rows() -> None:
    holds(_value('SELECT "$path" FROM breads LIMIT 1').startswith(f"{LAKE}/breads/"))


def call_trino_functions() -> None:
    sql = (
        "SELECT date_format(TIMESTAMP '2026-10-01 12:30:00', '%Y-%m'), date_trunc('month', DATE '2026-10-15'),"
        " regexp_extract('a1b2', '\\d'), json_extract_scalar('{\"a\": 1}', '$.a'), split_part('a-b', '-', 2)"
    )
    equal(_rows(sql), [("2026-10", dt.date(2026, 10, 1), "1", "1", "b")])


def call_approximate_functions() -> None:
    equal(_value("SELECT approx_distinct(bread) FROM breads"), 2)


def try_casts() -> None:
    equal(_rows("SELECT TRY_CAST('x' AS integer), TRY(1 / 0)"), [(None, None)])


def read_information_schema() -> None:
    sql = f"SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = '{DATABASE}' AND table_name = 'breads' ORDER BY ordinal_position"
    equal(_rows(sql)[:2], [("id", "integer"), ("bread", "varchar")])


def use_prepared_statement() -> None:
    _rows("PREPARE by_bread FROM SELECT id FROM breads WHERE bread = ?")
    equal(_rows("EXECUTE by_bread USING 'spelt'"), [(2,)])
    _rows("DEALLOCATE PREPARE by_bread")


def explain_query() -> None:
    holds(_rows("EXPLAIN SELECT * FROM breads"))


def write_iceberg_table() -> None:
    _rows(
        f"CREATE TABLE iced (id int, bread string) LOCATION '{LAKE}/iced/' TBLPROPERTIES ('table_type' = 'ICEBERG')"
    )
    _rows("INSERT INTO iced VALUES (1, 'rye'), (2, 'spelt')")
    _rows("UPDATE iced SET bread = 'oat' WHERE id = 2")
    _rows("DELETE FROM iced WHERE id = 1")
    equal(_rows("SELECT * FROM iced"), [(2, "oat")])


def read_iceberg_snapshots() -> None:
    holds(len(_rows('SELECT snapshot_id FROM "iced$snapshots"')) >= 3)


def refuse_wrong_syntax() -> None:
    with fails("InvalidRequestException", "mismatched input"):
        _rows("SELEC 1")


def refuse_missing_table() -> None:
    with fails("OperationalError", "TABLE_NOT_FOUND"):
        _rows("SELECT * FROM nothing")


def refuse_missing_column() -> None:
    with fails("OperationalError", "COLUMN_NOT_FOUND"):
        _rows("SELECT nothing FROM breads")


def refuse_missing_output() -> None:
    with fails("output location"):
        _connect(s3_staging_dir=None, work_group="primary").cursor().execute("SELECT 1")


def cancel_query() -> None:
    cursor = _connect(cursor_class=AsyncCursor).cursor()
    query, _ = cursor.execute("SELECT count(*) FROM UNNEST(sequence(1, 1000)) AS t (n)")
    cursor.cancel(query).result()
