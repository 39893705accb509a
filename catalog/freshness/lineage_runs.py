"""What lineage says of a table's data: the last run that wrote it, and whether a later one failed. Only what the table's own domain
reports counts.
"""

from dataclasses import dataclass
from datetime import datetime

from catalog.lineage.models import LineageRun, TableEdge
from catalog.lineage.states import RunState
from catalog.lineage.writers import list_writer_jobs
from catalog.mirror.models import Table


@dataclass(frozen=True)
class FailedRun:
    job: str
    at: datetime


def find_last_write(table: Table) -> datetime | None:
    """When the last run ended that wrote the table. One query."""
    rows = LineageRun.objects.filter(job__in=list_writer_jobs(table), state=RunState.COMPLETE)
    return rows.order_by("-state_at").values_list("state_at", flat=True).first()


def find_failed_run(table: Table) -> FailedRun | None:
    """The newest run of a job that writes the table, if it failed. One query."""
    rows = LineageRun.objects.filter(
        job__in=list_writer_jobs(table), state__in=(RunState.FAIL, RunState.COMPLETE)
    )
    newest = rows.select_related("job").order_by("-state_at").first()
    if newest is None or newest.state != RunState.FAIL:
        return None
    return FailedRun(newest.job.name, newest.state_at)


def list_view_inputs(view: Table) -> list[int]:
    """Ids of the tables that a view reads, as far as lineage matched them."""
    edges = TableEdge.objects.filter(job__view=view, source__table__isnull=False)
    return list(edges.order_by("source__table").values_list("source__table", flat=True).distinct())
