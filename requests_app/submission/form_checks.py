"""Checks of a whole request form: purpose, end, number of items, and a repeated submission."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from django.utils.translation import gettext as _

from identity.people.models import Person
from kernel.errors import RefusedError
from requests_app.access_requests.details import RequestDetails
from requests_app.access_requests.input_checks import (
    build_form_reused_error,
    check_end,
    check_idempotency_key,
    check_request_texts,
)
from requests_app.access_requests.item_targets import EXTENT_FIELDS, get_extent
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.errors import ItemsRefusedError
from requests_app.grants.end_dates import END_TOLERANCE
from requests_app.targets.checks import is_same_row_filter
from requests_app.targets.requested_item import HasTable, RequestedItem

ITEM_FIELDS = ("product", "table", *EXTENT_FIELDS, "offer", "use")
"""Members of a checked request that an item stores under the same name."""
MAX_ITEMS = 100
"""Tables in one request, and in a basket."""
Requested = TypeVar("Requested", bound=HasTable)
Checked = TypeVar("Checked")


def check_each(requested_items: Sequence[Requested], check: Callable[[Requested], Checked]) -> list[Checked]:
    """What `check` gives for each. RefusedError of the only one; ItemsRefusedError with all invalid ones."""
    found: list[Checked] = []
    refused: dict[int, RefusedError] = {}
    for place, ask in enumerate(requested_items):
        try:
            found.append(check(ask))
        except RefusedError as error:
            refused[place] = error
    if refused and len(requested_items) == 1:
        raise refused[0]
    if refused:
        messages = {requested_items[place].table_id: error.message for place, error in refused.items()}
        raise ItemsRefusedError(min(refused), messages)
    return found


def check_form(
    details: RequestDetails, *, items: Sequence[RequestedItem], idempotency_key: str, now: datetime
) -> None:
    """RefusedError for a text too short or too long, an end out of range, no items or a table requested twice."""
    check_request_texts(details.texts)
    check_end(details.ends_at, now)
    if not items:
        raise RefusedError(_("Choose at least one table."), "items")
    if len(items) > MAX_ITEMS:
        raise RefusedError(_("Request at most %(most)s tables at once.") % {"most": MAX_ITEMS}, "items")
    if len({item.table_id for item in items}) < len(items):
        raise RefusedError(
            _("The request contains the same table twice. Select all of its columns in one place."), "items"
        )
    check_idempotency_key(idempotency_key, "idempotency_key")


def check_same_request(
    first: AccessRequest, details: RequestDetails, items: Sequence[RequestedItem], now: datetime
) -> None:
    """RefusedError if the key of an earlier request is reused with different contents."""
    before = {item.table_id: item for item in first.items.select_related("table")}
    same = len(before) == len(items) and all(_is_same_item(before.get(ask.table_id), ask) for ask in items)
    if not same or not is_same_form(first, details, now):
        raise build_form_reused_error()


def find_submitted_request(person: Person, idempotency_key: str) -> AccessRequest | None:
    """What the person sent with this form before."""
    return AccessRequest.objects.filter(requester=person, idempotency_key=idempotency_key).first()


def is_same_form(first: AccessRequest, details: RequestDetails, now: datetime) -> bool:
    """Whether a form that is sent again, now, says of the whole request what it said at first.

    It ends as it did: then, or as long after it was sent, as hours are counted.
    """
    longer = (details.ends_at - now) - (first.ends_at - first.submitted_at)
    apart = min(abs(details.ends_at - first.ends_at), abs(longer))
    return details.is_of(first) and apart < END_TOLERANCE


def _is_same_item(item: RequestItem | None, requested_item: RequestedItem) -> bool:
    if item is None or not item.target.is_single_table:
        return False
    kept, typed = ({**get_extent(row), "columns": set(row.columns)} for row in (item, requested_item))
    same = all(kept[name] == typed[name] for name in EXTENT_FIELDS if name != "row_filter")
    same = same and (item.offer_id, item.use) == (requested_item.offer_id, requested_item.use)
    return same and is_same_row_filter(requested_item.row_filter, item.row_filter, item.table)
