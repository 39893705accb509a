"""What the checks of a client came to, and whether that is enough."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from mocklake.clients.registry import FOLDER

RESULTS = FOLDER / "results.json"
FLOORS = FOLDER / "floors.json"


@dataclass(frozen=True)
class Result:
    """`failures` holds by check the first line of the reason."""

    version: str
    passed: int
    failures: dict[str, str]

    @property
    def total(self) -> int:
        return self.passed + len(self.failures)

    @classmethod
    def of(cls, version: str, outcomes: list[dict[str, Any]]) -> Self:
        failures = {one["name"]: one["reason"] for one in outcomes if not one["passed"]}
        return cls(version, len(outcomes) - len(failures), failures)


def read_outcomes(file: Path) -> list[dict[str, Any]]:
    """One JSON object a line: name, passed and, of a failure, reason."""
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def read_results() -> dict[str, Result]:
    return {name: Result(**value) for name, value in json.loads(RESULTS.read_text()).items()}


def write_results(results: dict[str, Result]) -> None:
    RESULTS.write_text(
        json.dumps({name: asdict(one) for name, one in sorted(results.items())}, indent=2) + "\n"
    )


def read_floors() -> dict[str, int]:
    floors: dict[str, int] = json.loads(FLOORS.read_text())
    return floors


def below_floor(name: str, result: Result, floors: dict[str, int]) -> bool:
    """A client that ran no check is always below."""
    return result.passed < max(floors.get(name, 0), 1)
