"""Athena: rows of the granted columns and nothing else; refusals are FAILED executions with a reason."""

from collections.abc import Iterator
from typing import Any

import pytest

from mocklake.testing.athena_query import ask
from mocklake.testing.checks import refused
from mocklake.testing.server import Cloud
from mocklake.tests.accounts import CENTRAL, CONSUMER

DATABASE = "suppliers_gold"
TABLE = "scores"
ANALYST = f"arn:aws:iam::{CONSUMER}:role/analyst"
LINK = "esg"


@pytest.fixture(scope="module")
def granted(cloud: Cloud) -> Iterator[None]:
    """CONSUMER's analyst holds SELECT on two columns, and CONSUMER has a link to the database."""
    lake = cloud.client("lakeformation", CENTRAL, "lake-admin")
    who = {"DataLakePrincipalIdentifier": ANALYST}
    columns = {"DatabaseName": DATABASE, "Name": TABLE, "ColumnNames": ["supplier_id", "sector"]}
    database = {"Database": {"Name": DATABASE}}
    lake.grant_permissions(Principal=who, Resource=database, Permissions=["DESCRIBE"])
    lake.grant_permissions(Principal=who, Resource={"TableWithColumns": columns}, Permissions=["SELECT"])
    glue = cloud.client("glue", CONSUMER)
    target = {"CatalogId": CENTRAL, "DatabaseName": DATABASE, "Region": "eu-central-1"}
    glue.create_database(DatabaseInput={"Name": LINK, "TargetDatabase": target})
    link = {"Database": {"CatalogId": CONSUMER, "Name": LINK}}
    local = cloud.client("lakeformation", CONSUMER)
    local.grant_permissions(Principal=who, Resource=link, Permissions=["DESCRIBE"])
    yield
    glue.delete_database(Name=LINK)
    lake.revoke_permissions(Principal=who, Resource={"TableWithColumns": columns}, Permissions=["SELECT"])


@pytest.fixture
def analyst(cloud: Cloud, granted: None) -> Any:
    return cloud.client("athena", CONSUMER, "analyst")


def test_rows_of_the_granted_columns_come(analyst: Any) -> None:
    answer = ask(analyst, f"SELECT supplier_id, sector FROM {TABLE} ORDER BY 1 LIMIT 2", LINK)
    assert answer.state == "SUCCEEDED", answer.reason
    assert answer.rows[0] == ["supplier_id", "sector"]
    assert [row[0] for row in answer.rows[1:]] == ["SUP-0000001", "SUP-0000002"]


def test_a_star_means_the_granted_columns(analyst: Any) -> None:
    assert ask(analyst, f"SELECT * FROM {LINK}.{TABLE} LIMIT 1").rows[0] == ["supplier_id", "sector"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT governance_score FROM {t}",
        "SELECT supplier_id FROM {t} WHERE governance_score > 0",
        "SELECT t.social_score FROM {t} t",
        "WITH c AS (SELECT * FROM {t}) SELECT controversy FROM c",
    ],
)
def test_an_ungranted_column_does_not_exist(analyst: Any, sql: str) -> None:
    answer = ask(analyst, sql.format(t=TABLE), LINK)
    assert (answer.state, answer.reason.partition(":")[0]) == ("FAILED", "COLUMN_NOT_FOUND")


