"""What became of each mutant, as lines and as figures."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tools.mutants.mutant import Mutant


class Outcome(StrEnum):
    """`killed`: a test failed; `timed out`: the tests did not end, which counts as killed; `survived`: all tests passed;
    `invalid`: no test failed and they did not pass either, as where the fault prevents an import.
    """

    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"
    INVALID = "invalid"


@dataclass(frozen=True)
class MutantResult:
    """`detail`: the test that failed, or the last line of the tests' output of an invalid mutant."""

    area: str
    mutant: Mutant
    outcome: Outcome
    seconds: float
    detail: str = ""

    def format_line(self) -> str:
        return f"{self.outcome:<10}{self.seconds:>7.1f} s  {self.area:<14}{self.mutant.name}"

    def to_json(self) -> dict[str, Any]:
        return {
            "area": self.area,
            "name": self.mutant.name,
            "file": self.mutant.file,
            "outcome": self.outcome.value,
            "seconds": self.seconds,
            "detail": self.detail,
        }


@dataclass(frozen=True)
class MutantReport:
    results: Sequence[MutantResult]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether the tests noticed every fault."""
        return all(one.outcome in {Outcome.KILLED, Outcome.TIMED_OUT} for one in self.results)

    def format_summary(self) -> str:
        """What has to be looked at, and the totals last."""
        lines = [line for one in self.results for line in _format_problem(one)]
        counts = Counter(one.outcome for one in self.results)
        totals = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome)
        return "\n".join([*lines, f"{len(self.results)} mutants: {totals}; {self.seconds} s"])

    def to_json(self) -> dict[str, Any]:
        counts = Counter(one.outcome for one in self.results)
        totals = {outcome.name.lower(): counts[outcome] for outcome in Outcome}
        mutants = [one.to_json() for one in self.results]
        return {"ok": self.ok, **totals, "seconds": self.seconds, "mutants": mutants}


def _format_problem(one: MutantResult) -> list[str]:
    """Nothing of a mutant that was killed; of one that timed out, that it was not a test that failed."""
    if one.outcome is Outcome.KILLED:
        return []
    head = f"{one.outcome}: {one.mutant.name} ({one.mutant.file})"
    if one.outcome is Outcome.TIMED_OUT:
        return [head]
    told = f"  {one.detail}" if one.detail else f"  passed: {' '.join(one.mutant.tests)}"
    return [head, f"  - {one.mutant.old.strip()}", f"  + {one.mutant.new.strip()}", told]
