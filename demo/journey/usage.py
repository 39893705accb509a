"""Readers who use what they were given, so that lists show what was used and what was not."""

from typing import Any

from demo.bank.trails import TRAILS
from demo.journey.cloud import Cloud
from demo.journey.site import Visitor
from lakeformation.access.link_naming import link_name
from lakeformation.values.permissions import Place

MOST = 3


def use_some(cloud: Cloud, person: Visitor) -> str:
    """Some of the person's roles query what they were given for good; says which tables."""
    rows = [one for one in person.every("grants") if _can_be_queried(one)][:MOST]
    for row in rows:
        arn, table = row["principal"]["arn"], row["table"]
        place = next(one for one in TRAILS if one.catalog == table["catalog"])
        database = link_name(table["database"], Place(place.account, place.region))
        cloud.assume(arn).query(f'SELECT * FROM "{database}"."{table["name"]}" LIMIT 1')  # noqa: S608 - the seed's names
    return ", ".join(row["table"]["name"] for row in rows) or "none of them can be queried"


def _can_be_queried(row: dict[str, Any]) -> bool:
    alone = not (row["tags"] or row["whole_database"] or row["metadata_only"])
    return bool(alone and row["progress"]["usable"] and ":role/" in row["principal"]["arn"])
