"""Pages of quality: of a product, a table, a ruleset with the history of a rule, and a result."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from catalog.browse.tables import get_table
from catalog.quality.models import MeasureKind, QualityResult, RuleOutcome
from catalog.quality.queries import (
    get_result,
    get_ruleset,
    list_anomalies,
    list_measures,
    list_results,
    sees_rule_messages,
)
from portal.charts.chart import Chart, ChartTone, Series
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.pagination import build_pager
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.quality.presenters import (
    LONG_TREND,
    ResultRow,
    RuleRow,
    build_anomaly_rows,
    build_measure_chart,
    build_quality_view,
    build_rule_rows,
)

MAX_RUNS = 90
PAGE_SIZE, MAX_ANOMALIES, MAX_MEASURES = 25, 10, 90


@require_GET
@return_404_if_hidden
def table_quality(request: HttpRequest, pk: int) -> HttpResponse:
    person, now = get_signed_in_person(request), get_request_time(request)
    table = get_table(person, pk)
    shows_messages = sees_rule_messages(person, table)
    view = build_quality_view([pk], now, days=LONG_TREND, shows_messages=shows_messages)
    measures = list_measures(table, "", MeasureKind.ROWS, MAX_MEASURES)
    context = {
        "table": table,
        "view": view,
        "rows_chart": build_measure_chart(measures, "rows"),
        "anomalies": build_anomaly_rows(list_anomalies(table)[:MAX_ANOMALIES]),
        **_build_results(request, list_results([pk])),
    }
    return render(request, "portal/quality/table.html", context)


@require_GET
@return_404_if_hidden
def ruleset(request: HttpRequest, pk: int) -> HttpResponse:
    """With `rule`, and `column` if it has one, the history of that rule."""
    person = get_signed_in_person(request)
    found = get_ruleset(person, pk)
    assert found.table is not None
    results = list_results([found.table.pk]).filter(ruleset=found)
    name, column = request.GET.get("rule", "")[:300], request.GET.get("column", "")[:300]
    shows_messages = sees_rule_messages(person, found.table)
    context = {
        "ruleset": found,
        "table": found.table,
        "rules": build_rule_rows(found.latest, shows_messages=False) if found.latest else [],
        "history": _build_rule_history(results, name, column, shows_messages=shows_messages)
        if name
        else None,
        **_build_results(request, results),
    }
    return render(request, "portal/quality/ruleset.html", context)


@require_GET
@return_404_if_hidden
def result(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_signed_in_person(request)
    found = get_result(person, pk)
    assert found.ruleset.table is not None
    shows_messages = sees_rule_messages(person, found.ruleset.table)
    context = {
        "row": ResultRow(found),
        "result": found,
        "table": found.ruleset.table,
        "rules": build_rule_rows(found, shows_messages=shows_messages),
        "shows_messages": shows_messages,
    }
    return render(request, "portal/quality/result.html", context)


def _build_results(request: HttpRequest, rows: Any) -> dict[str, Any]:
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    return {"results": [ResultRow(one) for one in page], "pager": build_pager(page, query.urlencode())}


@dataclass(frozen=True)
class RuleHistory:
    """The newest first."""

    name: str
    column: str
    rows: tuple[RuleRow, ...]
    chart: Chart | None


def _build_rule_history(
    results: QuerySet[QualityResult], name: str, column: str, *, shows_messages: bool
) -> RuleHistory | None:
    """In the last results of its ruleset, from `list_results`; None of a rule that none of them has."""
    rows = []
    for result in results[:MAX_RUNS]:
        rule_rows = build_rule_rows(result, shows_messages=shows_messages)
        rows += [row for row in rule_rows if (row.fact.name, row.fact.column) == (name, column)][:1]
    return RuleHistory(name, column, tuple(rows), _build_chart(rows[::-1])) if rows else None


def _build_chart(rows: list[RuleRow]) -> Chart | None:
    """Observed values if there are any, else a bar for each run that passed or did not. None for fewer than two."""
    if len(rows) < 2:  # noqa: PLR2004 - a history
        return None
    passed = sum(row.fact.outcome is RuleOutcome.PASSED for row in rows)
    summary = _("It passed in %(passed)s of the last %(n)s results.") % {"passed": passed, "n": len(rows)}
    return Chart(
        key="rule-history",
        title=_("Outcomes of the rule"),
        summary=summary,
        axis=_("Evaluated"),
        periods=tuple(date_format(row.result.evaluated_at, "j M, H:i") for row in rows),
        series=(
            Series(_("passed"), _mark(rows, failures=False), ChartTone.GOOD),
            Series(_("not passed"), _mark(rows, failures=True), ChartTone.BAD),
        ),
    )


def _mark(rows: list[RuleRow], *, failures: bool) -> tuple[float | None, ...]:
    return tuple(float(row.is_failure is failures) for row in rows)
