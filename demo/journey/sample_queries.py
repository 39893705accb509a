"""Queries some granted tables, so that lists show used and unused grants."""

from typing import Any

from demo.bank.trails import TRAILS
from demo.journey.cloud import Cloud
from demo.journey.site_client import SiteClient
from lakeformation.values.permissions import DataCatalog
from lakeformation.values.resource_links import link_name

MAX_GRANTS = 3


def run_sample_queries(cloud: Cloud, person: SiteClient) -> str:
    """Some of the person's roles query what they were given for good; says which tables."""
    rows = [one for one in person.list_all("grants") if _can_be_queried(one)][:MAX_GRANTS]
    for row in rows:
        arn, target = row["recipient"]["principal"]["id"], row["target"]
        place = next(one for one in TRAILS if one.catalog == target["catalog"]["id"])
        database = link_name(target["database"]["name"], DataCatalog(place.account, place.region))
        cloud.assume(arn).query(f'SELECT * FROM "{database}"."{target["table"]["name"]}" LIMIT 1')  # noqa: S608 - the seed's names
    return ", ".join(row["target"]["table"]["name"] for row in rows) or "none of them can be queried"


def _can_be_queried(row: dict[str, Any]) -> bool:
    if row["target"]["kind"] != "table" or row["metadata_only"] or not row["usable"]:
        return False
    principal = row["recipient"]["principal"]
    return principal is not None and ":role/" in principal["id"]
