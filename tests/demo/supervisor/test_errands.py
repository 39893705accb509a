"""What runs beside the parts and ends by itself: its end is said, or why it failed."""

import sys
import tempfile
import threading
from pathlib import Path

import pytest

from demo.embedded.child_process import Child
from demo.embedded.state_folder import StateFolder
from demo.supervisor.supervisor import Supervisor


@pytest.mark.parametrize(
    ("program", "line"),
    [
        ("pass", "All is there"),
        ("import sys; sys.exit('The disk is full.')", "errand: The disk is full."),
    ],
)
def test_its_end_is_said_in_one_line(program: str, line: str) -> None:
    said: list[str] = []
    is_said = threading.Event()

    def write_line(text: str) -> None:
        said.append(text)
        is_said.set()

    with tempfile.TemporaryDirectory(prefix="mm-") as temporary:
        supervisor = Supervisor(StateFolder(Path(temporary)), port=0, write_line=write_line)
        errand = Child("errand", [sys.executable, "-c", program], log=Path(temporary) / "errand.log")
        supervisor.start_errand(errand, "All is there")
        supervisor.serve(lambda _supervisor: is_said.wait(), once=True)
    assert said == [line]
