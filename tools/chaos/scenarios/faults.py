"""The part *faults*: AWS throttles, refuses, loses answers and does batches by half."""

import time
from collections.abc import Callable

from tools.chaos.actors.requests import create_roles
from tools.chaos.actors.worker_killer import WRITE_OPERATIONS
from tools.chaos.report import PartReport, RunOptions
from tools.chaos.scenarios.crowd_run import (
    CLOCK_STEP_AT,
    FAULTY_SECONDS,
    disturb_once,
    finish_run,
    start_run,
)
from tools.environment.worker_environment import WorkerEnvironment, worker_environment

REQUEST_PAUSE = 0.1
WRITE_FAULTS = (
    {"kind": "throttle", "rate": 0.30},
    {"kind": "error", "code": "ConcurrentModificationException", "rate": 0.05},
    {"kind": "lost", "rate": 0.02},
    {"kind": "error", "code": "InternalServiceException", "rate": 0.05},
)
BATCH_FAULT = {"kind": "partial", "rate": 0.02}
"""Of the entries of batches; so at least as many of the batches."""
READ_FAULT = {"kind": "error", "code": "InternalServiceException", "rate": 0.05}
READ_OPERATIONS = {
    "lakeformation": (
        "ListPermissions",
        "ListDataCellsFilter",
        "ListResources",
        "ListLakeFormationOptIns",
        "ListRLSPolicyAttachments",
    ),
    "glue": ("GetDatabase", "GetTable"),
    "ram": (
        "GetResourceShares",
        "GetResourceShareAssociations",
        "GetResourceShareInvitations",
        "ListResources",
    ),
    "iam": ("GetRole",),
}
"""What the engine reads, each also by whoever compares, whose client asks again."""


def run_faults(asked: RunOptions, say: Callable[[str], None]) -> PartReport:
    """The same requests twice: without faults, then with throttled, refused, lost and half-done calls."""
    started = time.monotonic()
    say("Without faults, to count the calls")
    calm = _run_requests(asked, say, with_faults=False)
    say("With faults")
    report = _run_requests(asked, say, with_faults=True)
    report.writes_without_faults = calm.writes
    report.calls_ratio = round(report.writes / max(1, calm.writes), 2)
    report.seconds = round(time.monotonic() - started, 1)
    return report


def _run_requests(asked: RunOptions, say: Callable[[str], None], *, with_faults: bool) -> PartReport:
    report = PartReport("faults", asked.seed)
    with worker_environment(say, create_roles, switches=asked.switches) as stage:
        if with_faults:
            add_faults(stage)
        crowd, watch = start_run(stage, asked)
        for number in range(asked.requests):
            crowd.step()
            if number == int(asked.requests * CLOCK_STEP_AT):
                disturb_once(stage, watch, asked.seed)
            time.sleep(REQUEST_PAUSE)
        finish_run(stage, crowd, watch, report, FAULTY_SECONDS)
    return report


def add_faults(stage: WorkerEnvironment) -> None:
    """All kinds at once, of writing and reading calls."""
    for service, operations in WRITE_OPERATIONS.items():
        for operation in operations:
            for fault in WRITE_FAULTS:
                stage.add_fault(service=service, operation=operation, **fault)
    for operation in ("BatchGrantPermissions", "BatchRevokePermissions"):
        stage.add_fault(service="lakeformation", operation=operation, **BATCH_FAULT)
    for service, operations in READ_OPERATIONS.items():
        for operation in operations:
            stage.add_fault(service=service, operation=operation, **READ_FAULT)
