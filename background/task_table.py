"""Names of the workers' tasks, with their queues, time limits and followers."""

from dataclasses import dataclass
from enum import StrEnum

ALL_ROWS = 0
"""Row id of a task that works on all rows that it finds."""


class Queue(StrEnum):
    """Queues of the broker. A worker process takes from the queues that it is started with."""

    ENGINE = "engine"
    SYNC = "sync"
    OUTBOX = "outbox"
    AUDIT = "audit"
    DEFAULT = "default"


class TaskName(StrEnum):
    CONVERGE_SCOPE = "engine.converge_scope"
    QUERY_AS_ROLE = "engine.query_as_role"
    RUN_DATA_QUERY = "data.run_query"
    VEND_CREDENTIALS = "data.vend_credentials"
    READ_CATALOG = "sync.read_catalog"
    READ_DATABASE = "sync.read_database"
    APPLY_EVENTS = "sync.apply_events"
    ANSWER_PASSWORD_RESETS = "outbox.answer_password_resets"  # noqa: S105 - a task
    PROJECT_NOTICES = "outbox.project_notices"
    SEND_MAIL = "outbox.send_mail"
    DELIVER_WEBHOOK = "outbox.deliver_webhook"
    EXPIRE_DUE = "grants.expire_due"
    WARN = "grants.warn"
    FIND_RECREATED_TABLES = "grants.find_recreated_tables"
    SEAL = "audit.seal"
    VERIFY = "audit.verify"
    READ_TRAIL = "usage.read_trail"
    READ_QUALITY = "quality.read_results"
    READ_QUERY_HISTORY = "usage.read_query_history"
    CHECK_ACCOUNT = "health.check_account"
    SCAN_COLUMNS = "classification.scan_columns"
    FOLLOW_CRAWLER = "crawlers.follow_run"
    COMPARE_ROWS = "registrations.compare_rows"
    TRACE_VIEW = "lineage.trace_view"
    MATCH_DATASETS = "lineage.match_datasets"
    READ_FRESHNESS = "freshness.read_table"
    CHECK_SEARCH_ALERT = "search.check_alert"
    UPDATE_SEARCH = "housekeeping.update_search"
    SEND_REMINDERS = "housekeeping.send_reminders"
    REPORT_DEPARTURES = "housekeeping.report_departures"
    REPORT_VACANCIES = "housekeeping.report_vacancies"
    CHECK_DERIVATIONS = "housekeeping.check_derivations"
    COUNT_USES = "housekeeping.count_uses"
    COMPARE_SCHEMAS = "mesh.compare_schemas"
    COUNT_SEARCHES = "mesh.count_searches"
    DELETE_OLD_ROWS = "housekeeping.delete_old_rows"


DISPATCH_TASK = "dispatch.run"
"""Finds due rows and sends their tasks at once; the web sends it after a decision."""


@dataclass(frozen=True)
class TaskDefinition:
    """`soft_limit`, `hard_limit`: seconds, held by prefork workers; a pool of threads cannot interrupt a task.
    `wakes`: tasks whose due rows are sent when this one has ended.
    """

    queue: Queue
    soft_limit: int
    hard_limit: int
    wakes: tuple[TaskName, ...] = ()


MINUTE, HOUR = 60, 3600
_SHORT = (MINUTE, MINUTE + 30)
_LONG = (10 * MINUTE, 11 * MINUTE)
_READING = (6 * HOUR, 6 * HOUR + 5 * MINUTE)
AFTER_EVENTS = (TaskName.SEAL,)

