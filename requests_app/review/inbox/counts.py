"""Pages and counts of the inbox, cached in the process until something they depend on changes."""

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import compress
from threading import Lock
from typing import Any, NamedTuple, TypeVar

from cachetools import LRUCache, cached
from django.db.models import Case, Count, Exists, IntegerField, Q, QuerySet, Subquery, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import get_language

from catalog.products.models import DataProduct, Domain
from identity.people.may import get_memberships, get_platform_roles, get_team_ids
from identity.people.models import Person, Team
from identity.people.request_cache import cache_per_request
from requests_app.access_requests.item_targets import list_inbox_filters
from requests_app.access_requests.may import (
    HAS_ACTIVE_REQUESTER,
    build_member_at_request_filter,
    list_approvals_by,
)
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import OPEN_ITEM_STATES
from requests_app.page_counts import get_page_counts
from requests_app.review.assignment.queries import list_item_assignments
from requests_app.review.delegation.queries import list_deciding_teams
from requests_app.review.inbox.queries import (
    WAITING_DAYS,
    InboxPage,
    InboxQuery,
    list_page_keys,
    list_waiting_items,
    read_inbox_page,
)
from requests_app.review.queries import list_decidable_items

Cached = TypeVar("Cached")
SlugAndName = tuple[str, str]
"""Slug and name."""
MAX_CACHED = 1024
"""Some tens of megabytes a process at most."""


@cached(LRUCache(MAX_CACHED), key=lambda key, _find: key, lock=Lock())
def _get_or_find(key: Hashable, find: Callable[[], Any]) -> Any:  # noqa: ARG001 - the cache reads it
    return find()


class InboxGroup(NamedTuple):
    """How many items that wait are alike in all that they can be narrowed by: domain of the database, product, its domain and
    requesting team by id, classification, to whom they are assigned, the longest of AGES for which they have waited (0 where no age is
    sought), and the words of `list_inbox_filters` that they match.
    """

    domain: int | None
    product: int | None
    domain_of_product: int | None
    team: int
    classification: str | None
    assignee: int | None
    waiting_days: int
    item_count: int
    kinds: frozenset[str]

    @property
    def owning_domain(self) -> int | None:
        """The domain that does."""
        return self.domain or self.domain_of_product


class GroupNames(NamedTuple):
    """Slug and name, by id, of what the groups of one inbox name."""

    domains: Mapping[int, SlugAndName]
    products: Mapping[int, SlugAndName]
    teams: Mapping[int, SlugAndName]


@dataclass(frozen=True)
class InboxCounts:
    """`total` counts what is sought; the others, in the order of their names, are those of all that waits, whatever else is
    sought.
    """

    total: int
    domains: tuple[SlugAndName, ...]
    products: tuple[SlugAndName, ...]
    teams: tuple[SlugAndName, ...]


def get_inbox_page(person: Person, query: InboxQuery) -> InboxPage:
    """What of the inbox is sought. Two queries; none while nothing alters, besides those for what it depends on."""
    now = get_page_counts(person).rounded_now

    def found() -> InboxPage:
        return read_inbox_page(list_page_keys(person, query, now))

    return _read_cached(("page", *_list_sought(person, query)), person, found)


def get_inbox_counts(person: Person, query: InboxQuery) -> InboxCounts:
    """Four queries at most; none while nothing alters, besides those for what it depends on."""
    return _read_cached(("tally", *_list_sought(person, query)), person, lambda: _count(person, query))


def _count(person: Person, query: InboxQuery) -> InboxCounts:
    groups, names = _list_groups(person, query), _get_names(person, query)
    return InboxCounts(
        total=sum(group.item_count for group in groups if _is_matching(group, query, names, person)),
        domains=_sort_by_name(names.domains),
        products=_sort_by_name(names.products),
        teams=_sort_by_name(names.teams),
    )


def count_waiting(person: Person) -> int:
    """How much waits for this person's decision."""
    return sum(group.item_count for group in _list_groups(person, InboxQuery()))


def filter_decidable(person: Person, ids: Collection[int]) -> frozenset[int]:
    """Which of these items this person may decide on now."""
    wanted = tuple(sorted(ids))

    def those() -> frozenset[int]:
        mine = list_decidable_items(person).filter(HAS_ACTIVE_REQUESTER, pk__in=wanted)
        return frozenset(mine.values_list("pk", flat=True))

    return _read_cached(("among", wanted), person, those)


def clear_cache() -> None:
    """Find out anew: for tests that count queries."""
    _get_or_find.cache_clear()


