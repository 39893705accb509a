"""No form of SQL reads more than the caller was granted, and no reason tells of the rest."""

from collections.abc import Iterator
from typing import Any

import pytest

from mocklake.testing.athena_query import Answer, ask
from mocklake.testing.in_process import InProcess
from mocklake.tests.events.queues import CENTRAL, PAIR

NOT_THERE = "cannot be resolved or requester is not authorized"


@pytest.fixture(scope="module")
def analyst() -> Iterator[Any]:
    """Holds SELECT on `id` of the orders and nothing on the customers."""
    with InProcess(PAIR) as aws:
        lake = aws.client("lakeformation", CENTRAL, "admin")
        columns = {"DatabaseName": "sales", "Name": "orders", "ColumnNames": ["id"]}
        lake.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::{CENTRAL}:role/analyst"},
            Resource={"TableWithColumns": columns},
            Permissions=["SELECT"],
        )
        yield aws.client("athena", CENTRAL, "analyst")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT customer FROM orders",
        'SELECT "customer" FROM "awsdatacatalog"."sales"."orders"',
        "SELECT o.customer FROM orders o",
        "SELECT id FROM orders WHERE customer = 'Ada'",
        "SELECT id FROM orders ORDER BY customer",
        "SELECT count(*) FROM orders GROUP BY customer",
        "SELECT (SELECT max(customer) FROM orders)",
        "SELECT id FROM orders WHERE EXISTS (SELECT 1 FROM orders WHERE customer LIKE 'A%')",
        "WITH orders AS (SELECT * FROM sales.orders) SELECT customer FROM orders",
        "SELECT max(customer) OVER () FROM orders",
        "SELECT x FROM orders CROSS JOIN UNNEST(ARRAY[customer]) AS u(x)",
        "SELECT transform(ARRAY[1], n -> customer) FROM orders",
        "SELECT try(customer) FROM orders",
        "SELECT id FROM orders TABLESAMPLE BERNOULLI (100) WHERE customer IS NOT NULL",
        "SELECT id, \"$path\" FROM orders WHERE customer = 'Ada'",
        "EXPLAIN SELECT customer FROM orders",
    ],
)
def test_a_column_that_was_not_granted_is_reached_by_no_form(analyst: Any, sql: str) -> None:
    answer = ask(analyst, sql, "sales")
    assert (answer.state, NOT_THERE in answer.reason) == ("FAILED", True), answer


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM customers",
        "SELECT 1 FROM orders WHERE id IN (SELECT 1 FROM customers)",
        "WITH c AS (SELECT * FROM customers) SELECT * FROM c",
        "WITH customers AS (SELECT * FROM sales.customers) SELECT * FROM customers",
        "SELECT id FROM orders UNION ALL SELECT 1 FROM customers",
        "SELECT id FROM orders LEFT JOIN customers ON true",
        "SELECT (SELECT count(*) FROM customers)",
        'SELECT "$path" FROM customers',
        "EXPLAIN SELECT * FROM customers",
        "EXPLAIN ANALYZE SELECT * FROM customers",
        "TABLE customers",
    ],
)
def test_a_table_that_was_not_granted_is_reached_by_no_form(analyst: Any, sql: str) -> None:
    answer = ask(analyst, sql, "sales")
    assert (answer.state, answer.reason[:26]) == ("FAILED", "Insufficient Lake Formatio"), answer


def test_a_common_table_expression_hides_a_table_of_its_name(analyst: Any) -> None:
    answer = ask(analyst, "WITH customers AS (SELECT id FROM orders) SELECT count(*) FROM customers", "sales")
    assert answer.state == "SUCCEEDED", answer


def test_a_prepared_statement_gives_its_reader_no_rights(analyst: Any) -> None:
    assert ask(analyst, "PREPARE hidden FROM SELECT customer FROM sales.orders").state == "SUCCEEDED"
    assert NOT_THERE in ask(analyst, "EXECUTE hidden").reason
    assert ask(analyst, "PREPARE whole FROM SELECT * FROM sales.customers WHERE 1 = ?").state == "SUCCEEDED"
    assert ask(analyst, "EXECUTE whole USING 1").reason.startswith("Insufficient Lake Formation")


@pytest.mark.parametrize(
    "value", ["customer", "(SELECT max(customer) FROM orders)", "1 OR true", "1) FROM orders --"]
)
def test_a_parameter_is_a_value_and_no_sql(analyst: Any, value: str) -> None:
    asked = {"QueryString": "SELECT id FROM orders WHERE id = ?", "ExecutionParameters": [value]}
    answer = _started(analyst, asked)
    assert (answer.state, answer.reason.partition(":")[0]) == ("FAILED", "INVALID_PARAMETER_USAGE")


def test_a_reason_names_no_column_that_was_not_granted(analyst: Any) -> None:
    for sql in (
        "SELECT custome FROM orders",
        "SELECT o.custome FROM orders o",
        "SELECT substr(id) FROM orders",
    ):
        assert "customer" not in ask(analyst, sql, "sales").reason


def test_a_path_is_told_for_rows_that_may_be_read(analyst: Any) -> None:
    answer = ask(analyst, 'SELECT DISTINCT "$path" FROM orders', "sales")
    assert answer.rows[0] == ["$path"]
    assert str(answer.rows[1][0]).startswith("s3://")
    assert ask(analyst, 'SELECT *, "$path" FROM orders LIMIT 1', "sales").rows[0] == ["id", "day", "$path"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        'SELECT * FROM "/etc/passwd"',
        "SELECT current_setting('secret_directory')",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM TABLE(read_text('/etc/passwd'))",
        "SELECT * FROM system.runtime.queries",
        "SELECT x FROM UNNEST(ARRAY[getenv('HOME')]) AS u(x)",
        "EXPLAIN COPY (SELECT 1) TO '/tmp/mocklake-escape'",
        "EXECUTE escape",
    ],
)
def test_nothing_outside_is_reached(analyst: Any, sql: str) -> None:
    assert _started(analyst, {"QueryString": sql}).state in {"FAILED", "REFUSED"}


def _started(athena: Any, asked: dict[str, Any]) -> Answer:
    context = {"QueryExecutionContext": {"Database": "sales"}}
    try:
        started = athena.start_query_execution(**asked, **context)["QueryExecutionId"]
    except athena.exceptions.InvalidRequestException as error:
        return Answer("REFUSED", str(error), [])
    status = athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]
    return Answer(status["State"], status.get("StateChangeReason", ""), [])
