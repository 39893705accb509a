"""Writes the wanted half of intents. Called inside the transaction of the decision; the caller has authorised."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F

from fulfilment.intents.models import JUSTIFICATION_KEY, Intent, Justification, Wake
from lakeformation.access.access import Access
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.permissions import Permission


def share_scope_key(catalog_id: int, consumer_account: str) -> str:
    """`share:<catalog row>:<consumer's account id>`."""
    return f"share:{catalog_id}:{consumer_account}"


def catalog_scope_key(catalog_id: int) -> str:
    """`catalog:<catalog row>`."""
    return f"catalog:{catalog_id}"


def create_intent(
    *,
    kind: Intent.Kind,
    scope_key: str,
    subject: str,
    wanted: dict[str, Any],
    effects: dict[str, Any],
    effects_hash: str,
    expires_at: datetime | None,
    now: datetime,
) -> Intent:
    """Create an intent. The workers find it by its generation."""
    wake_scope(scope_key=scope_key, reason="something new is wanted", now=now)
    intent = Intent.objects.create(
        kind=kind,
        scope_key=scope_key,
        subject=subject,
        wanted=wanted,
        effects=effects,
        effects_hash=effects_hash,
        created_at=now,
        expires_at=expires_at,
    )
    if intent.has_access:
        _write_justifications(intent.pk, intent.access)
    return intent


def end_intent(*, intent_id: int, now: datetime) -> None:
    """End an intent. An intent that has ended stays as it is."""
    intent = Intent.objects.filter(pk=intent_id)
    if intent.filter(ended_at=None).update(ended_at=now, generation=F("generation") + 1):
        scope_key = intent.values_list("scope_key", flat=True).get()
        wake_scope(scope_key=scope_key, reason="something is no longer wanted", now=now)


def shorten_intent(*, intent_id: int, expires_at: datetime) -> None:
    """Set an earlier end; a later one is ignored. The intent stays proven, so its generation stays."""
    Intent.objects.filter(pk=intent_id, expires_at__gt=expires_at).update(expires_at=expires_at)


def add_released_column(*, intent_id: int, column: str, now: datetime) -> Intent:
    """Add a released column to what the intent wants."""
    intent = Intent.objects.select_for_update().get(pk=intent_id)
    intent.opened = sorted({*intent.opened, column})
    intent.generation = F("generation") + 1
    intent.save(update_fields=["opened", "generation"])
    intent.refresh_from_db()
    _write_justifications(intent.pk, intent.access)
    wake_scope(scope_key=intent.scope_key, reason="a column was let in", now=now)
    return intent


def change_link_naming(*, intents: Iterable[int], by_table: bool, now: datetime) -> list[Intent]:
    """Change the link naming of intents. The engine creates links under the new names, and removes the old ones once
    the new ones are proven. Returns the intents that were changed.
    """
    moved = []
    for intent in Intent.objects.select_for_update().filter(pk__in=intents).order_by("pk"):
        if intent.table_access.link_naming.by_table == by_table:
            continue
        intent.moved_to = Intent.Landing.TABLES if by_table else Intent.Landing.DATABASE
        intent.generation += 1
        intent.moved_at = intent.generation
        intent.save(update_fields=["moved_to", "moved_at", "generation"])
        landing = {
            "account_id": intent.access.consumer_catalog.account,
            "region": intent.access.consumer_catalog.region,
        }
        Justification.objects.filter(intent=intent.pk, **landing).delete()
        _write_justifications(intent.pk, intent.access)
        moved.append(intent)
    for key in sorted({intent.scope_key for intent in moved}):
        wake_scope(scope_key=key, reason="the link naming changed", now=now)
    return moved


def wake_scope(
    *, scope_key: str, reason: str, now: datetime, urgent: bool = True, retries: bool = False
) -> None:
    """Wake a scope: at once, regardless of its back-off, or after its back-off if not `urgent`.
    With `retries`, changes that AWS refused are retried at once, too.
    """
    Wake.objects.create(scope_key=scope_key, at=now, reason=reason, urgent=urgent, retries=retries)


def _write_justifications(intent: int, access: Access) -> None:
    """Insert the permissions of the access, or update the columns of those that exist."""
    held = (permission for permission in access.permissions if not permission[0].passed_on_by)
    Justification.objects.bulk_create(
        (_build_justification(intent, permission, columns) for permission, columns in held),
        update_conflicts=True,
        unique_fields=JUSTIFICATION_KEY,
        update_fields=["columns"],
    )


def _build_justification(intent: int, permission: Permission, columns: ColumnSet) -> Justification:
    return Justification(
        intent_id=intent,
        account_id=permission.catalog.account,
        region=permission.catalog.region,
        principal_arn=permission.principal,
        database=permission.database,
        table=permission.table,
        verb=permission.verb,
        cells_filter=permission.cells_filter,
        grantable=permission.grantable,
        tagged=permission.tagged,
        policy=permission.policy.to_json() if permission.policy else {},
        columns=columns.to_json(),
    )
