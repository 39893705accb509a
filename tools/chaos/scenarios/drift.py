"""The part *drift*: somebody changes AWS behind the portal, in every way that there is, and the engine must notice.

Many changes are made at once, for holders of standing grants. Every change must be found; what is ours is mended where
that is the engine's to do, what is foreign stays, and once all is said and done another look writes nothing. What stands
in AWS and in the database is read without the engine.
"""

import json
import time
from collections import Counter
from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg

from demo.bank.accounts import EXECUTOR_ROLE, GOVERNANCE, REGION
from fulfilment.intents.actions import wake_scope
from identity.accounts import Principal
from kernel import clock
from lakeformation.drift import DifferenceKind
from tools.chaos.actors.grant_holders import GrantHolders
from tools.chaos.actors.outside_changes import (
    CATALOG_CHANGE,
    CHANGE_KINDS,
    HYBRID_TABLE,
    STRANGER,
    BatchPlanner,
    GrantHolder,
    OutsideActor,
    PlannedChange,
    create_stranger,
)
from tools.chaos.actors.requests import ROLE_PREFIX, create_roles
from tools.chaos.compare import approved_access, observed_access
from tools.chaos.compare.approved_access import AccessLine
from tools.chaos.compare.convergence import wait_until_proven
from tools.chaos.compare.watcher import READ_PREFIXES
from tools.chaos.report import PartReport, RunOptions
from tools.environment.aws_switches import get_listing_delay
from tools.environment.in_process_environment import InProcessEnvironment
from tools.environment.worker_environment import CATALOGS, WorkerEnvironment, worker_environment

SCAN_FROM_CHANGES, SCANNED_PERMISSIONS = 1000, 10_000
"""From so many changes on, so many permissions are looked over at the end."""
HOLDERS_PER_CHANGE, MAX_HOLDERS = 1.5, 400
"""Holders for each change that is asked for, up to so many."""
MAX_BATCHES = 10
"""For so few changes as a quick run has."""
BATCH_INTERVAL = 120
"""Between two batches: `last_seen_at` is kept by the minute, and a table's identity is a time in seconds."""
FIND_FINDINGS = """
SELECT EXISTS (SELECT FROM fulfilment_driftfinding f
                WHERE f.kind = looked.kind AND f.last_seen_at >= %(since)s
                  AND (f.intents @> to_jsonb(looked.intent) OR f.kind = %(for_all)s
                    OR f.intents = '[]' AND f."table" = looked.name AND f.database = looked.database))
  FROM unnest(%(kinds)s::text[], %(intents)s::bigint[], %(names)s::text[], %(databases)s::text[])
       WITH ORDINALITY AS looked (kind, intent, name, database, number)
 ORDER BY looked.number
"""
STRANGER_PREFIX = "somebody-of-many"
NEW_ROLE_SECONDS = 120
"""After which AWS knows a new role."""
COUNT_FINDINGS = """
SELECT count(*) FROM fulfilment_driftfinding WHERE kind = %s AND gone_at IS NULL AND principal_arn LIKE %s
"""


def prepare_mesh(stage: WorkerEnvironment) -> None:
    """Roles of the run's own, the stranger's among them, and one location in hybrid access mode: all made before the
    first change, as AWS does not know a new role at once.
    """
    create_roles(stage)
    create_stranger(stage)
    glue, lake = (stage.cloud.root(service, GOVERNANCE) for service in ("glue", "lakeformation"))
    table = glue.get_table(DatabaseName=HYBRID_TABLE[0], Name=HYBRID_TABLE[1])["Table"]
    uri = urlsplit(table["StorageDescriptor"]["Location"])
    lake.register_resource(
        ResourceArn=f"arn:aws:s3:::{uri.netloc}{uri.path.rstrip('/')}",
        RoleArn=f"arn:aws:iam::{GOVERNANCE}:role/lakeformation-data-access",
        HybridAccessEnabled=True,
    )


