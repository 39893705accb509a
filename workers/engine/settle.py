"""Waits before a scope is read: for calls without a response, and for the visibility of the last changes."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Max, Subquery

from fulfilment.rounds.models import Round, Step, WriteInFlight
from workers.engine.claim import Lease, lock_scope, short_transaction


def settle_calls(lease: Lease) -> datetime | None:
    """Close settled calls and free their slots; returns the time until which the scope must wait, or None.

    A killed worker's call still lands, and a listing may show for a while what was before the last call (field
    report: terraform-provider-aws, comments on revokes): until then the scope is neither planned nor proven.
    """
    with short_transaction():
        lock_scope(lease)
        unanswered = Step.objects.filter(round__scope=lease.scope, outcome=Step.Outcome.SENT)
        waiting = [step for step in unanswered if step.open_until and step.open_until > lease.began_at]
        settled = [step.pk for step in unanswered if step not in waiting]
        WriteInFlight.objects.filter(step_id__in=settled).delete()
        Step.objects.filter(pk__in=settled).update(outcome=Step.Outcome.UNKNOWN)
        shown_from = _find_visible_from(lease)
    until = [step.open_until for step in waiting if step.open_until]
    if shown_from and shown_from > lease.began_at:
        until.append(shown_from)
    return max(until, default=None)


def _find_visible_from(lease: Lease) -> datetime | None:
    """When the changes of the scope's last round are visible. Older rounds were visible before it was sent."""
    latest = Round.objects.filter(scope=lease.scope).order_by("-pk").values("pk")[:1]
    answered = Step.objects.filter(round=Subquery(latest)).aggregate(last=Max("answered_at"))["last"]
    return answered + timedelta(seconds=settings.VISIBILITY_DELAY) if answered else None


def compute_seconds_until(moment: datetime) -> float:
    """Seconds by the database's clock; 0 if the time has passed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT greatest(0, extract(epoch FROM %s - clock_timestamp()))", [moment])
        row = cursor.fetchone()
    assert row is not None
    return float(row[0])
