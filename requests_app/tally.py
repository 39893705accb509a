"""How much waits for a person, what it can be narrowed by and in which order, found out once for as long as nothing is decided.

Thousands of items take tens of milliseconds to count. What was found is kept in the process under what it depends on:
the person with their roles and whom they decide for, what is sought, and how many events the record holds, on which
every decision, rule and change of an owner stands from its own commit on. Whoever decides sees it at once; a role
that is lost is another key. See ADR 29.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, NamedTuple, TypeVar

from django.db.models import Case, Count, QuerySet, When
from django.db.models.fields.json import KeyTextTransform

from audit import clock
from catalog.models import DataProduct, Domain
from identity.may import memberships_of, platform_roles_of, teams_of
from identity.models import Person, Team
from requests_app.delegation.holding import words_of
from requests_app.glance import glance_of
from requests_app.inbox import AGES, OF_KIND, Kind, Sought, Waiting, Whose, keys_of, page_at, waiting
from requests_app.loaders import decidable_by

Counted = TypeVar("Counted")
Slugged = tuple[str, str]
"""Slug and name."""
MOST_KEPT = 1024
LONGEST_KEPT = 30.0
"""Seconds. Names may change off the record, and what waits grows older."""

_kept: OrderedDict[Hashable, tuple[float, object]] = OrderedDict()
_lock = threading.Lock()


class Group(NamedTuple):
    """How many items that wait are alike in all that they can be narrowed by: domain of the database, product, its domain and
    asking team by id, classification, what is asked for, and the longest of AGES for which they have waited.
    """

    domain: int | None
    product: int | None
    domain_of_product: int | None
    team: int
    classification: str | None
    is_whole: bool
    is_metadata: bool
    has_rows: bool
    days: int
    items: int

    @property
    def answers(self) -> int | None:
        """The domain that does."""
        return self.domain or self.domain_of_product

    def is_of(self, kind: Kind) -> bool:
        if kind == Kind.COLUMNS:
            return not (self.is_whole or self.is_metadata or self.has_rows)
        return {Kind.ROWS: self.has_rows, Kind.WHOLE: self.is_whole, Kind.METADATA: self.is_metadata}[kind]


class Names(NamedTuple):
    """Slug and name, by id, of what the groups of one inbox name."""

    domains: Mapping[int, Slugged]
    products: Mapping[int, Slugged]
    teams: Mapping[int, Slugged]


@dataclass(frozen=True)
class Tally:
    """`total` counts what is sought; the others, in the order of their names, are those of all that waits, whatever else is
    sought.
    """

    total: int
    domains: tuple[Slugged, ...]
    products: tuple[Slugged, ...]
    teams: tuple[Slugged, ...]


def page_of(person: Person, sought: Sought) -> Waiting:
    """What of the inbox is sought. Which items they are is found out once, what is shown of them is read each time."""
    return page_at(_once(("page", sought), person, lambda: keys_of(person, sought, clock.now())))


def tally_of(person: Person, sought: Sought) -> Tally:
    """Four queries at most; none when nothing was decided since, besides those for what it depends on."""
    groups, names = _groups_of(person, sought.whose), _names_of(person, sought.whose)
    return Tally(
        total=sum(group.items for group in groups if _is_sought(group, sought, names)),
        domains=_by_name(names.domains),
        products=_by_name(names.products),
        teams=_by_name(names.teams),
    )


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
    together = ("table__database__domain", "product", "product__domain", "request__team", "weighed")

    def grouped() -> list[Group]:
        found = waiting(person, whose).order_by().annotate(**_told(clock.now()))
        alike = found.values_list(*together, "whole_table", "metadata_only", "has_rows", "waits")
        return [Group(*row) for row in alike.annotate(count=Count("pk"))]

    return _once(("groups", whose), person, grouped)


def _told(now: datetime) -> dict[str, Any]:
    """What is worked out of each item. Within the statement the database's clock would be asked for each of them."""
    waits = [When(request__submitted_at__lte=now - timedelta(days=age), then=age) for age in reversed(AGES)]
    return {
        "weighed": KeyTextTransform("classification", "risk_facts"),
        "has_rows": Case(When(OF_KIND[Kind.ROWS], then=True), default=False),
        "waits": Case(*waits, default=0),
    }


def _names_of(person: Person, whose: Whose) -> Names:
    def named() -> Names:
        groups = _groups_of(person, whose)
        domains = {one for group in groups for one in (group.domain, group.domain_of_product) if one}
        return Names(
            domains=_names(Domain.objects.filter(pk__in=domains)),
            products=_names(
                DataProduct.objects.filter(pk__in={one.product for one in groups if one.product})
            ),
            teams=_names(Team.objects.filter(pk__in={one.team for one in groups})),
        )

    return _once(("named", whose), person, named)


def _is_sought(group: Group, sought: Sought, names: Names) -> bool:
    """As `requests_app.inbox.matching` has it; a test compares."""
    return (
        _is(sought.domain, group.answers, names.domains)
        and _is(sought.product, group.product, names.products)
        and _is(sought.team, group.team, names.teams)
        and sought.classification in {"", group.classification}
        and (not sought.kind or group.is_of(Kind(sought.kind)))
        and group.days >= (sought.days or 0)
    )


def _is(slug: str, pk: int | None, named: Mapping[int, Slugged]) -> bool:
    return not slug or (pk is not None and pk in named and named[pk][0] == slug)


def _names(rows: QuerySet[Any]) -> dict[int, Slugged]:
    return {pk: (slug, name) for pk, slug, name in rows.values_list("pk", "slug", "name")}


def _by_name(named: Mapping[int, Slugged]) -> tuple[Slugged, ...]:
    return tuple(sorted(named.values(), key=lambda one: one[1].casefold()))