class DriftRun:
    """`run_batch` makes a batch of changes and checks what becomes of them; faults count in `report`."""

    def __init__(
        self, stage: InProcessEnvironment, stock: GrantHolders, report: PartReport, say: Callable[[str], None]
    ) -> None:
        self._stage, self._stock, self._report, self._say = stage, stock, report, say
        self._behind, self._deck = OutsideActor(stage), BatchPlanner(report.seed)
        self._last_call = 0
        self._hands = 0
        self.changes_made: Counter[str] = Counter()

    def get_batch_limit(self, wanted: int) -> int:
        """How many changes the next batch may have; once as many as asked for are made, one for the
        classes that found no place. 0: it is enough.
        """
        if (made := self.changes_made.total()) < wanted:
            return wanted - made
        lacks = len(CHANGE_KINDS) <= wanted and len(self.changes_made) < len(CHANGE_KINDS)
        return len(CHANGE_KINDS) if lacks and self._hands < MAX_BATCHES else 0

    def run_batch(self, most: int) -> int:
        """Returns how many changes were made, `most` at the most."""
        self._hands += 1
        self._stage.advance(BATCH_INTERVAL)
        since = self._query("SELECT meshmarket_now()")[0][0]
        hand = self._deck.plan_batch(self._stock.holders, most)
        undo = [kind.apply(self._behind, holder) for kind, holder in hand]
        # A reading before AWS shows the last change finds it the next time alone.
        time.sleep(get_listing_delay(self._stage.switches))
        self._run_all_scopes()
        self._check_shown_usable("after the change")
        self._check_findings(hand, since)
        self._check_no_rewrites()
        for back in undo:
            if back is not None:
                back()
        for _, holder in hand:
            holder.outside_permissions.clear()
        self._renew_grants(hand)
        self.changes_made.update(kind.name for kind, _ in hand)
        return len(hand)

    def check_all(self) -> None:
        """All that is held must be what was agreed to, and proven."""
        self._run_all_scopes()
        self._check_access("afterwards", [])
        self._check_shown_usable("afterwards")

    def _check_shown_usable(self, when: str) -> None:
        """Every scope was read since the last change: what is shown as usable, the oracle must allow."""
        every = approved_access.read_approved(self._stage.superuser_url)
        for grant in approved_access.list_shown_usable(every):
            if approved_access.is_denied(self._stage, grant):
                self._report.denied += 1
                self._say(
                    f"denied {when}: intent {grant.intent} of {grant.holder} on {grant.database}.{grant.table}"
                )

    def _run_all_scopes(self, after_each: Callable[[], None] = lambda: None) -> None:
        """Has every scope looked at, until nothing is due."""
        for (key,) in self._query("SELECT key FROM fulfilment_scope"):
            wake_scope(scope_key=str(key), reason="a part of chaos", now=clock.now())
        self._report.statuses += self._stage.run_due_rounds(after_each)

    def _check_findings(self, hand: list[PlannedChange], since: object) -> None:
        for (kind, holder), is_found in zip(hand, self._find_changes(hand, since), strict=True):
            if not is_found:
                self._report.unfound += 1
                self._say(
                    f"not found: {kind.name} of {holder.grant.intent.subject} on {holder.table_reference}"
                )
        held = self._check_access("after the change", hand)
        for kind, holder in hand:
            if any(not held[outside_permission] for outside_permission in holder.outside_permissions):
                self._report.touched += 1
                self._say(f"touched: {kind.name} on {holder.table_reference}")

    def _find_changes(self, hand: list[PlannedChange], since: object) -> list[bool]:
        """Whether each change is told of under its own class, for its grant or its table."""
        about: dict[str, object] = {
            "since": since,
            "for_all": CATALOG_CHANGE.finding,
            "kinds": [kind.finding for kind, _ in hand],
            "intents": [holder.grant.intent_id for _, holder in hand],
            "names": [holder.table.name for _, holder in hand],
            "databases": [holder.table.database.name for _, holder in hand],
        }
        return [bool(found) for (found,) in self._query(FIND_FINDINGS, about)]

    def _check_access(self, when: str, hand: list[PlannedChange]) -> Counter[AccessLine]:
        """What is held; counts what is lost, extra, or not proven of all that the batch has not broken."""
        ruined = {holder.grant.intent_id for holder in self._list_affected(hand, for_good=False)}
        wait_until_proven(lambda: self._list_unaffected(ruined), 0.0)
        sound, held = self._list_unaffected(ruined), self._read_lines()
        planted = {
            outside_permission for _, holder in hand for outside_permission in holder.outside_permissions
        }
        extra = (
            observed_access.compare_access(
                approved_access.read_approved(self._stage.superuser_url), held
            ).extra
            - planted
        )
        stuck, lost = approved_access.list_unproven(sound), observed_access.compare_access(sound, held).lost
        self._report.stuck += len(stuck)
        self._report.lost += len(lost)
        self._report.extra += len(extra)
        for grant in stuck:
            self._say(f"stuck {when}: intent {grant.intent} is {grant.presence}: {grant.failure}")
        for word, some in (("lost", lost), ("extra", extra)):
            for one in sorted(some):
                self._say(f"{word} {when}: {' '.join(one)}")
        return held

    def _list_unaffected(self, ruined: set[int]) -> list[approved_access.ApprovedAccess]:
        """What was agreed to, but for what is ruined; once no round is due."""
        self._stage.run_due_rounds(lambda: None)
        every = approved_access.read_approved(self._stage.superuser_url)
        return [one for one in every if one.intent not in ruined]

    def _list_affected(self, hand: list[PlannedChange], *, for_good: bool) -> list[GrantHolder]:
        """Whose access is gone by a change for somebody else, or for themselves."""
        ruins = [
            (kind.broken_resource, one.resources.get(kind.broken_resource))
            for kind, one in hand
            if kind.ends_grant or not for_good
        ]
        if ("all", None) in ruins:
            return self._stock.holders
        return [
            holder
            for holder in self._stock.holders
            if any((word, holder.resources.get(word)) in ruins for word in holder.resources)
        ]

    def _check_no_rewrites(self) -> None:
        """Once more: whatever is still wrong now is not the engine's to mend."""
        self._read_writes()
        # After each round: the pretend AWS keeps only so many calls.
        written: list[str] = []
        self._run_all_scopes(lambda: written.extend(self._read_writes()))
        for operation in written:
            self._report.restless += 1
            self._say(f"written again: {operation}")

    def _read_writes(self) -> list[str]:
        """What the workers have called since the last time."""
        calls = self._stage.cloud.control(f"calls?since={self._last_call}")
        self._last_call = max((call["number"] for call in calls), default=self._last_call)
        return [
            call["operation"]
            for call in calls
            if EXECUTOR_ROLE in call["principal"] and not call["operation"].startswith(READ_PREFIXES)
        ]

    def _renew_grants(self, hand: list[PlannedChange]) -> None:
        """What was lost for good is given up, proven gone, and granted anew."""
        lost = self._list_affected(hand, for_good=True)
        self._stock.end_grants(lost)
        self._run_all_scopes()
        if lost:
            self._stage.run_command("sync")
            self._stock.fill()
            self._stage.run_due_rounds(lambda: None)
        self._check_access("afterwards", [])

    def _read_lines(self) -> Counter[AccessLine]:
        roles = Principal.objects.filter(name__startswith=ROLE_PREFIX).values_list("arn", flat=True)
        return observed_access.read_lines(
            lambda *place: self._behind.get_client("lakeformation", *place), CATALOGS, {*roles, STRANGER}
        )

    def _query(self, sql: str, about: dict[str, object] | None = None) -> list[tuple[object, ...]]:
        with psycopg.connect(self._stage.superuser_url) as session:
            return session.execute(sql, about).fetchall()


