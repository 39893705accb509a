"""Links in the accounts that receive, read by boto3, beside what the approvals need; nothing of the engine is used."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tools.chaos.compare.approved_access import ApprovedAccess
from tools.chaos.compare.observed_access import list_all_rows, list_if_seen

TABLE_LINK_PARAMETER = "meshmarket_landing"
"""The parameter of a database that holds the portal's links to tables."""
LINK_NAME = re.compile(r"(?P<database>.+)_[0-9a-f]{8}")
READ_TABLE_LINK_ACCOUNTS = "SELECT account_id FROM identity_account WHERE (table_links ->> '')::boolean"


@dataclass
class NeededLinks:
    """What one account needs names for: databases and tables of owners. Of `lf_tag_owners` LF-Tags are
    granted: what these reach comes and goes, so that no link to a database of theirs is called left over.
    """

    databases: set[tuple[str, str]] = field(default_factory=set)
    tables: set[tuple[str, str, str]] = field(default_factory=set)
    lf_tag_owners: set[str] = field(default_factory=set)


def read_table_link_accounts(address: str) -> set[str]:
    """Accounts whose admins chose a link for each table, as the database at that address has it."""
    with psycopg.connect(address, connect_timeout=5) as connection:
        return {account for (account,) in connection.execute(READ_TABLE_LINK_ACCOUNTS).fetchall()}


def get_receiver(grant: ApprovedAccess) -> str:
    """The account in whose catalog the data are found."""
    return grant.subgranting_account or (grant.arn.split(":")[4] if ":" in grant.arn else grant.arn)


def compute_needed_links(
    agreed: Iterable[ApprovedAccess], account: str, by_table: Collection[str]
) -> NeededLinks:
    """By the live grants of the account. Every table of a database is found behind a link to that, always."""
    found = NeededLinks()
    for grant in agreed:
        if not grant.is_live or get_receiver(grant) != account:
            continue
        if grant.reach is not None:
            found.lf_tag_owners.add(grant.account)
        elif account in by_table and grant.table != "*":
            found.tables.add((grant.account, grant.database, grant.table))
        else:
            found.databases.add((grant.account, grant.database))
    return found


def find_link(glue: Any, database: str, table: str = "") -> dict[str, str]:
    """The link to a database, or the portal's to a table of it: DatabaseName and, of a table, Name. StopIteration where
    there is none.
    """
    listed = list_all_rows(glue.get_databases, "DatabaseList")
    if not table:
        aims = ((one["Name"], one.get("TargetDatabase", {}).get("DatabaseName")) for one in listed)
        return next({"DatabaseName": name} for name, aim in aims if aim == database)
    return next(
        {"DatabaseName": one["Name"], "Name": link["Name"]}
        for one in listed
        if TABLE_LINK_PARAMETER in one.get("Parameters", {})
        for link in list_all_rows(glue.get_tables, "TableList", DatabaseName=one["Name"])
        if (link["TargetTable"]["DatabaseName"], link["TargetTable"]["Name"]) == (database, table)
    )


def find_leftover_links(glue: Any, wanted: NeededLinks) -> set[str]:
    """The portal's links and databases of links in one account and region that nothing wanted needs, by their names."""
    found = set()
    for database in list_all_rows(glue.get_databases, "DatabaseList"):
        name, target = database["Name"], database.get("TargetDatabase")
        if target and _is_portal_name(name, target["DatabaseName"]):
            owner = target["CatalogId"]
            is_needed = owner in wanted.lf_tag_owners or (owner, target["DatabaseName"]) in wanted.databases
            found |= set() if is_needed else {name}
        elif mark := database.get("Parameters", {}).get(TABLE_LINK_PARAMETER):
            found |= _find_leftovers_in(glue, name, mark, wanted)
    return found


def _find_leftovers_in(glue: Any, name: str, mark: str, wanted: NeededLinks) -> set[str]:
    """In a database of links, and itself when nothing in it is needed."""
    owner, _region, target = mark.split("/", 2)
    tables = {
        table for its_owner, database, table in wanted.tables if (its_owner, database) == (owner, target)
    }
    listed = list_if_seen(list_all_rows(glue.get_tables, "TableList", DatabaseName=name))
    links = {one["Name"] for one in listed}
    return {f"{name}.{link}" for link in links - tables} | (set() if tables else {name})


def _is_portal_name(name: str, target: str) -> bool:
    match = LINK_NAME.fullmatch(name)
    return match is not None and match["database"] == target
