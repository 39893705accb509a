"""A round that reads for longer than its lease keeps it: renewed on the way, between one call to AWS and the next.

Else whoever takes the scope over reads as long as the one before, and no round of it ever comes to its end.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic

from django.conf import settings
from django.db import connection

from workers.claim import Lease, hold, short_transaction

PARTS = 3
"""A lease is renewed when such a part of it has passed."""


@dataclass
class _Round:
    lease: Lease
    renewed: float


_round: ContextVar[_Round | None] = ContextVar("round", default=None)


@contextmanager
def lasting(lease: Lease) -> Iterator[None]:
    """What reads inside the block renews the lease."""
    before = _round.set(_Round(lease, monotonic()))
    try:
        yield
    finally:
        _round.reset(before)


def keep_lease() -> None:
    """Renew the lease of the round that runs in this thread, if it is time. FencedError when another has the scope."""
    current = _round.get()
    if current is None or connection.in_atomic_block:
        return
    if monotonic() - current.renewed < settings.LEASE / PARTS:
        return
    with short_transaction():
        hold(current.lease)
    current.renewed = monotonic()
