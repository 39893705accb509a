"""The glossary's pages: all terms, and one term with what it is linked with."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from catalog.glossary.models import Term, TermLink
from catalog.products.may import visible_products, visible_tables
from catalog.products.models import DataProduct
from identity.errors import NotFoundError
from identity.people.models import Person


@dataclass(frozen=True)
class TermPage:
    """A term with what the person may see of what it is linked with."""

    term: Term
    products: tuple[DataProduct, ...]
    links: tuple[TermLink, ...]


def list_terms() -> QuerySet[Term]:
    """All terms by name, each with its owner and the number of its links."""
    return Term.objects.select_related("owner_team").annotate(linked=Count("links")).order_by("name")


def build_term_page(person: Person, slug: str) -> TermPage:
    """NotFoundError when there is no such term. What the person may not see is left out."""
    term = Term.objects.select_related("owner_team").filter(slug=slug).first()
    if term is None:
        raise NotFoundError
    shown = visible_products(person).filter(term_links__term=term)
    tables = visible_tables(person).filter(tombstoned_at=None)
    links = TermLink.objects.filter(term=term, table__in=tables).select_related("table__database__catalog")
    return TermPage(
        term=term,
        products=tuple(shown.select_related("domain", "owner").distinct().order_by("name")),
        links=tuple(links.order_by("table__name", "column")),
    )
