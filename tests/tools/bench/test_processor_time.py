"""Processor time and memory of a process with its children."""

import os
import subprocess
import sys

from tools.bench.harness.timing import read_own_memory, read_processor_seconds

BUSY = "sum(range(20_000_000))"
PARENT = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", "{BUSY}"])
with subprocess.Popen([sys.executable, "-c", "{BUSY}; print('done', flush=True); input()"], stdin=subprocess.PIPE):
    input()
"""
ROUNDING = 1e-6
"""Of sums of seconds."""


def test_children_that_run_or_have_ended_count() -> None:
    before = read_processor_seconds(os.getpid())
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        used, megabytes = read_processor_seconds(process.pid), read_own_memory(process.pid)
        alone = read_processor_seconds(os.getpid()) - before
        process.communicate(b"\n")
    assert used > _measure_busy()
    assert alone > used - ROUNDING
    assert megabytes > 1


def test_a_process_that_is_gone_used_nothing() -> None:
    assert read_processor_seconds(None) == read_own_memory(None) == 0


def _measure_busy() -> float:
    """Seconds of a processor that one of the two takes here."""
    before = os.times()
    subprocess.run([sys.executable, "-c", BUSY], check=True)
    after = os.times()
    return after.children_user - before.children_user
