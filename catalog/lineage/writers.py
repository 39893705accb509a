"""Whose events say how a table is made. Roles that a domain registered as writers are those of its own team's accounts."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from catalog.lineage.models import LineageJob
from catalog.lineage.states import JobKind
from catalog.mirror.models import Table
from catalog.products.models import Domain


def list_writer_jobs(table: Table) -> QuerySet[LineageJob]:
    """Jobs that write the table, of the team of its own domain. What other teams report of it is a claim."""
    written = Q(links__dataset__table=table, links__is_output=True)
    rows = LineageJob.objects.filter(written, kind=JobKind.PIPELINE, team__in=find_owner_teams(table))
    return rows.distinct()


def find_owner_teams(table: Table) -> Collection[int]:
    """That of its database's domain, or those of its products' domains where its database has none."""
    domains = Domain.objects.filter(databases=table.database_id)
    if table.database.domain_id is None:
        domains = Domain.objects.filter(products__tables=table)
    return set(domains.values_list("owner_team", flat=True))


def is_claim(job: LineageJob, table: Table | None) -> bool:
    """Whether the job, which is said to write the table, is none of its owner. Of a table without a domain, or of a dataset without a
    table, nobody is known to be the owner. The table has its database and domain.
    """
    domain = table.database.domain if table else None
    return domain is not None and job.kind == JobKind.PIPELINE and job.team_id != domain.owner_team_id
