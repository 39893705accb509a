"""Reads the files of trails that people have named, file by file in the order of delivery, and keeps who used what last.

A file is read once, or again after a crash: the latest use of each reader is kept, so that this changes nothing.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta

from django.db import connection, transaction

from catalog.usage.models import LastUse, Trail, TrailReading
from fulfilment.background.parts import Faults
from fulfilment.health.queries import bare_now
from workers.aws.cloudtrail_files import Folder, UnreadableFileError, delivered_at, keys_of_day, records_in
from workers.aws.errors import AwsError
from workers.aws.sessions import client, forget
from workers.cloudtrail.records import Use, is_heartbeat, is_test_query, use_told
from workers.stop import NEVER

TRAIL_LOCK = 5_207_121
SESSION = "meshmarket-trail"
FILES_AT_ONCE = 200
"""Of one trail in one pass, so that a long past of one holds up no other."""
OVERLAP = timedelta(hours=1)
"""How long after a file's minute it may still come to lie in the bucket."""
SILENCE = timedelta(days=1)
"""Without a reading call in Lake Formation for so long, something is missing: what was complete begins anew."""
logger = logging.getLogger(__name__)


def read_trails(stop: threading.Event = NEVER) -> int:
    """Read what has come since; returns how many files. What is wrong with a trail stands in its reading."""
    trails = Trail.objects.exclude(bucket="").select_related("catalog__account").order_by("pk")
    count, faults = 0, Faults()
    for trail in trails:
        if not stop.is_set():
            with faults.caught(f"the reading of the {trail}"):
                count += _read(trail, stop)
    faults.raise_first()
    return count


def _read(trail: Trail, stop: threading.Event) -> int:
    with _alone(trail) as is_ours:
        if not is_ours:
            return 0
        reading = _reading(trail)
        try:
            return _Pass(trail, reading, stop).run()
        except AwsError as error:
            forget(error)
            reading.trouble = error.message or error.code
            reading.looked_at = bare_now()
            reading.save(update_fields=["trouble", "looked_at"])
            logger.warning("The %s cannot be read: %s", trail, error)
            return 0


def _reading(trail: Trail) -> TrailReading:
    """The trail's own; begun anew where the trail is another by now."""
    found = TrailReading.objects.filter(trail=trail).first() or TrailReading(trail=trail)
    if found.place != trail.place:
        found.place, found.since, found.until, found.recent, found.files = trail.place, None, None, [], 0
        found.position = datetime.combine(trail.read_since, time.min, UTC)
        found.trouble, found.looked_at = "", bare_now()
        found.save()
    return found


class _Pass:
    """Some files of one trail, in order."""

    def __init__(self, trail: Trail, reading: TrailReading, stop: threading.Event) -> None:
        self._trail, self._reading, self._stop = trail, reading, stop
        self._catalog = trail.catalog
        self._s3 = client(
            "s3", account=trail.catalog.account, role="observer", region=trail.region, session_name=SESSION
        )  # fmt: skip

    def run(self) -> int:
        began, count = bare_now(), 0
        for key in self._new_keys(began):
            if count == FILES_AT_ONCE or self._stop.is_set():
                return count
            self._take(key)
            count += 1
        self._keep(max(self._reading.position, began), files=0)
        return count

    def _new_keys(self, until: datetime) -> Iterator[str]:
        """Day by day, each from its beginning, the first from a little before the position."""
        known, begin = frozenset(self._reading.recent), self._reading.position - OVERLAP
        begin = max(begin, datetime.combine(self._trail.read_since, time.min, UTC))
        account, region = self._catalog.account.account_id, self._catalog.region
        where = Folder(self._trail.bucket, self._trail.folder, account, region)
        while begin.date() <= until.date():
            for key in keys_of_day(self._s3, where, begin):
                if key.rsplit("/", 1)[-1] not in known:
                    yield key
            begin = datetime.combine(begin.date() + timedelta(days=1), time.min, UTC)

    def _take(self, key: str) -> None:
        delivered = delivered_at(key)
        assert delivered is not None
        try:
            records = records_in(self._s3, self._trail.bucket, key)
        except UnreadableFileError:
            logger.warning("The file %s of the %s is no log file", key, self._trail)
            records = []
            self._reading.since = self._reading.until = None
        told = [use for record in records if (use := use_told(record, self._catalog))]
        told = [use for use in told if not is_test_query(use.reader, use.at)]
        if any(is_heartbeat(record) for record in records):
            self._beat(delivered)
        self._reading.recent = [*self._reading.recent, key.rsplit("/", 1)[-1]]
        with transaction.atomic():
            self._store(told)
            self._keep(max(self._reading.position, delivered), files=1)

    def _beat(self, delivered: datetime) -> None:
        """Complete until here, and as far back as it was, where nothing is missing between."""
        reading = self._reading
        if reading.until is None or delivered - reading.until > SILENCE:
            reading.since = delivered
        reading.until = max(filter(None, (reading.until, delivered)))
        reading.since = min(filter(None, (reading.since, reading.until)))

    def _keep(self, position: datetime, *, files: int) -> None:
        reading = self._reading
        reading.position, reading.trouble, reading.looked_at = position, "", bare_now()
        reading.files += files
        reading.recent = [name for name in reading.recent if _is_near(name, position)]
        reading.save()

    def _store(self, told: list[Use]) -> None:
        latest: dict[tuple[str, str, str], Use] = {}
        for use in told:
            key = use.database, use.table, use.reader.unique_id
            latest[key] = max(latest.get(key, use), use, key=lambda one: one.at)
        known = self._known(latest)
        newer = [use for key, use in sorted(latest.items()) if key not in known or known[key] < use.at]
        LastUse.objects.bulk_create(
            [_row(self._catalog.pk, use) for use in newer],
            update_conflicts=True,
            unique_fields=["catalog", "database", "table", "reader"],
            update_fields=["account", "at"],
        )

    def _known(self, wanted: dict[tuple[str, str, str], Use]) -> dict[tuple[str, str, str], datetime]:
        rows = LastUse.objects.filter(catalog=self._catalog, reader__in={key[2] for key in wanted})
        named = rows.filter(table__in={key[1] for key in wanted})
        return {(row.database, row.table, row.reader): row.at for row in named}


def _row(catalog: int, use: Use) -> LastUse:
    return LastUse(
        catalog_id=catalog, reader=use.reader.unique_id, account=use.reader.account, database=use.database,
        table=use.table, at=use.at,
    )  # fmt: skip


def _is_near(name: str, position: datetime) -> bool:
    delivered = delivered_at(name)
    return delivered is not None and delivered >= position - OVERLAP - timedelta(minutes=1)


@contextmanager
def _alone(trail: Trail) -> Iterator[bool]:
    """Whether the trail is ours; the lock goes with the session if we are killed, and another reads on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [TRAIL_LOCK, trail.pk])
        is_ours = bool(cursor.fetchone()[0])
        try:
            yield is_ours
        finally:
            if is_ours:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [TRAIL_LOCK, trail.pk])
