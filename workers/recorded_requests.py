"""Rows by which people have workers do something: none is acted upon without the event of who requested it, and unless they
may do so now.

Whoever has the web's database role can insert such rows in anybody's name. To add a kind, add a line to `REQUEST_KINDS`, and
`orders = "request"` to its table in `audit/database_rights.toml`.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model

from audit.actions import record_event
from audit.models import Event
from catalog.classification.actions import SUBJECT as SCANS_SUBJECT
from catalog.classification.actions import may_start_scans
from catalog.classification.models import Scan
from catalog.crawler_runs import CrawlerRun, may_request_crawler_run
from catalog.registrations.comparisons.may import may_request_comparison
from catalog.registrations.comparisons.models import RowComparison
from catalog.sync.models import SyncRun
from catalog.sync.runs import may_request_sync
from fulfilment.role_queries import TestQuery
from identity.connections import Checkup, may_connect_accounts
from identity.people.models import Person, PlatformRole
from requests_app.data_queries.callers import Caller, get_caller
from requests_app.data_queries.models import DataQuery
from requests_app.data_queries.readers import may_still_profile, may_still_read
from requests_app.grants.status.may import may_run_test_query
from requests_app.table_credentials.models import TableCredential
from requests_app.table_credentials.progress import find_current_end

NOT_RECORDED = "No event says that this was requested."
NOT_ALLOWED = "Whoever requested this may not do so now."
ENGINE = "engine:recorded_requests"
QUERY_VERBS = {
    DataQuery.Kind.QUERY: "request_data_query",
    DataQuery.Kind.SAMPLE: "request_sample",
    DataQuery.Kind.PROFILE: "request_profile",
}
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Record:
    """What the event of a request must have beside its actor: `data`, and perhaps more."""

    verb: str
    subject: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class RequestKind:
    """`may_now` is asked for rows of a person or token. Rows of none are inserted by workers alone where the kind
    `has_schedule`: a trigger holds it.
    """

    build_record: Callable[[Any], Record]
    may_now: Callable[[Any, datetime], object]
    has_schedule: bool = False


def find_refusal(row: Model, now: datetime) -> str:
    """Why the row is not acted upon, or empty. A refusal is put on the record, for governance admins."""
    with transaction.atomic():
        reason = _find_reason(row, now)
        if reason:
            admins = Person.objects.filter(
                platform_roles__role=PlatformRole.Role.GOVERNANCE_ADMIN, is_active=True
            )
            people = list(admins.order_by("pk").values_list("pk", flat=True))
            subject = REQUEST_KINDS[type(row)].build_record(row).subject
            logger.error("refused %s (%s): %s", subject, row, reason)
            data = {"people": people, "what": str(row), "reason": reason}
            record_event(verb="refuse_request", actor=ENGINE, subject=subject, data=data, now=now)
    return reason


def _find_reason(row: Model, now: datetime) -> str:
    kind = REQUEST_KINDS[type(row)]
    caller = Caller(getattr(row, "requested_by", None), getattr(row, "token", None))
    if caller.person is None and caller.token is None:
        return "" if kind.has_schedule else NOT_RECORDED
    record = kind.build_record(row)
    events = Event.objects.filter(verb=record.verb, actor=caller.actor, subject=record.subject)
    if not events.filter(data__contains=dict(record.data)).exists():
        return NOT_RECORDED
    return "" if caller.is_active(now) and kind.may_now(row, now) else NOT_ALLOWED


def _build_query_record(query: DataQuery) -> Record:
    data = {"table": query.table_id, "principal": query.principal.arn, "columns": query.columns}
    if query.kind == DataQuery.Kind.QUERY:
        filters = [{"column": one["column"], "op": one["op"]} for one in query.filters]
        data |= {"filters": filters, "most_rows": query.max_rows}
    return Record(QUERY_VERBS[DataQuery.Kind(query.kind)], query.subject, data)


def _may_read_now(query: DataQuery, now: datetime) -> bool:
    if query.kind == DataQuery.Kind.PROFILE:
        return may_still_profile(query)
    return may_still_read(query, get_caller(query), now)


def _build_credential_record(row: TableCredential) -> Record:
    data = {"table": row.table_id, "principal": row.principal.arn, "seconds": row.seconds}
    return Record("request_credentials", row.subject, data)


def _build_test_query_record(row: TestQuery) -> Record:
    data = {"query": row.pk, "allowed": row.allowed_column, "refused": row.refused_column}
    return Record("run_test_query", f"grant:{row.intent.grant.pk}", data)


def _build_crawler_record(run: CrawlerRun) -> Record:
    return Record("request_crawler_run", run.subject, {"catalog": run.catalog_id, "what": run.crawler})


def _build_comparison_record(row: RowComparison) -> Record:
    return Record("request_row_comparison", row.registration.subject, {"comparison": row.pk})


def _build_scan_record(scan: Scan) -> Record:
    return Record("start_scans", SCANS_SUBJECT, {"scans": [scan.pk], "tables": [scan.table_id]})


def _build_sync_record(run: SyncRun) -> Record:
    """Only who continues a paused run lets it mark more tables as removed."""
    verb = "resume_sync" if run.may_tombstone else "request_sync"
    data = {"run": run.pk} | ({"database": run.database} if run.database else {})
    return Record(verb, f"catalog:{run.catalog_id}", data)


def _build_checkup_record(row: Checkup) -> Record:
    checked = row.account or row.connection
    assert checked is not None
    return Record("request_checkup", f"connection:{checked.account_id}", {"checkup": row.pk})


REQUEST_KINDS: Mapping[type[Model], RequestKind] = {
    DataQuery: RequestKind(_build_query_record, _may_read_now),
    TableCredential: RequestKind(_build_credential_record, find_current_end),
    TestQuery: RequestKind(
        _build_test_query_record, lambda row, _now: may_run_test_query(row.requested_by, row.intent.grant)
    ),
    CrawlerRun: RequestKind(
        _build_crawler_record, lambda row, _now: may_request_crawler_run(row.requested_by, row.catalog)
    ),
    RowComparison: RequestKind(
        _build_comparison_record,
        lambda row, _now: may_request_comparison(row.requested_by, row.registration),
        has_schedule=True,
    ),
    Scan: RequestKind(
        _build_scan_record, lambda row, _now: may_start_scans(row.requested_by, row.table), has_schedule=True
    ),
    SyncRun: RequestKind(
        _build_sync_record, lambda row, _now: may_request_sync(row.requested_by), has_schedule=True
    ),
    Checkup: RequestKind(_build_checkup_record, lambda row, _now: may_connect_accounts(row.requested_by)),
}
"""Each with the event demanded and who may request it now."""
