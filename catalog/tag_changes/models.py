"""Tag changes and their approvals."""

from django.db import models
from django.db.models import F, Q

from audit.models import Event
from catalog.tag_changes.states import TagChangeState
from identity.accounts import ConnectedCatalog
from identity.people.models import Person, Team


class TagChange(models.Model):
    """Assignments of LF-Tags, and definitions of their values. `effects` are those last shown, and the approved ones once
    it is approved; it then never changes.
    """

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="tag_changes")
    definitions = models.JSONField(default=list)
    assignments = models.JSONField(default=list)
    reason = models.TextField()
    state = models.CharField(max_length=10, choices=TagChangeState, default=TagChangeState.PENDING)
    effects = models.JSONField()
    effects_hash = models.CharField(max_length=64)
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    closed_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(blank=True, help_text="why it was rejected or withdrawn")
    intent = models.OneToOneField(
        "fulfilment.Intent", null=True, blank=True, on_delete=models.PROTECT, related_name="tag_change"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "proposed_by"], name="tag_change_of_its_proposer"),
            models.CheckConstraint(
                condition=Q(state="approved", intent__isnull=False)
                | (~Q(state="approved") & Q(intent__isnull=True)),
                name="tag_change_approved_has_intent",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", closed_at=None, closed_by=None)
                | (~Q(state="pending") & Q(closed_at__isnull=False, closed_by__isnull=False)),
                name="tag_change_closed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"tag change {self.pk} in {self.catalog}"

    @property
    def subject(self) -> str:
        """What its events and its intent are about."""
        return f"tag_change:{self.pk}"


class TagChangeApproval(models.Model):
    """A data owner's yes to these very effects, for one team. Without a team: a governance admin's, where no team owns what
    is tagged.
    """

    tag_change = models.ForeignKey(TagChange, on_delete=models.PROTECT, related_name="approvals")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
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
                condition=~Q(decided_by=F("proposed_by")), name="tag_change_approved_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"approval of {self.tag_change} by {self.decided_by}"
