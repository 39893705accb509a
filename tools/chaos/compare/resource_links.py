"""Links in the accounts that receive, read by boto3, beside what the approvals need; nothing of the engine is used."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tools.chaos.compare.approved import Agreed
from tools.chaos.compare.observed import every_row

LANDING = "meshmarket_landing"
"""The parameter of a database that holds the portal's links to tables."""
NAMED = re.compile(r"(?P<database>.+)_[0-9a-f]{8}")
CHOSEN = "SELECT account_id FROM identity_account WHERE (table_links ->> '')::boolean"


@dataclass
class Needed:
    """What one account needs names for: (owner, database) and (owner, database, table). Of `wide` owners LF-Tags are
    granted: what these reach comes and goes, so that no link to a database of theirs is called left over.
    """

    databases: set[tuple[str, str]] = field(default_factory=set)
    tables: set[tuple[str, str, str]] = field(default_factory=set)
    wide: set[str] = field(default_factory=set)


def read_by_table(address: str) -> set[str]:
    """Accounts whose admins chose a link for each table, as the database at that address has it."""
    with psycopg.connect(address, connect_timeout=5) as connection:
        return {account for (account,) in connection.execute(CHOSEN).fetchall()}


def receiver(grant: Agreed) -> str:
    """The account in whose catalog the data are found."""
    return grant.through or (grant.arn.split(":")[4] if ":" in grant.arn else grant.arn)


def needed(agreed: Iterable[Agreed], account: str, by_table: Collection[str]) -> Needed:
    """By the live grants of the account. Every table of a database is found behind a link to that, always."""
    found = Needed()
    for grant in agreed:
        if not grant.is_live or receiver(grant) != account:
            continue
        if grant.reach is not None:
            found.wide.add(grant.account)
        elif account in by_table and grant.table != "*":
            found.tables.add((grant.account, grant.database, grant.table))
        else:
            found.databases.add((grant.account, grant.database))
    return found


def link_to(glue: Any, database: str, table: str = "") -> dict[str, str]:
    """The link to a database, or the portal's to a table of it: DatabaseName and, of a table, Name. StopIteration where
    there is none.
    """
    listed = every_row(glue.get_databases, "DatabaseList")
    if not table:
        aims = ((one["Name"], one.get("TargetDatabase", {}).get("DatabaseName")) for one in listed)
        return next({"DatabaseName": name} for name, aim in aims if aim == database)
    return next(
        {"DatabaseName": one["Name"], "Name": link["Name"]}
        for one in listed
        if LANDING in one.get("Parameters", {})
        for link in every_row(glue.get_tables, "TableList", DatabaseName=one["Name"])
        if (link["TargetTable"]["DatabaseName"], link["TargetTable"]["Name"]) == (database, table)
    )


def left_over(glue: Any, wanted: Needed) -> set[str]:
    """The portal's links and databases of links in one account and region that nothing wanted needs, by their names."""
    found = set()
    for database in every_row(glue.get_databases, "DatabaseList"):
        name, target = database["Name"], database.get("TargetDatabase")
        if target and _is_ours(name, target["DatabaseName"]):
            owner = target["CatalogId"]
            is_needed = owner in wanted.wide or (owner, target["DatabaseName"]) in wanted.databases
            found |= set() if is_needed else {name}
        elif mark := database.get("Parameters", {}).get(LANDING):
            found |= _left_in(glue, name, mark, wanted)
    return found


def _left_in(glue: Any, name: str, mark: str, wanted: Needed) -> set[str]:
    """In a database of links, and itself when nothing in it is needed."""
    owner, _region, target = mark.split("/", 2)
    tables = {
        table for its_owner, database, table in wanted.tables if (its_owner, database) == (owner, target)
    }
    links = {one["Name"] for one in every_row(glue.get_tables, "TableList", DatabaseName=name)}
    return {f"{name}.{link}" for link in links - tables} | (set() if tables else {name})


def _is_ours(name: str, target: str) -> bool:
    match = NAMED.fullmatch(name)
    return match is not None and match["database"] == target
