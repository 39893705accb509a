"""By when an item should be decided, and which items are overdue."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, DateTimeField, DurationField, ExpressionWrapper, F, QuerySet, Value, When
from django.db.models.functions import Coalesce

from kernel.clock import Now
from requests_app.access_requests.may import HAS_ACTIVE_REQUESTER, get_item_domain, may_be_decided
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.review.sla.models import OverdueStep

TIME_MULTIPLIERS = {OverdueStep.Step.REMIND: 1, OverdueStep.Step.ESCALATE: 2}
"""How many times the promised time has to have passed."""


def get_decision_deadline(item: RequestItem) -> datetime | None:
    """None when nothing is promised, or nobody can decide on the item."""
    domain = get_item_domain(item)
    deadline = compute_deadline(
        item.state, item.state_changed_at, domain.decide_within_hours if domain else None
    )
    return deadline if deadline and may_be_decided(item) else None


def compute_deadline(state: str, state_changed_at: datetime, domain_hours: int | None) -> datetime | None:
    """`domain_hours` are those that the domain promises; None for the portal's."""
    hours = settings.DECIDE_WITHIN_HOURS if domain_hours is None else domain_hours
    if not hours or state != ItemState.SUBMITTED:
        return None
    return state_changed_at + timedelta(hours=hours)


def build_promised_hours() -> Any:
    """The hours of `compute_deadline`, in SQL."""
    domain_hours = Case(
        When(table__database__domain__isnull=False, then="table__database__domain__decide_within_hours"),
        default="product__domain__decide_within_hours",
    )
    return Coalesce(domain_hours, Value(settings.DECIDE_WITHIN_HOURS))


def build_deadline(times: int = 1) -> Any:
    """When an item annotated with `promised_hours` has waited for so many times as long as promised, in SQL."""
    waited = ExpressionWrapper(
        F("promised_hours") * Value(timedelta(hours=times)), output_field=DurationField()
    )
    return ExpressionWrapper(F("state_changed_at") + waited, output_field=DateTimeField())


def list_overdue_items(step: OverdueStep.Step, now: datetime | Now) -> QuerySet[RequestItem]:
    """Waiting items whose time for this step has come and that did not have it yet; longest waiting first."""
    done = OverdueStep.objects.filter(step=step, since=F("item__state_changed_at")).values("item")
    return list_undecided_items(now, step).exclude(pk__in=done)


def list_undecided_items(
    now: datetime | Now, step: OverdueStep.Step = OverdueStep.Step.REMIND
) -> QuerySet[RequestItem]:
    """Waiting items whose time for this step has come, which is their `deadline`; longest waiting first."""
    waiting = RequestItem.objects.filter(HAS_ACTIVE_REQUESTER, state=ItemState.SUBMITTED)
    waiting = waiting.annotate(promised_hours=build_promised_hours()).filter(promised_hours__gt=0)
    due = waiting.annotate(deadline=build_deadline(TIME_MULTIPLIERS[step])).filter(deadline__lte=now)
    return due.order_by("state_changed_at", "pk")
