"""What the portal's own format of results has beside dataset and rules: the ruleset, an id and measurements."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from catalog.quality.formats.values import Dimension
from catalog.quality.results import MeasureFact
from catalog.quality.states import MeasureKind
from portal.api.fields import optional
from portal.api.serializers import StrictSerializer

MAX_NAME = 255


class ColumnMetricsIn(StrictSerializer):
    null_count = optional(serializers.IntegerField, min_value=0)
    distinct_count = optional(serializers.IntegerField, min_value=0)


class MetricsIn(StrictSerializer):
    """`null_count` is compared with `row_count`, and needs it."""

    row_count = optional(serializers.IntegerField, min_value=0)
    columns = serializers.DictField(child=ColumnMetricsIn(), required=False, default=dict)


class AdditionsIn(StrictSerializer):
    ruleset = serializers.CharField(max_length=MAX_NAME, required=False, allow_blank=True, default="")
    id = serializers.CharField(max_length=MAX_NAME, required=False, allow_blank=True, default="")
    metrics = MetricsIn(required=False, allow_null=True, default=None)


class RuleIn(serializers.Serializer[Any]):
    """`passed` is null for a rule that was not evaluated. `observed` is a number, never a value of a row."""

    name = serializers.CharField()
    passed = serializers.BooleanField(allow_null=True)
    is_warning = serializers.BooleanField(required=False)
    dimension = serializers.ChoiceField([one.value for one in Dimension if one], required=False)
    column = serializers.CharField(required=False)
    observed = serializers.CharField(required=False)
    expected = serializers.CharField(required=False)
    message = serializers.CharField(required=False)
    failed_rows = serializers.IntegerField(required=False, min_value=0)
    total_rows = serializers.IntegerField(required=False, min_value=0)


class QualityResultIn(serializers.Serializer[Any]):
    """The portal's own format. `dataset` is the table's ARN, S3 address, `database.table` or id. `id` is yours, such as that of a
    run; the same id of a ruleset is kept once.
    """

    dataset = serializers.CharField()
    ruleset = serializers.CharField(required=False)
    id = serializers.CharField(required=False)
    tool = serializers.CharField(required=False)
    tool_version = serializers.CharField(required=False)
    started_at = serializers.DateTimeField(required=False)
    finished_at = serializers.DateTimeField(required=False)
    rules = serializers.ListField(child=RuleIn())
    metrics = MetricsIn(required=False)


ADDITIONS = tuple(AdditionsIn().fields)


def read_measures(metrics: Mapping[str, Any]) -> list[MeasureFact]:
    """Of valid `MetricsIn`."""
    rows = metrics.get("row_count")
    found = [MeasureFact(MeasureKind.ROWS, float(rows))] if rows is not None else []
    for column, figures in metrics.get("columns", {}).items():
        distinct, nulls = figures.get("distinct_count"), figures.get("null_count")
        if distinct is not None:
            found.append(MeasureFact(MeasureKind.DISTINCT, float(distinct), column[:MAX_NAME]))
        if nulls is not None and rows:
            found.append(MeasureFact(MeasureKind.NULLS, min(nulls / rows, 1.0), column[:MAX_NAME]))
    return found
