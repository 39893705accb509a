"""The general statement of the search: what matches, counted and sorted. The counts are in `facet_counts`."""

from collections.abc import Iterable, Sequence
from typing import Any

from catalog.search.filter_sql import SINCE, of_documents, of_rows, typed_parameters
from catalog.search.index.models import EVERYONE
from catalog.search.plans.entitlements import HELD_TABLES, MAKER, MAY_ASK
from catalog.search.plans.facet_counts import counts, stored_counts
from catalog.search.plans.ranking import MOST_WEIGHED, OWN, RANK, WEIGHS
from catalog.search.query import AGES, FACETS, SearchQuery, Terms
from catalog.search.synonyms import BEGUN, Heard, SpokenTerm, asked_as, matches, term_parameters, words_heard
from identity.errors import RefusedError

SAMPLED_EACH, MANY = 16, 10_000
"""One table in so many is in the sample, by a hash as ids have patterns; more matches than `MANY` are estimated by it."""

# Documents: tables, and the products that they are in, which a minus tells apart.
# Of the vector, which lies beside its row, only the pointer is carried along until somebody ranks by it.
_ROWS = f"""SELECT d.id, d.kind, d.name, d.names, d.domain, d.account, d.tier, d.region, d.format, d.tag,
    d.classification, d.fresh, d.teams, d.completeness, d.search, {{producer}} AS producer,
    CASE WHEN d.id IN (SELECT id FROM held) THEN 'have'
      WHEN may_ask.yes AND NOT d.is_empty THEN 'ask' ELSE 'none' END AS access, {{weight}} AS weight
  FROM catalog_document d CROSS JOIN asked CROSS JOIN may_ask
  WHERE d.visibility = {EVERYONE} AND {{of}} {{narrowed}}"""  # noqa: S608
# How many there are a sample tells, which has an index of its own. If they are very many, the counts are made of it too,
# and nobody looks at all the tables unless the page needs them. A table that is not read costs nothing.
_MATCHED = """products AS MATERIALIZED ({products}), tables AS MATERIALIZED ({tables}), sampled AS MATERIALIZED ({sampled}),
mode AS MATERIALIZED (
  SELECT found.very_many, NOT found.very_many OR {goes_on} OR (
    SELECT count(*) FROM products AS matched WHERE {all}) < %(limit)s + %(offset)s AS all_tables
  FROM (SELECT count(*) > {enough} AS very_many FROM sampled AS matched WHERE {all}) AS found
), matched AS MATERIALIZED (
  SELECT * FROM products UNION ALL SELECT * FROM tables WHERE NOT (SELECT very_many FROM mode)
  UNION ALL SELECT * FROM sampled WHERE (SELECT very_many FROM mode)
), found AS MATERIALIZED (
  SELECT * FROM products UNION ALL SELECT * FROM tables WHERE (SELECT all_tables FROM mode)
)"""
# What holds a rare word cannot be very many: one look at the index finds products and tables, and no sample is needed.
_RARE = """matched AS MATERIALIZED ({matched}), products AS NOT MATERIALIZED (SELECT * FROM matched WHERE id < 0),
tables AS NOT MATERIALIZED (SELECT * FROM matched WHERE id > 0), found AS NOT MATERIALIZED (SELECT * FROM matched)"""
_PRODUCER = "coalesce((SELECT maker.account FROM maker WHERE maker.domain = d.domain), d.account)"

_FILTERS = {
    "domain": "domain IN (SELECT id FROM catalog_domain WHERE slug = ANY(%(domain)s))",
    "classification": "classification && %(classification)s::varchar[]",
    "tier": "tier = ANY(%(tier)s)",
    "producer": "producer IN (SELECT id FROM identity_account WHERE account_id = ANY(%(producer)s))",
    "access": "access = ANY(%(access)s)",
    "team": """domain IN (SELECT d.id FROM catalog_domain d JOIN identity_team g ON g.id = d.owner_team_id
      WHERE g.slug = ANY(%(team)s))""",
    "region": "region && %(region)s::varchar[]",
    "format": "format && %(format)s::varchar[]",
    "tag": "tag && %(tag)s::text[]",
    "type": "kind = ANY(%(type)s)",
    "fresh": f"(fresh <> '' AND fresh >= {SINCE.format(key='fresh')})",
    "used": "teams >= %(used_by)s",
}
_VECTOR = f"""CASE WHEN CASE WHEN matched.id < 0 THEN (SELECT count(*) FROM products)
      ELSE (SELECT count(*) FROM tables) END <= {MOST_WEIGHED}
    THEN matched.search ELSE names END"""  # noqa: S608
