"""The parts *kills* and *sweeps*: requests are worked off while workers, beat and the broker are killed."""

import time
from collections.abc import Callable

from tools.chaos.actors.requests import RequestActor, create_roles
from tools.chaos.actors.worker_killer import WorkerKiller
from tools.chaos.report import PartReport, RunOptions
from tools.chaos.scenarios.crowd_run import (
    CLOCK_STEP_AT,
    PROVEN_SECONDS,
    disturb_once,
    finish_run,
    start_run,
)
from tools.environment.worker_environment import SweepEnvironment, WorkerEnvironment, worker_environment

FIRST_REQUESTS = 4


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
