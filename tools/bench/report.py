"""The figures of a bench: each a JSON line when it is measured, then all as a table, and the exit code."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

QUICK_SECONDS = 55.0
"""What a quick run may plan to take; a minute is what it is promised to take."""


@dataclass(frozen=True)
class Bound:
    """What a figure is held against."""

    sign: str
    limit: float

    def is_met(self, value: float) -> bool:
        return value >= self.limit if self.sign == ">=" else value <= self.limit

    def __str__(self) -> str:
        return f"{self.sign} {self.limit:g}"


def at_least(limit: float) -> Bound:
    return Bound(">=", limit)


def at_most(limit: float) -> Bound:
    return Bound("<=", limit)


@dataclass(frozen=True)
class Figure:
    """`ratio` is the value over that of the figure `ratio_to`; bounds are on the ratio where there is one."""

    name: str
    value: float
    unit: str
    ratio_to: str | None = None
    ratio: float | None = None
    must: Bound | None = None
    stretch: Bound | None = None

    @property
    def is_ok(self) -> bool | None:
        """None when nothing is demanded."""
        return self.must.is_met(self.compared_value) if self.must else None

    @property
    def compared_value(self) -> float:
        return self.value if self.ratio is None else self.ratio

    def as_json(self) -> dict[str, Any]:
        """The members of a line, in their order."""
        return {
            "name": self.name,
            "value": _round_value(self.value),
            "unit": self.unit,
            "ratio_to": self.ratio_to,
            "ratio": None if self.ratio is None else _round_value(self.ratio),
            "must": str(self.must) if self.must else None,
            "stretch": str(self.stretch) if self.stretch else None,
            "ok": self.is_ok,
        }


class BenchReport:
    """Collects figures; `quick` bounds the time that is spent."""

    def __init__(
        self,
        write_line: Callable[[str], None],
        *,
        quick: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.figures: list[Figure] = []
        self.quick = quick
        self.write_line, self._clock, self._began = write_line, clock, clock()

    def add_figure(
        self,
        name: str,
        value: float,
        unit: str,
        *,
        baseline: Figure | None = None,
        must: Bound | None = None,
        stretch: Bound | None = None,
    ) -> Figure:
        """`baseline` is the figure of the same unit that this one is compared with."""
        ratio = value / baseline.value if baseline is not None and baseline.value else None
        figure = Figure(name, value, unit, baseline.name if baseline else None, ratio, must, stretch)
        self.figures.append(figure)
        self.write_line(json.dumps(figure.as_json()))
        return figure

    def skip(self, name: str, why: str) -> None:
        self.write_line(json.dumps({"left_out": name, "why": why}))

    def has_time_for(self, name: str, seconds: float) -> bool:
        """Whether a part of about so many seconds is measured; a quick run says so when it is not."""
        left = QUICK_SECONDS - (self._clock() - self._began)
        if not self.quick or seconds <= left:
            return True
        self.skip(name, f"it takes about {seconds:.0f} s, and a quick run has {max(left, 0):.0f} s left")
        return False

    @property
    def missed(self) -> list[Figure]:
        return [figure for figure in self.figures if figure.is_ok is False]

    @property
    def exit_code(self) -> int:
        return 1 if self.missed else 0

    def format_table(self) -> str:
        """Aligned lines, and a last one with the verdict."""
        rows: list[tuple[str, ...]] = [("", "figure", "value", "compared with", "ratio", "must", "stretch")]
        rows += [_format_cells(figure) for figure in self.figures]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        missed = ", ".join(figure.name for figure in self.missed)
        demanded = sum(figure.is_ok is not None for figure in self.figures)
        verdict = f"missed: {missed}" if missed else f"all {demanded} musts are met"
        return "\n".join([*lines, verdict])


def _format_cells(figure: Figure) -> tuple[str, ...]:
    mark = {True: "✓", False: "✗", None: " "}[figure.is_ok]
    reached = "✓" if figure.stretch and figure.stretch.is_met(figure.compared_value) else ""
    return (
        mark,
        figure.name,
        f"{_round_value(figure.value):,g} {figure.unit}",
        figure.ratio_to or "",
        "" if figure.ratio is None else f"{_round_value(figure.ratio):g} ×",
        str(figure.must or ""),
        f"{figure.stretch} {reached}".strip() if figure.stretch else "",
    )


def _round_value(value: float) -> float:
    """Four digits: more would not be the same in the next run."""
    return float(f"{value:.4g}")
