"""Parts killed in the middle of the work: each time it ends in the right state, and nothing is claimed before."""

import os
import signal
import time
from collections.abc import Iterator

import pytest

from demo.bank.accounts import GOVERNANCE
from demo.journey.results import wait_for
from tests.journey.asked import COLUMNS, Asked
from tests.running import RunningDemo

pytestmark = [pytest.mark.all, pytest.mark.xdist_group("demo")]
SLOW = 4000
RECOVERY = 90.0
"""Seconds: a killed worker's lease and its call's deadline must pass before anyone else may act."""


@pytest.fixture
def asked(running_demo: RunningDemo) -> Iterator[Asked]:
    made = Asked(running_demo)
    made.ask()
    yield made
    running_demo.do("calm")
    if made.grant and made.seen()["ended_at"] is None:
        made.revoke()
        made.becomes("absent", RECOVERY)


def slow_down(demo: RunningDemo, operation: str) -> None:
    """The next such call in the governance account takes its time, so that it can be hit."""
    fault = {"kind": "latency", "service": "lakeformation", "operation": operation, "account": GOVERNANCE}
    demo.cloud().control("faults", {**fault, "milliseconds": SLOW})


def wait_for_the_call(demo: RunningDemo) -> None:
    wait_for(lambda: not demo.cloud().control("faults"), 20, "the slow call was not made", 0.02)


def kill(demo: RunningDemo, *parts: str) -> None:
    killed = {part: demo.do("kill", name=part)["killed"] for part in parts}

    def are_back() -> bool:
        return all(demo.pid(part) not in {None, pid} for part, pid in killed.items())

    wait_for(are_back, 20, f"{parts} did not come back")


@pytest.mark.parametrize("parts", [("worker", "sweep"), ("sweep", "worker")])
def test_worker_and_sweep_killed_while_granting(asked: Asked, parts: tuple[str, ...]) -> None:
    slow_down(asked.demo, "BatchGrantPermissions")
    asked.approve()
    wait_for_the_call(asked.demo)
    kill(asked.demo, *parts)
    assert asked.seen()["presence"] != "present"
    asked.becomes("present", RECOVERY)
    assert asked.columns_in_aws() == set(COLUMNS)
    assert asked.role().query(f'SELECT * FROM "{asked.link}".life_expectancy LIMIT 1').state == "SUCCEEDED"


def test_worker_and_sweep_killed_while_revoking(asked: Asked) -> None:
    asked.approve()
    asked.becomes("present", RECOVERY)
    slow_down(asked.demo, "BatchRevokePermissions")
    asked.revoke()
    wait_for_the_call(asked.demo)
    kill(asked.demo, "worker", "sweep")
    asked.becomes("absent", RECOVERY)
    assert asked.columns_in_aws() == set()


def test_broker_killed(asked: Asked) -> None:
    kill(asked.demo, "valkey")
    asked.approve()
    asked.becomes("present")
    kill(asked.demo, "valkey")
    asked.revoke()
    asked.becomes("absent")


def test_broker_frozen(asked: Asked) -> None:
    """A broker that takes connections and never answers: the sweep does the work alone."""
    pid = asked.demo.pid("valkey")
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        asked.approve()
        assert time.monotonic() - began < 5
        asked.becomes("present")
    finally:
        os.kill(pid, signal.SIGCONT)
    asked.revoke()
    asked.becomes("absent")
