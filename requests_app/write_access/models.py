"""Rows of write requests."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.models import Event
from catalog.mirror.models import Table
from catalog.products.models import Domain
from fulfilment.intents.models import Intent
from identity.accounts.models import Principal
from identity.people.models import Person
from requests_app.write_access.states import WriteRequestState


class WriteVerb(models.TextChoices):
    """What can be requested. DESCRIBE comes with each."""

    INSERT = "INSERT", _("add rows")
    DELETE = "DELETE", _("delete rows")
    ALTER = "ALTER", _("change columns and properties")


class WriteRequest(models.Model):
    """A request that a role of a producer account may write to a table of its own domain. What is requested never changes.

    An approved one has an `intent` in the share scope, which expires at `ends_at`.
    """

    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="write_requests")
    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, related_name="write_requests")
    principal = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="write_requests")
    verbs = ArrayField(models.CharField(max_length=10, choices=WriteVerb), help_text=_("sorted"))
    purpose = models.TextField(help_text=_("what the role writes, and why"))
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=WriteRequestState, default=WriteRequestState.REQUESTED)
    requested_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(blank=True)
    effects_hash = models.CharField(max_length=64, blank=True)
    event = models.OneToOneField(
        Event, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="of the decision"
    )
    intent = models.OneToOneField(
        Intent, null=True, blank=True, on_delete=models.PROTECT, related_name="write_request"
    )
    ended_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["table", "principal"],
                condition=Q(state="requested"),
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
                | Q(state__in=["requested", "rejected", "withdrawn"], intent=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.table.database.name}.{self.table.name}"

    @property
    def subject(self) -> str:
        """Its name in events."""
        return f"write_request:{self.pk}"
