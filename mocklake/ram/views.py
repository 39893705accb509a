"""Shares, their resources and principals as either side reads them."""

from collections.abc import Iterator
from typing import Any

from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.ram.lookups import (
    Entry,
    page,
    principal_answer,
    principal_association,
    refuse_unknown,
    resource_answer,
    resource_association,
    resource_type,
    share_answer,
    shown,
)
from mocklake.ram.store import Share
from mocklake.world import World


def get_resource_shares(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """By name, status, tags and managed permission."""
    name, status = params.get("name"), params.get("resourceShareStatus")
    entries = (
        ((share.arn,), share_answer(share))
        for share in shown(world, caller, params)
        if name in (None, share.name) and status in (None, share.status) and _has_tags(share, params)
    )
    return page(params, "resourceShares", entries)


def get_resource_share_associations(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The owner sees all; a receiver sees those of shares that it has accepted."""
    kind = params["associationType"]
    _check_filters(kind, params)
    rows = _ROWS[kind]
    both = [
        *shown(world, caller, params | {"resourceOwner": "SELF"}, lenient=True),
        *shown(world, caller, params | {"resourceOwner": "OTHER-ACCOUNTS"}, lenient=True),
    ]
    refuse_unknown(params, both)
    status = params.get("associationStatus")
    entity = params.get("resourceArn") or params.get("principal")
    entries = (
        entry
        for share in both
        for entry in rows(share)
        if status in (None, entry[1]["status"]) and entity in (None, entry[1]["associatedEntity"])
    )
    return page(params, "resourceShareAssociations", entries)


def list_resources(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    wanted, kind, principal = params.get("resourceArns"), params.get("resourceType"), params.get("principal")
    entries = (
        ((arn, share.arn), resource_answer(share, arn))
        for share in shown(world, caller, params)
        for arn in share.resources
        if share.status == "ACTIVE"
        and (not wanted or arn in wanted)
        and kind in (None, resource_type(arn))
        and (principal is None or principal in (*share.principals, share.owner))
        and params.get("resourceRegionScope", "ALL") != "GLOBAL"
    )
    return page(params, "resources", entries)


def list_principals(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """For SELF whom the shares reach; for OTHER-ACCOUNTS who shares with the caller."""
    wanted, resource, kind = params.get("principals"), params.get("resourceArn"), params.get("resourceType")
    entries = (
        ((share.arn, principal), answer)
        for share in shown(world, caller, params)
        for principal, answer in _other_side(share, is_own=params["resourceOwner"] == "SELF")
        if share.status == "ACTIVE"
        and (not wanted or principal in wanted)
        and (resource is None or resource in share.resources)
        and (kind is None or any(resource_type(arn) == kind for arn in share.resources))
    )
    return page(params, "principals", entries)


def _other_side(share: Share, *, is_own: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    for principal, association in share.principals.items():
        seen = principal if is_own else share.owner
        yield seen, principal_answer(share, seen, association)


def _check_filters(kind: str, params: dict[str, Any]) -> None:
    """InvalidParameterException for a principal beside resources, and the other way round (API reference)."""
    for wrong in {"RESOURCE": ("principal",), "PRINCIPAL": ("resourceArn",)}.get(
        kind, ("principal", "resourceArn")
    ):
        if wrong in params:
            text = f"You cannot specify {wrong} when the association type is {kind}."
            raise AwsError("InvalidParameterException", text)


def _has_tags(share: Share, params: dict[str, Any]) -> bool:
    """Raises AwsError InvalidParameterException for a filter without a key."""
    if any("tagKey" not in one for one in params.get("tagFilters", ())):
        raise AwsError("InvalidParameterException", "A tag filter must have a tagKey.")
    return all(
        one["tagKey"] in share.tags
        and (not one.get("tagValues") or share.tags[one["tagKey"]] in one["tagValues"])
        for one in params.get("tagFilters", ())
    )


def _principal_rows(share: Share) -> Iterator[Entry]:
    for principal in share.principals:
        yield (share.arn, principal), principal_association(share, principal)


def _resource_rows(share: Share) -> Iterator[Entry]:
    for arn in share.resources:
        yield (share.arn, arn), resource_association(share, arn)


def _source_rows(share: Share) -> Iterator[Entry]:
    """What a service may act for: no share here has any."""
    del share
    return iter(())


_ROWS = {"PRINCIPAL": _principal_rows, "RESOURCE": _resource_rows, "SOURCE": _source_rows}
