"""The inbox: items waiting for a decision, and decisions that were made."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from fulfilment.observations.models import ReadingTimes
from identity.role_changes.may import is_governor
from portal.charts.chart import Chart, ChartTone, Series
from portal.charts.period_names import describe_axis, list_period_names
from portal.charts.scale import ChartUnit, format_value
from portal.inbox.other_decisions import list_other_decisions
from portal.inbox.presenters import (
    FilterField,
    InboxHeader,
    InboxList,
    build_inbox_rows,
    build_next_url,
)
from portal.pages.inbox_query import MAX_PARAMETER_LENGTH, parse_inbox_query
from portal.pages.pagination import build_pager
from portal.pages.partials import render_page_or_fragment, render_polled_page
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.display_states.vocabulary import DisplayState
from requests_app.leavers.queries import list_leaver_grants
from requests_app.leavers.vacancies import list_vacancies
from requests_app.review.access_status import get_access_status
from requests_app.review.bulk.queries import list_open_bulk_decisions
from requests_app.review.decision_history import (
    DecisionPeriod,
    DecisionQuery,
    DecisionResult,
    DecisionScope,
    count_weekly_decisions,
    list_decided_products,
    list_decisions,
    map_decided_items,
)
from requests_app.review.delegation.queries import list_received_delegations
from requests_app.review.inbox.counts import get_inbox_counts, get_inbox_page
from requests_app.statistics.periods import Interval, Periods, build_periods

DECISIONS_PAGE_SIZE = 25


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """Htmx receives the list only."""
    person, sought = get_signed_in_person(request), parse_inbox_query(request.GET.dict())
    found = get_inbox_page(person, sought)
    context = {
        "header": InboxHeader(sought, get_inbox_counts(person, sought)),
        "inbox_list": InboxList(
            sought, build_inbox_rows(found.items, person, sought.scope), build_next_url(sought, found)
        ),
        "other_decisions": list_other_decisions(person),
        "vacancies": list_vacancies() if is_governor(person) else [],
        "received_delegations": list_received_delegations(person),
        "open_bulk_decisions": list_open_bulk_decisions(person),
        "inactive_requester_grants": list_leaver_grants(person),
    }
    return render_page_or_fragment(request, "portal/inbox/list.html", "waiting", context)


@require_GET
def decided(request: HttpRequest) -> HttpResponse:
    """What came of each decision; it updates itself while workers change something on it."""
    person, query, now = (
        get_signed_in_person(request),
        _parse_decision_query(request.GET.dict()),
        get_request_time(request),
    )
    page = Paginator(list_decisions(person, query), DECISIONS_PAGE_SIZE).get_page(request.GET.get("page"))
    # The same few queries for any number of decisions.
    decisions = list(page)
    items, readings = map_decided_items(decisions), ReadingTimes()
    rows = [
        DecisionRow(
            one,
            items[one.item_id],
            get_access_status(items[one.item_id], now=now, readings=readings).display_state,
        )
        for one in decisions
    ]
    header = DecisionHeader(query, tuple(list_decided_products(person, query)))
    periods = build_periods(None, now, Interval.WEEK)
    chart_rows = count_weekly_decisions(person, query, periods.starts[0])
    weeks = {place: row for row in chart_rows if (place := periods.find_place(row.week)) is not None}
    charts = [_build_count_chart(periods, weeks), _build_time_chart(periods, weeks)] if weeks else []
    context = {
        "header": header,
        "rows": rows,
        "charts": charts,
        "pager": build_pager(page, _build_query_string(query)),
    }
    return render_polled_page(
        request,
        "portal/inbox/decided.html",
        "decided",
        context,
        content=[(row.decision.pk, row.state) for row in rows],
        should_poll=any(row.state.is_changing for row in rows),
    )


def _build_count_chart(periods: Periods, weeks: Mapping[int, DecisionPeriod]) -> Chart:
    places = range(len(periods.starts))
    approved = tuple(weeks[place].approved if place in weeks else 0 for place in places)
    rejected = tuple(weeks[place].rejected if place in weeks else 0 for place in places)
    total = sum(approved) + sum(rejected)
    summary = ngettext("%(n)d decision in 13 weeks.", "%(n)d decisions in 13 weeks.", total) % {"n": total}
    return Chart(
        "decisions",
        _("Decisions by week"),
        summary,
        describe_axis(periods.interval),
        list_period_names(periods),
        (Series(_("approved"), approved, ChartTone.GOOD), Series(_("rejected"), rejected, ChartTone.BAD)),
    )


def _build_time_chart(periods: Periods, weeks: Mapping[int, DecisionPeriod]) -> Chart:
    seconds = tuple(
        weeks[place].median_time.total_seconds() if place in weeks else None
        for place in range(len(periods.starts))
    )
    last = weeks[max(weeks)].median_time.total_seconds()
    summary = _("In the last week with decisions, half of them took no longer than %(time)s.") % {
        "time": format_value(last, ChartUnit.DURATION)
    }
    return Chart(
        "decision-time",
        _("Time from request to decision, by week"),
        summary,
        describe_axis(periods.interval),
        list_period_names(periods),
        (Series(_("median"), seconds),),
        unit=ChartUnit.DURATION,
    )


@dataclass(frozen=True)
class DecisionRow:
    """A decision, its item, and the state that it led to."""

    decision: Decision
    item: RequestItem
    state: DisplayState

    @property
    def is_approval(self) -> bool:
        return self.decision.answer == Decision.Answer.APPROVE


@dataclass(frozen=True)
class DecisionHeader:
    """Scope links and filters above the list."""

    query: DecisionQuery
    products: tuple[tuple[str, str], ...]

    @property
    def scope_links(self) -> list[tuple[str, str, bool]]:
        """Label, URL and whether it is current."""
        return [
            (
                str(one.label),
                "?" + _build_query_string(DecisionQuery(one, self.query.result)),
                one == self.query.scope,
            )
            for one in DecisionScope
        ]

    @property
    def filters(self) -> list[FilterField]:
        results = tuple((one.value, str(one.label)) for one in DecisionResult)
        return [
            FilterField("result", _("Result"), _("any"), self.query.result, results),
            FilterField("product", _("Product"), _("all products"), self.query.product, self.products),
        ]


def _parse_decision_query(said: Mapping[str, str]) -> DecisionQuery:
    """Invalid parameters are ignored."""
    result = said.get("result", "")
    is_teams = said.get("whose") == DecisionScope.TEAMS
    return DecisionQuery(
        scope=DecisionScope.TEAMS if is_teams else DecisionScope.MINE,
        result=result if result in DecisionResult.values else "",
        product=said.get("product", "")[:MAX_PARAMETER_LENGTH],
    )


def _build_query_string(query: DecisionQuery) -> str:
    """Without default values."""
    whose = query.scope.value if query.scope != DecisionScope.MINE else ""
    values = {"whose": whose, "result": query.result, "product": query.product}
    return urlencode({name: value for name, value in values.items() if value})
