"""The part *histories*: on each pair of a role and a table a life of its own, asked, widened, narrowed, ended.

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

from audit import clock
from catalog.mirror.models import Table
from identity.accounts.models import Principal
from requests_app.grants.models import Grant
from tools.chaos.actors.bulk_requests import People, Want
from tools.chaos.actors.requests import PREFIX, make_roles, read_open_to_all
from tools.chaos.compare import approved, observed
from tools.chaos.compare.access_line import Holding, merged
from tools.chaos.compare.convergence import rest
from tools.chaos.report import Asked, Report
from tools.environment.aws_switches import lateness
from tools.environment.in_process_environment import Inside
from tools.environment.worker_environment import CATALOGS, standing

STEPS = 5
STEP = timedelta(days=1)
ENDS = (1.5, 2.5, 3.5, 40.0)
"""In days from the ask: most end by themselves within the history."""
ASKED, REVOKED, WHOLE = 0.6, 0.35, 0.15


@dataclass
class Pair:
    """A role and a table, and what its people have in force."""

    role: Principal
    table: Table
    names: list[str]
    grants: list[Grant] = field(default_factory=list)


@dataclass(frozen=True)
class Ask:
    """What a pair's people ask for at a step."""

    pair: Pair
    want: Want


class Lives:
    """`step` has every pair that lives do what its lot says; `end` takes back what is left."""

    def __init__(self, stage: Inside, seed: int, most: int) -> None:
        self._picks = random.Random(f"histories-{seed}")
        pairs = _pairs_of(read_open_to_all(stage))
        chosen = self._picks.sample(pairs, min(most, len(pairs)))
        self.pairs = [Pair(role, table, _names(table)) for role, table in chosen]
        self.living = self.pairs
        self._people = People()
        self._asks = 0
        self.acts: Counter[str] = Counter()

    def step(self) -> None:
        """Tables that are asked for at once, for as long and for the same role, make one request."""
        asks: dict[tuple[int, float], list[Ask]] = defaultdict(list)
        ended, now = [], clock.now()
        for pair in self.living:
            pair.grants = [one for one in pair.grants if one.ends_at > now]
            lot = self._picks.random()
            if not pair.grants or lot < ASKED:
                want, days = self._wanted(pair), self._picks.choice(ENDS)
                asks[pair.role.pk, days].append(Ask(pair, want))
            elif lot < ASKED + REVOKED:
                ended.append(pair.grants.pop(self._picks.randrange(len(pair.grants))))
        self._take_back(ended)
        for (_role, days), some in asks.items():
            self._ask(some, timedelta(days=days))

    def end(self) -> None:
        now = clock.now()
        self._take_back([one for pair in self.living for one in pair.grants if one.ends_at > now])
        for pair in self.living:
            pair.grants = []

    def _wanted(self, pair: Pair) -> Want:
        """Overlaps with what is in force, goes beyond it, or makes it last longer."""
        columns = self._picks.sample(pair.names, self._picks.randint(1, len(pair.names)))
        return Want(pair.table, () if self._picks.random() < WHOLE else tuple(columns))

    def _ask(self, asks: list[Ask], lasts: timedelta) -> None:
        self._asks += 1
        role, wants, key = asks[0].pair.role, [one.want for one in asks], f"histories-{self._asks}"
        items = self._people.ask(role, wants, lasts=lasts, purpose="A step of a history", key=key)
        by_table = {one.pair.table.pk: one.pair for one in asks}
        granted = self._people.agree(items)
        for grant in granted:
            by_table[grant.table_id].grants.append(grant)
        self.acts["asked for, a request each"] += bool(items)
        self.acts["granted"] += len(granted)
        self.acts["refused: held already, or nobody else decides"] += len(asks) - len(granted)

    def _take_back(self, grants: list[Grant]) -> None:
        self._people.take_back(grants, "The history says so", self._picks)
        self.acts["revoked"] += len(grants)


def _pairs_of(open_to_all: set[tuple[str, str]]) -> list[tuple[Principal, Table]]:
    """Every role of the run with every table that can be asked for, which has with it what a review shows of it."""
    roles = Principal.objects.select_related("account__team").filter(name__startswith=PREFIX, gone_at=None)
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


def _names(table: Table) -> list[str]:
    return [one.name for one in table.columns.all() if not one.is_partition_key]


