"""Reads which LF-Tags are defined, and which some databases, tables and columns carry themselves."""

from collections.abc import Iterable
from typing import Any

from catalog.mirror.glue_parser import parse_tags
from identity.accounts.models import ConnectedCatalog
from lakeformation.planning.tag_changes import AssignedTags
from lakeformation.tagging.assignments import TagTarget
from workers.aws.errors import read_or_none
from workers.aws.lf_tags import PAGE_SIZE
from workers.aws.pagination import read_all_rows
from workers.aws.sessions import get_client


def read_assigned_tags(
    catalog: ConnectedCatalog, targets: Iterable[TagTarget], *, reads_values: bool
) -> AssignedTags:
    """One call for each database and each table, whatever the number of its columns. AwsError."""
    aws = get_client("lakeformation", account=catalog.account, role="observer", region=catalog.region)
    wanted = set(targets)
    own: dict[TagTarget, dict[str, str]] = {}
    missing = set()
    for place in sorted({TagTarget(one.database, one.table) for one in wanted}):
        found = _read_own_tags(aws, catalog.account.account_id, place)
        if found is None:
            missing |= {one for one in wanted if (one.database, one.table) == (place.database, place.table)}
        else:
            own |= found
    values = _read_values(aws, catalog.account.account_id) if reads_values else {}
    return AssignedTags(values, own, frozenset(missing))


def _read_own_tags(aws: Any, catalog_id: str, place: TagTarget) -> dict[TagTarget, dict[str, str]] | None:
    """None where there is no such table or database."""
    resource: dict[str, Any] = {"Database": {"CatalogId": catalog_id, "Name": place.database}}
    if place.table:
        table = {"CatalogId": catalog_id, "DatabaseName": place.database, "Name": place.table}
        resource = {"Table": table}
    asked = {"CatalogId": catalog_id, "Resource": resource, "ShowAssignedLFTags": True}
    answer = read_or_none(lambda: dict(aws.get_resource_lf_tags(**asked)))
    if answer is None:
        return None
    if not place.table:
        return {place: parse_tags(answer.get("LFTagOnDatabase"))}
    columns = {
        TagTarget(place.database, place.table, row["Name"].lower()): parse_tags(row.get("LFTags"))
        for row in answer.get("LFTagsOnColumns") or ()
    }
    return {place: parse_tags(answer.get("LFTagsOnTable")), **columns}


def _read_values(aws: Any, catalog_id: str) -> dict[str, frozenset[str]]:
    asked = {"CatalogId": catalog_id, "MaxResults": PAGE_SIZE}
    rows = read_all_rows(aws.list_lf_tags, "LFTags", asked)
    return {row["TagKey"].lower(): frozenset(value.lower() for value in row["TagValues"]) for row in rows}
