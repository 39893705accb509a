"""The part *histories*: each pair of a role and a table has its life: requested, widened, narrowed, ended.

All pairs live at the same time, step by step, so that a round of the engine serves many. After every single round no
column may be gone that a live grant still gives; once nothing is due, each pair holds its columns and not one more.
"""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

import psycopg

from catalog.mirror.models import Table
from identity.accounts import Principal
from kernel import clock
from requests_app.grants.models import Grant
from tools.chaos.actors.bulk_requests import RequestingPeople, TableRequest
from tools.chaos.actors.requests import ROLE_PREFIX, create_roles, read_iam_only_tables
from tools.chaos.compare import approved_access, observed_access
from tools.chaos.compare.approved_access import AccessLine, merge_lines
from tools.chaos.compare.convergence import wait_until_proven
from tools.chaos.report import PartReport, RunOptions
from tools.environment.aws_switches import get_listing_delay
from tools.environment.in_process_environment import InProcessEnvironment
from tools.environment.worker_environment import CATALOGS, worker_environment

STEPS_PER_HISTORY = 5
STEP_DURATION = timedelta(days=1)
GRANT_DAYS = (1.5, 2.5, 3.5, 40.0)
"""In days from the request: most end by themselves within the history."""
REQUEST_SHARE, REVOKE_SHARE, WHOLE_TABLE_SHARE = 0.6, 0.35, 0.15


@dataclass
class RoleTablePair:
    """A role and a table, and what its people have in force."""

    role: Principal
    table: Table
    column_names: list[str]
    grants: list[Grant] = field(default_factory=list)


@dataclass(frozen=True)
class PairRequest:
    """What a pair's people ask for at a step."""

    pair: RoleTablePair
    request: TableRequest


class GrantHistories:
    """`step` has every active pair do what its lot says; `revoke_all` takes back what is left."""

    def __init__(self, stage: InProcessEnvironment, seed: int, most: int) -> None:
        self._picks = random.Random(f"histories-{seed}")
        pairs = _list_pairs(read_iam_only_tables(stage))
        chosen = self._picks.sample(pairs, min(most, len(pairs)))
        self.pairs = [RoleTablePair(role, table, _list_column_names(table)) for role, table in chosen]
        self.active_pairs = self.pairs
        self._people = RequestingPeople()
        self._asks = 0
        self.actions: Counter[str] = Counter()

    def step(self) -> None:
        """Tables that are asked for at once, for as long and for the same role, make one request."""
        asks: dict[tuple[int, float], list[PairRequest]] = defaultdict(list)
        ended, now = [], clock.now()
        for pair in self.active_pairs:
            pair.grants = [grant for grant in pair.grants if grant.ends_at > now]
            lot = self._picks.random()
            if not pair.grants or lot < REQUEST_SHARE:
                want, days = self._choose_request(pair), self._picks.choice(GRANT_DAYS)
                asks[pair.role.pk, days].append(PairRequest(pair, want))
            elif lot < REQUEST_SHARE + REVOKE_SHARE:
                ended.append(pair.grants.pop(self._picks.randrange(len(pair.grants))))
        self._revoke(ended)
        for (_role, days), some in asks.items():
            self._request_access(some, timedelta(days=days))

    def revoke_all(self) -> None:
        now = clock.now()
        self._revoke([grant for pair in self.active_pairs for grant in pair.grants if grant.ends_at > now])
        for pair in self.active_pairs:
            pair.grants = []

    def _choose_request(self, pair: RoleTablePair) -> TableRequest:
        """Overlaps with what is in force, goes beyond it, or makes it last longer."""
        columns = self._picks.sample(pair.column_names, self._picks.randint(1, len(pair.column_names)))
        return TableRequest(pair.table, () if self._picks.random() < WHOLE_TABLE_SHARE else tuple(columns))

    def _request_access(self, asks: list[PairRequest], lasts: timedelta) -> None:
        self._asks += 1
        role, wants, key = asks[0].pair.role, [ask.request for ask in asks], f"histories-{self._asks}"
        items = self._people.submit(role, wants, duration=lasts, purpose="A step of a history", key=key)
        by_table = {ask.pair.table.pk: ask.pair for ask in asks}
        granted = self._people.approve_all(items)
        for grant in granted:
            by_table[grant.table_id].grants.append(grant)
        self.actions["asked for, a request each"] += bool(items)
        self.actions["granted"] += len(granted)
        self.actions["refused: held already, or nobody else decides"] += len(asks) - len(granted)

    def _revoke(self, grants: list[Grant]) -> None:
        self._people.revoke_some(grants, "The history says so", self._picks)
        self.actions["revoked"] += len(grants)


def _list_pairs(open_to_all: set[tuple[str, str]]) -> list[tuple[Principal, Table]]:
    """Every role of the run with every table that can be asked for, which has with it what a review shows of it."""
    roles = Principal.objects.select_related("account__team").filter(
        name__startswith=ROLE_PREFIX, gone_at=None
    )
    tables = Table.objects.filter(database__domain__isnull=False).order_by("pk")
    shown = tables.select_related("database__catalog__account", "database__domain").prefetch_related(
        "columns"
    )
    return [
        (role, table)
        for role in roles.order_by("arn")
        for table in shown
        if (table.database.name, table.name) not in open_to_all
    ]


