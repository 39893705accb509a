"""Tag changes and their approvals."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from audit.models import Event
from decisions.models import Proposal
from identity.accounts import ConnectedCatalog
from identity.people.models import Person, Team


class TagChange(Proposal):
    """Assignments of LF-Tags, and definitions of their values. `effects` are those last shown, and the approved ones once
    it is approved; it then never changes. `comment` is of the last approval, or why it was rejected.
    """

    kind_name = "tag_change"

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="tag_changes")
    definitions = models.JSONField(default=list)
    assignments = models.JSONField(default=list)
    reason = models.TextField()
    effects = models.JSONField()
    intent = models.OneToOneField(
        "fulfilment.Intent", null=True, blank=True, on_delete=models.PROTECT, related_name="tag_change"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "requested_by"], name="tag_change_of_its_proposer"),
            models.CheckConstraint(
                condition=Q(state="approved", intent__isnull=False)
                | (~Q(state="approved") & Q(intent__isnull=True)),
                name="tag_change_approved_has_intent",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None, decided_by=None, ended_at=None)
                | Q(
                    state__in=["approved", "rejected"],
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    ended_at=None,
                )
                | Q(state="withdrawn", decided_at=None, ended_at__isnull=False, ended_by__isnull=False),
                name="tag_change_closed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        """One line in English: what it defines, or which keys it assigns where."""
        if self.definitions:
            return "LF-Tag " + ", ".join(sorted({definition["key"] for definition in self.definitions}))
        keys = ", ".join(sorted({assignment["key"] for assignment in self.assignments}))
        places = {
            ".".join(filter(None, (assignment["database"], assignment["table"])))
            for assignment in self.assignments
        }
        return f"{keys} on {', '.join(sorted(places))}"

    @property
    def closed_by(self) -> Person | None:
        """Who approved it last, rejected or withdrew it."""
        return self.ended_by or self.decided_by

    @property
    def closed_at(self) -> datetime | None:
        return self.ended_at or self.decided_at

    @property
    def closing_comment(self) -> str:
        """Why it was rejected or withdrawn."""
        return "" if self.is_approved else self.end_reason or self.comment


class TagChangeApproval(models.Model):
    """A data owner's yes to these very effects, for one team. Without a team: a governance admin's, where no team owns what
    is tagged.
    """

    tag_change = models.ForeignKey(TagChange, on_delete=models.PROTECT, related_name="approvals")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    effects_hash = models.CharField(max_length=64)
    comment = models.TextField(blank=True)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tag_change", "team", "effects_hash"],
                nulls_distinct=False,
                name="tag_change_approval_once",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("requested_by")), name="tag_change_approved_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"approval of {self.tag_change} by {self.decided_by}"
