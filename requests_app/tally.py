"""How much waits for a person and what it can be narrowed by, counted once for as long as nothing is decided.

Thousands of items take tens of milliseconds to count. What was counted is kept in the process under what it depends on:
the person with their roles and whom they decide for, what is sought, and the newest events of the record, on which
every decision, rule and change of an owner stands from its own commit on. Whoever decides sees it at once; a role
that is lost is another key. See ADR 29.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic
from typing import Any, NamedTuple, TypeVar

from django.db.models import Count, QuerySet

from catalog.models import DataProduct, Domain
from identity.may import memberships_of, platform_roles_of, teams_of
from identity.models import Person, Team
from requests_app.delegation.holding import words_of
from requests_app.glance import glance_of
from requests_app.inbox import Order, Sought, Whose, matching, waiting
from requests_app.loaders import decidable_by

Counted = TypeVar("Counted")
Named = tuple[tuple[str, str], ...]
"""Slugs with names, in the order of the names."""
MOST_KEPT = 1024
LONGEST_KEPT = 5.0
"""Seconds. An event may become visible after a hundred later ones, and names may change off the record."""

_kept: OrderedDict[Hashable, tuple[float, object]] = OrderedDict()
_lock = threading.Lock()


class Group(NamedTuple):
    """How many items that wait are of one database's domain, product and asking team, all by id."""

    domain: int | None
    product: int | None
    domain_of_product: int | None
    team: int
    items: int


@dataclass(frozen=True)
class Tally:
    """`total` counts what is sought; the others are those of all that waits, whatever else is sought."""

    total: int
    domains: Named
    products: Named
    teams: Named


def tally_of(person: Person, sought: Sought, now: datetime) -> Tally:
    """Five queries at most; none when nothing was decided since, besides those for what it depends on."""
    plain, whose = replace(sought, order=Order.RISK, after=None), sought.whose
    groups = _groups_of(person, whose)
    named = _once(("named", whose), person, lambda: _named_by(groups))
    if plain == Sought(whose=whose):
        return named
    return replace(named, total=_once(("total", plain), person, lambda: _total(person, plain, now)))


def count_waiting(person: Person) -> int:
    """How much waits for this person's decision."""
    return sum(group.items for group in _groups_of(person, Whose.MINE))


def decidable_among(person: Person, ids: Collection[int]) -> frozenset[int]:
    """Which of these items wait for this person's decision."""
    wanted = tuple(sorted(ids))

    def those() -> frozenset[int]:
        return frozenset(decidable_by(person).filter(pk__in=wanted).values_list("pk", flat=True))

    return _once(("among", wanted), person, those)


def forget() -> None:
    """Count anew: for tests that write past the verbs."""
    with _lock:
        _kept.clear()


def _once(what: Hashable, person: Person, count: Callable[[], Counted]) -> Counted:
    key = (what, _rights_of(person), glance_of(person).record)
    with _lock:
        since, found = _kept.get(key, (float("-inf"), None))
    if monotonic() - since > LONGEST_KEPT:
        since, found = monotonic(), count()
    with _lock:
        _kept[key] = since, found
        _kept.move_to_end(key)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return found  # type: ignore[return-value]


def _rights_of(person: Person) -> Hashable:
    """All that `decidable_by` and `items_seen_by` know of the person."""
    passed_on = frozenset(
        (team, owner.pk, teams_of(owner)) for team, owner in words_of(person) if owner is not None
    )
    return person.pk, memberships_of(person), platform_roles_of(person), passed_on


def _groups_of(person: Person, whose: Whose) -> list[Group]:
    together = ("table__database__domain", "product", "product__domain", "request__team")

    def grouped() -> list[Group]:
        found = waiting(person, whose).order_by().values_list(*together)
        return [Group(*row) for row in found.annotate(count=Count("pk"))]

    return _once(("groups", whose), person, grouped)


def _named_by(groups: Sequence[Group]) -> Tally:
    domains = {one for group in groups for one in (group.domain, group.domain_of_product) if one}
    products = {group.product for group in groups if group.product}
    return Tally(
        total=sum(group.items for group in groups),
        domains=_names(Domain.objects.filter(pk__in=domains)),
        products=_names(DataProduct.objects.filter(pk__in=products)),
        teams=_names(Team.objects.filter(pk__in={group.team for group in groups})),
    )


def _names(rows: QuerySet[Any]) -> Named:
    return tuple(sorted(rows.values_list("slug", "name"), key=lambda one: one[1].casefold()))


def _total(person: Person, sought: Sought, now: datetime) -> int:
    return waiting(person, sought.whose).filter(matching(sought, now)).order_by().count()
