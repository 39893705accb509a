"""The general plan: one statement finds what matches, counts its facets, and sorts one page."""

import json
from collections.abc import Collection, Iterator, Sequence
from operator import itemgetter
from typing import Any

from catalog.search.facet_definitions import (
    AGES,
    CELLS,
    FACETS,
    NESTED,
    ORIGINS,
    SINCE,
    STORED,
    FacetDefinition,
    FacetKind,
)
from catalog.search.facets import (
    DOCUMENT_FILTERS,
    Count,
    build_typed_conditions,
    filter_condition,
    filter_parameters,
)
from catalog.search.index.models import OWN_FACET_TAGS, VISIBLE_DOCUMENT
from catalog.search.models import DEFAULTS, RankingWeights
from catalog.search.plans.matches import (
    ACCESS,
    HELD,
    MAY_REQUEST,
    ORIGIN_LABELS,
    PRODUCERS,
    Keys,
    MatchedRow,
    Matches,
    SearchRequest,
    build_matched_row,
)
from catalog.search.query import SearchQuery
from catalog.search.text_queries import (
    EXACT_LEVEL,
    MISSING,
    NOT_EXACT,
    PREFIX,
    RARE,
    SOME_WORDS,
    WIDENED_LEVEL,
    WORDS,
    MatchedTerm,
    build_text_parameters,
    is_level_of_widened,
    look_up,
    parse_tables,
)
from identity.people.may import get_team_ids
from kernel.errors import RefusedError
from kernel.sql import prepared_cursor

MAX_FULLY_RANKED = 2_000
"""Of more products or tables than this, the best by name are ranked by their texts too, and the shorter of equals:
names and lengths are in the narrow row, and vectors are not.
"""
USUAL_LEXEMES = 100
"""What is found counts less in a longer document, half as much in one of three times as many lexemes."""
COVERAGE = 2
"""A hit without some of the words has this power of the share of their weights that it contains."""
WEIGHTS = "weights AS MATERIALIZED (TABLE catalog_ranking)"
"""Common table of one row: the newest weights, and the times of `AGES` as texts."""
OWN_DOMAINS = """own AS (SELECT id FROM catalog_domain WHERE owner_team_id {teams})"""
"""Common table of the domains of some teams."""
_LONGER = f"sqrt(1 + length / {USUAL_LEXEMES}.0)"
_PAIRS = "(SELECT coalesce(sum(weight * ts_rank_cd(fields, {vector}, q, 32)), 0) FROM pair)"
_SCORE = f"""(SELECT (sum(weight * ts_rank(fields, {{vector}}, q)) + {_PAIRS})
  / {_LONGER} / sum(weight) FROM word)"""  # noqa: S608
# The last word may be the beginning of one.
_WORD = f"""CASE WHEN match_level = {PREFIX} AND word.at = %(last_place)s
      THEN ts_rank(weights.fields, {{vector}}, parsed.prefix) ELSE ts_rank(weights.fields, {{vector}}, word.q) END"""
_WIDENED_SCORE = f"""(SELECT (sum(each.weight * rank) + {_PAIRS})
    / {_LONGER} / sum(each.weight) * CASE WHEN match_level < {SOME_WORDS} THEN 1 ELSE
    (coalesce(sum(each.weight) FILTER (WHERE rank > 0 AND each.at <= %(count)s), 0)
      / sum(each.weight) FILTER (WHERE each.at <= %(count)s)) ^ {COVERAGE} END
  FROM (SELECT word.at, word.weight, {_WORD} AS rank FROM word) AS each)"""  # noqa: S608
# Rounded, so that a changed count of a word leaves equal ranks equal between two pages.
_RANK = """round(1e4 * {score} * (1
  + catalog_rank_boost(boosts, teams, completeness, quality, promise, fresh, ages, derived)
  + CASE WHEN domain IN (TABLE own) THEN own_domain ELSE 0 END))::real"""
_VECTOR = f"""CASE WHEN CASE WHEN id < 0 THEN {{products}} <= {MAX_FULLY_RANKED} OR id IN (SELECT id FROM best_products)
  ELSE {{tables}} <= {MAX_FULLY_RANKED} OR id IN (SELECT id FROM best_tables) END THEN search ELSE names END"""  # noqa: S608
