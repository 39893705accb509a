"""Reads of AWS, each complete to its last page, or AwsError."""

from collections.abc import Sequence
from typing import Any

from lakeformation.observation.known_answers import JUDGED_KINDS, SIDE_KINDS
from workers.aws.errors import read_or_none, read_with_retries, translate_errors
from workers.aws.pagination import read_all_rows

PAGE_SIZE = 1000
SHARES_PAGE_SIZE = 500
COLUMNS_PAGE_SIZE = 100
RAM_PAGE_FIELD = "nextToken"
KINDS_OF_WHOLE_LISTING = (JUDGED_KINDS | SIDE_KINDS.keys()) - {"DataCellsFilter"}
"""Of resources that a listing of the catalog has as well."""


def read_permissions(lakeformation: Any, catalog_id: str) -> list[dict[str, Any]]:
    """All rows of ListPermissions of a catalog. No Principal is ever sent: with one, AWS may answer
    with effective permissions, or with nothing at all for a role of another account.
    """
    asked = {"CatalogId": catalog_id, "MaxResults": PAGE_SIZE}
    return read_all_rows(lakeformation.list_permissions, "PrincipalResourcePermissions", asked)


def list_filter_permissions(lakeformation: Any, table: dict[str, str]) -> list[dict[str, Any]]:
    """Rows of ListPermissions on the data cells filters of one table: no other listing has them; and those of a kind that is
    not known. `table` is CatalogId, DatabaseName and Name; a Principal must not be sent (service model).
    """
    asked = {
        "CatalogId": table["CatalogId"],
        "Resource": {"Table": table},
        "IncludeRelated": "TRUE",
        "MaxResults": PAGE_SIZE,
    }
    rows = read_all_rows(lakeformation.list_permissions, "PrincipalResourcePermissions", asked)
    return [row for row in rows if KINDS_OF_WHOLE_LISTING.isdisjoint(row.get("Resource") or ())]


def list_cells_filters(lakeformation: Any, catalog_id: str) -> list[dict[str, Any]]:
    """All data cells filters of the account's own catalog."""
    rows = read_all_rows(lakeformation.list_data_cells_filter, "DataCellsFilters", {"MaxResults": PAGE_SIZE})
    return [row for row in rows if row["TableCatalogId"] == catalog_id]


def list_opt_ins(lakeformation: Any) -> list[dict[str, Any]]:
    """Who opted in to what in hybrid access mode."""
    return read_all_rows(
        lakeformation.list_lake_formation_opt_ins, "LakeFormationOptInsInfoList", {"MaxResults": PAGE_SIZE}
    )


def list_row_policies(lakeformation: Any) -> list[dict[str, Any]]:
    """The row-level security policies of the account's catalog, with their text."""
    return read_all_rows(lakeformation.list_rls_policies, "RLSPolicies", {"MaxResults": PAGE_SIZE})


def list_row_policy_attachments(lakeformation: Any) -> list[dict[str, Any]]:
    """To what and for whom row-level security policies are attached. No Resource is sent: those by LF-Tags name no table."""
    operation = lakeformation.list_rls_policy_attachments
    return read_all_rows(operation, "RLSPolicyAttachments", {"MaxResults": PAGE_SIZE})


def list_registered_resources(lakeformation: Any) -> list[dict[str, Any]]:
    """All S3 paths that are registered with Lake Formation, with their roles."""
    return read_all_rows(lakeformation.list_resources, "ResourceInfoList", {"MaxResults": PAGE_SIZE})


def list_registered_locations(lakeformation: Any) -> dict[str, bool]:
    """ARNs of all S3 paths that are registered with Lake Formation, and whether in hybrid access mode."""
    rows = list_registered_resources(lakeformation)
    return {row["ResourceArn"]: bool(row.get("HybridAccessEnabled")) for row in rows}


def list_invitations(ram: Any) -> list[dict[str, Any]]:
    """RAM invitations to this account, accepted and rejected ones included."""
    asked = {"maxResults": SHARES_PAGE_SIZE}
    operation = ram.get_resource_share_invitations
    return read_all_rows(operation, "resourceShareInvitations", asked, page_field=RAM_PAGE_FIELD)


