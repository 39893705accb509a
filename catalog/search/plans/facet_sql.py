"""SQL that counts facets: of what matches, or where nothing narrows the search from stored counts.

Both are a common table `cells` (part, domain, account, value, documents): in how many documents a value is, and how many
there are of each origin. The values of each facet are read from it.
"""

from collections.abc import Collection

from catalog.search.filter_sql import DOCUMENT_FILTERS, SINCE, filter_condition, typed_conditions
from catalog.search.index.models import OWN_FACET_TAGS, VISIBLE_DOCUMENT
from catalog.search.plans.entitlements import ORIGIN_LABELS
from catalog.search.query import AGES, FACETS, PROMISES, SCORES, USED_BY, SearchQuery

_AGES = ", ".join(f"('{age}', {SINCE.format(hours=hours)})" for age, hours in AGES.items())
# One pass. GROUPING tells which part a group is of: it has a bit for each key that is not grouped by. Arrays are unnested
# after grouping, when they are few.
_CELLS = """{name} AS MATERIALIZED (
  SELECT one.part, domain, account, each.value, documents FROM (
    SELECT domain, account, kind, tier, access, region, format, tag, classification, sum(weight) AS documents,
      GROUPING(account, kind, tier, access, region, format, tag) AS parts FROM matched WHERE {all}
    GROUP BY GROUPING SETS ((domain, account), (kind), (tier), (access), (region), (format), (tag), (classification))
  ) AS grouped
  CROSS JOIN LATERAL (SELECT CASE parts WHEN 63 THEN 'place' WHEN 95 THEN 'total' WHEN 111 THEN 'tier'
    WHEN 119 THEN 'access' WHEN 123 THEN 'region' WHEN 125 THEN 'format' WHEN 126 THEN 'tag'
    ELSE 'classification' END AS part) AS one
  CROSS JOIN LATERAL unnest(CASE parts WHEN 63 THEN '{{""}}' WHEN 95 THEN ARRAY[kind::text]
    WHEN 111 THEN ARRAY[tier::text] WHEN 119 THEN ARRAY[access] WHEN 123 THEN region::text[]
    WHEN 125 THEN format::text[] WHEN 126 THEN tag ELSE classification::text[] END) AS each(value)
  WHERE each.value IS NOT NULL
)"""
# A person holds few of many documents. Each is looked up, as PostgreSQL, which does not know that, would read them all.
_STORED_CELLS = f"""stored AS MATERIALIZED (
  SELECT part, domain, account, value, sum(documents)::bigint AS documents FROM catalog_facetcount
  WHERE visibility = ANY((SELECT catalog_audience(%(person)s))::bigint[]) GROUP BY 1, 2, 3, 4 HAVING sum(documents) > 0
), reach AS MATERIALIZED (
  SELECT coalesce(sum(documents) FILTER (WHERE value = 'false'), 0)::bigint AS full,
    coalesce(sum(documents) FILTER (WHERE value = 'true'), 0)::bigint AS empty,
    (SELECT count(*) FROM held CROSS JOIN LATERAL (SELECT FROM catalog_document d
      WHERE d.id = held.id AND {VISIBLE_DOCUMENT} AND NOT d.is_empty OFFSET 0) AS found) AS have
  FROM stored WHERE part = 'empty'
), cells AS MATERIALIZED (
  SELECT part, domain, account, value, documents FROM stored
  UNION ALL SELECT 'access', NULL, NULL, one.access, one.documents FROM reach CROSS JOIN may_request
  CROSS JOIN LATERAL (VALUES ('have', reach.have),
    (CASE WHEN may_request.yes THEN 'ask' ELSE 'none' END, reach.full - reach.have), ('none', reach.empty))
    AS one(access, documents) WHERE one.documents > 0
)"""  # noqa: S608
_TOTAL = """SELECT 'total', CASE WHEN value = 'product' THEN 'product' ELSE 'table' END, '', sum(documents)::bigint
  FROM cells WHERE part = 'total' GROUP BY 2"""
_VALUE_PARTS = {
    "type": "total",
    **{each: each for each in ("tier", "access", "region", "format", "tag", "classification")},
}
"""Facet whose values are their own labels → part."""
_VALUES = f"""SELECT CASE part WHEN 'total' THEN 'type' ELSE part END, value, '', sum(documents)::bigint FROM {{cells}}
  WHERE part IN ({{parts}}) AND NOT (part = 'tag' AND split_part(value, '=', 1) IN {OWN_FACET_TAGS}) GROUP BY 1, 2"""  # noqa: S608
_ORIGIN_FACETS = ("domain", "producer", "team")
_ORIGINS = f"""SELECT one.facet, one.value, max(one.label), sum(documents)::bigint FROM {{cells}} AS origin {ORIGIN_LABELS}
  WHERE part = 'place' AND one.value IS NOT NULL AND one.facet IN ({{facets}}) GROUP BY 1, 2"""  # noqa: S608
