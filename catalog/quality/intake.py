"""Turns the reports of tools into results of tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.mirror.models import Table
from catalog.quality.formats import Report, RuleResult
from catalog.quality.results import (
    MAX_NAME,
    IncomingResult,
    RuleFact,
    digest_content,
    read_dimension,
)
from catalog.quality.states import QualitySource, RuleOutcome

MAX_AHEAD = timedelta(days=1)
_SOURCES = {
    "dbt": QualitySource.DBT,
    "great_expectations": QualitySource.GREAT_EXPECTATIONS,
    "soda": QualitySource.SODA,
}


@dataclass(frozen=True)
class Sender:
    """A team's service, or a person with the teams for which they may send."""

    teams: Sequence[int]
    person_id: int | None = None

    @property
    def scope(self) -> str:
        """One for all senders: the same file is one result, whoever sends it."""
        return "push"


def build_incoming(
    reports: Iterable[Report], tables: Mapping[str, Table], sender: Sender, now: datetime
) -> list[IncomingResult]:
    """Of reports whose dataset is one of `tables`, by its name, and that hold an evaluated rule."""
    found = []
    for report in reports:
        table = tables.get(report.dataset_name)
        rules = [read_rule(one) for one in report.rules]
        if table is None or all(one.outcome is RuleOutcome.SKIPPED for one in rules):
            continue
        at = report.finished_at or report.started_at or now
        found.append(
            IncomingResult(
                source=_SOURCES[report.tool],
                ruleset=report.dataset_name[:MAX_NAME],
                scope=sender.scope,
                external_id=digest_content(at.isoformat(), repr(report.rules)),
                evaluated_at=at,
                rules=rules,
                table_id=table.pk,
                team_id=sender.teams[0] if sender.person_id is None else None,
                person_id=sender.person_id,
                tool_version=report.tool_version[:60],
            )
        )
    return found


def read_rule(rule: RuleResult) -> RuleFact:
    outcome = RuleOutcome.SKIPPED
    if rule.passed is not None:
        outcome = RuleOutcome.PASSED if rule.passed else RuleOutcome.FAILED
    return RuleFact(
        name=rule.name,
        outcome=outcome,
        dimension=read_dimension(rule.dimension),
        column=rule.column,
        observed=_read_number(rule.observed),
        expected=str(rule.expected or ""),
        message=rule.message or "",
    )


def _read_number(value: object) -> float | None:
    """Numbers only: texts may be values of rows."""
    try:
        return float(str(value)) if value not in (None, "") else None
    except ValueError:
        return None
