"""Bar charts, stacked bar charts, line charts and sparklines.

Shapes have positions in a box of `WIDTH` by `HEIGHT`, which the page stretches to its place. Texts are HTML around it, so
that they keep their size on a phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import groupby, zip_longest

from portal.charts.scale import ChartUnit, find_scale_end, format_value

WIDTH, HEIGHT = 1000, 100
BAR_SHARE = 0.72
"""Of the room of a period, what its bar takes."""
MAX_BAR_WIDTH = 80


class ChartKind(StrEnum):
    """Bars of several series stand on one another."""

    BARS = "bars"
    LINE = "line"


class ChartTone(StrEnum):
    """Colours of series: the class of the drawn shapes."""

    MAIN = "main"
    NEUTRAL = "neutral"
    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"


@dataclass(frozen=True)
class Series:
    """One value a period; None where it is not known."""

    label: str
    values: tuple[float | None, ...]
    tone: ChartTone = ChartTone.MAIN


@dataclass(frozen=True)
class Bar:
    """A rectangle; `label` is its text."""

    x: float
    y: float
    width: float
    height: float
    tone: ChartTone
    label: str


@dataclass(frozen=True)
class Line:
    """`path` is the line, with a dot at its end and for a value without neighbors; `area` is what lies below it."""

    path: str
    area: str
    tone: ChartTone


@dataclass(frozen=True)
class ChartRow:
    """A line of the table: a period and the values of all series."""

    label: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Chart:
    """`key` makes its ids. `title` names it, `summary` says in a sentence what it shows. `periods` are the names on the
    axis, under `axis`.
    """

    key: str
    title: str
    summary: str
    axis: str
    periods: tuple[str, ...]
    series: tuple[Series, ...]
    kind: ChartKind = ChartKind.BARS
    unit: ChartUnit = ChartUnit.COUNT

    @property
    def view_box(self) -> str:
        return f"0 0 {WIDTH} {HEIGHT}"

    @cached_property
    def is_empty(self) -> bool:
        """Nothing but zeros, or nothing known."""
        return not any(value for one in self.series for value in one.values)

    @property
    def has_legend(self) -> bool:
        return len(self.series) > 1

    @cached_property
    def scale_end(self) -> float:
        if self.kind is ChartKind.LINE:
            return find_scale_end((value or 0 for one in self.series for value in one.values), self.unit)
        columns = zip_longest(*(one.values for one in self.series), fillvalue=0)
        return find_scale_end((sum(value or 0 for value in column) for column in columns), self.unit)

    @property
    def ticks(self) -> tuple[str, str, str]:
        """From the top down. The middle one is left out where it is not a whole number."""
        half = self.scale_end / 2
        middle = format_value(half, self.unit) if half == int(half) else ""
        return format_value(self.scale_end, self.unit), middle, format_value(0, self.unit)

    @property
    def period_ticks(self) -> tuple[str, ...]:
        """The first and the last period, and the middle one of many."""
        few, last = 3, len(self.periods) - 1
        shown = dict.fromkeys((0, last)) if len(self.periods) < few else dict.fromkeys((0, last // 2, last))
        return tuple(self.periods[place] for place in shown) if self.periods else ()

    @property
    def rows(self) -> tuple[ChartRow, ...]:
        columns = zip(*(one.values for one in self.series), strict=True)
        return tuple(
            ChartRow(name, tuple(format_value(value, self.unit) for value in values))
            for name, values in zip(self.periods, columns, strict=True)
        )

    @cached_property
    def bars(self) -> tuple[Bar, ...]:
        if self.kind is not ChartKind.BARS:
            return ()
        return tuple(bar for place in range(len(self.periods)) for bar in self._stack_bars(place))

    def _stack_bars(self, place: int) -> list[Bar]:
        room = WIDTH / len(self.periods)
        width = min(room * BAR_SHARE, MAX_BAR_WIDTH)
        x, bottom, bars = place * room + (room - width) / 2, float(HEIGHT), []
        for one in self.series:
            value = one.values[place]
            if not value:
                continue
            height = value / self.scale_end * HEIGHT
            bottom -= height
            label = f"{self.periods[place]}: {one.label}, {format_value(value, self.unit)}"
            bars.append(
                Bar(round(x, 2), round(bottom, 2), round(width, 2), round(height, 2), one.tone, label)
            )
        return bars

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        if self.kind is not ChartKind.LINE:
            return ()
        return tuple(draw_line(one.values, one.tone, self.scale_end) for one in self.series)


def draw_line(
    values: Sequence[float | None],
    tone: ChartTone,
    scale_end: float,
    width: float = WIDTH,
    height: float = HEIGHT,
) -> Line:
    """In a box of this size. What is not known leaves a gap."""
    step = width / len(values) if values else width
    points = [
        None
        if value is None
        else (round((place + 0.5) * step, 2), round(height - value / scale_end * height, 2))
        for place, value in enumerate(values)
    ]
    runs = [list(run) for known, run in groupby(points, lambda point: point is not None) if known]
    pieces, areas = [], []
    for run in runs:
        known = [point for point in run if point is not None]
        pieces.append("M" + " L".join(f"{x} {y}" for x, y in known))
        if len(known) == 1 or run is runs[-1]:
            pieces.append(f"M{known[-1][0]} {known[-1][1]} h0")
        top = " L".join(f"{x} {y}" for x, y in known)
        areas.append(f"M{known[0][0]} {height} L{top} L{known[-1][0]} {height} Z")
    return Line(" ".join(pieces), " ".join(areas), tone)


@dataclass(frozen=True)
class Sparkline:
    """A small line beside its value."""

    path: str
    value: str


SPARKLINE_WIDTH, SPARKLINE_HEIGHT = 80, 20


def draw_sparkline(
    values: Sequence[float | None], value: str, unit: ChartUnit = ChartUnit.COUNT
) -> Sparkline:
    scale_end = find_scale_end((one or 0 for one in values), unit)
    line = draw_line(values, ChartTone.MAIN, scale_end, SPARKLINE_WIDTH, SPARKLINE_HEIGHT)
    return Sparkline(line.path, value)
