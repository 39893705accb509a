"""Views say their lineage by their text."""

import base64
import json
from datetime import datetime
from typing import Any

import pytest

from catalog.lineage.models import ColumnEdge, LineageJob, TableEdge
from catalog.lineage.view_lineage import decode_view, list_views_to_trace, trace_view
from catalog.mirror.models import Column, Table
from tests.bank import Bank
from tests.catalog.lineage.samples import NOON, NOW, place_table
from tests.database import as_role


def presto(sql: str, schema: str = "") -> str:
    said = {"originalSql": sql, "catalog": "awsdatacatalog", "schema": schema, "columns": []}
    return f"/* Presto View: {base64.b64encode(json.dumps(said).encode()).decode()} */"


def make_view(bank: Bank, text: str, *columns: str, name: str = "open_claims") -> Table:
    view = place_table(bank.claims.database, name, view={"text": text})
    for position, column in enumerate(columns, start=1):
        Column.objects.create(table=view, position=position, name=column, type="string")
    return view


def trace(view: Table, now: datetime) -> LineageJob | None:
    """As a worker does."""
    with as_role("meshmarket_worker"):
        return trace_view(view.pk, now)


def edges() -> list[Any]:
    return sorted(ColumnEdge.objects.values_list("source__table__name", "source_column", "target_column"))


@pytest.mark.parametrize("quote", [presto, str])
def test_a_view_of_athena_or_spark_is_read(bank: Bank, quote: Any) -> None:
    first, second = list(bank.claims.columns.values_list("name", flat=True))[:2]
    sql = f"WITH c AS (SELECT * FROM {bank.claims.database.name}.claims) SELECT {first} AS a, upper({second}) AS b FROM c"
    view = make_view(bank, quote(sql), "a", "b")
    assert list(list_views_to_trace()) == [view]
    trace(view, NOW)
    assert edges() == sorted([("claims", first, "a"), ("claims", second, "b")])
    assert not list_views_to_trace().exists()


def test_a_changed_view_replaces_what_it_said(bank: Bank) -> None:
    first = bank.claims.columns.values_list("name", flat=True)[0]
    view = make_view(bank, f"SELECT {first} AS a FROM claims", "a")
    trace(view, NOON)
    Table.objects.filter(pk=view.pk).update(view={"text": "SELECT 1 AS a"}, digest="other")
    trace(view, NOW)
    assert (edges(), TableEdge.objects.count(), LineageJob.objects.count()) == ([], 0, 1)


@pytest.mark.parametrize(
    "text",
    [
        "/* Presto View */",
        "/* Presto View: !!! */",
        "DROP TABLE x",
        "SELECT " + "(" * 5000,
        "SELECT * FROM",
        "\ufffd" * 50,
    ],
)
def test_a_text_that_cannot_be_read_is_said_to_be_so(bank: Bank, text: str) -> None:
    job = trace(make_view(bank, text), NOW)
    assert job
    assert job.view_problem == "unreadable"


def test_hostile_encodings_are_no_views() -> None:
    for body in ("[]", "7", '{"originalSql": 7}', "[" * 50_000):
        assert decode_view(f"/* Presto View: {base64.b64encode(body.encode()).decode()} */") is None
