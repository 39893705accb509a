"""Decisions that were made, newest first: a person's own, or their teams', and what came of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, QuerySet, TextChoices
from django.db.models.functions import TruncWeek
from django.utils.translation import gettext_lazy as _

from identity.people.may import get_team_ids
from identity.people.models import Person
from requests_app.access_requests.may import build_owner_filter, list_visible_items
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.access_requests.queries import prefetch_item_rows
from requests_app.access_requests.states import ItemState
from requests_app.grants.states import GrantState
from requests_app.review.decision_times import Median


class DecisionScope(TextChoices):
    """`mine` were made by the person, or on their behalf; `teams` on their teams' data."""

    MINE = "mine", _("Mine")
    TEAMS = "teams", _("My teams'")


class DecisionResult(TextChoices):
    """What came of a decision. An approval that waits for others has no access yet."""

    ACCESS = "access", _("access")
    ENDED = "ended", _("no access any more")
    WAITING = "waiting", _("approved, waits for others")
    REJECTED = "rejected", _("rejected")


_APPROVED, _HAS_ACCESS = Q(answer=Decision.Answer.APPROVE), Q(item__grant__state=GrantState.LIVE)
_WAITS = Q(item__state=ItemState.SUBMITTED)
RESULT_FILTERS = {
    DecisionResult.ACCESS: _APPROVED & _HAS_ACCESS,
    DecisionResult.ENDED: _APPROVED
    & ~Q(item__grant__isnull=False, item__grant__state=GrantState.LIVE)
    & ~_WAITS,
    DecisionResult.WAITING: _APPROVED & _WAITS,
    DecisionResult.REJECTED: Q(answer=Decision.Answer.REJECT),
}


def list_decisions(person: Person, scope: DecisionScope) -> QuerySet[Decision]:
    """Newest first, of items that the person may still see."""
    if scope == DecisionScope.MINE:
        wanted = Q(decided_by=person) | Q(on_behalf_of=person)
    else:
        theirs = RequestItem.objects.filter(build_owner_filter(get_team_ids(person)))
        wanted = Q(item__in=theirs.values("pk"))
    found = Decision.objects.filter(wanted, item__in=list_visible_items(person).values("pk"))
    return found.select_related("decided_by", "on_behalf_of").order_by("-pk")


@dataclass(frozen=True)
class DecisionPeriod:
    """Of a week that begins at `week`; `median_time` is from request to decision."""

    week: datetime
    approved: int
    rejected: int
    median_time: timedelta


def count_weekly_decisions(decisions: QuerySet[Decision], since: datetime) -> list[DecisionPeriod]:
    """Of these, without those by rules, offers and break-glass consents. One query."""
    rows = decisions.filter(decided_at__gte=since, by_rule=None, by_offer=None, by_consent=None)
    wait = ExpressionWrapper(F("decided_at") - F("item__request__submitted_at"), output_field=DurationField())
    weekly = rows.order_by().annotate(week=TruncWeek("decided_at"), wait=wait).values("week")
    counted = weekly.annotate(
        approved=Count("pk", Q(answer=Decision.Answer.APPROVE)),
        rejected=Count("pk", Q(answer=Decision.Answer.REJECT)),
        median_time=Median("wait"),
    )
    return [DecisionPeriod(**row) for row in counted.order_by("week")]


def map_decided_items(decisions: Sequence[Decision]) -> Mapping[int, RequestItem]:
    """Their items by id, with all that a list shows. Two queries."""
    rows = prefetch_item_rows(RequestItem.objects.filter(pk__in={one.item_id for one in decisions}))
    return {item.pk: item for item in rows}


def list_decided_products(person: Person, scope: DecisionScope) -> list[tuple[str, str]]:
    """Slug and name of the products in this scope, by name. One query."""
    rows = list_decisions(person, scope).exclude(item__product=None)
    return sorted(
        set(rows.order_by().values_list("item__product__slug", "item__product__name")), key=lambda one: one[1]
    )
