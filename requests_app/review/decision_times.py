"""How long a team's data owners usually take to decide."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F
from django.db.models.functions import Coalesce
from django.utils.translation import ngettext

from kernel.clock import Now
from kernel.durations import format_duration
from requests_app.access_requests.models import Decision

PERIOD = timedelta(days=90)
MIN_DECISIONS = 10
"""With fewer decisions nothing is claimed: their median changes with each one."""


@dataclass(frozen=True)
class DecisionTime:
    """The median of `count` decisions."""

    median: timedelta
    count: int


class Median(Aggregate):
    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def compute_decision_times(owner_teams: Collection[int]) -> dict[int, DecisionTime]:
    """By team, the median time from request to decision in the last 90 days. Approvals by a rule, an offer or a
    break-glass consent don't count. One query.
    """
    if not owner_teams:
        return {}
    recent = Decision.objects.filter(
        decided_at__gte=Now() - PERIOD, by_rule=None, by_offer=None, by_consent=None
    )
    by_team = recent.annotate(
        owner_team=Coalesce("item__table__database__domain__owner_team", "item__product__domain__owner_team"),
        wait=ExpressionWrapper(
            F("decided_at") - F("item__request__submitted_at"), output_field=DurationField()
        ),
    ).filter(owner_team__in=owner_teams)
    counted = by_team.order_by().values("owner_team").annotate(decisions=Count("pk"), median=Median("wait"))
    enough = counted.filter(decisions__gte=MIN_DECISIONS)
    return {
        team: DecisionTime(median, count)
        for team, median, count in enough.values_list("owner_team", "median", "decisions")
    }


def get_decision_time(owner_team: int | None) -> DecisionTime | None:
    """Of one team."""
    return None if owner_team is None else compute_decision_times([owner_team]).get(owner_team)


def describe_decision_time(time: DecisionTime | None) -> str:
    """For example "9 hours (median of 12 decisions)"; empty for None."""
    if time is None:
        return ""
    text = ngettext("%(wait)s (median of %(n)d decision)", "%(wait)s (median of %(n)d decisions)", time.count)
    return text % {"wait": format_duration(time.median), "n": time.count}
