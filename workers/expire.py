"""Close the rows of grants whose end has come. Access does not wait for it: `desired()` compares times."""

import logging

from audit import clock
from fulfilment.actions import wake
from requests_app.actions import expire_grant
from requests_app.errors import ForbiddenError, NotFoundError
from requests_app.models import Grant
from requests_app.states import GrantState, IllegalMoveError

logger = logging.getLogger(__name__)


def expire_due() -> int:
    """Expire each due grant in a transaction of its own, so that one bad row stops no other."""
    now = clock.now()
    due = Grant.objects.filter(state=GrantState.LIVE, ends_at__lte=now).order_by("ends_at")
    count = 0
    for pk in due.values_list("pk", flat=True):
        try:
            grant = expire_grant(grant_id=pk, now=now)
            wake(scope_key=grant.intent.scope_key, reason="its time has come", now=now)
        except (IllegalMoveError, ForbiddenError, NotFoundError) as error:
            logger.info("grant %s was not expired: %s", pk, error)
            continue
        count += 1
    return count
