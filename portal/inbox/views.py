"""The inbox: items waiting for a decision, and the list of decisions that were made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET
from django_filters import CharFilter, ChoiceFilter

from fulfilment.observations.models import ReadingTimes
from identity.role_changes.may import is_governor
from portal.api.filters import ListFilters
from portal.charts.chart import Chart, ChartTone, Series
from portal.charts.period_names import describe_axis, list_period_names
from portal.charts.scale import ChartUnit, format_value
from portal.inbox.other_decisions import list_other_decisions
from portal.inbox.presenters import (
    SELECTED_PARAMETER,
    InboxHeader,
    InboxList,
    build_inbox_rows,
    build_next_url,
)
from portal.inbox.preview import find_preview
from portal.inbox.sections import build_other_rows, build_sections, filter_other_rows
from portal.lists.declaration import EmptyState, FilterInput, ListPage, Text
from portal.pages.inbox_query import MAX_PARAMETER_LENGTH, parse_inbox_query
from portal.pages.partials import render_page_or_fragment
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.display_states.vocabulary import DisplayState
from requests_app.grants.end_dates import load_earlier_ends
from requests_app.grants.models import Grant
from requests_app.leavers.queries import list_leaver_grants
from requests_app.leavers.vacancies import list_vacancies
from requests_app.page_counts import get_page_counts
from requests_app.review.access_status import get_display_state
from requests_app.review.bulk.queries import list_open_bulk_decisions
from requests_app.review.decision_history import (
    RESULT_FILTERS,
    DecisionPeriod,
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


def build_count_chart(periods: Periods, weeks: Mapping[int, DecisionPeriod]) -> Chart:
    places = range(len(periods.starts))
    approved = tuple(weeks[place].approved if place in weeks else 0 for place in places)
    rejected = tuple(weeks[place].rejected if place in weeks else 0 for place in places)
    total = sum(approved) + sum(rejected)
    summary = ngettext("%(n)d decision in 13 weeks.", "%(n)d decisions in 13 weeks.", total) % {"n": total}
    return Chart(
        "decisions",
        gettext("Decisions by week"),
        summary,
        describe_axis(periods.interval),
        list_period_names(periods),
        (
            Series(gettext("approved"), approved, ChartTone.GOOD),
            Series(gettext("rejected"), rejected, ChartTone.BAD),
        ),
    )


def build_time_chart(periods: Periods, weeks: Mapping[int, DecisionPeriod]) -> Chart:
    seconds = tuple(
        week.usual_time.total_seconds() if (week := weeks.get(place)) and week.usual_time else None
        for place in range(len(periods.starts))
    )
    measured = [place for place, value in enumerate(seconds) if value is not None]
    summary = gettext("Too few decisions in each week to say how long they usually take.")
    if measured:
        newest = measured[-1]
        summary = gettext("Half of the %(n)s decisions of the week of %(day)s took %(time)s or less.") % {
            "n": weeks[newest].count,
            "day": list_period_names(periods)[newest],
            "time": format_value(seconds[newest] or 0, ChartUnit.DURATION),
        }
    return Chart(
        "decision-time",
        gettext("Time from request to decision, by week"),
        summary,
        describe_axis(periods.interval),
        list_period_names(periods),
        (Series(gettext("median"), seconds),),
        unit=ChartUnit.DURATION,
    )


@dataclass(frozen=True)
class DecisionRow:
    """A decision, its item, and the state that it led to."""

    decision: Decision
    item: RequestItem
    state: DisplayState

    @property
    def grant(self) -> Grant | None:
        return getattr(self.item, "grant", None)

    @property
    def is_approval(self) -> bool:
        return self.decision.answer == Decision.Answer.APPROVE


class DecisionFilters(ListFilters):
    result = ChoiceFilter(method="filter_result", choices=DecisionResult.choices)
    product = CharFilter("item__product__slug", max_length=MAX_PARAMETER_LENGTH)

    def filter_result(self, rows: QuerySet[Decision], _name: str, result: str) -> QuerySet[Decision]:
        return rows.filter(RESULT_FILTERS[DecisionResult(result)])


class DecisionList(ListPage):
    """What came of each decision; it updates itself while workers change something on it."""

    route = "reviews-decided"
    template = cells = "portal/inbox/decided.html"
    title = _("Decided")
    lead = _("What you and your teams decided, and what came of it.")
    filters = DecisionFilters
    inputs = (
        FilterInput(
            "result", _("Result"), "select", any_label=_("any"), options=lambda _list: DecisionResult.choices
        ),
        FilterInput(
            "product",
            _("Product"),
            "select",
            any_label=_("all products"),
            options=lambda listed: list_decided_products(listed.person, DecisionScope(listed.tab)),
        ),
    )
    tab_parameter = "whose"
    page_size = 25
    part = "decided"
    empty = EmptyState(
        "inbox",
        _("No decisions yet"),
        _("What you approve or reject is listed here, with what came of it."),
        _("Go to the inbox"),
        "reviews",
        "plain",
    )
    empty_filtered = EmptyState(
        "inbox",
        _("No matching decisions"),
        _("Remove a filter to see more."),
        _("Show all"),
        "reviews-decided",
        "plain",
    )

    def list_tabs(self) -> dict[str, Text]:
        return {scope.value: scope.label for scope in DecisionScope}

    def list_rows(self) -> QuerySet[Decision]:
        return list_decisions(self.person, DecisionScope(self.tab))

    def build_rows(self, rows: list[Any]) -> list[Any]:
        """The same few queries for any number of decisions."""
        items, readings = map_decided_items(rows), ReadingTimes()
        load_earlier_ends(item.grant for item in items.values() if hasattr(item, "grant"))
        return [
            DecisionRow(
                row,
                items[row.item_id],
                get_display_state(items[row.item_id], self.now, readings),
            )
            for row in rows
        ]

    def build_context(self, _rows: list[Any]) -> Mapping[str, Any]:
        periods = build_periods(None, self.now, Interval.WEEK)
        counted = count_weekly_decisions(self.filtered_rows, periods.starts[0])
        weeks = {place: row for row in counted if (place := periods.find_place(row.week)) is not None}
        return {
            "charts": [build_count_chart(periods, weeks), build_time_chart(periods, weeks)] if weeks else []
        }

    def describe_progress(self, rows: list[Any]) -> tuple[object, bool]:
        return [(row.decision.pk, row.state) for row in rows], any(row.state.is_changing for row in rows)


PREVIEW = "preview"


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """Htmx receives the list only, or the preview only."""
    person, sought = get_signed_in_person(request), parse_inbox_query(request.GET.dict())
    now = get_page_counts(person).rounded_now
    inbox_page = get_inbox_page(person, sought)
    rows = build_inbox_rows(inbox_page.items, person, sought.scope)
    decisions = list_other_decisions(person)
    matching = filter_other_rows(decisions, sought, person.pk)
    # They are all on the first page.
    others = build_other_rows([] if sought.after else matching, now)
    sections = build_sections(rows, others, sought.order, now)
    preview = find_preview(
        person, [row for section in sections for row in section.rows], request.GET.get(SELECTED_PARAMETER, "")
    )
    kinds = tuple({one.name: one.label for one in decisions if one.label}.items())
    counts = get_inbox_counts(person, sought)
    context = {
        "header": InboxHeader(sought, counts, kinds),
        "waiting_count": counts.total + sum(one.count for one in matching),
        "inbox_list": InboxList(sought, rows, build_next_url(sought, inbox_page), sections),
        "preview": preview,
        "received_delegations": list_received_delegations(person),
        "open_bulk_decisions": list_open_bulk_decisions(person),
        "vacancies": list_vacancies() if is_governor(person) else [],
        "inactive_requester_grants": list_leaver_grants(person),
    }
    part = PREVIEW if request.headers.get("HX-Target") == PREVIEW else "waiting"
    response = render_page_or_fragment(request, "portal/inbox/list.html", part, context)
    patch_vary_headers(response, ["HX-Target"])
    return response
