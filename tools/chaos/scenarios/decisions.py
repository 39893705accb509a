"""The part *decisions*: many people answer one request at the same moment, again and again.

Some may decide and some may not, some saw the effects as they are and some as they were. However they meet, one answer
counts, nobody's who may not give it, and none that was given to other effects. What came of it is read by SQL.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier

import psycopg
from django.db import close_old_connections, connection

from catalog.mirror.models import Table
from demo.embedded.waits import NotSeenError
from identity.accounts import Principal
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from requests_app.access_requests.models import RequestItem
from requests_app.errors import EffectsChangedError
from requests_app.review.actions import approve_item, reject_item
from requests_app.review.may import list_deciders
from requests_app.review.terms import compute_approval_hash, compute_item_approval_hash
from requests_app.submission.actions import withdraw_item
from requests_app.targets.checks import compute_effects
from requests_app.targets.requested_item import RequestedItem
from tools.chaos.actors.requests import ROLE_PREFIX, create_roles, read_iam_only_tables
from tools.chaos.report import PartReport, RunOptions
from tools.environment.in_process_environment import InProcessEnvironment
from tools.environment.people import find_requester, request_table
from tools.environment.worker_environment import WorkerEnvironment, worker_environment

CROWD_SIZE, QUICK_CROWD_SIZE, MANY_REQUESTS = 200, 40, 20
"""People; fewer for fewer times than that."""
GRANT_DURATION = timedelta(days=30)
MAX_TABLES = 20

CHANGE_TABLE_IDENTITY = "UPDATE catalog_table SET glue_created_at = md5(glue_created_at) WHERE id = %s"
READ_OUTCOMES = """
SELECT item.id, item.state,
       (SELECT count(*) FROM requests_decision d WHERE d.item_id = item.id),
       (SELECT count(*) FROM requests_decision d WHERE d.item_id = item.id AND d.answer = 'approve'),
       (SELECT count(*) FROM requests_grant g WHERE g.item_id = item.id),
       (SELECT count(*) FROM audit_event e WHERE e.subject = 'item:' || item.id
           AND e.verb IN ('approve_item', 'reject_item', 'withdraw_item')),
       (SELECT min(d.effects_hash) FROM requests_decision d WHERE d.item_id = item.id),
       (SELECT min(d.decided_by_id) FROM requests_decision d WHERE d.item_id = item.id)
  FROM requests_requestitem item WHERE item.id = ANY (%s)
