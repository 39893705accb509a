"""Registrations as a kind of decision."""

from typing import Any

from django.db.models import Q
from django.utils.translation import ngettext

from catalog.registrations.may import list_deciders, may_approve_registration, may_except_registration
from catalog.registrations.models import Registration
from catalog.registrations.queries import list_registrations
from catalog.registrations.states import RegistrationState
from decisions.kinds import Kind, register
from identity.people.models import Membership, Person, PlatformRole


def _may_decide(person: Person, row: Registration) -> object:
    may_decide = may_except_registration if row.awaits_exception else may_approve_registration
    return may_decide(person, row)


def _select_for_role(role: str, team: Any) -> Q | None:
    if team is not None and role == Membership.Role.DATA_OWNER:
        return Q(domain__owner_team=team)
    if team is None and role == PlatformRole.Role.GOVERNANCE_ADMIN:
        return Q(exception_at=None) & ~Q(exception_reason="")
    return None


REGISTRATION = register(
    Kind(
        name="registration",
        model=Registration,
        waits=Q(state=RegistrationState.REQUESTED),
        list_visible=list_registrations,
        may_decide=_may_decide,
        list_deciders=list_deciders,
        select_for_role=_select_for_role,
        get_domain=lambda row: row.domain,
        describe_count=lambda n: ngettext("%(n)d registration", "%(n)d registrations", n),
        page="registration",
        listing="registrations",
    )
)
