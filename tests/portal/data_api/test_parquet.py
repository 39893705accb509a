"""Rows as Parquet: typed as the catalog says, and nothing lost where a value is none of its type."""

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pyarrow.parquet
import pytest

from portal.data_api.api.queries import MEDIA_TYPE, build_parquet
from requests_app.data_queries.models import DataQuery
from tests.bank import Bank
from tests.data_queries import finish_query, grant_columns
from tests.portal.conftest import make_client
from tests.portal.data_api.test_queries_api import post


def read_column(column_type: str, *texts: str | None) -> tuple[str, list[Any]]:
    """The type of the column in the file, and its values."""
    file = build_parquet(["c"], {"c": column_type}, [[text] for text in texts])
    column = pyarrow.parquet.read_table(BytesIO(file)).column("c")
    return str(column.type), column.to_pylist()


@pytest.mark.parametrize(
    ("column_type", "text", "arrow_type", "value"),
    [
        ("bigint", "9223372036854775807", "int64", 9223372036854775807),
        ("tinyint", "-5", "int8", -5),
        ("double", "1.5E3", "double", 1500.0),
        ("float", "-Infinity", "float", float("-inf")),
        ("boolean", "true", "bool", True),
        ("decimal(10,2)", "12345678.90", "decimal128(10, 2)", Decimal("12345678.90")),
        ("decimal(38,0)", "9" * 38, "decimal128(38, 0)", Decimal("9" * 38)),
        ("date", "2026-02-28", "date32[day]", date(2026, 2, 28)),
        (
            "timestamp",
            "2026-02-28 23:59:59.123",
            "timestamp[ms]",
            datetime.fromisoformat("2026-02-28T23:59:59.123"),
        ),
        ("string", "Ä\n\x1f=1", "string", "Ä\n\x1f=1"),
        ("array<int>", "[1, 2]", "string", "[1, 2]"),
        ("decimal(99,2)", "1", "string", "1"),
    ],
)
def test_a_value_has_the_type_of_its_column(column_type: str, text: str, arrow_type: str, value: Any) -> None:
    assert read_column(column_type, text, None) == (arrow_type, [value, None])


@pytest.mark.parametrize(
    ("column_type", "text"), [("int", "2147483648"), ("date", "+12026-01-01"), ("bigint", "1.5")]
)
def test_a_column_with_a_value_of_another_type_stays_text(column_type: str, text: str) -> None:
    assert read_column(column_type, "1", text) == ("string", ["1", text])


def test_no_rows_are_a_file_with_its_columns() -> None:
    assert read_column("int") == ("int32", [])


def test_a_query_is_read_as_parquet(bank: Bank) -> None:
    bank.claims.columns.filter(name="amount").update(type="int")
    grant_columns(bank, "claim_id", "amount")
    ana = make_client(bank.ana)
    address = post(ana, bank, columns=["claim_id", "amount"])["Location"]
    finish_query(DataQuery.objects.get(), [["C-1", "5"], ["C-2", None]])
    for found in (
        ana.get(f"{address}/results?format=parquet"),
        ana.get(f"{address}/results", headers={"Accept": MEDIA_TYPE}),
    ):
        assert found["Content-Type"] == MEDIA_TYPE
        rows = pyarrow.parquet.read_table(BytesIO(found.content)).to_pylist()
        assert rows == [{"claim_id": "C-1", "amount": 5}, {"claim_id": "C-2", "amount": None}]
