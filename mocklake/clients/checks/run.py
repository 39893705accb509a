"""Runs a module's checks and writes an outcome for each."""

import contextlib
import importlib
import inspect
import json
import os
import signal
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from types import FrameType, ModuleType

REASON_LENGTH = 160
SECONDS = 120
Check = Callable[[], None]


def main(outcomes: str, *modules: str) -> None:
    found = [importlib.import_module(f"mocklake.clients.checks.{name}") for name in modules]
    signal.signal(signal.SIGALRM, stop)
    with Path(outcomes).open("w") as file:
        for name, check in chain.from_iterable(map(find_checks, found)):
            reason = reason_of_failure(check)
            line = {"name": name, "passed": not reason, **({"reason": reason} if reason else {})}
            file.write(json.dumps(line) + "\n")
            file.flush()


def find_checks(module: ModuleType) -> Iterator[tuple[str, Check]]:
    """In the order of the module; what a name with an underscore holds is a helper."""
    for name, value in vars(module).items():
        own = inspect.isfunction(value) and value.__module__ == module.__name__
        if own and not name.startswith("_"):
            yield name, value


def reason_of_failure(check: Check) -> str:
    """Empty when it passed."""
    signal.alarm(SECONDS)
    try:
        with Path(os.devnull).open("w") as silent, contextlib.redirect_stdout(silent):
            check()
    except Exception as error:  # noqa: BLE001 - whatever a client raises is the outcome
        return describe(error)
    finally:
        signal.alarm(0)
    return ""


def describe(error: Exception) -> str:
    first = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}: {first}"[:REASON_LENGTH]


def stop(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"no end after {SECONDS} s")
