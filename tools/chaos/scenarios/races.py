"""The part *races*: an end meets a heal, an approval and a scan on the same pair, at the same moment.

Three workers run all the time. Each race ends a grant, by a person or by its time, while somebody takes a column away
behind the portal, or agrees to the next ask for the same columns, or has the scope looked at. What was proven gone
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

from audit import clock
from demo.embedded import roles
from fulfilment.intents.actions import wake
from fulfilment.query_cache import Readings
from identity.errors import ForbiddenError, NotFoundError, RefusedError
from requests_app.access_requests.models import Item
from requests_app.errors import EffectsChangedError
from requests_app.grants.models import Grant
from requests_app.state_transitions import IllegalTransitionError
from tools.chaos.actors.bulk_requests import People, Want
from tools.chaos.actors.requests import make_roles
from tools.chaos.compare import approved
from tools.chaos.compare.convergence import rest
from tools.chaos.compare.ended_access import Goings
from tools.chaos.compare.outcome import compared, say_differences
from tools.chaos.report import Asked, Report
from tools.chaos.scenarios.histories import Lives, Pair
from tools.environment.connections import stay
from tools.environment.in_process_environment import Inside, one_round
from tools.environment.worker_environment import CATALOGS, standing
from workers.housekeeping.grant_expiry import expire_due

PAIRS = 240
HAND = 120
"""Races of which the asks are made together: so one round serves several, and their rounds meet each other."""
RACERS = 4
WORKERS = ("one", "two", "three")
LASTS = timedelta(days=30)
SOON = timedelta(seconds=2)
EXPIRES, AGAIN, TAKEN, LOOKED = 0.3, 0.5, 0.4, 0.4
PAUSE = 1.0
"""Seconds between two rounds of a worker: the next one serves all that people did meanwhile."""
REST_SECONDS = 120.0
MISSED = (IllegalTransitionError, EffectsChangedError, ForbiddenError, NotFoundError, RefusedError)

GONE = """
SELECT extract(epoch FROM min(gone.at) - coalesce(min(over.at), min(g.ends_at)))
  FROM requests_grant g
  JOIN fulfilment_intent i ON i.id = g.intent_id
  LEFT JOIN audit_event over ON over.subject = 'grant:' || g.id AND over.verb = 'revoke_grant'
  LEFT JOIN audit_event gone ON gone.subject = i.subject AND gone.verb = 'proved_absent'
 WHERE g.state <> 'live' GROUP BY g.id
"""


class Workers:
    """Threads that end what is due and run rounds until told to stop; what breaks in one is raised at the end."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(len(WORKERS), "worker", initializer=stay, initargs=(roles.WORKER,))
        self._runs: list[Future[None]] = [self._pool.submit(self._work) for _ in WORKERS]

    def _work(self) -> None:
        while not self._stop.is_set():
            with suppress(DatabaseError):
                expire_due()
            one_round()
            self._stop.wait(PAUSE)
        connection.close()

    def stop(self) -> None:
        self._stop.set()
        for run in self._runs:
            run.result()
        self._pool.shutdown()


@dataclass
class Race:
    """What its lots say shall happen to a pair: `ending` is what an earlier race left to it, `again` waits for a yes,
    `grant` was just made.
    """

    pair: Pair
    columns: tuple[str, ...]
    expires: bool
    is_again: bool
    is_taken: bool
    is_looked_at: bool
    ending: list[Grant]
    again: Item | None = None
    grant: Grant | None = None

    @property
    def wants(self) -> Want:
        return Want(self.pair.table, self.columns)


