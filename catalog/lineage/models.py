"""Rows of lineage: jobs, their runs, datasets, and what is made from what."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, models
from django.db.models import Case, F, Q, TextChoices, When
from django.utils.translation import gettext_lazy as _

from catalog.mirror.models import Table
from identity.people.models import Person, Team


class RunState(TextChoices):
    """In the order in which they rank at the same time."""

    OTHER = "other", _("not known")
    START = "start", _("started")
    RUNNING = "running", _("running")
    ABORT = "abort", _("stopped")
    FAIL = "fail", _("failed")
    COMPLETE = "complete", _("succeeded")


TERMINAL_STATES = (RunState.ABORT, RunState.FAIL, RunState.COMPLETE)
RANKS = {state.value: rank for rank, state in enumerate(RunState)}


class MatchKind(TextChoices):
    """How a dataset was matched to a table of the mirror."""

    PENDING = "pending", _("not tried yet")
    NONE = "none", _("no table found")
    ARN = "arn", _("by its ARN")
    SYMLINK = "symlink", _("by a symlink")
    LOCATION = "location", _("by its S3 location")
    HAND = "hand", _("by hand")
    HAND_NONE = "hand_none", _("unmatched by hand")


BY_HAND = (MatchKind.HAND, MatchKind.HAND_NONE)
RETRIED = (MatchKind.PENDING, MatchKind.NONE, MatchKind.LOCATION)
"""Tried again after a sync: a new table may fit, or fit better."""
UNMATCHED = (MatchKind.PENDING, MatchKind.NONE, MatchKind.HAND_NONE)


class JobKind(TextChoices):
    PIPELINE = "pipeline", _("pipeline")
    VIEW = "view", _("view")


class Observed(models.Model):
    """When events first and last named it, by their own times."""

    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        abstract = True


class LineageJob(Observed):
    """A job of a team, or a view of the mirror. Two teams that report jobs of one name have two jobs.

    `facet_times`: times of the events that the type, description, code and owners come from.
    """

    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="lineage_jobs"
    )
    key = models.UUIDField(help_text=_("digest of namespace and name"))
    namespace = models.TextField()
    name = models.TextField()
    kind = models.CharField(max_length=10, choices=JobKind, default=JobKind.PIPELINE)
    type = models.CharField(max_length=120, blank=True, help_text=_("such as Spark job or dbt model"))
    description = models.TextField(blank=True)
    code_url = models.CharField(max_length=2000, blank=True)
    owners = models.JSONField(default=list)
    facet_times = models.JSONField(default=dict)
    view = models.OneToOneField(
        Table, null=True, blank=True, on_delete=models.PROTECT, related_name="lineage_job"
    )
    view_digest = models.CharField(max_length=64, blank=True, help_text=_("of the view when it was read"))
    view_problem = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "key"], nulls_distinct=False, name="lineage_job_once"),
            models.CheckConstraint(
                condition=Q(kind=JobKind.VIEW, view__isnull=False, team=None)
                | Q(kind=JobKind.PIPELINE, view=None, team__isnull=False),
                name="lineage_job_of_a_team_or_view",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LineageRun(models.Model):
    """A run of a job. Its state is the greatest of (is terminal, time, rank) of its events, so their order does not matter."""

    job = models.ForeignKey(LineageJob, on_delete=models.PROTECT, related_name="runs")
    run_id = models.UUIDField()
    state = models.CharField(max_length=10, choices=RunState)
    state_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    nominal_at = models.DateTimeField(null=True, blank=True, help_text=_("the time for which it was planned"))
    error = models.TextField(blank=True)
    error_at = models.DateTimeField(null=True, blank=True)
    parent_run = models.UUIDField(null=True, blank=True)
    parent_job = models.TextField(blank=True)
    last_event_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "run_id"], name="lineage_run_once")]
        indexes = [models.Index(fields=["job", "-last_event_at"], name="lineage_run_newest")]

    def __str__(self) -> str:
        return str(self.run_id)

    @property
    def is_ended(self) -> bool:
        return self.state in TERMINAL_STATES

    @property
    def duration(self) -> float | None:
        """Seconds, of a run whose start and end are known."""
        if not self.is_ended or self.started_at is None:
            return None
        return max(0.0, (self.state_at - self.started_at).total_seconds())


class LineageDataset(Observed):
    """A dataset as events name it. `node` is equal for all datasets of one table: minus its id; else the dataset's own id."""

    key = models.UUIDField(unique=True, help_text=_("digest of namespace and name"))
    namespace = models.TextField()
    name = models.TextField()
    team = models.ForeignKey(
        Team,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("reported it first"),
    )
    columns = models.JSONField(default=list, help_text=_("names and types"))
    columns_at = models.DateTimeField(null=True, blank=True)
    symlinks = models.JSONField(default=list, help_text=_("namespaces and names"))
    symlinks_at = models.DateTimeField(null=True, blank=True)
    match = models.CharField(max_length=10, choices=MatchKind, default=MatchKind.PENDING)
    table = models.ForeignKey(
        Table, null=True, blank=True, on_delete=models.PROTECT, related_name="lineage_datasets"
    )
    tried_at = models.DateTimeField(null=True, blank=True)
    matched_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    node = models.GeneratedField(
        expression=Case(When(table_id__isnull=True, then=F("id")), default=-F("table_id")),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(match__in=UNMATCHED, table=None)
                | (~Q(match__in=UNMATCHED) & Q(table__isnull=False)),
                name="lineage_dataset_matched_to_a_table",
            )
        ]
        indexes = [
            models.Index(fields=["node"], name="lineage_dataset_node"),
            models.Index(fields=["match", "tried_at"], name="lineage_dataset_match"),
        ]

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


