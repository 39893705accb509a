"""A process that answers questions and takes the time; the same loop for each engine.

It reads a line `{"kind", "seconds"}` and writes one `{"p50", "count"}`, until its input ends.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

MILLISECONDS = 1000.0
FEWEST = 5
Answer = Callable[[str], object]


def say(**told: Any) -> None:
    print(json.dumps(told), flush=True)


def serve(
    answers: Mapping[str, Answer], asked: Mapping[str, Sequence[str]], checks: Mapping[str, Callable[[], Any]]
) -> None:
    """`answers` are timed; what a check returns is passed on."""
    for line in sys.stdin:
        wanted = json.loads(line)
        kind = wanted["kind"]
        if kind in checks:
            say(**checks[kind]())
        else:
            say(**_timed(answers[kind], asked[wanted.get("asked", kind)], wanted["seconds"]))


def _timed(answer: Answer, asked: Sequence[str], seconds: float) -> dict[str, float]:
    for text in asked[:FEWEST]:
        answer(text)
    taken: list[float] = []
    ends = time.perf_counter() + seconds
    while len(taken) < FEWEST or time.perf_counter() < ends:
        began = time.perf_counter()
        answer(asked[len(taken) % len(asked)])
        taken.append(time.perf_counter() - began)
    return {"p50": MILLISECONDS * statistics.median(taken), "count": len(taken)}
