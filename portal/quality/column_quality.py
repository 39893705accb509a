"""Quality of one column: its rules in the latest results, and its measurements."""

from dataclasses import dataclass

from catalog.mirror.models import Table
from catalog.quality.models import MeasureKind, QualityMeasure
from catalog.quality.queries import list_open_anomalies, list_rulesets
from portal.charts.chart import Chart
from portal.quality.presenters import (
    AnomalyRow,
    RuleRow,
    build_anomaly_rows,
    build_measure_chart,
    build_rule_rows,
    list_latest_results,
)

MAX_MEASURES = 30


@dataclass(frozen=True)
class ColumnQuality:
    table: Table
    rules: tuple[RuleRow, ...]
    anomalies: tuple[AnomalyRow, ...]
    charts: tuple[Chart, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.rules or self.anomalies or self.charts)


def build_column_quality(table: Table, name: str) -> ColumnQuality:
    """Three queries."""
    rules = [
        row
        for result in list_latest_results(list_rulesets([table.pk]))
        for row in build_rule_rows(result, shows_messages=False)
        if row.fact.column == name.lower()
    ]
    anomalies = list_open_anomalies([table.pk]).filter(column=name.lower())
    rows = QualityMeasure.objects.filter(table=table, column=name.lower()).order_by("-measured_at")
    measures = list(rows[: MAX_MEASURES * 2])[::-1]
    charts = [
        build_measure_chart(
            [measure for measure in measures if measure.kind == kind], f"measure-{kind.value}"
        )
        for kind in (MeasureKind.NULLS, MeasureKind.DISTINCT)
    ]
    return ColumnQuality(
        table, tuple(rules), tuple(build_anomaly_rows(anomalies)), tuple([chart for chart in charts if chart])
    )
