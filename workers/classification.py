"""Scans, requested by rows. One pass starts the queries for a sample, a later one reads it and records what is detected.

Sampled values live in this process only, while they are looked at: they are neither stored nor logged. The results that
Athena keeps lie in the workgroup's location.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction

from catalog.classification.detection import SCANNED_TYPES, ColumnSample, detect_columns, get_base_type
from catalog.classification.models import OPEN_SCAN_STATES, SCAN_TRANSITIONS, SamplingRole, Scan, ScanState
from catalog.classification.recording import record_findings
from catalog.mirror.models import Column
from kernel.advisory_locks import AdvisoryLock, try_session_lock
from kernel.clock import now as database_now
from workers.aws import athena
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.sessions import drop_ended_sessions, get_client_as
from workers.recorded_requests import find_refusal

SESSION_NAME = "meshmarket-scan-%d"
COLUMNS_PER_QUERY = 50
MAX_ATTEMPTS = 20
"""Passes that AWS answered with an error of its own; then the scan fails."""
MAX_ROWS = 999
NO_ROLE = "This catalog has no sampling role, so only the names of the columns were looked at."
RETRIED = frozenset({ErrorKind.THROTTLED, ErrorKind.SESSION_ENDED, ErrorKind.UNKNOWN})


def advance_scan(pk: int) -> bool:
    """Start the scan's queries or read their results; returns whether it has finished."""
    with try_session_lock(AdvisoryLock.COLUMN_SCAN, pk) as is_ours:
        scan = _find_open(pk) if is_ours else None
        if scan is None:
            return False
        try:
            return _start_or_finish(scan)
        except AwsError as error:
            drop_ended_sessions(error)
            if error.kind in RETRIED and scan.attempts < MAX_ATTEMPTS:
                scan.attempts += 1
                scan.save(update_fields=["attempts"])
                return False  # tried again at the next pass
            return _fail(scan, error.message)


def fail_scan(pk: int, reason: str) -> None:
    """Finish a scan that failed with an unexpected exception."""
    if scan := _find_open(pk):
        _finish(scan, ScanState.FAILED, reason)


def _find_open(pk: int) -> Scan | None:
    rows = Scan.objects.filter(pk=pk, state__in=OPEN_SCAN_STATES)
    return rows.select_related(
        "table__database__catalog__account", "table__database__domain", "requested_by"
    ).first()


def _start_or_finish(scan: Scan) -> bool:
    if reason := find_refusal(scan, database_now()):
        return _finish(scan, ScanState.FAILED, reason)
    columns = list(Column.objects.filter(table=scan.table_id))
    catalog = scan.table.database.catalog
    role = SamplingRole.objects.filter(catalog=catalog).select_related("principal").first()
    sampled = [column for column in columns if get_base_type(column.type) in SCANNED_TYPES]
    if scan.table.tombstoned_at is not None:
        return _finish(scan, ScanState.FAILED, "The table no longer exists.")
    if role is None or not sampled:
        return _finish_by_name(scan, ScanState.DONE, NO_ROLE if role is None else "", columns)
    if reason := find_obstacle(role):
        return _finish_by_name(scan, ScanState.FAILED, reason, columns)
    client = get_client_as(
        role.principal.arn,
        "athena",
        account=catalog.account,
        region=catalog.region,
        session_name=SESSION_NAME % scan.pk,
    )
    if not scan.executions:
        return _start(scan, role, client, [one.name for one in sampled])
    return _read(scan, client, columns)


def find_obstacle(role: SamplingRole) -> str:
    """Why the role may not read samples, or empty. The portal's own roles are administrators of the data lake."""
    catalog, principal = role.catalog, role.principal
    if principal.is_portal or principal.is_user or principal.is_account:
        return "The sampling role has to be an IAM role that is not the portal's own."
    if principal.account_id != catalog.account_id or principal.gone_at is not None:
        return "The sampling role no longer exists in the catalog's account."
    if catalog.path:
        return "Samples of nested catalogs can't be read."
    return ""


def _start(scan: Scan, role: SamplingRole, client: Any, names: Sequence[str]) -> bool:
    limit = athena.read_scan_limit(client, role.workgroup)
    if limit is None or limit > settings.SAMPLE_MAX_BYTES:
        most = f"{settings.SAMPLE_MAX_BYTES:,} bytes"
        return _fail(scan, f"The workgroup {role.workgroup} does not limit queries to at most {most}.")
    where = {"database": scan.table.database.name, "table": scan.table.name, "workgroup": role.workgroup}
    rows = min(settings.SAMPLED_ROWS, MAX_ROWS)
    groups = [names[at : at + COLUMNS_PER_QUERY] for at in range(0, len(names), COLUMNS_PER_QUERY)]
    scan.executions = [
        {"id": athena.start_sample(client, **where, columns=group, rows=rows), "columns": group}
        for group in groups
    ]
    if scan.state == ScanState.WAITING:
        scan.state = SCAN_TRANSITIONS.check(scan.state, ScanState.RUNNING)
        scan.started_at = database_now()
    scan.save(update_fields=["executions", "state", "started_at"])
    return False


def _read(scan: Scan, client: Any, columns: Sequence[Column]) -> bool:
    results = [athena.read_query_result(client, one["id"]) for one in scan.executions]
    if not all(result.state for result in results):
        return False
    if failed := next((result for result in results if not result.succeeded), None):
        return _fail(scan, failed.reason or "Athena ended the query without a reason.")
    values: dict[str, Sequence[str | None]] = {}
    for execution in scan.executions:
        rows = athena.read_rows(client, execution["id"])
        values |= {name: [row[at] for row in rows] for at, name in enumerate(execution["columns"])}
        scan.sampled_rows = max(scan.sampled_rows, len(rows))
    samples = _build_samples(columns, values)
    return _record(scan, ScanState.DONE, "", samples, sampled=values)


def _fail(scan: Scan, reason: str) -> bool:
    return _finish_by_name(scan, ScanState.FAILED, reason, Column.objects.filter(table=scan.table_id))


def _finish_by_name(scan: Scan, state: ScanState, reason: str, columns: Iterable[Column]) -> bool:
    scan.is_by_name = True
    return _record(scan, state, reason, _build_samples(columns, {}), sampled=())


def _build_samples(
    columns: Iterable[Column], values: dict[str, Sequence[str | None]]
) -> Iterator[ColumnSample]:
    for column in columns:
        yield ColumnSample(column.name, column.type, values.get(column.name, ()))


def _record(
    scan: Scan, state: ScanState, reason: str, samples: Iterable[ColumnSample], *, sampled: Iterable[str]
) -> bool:
    now = database_now()
    detections = list(detect_columns(samples, now.date()))
    with transaction.atomic():
        record_findings(scan, detections, sampled=sampled, now=now)
        return _finish(scan, state, reason)


def _finish(scan: Scan, state: ScanState, reason: str) -> bool:
    scan.state, scan.reason = SCAN_TRANSITIONS.check(scan.state, state), reason
    scan.finished_at = database_now()
    scan.save(update_fields=["state", "reason", "finished_at", "is_by_name", "sampled_rows"])
    return True
