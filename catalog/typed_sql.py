"""Typed filters as conditions: on the rows that match, or on the tables that a row is made of."""

from collections.abc import Iterable
from typing import Any

from catalog.query import SearchQuery
from catalog.typed import FACET_OF, Filter, age_of
from catalog.words import words

SINCE = (
    """to_char((meshmarket_now() - make_interval(hours => %({key}_hours)s)) AT TIME ZONE 'UTC',"""
    """ 'YYYY-MM-DD"T"HH24:MI:SS') COLLATE "C\""""
)
"""That many hours ago, as Glue's times stand in the mirror."""

# Of `matched`: what is shown and counted there.
_OF_ROWS = {
    "domain": "(domain = lower(%({key})s) OR domain_label ILIKE %({key}_like)s)",
    "account": "(producer = %({key})s OR producer_label ILIKE %({key}_like)s)",
    "owner": "owner ILIKE %({key}_like)s",
    "tier": "tier = lower(%({key})s)",
    "classification": "lower(%({key})s) = ANY(classification)",
    "has": "access = 'have'",
    "team": "(team = lower(%({key})s) OR team_label ILIKE %({key}_like)s)",
    "region": "lower(%({key})s) = ANY(region)",
    "format": "EXISTS (SELECT FROM unnest(format) AS said WHERE lower(said) = lower(%({key})s))",
    "type": "type = lower(%({key})s)",
    "fresh": f"(CASE WHEN %({{key}}_older)s THEN fresh < {SINCE} ELSE fresh >= {SINCE} END)",
    "tag": "EXISTS (SELECT FROM unnest(tag) AS said WHERE said ILIKE %({key}_tag)s)",
}
# Of a live table `t`. The vector, which has an index, goes before the columns themselves.
_OF_TABLES = {
    "column": """(t.search @@ to_tsquery('simple', %({key}_words)s) AND EXISTS (
      SELECT FROM catalog_column col WHERE col.table_id = t.id AND col.name ILIKE %({key}_like)s))""",
}
_IN_PRODUCT = """EXISTS (SELECT FROM catalog_producttable pt
    JOIN catalog_table t ON t.id = pt.table_id AND t.tombstoned_at IS NULL
    WHERE pt.product_id = p.id AND {condition})"""


def of_rows(query: SearchQuery, leave_out: str = "") -> list[str]:
    """Conditions on `matched`, without those that narrow the facet `leave_out`."""
    found = [(at, each) for at, each in _numbered(query) if each.name in _OF_ROWS]
    kept = [(at, each) for at, each in found if not leave_out or FACET_OF.get(each.name) != leave_out]
    return _joined(kept, _OF_ROWS, "{condition}")


def of_products(query: SearchQuery) -> list[str]:
    """Conditions on a product `p`: some table of it."""
    return _joined(_of_tables(query), _OF_TABLES, _IN_PRODUCT)


def of_tables(query: SearchQuery) -> list[str]:
    """Conditions on a table `t`."""
    return _joined(_of_tables(query), _OF_TABLES, "{condition}")


def typed_parameters(query: SearchQuery) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for at, each in _numbered(query):
        key, said = f"typed_{at}", each.value
        given[key] = said
        given[f"{key}_like"] = f"%{literally(said)}%"
        given[f"{key}_tag"] = literally(said if "=" in said else f"{said}=") + ("" if "=" in said else "%")
        given[f"{key}_words"] = prefixes(said)
        sign, hours = age_of(said) or ("<", 0)
        given |= {f"{key}_older": sign == ">", f"{key}_hours": hours}
    return given


def prefixes(said: str) -> str:
    """The query for all words of an identifier, each perhaps unfinished; empty without a word."""
    return " & ".join(f"'{word.text}':*" for word in words(said))


def _joined(found: Iterable[tuple[int, Filter]], conditions: dict[str, str], around: str) -> list[str]:
    """Filters of one name are either-or; each that is excluded stands for itself."""
    wanted: dict[str, list[str]] = {}
    excluded = []
    for at, each in found:
        said = around.format(condition=conditions[each.name].format(key=f"typed_{at}"))
        if each.excluded:
            excluded.append(f"NOT coalesce({said}, false)")
        else:
            wanted.setdefault(each.name, []).append(said)
    return [*(f"({' OR '.join(said)})" for said in wanted.values()), *excluded]


def _of_tables(query: SearchQuery) -> list[tuple[int, Filter]]:
    return [(at, each) for at, each in _numbered(query) if each.name in _OF_TABLES]


def _numbered(query: SearchQuery) -> list[tuple[int, Filter]]:
    return list(enumerate(query.typed.filters))


def literally(said: str) -> str:
    """A text in which LIKE sees no signs of its own."""
    return said.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
