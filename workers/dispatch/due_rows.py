"""Queries of the rows that are due, by task. Each row of a result has one column, the row's id."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Exists, F, OuterRef, QuerySet

from audit.models import Pending, Seal
from background.health import NOW
from background.queued_tasks import ARE_MARKS_LATE
from background.task_failures import ARE_FAILURES_UNRETRIED
from background.task_table import ALL_ROWS, TaskName
from catalog.change_feed import Change, PendingChange
from catalog.change_versions import ARE_MARKS_MANY
from catalog.classification.models import (
    MAX_WAITING,
    OPEN_SCAN_STATES,
    Scan,
    list_tables_to_scan,
    request_due_scans,
)
from catalog.crawler_runs import OPEN_RUN_STATES, CrawlerRun
from catalog.freshness import list_due_tables
from catalog.lineage.matching import list_datasets_to_match
from catalog.lineage.view_lineage import list_views_to_trace
from catalog.mesh.models import SchemaComparison
from catalog.mesh.schema_similarity import COMPARED_EVERY
from catalog.quality.models import QualityReading
from catalog.registrations.comparisons.actions import MAX_WAITING as MAX_COMPARISONS
from catalog.registrations.comparisons.actions import request_due_comparisons
from catalog.registrations.comparisons.models import RowComparison
from catalog.registrations.comparisons.queries import list_uncompared_registrations
from catalog.registrations.comparisons.states import OPEN_COMPARISON_STATES
from catalog.search.alerts import list_due_alerts
from catalog.search.completion import ARE_PREFIXES_INVALID
from catalog.search.index.vocabulary import ARE_COUNTS_CHANGED
from catalog.search.models import RecentSearch
from catalog.search.saved_searches import TYPING
from catalog.sync.models import SyncRun, SyncSettings
from catalog.usage.models import QueryHistory, Trail, TrailReading
from fulfilment.role_queries import TestQuery
from identity.accounts import Account, ConnectedCatalog
from identity.authentication import list_unanswered
from identity.connections import Checkup
from identity.service_tokens import list_left_service_tokens
from kernel.clock import Now
from kernel.clock import now as database_now
from kernel.sql import prepared_cursor
from requests_app.data_queries.models import DataQuery
from requests_app.data_queries.states import OPEN_QUERY_STATES
from requests_app.grants.expiry_warnings import list_unwarned_grants
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState
from requests_app.leavers.queries import list_unreported_items
from requests_app.notifications.kinds import NotificationChannel
from requests_app.notifications.models import Notification, NotificationMail, ProjectionPosition
from requests_app.notifications.webhooks.models import WebhookDelivery
from requests_app.recreated_tables.queries import list_lapsed_tables, list_undecided_grants
from requests_app.review.sla.models import OverdueStep
from requests_app.review.sla.queries import list_overdue_items
from requests_app.table_credentials.models import TableCredential
from requests_app.table_credentials.states import CredentialState
from workers.engine.claim import ARE_ROUNDS_PENDING, ARE_SCOPES_MISSING, DUE_SCOPES, create_scopes
from workers.sync.runs import list_catalogs_to_sync, list_runs_to_count, request_due_syncs

MAX_SCANS = 32
"""Scopes without a change that may wait in the queue, so that a decision's effect never waits behind many."""
MAX_FRESHNESS_READINGS = 20
"""Tables that may wait in the queue, so that nothing else waits behind many."""
MAX_ROWS = 1000
"""Rows of one task that are sent at once."""
ALWAYS = f"SELECT {ALL_ROWS}"
"""A task that finds its rows itself is due at each interval."""
LIST_DUE_SCOPES = f"""
SELECT id FROM (
  SELECT id, is_changed, scan_at, row_number() OVER (PARTITION BY is_changed ORDER BY scan_at NULLS FIRST) AS position
    FROM ({DUE_SCOPES}) AS scope) AS due
 WHERE is_changed OR position <= {MAX_SCANS} ORDER BY is_changed DESC, scan_at NULLS FIRST
"""  # noqa: S608


