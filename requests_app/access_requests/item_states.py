"""The one place that writes the state of an item."""

from collections.abc import Iterable
from datetime import datetime

from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import ItemState


def save_item_state(
    item: RequestItem, state: ItemState, now: datetime, extra_fields: Iterable[str] = ()
) -> None:
    """`extra_fields` are saved as well."""
    item.state, item.state_changed_at = state, now
    item.save(update_fields=["state", "state_changed_at", *extra_fields])
