"""The glossary's pages: terms, and one term with what it is linked with, as far as the person may see that."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from catalog.glossary.models import Term, TermLink, TermRevision
from catalog.glossary.states import TermState
from catalog.mirror.models import Table
from catalog.products.may import visible_products, visible_tables
from catalog.products.models import DataProduct
from identity.people.models import Person
from kernel.errors import NotFoundError

MAX_SUCCESSIONS = 50


@dataclass(frozen=True)
class TermPage:
    """A term with what the person may see of what it is linked with. `successor` is at the end of a chain of replaced
    terms; `namesakes` are the terms of other domains with the same name.
    """

    term: Term
    links: tuple[TermLink, ...]
    successor: Term | None
    namesakes: tuple[Term, ...]


def list_terms(person: Person) -> QuerySet[Term]:
    """All terms by name, each with its domain, its owner and the number of its links to what the person may see."""
    shown = Q(links__product__in=visible_products(person)) | Q(links__table__in=visible_tables(person))
    rows = Term.objects.select_related("owner_team", "domain__owner_team", "replaced_by__domain")
    return rows.annotate(linked=Count("links", filter=shown, distinct=True)).order_by("name", "pk")


def find_terms(text: str, person: Person, *, domain: str = "", state: str = "") -> QuerySet[Term]:
    """Terms with this text in name, synonyms or definition. `domain` is a slug, or `none` for the whole organisation."""
    rows = list_terms(person)
    if text:
        folded = Q(name__icontains=text) | Q(definition__icontains=text) | Q(synonyms__icontains=text)
        rows = rows.filter(folded)
    if domain:
        rows = rows.filter(domain=None) if domain == "none" else rows.filter(domain__slug=domain)
    return rows.filter(state=state) if state else rows


def get_term(slug: str) -> Term:
    """NotFoundError when there is none. Everybody reads the glossary."""
    rows = Term.objects.select_related("owner_team", "domain__owner_team", "replaced_by__domain")
    term = rows.filter(slug=slug).first()
    if term is None:
        raise NotFoundError
    return term


def build_term_page(person: Person, slug: str) -> TermPage:
    """NotFoundError when there is no such term. What the person may not see is left out."""
    term = get_term(slug)
    namesakes = Term.objects.filter(name__iexact=term.name).exclude(pk=term.pk).select_related("domain")
    successor = term.replaced_by
    for _step in range(MAX_SUCCESSIONS):
        if successor is None or successor.replaced_by_id is None:
            break
        successor = Term.objects.select_related("domain").get(pk=successor.replaced_by_id)
    return TermPage(
        term=term,
        links=tuple(list_linked_data(person, term)),
        successor=successor,
        namesakes=tuple(namesakes.order_by(F("domain__name").asc(nulls_first=True))),
    )


def list_linked_data(person: Person, term: Term) -> QuerySet[TermLink]:
    """Products first, then tables and columns by name; without what the person may not see, and tables that are gone."""
    tables = visible_tables(person).filter(tombstoned_at=None)
    rows = term.links.filter(Q(product__in=visible_products(person)) | Q(table__in=tables))
    rows = rows.select_related("product__domain", "product__owner", "table__database__catalog")
    return rows.order_by(F("product__name").asc(nulls_last=True), "table__name", "column", "pk")


def list_possible_successors(term: Term) -> QuerySet[Term]:
    """Approved terms: those of its own domain first."""
    rows = Term.objects.filter(state=TermState.APPROVED).exclude(pk=term.pk).select_related("domain")
    own = Q(domain=term.domain_id) if term.domain_id else Q(domain=None)
    return rows.annotate(is_own=own).order_by("-is_own", "name", "pk")


def list_terms_of_product(product: DataProduct) -> QuerySet[Term]:
    """Approved terms that are linked with the product itself."""
    return _list_approved().filter(links__product=product).distinct()


def list_links_of_tables(tables: Sequence[Table]) -> QuerySet[TermLink]:
    """Links of approved terms with these tables and their columns."""
    rows = TermLink.objects.filter(table__in=tables, term__state=TermState.APPROVED)
    return rows.select_related("term__domain").order_by("column", "term__name", "term__pk")


def list_term_revisions(term: Term) -> QuerySet[TermRevision]:
    """Newest first, with their people."""
    return term.revisions.select_related("made_by", "proposal__proposed_by").order_by("-number")


def find_approved_terms(text: str) -> QuerySet[Term]:
    """By a part of the name or of a synonym."""
    return _list_approved().filter(Q(name__icontains=text) | Q(synonyms__icontains=text))


def _list_approved() -> QuerySet[Term]:
    return Term.objects.filter(state=TermState.APPROVED).select_related("domain").order_by("name", "pk")