@dataclass(frozen=True)
class Condition:
    sql: str
    params: Sequence[Any] = ()


@dataclass(frozen=True)
class DueQuery:
    """`limit`: rows that may be queued or run at once. `has_own_retries`: the row itself says when it is tried again.
    `create` makes rows that are due and not there yet, which the condition `are_missing` says.
    """

    sql: str
    params: Sequence[Any] = ()
    limit: int = MAX_ROWS
    has_own_retries: bool = False
    are_missing: Condition | None = None
    create: Callable[[], object] | None = None


SETTINGS = (
    "COUNT_WORDS_EVERY",
    "DECIDE_WITHIN_HOURS",
    "FRESHNESS_EVERY",
    "MAIL_IS_SENT",
    "QUALITY_EVERY",
    "QUERY_HISTORY_EVERY",
    "SCHEDULED_SCANS",
    "SYNC_CATALOGS",
    "SYNC_EVERY",
    "TRAIL_EVERY",
    "WARN_DAYS",
)
"""The settings on which the queries depend."""
NEVER = DueQuery(f"{ALWAYS} WHERE FALSE")


def _select_ids(rows: QuerySet[Any], *, limit: int = MAX_ROWS, has_own_retries: bool = False) -> DueQuery:
    sql, params = rows.values("pk").query.sql_with_params()
    return DueQuery(sql, params, limit, has_own_retries)


def _has_rows(*causes: QuerySet[Any]) -> Condition:
    """Whether any of these has a row."""
    found = [rows.order_by().values("pk").query.sql_with_params() for rows in causes]
    exists = " OR ".join(f"EXISTS ({sql})" for sql, _ in found)
    return Condition(exists, [value for _, params in found for value in params])


def _find_due_scopes() -> DueQuery:
    return DueQuery(
        LIST_DUE_SCOPES, has_own_retries=True, are_missing=Condition(ARE_SCOPES_MISSING), create=create_scopes
    )


@cache
def _find_role_queries() -> DueQuery:
    return _select_ids(TestQuery.objects.filter(finished_at=None).order_by("pk"))


@cache
def _find_data_queries() -> DueQuery:
    return _select_ids(DataQuery.objects.filter(state__in=OPEN_QUERY_STATES).order_by("pk"))


@cache
def _find_waiting_credentials() -> DueQuery:
    return _select_ids(TableCredential.objects.filter(state=CredentialState.WAITING).order_by("pk"))


def _find_catalog_syncs() -> DueQuery:
    running = _select_ids(_list_running_syncs().filter(database=""), limit=settings.SYNC_CATALOGS)
    return replace(running, are_missing=_has_rows(list_catalogs_to_sync()), create=request_due_syncs)


def _find_database_syncs() -> DueQuery:
    return _select_ids(_list_running_syncs().exclude(database=""), limit=settings.SYNC_CATALOGS)


def _list_running_syncs() -> QuerySet[SyncRun]:
    """Requested ones, and those whose worker is gone."""
    return SyncRun.objects.filter(outcome=SyncRun.Outcome.RUNNING).order_by("pk")


@cache
def _find_event_queues() -> DueQuery:
    return _select_ids(SyncSettings.objects.exclude(events_queue_url="").order_by("pk"))


@cache
def _find_password_resets() -> DueQuery:
    return _select_if_any(list_unanswered())


@cache
def _find_notices() -> DueQuery:
    untold = ProjectionPosition.objects.filter(Exists(Seal.objects.filter(seq__gt=OuterRef("seq"))))
    unsent = Notification.objects.filter(channel=NotificationChannel.MAIL, mail=None, due_at__lte=Now())
    numbered = ProjectionPosition.objects.filter(
        Exists(Change.objects.filter(seq__gt=OuterRef("change_seq")))
    )
    return _select_if_any(untold, unsent, PendingChange.objects.all(), numbered)


