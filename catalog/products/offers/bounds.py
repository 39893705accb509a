"""Does an ask lie within an offer? Pure: a function of values, with every reason why not."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lakeformation.values.row_rule_templates import RowTemplate, lies_within

CARE = ("public", "private", "sensitive")
"""Classifications in the order of care; what has none counts as the last."""
DAY = 24


@dataclass(frozen=True)
class Bounds:
    """What may be asked under one version. `tables` by id; those of `database` beside them, by its id, if it has one;
    `longest_hours` from the moment of asking.
    """

    highest_class: str
    longest_hours: int
    uses: frozenset[str]
    tables: frozenset[int] = frozenset()
    database: int | None = None
    tags: Mapping[str, list[str]] = field(default_factory=dict)
    future_columns: bool = False
    rows: RowTemplate = field(default_factory=RowTemplate)


@dataclass(frozen=True)
class Wish:
    """What is asked: of one table, by LF-Tags, or every table of the database. `classes` by column, of all that would be seen; `hours` until its
    end, and `days` between the day of asking and the last.
    """

    table: int
    database: int
    classes: Mapping[str, str]
    use: str
    hours: float
    days: int
    whole_table: bool = False
    metadata_only: bool = False
    row_rule: str = ""
    tags: Mapping[str, list[str]] = field(default_factory=dict)
    whole_database: bool = False


@dataclass(frozen=True)
class Beyond:
    """One way in which an ask goes beyond an offer: at which input, which kind, and what by name."""

    field: str
    kind: str
    what: tuple[str, ...] = ()


def within(bounds: Bounds, wish: Wish) -> tuple[Beyond, ...]:
    """Every way in which the ask goes beyond the offer; empty when it lies within."""
    return tuple(one for part in (_what, _columns, _rows, _use, _time) for one in part(bounds, wish))


def care(classification: str) -> int:
    """The higher, the more care it needs."""
    return CARE.index(classification) if classification in CARE else len(CARE) - 1


def _what(bounds: Bounds, wish: Wish) -> list[Beyond]:
    if wish.tags or bounds.tags:
        return [] if dict(wish.tags) == dict(bounds.tags) else [Beyond("offer", "tags")]
    if wish.whole_database:
        return [] if wish.database == bounds.database else [Beyond("offer", "database")]
    covered = wish.table in bounds.tables or wish.database == bounds.database
    return [] if covered else [Beyond("offer", "table")]


def _columns(bounds: Bounds, wish: Wish) -> list[Beyond]:
    if wish.metadata_only:
        return []
    found = []
    if wish.whole_table and not (bounds.future_columns or wish.tags):
        found.append(Beyond("columns", "future"))
    most = care(bounds.highest_class)
    over = tuple(name for name, one in wish.classes.items() if care(one) > most)
    return [*found, Beyond("columns", "class", over)] if over else found


def _rows(bounds: Bounds, wish: Wish) -> list[Beyond]:
    if wish.metadata_only or lies_within(bounds.rows, wish.row_rule):
        return []
    return [Beyond("row_rule", "rows")]


def _use(bounds: Bounds, wish: Wish) -> list[Beyond]:
    if wish.metadata_only != (wish.use == "metadata"):
        return [Beyond("use", "metadata")]
    return [] if wish.use in bounds.uses else [Beyond("use", "use")]


def _time(bounds: Bounds, wish: Wish) -> list[Beyond]:
    """Where the longest time is whole days, the last day counts whole."""
    by_day = bounds.longest_hours % DAY == 0 and wish.days * DAY <= bounds.longest_hours
    return [] if by_day or wish.hours <= bounds.longest_hours else [Beyond("ends_at", "time")]
