"""Deletes rows that are no longer needed."""

from background.health import delete_stale_task_health
from background.task_failures import delete_old_failures
from background.worker_processes import delete_lost_processes
from catalog.change_feed.projection import delete_old_changes
from catalog.freshness.recording import delete_old_days
from catalog.lineage.retention import delete_old_lineage
from catalog.mesh.searches_without_result import delete_old_searches
from catalog.quality.retention import delete_old_quality
from catalog.usage.retention import delete_old_usage
from kernel.clock import now as database_now
from requests_app.data_queries import retention as data_queries
from requests_app.notifications import retention
from requests_app.table_credentials.progress import erase_uncollected_secrets


def delete_old_rows() -> None:
    """Delete by age: rows that people read, secrets, queries, notifications, mails, deliveries, runs of lineage, unused lineage,
    quality results, freshness, usage, changes and searches without result; and rows of processes and tasks that are gone.
    """
    data_queries.erase_expired_rows(now=database_now())
    erase_uncollected_secrets(now=database_now())
    data_queries.delete_old_queries(now=database_now())
    retention.delete_old_rows(now=database_now())
    delete_old_lineage(now=database_now())
    delete_old_days(database_now())
    delete_old_quality(now=database_now())
    delete_old_usage(now=database_now())
    delete_old_changes(database_now())
    delete_old_searches(database_now())
    delete_stale_task_health()
    delete_lost_processes()
    delete_old_failures()