def _select_if_any(*causes: QuerySet[Any]) -> DueQuery:
    """The task is due if any of these has a row."""
    cause = _has_rows(*causes)
    return DueQuery(f"{ALWAYS} WHERE {cause.sql}", cause.params)


def _find_mails() -> DueQuery:
    return _find_outgoing(NotificationMail) if settings.MAIL_IS_SENT else NEVER


@cache
def _find_outgoing(model: type[NotificationMail | WebhookDelivery]) -> DueQuery:
    rows: QuerySet[Any] = model._default_manager.filter(sent_at=None, gave_up_at=None, due_at__lte=Now())  # noqa: SLF001
    return _select_ids(rows.order_by("due_at"), has_own_retries=True)


@cache
def _find_unsealed_events() -> DueQuery:
    return _select_if_any(Pending.objects.all())


@cache
def _find_checkups() -> DueQuery:
    return _select_ids(Checkup.objects.filter(finished_at=None).order_by("pk"))


def _find_column_scans() -> DueQuery:
    """Scans that people requested come first."""
    rows = Scan.objects.filter(state__in=OPEN_SCAN_STATES)
    scans = _select_ids(rows.order_by(F("requested_by").asc(nulls_last=True), "pk"))
    if not settings.SCHEDULED_SCANS:
        return scans
    unscanned, waiting = _has_rows(list_tables_to_scan()), rows.values("pk").query.sql_with_params()
    is_room = f"(SELECT count(*) FROM ({waiting[0]}) AS waiting) < {MAX_WAITING}"  # noqa: S608
    are_missing = Condition(f"{is_room} AND ({unscanned.sql})", [*waiting[1], *unscanned.params])
    return replace(scans, are_missing=are_missing, create=lambda: request_due_scans(database_now()))


@cache
def _find_crawler_runs() -> DueQuery:
    rows = CrawlerRun.objects.filter(state__in=OPEN_RUN_STATES, due_at__lte=Now())
    return _select_ids(rows.order_by("due_at"))


@cache
def _find_row_comparisons() -> DueQuery:
    """Comparisons that people requested come first."""
    rows = RowComparison.objects.filter(state__in=OPEN_COMPARISON_STATES)
    open_ones = rows.values("pk").query.sql_with_params()
    uncompared = _has_rows(list_uncompared_registrations())
    is_room = f"(SELECT count(*) FROM ({open_ones[0]}) AS waiting) < {MAX_COMPARISONS}"  # noqa: S608
    are_missing = Condition(f"{is_room} AND ({uncompared.sql})", [*open_ones[1], *uncompared.params])
    return replace(
        _select_ids(rows.order_by(F("requested_by").asc(nulls_last=True), "pk")),
        are_missing=are_missing,
        create=lambda: request_due_comparisons(now=database_now()),
    )


@cache
def _find_views_to_trace() -> DueQuery:
    return _select_ids(list_views_to_trace())


def _find_datasets_to_match() -> DueQuery:
    return _select_if_any(list_datasets_to_match())


def _find_tables_to_read() -> DueQuery:
    before = Now() - timedelta(seconds=settings.FRESHNESS_EVERY)
    return _select_ids(list_due_tables(before), limit=MAX_FRESHNESS_READINGS)


@cache
def _find_search_alerts() -> DueQuery:
    return _select_ids(list_due_alerts())


@cache
def _find_expired_grants() -> DueQuery:
    due = Grant.objects.filter(state=GrantState.LIVE, ends_at__lte=Now())
    return _select_ids(due.order_by("ends_at"))


@cache
def _find_recreated_tables() -> DueQuery:
    return _select_if_any(list_undecided_grants(), list_lapsed_tables())


def _find_search_updates() -> DueQuery:
    """Word counts to be taken or folded, invalidated completions, or change marks to be merged."""
    sql, params = list_runs_to_count().values("pk").query.sql_with_params()
    causes = f"{ARE_COUNTS_CHANGED} OR {ARE_PREFIXES_INVALID} OR {ARE_MARKS_MANY} OR EXISTS ({sql})"
    return DueQuery(f"{ALWAYS} WHERE {causes}", params)


