"""Delegate decisions, and end a delegation. A delegate decides in their own name; the decision records for whom."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from identity.people.events import record_by_person
from identity.people.models import Person, Team
from kernel.errors import NotFoundError, RefusedError, require_allowed
from requests_app.review.delegation.may import may_delegate_decisions, may_end_delegation
from requests_app.review.delegation.models import Delegation

MAX_DURATION = timedelta(days=90)


@transaction.atomic(durable=True)
def delegate_decisions(
    *,
    acting_user: Person,
    team: Team,
    delegate: Person,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
) -> Delegation:
    """Have a colleague of the team decide for `acting_user`. Idempotent: the same delegation is returned.

    Raises ForbiddenError, RefusedError for invalid times.
    """
    require_allowed(may_delegate_decisions(acting_user, team, delegate))
    if ends_at <= now or ends_at <= starts_at:
        raise RefusedError(_("The end must be later than the start and later than now."), "ends_on")
    if ends_at - max(starts_at, now) > MAX_DURATION:
        words = {"days": MAX_DURATION.days}
        raise RefusedError(
            _("A delegation can last at most %(days)s days. For longer, appoint another data owner.") % words,
            "ends_on",
        )
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    given = {
        "owner": acting_user,
        "delegate": delegate,
        "team": team,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }
    if first := Delegation.objects.filter(**given, ended_at=None).first():
        return first
    data = {
        "team": team.name,
        "people": [delegate.pk],
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat(),
        "reason": f"{starts_at:%d %b} – {ends_at:%d %b %Y}",
    }
    event = record_by_person("delegate_decisions", acting_user, f"team:{team.pk}", data, now)
    return Delegation.objects.create(**given, created_at=now, event=event)


@transaction.atomic(durable=True)
def end_delegation(*, acting_user: Person, delegation_id: int, now: datetime) -> Delegation:
    """Decisions made under it remain. Ending it again changes nothing.

    Raises NotFoundError for one that is not theirs.
    """
    rows = Delegation.objects.select_for_update(of=("self",)).select_related("owner", "delegate", "team")
    delegation = rows.filter(pk=delegation_id).first()
    if delegation is None or not may_end_delegation(acting_user, delegation):
        raise NotFoundError
    if delegation.ended_at is None:
        delegation.ended_at = now
        delegation.save(update_fields=["ended_at"])
        data = {"team": delegation.team.name, "people": [delegation.owner_id, delegation.delegate_id]}
        record_by_person("end_delegation", acting_user, f"delegation:{delegation.pk}", data, now)
    return delegation
