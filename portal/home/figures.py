"""One figure for each job, with its last twelve weeks or thirty days where there is a series."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncWeek
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.classification.models import Finding, FindingState
from catalog.classification.queries import list_findings_for_stewards
from catalog.product_usage.costs import list_daily_reads
from fulfilment.permissions.models import DriftFinding
from kernel.durations import format_duration
from portal.charts.chart import Sparkline, draw_sparkline
from portal.charts.scale import ChartUnit
from portal.home.panels import Panel, Visit
from requests_app.access_requests.models import Decision
from requests_app.grants.models import EFFECTIVE_GRANTS, Grant
from requests_app.grants.subgrants.queries import list_administered_accounts
from requests_app.permissions.may import sees_all_permissions
from requests_app.review.decision_history import (
    DecisionPeriod,
    DecisionScope,
    count_weekly_decisions,
    list_decisions,
)
from requests_app.statistics.periods import Interval, Periods, build_periods

FIGURE = "figure"
READ_DAYS = 30


@dataclass(frozen=True)
class Figure:
    """`value` is large, `note` says what it counts and over which time."""

    title: str
    value: str
    note: str
    line: Sparkline | None = None
    url: str = ""
    link: str = ""


def _draw(values: Sequence[float | None], unit: ChartUnit = ChartUnit.COUNT) -> Sparkline | None:
    return draw_sparkline(values, "", unit) if any(values) else None


def _list_weekly_counts(
    rows: QuerySet[Finding] | QuerySet[DriftFinding], field: str, periods: Periods
) -> list[int]:
    """One query."""
    recent = rows.filter(**{f"{field}__gte": periods.starts[0]}).order_by()
    counted = recent.annotate(week=TruncWeek(field)).values("week").annotate(n=Count("pk"))
    counts = [0] * len(periods.starts)
    for week, count in counted.values_list("week", "n"):
        if (place := periods.find_place(week)) is not None:
            counts[place] = count
    return counts


def _build_decision_figure(title: str, weeks: Sequence[DecisionPeriod], url: str, link: str) -> Figure | None:
    """The median of the last week with enough decisions for one, and of each such week; None if there is no such week."""
    measured = [(week, time) for week in weeks if (time := week.usual_time) is not None]
    if not measured:
        return None
    last, usual_time = measured[-1]
    note = ngettext(
        "median of %(n)d decision in the week of %(day)s; %(all)d decisions in 13 weeks",
        "median of %(n)d decisions in the week of %(day)s; %(all)d decisions in 13 weeks",
        last.count,
    ) % {
        "n": last.count,
        "day": date_format(localtime(last.week), _("j M")),
        "all": sum(week.count for week in weeks),
    }
    line = _draw([time.total_seconds() for _week, time in measured], ChartUnit.DURATION)
    return Figure(title, format_duration(usual_time), note, line, url, link)


def load_decision_time(visit: Visit) -> Figure:
    """How soon the person decides."""
    periods = build_periods(None, visit.now, Interval.WEEK)
    decisions = list_decisions(visit.person, DecisionScope.MINE)
    weeks = count_weekly_decisions(decisions, periods.starts[0])
    title, url, link = _("Time to your decision"), reverse("reviews-decided"), _("What you decided")
    figure = _build_decision_figure(title, weeks, url, link)
    return figure or Figure(
        title, _("not known yet"), _("You have made fewer than 5 decisions in 13 weeks."), None, url, link
    )


def load_waiting_time(visit: Visit) -> Figure | None:
    """How soon the person's requests are decided on."""
    periods = build_periods(None, visit.now, Interval.WEEK)
    decisions = Decision.objects.filter(item__request__requester=visit.person)
    weeks = count_weekly_decisions(decisions, periods.starts[0])
    return _build_decision_figure(
        _("Time until your requests are decided"),
        weeks,
        reverse("access-requests"),
        _("My requests"),
    )


def load_reads(visit: Visit) -> Figure:
    """How often the person's products are read."""
    today = localdate(visit.now)
    since = today - timedelta(days=READ_DAYS - 1)
    reads = list_daily_reads(visit.maintained_ids, since, today)
    days = [sum(day) for day in zip(*reads.values(), strict=True)]
    note = ngettext(
        "in 30 days, of %(n)d data product", "in 30 days, of %(n)d data products", len(visit.maintained_ids)
    ) % {"n": len(visit.maintained_ids)}
    value = str(sum(days)) if days else _("none known")
    return Figure(
        _("Reads of your products"), value, note, _draw(days), reverse("my-products"), _("My products")
    )


def load_findings(visit: Visit) -> Figure:
    """How much is left to classify, with what was found each week."""
    periods = build_periods(None, visit.now, Interval.WEEK)
    count = list_findings_for_stewards(visit.person).filter(state=FindingState.OPEN).count()
    weekly = _list_weekly_counts(Finding.objects.all(), "found_at", periods)
    note = ngettext(
        "column with a suggested class; found by week, 13 weeks",
        "columns with a suggested class; found by week, 13 weeks",
        count,
    )
    return Figure(
        _("Left to classify"), str(count), note, _draw(weekly), reverse("classification"), _("Classification")
    )


def load_drift(visit: Visit) -> Figure | None:
    """What differs in AWS from what was decided, and nobody has marked as known."""
    if not sees_all_permissions(visit.person):
        return None
    periods = build_periods(None, visit.now, Interval.WEEK)
    count = DriftFinding.objects.filter(gone_at=None, known_at=None).count()
    weekly = _list_weekly_counts(DriftFinding.objects.all(), "first_seen_at", periods)
    note = ngettext("open finding; found by week, 13 weeks", "open findings; found by week, 13 weeks", count)
    url, link = reverse("permissions"), _("Permissions and drift")
    return Figure(_("Drift from what was decided"), str(count), note, _draw(weekly), url, link)


def load_grants(visit: Visit, *, of_accounts: bool) -> Figure:
    """How much access there is: across the mesh, or in the accounts that the person administers."""
    periods = build_periods(None, visit.now, Interval.WEEK)
    grants = Grant.objects.all()
    title, url, link = _("Active access in the mesh"), reverse("permissions"), _("Permissions and drift")
    if of_accounts:
        grants = grants.filter(principal__account__in=list_administered_accounts(visit.person))
        title, url, link = _("Active access in your accounts"), reverse("grants"), _("Access")
    ends = [*periods.starts[1:], periods.until]
    live_by_week = {
        f"week_{place}": Count("pk", filter=Q(granted_at__lt=end) & (Q(ended_at=None) | Q(ended_at__gte=end)))
        for place, end in enumerate(ends)
    }
    counted = grants.aggregate(now=Count("pk", filter=Q(EFFECTIVE_GRANTS)), **live_by_week)
    count, weekly = counted["now"], [counted[name] for name in live_by_week]
    note = ngettext("grant; live by week, 13 weeks", "grants; live by week, 13 weeks", count)
    return Figure(title, str(count), note, _draw(weekly), url, link)


DECISION_TIME = Panel(FIGURE, load_decision_time)
WAITING_TIME = Panel(FIGURE, load_waiting_time)
READS = Panel(FIGURE, load_reads)
FINDINGS = Panel(FIGURE, load_findings)
DRIFT = Panel(FIGURE, load_drift)
GRANTS = Panel(FIGURE, partial(load_grants, of_accounts=False))
ACCOUNT_GRANTS = Panel(FIGURE, partial(load_grants, of_accounts=True))
