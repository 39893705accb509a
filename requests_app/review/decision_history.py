"""Decisions that were made, newest first: a person's own, or their teams', and what came of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, TextChoices
from django.db.models.functions import Coalesce, TruncWeek
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from identity.people.may import get_team_ids
from identity.people.models import Person
from kernel.clock import Now
from kernel.durations import format_duration
from requests_app.access_requests.may import build_owner_filter, list_visible_items
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.access_requests.queries import prefetch_item_rows
from requests_app.access_requests.states import ItemState
from requests_app.grants.states import GrantState
from requests_app.statistics.periods import MIN_MEASURED


class DecisionScope(TextChoices):
    """`mine` were made by the person, or on their behalf; `teams` on their teams' data."""

    MINE = "mine", gettext_lazy("Mine")
    TEAMS = "teams", gettext_lazy("My teams'")


class DecisionResult(TextChoices):
    """What came of a decision. An approval that waits for others has no access yet."""

    ACCESS = "access", gettext_lazy("access")
    ENDED = "ended", gettext_lazy("no access any more")
    WAITING = "waiting", gettext_lazy("approved, waits for others")
    REJECTED = "rejected", gettext_lazy("rejected")


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
    decisions = Decision.objects.filter(wanted, item__in=list_visible_items(person).values("pk"))
    return decisions.select_related("decided_by", "on_behalf_of").order_by("-pk")


@dataclass(frozen=True)
class DecisionPeriod:
    """A week that begins at `week`; `median` is from request to decision."""

    week: datetime
    approved: int
    rejected: int
    median: timedelta

    @property
    def count(self) -> int:
        return self.approved + self.rejected

    @property
    def usual_time(self) -> timedelta | None:
        """None of too few decisions."""
        return self.median if self.count >= MIN_MEASURED else None


def count_weekly_decisions(decisions: QuerySet[Decision], since: datetime) -> list[DecisionPeriod]:
    """Counts these, without decisions by rules, offers and break-glass consents. One query."""
    rows = decisions.filter(decided_at__gte=since, by_rule=None, by_offer=None, by_consent=None)
    wait = ExpressionWrapper(F("decided_at") - F("item__request__submitted_at"), output_field=DurationField())
    weekly = rows.order_by().annotate(week=TruncWeek("decided_at"), wait=wait).values("week")
    counted = weekly.annotate(
        approved=Count("pk", Q(answer=Decision.Answer.APPROVE)),
        rejected=Count("pk", Q(answer=Decision.Answer.REJECT)),
        median=Median("wait"),
    )
    return [DecisionPeriod(**row) for row in counted.order_by("week")]


def map_decided_items(decisions: Sequence[Decision]) -> Mapping[int, RequestItem]:
    """Their items by id, with all that a list shows. Two queries."""
    rows = prefetch_item_rows(RequestItem.objects.filter(pk__in={decision.item_id for decision in decisions}))
    return {item.pk: item for item in rows}


def list_decided_products(person: Person, scope: DecisionScope) -> list[tuple[str, str]]:
    """Slug and name of the products in this scope, by name. One query."""
    rows = list_decisions(person, scope).exclude(item__product=None)
    return sorted(
        set(rows.order_by().values_list("item__product__slug", "item__product__name")), key=lambda one: one[1]
    )


MAX_DECISIONS = 6
SEARCHED_DECISIONS = 50
"""Of the latest decisions on the same data, and of those for the same people."""


@dataclass(frozen=True)
class SimilarDecision:
    """`common_points` say in words what both have in common."""

    decision: Decision
    common_points: tuple[str, ...]


def list_similar_decisions(person: Person, item: RequestItem) -> list[SimilarDecision]:
    """What the person may see of earlier decisions, those with most in common first, then the latest. One query."""
    data = Q(item__table=item.table_id)
    if item.product_id is not None:
        data |= Q(item__product=item.product_id)
    people = Q(item__request__team=item.request.team_id) | Q(
        item__request__principal=item.request.principal_id
    )
    decisions = (
        Decision.objects.filter(item__in=list_visible_items(person)).exclude(item=item.pk).order_by("-pk")
    )
    rows = decisions.select_related(
        "decided_by",
        "on_behalf_of",
        "item__table__database",
        "item__product",
        "item__request__principal",
        "item__request__team",
    )
    found = rows.filter(data)[:SEARCHED_DECISIONS].union(rows.filter(people)[:SEARCHED_DECISIONS], all=True)
    alike = [
        SimilarDecision(row, _list_common_points(row.item, item))
        for row in {row.pk: row for row in found}.values()
    ]
    return sorted(alike, key=lambda one: (-len(one.common_points), -one.decision.pk))[:MAX_DECISIONS]


def _list_common_points(one: RequestItem, other: RequestItem) -> tuple[str, ...]:
    pairs = {
        _("same table"): (one.table_id, other.table_id),
        _("same product"): (one.product_id, other.product_id),
        _("same team"): (one.request.team_id, other.request.team_id),
        _("same role"): (one.request.principal_id, other.request.principal_id),
    }
    return tuple(words for words, (this, that) in pairs.items() if this is not None and this == that)


PERIOD = timedelta(days=90)


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
    enough = counted.filter(decisions__gte=MIN_MEASURED)
    return {
        team: DecisionTime(median, count)
        for team, median, count in enough.values_list("owner_team", "median", "decisions")
    }


def get_decision_time(owner_team: int | None) -> DecisionTime | None:
    """Of one team."""
    return None if owner_team is None else compute_decision_times([owner_team]).get(owner_team)


def describe_decision_time(time: DecisionTime | None) -> str:
    """For example "9 hours (median of 12 decisions in 90 days)"; empty for None."""
    if time is None:
        return ""
    text = ngettext(
        "%(wait)s (median of %(n)d decision in %(days)d days)",
        "%(wait)s (median of %(n)d decisions in %(days)d days)",
        time.count,
    )
    return text % {"wait": format_duration(time.median), "n": time.count, "days": PERIOD.days}
