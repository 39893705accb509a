"""The same through boto3 and the server: shapes, times and error codes survive the wire."""

from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mocklake.testing.server import Cloud
from mocklake.tests.accounts import PARTNER, PRODUCER

DATABASE = "over_http"


@pytest.fixture
def owner(cloud: Cloud) -> Any:
    """Lake Formation of an account whose root made a database and a table that nobody was granted."""
    glue = cloud.client("glue", PRODUCER)
    glue.create_database(DatabaseInput={"Name": DATABASE, "CreateTableDefaultPermissions": []})
    columns = [{"Name": "id", "Type": "int"}, {"Name": "email", "Type": "string"}]
    storage = {"Columns": columns, "Location": "s3://nowhere/over-http/"}
    glue.create_table(DatabaseName=DATABASE, TableInput={"Name": "orders", "StorageDescriptor": storage})
    yield cloud.client("lakeformation", PRODUCER)
    glue.delete_database(Name=DATABASE)


def _table(**more: Any) -> dict[str, Any]:
    return {"CatalogId": PRODUCER, "DatabaseName": DATABASE, **more}


def _rows(client: Any, resource: dict[str, Any]) -> list[dict[str, Any]]:
    return list(client.list_permissions(Resource=resource)["PrincipalResourcePermissions"])


def test_wildcards_and_columns_are_granted_listed_and_revoked(owner: Any) -> None:
    principal = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{PRODUCER}:role/lake-admin"}
    wildcard = {"Table": _table(TableWildcard={})}
    columns = {"TableWithColumns": _table(Name="orders", ColumnNames=["id"])}
    for resource in (wildcard, columns):
        owner.grant_permissions(Principal=principal, Resource=resource, Permissions=["SELECT"])
    (everything,) = _rows(owner, wildcard)
    assert everything["Resource"]["TableWithColumns"]["Name"] == "ALL_TABLES"
    assert isinstance(everything["LastUpdated"], datetime)
    (narrow,) = _rows(owner, {"Table": _table(Name="orders")})
    assert narrow["Resource"] == columns
    for resource in (wildcard, columns):
        owner.revoke_permissions(Principal=principal, Resource=resource, Permissions=["SELECT"])
    with pytest.raises(ClientError, match="No permissions revoked") as refusal:
        owner.revoke_permissions(Principal=principal, Resource=columns, Permissions=["SELECT"])
    assert refusal.value.response["Error"]["Code"] == "InvalidInputException"


def test_an_outsider_accepts_and_sees_what_it_was_granted(owner: Any, cloud: Cloud) -> None:
    principal = {"DataLakePrincipalIdentifier": PARTNER}
    resource = {"Table": _table(Name="orders")}
    owner.grant_permissions(Principal=principal, Resource=resource, Permissions=["SELECT"])
    ram = cloud.client("ram", PARTNER)
    found = ram.get_resource_share_invitations()["resourceShareInvitations"]
    (arn,) = [
        one["resourceShareInvitationArn"]
        for one in found
        if one["senderAccountId"] == PRODUCER and one["status"] == "PENDING"
    ]
    glue = cloud.client("glue", PARTNER)
    with pytest.raises(glue.exceptions.ClientError, match="Insufficient Lake Formation permission"):
        glue.get_table(CatalogId=PRODUCER, DatabaseName=DATABASE, Name="orders")
    ram.accept_resource_share_invitation(resourceShareInvitationArn=arn)
    with pytest.raises(ram.exceptions.ResourceShareInvitationAlreadyAcceptedException):
        ram.accept_resource_share_invitation(resourceShareInvitationArn=arn)
    assert (
        glue.get_table(CatalogId=PRODUCER, DatabaseName=DATABASE, Name="orders")["Table"]["Name"] == "orders"
    )
    owner.revoke_permissions(Principal=principal, Resource=resource, Permissions=["SELECT"])


def test_what_is_not_simulated_says_so(owner: Any) -> None:
    with pytest.raises(ClientError, match="MocklakeNotImplemented"):
        owner.list_transactions()