_BEST = f"""best_{{kind}} AS MATERIALIZED (
  SELECT id FROM {{kind}} AS matched CROSS JOIN weights
  ORDER BY {_SCORE.format(vector="matched.names")} DESC, length, id LIMIT {MAX_FULLY_RANKED})"""  # noqa: S608
BEST = ", ".join(_BEST.format(kind=kind) for kind in ("products", "tables"))
"""Common tables, beside those of all products and tables, of the ones that are ranked by their texts."""


def rank_by_texts() -> str:
    """The rank of a row `matched`, beside `word` and `weights`."""
    return _RANK.format(score=_SCORE.format(vector="search"))


def rank_best_by_texts(products: str, tables: str, *, is_widened: bool) -> str:
    """The same beside `BEST` and `parsed`; `products` and `tables` are how many match."""
    vector = _VECTOR.format(products=products, tables=tables)
    return _RANK.format(score=(_WIDENED_SCORE if is_widened else _SCORE).format(vector=vector))


def read_weights() -> dict[str, float]:
    return RankingWeights.objects.values(*DEFAULTS).first() or DEFAULTS


# GROUPING tells which part a group is of: it has a bit for each key that is not grouped by, the last key the lowest. Arrays
# are unnested after grouping, when they are few.
_ALL_KEYS = 2 ** (len(CELLS) + 1) - 1
_CELL_COLUMNS = ", ".join(one.column for one in CELLS)
_CELL_PARTS = {
    one.part or one.name: (
        _ALL_KEYS - 2 ** (len(CELLS) - 1 - at),
        f"{one.column}::text[]" if one.kind == FacetKind.LIST else f"ARRAY[{one.column}::text]",
    )
    for at, one in enumerate(CELLS)
}
"""Bits and values of each part."""
_CELLS = f"""{{name}} AS MATERIALIZED (
  SELECT one.part, domain, account, each.value, documents FROM (
    SELECT domain, account, {_CELL_COLUMNS}, sum(weight) AS documents,
      GROUPING(account, {_CELL_COLUMNS}) AS parts FROM matched WHERE {{all}}
    GROUP BY GROUPING SETS ((domain, account), {", ".join(f"({one.column})" for one in CELLS)})
  ) AS grouped
  CROSS JOIN LATERAL (SELECT CASE parts {" ".join(f"WHEN {bits} THEN '{part}'" for part, (bits, _) in _CELL_PARTS.items())}
    ELSE 'place' END AS part) AS one
  CROSS JOIN LATERAL unnest(CASE parts {" ".join(f"WHEN {bits} THEN {values}" for bits, values in _CELL_PARTS.values())}
    ELSE '{{{{""}}}}' END) AS each(value)
  WHERE each.value IS NOT NULL
)"""  # noqa: S608
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
_VALUE_PARTS = {one.name: one.part or one.name for one in CELLS}
"""Facet whose values are their own labels → part."""
_VALUES = f"""SELECT CASE part WHEN 'total' THEN 'type' ELSE part END, value, '', sum(documents)::bigint FROM {{cells}}
  WHERE part IN ({{parts}}) AND NOT (part = 'tag' AND split_part(value, '=', 1) IN {OWN_FACET_TAGS}) GROUP BY 1, 2"""  # noqa: S608
_ORIGINS = f"""SELECT one.facet, one.value, max(one.label), sum(documents)::bigint FROM {{cells}} AS origin {ORIGIN_LABELS}
  WHERE part = 'place' AND one.value IS NOT NULL AND one.facet IN ({{facets}}) GROUP BY 1, 2"""  # noqa: S608


def _join_values(facet: FacetDefinition) -> str:
    """The facet's values `one`, joined to the documents that have them."""
    if facet.kind == FacetKind.AGE:
        ages = ", ".join(f"('{age}', {SINCE.format(hours=AGES[age])})" for age in facet.value_labels)
        column = facet.column
        return f"(VALUES {ages}) AS one(value, since) ON {column} <> '' AND {column} >= one.since"
    least = ", ".join(f"({value})" for value in facet.value_labels)
    return f"(VALUES {least}) AS one(value) ON {facet.column} >= one.value"


