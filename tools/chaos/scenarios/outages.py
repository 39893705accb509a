"""The part *outages*: the database, the broker, beat, an account and clocks fail, one after the other, while people ask.

What an outage adds is measured on the record: from the event that says yes to the event that says proven, less
the outage itself, compared with what the same took before anything failed.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
from django.db import Error, connections

from demo.bank.accounts import ACCOUNTS
from demo.embedded.child_process import wait_until
from demo.embedded.waits import NotSeenError, wait_for
from marketplace.worker_wakeup import wake_workers
from tools.chaos.actors.requests import RequestActor, create_roles, lose_shares
from tools.chaos.compare.approved_access import read_approved
from tools.chaos.compare.convergence import STANDSTILL_SECONDS, TaskMarks, wait_until_proven
from tools.chaos.compare.watcher import AccessWatcher
from tools.chaos.report import PartReport, RunOptions
from tools.chaos.scenarios.crowd_run import FAULTY_SECONDS, WORKER_COUNT, finish_run
from tools.environment.worker_environment import WorkerEnvironment, worker_environment

CRASH_COUNT, QUICK_CRASH_COUNT = 5, 2
CALM_STRETCHES = ("calm", "calm again")
"""What a proof takes there is usual: at first, and with many requests at the end, when a round reads more."""
FLUSH_STEPS = 4
"""Requests between two flushes, which at half a second each makes one in two seconds."""
FULL_RUN_REQUESTS = 100
POLL_SECONDS = 0.02
MAX_CALM_REQUESTS = 20
"""Further requests of a calm in which none was approved."""
OUTAGE_SECONDS, QUICK_OUTAGE_SECONDS = 60.0, 4.0
CLOCK_OFFSET = 290
"""Seconds; AWS refuses a signature that is five minutes off."""
REQUEST_PAUSE = 0.5
SHORT_DURATION, QUICK_SHORT_DURATION = timedelta(seconds=20), timedelta(seconds=6)

READ_DELAYS = """
SELECT item.id, yes.at, min(proven.at), owner.account_id, consumer.account_id
  FROM requests_grant g
  JOIN requests_requestitem item ON item.id = g.item_id
  JOIN requests_accessrequest r ON r.id = item.request_id
  JOIN identity_principal p ON p.id = r.principal_id
  JOIN identity_account consumer ON consumer.id = p.account_id
  JOIN catalog_table t ON t.id = item.table_id
  JOIN catalog_database d ON d.id = t.database_id
  JOIN identity_connectedcatalog c ON c.id = d.catalog_id
  JOIN identity_account owner ON owner.id = c.account_id
  JOIN fulfilment_intent i ON i.id = g.intent_id
  JOIN audit_event yes ON yes.subject = 'item:' || item.id AND yes.verb = 'approve_item'
  LEFT JOIN audit_event proven ON proven.subject = i.subject AND proven.verb = 'proved_present'
 GROUP BY item.id, yes.at, owner.account_id, consumer.account_id
"""
HAS_SHORT_GRANTS = """
SELECT EXISTS (SELECT FROM requests_grant
                WHERE state = 'live' AND ends_at < meshmarket_now() + make_interval(secs => %s))
"""
READ_EXPIRIES = """
SELECT g.id, g.ends_at, array_agg(e.at)
  FROM requests_grant g JOIN audit_event e ON e.subject = 'grant:' || g.id AND e.verb = 'expire_grant'
 GROUP BY g.id, g.ends_at
