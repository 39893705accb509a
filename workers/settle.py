"""Steps that were sent and never answered: open until their time is up, then of unknown outcome."""

from datetime import datetime

from django.db import connection

from fulfilment.models import InFlight, Step
from workers.claim import Lease, hold, short_transaction


def settle(lease: Lease) -> datetime | None:
    """Close what has settled and give its slots back; the time until which the scope must still wait.

    A killed worker's call still lands: while one may, the scope is neither planned nor proven.
    """
    with short_transaction():
        hold(lease)
        unanswered = Step.objects.filter(round__scope=lease.scope, outcome=Step.Outcome.SENT)
        waiting = [step for step in unanswered if step.open_until and step.open_until > lease.began_at]
        settled = [step.pk for step in unanswered if step not in waiting]
        InFlight.objects.filter(step_id__in=settled).delete()
        Step.objects.filter(pk__in=settled).update(outcome=Step.Outcome.UNKNOWN)
    return max((step.open_until for step in waiting if step.open_until), default=None)


def seconds_until(moment: datetime) -> float:
    """How long by the database's clock; 0 when it has passed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT greatest(0, extract(epoch FROM %s - clock_timestamp()))", [moment])
        row = cursor.fetchone()
    assert row is not None
    return float(row[0])
