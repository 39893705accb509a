"""Extends the lease of a round between its calls to AWS, so that a reading may last longer than a lease.

Without this, each worker that takes the scope over would lose its lease in turn, and no round would finish.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from django.conf import settings
from django.db import connection

from workers.aws.errors import between_reads
from workers.engine.claim import Lease, lock_scope, short_transaction

EXTENSIONS_PER_LEASE = 3
"""The lease is extended after each third of it."""


@dataclass
class _LeaseExtender:
    """Renews the lease when a part of it has passed. FencedError when another worker has the scope."""

    lease: Lease
    extended_at: float

    def __call__(self) -> None:
        if (
            connection.in_atomic_block
            or monotonic() - self.extended_at < settings.LEASE / EXTENSIONS_PER_LEASE
        ):
            return
        with short_transaction():
            lock_scope(self.lease)
        self.extended_at = monotonic()


@contextmanager
def extend_lease_between_reads(lease: Lease) -> Iterator[None]:
    """Renew the lease between the reading calls made inside the block."""
    with between_reads(_LeaseExtender(lease, monotonic())):
        yield