"""


@dataclass(frozen=True)
class Outage:
    """A stretch of the run; requests for `account` alone may wait for it to end, none when that is empty."""

    name: str
    began: datetime
    ended: datetime
    account: str = ""

    def contains(self, at: datetime) -> bool:
        return self.began <= at <= self.ended


@dataclass(frozen=True)
class ProofDelay:
    """How long a yes waited for its proof; None when it was never proven."""

    asked: datetime
    proven: datetime | None
    accounts: frozenset[str]

    def compute_added_seconds(self, outages: Iterable[Outage]) -> float:
        """Seconds from the yes to the proof, without the outages in between that concern it."""
        assert self.proven is not None
        proven = self.proven
        away = timedelta()
        for outage in outages:
            if outage.account in self.accounts or not outage.account:
                begin, end = max(self.asked, outage.began), min(proven, outage.ended)
                away += max(timedelta(), end - begin)
        return max(0.0, (proven - self.asked - away).total_seconds())

    def is_within(self, stretch: Outage) -> bool:
        """Asked for and proven in it."""
        return self.proven is not None and stretch.contains(self.asked) and stretch.contains(self.proven)

    def describe(self, run: "OutageRun") -> str:
        """In which stretches it was asked and proven, and how long it took beyond the outages between."""
        assert self.proven is not None
        asked, proven = (
            next((stretch.name for stretch in run.stretches if stretch.contains(at)), "the end")
            for at in (self.asked, self.proven)
        )
        return f"asked in {asked}, proven in {proven}, {self.compute_added_seconds(run.outages):.1f} s beyond what was away"


class OutageEnvironment(WorkerEnvironment):
    """With two more workers, whose clocks are wrong."""

    def start_workers(self, count: int) -> None:
        super().start_workers(count)
        make = self.make_celery_worker if self.broker else self.make_sweep
        self._start_parts(
            self.workers,
            (
                make("worker-early", clock_offset=CLOCK_OFFSET),
                make("worker-late", clock_offset=-CLOCK_OFFSET),
            ),
        )

    def crash_database(self) -> None:
        """SIGKILL for PostgreSQL, and its start right after; workers that ended with it begin again."""
        self._postgres.kill()
        self._postgres.start()
        for part in [*self.workers, *self.beats]:
            if not part.is_running:
                part.start()


class OutageRun:
    """The stretches of one run, in order; `outages` says when the database and an account were away."""

    def __init__(self, stage: OutageEnvironment, crowd: RequestActor, asked: RunOptions) -> None:
        self._stage, self._crowd, self._requests = stage, crowd, asked.requests
        self._picks = random.Random(f"outages-{asked.seed}")
        self._marks = TaskMarks(stage.superuser_url)
        self.outage_seconds, self.crashes = (
            (QUICK_OUTAGE_SECONDS, QUICK_CRASH_COUNT)
            if asked.requests < FULL_RUN_REQUESTS
            else (OUTAGE_SECONDS, CRASH_COUNT)
        )
        self.outages: list[Outage] = []
        self.stretches: list[Outage] = []
        self.claim_seconds = self.refill_seconds = self.takeover_seconds = 0.0
        broker_stretches = {
            "flushed broker": self._flush_broker,
            "no broker": self._stop_broker,
            "no beat": self._stop_beats,
        }
        self._each: dict[str, Callable[[], None]] = {
            "calm": self.run_calm,
            "database": self._crash_database,
            **(broker_stretches if stage.broker else {}),
            "account": self._block_account,
            **({} if asked.requests < FULL_RUN_REQUESTS else {"calm again": self.run_calm}),
        }

    def run_all(self) -> None:
        for name, stretch in self._each.items():
            self._stage.write_line(f"Stretch: {name}")
            began = datetime.now(UTC)
            stretch()
            self.stretches.append(Outage(name, began, datetime.now(UTC)))

    def run_calm(self) -> None:
        """It begins when what came before is proven, and lasts until all of it is, some of it present."""
        self._wait_until_proven()
        self._request_access(self._requests_per_stretch)
        self._wait_until_proven()
        for _ in range(MAX_CALM_REQUESTS):
            if any(delay.proven for delay in _read_delays(self._stage)):
                return
            self._request_access(1)
            self._wait_until_proven()
        raise NotSeenError(f"No proof was seen in a calm of {MAX_CALM_REQUESTS} further requests.")

    def _wait_until_proven(self) -> None:
        wait_until_proven(lambda: read_approved(self._stage.superuser_url), FAULTY_SECONDS)

    def _crash_database(self) -> None:
        for _ in range(self.crashes):
            self._request_access(max(1, self._requests_per_stretch // self.crashes))
            began = datetime.now(UTC)
            self._stage.crash_database()
            self.outages.append(Outage("database", began, datetime.now(UTC)))

    def _flush_broker(self) -> None:
        for _ in range(max(1, self._requests_per_stretch // FLUSH_STEPS)):
            self._lose_messages()

    def _lose_messages(self) -> None:
        """Empty the broker while messages wait in it, as the workers are paused, and measure until it is refilled."""
        broker = self._stage.broker
        assert broker is not None
        paused = datetime.now(UTC)
        with self._stage.pause_workers():
            self._request_access(FLUSH_STEPS)
            lost = wait_for(self._marks.list_waiting, STANDSTILL_SECONDS, "No message waited in the broker")
            epochs = self._marks.read_epochs(lost)
            broker.flush()
            began = time.monotonic()
        self.outages.append(Outage("paused workers", paused, datetime.now(UTC)))
        if epochs:
            wait_for(
                lambda: self._marks.read_epochs(lost) != epochs,
                STANDSTILL_SECONDS,
                "No scope whose message was lost was claimed",
                POLL_SECONDS,
            )
            self.claim_seconds = max(self.claim_seconds, time.monotonic() - began)
        wait_for(
            lambda: not lost & self._marks.list_waiting(),
            STANDSTILL_SECONDS,
            "Not every lost message was sent again and taken",
            POLL_SECONDS,
        )
        self.refill_seconds = max(self.refill_seconds, time.monotonic() - began)

    def _stop_broker(self) -> None:
        """Whoever asks meanwhile waits for the broker."""
        broker = self._stage.broker
        assert broker is not None
        began = datetime.now(UTC)
        broker.kill()
        self._request_over(self.outage_seconds)
        broker.start()
        self.outages.append(Outage("no broker", began, datetime.now(UTC)))

    def _stop_beats(self) -> None:
        """A worker dispatches in their place."""
        for beat in self._stage.beats:
            beat.kill()
        began = datetime.now(UTC)
        wait_for(
            self._marks.is_worker_dispatching,
            STANDSTILL_SECONDS,
            "No worker dispatched in beat's place",
            POLL_SECONDS,
        )
        self.takeover_seconds = (datetime.now(UTC) - began).total_seconds()
        self.outages.append(Outage("no dispatcher", began, datetime.now(UTC)))
        self._request_over(self.outage_seconds)
        for beat in self._stage.beats:
            beat.start()

    def _block_account(self) -> None:
        """Whom it concerns waits for the account; all the others must not feel it."""
        account = self._picks.choice([one.id for one in ACCOUNTS if one.consumes])
        began = datetime.now(UTC)
        self._stage.add_fault(kind="unreachable", account=account, milliseconds=200)
        self._request_over(self.outage_seconds)
        self._stage.clear_faults()
        self.outages.append(Outage("account", began, datetime.now(UTC), account))

    @property
    def _requests_per_stretch(self) -> int:
        return max(1, self._requests // len(self._each))

    def _request_over(self, seconds: float) -> None:
        """The stretch's share of requests, evenly over the time."""
        end, each = time.monotonic() + seconds, seconds / self._requests_per_stretch
        for _ in range(self._requests_per_stretch):
            self._request_access(1)
            time.sleep(max(0.0, min(each, end - time.monotonic())))
        time.sleep(max(0.0, end - time.monotonic()))

    def _request_access(self, count: int) -> None:
        """What a person does when the site fails: again, until it has worked."""
        for _ in range(count):
            wait_for(self._try_request, STANDSTILL_SECONDS, "No request could be made", 0.2)
            wake_workers()
            time.sleep(REQUEST_PAUSE)

    def _try_request(self) -> bool:
        try:
            self._crowd.step()
        except Error:
            connections.close_all()
            return False
        return True


