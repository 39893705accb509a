"""Reads OpenLineage's facets dataQualityAssertions and dataQualityMetrics of events that lineage has taken.

What does not have the shape of these facets is passed over, like facets that are not known.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from catalog.lineage.intake.dataset_keys import find_dataset_keys
from catalog.lineage.intake.events import Name, read_event
from catalog.lineage.models import LineageDataset
from catalog.quality.actions import store_results
from catalog.quality.formats.openlineage import read_dataset_report
from catalog.quality.intake import read_rule
from catalog.quality.may import list_team_tables
from catalog.quality.results import MAX_NAME, IncomingResult, MeasureFact, digest_content
from catalog.quality.states import MeasureKind, QualitySource, RuleOutcome

ASSERTIONS, METRICS = "dataQualityAssertions", "dataQualityMetrics"
FACETS = ("facets", "inputFacets")


def receive_assertions(*, team_id: int, events: Sequence[Mapping[str, Any]], now: datetime) -> int:
    """Of events that were taken. Returns how many results there are in them. Two queries without any."""
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
    return any(ASSERTIONS in one for one in facets if isinstance(one, dict))


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
        rules = [read_rule(one) for one in report.rules] if report else []
        if all(one.outcome is RuleOutcome.SKIPPED for one in rules):
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
