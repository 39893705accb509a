"""Writes that CloudTrail tells of, by EventBridge, make the scopes that they concern due at once. A scan is the truth.

Such an event is as little proof as any other: it may be late, doubled or lost (AWS EventBridge user guide, "events from
AWS services": best effort). It needs a trail that logs management events in the catalog's account and region.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from fulfilment.intents.actions import catalog_scope_key, share_scope_key, wake
from fulfilment.rounds.models import Scope
from identity.accounts.models import ConnectedCatalog

BY_TRAIL = "AWS API Call via CloudTrail"
OF_CATALOG = frozenset({"aws.lakeformation", "aws.glue"})
OF_SHARES = "aws.ram"
PRINCIPAL = "datalakeprincipalidentifier"


def nudge(catalog: ConnectedCatalog, events: Iterable[Mapping[str, Any] | None], now: datetime) -> list[str]:
    """Wake what the events concern, each scope once; returns the keys. What our own executor wrote is awaited anyway."""
    keys = {key for event in events if event for key in _concerned(catalog, event)}
    there = set(Scope.objects.filter(key__in=keys).values_list("key", flat=True))
    for key in sorted(there):
        wake(scope_key=key, reason="CloudTrail told of a change", now=now)
    return sorted(there)


def _concerned(catalog: ConnectedCatalog, event: Mapping[str, Any]) -> Iterator[str]:
    detail, source = event.get("detail"), event.get("source")
    if event.get("detail-type") != BY_TRAIL or not isinstance(detail, Mapping) or _is_ours(catalog, detail):
        return
    if source in OF_CATALOG:
        yield catalog_scope_key(catalog.pk)
        for principal in _principals(detail.get("requestParameters")):
            yield share_scope_key(catalog.pk, _account_of(principal))
    elif source == OF_SHARES:
        yield from Scope.objects.filter(catalog=catalog, kind=Scope.Kind.SHARE).values_list("key", flat=True)


def _is_ours(catalog: ConnectedCatalog, detail: Mapping[str, Any]) -> bool:
    """Whether our executor made the call: its sessions are named after rounds."""
    who = detail.get("userIdentity")
    arn = who.get("arn", "") if isinstance(who, Mapping) else ""
    role = catalog.account.executor_role_arn.rsplit("/", 1)[-1]
    return bool(role) and f":assumed-role/{role}/round-" in str(arn)


def _principals(value: Any) -> Iterator[str]:
    """Wherever they stand: one call names one, a batch many."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            if str(name).lower() == PRINCIPAL and isinstance(part, str):
                yield part
            else:
                yield from _principals(part)
    elif isinstance(value, list):
        for part in value:
            yield from _principals(part)


def _account_of(principal: str) -> str:
    parts = principal.split(":")
    return parts[4] if principal.startswith("arn:") and len(parts) > 4 else principal  # noqa: PLR2004 - an ARN's account