def _find_trails() -> DueQuery:
    lately = NOW - timedelta(seconds=settings.TRAIL_EVERY)
    is_read = TrailReading.objects.filter(trail=OuterRef("pk"), looked_at__gt=lately)
    return _select_ids(Trail.objects.exclude(bucket="").exclude(Exists(is_read)).order_by("pk"))


def _find_quality_readings() -> DueQuery:
    lately = NOW - timedelta(seconds=settings.QUALITY_EVERY)
    is_read = QualityReading.objects.filter(catalog=OuterRef("pk"), looked_at__gt=lately)
    return _select_ids(ConnectedCatalog.objects.filter(path="").exclude(Exists(is_read)).order_by("pk"))


def _find_query_histories() -> DueQuery:
    lately = NOW - timedelta(seconds=settings.QUERY_HISTORY_EVERY)
    is_read = QueryHistory.objects.filter(account=OuterRef("pk"), looked_at__gt=lately)
    return _select_ids(Account.objects.filter(is_consumer=True).exclude(Exists(is_read)).order_by("pk"))


def _find_overdue_items() -> DueQuery:
    return _select_if_any(*[list_overdue_items(step, Now()) for step in OverdueStep.Step])


@cache
def _find_departures() -> DueQuery:
    return _select_if_any(list_unreported_items(), list_left_service_tokens())


@cache
def _find_schema_comparison() -> DueQuery:
    recent = SchemaComparison.objects.filter(finished_at__gt=Now() - COMPARED_EVERY).values("pk")
    sql, params = recent.query.sql_with_params()
    return DueQuery(f"{ALWAYS} WHERE NOT EXISTS ({sql})", params)


@cache
def _find_uncounted_searches() -> DueQuery:
    settled = Now() - timedelta(seconds=TYPING)
    return _select_if_any(RecentSearch.objects.filter(found_nothing=True, created_at__lt=settled))


DUE_QUERIES: Mapping[TaskName, Callable[[], DueQuery]] = {
    TaskName.CONVERGE_SCOPE: _find_due_scopes,
    TaskName.QUERY_AS_ROLE: _find_role_queries,
    TaskName.RUN_DATA_QUERY: _find_data_queries,
    TaskName.VEND_CREDENTIALS: _find_waiting_credentials,
    TaskName.READ_CATALOG: _find_catalog_syncs,
    TaskName.READ_DATABASE: _find_database_syncs,
    TaskName.APPLY_EVENTS: _find_event_queues,
    TaskName.ANSWER_PASSWORD_RESETS: _find_password_resets,
    TaskName.PROJECT_NOTICES: _find_notices,
    TaskName.SEND_MAIL: _find_mails,
    TaskName.DELIVER_WEBHOOK: lambda: _find_outgoing(WebhookDelivery),
    TaskName.EXPIRE_DUE: _find_expired_grants,
    TaskName.WARN: lambda: _select_ids(list_unwarned_grants(Now())),
    TaskName.FIND_RECREATED_TABLES: _find_recreated_tables,
    TaskName.SEAL: _find_unsealed_events,
    TaskName.READ_TRAIL: _find_trails,
    TaskName.READ_QUALITY: _find_quality_readings,
    TaskName.READ_QUERY_HISTORY: _find_query_histories,
    TaskName.UPDATE_SEARCH: _find_search_updates,
    TaskName.CHECK_ACCOUNT: _find_checkups,
    TaskName.SCAN_COLUMNS: _find_column_scans,
    TaskName.FOLLOW_CRAWLER: _find_crawler_runs,
    TaskName.COMPARE_ROWS: _find_row_comparisons,
    TaskName.TRACE_VIEW: _find_views_to_trace,
    TaskName.MATCH_DATASETS: _find_datasets_to_match,
    TaskName.READ_FRESHNESS: _find_tables_to_read,
    TaskName.CHECK_SEARCH_ALERT: _find_search_alerts,
    TaskName.SEND_REMINDERS: _find_overdue_items,
    TaskName.REPORT_DEPARTURES: _find_departures,
    TaskName.COMPARE_SCHEMAS: _find_schema_comparison,
    TaskName.COUNT_SEARCHES: _find_uncounted_searches,
}
"""Tasks that are missing here are due at each interval. Those without a setting are built once: Django takes longer
to build a query than PostgreSQL to answer it.
"""


