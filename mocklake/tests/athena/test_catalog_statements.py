"""CREATE, ALTER and DROP change Glue's catalog as their caller may."""

from typing import Any

import pytest

from mocklake.tests.athena.lakes import SALES, Lake

TABLE = (
    "CREATE EXTERNAL TABLE t (`a` int COMMENT 'x', b array<struct<c:int,d:string>>, e decimal(9,2)) COMMENT 'all' "
    "PARTITIONED BY (p string, q int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' STORED AS TEXTFILE "
    "LOCATION 's3://made-here/t/' TBLPROPERTIES ('skip.header.line.count'='1')"
)


@pytest.fixture
def lake() -> Lake:
    return Lake()


def _table(lake: Lake, name: str = "t") -> dict[str, Any]:
    found: dict[str, Any] = lake.glue.get_table(DatabaseName="w", Name=name)["Table"]
    return found


def test_a_database_is_made_changed_and_dropped(lake: Lake) -> None:
    lake.run(
        "CREATE SCHEMA IF NOT EXISTS `other` COMMENT 'it''s' LOCATION 's3://made-here/o/' WITH DBPROPERTIES ('a'='b')",
        "CREATE DATABASE IF NOT EXISTS other",
        "ALTER DATABASE other SET DBPROPERTIES ('c'='d')",
    )
    found = lake.glue.get_database(Name="other")["Database"]
    assert (found["Description"], found["Parameters"]) == ("it's", {"a": "b", "c": "d"})
    assert "already exists" in lake.ask("CREATE DATABASE other").reason
    lake.run("DROP DATABASE other", "DROP DATABASE IF EXISTS other")
    assert "Database does not exist" in lake.ask("DROP DATABASE other").reason


def test_a_database_with_tables_is_dropped_by_cascade_alone(lake: Lake) -> None:
    lake.run(TABLE)
    assert "is not empty" in lake.ask("DROP DATABASE w").reason
    lake.run("DROP DATABASE w CASCADE")


def test_a_table_is_kept_as_hive_keeps_it(lake: Lake) -> None:
    lake.run(TABLE)
    found = _table(lake)
    assert [(one["Name"], one["Type"]) for one in found["StorageDescriptor"]["Columns"]] == [
        ("a", "int"), ("b", "array<struct<c:int,d:string>>"), ("e", "decimal(9,2)"),
    ]  # fmt: skip
    assert [one["Name"] for one in found["PartitionKeys"]] == ["p", "q"]
    assert found["StorageDescriptor"]["SerdeInfo"]["Parameters"]["field.delim"] == ","
    assert found["Parameters"] == {"EXTERNAL": "TRUE", "comment": "all", "skip.header.line.count": "1"}
    assert "already exists" in lake.ask(TABLE).reason
    lake.run(TABLE.replace("TABLE t", "TABLE IF NOT EXISTS t"))


def test_a_table_needs_a_location_and_external(lake: Lake) -> None:
    assert "location" in lake.ask("CREATE EXTERNAL TABLE t (a int)").reason
    assert "EXTERNAL_TABLE" in lake.ask("CREATE TABLE t (a int) LOCATION 's3://made-here/t/'").reason


def test_columns_properties_and_location_change(lake: Lake) -> None:
    lake.run(
        "CREATE EXTERNAL TABLE t (a int) STORED AS PARQUET LOCATION 's3://made-here/t/'",
        "ALTER TABLE t ADD COLUMNS (b bigint COMMENT 'new')",
        "ALTER TABLE t CHANGE COLUMN a first int",
        "ALTER TABLE t SET TBLPROPERTIES ('k'='v')",
        "ALTER TABLE t SET LOCATION 's3://made-here/elsewhere/'",
    )
    found = _table(lake)
    assert [one["Name"] for one in found["StorageDescriptor"]["Columns"]] == ["first", "b"]
    assert (found["Parameters"]["k"], found["StorageDescriptor"]["Location"]) == (
        "v",
        "s3://made-here/elsewhere/",
    )
    lake.run("ALTER TABLE t REPLACE COLUMNS (z string)")
    assert [one["Name"] for one in _table(lake)["StorageDescriptor"]["Columns"]] == ["z"]