def _count_nested(facet: FacetDefinition) -> str:
    """SQL that counts what matches."""
    if facet.kind == FacetKind.WORD:
        return (
            f"SELECT '{facet.name}', {facet.column}, '', sum(weight)::bigint FROM matched"  # noqa: S608
            f" WHERE {facet.column} IN {tuple(facet.value_labels)} AND {{all}} GROUP BY 2"
        )
    return (
        f"SELECT '{facet.name}', one.value::text, '', sum(weight)::bigint FROM matched JOIN {_join_values(facet)}"  # noqa: S608
        " WHERE {all} GROUP BY 2"
    )


def _count_stored_nested(facet: FacetDefinition) -> str:
    """SQL that counts all documents: those that the facet's index leaves out have no value."""
    if facet.kind == FacetKind.AGE:
        # Whole days are stored. Documents are counted for the day in which an age starts.
        values = _join_values(facet).partition(" ON ")[0]
        return f"""SELECT '{facet.name}', one.value, '', counted.documents FROM {values}
  CROSS JOIN LATERAL (SELECT (SELECT coalesce(sum(documents), 0)::bigint FROM stored
      WHERE part = 'day' AND value COLLATE "C" > left(one.since, 10))
    + (SELECT count(*) FROM catalog_document d WHERE {VISIBLE_DOCUMENT}
      AND d.{facet.column} >= one.since AND d.{facet.column} < left(one.since, 10) || 'U') AS documents) AS counted
  WHERE counted.documents > 0"""  # noqa: S608
    if facet.kind == FacetKind.WORD:
        return f"""SELECT '{facet.name}', d.{facet.column}, '', count(*) FROM catalog_document d
  WHERE {VISIBLE_DOCUMENT} AND {facet.indexed} GROUP BY 2"""  # noqa: S608
    return f"""SELECT '{facet.name}', one.value::text, '', count(*) FROM catalog_document d
  JOIN {_join_values(facet).replace(f"ON {facet.column}", f"ON d.{facet.column}")}
  WHERE {VISIBLE_DOCUMENT} AND {facet.indexed} GROUP BY 2"""  # noqa: S608


_NESTED = {one.name: _count_nested(one) for one in NESTED}
_STORED_NESTED = [_count_stored_nested(one) for one in NESTED]
SAMPLE = 16
"""One table in so many is in the sample, by a hash, as ids have patterns. More than `RARE` matches are estimated by it."""
# The vector is stored beside its row: only a pointer to it is carried along until a row is ranked by it.
_DOCUMENTS = f"""SELECT d.id, d.name, d.names, d.domain, d.account, {", ".join(f"d.{one.column}" for one in STORED)}, d.fresh, d.teams, d.completeness, d.quality, d.promise, d.derived, d.length, d.search,
    {{producer}} AS producer, {ACCESS},
    {{match_level}} AS match_level, {{weight}} AS weight
  FROM catalog_document d CROSS JOIN parsed CROSS JOIN may_request
  WHERE {VISIBLE_DOCUMENT} AND {{of}} {{narrowed}}"""  # noqa: S608
