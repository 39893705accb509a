"""The part *races*: an end meets a repair, an approval and a scan on the same pair, at the same moment.

Three workers run all the time. Each race ends a grant, by a person or by its time, while somebody takes a column away
behind the portal, or approves a request for the same columns, or has the scope checked. What was proven gone
must not come back unless somebody agreed to it again, and everything that ended must be proven gone soon.
"""

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import psycopg
from botocore.exceptions import ClientError
from django.db import DatabaseError, connection

from demo.embedded import database_roles
from demo.embedded.waits import NotSeenError
from fulfilment.intents.actions import wake_scope
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from kernel.queries import QueryCache
from requests_app.access_requests.models import RequestItem
from requests_app.errors import EffectsChangedError
from requests_app.grants.models import Grant
from tools.chaos.actors.bulk_requests import RequestingPeople, TableRequest
from tools.chaos.actors.requests import create_roles
from tools.chaos.compare import approved_access
from tools.chaos.compare.convergence import read_difference, wait_until_proven, write_differences
from tools.chaos.compare.watcher import EndedAccessWatcher
from tools.chaos.report import PartReport, RunOptions
from tools.chaos.scenarios.histories import GrantHistories, RoleTablePair
from tools.environment.in_process_environment import InProcessEnvironment, expire_due_grants, run_round
from tools.environment.process_connections import set_thread_role
from tools.environment.worker_environment import CATALOGS, worker_environment

PAIR_COUNT = 240
BATCH_SIZE = 120
"""Races whose requests are made together: so one round serves several, and their rounds meet each other."""
RACER_COUNT = 4
WORKER_NAMES = ("one", "two", "three")
LONG_DURATION = timedelta(days=30)
SHORT_DURATION = timedelta(seconds=2)
EXPIRE_SHARE, SECOND_REQUEST_SHARE, OUTSIDE_REVOKE_SHARE, CHECK_SHARE = 0.3, 0.5, 0.4, 0.4
ROUND_PAUSE = 1.0
"""Seconds between two rounds of a worker: the next one serves all that people did meanwhile."""
REST_SECONDS = 120.0
EXPECTED_REFUSALS = (IllegalTransitionError, EffectsChangedError, ForbiddenError, NotFoundError, RefusedError)

READ_REMOVAL_SECONDS = """
SELECT extract(epoch FROM min(gone.at) - coalesce(min(over.at), min(g.ends_at)))
  FROM requests_grant g
  JOIN fulfilment_intent i ON i.id = g.intent_id
  LEFT JOIN audit_event over ON over.subject = 'grant:' || g.id AND over.verb = 'revoke_grant'
  LEFT JOIN audit_event gone ON gone.subject = i.subject AND gone.verb = 'proved_absent'
 WHERE g.state <> 'live' GROUP BY g.id
"""


