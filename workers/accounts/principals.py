"""Mirror the IAM roles and users of the accounts that can receive permissions, each bound to its unique id; their
tags, and the services that may take them on; and the accounts. Roles of the portal itself are left out.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from catalog.storable_text import storable
from identity.accounts.models import Account, Principal
from lakeformation.values.arn import ROLE_OR_USER, PrincipalArn, is_made_by
from workers.aws.iam import identity, role_pages, trusted_services, user_pages
from workers.aws.sessions import client, worker_role

WHOLE_ACCOUNT = "whole account"
SERVICE_LINKED = "/aws-service-role/"
TAGS_STAND = timedelta(hours=1)
TAGS_EACH = 50
"""Roles and users of an account whose tags one sync reads, those that were read longest ago first: a call each."""
MOST_SERVICES = 50
Living = Mapping[str, Mapping[str, Any]]
"""Roles and users as IAM lists them, by unique id."""


def sync_principals(account: Account, region: str, now: datetime) -> int:
    """Read all roles and users of an account, then store what differs; returns how many are live.

    AwsError when the reading is refused or breaks off: no role or user was changed then, and of tags those stand
    that were read before.
    """
    iam = client("iam", account=account, role="observer", region=region, session_name="meshmarket-sync")
    ours = worker_role()
    own = {account.observer_role_arn, account.executor_role_arn}
    own.update(account.catalogs.values_list("location_role_arn", flat=True))
    living = {
        key: one
        for key, one in _listed(iam)
        if one["Arn"] not in own
        and not is_made_by(ours, one["Arn"])
        and not str(one.get("Path", "/")).startswith(SERVICE_LINKED)
    }
    with transaction.atomic():
        _store(account, living, now)
    _read_tags(iam, account, now)
    return len(living)


def _listed(iam: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for page in role_pages(iam):
        yield from ((one["RoleId"], one) for one in page)
    for page in user_pages(iam):
        yield from ((one["UserId"], one) for one in page)


def _store(account: Account, living: Living, now: datetime) -> None:
    live = Principal.objects.filter(account=account, gone_at=None)
    # One made anew under its name has another id: the old row goes before the new one comes.
    live.exclude(unique_id__in=[*living, account.account_id]).update(gone_at=now)
    Principal.objects.get_or_create(
        unique_id=account.account_id,
        defaults={
            "account": account, "arn": account.account_id, "name": WHOLE_ACCOUNT, "first_seen_at": now,
        },
    )  # fmt: skip
    known = {one.unique_id: one for one in Principal.objects.filter(unique_id__in=list(living))}
    back = Principal.objects.filter(account=account, unique_id__in=list(living), gone_at__isnull=False)
    back.update(gone_at=None)
    Principal.objects.bulk_create(
        Principal(
            account=account,
            arn=storable(one["Arn"], 600),
            name=storable(one.get("RoleName") or one["UserName"], 128),
            unique_id=key,
            first_seen_at=now,
            services=_services(one),
        )
        for key, one in living.items()
        if key not in known
    )
    _store_services(known, living)


def _store_services(known: Mapping[str, Principal], living: Living) -> None:
    others = [(row, _services(living[key])) for key, row in known.items()]
    changed = [(row, services) for row, services in others if row.services != services]
    for row, services in changed:
        row.services = services
    Principal.objects.bulk_update([row for row, _services in changed], ["services"])


def _services(one: Mapping[str, Any]) -> list[str]:
    return [storable(name, 128) for name in trusted_services(one)][:MOST_SERVICES]


def _read_tags(iam: Any, account: Account, now: datetime) -> None:
    old = Q(tags_read_at=None) | Q(tags_read_at__lt=now - TAGS_STAND)
    live = Principal.objects.filter(
        old, account=account, gone_at=None, arn__regex=f"^{ROLE_OR_USER.pattern}$"
    )
    for principal in live.order_by(F("tags_read_at").asc(nulls_first=True), "pk")[:TAGS_EACH]:
        found = identity(iam, PrincipalArn.parse(principal.arn))
        # Gone or made anew since it was listed: the next sync sees that, and its tags are not this one's.
        if found is not None and principal.unique_id in {found.get("RoleId"), found.get("UserId")}:
            principal.tags, principal.tags_read_at = _tags(found), now
            principal.save(update_fields=["tags", "tags_read_at"])


def _tags(found: Mapping[str, Any]) -> dict[str, str]:
    """At most 128 characters a key and 256 a value, fifty of them (IAM quotas)."""
    return {storable(tag["Key"], 128): storable(tag["Value"], 256) for tag in found.get("Tags") or ()}
