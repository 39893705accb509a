"""The base of what somebody requests or proposes, and somebody else decides on."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from audit.models import Event
from decisions.states import DecisionState

PERSON = settings.AUTH_USER_MODEL


class Proposal(models.Model):
    """A request or proposal, the decision on it, and its end. What is asked never changes. `effects_hash` is of what the decider was
    shown, `event` records the decision. `kind_name` is the name of its kind.
    """

    kind_name: ClassVar[str]

    state = models.CharField(max_length=10, choices=DecisionState, default=DecisionState.WAITING)
    requested_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(blank=True)
    effects_hash = models.CharField(max_length=64, blank=True)
    event = models.OneToOneField(
        Event, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="of the decision"
    )
    ended_by = models.ForeignKey(PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.TextField(blank=True)

    class Meta:
        abstract = True

    @property
    def subject(self) -> str:
        """Its name in events."""
        return f"{self.kind_name}:{self.pk}"

    @property
    def is_waiting(self) -> bool:
        return self.state == DecisionState.WAITING

    @property
    def is_approved(self) -> bool:
        return self.state == DecisionState.APPROVED
