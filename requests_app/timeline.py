"""What happened to an ask from the form to the last proof, oldest first."""

from datetime import datetime

from fulfilment.timeline import Moment, timeline
from requests_app.models import Decision, Grant, Item
from requests_app.states import GrantState, ItemState


def timeline_of(item: Item) -> list[Moment]:
    """People's moments (kind asked, decided, ended) and the engine's (sent, done, failed, proof, drift)."""
    moments = [_asked(item), *(_decided(decision) for decision in item.decisions.all())]
    if item.state == ItemState.WITHDRAWN:
        moments.append(Moment(item.state_changed_at, "ended", f"{item.requester.name} took it back"))
    if item.state == ItemState.APPROVED:
        moments += [*timeline(item.grant.intent), *_ended(item.grant)]
    return sorted(moments, key=_at)


def _at(moment: Moment) -> datetime:
    return moment.at


def _asked(item: Item) -> Moment:
    request = item.request
    count = len(item.columns)
    what = "the whole table" if item.whole_table else f"{count} column{'s' * (count != 1)}"
    text = f"{request.requester.name} asked for {what} of {item.table}"
    return Moment(request.submitted_at, "asked", text, request.purpose)


def _decided(decision: Decision) -> Moment:
    verb = "approved" if decision.answer == Decision.Answer.APPROVE else "rejected"
    text = f"{decision.decided_by.name} {verb} it"
    return Moment(decision.decided_at, "decided", text, decision.comment)


def _ended(grant: Grant) -> list[Moment]:
    if grant.ended_at is None:
        return []
    if grant.state == GrantState.EXPIRED:
        return [Moment(grant.ended_at, "ended", "Its time was up")]
    who = grant.ended_by.name if grant.ended_by else "The portal"
    return [Moment(grant.ended_at, "ended", f"{who} revoked it", grant.end_reason)]
