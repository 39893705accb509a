"""What the request form of a table says before anyone types: the usual, what lies in the basket, or a live grant's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from catalog.browse.tables import TablePage
from catalog.mirror.models import Classification, Column
from identity.errors import NotFoundError
from identity.people.models import Person
from portal.pages.row_ids import id_in
from portal.request_form.forms import Extent, first_values, usual_end, usual_ends
from requests_app.access_requests.models import AccessRequest, Item
from requests_app.grants.models import Grant
from requests_app.grants.queries import get_grant
from requests_app.grants.states import GrantState
from requests_app.submission.models import BasketItem
from requests_app.targets.recipients import (
    build_recipient_key,
    get_recipient_key,
    list_recipient_keys,
    list_recipients,
)


def days_to_choose(now: datetime) -> dict[str, object]:
    """For the field of the end: usual days, and the first and last that are allowed."""
    return {
        "ends": usual_ends(now),
        "first_day": now.date(),
        "last_day": (now + timedelta(days=settings.LONGEST_ACCESS_DAYS)).date(),
    }


@dataclass(frozen=True)
class Prefilled:
    """Ticked columns and the form's values; `in_basket`, or the grant that is to last longer, if it is of one, or the
    one that ended meanwhile.
    """

    columns: tuple[str, ...]
    values: dict[str, Any]
    in_basket: BasketItem | None = None
    extends: Grant | None = None
    ended: Grant | None = None


def prefilled(person: Person, page: TablePage, extends: str, now: datetime) -> Prefilled:
    """`extends` is the id of a grant on the table, or empty. NotFoundError when it is not theirs to extend; what has
    ended is asked for anew.
    """
    values = first_values(list_recipients(person), last_reader(person), now)
    if extends:
        return _longer(_grant(person, page, extends), values, now)
    mine = BasketItem.objects.filter(basket__person=person, table=page.table.pk)
    kept = mine.select_related("basket__team").order_by("-pk").first()
    return _kept(person, kept, values) if kept else Prefilled(usual_columns(page.table.columns), values)


def usual_columns(columns: Iterable[Column]) -> tuple[str, ...]:
    """All but the sensitive ones, which one ticks on purpose."""
    return tuple(c.name for c in columns if c.classification != Classification.SENSITIVE)


def last_reader(person: Person) -> str:
    """The key of the role or group asked for last time; an account as a whole is never chosen for anybody."""
    asked = AccessRequest.objects.filter(requester=person).order_by("-pk")
    roles = asked.exclude(principal__arn=F("principal__unique_id"), group=None)
    last = roles.values_list("principal", "group").first()
    return build_recipient_key(*last) if last else ""


def _grant(person: Person, page: TablePage, said: str) -> Grant:
    pk = id_in(said)
    if pk is None:
        raise NotFoundError
    grant = get_grant(person, pk)
    # Whoever may ask for the grant's reader may ask for it to last longer.
    is_theirs = get_recipient_key(grant.item.request) in list_recipient_keys(person)
    if grant.table_id != page.table.pk or not is_theirs:
        raise NotFoundError
    return grant


def _longer(grant: Grant, values: dict[str, Any], now: datetime) -> Prefilled:
    """The same again, for longer. The running grant goes on as it is."""
    item = grant.item
    same: dict[str, Any] = {
        "purpose": item.request.purpose,
        "principal": get_recipient_key(item.request),
    }
    live = grant.state == GrantState.LIVE
    same["ends_on"] = usual_end(timezone.localtime(grant.ends_at), now) if live else values["ends_on"]
    picked, said = tuple(item.columns), values | _of(item) | same
    return Prefilled(picked, said, extends=grant) if live else Prefilled(picked, said, ended=grant)


def _kept(person: Person, kept: BasketItem, values: dict[str, Any]) -> Prefilled:
    basket = kept.basket
    theirs = [one.key for one in list_recipients(person) if one.principal.account.team_id == basket.team_id]
    chosen = (get_recipient_key(basket), values["principal"], *theirs)
    words = {
        "purpose": basket.purpose,
        "principal": next((key for key in chosen if key in theirs), None),
        "ends_on": basket.ends_on or values["ends_on"],
    }
    return Prefilled(tuple(kept.columns), values | _of(kept) | words, in_basket=kept)


def _of(row: Item | BasketItem) -> dict[str, Any]:
    whole = Extent.WHOLE if row.whole_table else Extent.COLUMNS
    return {
        "row_rule": row.row_rule,
        "extent": Extent.METADATA if row.metadata_only else whole,
        "use": row.use,
        "offer": row.offer_id,
    }