class Eye:
    """`look` after each round; `settle` when nothing is due. What is wrong stands in its fields.

    `late`: for how many seconds AWS may list what was before; `holders`: whose columns it looks at.
    """

    def __init__(self, stage: Inside, late: float, holders: set[str]) -> None:
        self._stage, self._late = stage, late
        self._clients: dict[tuple[str, ...], Any] = {}
        self._holders = holders
        self._held: Counter[Holding] = Counter()
        self.looks = 0
        self.early: set[Holding] = set()
        self.lost: set[Holding] = set()
        self.extra: set[Holding] = set()
        self.stuck: set[int] = set()

    def look(self) -> None:
        """What was held and is wanted still, and is gone, was taken away too early.

        A late listing may show that a wildcard was revoked, and not yet the columns that were granted in its place by the
        same round: what seems gone is looked for once more.
        """
        agreed = self.agreed()
        before, self._held = self._held, self._read()
        wanted = merged(one for grant in agreed if grant.is_live for one in grant.holdings())
        standing = {one for one in wanted if _has(before, one)}
        if self._late and self._lacks(standing):
            time.sleep(self._late)
            self._held = self._read()
        self.early |= self._lacks(standing)
        self.looks += 1

    def _lacks(self, holdings: set[Holding]) -> set[Holding]:
        return {one for one in holdings if not _has(self._held, one)}

    def settle(self) -> None:
        agreed = self.agreed()
        self._held = self._read()
        difference = observed.compare(agreed, self._held)
        self.lost |= difference.lost
        self.extra |= difference.extra
        self.stuck |= {grant.intent for grant in approved.stuck(agreed)}

    def agreed(self) -> list[approved.Agreed]:
        return approved.read_in(self._session)

    def close(self) -> None:
        self._session.close()

    @cached_property
    def _session(self) -> "psycopg.Connection[Any]":
        return approved.session_at(self._stage.superuser_url)

    def _read(self) -> Counter[Holding]:
        return observed.read_held(self._client, CATALOGS, self._holders)

    def _client(self, *place: str) -> Any:
        if place not in self._clients:
            self._clients[place] = self._stage.cloud.root("lakeformation", *place)
        return self._clients[place]


def _has(held: Counter[Holding], one: Holding) -> bool:
    return bool(held[one] or (one[4] and held[(*one[:5], "*")]))


def histories(asked: Asked, say: Callable[[str], None]) -> Report:
    """Columns come and go exactly as the grants on their pair do, in every order."""
    started = time.monotonic()
    report = Report("histories", asked.seed)
    with standing(say, make_roles, Inside, switches=asked.switches) as stage:
        assert isinstance(stage, Inside)
        lives = Lives(stage, asked.seed, asked.requests)
        eye = Eye(stage, lateness(stage.switches), {pair.role.arn for pair in lives.pairs})
        with closing(eye):
            for count in generations(asked.requests, len(lives.pairs)):
                lives.living = lives.pairs[:count]
                _live(stage, lives, eye)
                report.requests += count
                say(f"{report.requests} of {asked.requests} histories, {eye.looks} rounds")
    report.early, report.lost, report.extra = len(eye.early), len(eye.lost), len(eye.extra)
    report.stuck, report.statuses = len(eye.stuck), eye.looks
    report.revoked, report.errors = lives.acts["revoked"], dict(lives.acts)
    for word in ("early", "lost", "extra"):
        for holding in sorted(getattr(eye, word))[:20]:
            say(f"{word}: {' '.join(holding)}")
    report.seconds = round(time.monotonic() - started, 1)
    return report


def generations(wanted: int, at_once: int) -> list[int]:
    """How many histories live at the same time, one lot after the other: as equal as may be, together all of them."""
    many = -(-wanted // at_once)
    ends = [wanted * number // many for number in range(many + 1)]
    return [end - start for start, end in pairwise(ends)]


def _live(stage: Inside, lives: Lives, eye: Eye) -> None:
    """One history on every pair that lives, from nothing to nothing."""
    for _ in range(STEPS):
        lives.step()
        _serve(stage, eye)
        stage.advance(int(STEP.total_seconds()))
        _serve(stage, eye)
    lives.end()
    _serve(stage, eye)


def _serve(stage: Inside, eye: Eye) -> None:
    """However long a scope backs off: what it has not done yet is not lost."""

    def worked_off() -> list[approved.Agreed]:
        stage.work_off(eye.look)
        return eye.agreed()

    rest(worked_off, 0.0)
    eye.settle()
