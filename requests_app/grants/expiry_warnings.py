"""Grants that end soon, and their one-time warning."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from audit.actions import record_event
from audit.models import Event
from kernel.clock import Now
from kernel.errors import require_allowed
from requests_app.grants.end_dates import EARLIER_ENDS, NEAREST_END
from requests_app.grants.may import may_warn_expiry
from requests_app.grants.models import EFFECTIVE_GRANTS, Grant
from requests_app.grants.queries import get_locked_grant


def filter_ending_soon(grants: QuerySet[Grant], now: datetime | Now) -> QuerySet[Grant]:
    """Selects grants that still give something and end within the days of warning, the next end first."""
    until = now + timedelta(days=settings.WARN_DAYS)
    return grants.filter(EFFECTIVE_GRANTS, ends_at__gt=now, ends_at__lte=until).order_by("ends_at", "pk")


def filter_next_ending(grants: QuerySet[Grant], now: datetime) -> QuerySet[Grant]:
    """As `filter_ending_soon`, by the nearest end: also those that an access review or a retirement ends within these days."""
    until = now + timedelta(days=settings.WARN_DAYS)
    rows = grants.filter(EFFECTIVE_GRANTS, ends_at__gt=now)
    rows = rows.annotate(**EARLIER_ENDS).annotate(nearest_end_at=NEAREST_END)
    return rows.filter(nearest_end_at__lte=until).order_by("nearest_end_at", "pk")


def list_unwarned_grants(now: datetime | Now) -> QuerySet[Grant]:
    """Lists grants that end soon and of which the record does not say so yet."""
    subject = Concat(Value("grant:"), Cast(OuterRef("pk"), CharField()))
    warned = Event.objects.filter(subject=subject, verb="warn_expiry")
    return filter_ending_soon(Grant.objects.filter(~Exists(warned)), now)


@transaction.atomic(durable=True)
def warn_expiry(*, grant_id: int, now: datetime) -> Event:
    """The event, from which people are told; of a grant that was warned of before, that one.

    Raises NotFoundError, ForbiddenError when it does not end soon.
    """
    grant = get_locked_grant(None, grant_id)
    subject = f"grant:{grant.pk}"
    # Under the grant's lock: of two workers at once, the second finds the first one's.
    if first := Event.objects.filter(subject=subject, verb="warn_expiry").first():
        return first
    require_allowed(may_warn_expiry(grant, now))
    data = {"item": grant.item_id, "ends_at": grant.ends_at.isoformat()}
    return record_event(verb="warn_expiry", actor="engine:expire", subject=subject, data=data, now=now)
