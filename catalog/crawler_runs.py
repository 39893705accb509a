"""Runs of Glue crawlers in producer accounts, and the crawlers that there are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.actions import record_event
from catalog.mirror.models import Database, Table
from catalog.products.may import EDITOR_ROLES, list_edited_domains
from catalog.sync.models import SyncRun
from identity.accounts import ConnectedCatalog
from identity.people.events import record_by_person
from identity.people.may import can_read_everything, get_team_ids_with_role
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.queries import insert_open_row
from kernel.state_transitions import Transitions
from kernel.verdicts import ALLOWED, Verdict, refusal


class CrawlerRunState(TextChoices):
    REQUESTED = "requested", gettext_lazy("requested")
    RUNNING = "running", gettext_lazy("running")
    SUCCEEDED = "succeeded", gettext_lazy("succeeded")
    FAILED = "failed", gettext_lazy("failed")
    CANCELLED = "cancelled", gettext_lazy("cancelled")


class CrawlerRunProblem(TextChoices):
    """The case of a failure; the page of a run says what to do about each."""

    NONE = "", ""
    NOT_ALLOWED = "not_allowed", gettext_lazy("the person may no longer start it")
    DENIED = "denied", gettext_lazy("AWS refused it")
    ABSENT = "absent", gettext_lazy("the crawler does not exist")
    BUSY = "busy", gettext_lazy("the crawler was already running")
    REFUSED = "refused", gettext_lazy("AWS did not accept it")
    CRAWL_FAILED = "crawl_failed", gettext_lazy("the crawler failed")
    TOO_LONG = "too_long", gettext_lazy("it did not end in time")
    UNREAD = "unread", gettext_lazy("the catalog could not be read")
    UNEXPECTED = "unexpected", gettext_lazy("an unexpected error")


OPEN_RUN_STATES = (CrawlerRunState.REQUESTED, CrawlerRunState.RUNNING)
CRAWLER_RUN_TRANSITIONS = Transitions(
    CrawlerRunState,
    {
        CrawlerRunState.REQUESTED: {CrawlerRunState.RUNNING, CrawlerRunState.FAILED},
        CrawlerRunState.RUNNING: {
            CrawlerRunState.SUCCEEDED,
            CrawlerRunState.FAILED,
            CrawlerRunState.CANCELLED,
        },
    },
)


class Crawler(models.Model):
    """A Glue crawler of a producer account, as the last sync of its catalog listed it."""

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="crawlers")
    name = models.CharField(max_length=255)
    database = models.CharField(
        max_length=255, blank=True, help_text=gettext_lazy("the database that it writes to")
    )
    paths = ArrayField(models.TextField(), default=list, help_text=gettext_lazy("S3 folders that it reads"))
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["catalog", "name"], name="crawler_one_of_a_name")]

    def __str__(self) -> str:
        return self.name


class CrawlerRun(models.Model):
    """A run of a crawler, requested as a row. A worker starts it and follows it; see `workers.crawlers`.

    `sent_at` is stored before the first call that starts it. `previous_crawl` is when the crawl before it began, as AWS says
    it: another one afterwards is this run. `crawled_at`: AWS has reported success, and `sync_run` reads the catalog.
    `error` is AWS's text. `tables` are those of the crawler's database that it wrote.
    """

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="crawler_runs")
    crawler = models.CharField(max_length=255)
    state = models.CharField(max_length=10, choices=CrawlerRunState, default=CrawlerRunState.REQUESTED)
    requested_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    database = models.CharField(max_length=255, blank=True)
    previous_crawl = models.CharField(max_length=40, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    crawled_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(help_text=gettext_lazy("when a worker looks at it again"))
    sync_run = models.ForeignKey(
        SyncRun, null=True, blank=True, on_delete=models.PROTECT, related_name="crawler_runs"
    )
    tables = models.ManyToManyField(Table, related_name="crawler_runs", blank=True)
    problem = models.CharField(max_length=12, choices=CrawlerRunProblem, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["catalog", "crawler"],
                condition=Q(state__in=OPEN_RUN_STATES),
                name="crawler_run_one_open_of_crawler",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_RUN_STATES, finished_at=None)
                | (~Q(state__in=OPEN_RUN_STATES) & Q(finished_at__isnull=False)),
                name="crawler_run_finished_at_its_end",
            ),
            models.CheckConstraint(
                condition=Q(state=CrawlerRunState.FAILED) & ~Q(problem="")
                | (~Q(state=CrawlerRunState.FAILED) & Q(problem="")),
                name="crawler_run_failed_says_why",
            ),
            models.CheckConstraint(
                condition=Q(started_at=None) | Q(sent_at__isnull=False),
                name="crawler_run_sent_before_started",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[CrawlerRunState.RUNNING, CrawlerRunState.SUCCEEDED])
                | Q(started_at__isnull=False),
                name="crawler_run_running_has_started",
            ),
            models.CheckConstraint(
                condition=Q(crawled_at=None, sync_run=None)
                | Q(crawled_at__isnull=False, sync_run__isnull=False),
                name="crawler_run_read_after_its_crawl",
            ),
        ]

    def __str__(self) -> str:
        return self.crawler

    @property
    def subject(self) -> str:
        """Its name in events."""
        return f"crawler_run:{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_RUN_STATES


def crawlable_catalogs(person: Person) -> QuerySet[ConnectedCatalog]:
    """Connected catalogs of producer accounts for whose domains the person may register tables."""
    return ConnectedCatalog.objects.filter(
        kind=ConnectedCatalog.Kind.PRODUCER,
        path="",
        account__is_producer=True,
        account__team__in=list_edited_domains(person).values("owner_team"),
    )


def may_request_crawler_run(person: Person, catalog: ConnectedCatalog) -> Verdict:
    """Whoever may register tables of the account."""
    if person.is_active and crawlable_catalogs(person).filter(pk=catalog.pk).exists():
        return ALLOWED
    team = {"team": catalog.account.team.name}
    return refusal(_("Only data owners and developers of %(team)s can start its crawlers.") % team)


def visible_crawler_runs(person: Person) -> QuerySet[CrawlerRun]:
    """Runs in the accounts of the person's teams, and their own; all for governance admins and auditors."""
    if can_read_everything(person):
        return CrawlerRun.objects.all()
    teams = get_team_ids_with_role(person, *EDITOR_ROLES)
    return CrawlerRun.objects.filter(Q(catalog__account__team__in=teams) | Q(requested_by=person))


