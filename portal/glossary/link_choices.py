"""Data that a term can be linked with, found by a search, and the choice that a form sends."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from catalog.glossary.link_actions import LinkTarget
from catalog.mirror.models import Column
from catalog.search.query import SearchQuery
from catalog.search.search import get_cached_search
from identity.people.models import Person
from kernel.errors import RefusedError
from portal.pages.post_fields import get_text_field
from portal.pages.row_ids import parse_id

MAX_CHOICES = 12
PRODUCT, TABLE = "product", "table"


@dataclass(frozen=True)
class LinkChoice:
    """`target` names the product by its slug, or the table by its id."""

    kind: str
    name: str
    place: str
    target: str
    columns: Sequence[str] = ()


def find_link_choices(person: Person, text: str) -> list[LinkChoice]:
    """What a search for the text finds first, of what the person can see. One query more for the columns."""
    if not text:
        return []
    query = SearchQuery.from_parameters({"q": [text]})
    hits = get_cached_search(query, person=person, limit=MAX_CHOICES, offset=0).hits
    columns: dict[int, list[str]] = {hit.pk: [] for hit in hits if hit.kind == TABLE}
    rows = Column.objects.filter(table__in=columns).order_by("table", "pk").values_list("table", "name")
    for table, name in rows:
        columns[table].append(name)
    return [
        LinkChoice(PRODUCT, hit.name, hit.domain, f"{PRODUCT}:{hit.slug}")
        if hit.kind == PRODUCT
        else LinkChoice(TABLE, hit.name, hit.place, f"{TABLE}:{hit.pk}", columns[hit.pk])
        for hit in hits
    ]


def parse_link_target(request: HttpRequest) -> LinkTarget:
    """RefusedError for what is no choice of the form."""
    kind, _colon, key = get_text_field(request, "target").partition(":")
    column = get_text_field(request, "column")
    if kind == PRODUCT and key:
        return LinkTarget(product=key, column=column)
    table = parse_id(key) if kind == TABLE else None
    if table is None:
        raise RefusedError(_("Choose a data product or a table that you can see."), "target")
    return LinkTarget(table=table, column=column)
