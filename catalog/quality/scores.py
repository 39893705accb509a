"""Scores of tables and products: passed rules of all that were evaluated. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal

_TENTH = Decimal("0.1")


def compute_score(passed: int, evaluated: int) -> Decimal:
    """Percent with one decimal, rounded down: 100 only if every rule passed."""
    return (Decimal(100 * passed) / Decimal(evaluated)).quantize(_TENTH, ROUND_DOWN)


@dataclass(frozen=True)
class Score:
    passed: int
    evaluated: int

    @property
    def percent(self) -> Decimal:
        return compute_score(self.passed, self.evaluated)

    @property
    def failed(self) -> int:
        return self.evaluated - self.passed

    def keeps(self, promised: Decimal) -> bool:
        """Compared exactly, not as it is shown."""
        return 100 * self.passed >= promised * self.evaluated


def add_scores(counts: Iterable[tuple[int, int]]) -> Score | None:
    """Of (passed, evaluated) of rulesets; None without any."""
    rows = list(counts)
    return Score(sum(one for one, _ in rows), sum(other for _, other in rows)) if rows else None


@dataclass(frozen=True)
class DayCount:
    """The last result of a ruleset on a day."""

    ruleset: int
    day: date
    passed: int
    evaluated: int


def build_trend(counts: Sequence[DayCount], first: date, last: date) -> list[tuple[date, Score | None]]:
    """The score at the end of each day: the latest result per ruleset until then. None before the first."""
    by_day: dict[date, list[DayCount]] = {}
    for one in counts:
        by_day.setdefault(one.day, []).append(one)
    held: dict[int, tuple[int, int]] = {}
    for day in sorted(one for one in by_day if one < first):
        _hold(held, by_day[day])
    trend = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        _hold(held, by_day.get(day, ()))
        trend.append((day, add_scores(held.values())))
    return trend


def _hold(held: dict[int, tuple[int, int]], counts: Iterable[DayCount]) -> None:
    for one in counts:
        held[one.ruleset] = one.passed, one.evaluated


def group_scores(rows: Iterable[tuple[int, int, int]]) -> Mapping[int, Score]:
    """Of (table, passed, evaluated), by table."""
    found: dict[int, Score] = {}
    for table, passed, evaluated in rows:
        known = found.get(table, Score(0, 0))
        found[table] = Score(known.passed + passed, known.evaluated + evaluated)
    return found
