"""Role changes: who proposed a change, who confirmed it, and until when they are barred."""

from django.db import models
from django.db.models import F, Q

from audit.models import Event
from decisions.models import Proposal
from decisions.states import DecisionState
from identity.role_changes.states import RoleChangeKind

PERSON = "identity.Person"


class RoleChange(Proposal):
    """One change of who may decide or govern.

    `wanted` and `before` are values by field; of a role that is given or taken, `{"held": true}` or false. `row_id` is
    the row that changes, where it is not a role. `at_once`: it took effect without a second governor. A proposal that nobody confirmed
    until `expires_at` lapses. Until `bars_until` whoever
    proposed or confirmed it takes no part in decisions that rest on it: see `identity.role_changes.bars`.
    """

    kind_name = "role_change"

    kind = models.CharField(max_length=20, choices=RoleChangeKind)
    what = models.CharField(max_length=400, help_text="In words, without the person.")
    person = models.ForeignKey(
        PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="role_changes"
    )
    team = models.ForeignKey(
        "identity.Team", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    role = models.CharField(max_length=20, blank=True)
    row_id = models.BigIntegerField(null=True, blank=True)
    wanted = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    requested_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, related_name="+", db_column="proposed_by_id"
    )
    requested_at = models.DateTimeField(db_column="proposed_at")
    expires_at = models.DateTimeField()
    at_once = models.BooleanField(default=False)
    bars_until = models.DateTimeField(null=True, blank=True)
    proposal_event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(
                fields=["bars_until"], condition=Q(bars_until__isnull=False), name="role_change_bars"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "person", "team", "role", "row_id"],
                condition=Q(state=DecisionState.WAITING),
                nulls_distinct=False,
                name="role_change_waits_once",
            ),
            models.CheckConstraint(
                condition=Q(state=DecisionState.APPROVED, at_once=True, decided_by=None)
                | Q(
                    state__in=[DecisionState.WAITING, DecisionState.LAPSED, DecisionState.WITHDRAWN],
                    at_once=False,
                    decided_by=None,
                )
                | Q(
                    state__in=[DecisionState.APPROVED, DecisionState.REJECTED],
                    at_once=False,
                    decided_by__isnull=False,
                ),
                name="role_change_has_its_decider",
            ),
            models.CheckConstraint(
                condition=~Q(state=DecisionState.APPROVED)
                | Q(at_once=True)
                | ~Q(decided_by=F("requested_by")) & (Q(person=None) | ~Q(decided_by=F("person"))),
                name="role_change_second_governor",
            ),
            models.CheckConstraint(
                condition=Q(bars_until=None) | Q(state=DecisionState.APPROVED),
                name="role_change_bars_in_effect",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.what}" if self.person_id else self.what

    @property
    def subject(self) -> str:
        """Whom or what it concerns."""
        return self.proposal_event.subject

    @property
    def is_addition(self) -> bool:
        """Whether a role is given, not taken; of what is not a role, True."""
        return bool(self.wanted.get("held", True))
