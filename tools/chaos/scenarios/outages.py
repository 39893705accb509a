"""The part *outages*: the database, the broker, an account and clocks fail, one after the other, while people ask.

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
import redis
from django.conf import settings
from django.db import Error, connections

from demo.bank.accounts import ACCOUNTS
from demo.embedded.process import wait_until
from demo.supervisor import parts
from marketplace.celery import app
from marketplace.worker_wakeup import ring
from tools.chaos.actors.requests import Crowd, make_roles
from tools.chaos.compare.approved import read_agreed
from tools.chaos.compare.convergence import rest
from tools.chaos.compare.watcher import Watch
from tools.chaos.report import Asked, Report
from tools.chaos.scenarios.crowd_run import FAULTY_SECONDS, WORKERS, finish
from tools.environment.worker_environment import Stage, standing

CRASHES, CRASHES_QUICK = 5, 2
CALMS = ("calm", "calm again")
"""What a proof takes there is usual: at the beginning, and with many asks at the end, when more is held that a round has to read."""
FLUSH_STEPS = 4
"""Asks between two flushes, which at half a second each makes one in two seconds."""
MANY = 100
MOST_CALM = 20
"""Further asks of a calm in which none was agreed to."""
AWAY, AWAY_QUICK = 60.0, 4.0
CLOCK_OFF = 290
"""Seconds; AWS refuses a signature that is five minutes off."""
ASK_PAUSE = 0.5
ENDS_AFTER, ENDS_AFTER_QUICK = timedelta(seconds=20), timedelta(seconds=6)

DELAYS = """
SELECT item.id, yes.at, min(proven.at), owner.account_id, consumer.account_id
  FROM requests_grant g
  JOIN requests_item item ON item.id = g.item_id
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
RUNNING_OUT = """
SELECT EXISTS (SELECT FROM requests_grant
                WHERE state = 'live' AND ends_at < meshmarket_now() + make_interval(secs => %s))
"""
EXPIRIES = """
SELECT g.id, g.ends_at, array_agg(e.at)
  FROM requests_grant g JOIN audit_event e ON e.subject = 'grant:' || g.id AND e.verb = 'expire_grant'
 GROUP BY g.id, g.ends_at
"""


@dataclass(frozen=True)
class Outage:
    """A stretch of the run; asks to `account` alone may wait for it to end, none when that is empty."""

    name: str
    began: datetime
    ended: datetime
    account: str = ""

    def holds(self, at: datetime) -> bool:
        return self.began <= at <= self.ended


@dataclass(frozen=True)
class Delay:
    """How long a yes waited for its proof; None when it was never proven."""

    asked: datetime
    proven: datetime | None
    accounts: frozenset[str]

    def beyond(self, outages: Iterable[Outage]) -> float:
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
        return self.proven is not None and stretch.holds(self.asked) and stretch.holds(self.proven)

    def told(self, run: "Run") -> str:
        """In which stretches it was asked and proven, and how long it took beyond the outages between."""
        assert self.proven is not None
        asked, proven = (
            next((one.name for one in run.stretches if one.holds(at)), "the end")
            for at in (self.asked, self.proven)
        )
        return f"asked in {asked}, proven in {proven}, {self.beyond(run.outages):.1f} s beyond what was away"


