"""The part *decisions*: many people answer one request at the same moment, again and again.

Some may decide and some may not, some saw the effects as they are and some as they were. However they meet, one answer
counts, nobody's who may not give it, and none that was given to other effects. What came of it is read by SQL.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier

import psycopg
from django.db import close_old_connections, connection

from audit import clock
from catalog.mirror.models import Table
from identity.accounts.models import Principal
from identity.errors import ForbiddenError, NotFoundError, RefusedError
from identity.people.models import Person
from requests_app.access_requests.models import Item
from requests_app.errors import EffectsChangedError
from requests_app.review.actions import approve_item, reject_item
from requests_app.review.approval_hash import compute_approval_hash, compute_item_approval_hash
from requests_app.review.may import list_deciders
from requests_app.state_transitions import IllegalTransitionError
from requests_app.submission.actions import withdraw_item
from requests_app.targets.access import compute_effects
from requests_app.targets.requested_item import RequestedItem
from tools.chaos.actors.requests import PREFIX, make_roles, read_open_to_all
from tools.chaos.report import Asked, Report
from tools.environment.in_process_environment import Inside
from tools.environment.people import ask, asker_for
from tools.environment.worker_environment import Stage, standing

CROWD, CROWD_QUICK, MANY = 200, 40, 20
"""People; fewer for fewer times than that."""
LASTS = timedelta(days=30)
TABLES = 20
MOST_TRIES = 20

OTHER_TABLE = "UPDATE catalog_table SET glue_created_at = md5(glue_created_at) WHERE id = %s"
OUTCOMES = """
SELECT item.id, item.state,
       (SELECT count(*) FROM requests_decision d WHERE d.item_id = item.id),
       (SELECT count(*) FROM requests_decision d WHERE d.item_id = item.id AND d.answer = 'approve'),
       (SELECT count(*) FROM requests_grant g WHERE g.item_id = item.id),
       (SELECT count(*) FROM audit_event e WHERE e.subject = 'item:' || item.id
           AND e.verb IN ('approve_item', 'reject_item', 'withdraw_item')),
       (SELECT min(d.effects_hash) FROM requests_decision d WHERE d.item_id = item.id),
       (SELECT min(d.decided_by_id) FROM requests_decision d WHERE d.item_id = item.id)
  FROM requests_item item WHERE item.id = ANY (%s)
