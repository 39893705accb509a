"""Expires grants that are due, and warns of grants that end soon. Access ends in time without it:
`build_desired_state()` compares times.
"""

import logging
from datetime import datetime

from audit import clock
from fulfilment.background.tasks import ErrorCollector
from fulfilment.intents.actions import wake_scope
from identity.errors import ForbiddenError, IllegalTransitionError, NotFoundError
from requests_app.grants.actions import expire_grant
from requests_app.grants.expiry_warnings import list_unwarned_grants, warn_expiry
from requests_app.grants.may import may_warn_expiry
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState

logger = logging.getLogger(__name__)
MAX_WARNINGS = 200
"""In one pass of the sweep."""


def expire_due_grants() -> int:
    """Expire each due grant in a transaction of its own, so that one bad row stops no other."""
    now = clock.now()
    due = Grant.objects.filter(state=GrantState.LIVE, ends_at__lte=now).order_by("ends_at")
    count, faults = 0, ErrorCollector()
    for pk in due.values_list("pk", flat=True):
        with faults.collect(f"the expiry of grant {pk}"):
            count += _expire(pk, now)
    faults.raise_first()
    return count


def _expire(pk: int, now: datetime) -> bool:
    try:
        grant = expire_grant(grant_id=pk, now=now)
        wake_scope(scope_key=grant.intent.scope_key, reason="the grant expired", now=now)
    except (IllegalTransitionError, ForbiddenError, NotFoundError) as error:
        # Mostly another worker's, a moment ago.
        logger.debug("grant %s was not expired: %s", pk, error)
        return False
    return True


def warn_of_expiry() -> int:
    """Warn once of each grant that ends soon; returns how many."""
    now = clock.now()
    due = [grant.pk for grant in list_unwarned_grants(now)[:MAX_WARNINGS] if may_warn_expiry(grant, now)]
    faults = ErrorCollector()
    for pk in due:
        with faults.collect(f"the warning of the end of grant {pk}"):
            try:
                warn_expiry(grant_id=pk, now=now)
            except (ForbiddenError, NotFoundError) as error:
                logger.info("grant %s was not warned of: %s", pk, error)
    faults.raise_first()
    return len(due)