class Course:
    """`hand` lets what some pairs' people and strangers do happen at once; `meetings` counts what met what."""

    def __init__(self, stage: Inside, seed: int) -> None:
        self._stage = stage
        self._picks = random.Random(f"races-{seed}")
        self._pairs = Lives(stage, seed, PAIRS).pairs
        self._people = People()
        self._lake = {place: stage.cloud.root("lakeformation", *place) for place in CATALOGS}
        self._pool = ThreadPoolExecutor(RACERS, "racer", initializer=stay, initargs=(roles.WEB,))
        self._asks = 0
        self.meetings: Counter[str] = Counter()

    def close(self) -> None:
        self._pool.shutdown()

    def hand(self, most: int) -> None:
        """So many races at once, each on a pair of its own: whose end comes by itself is asked for last of all."""
        races = [self._drawn(pair) for pair in self._picks.sample(self._pairs, min(most, len(self._pairs)))]
        lasting = [race for race in races if not race.expires]
        ending = [race for race in races if race.expires]
        self._grant(lasting, LASTS)
        for race, item in self._asked([race for race in races if race.is_again], LASTS * 2):
            race.again = item if self._people.decider(item) else None
        self._grant(ending, SOON)
        acts = [act for race in [*ending, *lasting] for act in self._acts(race).values()]
        for done in [self._pool.submit(act) for act in acts]:
            done.result()
        self.meetings["held already"] += sum(not (race.grant or race.ending) for race in races)

    def _drawn(self, pair: Pair) -> Race:
        columns = tuple(self._picks.sample(pair.names, self._picks.randint(1, len(pair.names))))
        expires, again, taken, looked = (
            self._picks.random() < one for one in (EXPIRES, AGAIN, TAKEN, LOOKED)
        )
        ending, pair.grants = pair.grants, []
        return Race(pair, columns, expires, again, taken, looked, ending)

    def _grant(self, races: Sequence[Race], lasts: timedelta) -> None:
        """What is refused, as the role has it, leaves the race without a grant."""
        by_request: dict[int, list[tuple[Race, Item]]] = defaultdict(list)
        for race, item in self._asked(races, lasts):
            by_request[item.request_id].append((race, item))
        for done in [self._pool.submit(self._agree_each, some) for some in by_request.values()]:
            done.result()

    def _agree_each(self, asked: Sequence[tuple[Race, Item]]) -> None:
        looked_at = Readings()
        for race, item in asked:
            race.grant = self._agree(item, looked_at)

    def _asked(self, races: Sequence[Race], lasts: timedelta) -> list[tuple[Race, Item]]:
        """What was asked for with each: one request for all of a role, several of them at once."""
        by_role: dict[int, list[Race]] = defaultdict(list)
        for race in races:
            by_role[race.pair.role.pk].append(race)
        sent = [self._pool.submit(self._submit, some, lasts, self._key()) for some in by_role.values()]
        by_place = {(race.pair.role.pk, race.pair.table.pk): race for race in races}
        items = [item for one in sent for item in one.result()]
        return [(by_place[item.request.principal_id, item.table_id], item) for item in items]

    def _key(self) -> str:
        self._asks += 1
        return f"races-{self._asks}"

    def _submit(self, races: Sequence[Race], lasts: timedelta, key: str) -> list[Item]:
        role, wanted = races[0].pair.role, [race.wants for race in races]
        return self._people.ask(role, wanted, lasts=lasts, purpose="Ends while other things happen", key=key)

    def _acts(self, race: Race) -> Mapping[str, Callable[[], object]]:
        """What shall happen at once to what ends; nothing where nothing does."""
        pair, ending, again = race.pair, list(race.ending), race.again
        if not (race.grant or ending):
            return {}
        scope_key = (race.grant or ending[0]).intent.scope_key
        if race.grant is not None and not race.expires:
            ending.append(race.grant)
        acts: dict[str, Callable[[], object]] = {}
        if ending:
            acts["revoked"] = lambda: self._revoke(ending)
        if again is not None:
            acts["agreed again"] = lambda: self._agree_again(pair, again)
        if race.is_taken:
            acts["taken away"] = lambda: self._take_away(pair, race.columns[0])
        if race.is_looked_at:
            acts["looked at"] = lambda: self._look_at(scope_key)
        ends_itself = race.expires and race.grant is not None
        self.meetings[" + ".join(["expires"] * ends_itself + list(acts))] += 1
        return acts

    def _agree(self, item: Item, looked_at: Readings | None = None) -> Grant | None:
        with suppress(*MISSED):
            return self._people.agree_to(item, looked_at)
        return None

    def _agree_again(self, pair: Pair, item: Item) -> None:
        """It stands until the pair's next race ends it."""
        if (grant := self._agree(item)) is not None:
            pair.grants.append(grant)

    def _revoke(self, grants: Sequence[Grant]) -> None:
        """One by itself, several with one word."""
        with suppress(*MISSED):
            self._people.end(grants, "The race ends it")

    def _take_away(self, pair: Pair, column: str) -> None:
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

    def _look_at(self, scope_key: str) -> None:
        wake(scope_key=scope_key, reason="a race", now=clock.now())


def races(asked: Asked, say: Callable[[str], None]) -> Report:
    """What ended stays ended, whatever happens at the same time; what is wanted is there in the end."""
    started = time.monotonic()
    wanted = asked.requests
    report = Report("races", asked.seed, requests=wanted)
    with standing(say, make_roles, Inside, switches=asked.switches) as stage:
        assert isinstance(stage, Inside)
        course, watch, workers = Course(stage, asked.seed), Goings(stage), Workers()
        watch.start()
        for done in range(0, wanted, HAND):
            course.hand(min(HAND, wanted - done))
            if done // HAND % max(1, wanted // HAND // 10) == 0:
                say(f"{done} of {wanted} races begun")
        _finish(stage, report, watch)
        workers.stop()
        course.close()
    report.errors = dict(course.meetings)
    report.seconds = round(time.monotonic() - started, 1)
    return report


def _finish(stage: Inside, report: Report, watch: Goings) -> None:
    """Lets the last ones expire and be proven, then compares everything."""
    address = stage.superuser_url
    time.sleep(SOON.total_seconds())
    rest(lambda: approved.read_open(address), REST_SECONDS)
    watch.stop()
    agreed, _held, difference = compared(stage, watch)
    left = approved.stuck(agreed)
    report.lost, report.extra = len(difference.lost), len(difference.extra)
    report.duplicate, report.stuck = len(difference.duplicate), len(left)
    report.wrong, report.statuses = len(watch.wrong), watch.statuses
    say_differences(stage, difference, left, watch.wrong)
    with psycopg.connect(address) as session:
        times = [float(row[0]) for row in session.execute(GONE).fetchall() if row[0] is not None]
    report.revoked, report.gone_after = len(times), round(ninety_ninth(times), 1)


def ninety_ninth(times: Sequence[float]) -> float:
    """The 99th percentile, the nearest of the values at or above it; 0 of none."""
    ordered = sorted(times)
    return ordered[-(-len(ordered) * 99 // 100) - 1] if ordered else 0.0
