"""The part *histories*: on each pair of a role and a table a life of its own, asked, widened, narrowed, ended.

All pairs live at the same time, step by step, so that a round of the engine serves many. After every single round no
column may be gone that a live grant still gives; once nothing is due, each pair holds its columns and not one more.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from audit import clock
from catalog.models import Table
from demo.chaos import approvals, truth
from demo.chaos.asks import PREFIX, make_roles, read_open_to_all
from demo.chaos.holding import Holding, merged
from demo.chaos.inside import Inside
from demo.chaos.resting import rest
from demo.chaos.run import Asked, Report
from demo.chaos.stage import CATALOGS, standing
from demo.chaos.ways import lateness
from demo.people import agree, ask, take_back
from identity.models import Principal
from requests_app.actions import ItemAsk
from requests_app.errors import RefusedError
from requests_app.models import Grant

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


class Lives:
    """`step` has every pair do what its lot says; `end` takes back what is left."""

    def __init__(self, stage: Inside, seed: int, most: int) -> None:
        self._picks = random.Random(f"histories-{seed}")
        open_to_all = read_open_to_all(stage)
        roles = Principal.objects.select_related("account__team").filter(
            name__startswith=PREFIX, gone_at=None
        )
        tables = Table.objects.select_related("database").filter(database__domain__isnull=False)
        pairs = [
            (role, table)
            for role in roles.order_by("arn")
            for table in tables.order_by("pk")
            if (table.database.name, table.name) not in open_to_all
        ]
        chosen = self._picks.sample(pairs, min(most, len(pairs)))
        self.pairs = [self._pair(role, table) for role, table in chosen]
        self._asks = 0
        self.acts: Counter[str] = Counter()

    def _pair(self, role: Principal, table: Table) -> Pair:
        names = table.columns.filter(is_partition_key=False).values_list("name", flat=True)
        return Pair(role, table, list(names))

    def step(self) -> None:
        for pair in self.pairs:
            pair.grants = [one for one in pair.grants if one.ends_at > clock.now()]
            lot = self._picks.random()
            if not pair.grants or lot < ASKED:
                self._ask(pair)
            elif lot < ASKED + REVOKED:
                self._revoke(pair, self._picks.choice(pair.grants))

    def end(self) -> None:
        for pair in self.pairs:
            for grant in [one for one in pair.grants if one.ends_at > clock.now()]:
                self._revoke(pair, grant)

    def _ask(self, pair: Pair) -> None:
        """Overlaps with what is in force, goes beyond it, or makes it last longer."""
        self._asks += 1
        columns = self._picks.sample(pair.names, self._picks.randint(1, len(pair.names)))
        whole = self._picks.random() < WHOLE
        wanted = ItemAsk(pair.table.pk, () if whole else tuple(columns), whole, None)
        lasts, key = timedelta(days=self._picks.choice(ENDS)), f"histories-{self._asks}"
        try:
            grant = agree(ask(pair.role, wanted, lasts=lasts, purpose="A step of a history", key=key))
        except RefusedError:
            self.acts["refused: held already, or nobody else decides"] += 1
            return
        pair.grants.append(grant)
        self.acts["granted"] += 1

    def _revoke(self, pair: Pair, grant: Grant) -> None:
        take_back(grant, "The history says so")
        pair.grants.remove(grant)
        self.acts["revoked"] += 1


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
        agreed = self._agreed()
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
        agreed = self._agreed()
        self._held = self._read()
        difference = truth.compare(agreed, self._held)
        self.lost |= difference.lost
        self.extra |= difference.extra
        self.stuck |= {grant.intent for grant in approvals.stuck(agreed)}

    def _agreed(self) -> list[approvals.Agreed]:
        return approvals.read_open(self._stage.superuser_url)

    def _read(self) -> Counter[Holding]:
        return truth.read_held(self._client, CATALOGS, self._holders)

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
        for _ in _generations(asked.requests, len(lives.pairs)):
            _live(stage, lives, eye)
            report.requests += len(lives.pairs)
            say(f"{report.requests} of {asked.requests} histories, {eye.looks} rounds")
    report.early, report.lost, report.extra = len(eye.early), len(eye.lost), len(eye.extra)
    report.stuck, report.statuses = len(eye.stuck), eye.looks
    report.revoked, report.errors = lives.acts["revoked"], dict(lives.acts)
    for word in ("early", "lost", "extra"):
        for holding in sorted(getattr(eye, word))[:20]:
            say(f"{word}: {' '.join(holding)}")
    report.seconds = round(time.monotonic() - started, 1)
    return report


def _generations(wanted: int, at_once: int) -> Iterator[int]:
    return iter(range(-(-wanted // at_once)))


def _live(stage: Inside, lives: Lives, eye: Eye) -> None:
    """One history on every pair, from nothing to nothing."""
    for _ in range(STEPS):
        lives.step()
        _serve(stage, eye)
        stage.advance(int(STEP.total_seconds()))
        _serve(stage, eye)
    lives.end()
    _serve(stage, eye)


def _serve(stage: Inside, eye: Eye) -> None:
    """However long a scope backs off: what it has not done yet is not lost."""

    def worked_off() -> list[approvals.Agreed]:
        stage.work_off(eye.look)
        return approvals.read_open(stage.superuser_url)

    rest(worked_off, 0.0)
    eye.settle()
