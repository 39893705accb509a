"""Rows of the change feed.

What commits together with a change of the mirror is a `PendingChange`, in no order. One worker at a time moves them, and
sealed audit events, into `Change` and numbers them. A number is given only once all earlier ones are committed: who has read
up to one misses nothing before it.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.models import Event
from catalog.mirror.models import Table
from catalog.products.models import DataProduct


class ChangeKind(models.TextChoices):
    DATA_PRODUCT = "data_product", _("data product")
    TABLE = "table", _("table")
    OFFER = "offer", _("offer")
    CLASSIFICATION = "classification", _("classification")


class ChangeAction(models.TextChoices):
    ADDED = "added", _("added")
    PUBLISHED = "published", _("published")
    CHANGED = "changed", _("changed")
    SCHEMA_CHANGED = "schema_changed", _("schema changed")
    AUDIENCE_CHANGED = "audience_changed", _("audience changed")
    DEPRECATED = "deprecated", _("deprecated")
    DEPRECATION_WITHDRAWN = "deprecation_withdrawn", _("deprecation withdrawn")
    RETIREMENT_SCHEDULED = "retirement_scheduled", _("retirement scheduled")
    RETIREMENT_CANCELLED = "retirement_cancelled", _("retirement cancelled")
    RETIRED = "retired", _("retired")
    RELEASE_NOTE = "release_note", _("release note")
    REMOVED = "removed", _("removed")


class Change(models.Model):
    """`token` names it outside: unlike `seq` it does not tell how many others there are."""

    seq = models.BigIntegerField(primary_key=True)
    token = models.UUIDField(unique=True, default=uuid.uuid4)
    at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=ChangeKind)
    action = models.CharField(max_length=30, choices=ChangeAction)
    product = models.ForeignKey(
        DataProduct, null=True, blank=True, on_delete=models.PROTECT, related_name="feed_changes"
    )
    table = models.ForeignKey(
        Table, null=True, blank=True, on_delete=models.PROTECT, related_name="feed_changes"
    )
    event = models.OneToOneField(Event, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(product=None, table__isnull=False) | Q(product__isnull=False, table=None),
                name="change_of_product_or_table",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.action}"


class PendingChange(models.Model):
    """A change of the mirror that is not numbered yet. Written by triggers: see `catalog/migrations/sql/change_feed.sql`."""

    at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=ChangeKind)
    action = models.CharField(max_length=30, choices=ChangeAction)
    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="+", db_index=False)
    data = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.action}"


class ChangeFeedPosition(models.Model):
    """How far events are in the feed, and the last number: one row, locked by the worker that adds to it."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seal_seq = models.BigIntegerField(default=0)
    change_seq = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="change_feed_position_one_row")]

    def __str__(self) -> str:
        return f"change {self.change_seq}"
