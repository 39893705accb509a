"""Requests, matches, and the interface of a search plan."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from catalog.mirror.models import Classification
from catalog.mirror.queries import SELECT_HOLDERS_SQL
from catalog.search.facets import Count
from catalog.search.query import SearchQuery
from catalog.search.text_queries import Lookup, MatchedTerm
from identity.people.models import Person
from kernel.sql import prepared_cursor

_CLASSIFICATIONS = tuple(Classification.values)
Keys = tuple[Any, ...]
"""The values that a row is sorted by; the next page starts after those of the last row."""


@dataclass(frozen=True)
class PageRange:
    """`limit` rows after the first `offset`, or after the row with the keys `after`."""

    limit: int = 20
    offset: int = 0
    after: Keys | None = None


@dataclass
class SearchRequest:
    """`is_widened`: also what contains only some of the words; see `catalog.search.text_queries`. `exact` are the ids of documents
    that the text names. `lookup` is set by the first plan that reads it, so that the next one need not.
    """

    query: SearchQuery
    person: Person
    page: PageRange
    is_widened: bool = False
    exact: tuple[int, ...] = ()
    lookup: Lookup | None = None

    @property
    def has_levels(self) -> bool:
        return self.is_widened or bool(self.exact)


@dataclass(frozen=True)
class MatchedRow:
    kind: str
    pk: int
    access: str
    classifications: tuple[str, ...]
    teams: int
    keys: Keys
    missing: tuple[int, ...] = ()
    """Places, from 1, of the words that it does not contain."""
    is_exact: bool = False


def build_matched_row(
    document: int,
    access: str,
    classifications: Sequence[str],
    teams: int,
    keys: Sequence[Any],
    *,
    missing: Sequence[int] = (),
    is_exact: bool = False,
) -> MatchedRow:
    kind = "product" if document < 0 else "table"
    if len(classifications) > 1:
        classifications = [value for value in _CLASSIFICATIONS if value in classifications]
    return MatchedRow(
        kind, abs(document), access, tuple(classifications), teams, tuple(keys), tuple(missing), is_exact
    )


@dataclass(frozen=True)
class Matches:
    """Counts by facet and value, with the facets `total` and `estimated`; the rows of one page; glossary terms."""

    counts: tuple[Count, ...]
    rows: tuple[MatchedRow, ...]
    terms: tuple[MatchedTerm, ...] = ()

    @property
    def total(self) -> int:
        return sum(count for facet, *_, count in self.counts if facet == "total")


class SearchPlan(Protocol):
    """Finds, counts and sorts what matches a request."""

    def find(self, request: SearchRequest) -> Matches | None:
        """None where the plan does not apply."""


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
"""Access to a document `d`; in Python `Entitlements.get_access`."""
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
"""Tables of a team that are held: of a team that can read more, each search reads them in its own statement."""

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

    def get_access(self, pk: int, *, is_empty: bool) -> str:
        if pk in (self.held or ()):
            return "have"
        return "ask" if self.may_request and not is_empty else "none"

    def count_access(self, ids: Collection[int], empty: Iterable[int]) -> list[Count]:
        """How many of these documents there are of each `get_access`; `empty` are products without tables."""
        have = (self.held or frozenset()).intersection(ids)
        none = len(set(empty) - have)
        others = len(ids) - len(have) - none
        if not self.may_request:
            none, others = none + others, 0
        counts = {"have": len(have), "ask": others, "none": none}
        return [("access", value, "", count) for value, count in counts.items() if count]


@lru_cache(maxsize=MAX_CACHED)
def get_entitlements(teams: frozenset[int], marks: int | None) -> Entitlements:  # noqa: ARG001 - part of the key
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