_PAGE = """SELECT id, access, classification, teams, jsonb_build_array({keys}) AS keys
  FROM (SELECT matched.*, {rank} AS rank FROM {source} WHERE {all}) AS ranked
  WHERE {after} ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s"""
_HITS = (
    "SELECT 'hit', jsonb_build_array(id, access, classification, teams, keys)::text, '', row_number() OVER ()"
    " FROM ({page}) AS page"
)
# Products come first: where they fill the page, nobody weighs the tables.
_ENOUGH = "(id < 0 OR (SELECT count(*) FROM products AS matched WHERE {all}) < %(limit)s + %(offset)s)"
_ESTIMATED = "SELECT 'estimated', '', '', 1 FROM mode WHERE very_many"
# Each key with its type, and whether it falls. Together they tell all rows apart: a page goes on after the last one's.
_KIND, _NAME, _ID = ("(id > 0)", "boolean", False), ("name", "text", False), ("id", "bigint", False)
_ORDERS = {
    "relevance": (_KIND, ("rank", "real", True), _NAME, _ID),
    "name": (_KIND, _NAME, _ID),
    "fresh": (("fresh", "text", True), _KIND, _NAME, _ID),
    "popular": (("teams", "integer", True), _KIND, _NAME, _ID),
    "newest": (_KIND, ("abs(id)", "bigint", True)),
}
_BROWSED = f"""(SELECT d.id, d.name, d.fresh, d.teams, d.classification,
    CASE WHEN d.id IN (SELECT id FROM held) THEN 'have'
      WHEN may_ask.yes AND NOT d.is_empty THEN 'ask' ELSE 'none' END AS access
  FROM catalog_document d CROSS JOIN may_ask WHERE d.visibility = {EVERYONE}) AS matched"""  # noqa: S608


def counts_statement(query: SearchQuery, spoken: Sequence[SpokenTerm]) -> str:
    """Rows (facet or 'total', value, label, count); a facet's counts leave its own selection out."""
    return _with(query, spoken, *_counts(query))


def page_statement(query: SearchQuery, spoken: Sequence[SpokenTerm]) -> str:
    """Rows (id, access, classifications, teams, keys) of one page."""
    return _with(query, spoken, [], [_page(query, goes_on=False)])


def statement(
    query: SearchQuery, spoken: Sequence[SpokenTerm], *, goes_on: bool = False, is_rare: bool = False
) -> str:
    """Both at once, as what matches is worked out once then: the rows of the page have the facet 'hit' and are a JSON
    array each, by number in their order; one with the facet 'estimated' tells that the counts are. With `goes_on` the
    page is of those after the row with the keys `after_0` … What `is_rare` is counted without asking how much it is.
    """
    tables, rows = _counts(query, is_rare=is_rare)
    rows = [*rows, _HITS.format(page=_page(query, goes_on=goes_on))]
    return _with(query, spoken, tables, rows, goes_on=goes_on, is_rare=is_rare)


def is_rare(asked: Terms, heard: Heard) -> bool:
    """Whether a word that all must hold is known to stand in few documents, as of the last count."""
    return heard.rarest is not None and heard.rarest <= MANY and not heard.terms and not asked.is_either


def _counts(query: SearchQuery, *, is_rare: bool = False) -> tuple[list[str], list[str]]:
    if is_browsed(query):
        return stored_counts()
    narrowed = where(query)
    others = {} if narrowed == "true" else {facet: where(query, leave_out=facet) for facet in FACETS}
    chosen = {facet: without for facet, without in others.items() if without != narrowed}
    tables, rows = counts(narrowed, chosen)
    return tables, [*rows, *([] if is_rare else [_ESTIMATED])]


def is_browsed(query: SearchQuery) -> bool:
    """Whether nothing narrows what is found: its counts are stored, and its orders have an index."""
    return not query.typed.words and where(query) == "true" and not of_documents(query)


def _with(
    query: SearchQuery,
    spoken: Sequence[SpokenTerm],
    tables: list[str],
    rows: list[str],
    *,
    goes_on: bool = False,
    is_rare: bool = False,
) -> str:
    found = _matched(query, spoken, goes_on=goes_on, is_rare=is_rare)
    matched = [] if is_browsed(query) else [BEGUN, asked_as(spoken), found]
    said = [HELD_TABLES, MAY_ASK, MAKER, WEIGHS, OWN.format(teams="= ANY(%(teams)s)"), *matched, *tables]
    return f"WITH {', '.join(said)}\n" + "\nUNION ALL ".join(rows)


