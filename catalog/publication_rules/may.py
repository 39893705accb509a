"""Who sets the publication rules, and who allows exceptions."""

from django.utils.translation import gettext as _

from catalog.products.models import DataProduct
from identity.people.may import has_platform_role
from identity.people.models import Person, PlatformRole
from identity.role_changes.bars import DecisionBasis, may_decide_on_basis
from kernel.verdicts import ALLOWED, Verdict, refusal


def may_save_publication_rules(person: Person) -> Verdict:
    """Governance admins."""
    if person.is_active and has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN):
        return ALLOWED
    return refusal(_("Only governance admins can change the publication rules."))


def may_put_publication_rules_in_force(person: Person) -> Verdict:
    """Whoever may save them, unless a recent role change bars them."""
    verdict = may_save_publication_rules(person)
    basis = DecisionBasis(PlatformRole.Role.GOVERNANCE_ADMIN)
    return may_decide_on_basis(person, basis) if verdict else verdict


def may_discard_publication_rules(person: Person) -> Verdict:
    """Whoever may save them."""
    return may_save_publication_rules(person)


def may_allow_rule_exception(person: Person, product: DataProduct) -> Verdict:
    """A governance admin who does not own the product."""
    if product.owner_id == person.pk:
        return refusal(_("You own this product. Another governance admin must allow an exception."))
    if person.is_active and has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN):
        basis = DecisionBasis(PlatformRole.Role.GOVERNANCE_ADMIN, party_ids=[product.owner_id])
        return may_decide_on_basis(person, basis)
    return refusal(_("Only governance admins can allow exceptions."))


def may_end_rule_exception(person: Person) -> Verdict:
    """Governance admins."""
    return may_save_publication_rules(person)
