"""Reads of AWS, each complete to its last page, or AwsError."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.mirror.glue_parser import parse_tags
from catalog.mirror.snapshot import NO_TAGS, TableTags
from kernel.storable_text import replace_unstorable
from lakeformation.observation.parsing import JUDGED_KINDS, SIDE_KINDS
from workers.aws.calls import iterate_pages, read_all_rows
from workers.aws.errors import read_or_none, read_with_retries, translate_errors

PAGE_SIZE = 1000
SHARES_PAGE_SIZE = 500
COLUMNS_PAGE_SIZE = 100
RAM_PAGE_FIELD = "nextToken"
KINDS_OF_WHOLE_LISTING = (JUDGED_KINDS | SIDE_KINDS.keys()) - {"DataCellsFilter"}
"""The kinds of resources that a listing of the catalog has as well."""


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
    statistics: list[dict[str, Any]] = []
    for at in range(0, len(columns), COLUMNS_PAGE_SIZE):
        asked = {"CatalogId": catalog_id, "DatabaseName": database_name, "TableName": name}
        with translate_errors():
            answer = glue.get_column_statistics_for_table(
                **asked, ColumnNames=list(columns[at : at + COLUMNS_PAGE_SIZE])
            )
        statistics += answer.get("ColumnStatisticsList") or []
    return statistics


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
    or_none = read_or_none(lambda: dict(lakeformation.get_lf_tag_expression(**asked)))
    return None if or_none is None else list(or_none.get("Expression") or [])


TAG_PAGE_SIZE = 100
MAX_VALUES = 50
"""Values of one key in an expression (botocore: TagValueList)."""


@dataclass
class TagAssignments:
    """LF-Tags by database name, and by table name within its database; names as Glue folds them.

    Many tables have the same tags: these are kept once, so that a million of them fit into memory.
    `keys` are all values by key, used or not.
    """

    keys: dict[str, list[str]] = field(default_factory=dict)
    databases: dict[str, dict[str, str]] = field(default_factory=dict)
    tables: dict[str, dict[str, TableTags]] = field(default_factory=dict)
    _shared_tags: dict[tuple[tuple[str, str], ...], TableTags] = field(default_factory=dict)

    def get_database_tags(self, name: str) -> dict[str, str]:
        return self.databases.get(name, {})

    def get_table_tags(self, database: str, name: str) -> TableTags:
        return self.tables.get(database, {}).get(name, NO_TAGS)

    def add_database(self, name: str, tags: dict[str, str]) -> None:
        self.databases.setdefault(replace_unstorable(name, 255), {}).update(tags)

    def add_table(self, row: dict[str, Any]) -> None:
        """A row of SearchTablesByLFTags: it has all tags of the table, whatever was searched for."""
        database, name = (
            replace_unstorable(row["Table"]["DatabaseName"], 255),
            replace_unstorable(row["Table"]["Name"], 255),
        )
        self.add_database(database, parse_tags(row.get("LFTagOnDatabase")))
        tables = self.tables.setdefault(database, {})
        known = tables.get(name, NO_TAGS)
        of_table = {**known.table, **parse_tags(row.get("LFTagsOnTable"))}
        of_columns = {**known.columns}
        for column in row.get("LFTagsOnColumns") or ():
            key = replace_unstorable(column["Name"], 255)
            of_columns[key] = {**of_columns.get(key, {}), **parse_tags(column.get("LFTags"))}
        if of_columns:
            tables[name] = TableTags(of_table, of_columns)
        elif of_table:
            tables[name] = self._shared_tags.setdefault(tuple(of_table.items()), TableTags(of_table))


def read_tag_assignments(lakeformation: Any, catalog_id: str) -> TagAssignments:
    """One search a tag, not one call a table; AwsError when any page is refused or lost."""
    assignments = TagAssignments()
    for tag in read_all_rows(
        lakeformation.list_lf_tags, "LFTags", {"CatalogId": catalog_id, "MaxResults": TAG_PAGE_SIZE}
    ):
        assignments.keys[replace_unstorable(tag["TagKey"].lower(), 255)] = [
            replace_unstorable(value.lower(), 255) for value in tag["TagValues"]
        ]
        for start in range(0, len(tag["TagValues"]), MAX_VALUES):
            values = tag["TagValues"][start : start + MAX_VALUES]
            expression = [{"TagKey": tag["TagKey"], "TagValues": values}]
            asked = {"CatalogId": catalog_id, "Expression": expression, "MaxResults": TAG_PAGE_SIZE}
            _add_matches(assignments, lakeformation, asked)
    return assignments


def _add_matches(assignments: TagAssignments, lakeformation: Any, asked: dict[str, Any]) -> None:
    for page in iterate_pages(lakeformation.search_databases_by_lf_tags, "DatabaseList", asked):
        for row in page:
            assignments.add_database(row["Database"]["Name"], parse_tags(row.get("LFTags")))
    for page in iterate_pages(lakeformation.search_tables_by_lf_tags, "TableList", asked):
        for row in page:
            assignments.add_table(row)
