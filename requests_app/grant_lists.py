"""Which grants a list of access shows: those in force or being removed, and those that are proven removed."""

from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from fulfilment.intents.models import Intent
from requests_app.models import Grant
from requests_app.states import GrantState

REMOVED_SHOWN = timedelta(minutes=15)
"""For so long a grant whose removal was proven stays in the list in which its end was ordered."""
ENDED_SHOWN = timedelta(hours=1)
"""What ended longer ago goes to the list of what has ended as soon as its removal is proven."""
IS_REMOVED = ~Q(state=GrantState.LIVE) & Q(
    intent__presence=Intent.Presence.ABSENT, intent__proven_generation=F("intent__generation")
)
WAITS_FOR_A_PERSON = frozenset({Intent.Presence.HOLD, Intent.Presence.STALE})


def current(grants: QuerySet[Grant], now: datetime) -> QuerySet[Grant]:
    """Those in force, those that ended and are not proven removed yet, and those that were removed just now."""
    just_now = Q(intent__seen_at__gt=now - REMOVED_SHOWN, ended_at__gt=now - ENDED_SHOWN)
    return grants.filter(~IS_REMOVED | just_now)


def removed(grants: QuerySet[Grant]) -> QuerySet[Grant]:
    """Those that ended, and whose absence from AWS is proven."""
    return grants.filter(IS_REMOVED)


def removed_at(grant: Grant) -> datetime | None:
    """When the absence of one that ended was proven."""
    intent = grant.intent
    is_absent = intent.presence == Intent.Presence.ABSENT and intent.is_proven
    return intent.seen_at if is_absent and grant.state != GrantState.LIVE else None


def is_moving(grant: Grant, *, has_ended: bool) -> bool:
    """Whether the workers still have something to apply, remove or read back, without waiting for a person."""
    intent = grant.intent
    wanted = Intent.Presence.ABSENT if has_ended else Intent.Presence.PRESENT
    is_there = intent.presence == wanted and intent.is_proven
    return not is_there and intent.presence not in WAITS_FOR_A_PERSON
