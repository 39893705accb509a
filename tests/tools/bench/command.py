"""`manage.py bench` in the tests: a slice of a subject, for what it measures; not for how long things take."""

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from demo.bootstrap import ROOT


@dataclass(frozen=True)
class BenchRun:
    """What the command printed, and its exit code."""

    code: int
    output: str
    errors: str

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """In the order in which they were measured."""
        return [json.loads(line) for line in self.output.splitlines() if line.startswith("{")]

    @cached_property
    def figures(self) -> dict[str, dict[str, Any]]:
        """By name; the last of a name."""
        return {line["name"]: line for line in self.lines if "name" in line}

    @property
    def left_out(self) -> set[str]:
        return {line["left_out"] for line in self.lines if "left_out" in line}

    def check(self) -> None:
        """Every figure is named and was seen, and the exit code says whether a must is missed."""
        assert self.figures, self.errors
        for figure in self.figures.values():
            assert isinstance(figure["value"], int | float), figure
            assert figure["ratio_to"] is None or figure["ratio_to"] in self.figures, figure
            assert figure["ratio"] is not None or figure["ok"] is None or figure["ratio_to"] is None, figure
        assert self.code == int(any(figure["ok"] is False for figure in self.figures.values())), self.errors


def run_bench(*arguments: str) -> BenchRun:
    command = [sys.executable, "manage.py", "bench", *arguments]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    return BenchRun(done.returncode, done.stdout, done.stderr)
