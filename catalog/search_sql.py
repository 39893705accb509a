"""The one statement of the search: what matches, with all that is filtered, counted and sorted by."""

from collections.abc import Sequence
from typing import Any

from catalog.glossary import SpokenTerm
from catalog.glossary_sql import asked_as, matches, term_parameters
from catalog.holdings import SEEN
from catalog.query import AGES, FACETS, SearchQuery, Terms
from catalog.typed_sql import SINCE, of_products, of_rows, of_tables, typed_parameters
from identity.errors import RefusedError
from identity.models import Person

_HELD = """held AS MATERIALIZED (
  SELECT DISTINCT seen.table_id AS id FROM ({seen}) AS seen
  JOIN identity_principal r ON r.arn = seen.arn AND r.gone_at IS NULL
  JOIN identity_account a ON a.id = r.account_id
  JOIN identity_membership m ON m.team_id = a.team_id AND m.person_id = %(person)s
)"""

# Who has no role to ask for can ask for nothing.
_MAY_ASK = """may_ask AS MATERIALIZED (
  SELECT EXISTS (SELECT FROM identity_principal r
    JOIN identity_account a ON a.id = r.account_id AND a.is_consumer
    JOIN identity_membership m ON m.team_id = a.team_id AND m.person_id = %(person)s
    WHERE r.gone_at IS NULL) AS yes
)"""

_RANK = "ts_rank('{{0.05, 0.15, 0.4, 1}}', {row}.search, asked.q, 1)"

_MAKER = """LEFT JOIN LATERAL (
    SELECT account_id, name FROM identity_account
    WHERE team_id = d.owner_team_id AND is_producer ORDER BY id LIMIT 1) maker ON true"""

# Both as UTC in ISO 8601: the order of the text is that of the time.
_FRESH = """coalesce(nullif(t.glue_updated_at, ''), t.glue_created_at)::text COLLATE "C\""""

_PRODUCTS = """
  SELECT 'product' AS kind, p.id, lower(p.name) AS name, {rank} AS rank,
    d.slug::text AS domain, d.name::text AS domain_label, p.tier::text AS tier,
    maker.account_id::text AS producer, maker.name::text AS producer_label, o.name::text AS owner,
    g.slug::text AS team, g.name::text AS team_label,
    coalesce(made.region, '{{}}') AS region, coalesce(made.format, '{{}}') AS format,
    ARRAY(
      SELECT DISTINCT said.key || '=' || said.value FROM catalog_producttable pt
      JOIN catalog_table t ON t.id = pt.table_id AND t.tombstoned_at IS NULL
      CROSS JOIN LATERAL jsonb_each_text(t.tags) AS said WHERE pt.product_id = p.id) AS tag,
    ARRAY(
      SELECT DISTINCT c.said::text FROM catalog_producttable pt
      JOIN catalog_table t ON t.id = pt.table_id AND t.tombstoned_at IS NULL
      CROSS JOIN LATERAL unnest(t.classes) AS c(said) WHERE pt.product_id = p.id) AS classification,
    CASE WHEN EXISTS (SELECT FROM catalog_producttable pt JOIN held ON held.id = pt.table_id
      WHERE pt.product_id = p.id) THEN 'have'
      WHEN may_ask.yes AND made.tables > 0 THEN 'ask' ELSE 'none' END AS access,
    'product' AS type, made.fresh AS fresh
  FROM catalog_dataproduct p CROSS JOIN asked CROSS JOIN may_ask
  JOIN identity_person o ON o.id = p.owner_id
  JOIN catalog_domain d ON d.id = p.domain_id
  JOIN identity_team g ON g.id = d.owner_team_id {maker}
  LEFT JOIN LATERAL (
    SELECT count(*) AS tables, max({fresh}) AS fresh, array_agg(DISTINCT k.region::text) AS region,
      array_agg(DISTINCT t.data_format::text) FILTER (WHERE t.data_format <> '') AS format
    FROM catalog_producttable pt
    JOIN catalog_table t ON t.id = pt.table_id AND t.tombstoned_at IS NULL
    JOIN catalog_database b ON b.id = t.database_id
    JOIN identity_connectedcatalog k ON k.id = b.catalog_id
    WHERE pt.product_id = p.id) made ON true
  WHERE p.is_published {matches}"""

