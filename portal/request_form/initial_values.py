"""Initial values of the table request form: defaults, basket item or grant to extend."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F
from django.http import QueryDict
from django.utils import timezone

from catalog.browse.products import get_product
from catalog.browse.tables import TablePage
from catalog.mirror.models import Classification, ColumnFacts
from catalog.products.models import DataProduct
from identity.people.models import Person
from kernel.errors import NotFoundError
from portal.pages.row_ids import parse_id
from portal.request_form.forms import get_default_end, get_default_values, list_end_date_choices
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.grants.models import Grant
from requests_app.grants.queries import get_grant
from requests_app.grants.states import GrantState
from requests_app.mesh.joinable import Join, list_product_joins
from requests_app.policy_engine.request_texts import get_texts
from requests_app.submission.models import BasketItem
from requests_app.targets.recipients import (
    Recipient,
    build_recipient_key,
    get_recipient_key,
)

EARLIER_PURPOSE = "earlier_purpose"
"""The name of the buttons that take over an earlier purpose. They request nothing."""


def build_end_date_context(now: datetime) -> dict[str, object]:
    """Suggested end dates, and the first and last allowed day."""
    return {
        "end_date_choices": list_end_date_choices(now),
        "first_day": now.date(),
        "last_day": (now + timedelta(days=settings.LONGEST_ACCESS_DAYS)).date(),
    }


@dataclass(frozen=True)
class InitialValues:
    """Selected columns and the form's values, and what they come from: the basket item, the live grant that is to be
    extended, or the ended one. `join`: the table is requested to combine it with `join_product`.
    """

    columns: tuple[str, ...]
    values: dict[str, Any]
    basket_item: BasketItem | None = None
    join: Join | None = None
    join_product: DataProduct | None = None
    extends: Grant | None = None
    ended_grant: Grant | None = None


def get_initial_values(
    person: Person, page: TablePage, extends: str, recipients: Sequence[Recipient], now: datetime
) -> InitialValues:
    """`extends` is the id of a grant on the table, or empty. NotFoundError if none of the `recipients` holds it; an
    ended grant is requested again.
    """
    values = get_default_values(recipients, get_last_recipient_key(person), now)
    if extends:
        pk = parse_id(extends)
        if pk is None:
            raise NotFoundError
        grant = get_grant(person, pk)
        # People who may request for the recipient may extend its grants.
        is_theirs = get_recipient_key(grant.item.request) in {recipient.key for recipient in recipients}
        if grant.table_id != page.table.pk or not is_theirs:
            raise NotFoundError
        item = grant.item
        same: dict[str, Any] = {
            **get_texts(item.request),
            "principal": get_recipient_key(item.request),
        }
        live = grant.state == GrantState.LIVE
        same["ends_on"] = (
            get_default_end(timezone.localtime(grant.ends_at), now) if live else values["ends_on"]
        )
        picked, said = tuple(item.columns), values | _build_item_values(item) | same
        return (
            InitialValues(picked, said, extends=grant)
            if live
            else InitialValues(picked, said, ended_grant=grant)
        )
    mine = BasketItem.objects.filter(basket__person=person, table=page.table.pk)
    kept = mine.select_related("basket__team").order_by("-pk").first()
    if not kept:
        return InitialValues((), values)
    basket = kept.basket
    theirs = [
        recipient.key for recipient in recipients if recipient.principal.account.team_id == basket.team_id
    ]
    chosen = (get_recipient_key(basket), values["principal"], *theirs)
    words = {
        **get_texts(basket),
        "principal": next((key for key in chosen if key in theirs), None),
        "ends_on": basket.ends_on or values["ends_on"],
    }
    return InitialValues(tuple(kept.columns), values | _build_item_values(kept) | words, basket_item=kept)


def add_join(person: Person, start: InitialValues, page: TablePage, slug: str) -> InitialValues:
    """Select the column by which the table joins with the product of this name, besides those that are selected. NotFoundError."""
    if not slug:
        return start
    product = get_product(person, slug)
    joins = list_product_joins(person, product)
    join = next((join for join in joins if join.second.table == page.table.pk), None)
    if join is None:
        return start
    columns = tuple(dict.fromkeys([*start.columns, join.second.column]))
    return replace(start, columns=columns, join=join, join_product=product)


def parse_typed_values(said: QueryDict) -> dict[str, Any]:
    """What a form was sent with, as values of an unbound form. A day that is none stays text; an earlier purpose that was chosen
    replaces the one that was typed.
    """
    typed: dict[str, Any] = said.dict()
    typed["purpose"] = typed.get(EARLIER_PURPOSE, typed.get("purpose", ""))
    with suppress(ValueError):
        typed["ends_on"] = date.fromisoformat(typed.get("ends_on", ""))
    return typed


def list_non_sensitive_columns(columns: Iterable[ColumnFacts]) -> tuple[str, ...]:
    """Their names."""
    return tuple(c.name for c in columns if c.classification != Classification.SENSITIVE)


def get_last_recipient_key(person: Person) -> str:
    """The key of the last requested role or group; accounts are skipped."""
    asked = AccessRequest.objects.filter(requester=person).order_by("-pk")
    roles = asked.exclude(principal__arn=F("principal__unique_id"), group=None)
    last = roles.values_list("principal", "group").first()
    return build_recipient_key(*last) if last else ""


def _build_item_values(row: RequestItem | BasketItem) -> dict[str, Any]:
    return {
        "row_filter": row.row_filter,
        "extent": row.target.table_fact,
        "use": row.use,
        "offer": row.offer_id,
    }
