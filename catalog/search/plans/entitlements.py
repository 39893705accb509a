"""What a person's teams can read and request, and the names of domains, teams and producers."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from catalog.mirror.select_holders import SELECT_HOLDERS_SQL
from catalog.search.facets import Count
from kernel.sql import prepared_cursor

# By the names of the person's roles: if permissions were joined to roles afterwards, those of everyone would be led to
# their tables. The index leads each table to its products, as the planner does not know how few a person can read.
HELD = f"""seen AS MATERIALIZED (
  SELECT DISTINCT seen.table_id AS id FROM ({SELECT_HOLDERS_SQL}) AS seen
  WHERE seen.arn = ANY(ARRAY(SELECT r.arn FROM identity_principal r
    JOIN identity_account a ON a.id = r.account_id AND a.team_id = ANY(%(teams)s)
    WHERE r.gone_at IS NULL))
), held AS MATERIALIZED (
  SELECT id FROM seen UNION SELECT -pt.product_id FROM seen CROSS JOIN LATERAL (
    SELECT product_id FROM catalog_producttable WHERE table_id = seen.id OFFSET 0) AS pt
)"""  # noqa: S608
"""Common table `held`: documents that the teams can read."""
# Without a role that could receive access, nothing can be requested.
MAY_REQUEST = """may_request AS MATERIALIZED (
  SELECT EXISTS (SELECT FROM identity_principal r
    JOIN identity_account a ON a.id = r.account_id AND a.is_consumer AND a.team_id = ANY(%(teams)s)
    WHERE r.gone_at IS NULL) AS yes
)"""
ACCESS = """CASE WHEN d.id IN (SELECT id FROM held) THEN 'have'
      WHEN may_request.yes AND NOT d.is_empty THEN 'ask' ELSE 'none' END AS access"""
"""Access to a document `d`; in Python `Entitlements.access_to`."""
PRODUCERS = """producers AS MATERIALIZED (
  SELECT DISTINCT ON (d.id) d.id AS domain, a.id AS account FROM catalog_domain d
  JOIN identity_account a ON a.team_id = d.owner_team_id AND a.is_producer ORDER BY d.id, a.id
)"""
"""Common table: the account that produces what is in a domain. Without one it is the account of the table's catalog."""
ORIGIN_LABELS = """LEFT JOIN catalog_domain d ON d.id = origin.domain LEFT JOIN identity_team g ON g.id = d.owner_team_id
  LEFT JOIN producers ON producers.domain = origin.domain
  LEFT JOIN identity_account a ON a.id = coalesce(producers.account, origin.account)
  CROSS JOIN LATERAL (VALUES ('domain', d.slug, d.name), ('team', g.slug, g.name), ('producer', a.account_id, a.name))
    AS one(facet, value, label)"""
"""Joined to rows `origin` (domain, account): their facets `one`."""
_HELD = f"""WITH {HELD}, {MAY_REQUEST}
SELECT ARRAY(SELECT id FROM held LIMIT %(limit)s), may_request.yes FROM may_request"""  # noqa: S608
_LABELS = f"""WITH {PRODUCERS}
SELECT origin.domain, origin.account, one.facet, one.value, one.label
FROM (SELECT DISTINCT domain, account FROM catalog_facetcount WHERE part = 'place') AS origin {ORIGIN_LABELS}
WHERE one.value IS NOT NULL"""  # noqa: S608

MAX_CACHED = 64
"""Sets of teams, each with at most `MAX_HELD` ids."""
MAX_HELD = 2_000
"""Of teams that can read more, each search reads it in its own statement."""

FacetLabel = tuple[str, str, str]
"""Facet, value, label."""


class Origin(NamedTuple):
    """Ids of the domain and account of a document; either may be None."""

    domain: int | None
    account: int | None


@dataclass(frozen=True)
class Entitlements:
    """`held` are the documents that the teams can read, None if they are too many. `labels` are the facets of an origin."""

    held: frozenset[int] | None
    may_request: bool
    labels: dict[Origin, tuple[FacetLabel, ...]]

    def access_to(self, pk: int, *, is_empty: bool) -> str:
        if pk in (self.held or ()):
            return "have"
        return "ask" if self.may_request and not is_empty else "none"

    def count_access(self, ids: Collection[int], empty: Iterable[int]) -> list[Count]:
        """How many of these documents there are of each `access_to`; `empty` are products without tables."""
        have = (self.held or frozenset()).intersection(ids)
        none = len(set(empty) - have)
        others = len(ids) - len(have) - none
        if not self.may_request:
            none, others = none + others, 0
        counts = {"have": len(have), "ask": others, "none": none}
        return [("access", value, "", count) for value, count in counts.items() if count]


@lru_cache(maxsize=MAX_CACHED)
def entitlements_of(teams: frozenset[int], marks: int | None) -> Entitlements:  # noqa: ARG001 - part of the key
    """In the state of the catalog with these change marks. Two queries if it is not cached."""
    with prepared_cursor() as cursor:
        cursor.execute(_HELD, {"teams": sorted(teams), "limit": MAX_HELD + 1})
        held, may_request = cursor.fetchone()
        cursor.execute(_LABELS)
        labels: dict[Origin, tuple[FacetLabel, ...]] = {}
        for domain, account, *label in cursor.fetchall():
            origin = Origin(domain, account)
            labels[origin] = (*labels.get(origin, ()), (label[0], label[1], label[2]))
    return Entitlements(frozenset(held) if len(held) <= MAX_HELD else None, may_request, labels)
