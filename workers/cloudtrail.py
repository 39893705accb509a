"""CloudTrail: reads last use from log files, and wakes scopes on events.

What a file says and the position behind it are stored in one transaction, so that each file counts once.

Events may be late, duplicated or lost (AWS EventBridge user guide, "events from
AWS services": best effort). They need a trail that logs management events in the account and region of the change:
of the catalog, or of a consumer whose own event bus sends them on to the catalog's.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from background.tasks import StopSignal
from catalog.usage.models import MAX_NAME_LENGTH, Trail, TrailReading
from catalog.usage.recording import TableRead, forget_counts, store_reads
from fulfilment.health import read_wall_clock
from fulfilment.intents.actions import catalog_scope_key, share_scope_key, wake_scope
from fulfilment.role_queries import TestQuery
from fulfilment.rounds import Scope
from identity.accounts import Account, ConnectedCatalog
from kernel.advisory_locks import AdvisoryLock, try_session_lock
from kernel.storable_text import replace_unstorable
from workers.aws.calls import get_repeated_level
from workers.aws.cloudtrail import (
    LogFolder,
    UnreadableFileError,
    list_keys_of_day,
    parse_delivery_time,
    read_records,
)
from workers.aws.errors import AwsError
from workers.aws.sessions import drop_ended_sessions, get_client
from workers.stop import STOP

LAKE_FORMATION, DATA_ACCESS_EVENT = "lakeformation.amazonaws.com", "GetDataAccess"
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
ARN_PART_COUNT = 6
QUERY_ID = re.compile(r"queryId:? *\"?:? *\"?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})")
MAX_CONTEXT_LENGTH = 2048
"""The limit of an audit context (Lake Formation API reference, AuditContext)."""
TEST_QUERY_SESSION = re.compile(r"meshmarket-test-query-([0-9]{1,18})")  # see role_queries.SESSION_NAME
SESSION_NAME = "meshmarket-trail"
MAX_FILES = 200
"""Files of one trail in one pass, so that a long backlog does not delay other trails."""
DELIVERY_OVERLAP = timedelta(hours=1)
"""A file may appear in the bucket this long after the minute in its name."""
MAX_GAP = timedelta(days=1)
"""If no read call of Lake Formation is logged for this long, files are missing, and the complete period starts anew."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TableReader:
    """`unique_id` is a role's or user's own; `session` is the name that whoever assumed the role gave, empty for a user."""

    unique_id: str
    account: str
    session: str = ""


@dataclass(frozen=True)
class TableUse:
    reader: TableReader
    database: str
    table: str
    at: datetime
    query: UUID | None = None
    """Athena's id of the query that read it, if it is named."""


def read_trail(trail_id: int, stop: StopSignal = STOP) -> int:
    """Read new files of the trail; returns how many. What AWS refuses is stored in the trail's reading."""
    trail = Trail.objects.select_related("catalog__account").get(pk=trail_id)
    with try_session_lock(AdvisoryLock.TRAIL, trail.pk) as is_ours:
        if not is_ours or not trail.bucket:
            return 0
        reading = TrailReading.objects.filter(trail=trail).first() or TrailReading(trail=trail)
        if reading.place != trail.source:
            reading.place, reading.since, reading.until, reading.recent, reading.files = (
                trail.source,
                None,
                None,
                [],
                0,
            )
            reading.position = reading.counted_since = datetime.combine(trail.read_since, time.min, UTC)
            reading.trouble, reading.looked_at = "", read_wall_clock()
            with transaction.atomic():
                forget_counts(trail.catalog_id, reading.position)
                reading.save()
        try:
            return _TrailReader(trail, reading, stop).run()
        except AwsError as error:
            drop_ended_sessions(error)
            trouble = error.message or error.code
            logger.log(
                get_repeated_level(trouble, reading.trouble), "The %s cannot be read: %s", trail, error
            )
            reading.trouble, reading.looked_at = trouble, read_wall_clock()
            reading.save(update_fields=["trouble", "looked_at"])
            return 0