def get_due_query(task: TaskName) -> DueQuery:
    find = DUE_QUERIES.get(task)
    return find() if find else DueQuery(ALWAYS)


_DUE_ROWS = """
(SELECT %s::text AS task, due.id::bigint AS id, due.position
   FROM (SELECT found.id, row_number() OVER () AS position FROM ({sql}) AS found (id)) AS due
  WHERE NOT EXISTS (SELECT FROM fulfilment_queuedtask q WHERE q.task = %s AND q.row_id = due.id)
    AND (%s OR NOT EXISTS (SELECT FROM fulfilment_taskfailure f WHERE f.task = %s AND f.row_id = due.id
                              AND f.resolved_at IS NULL AND f.retry_at > clock_timestamp()))
  ORDER BY due.position
  LIMIT greatest(0, %s - (SELECT count(*) FROM fulfilment_queuedtask q WHERE q.task = %s)))
"""
_HOLDS = "(SELECT %s::text AS task, NULL::bigint AS id, 0::bigint AS position WHERE {sql})"
_PENDING, _MENDING = "pending", "mending"
_CONDITIONS = {_PENDING: ARE_ROUNDS_PENDING, _MENDING: f"{ARE_MARKS_LATE} OR {ARE_FAILURES_UNRETRIED}"}


@dataclass(frozen=True)
class Found:
    """`rows` has a list for each task. `creations` make rows that are due and not there yet. `are_rounds_pending`: a scope
    is due again within a second, or its round runs. `is_mending_due`: messages may be lost, or failures over.
    """

    rows: dict[TaskName, list[int]]
    creations: list[Callable[[], object]] = field(default_factory=list)
    are_rounds_pending: bool = False
    is_mending_due: bool = False


def execute_due_statement(tasks: Sequence[TaskName]) -> Found:
    """Due rows of these tasks that are neither queued nor backing off after a failure."""
    found: dict[TaskName, list[tuple[int, int]]] = defaultdict(list)
    conditions = set()
    with prepared_cursor() as cursor:
        cursor.execute(_build_statement(tuple(tasks), tuple(getattr(settings, name) for name in SETTINGS)))
        for task, row_id, position in cursor.fetchall():
            if row_id is None:
                conditions.add(task)
            else:
                found[task].append((position, row_id))
    rows = {task: [row_id for _, row_id in sorted(found[task])] for task in tasks}
    creations = [create for task in tasks if task in conditions and (create := get_due_query(task).create)]
    return Found(rows, creations, _PENDING in conditions, _MENDING in conditions)


@lru_cache(maxsize=200)
def _build_statement(tasks: tuple[TaskName, ...], _values: tuple[object, ...]) -> str:
    """`_values` are those of `SETTINGS`, on which the queries depend."""
    parts: list[str] = []
    params: list[object] = []
    for task in tasks:
        query = get_due_query(task)
        parts.append(_DUE_ROWS.format(sql=query.sql))
        name = str(task)
        params += [name, *query.params, name, query.has_own_retries, name, query.limit, name]
        if query.are_missing:
            parts.append(_HOLDS.format(sql=query.are_missing.sql))
            params += [name, *query.are_missing.params]
    for name, condition in _CONDITIONS.items():
        parts.append(_HOLDS.format(sql=condition))
        params.append(name)
    sql: str = connection.ops.compose_sql("\nUNION ALL\n".join(parts), params)  # type: ignore[attr-defined]
    return sql
