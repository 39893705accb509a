"""Which tests run a line, as one run of all of them under coverage.py tells."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from coverage import CoverageData

from demo.embedded.child_process import EmbeddedError
from demo.embedded.throwaway_services import throwaway_services
from tools.mutants.sampling import PACKAGES

MAX_TESTS = 40
"""Of one line: those that run the fewest lines come first, so the test of a rule before a walk over all pages."""
IGNORED_FOLDERS = ("gate", "architecture", "docs", "browser", "compose", "journey", "brokers")
"""They judge the text of the code, or run it in processes that nobody traces."""


class LineTests:
    def __init__(self, data_file: Path, root: Path) -> None:
        """`data_file` holds what coverage.py recorded in `root`, with the tests as contexts."""
        self._root = root
        self._data = CoverageData(str(data_file))
        self._data.read()
        self._line_counts = read_line_counts(data_file)

    def find_tests(self, file: str, line: int) -> tuple[str, ...]:
        """At most `MAX_TESTS` tests that run this line, the narrowest first."""
        contexts = self._data.contexts_by_lineno(str(self._root / file)).get(line, [])
        tests = {context.rpartition("|")[0] for context in contexts if "|" in context}
        ordered = sorted(tests, key=lambda test: (self._line_counts.get(test, 0), test))
        return tuple(ordered[:MAX_TESTS])


def read_line_counts(data_file: Path) -> dict[str, int]:
    """How many bytes of line numbers each test filled: a measure of how much it runs."""
    counts: dict[str, int] = {}
    query = "SELECT context, SUM(LENGTH(numbits)) FROM line_bits JOIN context ON context.id = context_id GROUP BY context"
    with sqlite3.connect(data_file) as database:
        for context, count in database.execute(query):
            test = context.rpartition("|")[0]
            counts[test] = counts.get(test, 0) + count
    return counts


def record_line_tests(root: Path, data_file: Path, say: Callable[[str], None]) -> None:
    """Runs the tests of `root` under coverage.py into `data_file`. EmbeddedError when one of them fails."""
    say("Recording which tests run which lines: every test runs once, under coverage.py")
    with throwaway_services() as services:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *build_arguments(list_folders(root))],
            check=False,
            cwd=root,
            env={**os.environ, **services, "COVERAGE_FILE": str(data_file)},
        )
    if done.returncode:
        data_file.unlink(missing_ok=True)
        raise EmbeddedError("The tests do not pass without a mutant: see above.")


def list_folders(root: Path) -> list[str]:
    folders = (path for path in sorted((root / "tests").iterdir()) if path.is_dir())
    return [f"tests/{path.name}" for path in folders if path.name not in (*IGNORED_FOLDERS, "__pycache__")]


def build_arguments(paths: Iterable[str]) -> list[str]:
    measured = [f"--cov={package}" for package in PACKAGES]
    chosen = ["-n", "2", "-q", "-m", "not all and not browser", "-p", "no:cacheprovider"]
    return [*paths, *chosen, *measured, "--cov-context=test", "--cov-report="]
