"""Who may edit, publish and retire offers: the data owners of the domain, and no platform role."""

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from catalog.products.models import DataProduct, Domain, ProductTable
from catalog.products.offers.models import Offer
from identity.people.may import get_team_ids_with_role
from identity.people.models import Membership, Person
from identity.role_changes.bars import OWNER, DecisionBasis, may_decide_on_basis
from kernel.verdicts import ALLOWED, Verdict, refusal


def may_write_offer(person: Person, domain: Domain) -> Verdict:
    if person.is_active and domain.owner_team_id in get_team_ids_with_role(
        person, Membership.Role.DATA_OWNER
    ):
        return ALLOWED
    return refusal(_("Only a data owner of %(team)s can offer its data.") % {"team": domain.owner_team.name})


def may_view_offer_draft(person: Person, offer: Offer) -> Verdict:
    """Whoever may write one for the domain that made it."""
    return may_write_offer(person, offer.domain)


def may_publish_offer_version(person: Person, offer: Offer) -> Verdict:
    """Of the domain that made it."""
    if not (verdict := may_write_offer(person, offer.domain)):
        return verdict
    rests_on = {"domain": [offer.domain_id], "product": [offer.product_id]}
    return may_decide_on_basis(person, DecisionBasis(OWNER, offer.domain.owner_team_id, rests_on=rests_on))


def may_retire_offer(person: Person, offer: Offer) -> Verdict:
    """Of the domain that made it."""
    return may_write_offer(person, offer.domain)


def get_responsible_domain(table: Table, product: DataProduct) -> Domain:
    """The domain that answers for a table of the product: its database's, else the product's."""
    return table.database.domain or product.domain


def list_offering_domains(
    person: Person, product: DataProduct, tables: Iterable[Table] | None = None
) -> list[Domain]:
    """Domains for which the person may offer this product: those of its tables, and of them the person's. Without `tables` one
    query.
    """
    if tables is None:
        tables = product.tables.select_related("database__domain__owner_team")
    found = {domain.pk: domain for table in tables for domain in [get_responsible_domain(table, product)]}
    teams = get_team_ids_with_role(person, Membership.Role.DATA_OWNER) if person.is_active else frozenset()
    return sorted((one for one in found.values() if one.owner_team_id in teams), key=lambda one: one.name)


def filter_offered_products(person: Person, products: Iterable[DataProduct]) -> frozenset[int]:
    """Ids of those that have any of `list_offering_domains`. One query at most."""
    teams = get_team_ids_with_role(person, Membership.Role.DATA_OWNER) if person.is_active else frozenset()
    if not teams:
        return frozenset()
    of_table = Q(table__database__domain__owner_team__in=teams)
    of_product = Q(table__database__domain=None, product__domain__owner_team__in=teams)
    rows = ProductTable.objects.filter(of_table | of_product, product__in=[one.pk for one in products])
    return frozenset(rows.values_list("product", flat=True))
