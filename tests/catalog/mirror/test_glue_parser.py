"""Answers of Glue become values that can be stored and compared, whatever stands in them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from catalog.mirror.glue_parser import (
    build_database_snapshot,
    build_table_snapshot,
    is_resource_link,
    parse_tags,
)
from catalog.mirror.snapshot import TableTags

CREATED = datetime(2026, 1, 5, 9, 0, tzinfo=timezone(timedelta(hours=1)))


def build_answer(**changes: Any) -> dict[str, Any]:
    """One entry of GetTables' TableList."""
    return {
        "Name": "claims",
        "DatabaseName": "insurance_gold",
        "Description": "Every claim",
        "CreateTime": CREATED,
        "StorageDescriptor": {
            "Columns": [{"Name": "claim_id", "Type": "string", "Comment": "Claim number"}],
            "Location": "s3://gold/claims/",
            "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        },
        "PartitionKeys": [{"Name": "month", "Type": "date"}],
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {},
        "VersionId": "3",
    } | changes


def test_identity_is_the_creation_time_in_utc() -> None:
    assert (
        build_table_snapshot(build_answer(), database_tags={}).glue_created_at == "2026-01-05T08:00:00+00:00"
    )


def test_partition_keys_are_columns_after_the_others() -> None:
    columns = build_table_snapshot(build_answer(), database_tags={}).columns

    assert [(c.position, c.name, c.is_partition_key) for c in columns] == [
        (1, "claim_id", False),
        (2, "month", True),
    ]


def test_a_partition_key_that_is_listed_as_a_column_too_stands_once() -> None:
    twice = {"Columns": [{"Name": "month", "Type": "date"}, {"Name": "claim_id", "Type": "string"}]}

    columns = build_table_snapshot(build_answer(StorageDescriptor=twice), database_tags={}).columns

    assert [(c.name, c.is_partition_key) for c in columns] == [("month", True), ("claim_id", False)]


def test_a_partition_key_that_is_listed_as_a_column_too_has_the_type_of_the_key() -> None:
    twice = {"Columns": [{"Name": "Month", "Type": "string"}, {"Name": "claim_id", "Type": "string"}]}

    columns = build_table_snapshot(build_answer(StorageDescriptor=twice), database_tags={}).columns

    assert [(c.position, c.name, c.type, c.is_partition_key) for c in columns] == [
        (1, "month", "date", True),
        (2, "claim_id", "string", False),
    ]


def build_iceberg_column(name: str, type_: str, *, is_current: bool) -> dict[str, Any]:
    return {"Name": name, "Type": type_, "Parameters": {"iceberg.field.current": str(is_current).lower()}}


def test_columns_that_an_iceberg_table_has_lost_are_no_columns() -> None:
    listed = [
        build_iceberg_column("claim_id", "string", is_current=False),
        build_iceberg_column("claim_id", "bigint", is_current=True),
        build_iceberg_column("salary", "double", is_current=False),
        {"Name": "city", "Type": "string", "Parameters": {"iceberg.field.id": "4"}},
    ]
    tags = TableTags({}, {"salary": {"confidentiality": "sensitive"}})
    answer = build_answer(StorageDescriptor={"Columns": listed}, PartitionKeys=[])

    for table in (
        build_table_snapshot(answer, database_tags={}),
        build_table_snapshot(answer, database_tags={}, tags=tags),
    ):
        assert [(c.position, c.name, c.type) for c in table.columns] == [
            (1, "claim_id", "bigint"),
            (2, "city", "string"),
        ]
        assert table.classes == []


def test_tags_come_down_until_something_nearer_says_otherwise() -> None:
    tags = TableTags({"confidentiality": "private"}, {"claim_id": {"confidentiality": "sensitive"}})

    table = build_table_snapshot(
        build_answer(), database_tags={"confidentiality": "public", "tier": "gold"}, tags=tags
    )

    assert table.tags == {"confidentiality": "private", "tier": "gold"}
    assert table.classification == "private"
    assert [c.classification for c in table.columns] == ["sensitive", "private"]
    assert table.classes == ["private", "sensitive"]
    assert table.columns[0].tags == {"confidentiality": "sensitive", "tier": "gold"}


def test_a_confidentiality_that_we_do_not_know_is_no_classification() -> None:
    table = build_table_snapshot(build_answer(), database_tags={"confidentiality": "secret"})

    assert (table.classification, table.classes) == ("", [])


def test_the_same_answer_has_the_same_digest_and_any_change_another() -> None:
    once = build_table_snapshot(build_answer(), database_tags={"tier": "gold"})

    assert once.digest == build_table_snapshot(build_answer(), database_tags={"tier": "gold"}).digest
    for other in (
        build_table_snapshot(build_answer(Description="Other"), database_tags={"tier": "gold"}),
        build_table_snapshot(build_answer(PartitionKeys=[]), database_tags={"tier": "gold"}),
        build_table_snapshot(build_answer(), database_tags={"tier": "silver"}),
    ):
        assert other.digest != once.digest


def test_text_that_no_database_takes_is_replaced() -> None:
    hostile = build_answer(Description="a\x00b\ud800c", Parameters={"k\x00": "v\udfff"})

    table = build_table_snapshot(hostile, database_tags={})

    assert table.description == "a\ufffdb\ufffdc"
    assert table.parameters == {"k\ufffd": "v\ufffd"}
    assert len(table.digest) == 64


def test_missing_parts_of_an_answer_are_empty() -> None:
    table = build_table_snapshot({"Name": "bare"}, database_tags={})

    assert (table.columns, table.location, table.glue_created_at, table.data_format) == ((), "", "", "")
    assert (
        build_database_snapshot({"Name": "bare", "CreateTime": datetime(2026, 1, 1, tzinfo=UTC)}, {}).tags
        == {}
    )


def test_the_format_is_read_from_parameters_or_the_reader() -> None:
    assert build_table_snapshot(build_answer(), database_tags={}).data_format == "parquet"
    iceberg = build_answer(Parameters={"table_type": "ICEBERG"})
    assert build_table_snapshot(iceberg, database_tags={}).data_format == "iceberg"


def test_links_are_told_from_tables() -> None:
    assert is_resource_link(build_answer(TargetTable={"Name": "claims"}))
    assert is_resource_link({"Name": "link", "TargetDatabase": {"DatabaseName": "insurance_gold"}})
    assert not is_resource_link(build_answer())


def test_tags_are_folded_as_lake_formation_folds_them() -> None:
    assert parse_tags([{"TagKey": "Tier", "TagValues": ["GOLD"]}]) == {"tier": "gold"}
    assert parse_tags(None) == {}


def test_the_default_row_level_security_policy_is_read() -> None:
    named = build_answer(RLSProperties={"DefaultRLSPolicy": "eu"})
    assert build_table_snapshot(named, database_tags={}).default_row_policy == "eu"
    assert build_table_snapshot(build_answer(), database_tags={}).default_row_policy == ""