def list_received_shares(ram: Any) -> list[dict[str, Any]]:
    """RAM shares of other accounts that this account sees, whatever their status."""
    asked = {"resourceOwner": "OTHER-ACCOUNTS", "maxResults": SHARES_PAGE_SIZE}
    return read_all_rows(ram.get_resource_shares, "resourceShares", asked, page_field=RAM_PAGE_FIELD)


def list_received_resources(ram: Any, shares: Sequence[str]) -> list[dict[str, Any]]:
    """What these RAM shares of other accounts hold, usable or not."""
    return _list_resources(ram, resourceOwner="OTHER-ACCOUNTS", resourceShareArns=list(shares))


def list_sent_resources(ram: Any, receiver: str) -> list[dict[str, Any]]:
    """What this account's RAM shares with an account hold."""
    return _list_resources(ram, resourceOwner="SELF", principal=receiver)


def _list_resources(ram: Any, **asked: Any) -> list[dict[str, Any]]:
    asked["maxResults"] = SHARES_PAGE_SIZE
    return read_all_rows(ram.list_resources, "resources", asked, page_field=RAM_PAGE_FIELD)


def list_associations(ram: Any, receiver: str) -> list[dict[str, Any]]:
    """How RAM shares of this account stand with an account: shareArn, status and message of each."""
    asked = {"associationType": "PRINCIPAL", "principal": receiver, "maxResults": SHARES_PAGE_SIZE}
    operation = ram.get_resource_share_associations
    return read_all_rows(operation, "resourceShareAssociations", asked, page_field=RAM_PAGE_FIELD)


def find_database(glue: Any, catalog_id: str, name: str) -> dict[str, Any] | None:
    """A Glue database, or None when there is none of this name."""
    return read_or_none(lambda: glue.get_database(CatalogId=catalog_id, Name=name)["Database"])


def find_table(glue: Any, catalog_id: str, database_name: str, name: str) -> dict[str, Any] | None:
    """A Glue table, or None when there is none of this name."""
    return read_or_none(
        lambda: glue.get_table(CatalogId=catalog_id, DatabaseName=database_name, Name=name)["Table"]
    )


def read_column_statistics(
    glue: Any, catalog_id: str, database_name: str, name: str, columns: Sequence[str]
) -> list[dict[str, Any]]:
    """Glue's statistics of those of a table's columns that have any; AWS tells of the others as errors."""
    found: list[dict[str, Any]] = []
    for at in range(0, len(columns), COLUMNS_PAGE_SIZE):
        asked = {"CatalogId": catalog_id, "DatabaseName": database_name, "TableName": name}
        with translate_errors():
            answer = glue.get_column_statistics_for_table(
                **asked, ColumnNames=list(columns[at : at + COLUMNS_PAGE_SIZE])
            )
        found += answer.get("ColumnStatisticsList") or []
    return found


def list_tables_matching(glue: Any, catalog_id: str, database_name: str, name: str) -> list[dict[str, Any]]:
    """The tables of a database whose names have that one in them, as GetTables finds them."""
    asked = {"CatalogId": catalog_id, "DatabaseName": database_name, "Expression": name}
    return read_all_rows(glue.get_tables, "TableList", asked)


def list_tables(glue: Any, catalog_id: str, database_name: str) -> list[dict[str, Any]]:
    """All tables of a database, links among them."""
    return read_all_rows(
        glue.get_tables, "TableList", {"CatalogId": catalog_id, "DatabaseName": database_name}
    )


def read_caller_arn(sts: Any) -> str:
    """The caller's ARN (GetCallerIdentity)."""
    return str(read_with_retries(sts.get_caller_identity)["Arn"])


def find_tag_expression(lakeformation: Any, catalog_id: str, name: str) -> list[dict[str, Any]] | None:
    """The body of an LF-Tag expression that is kept under a name, or None when there is none of this name."""
    asked = {"CatalogId": catalog_id, "Name": name}
    found = read_or_none(lambda: dict(lakeformation.get_lf_tag_expression(**asked)))
    return None if found is None else list(found.get("Expression") or [])
