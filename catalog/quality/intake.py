"""Turns the reports of tools into results of tables.

What does not have the shape of these facets is passed over, like facets that are not known.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from catalog.lineage.intake.events import Name, read_event
from catalog.lineage.intake.writer import find_dataset_keys
from catalog.lineage.matching import find_matches
from catalog.lineage.models import LineageDataset
from catalog.mirror.models import Column, Table
from catalog.quality.actions import store_results
from catalog.quality.formats.reports import read_dataset_report
from catalog.quality.formats.values import Report, RuleResult, Tool
from catalog.quality.models import MeasureKind, QualitySource, RuleOutcome
from catalog.quality.queries import list_team_tables
from catalog.quality.results import (
    MAX_NAME,
    IncomingResult,
    MeasureFact,
    RuleFact,
    digest_content,
    read_dimension,
)

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
    """The results of reports whose dataset is one of `tables`, by its name, and that hold an evaluated rule.
    `ruleset` names their rules instead of the dataset's name. A rule on a column that the table lacks is an error,
    whatever it says.
    """
    results = []
    columns = _read_columns({table.pk for table in tables.values()})
    for report in reports:
        table = tables.get(report.dataset_name)
        rules = [read_rule(rule) for rule in report.rules]
        if table is not None:
            rules = [_check_column(rule, columns.get(table.pk, frozenset())) for rule in rules]
        if table is None or all(rule.outcome is RuleOutcome.SKIPPED for rule in rules):
            continue
        at = report.finished_at or report.started_at or now
        source = SOURCES.get(report.tool, QualitySource.OWN)
        tool = (
            report.tool_version if source is not QualitySource.OWN else f"{report.tool} {report.tool_version}"
        )
        results.append(
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
    return results


def _read_columns(tables: Collection[int]) -> dict[int, frozenset[str]]:
    """Names by table, in lower case; no entry for a table whose columns are not known."""
    found: dict[int, set[str]] = {}
    for table, name in Column.objects.filter(table__in=tables).values_list("table", "name"):
        found.setdefault(table, set()).add(name.lower())
    return {table: frozenset(names) for table, names in found.items()}


def _check_column(rule: RuleFact, columns: Collection[str]) -> RuleFact:
    """The column of a nested field counts; of several columns each."""
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


_QUOTES = str.maketrans("", "", "\"`'")
MAX_ID_DIGITS = 18


def find_team_tables(names: Sequence[str], teams: Collection[int]) -> dict[str, Table]:
    """By name: an ARN, an S3 address, `database.table` with or without a catalog before it, a table's name that only one of
    the team's tables has, or the table's id here. Other teams' tables are as if they were not there.
    """
    wanted = list(dict.fromkeys(names))
    datasets = [_build_dataset(number, name) for number, name in enumerate(wanted, 1)]
    rows = list_team_tables(teams)
    matches = find_matches(datasets, rows)
    ids = {wanted[pk - 1]: match.table_id for pk, match in matches.items() if match.table_id}
    for name in wanted:
        if name.isdecimal() and len(name) <= MAX_ID_DIGITS:
            ids[name] = int(name)
    rows = rows.select_related("database__catalog__account")
    own = {table.pk: table for table in rows.filter(pk__in=[pk for pk in ids.values() if pk])}
    found = {name: own[pk] for name, pk in ids.items() if pk in own}
    simple = {
        name: name.translate(_QUOTES).strip().lower()
        for name in wanted
        if name not in found and _is_simple(name)
    }
    by_name: dict[str, list[Table]] = {}
    for table in rows.filter(name__in=set(simple.values())) if simple else ():
        by_name.setdefault(table.name, []).append(table)
    return found | {
        name: by_name[last][0] for name, last in simple.items() if len(by_name.get(last, ())) == 1
    }


def _build_dataset(number: int, name: str) -> LineageDataset:
    """As a lineage event would name it. It is not saved."""
    text = name.strip()
    if text.startswith(("s3://", "s3a://", "s3n://")):
        bucket, _slash, path = text.partition("://")[2].partition("/")
        return LineageDataset(pk=number, namespace=f"s3://{bucket}", name=path)
    plain = text if text.startswith("arn:") else text.translate(_QUOTES)
    return LineageDataset(pk=number, namespace="glue://", name=plain)


def _is_simple(name: str) -> bool:
    """Without a database: `claims`."""
    plain = name.translate(_QUOTES).strip()
    return bool(plain) and not set(plain) & set(".:/") and not plain.isdecimal()


ASSERTIONS, METRICS = "dataQualityAssertions", "dataQualityMetrics"
FACETS = ("facets", "inputFacets")


def receive_assertions(*, team_id: int, events: Sequence[Mapping[str, Any]], now: datetime) -> int:
    """Receive the assertions of events that were taken. Returns how many results there are in them. Two queries
    without any.
    """
    found = [one for event in events if _has_facets(event) for one in _read_event(event, team_id, now)]
    if not found:
        return 0
    names = {name for name, _result in found}
    keys = find_dataset_keys(team_id, names)
    rows = LineageDataset.objects.filter(key__in=list(keys.values()))
    datasets = {row.key: row for row in rows}
    tables = list_team_tables([team_id]).filter(pk__in=[row.table_id for row in rows if row.table_id])
    own = set(tables.values_list("pk", flat=True))
    incoming = []
    for name, result in found:
        dataset = datasets.get(keys[name])
        if dataset is not None:
            table = dataset.table_id if dataset.table_id in own else None
            incoming.append(replace(result, dataset_id=dataset.pk, table_id=table))
    return len(store_results(incoming=incoming, now=now)) if incoming else 0


def _list_datasets(event: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if event.get("dataset"):
        yield event["dataset"]
    yield from event.get("inputs") or ()
    yield from event.get("outputs") or ()


def _has_facets(event: Mapping[str, Any]) -> bool:
    facets = (dataset.get(place) for dataset in _list_datasets(event) for place in FACETS)
    return any(ASSERTIONS in facet for facet in facets if isinstance(facet, dict))


def _find_metrics(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """Wherever the version of the client puts them."""
    for place in FACETS:
        facets = dataset.get(place)
        facet = facets.get(METRICS) if isinstance(facets, dict) else None
        if isinstance(facet, dict) and not facet.get("_deleted"):
            return facet
    return {}


def _read_event(
    event: Mapping[str, Any], team_id: int, now: datetime
) -> Iterator[tuple[Name, IncomingResult]]:
    """A result for each dataset with an assertion that was evaluated."""
    known = read_event(event, now)
    job = f"{known.job.namespace}/{known.job.name}" if known.job else "dataset"
    for dataset in _list_datasets(event):
        report = read_dataset_report(dataset, known.at)
        rules = [read_rule(rule) for rule in report.rules] if report else []
        if all(rule.outcome is RuleOutcome.SKIPPED for rule in rules):
            continue
        run = str(known.run.run_id) if known.run else digest_content(repr(rules))
        yield (
            Name(dataset["namespace"], dataset["name"]),
            IncomingResult(
                source=QualitySource.OPENLINEAGE,
                ruleset=job[:MAX_NAME],
                scope=f"team:{team_id}",
                external_id=f"{run}:{known.at.isoformat()}",
                evaluated_at=known.at,
                rules=rules,
                team_id=team_id,
                measures=list(_read_metrics(_find_metrics(dataset))),
            ),
        )


def _read_metrics(facet: Mapping[str, Any]) -> Iterator[MeasureFact]:
    rows = _read_count(facet.get("rowCount"))
    if rows is not None:
        yield MeasureFact(MeasureKind.ROWS, rows)
    columns = facet.get("columnMetrics")
    for column, figures in columns.items() if isinstance(columns, dict) else ():
        if not isinstance(figures, dict):
            continue
        distinct, nulls = _read_count(figures.get("distinctCount")), _read_count(figures.get("nullCount"))
        if distinct is not None:
            yield MeasureFact(MeasureKind.DISTINCT, distinct, column[:MAX_NAME])
        if nulls is not None and rows:
            yield MeasureFact(MeasureKind.NULLS, min(nulls / rows, 1.0), column[:MAX_NAME])


def _read_count(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < float("inf") else None
