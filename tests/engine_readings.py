"""Writes presences, readings and observed permissions as the worker's role."""

from datetime import datetime

from audit.actions import record_event
from catalog.mirror.models import Table
from fulfilment.intents.models import Intent
from fulfilment.observations.models import ObservedPermission, ScopeReading
from fulfilment.observations.storage import CatalogFacts, ShareFacts
from fulfilment.rounds import Round, Scope
from identity.accounts import Account, ConnectedCatalog
from kernel import clock
from lakeformation.values.permissions import HeldPermissions
from tests.database import as_role


def write_presence(
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


def store_catalog_reading(catalog: ConnectedCatalog, facts: CatalogFacts, epoch: int = 1) -> None:
    """A complete reading of the catalog; what it showed of permissions is for `observe_permission`."""
    _store_reading(
        Scope(kind=Scope.Kind.CATALOG, key=f"catalog:{catalog.pk}", catalog=catalog, epoch=epoch), facts
    )


def store_share_reading(
    catalog: ConnectedCatalog, consumer: Account, passed_on: HeldPermissions | None = None
) -> None:
    """A reading by which the consumer sees shares of all of the catalog, and what it passed on of it."""
    owned = f"arn:aws:glue:{catalog.region}:{catalog.account.account_id}"
    everything = frozenset({f"{owned}:database/*", f"{owned}:table/*/*"})
    key = f"share:{catalog.pk}:{consumer.account_id}"
    scope = Scope(kind=Scope.Kind.SHARE, key=key, catalog=catalog, consumer=consumer, epoch=1)
    _store_reading(scope, ShareFacts(everything, passed_on))


def _store_reading(scope: Scope, facts: CatalogFacts | ShareFacts) -> None:
    with as_role("meshmarket_worker"):
        scope.save()
        ScopeReading.objects.create(
            scope=scope, epoch=scope.epoch, read_at=clock.now(), facts=facts.to_json()
        )


def observe_permission(table: Table, arn: str, *columns: str, verb: str = "SELECT") -> None:
    """The principal was seen to hold it on these columns of the table; on every column where none is named."""
    held = {"include": list(columns)} if columns else {"except": []}
    with as_role("meshmarket_worker"):
        ObservedPermission.objects.create(
            catalog=table.database.catalog, principal_arn=arn, database=table.database.name, table=table.name,
            verb=verb, columns=held, seen_at=clock.now(),
        )  # fmt: skip


def record_presence_proof(intent: Intent) -> None:
    """As the workers put on the record that AWS held it."""
    with as_role("meshmarket_worker"):
        record_event(
            verb="proved_present",
            actor="engine:test",
            subject=intent.subject,
            data={"round": 1},
            now=clock.now(),
        )
