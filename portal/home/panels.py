"""The panels of the home page, each loaded by one function: of one query, or of a few, however much there is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.http import HttpRequest

from catalog.browse.products import list_newest_products
from catalog.classification.models import Finding
from catalog.classification.queries import list_findings_for_stewards
from catalog.follows import Follow, list_follows
from catalog.product_lifecycle.models import Deprecation
from catalog.products.may import list_maintained_products, visible_products
from catalog.products.models import DataProduct
from catalog.promises import PromiseBreach, visible_breaches
from catalog.questions import Question, list_unanswered_questions
from decisions.kinds import iterate_decided_kinds
from decisions.models import Proposal
from identity.accounts import Account
from identity.people.may import get_team_ids
from identity.people.models import Person
from kernel.queries import limit_rows
from portal.access.presenters import GrantRow, build_grant_rows
from portal.admin_site.attention import AttentionItem, list_attention
from portal.inbox.other_decisions import OtherDecisions, count_decisions, list_other_decisions
from portal.inbox.presenters import InboxRow, build_inbox_rows
from portal.my_products.presenters import ProductRow, build_product_rows
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.requests.presenters import RequestRow, build_request_rows
from requests_app.access_requests.may import list_visible_items
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.access_requests.queries import list_own_requests
from requests_app.access_requests.states import ItemState
from requests_app.grants.expiry_warnings import filter_next_ending
from requests_app.grants.models import EFFECTIVE_GRANTS, Grant
from requests_app.grants.queries import IS_REMOVED, list_own_grants, order_by_attention
from requests_app.grants.subgrants.queries import list_administered_accounts
from requests_app.notifications.kinds import NotificationKind
from requests_app.notifications.models import Notification
from requests_app.notifications.queries import list_latest_notifications
from requests_app.review.inbox.counts import count_waiting, get_inbox_page
from requests_app.review.inbox.queries import InboxQuery, InboxScope

MAX_ROWS, MAX_SHORT_ROWS, MAX_DECISIONS = 5, 3, 8
REQUEST_ITEMS = RequestItem.objects.filter(request=OuterRef("pk"))
WAITING_KINDS = (NotificationKind.SUBMITTED, NotificationKind.OVERDUE)
"""What these notifications tell is in the list of what waits."""


@dataclass(frozen=True)
class Visit:
    """Who opens the home page, and when; with what several panels read."""

    request: HttpRequest

    @cached_property
    def person(self) -> Person:
        return get_signed_in_person(self.request)

    @cached_property
    def now(self) -> datetime:
        return get_request_time(self.request)

    @cached_property
    def maintained_ids(self) -> frozenset[int]:
        """Of the products that the person owns or maintains."""
        return frozenset(list_maintained_products(self.person).values_list("pk", flat=True))

    def list_concerned_products(self) -> QuerySet[DataProduct]:
        """What the person owns, uses or follows."""
        used = list_own_grants(self.person).filter(EFFECTIVE_GRANTS).values("item__product")
        followed = Follow.objects.filter(person=self.person, product__isnull=False).values("product")
        concerned = Q(pk__in=self.maintained_ids) | Q(pk__in=used) | Q(pk__in=followed)
        return visible_products(self.person).filter(concerned)


@dataclass(frozen=True)
class Panel:
    """`name` is that of its template; `load` returns what it shows, and is false where the panel is left out."""

    name: str
    load: Callable[[Visit], Any]

    @property
    def template(self) -> str:
        return f"portal/home/_{self.name}.html"


@dataclass(frozen=True)
class WaitingSection:
    """What waits for the person. `rows` are the first items of the inbox, `count` is of everything that they decide on, `others` link to
    what is no item, `returned` are their own requests that wait for a change.
    """

    rows: Sequence[InboxRow]
    count: int
    others: Sequence[OtherDecisions]
    returned: Sequence[RequestRow]

    @property
    def total(self) -> int:
        return self.count + len(self.returned)

    @property
    def has_more(self) -> bool:
        """Whether the inbox lists more items than `rows`."""
        return self.count - sum(other.count for other in self.others) > len(self.rows)


def load_waiting_always(visit: Visit) -> WaitingSection:
    """The rows of the inbox, of all kinds, as its badge counts them."""
    person = visit.person
    count, others = count_decisions(person), list_other_decisions(person)
    items = get_inbox_page(person, InboxQuery()).items[:MAX_ROWS] if count_waiting(person) else ()
    rows = build_inbox_rows(items, person, InboxScope.MINE) if items else ()
    return WaitingSection(rows, count, others, _list_requests(visit, ItemState.RETURNED))


def load_waiting(visit: Visit) -> WaitingSection | None:
    waiting = load_waiting_always(visit)
    return waiting if waiting.total else None


def _list_requests(visit: Visit, state: ItemState) -> list[RequestRow]:
    """The person's own with an item in the state."""
    rows = list_own_requests(visit.person).filter(Exists(REQUEST_ITEMS.filter(state=state)))
    return build_request_rows(limit_rows(rows, MAX_ROWS), visit.now)


def load_attention(visit: Visit) -> Sequence[AttentionItem]:
    return list_attention(visit.request)


@dataclass(frozen=True)
class ProductSection:
    rows: Sequence[ProductRow]
    total: int


