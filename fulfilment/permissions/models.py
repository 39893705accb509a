"""Drift findings, and removals of permissions that a person ordered."""

from django.db import models
from django.db.models import Q

from audit.models import Event
from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from lakeformation.drift import DifferenceKind


class DriftFinding(models.Model):
    """A difference from what was proven or is justified, as readings show it: first, last, and until when.

    The engine writes all but `known_…`, which a person writes who says that it may stay. `atom` is the
    permission of a surplus, with its columns. `proof` is the round that proved anew what had been missing.
    """

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="findings")
    kind = models.CharField(max_length=30, choices=[(kind.value, kind.value) for kind in DifferenceKind])
    key = models.CharField(max_length=64, help_text="digest of what it is about")
    principal_arn = models.CharField(max_length=600, blank=True)
    database = models.CharField(max_length=255, blank=True)
    table = models.CharField(max_length=255, blank=True)
    text = models.TextField()
    atom = models.JSONField(null=True, blank=True)
    intents = models.JSONField(default=list)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)
    proof = models.ForeignKey(
        "fulfilment.Round", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    known_at = models.DateTimeField(null=True, blank=True)
    known_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    known_reason = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["catalog", "-id"], name="finding_catalog_latest")]
        constraints = [
            models.UniqueConstraint(
                fields=["catalog", "key"], condition=Q(gone_at__isnull=True), name="finding_open_once"
            ),
            models.CheckConstraint(
                condition=Q(known_at__isnull=True, known_by__isnull=True)
                | Q(known_at__isnull=False, known_by__isnull=False) & ~Q(known_reason=""),
                name="finding_known_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


class PermissionRemoval(models.Model):
    """A person's order to remove one unmanaged permission; what becomes of it is its intent's `presence`.

    `atom` is the permission with its columns; `effects` are the words that the person saw.
    """

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="removals")
    key = models.CharField(max_length=64, db_index=True, help_text="digest of the permission")
    atom = models.JSONField()
    effects = models.JSONField(default=list)
    reason = models.TextField()
    ordered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField()
    intent = models.OneToOneField("fulfilment.Intent", on_delete=models.PROTECT, related_name="removal")
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"removal {self.pk} by {self.ordered_by}"
