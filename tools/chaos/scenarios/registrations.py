"""The part *registrations*: tables are registered and registrations end while workers are killed and AWS fails."""

import time
from collections.abc import Callable

from demo.bank.accounts import GOVERNANCE, REGION
from tools.chaos.actors.registrations import RegistrationActor
from tools.chaos.actors.requests import create_roles
from tools.chaos.actors.worker_killer import WorkerKiller
from tools.chaos.compare.convergence import POLL_SECONDS, STANDSTILL_SECONDS
from tools.chaos.compare.registered_tables import (
    find_missing,
    find_surplus,
    list_unsettled,
    read_registrations,
)
from tools.chaos.compare.task_marks import TaskMarks
from tools.chaos.report import PartReport, RunOptions
from tools.chaos.scenarios.crowd_run import WORKER_COUNT
from tools.chaos.scenarios.faults import add_faults
from tools.environment.worker_environment import WorkerEnvironment, worker_environment

FIRST_REGISTRATIONS = 4


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
