"""Ends a grant early, or moves its end forward. Called inside a verb."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from audit.actions import record_event
from audit.models import Event
from fulfilment.intents import actions as engine
from identity.people.models import Person
from kernel.errors import RefusedError
from requests_app.access_requests.input_checks import check_text
from requests_app.grants.models import Grant
from requests_app.grants.states import GRANT_TRANSITIONS, GrantState
from requests_app.grants.subgrants.intents import end_subgrants


def check_end_reason(reason: str) -> None:
    """RefusedError for none, or for too many words."""
    if not reason.strip():
        raise RefusedError(_("Say why the access ends."), "reason")
    check_text(reason, "reason")


def end_grant_early(
    grant: Grant, *, ended_by: Person, reason: str, now: datetime, actor: str = "", **event_data: Any
) -> Event:
    """End the grant and its subgrants, for `ended_by`; the engine removes the access and proves it.

    `actor` is who carries it out if not that person; `event_data` is for the event. IllegalTransitionError.
    """
    grant.state = GRANT_TRANSITIONS.check(grant.state, GrantState.REVOKED)
    engine.end_intent(intent_id=grant.intent_id, now=now)
    grant.ended_at, grant.ended_by, grant.end_reason = now, ended_by, reason.strip()
    grant.save(update_fields=["state", "ended_at", "ended_by", "end_reason"])
    subgrants = grant.passed_on.all() if grant.principal.is_account else ()
    passed_on = end_subgrants(subgrants, ended_by, now)
    data = {"item": grant.item_id, **({"passed_on": passed_on} if passed_on else {}), **event_data}
    return record_event(
        verb="revoke_grant",
        actor=actor or f"person:{ended_by.pk}",
        subject=f"grant:{grant.pk}",
        data=data,
        now=now,
    )


def shorten_grant(grant: Grant, ends_at: datetime, now: datetime) -> None:
    """Let the grant end earlier than agreed. RefusedError for an end that is past, or no earlier one."""
    if ends_at <= now:
        raise RefusedError(_("The end date is in the past. Choose a later day."), "until")
    if ends_at >= grant.ends_at:
        raise RefusedError(
            _("The grant ends on that day or earlier. Keeping a grant does not extend it."), "until"
        )
    engine.shorten_intent(intent_id=grant.intent_id, expires_at=ends_at)
    grant.ends_at = ends_at
    grant.save(update_fields=["ends_at"])
