"""The workers' verb: say on the record that a grant ends soon, once."""

from datetime import datetime

from django.db import transaction

from audit.actions import record
from audit.models import Event
from identity.errors import demand
from requests_app.ending_soon.may import may_warn_expiry
from requests_app.locks import locked_grant


@transaction.atomic(durable=True)
def warn_expiry(*, grant_id: int, now: datetime) -> Event:
    """The event, from which people are told; of a grant that was warned of before, that one.

    Raises NotFoundError, ForbiddenError when it does not end soon.
    """
    grant = locked_grant(None, grant_id)
    subject = f"grant:{grant.pk}"
    # Under the grant's lock: of two sweeps at once, the second finds the first one's.
    if first := Event.objects.filter(subject=subject, verb="warn_expiry").first():
        return first
    demand(may_warn_expiry(grant, now))
    data = {"item": grant.item_id, "ends_at": grant.ends_at.isoformat()}
    return record(verb="warn_expiry", actor="engine:expire", subject=subject, data=data, now=now)
