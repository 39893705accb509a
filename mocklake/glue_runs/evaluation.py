"""Rulesets in the Data Quality Definition Language, read into rules and evaluated on the objects behind a table.

The table is read as Athena reads it, by the run's role: Lake Formation's columns and rows, then S3.

Assumed: a rule on an empty table is met where it speaks of a share of the rows; NULL meets no condition on values
that does not name it.

Source: Glue Developer Guide, dqdl: `Rules = [ … ]`, comments by #, rules joined by and / or in parentheses,
comparisons, between, in, matches, a `where` and a `with threshold`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mocklake.athena import engine
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.sources import Source
from mocklake.athena.sql_text import quote_name, write_literal
from mocklake.errors import AwsError

LONGEST_MESSAGE = 2048
_SHARES = {
    "IsComplete": "Completeness", "Completeness": "Completeness", "IsUnique": "Uniqueness", "Uniqueness": "Uniqueness",
    "UniqueValueRatio": "UniqueValueRatio", "ColumnValues": "ColumnValues.Compliance",
    "ColumnLength": "ColumnLength.Compliance", "DataFreshness": "DataFreshness.Compliance",
}  # fmt: skip
_AGGREGATES = {"Mean": "avg({})", "Sum": "sum({})", "StandardDeviation": "stddev_pop({})",
               "DistinctValuesCount": "count(DISTINCT {})"}  # fmt: skip
PARAMETERS = {
    "IsComplete": 1, "IsUnique": 1, "IsPrimaryKey": None, "Completeness": 1, "Uniqueness": 1, "ColumnValues": 1,
    "ColumnLength": 1, "ColumnExists": 1, "DataFreshness": 1, "DistinctValuesCount": 1, "UniqueValueRatio": 1,
    "Mean": 1, "Sum": 1, "StandardDeviation": 1, "RowCount": 0, "ColumnCount": 0,
}  # fmt: skip
"""How many columns a rule names; None for one or more."""
WITHOUT_CONDITION = ("IsComplete", "IsUnique", "IsPrimaryKey", "ColumnExists")
KNOWN_ELSEWHERE = frozenset([
    "AggregateMatch", "AllStatistics", "ColumnCorrelation", "ColumnDataType", "ColumnNamesMatchPattern", "CustomSql",
    "DatasetMatch", "DetectAnomalies", "Entropy", "FileFreshness", "FileMatch", "FileSize", "FileUniqueness",
    "ReferentialIntegrity", "RowCountMatch", "SchemaMatch",
])  # fmt: skip
_TOKEN = re.compile(
    r'\s*(?:#[^\n]*|(?P<text>"(?:[^"\\]|\\.)*")|(?P<number>[+-]?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_]\w*)'
    r"|(?P<sign><=|>=|!=|[=<>\[\](),+-]))"
)
SIGNS = ("=", "!=", "<", "<=", ">", ">=")
UNITS = {"minute": 1 / 60, "hour": 1.0, "day": 24.0}
Value = float | str | None


@dataclass(frozen=True)
class Outcome:
    """`result` is PASS, FAIL or ERROR."""

    result: str
    message: str
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class Joined:
    """`word` is and or or."""

    word: str
    parts: tuple["Rule | Joined", ...]
    text: str


@dataclass(frozen=True)
class Condition:
    """`word` is a comparison, between, in or matches; durations are hours."""

    word: str
    values: tuple[Value, ...]
    negated: bool = False


@dataclass(frozen=True)
class Rule:
    kind: str
    columns: tuple[str, ...]
    condition: Condition | None
    where: str
    threshold: Condition | None
    text: str


def evaluate(rules: list[Rule | Joined], source: Source, now: datetime) -> list[dict[str, Any]]:
    """DataQualityRuleResults in the order of the rules."""
    return [
        _describe_outcome(number, rule, _judge(rule, source, now)) for number, rule in enumerate(rules, 1)
    ]


def compute_score(results: list[dict[str, Any]]) -> float:
    """The share of rules that passed (Glue Developer Guide, data-quality)."""
    return float(sum(result["Result"] == "PASS" for result in results)) / len(results)


def _describe_outcome(number: int, rule: Rule | Joined, outcome: Outcome) -> dict[str, Any]:
    told = {"EvaluationMessage": outcome.message[:LONGEST_MESSAGE]} if outcome.message else {}
    return {
        "Name": f"Rule_{number}",
        "Description": rule.text[:LONGEST_MESSAGE],
        "EvaluatedRule": rule.text[:LONGEST_MESSAGE],
        "Result": outcome.result,
        "EvaluatedMetrics": dict(outcome.metrics),
        **told,
    }


def _judge(rule: Rule | Joined, source: Source, now: datetime) -> Outcome:
    if isinstance(rule, Rule):
        return _judge_single(rule, source, now)
    parts = [_judge(part, source, now) for part in rule.parts]
    metrics = {name: value for part in parts for name, value in part.metrics.items()}
    message = " ".join(part.message for part in parts if part.message)
    passed = [part.result == "PASS" for part in parts]
    if any(part.result == "ERROR" for part in parts):
        return Outcome("ERROR", message, metrics)
    met = all(passed) if rule.word == "and" else any(passed)
    return Outcome("PASS" if met else "FAIL", "" if met else message, metrics)


def _judge_single(rule: Rule, source: Source, now: datetime) -> Outcome:
    there = {name.lower() for name, _ in source.columns}
    missing = [name for name in rule.columns if name.lower() not in there]
    if rule.kind == "ColumnExists":
        text = f"Column {rule.columns[0]} does not exist"
        return Outcome("FAIL", text, {}) if missing else Outcome("PASS", "", {})
    if missing:
        return Outcome("ERROR", f"Column {missing[0]} does not exist", {})
    if rule.kind == "ColumnCount":
        return _compare(float(len(there)), "Dataset.*.ColumnCount", rule.condition or ALL)
    table = f"{quote_name(source.name.database)}.{quote_name(source.name.table)}"
    asked = measure(rule, table, now)
    try:
        ((found,),) = engine.run(asked.sql, [source], source.name.database).rows
    except QueryFailedError as error:
        return Outcome("ERROR", str(error), {})
    if found is None:
        return Outcome("FAIL", "There is no value to look at", {})
    return _compare(float(found), asked.metric, asked.wanted)


def _compare(value: float, metric: str, wanted: Condition) -> Outcome:
    if meets(value, wanted):
        return Outcome("PASS", "", {metric: value})
    return Outcome("FAIL", f"Value: {value} does not meet the constraint requirement!", {metric: value})


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
        listed = ", ".join(quote_name(name) for name in rule.columns)
        whole = " AND ".join(f"{quote_name(name)} IS NOT NULL" for name in rule.columns)
        share = f"count(DISTINCT CASE WHEN {whole} THEN ROW({listed}) END) / count(*)"
        return Measure(f"Multicolumn.{','.join(rule.columns)}.Uniqueness", _build_share_sql(share, rows), ALL)
    column, name = quote_name(rule.columns[0]), rule.columns[0]
    if rule.kind in _AGGREGATES:
        sql = f"SELECT {_AGGREGATES[rule.kind].format(column)} FROM {rows}"  # noqa: S608
        return Measure(f"Column.{name}.{rule.kind}", sql, condition)
    metric = f"Column.{name}.{_SHARES[rule.kind]}"
    if rule.kind in ("IsComplete", "Completeness"):
        return Measure(metric, _build_share_sql(f"count({column}) / count(*)", rows), condition)
    if rule.kind in ("IsUnique", "Uniqueness", "UniqueValueRatio"):
        counts = f"(SELECT count(*) AS n FROM {rows} WHERE {column} IS NOT NULL GROUP BY {column}) AS c"  # noqa: S608
        below = "count(*)" if rule.kind == "UniqueValueRatio" else "sum(n)"
        return Measure(metric, _build_share_sql(f"count(*) FILTER (n = 1) / {below}", counts), condition)
    value = {"ColumnLength": f"length({column})", "DataFreshness": _build_age_sql(column, now)}.get(
        rule.kind, column
    )
    share = f"count(*) FILTER (coalesce({build_condition_sql(value, condition)}, false)) / count(*)"
    return Measure(metric, _build_share_sql(share, rows), rule.threshold or ALL)


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


def build_condition_sql(value: str, condition: Condition) -> str:
    """A condition on each value; between leaves its bounds out, as DQDL has it."""
    written = [_write_literal(one) for one in condition.values]
    if condition.word == "between":
        test = f"({value} > {written[0]} AND {value} < {written[1]})"
    elif condition.word == "matches":
        test = f"regexp_full_match(CAST({value} AS varchar), {written[0]})"
    elif condition.word == "in":
        named = ", ".join(_write_literal(one) for one in condition.values if one is not None)
        test = f"({value} IN ({named}))" if named else "false"
        test = f"({test} OR {value} IS NULL)" if None in condition.values else test
    elif condition.values[0] is None:
        test = f"({value} IS {'' if condition.word == '=' else 'NOT '}NULL)"
    else:
        test = f"({value} {condition.word.replace('!=', '<>')} {written[0]})"
    return f"(NOT {test})" if condition.negated else test


def _build_share_sql(share: str, rows: str) -> str:
    numerator, _, denominator = share.rpartition(" / ")
    return f"SELECT coalesce(({numerator}) * 1.0 / nullif({denominator}, 0), 1.0) FROM {rows}"  # noqa: S608


def _build_age_sql(column: str, now: datetime) -> str:
    moment = now.strftime("%Y-%m-%d %H:%M:%S")
    return f"(epoch(TIMESTAMP '{moment}') - epoch(CAST({column} AS timestamp))) / 3600.0"


def _write_literal(value: Value) -> str:
    """Whole numbers as such, so that they compare with texts and dates as little as they should."""
    if value is None:
        return "NULL"
    if isinstance(value, float):
        return re.sub(r"\.0$", "", repr(value))
    return write_literal(value)


def parse_ruleset(ruleset: str) -> list[Rule | Joined]:
    """InvalidInputException for what is no ruleset; MocklakeNotImplemented for rules that only AWS has."""
    reader = _Reader(ruleset)
    reader.word("Rules")
    reader.sign("=")
    reader.sign("[")
    rules = [reader.expression()]
    while reader.takes("sign", ","):
        rules.append(reader.expression())
    reader.sign("]")
    if reader.at < len(reader.tokens):
        raise _build_ruleset_error(f"unexpected {reader.tokens[reader.at][1]}")
    return rules


def _build_ruleset_error(reason: str) -> AwsError:
    return AwsError("InvalidInputException", f"Parsing Error: {reason}")


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.tokens: list[tuple[str, str, int, int]] = []
        start = 0
        while text[start:].strip():
            match = _TOKEN.match(text, start)
            if match is None:
                raise _build_ruleset_error(f"unexpected {text[start:].strip()[:20]}")
            if match.lastgroup is not None:
                kind = match.lastgroup
                self.tokens.append((kind, match[kind], match.start(kind), match.end(kind)))
            start = match.end()

    def expression(self) -> Rule | Joined:
        """One rule, or several in parentheses joined by one word or by nested parentheses."""
        begin = self.at
        parts = [self._part()]
        word = ""
        while (found := self._keyword()) in ("and", "or"):
            if word not in ("", found):
                raise _build_ruleset_error("and and or are mixed without parentheses")
            word = found
            self.at += 1
            parts.append(self._part())
        return parts[0] if not word else Joined(word, tuple(parts), self._said(begin))

    def _part(self) -> Rule | Joined:
        if self.takes("sign", "("):
            inner = self.expression()
            self.sign(")")
            return inner
        return self._rule()

    def _rule(self) -> Rule:
        begin = self.at
        kind = self._next("word")
        if kind in KNOWN_ELSEWHERE:
            raise AwsError("MocklakeNotImplemented", f"The rule {kind} is not simulated.", status=501)
        if kind not in PARAMETERS:
            raise _build_ruleset_error(f"there is no rule type {kind}")
        columns = []
        while self._kind() == "text":
            columns.append(self._text())
        if PARAMETERS[kind] not in (None, len(columns)) or (PARAMETERS[kind] is None and not columns):
            raise _build_ruleset_error(f"{kind} names {PARAMETERS[kind] or 'some'} columns")
        condition = None if kind in WITHOUT_CONDITION else self._condition()
        where = self._text() if self._takes_word("where") else ""
        threshold = None
        if self._takes_word("with"):
            self.word("threshold")
            threshold = self._condition()
        return Rule(kind, tuple(columns), condition, where, threshold, self._said(begin))

    def _condition(self) -> Condition:
        negated = self._takes_word("not")
        if not negated and self._kind() == "sign" and self.tokens[self.at][1] in SIGNS:
            sign = self._next("sign")
            return Condition(sign, (self._value(),))
        word = self._next("word")
        if word == "between":
            low = self._value()
            self.word("and")
            return Condition(word, (low, self._value()), negated)
        if word == "matches":
            return Condition(word, (self._text(),), negated)
        if word != "in":
            raise _build_ruleset_error(f"{word} is no condition")
        self.sign("[")
        values = [self._value()]
        while self.takes("sign", ","):
            values.append(self._value())
        self.sign("]")
        return Condition(word, tuple(values), negated)

    def _value(self) -> Value:
        """A number, perhaps with a unit of time, a text, or NULL."""
        if self._kind() == "text":
            return self._text()
        if self._takes_word("NULL"):
            return None
        number = float(self._next("number"))
        unit = self._keyword().rstrip("s")
        if unit in UNITS:
            self.at += 1
            return number * UNITS[unit]
        return number

    def word(self, wanted: str) -> None:
        if not self._takes_word(wanted):
            raise _build_ruleset_error(f"{wanted} is missing")

    def sign(self, wanted: str) -> None:
        if not self.takes("sign", wanted):
            raise _build_ruleset_error(f"{wanted} is missing")

    def takes(self, kind: str, text: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at][:2] == (kind, text):
            self.at += 1
            return True
        return False

    def _takes_word(self, wanted: str) -> bool:
        return self.takes("word", wanted) or self.takes("word", wanted.lower())

    def _keyword(self) -> str:
        return self.tokens[self.at][1] if self._kind() == "word" else ""

    def _kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def _next(self, kind: str) -> str:
        if self._kind() != kind:
            found = self.tokens[self.at][1] if self.at < len(self.tokens) else "the end"
            raise _build_ruleset_error(f"unexpected {found}")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def _text(self) -> str:
        return re.sub(r"\\(.)", r"\1", self._next("text")[1:-1])

    def _said(self, begin: int) -> str:
        """The rule as it was written."""
        return " ".join(self.text[self.tokens[begin][2] : self.tokens[self.at - 1][3]].split())