_FRESH = (
    f"SELECT 'fresh', one.value, '', sum(weight)::bigint FROM matched JOIN (VALUES {_AGES}) AS one(value, since)"  # noqa: S608
    " ON fresh <> '' AND fresh >= one.since WHERE {all} GROUP BY 2"
)
# Whole days are stored. Documents are counted for the day in which an age starts.
_STORED_FRESH = f"""SELECT 'fresh', one.value, '', counted.documents FROM (VALUES {_AGES}) AS one(value, since)
  CROSS JOIN LATERAL (SELECT (SELECT coalesce(sum(documents), 0)::bigint FROM stored
      WHERE part = 'day' AND value COLLATE "C" > left(one.since, 10))
    + (SELECT count(*) FROM catalog_document d WHERE {VISIBLE_DOCUMENT}
      AND d.fresh >= one.since AND d.fresh < left(one.since, 10) || 'U') AS documents) AS counted
  WHERE counted.documents > 0"""  # noqa: S608
_USED_BY = ", ".join(f"({least})" for least in USED_BY)
_USED = (
    f"SELECT 'used', one.least::text, '', sum(weight)::bigint FROM matched JOIN (VALUES {_USED_BY}) AS one(least)"  # noqa: S608
    " ON teams >= one.least WHERE {all} GROUP BY 2"
)
# Documents that nobody uses are skipped: the index by use starts with the most used.
_STORED_USED = f"""SELECT 'used', one.least::text, '', count(*) FROM catalog_document d
  JOIN (VALUES {_USED_BY}) AS one(least) ON d.teams >= one.least
  WHERE {VISIBLE_DOCUMENT} AND d.teams > 0 GROUP BY 2"""  # noqa: S608

_SCORES = ", ".join(f"({least})" for least in SCORES)
_QUALITY = (
    f"SELECT 'quality', one.least::text, '', sum(weight)::bigint FROM matched JOIN (VALUES {_SCORES}) AS one(least)"  # noqa: S608
    " ON quality >= one.least WHERE {all} GROUP BY 2"
)
# Only documents with a result are in the index.
_STORED_QUALITY = f"""SELECT 'quality', one.least::text, '', count(*) FROM catalog_document d
  JOIN (VALUES {_SCORES}) AS one(least) ON d.quality >= one.least
  WHERE {VISIBLE_DOCUMENT} AND d.quality IS NOT NULL GROUP BY 2"""  # noqa: S608
_PROMISE = (
    f"SELECT 'promise', promise, '', sum(weight)::bigint FROM matched WHERE promise IN {PROMISES}"  # noqa: S608
    " AND {all} GROUP BY 2"
)
_STORED_PROMISE = f"""SELECT 'promise', d.promise, '', count(*) FROM catalog_document d
  WHERE {VISIBLE_DOCUMENT} AND d.promise <> '' GROUP BY 2"""  # noqa: S608
_RANGES = {"fresh": _FRESH, "used": _USED, "quality": _QUALITY, "promise": _PROMISE}
"""Facets without cells, and their counts of what matches."""
_STORED_RANGES = (_STORED_FRESH, _STORED_USED, _STORED_QUALITY, _STORED_PROMISE)


def is_unfiltered(query: SearchQuery) -> bool:
    """Whether everything visible matches. Its counts are stored, and its orders have an index."""
    narrows = query.typed.words or typed_conditions(query, DOCUMENT_FILTERS)
    return not narrows and filter_condition(query) == "true"


def facet_counts(query: SearchQuery) -> tuple[list[str], list[str]]:
    """Common tables, and selects of (facet or 'total', value, label, count). A facet's own filter does not narrow it."""
    if is_unfiltered(query):
        return [_STORED_CELLS], [_TOTAL, *_selects("cells", FACETS), *_STORED_RANGES]
    condition = filter_condition(query)
    without = {} if condition == "true" else {facet: filter_condition(query, facet) for facet in FACETS}
    own = {facet: other for facet, other in without.items() if other != condition}
    tables = [_CELLS.format(name="cells", all=condition)]
    selects = [_TOTAL, *_selects("cells", set(FACETS) - set(own))]
    for facet, without_it in own.items():
        if own_selects := _selects(f"cells_{facet}", [facet]):
            tables.append(_CELLS.format(name=f"cells_{facet}", all=without_it))
            selects += own_selects
    selects += [select.format(all=own.get(facet, condition)) for facet, select in _RANGES.items()]
    return tables, selects


def _selects(cells: str, facets: Collection[str]) -> list[str]:
    """Of these facets, except those without cells."""
    parts = [f"'{part}'" for facet, part in _VALUE_PARTS.items() if facet in facets]
    origins = [f"'{facet}'" for facet in _ORIGIN_FACETS if facet in facets]
    return [
        *([_VALUES.format(cells=cells, parts=", ".join(parts))] if parts else []),
        *([_ORIGINS.format(cells=cells, facets=", ".join(origins))] if origins else []),
    ]
