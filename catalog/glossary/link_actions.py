"""Links from terms to products, tables and columns that the person can see. Each is one transaction."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.glossary.may import may_link_term, may_unlink_term
from catalog.glossary.models import Term, TermLink
from catalog.glossary.queries import list_linked_data
from catalog.glossary.term_changes import get_locked_term
from catalog.mirror.models import Column, Table
from catalog.products.may import visible_products, visible_tables
from catalog.products.models import DataProduct
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed

MAX_LINKS = 500


@dataclass(frozen=True)
class LinkTarget:
    """The slug of a product, or the id of a table with a column of it or none."""

    product: str = ""
    table: int | None = None
    column: str = ""


@transaction.atomic(durable=True)
def link_term(*, acting_user: Person, slug: str, target: LinkTarget, now: datetime) -> TermLink:
    """The same link again changes nothing. RefusedError for what does not exist, or the person may not see."""
    term = get_locked_term(slug)
    require_allowed(may_link_term(acting_user, term))
    product, table, column = _find_target(acting_user, target)
    term_link = TermLink.objects.filter(term=term, product=product, table=table, column=column).first()
    if term_link:
        return term_link
    if term.links.count() >= MAX_LINKS:
        raise RefusedError(_("A term can have at most %(most)s links.") % {"most": MAX_LINKS})
    link = TermLink.objects.create(term=term, product=product, table=table, column=column)
    _record("link_term", term, link, acting_user, now)
    return link


@transaction.atomic(durable=True)
def unlink_term(*, acting_user: Person, slug: str, link_id: int, now: datetime) -> None:
    """NotFoundError for a link that the term has not, or to what the person may not see."""
    term = get_locked_term(slug)
    require_allowed(may_unlink_term(acting_user, term))
    link = list_linked_data(acting_user, term).filter(pk=link_id).first()
    if link is None:
        raise NotFoundError
    _record("unlink_term", term, link, acting_user, now)
    link.delete()


def _find_target(person: Person, target: LinkTarget) -> tuple[DataProduct | None, Table | None, str]:
    if target.product:
        product = visible_products(person).filter(slug=target.product).first()
        if product is None or target.table or target.column:
            raise RefusedError(_("Choose a data product that you can see."), "product")
        return product, None, ""
    tables = visible_tables(person).filter(tombstoned_at=None)
    table = tables.filter(pk=target.table).first() if target.table else None
    if table is None:
        raise RefusedError(_("Choose a data product or a table that you can see."), "table")
    if target.column and not Column.objects.filter(table=table, name=target.column).exists():
        raise RefusedError(_("The table has no column of this name."), "column")
    return None, table, target.column


def _record(verb: str, term: Term, link: TermLink, person: Person, now: datetime) -> None:
    end = {"product": link.product_id} if link.product_id else {"table": link.table_id, "column": link.column}
    record_by_person(verb, person, f"term:{term.pk}", {"term": term.slug, **end}, now)
