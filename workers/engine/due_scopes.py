"""Run rounds of due scopes, one after the other, until none is due."""

import os
import socket
import threading

from workers.aws.call_counts import write_call_counts
from workers.engine.claim import claim_scope
from workers.engine.rounds import run_scope_round
from workers.stop import NEVER

MAX_ROUNDS = 500
"""Rounds in one call, so that it ends even if a scope is always due."""


def build_owner_name() -> str:
    """Name of a lease's owner: host, process, thread."""
    return f"{socket.gethostname()}-{os.getpid()}-{threading.get_ident() % 10_000}"[:80]


def run_due_rounds(*, max_rounds: int = MAX_ROUNDS, stop: threading.Event = NEVER) -> int:
    """Run rounds until no scope is due, at most `max_rounds`, none after `stop`; returns how many were run.

    `stop` does not interrupt a round, as its lease would block other workers until it expires.
    """
    owner = build_owner_name()
    for count in range(max_rounds):
        claimed = None if stop.is_set() else claim_scope(owner)
        write_call_counts()
        if claimed is None:
            return count
        run_scope_round(claimed)
    return max_rounds