def _matched(query: SearchQuery, spoken: Sequence[SpokenTerm], *, goes_on: bool, is_rare: bool) -> str:
    words = [matches(spoken)] if query.typed.words else []
    is_asked = query.producer or any(each.name == "account" for each in query.typed.filters)
    told = {
        "narrowed": "".join(f" AND {condition}" for condition in (*words, *of_documents(query))),
        "producer": _PRODUCER if is_asked else "NULL::bigint",
    }
    if is_rare:
        return _RARE.format(matched=_ROWS.format(of="true", weight=1, **told))
    # Without words there is no index of the sample: everything is looked at once, as it is.
    sample = f"d.id > 0 AND hashint8(d.id) & {SAMPLED_EACH - 1} = 0" if words else "false"
    return _MATCHED.format(
        products=_ROWS.format(of="d.id < 0", weight=1, **told),
        tables=_ROWS.format(of="d.id > 0", weight=1, **told),
        sampled=_ROWS.format(of=sample, weight=SAMPLED_EACH, **told),
        enough=MANY // SAMPLED_EACH,
        goes_on=str(goes_on or _order(query)[0] is not _KIND).lower(),
        all=where(query),
    )


def _page(query: SearchQuery, *, goes_on: bool) -> str:
    order, narrowed = _order(query), [where(query)]
    by_rank = any(key == "rank" for key, _, _ in order)
    if by_rank and not goes_on:
        narrowed.append(_ENOUGH.format(all=where(query)))
    source = _BROWSED if is_browsed(query) else "found AS matched CROSS JOIN asked CROSS JOIN weighs"
    return _PAGE.format(
        keys=", ".join(key for key, _, _ in order),
        rank=RANK.format(vector=_VECTOR) if by_rank else "0::real",
        source=source,
        all=" AND ".join(narrowed),
        after=_after(order) if goes_on else "true",
        order=", ".join(f"{key} DESC" if falls else key for key, _, falls in order),
    )


def after_parameters(query: SearchQuery, keys: Sequence[Any]) -> dict[str, Any]:
    """The keys of the last row of a page as parameters; RefusedError when they are not of this order."""
    if len(keys) != len(_order(query)):
        raise RefusedError("This page goes on from a search in another order.", "cursor")
    return {f"after_{at}": key for at, key in enumerate(keys)}


def _order(query: SearchQuery) -> tuple[tuple[str, str, bool], ...]:
    return _ORDERS[query.sort if query.typed.words or query.sort != "relevance" else "name"]


def _after(order: Sequence[tuple[str, str, bool]]) -> str:
    """The rows behind the one whose keys are given: behind by the first key, or alike in it and behind by the next."""
    found, alike = [], ""
    for at, (key, kind, falls) in enumerate(order):
        given = f"%(after_{at})s::{kind}"
        found.append(f"({alike}{key} {'<' if falls else '>'} {given})")
        alike += f"{key} = {given} AND "
    return f"({' OR '.join(found)})"


def parameters(
    query: SearchQuery,
    asked: Terms,
    spoken: Sequence[SpokenTerm],
    teams: Iterable[int],
    *,
    limit: int,
    offset: int,
) -> dict[str, Any]:
    """What a person may read, ask for and calls their own hangs on their `teams` alone: colleagues find the same."""
    chosen = {facet: list(query.chosen(facet)) for facet in FACETS}
    return {
        **chosen,
        **word_parameters(asked),
        **typed_parameters(query),
        **term_parameters(spoken),
        "teams": sorted(teams),
        "limit": limit,
        "offset": offset,
        "fresh_hours": max((AGES[age] for age in query.fresh), default=0),
        "used_by": min(map(int, query.used), default=0),
    }


def word_parameters(asked: Terms) -> dict[str, str]:
    """Of the common tables `begun` and `asked`, without what the terms of the glossary add."""
    last = f"'{asked.last}':*" if asked.last else ""
    return {"full": asked.full, "head": asked.head, "last": last, **words_heard(asked)}


def is_plain(query: SearchQuery) -> bool:
    """Whether words alone are asked for, in the order of relevance: nothing is chosen and no filter typed."""
    is_chosen = any(query.chosen(facet) for facet in FACETS)
    return bool(query.typed.words) and not is_chosen and not query.typed.filters and query.sort == "relevance"


def where(query: SearchQuery, leave_out: str = "") -> str:
    """The condition on `matched` of all that is chosen and typed, without what narrows the facet `leave_out`."""
    chosen = [_FILTERS[facet] for facet in FACETS if facet != leave_out and query.chosen(facet)]
    return " AND ".join([*chosen, *of_rows(query, leave_out)]) or "true"
