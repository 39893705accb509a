"""Views: Athena runs them as definer or as asker, and the oracle says the same of every column."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from mocklake import scenarios
from mocklake.testing.athena_query import ask
from mocklake.testing.in_process import InProcess

CENTRAL = "111111111111"
ANALYST, ENGINEER = (f"arn:aws:iam::{CENTRAL}:role/{name}" for name in ("analyst", "engineer"))
SEED = str(Path(scenarios.__file__).parent / "seeds" / "pair.yaml")
ORDERS = f"arn:aws:glue:eu-central-1:{CENTRAL}:table/sales/orders"


@pytest.fixture
def aws() -> InProcess:
    return InProcess(SEED)


def _grant(aws: InProcess, who: str, resource: dict[str, Any], *verbs: str, option: bool = False) -> None:
    given = {"Permissions": list(verbs)} | ({"PermissionsWithGrantOption": list(verbs)} if option else {})
    lake = aws.client("lakeformation", CENTRAL, "admin")
    lake.grant_permissions(Principal={"DataLakePrincipalIdentifier": who}, Resource=resource, **given)


def _table(name: str) -> dict[str, Any]:
    return {"Table": {"DatabaseName": "sales", "Name": name}}


def _columns(*names: str) -> dict[str, Any]:
    return {"TableWithColumns": {"DatabaseName": "sales", "Name": "orders", "ColumnNames": list(names)}}


def _define(aws: InProcess, sql: str, *columns: str, name: str = "v") -> None:
    """A Data Catalog view by the engineer, which may pass on all of orders, and SELECT on it for the analyst."""
    _grant(aws, ENGINEER, {"Database": {"Name": "sales"}}, "CREATE_TABLE")
    _grant(aws, ENGINEER, _table("orders"), "SELECT", option=True)
    representation = {"Dialect": "ATHENA", "DialectVersion": "3", "ViewOriginalText": sql}
    body = _body(name, columns) | {
        "ViewDefinition": {"SubObjects": [ORDERS], "Representations": [representation]}
    }
    aws.client("glue", CENTRAL, "engineer").create_table(DatabaseName="sales", TableInput=body)
    _grant(aws, ANALYST, _table(name), "SELECT")


def _body(name: str, columns: tuple[str, ...]) -> dict[str, Any]:
    return {
        "Name": name,
        "StorageDescriptor": {"Columns": [{"Name": one, "Type": "string"} for one in columns]},
    }


def _athena_view(aws: InProcess, sql: str, *columns: str, name: str = "plain", **kept: Any) -> None:
    text = json.dumps({"originalSql": sql, "catalog": "awsdatacatalog", "schema": "sales"} | kept)
    marked = f"/* Presto View: {b64encode(text.encode()).decode()} */"
    body = _body(name, columns) | {"TableType": "VIRTUAL_VIEW", "ViewOriginalText": marked}
    aws.client("glue", CENTRAL).create_table(DatabaseName="sales", TableInput=body)
    _grant(aws, ANALYST, _table(name), "SELECT")


def _ask(aws: InProcess, sql: str) -> Any:
    return ask(aws.client("athena", CENTRAL, "analyst"), sql, "sales")


def _oracle(aws: InProcess, table: str, column: str) -> bool:
    asked = f"principal={ANALYST}&catalog={CENTRAL}&region=eu-central-1&database=sales&table={table}&column={column}"
    return bool(aws.control(f"oracle?{asked}")["allowed"])


def test_a_definers_view_opens_what_its_reader_has_not(aws: InProcess) -> None:
    _define(aws, "SELECT country, count(*) AS orders FROM orders GROUP BY country", "country", "orders")
    assert _ask(aws, "SELECT * FROM v ORDER BY country").rows[1:] == [["DE", "2"], ["FR", "1"]]
    assert _ask(aws, "SELECT id FROM orders").state == "FAILED"
    assert _oracle(aws, "v", "orders")
    assert not _oracle(aws, "orders", "country")


def test_a_view_is_cut_to_the_granted_columns_of_the_view(aws: InProcess) -> None:
    _define(aws, "SELECT country, customer FROM orders", "country", "customer", name="wide")
    lake = aws.client("lakeformation", CENTRAL, "admin")
    who = {"DataLakePrincipalIdentifier": ANALYST}
    lake.revoke_permissions(Principal=who, Resource=_table("wide"), Permissions=["SELECT"])
    some = {"TableWithColumns": {"DatabaseName": "sales", "Name": "wide", "ColumnNames": ["country"]}}
    _grant(aws, ANALYST, some, "SELECT")
    assert _ask(aws, "SELECT * FROM wide LIMIT 1").rows[0] == ["country"]
    assert [_oracle(aws, "wide", name) for name in ("country", "customer")] == [True, False]


def test_a_view_over_a_view_reads_each_as_its_own_definer(aws: InProcess) -> None:
    _define(aws, "SELECT id, country FROM orders", "id", "country", name="inner_view")
    _athena_view(aws, "SELECT id FROM inner_view WHERE country = 'FR'", "id")
    assert _ask(aws, "SELECT * FROM plain").rows[1:] == [["2"]]
    assert _oracle(aws, "plain", "id")


def test_an_athena_view_asks_for_the_columns_that_it_reads(aws: InProcess) -> None:
    _athena_view(aws, "SELECT id, price FROM sales.orders", "id", "price")
    _grant(aws, ANALYST, _columns("id"), "SELECT")
    assert "price" in _ask(aws, "SELECT id FROM plain").reason
    assert not _oracle(aws, "plain", "id")
    _grant(aws, ANALYST, _columns("price"), "SELECT")
    assert len(_ask(aws, "SELECT id FROM plain").rows) == 4
    assert _oracle(aws, "plain", "id")


def test_a_view_that_lost_a_column_is_stale(aws: InProcess) -> None:
    _athena_view(aws, "SELECT * FROM orders", "id", "country", "customer", "price")
    _grant(aws, ANALYST, _columns("id", "country"), "SELECT")
    assert _ask(aws, "SELECT id FROM plain").reason.startswith("VIEW_IS_STALE")
    assert not _oracle(aws, "plain", "id")


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT * FROM read_csv('/etc/passwd')", "NOT_SUPPORTED"),
        ("SELECT id FROM nowhere", "TABLE_NOT_FOUND"),
        ("DROP TABLE orders", "INVALID_VIEW"),
        ("SELECT id FROM plain", "VIEW_IS_RECURSIVE"),
    ],
)
def test_what_a_view_may_not_read_ends_the_query(aws: InProcess, sql: str, reason: str) -> None:
    _athena_view(aws, sql, "id")
    assert _ask(aws, "SELECT id FROM plain").reason.startswith(reason)


def test_a_view_of_itself_is_never_readable(aws: InProcess) -> None:
    _athena_view(aws, "SELECT id FROM plain", "id")
    assert not _oracle(aws, "plain", "id")


def test_a_view_without_a_text_for_athena_is_refused(aws: InProcess) -> None:
    body = _body("odd", ("id",)) | {"TableType": "VIRTUAL_VIEW", "ViewOriginalText": "select 1"}
    aws.client("glue", CENTRAL).create_table(DatabaseName="sales", TableInput=body)
    _grant(aws, ANALYST, _table("odd"), "SELECT")
    assert _ask(aws, "SELECT id FROM odd").reason.startswith("INVALID_VIEW")
