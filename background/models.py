"""Health of background tasks."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class TaskHealth(models.Model):
    """One task in one process. Times are the database's clock, without the test offset."""

    part = models.CharField(max_length=120)
    process = models.CharField(max_length=20, help_text="Sweep, timer, celery or web.")
    host = models.CharField(max_length=120)
    reported_at = models.DateTimeField()
    every = models.FloatField(help_text="Interval in seconds.")
    failing_since = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="Consecutive failures.")
    failures_in_all = models.PositiveIntegerField(default=0)
    error_class = models.CharField(
        max_length=120, blank=True, help_text="Time of the last error, kept after recovery."
    )
    error_id = models.CharField(max_length=20, blank=True, help_text="Also logged with the traceback.")
    failed_at = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "fulfilment"
        verbose_name = "health of a background part"
        verbose_name_plural = "health of background parts"
        constraints = [
            models.UniqueConstraint(fields=["part", "process", "host"], name="part_health_once"),
            models.CheckConstraint(
                name="part_health_failing",
                condition=Q(failing_since__isnull=True, failures=0)
                | Q(failing_since__isnull=False, failures__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part} in {self.process} on {self.host}"


class QueuedTask(models.Model):
    """A message that is in the broker or being run; one for each task and row. The table is unlogged: after a crash of
    the database it is empty, and due rows are sent again.
    """

    task = models.CharField(max_length=60)
    row_id = models.BigIntegerField(help_text="0: all rows that the task finds.")
    queue = models.CharField(max_length=20)
    queued_at = models.DateTimeField(help_text="In the future while a retry waits.")
    taken_at = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=120, blank=True)

    class Meta:
        app_label = "fulfilment"
        constraints = [models.UniqueConstraint(fields=["task", "row_id"], name="queued_task_once")]

    def __str__(self) -> str:
        return f"{self.task} {self.row_id}"


class WorkerProcess(models.Model):
    """A process of the workers and when it was last seen. Times are the database's clock, without the test offset."""

    class Kind(models.TextChoices):
        WORKER = "worker", _("Celery worker")
        BEAT = "beat", _("Celery beat")
        SWEEP = "sweep", _("sweep")

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    host = models.CharField(max_length=120)
    queues = models.JSONField(default=list)
    concurrency = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        app_label = "fulfilment"
        verbose_name_plural = "worker processes"

    def __str__(self) -> str:
        return self.name


class DispatchLease(models.Model):
    """The one process that looks for due rows. Beat takes it from a worker, others wait until it ends."""

    owner = models.CharField(max_length=120)
    is_beat = models.BooleanField()
    lease_until = models.DateTimeField()

    class Meta:
        app_label = "fulfilment"
        constraints = [
            models.CheckConstraint(name="dispatch_lease_once", condition=Q(pk=1)),
        ]

    def __str__(self) -> str:
        return f"{self.owner} until {self.lease_until}"


class TaskFailure(models.Model):
    """Unexpected exceptions of a task on a row, until it succeeds. `frames` is the traceback without the exception's text,
    which may hold secrets; the log has it, under `error_id`.
    """

    task = models.CharField(max_length=60)
    row_id = models.BigIntegerField()
    failures = models.PositiveIntegerField(default=0, help_text="Consecutive failures.")
    failing_since = models.DateTimeField()
    failed_at = models.DateTimeField()
    retry_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    error_class = models.CharField(max_length=120)
    error_id = models.CharField(max_length=20)
    frames = models.TextField(blank=True)

    class Meta:
        app_label = "fulfilment"
        constraints = [models.UniqueConstraint(fields=["task", "row_id"], name="task_failure_once")]

    def __str__(self) -> str:
        return f"{self.task} {self.row_id}: {self.error_class}"


class TaskCount(models.Model):
    """How often tasks ended in which way since the first start, and the seconds that they took."""

    class Outcome(models.TextChoices):
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")
        RETRIED = "retried", _("retried")

    task = models.CharField(max_length=60)
    outcome = models.CharField(max_length=10, choices=Outcome)
    count = models.PositiveBigIntegerField(default=0)
    seconds = models.FloatField(default=0.0)

    class Meta:
        app_label = "fulfilment"
        constraints = [models.UniqueConstraint(fields=["task", "outcome"], name="task_count_once")]

    def __str__(self) -> str:
        return f"{self.count} × {self.task} {self.outcome}"