def test_partitions_are_added_found_renamed_and_dropped(lake: Lake) -> None:
    lake.run(
        "CREATE EXTERNAL TABLE t (a int) PARTITIONED BY (p string) STORED AS PARQUET LOCATION 's3://made-here/t/'"
    )
    lake.run("ALTER TABLE t ADD PARTITION (p='x') PARTITION (p='y') LOCATION 's3://made-here/y/'")
    assert "already exists" in lake.ask("ALTER TABLE t ADD PARTITION (p='x')").reason
    lake.run("ALTER TABLE t ADD IF NOT EXISTS PARTITION (p='x')", "ALTER TABLE t DROP PARTITION (p='y')")
    lake.s3.put_object(Bucket="made-here", Key="t/p=found/data", Body=b"")
    assert "p=found" in str(lake.run("MSCK REPAIR TABLE t"))
    lake.run("ALTER TABLE t PARTITION (p='x') RENAME TO PARTITION (p='z')")
    assert lake.run("SHOW PARTITIONS t") == [["p=found"], ["p=z"]]


def test_a_view_is_made_replaced_read_and_dropped(lake: Lake) -> None:
    lake.run("CREATE VIEW v AS SELECT 1 AS a, 'x' AS b")
    assert "already exists" in lake.ask("CREATE VIEW v AS SELECT 1 AS a").reason
    lake.run("CREATE OR REPLACE VIEW v AS SELECT 2 AS a")
    assert lake.run("SELECT * FROM v") == [["2"]]
    assert lake.run("SHOW CREATE VIEW v") == [["CREATE VIEW w.v AS"], ["SELECT 2 AS a"]]
    assert lake.run("SHOW VIEWS") == [["v"]]
    assert "Cannot drop a view" in lake.ask("DROP TABLE v").reason
    lake.run("DROP VIEW v", "DROP VIEW IF EXISTS v")
    assert "MISSING_COLUMN_NAME" in lake.ask("CREATE VIEW v AS SELECT 1").reason


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE DATABASE mine",
        "CREATE EXTERNAL TABLE sales.t (a int) LOCATION 's3://made-here/t/'",
        "CREATE TABLE sales.t (a int) LOCATION 's3://made-here/t/' TBLPROPERTIES ('table_type'='ICEBERG')",
        "CREATE VIEW sales.v AS SELECT 1 AS a",
        "CREATE VIEW w.v AS SELECT id FROM sales.orders",
        "ALTER DATABASE sales SET DBPROPERTIES ('a'='b')",
        "ALTER TABLE sales.orders ADD PARTITION (day='wed')",
        "ALTER TABLE sales.orders SET TBLPROPERTIES ('a'='b')",
        "ALTER TABLE sales.orders ADD COLUMNS (z int)",
        "DROP TABLE sales.orders",
        "DROP DATABASE sales CASCADE",
        "MSCK REPAIR TABLE sales.orders",
    ],
)
def test_without_permission_nothing_changes(lake: Lake, sql: str) -> None:
    before = lake.glue.get_tables(DatabaseName="sales")["TableList"]
    answer = lake.ask(sql, "analyst")
    assert (answer.state, "Insufficient Lake Formation permission" in answer.reason) == ("FAILED", True)
    assert lake.glue.get_tables(DatabaseName="sales")["TableList"] == before


def test_a_registered_location_must_be_ones_own(lake: Lake) -> None:
    lake.grant(SALES, "CREATE_TABLE")
    sql = "CREATE EXTERNAL TABLE sales.mine (a int) LOCATION 's3://central-lake/orders/'"
    assert "Data_Location_Access" in lake.ask(sql, "analyst").reason


def test_names_and_texts_cannot_break_out(lake: Lake) -> None:
    lake.run(
        "CREATE EXTERNAL TABLE t (a string) PARTITIONED BY (`p\"; DROP` string) STORED AS PARQUET LOCATION 's3://made-here/t/'"
    )
    lake.run("INSERT INTO t VALUES ('it''s', 'a'' OR 1=1 --')")
    assert lake.run("SELECT * FROM t") == [["it's", "a' OR 1=1 --"]]
