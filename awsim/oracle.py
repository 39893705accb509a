"""Can a principal read a column, and why: judged apart from the request path, so that the two can disagree.

It knows the stores' rows and nothing of `lakeformation.authority`. Rules, from AWS's developer guide:
SELECT comes from a row on the table or on all tables of its database; a creator holds everything;
IAMAllowedPrincipals means everyone of the owning account; across accounts the RAM share must be accepted;
what was granted to an account reaches a principal only together with a grant inside that account;
partition keys come with any column; administrators read nothing by that alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from awsim.world import World

EVERYONE = "IAM_ALLOWED_PRINCIPALS"


@dataclass(frozen=True)
class Verdict:
    """`reasons` are sentences: every path that allows, or all that is missing."""

    allowed: bool
    reasons: list[str]


@dataclass(frozen=True)
class _Place:
    """A table where it really is; links are followed by whoever asks."""

    catalog: str
    region: str
    database: str
    table: str

    def arns(self) -> tuple[str, str]:
        prefix = f"arn:aws:glue:{self.region}:{self.catalog}:"
        return f"{prefix}database/{self.database}", f"{prefix}table/{self.database}/{self.table}"


def can_read(  # noqa: PLR0917
    world: World, principal: str, catalog: str, region: str, database: str, table: str, column: str
) -> Verdict:
    """For a table that is not there, or has no such column, the answer is no."""
    place = _Place(catalog, region, database.lower(), table.lower())
    found = _table(world, place)
    data, keys = _columns(found) if found else ([], [])
    if column.lower() not in (*data, *keys):
        return Verdict(allowed=False, reasons=[f"{place.catalog} has no {database}.{table}.{column}"])
    wanted = data if column.lower() in keys else [column.lower()]
    paths: list[str] = []
    missing: list[str] = []
    for one in wanted:
        for allowed, reason in _paths(world, principal, place, found, one, data):
            (paths if allowed else missing).append(reason)
    if paths:
        return Verdict(allowed=True, reasons=sorted(set(paths)))
    return Verdict(allowed=False, reasons=sorted(set(missing)) or ["no row grants SELECT on this column"])


def _table(world: World, place: _Place) -> Any | None:
    databases = world.stores["glue"].catalogs.get((place.catalog, place.region), {})
    database = databases.get(place.database)
    return database.tables.get(place.table) if database else None


def _columns(table: Any) -> tuple[list[str], list[str]]:
    described = table.body.get("StorageDescriptor", {}).get("Columns", [])
    keys = table.body.get("PartitionKeys", [])
    return [one["Name"].lower() for one in described], [one["Name"].lower() for one in keys]


def _paths(  # noqa: PLR0917
    world: World, principal: str, place: _Place, table: Any, column: str, columns: list[str]
) -> Iterator[tuple[bool, str]]:
    """(whether it allows, what it is) for each way in which the principal might reach the column."""
    account = principal.split(":")[4]
    at_home = account == place.catalog
    if at_home and table.creator == principal and not principal.endswith(":root"):
        yield True, "it created the table"
    for row in _selecting(world, place.catalog, place, column, columns):
        share = at_home or _is_shared(world, row, place)
        unshared = f"the share with {row.receiver} is not accepted or does not hold the table"
        if row.principal == principal or (at_home and row.principal == EVERYONE):
            yield share, _said(row) if share else unshared
        elif not at_home and _means_account(world, row.principal, account, place.catalog):
            if not share:
                yield False, unshared
                continue
            local = [
                one
                for one in _selecting(world, account, place, column, columns)
                if one.principal == principal
            ]
            yield (
                bool(local),
                f"{_said(row)}, and in {account} " + (_said(local[0]) if local else "nobody passed it on"),
            )


def _selecting(world: World, account: str, place: _Place, column: str, columns: list[str]) -> list[Any]:
    """Rows in an account's book that give SELECT on the column to whomever they name."""
    book = world.stores["lakeformation"].books.get((account, place.region))
    rows = book.by_serial.values() if book else ()
    return [row for row in rows if _is_on(row.resource, place) and _selects(row, column, columns)]


def _is_on(resource: Any, place: _Place) -> bool:
    if str(resource.kind.value).lower() != "table" or resource.catalog_id != place.catalog:
        return False
    return bool(
        resource.database == place.database and (resource.is_all_tables or resource.table == place.table)
    )


def _selects(row: Any, column: str, columns: list[str]) -> bool:
    if {"SELECT", "ALL", "SUPER"} & row.verbs:
        return True
    held = [one.columns for one in row.selections if one.held]
    return any((column in one.names) != one.excluding and column in columns for one in held)


def _means_account(world: World, principal: str, account: str, owner: str) -> bool:
    if ":organizations:" in principal:
        return {account, owner} <= world.organisation
    return principal == account


def _is_shared(world: World, row: Any, place: _Place) -> bool:
    for share in world.stores["ram"].shares.values():
        belongs = (share.owner, share.receiver, share.region) == (place.catalog, row.receiver, place.region)
        if not belongs or (share.status, share.association) != ("ACTIVE", "ASSOCIATED"):
            continue
        wanted = place.arns()
        if all(any(fnmatchcase(arn, shared) for shared in share.resources) for arn in wanted):
            return True
    return False


def _said(row: Any) -> str:
    what = "all tables" if row.resource.is_all_tables else row.resource.table
    return f"{row.principal} holds SELECT on {row.resource.database}.{what}"
