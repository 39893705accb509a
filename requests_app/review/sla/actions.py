"""Reminders and escalations of overdue items, recorded by the workers. They decide nothing."""

from datetime import datetime

from django.db import transaction

from audit.actions import record_event
from requests_app.access_requests.models import RequestItem
from requests_app.review.sla.models import OverdueStep
from requests_app.review.sla.queries import list_overdue_items

EVENT_VERBS = {OverdueStep.Step.REMIND: "remind_deciders", OverdueStep.Step.ESCALATE: "escalate_item"}


@transaction.atomic(durable=True)
def record_overdue_step(*, item_id: int, step: OverdueStep.Step, now: datetime) -> bool:
    """Remind or escalate, on the record; False when it is no longer due, or was done meanwhile."""
    RequestItem.objects.select_for_update(no_key=True).get(pk=item_id)
    item = list_overdue_items(step, now).filter(pk=item_id).first()
    if item is None:
        return False
    data = {"since": item.state_changed_at.isoformat()}
    event = record_event(
        verb=EVENT_VERBS[step], actor="engine:promises", subject=f"item:{item.pk}", data=data, now=now
    )
    OverdueStep.objects.create(item=item, step=step, since=item.state_changed_at, event=event)
    return True
