"""Celery tasks. Each does one unit of work on one row, named by its id. A message may be lost, doubled, late or out of order:
the row says what is due, and a dispatcher sends it again.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from celery import Task, current_app, shared_task
from django.db import close_old_connections
from kombu.exceptions import OperationalError

from background.log_context import bind_log_context
from background.task_table import DISPATCH_TASK, TASKS, TASKS_AFTER_DECISIONS, TaskName
from catalog.lineage.actions import match_again
from catalog.lineage.view_lineage import trace_view
from catalog.mesh.models import count_searches_without_result
from catalog.mesh.schema_similarity import compare_schemas
from catalog.search.alerts import check_alert
from catalog.search.index.indexing import store_quality_signals
from identity.authentication import answer_reset_requests
from kernel.clock import now as database_now
from requests_app.grants.usage import count_uses
from requests_app.notifications.models import NotificationMail
from requests_app.notifications.webhooks.models import WebhookDelivery
from workers import (
    classification,
    cloudtrail,
    housekeeping,
    outbox,
    quality,
    registrations,
    table_credentials,
)
from workers import crawlers as crawler_runs
from workers import data_queries as data_query_runs
from workers import freshness as freshness_reading
from workers import query_history as query_history_reading
from workers.accounts import checkup, principals
from workers.dispatch.loop import dispatch_all
from workers.engine import rounds
from workers.outbox import fail_row
from workers.sync import events, runs
from workers.task_run import OnError, TaskRun

BUSY_SECONDS = 5.0
"""How long a sync waits before it looks again whether its catalog is free."""
ROW_TASKS: dict[TaskName, "RowTask"] = {}
"""All tasks below. `manage.py sweep` calls the same functions without a broker."""


class RowTask(Task[[int], float | None]):
    """A task on a row. It is acknowledged when it has ended, so that the broker delivers it again after a lost worker."""

    acks_late = True
    reject_on_worker_lost = True
    ignore_result = True
    throws = (Exception,)  # Celery would log a traceback that is in the log already.
    on_error: OnError | None = None

    def __call__(self, row_id: int) -> None:
        close_old_connections()
        task = TaskName(self.name)
        worker, attempt = self.request.hostname or "", self.request.retries
        with bind_log_context(task=task, task_id=self.request.id or "", row=row_id):
            result = TaskRun(task, row_id, worker, attempt).run(self.run, self.on_error)
        if result.retry_in is not None:
            raise self.retry(args=(row_id,), countdown=result.retry_in, max_retries=None)
        if result.error is not None:
            raise result.error
        dispatch_all(TASKS[task].wakes, send_row_task)


def row_task(
    name: TaskName, on_error: OnError | None = None
) -> Callable[[Callable[[int], float | None]], Any]:
    """Register a task of the table."""

    def register(function: Callable[[int], float | None]) -> Any:
        task = shared_task(name=name, base=RowTask, on_error=staticmethod(on_error) if on_error else None)(
            function
        )
        ROW_TASKS[name] = task
        return task

    return register


def send_row_task(task: TaskName, row_id: int) -> bool:
    """Send the message of a task; False if the broker did not take it."""
    try:
        current_app.send_task(task, args=[row_id], ignore_result=True, retry=False)
    except OperationalError:
        return False
    return True


@shared_task(name=DISPATCH_TASK, ignore_result=True)
def run_dispatch() -> None:
    """Send the tasks of rows that a person's action may have made due. A repeat finds them queued."""
    dispatch_all(TASKS_AFTER_DECISIONS, send_row_task)


@row_task(TaskName.CONVERGE_SCOPE)
def converge_scope(scope_id: int) -> None:
    """Run a round of a scope: read AWS, send what is missing, prove what is there.

    A repeat finds the scope leased or not due. One round at a time by lease and epoch; a killed round is continued when its
    lease ends.
    """
    rounds.converge_scope(scope_id)


@row_task(TaskName.QUERY_AS_ROLE, on_error=principals.fail_query)
def query_as_role(query_id: int) -> None:
    """Start a requested test query in Athena, or read its result.

    A repeat finds it locked, started or finished. A query that is still running is looked at again at the next interval.
    """
    principals.advance_query(query_id)


@row_task(TaskName.RUN_DATA_QUERY, on_error=data_query_runs.fail_unexpectedly)
def run_data_query(query_id: int) -> None:
    """Start a query as its caller's role, or read its result.

    A repeat finds it locked, started or finished. A query that was started without its id being stored is found again by its
    request token.
    """
    data_query_runs.advance_query(query_id)


