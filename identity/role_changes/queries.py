"""Role changes for the pages: those that wait, those that are over, and how changes are confirmed just now."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from identity.people.models import Person
from identity.role_changes.may import governors_now, may_see_role_changes
from identity.role_changes.models import RoleChange
from identity.role_changes.proposals import second_governor_needed
from identity.role_changes.states import RoleChangeState


@dataclass(frozen=True)
class Confirming:
    """Whether a second governor is needed, how many governors there are, and how many changes wait for one."""

    is_needed: bool
    governors: int
    waiting: int

    @property
    def is_possible(self) -> bool:
        """With one governor nobody can confirm what they propose."""
        return self.governors > 1


def changes_for(person: Person) -> QuerySet[RoleChange]:
    """Governors and auditors see all; others those of which they were told. The newest first."""
    rows = RoleChange.objects.select_related("person", "team", "proposed_by", "decided_by").order_by("-pk")
    if may_see_role_changes(person):
        return rows
    return rows.filter(Q(person=person) | Q(event__data__people__contains=person.pk))


def waiting_at(rows: QuerySet[RoleChange], now: datetime) -> QuerySet[RoleChange]:
    """Those that can still be confirmed, the oldest first."""
    return rows.filter(state=RoleChangeState.WAITING, expires_at__gt=now).order_by("pk")


def over_at(rows: QuerySet[RoleChange], now: datetime) -> QuerySet[RoleChange]:
    """Those that were decided, took effect at once, or expired."""
    return rows.exclude(state=RoleChangeState.WAITING, expires_at__gt=now)


def confirming_at(now: datetime) -> Confirming:
    return Confirming(
        is_needed=second_governor_needed(),
        governors=governors_now().count(),
        waiting=waiting_at(RoleChange.objects.all(), now).count(),
    )
