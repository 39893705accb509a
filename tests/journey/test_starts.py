"""Starting again: after a crash in the middle, and warm."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.embedded.child_process import has_ended, wait_until
from tests.demo_process import get_output_file, read_verdict, start_process, wait_while_demo_moves

pytestmark = [pytest.mark.all, pytest.mark.xdist_group("demo")]
END_SECONDS = 90.0


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mm-") as place:
        yield Path(place) / "state"


def test_a_start_ends_what_a_killed_one_left_and_fills_nothing_anew(folder: Path) -> None:
    crash_after(folder, "the producer approves")
    told = run_once(folder)
    assert (
        told["what an earlier verdict left is ended"] == "0 asks withdrawn, 2 grants revoked, 2 roles deleted"
    )
    assert "Filling the marketplace" not in get_output_file(folder).read_text()


def crash_after(folder: Path, words: str) -> None:
    """SIGKILL for the supervisor, once both consumers have come so far; its parts end by themselves."""
    process, _port = start_process(folder)
    try:
        assert wait_while_demo_moves(
            process, folder, lambda: get_output_file(folder).read_text().count(words) == 2
        ), f"never came to {words!r}"
        pids = {file.name: int(file.read_text().split()[0]) for file in (folder / "pids").iterdir()}
    finally:
        process.kill()
        process.wait()
    wait_until(lambda: all(has_ended(pid) for pid in pids.values()), END_SECONDS)
    assert [name for name, pid in pids.items() if not has_ended(pid)] == []


def run_once(folder: Path) -> dict[str, str]:
    """`--once` to its end; every step is true, and the verdict is the last line. Details by step."""
    process, _port = start_process(folder, "--once")
    output = get_output_file(folder)
    assert wait_while_demo_moves(process, folder, lambda: process.poll() is not None)
    assert process.returncode == 0, output.read_text()
    verdict = read_verdict(folder)
    assert verdict is not None
    assert verdict["ok"]
    assert output.read_text().rstrip().splitlines()[-1].startswith('{"ok": true')
    return {step["name"]: step["detail"] for step in verdict["steps"]}
