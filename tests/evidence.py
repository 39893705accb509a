"""What the engine would have seen, written as the worker's role."""

from datetime import datetime

from audit import clock
from fulfilment.models import Intent, Round, Scope
from identity.models import Account, ConnectedCatalog
from tests.database import as_role


def see(
    intent: Intent,
    presence: Intent.Presence,
    *,
    catalog: ConnectedCatalog,
    consumer: Account,
    usable: bool | None = None,
    failure: str = "",
) -> datetime:
    """Write the seen half at the intent's present generation; returns when it was seen."""
    intent.refresh_from_db()
    now = clock.now()
    with as_role("meshmarket_worker"):
        scope, _ = Scope.objects.get_or_create(
            key=intent.scope_key,
            defaults={"kind": Scope.Kind.SHARE, "catalog": catalog, "consumer": consumer},
        )
        evidence = Round.objects.create(scope=scope, epoch=1, owner="test", started_at=now, began_at=now)
        Intent.objects.filter(pk=intent.pk).update(
            presence=presence,
            proven_generation=intent.generation,
            evidence=evidence,
            seen_at=now,
            usable=usable,
            failure=failure,
        )
    intent.refresh_from_db()
    return now
