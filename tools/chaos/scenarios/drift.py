"""The part *drift*: somebody changes AWS behind the portal, in every way that there is, and the engine must notice.

Many changes are made at once, for holders of standing grants. Every change must be found; what is ours is mended where
that is the engine's to do, what is foreign stays, and once all is said and done another look writes nothing. What stands
in AWS and in the database is read without the engine.
"""

import time
from collections import Counter
from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg

from audit import clock
from demo.bank.accounts import EXECUTOR_ROLE, GOVERNANCE
from fulfilment.intents.actions import wake
from identity.accounts.models import Principal
from tools.chaos.actors.outside_change_batches import Card, Deck
from tools.chaos.actors.outside_changes import HYBRID, KINDS, STRANGER, Behind, Holder
from tools.chaos.actors.requests import PREFIX, make_roles
from tools.chaos.actors.standing_grants import Stock
from tools.chaos.compare import approved, observed
from tools.chaos.compare.access_line import Holding
from tools.chaos.compare.convergence import rest
from tools.chaos.compare.watcher import READS
from tools.chaos.report import Asked, Report
from tools.chaos.scenarios.scan_time import crowd_in, scan
from tools.environment.aws_switches import lateness
from tools.environment.in_process_environment import Inside
from tools.environment.worker_environment import CATALOGS, Stage, standing

