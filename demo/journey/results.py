"""The verdict's steps: each measured, told in plain words, and kept in the order in which they began."""

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

NOT_RUN = "not run: an earlier step failed"


class UnmetError(Exception):
    """A step's claim is not true; the text says what was seen instead."""


@dataclass
class Step:
    """`detail` holds the facts that were seen; `seconds` is wall time."""

    name: str
    ok: bool = False
    seconds: float = 0.0
    detail: str = ""


class Report:
    """The steps of a run. Safe for several threads; a road asks `road()` for its own part."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._roads: list[Road] = []
        self._lock = threading.Lock()

    def road(self, title: str = "") -> "Road":
        with self._lock:
            made = Road(title, self._say)
            self._roads.append(made)
        return made

    def steps(self) -> list[dict[str, Any]]:
        """All steps as dicts of name, ok, seconds, detail; road by road."""
        return [asdict(step) for road in self._roads for step in road.steps]


class Road:
    """Steps that follow each other: once one has failed, the others are told as not run."""

    def __init__(self, title: str, say: Callable[[str], None]) -> None:
        self.steps: list[Step] = []
        self._title = title
        self._say = say

    @property
    def is_sound(self) -> bool:
        return all(step.ok for step in self.steps)

    def step(self, name: str, action: Callable[[], str], *, always: bool = False) -> bool:
        """Run `action`, which returns the facts seen or raises; True when it held."""
        found = Step(f"{self._title}: {name}" if self._title else name)
        if self.is_sound or always:
            began = time.monotonic()
            found.ok, found.detail = _outcome(action)
            found.seconds = round(time.monotonic() - began, 2)
        else:
            found.detail = NOT_RUN
        self.steps.append(found)
        self._say(line_of(found))
        return found.ok


def _outcome(action: Callable[[], str]) -> tuple[bool, str]:
    try:
        return True, action()
    except UnmetError as error:
        return False, str(error)
    except Exception as error:  # noqa: BLE001 - what cannot be carried out is not true, whatever the reason
        return False, f"{type(error).__name__}: {error}"


def line_of(step: Step) -> str:
    mark = "✓" if step.ok else "–" if step.detail == NOT_RUN else "✗"
    return f"  {mark} {step.seconds:5.2f} s  {step.name}" + ("" if step.ok else f" — {step.detail}")


def wait_for(found: Callable[[], Any], seconds: float, what: str, pause: float = 0.1) -> Any:
    """The first true answer of `found`; UnmetError when none came within `seconds`."""
    end = time.monotonic() + seconds
    while not (answer := found()):
        if time.monotonic() > end:
            raise UnmetError(f"{what} within {seconds:.0f} s")
        time.sleep(pause)
    return answer


def demand(condition: object, otherwise: str) -> None:
    """UnmetError, with what was seen, unless the condition holds."""
    if not condition:
        raise UnmetError(otherwise)
