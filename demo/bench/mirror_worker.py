"""The thread of `manage.py sweep` that reads catalogs, alone in a process: runs that rows ask for, one after the other."""

from functools import partial

from workers.management.commands.sweep import stopped_by_signal
from workers.sweep import repeat
from workers.sync import sync_requested

LOOK_EVERY = 0.05


def serve() -> None:
    """Until SIGTERM."""
    stop = stopped_by_signal()
    repeat(partial(sync_requested, stop), LOOK_EVERY, stop)
