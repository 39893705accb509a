"""The part *kills*: requests are worked off while workers are killed."""

import time
from collections.abc import Callable

from tools.chaos.actors.requests import Crowd, make_roles
from tools.chaos.actors.worker_killer import Killer
from tools.chaos.report import Asked, Report
from tools.chaos.scenarios.crowd_run import CLOCK_AT, PROVEN_SECONDS, begin, finish, go_ahead
from tools.environment.worker_environment import standing

HEAD_START = 4


def kills(asked: Asked, say: Callable[[str], None]) -> Report:
    """Requests are worked off while workers are killed; then all must be proven in time."""
    started = time.monotonic()
    report = Report("kills", asked.seed)
    with standing(say, make_roles, switches=asked.switches) as stage:
        crowd, watch = begin(stage, asked)
        killer = Killer(stage, asked.seed)
        for number in range(asked.kills):
            _keep_asking(crowd, asked.requests * (number + HEAD_START) // asked.kills)
            if number == int(asked.kills * CLOCK_AT):
                go_ahead(stage)
            killer.kill()
            _say_progress(say, number + 1, asked.kills, crowd)
        killer.close()
        stage.calm()
        finish(stage, crowd, watch, report, PROVEN_SECONDS)
    report.kills = sum(killer.moments.values())
    report.kills_by_moment, report.kills_by_operation = dict(killer.moments), dict(killer.operations)
    report.seconds = round(time.monotonic() - started, 1)
    return report


def _keep_asking(crowd: Crowd, due: int) -> None:
    while crowd.steps < due and not crowd.is_done:
        crowd.step()


def _say_progress(say: Callable[[str], None], number: int, total: int, crowd: Crowd) -> None:
    if number % max(1, total // 10) == 0:
        say(f"{number} of {total} kills, {crowd.asked} requests agreed to, {crowd.revoked} grants taken back")