class _TrailReader:
    """Reads new files of one trail, in order."""

    def __init__(self, trail: Trail, reading: TrailReading, stop: StopSignal) -> None:
        self._trail, self._reading, self._stop = trail, reading, stop
        self._catalog = trail.catalog
        self._s3 = get_client(
            "s3",
            account=trail.catalog.account,
            role="observer",
            region=trail.region,
            session_name=SESSION_NAME,
        )

    def run(self) -> int:
        began, count = read_wall_clock(), 0
        for key in self._new_keys(began):
            if count == MAX_FILES or self._stop.is_set():
                return count
            self._read_file(key)
            count += 1
        self._save_position(max(self._reading.position, began), files=0)
        return count

    def _new_keys(self, until: datetime) -> Iterator[str]:
        """Keys day by day, starting a little before the position."""
        known, begin = frozenset(self._reading.recent), self._reading.position - DELIVERY_OVERLAP
        begin = max(begin, datetime.combine(self._trail.read_since, time.min, UTC))
        account, region = self._catalog.account.account_id, self._catalog.region
        where = LogFolder(self._trail.bucket, self._trail.folder, account, region)
        while begin.date() <= until.date():
            for key in list_keys_of_day(self._s3, where, begin):
                if key.rsplit("/", 1)[-1] not in known:
                    yield key
            begin = datetime.combine(begin.date() + timedelta(days=1), time.min, UTC)

    def _read_file(self, key: str) -> None:
        delivered = parse_delivery_time(key)
        assert delivered is not None
        try:
            records = read_records(self._s3, self._trail.bucket, key)
        except UnreadableFileError:
            logger.warning("The file %s of the %s is no log file", key, self._trail)
            records = []
            self._reading.since = self._reading.until = None
        told = [use for record in records if (use := _parse_use(record, self._catalog))]
        told = [use for use in told if not is_test_query(use.reader, use.at)]
        # Whether it is a read call of Lake Formation. The workers make these constantly: a trail without them
        # has a gap.
        if any(
            record.get("eventSource") == LAKE_FORMATION and record.get("readOnly") is True
            for record in records
        ):
            # Extend the complete period to this file, or start it anew after a gap.
            reading = self._reading
            if reading.until is None or delivered - reading.until > MAX_GAP:
                reading.since = delivered
            reading.until = max(filter(None, (reading.until, delivered)))
            reading.since = min(filter(None, (reading.since, reading.until)))
        self._reading.recent = [*self._reading.recent, key.rsplit("/", 1)[-1]]
        if self._reading.counted_since is None:
            # The first whole day of which nothing was read before reads were counted.
            day = self._trail.read_since
            if self._reading.files:
                day = self._reading.position.date() + timedelta(days=1)
            self._reading.counted_since = datetime.combine(day, time.min, UTC)
        with transaction.atomic():
            store_reads(self._catalog.pk, [_build_read(use) for use in told], self._reading.counted_since)
            self._save_position(max(self._reading.position, delivered), files=1)

    def _save_position(self, position: datetime, *, files: int) -> None:
        reading = self._reading
        reading.position, reading.trouble, reading.looked_at = position, "", read_wall_clock()
        reading.files += files
        reading.recent = [name for name in reading.recent if _is_recent(name, position)]
        reading.save()


def _build_read(use: TableUse) -> TableRead:
    return TableRead(
        use.reader.unique_id,
        use.reader.account,
        use.database,
        use.table,
        use.at,
        use.reader.session,
        use.query,
    )


def _is_recent(name: str, position: datetime) -> bool:
    delivered = parse_delivery_time(name)
    return delivered is not None and delivered >= position - DELIVERY_OVERLAP - timedelta(minutes=1)


def _parse_use(record: Mapping[str, Any], catalog: ConnectedCatalog) -> TableUse | None:
    """The use of a table of the catalog; None for other records, other catalogs, and where access was refused.

    The record is the owner's copy where the reader is of another account: without an ARN, with the unique id
    (Lake Formation developer guide, "Cross-account CloudTrail logging").
    """
    if record.get("eventSource") != LAKE_FORMATION or record.get("eventName") != DATA_ACCESS_EVENT:
        return None
    asked, who = record.get("requestParameters"), record.get("userIdentity")
    if record.get("errorCode") or not isinstance(asked, Mapping) or not isinstance(who, Mapping):
        return None
    named, reader, at = (
        _parse_table(str(asked.get("tableArn")), catalog),
        _parse_reader(who),
        _parse_time(record),
    )
    return TableUse(reader, *named, at, _parse_query(asked)) if named and reader and at else None


def _parse_table(arn: str, catalog: ConnectedCatalog) -> tuple[str, str] | None:
    """Database and table of `arn:aws:glue:<region>:<account>:table/[<path>/]<database>/<table>`."""
    parts = arn.split(":", ARN_PART_COUNT - 1)
    if len(parts) < ARN_PART_COUNT or parts[3:5] != [catalog.region, catalog.account.account_id]:
        return None
    kind, _, names = parts[-1].partition("/")
    path, _, last = names.rpartition("/")
    path, _, database = path.rpartition("/")
    if kind != "table" or path != catalog.path or not (database and last):
        return None
    return replace_unstorable(database, MAX_NAME_LENGTH), replace_unstorable(last, MAX_NAME_LENGTH)


