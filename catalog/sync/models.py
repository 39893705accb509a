"""Rows of the readings of Glue: settings, runs and problems."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from identity.accounts import ConnectedCatalog
from identity.people.models import Person


class SyncSettings(models.Model):
    """How one catalog is read; without a row the defaults hold."""

    catalog = models.OneToOneField(ConnectedCatalog, on_delete=models.PROTECT, related_name="sync_settings")
    pause_percent = models.PositiveSmallIntegerField(
        default=20,
        help_text="A sync run that would remove more than this share of the tables waits for a person.",
    )
    events_queue_url = models.CharField(
        max_length=512,
        blank=True,
        help_text="SQS queue that receives Glue's events from EventBridge. Optional.",
    )

    class Meta:
        verbose_name_plural = "sync settings"

    def __str__(self) -> str:
        return f"sync of {self.catalog}"


class SyncRun(models.Model):
    """One reading of a catalog into the mirror."""

    class Outcome(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        PAUSED = "paused", _("waits for a person")
        DROPPED = "dropped", _("dropped")

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="sync_runs")
    database = models.CharField(max_length=255, blank=True, help_text="Only this database; empty for all.")
    may_tombstone = models.BooleanField(default=False, help_text="A person continued it after a pause.")
    requested_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT)
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.RUNNING)
    databases = models.PositiveIntegerField(default=0)
    tables = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    pages_expected = models.PositiveIntegerField(default=0, help_text="Estimated from the last run.")
    made = models.PositiveIntegerField(default=0, help_text="New tables among those changed.")
    changed = models.PositiveIntegerField(default=0)
    tombstoned = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0, help_text="Tables that a paused run would mark as removed.")
    principals = models.PositiveIntegerField(default=0)
    words_counted_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["catalog", "-id"], name="catalog_sync_latest")]

    def __str__(self) -> str:
        return f"sync {self.pk} of {self.catalog}"


class SyncProblem(models.Model):
    """A database that one run could not read; what the mirror knew of it stays."""

    run = models.ForeignKey(SyncRun, on_delete=models.PROTECT, related_name="problems")
    database = models.CharField(max_length=255)
    error = models.TextField()

    def __str__(self) -> str:
        return f"{self.database}: {self.error}"
