"""Where `bench search` measures: a PostgreSQL of its own, and a process for each engine that answers questions."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from demo.bootstrap import ROOT
from demo.embedded import database_roles
from demo.embedded.child_process import EmbeddedError
from tools.bench.harness.servers import build_django_environment, migrated_postgres
from tools.bench.harness.subprocesses import build_environment, run_program

SHARED_BUFFERS = "2GB"
"""What PostgreSQL keeps in memory, a fourth of a machine of 8 GB as its manual advises: the peer has all of its index there."""


class SearchProcess:
    """One process: it is asked kind by kind, and answers when it has measured."""

    def __init__(self, program: list[str], environment: dict[str, str]) -> None:
        self._child = subprocess.Popen(
            program, cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._read_line()

    def request(self, kind: str, seconds: float = 0.0, asked: str = "") -> dict[str, Any]:
        """EmbeddedError when the process is gone."""
        assert self._child.stdin
        said = {"kind": kind, "seconds": seconds, "asked": asked or kind}
        self._child.stdin.write(json.dumps(said) + "\n")
        self._child.stdin.flush()
        return self._read_line()

    def measure_median(self, kind: str, seconds: float, asked: str = "") -> float:
        """Milliseconds."""
        return float(self.request(kind, seconds, asked)["p50"])

    def _read_line(self) -> dict[str, Any]:
        assert self._child.stdout
        line = self._child.stdout.readline()
        if not line:
            raise EmbeddedError("An engine of the bench ended before it answered.")
        found: dict[str, Any] = json.loads(line)
        return found

    def close(self) -> None:
        assert self._child.stdin
        assert self._child.stdout
        self._child.stdin.close()
        self._child.wait()
        self._child.stdout.close()


@contextmanager
def run_meshmarket(count: int, seed: int) -> Iterator[tuple[SearchProcess, float]]:
    """Our search over so many tables, and the seconds that it took to fill it."""
    with ExitStack() as stack:
        postgres = stack.enter_context(migrated_postgres(shared_buffers=SHARED_BUFFERS))
        began = time.perf_counter()
        as_superuser = {
            **build_django_environment(postgres),
            "DATABASE_URL": postgres.superuser_url("meshmarket"),
        }
        program = [
            sys.executable,
            "-m",
            "tools.bench.harness.subprocess_call",
            "tools.bench.search.meshmarket",
        ]
        run_program([*program, "fill", str(count), str(seed)], as_superuser)
        filled = time.perf_counter() - began
        as_web = {
            **as_superuser,
            "DATABASE_URL": postgres.superuser_url("meshmarket", role=database_roles.WEB),
        }
        yield _start_process(stack, [*program, "answer", str(count), str(seed)], as_web), filled


@contextmanager
def run_peer(python: str, count: int, seed: int) -> Iterator[SearchProcess]:
    """The peer over the same tables; `python` is one that has tantivy."""
    with ExitStack() as stack:
        yield _start_process(
            stack, [python, "-m", "tools.bench.search.tantivy", str(count), str(seed)], build_environment()
        )


def _start_process(stack: ExitStack, program: list[str], environment: dict[str, str]) -> SearchProcess:
    engine = SearchProcess(program, environment)
    stack.callback(engine.close)
    return engine
