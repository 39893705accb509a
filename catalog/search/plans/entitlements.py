"""What a person's teams may read and request, and the names of places."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from catalog.mirror.select_holders import SEEN
from catalog.prepared_statements import prepared

# By the names of the person's roles: joined to them afterwards, permissions of everyone would be led to their tables. Each
# table is led to its products by the index: how few a person may read, the planner does not know.
HELD_TABLES = f"""seen AS MATERIALIZED (
  SELECT DISTINCT seen.table_id AS id FROM ({SEEN}) AS seen
  WHERE seen.arn = ANY(ARRAY(SELECT r.arn FROM identity_principal r
    JOIN identity_account a ON a.id = r.account_id AND a.team_id = ANY(%(teams)s)
    WHERE r.gone_at IS NULL))
), held AS MATERIALIZED (
  SELECT id FROM seen UNION SELECT -pt.product_id FROM seen CROSS JOIN LATERAL (
    SELECT product_id FROM catalog_producttable WHERE table_id = seen.id OFFSET 0) AS pt
)"""  # noqa: S608


# Who has no role to ask for can ask for nothing.
MAY_ASK = """may_ask AS MATERIALIZED (
  SELECT EXISTS (SELECT FROM identity_principal r
    JOIN identity_account a ON a.id = r.account_id AND a.is_consumer AND a.team_id = ANY(%(teams)s)
    WHERE r.gone_at IS NULL) AS yes
)"""
MAKER = """maker AS MATERIALIZED (
  SELECT DISTINCT ON (d.id) d.id AS domain, a.id AS account FROM catalog_domain d
  JOIN identity_account a ON a.team_id = d.owner_team_id AND a.is_producer ORDER BY d.id, a.id
)"""
HELD = f"""WITH {HELD_TABLES}, {MAY_ASK}
SELECT ARRAY(SELECT id FROM held LIMIT %(most)s), may_ask.yes FROM may_ask"""  # noqa: S608
PLACES = f"""WITH {MAKER}
SELECT 'domain', d.id, d.slug, d.name, g.slug, g.name, maker.account FROM catalog_domain d
JOIN identity_team g ON g.id = d.owner_team_id LEFT JOIN maker ON maker.domain = d.id
UNION ALL SELECT 'account', a.id, a.account_id, a.name, NULL, NULL, NULL FROM identity_account a"""  # noqa: S608

MOST_KEPT = 64
"""Sets of teams; each holds `MOST_HELD` ids at most."""
MOST_HELD = 2_000
"""Who may read more is told what by the search's own statement, each time."""

Said = tuple[str, str, str]
"""Facet, value, label."""


class Place(NamedTuple):
    """By their ids; either may be none."""

    domain: int | None
    account: int | None


@dataclass(frozen=True)
class Standing:
    """`held` are the documents that the teams may read already, None when they are too many; `domains` leads a domain
    to its facets and to the account that makes what is in it, `accounts` an account to its facet.
    """

    held: frozenset[int] | None
    may_ask: bool
    domains: dict[int, tuple[tuple[Said, ...], int | None]]
    accounts: dict[int, Said]
    _told: dict[Place, tuple[Said, ...]] = field(default_factory=dict)

    def access_to(self, pk: int, *, is_empty: bool) -> str:
        """Of a document to these teams; `held` must be known."""
        if pk in (self.held or ()):
            return "have"
        return "ask" if self.may_ask and not is_empty else "none"

    def facets_of(self, place: Place) -> tuple[Said, ...]:
        """Domain, team and producer of a place, as far as it has them."""
        if place not in self._told:
            said, maker = (
                self.domains.get(place.domain, ((), None)) if place.domain is not None else ((), None)
            )
            account = place.account if maker is None else maker
            self._told[place] = (*said, *([self.accounts[account]] if account in self.accounts else []))
        return self._told[place]


@lru_cache(maxsize=MOST_KEPT)
def standing_of(teams: frozenset[int], marks: int | None) -> Standing:  # noqa: ARG001 - part of the key
    """Of persons in these teams, in the state of the catalog with these marks; two queries when it is not kept."""
    return _read(teams)


def _read(teams: frozenset[int]) -> Standing:
    with prepared() as cursor:
        cursor.execute(HELD, {"teams": sorted(teams), "most": MOST_HELD + 1})
        held, may_ask = cursor.fetchone()
        cursor.execute(PLACES)
        places = cursor.fetchall()
    domains: dict[int, tuple[tuple[Said, ...], int | None]] = {}
    accounts: dict[int, Said] = {}
    for kind, pk, value, label, team, team_name, maker in places:
        if kind == "domain":
            domains[pk] = (("domain", value, label), ("team", team, team_name)), maker
        else:
            accounts[pk] = ("producer", value, label)
    return Standing(frozenset(held) if len(held) <= MOST_HELD else None, may_ask, domains, accounts)
