"""Reports what people who left leave behind to owners and team, whoever deactivated or removed them."""

from identity.service_tokens.actions import end_left_service_token
from identity.service_tokens.queries import list_left_service_tokens
from kernel import clock
from requests_app.leavers import actions as leavers_actions
from requests_app.leavers.actions import report_departure
from requests_app.leavers.queries import list_unreported_items

BATCH_SIZE = 500


def report_departures() -> int:
    """Each in its own transaction; returns how many."""
    now = clock.now()
    untold = list_unreported_items().order_by("pk").values_list("pk", flat=True)
    left = list_left_service_tokens().order_by("pk").values_list("pk", flat=True)
    ended = sum(end_left_service_token(token_id=pk, now=now) for pk in list(left[:BATCH_SIZE]))
    return ended + sum(report_departure(item_id=pk, now=now) for pk in list(untold[:BATCH_SIZE]))


def report_vacancies() -> int:
    """In one transaction; returns how many are new."""
    return leavers_actions.report_vacancies(now=clock.now())
