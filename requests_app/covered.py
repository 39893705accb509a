"""What a principal has already: a live grant that gives all of an ask, to the same day or longer."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from identity.models import Principal
from requests_app.asks import CheckedAsk, ItemAsk, OnTable
from requests_app.ends import end_in_words
from requests_app.errors import RefusedError
from requests_app.models import GRANT_OF_ONE_TABLE, OF_ONE_TABLE, Grant, Item
from requests_app.states import GrantState, ItemState

MOST_WAITING = 3
"""Asks that wait, told of one table."""


def covering(
    asks: Sequence[ItemAsk | CheckedAsk], *, principal: Principal, ends_at: datetime
) -> dict[int, Grant]:
    """By table, the grant that gives the principal all that is asked of it until then. One query."""
    by_table = {ask.table_id: ask for ask in asks}
    live = Grant.objects.filter(
        GRANT_OF_ONE_TABLE,
        principal=principal,
        table__in=by_table,
        state=GrantState.LIVE,
        ends_at__date__gte=timezone.localdate(ends_at),
    ).select_related("item", "table__database", "principal")
    return {
        grant.table_id: grant
        for grant in live.order_by("pk")
        if _covers(grant.item, by_table[grant.table_id])
    }


def check_not_covered(ask: CheckedAsk, had: Mapping[int, Grant]) -> None:
    """RefusedError when the principal has all of this already: `had` is by table, see `covering`."""
    grant = had.get(ask.table_id)
    if grant is not None:
        raise RefusedError(covered_sentence(grant), "items")


def covered_sentence(grant: Grant) -> str:
    """Who has it, and until when."""
    end = end_in_words(grant.ends_at)
    words = {"role": grant.principal.name, "table": grant.table, "end": end}
    return _("%(role)s already has this on %(table)s until %(end)s.") % words


def waiting(asks: Sequence[OnTable], principal: Principal | None) -> dict[int, str]:
    """By table, that the principal waits for it already: since when, and who asked. One query."""
    if principal is None:
        return {}
    rows = _waiting_on([ask.table_id for ask in asks]).filter(request__principal=principal)
    return {item.table_id: _waiting_sentence(item) for item in rows}


def waiting_for(principals: QuerySet[Principal], table_id: int) -> list[str]:
    """Which of the principals wait for the table already, latest first. One query."""
    rows = _waiting_on([table_id]).filter(request__principal__in=principals.order_by())
    return [_waiting_sentence(item) for item in rows[:MOST_WAITING]]


def _waiting_on(tables: Sequence[int]) -> QuerySet[Item]:
    open_ = Item.objects.filter(
        OF_ONE_TABLE, table__in=tables, state__in=(ItemState.SUBMITTED, ItemState.RETURNED)
    )
    return open_.select_related("request__requester", "request__principal", "table__database").order_by("-pk")


def _waiting_sentence(item: Item) -> str:
    words = {
        "role": item.request.principal.name,
        "name": item.request.requester.name,
        "table": item.table,
        "day": date_format(timezone.localtime(item.request.submitted_at), "j F Y"),
    }
    return _("%(name)s asked for %(table)s for %(role)s on %(day)s: that waits for a decision.") % words


def extended_by(item: Item) -> Grant | None:
    """The live grant that gives the item's principal all of this, and ends sooner: the item asks for longer."""
    request = item.request
    live = Grant.objects.filter(
        item__tags=item.tags,
        item__whole_database=item.whole_database,
        principal=request.principal,
        table=item.table_id,
        state=GrantState.LIVE,
        ends_at__lt=item.ends_at,
    ).select_related("item")
    asked = ItemAsk(
        item.table_id,
        tuple(item.columns),
        item.whole_table,
        None,
        item.row_rule,
        item.metadata_only,
        use=item.use,
    )
    others = live.exclude(item=item).order_by("-ends_at")
    return next((grant for grant in others if _covers(grant.item, asked)), None)


def _covers(given: Item, ask: ItemAsk | CheckedAsk) -> bool:
    """Whether what was given contains what is asked for; the metadata come with anything."""
    if ask.metadata_only or given.metadata_only:
        return ask.metadata_only
    if ask.use and given.use not in {"", ask.use}:
        return False
    if given.row_rule not in {"", ask.row_rule}:
        return False
    return given.whole_table or (not ask.whole_table and set(ask.columns) <= set(given.columns))
