"""Which grants end soon."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from audit.models import Event
from requests_app.models import GIVES, Grant


def ending_soon(grants: QuerySet[Grant], now: datetime) -> QuerySet[Grant]:
    """Those of them that still give something and end within the days of warning, the next end first."""
    until = now + timedelta(days=settings.WARN_DAYS)
    return grants.filter(GIVES, ends_at__gt=now, ends_at__lte=until).order_by("ends_at", "pk")


def not_warned_of(now: datetime) -> QuerySet[Grant]:
    """Those that end soon and of which the record does not say so yet."""
    subject = Concat(Value("grant:"), Cast(OuterRef("pk"), CharField()))
    warned = Event.objects.filter(subject=subject, verb="warn_expiry")
    return ending_soon(Grant.objects.filter(~Exists(warned)), now)