MANY, SCANNED = 1000, 10_000
"""From so many changes on, so many permissions are looked over at the end."""
HOLDERS_FOR_ONE, MOST_HOLDERS = 1.5, 400
"""Holders for each change that is asked for, up to so many."""
MOST_HANDS = 10
"""For so few changes as a quick run has."""
APART_SECONDS = 120
"""Between two hands: `last_seen_at` is kept by the minute, and a table's identity is a time in seconds."""
FOUND = """
SELECT EXISTS (SELECT FROM fulfilment_finding f
                WHERE f.kind = looked.kind AND f.last_seen_at >= %(since)s
                  AND (f.intents @> to_jsonb(looked.intent) OR f.kind = 'version_lowered'
                    OR f.intents = '[]' AND f."table" = looked.name AND f.database = looked.database))
  FROM unnest(%(kinds)s::text[], %(intents)s::bigint[], %(names)s::text[], %(databases)s::text[])
       WITH ORDINALITY AS looked (kind, intent, name, database, number)
 ORDER BY looked.number
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


class Course:
    """`play` deals one hand of changes and looks at what becomes of them; what is wrong is counted in `report`."""

    def __init__(self, stage: Inside, stock: Stock, report: Report, say: Callable[[str], None]) -> None:
        self._stage, self._stock, self._report, self._say = stage, stock, report, say
        self._behind, self._deck = Behind(stage), Deck(report.seed)
        self._last_call = 0
        self._hands = 0
        self.made: Counter[str] = Counter()

    def most_to_come(self, wanted: int) -> int:
        """How many changes the next hand may have; once so many are made as were asked for, it is one for the sake of the
        classes that found no place. 0: it is enough.
        """
        if (made := self.made.total()) < wanted:
            return wanted - made
        lacks = len(KINDS) <= wanted and len(self.made) < len(KINDS)
        return len(KINDS) if lacks and self._hands < MOST_HANDS else 0

    def play(self, most: int) -> int:
        """Returns how many changes were made, `most` at the most."""
        self._hands += 1
        self._stage.advance(APART_SECONDS)
        since = self._ask("SELECT meshmarket_now()")[0][0]
        hand = self._deck.deal(self._stock.holders, most)
        undo = [kind.do(self._behind, holder) for kind, holder in hand]
        # A reading before AWS shows the last change finds it the next time alone.
        time.sleep(lateness(self._stage.switches))
        self._look()
        self._judge(hand, since)
        self._look_again()
        for back in undo:
            if back is not None:
                back()
        for _, holder in hand:
            holder.planted.clear()
        self._renew(hand)
        self.made.update(kind.name for kind, _ in hand)
        return len(hand)

    def look(self) -> None:
        """All that is held must be what was agreed to, and proven."""
        self._look()
        self._compare("afterwards", [])

    def _look(self, after_each: Callable[[], None] = lambda: None) -> None:
        """Has every scope looked at, until nothing is due."""
        for (key,) in self._ask("SELECT key FROM fulfilment_scope"):
            wake(scope_key=str(key), reason="a part of chaos", now=clock.now())
        self._report.statuses += self._stage.work_off(after_each)

    def _judge(self, hand: list[Card], since: object) -> None:
        for (kind, holder), is_found in zip(hand, self._are_found(hand, since), strict=True):
            if not is_found:
                self._report.unfound += 1
                self._say(f"not found: {kind.name} of {holder.grant.intent.subject} on {holder.where}")
        held = self._compare("after the change", hand)
        for kind, holder in hand:
            if any(not held[one] for one in holder.planted):
                self._report.touched += 1
                self._say(f"touched: {kind.name} on {holder.where}")

    def _are_found(self, hand: list[Card], since: object) -> list[bool]:
        """Whether each change is told of under its own class, for its grant or its table."""
        about: dict[str, object] = {
            "since": since,
            "kinds": [kind.finding for kind, _ in hand],
            "intents": [holder.grant.intent_id for _, holder in hand],
            "names": [holder.table.name for _, holder in hand],
            "databases": [holder.table.database.name for _, holder in hand],
        }
        return [bool(found) for (found,) in self._ask(FOUND, about)]

    def _compare(self, when: str, hand: list[Card]) -> Counter[Holding]:
        """What is held; counts what is lost, extra, or not proven of all whom the hand has not ruined."""
        ruined = {holder.grant.intent_id for holder in self._lost(hand, for_good=False)}
        rest(lambda: self._sound(ruined), 0.0)
        sound, held = self._sound(ruined), self._held()
        planted = {one for _, holder in hand for one in holder.planted}
        extra = observed.compare(approved.read_agreed(self._stage.superuser_url), held).extra - planted
        stuck, lost = approved.stuck(sound), observed.compare(sound, held).lost
        self._report.stuck += len(stuck)
        self._report.lost += len(lost)
        self._report.extra += len(extra)
        for grant in stuck:
            self._say(f"stuck {when}: intent {grant.intent} is {grant.presence}: {grant.failure}")
        for word, some in (("lost", lost), ("extra", extra)):
            for one in sorted(some):
                self._say(f"{word} {when}: {' '.join(one)}")
        return held

    def _sound(self, ruined: set[int]) -> list[approved.Agreed]:
        """What was agreed to, but for what is ruined; once no round is due."""
        self._stage.work_off(lambda: None)
        every = approved.read_agreed(self._stage.superuser_url)
        return [one for one in every if one.intent not in ruined]

    def _lost(self, hand: list[Card], *, for_good: bool) -> list[Holder]:
        """Whose access is gone by a change for somebody else, or for themselves."""
        ruins = [(kind.ruins, one.keys.get(kind.ruins)) for kind, one in hand if kind.ends or not for_good]
        if ("all", None) in ruins:
            return self._stock.holders
        return [
            one
            for one in self._stock.holders
            if any((word, one.keys.get(word)) in ruins for word in one.keys)
        ]

    def _look_again(self) -> None:
        """Once more: whatever is still wrong now is not the engine's to mend."""
        self._writes()
        # After each round: the pretend AWS keeps only so many calls.
        written: list[str] = []
        self._look(lambda: written.extend(self._writes()))
        for operation in written:
            self._report.restless += 1
            self._say(f"written again: {operation}")

    def _writes(self) -> list[str]:
        """What the workers have called since the last time."""
        calls = self._stage.cloud.control(f"calls?since={self._last_call}")
        self._last_call = max((call["number"] for call in calls), default=self._last_call)
        return [
            call["operation"]
            for call in calls
            if EXECUTOR_ROLE in call["principal"] and not call["operation"].startswith(READS)
        ]

    def _renew(self, hand: list[Card]) -> None:
        """What was lost for good is given up, proven gone, and granted anew."""
        lost = self._lost(hand, for_good=True)
        self._stock.give_up(lost)
        self._look()
        if lost:
            self._stage.run_command("sync")
            self._stock.fill()
            self._stage.work_off(lambda: None)
        self._compare("afterwards", [])

    def _held(self) -> Counter[Holding]:
        roles = Principal.objects.filter(name__startswith=PREFIX).values_list("arn", flat=True)
        return observed.read_held(
            lambda *place: self._behind.client("lakeformation", *place), CATALOGS, {*roles, STRANGER}
        )

    def _ask(self, sql: str, about: dict[str, object] | None = None) -> list[tuple[object, ...]]:
        with psycopg.connect(self._stage.superuser_url) as session:
            return session.execute(sql, about).fetchall()


def drift(asked: Asked, say: Callable[[str], None]) -> Report:
    """Every class of changes, again and again, in an order by lot."""
    started = time.monotonic()
    report = Report("drift", asked.seed)
    with standing(say, prepare, Inside, switches=asked.switches) as stage:
        assert isinstance(stage, Inside)
        stock = Stock(stage, asked.seed, min(MOST_HOLDERS, int(HOLDERS_FOR_ONE * asked.requests)))
        say(f"{len(stock.holders)} grants stand")
        course = Course(stage, stock, report, say)
        course.look()
        while most := course.most_to_come(asked.requests):
            report.requests += course.play(most)
            say(f"{report.requests} of {asked.requests} changes, {report.statuses} rounds")
        if asked.requests >= MANY:
            say(f"Granting {SCANNED} permissions behind the portal")
            crowd_in(stage, stock.holders, SCANNED)
            report.scan_seconds, told = scan(stage)
            report.unfound += SCANNED - told
    report.errors = dict(course.made)
    report.seconds = round(time.monotonic() - started, 1)
    return report
