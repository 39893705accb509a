"""The part *faults*: AWS throttles, refuses, loses answers and does batches by half."""

import time
from collections.abc import Callable

from tools.chaos.actors.requests import make_roles
from tools.chaos.actors.worker_killer import WRITES
from tools.chaos.report import Asked, Report
from tools.chaos.scenarios.crowd_run import CLOCK_AT, FAULTY_SECONDS, begin, finish, go_ahead
from tools.environment.worker_environment import Stage, standing

ASK_PAUSE = 0.1
RATES = (
    {"kind": "throttle", "rate": 0.30},
    {"kind": "error", "code": "ConcurrentModificationException", "rate": 0.05},
    {"kind": "lost", "rate": 0.02},
    {"kind": "error", "code": "InternalServiceException", "rate": 0.05},
)
PARTIAL = {"kind": "partial", "rate": 0.02}
"""Of the entries of batches; so at least as many of the batches."""
UNREAD = {"kind": "error", "code": "InternalServiceException", "rate": 0.05}
READING = {
    "lakeformation": (
        "ListPermissions",
        "ListDataCellsFilter",
        "ListResources",
        "ListLakeFormationOptIns",
    ),
    "glue": ("GetDatabase", "GetTable"),
    "ram": ("GetResourceShares", "GetResourceShareInvitations"),
    "iam": ("GetRole",),
}
"""What the engine reads, each also by whoever compares, whose client asks again."""


def faults(asked: Asked, say: Callable[[str], None]) -> Report:
    """The same asks twice: without faults to count the calls, then with throttled, refused, lost and half done ones."""
    started = time.monotonic()
    say("Without faults, to count the calls")
    calm = _asked_under(asked, say, with_faults=False)
    say("With faults")
    report = _asked_under(asked, say, with_faults=True)
    report.writes_without_faults = calm.writes
    report.calls_ratio = round(report.writes / max(1, calm.writes), 2)
    report.seconds = round(time.monotonic() - started, 1)
    return report


def _asked_under(asked: Asked, say: Callable[[str], None], *, with_faults: bool) -> Report:
    report = Report("faults", asked.seed)
    with standing(say, make_roles, switches=asked.switches) as stage:
        if with_faults:
            _make_worse(stage)
        crowd, watch = begin(stage, asked)
        for number in range(asked.requests):
            crowd.step()
            if number == int(asked.requests * CLOCK_AT):
                go_ahead(stage)
            time.sleep(ASK_PAUSE)
        finish(stage, crowd, watch, report, FAULTY_SECONDS)
    return report


def _make_worse(stage: Stage) -> None:
    for service, operations in WRITES.items():
        for operation in operations:
            for fault in RATES:
                stage.fault(service=service, operation=operation, **fault)
    for operation in ("BatchGrantPermissions", "BatchRevokePermissions"):
        stage.fault(service="lakeformation", operation=operation, **PARTIAL)
    for service, operations in READING.items():
        for operation in operations:
            stage.fault(service=service, operation=operation, **UNREAD)
