"""LF-Tags of one mesh: made and assigned in the pretend AWS and told to the mirror, asked for, and looked at."""

import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from catalog.mirror.models import Column, Table
from demo.bank.accounts import BI, GOVERNANCE
from kernel import clock
from requests_app.access_requests.models import RequestItem
from requests_app.grants.models import Grant
from requests_app.review.actions import approve_item
from requests_app.review.terms import compute_item_approval_hash
from requests_app.submission.many_tables import submit_access_request_for_target
from requests_app.targets.checks import compute_effects
from requests_app.targets.lf_tags import build_tags_target, parse_tag_expression
from requests_app.targets.recipients import Recipient
from tests.workers.mesh import Mesh

_numbers = itertools.count(1)


def assign_tags(mesh: Mesh, value: str = "gold", columns: Sequence[str] = ()) -> None:
    """The table, or some columns of it, get the tag that is named like the mesh's database."""
    lake = mesh.governance_client()
    known = {tag["TagKey"] for tag in lake.list_lf_tags()["LFTags"]}
    if mesh.database not in known:
        lake.create_lf_tag(TagKey=mesh.database, TagValues=["gold", "silver", "none"])
    table = {"DatabaseName": mesh.database, "Name": mesh.table.name}
    on: dict[str, Any] = {"Table": table}
    if columns:
        on = {"TableWithColumns": {**table, "ColumnNames": list(columns)}}
    pair = {"CatalogId": GOVERNANCE, "TagKey": mesh.database, "TagValues": [value]}
    assert lake.add_lf_tags_to_resource(Resource=on, LFTags=[pair])["Failures"] == []
    tags = {mesh.database: value}
    if not columns:
        Table.objects.filter(pk=mesh.table.pk).update(tags=tags)
        Column.objects.filter(table=mesh.table, tags={}).update(tags=tags)
    Column.objects.filter(table=mesh.table, name__in=columns).update(tags=tags)


def request_by_tags(
    mesh: Mesh,
    account: str = BI,
    values: Sequence[str] = ("gold",),
    *,
    duration: timedelta = timedelta(days=30),
) -> RequestItem:
    tags, now = {mesh.database: list(values)}, clock.now()
    found = build_tags_target(mesh.catalog, parse_tag_expression(tags), mesh.people[account])
    request = submit_access_request_for_target(
        acting_user=mesh.people[account],
        details=Recipient(mesh.roles[account]).build_details({"purpose": "Quarterly reserve report"}, now + duration),
        target=found,
        members_hash=found.members_hash, idempotency_key=f"tags-{next(_numbers)}", now=now,
    )  # fmt: skip
    return request.items.get()


def grant_by_tags(
    mesh: Mesh,
    account: str = BI,
    values: Sequence[str] = ("gold",),
    *,
    duration: timedelta = timedelta(days=30),
) -> Grant:
    """Asked and approved, each widening with it; nothing is in AWS yet."""
    item = request_by_tags(mesh, account, values, duration=duration)
    shown = compute_effects(item)
    grant = approve_item(
        acting_user=mesh.owner, item_id=item.pk, effects_hash=compute_item_approval_hash(item), comment="", now=clock.now(),
        widenings=[one.key for one in shown.widenings],
    )  # fmt: skip
    assert grant is not None
    return grant


def list_held_by_tags(mesh: Mesh, account: str = BI) -> dict[str, list[str]]:
    """Verbs by kind that the account's role holds by this mesh's tag."""
    rows = mesh.governance_client().list_permissions(CatalogId=GOVERNANCE)["PrincipalResourcePermissions"]
    found: dict[str, list[str]] = {}
    for row in rows:
        policy = row["Resource"].get("LFTagPolicy", {})
        keys = [pair["TagKey"] for pair in policy.get("Expression", ())]
        if row["Principal"]["DataLakePrincipalIdentifier"] == mesh.roles[account].arn and keys == [
            mesh.database
        ]:
            found.setdefault(policy["ResourceType"], []).extend(row["Permissions"])
    return {kind: sorted(verbs) for kind, verbs in found.items()}
