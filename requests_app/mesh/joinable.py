"""Which products can be joined with others, by which columns: those that a person may see."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from catalog.glossary.models import Term
from catalog.mesh.models import JoinColumn
from catalog.products.may import visible_products
from catalog.products.models import DataProduct
from identity.people.models import Person

MAX_COLUMNS = 5000
MAX_PAIRS = 100
MAX_PARTNERS = 6


class KeyColumn(NamedTuple):
    """A column of a product's table that carries a key."""

    product: int
    table: int
    column: str
    kind: str
    key: str


@dataclass(frozen=True)
class Join:
    """Two products and a column of each; `label` is the term's name, or the name of the columns."""

    first: KeyColumn
    second: KeyColumn
    label: str

    @property
    def is_by_term(self) -> bool:
        return self.first.kind == JoinColumn.Kind.TERM


def pair_columns(
    columns: Iterable[KeyColumn], product: int | None = None
) -> list[tuple[KeyColumn, KeyColumn]]:
    """For each two products the best pair: by a term rather than by a name. With `product`, of that one and others, which
    it comes before. A table is not joined with itself.
    """
    by_key: dict[tuple[str, str], list[KeyColumn]] = defaultdict(list)
    for column in columns:
        by_key[column.kind, column.key].append(column)
    best: dict[tuple[int, int], tuple[KeyColumn, KeyColumn]] = {}
    for kind in (JoinColumn.Kind.TERM, JoinColumn.Kind.NAME):
        keys = sorted((key for key in by_key if key[0] == kind), key=lambda key: (len(by_key[key]), key))
        for key in keys:
            for first, second in _iterate_pairs(by_key[key], product):
                best.setdefault((first.product, second.product), (first, second))
    return list(best.values())


def _iterate_pairs(rows: Sequence[KeyColumn], product: int | None) -> Iterable[tuple[KeyColumn, KeyColumn]]:
    ordered = sorted(rows, key=attrgetter("product", "table", "column"))
    for first in ordered:
        for second in ordered:
            is_wanted = first.product < second.product if product is None else first.product == product
            if is_wanted and first.product != second.product and first.table != second.table:
                yield first, second


def list_joins(person: Person) -> list[Join]:
    """Lists joins of all products that the person sees. Two queries."""
    rows = _select_columns(_list_shown(person))
    return _build_joins(pair_columns(rows)[:MAX_PAIRS])


def list_product_joins(person: Person, product: DataProduct) -> list[Join]:
    """Lists joins of a product that the person sees with others that they see; those by a term first. Two queries, one without a
    result.
    """
    own = JoinColumn.objects.filter(table__product_tables__product=product).values("key")
    shown = DataProduct.objects.filter(Q(pk=product.pk) | Q(pk__in=_list_shown(person).values("pk")))
    rows = _select_columns(shown, own)
    return _build_joins(pair_columns(rows, product.pk)[:MAX_PARTNERS])


def _list_shown(person: Person) -> QuerySet[DataProduct]:
    return visible_products(person).filter(is_published=True)


def _select_columns(
    products: QuerySet[DataProduct], keys: QuerySet[Any, Any] | None = None
) -> list[KeyColumn]:
    rows = JoinColumn.objects.filter(table__product_tables__product__in=products, table__tombstoned_at=None)
    if keys is not None:
        rows = rows.filter(key__in=keys)
    found = rows.values_list("table__product_tables__product", "table", "column", "kind", "key")
    return [KeyColumn(*row) for row in found.order_by("key", "table")[:MAX_COLUMNS]]


def _build_joins(pairs: Sequence[tuple[KeyColumn, KeyColumn]]) -> list[Join]:
    """One query."""
    terms = {int(first.key) for first, _second in pairs if first.kind == JoinColumn.Kind.TERM}
    names = dict(Term.objects.filter(pk__in=terms).values_list("pk", "name")) if terms else {}
    return [
        Join(
            first,
            second,
            names[int(first.key)] if first.kind == JoinColumn.Kind.TERM else first.key.partition(":")[0],
        )
        for first, second in pairs
    ]
