"""Reads of derivation requests, and of what a product may not be without an owner's word."""

from collections.abc import Iterable

from django.db.models import QuerySet

from catalog.derivation.evaluation import Subject, read_subject
from catalog.derivation.may import visible_requests
from catalog.derivation.models import DerivationRequest
from catalog.products.models import DataProduct
from identity.people.models import Person

RELATED = (
    "product__domain__owner_team",
    "product__owner",
    "domain__owner_team",
    "requested_by",
    "decided_by",
    "ended_by",
)


def list_requests(person: Person) -> QuerySet[DerivationRequest]:
    """What the person may see, newest first."""
    return visible_requests(person).select_related(*RELATED).order_by("-requested_at", "-pk")


def read_wanted_subject(product: DataProduct) -> Subject:
    """As its draft has it, or as it is where there is no draft."""
    draft = product.revisions.filter(state="draft").first()
    own = read_subject(product)
    if draft is None:
        return own
    tables: Iterable[int] = draft.content.get("tables", own.tables)
    return Subject(product, tuple(tables), tuple(draft.content.get("inputs", own.inputs)))