"""
EXPECTED = {"approved": (1, 1, 1), "rejected": (1, 0, 0), "withdrawn": (0, 0, 0)}
"""By state: decisions, of them a yes, grants."""


@dataclass(frozen=True)
class Meeting:
    """One request and what is true of it before anyone answers; `effects` is the digest that a decision on it records."""

    item: int
    requester: Person
    deciders: list[Person]
    shown: str
    shown_before: str
    effects: str


@dataclass(frozen=True)
class Attempt:
    """What one person does: `verb` is approve, reject or withdraw; `shown` the effects they have seen."""

    person: Person
    verb: str
    shown: str


class Gathering:
    """`meet` has one request answered by the whole crowd, and says how each attempt ended."""

    def __init__(self, stage: Stage, seed: int, crowd: int) -> None:
        self._stage = stage
        self._picks = random.Random(f"decisions-{seed}")
        self._pool = ThreadPoolExecutor(crowd)
        self._barrier = Barrier(crowd)
        self._crowd = crowd
        self._roles = list(Principal.objects.filter(name__startswith=PREFIX, gone_at=None).order_by("arn"))
        open_to_all = read_open_to_all(stage)
        tables = Table.objects.select_related("database").filter(database__domain__isnull=False)
        closed = [one for one in tables.order_by("pk") if (one.database.name, one.name) not in open_to_all]
        self._tables = self._picks.sample(closed, min(TABLES, len(closed)))
        self.meetings: list[Meeting] = []

    def meet(self, number: int) -> Counter[str]:
        tries = (self._submit(f"{number}-{again}") for again in range(MOST_TRIES))
        meeting = next(found for found in tries if found.deciders)
        self.meetings.append(meeting)
        attempts = [self._attempt(meeting) for _ in range(self._crowd)]
        return Counter(self._pool.map(lambda attempt: self._make(meeting, attempt), attempts))

    def close(self) -> None:
        """Each thread of the pool ends the session of its own."""
        list(self._pool.map(lambda _: self._leave(), range(self._crowd)))
        self._pool.shutdown()

    def _submit(self, key: str) -> Meeting:
        """Perhaps one that nobody but the requester decides. The table is made anew after the effects were shown once: a yes to those is a yes to another table."""
        role, table = self._picks.choice(self._roles), self._picks.choice(self._tables)
        names = list(table.columns.filter(is_partition_key=False).values_list("name", flat=True))
        wanted = RequestedItem(table.pk, tuple(names[:3]), False, None)
        item = ask(role, wanted, lasts=LASTS, purpose="Answered by many at once", key=f"decisions-{key}")
        before = compute_item_approval_hash(item)
        with psycopg.connect(self._stage.superuser_url) as session:
            session.execute(OTHER_TABLE, [table.pk])
        made_anew = Item.objects.get(pk=item.pk)
        effects = compute_effects(made_anew)
        after, deciders = compute_approval_hash(made_anew, effects), list(list_deciders(item).order_by("pk"))
        return Meeting(item.pk, asker_for(role), deciders, after, before, effects.digest())

    def _attempt(self, meeting: Meeting) -> Attempt:
        decider = self._picks.choice(meeting.deciders)
        stranger = self._picks.choice(list(Person.objects.order_by("pk")))
        return self._picks.choice(
            [
                Attempt(decider, "approve", meeting.shown),
                Attempt(decider, "approve", meeting.shown_before),
                Attempt(decider, "reject", ""),
                Attempt(meeting.requester, "withdraw", ""),
                Attempt(meeting.requester, "approve", meeting.shown),
                Attempt(stranger, "approve", meeting.shown),
            ]
        )

    def _make(self, meeting: Meeting, attempt: Attempt) -> str:
        """`done`, or the name of the refusal."""
        close_old_connections()
        self._barrier.wait()
        person, now = attempt.person, clock.now()
        try:
            if attempt.verb == "withdraw":
                withdraw_item(acting_user=person, item_id=meeting.item, now=now)
            elif attempt.verb == "reject":
                reject_item(acting_user=person, item_id=meeting.item, comment="Not now", now=now)
            else:
                approve_item(
                    acting_user=person, item_id=meeting.item, effects_hash=attempt.shown, comment="", now=now
                )
        except (
            EffectsChangedError,
            ForbiddenError,
            IllegalTransitionError,
            NotFoundError,
            RefusedError,
        ) as error:
            return type(error).__name__
        return "done"

    def _leave(self) -> None:
        self._barrier.wait()
        connection.close()


def decisions(asked: Asked, say: Callable[[str], None]) -> Report:
    """Each request has exactly one outcome, given by one who may, to the effects as they are."""
    started = time.monotonic()
    crowd, times = CROWD if asked.requests >= MANY else CROWD_QUICK, asked.requests
    report = Report("decisions", asked.seed, requests=times)
    ended: Counter[str] = Counter()
    with standing(say, make_roles, Inside, switches=asked.switches) as stage:
        say(f"{crowd} people answer each of {times} requests at once")
        gathering = Gathering(stage, asked.seed, crowd)
        for number in range(times):
            ended.update(gathering.meet(number))
        gathering.close()
        report.split, report.stale = _wrong_outcomes(stage, gathering.meetings)
    report.attempts, report.errors = sum(ended.values()), dict(ended)
    report.split += abs(ended["done"] - times)
    report.seconds = round(time.monotonic() - started, 1)
    return report


def _wrong_outcomes(stage: Stage, meetings: list[Meeting]) -> tuple[int, int]:
    """Requests without exactly one outcome, by one who may; requests agreed to by effects that were others."""
    by_item = {meeting.item: meeting for meeting in meetings}
    with psycopg.connect(stage.superuser_url) as session:
        rows = session.execute(OUTCOMES, [list(by_item)]).fetchall()
    split = stale = 0
    for item, state, *counts, events, effects, decider in rows:
        meeting = by_item[item]
        may = decider is None or decider in {person.pk for person in meeting.deciders}
        split += EXPECTED.get(state) != tuple(counts) or events != 1 or not may
        stale += state == "approved" and effects != meeting.effects
    return split, stale
