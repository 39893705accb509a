"""Filters become conditions with parameters, and never SQL of the caller's."""

from typing import Any

import pytest

from kernel.errors import RefusedError
from requests_app.data_queries.filters import Condition, build_conditions
from requests_app.data_queries.sql import build_profile, build_select
from requests_app.data_queries.values import ValueKind, convert_text

TYPES = {
    "name": "string", "age": "int", "paid": "decimal(10,2)", "rate": "double", "open": "boolean",
    "born": "date", "seen": "timestamp", "tags": "array<string>", 'we"ird': "varchar(20)",
}  # fmt: skip


def build(column: str, op: str, value: Any = None) -> Condition:
    (found,) = build_conditions([{"column": column, "op": op, "value": value}], TYPES)
    return found


@pytest.mark.parametrize(
    ("column", "op", "value", "sql", "parameters"),
    [
        ("name", "=", "O'Hara; DROP TABLE x --", '"name" = ?', ("'O''Hara; DROP TABLE x --'",)),
        ("name", "!=", "?", '"name" <> ?', ("'?'",)),
        ("age", ">=", 18, '"age" >= ?', ("18",)),
        ("age", "in", [1, "2"], '"age" IN (?, ?)', ("1", "2")),
        ("paid", "<", "12.50", '"paid" < ?', ("DECIMAL '12.50'",)),
        ("rate", ">", 0.5, '"rate" > ?', ("5.0000000000000000E-1",)),
        ("open", "=", True, '"open" = ?', ("true",)),
        ("born", "between", ["2026-01-01", "2026-12-31"], '"born" BETWEEN ? AND ?', ("DATE '2026-01-01'", "DATE '2026-12-31'")),
        ("seen", "<=", "2026-01-01T12:00:00+02:00", '"seen" <= ?', ("TIMESTAMP '2026-01-01 10:00:00.000'",)),
        ("tags", "not_null", None, '"tags" IS NOT NULL', ()),
        ('we"ird', "is_null", None, '"we""ird" IS NULL', ()),
    ],
)  # fmt: skip
def test_a_value_becomes_a_parameter_of_its_columns_type(
    column: str, op: str, value: Any, sql: str, parameters: tuple[str, ...]
) -> None:
    assert build(column, op, value) == Condition(sql, parameters)


@pytest.mark.parametrize(
    ("column", "op", "value", "place"),
    [
        ("iban", "=", "x", "filters.0.column"),
        ('name" OR 1=1 --', "=", "x", "filters.0.column"),
        ("name", "like", "x", "filters.0.op"),
        ("name", "= 1 OR", "x", "filters.0.op"),
        ("open", "<", True, "filters.0.op"),
        ("tags", "=", "x", "filters.0.op"),
        ("name", "=", 1, "filters.0.value"),
        ("name", "=", "x" * 1001, "filters.0.value"),
        ("name", "is_null", "x", "filters.0.value"),
        ("age", "=", True, "filters.0.value"),
        ("age", "=", "1 OR 1=1", "filters.0.value"),
        ("age", "in", [], "filters.0.value"),
        ("age", "in", list(range(101)), "filters.0.value"),
        ("age", "between", [1], "filters.0.value"),
        ("paid", "=", "NaN", "filters.0.value"),
        ("rate", "=", "1e999999", "filters.0.value"),
        ("open", "=", "true", "filters.0.value"),
        ("born", "=", "yesterday", "filters.0.value"),
        ("seen", "=", None, "filters.0.value"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_place(column: str, op: str, value: Any, place: str) -> None:
    with pytest.raises(RefusedError) as error:
        build(column, op, value)
    assert error.value.field == place


def test_names_are_quoted() -> None:
    sql = build_select(["a", 'b"c'], database="d", table='t"; --', conditions=['"a" = ?'], limit=5)
    assert sql == 'SELECT "a", "b""c" FROM "d"."t""; --" WHERE "a" = ? LIMIT 5'


def test_a_profile_takes_the_range_of_those_columns_alone_that_have_one() -> None:
    sql = build_profile(["a", "b"], [True, False], database="d", table="t", limit=9)
    assert 'CAST(min("a") AS varchar)' in sql
    assert 'min("b")' not in sql
    assert sql.endswith('FROM (SELECT "a", "b" FROM "d"."t" LIMIT 9)')


def test_texts_of_athena_become_values_of_json() -> None:
    assert convert_text(ValueKind.WHOLE, "12") == 12
    assert convert_text(ValueKind.FLOAT, "1.5") == 1.5
    assert convert_text(ValueKind.BOOLEAN, "true") is True
    assert convert_text(ValueKind.DECIMAL, "1.50") == "1.50"
    assert convert_text(ValueKind.WHOLE, None) is None