def run_outages(asked: RunOptions, say: Callable[[str], None]) -> PartReport:
    """People ask while one thing after the other fails; nothing may be lost, or late by more than a little."""
    started = time.monotonic()
    report = PartReport("outages", asked.seed)
    with worker_environment(say, create_roles, OutageEnvironment, switches=asked.switches) as stage:
        assert isinstance(stage, OutageEnvironment)
        stage.start_workers(WORKER_COUNT)
        watch = AccessWatcher(stage)
        watch.start()
        soon = QUICK_SHORT_DURATION if asked.requests < FULL_RUN_REQUESTS else SHORT_DURATION
        crowd = RequestActor(
            stage, asked.seed, asked.requests, short_duration=soon, changes_link_naming=False
        )
        run = OutageRun(stage, crowd, asked)
        run.run_all()
        watch.loses_shares = True
        lose_shares(stage, asked.seed)
        # One that ends between the last proof and the comparison would look like one that nobody took away.
        wait_until(lambda: not _has_short_grants(stage, soon), FAULTY_SECONDS, 0.25)
        finish_run(stage, crowd, watch, report, FAULTY_SECONDS)
        report.expired, report.early = _count_expiries(stage)
        delays = _read_delays(stage)
        report.added_delay = compute_added_delay(
            delays, run.outages, [stretch for stretch in run.stretches if stretch.name in CALM_STRETCHES]
        )
        for line in describe_stretches(delays, run):
            stage.write_line(line)
        slowest = max(
            (delay for delay in delays if delay.proven),
            key=lambda one: one.compute_added_seconds(run.outages),
        )
        stage.write_line(f"The slowest proof: {slowest.describe(run)}")
        report.kills = run.crashes
        report.claim_seconds, report.refill_seconds, report.takeover_seconds = (
            round(seconds, 1) for seconds in (run.claim_seconds, run.refill_seconds, run.takeover_seconds)
        )
    report.seconds = round(time.monotonic() - started, 1)
    return report


