"""The one statement of the search: what matches, with all that is filtered, counted and sorted by."""

from collections.abc import Sequence
from typing import Any

from catalog import weights
from catalog.glossary import SpokenTerm
from catalog.glossary_sql import asked_as, matches, term_parameters
from catalog.holdings import SEEN
from catalog.query import AGES, FACETS, SearchQuery, Terms
from catalog.typed_sql import SINCE, of_entries, of_rows, typed_parameters
from identity.errors import RefusedError
from identity.models import Person

# What the person's teams can read already, as tables and as the products that hold them.
_HELD = """held_tables AS MATERIALIZED (
  SELECT DISTINCT seen.table_id AS id FROM ({seen}) AS seen
  JOIN identity_principal r ON r.arn = seen.arn AND r.gone_at IS NULL
  JOIN identity_account a ON a.id = r.account_id
  JOIN identity_membership m ON m.team_id = a.team_id AND m.person_id = %(person)s
), held AS MATERIALIZED (
  SELECT true AS is_table, id AS thing FROM held_tables
  UNION SELECT false, l.product_id FROM held_tables JOIN catalog_producttable l ON l.table_id = held_tables.id
)"""

# Who has no role to ask for can ask for nothing.
_MAY_ASK = """may_ask AS MATERIALIZED (
  SELECT EXISTS (SELECT FROM identity_principal r
    JOIN identity_account a ON a.id = r.account_id AND a.is_consumer
    JOIN identity_membership m ON m.team_id = a.team_id AND m.person_id = %(person)s
    WHERE r.gone_at IS NULL) AS yes
)"""

_ENTRIES = """
  SELECT e.is_table, CASE WHEN e.is_table THEN 'table' ELSE 'product' END AS kind, e.thing AS id, e.name, e.names,
    e.domain, e.domain_label, e.tier, e.producer, e.producer_label, e.owner, e.team, e.team_label,
    e.region, e.format, e.tag, e.classification, e.type, e.fresh, e.completeness,
    CASE WHEN (e.is_table, e.thing) IN (SELECT is_table, thing FROM held) THEN 'have'
      WHEN NOT e.is_empty AND (SELECT yes FROM may_ask) THEN 'ask' ELSE 'none' END AS access
  FROM catalog_entry e"""
_MATCHED = f"matched AS MATERIALIZED ({_ENTRIES} CROSS JOIN asked WHERE {{matches}})"

_FIT = f"ARRAY[{weights.OTHERWISE}, {weights.PARTS}, {weights.WRITTEN}, {weights.NAME}]::real[]"
_TIERS = " ".join(f"WHEN '{tier}' THEN {weight}" for tier, weight in weights.ENDORSED.items())
_RANK = f"""CASE WHEN (SELECT count(*) FROM matched) <= {weights.MOST_READ} THEN (
      SELECT ts_rank({_FIT}, e.search, asked.q, 1) FROM catalog_entry e
      WHERE e.is_table = matched.is_table AND e.thing = matched.id)
    ELSE ts_rank({_FIT}, matched.names, asked.q, 1) END
    * (1 + CASE matched.tier {_TIERS} ELSE 0 END + {weights.COMPLETE} * matched.completeness
      + CASE WHEN matched.team = ANY((SELECT own.teams FROM own)::text[]) THEN {weights.OWN_DOMAIN} ELSE 0 END)"""  # noqa: S608
_OWN = """own AS MATERIALIZED (
  SELECT ARRAY(SELECT g.slug::text FROM identity_team g
    JOIN identity_membership m ON m.team_id = g.id AND m.person_id = %(person)s) AS teams
)"""

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
_AGES = "(VALUES {ages})".format(
    ages=", ".join(
        f"('{age}', {SINCE.format(key='ages').replace('%(ages_hours)s', str(hours))})"
        for age, hours in AGES.items()
    )
)
_FROM["fresh"] = f"matched JOIN {_AGES} AS one(value, since) ON fresh >= one.since"
_COUNT = (
    "SELECT '{facet}', {value}::text, coalesce(max({label}), ''), count(*) FROM {source}"
    " WHERE {value} IS NOT NULL AND {others} GROUP BY 2"
)
_TOTAL = "SELECT 'total', kind, '', count(*) FROM matched WHERE {all} GROUP BY 2"
_PAGE = (
    "SELECT kind, id, access, classification, jsonb_build_array({keys}) FROM ({rows}) AS found"
    " WHERE {all} ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s"
)
_RANKED = f"SELECT matched.*, ({_RANK})::real AS rank FROM matched CROSS JOIN asked WHERE {{all}}"  # noqa: S608

