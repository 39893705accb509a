"""A start waits for what moves, however slowly, and gives up on silence."""

import sys
from pathlib import Path

import pytest

from demo.embedded.child_process import (
    Activity,
    Child,
    EmbeddedError,
    MovementWatch,
    ProcessTimes,
    parse_process_list,
    read_activity,
    wait_until_ended,
    wait_until_ready,
    wait_while_moving,
)

SILENT = "import time; print('ready to hang', flush=True); time.sleep(600)"


def make_child(folder: Path, program: str) -> Child:
    return Child("part", [sys.executable, "-c", program], log=folder / "part.log")


class Moving:
    """A process as it is told of: each look is the next of `looks`, `step` seconds after the last."""

    def __init__(self, looks: list[Activity], step: float) -> None:
        self._looks, self._step, self._at = iter(looks), step, -step
        self.watch = MovementWatch(lambda: next(self._looks), self._tell_time)

    def _tell_time(self) -> float:
        self._at += self._step
        return self._at


def test_a_slow_process_that_works_is_never_silent() -> None:
    moving = Moving([Activity(number * 0.5, 0) for number in range(100)], step=10.0)
    assert {moving.watch.measure_silence() for _ in range(99)} == {0.0}


def test_a_process_that_only_writes_is_never_silent() -> None:
    moving = Moving([Activity(0.0, number) for number in range(100)], step=50.0)
    assert {moving.watch.measure_silence() for _ in range(99)} == {0.0}


def test_a_process_that_gets_no_processor_is_held_up_and_not_silent() -> None:
    moving = Moving([Activity(0.0, 0, is_held_up=True) for _ in range(100)], step=50.0)
    assert {moving.watch.measure_silence() for _ in range(99)} == {0.0}


def test_what_works_for_a_process_counts(tmp_path: Path) -> None:
    """A migration sleeps while PostgreSQL does what it asked for."""
    sleeping = make_child(tmp_path, SILENT)
    working = Child("server", [sys.executable, "-c", "while True: pass"], log=tmp_path / "server.log")
    try:
        sleeping.start()
        working.start()
        assert wait_while_moving(
            "the server",
            lambda: sleeping.read_activity(working.pid or 0).processor_seconds > 0.5,
            working.read_activity,
        )
    finally:
        sleeping.kill()
        working.kill()


def test_waking_up_to_look_around_is_silence() -> None:
    moving = Moving([Activity(number * 0.01, 0) for number in range(31)], step=2.0)
    silences = [moving.watch.measure_silence() for _ in range(30)]
    assert silences == [2.0 * number for number in range(1, 31)]


def test_a_child_that_hangs_is_given_up_with_where_its_log_lies(tmp_path: Path) -> None:
    child = make_child(tmp_path, SILENT)
    child.start()
    try:
        with pytest.raises(
            EmbeddedError, match=r"part does not answer, and has done nothing for 0 s \(log: .*part.log\)"
        ):
            wait_until_ready(child, lambda: False, silence=0.3)
    finally:
        child.kill()


def test_a_command_that_hangs_is_given_up(tmp_path: Path) -> None:
    child = make_child(tmp_path, SILENT)
    child.start()
    try:
        with pytest.raises(EmbeddedError, match="part has done nothing"):
            wait_until_ended(child, silence=0.3)
    finally:
        child.kill()


def test_a_child_that_ends_at_its_start_is_told_by_its_last_words(tmp_path: Path) -> None:
    child = make_child(tmp_path, "import sys; sys.exit('no room')")
    child.start()
    with pytest.raises(EmbeddedError, match="part ended at its start: no room"):
        wait_until_ready(child, lambda: False)


def test_what_descendants_do_counts(tmp_path: Path) -> None:
    """PostgreSQL works in its sessions, gunicorn in its workers."""
    work = "x = 0\nwhile True: x += 1"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}])"
    child = make_child(tmp_path, program)
    child.start()
    assert child.pid is not None
    try:
        while read_activity(child.pid, child.log).processor_seconds < 0.5:
            assert child.is_running
    finally:
        child.kill()


def test_times_are_read_where_there_is_no_proc() -> None:
    assert parse_process_list("  1  0   0:01.50 Ss\n 77  1 1-02:00:03 R+\n") == {
        1: ProcessTimes(0, 1.5, "S"),
        77: ProcessTimes(1, 93_603.0, "R"),
    }
