"""Carries out scheduled retirements of products, and tells their consumers in time: a deferred decision of the web processes.

The retirement's row says what is due: whatever a killed process left is done by the next one.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import QuerySet

from background.tasks import ErrorCollector
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from requests_app.product_retirement.actions import (
    close_retired_item,
    end_retired_grant,
    retire_product,
    warn_of_retirement,
)
from requests_app.product_retirement.plan import list_due_grants, list_waiting_items
from requests_app.product_retirement.queries import list_due_retirements, list_unwarned_retirements

logger = logging.getLogger(__name__)
GONE = (IllegalTransitionError, ForbiddenError, NotFoundError)
LEFT = (*GONE, RefusedError)


def carry_out_retirements(now: datetime) -> int:
    """Warn of those that come soon; end the grants and close the waiting requests of those that are due, each in its own
    transaction, and retire the products. Returns how many of these changed. A failure leaves its product for the next attempt.
    """
    faults, count = ErrorCollector(), 0
    for pk in list(list_unwarned_retirements(now).values_list("pk", flat=True)):
        with faults.collect(f"the warning of retirement {pk}"):
            warn_of_retirement(retirement_id=pk, now=now)
    for retirement in list(list_due_retirements(now).select_related("deprecation__product")):
        words: dict[str, Any] = {"retirement_id": retirement.pk, "now": now}
        for grant_id in _list_ids(list_due_grants(retirement)):
            with faults.collect(what := f"grant {grant_id} of a retired product"):
                count += _is_done(what, partial(end_retired_grant, **words, grant_id=grant_id))
        for item_id in _list_ids(list_waiting_items(retirement.deprecation.product_id)):
            with faults.collect(what := f"item {item_id} of a retired product"):
                count += _is_done(what, partial(close_retired_item, **words, item_id=item_id))
        with faults.collect(what := f"retirement {retirement.pk}"):
            count += _is_done(what, partial(retire_product, **words), LEFT)
    faults.raise_first()
    return count


def _list_ids(rows: QuerySet[Any]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _is_done(what: str, action: Callable[[], object], errors: tuple[type[Exception], ...] = GONE) -> bool:
    """False if one of the errors says that another process was first, or that the next attempt has to do it."""
    try:
        action()
    except errors as error:
        logger.info("%s: not done: %s", what, error)
        return False
    return True
