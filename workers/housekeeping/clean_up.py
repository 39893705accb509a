"""Deletes rows that are no longer needed."""

from audit.clock import now as database_now
from catalog.freshness.recording import delete_old_days
from catalog.lineage.retention import delete_old_lineage
from catalog.quality.retention import delete_old_quality
from fulfilment.background.health import delete_stale_task_health
from fulfilment.background.task_failures import delete_old_failures
from fulfilment.background.worker_processes import delete_lost_processes
from requests_app.notifications import retention


def delete_old_rows() -> None:
    """Notifications, mails, deliveries, runs of lineage, unused lineage, quality results and days of freshness by age; rows of processes and tasks that are gone."""
    retention.delete_old_rows(now=database_now())
    delete_old_lineage(now=database_now())
    delete_old_days(database_now())
    delete_old_quality(now=database_now())
    delete_stale_task_health()
    delete_lost_processes()
    delete_old_failures()