# The sample, which has an index of its own, tells how many tables match. If they are very many, counts are estimated from
# it too, and tables are read only if the page needs them. A common table that is not read costs nothing.
_MATCHED = """products AS MATERIALIZED ({products}), tables AS MATERIALIZED ({tables}), sampled AS MATERIALIZED ({sampled}),
mode AS MATERIALIZED (
  SELECT found.very_many, NOT found.very_many OR {needs_tables} OR (
    SELECT count(*) FROM products AS matched WHERE {all}) < %(limit)s + %(offset)s AS all_tables
  FROM (SELECT count(*) > {enough} AS very_many FROM sampled AS matched WHERE {all}) AS found
), matched AS MATERIALIZED (
  SELECT * FROM products UNION ALL SELECT * FROM tables WHERE NOT (SELECT very_many FROM mode)
  UNION ALL SELECT * FROM sampled WHERE (SELECT very_many FROM mode)
), found AS MATERIALIZED (
  SELECT * FROM products UNION ALL SELECT * FROM tables WHERE (SELECT all_tables FROM mode){first_tables}
)"""
# Tables that the text names, or with all words in a widened search, stand before products without.
_FIRST_TABLES = "\n  UNION ALL SELECT * FROM ({tables}) AS first WHERE NOT (SELECT all_tables FROM mode)"
# What contains a rare word cannot be very many: the index is read once, and no sample is needed.
_MATCHED_RARE = """matched AS MATERIALIZED ({matched}), products AS NOT MATERIALIZED (SELECT * FROM matched WHERE id < 0),
tables AS NOT MATERIALIZED (SELECT * FROM matched WHERE id > 0), found AS NOT MATERIALIZED (SELECT * FROM matched)"""
_PRODUCER = "coalesce((SELECT account FROM producers WHERE producers.domain = d.domain), d.account)"
_ESTIMATED = "SELECT 'estimated', '', '', 1 FROM mode WHERE very_many"
_PAGE = """SELECT id, access, classification, teams, jsonb_build_array({keys}) AS keys, {missing} AS missing
  FROM (SELECT matched.*, {rank} AS rank FROM {source} WHERE {all}) AS ranked
  WHERE {after} ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s"""
_PAGE_ROWS = (
    "SELECT 'row', jsonb_build_array(id, access, classification, teams, keys, missing)::text, '', row_number() OVER ()"
    " FROM ({page}) AS page"
)
_UNFILTERED = f"""(SELECT d.id, d.name, d.fresh, d.teams, d.classification, {ACCESS}
  FROM catalog_document d CROSS JOIN may_request WHERE {VISIBLE_DOCUMENT}) AS matched"""  # noqa: S608
_COUNTS = {"products": "(SELECT count(*) FROM products)", "tables": "(SELECT count(*) FROM tables)"}
# Products come first: if they fill the page, tables are not ranked.
_FILLED_BY_PRODUCTS = """(id < 0 OR match_level < {first} OR (
  SELECT count(*) FROM products AS matched WHERE match_level < {some} AND {all}) < %(limit)s + %(offset)s)"""
_EXACT = "d.id = ANY(%(exact)s)"
_ALL_WORDS_OR_EXACT = f"({_EXACT} OR d.id IN (SELECT id FROM with_all_words))"  # noqa: S608
# Each key with its type, and whether it falls. Together they are unique, so that a page can start after a row.
_LEVEL = ("match_level", "integer", False)
_KIND, _NAME, _ID = ("(id > 0)", "boolean", False), ("name", "text", False), ("id", "bigint", False)
_ORDERS = {
    "relevance": (_KIND, ("rank", "real", True), _NAME, _ID),
    "name": (_KIND, _NAME, _ID),
    "fresh": (("fresh", "text", True), _KIND, _NAME, _ID),
    "popular": (("teams", "integer", True), _KIND, _NAME, _ID),
    "newest": (_KIND, ("abs(id)", "bigint", True)),
}


class GeneralPlan:
    """Applies to every search."""

    def find(self, request: SearchRequest) -> Matches:
        """One query, and one for the words if `request.lookup` is not set.

        RefusedError if the keys to start after are those of another order.
        """
        lookup = request.lookup or look_up(request.query.terms)
        is_rare = lookup.is_rare and not request.is_widened
        tables, selects = build_facet_counts(request.query)
        if not _is_unfiltered(request.query) and not is_rare:
            selects.append(_ESTIMATED)
        selects.append(_PAGE_ROWS.format(page=_build_page(request)))
        found = _execute(request, lookup.terms, tables, selects, is_rare=is_rare)
        rows = sorted((row for row in found if row[0] == "row"), key=itemgetter(3))
        return Matches(
            tuple(row for row in found if row[0] != "row"),
            tuple(_read_row(request, json.loads(text)) for _, text, *_ in rows),
            lookup.terms,
        )

    def count_facets(self, request: SearchRequest) -> list[Count]:
        """The facet counts alone, by two queries."""
        return _execute(request, look_up(request.query.terms).terms, *build_facet_counts(request.query))

    def read_every_row(self, request: SearchRequest) -> Iterator[MatchedRow]:
        """The rows alone, by two queries, and not which words they lack."""
        page = _build_page(request)
        found = _execute(request, look_up(request.query.terms).terms, [], [page])
        for document, access, classifications, teams, keys, _missing in found:
            yield build_matched_row(document, access, classifications, teams, json.loads(keys))


