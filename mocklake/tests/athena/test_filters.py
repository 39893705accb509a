"""Athena under a data cells filter: rows outside do not come, cells outside are NULL."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from mocklake.testing.athena_query import ask
from mocklake.testing.server import Cloud
from mocklake.tests.accounts import CENTRAL, CONSUMER

DATABASE = "suppliers_gold"
TABLE = "scores"
LINK = "esg_filtered"
ROLE = "filtered-analyst"
EXPRESSION = "sector = 'Energy'"


@pytest.fixture(scope="module")
def analyst(cloud: Cloud) -> Iterator[Any]:
    """A role of CONSUMER that holds two filters on the scores: a sector's issuers, and everyone's sector."""
    iam = cloud.client("iam", CONSUMER)
    made = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[]}')
    for name in iam.list_role_policies(RoleName="analyst")["PolicyNames"]:
        policy = iam.get_role_policy(RoleName="analyst", PolicyName=name)["PolicyDocument"]
        iam.put_role_policy(RoleName=ROLE, PolicyName=name, PolicyDocument=json.dumps(policy))
    lake = cloud.client("lakeformation", CENTRAL)
    who = {"DataLakePrincipalIdentifier": made["Role"]["Arn"]}
    place = {"TableCatalogId": CENTRAL, "DatabaseName": DATABASE, "TableName": TABLE}
    for name, rows, columns in (
        ("one_sector", {"FilterExpression": EXPRESSION}, ["supplier_id", "sector"]),
        ("sectors", {"AllRowsWildcard": {}}, ["sector"]),
    ):
        data: dict[str, Any] = place | {"Name": name, "RowFilter": rows, "ColumnNames": columns}
        lake.create_data_cells_filter(TableData=data)
        shape = {"DataCellsFilter": place | {"Name": name}}
        lake.grant_permissions(Principal=who, Resource=shape, Permissions=["SELECT"])
    lake.grant_permissions(Principal=who, Resource={"Database": {"Name": DATABASE}}, Permissions=["DESCRIBE"])
    glue = cloud.client("glue", CONSUMER)
    target = {"CatalogId": CENTRAL, "DatabaseName": DATABASE}
    glue.create_database(DatabaseInput={"Name": LINK, "TargetDatabase": target})
    link = {"Database": {"CatalogId": CONSUMER, "Name": LINK}}
    local = cloud.client("lakeformation", CONSUMER)
    local.grant_permissions(Principal=who, Resource=link, Permissions=["DESCRIBE"])
    yield cloud.client("athena", CONSUMER, ROLE)
    for name in ("one_sector", "sectors"):
        lake.delete_data_cells_filter(**place, Name=name)
    glue.delete_database(Name=LINK)


def test_rows_are_cut_and_cells_are_null(analyst: Any) -> None:
    select = (
        f"SELECT sector, count(*) AS n, count(supplier_id) AS ids FROM {TABLE} GROUP BY 1 ORDER BY 1 LIMIT 2"
    )
    answer = ask(analyst, select, LINK)
    assert answer.rows[1:] == [["Energy", "48", "48"], ["Finance", "48", "0"]]


def test_one_filter_alone_hides_the_other_rows(analyst: Any, cloud: Cloud) -> None:
    lake = cloud.client("lakeformation", CENTRAL)
    who = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/{ROLE}"}
    place = {"TableCatalogId": CENTRAL, "DatabaseName": DATABASE, "TableName": TABLE, "Name": "sectors"}
    lake.revoke_permissions(Principal=who, Resource={"DataCellsFilter": place}, Permissions=["SELECT"])
    answer = ask(analyst, f"SELECT DISTINCT sector FROM {TABLE}", LINK)
    lake.grant_permissions(Principal=who, Resource={"DataCellsFilter": place}, Permissions=["SELECT"])
    assert answer.rows[1:] == [["Energy"]]


def test_a_column_of_the_condition_is_not_shown_by_it(analyst: Any) -> None:
    answer = ask(analyst, f"SELECT total_score FROM {TABLE}", LINK)
    assert answer.reason.startswith("COLUMN_NOT_FOUND")
