"""Offers as people find them: those in force on a product, and one version as it was shown."""

from collections.abc import Iterable

from django.db.models import Prefetch, Q, QuerySet

from catalog.mirror.models import Table
from catalog.products.may import visible_products
from catalog.products.models import DataProduct
from catalog.products.offers.bounds import Bounds
from catalog.products.offers.may import may_put_offer_in_force, offering_domains
from catalog.products.offers.models import Offer, OfferVersion, TermsAcceptance
from catalog.products.offers.states import OfferState, Scope
from identity.errors import NotFoundError
from identity.people.models import Person
from lakeformation.values.row_rule_templates import RowTemplate, read_template

ROWS = ("offer__product__domain", "offer__domain__owner_team", "database", "catalog", "terms", "in_force_by")

MOST_TABLES = 200
"""That are shown of one offer."""


def offers_in_force(product: DataProduct) -> QuerySet[OfferVersion]:
    """What one asks under today, in the order of making. Two queries."""
    return with_rows(OfferVersion.objects.filter(offer__product=product, state=OfferState.IN_FORCE))


def version_for(person: Person, version_id: int) -> OfferVersion | None:
    """A version of a product that the person may see, withdrawn or not; None for a draft, and for one never in force."""
    return versions_for(person, [version_id]).first()


def versions_for(person: Person, ids: Iterable[int]) -> QuerySet[OfferVersion]:
    """Several, likewise."""
    shown = OfferVersion.objects.filter(
        offer__product__in=visible_products(person), in_force_at__isnull=False
    )
    return with_rows(shown).filter(pk__in=list(ids))


def with_rows(versions: QuerySet[OfferVersion]) -> QuerySet[OfferVersion]:
    """With all that a page tells of them."""
    return (
        versions.select_related(*ROWS).prefetch_related("tables__table__database").order_by("offer", "number")
    )


def bounds_of(version: OfferVersion) -> Bounds:
    """What may be asked under it. No query where its tables are prefetched."""
    return Bounds(
        highest_class=version.highest_class,
        longest_hours=version.longest_hours,
        uses=frozenset(version.uses),
        tables=frozenset(one.table_id for one in version.tables.all()),
        database=version.database_id,
        tags=version.tags,
        future_columns=version.future_columns,
        rows=template_of(version),
    )


def template_of(version: OfferVersion) -> RowTemplate:
    return read_template(version.row_template, version.row_values)


def accepted_by(person: Person, versions: Iterable[OfferVersion]) -> frozenset[int]:
    """Ids of terms of these versions that the person accepted before. One query."""
    ids = [version.terms_id for version in versions if version.terms_id]
    found = TermsAcceptance.objects.filter(person=person, terms__in=ids)
    return frozenset(found.values_list("terms_id", flat=True))


def offers_of(person: Person, product: DataProduct) -> list[Offer]:
    """Offers of the product that the person may change, each with its versions, latest first. Three queries."""
    domains = [domain.pk for domain in offering_domains(person, product)]
    versions = Prefetch("versions", OfferVersion.objects.select_related(*ROWS).order_by("-number"))
    rows = Offer.objects.filter(product=product, domain__in=domains).select_related("domain", "product")
    return list(rows.prefetch_related(versions, "versions__tables__table__database").order_by("pk"))


def own_version(person: Person, version_id: int) -> OfferVersion:
    """A version that the person may put in force or withdraw, drafts too. NotFoundError."""
    version = with_rows(OfferVersion.objects.filter(pk=version_id)).first()
    if version is None or not may_put_offer_in_force(person, version.offer):
        raise NotFoundError
    return version


def own_numbered_version(person: Person, offer_id: int, number: int) -> OfferVersion:
    """Like `own_version`, by the version's number within its offer."""
    found = OfferVersion.objects.filter(offer=offer_id, number=number).values_list("pk", flat=True).first()
    return own_version(person, found or 0)


def tables_under(version: OfferVersion) -> list[Table]:
    """Live tables that are asked for under it by name, with their columns; none for LF-Tags. Two queries."""
    if version.scope == Scope.TAGS:
        return []
    named = {one.table_id for one in version.tables.all()}
    wanted = Q(pk__in=named) | Q(database=version.database_id or 0)
    rows = Table.objects.filter(wanted, tombstoned_at=None).select_related("database")
    return list(rows.prefetch_related("columns").order_by("database__name", "name")[:MOST_TABLES])
