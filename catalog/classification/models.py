"""Rows of scans, findings and the roles that read samples."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from catalog.classification.kinds import DetectedKind
from catalog.mirror.models import Classification, SchemaChange, Table
from catalog.tag_changes.models import TagChange
from identity.accounts import ConnectedCatalog, Principal
from identity.people.models import Person
from kernel.state_transitions import Transitions


class ScanState(TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class FindingState(TextChoices):
    OPEN = "open", _("open")
    ACCEPTED = "accepted", _("accepted")
    DISMISSED = "dismissed", _("dismissed")
    SUPERSEDED = "superseded", _("superseded")


OPEN_SCAN_STATES = (ScanState.WAITING, ScanState.RUNNING)
SCAN_TRANSITIONS = Transitions(
    ScanState,
    {
        ScanState.WAITING: {ScanState.RUNNING, ScanState.DONE, ScanState.FAILED},
        ScanState.RUNNING: {ScanState.DONE, ScanState.FAILED},
    },
)
FINDING_TRANSITIONS = Transitions(
    FindingState,
    {FindingState.OPEN: {FindingState.ACCEPTED, FindingState.DISMISSED, FindingState.SUPERSEDED}},
)


KIND_LABELS = {
    DetectedKind.IBAN: _("IBAN"),
    DetectedKind.PAYMENT_CARD: _("payment card number"),
    DetectedKind.NATIONAL_ID: _("national ID number"),
    DetectedKind.EMAIL: _("email address"),
    DetectedKind.DATE_OF_BIRTH: _("date of birth"),
    DetectedKind.PHONE: _("phone number"),
    DetectedKind.IP_ADDRESS: _("IP address"),
    DetectedKind.PERSON_NAME: _("name of a person"),
    DetectedKind.POSTAL_ADDRESS: _("postal address"),
    DetectedKind.REFERENCE: _("reference data"),
}
KINDS = [(kind.value, label) for kind, label in KIND_LABELS.items()]


class SamplingRole(models.Model):
    """The role that reads samples of a catalog's tables. Without one, columns are looked at by their names alone."""

    catalog = models.OneToOneField(ConnectedCatalog, on_delete=models.PROTECT, related_name="sampling_role")
    principal = models.ForeignKey(
        Principal,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="An IAM role of the catalog's account that trusts the workers. It reads what data owners granted to it.",
    )
    workgroup = models.CharField(
        max_length=128,
        default="primary",
        help_text="Athena workgroup with a limit on the bytes that a query scans.",
    )

    def __str__(self) -> str:
        return f"{self.principal} for {self.catalog}"


class Scan(models.Model):
    """A look at the columns of one table, requested as a row and done by a worker; see `workers.classification`.

    `executions` are Athena's queries: [{id, columns}]. Sampled values are never stored. Without `requested_by`, the schedule requested it.
    `is_by_name`: no values were read; then `reason` says why.
    """

    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="scans")
    state = models.CharField(max_length=10, choices=ScanState, default=ScanState.WAITING)
    requested_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    executions = models.JSONField(default=list)
    sampled_rows = models.PositiveIntegerField(default=0)
    is_by_name = models.BooleanField(default=False)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["table"], condition=Q(state__in=OPEN_SCAN_STATES), name="scan_one_open_of_table"
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_SCAN_STATES, finished_at=None)
                | (~Q(state__in=OPEN_SCAN_STATES) & Q(finished_at__isnull=False)),
                name="scan_finished_at_its_end",
            ),
            models.CheckConstraint(
                condition=~Q(state=ScanState.FAILED) | ~Q(reason=""), name="scan_failed_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"scan of {self.table}"


class Finding(models.Model):
    """What was detected in one column. `evidence` holds counts by check, never values: [{check, valid, sampled}].

    `detected_class` is the detector's, `proposed_class` may be changed before it is accepted. `tag_change` is the proposal
    in which it was accepted.
    """

    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="findings")
    column = models.CharField(max_length=255)
    column_type = models.TextField()
    kind = models.CharField(max_length=20, choices=KINDS)
    detected_class = models.CharField(max_length=10, choices=Classification)
    proposed_class = models.CharField(max_length=10, choices=Classification)
    score = models.FloatField()
    evidence = models.JSONField()
    is_sampled = models.BooleanField(help_text="Whether values were read, and not only the name.")
    state = models.CharField(max_length=10, choices=FindingState, default=FindingState.OPEN)
    scan = models.ForeignKey(Scan, on_delete=models.PROTECT, related_name="findings")
    found_at = models.DateTimeField()
    closed_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    tag_change = models.ForeignKey(
        TagChange, null=True, blank=True, on_delete=models.PROTECT, related_name="findings"
    )

    class Meta:
        indexes = [models.Index(fields=["table", "column", "-id"], name="finding_of_column")]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "column"], condition=Q(state=FindingState.OPEN), name="finding_one_open"
            ),
            models.CheckConstraint(
                condition=Q(score__gte=0.0, score__lte=1.0), name="finding_score_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(state=FindingState.OPEN, closed_at=None)
                | (~Q(state=FindingState.OPEN) & Q(closed_at__isnull=False)),
                name="finding_closed_at_its_end",
            ),
            models.CheckConstraint(
                condition=Q(state=FindingState.ACCEPTED, tag_change__isnull=False, closed_by__isnull=False)
                | (~Q(state=FindingState.ACCEPTED) & Q(tag_change=None)),
                name="finding_accepted_in_a_tag_change",
            ),
            models.CheckConstraint(
                condition=~Q(state=FindingState.DISMISSED) | (Q(closed_by__isnull=False) & ~Q(reason="")),
                name="finding_dismissed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} in {self.table}.{self.column}"


MAX_WAITING = 50
"""Scans of the schedule that may wait at once, so that those that people start come first."""
COLUMN_CHANGES = ("column_added", "type_changed", "type_widened")


def request_due_scans(now: datetime) -> int:
    """Returns how many. A table that was never scanned is due, and one whose columns changed after its last scan."""
    if not settings.SCHEDULED_SCANS:
        return 0
    free = MAX_WAITING - Scan.objects.filter(state__in=OPEN_SCAN_STATES).count()
    if free <= 0:
        return 0
    ids = list_tables_to_scan().order_by(F("mirrored_at").desc(), "pk").values_list("pk", flat=True)[:free]
    made = Scan.objects.bulk_create(
        [Scan(table_id=pk, requested_at=now) for pk in ids], ignore_conflicts=True
    )
    return len(made)


def list_tables_to_scan() -> QuerySet[Table]:
    """Tables that were never scanned, and those whose columns changed after their last scan."""
    scanned = Scan.objects.filter(table=OuterRef("pk"))
    changed_columns = Q()
    for what in COLUMN_CHANGES:
        changed_columns |= Q(changes__contains=[{"what": what}])
    later = Scan.objects.filter(table=OuterRef("table"), requested_at__gte=OuterRef("seen_at"))
    changes = SchemaChange.objects.filter(changed_columns, ~Exists(later), table=OuterRef("pk"))
    return Table.objects.filter(~Exists(scanned) | Exists(changes), tombstoned_at=None)
