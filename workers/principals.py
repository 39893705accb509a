"""Mirror the roles of the accounts that can receive permissions, each bound to its unique id; and the accounts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.snapshot import storable
from identity.models import Account, Principal
from workers.aws import glue
from workers.aws.sessions import client

WHOLE_ACCOUNT = "whole account"
SERVICE_LINKED = "/aws-service-role/"


def sync_principals(account: Account, region: str, now: datetime) -> int:
    """Read all roles of an account, then store what differs; returns how many are live.

    AwsError when the reading is refused or breaks off: nothing was changed then.
    """
    iam = client("iam", account=account, role="observer", region=region, session_name="meshmarket-sync")
    roles = {role["RoleId"]: role for page in glue.role_pages(iam) for role in page}
    own = {account.observer_role_arn, account.executor_role_arn}
    own.update(account.catalogs.values_list("location_role_arn", flat=True))
    kept = {
        key: role
        for key, role in roles.items()
        if role["Arn"] not in own and not str(role.get("Path", "/")).startswith(SERVICE_LINKED)
    }
    with transaction.atomic():
        _store(account, kept, now)
    return len(kept)


def _store(account: Account, roles: Mapping[str, Mapping[str, Any]], now: datetime) -> None:
    live = Principal.objects.filter(account=account, gone_at=None)
    # A role made anew under its name has another id: the old row goes before the new one comes.
    live.exclude(unique_id__in=[*roles, account.account_id]).update(gone_at=now)
    Principal.objects.get_or_create(
        unique_id=account.account_id,
        defaults={
            "account": account, "arn": account.account_id, "name": WHOLE_ACCOUNT, "first_seen_at": now,
        },
    )  # fmt: skip
    known = set(Principal.objects.filter(unique_id__in=list(roles)).values_list("unique_id", flat=True))
    back = Principal.objects.filter(account=account, unique_id__in=list(roles), gone_at__isnull=False)
    back.update(gone_at=None)
    Principal.objects.bulk_create(
        Principal(
            account=account,
            arn=storable(role["Arn"], 600),
            name=storable(role["RoleName"], 128),
            unique_id=key,
            first_seen_at=now,
        )
        for key, role in roles.items()
        if key not in known
    )
