"""Turns the reports of tools into results of tables."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.mirror.models import Column, Table
from catalog.quality.formats.values import Report, RuleResult, Tool
from catalog.quality.results import (
    MAX_NAME,
    IncomingResult,
    RuleFact,
    digest_content,
    read_dimension,
)
from catalog.quality.states import QualitySource, RuleOutcome

MAX_VERSION = 60
SCOPE = "push"
"""One for all senders: the same file is one result, whoever sends it."""
UNKNOWN_COLUMN = "The table has no such column."
SOURCES: dict[str, QualitySource] = {
    Tool.DBT: QualitySource.DBT,
    Tool.GREAT_EXPECTATIONS: QualitySource.GREAT_EXPECTATIONS,
    Tool.SODA: QualitySource.SODA,
}


@dataclass(frozen=True)
class Sender:
    """A team's service, or a person with the teams for which they may send."""

    teams: Sequence[int]
    person_id: int | None = None


def build_incoming(
    reports: Iterable[Report],
    tables: Mapping[str, Table],
    sender: Sender,
    now: datetime,
    *,
    ruleset: str = "",
) -> list[IncomingResult]:
    """Of reports whose dataset is one of `tables`, by its name, and that hold an evaluated rule. `ruleset` names their rules
    instead of the dataset's name. A rule on a column that the table lacks is an error, whatever it says.
    """
    found = []
    columns = _read_columns({table.pk for table in tables.values()})
    for report in reports:
        table = tables.get(report.dataset_name)
        rules = [read_rule(one) for one in report.rules]
        if table is not None:
            rules = [_check_column(one, columns.get(table.pk, frozenset())) for one in rules]
        if table is None or all(one.outcome is RuleOutcome.SKIPPED for one in rules):
            continue
        at = report.finished_at or report.started_at or now
        source = SOURCES.get(report.tool, QualitySource.OWN)
        tool = (
            report.tool_version if source is not QualitySource.OWN else f"{report.tool} {report.tool_version}"
        )
        found.append(
            IncomingResult(
                source=source,
                ruleset=(ruleset or report.dataset_name or report.tool)[:MAX_NAME],
                scope=SCOPE,
                external_id=digest_content(_describe_time(report), repr(report.rules)),
                evaluated_at=at,
                rules=rules,
                table_id=table.pk,
                team_id=sender.teams[0] if sender.person_id is None else None,
                person_id=sender.person_id,
                tool_version=tool.strip()[:MAX_VERSION],
            )
        )
    return found


def _read_columns(tables: Collection[int]) -> dict[int, frozenset[str]]:
    """Names by table, in lower case; no entry for a table whose columns are not known."""
    found: dict[int, set[str]] = {}
    for table, name in Column.objects.filter(table__in=tables).values_list("table", "name"):
        found.setdefault(table, set()).add(name.lower())
    return {table: frozenset(names) for table, names in found.items()}


def _check_column(rule: RuleFact, columns: Collection[str]) -> RuleFact:
    """Of a nested field its column counts; of several columns each."""
    named = {one.strip().lower() for one in rule.column.split(",")} - {""}
    lacking = {one for one in named if not {one, one.partition(".")[0]} & set(columns)}
    if not columns or not lacking or rule.outcome is RuleOutcome.SKIPPED:
        return rule
    return replace(rule, outcome=RuleOutcome.ERROR, message=UNKNOWN_COLUMN)


def _describe_time(report: Report) -> str:
    """The same file without a time is one result, whenever it comes."""
    at = report.finished_at or report.started_at
    return at.isoformat() if at else ""


def read_rule(rule: RuleResult) -> RuleFact:
    if rule.passed is None:
        outcome = RuleOutcome.ERROR if rule.is_error else RuleOutcome.SKIPPED
    elif rule.passed:
        outcome = RuleOutcome.PASSED
    else:
        outcome = RuleOutcome.WARNING if rule.is_warning else RuleOutcome.FAILED
    return RuleFact(
        name=rule.name,
        outcome=outcome,
        dimension=read_dimension(rule.dimension),
        column=rule.column,
        observed=rule.observed,
        expected=rule.expected,
        message=rule.message,
    )
