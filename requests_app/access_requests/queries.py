"""Requests and items that a person may see, with the rows that pages show. Absent and forbidden look alike."""

from collections.abc import Collection

from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects

from identity.people.may import get_team_ids
from identity.people.models import Person
from kernel.errors import NotFoundError
from kernel.queries import get_first_row
from requests_app.access_requests.may import list_visible_items, may_view_item
from requests_app.access_requests.models import AccessRequest, Decision, RequestItem

REQUEST_RELATED_FIELDS = ("requester", "taken_over_by", "team", "principal__account__team", "group")
ITEM_OWN_FIELDS = (
    "requester",
    "product__domain__owner_team",
    "table__database__catalog__account",
    "table__database__domain__owner_team",
    "offer",
)
"""Of an item, without its request's."""
ITEM_RELATED_FIELDS = (*ITEM_OWN_FIELDS, *(f"request__{path}" for path in REQUEST_RELATED_FIELDS))
ITEM_VISIBILITY_FIELDS = ("request__principal__account", "table__database__domain", "product__domain")
"""What `may_view_item` reads of an item."""
COMMENT_AND_CHANGE_FIELDS = ("remarks__author", "changes__created_by")
"""Of an item: what was said on it, and what was changed."""


def get_request(person: Person, pk: int) -> AccessRequest:
    """The request with those of its items that the person may see. NotFoundError."""
    request = AccessRequest.objects.select_related(*REQUEST_RELATED_FIELDS).filter(pk=pk).first()
    if request is None:
        raise NotFoundError
    is_own = request.requester_id == person.pk
    items = prefetch_item_rows(
        RequestItem.objects.all() if is_own else list_visible_items(person), ITEM_OWN_FIELDS
    )
    items = items.prefetch_related(*COMMENT_AND_CHANGE_FIELDS).order_by("pk")
    prefetch_related_objects([request], Prefetch("items", items))
    if not is_own and not request.items.all():
        raise NotFoundError
    return request


def list_own_requests(person: Person) -> QuerySet[AccessRequest]:
    """What the person requested or took over, newest first."""
    mine = Q(requester=person) | Q(taken_over_by=person)
    return _prefetch_items(AccessRequest.objects.filter(mine), person).order_by("-pk")


MAX_PURPOSES = 5
RECENT_REQUESTS = 50


def list_earlier_purposes(person: Person) -> list[str]:
    """Purposes of the latest requests of the person, then of their teams, each once. One query besides that of the teams."""
    rows = AccessRequest.objects.filter(Q(requester=person) | Q(team__in=get_team_ids(person))).order_by(
        "-pk"
    )
    texts = list(rows.values_list("requester", "purpose")[:RECENT_REQUESTS])
    own_first = sorted(texts, key=lambda row: row[0] != person.pk)
    return list(dict.fromkeys(purpose for _requester, purpose in own_first))[:MAX_PURPOSES]


def list_visible_requests(person: Person) -> QuerySet[AccessRequest]:
    """Every request of which the person may see an item, newest first."""
    seen = Q(requester=person) | Q(pk__in=list_visible_items(person).values("request"))
    return _prefetch_items(AccessRequest.objects.filter(seen), person).order_by("-pk")


def prefetch_item_rows(
    items: QuerySet[RequestItem], related_fields: Collection[str] = ITEM_RELATED_FIELDS
) -> QuerySet[RequestItem]:
    """With all that a list of items shows of them. Two queries."""
    decisions = Prefetch(
        "decisions", Decision.objects.select_related("decided_by", "on_behalf_of").order_by("pk")
    )
    rows = items.select_related(*related_fields, "grant__intent__evidence", "grant__ended_by")
    return rows.prefetch_related(decisions)


def get_visible_item(rows: QuerySet[RequestItem], person: Person, pk: int) -> RequestItem:
    """The item with this id if the person may see it. NotFoundError.

    `rows` select `ITEM_VISIBILITY_FIELDS` at least: PostgreSQL plans the query of all visible items for longer than it
    runs.
    """
    item = get_first_row(rows.filter(pk=pk))
    if item is None or not may_view_item(person, item):
        raise NotFoundError
    return item


def _prefetch_items(requests: QuerySet[AccessRequest], person: Person) -> QuerySet[AccessRequest]:
    items = prefetch_item_rows(
        RequestItem.objects.filter(Q(requester=person) | Q(pk__in=list_visible_items(person).values("pk"))),
        ITEM_OWN_FIELDS,
    )
    rows = requests.select_related(*REQUEST_RELATED_FIELDS)
    return rows.prefetch_related(Prefetch("items", items.order_by("pk")))
