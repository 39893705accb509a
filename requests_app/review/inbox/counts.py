"""Pages and counts of the inbox, cached in the process until something they depend on changes."""

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, NamedTuple, TypeVar

from cachetools import LRUCache, cached
from django.db.models import Case, Count, Exists, IntegerField, Q, QuerySet, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import get_language

from catalog.products.models import DataProduct, Domain
from identity.people.may import memberships_of, platform_roles_of, teams_of
from identity.people.models import Person, Team
from identity.people.request_cache import once_a_page
from requests_app.access_requests.may import (
    HAS_ACTIVE_REQUESTER,
    build_member_at_request_filter,
    list_approvals_by,
)
from requests_app.access_requests.models import Item
from requests_app.access_requests.states import OPEN_ITEM_STATES
from requests_app.page_counts import get_page_counts
from requests_app.review.delegation.queries import words_of
from requests_app.review.inbox.queries import AGES, OF_KIND, Kind, Sought, Waiting, keys_of, page_at, waiting
from requests_app.review.queries import decidable_by

Counted = TypeVar("Counted")
Slugged = tuple[str, str]
"""Slug and name."""
MOST_KEPT = 1024
"""Some tens of megabytes a process at most."""


@cached(LRUCache(MOST_KEPT), key=lambda key, _find: key, lock=Lock())
def _kept(key: Hashable, find: Callable[[], Any]) -> Any:  # noqa: ARG001 - the cache reads it
    return find()


class Group(NamedTuple):
    """How many items that wait are alike in all that they can be narrowed by: domain of the database, product, its domain and
    asking team by id, classification, what is asked for, and the longest of AGES for which they have waited:
    0 where no age is sought.
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
    """What of the inbox is sought. Two queries; none while nothing alters, besides those for what it depends on."""
    now = get_page_counts(person).about_now

    def found() -> Waiting:
        return page_at(keys_of(person, sought, now))

    return _once(("page", sought, _age_at(person, sought)), person, found)


def tally_of(person: Person, sought: Sought) -> Tally:
    """Four queries at most; none while nothing alters, besides those for what it depends on."""
    return _once(("tally", sought, _age_at(person, sought)), person, lambda: _tallied(person, sought))


def _tallied(person: Person, sought: Sought) -> Tally:
    groups, names = _groups_of(person, sought), _names_of(person, sought)
    return Tally(
        total=sum(group.items for group in groups if _is_sought(group, sought, names)),
        domains=_by_name(names.domains),
        products=_by_name(names.products),
        teams=_by_name(names.teams),
    )


def count_waiting(person: Person) -> int:
    """How much waits for this person's decision."""
    return sum(group.items for group in _groups_of(person, Sought()))


def decidable_among(person: Person, ids: Collection[int]) -> frozenset[int]:
    """Which of these items this person may decide on now."""
    wanted = tuple(sorted(ids))

    def those() -> frozenset[int]:
        mine = decidable_by(person).filter(HAS_ACTIVE_REQUESTER, pk__in=wanted)
        return frozenset(mine.values_list("pk", flat=True))

    return _once(("among", wanted), person, those)


def forget() -> None:
    """Find out anew: for tests that count queries."""
    _kept.cache_clear()


def _once(what: Hashable, person: Person, find: Callable[[], Counted]) -> Counted:
    """Words of what is kept are in the language of who asks."""
    found: Counted = _kept((what, _side_of(person), get_page_counts(person).marks, get_language()), find)
    return found


def _age_at(person: Person, sought: Sought) -> datetime | None:
    """When ages are counted from, where one is sought."""
    return get_page_counts(person).about_now if sought.days else None


@once_a_page
def _side_of(person: Person) -> Hashable:
    """All that `decidable_by` and `list_visible_items` know of the person: colleagues who have no word in what waits see the same."""
    passed_on = frozenset(
        (team, owner.pk, teams_of(owner)) for team, owner in words_of(person) if owner is not None
    )
    own = person.pk if _has_a_word(person) else None
    return own, memberships_of(person), platform_roles_of(person), passed_on


def _has_a_word(person: Person) -> bool:
    """Whether something that waits is the person's own ask, is for a role that they answer for, has their yes already, or
    was asked by a team that they have left since. One query, none while nothing alters.
    """

    def has() -> bool:
        teams = teams_of(person)
        inside = Q(request__team__in=teams) | Q(request__principal__account__team__in=teams)
        since = (
            Q(request__taken_over_ids__contains=[person.pk])
            | build_member_at_request_filter(person) & ~inside
        )
        word = (
            Q(requester=person)
            | Q(request__principal__owner=person)
            | since
            | Exists(list_approvals_by(person))
        )
        return Item.objects.filter(word, state__in=OPEN_ITEM_STATES).exists()

    known: bool = _kept(("word", person.pk, teams_of(person), get_page_counts(person).marks), has)
    return known


def _groups_of(person: Person, sought: Sought) -> list[Group]:
    together = ("table__database__domain", "product", "product__domain", "request__team", "weighed")
    at = _age_at(person, sought)

    def grouped() -> list[Group]:
        found = waiting(person, sought.whose).order_by().annotate(**_told(at))
        alike = found.values_list(*together, "whole_table", "metadata_only", "has_rows", "waits")
        return [Group(*row) for row in alike.annotate(count=Count("pk"))]

    return _once(("groups", sought.whose, at), person, grouped)


def _told(at: datetime | None) -> dict[str, Any]:
    """What is worked out of each item. Within the statement the database's clock would be asked for each of them."""
    ages = reversed(AGES) if at else ()
    waits = [When(request__submitted_at__lte=at - timedelta(days=age), then=age) for age in ages if at]
    return {
        "weighed": KeyTextTransform("classification", "risk_facts"),
        "has_rows": Case(When(OF_KIND[Kind.ROWS], then=True), default=False),
        "waits": Case(*waits, default=0) if waits else Value(0, IntegerField()),
    }


def _names_of(person: Person, sought: Sought) -> Names:
    def named() -> Names:
        groups = _groups_of(person, sought)
        domains = {one for group in groups for one in (group.domain, group.domain_of_product) if one}
        return Names(
            domains=_names(Domain.objects.filter(pk__in=domains)),
            products=_names(
                DataProduct.objects.filter(pk__in={one.product for one in groups if one.product})
            ),
            teams=_names(Team.objects.filter(pk__in={one.team for one in groups})),
        )

    return _once(("named", sought.whose), person, named)


def _is_sought(group: Group, sought: Sought, names: Names) -> bool:
    """As `requests_app.review.inbox.queries.matching` has it; a test compares."""
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
