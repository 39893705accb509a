"""Rows of crawlers and of their runs."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.crawler_runs.states import OPEN_RUN_STATES, CrawlerRunProblem, CrawlerRunState
from catalog.mirror.models import Table
from catalog.sync.models import SyncRun
from identity.accounts import ConnectedCatalog
from identity.people.models import Person


class Crawler(models.Model):
    """A Glue crawler of a producer account, as the last sync of its catalog listed it."""

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="crawlers")
    name = models.CharField(max_length=255)
    database = models.CharField(max_length=255, blank=True, help_text=_("the database that it writes to"))
    paths = ArrayField(models.TextField(), default=list, help_text=_("S3 folders that it reads"))
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
    due_at = models.DateTimeField(help_text=_("when a worker looks at it again"))
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
