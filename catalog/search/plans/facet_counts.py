"""The counts of a search: of what matches, or where nothing narrows the search those that are stored.

Both are a common table `cells` (part, domain, account, value, documents): in how many documents a value stands, and how
many there are of each place. From it the values of each facet are read.
"""

from collections.abc import Mapping

from catalog.search.filter_sql import SINCE
from catalog.search.index.models import EVERYONE
from catalog.search.query import AGES, USED_BY

_AGES = ", ".join(
    f"('{age}', {SINCE.format(key='ages').replace('%(ages_hours)s', str(hours))})"
    for age, hours in AGES.items()
)
# In one pass; which part a group is of, its grouping tells: a bit for each key that it was not grouped by. Arrays are
# taken apart when they are few.
_CELLS = """cells AS MATERIALIZED (
  SELECT told.part, domain, account, said.value, documents FROM (
    SELECT domain, account, kind, tier, access, region, format, tag, classification, sum(weight) AS documents,
      GROUPING(account, kind, tier, access, region, format, tag) AS parts FROM matched WHERE {all}
    GROUP BY GROUPING SETS ((domain, account), (kind), (tier), (access), (region), (format), (tag), (classification))
  ) AS grouped
  CROSS JOIN LATERAL (SELECT CASE parts WHEN 63 THEN 'place' WHEN 95 THEN 'total' WHEN 111 THEN 'tier'
    WHEN 119 THEN 'access' WHEN 123 THEN 'region' WHEN 125 THEN 'format' WHEN 126 THEN 'tag'
    ELSE 'classification' END AS part) AS told
  CROSS JOIN LATERAL unnest(CASE parts WHEN 63 THEN '{{""}}' WHEN 95 THEN ARRAY[kind::text]
    WHEN 111 THEN ARRAY[tier::text] WHEN 119 THEN ARRAY[access] WHEN 123 THEN region::text[]
    WHEN 125 THEN format::text[] WHEN 126 THEN tag ELSE classification::text[] END) AS said(value)
  WHERE said.value IS NOT NULL
)"""
# A person holds few of many documents: each is looked up, where PostgreSQL, which does not know that, would read them all.
_STORED = f"""stored AS MATERIALIZED (
  SELECT part, domain, account, value, sum(documents)::bigint AS documents FROM catalog_facetcount
  WHERE visibility = {EVERYONE} GROUP BY 1, 2, 3, 4 HAVING sum(documents) > 0
), reach AS MATERIALIZED (
  SELECT coalesce(sum(documents) FILTER (WHERE value = 'false'), 0)::bigint AS full,
    coalesce(sum(documents) FILTER (WHERE value = 'true'), 0)::bigint AS empty,
    (SELECT count(*) FROM held CROSS JOIN LATERAL (SELECT FROM catalog_document d
      WHERE d.id = held.id AND d.visibility = {EVERYONE} AND NOT d.is_empty OFFSET 0) AS found) AS have
  FROM stored WHERE part = 'empty'
), cells AS MATERIALIZED (
  SELECT part, domain, account, value, documents FROM stored
  UNION ALL SELECT 'access', NULL, NULL, said.access, said.documents FROM reach CROSS JOIN may_ask
  CROSS JOIN LATERAL (VALUES ('have', reach.have),
    (CASE WHEN may_ask.yes THEN 'ask' ELSE 'none' END, reach.full - reach.have), ('none', reach.empty))
    AS said(access, documents) WHERE said.documents > 0
)"""  # noqa: S608
# What two tags say is a facet of its own.
_VALUES = """SELECT {facet}, value, '', sum(documents)::bigint FROM {cells} WHERE part {of}
  AND NOT (part = 'tag' AND split_part(value, '=', 1) IN ('tier', 'confidentiality')) GROUP BY 1, 2"""
_PLAIN = ("tier", "access", "region", "format", "tag", "classification")
_PART = {"type": "total", **{facet: facet for facet in _PLAIN}}
_PLACES = """SELECT said.facet, said.value, max(said.label), sum(documents)::bigint FROM {cells}
  LEFT JOIN catalog_domain d ON d.id = cells.domain LEFT JOIN identity_team g ON g.id = d.owner_team_id
  LEFT JOIN maker ON maker.domain = cells.domain
  LEFT JOIN identity_account a ON a.id = coalesce(maker.account, cells.account)
  CROSS JOIN LATERAL (VALUES ('domain', d.slug, d.name), ('team', g.slug, g.name), ('producer', a.account_id, a.name))
    AS said(facet, value, label)
  WHERE part = 'place' AND said.value IS NOT NULL AND said.facet IN ({facets}) GROUP BY 1, 2"""
