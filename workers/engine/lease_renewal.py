"""Renews the lease of a round between its calls to AWS, so that a reading may last longer than a lease.

Else whoever takes the scope over reads as long as the one before, and no round of it ever comes to its end.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from django.conf import settings
from django.db import connection

from workers.aws.errors import between_reads
from workers.engine.claim import Lease, hold, short_transaction

PARTS = 3
"""A lease is renewed when such a part of it has passed."""


@dataclass
class _Renewal:
    """Renews the lease when a part of it has passed. FencedError when another worker has the scope."""

    lease: Lease
    renewed: float

    def __call__(self) -> None:
        if connection.in_atomic_block or monotonic() - self.renewed < settings.LEASE / PARTS:
            return
        with short_transaction():
            hold(self.lease)
        self.renewed = monotonic()


@contextmanager
def lasting(lease: Lease) -> Iterator[None]:
    """Renew the lease between the reading calls made inside the block."""
    with between_reads(_Renewal(lease, monotonic())):
        yield
