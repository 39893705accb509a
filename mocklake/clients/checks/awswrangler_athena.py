"""AWS SDK for pandas: queries."""

import datetime as dt
from decimal import Decimal

import awswrangler as wr
import boto3
import pandas as pd

from mocklake.clients.checks.assertions import LAKE, OUTPUT, equal, fails, holds
from mocklake.clients.checks.awswrangler_shop import DATABASE, orders, read, run


def read_rows() -> None:
    equal(sorted(read("SELECT id FROM orders").id), [1, 2, 3, 4])


def read_types() -> None:
    types = {name: str(kind) for name, kind in read("SELECT * FROM orders").dtypes.items()}
    equal((types["id"], types["bread"], types["price"]), ("Int64", "string", "float64"))


def read_null() -> None:
    holds(read("SELECT bread FROM orders WHERE id = 4").bread.isna().all())


def read_date() -> None:
    equal(read("SELECT sold_on FROM orders WHERE id = 3").sold_on[0], dt.date(2026, 10, 2))


def read_decimal() -> None:
    equal(read("SELECT CAST(1.5 AS decimal(10, 2)) AS price").price[0], Decimal("1.50"))


def read_timestamp() -> None:
    found = read("SELECT TIMESTAMP '2026-10-01 12:30:00' AS sold_at").sold_at[0]
    equal(found, pd.Timestamp("2026-10-01 12:30:00"))


def read_through_ctas() -> None:
    equal(len(read("SELECT * FROM orders", ctas_approach=True)), 4)


def read_through_ctas_with_bucketing() -> None:
    found = read(
        "SELECT * FROM orders",
        ctas_approach=True,
        ctas_parameters=wr.typing.AthenaCTASSettings(bucketing_info=(["id"], 1)),
    )
    equal(len(found), 4)


def read_through_unload() -> None:
    equal(len(read("SELECT id, price FROM orders", unload_approach=True, s3_output=f"{LAKE}/unloaded/")), 4)


def read_in_chunks() -> None:
    chunks = list(read("SELECT * FROM orders", chunksize=2))
    equal([len(chunk) for chunk in chunks], [2, 2])


def read_ctas_in_chunks() -> None:
    equal(sum(len(one) for one in read("SELECT * FROM orders", ctas_approach=True, chunksize=2)), 4)


def read_whole_table() -> None:
    sql_table = wr.athena.read_sql_table("orders", DATABASE, s3_output=OUTPUT, ctas_approach=False)
    equal(len(sql_table), 4)


def read_with_named_parameters() -> None:
    found = read("SELECT id FROM orders WHERE bread = :bread", params={"bread": "rye"})
    equal(sorted(found.id), [1, 3])


def read_with_positional_parameters() -> None:
    found = read("SELECT id FROM orders WHERE bread = ?", params=["'rye'"], paramstyle="qmark")
    equal(sorted(found.id), [1, 3])


def read_with_typed_parameters() -> None:
    found = read("SELECT id FROM orders WHERE sold_on = :day", params={"day": dt.date(2026, 10, 2)})
    equal(list(found.id), [3])


def read_aggregates() -> None:
    found = read("SELECT bread, count(*) AS sold FROM orders GROUP BY bread ORDER BY sold DESC LIMIT 1")
    equal((found.bread[0], found.sold[0]), ("rye", 2))


def read_windows() -> None:
    equal(len(read("SELECT id, row_number() OVER (PARTITION BY bread ORDER BY id) AS place FROM orders")), 4)


def read_join() -> None:
    equal(len(read('SELECT a.id FROM "shop"."orders" a JOIN days b ON a.id = b.id')), 4)


def read_empty_result() -> None:
    found = read("SELECT * FROM orders WHERE id > 100")
    equal((len(found), list(found.columns)), (0, ["id", "bread", "price", "sold_on"]))


def refuse_missing_table() -> None:
    with fails("TABLE_NOT_FOUND"):
        read("SELECT * FROM nothing")


def refuse_missing_column() -> None:
    with fails("COLUMN_NOT_FOUND"):
        read("SELECT nothing FROM orders")


def refuse_wrong_syntax() -> None:
    with fails("InvalidRequestException"):
        read("SELEC id FROM orders")


def read_query_metadata() -> None:
    found = read("SELECT id FROM orders")
    state = found.query_metadata["Status"]["State"]
    equal(state, "SUCCEEDED")
    holds(found.query_metadata["Statistics"]["DataScannedInBytes"] > 0, "nothing was scanned")


def reuse_results() -> None:
    sql = "SELECT max(id) AS latest FROM orders"
    read(sql)
    found = read(sql, athena_cache_settings={"max_cache_seconds": 900})
    equal(found.latest[0], 4)


def wait_for_query() -> None:
    equal(run("SELECT 1 AS one")["Status"]["State"], "SUCCEEDED")


def read_results_of_execution() -> None:
    started = wr.athena.start_query_execution("SELECT 1 AS one", database=DATABASE, s3_output=OUTPUT)
    equal(list(wr.athena.get_query_results(started).one), [1])


def read_column_types_of_execution() -> None:
    started = wr.athena.start_query_execution(
        "SELECT 1 AS one", database=DATABASE, s3_output=OUTPUT, wait=True
    )
    equal(wr.athena.get_query_columns_types(started["QueryExecutionId"]), {"one": "integer"})


def list_executions() -> None:
    listed = wr.athena.list_query_executions()
    details = wr.athena.get_query_executions(listed[:5])
    equal(len(details), 5)


