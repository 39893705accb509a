"""System checks of settings that would break the engine's proofs."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from requests_app.notifications.webhooks.deliveries import MAX_EVENT_AGE


@register()
def check_engine_times(**_kwargs: Any) -> list[CheckMessage]:
    """Lease > call deadline + short transaction; settle ≥ visibility delay."""
    messages: list[CheckMessage] = []
    if settings.LEASE <= settings.CALL_DEADLINE + settings.SHORT_TRANSACTION:
        hint = "A lease must outlast a call and the short transaction in which its answer is written."
        messages.append(Error("MESHMARKET_LEASE is too short.", hint=hint, id="workers.E001"))
    if settings.SETTLE < settings.VISIBILITY_DELAY:
        hint = "A write must be settled before its effect is looked for."
        messages.append(Error("MESHMARKET_SETTLE is too short.", hint=hint, id="workers.E002"))
    return messages


@register()
def check_retention_times(**_kwargs: Any) -> list[CheckMessage]:
    """Rows must be kept for longer than the age up to which events are projected, or they would be created again."""
    hint = f"What is younger than {MAX_EVENT_AGE.days} days and was removed would be told again."
    kept = {
        "MESHMARKET_KEEP_NOTICES_DAYS": settings.KEEP_NOTICES_DAYS,
        "MESHMARKET_KEEP_DELIVERIES_DAYS": settings.KEEP_DELIVERIES_DAYS,
    }
    return [
        Error(f"{name} is too short.", hint=hint, id="workers.E003")
        for name, days in kept.items()
        if days <= MAX_EVENT_AGE.days
    ]
