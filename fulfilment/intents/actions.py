"""The wanted half of intents. Called inside the transaction of the decision; the caller has authorised."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F

from fulfilment.intents.justifications import move_justifications, write_justifications
from fulfilment.intents.models import Intent, Wake


def share_scope_key(catalog_id: int, consumer_account: str) -> str:
    """`share:<catalog row>:<consumer's account id>`."""
    return f"share:{catalog_id}:{consumer_account}"


def catalog_scope_key(catalog_id: int) -> str:
    """`catalog:<catalog row>`."""
    return f"catalog:{catalog_id}"


def want(
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
    """Write that something shall be true. The row is the message: the sweep finds it by its generation."""
    wake(scope_key=scope_key, reason="something new is wanted", now=now)
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
    if kind == Intent.Kind.GRANT:
        write_justifications(intent.pk, intent.access)
    return intent


def end(*, intent_id: int, now: datetime) -> Intent:
    """Write that it shall no longer be true. Ending an ended intent changes nothing."""
    intent = Intent.objects.select_for_update().get(pk=intent_id)
    if intent.ended_at is None:
        intent.ended_at = now
        intent.generation = F("generation") + 1
        intent.save(update_fields=["ended_at", "generation"])
        intent.refresh_from_db()
        wake(scope_key=intent.scope_key, reason="something is no longer wanted", now=now)
    return intent


def expire_sooner(*, intent_id: int, expires_at: datetime) -> None:
    """Write an earlier end; a later one changes nothing. What is true until then stays proven: no new generation."""
    Intent.objects.filter(pk=intent_id, expires_at__gt=expires_at).update(expires_at=expires_at)


def open_column(*, intent_id: int, column: str, now: datetime) -> Intent:
    """Write that a column which came later is wanted, too; what was agreed to says that it may be."""
    intent = Intent.objects.select_for_update().get(pk=intent_id)
    intent.opened = sorted({*intent.opened, column})
    intent.generation = F("generation") + 1
    intent.save(update_fields=["opened", "generation"])
    intent.refresh_from_db()
    write_justifications(intent.pk, intent.access)
    wake(scope_key=intent.scope_key, reason="a column was let in", now=now)
    return intent


def move_landing(*, intents: Iterable[int], by_table: bool, now: datetime) -> list[Intent]:
    """Write that these land in their consumer's catalog the one way or the other. The engine makes the new names, and
    removes the old ones once these are proven. Those that land so already are left as they are; returns the others.
    """
    moved = []
    for intent in Intent.objects.select_for_update().filter(pk__in=intents).order_by("pk"):
        if intent.access.by_table == by_table:
            continue
        intent.moved_to = Intent.Landing.TABLES if by_table else Intent.Landing.DATABASE
        intent.generation += 1
        intent.moved_at = intent.generation
        intent.save(update_fields=["moved_to", "moved_at", "generation"])
        move_justifications(intent.pk, intent.access)
        moved.append(intent)
    for key in sorted({intent.scope_key for intent in moved}):
        wake(scope_key=key, reason="lands another way", now=now)
    return moved


def wake(*, scope_key: str, reason: str, now: datetime, urgent: bool = True, retries: bool = False) -> None:
    """Ask that a scope be looked at: now, whatever back-off an older failure has earned it, or when that is over if it is
    not `urgent`. With `retries` what AWS refused is tried again at once, too.
    """
    Wake.objects.create(scope_key=scope_key, at=now, reason=reason, urgent=urgent, retries=retries)
