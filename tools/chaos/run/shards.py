"""A part that is too much for one process, shared by several: each with a stage and lots of its own."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from tools.chaos.report import PartReport
from tools.chaos.run.sizes import PartSize

SHARED_FROM = {"histories": 500, "races": 500, "drift": 2000}
"""From which number on two processes share a part: before that, a second stage costs more than it saves. Of so many
changes each process still makes enough to be timed at the end.
"""


def split_size(part: str, size: PartSize, processes: int | None) -> list[PartSize]:
    """What each process does: as equal as may be, together all of it. How many there are is said, or a part of that
    size is meant for them.
    """
    if processes is None and size.parallel_size:
        return [PartSize(size.requests, size.kills), size.parallel_size]
    is_shared = part in SHARED_FROM and size.requests >= SHARED_FROM[part]
    many = min(processes or (2 if is_shared else 1), size.requests)
    ends = [size.requests * number // many for number in range(many + 1)]
    return [PartSize(end - start, size.kills) for start, end in pairwise(ends)]


def merge_reports(figures: Sequence[Mapping[str, Any]]) -> PartReport:
    """One report of all: what was counted is added up, what was measured is the worst of them, at least as bad as of all
    together. The seed is the first one's.
    """
    report = PartReport(figures[0]["part"], figures[0]["seed"])
    for name, value in vars(report).items():
        each = [one[name] for one in figures]
        if isinstance(value, dict):
            setattr(report, name, dict(sum(map(Counter, each), Counter())))
        elif isinstance(value, float):
            setattr(report, name, max(each))
        elif name not in {"part", "seed"}:
            setattr(report, name, sum(each))
    return report
