"""Who may follow a data product or a domain: whoever sees it."""

from django.utils.translation import gettext as _

from catalog.follows.models import Follow
from catalog.products.models import DataProduct, Domain
from identity.people.models import Person
from kernel.verdicts import ALLOWED, Verdict, refusal


def may_follow_product(person: Person, product: DataProduct) -> Verdict:
    """Whoever sees it, which the caller has checked; no longer once it is retired."""
    if not person.is_active:
        return refusal(_("Your profile is deactivated."))
    if product.retired_at is not None:
        return refusal(_("The product is retired. It can't be changed any more."))
    return ALLOWED


def may_follow_domain(person: Person, _domain: Domain) -> Verdict:
    """Everybody: its page is open to all, and they are told only of products that they may see."""
    return ALLOWED if person.is_active else refusal(_("Your profile is deactivated."))


def may_unfollow(person: Person, follow: Follow) -> Verdict:
    """Whose it is."""
    if person.is_active and person.pk == follow.person_id:
        return ALLOWED
    return refusal(_("You don't follow it."))