# Without words and filters nothing is looked through: counts are kept as they change, rows lie in an index.
_KEPT = f"""
SELECT facet, value, max(label), sum(entries)::bigint FROM (
  SELECT facet, value, label, sum(entries) AS entries FROM catalog_facetcount WHERE facet <> 'day'
  GROUP BY 1, 2, 3 HAVING sum(entries) > 0) AS kept GROUP BY 1, 2
UNION ALL SELECT 'fresh', age.value, '', (
    (SELECT coalesce(sum(entries), 0) FROM catalog_facetcount WHERE facet = 'day' AND value > left(age.since, 10))
    + (SELECT count(*) FROM catalog_entry WHERE fresh >= age.since AND fresh < left(age.since, 10) || 'U'))::bigint
  FROM {_AGES} AS age(value, since)
UNION ALL SELECT 'have', '', '', count(*) FROM catalog_entry JOIN held USING (is_table, thing)
UNION ALL SELECT 'may ask', '', '', yes::int FROM may_ask"""  # noqa: S608
# Each key with its type, and whether it falls. Together they tell all rows apart: a page goes on after the last one's.
_KIND, _NAME, _ID = ("is_table", "boolean", False), ("name", "text", False), ("id", "bigint", False)
_ORDERS = {
    "relevance": (_KIND, ("rank", "real", True), _NAME, _ID),
    "name": (_KIND, _NAME, _ID),
    "fresh": (("coalesce(fresh, '')", "text", True), _KIND, _NAME, _ID),
    "newest": (_KIND, ("id", "bigint", True)),
}


def counts_statement(query: SearchQuery, spoken: Sequence[SpokenTerm]) -> str:
    """Rows (facet or 'total', value, label, count); a facet's counts leave its own selection out.

    Without words and filters `with_access` has to make the facet access of what is told instead.
    """
    if query.is_empty:
        return f"WITH {_person()} {_KEPT}"
    parts = [_TOTAL.format(all=_where(query))]
    for facet in FACETS:
        value = "one.value" if facet in _FROM else facet
        source, label = _FROM.get(facet, "matched"), _LABELS.get(facet, "''")
        parts.append(
            _COUNT.format(
                facet=facet, value=value, label=label, source=source, others=_where(query, leave_out=facet)
            )
        )
    return "\n".join([_matched(query, spoken), "\nUNION ALL ".join(parts)])


def page_statement(query: SearchQuery, spoken: Sequence[SpokenTerm], *, goes_on: bool = False) -> str:
    """Rows (kind, id, access, classifications, keys) of one page; `goes_on` after the row with the keys `after_0` …"""
    order = _order(query)
    keys = ", ".join(key for key, _, _ in order)
    by = ", ".join(f"{key} DESC" if falls else key for key, _, falls in order)
    after = _after(order) if goes_on else "true"
    if query.is_empty:
        return f"WITH {_person()} {_PAGE.format(keys=keys, rows=_ENTRIES, all=after, order=by)}"
    ranked = _RANKED if query.typed.words else "SELECT * FROM matched WHERE {all}"
    rows = ranked.format(all=_where(query))
    return f"{_matched(query, spoken)}, {_OWN} {_PAGE.format(keys=keys, rows=rows, all=after, order=by)}"


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


def _person() -> str:
    return f"{_HELD.format(seen=SEEN)}, {_MAY_ASK}"


def _matched(query: SearchQuery, spoken: Sequence[SpokenTerm]) -> str:
    found = [matches(spoken)] if query.typed.words else []
    narrowed = " AND ".join([*found, *of_entries(query)]) or "true"
    return f"WITH {_person()}, {asked_as(spoken)}, {_MATCHED.format(matches=narrowed)}"


def _where(query: SearchQuery, leave_out: str = "") -> str:
    chosen = [_FILTERS[facet] for facet in FACETS if facet != leave_out and query.chosen(facet)]
    return " AND ".join([*chosen, *of_rows(query, leave_out)]) or "true"
