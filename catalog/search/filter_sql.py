"""SQL conditions of filters, chosen in a facet or typed."""

from collections.abc import Mapping
from typing import Any

from catalog.search.facet_definitions import AGES, DEFINITIONS, FACETS, NESTED, FacetKind
from catalog.search.filter_syntax import FACET_OF, parse_age
from catalog.search.index.tokenizer import words
from catalog.search.query import SearchQuery

# Conditions on a row of `matched`.
_CHOSEN = {one.name: one.chosen_condition for one in DEFINITIONS}
_TYPED = {
    **{one.filter_name: one.typed_condition for one in DEFINITIONS},
    "owner": """CASE WHEN id < 0 THEN EXISTS (SELECT FROM catalog_dataproduct p JOIN identity_person o ON o.id = p.owner_id
        WHERE p.id = -matched.id AND o.name ILIKE %({key}_like)s)
      ELSE EXISTS (SELECT FROM catalog_table t WHERE t.id = matched.id AND t.owner ILIKE %({key}_like)s) END""",
}
DOCUMENT_FILTERS = {
    "column": """(d.search @@ to_tsquery('simple', %({key}_words)s) AND EXISTS (
      SELECT FROM catalog_column col WHERE col.name ILIKE %({key}_like)s AND (col.table_id = d.id OR col.table_id IN (
        SELECT pt.table_id FROM catalog_producttable pt
        JOIN catalog_table t ON t.id = pt.table_id AND t.tombstoned_at IS NULL WHERE pt.product_id = -d.id))))""",
}
"""Typed filters that are conditions on a document `d`. The vector comes first, as it has an index."""


def filter_condition(query: SearchQuery, leave_out: str = "") -> str:
    """The condition on `matched` of all filters, except those that a chosen value of the facet `leave_out` replaces."""
    chosen = [_CHOSEN[facet] for facet in FACETS if facet != leave_out and query.chosen(facet)]
    return " AND ".join([*chosen, *typed_conditions(query, _TYPED, leave_out)]) or "true"


def typed_conditions(query: SearchQuery, templates: Mapping[str, str], leave_out: str = "") -> list[str]:
    """Included filters of one name are alternatives; each excluded filter is a condition of its own."""
    included: dict[str, list[str]] = {}
    excluded = []
    for at, each in enumerate(query.typed.filters):
        is_replaced = not each.excluded and FACET_OF.get(each.name) == leave_out
        if each.name not in templates or is_replaced:
            continue
        condition = templates[each.name].format(key=f"typed_{at}")
        if each.excluded:
            excluded.append(f"NOT coalesce({condition}, false)")
        else:
            included.setdefault(each.name, []).append(condition)
    return [*(f"({' OR '.join(alternatives)})" for alternatives in included.values()), *excluded]


def filter_parameters(query: SearchQuery) -> dict[str, Any]:
    parameters: dict[str, Any] = {facet: list(query.chosen(facet)) for facet in FACETS}
    for one in NESTED:
        if one.kind == FacetKind.AGE:
            parameters[f"{one.name}_hours"] = max((AGES[age] for age in query.chosen(one.name)), default=0)
        elif one.kind == FacetKind.LEAST:
            parameters[f"{one.name}_least"] = min(map(int, query.chosen(one.name)), default=0)
    for at, each in enumerate(query.typed.filters):
        key, value = f"typed_{at}", each.value
        sign, hours = parse_age(value) or ("<", 0)
        parameters |= {
            key: value,
            f"{key}_like": f"%{escape_like(value)}%",
            f"{key}_tag": escape_like(value) if "=" in value else f"{escape_like(value)}=%",
            f"{key}_words": prefix_query(value),
            f"{key}_older": sign == ">",
            f"{key}_hours": hours,
        }
    return parameters


def prefix_query(identifier: str) -> str:
    """A tsquery for all words of an identifier, each perhaps unfinished; empty without a word."""
    return " & ".join(f"'{word.text}':*" for word in words(identifier, is_name=True))


def escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
