"""Rows of write requests."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.mirror.models import Table
from catalog.products.models import Domain
from decisions.models import Proposal
from fulfilment.intents.models import Intent
from identity.accounts import Principal


class WriteVerb(models.TextChoices):
    """What can be requested. DESCRIBE comes with each."""

    INSERT = "INSERT", _("add rows")
    DELETE = "DELETE", _("delete rows")
    ALTER = "ALTER", _("change columns and properties")


class WriteRequest(Proposal):
    """A request that a role of a producer account may write to a table of its own domain. What is requested never changes.

    An approved one has an `intent` in the share scope, which expires at `ends_at`.
    """

    kind_name = "write_request"

    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="write_requests")
    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, related_name="write_requests")
    principal = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="write_requests")
    verbs = ArrayField(models.CharField(max_length=10, choices=WriteVerb), help_text=_("sorted"))
    purpose = models.TextField(help_text=_("what the role writes, and why"))
    ends_at = models.DateTimeField()
    intent = models.OneToOneField(
        Intent, null=True, blank=True, on_delete=models.PROTECT, related_name="write_request"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["table", "principal"],
                condition=Q(state="waiting"),
                name="write_request_one_open",
            ),
            models.CheckConstraint(
                name="write_request_of_known_verbs",
                condition=~Q(verbs=[]) & Q(verbs__contained_by=WriteVerb.values),
            ),
            models.CheckConstraint(
                name="write_request_ends_later", condition=Q(ends_at__gt=F("requested_at"))
            ),
            models.CheckConstraint(
                name="write_request_decided_by_another",
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")),
            ),
            models.CheckConstraint(
                name="write_request_approved_with_intent",
                condition=Q(
                    state__in=["approved", "ended"],
                    intent__isnull=False,
                    event__isnull=False,
                    decided_by__isnull=False,
                )
                & ~Q(effects_hash="")
                | Q(state__in=["waiting", "rejected", "withdrawn"], intent=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.table.database.name}.{self.table.name}"
