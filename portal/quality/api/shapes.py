"""Scores, rules and results in the API."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.quality.models import (
    QualityAnomaly,
    QualityDimension,
    QualityResult,
    QualityRuleset,
    QualitySource,
    RuleOutcome,
    Score,
)
from catalog.quality.results import RuleFact
from portal.api.fields import EnumOut, TextOut, TimeOut
from portal.api.references import ReferenceOut, Resource, RowOut, refer_to


class ScoreOut(serializers.Serializer[Any]):
    """`percent` is passed of evaluated rules, rounded down to one decimal."""

    percent = serializers.FloatField()
    passed = serializers.IntegerField()
    evaluated = serializers.IntegerField()


class RuleOut(serializers.Serializer[Any]):
    """`observed` is a number with its unit, never a value of a row. `message` is for those who maintain the table; else null."""

    name = serializers.CharField()
    outcome = EnumOut(RuleOutcome.values)
    dimension = EnumOut(QualityDimension.values)
    column = TextOut()
    observed = TextOut()
    expected = TextOut()
    message = serializers.SerializerMethodField()

    @extend_schema_field(TextOut())  # type: ignore[untyped-decorator]
    def get_message(self, rule: RuleFact) -> str | None:
        return rule.message or None if self.context.get("shows_messages") else None


class QualityResultOut(Resource):
    """A ruleset as it was evaluated at one time."""

    route = "api-quality-result"
    ruleset = serializers.CharField(source="ruleset.name")
    source = EnumOut(QualitySource.values, source="ruleset.source")  # type: ignore[assignment]
    table = serializers.SerializerMethodField()
    score = serializers.SerializerMethodField()
    evaluated_at = TimeOut()
    received_at = TimeOut()
    rules = serializers.SerializerMethodField()

    @extend_schema_field(ReferenceOut())  # type: ignore[untyped-decorator]
    def get_table(self, row: QualityResult) -> Any:
        return refer_to(row.ruleset.table, self.context["request"]) if row.ruleset.table else None

    @extend_schema_field(ScoreOut())  # type: ignore[untyped-decorator]
    def get_score(self, row: QualityResult) -> Any:
        return ScoreOut(Score(row.passed, row.evaluated)).data

    @extend_schema_field(RuleOut(many=True))  # type: ignore[untyped-decorator]
    def get_rules(self, row: QualityResult) -> Any:
        facts = [RuleFact.from_json(data) for data in row.rules]
        return RuleOut(facts, many=True, context=self.context).data


class QualityAnomalyOut(RowOut):
    """A measurement outside the band in which it was expected. `nulls` are a share between 0 and 1."""

    class Meta:
        model = QualityAnomaly
        fields = ("kind", "column", "value", "low", "high", "source", "started_at")


class TableQualityOut(serializers.Serializer[Any]):
    """`score` is of the latest result per ruleset; null as long as there is none."""

    table = ReferenceOut()
    score = ScoreOut(allow_null=True)
    results = QualityResultOut(many=True)
    anomalies = QualityAnomalyOut(many=True)


class DataProductQualityOut(serializers.Serializer[Any]):
    """`promised_percent` is the least score that the product promises; `is_kept` is null while one of both is not known.
    `completeness` is the score of the rules of this dimension, against `promised_completeness_percent`.
    """

    data_product = ReferenceOut()
    score = ScoreOut(allow_null=True)
    promised_percent = serializers.FloatField(allow_null=True)
    is_kept = serializers.BooleanField(allow_null=True)
    completeness = ScoreOut(allow_null=True)
    promised_completeness_percent = serializers.FloatField(allow_null=True)
    is_completeness_kept = serializers.BooleanField(allow_null=True)
    tables = TableQualityOut(many=True)


def list_latest(rulesets: Sequence[QualityRuleset]) -> list[QualityResult]:
    """With their rulesets."""
    found = []
    for ruleset in rulesets:
        if ruleset.latest is not None:
            ruleset.latest.ruleset = ruleset
            found.append(ruleset.latest)
    return found
