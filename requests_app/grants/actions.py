"""Revoke one grant, revoke several, expire one."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record_event
from identity.people.models import Person
from identity.people.request_cache import cache_for_action
from kernel.errors import RefusedError, require_allowed
from requests_app.grants.ending import check_end_reason, end_grant_early
from requests_app.grants.may import may_expire_grant, may_revoke_grant, may_revoke_grants
from requests_app.grants.models import Grant
from requests_app.grants.queries import get_locked_grant
from requests_app.grants.states import GRANT_TRANSITIONS, GrantState

MAX_REVOKED = 200
"""Grants that end in one transaction."""


@transaction.atomic(durable=True)
def revoke_grant(*, acting_user: Person, grant_id: int, reason: str, now: datetime) -> Grant:
    """End a grant before its time, and whatever was passed on of it; the engine removes the access and proves it.

    Raises NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError without a reason.
    """
    check_end_reason(reason)
    person = cache_for_action(acting_user)
    grant = get_locked_grant(person, grant_id)
    require_allowed(may_revoke_grant(person, grant))
    end_grant_early(grant, ended_by=person, reason=reason, now=now)
    return grant


@transaction.atomic(durable=True)
def revoke_grants(
    *, acting_user: Person, grant_ids: Collection[int], reason: str, now: datetime
) -> list[Grant]:
    """End several grants with one reason, all of them or none; those that have ended by then are left out.

    Raises NotFoundError, ForbiddenError, RefusedError without a reason or for more than `MAX_REVOKED`.
    """
    check_end_reason(reason)
    if len(grant_ids) > MAX_REVOKED:
        raise RefusedError(_("End at most %(most)s at once.") % {"most": MAX_REVOKED}, "grants")
    ended = []
    for grant_id in sorted(grant_ids):
        grant = get_locked_grant(acting_user, grant_id)
        require_allowed(may_revoke_grants(acting_user, grant))
        if grant.state == GrantState.LIVE:
            end_grant_early(grant, ended_by=acting_user, reason=reason, now=now)
            ended.append(grant)
    return ended


@transaction.atomic(durable=True)
def expire_grant(*, grant_id: int, now: datetime) -> Grant:
    """The workers' verb: close the row of a grant whose end has come. Access ends without it, by comparison.

    Raises NotFoundError, ForbiddenError before its end, IllegalTransitionError when it has ended already.
    """
    grant = get_locked_grant(None, grant_id)
    require_allowed(may_expire_grant(grant, now))
    grant.state = GRANT_TRANSITIONS.check(grant.state, GrantState.EXPIRED)
    grant.ended_at = now
    grant.save(update_fields=["state", "ended_at"])
    data = {"item": grant.item_id, "ends_at": grant.ends_at.isoformat()}
    record_event(verb="expire_grant", actor="engine:expire", subject=f"grant:{grant.pk}", data=data, now=now)
    return grant
