"""The verbs of holds on columns. Each is one transaction; the engine opens the column and proves it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record
from fulfilment.holds.models import Hold
from fulfilment.intents.actions import open_column
from identity.errors import NotFoundError, RefusedError, demand
from identity.people.models import Person
from requests_app.asks import check_text
from requests_app.holds.may import may_release_column
from requests_app.locks import locked_grant
from requests_app.models import Grant
from requests_app.states import GrantState

SHORTEST_REASON = 10


@transaction.atomic(durable=True)
def release_column(*, acting_user: Person, hold_id: int, reason: str, now: datetime) -> Hold:
    """Open a column, which nobody classified yet, to the grant that it is held back from.

    Raises NotFoundError where nothing is held, or where it is not theirs to see; ForbiddenError; RefusedError
    without a reason.
    """
    grant, hold = _locked(acting_user, hold_id)
    demand(may_release_column(acting_user, grant.item))
    if len(reason.strip()) < SHORTEST_REASON:
        raise RefusedError(_("Say in a sentence why."), "reason")
    check_text(reason, "reason")
    hold.ended_as, hold.ended_by, hold.reason = Hold.End.RELEASED, acting_user, reason.strip()
    return _let_in(grant, hold, "release_column", f"person:{acting_user.pk}", now)


@transaction.atomic(durable=True)
def admit_classified(*, hold_id: int, now: datetime) -> Hold:
    """The clerk's verb: open a column that was classified since. NotFoundError where nothing is held any more."""
    grant, hold = _locked(None, hold_id)
    hold.ended_as = Hold.End.CLASSIFIED
    return _let_in(grant, hold, "admit_classified", "engine:clerk", now)


def _locked(person: Person | None, hold_id: int) -> tuple[Grant, Hold]:
    """A grant that has ended has nothing to be opened."""
    found = Grant.objects.filter(intent__holds=hold_id, state=GrantState.LIVE).first()
    if found is None:
        raise NotFoundError
    grant = locked_grant(person, found.pk)
    hold = Hold.objects.select_for_update(of=("self",)).filter(pk=hold_id, ended_at__isnull=True).first()
    if hold is None or grant.state != GrantState.LIVE:
        raise NotFoundError
    return grant, hold


def _let_in(grant: Grant, hold: Hold, verb: str, actor: str, now: datetime) -> Hold:
    hold.ended_at = now
    hold.save(update_fields=["ended_at", "ended_as", "ended_by", "reason"])
    open_column(intent_id=grant.intent_id, column=hold.column, now=now)
    data: dict[str, Any] = {"hold": hold.pk, "column": hold.column, "reason": hold.reason}
    record(verb=verb, actor=actor, subject=f"grant:{grant.pk}", data=data, now=now)
    return hold
