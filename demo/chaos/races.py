"""The part *races*: an end meets a heal, an approval and a scan on the same pair, at the same moment.

Three workers run all the time. Each race ends a grant, by a person or by its time, while somebody takes a column away
behind the portal, or agrees to the next ask for the same columns, or has the scope looked at. What was proven gone
must not come back unless somebody agreed to it again, and everything that ended must be proven gone soon.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import psycopg
from botocore.exceptions import ClientError
from django.db import DatabaseError, connection

from audit import clock
from demo.chaos import approvals
from demo.chaos.asks import make_roles
from demo.chaos.goings import Goings
from demo.chaos.histories import Lives, Pair
from demo.chaos.inside import Inside, one_round
from demo.chaos.resting import rest
from demo.chaos.run import Asked, Report, compared
from demo.chaos.stage import CATALOGS, standing
from demo.embedded import roles
from demo.people import agree, ask, take_back
from demo.speaking import become
from fulfilment.actions import wake
from requests_app.actions import ItemAsk
from requests_app.errors import EffectsChangedError, ForbiddenError, NotFoundError, RefusedError
from requests_app.may import deciders_of
from requests_app.models import Grant, Item
from requests_app.states import IllegalMoveError
from workers.expire import expire_due

PAIRS = 60
HAND = 6
"""Races that run at once: their rounds, too, meet each other."""
WORKERS = ("one", "two", "three")
LASTS = timedelta(days=30)
SOON = timedelta(seconds=2)
EXPIRES, AGAIN, TAKEN, LOOKED = 0.3, 0.5, 0.4, 0.4
IDLE = 0.02
REST_SECONDS = 120.0
MISSED = (IllegalMoveError, EffectsChangedError, ForbiddenError, NotFoundError, RefusedError)

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
        self._pool = ThreadPoolExecutor(len(WORKERS), "worker", initializer=become, initargs=(roles.WORKER,))
        self._runs: list[Future[None]] = [self._pool.submit(self._work) for _ in WORKERS]

    def _work(self) -> None:
        while not self._stop.is_set():
            with suppress(DatabaseError):
                expire_due()
            while one_round():
                pass
            self._stop.wait(IDLE)
        connection.close()

    def stop(self) -> None:
        self._stop.set()
        for run in self._runs:
            run.result()
        self._pool.shutdown()


class Course:
    """`hand` lets what some pairs' people and strangers do happen at once; `meetings` counts what met what."""

    def __init__(self, stage: Inside, seed: int) -> None:
        self._stage = stage
        self._picks = random.Random(f"races-{seed}")
        self._pairs = Lives(stage, seed, PAIRS).pairs
        self._lake = {place: stage.cloud.root("lakeformation", *place) for place in CATALOGS}
        self._pool = ThreadPoolExecutor(4, "racer", initializer=become, initargs=(roles.WEB,))
        self._asks = 0
        self.meetings: Counter[str] = Counter()

    def close(self) -> None:
        self._pool.shutdown()

    def hand(self, most: int) -> None:
        """So many races at once, each on a pair of its own."""
        pairs = self._picks.sample(self._pairs, min(most, len(self._pairs)))
        dealt = [acts for pair in pairs if (acts := self._dealt(pair)) is not None]
        for done in [self._pool.submit(act) for acts in dealt for act in acts.values()]:
            done.result()
        self.meetings["held already"] += len(pairs) - len(dealt)

    def _dealt(self, pair: Pair) -> Mapping[str, Callable[[], object]] | None:
        """What shall happen at once to a grant that was just made, and to what an earlier race left to the pair; None where
        there is neither.
        """
        columns = tuple(self._picks.sample(pair.names, self._picks.randint(1, len(pair.names))))
        expires = self._picks.random() < EXPIRES
        ending, pair.grants = pair.grants, []
        grant = self._granted(pair, columns, SOON if expires else LASTS)
        if grant is None and not ending:
            return None
        if grant is not None and not expires:
            ending.append(grant)
        acts: dict[str, Callable[[], object]] = {}
        if ending:
            acts["revoked"] = lambda: self._revoke(ending)
        if self._picks.random() < AGAIN and (item := self._submitted(pair, columns, LASTS * 2)):
            acts["agreed again"] = lambda: self._agree_again(pair, item)
        if self._picks.random() < TAKEN:
            acts["taken away"] = lambda: self._take_away(pair, columns[0])
        if self._picks.random() < LOOKED:
            scope_key = (grant or ending[0]).intent.scope_key
            acts["looked at"] = lambda: self._look_at(scope_key)
        ends_itself = expires and grant is not None
        self.meetings[" + ".join(["expires"] * ends_itself + list(acts))] += 1
        return acts

    def _granted(self, pair: Pair, columns: tuple[str, ...], lasts: timedelta) -> Grant | None:
        item = self._submitted(pair, columns, lasts)
        return self._agree(item) if item else None

    def _submitted(self, pair: Pair, columns: tuple[str, ...], lasts: timedelta) -> Item | None:
        self._asks += 1
        wanted, key = ItemAsk(pair.table.pk, columns, False, None), f"races-{self._asks}"
        with suppress(RefusedError):
            item = ask(pair.role, wanted, lasts=lasts, purpose="Ends while other things happen", key=key)
            return item if deciders_of(item).exists() else None
        return None

    def _agree(self, item: Item) -> Grant | None:
        with suppress(*MISSED):
            return agree(item)
        return None

    def _agree_again(self, pair: Pair, item: Item) -> None:
        """It stands until the pair's next race ends it."""
        if (grant := self._agree(item)) is not None:
            pair.grants.append(grant)

    def _revoke(self, grants: Sequence[Grant]) -> None:
        for grant in grants:
            with suppress(*MISSED):
                take_back(grant, "The race ends it")

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
    rest(lambda: approvals.read_open(address), REST_SECONDS)
    watch.stop()
    agreed, _held, difference = compared(stage, watch)
    report.lost, report.extra = len(difference.lost), len(difference.extra)
    report.duplicate, report.stuck = len(difference.duplicate), len(approvals.stuck(agreed))
    report.wrong, report.statuses = len(watch.wrong), watch.statuses
    with psycopg.connect(address) as session:
        times = [float(row[0]) for row in session.execute(GONE).fetchall() if row[0] is not None]
    report.revoked, report.gone_after = len(times), round(ninety_ninth(times), 1)


def ninety_ninth(times: Sequence[float]) -> float:
    """The 99th percentile, the nearest of the values at or above it; 0 of none."""
    ordered = sorted(times)
    return ordered[-(-len(ordered) * 99 // 100) - 1] if ordered else 0.0