class RaceWorkers:
    """Threads that end what is due and run rounds until told to stop; what breaks in one is raised at the end."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(
            len(WORKER_NAMES), "worker", initializer=set_thread_role, initargs=(database_roles.WORKER,)
        )
        self._runs: list[Future[None]] = [self._pool.submit(self._work) for _ in WORKER_NAMES]

    def _work(self) -> None:
        while not self._stop.is_set():
            with suppress(DatabaseError):
                expire_due_grants()
            run_round()
            self._stop.wait(ROUND_PAUSE)
        connection.close()

    def stop(self) -> None:
        self._stop.set()
        for run in self._runs:
            run.result()
        self._pool.shutdown()


@dataclass
class Race:
    """What its lots say shall happen to a pair: `ending_grants` are older, `second_item` waits for approval,
    `grant` was just made.
    """

    pair: RoleTablePair
    columns: tuple[str, ...]
    expires: bool
    has_second_request: bool
    is_revoked_outside: bool
    is_checked: bool
    ending_grants: list[Grant]
    second_item: RequestItem | None = None
    grant: Grant | None = None

    @property
    def build_request(self) -> TableRequest:
        return TableRequest(self.pair.table, self.columns)


class RaceRun:
    """`run_batch` has people and strangers act on some pairs at once; `combinations` counts what met what."""

    def __init__(self, stage: InProcessEnvironment, seed: int) -> None:
        self._stage = stage
        self._picks = random.Random(f"races-{seed}")
        self._pairs = GrantHistories(stage, seed, PAIR_COUNT).pairs
        self._people = RequestingPeople()
        self._lake = {place: stage.cloud.root("lakeformation", *place) for place in CATALOGS}
        self._pool = ThreadPoolExecutor(
            RACER_COUNT, "racer", initializer=set_thread_role, initargs=(database_roles.WEB,)
        )
        self._asks = 0
        self.combinations: Counter[str] = Counter()

    def close(self) -> None:
        self._pool.shutdown()

    def run_batch(self, most: int) -> None:
        """So many races at once, each on a pair of its own: whose end comes by itself is asked for last of all."""
        races = [
            self._draw_race(pair) for pair in self._picks.sample(self._pairs, min(most, len(self._pairs)))
        ]
        lasting = [race for race in races if not race.expires]
        ending = [race for race in races if race.expires]
        self._grant_all(lasting, LONG_DURATION)
        for race, item in self._request_all(
            [race for race in races if race.has_second_request], LONG_DURATION * 2
        ):
            race.second_item = item if self._people.find_decider(item) else None
        self._grant_all(ending, SHORT_DURATION)
        acts = [act for race in [*ending, *lasting] for act in self._build_actions(race).values()]
        for done in [self._pool.submit(act) for act in acts]:
            done.result()
        self.combinations["held already"] += sum(not (race.grant or race.ending_grants) for race in races)

    def _draw_race(self, pair: RoleTablePair) -> Race:
        columns = tuple(self._picks.sample(pair.column_names, self._picks.randint(1, len(pair.column_names))))
        expires, again, taken, looked = (
            self._picks.random() < one
            for one in (EXPIRE_SHARE, SECOND_REQUEST_SHARE, OUTSIDE_REVOKE_SHARE, CHECK_SHARE)
        )
        ending, pair.grants = pair.grants, []
        return Race(pair, columns, expires, again, taken, looked, ending)

    def _grant_all(self, races: Sequence[Race], lasts: timedelta) -> None:
        """What is refused, as the role has it, leaves the race without a grant."""
        by_request: dict[int, list[tuple[Race, RequestItem]]] = defaultdict(list)
        for race, item in self._request_all(races, lasts):
            by_request[item.request_id].append((race, item))
        for done in [self._pool.submit(self._approve_each, some) for some in by_request.values()]:
            done.result()

    def _approve_each(self, asked: Sequence[tuple[Race, RequestItem]]) -> None:
        looked_at = QueryCache()
        for race, item in asked:
            race.grant = self._approve(item, looked_at)

    def _request_all(self, races: Sequence[Race], lasts: timedelta) -> list[tuple[Race, RequestItem]]:
        """What was asked for with each: one request for all of a role, several of them at once."""
        by_role: dict[int, list[Race]] = defaultdict(list)
        for race in races:
            by_role[race.pair.role.pk].append(race)
        sent = [self._pool.submit(self._submit, some, lasts, self._make_key()) for some in by_role.values()]
        by_place = {(race.pair.role.pk, race.pair.table.pk): race for race in races}
        items = [item for one in sent for item in one.result()]
        return [(by_place[item.request.principal_id, item.table_id], item) for item in items]

    def _make_key(self) -> str:
        self._asks += 1
        return f"races-{self._asks}"

    def _submit(self, races: Sequence[Race], lasts: timedelta, key: str) -> list[RequestItem]:
        role, wanted = races[0].pair.role, [race.build_request for race in races]
        return self._people.submit(
            role, wanted, duration=lasts, purpose="Ends while other things happen", key=key
        )

    def _build_actions(self, race: Race) -> Mapping[str, Callable[[], object]]:
        """What shall happen at once to what ends; nothing where nothing does."""
        pair, ending, again = race.pair, list(race.ending_grants), race.second_item
        if not (race.grant or ending):
            return {}
        scope_key = (race.grant or ending[0]).intent.scope_key
        if race.grant is not None and not race.expires:
            ending.append(race.grant)
        acts: dict[str, Callable[[], object]] = {}
        if ending:
            acts["revoked"] = lambda: self._revoke(ending)
        if again is not None:
            acts["agreed again"] = lambda: self._approve_second(pair, again)
        if race.is_revoked_outside:
            acts["taken away"] = lambda: self._revoke_outside(pair, race.columns[0])
        if race.is_checked:
            acts["looked at"] = lambda: self._check_scope(scope_key)
        ends_itself = race.expires and race.grant is not None
        self.combinations[" + ".join(["expires"] * ends_itself + list(acts))] += 1
        return acts

    def _approve(self, item: RequestItem, looked_at: QueryCache | None = None) -> Grant | None:
        with suppress(*EXPECTED_REFUSALS):
            return self._people.approve(item, looked_at)
        return None

    def _approve_second(self, pair: RoleTablePair, item: RequestItem) -> None:
        """It stands until the pair's next race ends it."""
        if (grant := self._approve(item)) is not None:
            pair.grants.append(grant)

    def _revoke(self, grants: Sequence[Grant]) -> None:
        """One by itself, several with one word."""
        with suppress(*EXPECTED_REFUSALS):
            self._people.revoke(grants, "The race ends it")

    def _revoke_outside(self, pair: RoleTablePair, column: str) -> None:
        """Behind the portal; AWS refuses when there is nothing to take, or somebody writes just now."""
        database = pair.table.database
        catalog = database.catalog
        place = (catalog.account.account_id, catalog.region)
        table = {"DatabaseName": database.name, "Name": pair.table.name, "ColumnNames": [column]}
        with suppress(ClientError):
            self._lake[place].revoke_permissions(
                Principal={"DataLakePrincipalIdentifier": pair.role.arn},
                Resource={"TableWithColumns": table},
                Permissions=["SELECT"],
            )

    def _check_scope(self, scope_key: str) -> None:
        wake_scope(scope_key=scope_key, reason="a race", now=clock.now())


