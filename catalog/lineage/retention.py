"""Deletes runs and edges that no event has named for long."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from catalog.lineage.models import LineageRun

_STATEMENTS = (
    """DELETE FROM catalog_columnedge WHERE last_seen < %(limit)s
    AND job_id IN (SELECT id FROM catalog_lineagejob WHERE kind = 'pipeline')""",
    """DELETE FROM catalog_tableedge WHERE last_seen < %(limit)s
    AND job_id IN (SELECT id FROM catalog_lineagejob WHERE kind = 'pipeline')""",
    """DELETE FROM catalog_datasetlink WHERE last_seen < %(limit)s
    AND job_id IN (SELECT id FROM catalog_lineagejob WHERE kind = 'pipeline')""",
    """DELETE FROM catalog_lineagejob job WHERE kind = 'pipeline' AND last_seen < %(limit)s
    AND NOT EXISTS (SELECT 1 FROM catalog_datasetlink WHERE job_id = job.id)
    AND NOT EXISTS (SELECT 1 FROM catalog_tableedge WHERE job_id = job.id)
    AND NOT EXISTS (SELECT 1 FROM catalog_columnedge WHERE job_id = job.id)
    AND NOT EXISTS (SELECT 1 FROM catalog_lineagerun WHERE job_id = job.id)""",
    """DELETE FROM catalog_lineagedataset row WHERE last_seen < %(limit)s AND match NOT IN ('hand', 'hand_none')
    AND NOT EXISTS (SELECT 1 FROM catalog_qualityruleset WHERE dataset_id = row.id)
    AND NOT EXISTS (SELECT 1 FROM catalog_datasetlink WHERE dataset_id = row.id)
    AND NOT EXISTS (SELECT 1 FROM catalog_tableedge WHERE source_id = row.id OR target_id = row.id)
    AND NOT EXISTS (SELECT 1 FROM catalog_columnedge WHERE source_id = row.id)
    AND NOT EXISTS (SELECT 1 FROM catalog_columnedge WHERE target_id = row.id)""",
)


def delete_old_lineage(*, now: datetime) -> None:
    """Runs after `LINEAGE_RUN_DAYS`; jobs, datasets and edges after `LINEAGE_DAYS`. Lineage of views stays."""
    LineageRun.objects.filter(last_event_at__lt=now - timedelta(days=settings.LINEAGE_RUN_DAYS)).delete()
    limit = {"limit": now - timedelta(days=settings.LINEAGE_DAYS)}
    with connection.cursor() as cursor:
        for statement in _STATEMENTS:
            cursor.execute(statement, limit)
