"""Who may offer a domain's data: its data owners alone. No role across the mesh stands in for them."""

from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from catalog.products.models import DataProduct, Domain
from catalog.products.offers.models import Offer
from identity.people.may import teams_as
from identity.people.models import Membership, Person
from identity.verdicts import ALLOWED, Verdict, refused


def may_write_offer(person: Person, domain: Domain) -> Verdict:
    if person.is_active and domain.owner_team_id in teams_as(person, Membership.Role.DATA_OWNER):
        return ALLOWED
    return refused(_("Only a data owner of %(team)s can offer its data.") % {"team": domain.owner_team.name})


def may_put_offer_in_force(person: Person, offer: Offer) -> Verdict:
    """Of the domain that made it."""
    return may_write_offer(person, offer.domain)


def may_withdraw_offer(person: Person, offer: Offer) -> Verdict:
    """Of the domain that made it."""
    return may_write_offer(person, offer.domain)


def answering(table: Table, product: DataProduct) -> Domain:
    """The domain that answers for a table of the product: its database's, else the product's."""
    return table.database.domain or product.domain


def offering_domains(person: Person, product: DataProduct) -> list[Domain]:
    """Domains for which the person may offer this product: those of its tables, and of them the person's."""
    tables = product.tables.select_related("database__domain__owner_team")
    found = {domain.pk: domain for table in tables for domain in [answering(table, product)]}
    teams = teams_as(person, Membership.Role.DATA_OWNER) if person.is_active else frozenset()
    return sorted((one for one in found.values() if one.owner_team_id in teams), key=lambda one: one.name)