def run_drift(asked: RunOptions, say: Callable[[str], None]) -> PartReport:
    """Every class of changes, again and again, in an order by lot."""
    started = time.monotonic()
    report = PartReport("drift", asked.seed)
    with worker_environment(say, prepare_mesh, InProcessEnvironment, switches=asked.switches) as stage:
        assert isinstance(stage, InProcessEnvironment)
        stock = GrantHolders(stage, asked.seed, min(MAX_HOLDERS, int(HOLDERS_PER_CHANGE * asked.requests)))
        say(f"{len(stock.holders)} grants stand")
        course = DriftRun(stage, stock, report, say)
        course.check_all()
        while most := course.get_batch_limit(asked.requests):
            report.requests += course.run_batch(most)
            say(f"{report.requests} of {asked.requests} changes, {report.statuses} rounds")
        if asked.requests >= SCAN_FROM_CHANGES:
            say(f"Granting {SCANNED_PERMISSIONS} permissions behind the portal")
            grant_to_strangers(stage, stock.holders, SCANNED_PERMISSIONS)
            report.scan_seconds, told = measure_scan(stage)
            report.unfound += SCANNED_PERMISSIONS - told
    report.errors = dict(course.changes_made)
    report.seconds = round(time.monotonic() - started, 1)
    return report


def grant_to_strangers(stage: InProcessEnvironment, holders: list[GrantHolder], count: int) -> None:
    """So many permissions of nobody's concern but their holders', each a role's on a table of which we granted some."""
    tables = sorted(
        {holder.table_name for holder in holders if holder.catalog_location == (GOVERNANCE, REGION)}
    )
    iam = stage.cloud.root("iam", GOVERNANCE)
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    for role in range(-(-count // len(tables))):
        iam.create_role(RoleName=f"{STRANGER_PREFIX}-{role}", AssumeRolePolicyDocument=trust)
    stage.advance(NEW_ROLE_SECONDS)
    for number in range(count):
        role, at = divmod(number, len(tables))
        database, name = tables[at]
        who = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{GOVERNANCE}:role/{STRANGER_PREFIX}-{role}"}
        asked = {
            "do": "grant", "account": GOVERNANCE, "region": REGION, "Principal": who, "Permissions": ["SELECT"],
            "Resource": {"Table": {"DatabaseName": database, "Name": name}},
        }  # fmt: skip
        stage.cloud.control("change", asked)


def measure_scan(stage: InProcessEnvironment) -> tuple[float, int]:
    """Seconds until every scope was looked at, and how many of the permissions are told of."""
    with psycopg.connect(stage.superuser_url) as session:
        keys = [str(key) for (key,) in session.execute("SELECT key FROM fulfilment_scope").fetchall()]
    for key in keys:
        wake_scope(scope_key=key, reason="a part of chaos", now=clock.now())
    began = time.monotonic()
    stage.run_due_rounds(lambda: None)
    taken = time.monotonic() - began
    with psycopg.connect(stage.superuser_url) as session:
        row = session.execute(
            COUNT_FINDINGS, [DifferenceKind.SURPLUS_FOREIGN, f"%/{STRANGER_PREFIX}-%"]
        ).fetchone()
    assert row is not None
    return taken, int(row[0])
