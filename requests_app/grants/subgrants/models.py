"""Subgrants: what a local group receives of a grant to its account, and the intent of each member."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from audit.models import Event
from fulfilment.intents.models import Intent
from identity.accounts import LocalGroup, LocalMember
from identity.people.models import Person


class Subgrant(models.Model):
    """Columns of an account grant, passed on to a group. It never changes: other columns are another row.

    It lives until it or its account grant is ended. The database refuses one wider than its account grant,
    for a group of another account, or by a person who does not administer it.
    """

    group = models.ForeignKey(LocalGroup, on_delete=models.PROTECT, related_name="subgrants")
    account_grant = models.ForeignKey("requests.Grant", on_delete=models.PROTECT, related_name="passed_on")
    columns = ArrayField(models.CharField(max_length=255))
    granted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    ended_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "account_grant"], condition=Q(ended_at=None), name="subgrant_one_live"
            ),
            models.CheckConstraint(condition=~Q(columns=[]), name="subgrant_of_something"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_by__isnull=False), name="subgrant_ended_by_someone"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_grant}, passed on to {self.group}"


class SubgrantIntent(models.Model):
    """A member's part of what its group was passed on: the intent that the workers make true."""

    subgrant = models.ForeignKey(Subgrant, on_delete=models.PROTECT, related_name="holds")
    member = models.ForeignKey(LocalMember, on_delete=models.PROTECT, related_name="holds")
    intent = models.OneToOneField(Intent, on_delete=models.PROTECT, related_name="subgrant_intent")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subgrant", "member"], name="subgrant_intent_once_a_member")
        ]

    def __str__(self) -> str:
        return f"{self.member} by {self.subgrant}"
