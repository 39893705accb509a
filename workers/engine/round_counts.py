"""Counts rounds in memory, by kind of scope and outcome, and stores the counts periodically."""

import threading
import time
from collections import Counter

from django.db import connection

from fulfilment.health.models import RoundTotal
from workers.engine.round_records import RoundResult

WRITE_INTERVAL = 2.0
ADD_TO_TOTALS = """
INSERT INTO fulfilment_roundtotal AS t (kind, outcome, rounds, seconds) VALUES (%s, %s, %s, %s)
ON CONFLICT (kind, outcome) DO UPDATE SET rounds = t.rounds + excluded.rounds, seconds = t.seconds + excluded.seconds
"""
RoundKey = tuple[str, str]
"""Kind of scope, outcome."""
_lock = threading.Lock()
_rounds: Counter[RoundKey] = Counter()
_seconds: dict[RoundKey, float] = {}
_state = {"written": 0.0}


def classify_round(result: RoundResult) -> RoundTotal.Outcome:
    if result.has_failed:
        return RoundTotal.Outcome.FAILED
    if result.has_converged:
        return RoundTotal.Outcome.CONVERGED
    if result.is_too_early or result.is_unreachable or result.awaits_refusal_retry:
        return RoundTotal.Outcome.WAITING
    return RoundTotal.Outcome.SENT


def count_round(kind: str, outcome: RoundTotal.Outcome, seconds: float) -> None:
    with _lock:
        _rounds[kind, outcome] += 1
        _seconds[kind, outcome] = _seconds.get((kind, outcome), 0.0) + seconds


def write_round_counts(interval: float = WRITE_INTERVAL) -> None:
    """Store the counts, at most once in `interval` seconds."""
    if time.monotonic() - _state["written"] < interval:
        return
    _state["written"] = time.monotonic()
    with _lock:
        rows = [(*key, rounds, _seconds[key]) for key, rounds in sorted(_rounds.items())]
        _rounds.clear()
        _seconds.clear()
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(ADD_TO_TOTALS, rows)