TASKS = {
    TaskName.CONVERGE_SCOPE: TaskDefinition(
        Queue.ENGINE, *_LONG, wakes=(TaskName.CONVERGE_SCOPE, TaskName.SEAL)
    ),
    TaskName.QUERY_AS_ROLE: TaskDefinition(Queue.ENGINE, *_SHORT),
    TaskName.RUN_DATA_QUERY: TaskDefinition(Queue.ENGINE, *_SHORT, wakes=AFTER_EVENTS),
    TaskName.VEND_CREDENTIALS: TaskDefinition(Queue.ENGINE, *_SHORT, wakes=AFTER_EVENTS),
    TaskName.READ_CATALOG: TaskDefinition(
        Queue.SYNC,
        *_READING,
        wakes=(TaskName.READ_CATALOG, TaskName.FIND_RECREATED_TABLES, TaskName.UPDATE_SEARCH),
    ),
    TaskName.READ_DATABASE: TaskDefinition(
        Queue.SYNC,
        *_READING,
        wakes=(TaskName.READ_DATABASE, TaskName.FIND_RECREATED_TABLES, TaskName.UPDATE_SEARCH),
    ),
    TaskName.APPLY_EVENTS: TaskDefinition(
        Queue.SYNC,
        *_LONG,
        wakes=(
            TaskName.APPLY_EVENTS,
            TaskName.FIND_RECREATED_TABLES,
            TaskName.CONVERGE_SCOPE,
            TaskName.READ_DATABASE,
        ),
    ),
    TaskName.ANSWER_PASSWORD_RESETS: TaskDefinition(Queue.OUTBOX, *_SHORT, wakes=AFTER_EVENTS),
    TaskName.PROJECT_NOTICES: TaskDefinition(
        Queue.OUTBOX, *_LONG, wakes=(TaskName.SEND_MAIL, TaskName.DELIVER_WEBHOOK)
    ),
    TaskName.SEND_MAIL: TaskDefinition(Queue.OUTBOX, *_SHORT),
    TaskName.DELIVER_WEBHOOK: TaskDefinition(Queue.OUTBOX, *_SHORT),
    TaskName.EXPIRE_DUE: TaskDefinition(
        Queue.DEFAULT, *_SHORT, wakes=(TaskName.CONVERGE_SCOPE, TaskName.SEAL)
    ),
    TaskName.WARN: TaskDefinition(Queue.DEFAULT, *_SHORT, wakes=AFTER_EVENTS),
    TaskName.FIND_RECREATED_TABLES: TaskDefinition(
        Queue.DEFAULT, *_LONG, wakes=(TaskName.CONVERGE_SCOPE, TaskName.SEAL)
    ),
    TaskName.READ_TRAIL: TaskDefinition(Queue.DEFAULT, *_LONG),
    TaskName.READ_QUALITY: TaskDefinition(Queue.DEFAULT, *_LONG, wakes=AFTER_EVENTS),
    TaskName.READ_QUERY_HISTORY: TaskDefinition(Queue.DEFAULT, *_LONG),
    TaskName.CHECK_ACCOUNT: TaskDefinition(Queue.DEFAULT, *_LONG, wakes=(TaskName.CONVERGE_SCOPE,)),
    TaskName.SCAN_COLUMNS: TaskDefinition(Queue.DEFAULT, *_SHORT),
    TaskName.FOLLOW_CRAWLER: TaskDefinition(
        Queue.DEFAULT, *_SHORT, wakes=(TaskName.READ_CATALOG, TaskName.READ_DATABASE, TaskName.SEAL)
    ),
    TaskName.COMPARE_ROWS: TaskDefinition(Queue.DEFAULT, *_SHORT, wakes=AFTER_EVENTS),
    TaskName.TRACE_VIEW: TaskDefinition(Queue.DEFAULT, *_SHORT),
    TaskName.MATCH_DATASETS: TaskDefinition(Queue.DEFAULT, *_LONG),
    TaskName.READ_FRESHNESS: TaskDefinition(Queue.DEFAULT, *_LONG, wakes=AFTER_EVENTS),
    TaskName.CHECK_SEARCH_ALERT: TaskDefinition(Queue.DEFAULT, *_SHORT, wakes=AFTER_EVENTS),
    TaskName.UPDATE_SEARCH: TaskDefinition(Queue.SYNC, *_READING),
    TaskName.SEND_REMINDERS: TaskDefinition(Queue.DEFAULT, *_LONG, wakes=AFTER_EVENTS),
    TaskName.REPORT_DEPARTURES: TaskDefinition(Queue.DEFAULT, *_LONG, wakes=AFTER_EVENTS),
    TaskName.REPORT_VACANCIES: TaskDefinition(Queue.DEFAULT, *_LONG, wakes=AFTER_EVENTS),
    TaskName.CHECK_DERIVATIONS: TaskDefinition(Queue.DEFAULT, *_LONG, wakes=AFTER_EVENTS),
    TaskName.COUNT_USES: TaskDefinition(Queue.DEFAULT, *_LONG),
    TaskName.COMPARE_SCHEMAS: TaskDefinition(Queue.DEFAULT, *_LONG),
    TaskName.COUNT_SEARCHES: TaskDefinition(Queue.DEFAULT, *_SHORT),
    TaskName.DELETE_OLD_ROWS: TaskDefinition(Queue.DEFAULT, *_LONG),
    TaskName.SEAL: TaskDefinition(Queue.AUDIT, *_SHORT, wakes=(TaskName.PROJECT_NOTICES,)),
    TaskName.VERIFY: TaskDefinition(Queue.AUDIT, *_LONG, wakes=AFTER_EVENTS),
}
"""Every task. Celery's routes and time limits are made of it. The last two seal and verify the events of the others."""

TASKS_AFTER_DECISIONS = (
    TaskName.CONVERGE_SCOPE,
    TaskName.QUERY_AS_ROLE,
    TaskName.RUN_DATA_QUERY,
    TaskName.VEND_CREDENTIALS,
    TaskName.READ_CATALOG,
    TaskName.READ_DATABASE,
    TaskName.CHECK_ACCOUNT,
    TaskName.SCAN_COLUMNS,
    TaskName.FOLLOW_CRAWLER,
    TaskName.COMPARE_ROWS,
    TaskName.ANSWER_PASSWORD_RESETS,
    TaskName.SEAL,
)
"""What a person's action may have made due."""
