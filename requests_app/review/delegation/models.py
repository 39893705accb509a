"""Delegations of a data owner's decisions to a colleague of the team, for a while."""

from django.db import models
from django.db.models import F, Q

from audit.models import Event
from identity.people.models import Person, Team


class Delegation(models.Model):
    """`delegate` decides for `owner` on what `team` answers for, from `starts_at` until `ends_at`, or `ended_at`.

    Whether it counts is checked for each item: see `requests_app.review.delegation.queries`.
    """

    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="delegations")
    delegate = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="entrusted")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["delegate"], condition=Q(ended_at=None), name="delegation_open"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(owner=F("delegate")), name="delegation_to_another"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="delegation_ends_later"),
        ]

    def __str__(self) -> str:
        return f"{self.delegate} for {self.owner}"
