"""Role changes for the pages: those that wait, those that are over, and how changes are confirmed just now."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from decisions.states import DecisionState
from identity.people.models import Person
from identity.role_changes.may import list_governors, may_see_role_changes
from identity.role_changes.models import RoleChange
from identity.role_changes.proposals import is_second_governor_required


@dataclass(frozen=True)
class ConfirmationStatus:
    """Whether a second governor is needed, how many governors there are, and how many changes wait for one."""

    is_required: bool
    governor_count: int
    waiting_count: int

    @property
    def is_possible(self) -> bool:
        """With one governor nobody can confirm what they propose."""
        return self.governor_count > 1


def list_role_changes(person: Person) -> QuerySet[RoleChange]:
    """All for governors and auditors; for others those they were notified of. Newest first."""
    rows = RoleChange.objects.select_related(
        "person", "team", "requested_by", "decided_by", "ended_by"
    ).order_by("-pk")
    if may_see_role_changes(person):
        return rows
    return rows.filter(Q(person=person) | Q(proposal_event__data__people__contains=person.pk))


def filter_waiting(rows: QuerySet[RoleChange], now: datetime) -> QuerySet[RoleChange]:
    """Selects changes that can still be confirmed, the oldest first."""
    return rows.filter(state=DecisionState.WAITING, expires_at__gt=now).order_by("pk")


def filter_closed(rows: QuerySet[RoleChange], now: datetime) -> QuerySet[RoleChange]:
    """Selects changes that were decided, took effect at once, or expired."""
    return rows.exclude(state=DecisionState.WAITING, expires_at__gt=now)


def get_confirmation_status(now: datetime) -> ConfirmationStatus:
    return ConfirmationStatus(
        is_required=is_second_governor_required(),
        governor_count=list_governors().count(),
        waiting_count=filter_waiting(RoleChange.objects.all(), now).count(),
    )
