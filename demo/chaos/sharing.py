"""A part that is too much for one process, shared by several: each with a stage and lots of its own."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from demo.chaos.run import Report

SHARED = frozenset({"histories", "races"})
MANY = 500
"""Of these, from which number on two processes share them: before that, a second stage costs more than it saves."""


def processes_for(part: str, requests: int) -> int:
    """How many processes a part of that size is meant for."""
    return 2 if part in SHARED and requests >= MANY else 1


def shares(requests: int, processes: int) -> list[int]:
    """As equal as may be, together all of it."""
    return [
        requests * (number + 1) // processes - requests * number // processes for number in range(processes)
    ]


def joined(figures: Sequence[Mapping[str, Any]]) -> Report:
    """One report of all: what was counted is added up, what was measured is the worst of them, at least as bad as of all
    together. The seed is the first one's.
    """
    report = Report(figures[0]["part"], figures[0]["seed"])
    for name, value in vars(report).items():
        each = [one[name] for one in figures]
        if isinstance(value, dict):
            setattr(report, name, dict(sum(map(Counter, each), Counter())))
        elif isinstance(value, float):
            setattr(report, name, max(each))
        elif name not in {"part", "seed"}:
            setattr(report, name, sum(each))
    return report
