"""GetDataAccess: who was let at which data, in whose logs, and with or without a name."""

from typing import Any

import pytest

from mocklake.testing.athena_query import ask
from mocklake.testing.checks import refused
from mocklake.testing.in_process import InProcess
from mocklake.tests.cloudtrail.trail_logs import logged, named, trail
from mocklake.tests.events.queues import CENTRAL, CONSUMER, PAIR, REGION

ORDERS = f"arn:aws:glue:{REGION}:{CENTRAL}:table/sales/orders"


@pytest.fixture
def aws() -> InProcess:
    return InProcess(PAIR)


def _grant(aws: InProcess, role: str) -> None:
    lake = aws.client("lakeformation", CENTRAL, "admin")
    who = {"DataLakePrincipalIdentifier": role}
    lake.grant_permissions(Principal=who, Resource={"Database": {"Name": "sales"}}, Permissions=["DESCRIBE"])
    table = {"Table": {"DatabaseName": "sales", "Name": "orders"}}
    lake.grant_permissions(Principal=who, Resource=table, Permissions=["SELECT"])


def _reads(aws: InProcess, account: str) -> list[dict[str, Any]]:
    return named(logged(aws, account), "GetDataAccess")


def _link(aws: InProcess) -> None:
    target = {"CatalogId": CENTRAL, "DatabaseName": "sales"}
    link = {"Name": "sales_link", "TargetDatabase": target}
    aws.client("glue", CONSUMER, "admin").create_database(DatabaseInput=link)
    aws.client("lakeformation", CONSUMER, "admin").grant_permissions(
        Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/analyst"},
        Resource={"Database": {"Name": "sales_link"}},
        Permissions=["DESCRIBE"],
    )


def test_a_query_of_the_own_account_is_recorded_with_the_role(aws: InProcess) -> None:
    trail(aws)
    _grant(aws, f"arn:aws:iam::{CENTRAL}:role/analyst")
    assert ask(aws.client("athena", CENTRAL, "analyst"), "SELECT id FROM sales.orders").state == "SUCCEEDED"
    (record,) = _reads(aws, CENTRAL)
    asked = record["requestParameters"]
    assert (asked["tableArn"], asked["permissions"]) == (ORDERS, ["SELECT"])
    assert asked["auditContext"]["additionalAuditContext"].startswith("{queryId: ")
    data = record["additionalEventData"]
    assert (data["requesterService"], data["lakeFormationPrincipal"]) == (
        "ATHENA",
        f"arn:aws:iam::{CENTRAL}:role/analyst",
    )
    assert data["lakeFormationRoleSessionName"].startswith(f"AWSLF-00-AT-{CENTRAL}-")
    assert (record["userIdentity"]["invokedBy"], record["sourceIPAddress"]) == ("athena.amazonaws.com",) * 2
    assert (record["readOnly"], record["managementEvent"]) == (True, True)


def test_a_refused_query_is_recorded_as_refused(aws: InProcess) -> None:
    trail(aws)
    assert ask(aws.client("athena", CENTRAL, "engineer"), "SELECT id FROM sales.orders").state == "FAILED"
    (record,) = _reads(aws, CENTRAL)
    assert record["errorCode"] == "AccessDenied"
    assert "Insufficient Lake Formation permission" in record["errorMessage"]


@pytest.mark.parametrize("trusted", [False, True])
def test_both_accounts_have_it_and_the_arn_where_the_owner_is_trusted(
    aws: InProcess, *, trusted: bool
) -> None:
    for account in (CENTRAL, CONSUMER):
        trail(aws, account)
    if trusted:
        lake = aws.client("lakeformation", CONSUMER, "admin")
        settings = lake.get_data_lake_settings()["DataLakeSettings"]
        lake.put_data_lake_settings(DataLakeSettings={**settings, "TrustedResourceOwners": [CENTRAL]})
    _grant(aws, f"arn:aws:iam::{CONSUMER}:role/analyst")
    _link(aws)
    assert (
        ask(aws.client("athena", CONSUMER, "analyst"), "SELECT id FROM sales_link.orders").state
        == "SUCCEEDED"
    )
    link, here = _reads(aws, CONSUMER)
    (there,) = _reads(aws, CENTRAL)
    assert link["requestParameters"]["tableArn"].endswith(f"{CONSUMER}:table/sales_link/orders")
    assert link["additionalEventData"]["lakeFormationPrincipal"] == f"arn:aws:iam::{CONSUMER}:role/analyst"
    assert here["sharedEventID"] == there["sharedEventID"]
    assert there["requestParameters"]["tableArn"] == ORDERS
    assert there["userIdentity"].keys() == {"type", "principalId", "accountId"}
    for record in (here, there):
        assert ("lakeFormationPrincipal" in record["additionalEventData"]) is trusted


def test_vended_credentials_are_recorded_and_read_under_the_recorded_session(aws: InProcess) -> None:
    trail(aws)
    _grant(aws, f"arn:aws:iam::{CENTRAL}:role/analyst")
    lake = aws.client("lakeformation", CENTRAL, "admin")
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    lake.put_data_lake_settings(DataLakeSettings={**settings, "AllowFullTableExternalDataAccess": True})
    analyst = aws.client("lakeformation", CENTRAL, "analyst")
    wanted = {"TableArn": ORDERS, "SupportedPermissionTypes": ["COLUMN_PERMISSION"]}
    keys = analyst.get_temporary_glue_table_credentials(**wanted)
    (record,) = _reads(aws, CENTRAL)
    session = record["additionalEventData"]["lakeFormationRoleSessionName"]
    assert session.startswith(f"AWSLF-00-NA-{CENTRAL}-")
    assert aws.client_of("sts", keys).get_caller_identity()["Arn"].endswith(f"/data-access/{session}")
    engineer = aws.client("lakeformation", CENTRAL, "engineer")
    assert refused(engineer.get_temporary_glue_table_credentials, **wanted) == "AccessDeniedException"
    assert {one.get("errorCode") for one in _reads(aws, CENTRAL)} == {None, "AccessDenied"}
