"""A crowd asks while something fails: how such a run begins, and what is compared at its end."""

import random
from urllib.parse import urlencode

from demo.embedded.process import wait_until
from tools.chaos.actors.requests import AHEAD, Crowd
from tools.chaos.compare import approved, observed, resource_links
from tools.chaos.compare.access_line import Holding
from tools.chaos.compare.convergence import STANDSTILL_SECONDS, rest
from tools.chaos.compare.outcome import compared, say_differences
from tools.chaos.compare.watcher import Watch
from tools.chaos.report import Asked, Report
from tools.environment.worker_environment import CATALOGS, Stage

WORKERS = 4
CLOCK_AT = 0.6
"""The part of a run after which time goes ahead, once."""
PROVEN_SECONDS, FAULTY_SECONDS = 15.0, 240.0
ORACLE_SAMPLE = 40


def begin(stage: Stage, asked: Asked) -> tuple[Crowd, Watch]:
    stage.say(f"Starting {WORKERS} workers")
    stage.start_workers(WORKERS)
    watch = Watch(stage)
    watch.start()
    return Crowd(stage, asked.seed, asked.requests), watch


def go_ahead(stage: Stage) -> None:
    stage.say(f"Time goes {AHEAD.days} days ahead")
    stage.advance(int(AHEAD.total_seconds()))


def finish(stage: Stage, crowd: Crowd, watch: Watch, report: Report, patience: float) -> None:
    """Waits for the proofs, then compares everything."""
    rested = rest(lambda: approved.read_agreed(stage.superuser_url), patience)
    watch.stop()
    agreed, held, difference = compared(stage, watch)
    left, (late_things, left_things) = approved.stuck(agreed), _left_over(stage, watch, agreed)
    at_the_end = observed.contradicted(agreed, held, approved.read_agreed(stage.superuser_url))
    report.late, report.proven_after = rested.late + len(late_things), rested.seconds
    report.lost, report.extra = len(difference.lost), len(difference.extra) + len(left_things)
    report.duplicate, report.stuck = len(difference.duplicate), len(left)
    report.wrong = len(watch.wrong | set(at_the_end))
    report.beside_whole_table = len(difference.beside)
    report.requests, report.revoked, report.statuses = crowd.asked, crowd.revoked, watch.statuses
    report.kinds = crowd.kinds
    report.writes, report.errors = sum(watch.writes.values()), dict(watch.errors)
    report.oracle_differs = len(_judged_otherwise(stage, agreed, report.seed))
    for name in sorted(left_things):
        stage.say(f"extra: {name}, which no live grant needs")
    say_differences(stage, difference, left, watch.wrong | set(at_the_end))


def _left_over(stage: Stage, watch: Watch, agreed: list[approved.Agreed]) -> tuple[set[str], set[str]]:
    """Filters and links that outlive their grants, for longer than they should and for good: the scopes clear them
    away a little later.
    """
    by_table = resource_links.read_by_table(stage.superuser_url)
    receiving = {
        account: resource_links.needed(agreed, account, by_table)
        for account in map(resource_links.receiver, agreed)
    }
    glues = [
        (account, stage.cloud.root("glue", account, region))
        for account in sorted(receiving)
        for _owner, region in CATALOGS
    ]

    def left() -> set[str]:
        filters = (
            f"data cells filter {name}"
            for account, region in CATALOGS
            for name in observed.left_over(agreed, observed.filters_of(watch.client(account, region)))
        )
        linked = (
            f"link {name} in {account}"
            for account, glue in glues
            for name in resource_links.left_over(glue, receiving[account])
        )
        return {*filters, *linked}

    wait_until(lambda: not left(), PROVEN_SECONDS, 0.25)
    late = left()
    if late:
        wait_until(lambda: not left(), STANDSTILL_SECONDS, 0.25)
    return late, left()


def _judged_otherwise(stage: Stage, agreed: list[approved.Agreed], seed: int) -> list[Holding]:
    """Columns of a sample of the grants, live and ended, on which the oracle of the pretend AWS thinks otherwise."""
    wanted = {one for grant in agreed if grant.is_live for one in grant.reads()}
    asked = sorted({one for grant in agreed for one in grant.reads() if one[5] != "*"})
    sample = random.Random(f"oracle-{seed}").sample(asked, min(ORACLE_SAMPLE, len(asked)))
    return [
        one
        for one in sample
        if _oracle_allows(stage, one)
        != any(it in wanted for it in (one, (*one[:5], "*"), (*one[:4], "*", "*")))
    ]


def _oracle_allows(stage: Stage, holding: Holding) -> bool:
    names = ("catalog", "region", "principal", "database", "table", "column")
    answer = stage.cloud.control(f"oracle?{urlencode(dict(zip(names, holding, strict=True)))}")
    return bool(answer["allowed"])
