"""What lineage says of a table's data: the last run that wrote it, and whether a later one failed."""

from dataclasses import dataclass
from datetime import datetime

from catalog.lineage.models import DatasetLink, LineageJob, LineageRun, TableEdge
from catalog.lineage.states import JobKind, RunState
from catalog.mirror.models import Table


@dataclass(frozen=True)
class FailedRun:
    job: str
    at: datetime


def find_last_write(table: Table) -> datetime | None:
    """When the last run ended that wrote the table. One query."""
    rows = LineageRun.objects.filter(job__in=_list_writers(table), state=RunState.COMPLETE)
    return rows.order_by("-state_at").values_list("state_at", flat=True).first()


def find_failed_run(table: Table) -> FailedRun | None:
    """The newest run of a job that writes the table, if it failed. One query."""
    rows = LineageRun.objects.filter(
        job__in=_list_writers(table), state__in=(RunState.FAIL, RunState.COMPLETE)
    )
    newest = rows.select_related("job").order_by("-state_at").first()
    if newest is None or newest.state != RunState.FAIL:
        return None
    return FailedRun(newest.job.name, newest.state_at)


def list_view_inputs(view: Table) -> list[int]:
    """Ids of the tables that a view reads, as far as lineage matched them."""
    edges = TableEdge.objects.filter(job__view=view, source__table__isnull=False)
    return list(edges.order_by("source__table").values_list("source__table", flat=True).distinct())


def _list_writers(table: Table) -> list[int]:
    links = DatasetLink.objects.filter(dataset__table=table, is_output=True, job__kind=JobKind.PIPELINE)
    return list(LineageJob.objects.filter(pk__in=links.values("job")).values_list("pk", flat=True))