def _list_column_names(table: Table) -> list[str]:
    return [column.name for column in table.columns.all() if not column.is_partition_key]


class HistoryWatcher:
    """`check_round` after each round; `check_settled` when nothing is due. Faults stand in its fields.

    `late`: for how many seconds AWS may list what was before; `holders`: whose columns it looks at.
    """

    def __init__(self, stage: InProcessEnvironment, late: float, holders: set[str]) -> None:
        self._stage, self._late = stage, late
        self._clients: dict[tuple[str, ...], Any] = {}
        self._holders = holders
        self._held: Counter[AccessLine] = Counter()
        self.check_count = 0
        self.early: set[AccessLine] = set()
        self.lost: set[AccessLine] = set()
        self.extra: set[AccessLine] = set()
        self.stuck: set[int] = set()

    def check_round(self) -> None:
        """What was held and is wanted still, and is gone, was taken away too early.

        A late listing may show that a wildcard was revoked, and not yet the columns that were granted in its place by the
        same round: what seems gone is looked for once more.
        """
        agreed = self.read_approved()
        before, self._held = self._held, self._read_lines()
        lines = merge_lines(line for grant in agreed if grant.is_live for line in grant.list_lines())
        standing = {line for line in lines if _is_held(before, line)}
        if self._late and self._find_missing(standing):
            time.sleep(self._late)
            self._held = self._read_lines()
        self.early |= self._find_missing(standing)
        self.check_count += 1

    def _find_missing(self, holdings: set[AccessLine]) -> set[AccessLine]:
        return {holding for holding in holdings if not _is_held(self._held, holding)}

    def check_settled(self) -> None:
        agreed = self.read_approved()
        self._held = self._read_lines()
        difference = observed_access.compare_access(agreed, self._held)
        self.lost |= difference.lost
        self.extra |= difference.extra
        self.stuck |= {grant.intent for grant in approved_access.list_unproven(agreed)}

    def read_approved(self) -> list[approved_access.ApprovedAccess]:
        return approved_access.read_approvals_in(self._session)

    def close(self) -> None:
        self._session.close()

    @cached_property
    def _session(self) -> "psycopg.Connection[Any]":
        return approved_access.open_session(self._stage.superuser_url)

    def _read_lines(self) -> Counter[AccessLine]:
        return observed_access.read_lines(self._get_client, CATALOGS, self._holders)

    def _get_client(self, *place: str) -> Any:
        if place not in self._clients:
            self._clients[place] = self._stage.cloud.root("lakeformation", *place)
        return self._clients[place]


def _is_held(held: Counter[AccessLine], one: AccessLine) -> bool:
    return bool(held[one] or (one[4] and held[(*one[:5], "*")]))


def run_histories(asked: RunOptions, say: Callable[[str], None]) -> PartReport:
    """Columns come and go exactly as the grants on their pair do, in every order."""
    started = time.monotonic()
    report = PartReport("histories", asked.seed)
    with worker_environment(say, create_roles, InProcessEnvironment, switches=asked.switches) as stage:
        assert isinstance(stage, InProcessEnvironment)
        lives = GrantHistories(stage, asked.seed, asked.requests)
        eye = HistoryWatcher(
            stage, get_listing_delay(stage.switches), {pair.role.arn for pair in lives.pairs}
        )
        with closing(eye):
            for count in split_evenly(asked.requests, len(lives.pairs)):
                lives.active_pairs = lives.pairs[:count]
                _run_history(stage, lives, eye)
                report.requests += count
                say(f"{report.requests} of {asked.requests} histories, {eye.check_count} rounds")
    report.early, report.lost, report.extra = len(eye.early), len(eye.lost), len(eye.extra)
    report.stuck, report.statuses = len(eye.stuck), eye.check_count
    report.revoked, report.errors = lives.actions["revoked"], dict(lives.actions)
    for word in ("early", "lost", "extra"):
        for holding in sorted(getattr(eye, word))[:20]:
            say(f"{word}: {' '.join(holding)}")
    report.seconds = round(time.monotonic() - started, 1)
    return report


def split_evenly(wanted: int, at_once: int) -> list[int]:
    """How many histories live at the same time, one lot after the other: as equal as may be, together all of them."""
    many = -(-wanted // at_once)
    ends = [wanted * number // many for number in range(many + 1)]
    return [end - start for start, end in pairwise(ends)]


def _run_history(stage: InProcessEnvironment, lives: GrantHistories, eye: HistoryWatcher) -> None:
    """One history on every pair that lives, from nothing to nothing."""
    for _ in range(STEPS_PER_HISTORY):
        lives.step()
        _run_rounds(stage, eye)
        stage.advance(int(STEP_DURATION.total_seconds()))
        _run_rounds(stage, eye)
    lives.revoke_all()
    _run_rounds(stage, eye)


def _run_rounds(stage: InProcessEnvironment, eye: HistoryWatcher) -> None:
    """However long a scope backs off: what it has not done yet is not lost."""

    def worked_off() -> list[approved_access.ApprovedAccess]:
        stage.run_due_rounds(eye.check_round)
        return eye.read_approved()

    wait_until_proven(worked_off, 0.0)
    eye.check_settled()