def _read_row(request: SearchRequest, row: Sequence[Any]) -> MatchedRow:
    *values, missing = row
    return build_matched_row(*values, missing=missing, is_exact=row[0] in request.exact)


def _execute(
    request: SearchRequest,
    terms: Sequence[MatchedTerm],
    tables: list[str],
    selects: list[str],
    *,
    is_rare: bool = False,
) -> list[Any]:
    """Access depends on the person's teams alone, so that colleagues find the same."""
    query, page = request.query, request.page
    parameters = {
        **build_text_parameters(query.terms, terms),
        **filter_parameters(query),
        **{f"after_{at}": key for at, key in enumerate(page.after or ())},
        "exact": list(request.exact),
        "person": request.person.pk,
        "teams": sorted(get_team_ids(request.person)),
        "limit": page.limit,
        "offset": page.offset,
    }
    matched = [] if _is_unfiltered(query) else [_build_matched(request, terms, is_rare=is_rare)]
    if matched:
        matched.append(BEST)
    own_domains = OWN_DOMAINS.format(teams="= ANY(%(teams)s)")
    common = [HELD, MAY_REQUEST, PRODUCERS, WEIGHTS, own_domains, *matched, *tables]
    with prepared_cursor() as cursor:
        cursor.execute(f"WITH {', '.join(common)}\n" + "\nUNION ALL ".join(selects), parameters)
        rows: list[Any] = cursor.fetchall()
    return rows


def _build_matched(request: SearchRequest, terms: Sequence[MatchedTerm], *, is_rare: bool) -> str:
    query = request.query
    conditions = build_typed_conditions(query, DOCUMENT_FILTERS)
    if query.typed.words:
        alternatives = ["d.search @@ parsed.sought"]
        if any(term.products or term.tables for term in terms):
            alternatives.append("d.id = ANY(%(linked)s)")
        if request.exact:
            alternatives.append(_EXACT)
        conditions.insert(0, f"({' OR '.join(alternatives)})")
    names_producer = query.producer or any(each.name == "account" for each in query.typed.filters)
    shared = {
        "narrowed": "".join(f" AND {condition}" for condition in conditions),
        "producer": _PRODUCER if names_producer else "NULL::bigint",
        "match_level": WIDENED_LEVEL if request.is_widened else EXACT_LEVEL if request.exact else 0,
    }
    parsed = parse_tables(terms, has_or=query.terms.has_or, is_widened=request.is_widened)
    words_tables = f"{WORDS}, {parsed}, "
    if is_rare:
        return words_tables + _MATCHED_RARE.format(matched=_DOCUMENTS.format(of="true", weight=1, **shared))
    # Without words the sample has no index, and everything is read at once.
    sample = f"d.id > 0 AND hashint8(d.id) & {SAMPLE - 1} = 0" if query.typed.words else "false"
    needs_tables = request.page.after is not None or _order(query)[0] is not _KIND
    first = _ALL_WORDS_OR_EXACT if request.is_widened else _EXACT
    first_tables = _DOCUMENTS.format(of=f"d.id > 0 AND {first}", weight=1, **shared)
    return words_tables + _MATCHED.format(
        products=_DOCUMENTS.format(of="d.id < 0", weight=1, **shared),
        tables=_DOCUMENTS.format(of="d.id > 0", weight=1, **shared),
        sampled=_DOCUMENTS.format(of=sample, weight=SAMPLE, **shared),
        enough=RARE // SAMPLE,
        needs_tables=str(needs_tables).lower(),
        all=filter_condition(query),
        first_tables=_FIRST_TABLES.format(tables=first_tables) if request.has_levels else "",
    )


