"""The parts of `manage.py chaos`: each on a stage of its own, each ends in a report."""

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from awsim.switches import Value
from demo.chaos import approvals, links, truth
from demo.chaos.asks import AHEAD, Crowd, make_roles
from demo.chaos.holding import Holding
from demo.chaos.kills import WRITES, Killer
from demo.chaos.resting import STANDSTILL_SECONDS, at_one_moment, rest
from demo.chaos.stage import CATALOGS, Stage, standing
from demo.chaos.watch import Watch
from demo.embedded.process import wait_until

WORKERS = 4
HEAD_START = 4
CLOCK_AT = 0.6
"""The part of a run after which time goes ahead, once."""
PROVEN_SECONDS, FAULTY_SECONDS = 15.0, 240.0
ORACLE_SAMPLE = 40
ASK_PAUSE = 0.1
MOST_CALLS_RATIO = 2.2
MOST_ADDED = 7.0
"""Seconds that an outage may add to a proof, beyond its own length."""
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
LONGEST_SCAN = 60.0
"""Seconds for a look at ten thousand permissions."""
MOST_GONE_AFTER = 60.0
"""Seconds from an end to the proof that the access is gone, for 99 in 100."""


@dataclass(frozen=True)
class Asked:
    """How much is asked of a run."""

    seed: int
    requests: int
    kills: int
    switches: Mapping[str, Value] = field(default_factory=dict)
    """Which way the pretend AWS goes; see `demo.chaos.ways`."""


FAULTS = ("lost", "extra", "duplicate", "stuck", "wrong", "oracle_differs", "split", "stale", "early",
          "unfound", "touched", "restless")  # fmt: skip
"""Figures of a report that must be 0."""


@dataclass
class Report:
    """What a part saw: right when no fault was seen, in time when nothing took too long or too many calls."""

    part: str
    seed: int
    requests: int = 0
    kills: int = 0
    kills_by_moment: dict[str, int] = field(default_factory=dict)
    kills_by_operation: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    extra: int = 0
    duplicate: int = 0
    stuck: int = 0
    late: int = 0
    wrong: int = 0
    oracle_differs: int = 0
    beside_whole_table: int = 0
    revoked: int = 0
    statuses: int = 0
    writes: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    writes_without_faults: int = 0
    calls_ratio: float = 0.0
    attempts: int = 0
    split: int = 0
    stale: int = 0
    expired: int = 0
    early: int = 0
    unfound: int = 0
    touched: int = 0
    restless: int = 0
    added_delay: float = 0.0
    gone_after: float = 0.0
    scan_seconds: float = 0.0
    proven_after: float = 0.0
    seconds: float = 0.0

    @property
    def is_right(self) -> bool:
        """Holds on a machine of any speed."""
        return not any(getattr(self, name) for name in FAULTS)

    @property
    def is_in_time(self) -> bool:
        """Means something on a machine that does nothing else."""
        soon = self.added_delay <= MOST_ADDED and self.gone_after <= MOST_GONE_AFTER
        soon = soon and self.scan_seconds <= LONGEST_SCAN
        return soon and not self.late and self.calls_ratio <= MOST_CALLS_RATIO

    @property
    def ok(self) -> bool:
        return self.is_right and self.is_in_time

    def to_json(self) -> dict[str, Any]:
        return {"ok": self.ok, "right": self.is_right, "in_time": self.is_in_time, **vars(self)}


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
                _go_ahead(stage)
            killer.kill()
            _say_progress(say, number + 1, asked.kills, crowd)
        killer.close()
        stage.calm()
        finish(stage, crowd, watch, report, PROVEN_SECONDS)
    report.kills = sum(killer.moments.values())
    report.kills_by_moment, report.kills_by_operation = dict(killer.moments), dict(killer.operations)
    report.seconds = round(time.monotonic() - started, 1)
    return report


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
                _go_ahead(stage)
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


def begin(stage: Stage, asked: Asked) -> tuple[Crowd, Watch]:
    stage.say(f"Starting {WORKERS} workers")
    stage.start_workers(WORKERS)
    watch = Watch(stage)
    watch.start()
    return Crowd(stage, asked.seed, asked.requests), watch


