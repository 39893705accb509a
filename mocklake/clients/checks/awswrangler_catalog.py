"""AWS SDK for pandas: the catalog, and data sets written into it."""

import awswrangler as wr

from mocklake.clients.checks.assertions import LAKE, equal, fails, holds
from mocklake.clients.checks.awswrangler_shop import DATABASE, ORDERS, orders, read


def create_database() -> None:
    wr.catalog.create_database(DATABASE, description="A shop")


def create_database_twice() -> None:
    wr.catalog.create_database(DATABASE, exist_ok=True)
    with fails("AlreadyExists"):
        wr.catalog.create_database(DATABASE)


def list_databases() -> None:
    holds(DATABASE in set(wr.catalog.databases().Database))
    holds(DATABASE in {database["Name"] for database in wr.catalog.get_databases()})


def write_parquet_dataset() -> None:
    written = wr.s3.to_parquet(orders(), ORDERS, dataset=True, database=DATABASE, table="orders")
    equal(len(written["paths"]), 1)


def read_table_types() -> None:
    expected = {"id": "bigint", "bread": "string", "price": "double", "sold_on": "date"}
    equal(wr.catalog.get_table_types(DATABASE, "orders"), expected)


def describe_table() -> None:
    equal(list(wr.catalog.table(DATABASE, "orders")["Column Name"]), ["id", "bread", "price", "sold_on"])


def find_table() -> None:
    equal(wr.catalog.does_table_exist(DATABASE, "orders"), True)
    equal(wr.catalog.does_table_exist(DATABASE, "nothing"), False)


def read_table_location() -> None:
    equal(wr.catalog.get_table_location(DATABASE, "orders"), ORDERS)


def list_tables() -> None:
    holds("orders" in set(wr.catalog.tables(database=DATABASE).Table))


def search_tables() -> None:
    holds("orders" in {table["Name"] for table in wr.catalog.search_tables("orders")})


def find_tables_by_prefix_and_suffix() -> None:
    equal(
        [table["Name"] for table in wr.catalog.get_tables(database=DATABASE, name_prefix="ord")], ["orders"]
    )
    equal(
        [table["Name"] for table in wr.catalog.get_tables(database=DATABASE, name_suffix="ders")], ["orders"]
    )


def append_to_dataset() -> None:
    wr.s3.to_parquet(orders(), f"{LAKE}/appended/", dataset=True, database=DATABASE, table="appended")
    wr.s3.to_parquet(
        orders(), f"{LAKE}/appended/", dataset=True, database=DATABASE, table="appended", mode="append"
    )
    equal(len(read("SELECT * FROM appended")), 8)


def overwrite_dataset() -> None:
    for _ in range(2):
        wr.s3.to_parquet(
            orders(), f"{LAKE}/over/", dataset=True, database=DATABASE, table="over", mode="overwrite"
        )
    equal(len(read("SELECT * FROM over")), 4)


def write_partitions() -> None:
    written = wr.s3.to_parquet(
        orders(), f"{LAKE}/days/", dataset=True, database=DATABASE, table="days", partition_cols=["sold_on"]
    )
    equal(len(written["partitions_values"]), 3)


def list_partitions() -> None:
    equal(len(wr.catalog.get_partitions(DATABASE, "days")), 3)
    equal(len(wr.catalog.get_parquet_partitions(DATABASE, "days")), 3)


def filter_partitions() -> None:
    parquet_partitions = wr.catalog.get_parquet_partitions(
        DATABASE, "days", expression="sold_on='2026-10-01'"
    )
    equal(list(parquet_partitions.values()), [["2026-10-01"]])


def overwrite_partitions() -> None:
    first = orders().head(2)
    wr.s3.to_parquet(
        first,
        f"{LAKE}/days/",
        dataset=True,
        database=DATABASE,
        table="days",
        partition_cols=["sold_on"],
        mode="overwrite_partitions",
    )
    equal(len(read("SELECT * FROM days")), 4)


def read_partitioned_rows() -> None:
    equal(len(read("SELECT id FROM days WHERE sold_on = DATE '2026-10-02'")), 1)


def add_partitions() -> None:
    wr.catalog.add_parquet_partitions(DATABASE, "days", {f"{LAKE}/days/sold_on=2026-11-01/": ["2026-11-01"]})
    equal(len(wr.catalog.get_partitions(DATABASE, "days")), 4)


def delete_partitions() -> None:
    wr.catalog.delete_partitions("days", DATABASE, [["2026-11-01"]])
    equal(len(wr.catalog.get_partitions(DATABASE, "days")), 3)


