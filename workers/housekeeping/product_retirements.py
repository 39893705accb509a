"""Carries out scheduled retirements of products, and tells their consumers in time. The retirement's row is the message:
whatever a killed worker left is done by the next one.
"""

import logging

from audit import clock
from catalog.product_lifecycle.models import Retirement
from fulfilment.background.tasks import ErrorCollector
from fulfilment.intents.actions import wake_scope
from identity.errors import ForbiddenError, IllegalTransitionError, NotFoundError
from requests_app.product_retirement.actions import end_retired_grant, retire_product, warn_of_retirement
from requests_app.product_retirement.plan import list_ending_grants

logger = logging.getLogger(__name__)


def retire_due_product(pk: int) -> bool:
    """End the product's grants, each in its own transaction, then retire it; False if it is not due. The failure of one grant
    leaves the product for the next attempt, after the other grants.
    """
    now = clock.now()
    row = Retirement.objects.select_related("deprecation__product").filter(pk=pk).first()
    if row is None:
        return False
    faults = ErrorCollector()
    for grant_id in list(
        list_ending_grants(row.deprecation.product).order_by("pk").values_list("pk", flat=True)
    ):
        with faults.collect(f"grant {grant_id} of a retired product"):
            _end_grant(pk, grant_id)
    faults.raise_first()
    try:
        retire_product(retirement_id=pk, now=now)
    except (IllegalTransitionError, ForbiddenError, NotFoundError) as error:
        logger.info("retirement %s was not carried out: %s", pk, error)
        return False
    return True


def warn_of_due_retirement(pk: int) -> bool:
    """Tell the consumers once; False if they were told."""
    return warn_of_retirement(retirement_id=pk, now=clock.now())


def _end_grant(retirement_id: int, grant_id: int) -> None:
    now = clock.now()
    try:
        grant = end_retired_grant(retirement_id=retirement_id, grant_id=grant_id, now=now)
    except (IllegalTransitionError, ForbiddenError, NotFoundError) as error:
        logger.info("grant %s was not ended: %s", grant_id, error)
        return
    wake_scope(scope_key=grant.intent.scope_key, reason="the data product was retired", now=now)