def _parse_reader(who: Mapping[str, Any]) -> TableReader | None:
    unique_id, _, session = str(who.get("principalId") or "").partition(":")
    account = str(who.get("accountId") or "")
    if not (unique_id and account):
        return None
    return TableReader(
        replace_unstorable(unique_id, 64), replace_unstorable(account, 12), replace_unstorable(session, 64)
    )


def _parse_time(record: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.strptime(str(record.get("eventTime")), TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None


def _parse_query(asked: Mapping[str, Any]) -> UUID | None:
    """The id that Athena writes into the audit context: `{queryId: …}`."""
    context = asked.get("auditContext")
    text = context.get("additionalAuditContext") if isinstance(context, Mapping) else None
    found = QUERY_ID.search(str(text)[:MAX_CONTEXT_LENGTH]) if text else None
    return UUID(found[1]) if found else None


def is_test_query(reader: TableReader, at: datetime) -> bool:
    """Whether CloudTrail shows one of our own queries. A session that only bears such a name counts as the role's use:
    a query with this number must have run for this role at that time.
    """
    named = TEST_QUERY_SESSION.fullmatch(reader.session)
    query = TestQuery.objects.filter(pk=named[1]).select_related("intent").first() if named else None
    if query is None or query.intent.access.parties.principal_id != reader.unique_id:
        return False
    began = query.requested_at.replace(microsecond=0)
    return began <= at and (query.finished_at is None or at <= query.finished_at)


CLOUDTRAIL_DETAIL_TYPE = "AWS API Call via CloudTrail"
CATALOG_SOURCES = frozenset({"aws.lakeformation", "aws.glue"})
SHARE_SOURCE = "aws.ram"
_ROUND_SESSION = re.compile(r"arn:[\w-]+:sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/round-.*")
PRINCIPAL_FIELD = "datalakeprincipalidentifier"


def wake_scopes(
    catalog: ConnectedCatalog, events: Iterable[Mapping[str, Any] | None], now: datetime
) -> list[str]:
    """Wake each scope that the events concern; returns the keys. Calls of our own executor are ignored."""
    keys = {key for event in events if event for key in _find_scope_keys(catalog, event)}
    there = set(Scope.objects.filter(key__in=keys).values_list("key", flat=True))
    for key in sorted(there):
        wake_scope(scope_key=key, reason="CloudTrail reported a change", now=now)
    return sorted(there)


def _find_scope_keys(catalog: ConnectedCatalog, event: Mapping[str, Any]) -> Iterator[str]:
    detail, source = event.get("detail"), event.get("source")
    if (
        event.get("detail-type") != CLOUDTRAIL_DETAIL_TYPE
        or not isinstance(detail, Mapping)
        or _is_ours(detail)
    ):
        return
    consumer = event.get("account")
    if isinstance(consumer, str) and consumer != catalog.account.account_id:
        yield share_scope_key(catalog.pk, consumer)
    elif source in CATALOG_SOURCES:
        yield catalog_scope_key(catalog.pk)
        for principal in _find_principals(detail.get("requestParameters")):
            yield share_scope_key(catalog.pk, _parse_account(principal))
    elif source == SHARE_SOURCE:
        yield from Scope.objects.filter(catalog=catalog, kind=Scope.Kind.SHARE).values_list("key", flat=True)


def _is_ours(detail: Mapping[str, Any]) -> bool:
    """Whether an account's executor made the call: its sessions are named after rounds."""
    who = detail.get("userIdentity")
    found = _ROUND_SESSION.fullmatch(str(who.get("arn"))) if isinstance(who, Mapping) else None
    if found is None:
        return False
    executor = Account.objects.filter(
        account_id=found["account"], executor_role_arn__endswith=f"/{found['role']}"
    )
    return executor.exists()


def _find_principals(value: Any) -> Iterator[str]:
    """Principals at any depth of the request: a batch names many."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            if str(name).lower() == PRINCIPAL_FIELD and isinstance(part, str):
                yield part
            else:
                yield from _find_principals(part)
    elif isinstance(value, list):
        for part in value:
            yield from _find_principals(part)


def _parse_account(principal: str) -> str:
    parts = principal.split(":")
    return parts[4] if principal.startswith("arn:") and len(parts) > 4 else principal  # noqa: PLR2004 - an ARN's account
