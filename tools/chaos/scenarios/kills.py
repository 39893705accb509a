"""The parts *kills*, *sweeps*, *faults* and *registrations*: workers, beat and the broker are killed and AWS fails, while
requests are worked off.
"""

import time
from collections.abc import Callable

from demo.bank.accounts import GOVERNANCE, REGION
from tools.chaos.actors.bulk_requests import RegistrationActor
from tools.chaos.actors.requests import RequestActor, create_roles
from tools.chaos.actors.worker_killer import WRITE_OPERATIONS, WorkerKiller
from tools.chaos.compare.convergence import POLL_SECONDS, STANDSTILL_SECONDS, TaskMarks
from tools.chaos.compare.observed_access import (
    find_missing,
    find_surplus,
    list_unsettled,
    read_registrations,
)
from tools.chaos.report import PartReport, RunOptions
from tools.chaos.scenarios.crowd_run import (
    CLOCK_STEP_AT,
    FAULTY_SECONDS,
    PROVEN_SECONDS,
    WORKER_COUNT,
    disturb_once,
    finish_run,
    start_run,
)
from tools.environment.worker_environment import SweepEnvironment, WorkerEnvironment, worker_environment

FIRST_REQUESTS = 4
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
FIRST_REGISTRATIONS = 4


def run_kills(asked: RunOptions, say: Callable[[str], None]) -> PartReport:
    """Requests are worked off while Celery workers, beat and the broker are killed; then all must be proven in time."""
    return _run_part("kills", asked, say, WorkerEnvironment)


def run_sweep_kills(asked: RunOptions, say: Callable[[str], None]) -> PartReport:
    """The same on a site without a broker, where sweeps are killed."""
    return _run_part("sweeps", asked, say, SweepEnvironment)


def _run_part(
    part: str, asked: RunOptions, say: Callable[[str], None], environment_class: type[WorkerEnvironment]
) -> PartReport:
    started = time.monotonic()
    report = PartReport(part, asked.seed)
    with worker_environment(say, create_roles, environment_class, switches=asked.switches) as stage:
        crowd, watch = start_run(stage, asked)
        killer = WorkerKiller(stage, asked.seed)
        for number in range(asked.kills):
            _request_until(crowd, asked.requests * (number + FIRST_REQUESTS) // asked.kills)
            if number == int(asked.kills * CLOCK_STEP_AT):
                disturb_once(stage, watch, asked.seed)
            killer.kill_one()
            _write_progress(say, number + 1, asked.kills, crowd)
        killer.close()
        stage.clear_faults()
        finish_run(stage, crowd, watch, report, PROVEN_SECONDS)
    report.kills = sum(killer.moments.values())
    report.kills_by_moment, report.kills_by_operation = dict(killer.moments), dict(killer.operations)
    report.seconds = round(time.monotonic() - started, 1)
    return report


def _request_until(crowd: RequestActor, due: int) -> None:
    while crowd.step_count < due and not crowd.is_done:
        crowd.step()


def _write_progress(say: Callable[[str], None], number: int, total: int, crowd: RequestActor) -> None:
    if number % max(1, total // 10) == 0:
        say(
            f"{number} of {total} kills, {crowd.request_count} requests agreed to, {crowd.revoked_count} grants taken back"
        )


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


def run_registrations(asked: RunOptions, say: Callable[[str], None]) -> PartReport:
    """Kills and faults at once; then every live registration must be in AWS as approved, and nothing else of them."""
    started = time.monotonic()
    report = PartReport("registrations", asked.seed)
    with worker_environment(say, create_roles, switches=asked.switches) as stage:
        stage.write_line(f"Starting {WORKER_COUNT} workers")
        stage.start_workers(WORKER_COUNT)
        producer, killer = RegistrationActor(asked.seed, asked.requests), WorkerKiller(stage, asked.seed)
        add_faults(stage)
        for number in range(asked.kills):
            _step_until(producer, asked.requests * (number + FIRST_REGISTRATIONS) // asked.kills)
            killer.kill_one()
        killer.close()
        stage.clear_faults()
        _compare(stage, report)
        report.requests, report.revoked = producer.made_count, producer.ended_count
        report.sent_twice = len(stage.messages.sent_twice) if stage.messages else 0
    report.kills = sum(killer.moments.values())
    report.kills_by_moment, report.kills_by_operation = dict(killer.moments), dict(killer.operations)
    report.seconds = round(time.monotonic() - started, 1)
    return report


def _step_until(producer: RegistrationActor, due: int) -> None:
    while producer.made_count < due and not producer.is_done:
        producer.step()


def _compare(stage: WorkerEnvironment, report: PartReport) -> None:
    began = time.monotonic()
    left = _wait_until_settled()
    report.proven_after = round(time.monotonic() - began, 1)
    rows = read_registrations()
    glue, lake = (stage.cloud.root(service, GOVERNANCE, REGION) for service in ("glue", "lakeformation"))
    lost, extra = find_missing(rows, glue, lake), find_surplus(rows, lake)
    task_marks = TaskMarks(stage.superuser_url)
    marks = task_marks.find_left_behind()
    report.lost, report.extra, report.stuck = len(lost), len(extra), left + len(marks)
    for kind, lines in (("lost", lost), ("extra", extra)):
        for line in lines:
            stage.write_line(f"{kind}: {line}")
    for mark in sorted(marks):
        stage.write_line(f"stuck: {task_marks.describe(mark)}")


def _wait_until_settled() -> int:
    """How many are left after a standstill."""
    left = fewest = len(list_unsettled(read_registrations()))
    end = time.monotonic() + STANDSTILL_SECONDS
    while left and time.monotonic() < end:
        time.sleep(POLL_SECONDS)
        left = len(list_unsettled(read_registrations()))
        if left < fewest:
            fewest, end = left, time.monotonic() + STANDSTILL_SECONDS
    return left
