"""Parts killed in the middle of the work: each time it ends in the right state, and nothing is claimed before."""

import os
import signal
import time
from collections.abc import Iterator

import pytest

from demo.bank.accounts import GOVERNANCE
from demo.embedded.waits import wait_for
from tests.demo_process import RunningDemo
from tests.journey.demo_request import COLUMNS, DemoRequest

pytestmark = [pytest.mark.all, pytest.mark.xdist_group("demo")]
SLOW = 4000
RECOVERY = 90.0
"""Seconds: a killed worker's lease and its call's deadline must pass before anyone else may act."""


@pytest.fixture
def asked(running_demo: RunningDemo) -> Iterator[DemoRequest]:
    made = DemoRequest(running_demo)
    made.submit()
    yield made
    running_demo.run_operation("clear_faults")
    if made.grant and made.read_grant()["ended_at"] is None:
        made.revoke()
        made.wait_for_presence("absent", RECOVERY)


def slow_down_call(demo: RunningDemo, operation: str) -> None:
    """The next such call in the governance account takes its time, so that it can be hit."""
    fault = {"kind": "latency", "service": "lakeformation", "operation": operation, "account": GOVERNANCE}
    demo.cloud().control("faults", {**fault, "milliseconds": SLOW})


def wait_for_slow_call(demo: RunningDemo) -> None:
    wait_for(lambda: not demo.cloud().control("faults"), 20, "the slow call was not made", 0.02)


def kill(demo: RunningDemo, *parts: str) -> None:
    killed = {part: demo.run_operation("kill", name=part)["killed"] for part in parts}

    def are_back() -> bool:
        return all(demo.get_pid(part) not in {None, pid} for part, pid in killed.items())

    wait_for(are_back, 20, f"{parts} did not come back")


def test_workers_and_beat_killed_while_granting(asked: DemoRequest) -> None:
    slow_down_call(asked.demo, "BatchGrantPermissions")
    asked.approve()
    wait_for_slow_call(asked.demo)
    kill(asked.demo, "beat", "worker-others", "worker")
    assert asked.read_grant()["presence"] != "present"
    asked.wait_for_presence("present", RECOVERY)
    assert asked.list_aws_columns() == set(COLUMNS)
    assert (
        asked.assume_role().query(f'SELECT * FROM "{asked.link}".life_expectancy LIMIT 1').state
        == "SUCCEEDED"
    )


def test_worker_and_beat_killed_while_revoking(asked: DemoRequest) -> None:
    asked.approve()
    asked.wait_for_presence("present", RECOVERY)
    slow_down_call(asked.demo, "BatchRevokePermissions")
    asked.revoke()
    wait_for_slow_call(asked.demo)
    kill(asked.demo, "worker", "beat")
    asked.wait_for_presence("absent", RECOVERY)
    assert asked.list_aws_columns() == set()


def test_broker_killed(asked: DemoRequest) -> None:
    kill(asked.demo, "valkey")
    asked.approve()
    asked.wait_for_presence("present")
    kill(asked.demo, "valkey")
    asked.revoke()
    asked.wait_for_presence("absent")


def test_broker_frozen(asked: DemoRequest) -> None:
    """A broker that takes connections and never answers: pages answer, and the work is done when it is back."""
    pid = asked.demo.get_pid("valkey")
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        asked.approve()
        assert time.monotonic() - began < 5
    finally:
        os.kill(pid, signal.SIGCONT)
    asked.wait_for_presence("present", RECOVERY)
    asked.revoke()
    asked.wait_for_presence("absent")