def _keep_asking(crowd: Crowd, due: int) -> None:
    while crowd.steps < due and not crowd.is_done:
        crowd.step()


def _go_ahead(stage: Stage) -> None:
    stage.say(f"Time goes {AHEAD.days} days ahead")
    stage.advance(int(AHEAD.total_seconds()))


def _say_progress(say: Callable[[str], None], number: int, total: int, crowd: Crowd) -> None:
    if number % max(1, total // 10) == 0:
        say(f"{number} of {total} kills, {crowd.asked} requests agreed to, {crowd.revoked} grants taken back")


def finish(stage: Stage, crowd: Crowd, watch: Watch, report: Report, patience: float) -> None:
    """Waits for the proofs, then compares everything."""
    rested = rest(lambda: approvals.read_agreed(stage.superuser_url), patience)
    watch.stop()
    agreed, held, difference = compared(stage, watch)
    left, (late_things, left_things) = approvals.stuck(agreed), _left_over(stage, watch, agreed)
    at_the_end = truth.contradicted(agreed, held, approvals.read_agreed(stage.superuser_url))
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


def compared(stage: Stage, watch: Watch) -> tuple[list[approvals.Agreed], Counter[Holding], truth.Difference]:
    """What was agreed to, what AWS holds at that moment, and how they differ."""
    agreed, held = at_one_moment(
        lambda: approvals.read_agreed(stage.superuser_url),
        lambda all_: truth.read_held(watch.client, CATALOGS, {grant.holder for grant in all_}),
    )
    return agreed, held, truth.compare(agreed, held)


def _left_over(stage: Stage, watch: Watch, agreed: list[approvals.Agreed]) -> tuple[set[str], set[str]]:
    """Filters and links that outlive their grants, for longer than they should and for good: the scopes clear them
    away a little later.
    """
    by_table = links.read_by_table(stage.superuser_url)
    receiving = {account: links.needed(agreed, account, by_table) for account in map(links.receiver, agreed)}
    glues = [
        (account, stage.cloud.root("glue", account, region))
        for account in sorted(receiving)
        for _owner, region in CATALOGS
    ]

    def left() -> set[str]:
        filters = (
            f"data cells filter {name}"
            for account, region in CATALOGS
            for name in truth.left_over(agreed, truth.filters_of(watch.client(account, region)))
        )
        linked = (
            f"link {name} in {account}"
            for account, glue in glues
            for name in links.left_over(glue, receiving[account])
        )
        return {*filters, *linked}

    wait_until(lambda: not left(), PROVEN_SECONDS, 0.25)
    late = left()
    if late:
        wait_until(lambda: not left(), STANDSTILL_SECONDS, 0.25)
    return late, left()


def say_differences(
    stage: Stage, difference: truth.Difference, left: list[approvals.Agreed], wrong: set[int]
) -> None:
    """A line for each fault that was found: which holding, which intent."""
    for word in ("lost", "extra", "duplicate"):
        for holding in sorted(getattr(difference, word)):
            stage.say(f"{word}: {' '.join(holding)}")
    for grant in left:
        stage.say(f"stuck: intent {grant.intent} is {grant.presence}, live {grant.is_live}: {grant.failure}")
    for intent in sorted(wrong):
        stage.say(f"wrong: intent {intent}")


def _judged_otherwise(stage: Stage, agreed: list[approvals.Agreed], seed: int) -> list[Holding]:
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


def total(parts: list[dict[str, Any]], seconds: float) -> dict[str, Any]:
    """One object for several parts: their sums, the time of all, and the figures of each below `parts`."""
    names = ("requests", "kills", "lost", "extra", "duplicate", "stuck", "late", "wrong", "oracle_differs")
    moments: Counter[str] = Counter()
    for one in parts:
        moments.update(one["kills_by_moment"])
    verdicts = {name: all(one[name] for one in parts) for name in ("ok", "right", "in_time")}
    about = {"part": "+".join(one["part"] for one in parts), "seed": parts[0]["seed"]}
    sums = {name: sum(one[name] for one in parts) for name in names}
    return {**verdicts, **about, **sums, "seconds": seconds, "kills_by_moment": dict(moments), "parts": parts}
