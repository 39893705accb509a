"""What a principal already has, or has requested, of what is requested."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from fulfilment.preview import is_location_in_hybrid_mode
from identity.accounts import Principal
from kernel.errors import RefusedError
from kernel.queries import QueryCache
from requests_app.access_requests.item_targets import (
    build_same_target_filter,
    filter_items_of_tables,
    find_by_place,
    get_extent,
    get_target_kind,
)
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.grants.end_dates import END_TOLERANCE, format_nearest_end
from requests_app.grants.models import EFFECTIVE_GRANTS, Grant
from requests_app.targets.requested_item import CheckedItem, HasTable, RequestedItem

MAX_DESCRIBED_ITEMS = 3
"""Waiting requests, described for one table."""


def find_covering_grants(
    requested_items: Sequence[RequestedItem | CheckedItem], *, principal: Principal, ends_at: datetime
) -> dict[int, Grant]:
    """By table, the grant that gives the principal all that is requested until then: its own, or one of its whole
    database. One query, two more where any is found, and two more where there is one of a database.
    """
    by_table = {ask.table_id: ask for ask in requested_items}
    live = Grant.objects.filter(
        EFFECTIVE_GRANTS,
        filter_items_of_tables(by_table, "item__"),
        principal=principal,
        ends_at__gt=ends_at - END_TOLERANCE,
    )
    grants = list(live.select_related("item").prefetch_related("table__database").order_by("pk"))
    for grant in grants:
        grant.principal, grant.item.table = principal, grant.table
    named = [(grant.table_id, grant) for grant in grants if grant.item.target.is_single_table]
    found = [*_iterate_database_grants(grants, by_table), *named]
    return {table: grant for table, grant in found if _is_covered_by(grant.item, by_table[table])}


def check_not_covered(checked_item: CheckedItem, covering_grants: Mapping[int, Grant]) -> None:
    """RefusedError when the principal has all of this already: `covering_grants` is by table."""
    grant = covering_grants.get(checked_item.table_id)
    if grant is not None:
        raise RefusedError(describe_coverage(grant), "items")


def describe_coverage(grant: Grant) -> str:
    """Who has it, and until when."""
    end = format_nearest_end(grant)
    words = {"role": grant.principal.name, "what": grant.item.name, "end": end}
    if grant.principal.is_account:
        words["role"] = grant.principal.account.name
        message = _(
            "%(role)s already has access to %(what)s until %(end)s. Its admins pass it on to its local groups."
        )
        return message % words
    return _("%(role)s already has access to %(what)s until %(end)s.") % words


def _iterate_database_grants(grants: Sequence[Grant], tables: Collection[int]) -> Iterator[tuple[int, Grant]]:
    """Yields tables that a grant of all that is in a place opens: not what lies in hybrid access mode, where a
    reader opts in table by table.
    """
    by_place = {grant.item.target.place: grant for grant in grants if grant.item.target.place}
    if not by_place:
        return
    rows, readings = Table.objects.filter(pk__in=tables), QueryCache()
    for table in rows.select_related("database__catalog__account"):
        grant = find_by_place(by_place, table)
        if grant and not is_location_in_hybrid_mode(table.database.catalog, table.location, readings):
            yield table.pk, grant


def describe_waiting_items(
    requested_items: Sequence[HasTable], principal: Principal | None
) -> dict[int, str]:
    """By table, that the principal waits for it already, or for its whole database: since when, and who requested it.
    One query, and another where a database waits.
    """
    if principal is None:
        return {}
    tables = [ask.table_id for ask in requested_items]
    rows = list(_list_waiting_items(tables).filter(request__principal=principal))
    whole = {item.target.place: item for item in rows if item.target.place}
    inside = Table.objects.filter(pk__in=tables).select_related("database") if whole else ()
    found = {table.pk: item for table in inside if (item := find_by_place(whole, table))}
    found |= {item.table_id: item for item in rows if item.target.is_single_table}
    return {table: _describe_waiting(item) for table, item in found.items()}


def describe_waiting_principals(principals: Collection[int], table_id: int) -> list[str]:
    """Which of the principals, by their ids, wait for the table already, or for its whole database, latest first.
    One query.
    """
    rows = _list_waiting_items([table_id]).filter(request__principal__in=principals)
    return [_describe_waiting(item) for item in rows[:MAX_DESCRIBED_ITEMS]]


def _list_waiting_items(tables: Collection[int]) -> QuerySet[RequestItem]:
    open_ = RequestItem.objects.filter(
        filter_items_of_tables(tables),
        state__in=(ItemState.SUBMITTED, ItemState.RETURNED),
    )
    return open_.select_related("request__requester", "request__principal", "table__database").order_by("-pk")


def _describe_waiting(item: RequestItem) -> str:
    words = {
        "role": item.request.principal.name,
        "name": item.request.requester.name,
        "table": item.name,
        "day": date_format(timezone.localtime(item.request.submitted_at), _("j F Y")),
    }
    return (
        _("%(name)s requested %(table)s for %(role)s on %(day)s. That request waits for a decision.") % words
    )


def find_extended_grant(item: RequestItem) -> Grant | None:
    """The live grant that gives the item's principal all of this, and ends sooner: the item extends it."""
    request = item.request
    live = Grant.objects.filter(
        EFFECTIVE_GRANTS,
        build_same_target_filter(item, "item__"),
        principal=request.principal,
        table=item.table_id,
        ends_at__lt=item.ends_at,
    ).select_related("item")
    asked = RequestedItem(item.table_id, product_id=None, use=item.use, **get_extent(item))
    others = live.exclude(item=item).order_by("-ends_at")
    return next((grant for grant in others if _is_covered_by(grant.item, asked)), None)


def _is_covered_by(granted_item: RequestItem, requested_item: RequestedItem | CheckedItem) -> bool:
    """Whether what was granted contains what is requested; metadata come with every grant."""
    asked = get_target_kind(requested_item)
    if not (asked.shows_data and granted_item.target.shows_data):
        return not asked.shows_data
    if requested_item.use and granted_item.use not in {"", requested_item.use}:
        return False
    if granted_item.row_filter not in {"", requested_item.row_filter}:
        return False
    return granted_item.target.has_future_columns or (
        not asked.has_future_columns and set(requested_item.columns) <= set(granted_item.columns)
    )
