"""Which columns can be joined with columns of other products. Pure: values in, keys out."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from catalog.mesh.models import JoinColumn
from catalog.mesh.schema_similarity import get_type_family

MAX_TABLES = 50
"""A name in more tables than this, as `id`, says little about what is meant."""
_KEY_NAME = re.compile(r"(?:.+_)?(?:id|key|no|nr|number|code|uuid|guid|ref|iban|bic|isin|lei|symbol)")
_KEY_TYPES = frozenset({"int", "string", "decimal", "date"})
MIN_NAME_LENGTH = 4


class KeyedColumn(NamedTuple):
    """A column of a product's table."""

    table: int
    product: int
    name: str
    data_type: str


class FoundKey(NamedTuple):
    table: int
    column: str
    kind: JoinColumn.Kind
    key: str


def find_name_keys(columns: Iterable[KeyedColumn]) -> list[FoundKey]:
    """Columns with a name as keys have it, which is in tables of several products but not in many, with the same type."""
    by_key: dict[str, list[KeyedColumn]] = defaultdict(list)
    for one in columns:
        family, name = get_type_family(one.data_type), one.name.lower()
        if family in _KEY_TYPES and len(name) >= MIN_NAME_LENGTH and _KEY_NAME.fullmatch(name):
            by_key[f"{name}:{family}"].append(one)
    return [
        found
        for key, rows in by_key.items()
        if len({row.product for row in rows}) > 1 and len({row.table for row in rows}) <= MAX_TABLES
        for found in sorted({FoundKey(row.table, row.name, JoinColumn.Kind.NAME, key) for row in rows})
    ]


def find_term_keys(links: Iterable[tuple[int, str, int, int]]) -> list[FoundKey]:
    """Of (table, column, product, term): columns with a term that columns of another product have, too."""
    by_term: dict[int, set[tuple[int, str, int]]] = defaultdict(set)
    for table, column, product, term in links:
        by_term[term].add((table, column, product))
    return [
        found
        for term, rows in by_term.items()
        if len({product for _table, _column, product in rows}) > 1
        for found in sorted(
            {FoundKey(table, column, JoinColumn.Kind.TERM, f"{term}") for table, column, _product in rows}
        )
    ]
