"""Work off what is due: one scope after the other, until nothing is."""

import os
import socket
import threading

from workers.claim import claim
from workers.rounds import run

MOST = 500
"""Rounds in one go, so that a nudge ends even where something is always due."""


def owner_name() -> str:
    """Who holds a lease: host, process, thread."""
    return f"{socket.gethostname()}-{os.getpid()}-{threading.get_ident() % 10_000}"[:80]


def converge(*, most: int = MOST) -> int:
    """Run rounds until no scope is due, `most` at the most; returns how many were run."""
    owner = owner_name()
    for count in range(most):
        claimed = claim(owner)
        if claimed is None:
            return count
        run(claimed)
    return most
