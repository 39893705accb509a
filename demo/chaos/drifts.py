"""The part *drift*: somebody changes AWS behind the portal, in every way that there is, and the engine must notice.

Every change must be found; what is ours is mended where that is the engine's to do, what is foreign stays, and once
all is said and done another look writes nothing. What stands in AWS and in the database is read without the engine.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlsplit

import psycopg

from audit import clock
from catalog.models import Table
from demo.chaos import approvals, truth
from demo.chaos.asks import PREFIX, make_roles, read_open_to_all
from demo.chaos.behind import KINDS, STRANGER, Behind, Holder, Kind, Undo
from demo.chaos.holding import Holding
from demo.chaos.inside import Inside
from demo.chaos.run import Asked, Report
from demo.chaos.stage import CATALOGS, EXECUTOR, Stage, standing
from demo.chaos.watch import READS
from demo.people import agree, ask, take_back
from demo.supervisor_parts import GOVERNANCE
from fulfilment.actions import wake
from identity.models import Principal
from requests_app.actions import ItemAsk
from requests_app.errors import RefusedError
from requests_app.models import Grant

CHANGES, CHANGES_QUICK, MANY = 10_000, 45, 100
LASTS = timedelta(days=30)
HYBRID = ("insurance_gold", "claims")
"""A table whose location is in hybrid access mode."""
LEAST_COLUMNS = 3
APART_SECONDS = 2
"""Between a table's making and its making anew: its identity is a time in seconds."""
FOUND = """
SELECT (SELECT count(*) FROM fulfilment_finding
         WHERE kind = %(kind)s AND last_seen_at >= %(since)s AND (intents @> to_jsonb(%(intent)s::bigint)
            OR ("table" = %(table)s AND database = %(database)s) OR kind = 'version_lowered')),
       (SELECT count(*) FROM audit_event WHERE at >= %(since)s AND subject = %(subject)s
           AND verb IN ('found_drift', 'proved_stale'))
"""


def prepare(stage: Stage) -> None:
    """Roles of the run's own, and one location in hybrid access mode."""
    make_roles(stage)
    glue, lake = (stage.cloud.root(service, GOVERNANCE) for service in ("glue", "lakeformation"))
    table = glue.get_table(DatabaseName=HYBRID[0], Name=HYBRID[1])["Table"]
    uri = urlsplit(table["StorageDescriptor"]["Location"])
    lake.register_resource(
        ResourceArn=f"arn:aws:s3:::{uri.netloc}{uri.path.rstrip('/')}",
        RoleArn=f"arn:aws:iam::{GOVERNANCE}:role/lakeformation-data-access",
        HybridAccessEnabled=True,
    )


class Deck:
    """Kinds in an order by lot, each as often as any other; `deal` gives some that go together.

    What reaches all of an account is alone there; what reaches everybody is alone.
    """

    def __init__(self, seed: int) -> None:
        self._lots = random.Random(f"drift-{seed}")
        self._cards: list[Kind] = []

    def deal(self, rooms: int, seats: int) -> list[list[Kind]]:
        """For each of so many accounts the kinds there, at most so many."""
        first = self._draw()
        if first.reach == "all":
            return [[first]]
        self._cards.append(first)
        dealt = [self._for_one_account(seats) for _ in range(rooms)]
        hybrids = 0
        for some in dealt:
            for kind in [one for one in some if one.on == "hybrid"]:
                hybrids += 1
                if hybrids > 1:
                    some.remove(kind)
        return dealt

    def _draw(self) -> Kind:
        if not self._cards:
            self._cards = list(KINDS)
            self._lots.shuffle(self._cards)
        return self._cards.pop()

    def _for_one_account(self, seats: int) -> list[Kind]:
        found: list[Kind] = []
        while len(found) < seats:
            kind = self._draw()
            if kind.reach == "account" and not found:
                return [kind]
            if kind.reach != "one":
                self._cards.insert(len(self._cards) if kind.reach == "account" else 0, kind)
                break
            found.append(kind)
        return found


