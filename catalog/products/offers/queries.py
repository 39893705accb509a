"""Loads published offers of a product, and single versions of offers."""

from collections.abc import Collection, Iterable

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from catalog.products.may import visible_products
from catalog.products.models import DataProduct, Domain, ProductTable
from catalog.products.offers.bounds import Bounds
from catalog.products.offers.models import (
    Offer,
    OfferScope,
    OfferState,
    OfferTable,
    OfferVersion,
    TermsAcceptance,
)
from identity.people.may import get_team_ids_with_role
from identity.people.models import Membership, Person
from identity.role_changes.bars import OWNER, DecisionBasis, may_decide_on_basis
from kernel.errors import NotFoundError
from kernel.verdicts import ALLOWED, Verdict, refusal
from lakeformation.values.row_filter_templates import RowTemplate, read_template


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
    """The domain that made the offer publishes its versions."""
    if not (verdict := may_write_offer(person, offer.domain)):
        return verdict
    rests_on = {"domain": [offer.domain_id], "product": [offer.product_id]}
    return may_decide_on_basis(person, DecisionBasis(OWNER, offer.domain.owner_team_id, rests_on=rests_on))


def may_retire_offer(person: Person, offer: Offer) -> Verdict:
    """The domain that made the offer retires it."""
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
    rows = ProductTable.objects.filter(
        of_table | of_product, product__in=[product.pk for product in products]
    )
    return frozenset(rows.values_list("product", flat=True))


RELATED_ROWS = (
    "offer__product__domain",
    "offer__domain__owner_team",
    "database",
    "catalog",
    "terms",
    "published_by",
)

MAX_TABLES = 200
"""The maximum number of tables shown for one offer."""


def list_published_versions(product: DataProduct) -> QuerySet[OfferVersion]:
    """The versions under which access can be requested today, oldest first. Two queries."""
    return with_related_rows(OfferVersion.objects.filter(offer__product=product, state=OfferState.PUBLISHED))


def get_version(person: Person, version_id: int) -> OfferVersion | None:
    """A version of a product that the person may see, retired or not; None for one that was never published."""
    return list_versions(person, [version_id]).first()


def list_versions(person: Person, ids: Iterable[int]) -> QuerySet[OfferVersion]:
    """Versions that the person may see, published or retired."""
    shown = OfferVersion.objects.filter(
        offer__product__in=visible_products(person), published_at__isnull=False
    )
    return with_related_rows(shown).filter(pk__in=list(ids))


def with_related_rows(versions: QuerySet[OfferVersion]) -> QuerySet[OfferVersion]:
    """With the related rows that a page shows."""
    tables = Prefetch("tables", OfferTable.objects.select_related("table__database"))
    return versions.select_related(*RELATED_ROWS).prefetch_related(tables).order_by("offer", "number")


def build_bounds(version: OfferVersion) -> Bounds:
    """What may be requested under it. No query where its tables are prefetched."""
    return Bounds(
        highest_class=version.highest_class,
        longest_hours=version.longest_hours,
        uses=frozenset(version.uses),
        tables=frozenset(table.table_id for table in version.tables.all()),
        database=version.database_id,
        tags=version.tags,
        future_columns=version.future_columns,
        row_template=parse_row_template(version),
    )


def parse_row_template(version: OfferVersion) -> RowTemplate:
    return read_template(version.row_template, version.row_values)


def list_accepted_terms(person: Person, versions: Iterable[OfferVersion]) -> frozenset[int]:
    """Ids of terms of these versions that the person accepted before. One query."""
    ids = [version.terms_id for version in versions if version.terms_id]
    terms_acceptances = TermsAcceptance.objects.filter(person=person, terms__in=ids)
    return frozenset(terms_acceptances.values_list("terms_id", flat=True))


def list_editable_offers(product: DataProduct, domains: Collection[Domain]) -> list[Offer]:
    """Offers of the product by these domains (`list_offering_domains`), each with its versions, latest first."""
    versions = Prefetch("versions", OfferVersion.objects.select_related(*RELATED_ROWS).order_by("-number"))
    rows = Offer.objects.filter(product=product, domain__in=domains).select_related("domain", "product")
    return list(rows.prefetch_related(versions, "versions__tables__table__database").order_by("pk"))


def get_editable_version(person: Person, version_id: int) -> OfferVersion:
    """A version that the person may publish or retire, drafts included. NotFoundError."""
    return _get_editable(person, OfferVersion.objects.filter(pk=version_id))


def get_editable_version_by_number(person: Person, offer_id: int, number: int) -> OfferVersion:
    """Like `get_editable_version`, by the version's number within its offer."""
    return _get_editable(person, OfferVersion.objects.filter(offer=offer_id, number=number))


def _get_editable(person: Person, versions: QuerySet[OfferVersion]) -> OfferVersion:
    version = with_related_rows(versions).first()
    if version is None or not may_view_offer_draft(person, version.offer):
        raise NotFoundError
    return version


def list_offered_tables(version: OfferVersion) -> list[Table]:
    """Live tables that can be requested under it by name, with their columns; none for LF-Tags. Two queries."""
    if version.scope == OfferScope.TAGS:
        return []
    named = {table.table_id for table in version.tables.all()}
    wanted = Q(pk__in=named) | Q(database=version.database_id or 0)
    rows = Table.objects.filter(wanted, tombstoned_at=None).select_related("database")
    return list(rows.prefetch_related("columns").order_by("database__name", "name")[:MAX_TABLES])