CRAWLER_PARAMETER = "UPDATED_BY_CRAWLER"
"""A Glue crawler writes its name to this parameter of each table that it makes or updates."""


def list_startable_crawlers(person: Person) -> QuerySet[Crawler]:
    """By catalog and name."""
    rows = Crawler.objects.filter(catalog__in=crawlable_catalogs(person))
    return rows.select_related("catalog__account").order_by("catalog__short_name", "name")


def list_crawler_runs(person: Person) -> QuerySet[CrawlerRun]:
    """Newest first, with all that a list shows."""
    return (
        visible_crawler_runs(person)
        .select_related("catalog__account__team", "requested_by", "sync_run")
        .prefetch_related("tables__database")
        .order_by("-pk")
    )


def get_crawler_run(person: Person, pk: int) -> CrawlerRun:
    """NotFoundError for whoever may not see it."""
    run = list_crawler_runs(person).filter(pk=pk).first()
    if run is None:
        raise NotFoundError
    return run


def list_crawled_tables(run: CrawlerRun) -> QuerySet[Table]:
    """Tables in the mirror that the run's crawler wrote, by name."""
    parameter = {f"parameters__{CRAWLER_PARAMETER}": run.crawler}
    return Table.objects.filter(
        database__catalog=run.catalog_id,
        database__name=run.database,
        database__tombstoned_at=None,
        tombstoned_at=None,
        **parameter,
    ).order_by("name")


ENGINE = "engine:crawlers"
MIN_PAUSE, MAX_PAUSE = 2.0, 60.0
"""Seconds between two looks at a run."""
PAUSES_PER_AGE = 10
"""A run is looked at again after a tenth of its age."""


@dataclass(frozen=True)
class CrawlerReading:
    """A crawler as Glue lists it."""

    name: str
    database: str
    paths: Sequence[str]


@transaction.atomic
def store_crawlers(catalog: ConnectedCatalog, readings: Iterable[CrawlerReading], now: datetime) -> None:
    """The whole list: others of the catalog are deleted."""
    rows = [
        Crawler(
            catalog=catalog,
            name=reading.name,
            database=reading.database,
            paths=list(reading.paths),
            read_at=now,
        )
        for reading in readings
    ]
    Crawler.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["catalog", "name"],
        update_fields=["database", "paths", "read_at"],
    )
    Crawler.objects.filter(catalog=catalog).exclude(name__in=[row.name for row in rows]).delete()


def postpone_run(run: CrawlerRun, now: datetime) -> None:
    """Look again later, the later the older the run is."""
    age = (now - run.requested_at).total_seconds()
    run.due_at = now + timedelta(seconds=min(max(age / PAUSES_PER_AGE, MIN_PAUSE), MAX_PAUSE))
    run.save(update_fields=["due_at"])


