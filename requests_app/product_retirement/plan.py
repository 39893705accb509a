"""Which grants end when a product is retired."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.mirror.models import Table
from catalog.product_lifecycle.models import Retirement, compute_lifecycle_digest
from catalog.products.models import DataProduct, ProductTable
from identity.people.models import Person
from lakeformation.values.canonical_json import digest
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import OPEN_ITEM_STATES
from requests_app.grants.models import Grant, build_single_table_filter
from requests_app.grants.queries import GRANT_RELATED_FIELDS, build_reach_filter
from requests_app.grants.states import GrantState


@dataclass(frozen=True)
class PlannedEnd:
    """A grant with the time at which it ends: the product's, or its own where that comes first."""

    grant: Grant
    ends_at: datetime
    is_earlier: bool

    def to_json(self) -> dict[str, Any]:
        return {"grant": self.grant.pk, "ends_at": self.ends_at.isoformat()}


@dataclass(frozen=True)
class RetirementPlan:
    """`kept` also give access to the product's tables, and stay: they were requested for another product, for a whole
    database, or by LF-Tags. `waiting_count` is of requests that are not decided.
    """

    product: DataProduct
    due_at: datetime
    ends: tuple[PlannedEnd, ...]
    kept: tuple[Grant, ...]
    waiting_count: int
    digest: str

    @property
    def teams(self) -> list[str]:
        return sorted({end.grant.item.request.team.name for end in self.ends})


def build_plan(product: DataProduct, due_at: datetime | None, now: datetime) -> RetirementPlan:
    """As things are; without `due_at` the product is retired at once."""
    moment = due_at or now
    rows = list_ending_grants(product).select_related(*GRANT_RELATED_FIELDS)
    ends = tuple(
        PlannedEnd(row, min(row.ends_at, moment), row.ends_at <= moment)
        for row in rows.order_by("pk")
        if row.ends_at > now
    )
    kept = _list_kept_grants(product).select_related(*GRANT_RELATED_FIELDS).order_by("pk")
    shown = [
        compute_lifecycle_digest(product),
        due_at.isoformat() if due_at else None,
        [[end.grant.pk, end.grant.ends_at.isoformat()] for end in ends],
    ]
    return RetirementPlan(
        product, moment, ends, tuple(kept), list_waiting_items(product.pk).count(), digest(shown)
    )


def list_ending_grants(product: DataProduct) -> QuerySet[Grant]:
    """Live ones that were requested for it, and those of its tables that were requested for no product and are in no other
    published one.
    """
    own = ProductTable.objects.filter(product=product, table=OuterRef("table"))
    others = ProductTable.objects.filter(product__is_published=True, table=OuterRef("table")).exclude(
        product=product
    )
    alone = build_single_table_filter() & Q(Exists(own), ~Exists(others), item__product=None)
    return Grant.objects.filter(Q(item__product=product) | alone, state=GrantState.LIVE)


def list_due_grants(retirement: Retirement) -> QuerySet[Grant]:
    """Lists grants of the confirmed plan, and later ones of the product, that have not ended. No later one may end after it."""
    planned = [one["grant"] for one in retirement.planned]
    named = Q(item__product=retirement.deprecation.product_id)
    return Grant.objects.filter(Q(pk__in=planned) | named, state=GrantState.LIVE)


def list_waiting_items(product_id: int) -> QuerySet[RequestItem]:
    """Lists the product's items that are not decided. Once its retirement is due, no later one can be sent."""
    return RequestItem.objects.filter(product=product_id, state__in=OPEN_ITEM_STATES)


def list_affected_grants(product: DataProduct) -> QuerySet[Grant]:
    """Lists grants whose people are told of a breaking change, with their requests, by team."""
    rows = list_ending_grants(product).select_related(*GRANT_RELATED_FIELDS)
    return rows.order_by("item__request__team__name", "pk")


def list_consumers(grants: Iterable[Grant]) -> list[Person]:
    """Who requested them, or took that over, and the people responsible for their service roles; once each."""
    found: dict[int, Person] = {}
    for grant in grants:
        request = grant.item.request
        people = (request.current_requester, request.principal.active_responsible_person)
        found |= {person.pk: person for person in people if person is not None and person.is_active}
    return list(found.values())


def list_product_consumers(product: DataProduct) -> list[Person]:
    """Lists the people of every grant that gives access to its tables, but those that were requested for another product."""
    reaching = _list_kept_grants(product).filter(~build_single_table_filter())
    rows = Grant.objects.filter(Q(pk__in=list_ending_grants(product)) | Q(pk__in=reaching))
    return list_consumers(rows.select_related(*GRANT_RELATED_FIELDS).order_by("pk"))


def list_table_consumers(table: Table) -> list[Person]:
    """Lists the people of every live grant that gives access to the table."""
    rows = Grant.objects.filter(
        build_single_table_filter() & Q(table=table) | build_reach_filter(table), state=GrantState.LIVE
    )
    return list_consumers(rows.select_related(*GRANT_RELATED_FIELDS).order_by("pk"))


def _list_kept_grants(product: DataProduct) -> QuerySet[Grant]:
    reached = build_single_table_filter() & Q(table__in=product.product_tables.values("table"))
    for table in product.tables.select_related("database"):
        reached |= build_reach_filter(table)
    rows = Grant.objects.filter(reached, state=GrantState.LIVE)
    return rows.exclude(pk__in=list_ending_grants(product))
