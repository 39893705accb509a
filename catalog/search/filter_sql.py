"""Typed filters as conditions: on what matches, or on the documents before."""

from collections.abc import Iterable
from typing import Any

from catalog.search.filter_syntax import FACET_OF, Filter, age_of
from catalog.search.index.tokenizer import words
from catalog.search.query import SearchQuery

SINCE = (
    """to_char((meshmarket_now() - make_interval(hours => %({key}_hours)s)) AT TIME ZONE 'UTC',"""
    """ 'YYYY-MM-DD"T"HH24:MI:SS') COLLATE "C\""""
)
"""That many hours ago, as Glue's times stand in the mirror."""

# Of `matched`: what is shown and counted there.
_OF_ROWS = {
    "domain": """domain IN (SELECT d.id FROM catalog_domain d
      WHERE d.slug = lower(%({key})s) OR d.name ILIKE %({key}_like)s)""",
    "account": """producer IN (SELECT a.id FROM identity_account a
      WHERE a.account_id = %({key})s OR a.name ILIKE %({key}_like)s)""",
    "owner": """CASE WHEN id < 0 THEN EXISTS (SELECT FROM catalog_dataproduct p JOIN identity_person o ON o.id = p.owner_id
        WHERE p.id = -matched.id AND o.name ILIKE %({key}_like)s)
      ELSE EXISTS (SELECT FROM catalog_table t WHERE t.id = matched.id AND t.owner ILIKE %({key}_like)s) END""",
    "tier": "tier = lower(%({key})s)",
    "classification": "lower(%({key})s) = ANY(classification)",
    "has": "access = 'have'",
    "team": """domain IN (SELECT d.id FROM catalog_domain d JOIN identity_team g ON g.id = d.owner_team_id
      WHERE g.slug = lower(%({key})s) OR g.name ILIKE %({key}_like)s)""",
    "region": "lower(%({key})s) = ANY(region)",
    "format": "EXISTS (SELECT FROM unnest(format) AS said WHERE lower(said) = lower(%({key})s))",
    "type": "kind = lower(%({key})s)",
    "fresh": f"(fresh <> '' AND CASE WHEN %({{key}}_older)s THEN fresh < {SINCE} ELSE fresh >= {SINCE} END)",
    "used": "teams >= %({key})s::bigint",
    "tag": "EXISTS (SELECT FROM unnest(tag) AS said WHERE said ILIKE %({key}_tag)s)",
}
# Of a document `d`. The vector, which has an index, goes before the columns themselves.
_OF_DOCUMENTS = {
    "column": """(d.search @@ to_tsquery('simple', %({key}_words)s) AND EXISTS (
      SELECT FROM catalog_column col WHERE col.name ILIKE %({key}_like)s AND (col.table_id = d.id OR col.table_id IN (
        SELECT pt.table_id FROM catalog_producttable pt
        JOIN catalog_table t ON t.id = pt.table_id AND t.tombstoned_at IS NULL WHERE pt.product_id = -d.id))))""",
}


def of_rows(query: SearchQuery, leave_out: str = "") -> list[str]:
    """Conditions on `matched`, without those that narrow the facet `leave_out`."""
    found = [(at, each) for at, each in _numbered(query) if each.name in _OF_ROWS]
    kept = [(at, each) for at, each in found if not leave_out or FACET_OF.get(each.name) != leave_out]
    return _joined(kept, _OF_ROWS)


def of_documents(query: SearchQuery) -> list[str]:
    """Conditions on a document `d`: some table of it."""
    found = [(at, each) for at, each in _numbered(query) if each.name in _OF_DOCUMENTS]
    return _joined(found, _OF_DOCUMENTS)


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


def _joined(found: Iterable[tuple[int, Filter]], conditions: dict[str, str]) -> list[str]:
    """Filters of one name are either-or; each that is excluded stands for itself."""
    wanted: dict[str, list[str]] = {}
    excluded = []
    for at, each in found:
        said = conditions[each.name].format(key=f"typed_{at}")
        if each.excluded:
            excluded.append(f"NOT coalesce({said}, false)")
        else:
            wanted.setdefault(each.name, []).append(said)
    return [*(f"({' OR '.join(said)})" for said in wanted.values()), *excluded]


def _numbered(query: SearchQuery) -> list[tuple[int, Filter]]:
    return list(enumerate(query.typed.filters))


def literally(said: str) -> str:
    """A text in which LIKE sees no signs of its own."""
    return said.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