def mark_sent(run: CrawlerRun, *, database: str, previous_crawl: str, now: datetime) -> None:
    """Before the call that starts it, so that a run whose worker was killed is recognized."""
    run.database, run.previous_crawl, run.sent_at = database, previous_crawl, now
    run.save(update_fields=["database", "previous_crawl", "sent_at"])


def mark_started(run: CrawlerRun, now: datetime) -> None:
    if run.state == CrawlerRunState.REQUESTED:
        run.state = CRAWLER_RUN_TRANSITIONS.check(run.state, CrawlerRunState.RUNNING)
        run.started_at = now
        run.save(update_fields=["state", "started_at"])


def is_database_known(run: CrawlerRun) -> bool:
    """Whether the mirror has the database that the crawler writes to."""
    rows = Database.objects.filter(catalog=run.catalog, name=run.database, tombstoned_at=None)
    return rows.exists()


@transaction.atomic
def mark_crawled(run: CrawlerRun, now: datetime) -> None:
    """AWS has reported success: request that the catalog is read, the crawler's database alone if the mirror knows it."""
    run.crawled_at = now
    request_reading(run, now)


@transaction.atomic
def request_reading(run: CrawlerRun, now: datetime) -> None:
    database = run.database if is_database_known(run) else ""
    run.sync_run = SyncRun.objects.create(catalog=run.catalog, database=database, requested_at=now)
    run.due_at = now + timedelta(seconds=MIN_PAUSE)
    run.save(update_fields=["crawled_at", "sync_run", "due_at"])


@transaction.atomic
def succeed_run(run: CrawlerRun, now: datetime) -> None:
    tables = list(list_crawled_tables(run))
    run.tables.add(*tables)
    _finish(run, CrawlerRunState.SUCCEEDED, now)
    _record("finish_crawler_run", run, now, count=len(tables))


@transaction.atomic
def fail_run(run: CrawlerRun, problem: CrawlerRunProblem, error: str, now: datetime) -> None:
    run.problem, run.error = problem, error
    _finish(run, CrawlerRunState.FAILED, now)
    _record("fail_crawler_run", run, now, problem=problem.value, reason=error or str(problem.label))


@transaction.atomic
def cancel_run(run: CrawlerRun, error: str, now: datetime) -> None:
    """Somebody stopped the crawler in AWS."""
    run.error = error
    _finish(run, CrawlerRunState.CANCELLED, now)
    _record("fail_crawler_run", run, now, reason=error or "It was stopped in AWS.")


def _finish(run: CrawlerRun, state: CrawlerRunState, now: datetime) -> None:
    run.state, run.finished_at = CRAWLER_RUN_TRANSITIONS.check(run.state, state), now
    run.save(update_fields=["state", "finished_at", "problem", "error"])


def _record(verb: str, run: CrawlerRun, now: datetime, **data: Any) -> None:
    said = {"what": run.crawler, "people": [run.requested_by_id], **data}
    record_event(verb=verb, actor=ENGINE, subject=run.subject, data=said, now=now)


MAX_NAME_LENGTH = 255


@transaction.atomic(durable=True)
def request_crawler_run(*, acting_user: Person, catalog_id: int, crawler: str, now: datetime) -> CrawlerRun:
    """NotFoundError for an unknown catalog, ForbiddenError, RefusedError while a run of the crawler is open."""
    catalog = ConnectedCatalog.objects.select_related("account__team").filter(pk=catalog_id).first()
    if catalog is None:
        raise NotFoundError
    require_allowed(may_request_crawler_run(acting_user, catalog))
    name = crawler.strip()
    if not 0 < len(name) <= MAX_NAME_LENGTH:
        raise RefusedError(_("Enter the name of a crawler, with at most 255 characters."), "crawler")
    known = Crawler.objects.filter(catalog=catalog, name=name).first()
    run = CrawlerRun(
        database=known.database if known else "",
        catalog=catalog,
        crawler=name,
        requested_by=acting_user,
        requested_at=now,
        due_at=now,
    )
    words = _("This crawler was already started here. Wait until its run has ended.")
    open_runs = CrawlerRun.objects.filter(catalog=catalog, crawler=name, state__in=OPEN_RUN_STATES)
    insert_open_row(run, open_runs, RefusedError(words, "crawler"))
    data = {"catalog": catalog.pk, "what": run.crawler}
    record_by_person("request_crawler_run", acting_user, run.subject, data, now)
    return run
