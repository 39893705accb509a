"""Runs and records the steps of the verdict."""

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from demo.embedded.waits import NotSeenError

NOT_RUN = "not run: an earlier step failed"


class StepFailedError(Exception):
    """A step failed; the message says what was found instead."""


@dataclass
class VerdictStep:
    """`detail` holds the facts that were seen; `seconds` is wall time."""

    name: str
    ok: bool = False
    seconds: float = 0.0
    detail: str = ""


class VerdictReport:
    """The steps of a run. Safe for several threads: each adds a sequence of its own by `add_sequence()`."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._roads: list[StepSequence] = []
        self._lock = threading.Lock()

    def add_sequence(self, title: str = "") -> "StepSequence":
        with self._lock:
            made = StepSequence(title, self._say)
            self._roads.append(made)
        return made

    def to_json(self) -> list[dict[str, Any]]:
        """All steps as dicts of name, ok, seconds, detail; sequence by sequence."""
        return [asdict(step) for road in self._roads for step in road.steps]


class StepSequence:
    """Steps in sequence. After a failed step the others are reported as not run."""

    def __init__(self, title: str, say: Callable[[str], None]) -> None:
        self.steps: list[VerdictStep] = []
        self._title = title
        self._say = say

    @property
    def is_passing(self) -> bool:
        return all(step.ok for step in self.steps)

    def run_step(self, name: str, action: Callable[[], str], *, always: bool = False) -> bool:
        """Run `action`, which returns the facts seen or raises; True when it held."""
        found = VerdictStep(f"{self._title}: {name}" if self._title else name)
        if self.is_passing or always:
            began = time.monotonic()
            found.ok, found.detail = _run_action(action)
            found.seconds = round(time.monotonic() - began, 2)
        else:
            found.detail = NOT_RUN
        self.steps.append(found)
        self._say(format_step(found))
        return found.ok


def _run_action(action: Callable[[], str]) -> tuple[bool, str]:
    try:
        return True, action()
    except (NotSeenError, StepFailedError) as error:
        return False, str(error)
    except Exception as error:  # noqa: BLE001 - what cannot be carried out is not true, whatever the reason
        return False, f"{type(error).__name__}: {error}"


def format_step(step: VerdictStep) -> str:
    mark = "✓" if step.ok else "–" if step.detail == NOT_RUN else "✗"
    return f"  {mark} {step.seconds:5.2f} s  {step.name}" + ("" if step.ok else f" — {step.detail}")


def require(condition: object, otherwise: str) -> None:
    """StepFailedError, with what was seen, unless the condition holds."""
    if not condition:
        raise StepFailedError(otherwise)
