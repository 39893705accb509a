"""What a search needs to know that hangs on no word of it: what the person's teams may read already, and the names of places.

It is kept in the process for as long as nothing alters in the catalog, under the mark of its state as in `catalog.found`;
each search reads the mark anew. See ADR 35.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from catalog.prepared import prepared
from catalog.standing_sql import HELD, PLACES
from identity.process_cache import Kept

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


_kept: Kept[tuple[frozenset[int], int | None], Standing] = Kept(MOST_KEPT)


def standing_of(teams: frozenset[int], marks: int | None) -> Standing:
    """Of persons in these teams, in the state of the catalog with these marks; two queries when it is not kept."""
    return _kept.once((teams, marks), lambda: _read(teams))


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
