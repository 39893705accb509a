"""Role changes for tests: a second governor, a proposal, and one that is in effect."""

from datetime import timedelta
from typing import Any

from django.db import connection

from audit.management.commands.migrate import store_governor_rule
from decisions.actions import approve_proposal, reject_proposal, withdraw_proposal
from identity.people.models import Membership, Person, PlatformRole, Team
from identity.role_changes.changes import ProposedRoleChange, build_membership_change, build_password_change
from identity.role_changes.kind import ROLE_CHANGE
from identity.role_changes.models import RoleChange
from identity.role_changes.proposals import make_role_change, propose_role_change
from kernel import clock
from tests import factories
from tests.database import as_role


def make_governor(name: str = "Hanna Berg") -> Person:
    """A governance admin who is no superuser."""
    person = factories.make_person(name)
    with as_role("meshmarket_owner"):
        PlatformRole.objects.create(person=person, role=PlatformRole.Role.GOVERNANCE_ADMIN)
    return person


def allow_lone_governor(settings: Any) -> None:
    """As `manage.py migrate` does with MESHMARKET_SECOND_GOVERNOR=off."""
    settings.SECOND_GOVERNOR = "off"
    with as_role("meshmarket_owner"):
        store_governor_rule(connection)


def propose_change(by: Person, change: ProposedRoleChange) -> RoleChange:
    return propose_role_change(person=by, change=change, now=clock.now())


def confirm_role_change(by: Person, change: RoleChange) -> RoleChange:
    shown = ROLE_CHANGE.compute_effects_hash(change)
    return approve_proposal(
        kind=ROLE_CHANGE, acting_user=by, pk=change.pk, effects_hash=shown, comment="", now=clock.now()
    )


def reject_role_change(by: Person, change: RoleChange) -> RoleChange:
    return reject_proposal(kind=ROLE_CHANGE, acting_user=by, pk=change.pk, reason="", now=clock.now())


def withdraw_role_change(by: Person, change: RoleChange) -> RoleChange:
    return withdraw_proposal(kind=ROLE_CHANGE, acting_user=by, pk=change.pk, now=clock.now())


def propose_and_confirm(by: Person, second: Person, change: ProposedRoleChange) -> RoleChange:
    return confirm_role_change(second, propose_change(by, change))


def data_owner_change(team: Team, person: Person) -> ProposedRoleChange:
    return build_membership_change(person, team, Membership.Role.DATA_OWNER, held=True)


def set_password(by: Person, person: Person) -> RoleChange:
    return make_role_change(person=by, change=build_password_change(person), now=clock.now())


def advance_clock(step: timedelta) -> None:
    """The time moves on, as only the owner of the database may have it do."""
    with as_role("meshmarket_owner"):
        clock.advance(step + timedelta(minutes=1))
