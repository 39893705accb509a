"""`python -m demo.chaos.skewed SECONDS FILE …`: runs a Python file in a process whose clock is that much ahead.

All clocks of Python but the monotonic one are off, as on a machine whose time nobody keeps. Sleeping and waiting
go by the monotonic clock, and so are right.
"""

import runpy
import sys
import time

import time_machine


def main() -> None:
    seconds, file, *arguments = sys.argv[1:]
    sys.argv = [file, *arguments]
    with time_machine.travel(time.time() + float(seconds), tick=True):
        runpy.run_path(file, run_name="__main__")


if __name__ == "__main__":
    main()