class Ward(Stage):
    """A stage with a broker, two schedulers, a worker of Celery, and two sweeps whose clocks are wrong."""

    def start(self) -> None:
        super().start()
        self._start_broker()
        settings.REDIS_URL = self.addresses["REDIS_URL"]
        app.conf.update(broker_url=self.addresses["REDIS_URL"].replace("unix://", "redis+socket://"))

    def start_workers(self, count: int) -> None:
        super().start_workers(count)
        environment, beat = self.environment("worker"), parts.beat_arguments(self.folder)
        commands = {
            "celery-worker": parts.worker_arguments(),
            "beat-1": [*beat, "--schedule", str(self.folder.path / "beat-1")],
            "beat-2": [*beat, "--schedule", str(self.folder.path / "beat-2")],
        }
        begun = [
            *(parts.program(self.folder, name, each, environment) for name, each in commands.items()),
            self.worker("sweep-early", "sweep", ahead=CLOCK_OFF),
            self.worker("sweep-late", "sweep", ahead=-CLOCK_OFF),
        ]
        for worker in begun:
            self.workers.append(worker)
            worker.start()

    def crash_database(self) -> None:
        """SIGKILL for PostgreSQL, and its start right after; workers that ended with it begin again."""
        self._postgres.kill()
        self._postgres.start()
        for worker in self.workers:
            if not worker.is_running:
                worker.start()

    def flush_broker(self) -> None:
        with redis.Redis.from_url(self.addresses["REDIS_URL"]) as broker:
            broker.flushall()

    def stop_broker(self) -> None:
        self._kept["valkey"].part.kill()

    def start_broker(self) -> None:
        self._kept["valkey"].part.start()


