"""Carries out scheduled retirements of products, and tells their consumers in time: a deferred decision of the web processes.

The retirement's row says what is due: whatever a killed process left is done by the next one.
"""

import logging
from datetime import datetime

from catalog.product_lifecycle.models import Retirement
from fulfilment.background.tasks import ErrorCollector
from identity.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from requests_app.product_retirement.actions import (
    close_retired_item,
    end_retired_grant,
    retire_product,
    warn_of_retirement,
)
from requests_app.product_retirement.plan import list_due_grants, list_waiting_items
from requests_app.product_retirement.queries import list_due_retirements, list_unwarned_retirements

logger = logging.getLogger(__name__)


def carry_out_retirements(now: datetime) -> int:
    """Warn of those that come soon; end the grants and close the waiting requests of those that are due, each in its own
    transaction, and retire the products. Returns how many of these changed. A failure leaves its product for the next attempt.
    """
    faults, count = ErrorCollector(), 0
    for pk in list(list_unwarned_retirements(now).values_list("pk", flat=True)):
        with faults.collect(f"the warning of retirement {pk}"):
            warn_of_retirement(retirement_id=pk, now=now)
    for retirement in list(list_due_retirements(now).select_related("deprecation__product")):
        for grant_id in list(list_due_grants(retirement).order_by("pk").values_list("pk", flat=True)):
            with faults.collect(f"grant {grant_id} of a retired product"):
                count += _end_grant(retirement, grant_id, now)
        for item_id in list(list_waiting_items(retirement).order_by("pk").values_list("pk", flat=True)):
            with faults.collect(f"item {item_id} of a retired product"):
                count += _close_item(retirement, item_id, now)
        with faults.collect(f"retirement {retirement.pk}"):
            count += _retire(retirement, now)
    faults.raise_first()
    return count


def _end_grant(retirement: Retirement, grant_id: int, now: datetime) -> bool:
    try:
        end_retired_grant(retirement_id=retirement.pk, grant_id=grant_id, now=now)
    except (IllegalTransitionError, ForbiddenError, NotFoundError) as error:
        logger.info("grant %s of a retired product was not ended: %s", grant_id, error)
        return False
    return True


def _close_item(retirement: Retirement, item_id: int, now: datetime) -> bool:
    try:
        close_retired_item(retirement_id=retirement.pk, item_id=item_id, now=now)
    except (IllegalTransitionError, ForbiddenError, NotFoundError) as error:
        logger.info("item %s of a retired product was not closed: %s", item_id, error)
        return False
    return True


def _retire(retirement: Retirement, now: datetime) -> bool:
    """False if another process was first, or a grant is left for the next attempt."""
    try:
        retire_product(retirement_id=retirement.pk, now=now)
    except (IllegalTransitionError, ForbiddenError, NotFoundError, RefusedError) as error:
        logger.info("retirement %s was not carried out: %s", retirement.pk, error)
        return False
    return True