@row_task(TaskName.VEND_CREDENTIALS, on_error=table_credentials.fail_unexpectedly)
def vend_credentials(credential_id: int) -> None:
    """Get credentials for a table as its caller's role, and keep them encrypted to be collected. A repeat finds them there."""
    table_credentials.vend_credentials(credential_id)


@row_task(TaskName.READ_CATALOG)
def read_catalog(run_id: int) -> float | None:
    """Read a catalog into the mirror, for a requested sync run.

    A repeat finds the run ended, or its catalog locked. A run whose worker was killed is requested again.
    """
    return _run_sync(run_id)


@row_task(TaskName.READ_DATABASE)
def read_database(run_id: int) -> float | None:
    """Read one database of a catalog into the mirror; as `read_catalog`."""
    return _run_sync(run_id)


def _run_sync(run_id: int) -> float | None:
    try:
        runs.run_requested_sync(run_id)
    except runs.CatalogBusyError:
        return BUSY_SECONDS
    return None


@row_task(TaskName.APPLY_EVENTS)
def apply_events(settings_id: int) -> None:
    """Read again what the messages in a catalog's event queue name, until none comes for a second.

    A message is deleted after its tables were read; a repeat reads them again.
    """
    events.apply_events(settings_id)


@row_task(TaskName.ANSWER_PASSWORD_RESETS)
def answer_password_resets(_all: int) -> None:
    """Record an event for each request to reset a password whose person may, of which a mail is made.

    A repeat finds them answered: events and answers are one transaction.
    """
    answer_reset_requests(now=database_now())


@row_task(TaskName.PROJECT_NOTICES)
def project_notices(_all: int) -> None:
    """Create notifications, mails and deliveries from sealed events, in their order.

    A repeat finds the position moved on, and rows are unique by event, person and channel.
    """
    outbox.create_notifications()


@row_task(TaskName.SEND_MAIL, on_error=partial(fail_row, NotificationMail))
def send_mail(mail_id: int) -> float | None:
    """Send a mail, always under the same Message-ID.

    A repeat finds it claimed or sent. A mail server's refusal is retried with back-off for a day and a half.
    """
    return outbox.send_mail(mail_id, now=database_now())


@row_task(TaskName.DELIVER_WEBHOOK, on_error=partial(fail_row, WebhookDelivery))
def deliver_webhook(delivery_id: int) -> float | None:
    """Send an event to a webhook, always under the same id.

    A repeat finds it claimed or sent. Any answer but 2xx and 410 is retried with back-off for a day and a half.
    """
    return outbox.send_delivery(delivery_id, now=database_now())


@row_task(TaskName.EXPIRE_DUE)
def expire_due(grant_id: int) -> None:
    """End a grant whose time is over, and wake its scope. A repeat finds it ended. Access ends without this, too."""
    housekeeping.expire_due_grant(grant_id)


@row_task(TaskName.WARN)
def warn(grant_id: int) -> None:
    """Record the one warning of a grant that ends soon. A repeat finds the warning."""
    housekeeping.warn_of_expiry(grant_id)


@row_task(TaskName.FIND_RECREATED_TABLES)
def find_recreated_tables(_all: int) -> None:
    """Open decisions on tables that were created again, or let rules decide. A repeat finds them opened."""
    housekeeping.find_recreated_tables()


@row_task(TaskName.SEAL)
def seal(_all: int) -> None:
    """Seal all pending audit events into the chain. Two at once: the second finds the lock taken, or nothing pending."""
    housekeeping.seal_pending_events()


@row_task(TaskName.VERIFY)
def verify(_all: int) -> None:
    """Verify the latest seals and the next slice of the chain; only reads it. A repeat finds the lock taken, or goes on."""
    housekeeping.verify_recent_and_slice()


@row_task(TaskName.READ_TRAIL)
def read_trail(trail_id: int) -> None:
    """Read new log files of a CloudTrail trail, 200 at most. A repeat finds it locked, or reads a file again, which changes
    nothing.
    """
    cloudtrail.read_trail(trail_id)


@row_task(TaskName.READ_QUALITY)
def read_quality(catalog_id: int) -> None:
    """Read new results of Glue Data Quality of a catalog's account, and compare scores with promises.

    A repeat finds it locked, or reads a result again, which changes nothing.
    """
    quality.read_quality(catalog_id)


@row_task(TaskName.READ_QUERY_HISTORY)
def read_query_history(account_id: int) -> None:
    """Count new queries of an account's Athena history, 2,000 at most. A repeat finds it locked, or counts nothing twice."""
    query_history_reading.read_query_history(account_id)


