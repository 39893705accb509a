"""Close the rows of grants whose end has come, and warn of those that come. Access does not wait for it:
`desired()` compares times.
"""

import logging
from datetime import datetime

from audit import clock
from fulfilment.background.parts import Faults
from fulfilment.intents.actions import wake
from identity.errors import ForbiddenError, NotFoundError
from requests_app.grants.actions import expire_grant
from requests_app.grants.expiry_warnings import list_unwarned_grants, warn_expiry
from requests_app.grants.may import may_warn_expiry
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState
from requests_app.state_transitions import IllegalTransitionError

logger = logging.getLogger(__name__)
MOST_WARNED = 200
"""In one pass of the sweep."""


def expire_due() -> int:
    """Expire each due grant in a transaction of its own, so that one bad row stops no other."""
    now = clock.now()
    due = Grant.objects.filter(state=GrantState.LIVE, ends_at__lte=now).order_by("ends_at")
    count, faults = 0, Faults()
    for pk in due.values_list("pk", flat=True):
        with faults.caught(f"the expiry of grant {pk}"):
            count += _expired(pk, now)
    faults.raise_first()
    return count


def _expired(pk: int, now: datetime) -> bool:
    try:
        grant = expire_grant(grant_id=pk, now=now)
        wake(scope_key=grant.intent.scope_key, reason="its time has come", now=now)
    except (IllegalTransitionError, ForbiddenError, NotFoundError) as error:
        # Mostly another worker's, a moment ago.
        logger.debug("grant %s was not expired: %s", pk, error)
        return False
    return True


def warn_due() -> int:
    """Say once of each grant that it ends soon; how many were said."""
    now = clock.now()
    due = [grant.pk for grant in list_unwarned_grants(now)[:MOST_WARNED] if may_warn_expiry(grant, now)]
    faults = Faults()
    for pk in due:
        with faults.caught(f"the warning of the end of grant {pk}"):
            try:
                warn_expiry(grant_id=pk, now=now)
            except (ForbiddenError, NotFoundError) as error:
                logger.info("grant %s was not warned of: %s", pk, error)
    faults.raise_first()
    return len(due)
