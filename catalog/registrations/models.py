"""Rows of registrations."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.products.models import Domain
from decisions.models import Proposal
from fulfilment.intents.models import Intent
from identity.accounts import Account, ConnectedCatalog, Principal
from identity.people.models import Person


class Registration(Proposal):
    """A producer's table on its way into the governance catalog. What is asked for never changes.

    Two intents execute it: `table_intent` in the catalog scope makes the table, `write_intent` in the share scope lets
    the producer's `engineer` write to it. `exception_reason` says why the location lies outside the account's gold
    location; a governance admin approves that before the data owner decides. `source_digest` is of the producer's table
    when its schema was last compared. `storage` is what the registered table takes over from the source, and under
    `left_out` the names of the source's parameters that it does not.
    """

    kind_name = "registration"

    class DataFormat(models.TextChoices):
        PARQUET = "parquet", "Parquet"
        ORC = "orc", "ORC"
        JSON = "json", "JSON"
        CSV = "csv", "CSV"

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="registrations")
    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, related_name="registrations")
    producer = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="registrations")
    engineer = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+")
    database = models.CharField(max_length=255)
    table = models.CharField(max_length=255)
    location = models.CharField(max_length=1024, help_text=_("S3 URI of the data"))
    data_format = models.CharField(max_length=10, choices=DataFormat, default=DataFormat.PARQUET)
    columns = models.JSONField()
    partition_keys = models.JSONField(default=list)
    description = models.TextField(blank=True)
    parameters = models.JSONField(default=dict)
    storage = models.JSONField(default=dict, help_text=_("how the files of the source are read"))
    purpose = models.TextField(help_text=_("why you register it"))
    exception_reason = models.TextField(blank=True)
    exception_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    exception_at = models.DateTimeField(null=True, blank=True)
    table_intent = models.OneToOneField(
        Intent, null=True, blank=True, on_delete=models.PROTECT, related_name="table_registration"
    )
    write_intent = models.OneToOneField(
        Intent, null=True, blank=True, on_delete=models.PROTECT, related_name="write_registration"
    )
    source_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["catalog", "database", "table"],
                condition=Q(state__in=["waiting", "approved"]),
                name="registration_one_live",
            ),
            models.CheckConstraint(
                name="registration_decided_by_another",
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")),
            ),
            models.CheckConstraint(
                name="registration_excepted_by_another",
                condition=Q(exception_by=None, exception_at=None)
                | (
                    Q(exception_at__isnull=False)
                    & ~Q(exception_by=F("requested_by"))
                    & ~Q(exception_reason="")
                ),
            ),
            models.CheckConstraint(
                name="registration_approved_with_intents",
                condition=Q(
                    state__in=["approved", "ended"], table_intent__isnull=False, write_intent__isnull=False
                )
                & Q(event__isnull=False, decided_by__isnull=False)
                & ~Q(effects_hash="")
                | Q(state__in=["waiting", "rejected", "withdrawn"], table_intent=None, write_intent=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.database}.{self.table}"

    @property
    def awaits_exception(self) -> bool:
        """Whether a governance admin has to approve the location first."""
        return bool(self.exception_reason) and self.exception_at is None
