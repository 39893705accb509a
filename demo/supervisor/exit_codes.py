"""How a command of this package ends: by one exit code a reason, on a signal as on Ctrl-C."""

import sys
from collections.abc import Callable
from typing import NoReturn

from demo.embedded.child_process import EmbeddedError
from demo.supervisor.supervisor import stop_on_signals

CANNOT_START, INTERRUPTED = 2, 130


def exit_after(work: Callable[[], int], *, interrupted: int = INTERRUPTED) -> NoReturn:
    """Exits with what `work` returns, with 2 and one line when something cannot start, on Ctrl-C as told."""
    stop_on_signals()
    try:
        sys.exit(work())
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        sys.exit(CANNOT_START)
    except KeyboardInterrupt:
        sys.exit(interrupted)
