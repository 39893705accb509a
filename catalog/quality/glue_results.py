"""Reads answers of BatchGetDataQualityResult and of column statistics. Pure.

Sources: service model of Glue; AWS Glue Developer Guide, Data Quality Definition Language reference.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from catalog.mirror.columns import ColumnStatistics
from catalog.quality.formats.values import names_value_of_row
from catalog.quality.models import MeasureKind, QualityDimension, QualitySource, RuleOutcome
from catalog.quality.results import MAX_NAME, IncomingResult, MeasureFact, RuleFact

_OUTCOMES = {"PASS": RuleOutcome.PASSED, "FAIL": RuleOutcome.FAILED, "ERROR": RuleOutcome.ERROR}
_RULE = re.compile(r'\s*(\w+)(?:\s+"((?:[^"\\]|\\.)*)")?')
_METRIC = re.compile(r"(Dataset|Column)\.(.+)\.(\w+)")
_DIMENSIONS = {
    QualityDimension.COMPLETENESS: ("IsComplete", "Completeness"),
    QualityDimension.UNIQUENESS: (
        "IsUnique",
        "IsPrimaryKey",
        "Uniqueness",
        "UniqueValueRatio",
        "DistinctValuesCount",
    ),
    QualityDimension.VALIDITY: ("ColumnValues", "ColumnLength", "ColumnDataType"),
    QualityDimension.CONSISTENCY: (
        "ReferentialIntegrity",
        "DatasetMatch",
        "RowCountMatch",
        "SchemaMatch",
        "AggregateMatch",
    ),
    QualityDimension.TIMELINESS: ("DataFreshness", "FileFreshness"),
    QualityDimension.VOLUME: ("RowCount", "FileCount", "FileSize"),
    QualityDimension.SCHEMA: ("ColumnCount", "ColumnExists", "ColumnNamesMatchPattern"),
    QualityDimension.ACCURACY: ("Mean", "Sum", "StandardDeviation", "Entropy", "ColumnCorrelation"),
}
_BY_TYPE = {kind: dimension for dimension, kinds in _DIMENSIONS.items() for kind in kinds}
TableName = tuple[str, str]


def read_table_name(row: Mapping[str, Any], account: str) -> TableName | None:
    """Database and table of a result, if it is of the account's own catalog."""
    source = row.get("DataSource") or {}
    place = source.get("GlueTable") or source.get("DataQualityGlueTable") or {}
    if place.get("CatalogId") not in (None, "", account):
        return None
    database, table = str(place.get("DatabaseName") or ""), str(place.get("TableName") or "")
    return (database.lower(), table.lower()) if database and table else None


def read_result(row: Mapping[str, Any], *, table_id: int, scope: str) -> IncomingResult | None:
    """None of a result without a time or an evaluated rule."""
    at = row.get("CompletedOn") or row.get("StartedOn")
    rules = [_read_rule(rule_result) for rule_result in row.get("RuleResults") or ()]
    if not isinstance(at, datetime) or all(rule.outcome is RuleOutcome.SKIPPED for rule in rules):
        return None
    context = str(row.get("EvaluationContext") or "")
    job = "/".join(filter(None, (str(row.get("JobName") or ""), context)))
    ruleset = (str(row.get("RulesetName") or "") or job or "ruleset")[:MAX_NAME]
    return IncomingResult(
        source=QualitySource.GLUE,
        ruleset=ruleset,
        scope=scope,
        external_id=str(row["ResultId"])[:MAX_NAME],
        evaluated_at=at,
        rules=rules,
        table_id=table_id,
        measures=list(_read_measures([*(row.get("RuleResults") or ()), *(row.get("AnalyzerResults") or ())])),
    )


def _read_rule(rule: Mapping[str, Any]) -> RuleFact:
    text = str(rule.get("EvaluatedRule") or rule.get("Description") or "")
    found = _RULE.match(text)
    kind, column = (found[1], found[2] or "") if found else ("", "")
    metrics = rule.get("EvaluatedMetrics") or {}
    return RuleFact(
        name=text or str(rule.get("Name") or "rule"),
        outcome=_OUTCOMES.get(str(rule.get("Result")), RuleOutcome.ERROR),
        dimension=_BY_TYPE.get(kind, QualityDimension.OTHER),
        column=column,
        observed=_describe_observed(metrics),
        message=str(rule.get("EvaluationMessage") or ""),
    )


def _describe_observed(metrics: Mapping[str, Any]) -> str:
    """The observation of a rule with one metric, unless that is a value of a row. A metric is named
    `Column.amount.Maximum`.
    """
    if len(metrics) != 1:
        return ""
    name, value = next(iter(metrics.items()))
    found = _METRIC.fullmatch(name)
    return (
        "" if found is None or names_value_of_row(found[3]) else f"{float(value):.6f}".rstrip("0").rstrip(".")
    )


def _read_measures(rules: Iterable[Mapping[str, Any]]) -> Iterator[MeasureFact]:
    """Each metric once, though several rules have it."""
    metrics: dict[str, float] = {}
    for rule in rules:
        metrics.update(rule.get("EvaluatedMetrics") or {})
    for name, value in sorted(metrics.items()):
        found = _METRIC.fullmatch(name)
        if found is None or not 0 <= value < float("inf"):
            continue
        place, column, kind = found.groups()
        if place == "Dataset" and kind == "RowCount":
            yield MeasureFact(MeasureKind.ROWS, value)
        elif place == "Column" and kind == "Completeness" and value <= 1:
            yield MeasureFact(MeasureKind.NULLS, round(1 - value, 9), column[:MAX_NAME])
        elif place == "Column" and kind == "DistinctValuesCount":
            yield MeasureFact(MeasureKind.DISTINCT, value, column[:MAX_NAME])


def read_statistics(
    columns: Sequence[ColumnStatistics], rows: float | None
) -> Iterator[tuple[datetime, MeasureFact]]:
    """With the time of the analysis. Shares of nulls only where the number of rows is known."""
    for column in columns:
        at = _parse_time(column.analysed_at)
        if at is None:
            continue
        if column.distinct is not None and column.distinct >= 0:
            yield at, MeasureFact(MeasureKind.DISTINCT, float(column.distinct), column.name)
        if rows and column.nulls is not None and 0 <= column.nulls <= rows:
            yield at, MeasureFact(MeasureKind.NULLS, column.nulls / rows, column.name)


def _parse_time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
