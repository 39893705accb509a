"""What must be written once the database is there again: a worker that outlived it knows what nobody else does."""

import time
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection

from fulfilment.background.database_errors import is_away, was_locked_out, was_too_slow

KNOCK_EVERY = 0.2
"""Seconds between two tries to speak to a database that went away."""


def when_it_answers(write: Callable[[], None]) -> None:
    """Write, and again while the database is away, stands still or has others hold the locks, for as long as a lease lasts.
    `write` is one transaction, and does no harm twice: whether one was committed whose answer was lost, nobody knows.
    """
    until = time.monotonic() + settings.LEASE
    while True:
        try:
            write()
        except DatabaseError as error:
            passes = is_away(error) or was_too_slow(error) or was_locked_out(error)
            if not passes or time.monotonic() > until:
                raise
            if not was_locked_out(error):
                connection.close()
            time.sleep(KNOCK_EVERY)
        else:
            return
