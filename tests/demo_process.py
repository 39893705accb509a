"""The whole demo as a newcomer starts it, in processes of its own, on a folder that is thrown away."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo.bootstrap import ROOT
from demo.embedded.child_process import make_parent_death_hook, read_activity, wait_while_moving
from demo.embedded.ports import find_free_port
from demo.embedded.waits import NotSeenError
from demo.journey.cloud import Cloud
from demo.journey.site_client import SiteClient
from demo.journey.steps import StepFailedError, require
from demo.supervisor.control_socket import send_request

STOP_SECONDS = 30.0
# The tests' own services are none of the demo's business.
OURS = (
    "VIRTUAL_ENV",
    "PYTHONPATH",
    "DJANGO_SETTINGS_MODULE",
    "DATABASE_URL",
    "REDIS_URL",
    "MIGRATE_",
    "WORKER_",
    "SEALER_",
    "MESHMARKET_PROCESS",
    "MESHMARKET_BROKER_URL",
    "AWS_",
)


@dataclass
class RunningDemo:
    """`verdict` is the JSON that its start printed."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    verdict: dict[str, Any]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def output(self) -> str:
        return get_output_file(self.folder).read_text()

    def cloud(self) -> Cloud:
        return Cloud(int((self.folder / "aws-port").read_text()), self.folder / "aws")

    def sign_in(self, email: str) -> SiteClient:
        return SiteClient(self.url, email, self.password)

    @property
    def password(self) -> str:
        return (self.folder / "secrets" / "demo-password").read_text()

    def run_operation(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """Has the supervisor do it, as the demo's pages would."""
        return send_request(self.folder / "run" / "supervisor.sock", {"do": operation, **arguments}, 60.0)

    def get_pid(self, part: str) -> int | None:
        """None while the part is down."""
        pid: int | None = next(
            one["pid"] for one in self.run_operation("status")["parts"] if one["name"] == part
        )
        return pid

    def stop(self) -> None:
        stop_process(self.process)


def get_output_file(folder: Path) -> Path:
    return folder.with_suffix(".out")


def start_process(
    folder: Path, *arguments: str, python: str = sys.executable, root: Path = ROOT
) -> tuple[subprocess.Popen[bytes], int]:
    """`manage.py demo` of `root` on `folder`, its output beside it; returns the process and the site's port."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    port = find_free_port()
    with get_output_file(folder).open("wb") as output:
        command = [python, "manage.py", "demo", "--json", "--state", str(folder), "--port", str(port)]
        # A run that somebody breaks off leaves no demo behind.
        process = subprocess.Popen(
            [*command, *arguments], cwd=root, env=kept, stdout=output, stderr=subprocess.STDOUT,
            preexec_fn=make_parent_death_hook(signal.SIGTERM),  # noqa: PLW1509 - no threads
        )  # fmt: skip
    return process, port


def read_verdict(folder: Path) -> dict[str, Any] | None:
    """The JSON object that the demo printed last, once it has."""
    lines = get_output_file(folder).read_text().splitlines()
    found: list[dict[str, Any]] = [json.loads(line) for line in lines if line.startswith('{"ok"')]
    return found[-1] if found else None


def wait_while_demo_moves(
    process: subprocess.Popen[bytes], folder: Path, is_done: Callable[[], bool]
) -> bool:
    """Whether `is_done` came true while the demo still worked or wrote."""
    return wait_while_moving("the demo", is_done, lambda: read_activity(process.pid, get_output_file(folder)))


def launch_demo(folder: Path) -> RunningDemo:
    """Returns once the verdict is printed; the site goes on being served."""
    process, port = start_process(folder)

    def settled() -> bool:
        return process.poll() is not None or read_verdict(folder) is not None

    try:
        require(wait_while_demo_moves(process, folder, settled), "no verdict was printed")
        verdict = read_verdict(folder)
        require(verdict, "the demo ended at its start")
    except (NotSeenError, StepFailedError) as error:
        stop_process(process)
        pytest.fail(f"{error}:\n{get_output_file(folder).read_text()}", pytrace=False)
    assert verdict is not None
    return RunningDemo(folder, port, process, verdict)


def stop_process(process: subprocess.Popen[bytes]) -> None:
    """Ends the demo as Ctrl-C would."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    finally:
        process.kill()


def uses_demo(item: pytest.Item | None) -> bool:
    return "running_demo" in getattr(item, "fixturenames", ())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that share a demo come one after the other, and last of them those that leave it changed."""
    items.sort(key=lambda item: (not uses_demo(item), item.get_closest_marker("spends_demo") is not None))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Function, nextitem: pytest.Item | None) -> None:
    """The demo ends with the last test that asks for it: its workers would look for drift until all others are done. Last,
    for what a test leaves is put right in the demo.
    """
    running = item.funcargs.get("running_demo") if uses_demo(item) else None
    if isinstance(running, RunningDemo) and not uses_demo(nextitem):
        running.stop()


@pytest.fixture(scope="session")
def running_demo() -> Iterator[RunningDemo]:
    """One demo for all tests that ask for it; they carry the mark `xdist_group("demo")` to share it."""
    place = Path(tempfile.mkdtemp(prefix="mm-"))
    running = None
    try:
        running = launch_demo(place / "state")
        yield running
    finally:
        if running:
            running.stop()
        shutil.rmtree(place, ignore_errors=True)
