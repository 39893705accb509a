"""Wakes scopes on write events of CloudTrail, which EventBridge delivers. Scans find what events miss.

Events may be late, duplicated or lost (AWS EventBridge user guide, "events from
AWS services": best effort). They need a trail that logs management events in the account and region of the change:
of the catalog, or of a consumer whose own event bus sends them on to the catalog's.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from fulfilment.intents.actions import catalog_scope_key, share_scope_key, wake_scope
from fulfilment.rounds.models import Scope
from identity.accounts.models import Account, ConnectedCatalog

CLOUDTRAIL_DETAIL_TYPE = "AWS API Call via CloudTrail"
CATALOG_SOURCES = frozenset({"aws.lakeformation", "aws.glue"})
SHARE_SOURCE = "aws.ram"
_ROUND_SESSION = re.compile(r"arn:[\w-]+:sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/round-.*")
PRINCIPAL_FIELD = "datalakeprincipalidentifier"


def wake_scopes(
    catalog: ConnectedCatalog, events: Iterable[Mapping[str, Any] | None], now: datetime
) -> list[str]:
    """Wake each scope that the events concern; returns the keys. Calls of our own executor are ignored."""
    keys = {key for event in events if event for key in _find_scope_keys(catalog, event)}
    there = set(Scope.objects.filter(key__in=keys).values_list("key", flat=True))
    for key in sorted(there):
        wake_scope(scope_key=key, reason="CloudTrail reported a change", now=now)
    return sorted(there)


def _find_scope_keys(catalog: ConnectedCatalog, event: Mapping[str, Any]) -> Iterator[str]:
    detail, source = event.get("detail"), event.get("source")
    if (
        event.get("detail-type") != CLOUDTRAIL_DETAIL_TYPE
        or not isinstance(detail, Mapping)
        or _is_ours(detail)
    ):
        return
    consumer = event.get("account")
    if isinstance(consumer, str) and consumer != catalog.account.account_id:
        yield share_scope_key(catalog.pk, consumer)
    elif source in CATALOG_SOURCES:
        yield catalog_scope_key(catalog.pk)
        for principal in _find_principals(detail.get("requestParameters")):
            yield share_scope_key(catalog.pk, _parse_account(principal))
    elif source == SHARE_SOURCE:
        yield from Scope.objects.filter(catalog=catalog, kind=Scope.Kind.SHARE).values_list("key", flat=True)


def _is_ours(detail: Mapping[str, Any]) -> bool:
    """Whether an account's executor made the call: its sessions are named after rounds."""
    who = detail.get("userIdentity")
    found = _ROUND_SESSION.fullmatch(str(who.get("arn"))) if isinstance(who, Mapping) else None
    if found is None:
        return False
    executor = Account.objects.filter(
        account_id=found["account"], executor_role_arn__endswith=f"/{found['role']}"
    )
    return executor.exists()


def _find_principals(value: Any) -> Iterator[str]:
    """Principals at any depth of the request: a batch names many."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            if str(name).lower() == PRINCIPAL_FIELD and isinstance(part, str):
                yield part
            else:
                yield from _find_principals(part)
    elif isinstance(value, list):
        for part in value:
            yield from _find_principals(part)


def _parse_account(principal: str) -> str:
    parts = principal.split(":")
    return parts[4] if principal.startswith("arn:") and len(parts) > 4 else principal  # noqa: PLR2004 - an ARN's account
