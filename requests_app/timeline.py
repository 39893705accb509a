"""What happened to an ask from the form to the last proof, oldest first."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fulfilment.timeline import Moment, timeline
from requests_app.models import Decision, Grant, Item
from requests_app.states import GrantState, ItemState


def timeline_of(item: Item) -> list[Moment]:
    """People's moments (kind asked, decided, ended) and the engine's (sent, done, failed, proof, drift)."""
    moments = [_asked(item), *(_decided(decision) for decision in item.decisions.all())]
    if item.state == ItemState.WITHDRAWN:
        moments.append(
            Moment(item.state_changed_at, "ended", _("%(name)s took it back") % {"name": item.requester.name})
        )
    if item.state == ItemState.APPROVED:
        moments += [*timeline(item.grant.intent), *_ended(item.grant)]
    return sorted(moments, key=_at)


def _at(moment: Moment) -> datetime:
    return moment.at


def _asked(item: Item) -> Moment:
    request = item.request
    words = {"name": request.requester.name, "what": _what(item), "table": item.table}
    text = _("%(name)s asked for %(what)s of %(table)s") % words
    if item.row_rule:
        text = _("%(text)s, in the rows where %(rule)s") % {"text": text, "rule": item.row_rule}
    return Moment(request.submitted_at, "asked", text, request.purpose)


def _what(item: Item) -> str:
    if item.metadata_only:
        return _("the metadata")
    count = len(item.columns)
    return _("the whole table") if item.whole_table else ngettext("%d column", "%d columns", count) % count


def _decided(decision: Decision) -> Moment:
    yes = decision.answer == Decision.Answer.APPROVE
    text = _("%(name)s approved it") if yes else _("%(name)s rejected it")
    name = {"name": decision.decided_by.name}
    return Moment(decision.decided_at, "decided", text % name, decision.comment)


def _ended(grant: Grant) -> list[Moment]:
    if grant.ended_at is None:
        return []
    if grant.state == GrantState.EXPIRED:
        return [Moment(grant.ended_at, "ended", _("Its time was up"))]
    who = grant.ended_by.name if grant.ended_by else _("The portal")
    return [Moment(grant.ended_at, "ended", _("%(name)s revoked it") % {"name": who}, grant.end_reason)]
