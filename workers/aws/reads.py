"""Reads that an observation is made of: each complete to its last page, or an AwsError."""

from collections.abc import Sequence
from typing import Any

from workers.aws.errors import read_if_there, translated
from workers.aws.pagination import every_row

PAGE = 1000
SHARES_PAGE = 500
COLUMNS_PAGE = 100
RAM_NEXT = "nextToken"


def permission_rows(lakeformation: Any, catalog_id: str) -> list[dict[str, Any]]:
    """All rows of ListPermissions of a catalog. No Principal is ever sent: with one, AWS may answer
    with effective permissions, or with nothing at all for a role of another account.
    """
    asked = {"CatalogId": catalog_id, "MaxResults": PAGE}
    return every_row(lakeformation.list_permissions, "PrincipalResourcePermissions", asked)


def filter_permission_rows(lakeformation: Any, table: dict[str, str]) -> list[dict[str, Any]]:
    """Rows of ListPermissions on the data cells filters of one table: no other listing has them. `table` is
    CatalogId, DatabaseName and Name; a Principal must not be sent (service model).
    """
    asked = {
        "CatalogId": table["CatalogId"], "Resource": {"Table": table}, "IncludeRelated": "TRUE", "MaxResults": PAGE,
    }  # fmt: skip
    rows = every_row(lakeformation.list_permissions, "PrincipalResourcePermissions", asked)
    return [row for row in rows if "DataCellsFilter" in row["Resource"]]


def cells_filters(lakeformation: Any, catalog_id: str) -> list[dict[str, Any]]:
    """All data cells filters of the account's own catalog."""
    rows = every_row(lakeformation.list_data_cells_filter, "DataCellsFilters", {"MaxResults": PAGE})
    return [row for row in rows if row["TableCatalogId"] == catalog_id]


def opt_ins(lakeformation: Any) -> list[dict[str, Any]]:
    """Who opted in to what in hybrid access mode."""
    return every_row(
        lakeformation.list_lake_formation_opt_ins, "LakeFormationOptInsInfoList", {"MaxResults": PAGE}
    )


def registered_resources(lakeformation: Any) -> list[dict[str, Any]]:
    """All S3 paths that are registered with Lake Formation, with their roles."""
    return every_row(lakeformation.list_resources, "ResourceInfoList", {"MaxResults": PAGE})


def registered_locations(lakeformation: Any) -> dict[str, bool]:
    """ARNs of all S3 paths that are registered with Lake Formation, and whether in hybrid access mode."""
    rows = registered_resources(lakeformation)
    return {row["ResourceArn"]: bool(row.get("HybridAccessEnabled")) for row in rows}


def invitations(ram: Any) -> list[dict[str, Any]]:
    """RAM invitations to this account, those that were answered among them."""
    asked = {"maxResults": SHARES_PAGE}
    operation = ram.get_resource_share_invitations
    return every_row(operation, "resourceShareInvitations", asked, following=RAM_NEXT)


def shares_received(ram: Any) -> list[dict[str, Any]]:
    """RAM shares of other accounts that this account sees as active."""
    asked = {"resourceOwner": "OTHER-ACCOUNTS", "maxResults": SHARES_PAGE}
    rows = every_row(ram.get_resource_shares, "resourceShares", asked, following=RAM_NEXT)
    return [row for row in rows if row["status"] == "ACTIVE"]


def database(glue: Any, catalog_id: str, name: str) -> dict[str, Any] | None:
    """A Glue database, or None when there is none of this name."""
    return read_if_there(lambda: glue.get_database(CatalogId=catalog_id, Name=name)["Database"])


def table(glue: Any, catalog_id: str, database_name: str, name: str) -> dict[str, Any] | None:
    """A Glue table, or None when there is none of this name."""
    return read_if_there(
        lambda: glue.get_table(CatalogId=catalog_id, DatabaseName=database_name, Name=name)["Table"]
    )


def column_statistics(
    glue: Any, catalog_id: str, database_name: str, name: str, columns: Sequence[str]
) -> list[dict[str, Any]]:
    """Glue's statistics of those of a table's columns that have any; AWS tells of the others as errors."""
    found: list[dict[str, Any]] = []
    for at in range(0, len(columns), COLUMNS_PAGE):
        asked = {"CatalogId": catalog_id, "DatabaseName": database_name, "TableName": name}
        with translated():
            answer = glue.get_column_statistics_for_table(
                **asked, ColumnNames=list(columns[at : at + COLUMNS_PAGE])
            )
        found += answer.get("ColumnStatisticsList") or []
    return found


def tables_named(glue: Any, catalog_id: str, database_name: str, name: str) -> list[dict[str, Any]]:
    """The tables of a database whose names have that one in them, as GetTables finds them."""
    asked = {"CatalogId": catalog_id, "DatabaseName": database_name, "Expression": name}
    return every_row(glue.get_tables, "TableList", asked)


def tables_in(glue: Any, catalog_id: str, database_name: str) -> list[dict[str, Any]]:
    """All tables of a database, links among them."""
    return every_row(glue.get_tables, "TableList", {"CatalogId": catalog_id, "DatabaseName": database_name})


def caller(sts: Any) -> str:
    """The ARN as which AWS knows us in an account."""
    with translated():
        return str(sts.get_caller_identity()["Arn"])


def tag_expression(lakeformation: Any, catalog_id: str, name: str) -> list[dict[str, Any]] | None:
    """The body of an LF-Tag expression that is kept under a name, or None when there is none of this name."""
    asked = {"CatalogId": catalog_id, "Name": name}
    found = read_if_there(lambda: dict(lakeformation.get_lf_tag_expression(**asked)))
    return None if found is None else list(found.get("Expression") or [])
