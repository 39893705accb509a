"""Reads links and link databases in a consumer's catalog."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from identity.accounts.models import Account
from lakeformation.access.access import Access
from lakeformation.values.permissions import DataCatalog
from lakeformation.values.resource_links import LINK_DATABASE_PARAMETER, Link, LinkDatabase
from workers.aws.glue_lookup import GlueReader


@dataclass
class ObservedLinks:
    """Links, our own link databases, and names that are in use; see `Observation`."""

    links: set[Link] = field(default_factory=set)
    databases: set[LinkDatabase] = field(default_factory=set)
    taken_names: set[str] = field(default_factory=set)


def read_links(consumer: Account, accesses: Iterable[Access]) -> ObservedLinks:
    """The links and databases of the accesses, those of a previous link naming too. AwsError."""
    every = [one for access in accesses for one in (access, access.previous_link_naming) if one]
    links = {link for one in every for link in one.links if not link.database}
    databases = {one.link_database for one in every if one.link_database}
    glue = GlueReader(consumer, consumer.region)
    there = glue.find_databases({link.name for link in links} | {wanted.name for wanted in databases})
    found = ObservedLinks(taken_names=set(there))
    for link in links:
        if row := there.get(link.name):
            found.links.add(
                Link(link.catalog, link.name, *_parse_target(consumer, row.get("TargetDatabase", {})))
            )
    for wanted in databases:
        if _is_ours(there.get(wanted.name, {}), wanted):
            _read_database(glue, consumer, wanted, found)
    return found


def _is_ours(row: Mapping[str, Any], wanted: LinkDatabase) -> bool:
    """Whether the database has our parameter, see `LinkDatabase.parameter_value`."""
    return (
        "TargetDatabase" not in row
        and row.get("Parameters", {}).get(LINK_DATABASE_PARAMETER) == wanted.parameter_value
    )


def _read_database(glue: GlueReader, consumer: Account, wanted: LinkDatabase, found: ObservedLinks) -> None:
    found.databases.add(wanted)
    for table in glue.list_tables(wanted.name):
        found.taken_names.add(f"{wanted.name}/{table['Name']}")
        aim = table.get("TargetTable", {})
        found.links.add(
            Link(
                wanted.catalog, table["Name"], *_parse_target(consumer, aim), wanted.name, aim.get("Name", "")
            )
        )


def _parse_target(consumer: Account, aim: dict[str, Any]) -> tuple[DataCatalog, str]:
    """Where a link leads; an account without a name for what is no link. Of its own region AWS says nothing."""
    place = DataCatalog(aim.get("CatalogId", ""), aim.get("Region", consumer.region))
    return place, aim.get("DatabaseName", "")
