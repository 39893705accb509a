"""Who may delegate decisions to whom, and end a delegation."""

from django.utils.translation import gettext as _

from identity.people.may import get_team_ids_with_role, has_platform_role, is_member
from identity.people.models import Membership, Person, PlatformRole, Team
from kernel.verdicts import ALLOWED, Verdict, refusal
from requests_app.review.delegation.models import Delegation


def may_delegate_decisions(person: Person, team: Team, delegate: Person) -> Verdict:
    """A data owner of the team, to another of the same team."""
    if not person.is_active or team.pk not in get_team_ids_with_role(person, Membership.Role.DATA_OWNER):
        return refusal(_("Only a data owner of %(team)s can delegate decisions.") % {"team": team.name})
    if delegate.pk == person.pk or not delegate.is_active or not is_member(delegate, team):
        return refusal(_("Choose someone else from %(team)s.") % {"team": team.name})
    return ALLOWED


def may_end_delegation(person: Person, delegation: Delegation) -> Verdict:
    """Either of the two, and governance admins."""
    if person.is_active and (
        person.pk in {delegation.owner_id, delegation.delegate_id}
        or has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN)
    ):
        return ALLOWED
    return refusal(_("Only the two people involved can end this delegation."))
