"""Reminders and escalations of overdue items, recorded by the workers. They decide nothing."""

from datetime import datetime

from django.db import transaction

from audit.actions import record
from requests_app.access_requests.models import Item
from requests_app.review.sla.models import Overdue
from requests_app.review.sla.queries import list_overdue_items

EVENT_VERBS = {Overdue.Step.REMIND: "remind_deciders", Overdue.Step.ESCALATE: "escalate_item"}


@transaction.atomic(durable=True)
def record_overdue_step(*, item_id: int, step: Overdue.Step, now: datetime) -> bool:
    """Remind or escalate, on the record; False when it is no longer due, or was done meanwhile."""
    Item.objects.select_for_update(no_key=True).get(pk=item_id)
    item = list_overdue_items(step, now).filter(pk=item_id).first()
    if item is None:
        return False
    data = {"since": item.state_changed_at.isoformat()}
    event = record(
        verb=EVENT_VERBS[step], actor="engine:promises", subject=f"item:{item.pk}", data=data, now=now
    )
    Overdue.objects.create(item=item, step=step, since=item.state_changed_at, event=event)
    return True
