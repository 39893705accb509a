"""A role change that waits for a second governor."""

from django.db import transaction

from demo.seed.people import find_person
from identity.people.models import Membership, Team
from identity.role_changes.changes import build_membership_change
from identity.role_changes.models import RoleChange
from identity.role_changes.proposals import propose_role_change
from kernel.clock import now as database_now

PROPOSER, NEW_OWNER, TEAM = "hanna.berg", "emre.aydin", "insurance-data"


def seed_role_changes() -> int:
    """Propose another data owner for Insurance, once; returns how many changes there are."""
    if not RoleChange.objects.exists():
        owner = build_membership_change(
            find_person(NEW_OWNER), Team.objects.get(slug=TEAM), Membership.Role.DATA_OWNER, held=True
        )
        with transaction.atomic():
            propose_role_change(person=find_person(PROPOSER), change=owner, now=database_now())
    return RoleChange.objects.count()
