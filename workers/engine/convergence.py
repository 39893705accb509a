"""Converges one scope: claims it if it is due, and runs a round."""

import os
import socket
import threading

from workers.engine.claim import claim_scope
from workers.engine.rounds import run_scope_round


def build_owner_name() -> str:
    """Name of a lease's owner: host, process, thread."""
    return f"{socket.gethostname()}-{os.getpid()}-{threading.get_ident() % 10_000}"[:80]


def converge_scope(scope_id: int) -> bool:
    """Run a round of the scope; returns False if it is not due or another worker has it.

    A worker that is told to stop finishes its round, as the lease would block other workers until it expires.
    """
    claimed = claim_scope(build_owner_name(), scope_id)
    if claimed is None:
        return False
    run_scope_round(claimed)
    return True