# A table of a product that is not published yet would give the product away: it is shown nowhere.
_TABLES = """
  SELECT 'table', t.id, lower(t.name), {rank},
    d.slug::text, d.name::text, nullif(t.tags ->> 'tier', ''),
    coalesce(maker.account_id, a.account_id)::text, coalesce(maker.name, a.name)::text, t.owner::text,
    g.slug::text, g.name::text, ARRAY[k.region::text], array_remove(ARRAY[t.data_format::text], ''),
    ARRAY(SELECT said.key || '=' || said.value FROM jsonb_each_text(t.tags) AS said),
    t.classes::text[],
    CASE WHEN EXISTS (SELECT FROM held WHERE held.id = t.id) THEN 'have'
      WHEN may_ask.yes THEN 'ask' ELSE 'none' END,
    CASE WHEN t.view <> '{{}}' OR t.kind ILIKE '%%view%%' THEN 'view' ELSE 'table' END, {fresh}
  FROM catalog_table t CROSS JOIN asked CROSS JOIN may_ask
  JOIN catalog_database b ON b.id = t.database_id
  JOIN identity_connectedcatalog k ON k.id = b.catalog_id
  JOIN identity_account a ON a.id = k.account_id
  LEFT JOIN catalog_domain d ON d.id = b.domain_id
  LEFT JOIN identity_team g ON g.id = d.owner_team_id {maker}
  WHERE t.tombstoned_at IS NULL {matches}
    AND NOT EXISTS (SELECT FROM catalog_producttable pt WHERE pt.table_id = t.id)"""

_MATCHED = "WITH {held}, {asked}, {may_ask}, matched AS MATERIALIZED ({products} UNION ALL {tables})"

_FILTERS = {
    "domain": "domain = ANY(%(domain)s)",
    "classification": "classification && %(classification)s::text[]",
    "tier": "tier = ANY(%(tier)s)",
    "producer": "producer = ANY(%(producer)s)",
    "access": "access = ANY(%(access)s)",
    "team": "team = ANY(%(team)s)",
    "region": "region && %(region)s::text[]",
    "format": "format && %(format)s::text[]",
    "tag": "tag && %(tag)s::text[]",
    "type": "type = ANY(%(type)s)",
    "fresh": f"fresh >= {SINCE.format(key='fresh')}",
}
_LABELS = {"domain": "domain_label", "producer": "producer_label", "team": "team_label"}
_FROM = {
    name: f"matched CROSS JOIN LATERAL unnest({name}) AS one(value)"
    for name in ("classification", "region", "format")
}
# What two tags say is a facet of its own.
_FROM["tag"] = (
    "matched JOIN LATERAL unnest(tag) AS one(value)"
    " ON split_part(one.value, '=', 1) NOT IN ('tier', 'confidentiality')"
)
_FROM["fresh"] = "matched JOIN (VALUES {ages}) AS one(value, since) ON fresh >= one.since".format(
    ages=", ".join(
        f"('{age}', {SINCE.format(key='ages').replace('%(ages_hours)s', str(hours))})"
        for age, hours in AGES.items()
    )
)
_COUNT = (
    "SELECT '{facet}', {value}::text, coalesce(max({label}), ''), count(*) FROM {source}"
    " WHERE {value} IS NOT NULL AND {others} GROUP BY 2"
)
_TOTAL = "SELECT 'total', kind, '', count(*) FROM matched WHERE {all} GROUP BY 2"
_PAGE = (
    "SELECT kind, id, access, classification, jsonb_build_array({keys}) AS keys FROM matched"
    " WHERE {all} ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s"
)
_HITS = (
    "SELECT 'hit', jsonb_build_array(kind, id, access, classification, keys)::text, '', row_number() OVER ()"
    " FROM ({page}) AS page"
)
# Each key with its type, and whether it falls. Together they tell all rows apart: a page goes on after the last one's.
_KIND, _NAME, _ID = ("(kind = 'table')", "boolean", False), ("name", "text", False), ("id", "bigint", False)
_ORDERS = {
    "relevance": (_KIND, ("rank", "real", True), _NAME, _ID),
    "name": (_KIND, _NAME, _ID),
    "fresh": (("coalesce(fresh, '')", "text", True), _KIND, _NAME, _ID),
    "newest": (_KIND, ("id", "bigint", True)),
}


