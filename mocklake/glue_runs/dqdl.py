"""Rulesets in the Data Quality Definition Language, read into rules. Pure.

Source: Glue Developer Guide, dqdl: `Rules = [ … ]`, comments by #, rules joined by and / or in parentheses,
comparisons, between, in, matches, a `where` and a `with threshold`.
"""

import re
from dataclasses import dataclass

from mocklake.errors import AwsError

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


@dataclass(frozen=True)
class Joined:
    """`word` is and or or."""

    word: str
    parts: tuple["Rule | Joined", ...]
    text: str


def parse(ruleset: str) -> list[Rule | Joined]:
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
        raise _wrong(f"unexpected {reader.tokens[reader.at][1]}")
    return rules


def _wrong(reason: str) -> AwsError:
    return AwsError("InvalidInputException", f"Parsing Error: {reason}")


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.tokens: list[tuple[str, str, int, int]] = []
        start = 0
        while text[start:].strip():
            match = _TOKEN.match(text, start)
            if match is None:
                raise _wrong(f"unexpected {text[start:].strip()[:20]}")
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
                raise _wrong("and and or are mixed without parentheses")
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
            raise _wrong(f"there is no rule type {kind}")
        columns = []
        while self._kind() == "text":
            columns.append(self._text())
        if PARAMETERS[kind] not in (None, len(columns)) or (PARAMETERS[kind] is None and not columns):
            raise _wrong(f"{kind} names {PARAMETERS[kind] or 'some'} columns")
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
            raise _wrong(f"{word} is no condition")
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
            raise _wrong(f"{wanted} is missing")

    def sign(self, wanted: str) -> None:
        if not self.takes("sign", wanted):
            raise _wrong(f"{wanted} is missing")

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
            raise _wrong(f"unexpected {found}")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def _text(self) -> str:
        return re.sub(r"\\(.)", r"\1", self._next("text")[1:-1])

    def _said(self, begin: int) -> str:
        """The rule as it was written."""
        return " ".join(self.text[self.tokens[begin][2] : self.tokens[self.at - 1][3]].split())