def test_a_table_without_a_grant_is_refused_with_lake_formations_reason(analyst: Any) -> None:
    answer = ask(analyst, "SELECT * FROM contracts", LINK)
    assert answer.state == "FAILED"
    assert answer.reason.startswith("Insufficient Lake Formation permission(s)")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT (SELECT count(*) FROM read_text('/etc/passwd'))",
        "SELECT * FROM duckdb_settings()",
    ],
)
def test_sql_sees_nothing_but_granted_tables(analyst: Any, sql: str) -> None:
    assert ask(analyst, sql, LINK).state == "FAILED"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM glob('/*')",
        "FROM '/etc/passwd'",
        "COPY (SELECT 1) TO '/tmp/mocklake-escape'",
        "ATTACH '/tmp/mocklake-escape.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "PRAGMA version",
        "SHOW FUNCTIONS",
        "SELECT 1; SELECT 2",
        "SELECT FROM WHERE",
        "-- nothing",
    ],
)
def test_what_is_no_statement_of_athena_is_not_started(analyst: Any, sql: str) -> None:
    assert refused(analyst.start_query_execution, QueryString=sql) == "InvalidRequestException"


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT count(*) AS n FROM {t}", [["n"], ["240"]]),
        ('SELECT count(*) AS n FROM "AwsDataCatalog"."esg"."{t}"', [["n"], ["240"]]),
        ("WITH c AS (SELECT sector FROM {t}) SELECT count(*) AS n FROM c", [["n"], ["240"]]),
        ("SELECT count(*) AS n FROM {t} a JOIN {t} b USING (supplier_id)", [["n"], ["240"]]),
        (
            "SELECT 1 AS a, NULL AS b, true AS c, DATE '2026-01-31' AS d",
            [["a", "b", "c", "d"], ["1", None, "true", "2026-01-31"]],
        ),
    ],
)
def test_ordinary_selects_are_answered_as_text(analyst: Any, sql: str, rows: list[list[str | None]]) -> None:
    answer = ask(analyst, sql.format(t=TABLE), LINK)
    assert (answer.reason, answer.rows) == ("", rows)


def test_results_come_page_by_page(analyst: Any) -> None:
    started = analyst.start_query_execution(
        QueryString=f"SELECT supplier_id FROM {TABLE}", QueryExecutionContext={"Database": LINK}
    )
    pages = analyst.get_paginator("get_query_results").paginate(
        QueryExecutionId=started["QueryExecutionId"], PaginationConfig={"PageSize": 100}
    )
    assert [len(page["ResultSet"]["Rows"]) for page in pages] == [100, 100, 41]


def test_an_execution_is_not_shown_to_another_account(cloud: Cloud, analyst: Any) -> None:
    started = analyst.start_query_execution(QueryString="SELECT 1")
    other = cloud.client("athena", CENTRAL)
    found = {"QueryExecutionId": started["QueryExecutionId"]}
    assert refused(other.get_query_execution, **found) == "InvalidRequestException"


def test_a_role_without_workgroup_rights_is_refused_at_the_call(cloud: Cloud) -> None:
    athena = cloud.client("athena", CONSUMER, "lake-admin")
    assert refused(athena.start_query_execution, QueryString="SELECT 1") == "AccessDeniedException"


def test_a_location_that_is_not_registered_cannot_be_read_across_accounts(
    cloud: Cloud, granted: None
) -> None:
    lake = cloud.client("lakeformation", CENTRAL, "lake-admin")
    who = {"DataLakePrincipalIdentifier": ANALYST}
    table = {"Table": {"DatabaseName": "cards_gold", "Name": "merchants"}}
    lake.grant_permissions(Principal=who, Resource=table, Permissions=["SELECT"])
    glue = cloud.client("glue", CONSUMER)
    target = {"CatalogId": CENTRAL, "DatabaseName": "cards_gold"}
    glue.create_database(DatabaseInput={"Name": "cards", "TargetDatabase": target})
    link = {"Database": {"Name": "cards"}}
    cloud.client("lakeformation", CONSUMER).grant_permissions(
        Principal=who, Resource=link, Permissions=["DESCRIBE"]
    )
    athena = cloud.client("athena", CONSUMER, "analyst")
    assert ask(athena, "SELECT * FROM cards.merchants").reason.startswith("PERMISSION_DENIED")
    arn = "arn:aws:s3:::producer-cards-gold"
    lake.register_resource(ResourceArn=arn, RoleArn=f"arn:aws:iam::{CENTRAL}:role/data-access")
    assert ask(athena, "SELECT count(*) FROM cards.merchants").rows[1] == ["900"]
    cloud.client("lakeformation", CENTRAL).deregister_resource(ResourceArn=arn)
    lake.revoke_permissions(Principal=who, Resource=table, Permissions=["SELECT"])
