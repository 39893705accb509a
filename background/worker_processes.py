"""Rows of the workers' processes, and the lease of the one that dispatches."""

import os
import socket
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import connection

from background.health import NOW, host_name
from background.models import WorkerProcess

HEARTBEAT_INTERVAL = 2.0
"""Seconds between two heartbeats of a worker."""
WORKER_TIMEOUT = timedelta(seconds=settings.WORKER_TIMEOUT)
"""A process that was not seen for this long is gone."""
RETENTION = timedelta(hours=1)
TIMER = "timer"
"""Name of `manage.py sweep --once`: a row for all its runs."""
TIMER_TIMEOUT = timedelta(hours=1)
"""A timer that did not run for this long is gone."""
DISPATCH_LEASE_SECONDS = 5.0

_RECORD_HEARTBEAT = """
INSERT INTO fulfilment_workerprocess AS p (name, kind, host, queues, concurrency, started_at, seen_at)
VALUES (%s, %s, %s, to_jsonb(%s::text[]), %s, clock_timestamp(), clock_timestamp())
ON CONFLICT (name) DO UPDATE SET seen_at = clock_timestamp(), queues = excluded.queues,
       concurrency = excluded.concurrency
"""
_HOLD_LEASE = """
INSERT INTO fulfilment_dispatchlease AS l (id, owner, is_beat, lease_until)
VALUES (1, %(owner)s, %(is_beat)s, clock_timestamp() + make_interval(secs => %(seconds)s))
ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, is_beat = excluded.is_beat, lease_until = excluded.lease_until
 WHERE l.owner = excluded.owner OR l.lease_until < clock_timestamp() OR (excluded.is_beat AND NOT l.is_beat)
"""


def build_process_name(kind: WorkerProcess.Kind) -> str:
    """Unique: host and process id."""
    return f"{kind}@{socket.gethostname()}-{os.getpid()}"[:120]


def record_heartbeat(
    name: str, kind: WorkerProcess.Kind, queues: Iterable[str] = (), concurrency: int = 1
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_RECORD_HEARTBEAT, [name, kind, host_name(), sorted(queues), concurrency])


def delete_process(name: str) -> None:
    """The process has stopped."""
    WorkerProcess.objects.filter(name=name).delete()


def delete_lost_processes() -> int:
    return WorkerProcess.objects.filter(seen_at__lt=NOW - RETENTION).delete()[0]


def hold_dispatch_lease(owner: str, *, is_beat: bool) -> bool:
    """Whether `owner` dispatches for the next seconds. Beat takes the lease from a worker at once."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD_LEASE, {"owner": owner, "is_beat": is_beat, "seconds": DISPATCH_LEASE_SECONDS})
        return bool(cursor.rowcount == 1)
