"""Jobs, runs and unmatched datasets that a person may see."""

from collections.abc import Iterable, Sequence

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from catalog.lineage.may import (
    build_hidden_match_filter,
    hide_tables,
    matchable_datasets,
    visible_datasets,
    visible_jobs,
    visible_links,
)
from catalog.lineage.models import (
    UNMATCHED,
    DatasetLink,
    JobKind,
    LineageDataset,
    LineageJob,
    LineageRun,
    RunState,
)
from catalog.mirror.models import Table
from catalog.products.may import visible_tables
from identity.people.may import get_team_ids
from identity.people.models import Person
from kernel.errors import NotFoundError

MAX_CANDIDATES = 20


def list_jobs(person: Person) -> QuerySet[LineageJob]:
    """With the state and time of the last run: `last_state`, `last_run_at`."""
    newest = LineageRun.objects.filter(job=OuterRef("pk")).order_by("-last_event_at")
    return (
        visible_jobs(person)
        .select_related("team", "view__database__catalog__account")
        .annotate(
            last_state=Subquery(newest.values("state")[:1]),
            last_run_at=Subquery(newest.values("last_event_at")[:1]),
        )
    )


def get_job(person: Person, pk: int) -> LineageJob:
    """NotFoundError for whoever may not see it."""
    job = list_jobs(person).filter(pk=pk).first()
    if job is None:
        raise NotFoundError
    return job


def list_runs(job: LineageJob) -> QuerySet[LineageRun]:
    """Runs of a job from `get_job`; newest first."""
    return LineageRun.objects.filter(job=job).order_by("-last_event_at", "-pk")


def find_last_failure(job: LineageJob) -> LineageRun | None:
    return list_runs(job).filter(state=RunState.FAIL).first()


def find_last_runs(jobs: Iterable[int]) -> dict[int, LineageRun]:
    """By job. One query."""
    rows = LineageRun.objects.filter(job__in=list(jobs)).order_by("job", "-last_event_at").distinct("job")
    return {run.job_id: run for run in rows}


def list_visible_links(person: Person, job: LineageJob) -> Sequence[DatasetLink]:
    """What the job reads and writes, as far as the person may see it. By name."""
    rows = visible_links(person, job).select_related("dataset__table__database__catalog__account")
    found = list(rows.order_by("dataset__name", "pk"))
    hide_tables(person, [link.dataset for link in found])
    return found


def list_unmatched_datasets(person: Person) -> QuerySet[LineageDataset]:
    """Datasets without a table that the person may match, and those that look so: see `hide_tables`. Those last seen
    come first, as far as the person is told.
    """
    looks_unmatched = Q(match__in=UNMATCHED) | build_hidden_match_filter(person)
    rows = (visible_datasets(person) & matchable_datasets(person)).filter(looks_unmatched)
    own = DatasetLink.objects.filter(dataset=OuterRef("pk"), job__team__in=get_team_ids(person))
    own_time = Subquery(own.order_by("-last_seen").values("last_seen")[:1])
    times = Case(When(table=None, then=F("last_seen")), default=Coalesce(own_time, F("last_seen")))
    return rows.select_related("team", "matched_by").order_by(times.desc(), "pk")


def get_dataset(person: Person, pk: int) -> LineageDataset:
    """As the person may see it. NotFoundError."""
    return _get_first(person, visible_datasets(person).filter(pk=pk))


def get_matchable_dataset(person: Person, pk: int) -> LineageDataset:
    """Matched or not. NotFoundError for whoever may not match it."""
    return _get_first(person, (visible_datasets(person) & matchable_datasets(person)).filter(pk=pk))


def _get_first(person: Person, rows: QuerySet[LineageDataset]) -> LineageDataset:
    row = rows.select_related("team", "matched_by", "table__database__catalog__account").first()
    if row is None:
        raise NotFoundError
    hide_tables(person, [row])
    return row


def list_candidates(person: Person, dataset: LineageDataset, text: str) -> list[Table]:
    """Live tables that the person sees and whose name holds the text, else the last part of the dataset's name."""
    wanted = text.strip() or dataset.name.rstrip("/").rsplit("/", 1)[-1].rsplit(".", 1)[-1]
    rows = visible_tables(person).filter(tombstoned_at=None, database__tombstoned_at=None)
    named = Q(name__icontains=wanted) | Q(database__name__icontains=wanted)
    if "." in wanted:
        database, _dot, name = wanted.rpartition(".")
        named = Q(database__name__iexact=database, name__icontains=name)
    found = rows.filter(named).select_related("database__catalog__account").order_by("name", "pk")
    return list(found[:MAX_CANDIDATES])


def list_matched_datasets(person: Person, table: Table) -> QuerySet[LineageDataset]:
    """Names by which pipelines call a table, for those who may unmatch them."""
    return (
        (visible_datasets(person) & matchable_datasets(person))
        .filter(table=table)
        .order_by("namespace", "name")
    )


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
