"""Requests and items that a person may see, with the rows that pages show. Absent and forbidden look alike."""

from typing import TypeVar

from django.db.models import Model, Prefetch, Q, QuerySet

from identity.errors import NotFoundError
from identity.people.models import Person
from requests_app.access_requests.may import list_visible_items
from requests_app.access_requests.models import AccessRequest, Decision, RequestItem

Row = TypeVar("Row", bound=Model)

ITEM_RELATED_FIELDS = (
    "requester",
    "request__requester",
    "request__taken_over_by",
    "request__team",
    "request__principal__account__team",
    "request__group",
    "product__domain__owner_team",
    "table__database__catalog__account",
    "table__database__domain__owner_team",
    "offer",
)
COMMENT_AND_CHANGE_FIELDS = ("remarks__author", "changes__created_by")
"""Of an item: what was said on it, and what was changed."""


def get_request(person: Person, pk: int) -> AccessRequest:
    """The request with those of its items that the person may see. NotFoundError."""
    seen = Q(requester=person) | Q(pk__in=list_visible_items(person).values("request"))
    rows = _prefetch_items(AccessRequest.objects.filter(seen), person)
    return get_visible(rows.prefetch_related(*(f"items__{path}" for path in COMMENT_AND_CHANGE_FIELDS)), pk)


def list_own_requests(person: Person) -> QuerySet[AccessRequest]:
    """What the person requested or took over, newest first."""
    mine = Q(requester=person) | Q(taken_over_by=person)
    return _prefetch_items(AccessRequest.objects.filter(mine), person).order_by("-pk")


def list_visible_requests(person: Person) -> QuerySet[AccessRequest]:
    """Every request of which the person may see an item, newest first."""
    seen = Q(requester=person) | Q(pk__in=list_visible_items(person).values("request"))
    return _prefetch_items(AccessRequest.objects.filter(seen), person).order_by("-pk")


def prefetch_item_rows(items: QuerySet[RequestItem]) -> QuerySet[RequestItem]:
    """With all that a list of items shows of them. Two queries."""
    decisions = Prefetch(
        "decisions", Decision.objects.select_related("decided_by", "on_behalf_of").order_by("pk")
    )
    rows = items.select_related(*ITEM_RELATED_FIELDS, "grant__intent__evidence", "grant__ended_by")
    return rows.prefetch_related(decisions)


def get_visible(rows: QuerySet[Row], pk: int) -> Row:
    """The row with this id among those that a person may see. NotFoundError."""
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFoundError
    return row


def _prefetch_items(requests: QuerySet[AccessRequest], person: Person) -> QuerySet[AccessRequest]:
    items = prefetch_item_rows(
        RequestItem.objects.filter(Q(requester=person) | Q(pk__in=list_visible_items(person).values("pk")))
    )
    rows = requests.select_related("requester", "taken_over_by", "team", "principal__account__team", "group")
    return rows.prefetch_related(Prefetch("items", items.order_by("pk")))