def _has_short_grants(stage: WorkerEnvironment, soon: timedelta) -> bool:
    """Whether grants are in force that were asked for a short time."""
    with psycopg.connect(stage.superuser_url) as connection:
        row = connection.execute(HAS_SHORT_GRANTS, [2 * soon.total_seconds()]).fetchone()
    return bool(row and row[0])


def _count_expiries(stage: WorkerEnvironment) -> tuple[int, int]:
    """How many grants expired; how many of them before their end, or twice, by the record."""
    with psycopg.connect(stage.superuser_url) as connection:
        rows = connection.execute(READ_EXPIRIES).fetchall()
    return len(rows), sum(len(times) > 1 or min(times) < ends_at for _pk, ends_at, times in rows)


def compute_added_delay(
    delays: Iterable[ProofDelay], outages: Sequence[Outage], calms: Sequence[Outage]
) -> float:
    """By how many seconds the slowest proof outlasted what it had to wait for, beyond the usual time for one.

    The usual time is the longest of a proof that was asked for and came in one of these calm stretches.
    """
    proven = [delay for delay in delays if delay.proven]
    usual = max(
        (one.compute_added_seconds([]) for one in proven if any(map(one.is_within, calms))), default=0.0
    )
    return round(max(0.0, *(one.compute_added_seconds(outages) - usual for one in proven)), 1)


def describe_stretches(delays: Iterable[ProofDelay], run: OutageRun) -> Iterator[str]:
    """How long proofs took that were asked for in each stretch, beyond the outages between."""
    proven = [delay for delay in delays if delay.proven]
    for stretch in run.stretches:
        took = [one.compute_added_seconds(run.outages) for one in proven if stretch.contains(one.asked)]
        if took:
            half = statistics.median(took)
            yield f"Asked in {stretch.name}: {len(took)} proven, half within {half:.1f} s, all within {max(took):.1f} s"


def _read_delays(stage: WorkerEnvironment) -> list[ProofDelay]:
    with psycopg.connect(stage.superuser_url) as connection:
        rows = connection.execute(READ_DELAYS).fetchall()
    return [ProofDelay(asked, proven, frozenset(accounts)) for _item, asked, proven, *accounts in rows]
