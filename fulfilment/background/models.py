"""Health of background tasks."""

from django.db import models
from django.db.models import Q


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
