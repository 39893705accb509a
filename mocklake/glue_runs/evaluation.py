"""A ruleset evaluated on the objects behind a table: for each rule its outcome, its figures and a message.

The table is read as Athena reads it, by the run's role: Lake Formation's columns and rows, then S3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mocklake.athena import engine
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.sources import Source
from mocklake.athena.sql_text import quoted
from mocklake.glue_runs import measuring
from mocklake.glue_runs.dqdl import Condition, Joined, Rule

LONGEST_MESSAGE = 2048


@dataclass(frozen=True)
class Outcome:
    """`result` is PASS, FAIL or ERROR."""

    result: str
    message: str
    metrics: Mapping[str, float]


def evaluate(rules: list[Rule | Joined], source: Source, now: datetime) -> list[dict[str, Any]]:
    """DataQualityRuleResults in the order of the rules."""
    return [_shown(number, rule, _judged(rule, source, now)) for number, rule in enumerate(rules, 1)]


def score(results: list[dict[str, Any]]) -> float:
    """The share of rules that passed (Glue Developer Guide, data-quality)."""
    return float(sum(one["Result"] == "PASS" for one in results)) / len(results)


def _shown(number: int, rule: Rule | Joined, outcome: Outcome) -> dict[str, Any]:
    told = {"EvaluationMessage": outcome.message[:LONGEST_MESSAGE]} if outcome.message else {}
    return {
        "Name": f"Rule_{number}",
        "Description": rule.text[:LONGEST_MESSAGE],
        "EvaluatedRule": rule.text[:LONGEST_MESSAGE],
        "Result": outcome.result,
        "EvaluatedMetrics": dict(outcome.metrics),
        **told,
    }


def _judged(rule: Rule | Joined, source: Source, now: datetime) -> Outcome:
    if isinstance(rule, Rule):
        return _single(rule, source, now)
    parts = [_judged(part, source, now) for part in rule.parts]
    metrics = {name: value for part in parts for name, value in part.metrics.items()}
    message = " ".join(part.message for part in parts if part.message)
    passed = [part.result == "PASS" for part in parts]
    if any(part.result == "ERROR" for part in parts):
        return Outcome("ERROR", message, metrics)
    met = all(passed) if rule.word == "and" else any(passed)
    return Outcome("PASS" if met else "FAIL", "" if met else message, metrics)


def _single(rule: Rule, source: Source, now: datetime) -> Outcome:
    there = {name.lower() for name, _ in source.columns}
    missing = [name for name in rule.columns if name.lower() not in there]
    if rule.kind == "ColumnExists":
        text = f"Column {rule.columns[0]} does not exist"
        return Outcome("FAIL", text, {}) if missing else Outcome("PASS", "", {})
    if missing:
        return Outcome("ERROR", f"Column {missing[0]} does not exist", {})
    if rule.kind == "ColumnCount":
        return _against(float(len(there)), "Dataset.*.ColumnCount", rule.condition or measuring.ALL)
    table = f"{quoted(source.name.database)}.{quoted(source.name.table)}"
    asked = measuring.measure(rule, table, now)
    try:
        ((found,),) = engine.run(asked.sql, [source], source.name.database).rows
    except QueryFailedError as error:
        return Outcome("ERROR", str(error), {})
    if found is None:
        return Outcome("FAIL", "There is no value to look at", {})
    return _against(float(found), asked.metric, asked.wanted)


def _against(value: float, metric: str, wanted: Condition) -> Outcome:
    if measuring.meets(value, wanted):
        return Outcome("PASS", "", {metric: value})
    return Outcome("FAIL", f"Value: {value} does not meet the constraint requirement!", {metric: value})