def run_races(asked: RunOptions, say: Callable[[str], None]) -> PartReport:
    """What ended stays ended, whatever happens at the same time; what is wanted is there in the end."""
    started = time.monotonic()
    wanted = asked.requests
    report = PartReport("races", asked.seed, requests=wanted)
    with worker_environment(say, create_roles, InProcessEnvironment, switches=asked.switches) as stage:
        assert isinstance(stage, InProcessEnvironment)
        course, watch, workers = RaceRun(stage, asked.seed), EndedAccessWatcher(stage), RaceWorkers()
        watch.start()
        for done in range(0, wanted, BATCH_SIZE):
            course.run_batch(min(BATCH_SIZE, wanted - done))
            if done // BATCH_SIZE % max(1, wanted // BATCH_SIZE // 10) == 0:
                say(f"{done} of {wanted} races begun")
        _finish(stage, report, watch)
        workers.stop()
        course.close()
    report.errors = dict(course.combinations)
    report.seconds = round(time.monotonic() - started, 1)
    return report


def _finish(stage: InProcessEnvironment, report: PartReport, watch: EndedAccessWatcher) -> None:
    """Lets the last ones expire and be proven, then compares everything."""
    address = stage.superuser_url
    time.sleep(SHORT_DURATION.total_seconds())
    wait_until_proven(lambda: approved_access.read_open_approvals(address), REST_SECONDS)
    watch.stop()
    agreed, _held, difference = read_difference(stage, watch)
    left = approved_access.list_unproven(agreed)
    report.lost, report.extra = len(difference.lost), len(difference.extra)
    report.duplicate, report.stuck = len(difference.duplicate), len(left)
    report.wrong, report.statuses = len(watch.wrong_intents), watch.status_count
    write_differences(stage, difference, left, watch.wrong_intents)
    with psycopg.connect(address) as session:
        ends = [row[0] for row in session.execute(READ_REMOVAL_SECONDS).fetchall()]
    times = [float(seconds) for seconds in ends if seconds is not None]
    if ends and not times:
        raise NotSeenError(f"The record has no proof of the end of any of {len(ends)} grants.")
    report.revoked, report.gone_after = len(times), round(compute_percentile(times), 1)


def compute_percentile(times: Sequence[float]) -> float:
    """The 99th percentile, the nearest of the values at or above it; 0 of none."""
    ordered = sorted(times)
    return ordered[-(-len(ordered) * 99 // 100) - 1] if ordered else 0.0
