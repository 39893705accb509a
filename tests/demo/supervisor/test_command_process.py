"""Commands one after the other in one process, which has read the code before."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.embedded.child_process import EmbeddedError
from demo.embedded.state_folder import StateFolder
from demo.supervisor.command_process import CommandProcess


@pytest.fixture
def process(tmp_path: Path) -> Iterator[CommandProcess]:
    folder = StateFolder(tmp_path / "state")
    folder.acquire()
    made = CommandProcess(folder, "commands", {**os.environ, "DJANGO_SETTINGS_MODULE": "demo.settings"})
    yield made
    made.stop()
    folder.release()


def test_commands_run_one_after_the_other_and_one_that_fails_says_why(process: CommandProcess) -> None:
    process.run("diffsettings", "--output", "unified")
    with pytest.raises(
        EmbeddedError, match=r"manage\.py seed_demo failed: CommandError: MESHMARKET_DEMO_PASSWORD"
    ):
        process.run("seed_demo", "--people", variables={"MESHMARKET_DEMO_PASSWORD": ""})
    process.run("seed_demo")
    assert "INSTALLED_APPS" in process.log.read_text()


def test_a_command_that_cannot_be_read_is_told(process: CommandProcess) -> None:
    with pytest.raises(EmbeddedError, match=r"manage\.py nothing_here failed: CommandError"):
        process.run("nothing_here")


def test_a_process_that_ended_is_told(process: CommandProcess) -> None:
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(EmbeddedError, match="seed_demo failed: it ended"):
        process.run("seed_demo")
