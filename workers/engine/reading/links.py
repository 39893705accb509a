"""Read what a consumer's catalog holds under the names by which granted data are found there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from identity.accounts.models import Account
from lakeformation.access.access import Access
from lakeformation.values.permissions import Place
from lakeformation.values.resource_links import LANDING, LandingDatabase, Link
from workers.aws.glue_lookup import Reader


@dataclass
class Landings:
    """See `Observation`: what leads where, which databases are ours, and which names are taken."""

    links: set[Link] = field(default_factory=set)
    databases: set[LandingDatabase] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)


def landings(consumer: Account, accesses: Iterable[Access]) -> Landings:
    """One reading of the links and databases that the accesses want, or left behind when they moved. AwsError."""
    every = [one for access in accesses for one in (access, access.left) if one]
    links = {link for one in every for link in one.links if not link.database}
    databases = {one.landing_database for one in every if one.landing_database}
    glue = Reader(consumer, consumer.region)
    there = glue.databases({link.name for link in links} | {wanted.name for wanted in databases})
    found = Landings(taken=set(there))
    for link in links:
        if row := there.get(link.name):
            found.links.add(Link(link.place, link.name, *_target(consumer, row.get("TargetDatabase", {}))))
    for wanted in databases:
        if _is_ours(there.get(wanted.name, {}), wanted):
            _read_database(glue, consumer, wanted, found)
    return found


def _is_ours(row: Mapping[str, Any], wanted: LandingDatabase) -> bool:
    """Of one that is somebody else's nothing is of interest but its name."""
    return "TargetDatabase" not in row and row.get("Parameters", {}).get(LANDING) == wanted.mark


def _read_database(glue: Reader, consumer: Account, wanted: LandingDatabase, found: Landings) -> None:
    found.databases.add(wanted)
    for table in glue.tables_in(wanted.name):
        found.taken.add(f"{wanted.name}/{table['Name']}")
        aim = table.get("TargetTable", {})
        found.links.add(
            Link(wanted.place, table["Name"], *_target(consumer, aim), wanted.name, aim.get("Name", ""))
        )


def _target(consumer: Account, aim: dict[str, Any]) -> tuple[Place, str]:
    """Where a link leads; an account without a name for what is no link. Of its own region AWS says nothing."""
    place = Place(aim.get("CatalogId", ""), aim.get("Region", consumer.region))
    return place, aim.get("DatabaseName", "")