def delete_all_partitions() -> None:
    wr.s3.to_parquet(
        orders(), f"{LAKE}/gone/", dataset=True, database=DATABASE, table="gone", partition_cols=["sold_on"]
    )
    wr.catalog.delete_all_partitions("gone", DATABASE)
    equal(wr.catalog.get_partitions(DATABASE, "gone"), {})


def evolve_schema() -> None:
    path = f"{LAKE}/evolved/"
    wr.s3.to_parquet(orders(), path, dataset=True, database=DATABASE, table="evolved")
    more = orders().assign(baker="Ada")
    wr.s3.to_parquet(more, path, dataset=True, database=DATABASE, table="evolved", mode="append")
    holds("baker" in wr.catalog.get_table_types(DATABASE, "evolved"))


def write_csv_dataset() -> None:
    wr.s3.to_csv(
        orders()[["id", "bread"]],
        f"{LAKE}/csv/",
        dataset=True,
        database=DATABASE,
        table="in_csv",
        index=False,
    )
    equal(len(read("SELECT id, bread FROM in_csv")), 4)


def write_json_dataset() -> None:
    rows, options = orders()[["id", "bread"]], {"orient": "records", "lines": True}
    wr.s3.to_json(rows, f"{LAKE}/json/", dataset=True, database=DATABASE, table="in_json", **options)
    equal(sorted(read("SELECT id FROM in_json").id), [1, 2, 3, 4])


def write_orc_dataset() -> None:
    wr.s3.to_orc(orders(), f"{LAKE}/orc/", dataset=True, database=DATABASE, table="in_orc")
    equal(wr.catalog.get_table_types(DATABASE, "in_orc")["id"], "bigint")


def write_comments() -> None:
    wr.s3.to_parquet(
        orders(),
        f"{LAKE}/comments/",
        dataset=True,
        database=DATABASE,
        table="comments",
        glue_table_settings={"description": "What was sold", "columns_comments": {"id": "Order number"}},
    )
    equal(wr.catalog.get_table_description(DATABASE, "comments"), "What was sold")
    equal(wr.catalog.get_columns_comments(DATABASE, "comments")["id"], "Order number")


def write_parameters() -> None:
    wr.catalog.upsert_table_parameters({"owner": "bakery"}, DATABASE, "orders")
    equal(wr.catalog.get_table_parameters(DATABASE, "orders")["owner"], "bakery")


def overwrite_parameters() -> None:
    before = wr.catalog.get_table_parameters(DATABASE, "comments")
    wr.catalog.overwrite_table_parameters({**before, "stage": "raw"}, DATABASE, "comments")
    equal(wr.catalog.get_table_parameters(DATABASE, "comments")["stage"], "raw")


def add_and_delete_column() -> None:
    wr.catalog.add_column(DATABASE, "comments", "note", "string", "A note")
    holds("note" in wr.catalog.get_table_types(DATABASE, "comments"))
    wr.catalog.delete_column(DATABASE, "comments", "note")
    holds("note" not in wr.catalog.get_table_types(DATABASE, "comments"))


def read_table_versions() -> None:
    holds(wr.catalog.get_table_number_of_versions(DATABASE, "comments") >= 2)


def create_parquet_table() -> None:
    wr.catalog.create_parquet_table(
        DATABASE, "bare", f"{LAKE}/bare/", {"id": "int", "name": "string"}, partitions_types={"day": "date"}
    )
    equal(wr.catalog.get_table_types(DATABASE, "bare"), {"id": "int", "name": "string", "day": "date"})


def create_csv_table() -> None:
    wr.catalog.create_csv_table(DATABASE, "bare_csv", f"{LAKE}/bare-csv/", {"id": "int"})
    holds(wr.catalog.does_table_exist(DATABASE, "bare_csv"))


def create_json_table() -> None:
    wr.catalog.create_json_table(DATABASE, "bare_json", f"{LAKE}/bare-json/", {"id": "int"})
    holds(wr.catalog.does_table_exist(DATABASE, "bare_json"))


def store_parquet_metadata() -> None:
    wr.s3.to_parquet(orders(), f"{LAKE}/loose/", dataset=True, partition_cols=["sold_on"])
    wr.s3.store_parquet_metadata(f"{LAKE}/loose/", database=DATABASE, table="loose", dataset=True)
    equal(len(read("SELECT * FROM loose")), 4)


def delete_table() -> None:
    equal(wr.catalog.delete_table_if_exists(DATABASE, "gone"), True)
    equal(wr.catalog.delete_table_if_exists(DATABASE, "gone"), False)
