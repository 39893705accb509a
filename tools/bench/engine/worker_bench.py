"""Rounds by Celery workers: how they scale with processes, messages, the time from a yes to its proof, and idle cost."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from background.task_table import TaskName
from demo.embedded.child_process import wait_until
from demo.embedded.waits import wait_for
from fulfilment.intents.models import Intent
from tools.bench.engine.environment import EngineEnvironment, engine_environment
from tools.bench.engine.worker_site import SavedState, WorkerSite, finish_all, save_state, worker_site
from tools.bench.report import BenchReport, Figure, at_least, at_most

SCOPES, FEW_SCOPES = 500, 30
LATENCY = 50
"""Milliseconds of a call to the pretend AWS."""
POOL_SIZE = 4
"""Tasks that a worker runs at once, as in production."""
CELERY_POOLS = {"threads": "threads", "processes": "prefork"}
PROOF_SAMPLES = 5
IDLE_SECONDS, FEW_IDLE_SECONDS = 30.0, 5.0
ROUND_SECONDS, FEW_ROUND_SECONDS = 60.0, 8.0
WARM_UP_ROUNDS = 10
MAX_SECONDS = 900.0
_COUNT_ROUNDS = "SELECT coalesce(sum(epoch), 0)::bigint FROM fulfilment_scope"
_COUNT_UNPROVEN = "SELECT count(*) FROM fulfilment_intent WHERE generation <> proven_generation"
_COUNT_ENGINE_MESSAGES = f"SELECT coalesce(sum(count), 0)::bigint FROM fulfilment_taskcount WHERE task = '{TaskName.CONVERGE_SCOPE}'"  # noqa: S608


@dataclass(frozen=True)
class Place:
    """Where sites are made, and what they begin with."""

    found: EngineEnvironment
    saved: SavedState

    def open_site(self, *, latency: int = 0) -> AbstractContextManager[WorkerSite]:
        return worker_site(self.found, self.saved, latency=latency)


@dataclass(frozen=True)
class Setup:
    """Worker processes for rounds, and how many tasks each runs at once. Where their numbers are compared it is one: more
    would reach the limit of a small machine's processors before that of the workers.
    """

    workers: int
    concurrency: int = 1
    pool: str = "threads"

    def __str__(self) -> str:
        workers = f"{self.workers} worker{'s' if self.workers > 1 else ''}"
        return workers if self.concurrency == 1 else f"{workers} of {self.concurrency} {self.pool}"


SETUPS = {
    Setup(1): None,
    Setup(2): 1.8,
    Setup(4): 3.0,
    Setup(1, POOL_SIZE): None,
    Setup(1, POOL_SIZE, "processes"): None,
}
"""With the least ratio of their rounds per second to those of the first."""
FEW_SETUPS = {setup: SETUPS[setup] for setup in (Setup(1), Setup(4), Setup(1, POOL_SIZE, "processes"))}


@dataclass(frozen=True)
class Sample:
    """What was counted until a time. `used`: processor seconds by kind of process."""

    at: float
    rounds: int
    engine_messages: int
    messages: int
    used: dict[str, float]


@dataclass(frozen=True)
class RoundFigures:
    """The figures of a stretch in which each worker always had something to do."""

    first: Sample
    last: Sample
    megabytes: float

    @property
    def seconds(self) -> float:
        return self.last.at - self.first.at

    @property
    def rounds(self) -> int:
        return max(1, self.last.rounds - self.first.rounds)

    def used(self, kind: str) -> float:
        return self.last.used[kind] - self.first.used[kind]


def measure_workers(board: BenchReport, options: dict[str, Any]) -> None:
    """All scopes are due at once, each with one approved table; then nothing is due, then single tables are approved."""
    scopes = options["scopes"] or (FEW_SCOPES if board.quick else SCOPES)
    with engine_environment(scopes, PROOF_SAMPLES + 2) as found:
        for reader in found.readers:
            found.request_and_approve(reader, found.tables[0], f"workers-{reader.pk}")
        due = save_state(found, found.aws, "due")
        _measure_scaling(board, Place(found, due), options)
        idle = Place(found, finish_all(found, due))
        _measure_idle_and_proofs(board, idle, options)


def _measure_scaling(board: BenchReport, place: Place, options: dict[str, Any]) -> None:
    base: Figure | None = None
    seconds = options["seconds"] or (FEW_ROUND_SECONDS if board.quick else ROUND_SECONDS)
    for setup, least in list((FEW_SETUPS if board.quick else SETUPS).items())[: options["setups"]]:
        seen = _measure_rounds(place, setup, seconds)
        must = None if least is None or board.quick else at_least(least)
        rate = seen.rounds / seen.seconds
        figure = board.add_figure(f"rounds by {setup}", rate, "rounds/s", baseline=base, must=must)
        base = base or figure
        _add_costs(board, str(setup), seen)


def _add_costs(board: BenchReport, name: str, seen: RoundFigures) -> None:
    engine = (seen.last.engine_messages - seen.first.engine_messages) / seen.rounds
    board.add_figure(f"messages of the engine a round, {name}", engine, "messages", must=at_most(1.2))
    every = (seen.last.messages - seen.first.messages) / seen.rounds
    board.add_figure(f"messages of all queues a round, {name}", every, "messages")
    for kind, what in {"workers": "workers", "postgres": "PostgreSQL"}.items():
        spent = 1000 * seen.used(kind) / seen.rounds
        board.add_figure(f"processor's time of {what} a round, {name}", spent, "ms")
    share = seen.used("aws") / seen.seconds
    board.add_figure(f"share of a processor of the pretend AWS, {name}", share, "processors")
    board.add_figure(f"memory of a worker, {name}", seen.megabytes, "MB")


def _measure_rounds(place: Place, setup: Setup, seconds: float) -> RoundFigures:
    """From the time on at which each has begun some rounds; some are left at the end, unless there were too few."""
    with place.open_site(latency=LATENCY) as site:
        site.start_celery(setup.workers, setup.concurrency, CELERY_POOLS[setup.pool])
        site.release_dispatch()
        begun = min(setup.workers * WARM_UP_ROUNDS, len(place.found.readers) // 2)
        wait_for(
            lambda: site.query(_COUNT_ROUNDS)[0] >= begun,
            MAX_SECONDS,
            f"The workers did not begin {begun} rounds",
        )
        first = _take_sample(site)
        wait_until(lambda: not site.query(_COUNT_UNPROVEN)[0], seconds, 0.2)
        return RoundFigures(first, _take_sample(site), site.read_worker_memory())


def _take_sample(site: WorkerSite) -> Sample:
    rounds, messages = (site.query(statement)[0] for statement in (_COUNT_ROUNDS, _COUNT_ENGINE_MESSAGES))
    return Sample(time.monotonic(), rounds, messages, site.count_published(), site.read_used_seconds())


def _measure_idle_and_proofs(board: BenchReport, place: Place, options: dict[str, Any]) -> None:
    """Each way to run the workers: idle, beside the sweep of an earlier checkout on the same rows; then single tables."""
    seconds = options["seconds"] or (FEW_IDLE_SECONDS if board.quick else IDLE_SECONDS)
    base = None
    if options["earlier"] is None:
        board.skip("idle cost of the sweep before Celery", "--earlier names no checkout of it")
    else:
        with place.open_site() as site:
            site.start_sweep(options["earlier"])
            used = _measure_idle(site, seconds)
        base = board.add_figure("processor's time of the earlier sweep, idle", used, "ms/s")
    with place.open_site() as site:
        site.start_celery(1, POOL_SIZE)
        site.release_dispatch()
        used = _measure_idle(site, seconds)
        must = at_most(1.0) if base and not board.quick else None
        board.add_figure("processor's time of workers and beat, idle", used, "ms/s", baseline=base, must=must)
        slowest = max(list(_prove_tables(site, site.ring))[1:])
    board.add_figure("from the yes to the proof, with a broker", slowest, "s", must=at_most(0.5))
    with place.open_site() as site:
        site.start_sweep()
        used = _measure_idle(site, seconds)
        board.add_figure("processor's time of the sweep, idle", used, "ms/s", baseline=base)
        slowest = max(list(_prove_tables(site, lambda: None))[1:])
    board.add_figure("from the yes to the proof, without a broker", slowest, "s", must=at_most(2.0))


def _measure_idle(site: WorkerSite, seconds: float) -> float:
    """Milliseconds of a processor, each second, that our processes and PostgreSQL use."""
    time.sleep(seconds / 3)  # until what starting has caused is done
    before = site.read_used_seconds()
    time.sleep(seconds)
    after = site.read_used_seconds()
    return 1000 * sum(after[kind] - before[kind] for kind in ("all", "postgres")) / seconds


def _prove_tables(site: WorkerSite, ring: Callable[[], None]) -> Iterator[float]:
    """The first waits for the workers to start."""
    for number, table in enumerate(site.found.tables[1:]):
        site.found.request_and_approve(site.found.readers[0], table, f"proof-{number}")
        began = time.monotonic()
        ring()
        wait_for(
            lambda: not Intent.objects.exclude(presence=Intent.Presence.PRESENT).exists(),
            MAX_SECONDS,
            f"The grant on {table.name} was not proven",
            0.005,
        )
        yield time.monotonic() - began
        time.sleep(1.0)
