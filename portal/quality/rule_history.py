"""The history of one rule of a ruleset."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from catalog.quality.models import QualityResult
from catalog.quality.results import RuleFact
from catalog.quality.states import RuleOutcome
from portal.charts.chart import Chart, ChartTone, Series
from portal.quality.presenters import RuleRow, build_rule_rows

MAX_RUNS = 90


@dataclass(frozen=True)
class RuleHistory:
    """The newest first."""

    name: str
    column: str
    rows: tuple[RuleRow, ...]
    chart: Chart | None


def build_rule_history(
    results: QuerySet[QualityResult], name: str, column: str, *, shows_messages: bool
) -> RuleHistory | None:
    """In the last results of its ruleset, from `list_results`; None of a rule that none of them has."""
    rows = []
    for result in results[:MAX_RUNS]:
        found = build_rule_rows(result, shows_messages=shows_messages)
        rows += [row for row in found if _is_same(row.fact, name, column)][:1]
    return RuleHistory(name, column, tuple(rows), _build_chart(rows[::-1])) if rows else None


def _is_same(fact: RuleFact, name: str, column: str) -> bool:
    return (fact.name, fact.column) == (name, column)


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