class DatasetLink(Observed):
    """A job reads or writes a dataset. `is_explicit`: events say from what it is made, so not from all inputs of the job."""

    job = models.ForeignKey(LineageJob, on_delete=models.PROTECT, related_name="links")
    dataset = models.ForeignKey(LineageDataset, on_delete=models.PROTECT, related_name="links")
    is_output = models.BooleanField()
    is_explicit = models.BooleanField(default=False)
    last_run = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "is_output", "dataset"], name="lineage_link_once")
        ]

    def __str__(self) -> str:
        return f"{self.job} {'writes' if self.is_output else 'reads'} {self.dataset}"


class TableEdge(Observed):
    """A job makes the target from the source."""

    job = models.ForeignKey(LineageJob, on_delete=models.PROTECT, related_name="table_edges")
    source = models.ForeignKey(LineageDataset, on_delete=models.PROTECT, related_name="edges_out")
    target = models.ForeignKey(LineageDataset, on_delete=models.PROTECT, related_name="edges_in")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "source", "target"], name="lineage_edge_once"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="lineage_edge_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


class ColumnEdge(Observed):
    """A job makes a column from another. An empty `target_column`: the source decides on all rows, as in a filter or join."""

    job = models.ForeignKey(LineageJob, on_delete=models.PROTECT, related_name="column_edges")
    source = models.ForeignKey(
        LineageDataset, on_delete=models.PROTECT, related_name="column_edges_out", db_index=False
    )
    source_column = models.CharField(max_length=255)
    target = models.ForeignKey(
        LineageDataset, on_delete=models.PROTECT, related_name="column_edges_in", db_index=False
    )
    target_column = models.CharField(max_length=255, blank=True)
    is_direct = models.BooleanField(default=True)
    detail = models.CharField(
        max_length=120, blank=True, help_text=_("such as identity, aggregation or filter")
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["job", "source", "source_column", "target", "target_column"],
                name="lineage_column_edge_once",
            )
        ]
        indexes = [
            models.Index(fields=["source", "source_column"], name="lineage_column_down"),
            models.Index(fields=["target", "target_column"], name="lineage_column_up"),
        ]

    def __str__(self) -> str:
        return f"{self.source_column} → {self.target_column}"


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
