"""What a rule measures, as SQL over the table, and whether what was measured meets it. Pure.

Assumed: a rule on an empty table is met where it speaks of a share of the rows; NULL meets no condition on values
that does not name it.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from mocklake.athena.sql_text import literal, quoted
from mocklake.glue_runs.dqdl import Condition, Rule, Value

_SHARES = {
    "IsComplete": "Completeness", "Completeness": "Completeness", "IsUnique": "Uniqueness", "Uniqueness": "Uniqueness",
    "UniqueValueRatio": "UniqueValueRatio", "ColumnValues": "ColumnValues.Compliance",
    "ColumnLength": "ColumnLength.Compliance", "DataFreshness": "DataFreshness.Compliance",
}  # fmt: skip
_AGGREGATES = {"Mean": "avg({})", "Sum": "sum({})", "StandardDeviation": "stddev_pop({})",
               "DistinctValuesCount": "count(DISTINCT {})"}  # fmt: skip
ALL = Condition("=", (1.0,))


@dataclass(frozen=True)
class Measure:
    """`sql` answers one row with one number; `wanted` is what the number must meet."""

    metric: str
    sql: str
    wanted: Condition


def measure(rule: Rule, table: str, now: datetime) -> Measure:
    """For every rule that looks at rows; ColumnExists and ColumnCount do not."""
    rows = f"(SELECT * FROM {table}{f' WHERE ({rule.where})' if rule.where else ''}) AS t"  # noqa: S608
    condition = rule.condition or ALL
    if rule.kind == "RowCount":
        return Measure("Dataset.*.RowCount", f"SELECT count(*) FROM {rows}", condition)  # noqa: S608
    if rule.kind == "IsPrimaryKey":
        listed = ", ".join(quoted(name) for name in rule.columns)
        whole = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in rule.columns)
        share = f"count(DISTINCT CASE WHEN {whole} THEN ROW({listed}) END) / count(*)"
        return Measure(f"Multicolumn.{','.join(rule.columns)}.Uniqueness", _share(share, rows), ALL)
    column, name = quoted(rule.columns[0]), rule.columns[0]
    if rule.kind in _AGGREGATES:
        sql = f"SELECT {_AGGREGATES[rule.kind].format(column)} FROM {rows}"  # noqa: S608
        return Measure(f"Column.{name}.{rule.kind}", sql, condition)
    metric = f"Column.{name}.{_SHARES[rule.kind]}"
    if rule.kind in ("IsComplete", "Completeness"):
        return Measure(metric, _share(f"count({column}) / count(*)", rows), condition)
    if rule.kind in ("IsUnique", "Uniqueness", "UniqueValueRatio"):
        counts = f"(SELECT count(*) AS n FROM {rows} WHERE {column} IS NOT NULL GROUP BY {column}) AS c"  # noqa: S608
        below = "count(*)" if rule.kind == "UniqueValueRatio" else "sum(n)"
        return Measure(metric, _share(f"count(*) FILTER (n = 1) / {below}", counts), condition)
    value = {"ColumnLength": f"length({column})", "DataFreshness": _age(column, now)}.get(rule.kind, column)
    share = f"count(*) FILTER (coalesce({to_sql(value, condition)}, false)) / count(*)"
    return Measure(metric, _share(share, rows), rule.threshold or ALL)


def meets(value: float, condition: Condition) -> bool:
    """A number against a condition of numbers."""
    numbers = [one for one in condition.values if isinstance(one, float)]
    if condition.word in ("in", "="):
        return (value in numbers) != condition.negated
    if condition.word == "between":
        return (numbers[0] < value < numbers[1]) != condition.negated
    compare = {"!=": value != numbers[0], "<": value < numbers[0], "<=": value <= numbers[0],
               ">": value > numbers[0], ">=": value >= numbers[0]}  # fmt: skip
    return compare[condition.word]


def to_sql(value: str, condition: Condition) -> str:
    """A condition on each value; between leaves its bounds out, as DQDL has it."""
    written = [_literal(one) for one in condition.values]
    if condition.word == "between":
        test = f"({value} > {written[0]} AND {value} < {written[1]})"
    elif condition.word == "matches":
        test = f"regexp_full_match(CAST({value} AS varchar), {written[0]})"
    elif condition.word == "in":
        named = ", ".join(_literal(one) for one in condition.values if one is not None)
        test = f"({value} IN ({named}))" if named else "false"
        test = f"({test} OR {value} IS NULL)" if None in condition.values else test
    elif condition.values[0] is None:
        test = f"({value} IS {'' if condition.word == '=' else 'NOT '}NULL)"
    else:
        test = f"({value} {condition.word.replace('!=', '<>')} {written[0]})"
    return f"(NOT {test})" if condition.negated else test


def _share(share: str, rows: str) -> str:
    numerator, _, denominator = share.rpartition(" / ")
    return f"SELECT coalesce(({numerator}) * 1.0 / nullif({denominator}, 0), 1.0) FROM {rows}"  # noqa: S608


def _age(column: str, now: datetime) -> str:
    moment = now.strftime("%Y-%m-%d %H:%M:%S")
    return f"(epoch(TIMESTAMP '{moment}') - epoch(CAST({column} AS timestamp))) / 3600.0"


def _literal(value: Value) -> str:
    """Whole numbers as such, so that they compare with texts and dates as little as they should."""
    if value is None:
        return "NULL"
    if isinstance(value, float):
        return re.sub(r"\.0$", "", repr(value))
    return literal(value)