"""
EXPECTED_COUNTS = {"approved": (1, 1, 1), "rejected": (1, 0, 0), "withdrawn": (0, 0, 0)}
"""By state: decisions, of them a yes, grants."""


@dataclass(frozen=True)
class ContestedRequest:
    """One request and what is true of it before anyone answers; a decision on it records `effects_hash`."""

    item: int
    requester: Person
    deciders: list[Person]
    approval_hash: str
    outdated_hash: str
    effects_hash: str


@dataclass(frozen=True)
class DecisionAttempt:
    """What one person does: `verb` is approve, reject or withdraw; `approval_hash` is of what they saw."""

    person: Person
    verb: str
    approval_hash: str


class DecisionCrowd:
    """`decide_at_once` has one request answered by the whole crowd, and says how each attempt ended."""

    def __init__(self, stage: WorkerEnvironment, seed: int, crowd: int) -> None:
        self._stage = stage
        self._picks = random.Random(f"decisions-{seed}")
        self._pool = ThreadPoolExecutor(crowd)
        self._barrier = Barrier(crowd)
        self._crowd = crowd
        self._roles = list(
            Principal.objects.filter(name__startswith=ROLE_PREFIX, gone_at=None).order_by("arn")
        )
        open_to_all = read_iam_only_tables(stage)
        tables = Table.objects.select_related("database").filter(database__domain__isnull=False)
        closed = [
            table for table in tables.order_by("pk") if (table.database.name, table.name) not in open_to_all
        ]
        self._tables = self._picks.sample(closed, min(MAX_TABLES, len(closed)))
        self.requests: list[ContestedRequest] = []

    def decide_at_once(self, number: int) -> Counter[str]:
        meeting = self._find_contested(number)
        self.requests.append(meeting)
        attempts = [self._choose_attempt(meeting) for _ in range(self._crowd)]
        return Counter(self._pool.map(lambda attempt: self._make_attempt(meeting, attempt), attempts))

    def close(self) -> None:
        """Each thread of the pool ends the session of its own."""
        list(self._pool.map(lambda _: self._close_session(), range(self._crowd)))
        self._pool.shutdown()

    def _find_contested(self, number: int) -> ContestedRequest:
        """A request that somebody else than the requester decides; of roles and tables in an order by lot. What the role's
        people may not request, as what they do not see or hold already, is passed over.
        """
        pairs = [(role, table) for role in self._roles for table in self._tables]
        self._picks.shuffle(pairs)
        for again, (role, table) in enumerate(pairs):
            with suppress(RefusedError):
                found = self._submit(role, table, f"{number}-{again}")
                if found.deciders:
                    return found
        raise NotSeenError("No role may request a table on which somebody else decides.")

    def _submit(self, role: Principal, table: Table, key: str) -> ContestedRequest:
        """The table is made anew after the effects were shown once: a yes to those is a yes to another table."""
        names = list(table.columns.filter(is_partition_key=False).values_list("name", flat=True))
        wanted = RequestedItem(table.pk, tuple(names[:3]), False, None)
        item = request_table(
            role, wanted, duration=GRANT_DURATION, purpose="Answered by many at once", key=f"decisions-{key}"
        )
        before = compute_item_approval_hash(item)
        with psycopg.connect(self._stage.superuser_url) as session:
            session.execute(CHANGE_TABLE_IDENTITY, [table.pk])
        made_anew = RequestItem.objects.get(pk=item.pk)
        effects = compute_effects(made_anew)
        after, deciders = compute_approval_hash(made_anew, effects), list(list_deciders(item).order_by("pk"))
        return ContestedRequest(item.pk, find_requester(role), deciders, after, before, effects.digest())

    def _choose_attempt(self, meeting: ContestedRequest) -> DecisionAttempt:
        decider = self._picks.choice(meeting.deciders)
        stranger = self._picks.choice(list(Person.objects.order_by("pk")))
        return self._picks.choice(
            [
                DecisionAttempt(decider, "approve", meeting.approval_hash),
                DecisionAttempt(decider, "approve", meeting.outdated_hash),
                DecisionAttempt(decider, "reject", ""),
                DecisionAttempt(meeting.requester, "withdraw", ""),
                DecisionAttempt(meeting.requester, "approve", meeting.approval_hash),
                DecisionAttempt(stranger, "approve", meeting.approval_hash),
            ]
        )

    def _make_attempt(self, meeting: ContestedRequest, attempt: DecisionAttempt) -> str:
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
                    acting_user=person,
                    item_id=meeting.item,
                    effects_hash=attempt.approval_hash,
                    comment="",
                    now=now,
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

    def _close_session(self) -> None:
        self._barrier.wait()
        connection.close()


def run_decisions(asked: RunOptions, say: Callable[[str], None]) -> PartReport:
    """Each request has exactly one outcome, given by one who may, to the effects as they are."""
    started = time.monotonic()
    crowd, times = CROWD_SIZE if asked.requests >= MANY_REQUESTS else QUICK_CROWD_SIZE, asked.requests
    report = PartReport("decisions", asked.seed, requests=times)
    ended: Counter[str] = Counter()
    with worker_environment(say, create_roles, InProcessEnvironment, switches=asked.switches) as stage:
        say(f"{crowd} people answer each of {times} requests at once")
        gathering = DecisionCrowd(stage, asked.seed, crowd)
        for number in range(times):
            ended.update(gathering.decide_at_once(number))
        gathering.close()
        report.split, report.stale = _count_wrong_outcomes(stage, gathering.requests)
    report.attempts, report.errors = sum(ended.values()), dict(ended)
    report.split += abs(ended["done"] - times)
    report.seconds = round(time.monotonic() - started, 1)
    return report


def _count_wrong_outcomes(stage: WorkerEnvironment, meetings: list[ContestedRequest]) -> tuple[int, int]:
    """Requests without exactly one outcome, by one who may; requests agreed to by effects that were others."""
    by_item = {meeting.item: meeting for meeting in meetings}
    with psycopg.connect(stage.superuser_url) as session:
        rows = session.execute(READ_OUTCOMES, [list(by_item)]).fetchall()
    split = stale = 0
    for item, state, *counts, events, effects, decider in rows:
        meeting = by_item[item]
        may = decider is None or decider in {person.pk for person in meeting.deciders}
        split += EXPECTED_COUNTS.get(state) != tuple(counts) or events != 1 or not may
        stale += state == "approved" and effects != meeting.effects_hash
    return split, stale
