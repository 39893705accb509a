"""How each background part fares: written by its process, read by all."""

import socket
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, models
from django.db.models import F, Func

from fulfilment.background.models import PartHealth

NOW = Func(function="clock_timestamp", output_field=models.DateTimeField())
ALIVE = timedelta(seconds=120)
"""A process of which no part has reported for so long counts as gone, and so does a part of it, or after thrice its pace."""
FORGOTTEN = timedelta(days=1)
"""Rows of processes that are gone are removed after this time."""
SWEEP = "sweep"
"""The process without which nothing happens in AWS, no notice goes out and no event is sealed."""
TIMER = "timer"
"""In its stead: `manage.py sweep --once`, called by a timer."""
_FAIL = """
INSERT INTO fulfilment_parthealth AS h (part, process, host, every, reported_at, failing_since, failures,
       failures_in_all, error_class, error_id, failed_at, next_try_at)
VALUES (%s, %s, %s, %s, clock_timestamp(), clock_timestamp(), 1, 1, %s, %s, clock_timestamp(),
        clock_timestamp() + make_interval(secs => %s))
ON CONFLICT (part, process, host) DO UPDATE SET reported_at = excluded.reported_at, every = excluded.every,
       failing_since = coalesce(h.failing_since, excluded.failing_since), failures = h.failures + 1,
       failures_in_all = h.failures_in_all + 1, error_class = excluded.error_class, error_id = excluded.error_id,
       failed_at = excluded.failed_at, next_try_at = excluded.next_try_at
"""
_SUCCEED = """
INSERT INTO fulfilment_parthealth AS h (part, process, host, every, reported_at, failures, failures_in_all,
       error_class, error_id)
VALUES (%s, %s, %s, %s, clock_timestamp(), 0, 0, '', '')
ON CONFLICT (part, process, host) DO UPDATE SET reported_at = excluded.reported_at, every = excluded.every,
       failing_since = NULL, failures = 0, next_try_at = NULL
"""


def host_name() -> str:
    return socket.gethostname()[:120]


@dataclass(frozen=True)
class Reporter:
    """Who reports: a part, in a process, at Interval in seconds.."""

    part: str
    process: str
    every: float

    def told(self) -> list[str | float]:
        return [self.part[:120], self.process, host_name(), self.every]


def report_failure(of: Reporter, error: BaseException, error_id: str, *, wait: float) -> None:
    """Write that the part failed, and that it is tried again in `wait` seconds."""
    with connection.cursor() as cursor:
        cursor.execute(_FAIL, [*of.told(), type(error).__name__[:120], error_id, wait])


def report_success(of: Reporter) -> None:
    """Write that the part did its work: whatever failed before is over."""
    with connection.cursor() as cursor:
        cursor.execute(_SUCCEED, of.told())


ROUNDS = "engine"
"""The process of the rows about rounds: whichever worker runs a scope's next round writes the same row."""


def report_round_failure(scope_key: str, error: BaseException, error_id: str) -> None:
    """Write that the rounds of a scope end in an unexpected exception; when they are tried again the scope's row says."""
    told: list[str | float] = [
        _of_round(scope_key),
        ROUNDS,
        "",
        0.0,
        type(error).__name__[:120],
        error_id,
        0.0,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_FAIL, told)


def report_round_success(scope_key: str) -> None:
    PartHealth.objects.filter(part=_of_round(scope_key), process=ROUNDS).delete()


def _of_round(scope_key: str) -> str:
    return f"rounds of {scope_key}"[:120]


def forget_gone_processes() -> int:
    """Remove what processes reported that have been gone for a day."""
    return PartHealth.objects.filter(reported_at__lt=NOW - FORGOTTEN).delete()[0]


_PACE = models.ExpressionWrapper(F("every") * 3 * timedelta(seconds=1), models.DurationField())
_FRESH = models.Q(reported_at__gte=NOW - _PACE)


@dataclass(frozen=True)
class PartState:
    """`is_silent`: no process that does this part is alive."""

    row: PartHealth
    is_silent: bool

    @property
    def is_failing(self) -> bool:
        return self.row.failing_since is not None

    @property
    def is_degraded(self) -> bool:
        return self.is_silent or self.is_failing


def part_states() -> list[PartState]:
    """Each part once for every living process that does it, failing ones first; a part that only processes do
    which are gone once, as silent. Two queries.
    """
    alive = set(PartHealth.objects.filter(reported_at__gte=NOW - ALIVE).values_list("process", "host"))
    by_need = F("failing_since").asc(nulls_last=True)
    rows = list(PartHealth.objects.annotate(is_fresh=_FRESH).order_by(by_need, "part", "-reported_at"))
    states = [
        PartState(row, is_silent=False) for row in rows if (row.process, row.host) in alive or row.is_fresh
    ]
    done = {state.row.part for state in states}
    latest = {row.part: row for row in sorted(rows, key=lambda row: row.reported_at)}
    gone = (row for part, row in sorted(latest.items()) if part not in done and row.process != ROUNDS)
    return [*(PartState(row, is_silent=True) for row in gone), *states]


def degraded_parts() -> list[str]:
    """Names of parts that fail or that nobody does; `sweep` where no sweep reports at all."""
    states = part_states()
    names = {state.row.part for state in states if state.is_degraded}
    if not any(state.row.process in {SWEEP, TIMER} and not state.is_silent for state in states):
        names.add(SWEEP)
    return sorted(names)