def load_products(visit: Visit) -> ProductSection | None:
    """Those that break a promise first, then the person's own; the rows of the page of all."""
    if not visit.maintained_ids:
        return None
    is_broken = PromiseBreach.objects.filter(product=OuterRef("pk"), ended_at=None)
    products = DataProduct.objects.filter(pk__in=visit.maintained_ids, retired_at=None)
    products = products.annotate(
        is_broken=Exists(is_broken), is_own=ExpressionWrapper(Q(owner=visit.person), BooleanField())
    )
    ordered = products.order_by("-is_broken", "-is_own", Lower("name"), "pk")
    shown = list(ordered.select_related("domain__owner_team", "owner")[:MAX_ROWS])
    rows = build_product_rows(visit.person, shown, visit.now)
    return ProductSection(rows, len(visit.maintained_ids))


@dataclass(frozen=True)
class AccessSection:
    """`waiting` are requests that others decide on."""

    grants: Sequence[GrantRow]
    waiting: Sequence[RequestRow]


def load_access(visit: Visit) -> AccessSection | None:
    own = list_own_grants(visit.person).filter(~IS_REMOVED)
    grants = list(limit_rows(order_by_attention(own), MAX_ROWS))
    waiting = _list_requests(visit, ItemState.SUBMITTED)
    if not grants and not waiting:
        return None
    return AccessSection(build_grant_rows(grants, visit.person, visit.now), waiting)


@dataclass(frozen=True)
class SentRow:
    """What the person proposed and others decide on."""

    text: str
    proposal: Proposal
    page: str
    is_english: bool


def load_sent(visit: Visit) -> list[SentRow]:
    """One query, and one for each kind of which the person's waits."""
    waiting = [
        (kind, kind.model._default_manager.filter(kind.waits, requested_by=visit.person))  # noqa: SLF001
        for kind in iterate_decided_kinds()
    ]
    places = [rows.order_by().values_list(Value(place))[:1] for place, (_kind, rows) in enumerate(waiting)]
    sent = []
    for (place,) in places[0].union(*places[1:], all=True) if places else ():
        kind, rows = waiting[place]
        describe = kind.describe or str
        sent += [
            SentRow(describe(row), row, kind.page, kind.is_english)
            for row in rows.order_by("-requested_at")[:MAX_ROWS]
        ]
    return sorted(sent, key=lambda row: row.proposal.requested_at, reverse=True)[:MAX_ROWS]


def load_changes(visit: Visit) -> list[Notification]:
    """What the person was told of what they own, use or follow, without what waits for them."""
    rows = list_latest_notifications(visit.person).exclude(kind__in=WAITING_KINDS)
    return list(rows[:MAX_ROWS])


def load_findings(visit: Visit) -> list[Finding]:
    rows = list_findings_for_stewards(visit.person).select_related("table__database")
    return list(rows.order_by("-score", "pk")[:MAX_DECISIONS])


def load_decisions(visit: Visit) -> list[Decision]:
    """The latest across the mesh."""
    rows = Decision.objects.filter(item__in=list_visible_items(visit.person).values("pk"))
    rows = rows.select_related("decided_by", "item__request__team").order_by("-pk")
    return list(limit_rows(rows, MAX_DECISIONS))


def load_accounts(visit: Visit) -> list[Account]:
    return list(list_administered_accounts(visit.person)[:MAX_ROWS])


@dataclass(frozen=True)
class BreachSection:
    """`owned` are ids of the products that the person maintains."""

    breaches: Sequence[PromiseBreach]
    owned: frozenset[int]


def load_breaches(visit: Visit) -> BreachSection | None:
    """What breaks a promise now, of what the person owns, uses or follows."""
    rows = visible_breaches(visit.person).filter(
        ended_at=None, product__in=visit.list_concerned_products().values("pk")
    )
    breaches = list(rows.select_related("product").order_by("-began_at", "-pk")[:MAX_ROWS])
    return BreachSection(breaches, visit.maintained_ids) if breaches else None


def load_questions(visit: Visit) -> list[Question]:
    """Those without an answer about the person's products, the oldest first."""
    return list(list_unanswered_questions(visit.maintained_ids)[:MAX_ROWS]) if visit.maintained_ids else []


@dataclass(frozen=True)
class EndingSection:
    """`grants` end soon; `deprecations` are of products that the person owns, uses or follows."""

    grants: Sequence[Grant]
    deprecations: Sequence[Deprecation]


def load_ending(visit: Visit) -> EndingSection | None:
    grants = list(limit_rows(filter_next_ending(list_own_grants(visit.person), visit.now), MAX_ROWS))
    rows = Deprecation.objects.filter(
        withdrawn_at=None, product__retired_at=None, product__in=visit.list_concerned_products().values("pk")
    )
    deprecations = list(
        rows.select_related("product").order_by(F("retires_on").asc(nulls_last=True), "pk")[:MAX_SHORT_ROWS]
    )
    return EndingSection(grants, deprecations) if grants or deprecations else None


def load_follows(visit: Visit) -> list[Follow]:
    return list(list_follows(visit.person)[:MAX_SHORT_ROWS])


@dataclass(frozen=True)
class NewProductSection:
    """`has_domains`: they are of domains that the person's teams requested data of; else of all."""

    products: Sequence[DataProduct]
    has_domains: bool


def load_new_products(visit: Visit) -> NewProductSection:
    """What others published last; never what the person maintains."""
    teams = get_team_ids(visit.person)
    requested = RequestItem.objects.filter(request__team__in=teams, product__isnull=False)
    others = ~Q(pk__in=visit.maintained_ids)
    theirs = others & Q(domain__in=requested.values("product__domain"))
    products = list_newest_products(visit.person, theirs, MAX_SHORT_ROWS)
    if products:
        return NewProductSection(products, has_domains=True)
    return NewProductSection(list_newest_products(visit.person, others, MAX_SHORT_ROWS), has_domains=False)
