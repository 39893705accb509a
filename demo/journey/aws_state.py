"""What Lake Formation, Glue and RAM hold for the verdict's roles, read and changed as an account's root."""

from typing import Any

from demo.bank.accounts import GOVERNANCE, REGION
from demo.journey.cloud import Cloud
from demo.journey.steps import StepFailedError
from demo.journey.verdict_roles import DATABASE


def list_selected_columns(cloud: Cloud, principal: str, database: str, table: str) -> set[str]:
    """Columns of the governance catalog's table on which the principal holds SELECT; `*` for all of them."""
    client = cloud.root("lakeformation", GOVERNANCE)
    found: set[str] = set()
    for row in _list_table_rows(client, principal, database, table):
        if "SELECT" not in row["Permissions"]:
            continue
        part = _get_filter(client, row) or row["Resource"].get("TableWithColumns", {})
        found |= set(part.get("ColumnNames", ())) or {"*"}
    return found


def list_row_filters(cloud: Cloud, principal: str, database: str, table: str) -> set[str]:
    """Expressions of the data cells filters of that table that the principal holds."""
    client = cloud.root("lakeformation", GOVERNANCE)
    held = [_get_filter(client, row) for row in _list_table_rows(client, principal, database, table)]
    return {one["RowFilter"].get("FilterExpression", "") for one in held if one}


def revoke_select(
    cloud: Cloud,
    principal: str,
    database: str,
    table: str,
    *,
    account: str = GOVERNANCE,
    region: str = REGION,
) -> str:
    """Remove the principal's SELECT behind the portal's back; returns it. StepFailedError if none."""
    client = cloud.root("lakeformation", account, region)
    rows = [
        row for row in _list_table_rows(client, principal, database, table) if "SELECT" in row["Permissions"]
    ]
    if not rows:
        raise StepFailedError(f"{principal} holds no SELECT on {database}.{table}")
    for row in rows:
        client.revoke_permissions(
            Principal=row["Principal"], Resource=row["Resource"], Permissions=["SELECT"]
        )
    return f"SELECT on {database}.{table}"


def find_database_link(cloud: Cloud, account: str, name: str = "") -> str:
    """The account's resource link to the gold database of Insurance (of that name, if given), or nothing."""
    pages = cloud.root("glue", account).get_paginator("get_databases").paginate()
    found: list[dict[str, Any]] = [one for page in pages for one in page["DatabaseList"]]
    wanted = {"CatalogId": GOVERNANCE, "DatabaseName": DATABASE}
    names = [str(one["Name"]) for one in found if wanted.items() <= one.get("TargetDatabase", {}).items()]
    return next((one for one in names if name in {"", one}), "")


def list_invitations(cloud: Cloud, account: str) -> dict[str, str]:
    """States of the invitations that the account has from the governance account, by ARN."""
    pages = cloud.root("ram", account).get_paginator("get_resource_share_invitations").paginate()
    found = [share_invitation for page in pages for share_invitation in page["resourceShareInvitations"]]
    mine = [one for one in found if one["senderAccountId"] == GOVERNANCE]
    return {str(one["resourceShareInvitationArn"]): str(one["status"]) for one in mine}


def list_active_shares(cloud: Cloud, account: str) -> list[str]:
    """Names of the active shares that the account has from the governance account."""
    pages = (
        cloud.root("ram", account)
        .get_paginator("get_resource_shares")
        .paginate(resourceOwner="OTHER-ACCOUNTS")
    )
    found = [resource_share for page in pages for resource_share in page["resourceShares"]]
    return [
        str(one["name"])
        for one in found
        if one["owningAccountId"] == GOVERNANCE and one["status"] == "ACTIVE"
    ]


def _get_filter(client: Any, row: dict[str, Any]) -> dict[str, Any]:
    """The data cells filter that a row is on, or nothing."""
    named = row["Resource"].get("DataCellsFilter")
    return dict(client.get_data_cells_filter(**named)["DataCellsFilter"]) if named else {}


def _list_table_rows(client: Any, principal: str, database: str, table: str) -> list[dict[str, Any]]:
    """All rows of the principal on the table and its data cells filters.

    The table's are asked for without a resource, as with one column grants are left out; the filters' with it, as
    they come in no other way.
    """
    wanted = {"DatabaseName": database, "Name": table}
    on_table = [
        row
        for row in _list_permissions(client, {})
        if any(wanted.items() <= part.items() for part in row["Resource"].values())
    ]
    related = {"Resource": {"Table": wanted}, "IncludeRelated": "TRUE"}
    on_filters = [row for row in _list_permissions(client, related) if "DataCellsFilter" in row["Resource"]]
    rows = [*on_table, *on_filters]
    return [row for row in rows if row["Principal"]["DataLakePrincipalIdentifier"] == principal]


def _list_permissions(client: Any, asked: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while True:
        page = client.list_permissions(**asked)
        rows += page["PrincipalResourcePermissions"]
        if not page.get("NextToken"):
            return rows
        asked = {**asked, "NextToken": page["NextToken"]}