@row_task(TaskName.CHECK_ACCOUNT, on_error=checkup.fail_checkup)
def check_account(checkup_id: int) -> None:
    """Read an account's settings for a requested check-up. A repeat finds it locked or finished."""
    checkup.run_checkup(checkup_id)


@row_task(TaskName.SCAN_COLUMNS, on_error=classification.fail_scan)
def scan_columns(scan_id: int) -> None:
    """Start the queries for a table's sample, or read their results and record what is detected.

    A repeat finds the scan locked, started or finished; findings and the scan's end are one transaction.
    """
    classification.advance_scan(scan_id)


@row_task(TaskName.FOLLOW_CRAWLER, on_error=crawler_runs.fail_unexpectedly)
def follow_crawler(run_id: int) -> None:
    """Start a requested crawler, or look whether it has ended and its tables are read.

    A repeat finds the run locked, not due or ended. A killed worker's call is recognized, so that no crawler is started twice.
    """
    crawler_runs.advance_run(run_id)


@row_task(TaskName.COMPARE_ROWS, on_error=registrations.fail_unexpectedly)
def compare_rows(comparison_id: int) -> None:
    """Start a query that compares a registered table with its source, or read its result.

    A repeat finds the comparison locked, started or finished. A query that was started without its id being stored is found
    again by its request token.
    """
    registrations.advance_comparison(comparison_id)


@row_task(TaskName.TRACE_VIEW)
def trace_changed_view(table_id: int) -> None:
    """Read the lineage of a view from its text. A repeat finds it traced at the view's digest."""
    trace_view(table_id, database_now())


@row_task(TaskName.MATCH_DATASETS)
def match_datasets_again(_all: int) -> None:
    """Match datasets of lineage that a sync may have brought a table for. A repeat finds them tried since."""
    match_again(now=database_now())


@row_task(TaskName.READ_FRESHNESS)
def read_table_freshness(table_id: int) -> None:
    """Read when a table's data last changed, and compare its products with their promises. A repeat finds it locked or reads again;
    a promise is broken or mended once.
    """
    freshness_reading.read_freshness(table_id)


@row_task(TaskName.CHECK_SEARCH_ALERT)
def check_search_alert(search_id: int) -> None:
    """Compare a saved search with what its person was told, and record one event of what is new.

    A repeat finds it not due. The event, the hits and the next due time are one transaction: a killed worker wrote none of it.
    """
    check_alert(search_id=search_id, now=database_now())


@row_task(TaskName.UPDATE_SEARCH)
def update_search(_all: int) -> None:
    """Update word counts, search completions and change marks. A repeat computes the same."""
    runs.update_search()


@row_task(TaskName.SEND_REMINDERS)
def send_reminders(_all: int) -> None:
    """Record reminders of items that wait for too long. A repeat finds them recorded."""
    housekeeping.remind_of_overdue_items()


@row_task(TaskName.REPORT_DEPARTURES)
def report_departures(_all: int) -> None:
    """Record what people who left leave behind, 500 items and tokens at most. A repeat finds them recorded."""
    housekeeping.report_departures()


@row_task(TaskName.REPORT_VACANCIES)
def report_vacancies(_all: int) -> None:
    """Record deciding roles that nobody active holds any more. A repeat finds them recorded."""
    housekeeping.report_vacancies()


@row_task(TaskName.CHECK_DERIVATIONS)
def check_derivations(_all: int) -> None:
    """Expire approvals of upstream owners, and warn of published products that lack one. A repeat finds them done."""
    housekeeping.check_derivations()


@row_task(TaskName.COUNT_USES)
def count_table_uses(_all: int) -> None:
    """Count the teams that use each table, and store on search documents what is known of the data. A repeat computes the same."""
    count_uses(database_now())
    store_quality_signals()


@row_task(TaskName.COMPARE_SCHEMAS)
def compare_all_schemas(_all: int) -> None:
    """Compare the schemas of all tables, once a day. Two at once: the second finds the lock taken. A repeat computes the same."""
    compare_schemas(database_now())


@row_task(TaskName.COUNT_SEARCHES)
def count_searches(_all: int) -> None:
    """Count searches without result. A repeat finds them counted: the count and its mark are one transaction."""
    count_searches_without_result(database_now())


@row_task(TaskName.DELETE_OLD_ROWS)
def delete_old_rows(_all: int) -> None:
    """Delete old notifications, mails and deliveries, and rows of processes and tasks that are gone. A repeat finds less."""
    housekeeping.delete_old_rows()
