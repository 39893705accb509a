"""What the workers last read in AWS, row by row, and the facts of each complete reading."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.db import models

from identity.accounts import ConnectedCatalog


class ScopeReading(models.Model):
    """`epoch` names the reading: the scope's, under whose lease it was made. `facts` as below, by the scope's kind.
    `seconds`: from the claim until it was kept.
    """

    scope = models.OneToOneField(
        "fulfilment.Scope", on_delete=models.PROTECT, primary_key=True, related_name="reading"
    )
    epoch = models.BigIntegerField()
    read_at = models.DateTimeField()
    seconds = models.FloatField(null=True, blank=True)
    facts = models.JSONField()

    def __str__(self) -> str:
        return f"reading {self.epoch} of {self.scope}"


class ObservedPermission(models.Model):
    """A permission seen in AWS, as last read: what previews and "who has access" are made from."""

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="observed")
    principal_arn = models.CharField(max_length=600, db_collation="C")
    database = models.CharField(max_length=255, db_collation="C")
    table = models.CharField(
        max_length=255, blank=True, help_text="Empty: the database; *: all tables.", db_collation="C"
    )
    cells_filter = models.CharField(
        max_length=255,
        blank=True,
        default="",
        help_text="The data cells filter of the table that the permission is on.",
        db_collation="C",
    )
    tagged = models.CharField(
        max_length=80,
        blank=True,
        default="",
        help_text="by LF-Tags: the key of `policy`; no database then",
        db_collation="C",
    )
    policy = models.JSONField(
        default=dict, help_text="see `lakeformation.values.tag_expressions.TagPolicy`; empty: none"
    )
    condition = models.TextField(blank=True, default="", help_text="Condition under which it applies.")
    condition_key = models.CharField(
        max_length=64, blank=True, default="", help_text="digest of it", db_collation="C"
    )
    verb = models.CharField(max_length=40, db_collation="C")
    grantable = models.BooleanField(default=False)
    columns = models.JSONField()
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = "observed permission"
        verbose_name_plural = "observed permissions"
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "catalog", "database", "table", "principal_arn", "verb", "cells_filter", "grantable", "tagged",
                    "condition_key",
                ],
                name="observed_atom_once",
            )
        ]  # fmt: skip
        indexes = [models.Index(fields=["principal_arn", "catalog"], name="observed_by_principal")]

    def __str__(self) -> str:
        return f"{self.verb} on {self.tagged or f'{self.database}.{self.table}'} for {self.principal_arn}"


class ObservedCellsFilter(models.Model):
    """A data cells filter seen in AWS, as last read: ours and others. `rows` is empty for all rows."""

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="cells_filters")
    database = models.CharField(max_length=255)
    table = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    rows = models.TextField(blank=True)
    columns = models.JSONField()
    version = models.CharField(max_length=40, blank=True, help_text="Version in AWS; counts the changes.")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["catalog", "database", "table", "name"], name="filter_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} on {self.database}.{self.table}"


class ObservedOptIn(models.Model):
    """A principal for whom Lake Formation decides on a table in hybrid access mode, as last read."""

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="opt_ins")
    principal_arn = models.CharField(max_length=600)
    database = models.CharField(max_length=255)
    table = models.CharField(max_length=255)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = "observed opt-in"
        verbose_name_plural = "observed opt-ins"
        constraints = [
            models.UniqueConstraint(
                fields=["catalog", "principal_arn", "database", "table"], name="opt_in_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.principal_arn} on {self.database}.{self.table}"


class RegisteredLocation(models.Model):
    """An S3 path registered with Lake Formation, as last read."""

    catalog = models.ForeignKey(
        ConnectedCatalog, on_delete=models.PROTECT, related_name="registered_locations"
    )
    arn = models.CharField(max_length=1100)
    is_hybrid = models.BooleanField(
        default=False, help_text="Lake Formation decides only for roles that opted in."
    )
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["catalog", "arn"], name="location_once")]

    def __str__(self) -> str:
        return self.arn


DETECTION_TARGET = timedelta(minutes=15)
"""In production, a change made outside the portal is detected within this time."""


def max_reading_age() -> timedelta:
    """The detection target, or two scan intervals if that is longer."""
    return max(DETECTION_TARGET, timedelta(seconds=2 * settings.SCAN_EVERY))


def is_reading_too_old(read_at: datetime | None, now: datetime) -> bool:
    """False for a scope that was never read."""
    return read_at is not None and now - read_at > max_reading_age()


class ReadingTimes:
    """Times of the last readings by scope key, for these keys or all. One query, made on first use."""

    def __init__(self, keys: Collection[str] | None = None) -> None:
        self._keys = keys

    def get(self, scope_key: str) -> datetime | None:
        return self._times.get(scope_key)

    @cached_property
    def _times(self) -> dict[str, datetime]:
        rows = ScopeReading.objects.all()
        if self._keys is not None:
            rows = rows.filter(scope__key__in=self._keys)
        return dict(rows.values_list("scope__key", "read_at"))
