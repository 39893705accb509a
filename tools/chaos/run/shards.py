"""A part that is too much for one process, shared by several: each with a stage and lots of its own."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from tools.chaos.report import Report
from tools.chaos.run.sizes import Size

SHARED = {"histories": 500, "races": 500, "drift": 2000}
"""From which number on two processes share a part: before that, a second stage costs more than it saves. Of so many
changes each process still makes enough to be timed at the end.
"""


def shares(part: str, size: Size, processes: int | None) -> list[Size]:
    """What each process does: as equal as may be, together all of it. How many there are is said, or a part of that
    size is meant for them.
    """
    if processes is None and size.beside:
        return [Size(size.requests, size.kills), size.beside]
    is_shared = part in SHARED and size.requests >= SHARED[part]
    many = min(processes or (2 if is_shared else 1), size.requests)
    ends = [size.requests * number // many for number in range(many + 1)]
    return [Size(end - start, size.kills) for start, end in pairwise(ends)]


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
