"""What happened to an item, from its submission to the latest proof, oldest first."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.models import Event
from fulfilment.timeline import TimelineEvent, build_timeline
from identity.people.models import Person
from requests_app.access_requests.item_targets import get_target_kind
from requests_app.access_requests.may import get_requester_ids
from requests_app.access_requests.models import Comment, Decision, ItemChange, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState
from requests_app.policy_engine.rules import DeciderRole
from requests_app.review.terms import RequestTerms, get_original_terms, list_differences


def build_item_timeline(item: RequestItem) -> list[TimelineEvent]:
    """People's moments (kind asked, decided, ended) and the engine's (sent, done, failed, proof, drift)."""
    narrowed = {change.event_id: change for change in item.changes.all()}
    decided = [
        _build_decision(decision, narrowed.get(decision.event_id)) for decision in item.decisions.all()
    ]
    remarks = [_build_comment(remark) for remark in item.remarks.all()]
    changes = [change for change in item.changes.all() if change.created_by_id in get_requester_ids(item)]
    moments = [
        _build_request_entry(item),
        *_list_take_overs(item),
        *remarks,
        *(_build_change(change) for change in changes),
        *decided,
    ]
    if item.state == ItemState.WITHDRAWN:
        # By its requester, or by somebody of the team after they left. Two queries.
        names = [name for _event, name in _list_events("withdraw_item", f"item:{item.pk}")]
        words = {"name": names[-1] if names else item.request.current_requester.name}
        withdrawal = TimelineEvent(item.state_changed_at, "ended", _("%(name)s withdrew it") % words)
        moments.append(withdrawal)
    if item.state == ItemState.APPROVED:
        moments += [*build_timeline(item.grant.intent), *_list_end(item.grant)]
    return sorted(moments, key=_get_time)


def _get_time(moment: TimelineEvent) -> datetime:
    return moment.at


def _build_request_entry(item: RequestItem) -> TimelineEvent:
    request, terms = item.request, get_original_terms(item)
    words = {"name": request.requester.name, "what": _describe_extent(terms), "table": item.name}
    text = item.target.describe_submission(words)
    if terms.row_filter:
        text = _("%(text)s, in the rows where %(rule)s") % {"text": text, "rule": terms.row_filter}
    further = [f"{label}: {value}" for label, value in request.further_texts]
    return TimelineEvent(request.submitted_at, "asked", text, "\n".join([request.purpose, *further]))


def _list_take_overs(item: RequestItem) -> list[TimelineEvent]:
    """One query, none of a request that nobody took over."""
    if item.request.taken_over_by_id is None:
        return []
    text = _("%(name)s took over the request")
    found = _list_events("take_over_request", f"request:{item.request_id}")
    return [TimelineEvent(event.at, "asked", text % {"name": name}) for event, name in found]


def _list_events(verb: str, subject: str) -> list[tuple[Event, str]]:
    """Events of people, with their names, the first one first."""
    events = list(Event.objects.filter(subject=subject, verb=verb).order_by("pk"))
    actors = {
        f"person:{one.pk}": one.name for one in Person.objects.filter(pk__in=map(_get_person_id, events))
    }
    return [(event, actors.get(event.actor, "")) for event in events]


def _get_person_id(event: Event) -> int:
    return int(event.actor.removeprefix("person:"))


def _describe_extent(terms: RequestTerms) -> str:
    amount, count = get_target_kind(terms).texts.amount, len(terms.columns)
    return str(amount) or ngettext("%d column", "%d columns", count) % count


def _build_comment(comment: Comment) -> TimelineEvent:
    asks = comment.kind == Comment.Kind.RETURN
    text = _("%(name)s asked for a change") if asks else _("%(name)s commented")
    return TimelineEvent(comment.posted_at, "said", text % {"name": comment.author.name}, comment.text)


def _build_change(change: ItemChange) -> TimelineEvent:
    lines = list_change_lines(change)
    text = _("%(name)s changed the request") if lines else _("%(name)s requested the same again")
    detail = "\n".join([*lines, change.comment]).strip()
    return TimelineEvent(change.created_at, "asked", text % {"name": change.created_by.name}, detail)


def list_change_lines(change: ItemChange) -> list[str]:
    """What a change took away and added, a line each."""
    lines = list_differences(RequestTerms.from_json(change.before), RequestTerms.from_json(change.after))
    signs = {"add": "+", "remove": "-"}
    return [f"{signs[line.kind]} {line.text}" for line in lines]


def _build_decision(decision: Decision, narrowed: ItemChange | None) -> TimelineEvent:
    """`narrowed` is what was approved less than requested."""
    details = [*(list_change_lines(narrowed) if narrowed else []), decision.comment]
    return TimelineEvent(
        decision.decided_at, "decided", _describe_decision(decision, narrowed), "\n".join(details).strip()
    )


def _describe_decision(decision: Decision, narrowed: ItemChange | None) -> str:
    words = {"name": decision.by_whom, "days": decision.trial_days}
    if decision.answer != Decision.Answer.APPROVE:
        return _("%(name)s rejected it") % words
    if decision.trial_days is not None:
        one, many = (
            _("%(name)s approved it for a trial of a day"),
            _("%(name)s approved it for a trial of %(days)s days"),
        )
        return (one if decision.trial_days == 1 else many) % words
    if decision.by_rule_id is not None:
        return _("Approved by a rule that %(name)s published") % words
    if decision.by_offer_id is not None:
        return _("Approved under an offer that %(name)s published") % words
    if decision.role != DeciderRole.OWNER:
        role = {"role": DeciderRole(decision.role).value, **words}
        return _("%(name)s approved it, as %(role)s") % role
    return (_("%(name)s approved it with changes") if narrowed else _("%(name)s approved it")) % words


def _list_end(grant: Grant) -> list[TimelineEvent]:
    if grant.ended_at is None:
        return []
    if grant.state == GrantState.EXPIRED:
        return [TimelineEvent(grant.ended_at, "ended", _("The access expired"))]
    who = grant.ended_by.name if grant.ended_by else _("The portal")
    return [
        TimelineEvent(grant.ended_at, "ended", _("%(name)s revoked it") % {"name": who}, grant.end_reason)
    ]
