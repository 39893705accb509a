"""A crowd asks while something fails: how such a run begins, and what is compared at its end."""

import random

from demo.embedded.child_process import wait_until
from tools.chaos.actors.requests import CLOCK_STEP, RequestActor, lose_shares
from tools.chaos.compare import approved_access, observed_access, resource_links
from tools.chaos.compare.approved_access import AccessLine
from tools.chaos.compare.convergence import (
    STANDSTILL_SECONDS,
    TaskMarks,
    read_difference,
    wait_until_proven,
    write_differences,
)
from tools.chaos.compare.watcher import AccessWatcher
from tools.chaos.report import PartReport, RunOptions
from tools.environment.worker_environment import CATALOGS, WorkerEnvironment

WORKER_COUNT = 4
CLOCK_STEP_AT = 0.6
"""The part of a run after which time goes ahead, once."""
PROVEN_SECONDS, FAULTY_SECONDS = 15.0, 240.0
ORACLE_SAMPLE = 40


def start_run(stage: WorkerEnvironment, asked: RunOptions) -> tuple[RequestActor, AccessWatcher]:
    stage.write_line(f"Starting {WORKER_COUNT} workers")
    stage.start_workers(WORKER_COUNT)
    watch = AccessWatcher(stage)
    watch.start()
    return RequestActor(stage, asked.seed, asked.requests), watch


def disturb_once(stage: WorkerEnvironment, watch: AccessWatcher, seed: int) -> None:
    """Shares are taken apart, and time goes on."""
    watch.loses_shares = True
    lose_shares(stage, seed)
    stage.write_line(f"Time goes {CLOCK_STEP.days} days ahead")
    stage.advance(int(CLOCK_STEP.total_seconds()))


def finish_run(
    stage: WorkerEnvironment, crowd: RequestActor, watch: AccessWatcher, report: PartReport, patience: float
) -> None:
    """Waits for the proofs, then compares everything."""
    rested = wait_until_proven(lambda: approved_access.read_approved(stage.superuser_url), patience)
    watch.stop()
    agreed, held, difference = read_difference(stage, watch)
    left, (late_things, left_things) = (
        approved_access.list_unproven(agreed),
        _find_leftovers(stage, watch, agreed),
    )
    at_the_end = observed_access.find_contradictions(
        agreed, held, approved_access.read_approved(stage.superuser_url)
    )
    report.late, report.proven_after = rested.late_count + len(late_things), rested.seconds
    report.lost, report.extra = len(difference.lost), len(difference.extra) + len(left_things)
    marks = TaskMarks(stage.superuser_url)
    left_marks = marks.find_left_behind()
    report.duplicate, report.stuck = len(difference.duplicate), len(left) + len(left_marks)
    report.sent_twice = len(stage.messages.sent_twice) if stage.messages else 0
    report.wrong = len(watch.wrong_intents | set(at_the_end))
    report.denied = len(watch.denied_intents)
    report.beside_whole_table = len(difference.redundant)
    report.requests, report.revoked, report.statuses = (
        crowd.request_count,
        crowd.revoked_count,
        watch.status_count,
    )
    report.kinds = crowd.count_by_kind
    report.writes, report.errors = sum(watch.writes.values()), dict(watch.errors)
    # A share that was taken apart is seen when its scope is read next.
    wait_until(lambda: not _find_oracle_differences(stage, agreed, report.seed), STANDSTILL_SECONDS, 1.0)
    report.oracle_differs = len(_find_oracle_differences(stage, agreed, report.seed))
    for mark in sorted(left_marks):
        stage.write_line(f"stuck: {marks.describe(mark)}")
    for name in sorted(left_things):
        stage.write_line(f"extra: {name}, which no live grant needs")
    write_differences(stage, difference, left, watch.wrong_intents | set(at_the_end))


def _find_leftovers(
    stage: WorkerEnvironment, watch: AccessWatcher, agreed: list[approved_access.ApprovedAccess]
) -> tuple[set[str], set[str]]:
    """Filters and links that outlive their grants, for longer than they should and for good: the scopes clear them
    away a little later.
    """
    by_table = resource_links.read_table_link_accounts(stage.superuser_url)
    receiving = {
        account: resource_links.compute_needed_links(agreed, account, by_table)
        for account in map(resource_links.get_receiver, agreed)
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
            for name in observed_access.find_leftover_filters(
                agreed, observed_access.list_filters(watch.get_client(account, region))
            )
        )
        linked = (
            f"link {name} in {account}"
            for account, glue in glues
            for name in resource_links.find_leftover_links(glue, receiving[account])
        )
        return {*filters, *linked}

    wait_until(lambda: not left(), PROVEN_SECONDS, 0.25)
    late = left()
    if late:
        wait_until(lambda: not left(), STANDSTILL_SECONDS, 0.25)
    return late, left()


def _find_oracle_differences(
    stage: WorkerEnvironment, agreed: list[approved_access.ApprovedAccess], seed: int
) -> list[AccessLine]:
    """Columns of a sample of the grants, live and ended, on which the oracle of the pretend AWS thinks otherwise."""
    wanted = {
        readable_column
        for grant in agreed
        if grant.is_live
        for readable_column in grant.list_readable_columns()
    }
    asked = approved_access.list_columns(agreed)
    sample = random.Random(f"oracle-{seed}").sample(asked, min(ORACLE_SAMPLE, len(asked)))
    return [
        one
        for one in sample
        if approved_access.is_allowed(stage, one)
        != any(it in wanted for it in (one, (*one[:5], "*"), (*one[:4], "*", "*")))
    ]
