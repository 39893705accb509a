"""Values as Athena prints them, and types as it names them."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from mocklake.athena.duckdb_values import athena_type, write_value
from mocklake.athena.executions import build_column_info


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "INTEGER", None),
        (False, "BOOLEAN", "false"),
        (0.0, "DOUBLE", "0.0"),
        (100.0, "DOUBLE", "100.0"),
        (9_999_999.0, "DOUBLE", "9999999.0"),
        (1e7, "DOUBLE", "1.0E7"),
        (-1.25e-4, "DOUBLE", "-1.25E-4"),
        (float("nan"), "DOUBLE", "NaN"),
        (float("-inf"), "DOUBLE", "-Infinity"),
        (0.10000000149011612, "FLOAT", "0.1"),
        (Decimal("1E+3"), "DECIMAL(10,0)", "1000"),
        (datetime.fromisoformat("2020-01-02T03:04:05.678900"), "TIMESTAMP", "2020-01-02 03:04:05.678"),
        (time(1, 2, 3), "TIME", "01:02:03.000"),
        (timedelta(days=2, hours=3), "INTERVAL", "2 03:00:00.000"),
        (b"\x00\xff", "BLOB", "00 ff"),
        ([1, None, [2.0]], "INTEGER[]", "[1, null, [2.0]]"),
        ({"a": None, "b": True}, "STRUCT(a INTEGER, b BOOLEAN)", "{a=null, b=true}"),
        ({"_0": 1, "_1": "x"}, 'STRUCT("_0" INTEGER, "_1" VARCHAR)', "{field0=1, field1=x}"),
    ],
)
def test_values_are_texts(value: Any, kind: str, text: str | None) -> None:
    assert write_value(value, kind) == text


@pytest.mark.parametrize(
    ("duckdb_type", "name", "precision", "scale"),
    [
        ("HUGEINT", "bigint", 19, 0),
        ("DECIMAL(18,3)", "decimal(18,3)", 18, 3),
        ("TIMESTAMP WITH TIME ZONE", "timestamp with time zone", 3, 0),
        ("INTEGER[][]", "array(array(integer))", 0, 0),
        (
            "MAP(VARCHAR, STRUCT(a INTEGER, b DECIMAL(9,2)))",
            "map(varchar, row(a integer, b decimal(9,2)))",
            0,
            0,
        ),
        ('STRUCT("a b" DOUBLE)', "row(a b double)", 0, 0),
        ("VARCHAR", "varchar", 2_147_483_647, 0),
    ],
)
def test_types_have_athenas_names(duckdb_type: str, name: str, precision: int, scale: int) -> None:
    assert athena_type(duckdb_type) == name
    told = build_column_info("c", name)
    assert (told["Precision"], told["Scale"]) == (precision, scale)
    assert told["Type"] == name.partition("(")[0]