class Run:
    """The stretches of one run, in order; `outages` says when the database and an account were away."""

    def __init__(self, stage: Ward, crowd: Crowd, asked: Asked) -> None:
        self._stage, self._crowd, self._requests = stage, crowd, asked.requests
        self._picks = random.Random(f"outages-{asked.seed}")
        self.away, self.crashes = (AWAY_QUICK, CRASHES_QUICK) if asked.requests < MANY else (AWAY, CRASHES)
        self.outages: list[Outage] = []
        self.stretches: list[Outage] = []
        self._each: dict[str, Callable[[], None]] = {
            "calm": self.calm,
            "database": self._database,
            "flushed broker": self._flushed,
            "no broker": self._without_broker,
            "account": self._without_account,
            **({} if asked.requests < MANY else {"calm again": self.calm}),
        }

    def go(self) -> None:
        for name, stretch in self._each.items():
            self._stage.say(f"Stretch: {name}")
            began = datetime.now(UTC)
            stretch()
            self.stretches.append(Outage(name, began, datetime.now(UTC)))

    def calm(self) -> None:
        """It begins when what came before is proven, and lasts until all of it is, some of it present."""
        self._rest()
        self._ask(self._share)
        self._rest()
        for _ in range(MOST_CALM):
            if any(one.proven for one in _delays(self._stage)):
                return
            self._ask(1)
            self._rest()

    def _rest(self) -> None:
        rest(lambda: read_agreed(self._stage.superuser_url), FAULTY_SECONDS)

    def _database(self) -> None:
        for _ in range(self.crashes):
            self._ask(max(1, self._share // self.crashes))
            began = datetime.now(UTC)
            self._stage.crash_database()
            self.outages.append(Outage("database", began, datetime.now(UTC)))

    def _flushed(self) -> None:
        for _ in range(max(1, self._share // FLUSH_STEPS)):
            self._ask(FLUSH_STEPS)
            self._stage.flush_broker()

    def _without_broker(self) -> None:
        self._stage.stop_broker()
        self._ask_for(self.away)
        self._stage.start_broker()

    def _without_account(self) -> None:
        """Whom it concerns waits for the account; all the others must not feel it."""
        account = self._picks.choice([one.id for one in ACCOUNTS if one.consumes])
        began = datetime.now(UTC)
        self._stage.fault(kind="unreachable", account=account, milliseconds=200)
        self._ask_for(self.away)
        self._stage.calm()
        self.outages.append(Outage("account", began, datetime.now(UTC), account))

    @property
    def _share(self) -> int:
        return max(1, self._requests // len(self._each))

    def _ask_for(self, seconds: float) -> None:
        """The stretch's share of asks, evenly over the time."""
        end, each = time.monotonic() + seconds, seconds / self._share
        for _ in range(self._share):
            self._ask(1)
            time.sleep(max(0.0, min(each, end - time.monotonic())))
        time.sleep(max(0.0, end - time.monotonic()))

    def _ask(self, count: int) -> None:
        """What a person does when the site fails: again, until it has worked."""
        for _ in range(count):
            while not self._asked():
                time.sleep(0.2)
            ring()
            time.sleep(ASK_PAUSE)

    def _asked(self) -> bool:
        try:
            self._crowd.step()
        except Error:
            connections.close_all()
            return False
        return True


def outages(asked: Asked, say: Callable[[str], None]) -> Report:
    """People ask while one thing after the other fails; nothing may be lost, or late by more than a little."""
    started = time.monotonic()
    report = Report("outages", asked.seed)
    with standing(say, make_roles, Ward, switches=asked.switches) as stage:
        assert isinstance(stage, Ward)
        stage.start_workers(WORKERS)
        watch = Watch(stage)
        watch.start()
        soon = ENDS_AFTER_QUICK if asked.requests < MANY else ENDS_AFTER
        crowd = Crowd(stage, asked.seed, asked.requests, soon=soon, moves=False)
        run = Run(stage, crowd, asked)
        run.go()
        # One that ends between the last proof and the comparison would look like one that nobody took away.
        wait_until(lambda: not _some_run_out(stage, soon), FAULTY_SECONDS, 0.25)
        finish(stage, crowd, watch, report, FAULTY_SECONDS)
        report.expired, report.early = _expiries(stage)
        delays = _delays(stage)
        report.added_delay = added_delay(
            delays, run.outages, [one for one in run.stretches if one.name in CALMS]
        )
        for line in told_by_stretch(delays, run):
            stage.say(line)
        slowest = max((one for one in delays if one.proven), key=lambda one: one.beyond(run.outages))
        stage.say(f"The slowest proof: {slowest.told(run)}")
        report.kills = run.crashes
    report.seconds = round(time.monotonic() - started, 1)
    return report


def _some_run_out(stage: Stage, soon: timedelta) -> bool:
    """Whether grants are in force that were asked for a short time."""
    with psycopg.connect(stage.superuser_url) as connection:
        row = connection.execute(RUNNING_OUT, [2 * soon.total_seconds()]).fetchone()
    return bool(row and row[0])


def _expiries(stage: Stage) -> tuple[int, int]:
    """How many grants expired; how many of them before their end, or twice, by the record."""
    with psycopg.connect(stage.superuser_url) as connection:
        rows = connection.execute(EXPIRIES).fetchall()
    return len(rows), sum(len(times) > 1 or min(times) < ends_at for _pk, ends_at, times in rows)


def added_delay(delays: Iterable[Delay], outages: Sequence[Outage], calms: Sequence[Outage]) -> float:
    """By how many seconds the slowest proof outlasted what it had to wait for, beyond the usual time for one.

    The usual time is the longest of a proof that was asked for and came in one of these calm stretches.
    """
    proven = [delay for delay in delays if delay.proven]
    usual = max((one.beyond([]) for one in proven if any(map(one.is_within, calms))), default=0.0)
    return round(max(0.0, *(one.beyond(outages) - usual for one in proven)), 1)


def told_by_stretch(delays: Iterable[Delay], run: Run) -> Iterator[str]:
    """How long proofs took that were asked for in each stretch, beyond the outages between."""
    proven = [delay for delay in delays if delay.proven]
    for stretch in run.stretches:
        took = [one.beyond(run.outages) for one in proven if stretch.holds(one.asked)]
        if took:
            half = statistics.median(took)
            yield f"Asked in {stretch.name}: {len(took)} proven, half within {half:.1f} s, all within {max(took):.1f} s"


def _delays(stage: Stage) -> list[Delay]:
    with psycopg.connect(stage.superuser_url) as connection:
        rows = connection.execute(DELAYS).fetchall()
    return [Delay(asked, proven, frozenset(accounts)) for _item, asked, proven, *accounts in rows]
