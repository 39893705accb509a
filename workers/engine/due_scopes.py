"""Run rounds of due scopes, one after the other, until none is due."""

import os
import socket
import threading

from workers.aws.call_counts import write_calls
from workers.engine.claim import claim
from workers.engine.rounds import run
from workers.stop import NEVER

MOST = 500
"""Rounds in one go, so that a nudge ends even where something is always due."""


def owner_name() -> str:
    """Who holds a lease: host, process, thread."""
    return f"{socket.gethostname()}-{os.getpid()}-{threading.get_ident() % 10_000}"[:80]


def converge(*, most: int = MOST, stop: threading.Event = NEVER) -> int:
    """Run rounds until no scope is due, `most` at the most, none after `stop`; returns how many were run.

    A round is never broken off by `stop`: its lease would keep every other worker out until it ran out.
    """
    owner = owner_name()
    for count in range(most):
        claimed = None if stop.is_set() else claim(owner)
        write_calls()
        if claimed is None:
            return count
        run(claimed)
    return most