def stop_execution() -> None:
    started = wr.athena.start_query_execution("SELECT 1", database=DATABASE, s3_output=OUTPUT)
    wr.athena.stop_query_execution(started)
    holds(wr.athena.get_query_execution(started)["Status"]["State"] in ("SUCCEEDED", "CANCELLED"))


def use_own_workgroup() -> None:
    boto3.client("athena").create_work_group(
        Name="engineers", Configuration={"ResultConfiguration": {"OutputLocation": OUTPUT}}
    )
    sql_query = wr.athena.read_sql_query(
        "SELECT 1 AS one", DATABASE, workgroup="engineers", ctas_approach=False
    )
    equal(list(sql_query.one), [1])


def use_enforced_workgroup() -> None:
    output = f"{LAKE}/enforced/"
    boto3.client("athena").create_work_group(
        Name="enforced",
        Configuration={
            "EnforceWorkGroupConfiguration": True,
            "ResultConfiguration": {"OutputLocation": output},
        },
    )
    wr.athena.read_sql_query("SELECT 1 AS one", DATABASE, workgroup="enforced", ctas_approach=False)
    holds(wr.s3.list_objects(output), "no result lies at the workgroup's place")


def create_athena_bucket() -> None:
    equal(wr.athena.create_athena_bucket(), "s3://aws-athena-query-results-100000000001-eu-central-1/")


def create_ctas_table() -> None:
    ctas_table = wr.athena.create_ctas_table(
        "SELECT * FROM orders", database=DATABASE, ctas_table="copied", s3_output=f"{LAKE}/copied/", wait=True
    )
    equal(ctas_table["ctas_table"], "copied")
    equal(len(read("SELECT * FROM copied")), 4)


def create_partitioned_ctas_table() -> None:
    wr.athena.create_ctas_table(
        "SELECT id, price, bread FROM orders WHERE bread IS NOT NULL",
        database=DATABASE,
        ctas_table="by_bread",
        s3_output=f"{LAKE}/by-bread/",
        partitioning_info=["bread"],
        wait=True,
    )
    equal(len(wr.catalog.get_partitions(DATABASE, "by_bread")), 2)


def unload_rows() -> None:
    unloaded = wr.athena.unload("SELECT * FROM orders", path=f"{LAKE}/parquet-out/", database=DATABASE)
    equal(unloaded.raw_payload["Status"]["State"], "SUCCEEDED")
    equal(len(wr.s3.read_parquet(f"{LAKE}/parquet-out/")), 4)


def show_create_table() -> None:
    shown = wr.athena.show_create_table("orders", database=DATABASE, s3_output=OUTPUT)
    holds("CREATE EXTERNAL TABLE" in shown and "orders" in shown, shown)


def describe_table_by_athena() -> None:
    shown = wr.athena.describe_table("orders", database=DATABASE, s3_output=OUTPUT)
    equal(list(shown["Column Name"]), ["id", "bread", "price", "sold_on"])


def repair_table() -> None:
    wr.catalog.delete_all_partitions("days", DATABASE)
    equal(wr.athena.repair_table("days", database=DATABASE, s3_output=OUTPUT), "SUCCEEDED")
    equal(len(wr.catalog.get_partitions(DATABASE, "days")), 3)


def generate_create_query() -> None:
    holds(wr.athena.generate_create_query("orders", DATABASE).startswith("CREATE EXTERNAL TABLE"))


def use_prepared_statement() -> None:
    wr.athena.create_prepared_statement("SELECT id FROM orders WHERE bread = ?", "by_bread")
    found = read("EXECUTE by_bread USING 'rye'")
    equal(sorted(found.id), [1, 3])


def list_and_delete_prepared_statements() -> None:
    holds(
        "by_bread"
        in {
            prepared_statement["StatementName"] for prepared_statement in wr.athena.list_prepared_statements()
        }
    )
    wr.athena.delete_prepared_statement("by_bread")
    equal(wr.athena.list_prepared_statements(), [])


def use_named_query() -> None:
    named_query = boto3.client("athena").create_named_query(
        Name="all orders", Database=DATABASE, QueryString="SELECT * FROM orders"
    )
    equal(wr.athena.get_named_query_statement(named_query["NamedQueryId"]), "SELECT * FROM orders")


def create_view() -> None:
    equal(run("CREATE VIEW ryes AS SELECT * FROM orders WHERE bread = 'rye'")["Status"]["State"], "SUCCEEDED")
    equal(len(read("SELECT * FROM ryes")), 2)


def write_iceberg() -> None:
    wr.athena.to_iceberg(
        orders(),
        DATABASE,
        "iced",
        table_location=f"{LAKE}/iced/",
        temp_path=f"{LAKE}/temporary/",
        s3_output=OUTPUT,
    )
    equal(len(read("SELECT * FROM iced")), 4)


def merge_iceberg() -> None:
    wr.athena.to_iceberg(
        orders().assign(price=9.0),
        DATABASE,
        "iced",
        temp_path=f"{LAKE}/temporary-1/",
        merge_cols=["id"],
        s3_output=OUTPUT,
    )
    equal(set(read("SELECT price FROM iced").price), {9.0})


def delete_from_iceberg() -> None:
    wr.athena.delete_from_iceberg_table(
        orders().head(1)[["id"]],
        DATABASE,
        "iced",
        merge_cols=["id"],
        temp_path=f"{LAKE}/temporary-2/",
        s3_output=OUTPUT,
    )
    equal(len(read("SELECT * FROM iced")), 3)