def _read_cached(what: Hashable, person: Person, find: Callable[[], Cached]) -> Cached:
    """Cached words are in the reader's language."""
    or_find: Cached = _get_or_find(
        (what, _get_cache_side(person), get_page_counts(person).change_version, get_language()), find
    )
    return or_find


def _list_sought(person: Person, query: InboxQuery) -> tuple[Hashable, ...]:
    """What the answer to a query depends on, besides what the person may see."""
    return query, _get_age_reference(person, query), person.pk if query.assigned else None


def _get_age_reference(person: Person, query: InboxQuery) -> datetime | None:
    """When ages are counted from, where one is sought."""
    return get_page_counts(person).rounded_now if query.min_waiting_days else None


@cache_per_request
def _get_cache_side(person: Person) -> Hashable:
    """All that `list_decidable_items` and `list_visible_items` know of the person: colleagues who have no word in what waits see the same."""
    passed_on = frozenset(
        (team, owner.pk, get_team_ids(owner))
        for team, owner in list_deciding_teams(person)
        if owner is not None
    )

    def has() -> bool:
        teams = get_team_ids(person)
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
        return RequestItem.objects.filter(word, state__in=OPEN_ITEM_STATES).exists()

    known: bool = _get_or_find(
        ("word", person.pk, get_team_ids(person), get_page_counts(person).change_version), has
    )
    own = person.pk if known else None
    return own, get_memberships(person), get_platform_roles(person), passed_on


def _list_groups(person: Person, query: InboxQuery) -> list[InboxGroup]:
    together = (
        "table__database__domain",
        "product",
        "product__domain",
        "request__team",
        "weighed",
        "assignee",
    )
    at = _get_age_reference(person, query)

    def grouped() -> list[InboxGroup]:
        found = list_waiting_items(person, query.scope).order_by().annotate(**_build_annotations(at))
        kinds, fixed = list(list_inbox_filters()), len(together) + 1
        alike = found.values_list(*together, "waits", *(f"is_{kind}" for kind in kinds))
        return [
            InboxGroup._make((*row[:fixed], row[-1], frozenset(compress(kinds, row[fixed:]))))
            for row in alike.annotate(count=Count("pk"))
        ]

    return _read_cached(("groups", query.scope, at), person, grouped)


def _build_annotations(at: datetime | None) -> dict[str, Any]:
    """`at` is constant: the statement would read the database's clock for each item."""
    ages = reversed(WAITING_DAYS) if at else ()
    waits = [When(request__submitted_at__lte=at - timedelta(days=age), then=age) for age in ages if at]
    return {
        "weighed": KeyTextTransform("classification", "risk_facts"),
        "assignee": Subquery(list_item_assignments().values("person")),
        **{
            f"is_{word}": Case(When(one.condition, then=True), default=False)
            for word, one in list_inbox_filters().items()
        },
        "waits": Case(*waits, default=0) if waits else Value(0, IntegerField()),
    }


def _get_names(person: Person, query: InboxQuery) -> GroupNames:
    def named() -> GroupNames:
        groups = _list_groups(person, query)
        domains = {one for group in groups for one in (group.domain, group.domain_of_product) if one}
        return GroupNames(
            domains=_map_names(Domain.objects.filter(pk__in=domains)),
            products=_map_names(
                DataProduct.objects.filter(pk__in={group.product for group in groups if group.product})
            ),
            teams=_map_names(Team.objects.filter(pk__in={group.team for group in groups})),
        )

    return _read_cached(("named", query.scope), person, named)


def _is_matching(group: InboxGroup, query: InboxQuery, names: GroupNames, person: Person) -> bool:
    """As `requests_app.review.inbox.queries.build_inbox_filter` has it; a test compares."""
    return (
        query.seeks_items
        and _is_slug_of(query.domain, group.owning_domain, names.domains)
        and _is_slug_of(query.product, group.product, names.products)
        and _is_slug_of(query.team, group.team, names.teams)
        and query.classification in {"", group.classification}
        and (not query.kind or query.kind in group.kinds)
        and (not query.assigned or group.assignee == person.pk)
        and group.waiting_days >= (query.min_waiting_days or 0)
    )


def _is_slug_of(slug: str, pk: int | None, named: Mapping[int, SlugAndName]) -> bool:
    return not slug or (pk is not None and pk in named and named[pk][0] == slug)


def _map_names(rows: QuerySet[Any]) -> dict[int, SlugAndName]:
    return {pk: (slug, name) for pk, slug, name in rows.values_list("pk", "slug", "name")}


def _sort_by_name(named: Mapping[int, SlugAndName]) -> tuple[SlugAndName, ...]:
    return tuple(sorted(named.values(), key=lambda one: one[1].casefold()))
