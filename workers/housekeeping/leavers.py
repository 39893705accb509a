"""Reports what deactivated people leave behind to owners and team, whoever deactivated them."""

from audit import clock
from requests_app.leavers.actions import report_departure
from requests_app.leavers.queries import list_unreported_items

BATCH_SIZE = 500


def report_departures() -> int:
    """Each in its own transaction; returns how many."""
    now = clock.now()
    untold = list_unreported_items().order_by("pk").values_list("pk", flat=True)
    return sum(report_departure(item_id=pk, now=now) for pk in list(untold[:BATCH_SIZE]))
