"""Tables whose columns only Spark knows show them as Hive would write them, or say that they are unknown."""

import json
from typing import Any

import pytest

from catalog.mirror.columns import list_nested_fields
from catalog.mirror.glue_parser import build_table_snapshot
from catalog.mirror.snapshot import NO_SCHEMA, SPARK_SCHEMA, TableSnapshot

PLACEHOLDER = [{"Name": "col", "Type": "array<string>", "Comment": "from deserializer"}]


def build_field(name: str, type_: Any, **metadata: str) -> dict[str, Any]:
    return {"name": name, "type": type_, "nullable": True, "metadata": metadata}


def build_schema(*fields: dict[str, Any]) -> str:
    return json.dumps({"type": "struct", "fields": fields})


def parse(
    parameters: dict[str, str], columns: list[dict[str, str]] | None = None, *keys: dict[str, str]
) -> TableSnapshot:
    answer = {
        "Name": "claims",
        "Parameters": {"spark.sql.sources.provider": "delta", **parameters},
        "StorageDescriptor": {"Columns": PLACEHOLDER if columns is None else columns},
        "PartitionKeys": list(keys),
    }
    return build_table_snapshot(answer, database_tags={"confidentiality": "private"})


def read_type(type_: Any, **metadata: str) -> str:
    schema = build_schema(build_field("one", type_, **metadata))
    (column,) = parse({"spark.sql.sources.schema": schema}).columns
    return column.type


def test_a_placeholder_gives_way_to_the_columns_of_spark() -> None:
    schema = build_schema(build_field("Id", "long", comment="Claim number"), build_field("day", "date"))
    whole = {"spark.sql.sources.schema": schema}
    half = len(schema) // 2
    parts = {
        "spark.sql.sources.schema.numParts": "2",
        "spark.sql.sources.schema.part.0": schema[:half],
        "spark.sql.sources.schema.part.1": schema[half:],
    }

    for table in (parse(whole), parse(parts), parse(whole, [])):
        assert [(c.position, c.name, c.type, c.comment, c.classification) for c in table.columns] == [
            (1, "id", "bigint", "Claim number", "private"),
            (2, "day", "date", "", "private"),
        ]
        assert table.flags == (SPARK_SCHEMA,)


def test_columns_by_which_spark_partitions_are_keys() -> None:
    schema = build_schema(build_field("id", "long"), build_field("Day", "string"))
    parameters = {"spark.sql.sources.schema": schema}
    by_parameter = {**parameters, "spark.sql.sources.schema.partCol.0": "Day"}

    (_, said) = parse(by_parameter).columns
    (_, keyed) = parse(parameters, None, {"Name": "day", "Type": "date"}).columns

    assert (said.name, said.type, said.is_partition_key) == ("day", "string", True)
    assert (keyed.name, keyed.type, keyed.is_partition_key) == ("day", "date", True)


@pytest.mark.parametrize(
    ("type_", "hive"),
    [
        ("byte", "tinyint"), ("short", "smallint"), ("integer", "int"), ("long", "bigint"), ("float", "float"),
        ("double", "double"), ("boolean", "boolean"), ("string", "string"), ("binary", "binary"), ("date", "date"),
        ("timestamp", "timestamp"), ("timestamp_ntz", "timestamp"), ("decimal(10,2)", "decimal(10,2)"),
        ({"type": "array", "elementType": "integer", "containsNull": True}, "array<int>"),
        (
            {"type": "map", "keyType": "string", "valueType": {"type": "array", "elementType": "long"}},
            "map<string,array<bigint>>",
        ),
        ({"type": "udt", "class": "org.example.Point", "sqlType": "double"}, "double"),
    ],
)  # fmt: skip
def test_types_of_spark_are_written_in_hive_syntax(type_: Any, hive: str) -> None:
    assert read_type(type_) == hive


def test_nested_fields_are_found_as_in_other_tables() -> None:
    owner = {"type": "struct", "fields": [build_field("name", "string"), build_field("born on", "date")]}
    account = {"type": "struct", "fields": [build_field("iban", "string"), build_field("owner", owner)]}

    found = read_type({"type": "array", "elementType": account})

    assert found == "array<struct<iban:string,owner:struct<name:string,`born on`:date>>>"
    assert list_nested_fields(found)[:3] == ["iban", "owner", "name"]


def test_a_varchar_keeps_its_length() -> None:
    assert read_type("string", __CHAR_VARCHAR_TYPE_STRING="varchar(10)") == "varchar(10)"


def nest(depth: int) -> str:
    return build_schema(
        build_field("a", json.loads('{"type":"array","elementType":' * depth + '"long"' + "}" * depth))
    )


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"spark.sql.sources.schema": build_schema()},
        {"spark.sql.sources.schema": "{"},
        {"spark.sql.sources.schema": "[]"},
        {"spark.sql.sources.schema": build_schema({"name": "a"})},
        {"spark.sql.sources.schema": build_schema({"type": "long"})},
        {"spark.sql.sources.schema": build_schema(build_field("a", {"type": "unheard"}))},
        {"spark.sql.sources.schema": nest(200)},
        {"spark.sql.sources.schema.numParts": "2", "spark.sql.sources.schema.part.0": build_schema()},
        {"spark.sql.sources.schema.numParts": "many"},
        {"spark.sql.sources.schema.numParts": "9" * 5000},
    ],
)
def test_a_table_without_a_readable_schema_has_no_columns_and_says_so(parameters: dict[str, str]) -> None:
    table = parse(parameters)

    assert table.columns == ()
    assert NO_SCHEMA in table.flags


def test_columns_that_glue_knows_stay() -> None:
    schema = {"spark.sql.sources.schema": build_schema(build_field("Other", "long"))}
    known = [{"Name": "id", "Type": "bigint"}]
    listed = {"Name": "tags", "StorageDescriptor": {"Columns": PLACEHOLDER}}

    assert [c.name for c in parse(schema, known).columns] == ["id"]
    assert [c.name for c in build_table_snapshot(listed, database_tags={}).columns] == ["col"]