class Course:
    """`play` deals one hand of changes and looks at what becomes of them; what is wrong is counted in `report`."""

    def __init__(self, stage: Inside, report: Report, say: Callable[[str], None]) -> None:
        self._stage, self._report, self._say = stage, report, say
        self._lots = random.Random(f"drift-holders-{report.seed}")
        self._behind, self._deck = Behind(stage), Deck(report.seed)
        self._open = read_open_to_all(stage)
        self._asks = 0
        self.made: Counter[str] = Counter()

    def play(self, most: int) -> int:
        """Returns how many changes were made, `most` at the most."""
        hand = self._hold(most)
        self._settle("before the change", {holder.grant.intent_id for _, holder in hand})
        self._stage.advance(APART_SECONDS)
        since = self._clock()
        undo = [kind.do(self._behind, holder) for kind, holder in hand]
        self._look()
        self._judge(hand, since)
        self._look_again()
        self._end(hand, undo)
        self.made.update(kind.name for kind, _ in hand)
        return len(hand)

    def _hold(self, most: int) -> list[tuple[Kind, Holder]]:
        """Grants in force for the changes of one hand, each on a table of its own."""
        roles = list(Principal.objects.filter(name__startswith=PREFIX, gone_at=None).order_by("arn"))
        accounts = sorted({role.account_id for role in roles})
        tables = self._tables()
        hand: list[tuple[Kind, Holder]] = []
        for account, kinds in zip(accounts, self._deck.deal(len(accounts), 3), strict=False):
            here = [role for role in roles if role.account_id == account]
            for kind, role in zip(kinds, here, strict=False):
                if len(hand) < most and (holder := self._holder(kind, role, tables)):
                    hand.append((kind, holder))
        return hand

    def _holder(self, kind: Kind, role: Principal, tables: list[Table]) -> Holder | None:
        """Of the first table that fits, and of which somebody else than the role's people may decide."""
        while (table := self._table_for(kind, tables)) is not None:
            with suppress(RefusedError):
                return self._granted(kind, role, table)
        return None

    def _tables(self) -> list[Table]:
        found = Table.objects.select_related("database__catalog__account").filter(
            tombstoned_at=None, database__domain__isnull=False
        )
        usable = [one for one in found.order_by("pk") if (one.database.name, one.name) not in self._open]
        self._lots.shuffle(usable)
        return [one for one in usable if len(_names(one)) >= LEAST_COLUMNS]

    def _table_for(self, kind: Kind, tables: list[Table]) -> Table | None:
        for table in tables:
            is_hybrid = (table.database.name, table.name) == HYBRID
            if is_hybrid == (kind.on == "hybrid"):
                tables.remove(table)
                return table
        return None

    def _granted(self, kind: Kind, role: Principal, table: Table) -> Holder:
        self._asks += 1
        names = _names(table)
        columns = names[:2]
        rule = f'"{columns[0]}" IS NOT NULL' if kind.on == "rows" else ""
        wanted, key = ItemAsk(table.pk, tuple(columns), False, None, rule), f"drift-{self._asks}"
        grant = agree(ask(role, wanted, lasts=LASTS, purpose="Is changed behind the portal", key=key))
        return Holder(role, table, grant, columns, names[2:])

    def _look(self) -> None:
        """Has every scope looked at, until nothing is due."""
        for (key,) in self._ask("SELECT key FROM fulfilment_scope"):
            wake(scope_key=str(key), reason="a part of chaos", now=clock.now())
        self._report.statuses += self._stage.work_off(lambda: None)

    def _judge(self, hand: list[tuple[Kind, Holder]], since: object) -> None:
        for kind, holder in hand:
            if not self._is_found(kind, holder, since):
                self._report.unfound += 1
                self._say(f"not found: {kind.name} of {holder.grant.intent.subject} on {holder.where}")
        mine = {holder.grant.intent_id for kind, holder in hand if kind.stays}
        self._settle("after the change", mine)
        held = self._held()
        for kind, holder in hand:
            if any(not held[one] for one in holder.planted):
                self._report.touched += 1
                self._say(f"touched: {kind.name} on {holder.where}")
        agreed = [one for one in approvals.read_agreed(self._stage.superuser_url) if one.intent in mine]
        lost = truth.compare(agreed, held).lost
        self._report.lost += len(lost)
        for one in lost:
            self._say(f"lost: {' '.join(one)}")

    def _is_found(self, kind: Kind, holder: Holder, since: object) -> bool:
        intent = holder.grant.intent
        about = {
            "kind": kind.finding, "since": since, "intent": intent.pk, "subject": intent.subject,
            "table": holder.table.name, "database": holder.table.database.name,
        }  # fmt: skip
        findings, events = self._ask(FOUND, about)[0]
        return bool(findings or events)

    def _look_again(self) -> None:
        """Once more: whatever is still wrong now is not the engine's to mend."""
        calls = self._stage.cloud.control("calls?since=0")
        last = max((call["number"] for call in calls), default=0)
        self._look()
        for call in self._stage.cloud.control(f"calls?since={last}"):
            if EXECUTOR in call["principal"] and not call["operation"].startswith(READS):
                self._report.restless += 1
                self._say(f"written again: {call['operation']}")

    def _end(self, hand: list[tuple[Kind, Holder]], undo: list[Undo | None]) -> None:
        for back in undo:
            if back is not None:
                back()
        for _, holder in hand:
            if Grant.objects.filter(pk=holder.grant.pk, ended_at=None).exists():
                take_back(holder.grant, "Over")
        self._look()
        left = [one for one, count in self._held().items() if count]
        self._report.extra += len(left)
        for one in left:
            self._say(f"extra: {' '.join(one)}")
        if any(kind.finding.endswith("recreated") for kind, _ in hand):
            self._stage.run_command("sync")

    def _settle(self, when: str, intents: Iterable[int]) -> None:
        self._stage.work_off(lambda: None)
        mine = set(intents)
        for grant in approvals.stuck(approvals.read_agreed(self._stage.superuser_url)):
            if grant.intent in mine:
                self._report.stuck += 1
                self._say(f"stuck {when}: intent {grant.intent} is {grant.presence}: {grant.failure}")

    def _held(self) -> Counter[Holding]:
        clients = {place: self._stage.cloud.root("lakeformation", *place) for place in CATALOGS}
        roles = Principal.objects.filter(name__startswith=PREFIX).values_list("arn", flat=True)
        return truth.read_held(lambda *place: clients[place], CATALOGS, {*roles, STRANGER})

    def _clock(self) -> object:
        return self._ask("SELECT meshmarket_now()")[0][0]

    def _ask(self, sql: str, about: dict[str, object] | None = None) -> list[tuple[object, ...]]:
        with psycopg.connect(self._stage.superuser_url) as session:
            return session.execute(sql, about).fetchall()


def _names(table: Table) -> list[str]:
    return list(
        table.columns.filter(is_partition_key=False).order_by("position").values_list("name", flat=True)
    )


def drift(asked: Asked, say: Callable[[str], None]) -> Report:
    """Every class of changes, again and again, in an order by lot."""
    started = time.monotonic()
    wanted = CHANGES_QUICK if asked.requests < MANY else CHANGES
    report = Report("drift", asked.seed)
    with standing(say, prepare, Inside, switches=asked.switches) as stage:
        assert isinstance(stage, Inside)
        stage.work_off(lambda: None)
        course = Course(stage, report, say)
        while report.requests < wanted:
            report.requests += course.play(wanted - report.requests)
            say(f"{report.requests} of {wanted} changes, {report.statuses} rounds")
    report.errors = dict(course.made)
    report.seconds = round(time.monotonic() - started, 1)
    return report
