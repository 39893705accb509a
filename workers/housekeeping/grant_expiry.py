"""Expires grants that are due, and warns of grants that end soon. Access ends in time without it:
`build_desired_state()` compares times.
"""

import logging

from fulfilment.intents.actions import wake_scope
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError
from requests_app.grants.actions import expire_grant
from requests_app.grants.expiry_warnings import list_unwarned_grants, warn_expiry
from requests_app.grants.may import may_warn_expiry

logger = logging.getLogger(__name__)


def expire_due_grant(pk: int) -> bool:
    """Expire the grant and wake its scope; False if it is not due, mostly as another worker was first."""
    now = clock.now()
    try:
        grant = expire_grant(grant_id=pk, now=now)
        wake_scope(scope_key=grant.intent.scope_key, reason="the grant expired", now=now)
    except (IllegalTransitionError, ForbiddenError, NotFoundError) as error:
        logger.debug("grant %s was not expired: %s", pk, error)
        return False
    return True


def warn_of_expiry(pk: int) -> bool:
    """Warn once of a grant that ends soon; False if nobody is to be warned of it."""
    now = clock.now()
    grant = list_unwarned_grants(now).filter(pk=pk).first()
    if grant is None or not may_warn_expiry(grant, now):
        return False
    try:
        warn_expiry(grant_id=pk, now=now)
    except (ForbiddenError, NotFoundError) as error:
        logger.info("grant %s was not warned of: %s", pk, error)
        return False
    return True
