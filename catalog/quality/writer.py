"""Writes results, within the caller's transaction. Each is kept once; the latest by its time counts, whichever comes last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from catalog.quality.anomalies import judge_series
from catalog.quality.models import QualityMeasure, QualityResult, QualityRuleset
from catalog.quality.promise_checks import check_promises_of_tables
from catalog.quality.results import MAX_RULES, IncomingResult, MeasureFact

_SET_LATEST = """
UPDATE catalog_qualityruleset AS row SET latest_id = newest.id
FROM (SELECT DISTINCT ON (ruleset_id) ruleset_id, id FROM catalog_qualityresult WHERE ruleset_id = ANY(%s)
  ORDER BY ruleset_id, evaluated_at DESC, id DESC) AS newest
WHERE row.id = newest.ruleset_id AND row.latest_id IS DISTINCT FROM newest.id"""
RulesetKey = tuple[int | None, int | None, str, str]


@dataclass(frozen=True)
class StoredResult:
    """`is_new`: it was not there before."""

    result: QualityResult
    is_new: bool


def write_results(
    incoming: Sequence[IncomingResult], now: datetime, *, tells: bool = True
) -> list[StoredResult]:
    """In the order given. Those without an evaluated rule must have been left out. Without `tells` the caller compares scores with
    promises and reports unusual measurements afterwards.
    """
    rulesets = _load_rulesets(incoming)
    rows = [_build_result(one, rulesets[_ruleset_key(one)], now) for one in incoming]
    found = QualityResult.objects.filter(key__in=[row.key for row in rows])
    known = set(found.values_list("key", flat=True))
    QualityResult.objects.bulk_create(sorted(rows, key=lambda row: row.key), ignore_conflicts=True)
    with connection.cursor() as cursor:
        cursor.execute(_SET_LATEST, [sorted({row.ruleset_id for row in rows})])
    stored = {row.key: row for row in QualityResult.objects.filter(key__in=[row.key for row in rows])}
    new = [one for one in incoming if one.key not in known]
    measures = [_measure(one, one.table_id, fact) for one in new if one.table_id for fact in one.measures]
    observe(measures, now, tells=tells)
    if tells:
        check_promises_of_tables({one.table_id for one in new if one.table_id}, now)
    for row in rows:
        stored[row.key].ruleset = row.ruleset
    return [StoredResult(stored[row.key], row.key not in known) for row in rows]


def observe(measures: Sequence[QualityMeasure], now: datetime, *, tells: bool = True) -> None:
    """Store measurements, and judge each series by its newest value. Without `tells` the caller reports afterwards."""
    if not measures:
        return
    QualityMeasure.objects.bulk_create(
        sorted(measures, key=lambda one: (one.table_id, one.column, one.kind, one.measured_at)),
        ignore_conflicts=True,
    )
    for series in sorted({(one.table_id, one.column, one.kind) for one in measures}):
        judge_series(*series, now, tells=tells)


def _ruleset_key(one: IncomingResult) -> RulesetKey:
    if one.dataset_id is not None:
        return one.team_id, one.dataset_id, one.source.value, one.ruleset
    return one.table_id, None, one.source.value, one.ruleset


def _load_rulesets(incoming: Sequence[IncomingResult]) -> dict[RulesetKey, QualityRuleset]:
    wanted = {_ruleset_key(one): one for one in incoming}
    made = [
        QualityRuleset(
            table_id=one.table_id,
            dataset_id=one.dataset_id,
            source=one.source,
            name=one.ruleset,
            team_id=one.team_id,
        )
        for _key, one in sorted(wanted.items(), key=lambda item: [str(part) for part in item[0]])
    ]
    QualityRuleset.objects.bulk_create(made, ignore_conflicts=True)
    datasets = {one.dataset_id for one in incoming if one.dataset_id is not None}
    tables = {one.table_id for one in incoming if one.dataset_id is None}
    of_datasets = QualityRuleset.objects.filter(dataset__in=datasets)
    of_tables = QualityRuleset.objects.filter(table__in=tables, dataset=None)
    found: dict[RulesetKey, QualityRuleset] = {}
    for row in [*of_datasets, *of_tables]:
        first = row.team_id if row.dataset_id is not None else row.table_id
        found[first, row.dataset_id, row.source, row.name] = row
    return found


def _build_result(one: IncomingResult, ruleset: QualityRuleset, now: datetime) -> QualityResult:
    passed, evaluated = one.counts
    return QualityResult(
        ruleset=ruleset,
        key=one.key,
        external_id=one.external_id,
        evaluated_at=one.evaluated_at,
        received_at=now,
        passed=passed,
        evaluated=evaluated,
        rules=[rule.to_json() for rule in one.rules[:MAX_RULES]],
        tool_version=one.tool_version,
        sent_by_id=one.person_id,
    )


def _measure(one: IncomingResult, table_id: int, fact: MeasureFact) -> QualityMeasure:
    return QualityMeasure(
        table_id=table_id,
        column=fact.column.lower(),
        kind=fact.kind,
        measured_at=one.evaluated_at,
        value=fact.value,
        source=one.source,
    )