_OF_PLACES = ("domain", "team", "producer")
_FRESH = (
    f"SELECT 'fresh', one.value, '', sum(weight)::bigint FROM matched JOIN (VALUES {_AGES}) AS one(value, since)"  # noqa: S608
    " ON fresh <> '' AND fresh >= one.since WHERE {all} GROUP BY 2"
)
# Whole days are stored; of the day in which an age begins the documents are counted.
_FRESH_STORED = f"""SELECT 'fresh', one.value, '', counted.documents FROM (VALUES {_AGES}) AS one(value, since)
  CROSS JOIN LATERAL (SELECT (SELECT coalesce(sum(documents), 0)::bigint FROM stored
      WHERE part = 'day' AND value COLLATE "C" > left(one.since, 10))
    + (SELECT count(*) FROM catalog_document d WHERE d.visibility = {EVERYONE}
      AND d.fresh >= one.since AND d.fresh < left(one.since, 10) || 'U') AS documents) AS counted
  WHERE counted.documents > 0"""  # noqa: S608
_LEAST = ", ".join(f"({least})" for least in USED_BY)
_USED = (
    f"SELECT 'used', one.least::text, '', sum(weight)::bigint FROM matched JOIN (VALUES {_LEAST}) AS one(least)"  # noqa: S608
    " ON teams >= one.least WHERE {all} GROUP BY 2"
)
# What nobody uses is passed by: the index by use begins with what most do.
_USED_STORED = f"""SELECT 'used', one.least::text, '', count(*) FROM catalog_document d
  JOIN (VALUES {_LEAST}) AS one(least) ON d.teams >= one.least
  WHERE d.visibility = {EVERYONE} AND d.teams > 0 GROUP BY 2"""  # noqa: S608
_TOTAL = """SELECT 'total', CASE WHEN value = 'product' THEN 'product' ELSE 'table' END, '', sum(documents)::bigint
  FROM cells WHERE part = 'total' GROUP BY 2"""


def counts(narrowed: str, chosen: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Common tables, and selects of (facet, value, label, count): of what matches the condition `narrowed`, and of each
    facet that narrows it itself, `chosen`, by the condition without it.
    """
    tables, rows = [_CELLS.format(all=narrowed)], _read(tuple(set(_PART) - set(chosen)))
    for facet in [facet for facet in (*_PART, *_OF_PLACES) if facet in chosen]:
        tables.append(_CELLS.format(all=chosen[facet]).replace("cells AS", f"cells_{facet} AS", 1))
        rows += [_values((facet,), f"cells_{facet} AS cells")] if facet in _PART else []
        rows += [_places((facet,), f"cells_{facet} AS cells")] if facet in _OF_PLACES else []
    rows += [_places(others)] if (others := tuple(sorted(set(_OF_PLACES) - set(chosen)))) else []
    of_each = [
        _FRESH.format(all=chosen.get("fresh", narrowed)),
        _USED.format(all=chosen.get("used", narrowed)),
    ]
    return tables, [*rows, *of_each]


def stored_counts() -> tuple[list[str], list[str]]:
    """The same for everything that the person may find."""
    rows = [*_read(tuple(_PART)), _places(_OF_PLACES)]
    return [_STORED], [*rows, _FRESH_STORED, _USED_STORED]


def _read(facets: tuple[str, ...]) -> list[str]:
    return [_TOTAL, _values(tuple(sorted(facets)))] if facets else [_TOTAL]


def _values(facets: tuple[str, ...], cells: str = "cells") -> str:
    """Values that are their own labels, of all these facets at once."""
    parts = ", ".join(f"'{_PART[facet]}'" for facet in facets)
    return _VALUES.format(
        facet="CASE part WHEN 'total' THEN 'type' ELSE part END", cells=cells, of=f"IN ({parts})"
    )


def _places(facets: tuple[str, ...], cells: str = "cells") -> str:
    """Domains, their teams, and who makes what, with their names."""
    return _PLACES.format(facets=", ".join(f"'{facet}'" for facet in facets), cells=cells)
