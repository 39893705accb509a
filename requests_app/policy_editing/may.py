"""Who may write, publish and retire policies: each domain's data owners its own, governance the global."""

from django.utils.translation import gettext as _

from catalog.products.models import Domain
from identity.people.may import can_read_everything, get_team_ids, get_team_ids_with_role, has_platform_role
from identity.people.models import Membership, Person, PlatformRole
from identity.role_changes.bars import OWNER, DecisionBasis, may_decide_on_basis
from kernel.verdicts import ALLOWED, Verdict, refusal


def may_draft_policy(person: Person, domain: Domain | None) -> Verdict:
    """Whoever answers for a domain's data may draft its policy, and nobody else; governance admins draft the global one."""
    if domain is None:
        if person.is_active and has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN):
            return ALLOWED
        return refusal(_("Only governance admins can edit the policy for all domains."))
    if person.is_active and domain.owner_team_id in get_team_ids_with_role(
        person, Membership.Role.DATA_OWNER
    ):
        return ALLOWED
    words = {"team": domain.owner_team.name}
    return refusal(_("Only data owners of %(team)s can edit the policy for its data.") % words)


def may_publish_policy(person: Person, domain: Domain | None) -> Verdict:
    """The same people as for drafting, unless a recent role change bars them."""
    if not (verdict := may_draft_policy(person, domain)):
        return verdict
    if domain is None:
        return may_decide_on_basis(person, DecisionBasis(PlatformRole.Role.GOVERNANCE_ADMIN))
    basis = DecisionBasis(OWNER, domain.owner_team_id, rests_on={"domain": [domain.pk]})
    return may_decide_on_basis(person, basis)


def may_retire_policy(person: Person, domain: Domain | None) -> Verdict:
    """The same people."""
    return may_draft_policy(person, domain)


def may_view_policy(person: Person, domain: Domain | None) -> Verdict:
    """The global rules are everybody's to read; a domain's, its team's and those who read the whole mesh."""
    if domain is None or can_read_everything(person) or domain.owner_team_id in get_team_ids(person):
        return ALLOWED
    return refusal(_("You can't see this."))