def _build_page(request: SearchRequest) -> str:
    """Rows after the one with the keys `after`: by the first key, or equal in it and by the next."""
    query, after = request.query, request.page.after
    order, conditions = _order(query, has_levels=request.has_levels), [filter_condition(query)]
    if after is not None and len(after) != len(order):
        raise RefusedError("This page goes on from a search in another order.", "cursor")
    by_rank = any(key == "rank" for key, _, _ in order)
    if by_rank and after is None:
        first = PREFIX if request.is_widened else NOT_EXACT
        conditions.append(_FILLED_BY_PRODUCTS.format(all=conditions[0], first=first, some=SOME_WORDS))
    alternatives, equal = [], ""
    for at, (key, kind, falls) in enumerate(order):
        given = f"%(after_{at})s::{kind}"
        alternatives.append(f"({equal}{key} {'<' if falls else '>'} {given})")
        equal += f"{key} = {given} AND "
    return _PAGE.format(
        keys=", ".join(key for key, _, _ in order),
        rank=rank_best_by_texts(**_COUNTS, is_widened=request.is_widened) if by_rank else "0::real",
        missing=MISSING if request.is_widened else "'{}'::int[]",
        source=_UNFILTERED
        if _is_unfiltered(query)
        else "found AS matched CROSS JOIN parsed CROSS JOIN weights",
        all=" AND ".join(conditions),
        after="true" if after is None else f"({' OR '.join(alternatives)})",
        order=", ".join(f"{key} DESC" if falls else key for key, _, falls in order),
    )


def _order(query: SearchQuery, *, has_levels: bool = False) -> tuple[tuple[str, str, bool], ...]:
    order = _ORDERS[query.sort if query.typed.words or query.sort != "relevance" else "name"]
    return (_LEVEL, *order) if has_levels else order


def starts_after_widened(query: SearchQuery, after: Keys) -> bool:
    """Whether these are keys of a widened search."""
    return len(after) == len(_order(query, has_levels=True)) and is_level_of_widened(after[0])


# SQL that counts facets: of what matches, or where nothing narrows the search from stored counts. Both are a
# common table `cells` (part, domain, account, value, documents): in how many documents a value is, and how
# many there are of each origin. The values of each facet are read from it.
def _is_unfiltered(query: SearchQuery) -> bool:
    """Whether everything visible matches. Its counts are stored, and its orders have an index."""
    narrows = query.typed.words or build_typed_conditions(query, DOCUMENT_FILTERS)
    return not narrows and filter_condition(query) == "true"


def build_facet_counts(query: SearchQuery) -> tuple[list[str], list[str]]:
    """Common tables, and selects of (facet or 'total', value, label, count). A facet's own filter does not narrow it."""
    if _is_unfiltered(query):
        return [_STORED_CELLS], [_TOTAL, *_build_selects("cells", FACETS), *_STORED_NESTED]
    condition = filter_condition(query)
    without = {} if condition == "true" else {facet: filter_condition(query, facet) for facet in FACETS}
    own = {facet: other for facet, other in without.items() if other != condition}
    tables = [_CELLS.format(name="cells", all=condition)]
    selects = [_TOTAL, *_build_selects("cells", set(FACETS) - set(own))]
    for facet, without_it in own.items():
        if own_selects := _build_selects(f"cells_{facet}", [facet]):
            tables.append(_CELLS.format(name=f"cells_{facet}", all=without_it))
            selects += own_selects
    selects += [select.format(all=own.get(facet, condition)) for facet, select in _NESTED.items()]
    return tables, selects


def _build_selects(cells: str, facets: Collection[str]) -> list[str]:
    """One SELECT for each of these facets, except those without cells."""
    parts = [f"'{part}'" for facet, part in _VALUE_PARTS.items() if facet in facets]
    origins = [f"'{one.name}'" for one in ORIGINS if one.name in facets]
    return [
        *([_VALUES.format(cells=cells, parts=", ".join(parts))] if parts else []),
        *([_ORIGINS.format(cells=cells, facets=", ".join(origins))] if origins else []),
    ]
