"""A process that answers questions and takes the time; the same loop for each engine.

It reads a line `{"kind", "seconds"}` and writes one `{"p50", "p95", "count"}`, until its input ends.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

MILLISECONDS = 1000.0
MIN_ANSWERS = 5
Answer = Callable[[str], object]


def write_answer(**told: Any) -> None:
    print(json.dumps(told), flush=True)


def serve(
    answers: Mapping[str, Answer], asked: Mapping[str, Sequence[str]], checks: Mapping[str, Callable[[], Any]]
) -> None:
    """`answers` are timed; what a check returns is passed on."""
    for line in sys.stdin:
        wanted = json.loads(line)
        kind = wanted["kind"]
        if kind in checks:
            write_answer(**checks[kind]())
        else:
            write_answer(**_measure(answers[kind], asked[wanted.get("asked", kind)], wanted["seconds"]))


def _measure(answer: Answer, asked: Sequence[str], seconds: float) -> dict[str, float]:
    for text in asked[:MIN_ANSWERS]:
        answer(text)
    taken: list[float] = []
    ends = time.perf_counter() + seconds
    while len(taken) < MIN_ANSWERS or time.perf_counter() < ends:
        began = time.perf_counter()
        answer(asked[len(taken) % len(asked)])
        taken.append(time.perf_counter() - began)
    p95 = statistics.quantiles(taken, n=20)[-1]
    return {"p50": MILLISECONDS * statistics.median(taken), "p95": MILLISECONDS * p95, "count": len(taken)}
