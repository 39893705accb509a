"""Whose events say how a table is made. Roles that a domain registered as writers are those of its own team's accounts."""

from django.db.models import F, Q, QuerySet

from catalog.lineage.models import LineageJob
from catalog.lineage.states import JobKind
from catalog.mirror.models import Table


def list_writer_jobs(table: Table) -> QuerySet[LineageJob]:
    """Jobs that write the table, of the team of its domain. What other teams report of it is a claim, and so is what anybody reports of
    a table without a domain.
    """
    written = Q(links__dataset__table=table, links__is_output=True)
    is_own = Q(team=F("links__dataset__table__database__domain__owner_team"))
    return LineageJob.objects.filter(written & is_own, kind=JobKind.PIPELINE).distinct()


def is_claim(job: LineageJob, table: Table | None) -> bool:
    """Whether the job, which is said to write the table, is none of its owner. Of a table without a domain, or of a dataset without a
    table, nobody is known to be the owner. The table has its database and domain.
    """
    domain = table.database.domain if table else None
    return domain is not None and job.kind == JobKind.PIPELINE and job.team_id != domain.owner_team_id