def counts_statement(query: SearchQuery, spoken: Sequence[SpokenTerm]) -> str:
    """Rows (facet or 'total', value, label, count); a facet's counts leave its own selection out."""
    return "\n".join([_matched(query, spoken), "\nUNION ALL ".join(_counts(query))])


def page_statement(query: SearchQuery, spoken: Sequence[SpokenTerm]) -> str:
    """Rows (kind, id, access, classifications, keys) of one page."""
    return "\n".join([_matched(query, spoken), _page(query, goes_on=False)])


def statement(query: SearchQuery, spoken: Sequence[SpokenTerm], *, goes_on: bool = False) -> str:
    """Both at once, as what matches is worked out once then: the rows of the page have the facet 'hit' and are a JSON
    array each, by number in their order. With `goes_on` those after the row with the keys `after_0` …
    """
    hits = _HITS.format(page=_page(query, goes_on=goes_on))
    return "\n".join([_matched(query, spoken), "\nUNION ALL ".join([*_counts(query), hits])])


def _counts(query: SearchQuery) -> list[str]:
    parts = [_TOTAL.format(all=_where(query))]
    for facet in FACETS:
        value = "one.value" if facet in _FROM else facet
        source, label = _FROM.get(facet, "matched"), _LABELS.get(facet, "''")
        others = _where(query, leave_out=facet)
        parts.append(_COUNT.format(facet=facet, value=value, label=label, source=source, others=others))
    return parts


def _page(query: SearchQuery, *, goes_on: bool) -> str:
    order = _order(query)
    where = " AND ".join([_where(query), *([_after(order)] if goes_on else [])])
    keys = ", ".join(key for key, _, _ in order)
    by = ", ".join(f"{key} DESC" if falls else key for key, _, falls in order)
    return _PAGE.format(all=where, keys=keys, order=by)


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
    query: SearchQuery, asked: Terms, spoken: Sequence[SpokenTerm], person: Person, *, limit: int, offset: int
) -> dict[str, Any]:
    chosen = {facet: list(query.chosen(facet)) for facet in FACETS}
    last = f"'{asked.last}':*" if asked.last else ""
    words = {"full": asked.full, "head": asked.head, "last": last}
    return {
        **chosen,
        **words,
        **typed_parameters(query),
        **term_parameters(spoken),
        "person": person.pk,
        "limit": limit,
        "offset": offset,
        "fresh_hours": max((AGES[age] for age in query.fresh), default=0),
    }


def _matched(query: SearchQuery, spoken: Sequence[SpokenTerm]) -> str:
    arms = []
    for statement, row, typed in ((_PRODUCTS, "p", of_products(query)), (_TABLES, "t", of_tables(query))):
        rank = _RANK.format(row=row) if query.typed.words else "0::real"
        found = [matches(row, spoken)] if query.typed.words else []
        narrowed = "".join(f" AND {condition}" for condition in (*found, *typed))
        arms.append(statement.format(rank=rank, matches=narrowed, maker=_MAKER, fresh=_FRESH))
    return _MATCHED.format(
        held=_HELD.format(seen=SEEN),
        asked=asked_as(spoken),
        may_ask=_MAY_ASK,
        products=arms[0],
        tables=arms[1],
    )


def _where(query: SearchQuery, leave_out: str = "") -> str:
    chosen = [_FILTERS[facet] for facet in FACETS if facet != leave_out and query.chosen(facet)]
    return " AND ".join([*chosen, *of_rows(query, leave_out)]) or "true"
