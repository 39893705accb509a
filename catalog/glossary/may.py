"""Who may edit the glossary: stewards and governance admins all of it, data owners the terms of their domain.

Everyone else proposes. Whoever may edit a term may decide on proposals for it, on their own ones as well.
"""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from catalog.glossary.models import Term, TermProposal
from catalog.products.models import Domain
from identity.people.may import can_read_everything, get_team_ids_with_role, has_platform_role, may_act
from identity.people.models import Membership, Person, PlatformRole
from identity.role_changes.bars import may_decide_row
from kernel.verdicts import ALLOWED, Verdict, refusal

EDITOR_ROLES = (PlatformRole.Role.STEWARD, PlatformRole.Role.GOVERNANCE_ADMIN)


def edits_all_terms(person: Person) -> bool:
    return person.is_active and has_platform_role(person, *EDITOR_ROLES)


def list_term_domains(person: Person) -> QuerySet[Domain]:
    """Domains in which the person may edit terms."""
    if edits_all_terms(person):
        return Domain.objects.order_by("name")
    teams = get_team_ids_with_role(person, Membership.Role.DATA_OWNER) if person.is_active else ()
    return Domain.objects.filter(owner_team__in=teams).order_by("name")


def get_term_domain(domain_id: int | None) -> Domain | None:
    """None for the whole organisation, and for a domain that does not exist."""
    if domain_id is None:
        return None
    return Domain.objects.select_related("owner_team").filter(pk=domain_id).first()


def may_create_term(person: Person, domain: Domain | None) -> Verdict:
    """In this domain; None is the whole organisation."""
    owned = get_team_ids_with_role(person, Membership.Role.DATA_OWNER)
    if edits_all_terms(person) or (person.is_active and domain and domain.owner_team_id in owned):
        return ALLOWED
    if domain is None:
        return refusal(_("Only stewards and governance admins can edit terms of the whole organisation."))
    team = {"team": domain.owner_team.name}
    return refusal(_("Only stewards and the data owners of %(team)s can edit terms of this domain.") % team)


def may_update_term(person: Person, term: Term) -> Verdict:
    return may_create_term(person, term.domain)


def may_approve_term(person: Person, term: Term) -> Verdict:
    return may_update_term(person, term)


def may_replace_term(person: Person, term: Term) -> Verdict:
    return may_update_term(person, term)


def may_restore_term(person: Person, term: Term) -> Verdict:
    return may_update_term(person, term)


def may_link_term(person: Person, term: Term) -> Verdict:
    """To what they can see: the action checks that."""
    return may_update_term(person, term)


def may_unlink_term(person: Person, term: Term) -> Verdict:
    return may_update_term(person, term)


def may_propose_term(person: Person) -> Verdict:
    """Everyone with an active profile, for any domain."""
    return may_act(person)


def may_propose_term_change(person: Person) -> Verdict:
    return may_act(person)


def may_view_term_proposal(person: Person, proposal: TermProposal) -> bool:
    """Who proposed it, who may decide on it, and who reads the whole mesh."""
    return (
        proposal.proposed_by_id == person.pk
        or bool(_may_edit_proposed_term(person, proposal))
        or (person.is_active and can_read_everything(person))
    )


def may_approve_term_proposal(person: Person, proposal: TermProposal) -> Verdict:
    """Whoever could make the change directly: to move a term, in both domains. So nobody gains by proposing."""
    proposed = proposal.content.get("domain")
    verdict = may_reject_term_proposal(person, proposal)
    if verdict and proposal.term and proposed != proposal.term.domain_id:
        verdict = may_create_term(person, get_term_domain(proposed))
    return may_decide_row(person, proposal, "moved_by") if verdict else verdict


def may_reject_term_proposal(person: Person, proposal: TermProposal) -> Verdict:
    """Whoever may edit the term, or create it."""
    verdict = _may_edit_proposed_term(person, proposal)
    return may_decide_row(person, proposal, "decided_by") if verdict else verdict


def _may_edit_proposed_term(person: Person, proposal: TermProposal) -> Verdict:
    if proposal.term:
        return may_update_term(person, proposal.term)
    return may_create_term(person, get_term_domain(proposal.content.get("domain")))


def list_proposal_deciders(proposal: TermProposal) -> list[int]:
    """Ids of the people who may approve it, and so reject it."""
    domains = [
        proposal.term.domain if proposal.term else None,
        get_term_domain(proposal.content.get("domain")),
    ]
    teams = [domain.owner_team_id for domain in domains if domain]
    edits = Q(platform_roles__role__in=EDITOR_ROLES)
    owns = Q(memberships__team__in=teams, memberships__role=Membership.Role.DATA_OWNER)
    people = Person.objects.filter(edits | owns, is_active=True).distinct()
    return sorted(person.pk for person in people if may_approve_term_proposal(person, proposal))


def may_withdraw_term_proposal(person: Person, proposal: TermProposal) -> Verdict:
    if person.is_active and proposal.proposed_by_id == person.pk:
        return ALLOWED
    return refusal(_("Only the person who proposed it can withdraw it."))
