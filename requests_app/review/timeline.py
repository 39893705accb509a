"""What happened to an item, from its submission to the latest proof, oldest first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from operator import attrgetter

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit.models import Event
from fulfilment.timeline import TimelineEvent, build_timeline
from identity.people.models import Person
from requests_app.access_requests.item_targets import get_target_kind
from requests_app.access_requests.may import get_requester_ids
from requests_app.access_requests.models import Comment, Decision, ItemChange, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.display_states.vocabulary import LABELS, DisplayState, Reason, State, Tone
from requests_app.grants.end_dates import get_nearest_end, has_ended
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState
from requests_app.policy_engine.rules import DeciderRole
from requests_app.review.access_status import AccessStatus
from requests_app.review.terms import RequestTerms, get_original_terms, get_terms, list_differences

GIVING_ACTIONS = frozenset({"grant", "land", "link", "accept", "register", "filter", "opt in"})
"""Actions in AWS that give access; the others take it away."""
PROVEN_REASONS = frozenset(
    {
        Reason.READING_TOO_OLD,
        Reason.NOT_USABLE,
        Reason.TO_BE_PASSED_ON,
        Reason.PASSING_ON,
        Reason.USABILITY_NOT_KNOWN,
    }
)
"""Reasons of live grants that were applied and read back."""
REMEDIES: dict[Reason, str | Promise] = {
    Reason.NO_OWNER: gettext_lazy("A steward assigns the table to a domain."),
    Reason.REQUESTER_INACTIVE: gettext_lazy("Someone in the requesting team takes over the request."),
    Reason.CHANGES_REQUESTED: gettext_lazy("%(requester)s changes the request or explains it."),
    Reason.REFUSED_BY_AWS: gettext_lazy(
        "The platform team allows the workers what AWS refused. The workers then continue on their own."
    ),
    Reason.UNJUSTIFIED: gettext_lazy("A governance admin checks why no decision justifies it."),
    Reason.EFFECTS_CHANGED: gettext_lazy(
        "Request it again, so that a data owner can review what it gives now."
    ),
    Reason.ON_HOLD: gettext_lazy("A data owner decides about what is on hold."),
    Reason.REMOVAL_ON_HOLD: gettext_lazy("A governance admin decides about the removal."),
    Reason.UNREADABLE: gettext_lazy("The platform team restores the connection to the account."),
    Reason.READING_TOO_OLD: gettext_lazy(
        "Check it now. If that fails, the platform team looks at the workers."
    ),
    Reason.NOT_USABLE: gettext_lazy("An admin of %(account)s adds what is missing."),
    Reason.LINK_NAME_TAKEN: gettext_lazy(
        "An admin of %(account)s renames what has the name, or chooses the other kind of link."
    ),
    Reason.TO_BE_PASSED_ON: gettext_lazy("An admin of %(account)s passes it on to %(group)s."),
}
"""Who does what, where something is in the way."""


class StageName(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    APPLIED = "applied"
    PROVEN = "proven"
    ENDS = "ends"


class StageProgress(StrEnum):
    """`blocked`: somebody has to act. `closed`: the item ended here. `skipped`: it never came to this stage."""

    DONE = "done"
    CURRENT = "current"
    BLOCKED = "blocked"
    CLOSED = "closed"
    UPCOMING = "upcoming"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Stage:
    """`at` is when it was reached, or for an upcoming end when it will be; `remedy` says who does what about
    a blocked stage. `is_current`: the item is here now, which `state` then shows.
    """

    name: StageName
    progress: StageProgress
    label: str
    at: datetime | None = None
    who: str = ""
    detail: str = ""
    remedy: str = ""
    is_current: bool = False
    state: DisplayState | None = None

    @property
    def tone(self) -> Tone:
        if self.is_current and self.state and self.progress != StageProgress.DONE:
            return self.state.tone
        return Tone.GREEN if self.progress == StageProgress.DONE else Tone.GREY

    @property
    def icon(self) -> str:
        if self.is_current and self.state:
            return self.state.icon
        return "check" if self.progress == StageProgress.DONE else "end"


def build_stages(
    item: RequestItem, status: AccessStatus, events: Sequence[TimelineEvent], now: datetime
) -> tuple[Stage, ...]:
    """Builds the stages of an item with its `events` (`build_item_timeline`). One query for a grant that has ended, else none."""
    requested = Stage(
        StageName.REQUESTED,
        StageProgress.DONE,
        _("Requested"),
        item.request.submitted_at,
        item.request.requester.name,
        _describe_granted_extent(get_original_terms(item)),
    )
    if item.state != ItemState.APPROVED:
        is_over = item.state in {ItemState.REJECTED, ItemState.WITHDRAWN}
        progress = StageProgress.SKIPPED if is_over else StageProgress.UPCOMING
        later_stages = (
            Stage(StageName.APPLIED, progress, _("Applied")),
            Stage(StageName.PROVEN, progress, _("Proven")),
            Stage(StageName.ENDS, progress, _("Ends"), None if is_over else item.ends_at),
        )
        return (requested, _build_open_decision(item, status), *later_stages)
    decisions = list(item.decisions.all())
    approval = Stage(
        StageName.APPROVED,
        StageProgress.DONE,
        _("Approved"),
        decisions[-1].decided_at if decisions else item.state_changed_at,
        ", ".join(dict.fromkeys(_describe_approver(decision) for decision in decisions)),
        _describe_approved_extent(item),
    )
    return (requested, approval, *_build_grant_stages(item.grant, status, events, now))


def _describe_granted_extent(terms: RequestTerms) -> str:
    count = len(terms.columns)
    if text := get_target_kind(terms).texts.granted:
        return str(text)
    if not count:
        return _("all columns")
    return ngettext("%(count)d column", "%(count)d columns", count) % {"count": count}


def _build_open_decision(item: RequestItem, status: AccessStatus) -> Stage:
    """Builds the stage of an item that is waiting, returned, rejected or withdrawn."""
    label, progress = {
        ItemState.SUBMITTED: (str(LABELS[State.WAITING_FOR_REVIEW]), StageProgress.CURRENT),
        ItemState.RETURNED: (_("Change requested"), StageProgress.BLOCKED),
        ItemState.REJECTED: (_("Rejected"), StageProgress.CLOSED),
        ItemState.WITHDRAWN: (_("Withdrawn"), StageProgress.CLOSED),
    }[ItemState(item.state)]
    shown = status.display_state
    remedy = _describe_remedy(shown.reason, item)
    return Stage(
        StageName.APPROVED,
        StageProgress.BLOCKED if remedy else progress,
        label,
        None if item.state == ItemState.SUBMITTED else item.state_changed_at,
        _list_who_decided(item),
        status.sentence,
        remedy,
        is_current=True,
        state=shown,
    )


def _list_who_decided(item: RequestItem) -> str:
    """Who answered so far, in the order of the answers."""
    if item.state == ItemState.WITHDRAWN:
        return ""
    if item.state == ItemState.RETURNED:
        asked = [remark.author.name for remark in item.remarks.all() if remark.kind == Comment.Kind.RETURN]
        return asked[-1] if asked else ""
    # A rejection alone counts where there is one. What was agreed to before a change counts no more.
    decisions = list(item.decisions.all())
    if item.state == ItemState.REJECTED:
        valid_decisions = decisions[-1:]
    elif item.state == ItemState.SUBMITTED:
        valid_decisions = [
            decision
            for decision in decisions
            if item.agreed_hash and decision.effects_hash == item.agreed_hash
        ]
    else:
        valid_decisions = decisions
    return ", ".join(dict.fromkeys(valid_decision.by_whom for valid_decision in valid_decisions))


def _describe_approver(decision: Decision) -> str:
    words = {"name": decision.by_whom}
    if decision.by_rule_id is not None:
        return _("by a rule that %(name)s published") % words
    if decision.by_offer_id is not None:
        return _("under an offer that %(name)s published") % words
    if decision.by_consent_id is not None:
        return _("by a consent that %(name)s gave") % words
    return decision.by_whom


def _describe_approved_extent(item: RequestItem) -> str:
    asked, given = get_original_terms(item), get_terms(item)
    if asked.columns and given.columns and len(given.columns) < len(asked.columns):
        words = {"given": len(given.columns), "asked": len(asked.columns)}
        return _("%(given)d of %(asked)d columns") % words
    return _("with changes") if asked != given else _describe_granted_extent(given)


def _build_grant_stages(
    grant: Grant, status: AccessStatus, events: Sequence[TimelineEvent], now: datetime
) -> tuple[Stage, ...]:
    calls = [event for event in events if event.action in GIVING_ACTIONS and event.kind == "done"]
    ended, shown = has_ended(grant, now), status.display_state
    if ended:
        proofs = Event.objects.filter(subject=grant.intent.subject, verb="proved_present").order_by("pk")
        proven_at = proofs.values_list("at", flat=True).first()
    else:
        proven_at = status.evidence_at
    is_applied = bool(calls) and not grant.intent.failure
    here = StageName.ENDS if ended else _find_live_stage(shown, is_applied=is_applied)
    if proven_at is None:
        proven_stage = Stage(StageName.PROVEN, StageProgress.SKIPPED, _("Proven"))
    else:
        proven_stage = Stage(
            StageName.PROVEN, StageProgress.DONE, _("Proven"), proven_at, detail=_("read back from AWS")
        )
    given = (_build_applied_stage(calls, was_proven=proven_at is not None), proven_stage)
    if ended:
        is_over = shown.state == State.ENDED
        who = grant.ended_by.name if grant.ended_by and grant.state == GrantState.REVOKED else ""
        end_stage = Stage(
            StageName.ENDS,
            StageProgress.CLOSED if is_over else StageProgress.CURRENT,
            _("Ended") if is_over else _("Ending"),
            grant.ended_at or grant.ends_at,
            who,
        )
        return (*given, _mark_present(end_stage, grant, status))
    end = get_nearest_end(grant)
    ends = Stage(
        StageName.ENDS, StageProgress.UPCOMING, _("Ends"), end.at, detail=end.note or _("automatically")
    )
    applied, proven = given
    if here == StageName.PROVEN:
        return (applied, _mark_present(proven, grant, status), ends)
    upcoming = Stage(StageName.PROVEN, StageProgress.UPCOMING, _("Proven"))
    return (_mark_present(applied, grant, status), upcoming, ends)


def _find_live_stage(shown: DisplayState, *, is_applied: bool) -> StageName:
    if shown.state == State.ACTIVE or shown.reason in PROVEN_REASONS:
        return StageName.PROVEN
    reads_back = shown.state == State.APPLYING and shown.reason == Reason.NONE
    if is_applied and (reads_back or shown.reason == Reason.UNREADABLE):
        return StageName.PROVEN
    return StageName.APPLIED


def _build_applied_stage(calls: Sequence[TimelineEvent], *, was_proven: bool) -> Stage:
    """Proven without a call: AWS held it already."""
    if not calls:
        progress = StageProgress.DONE if was_proven else StageProgress.SKIPPED
        detail = _("AWS held it already") if was_proven else ""
        return Stage(StageName.APPLIED, progress, _("Applied"), detail=detail)
    accounts = len({call.account_id for call in calls})
    changes = ngettext("%(count)d change", "%(count)d changes", len(calls)) % {"count": len(calls)}
    words = {"changes": changes, "count": accounts}
    detail = (
        ngettext("%(changes)s in %(count)d account", "%(changes)s in %(count)d accounts", accounts) % words
    )
    return Stage(StageName.APPLIED, StageProgress.DONE, _("Applied"), calls[-1].at, detail=detail)


def _mark_present(stage: Stage, grant: Grant, status: AccessStatus) -> Stage:
    """The stage at which the grant is now."""
    shown = status.display_state
    remedy = _describe_remedy(shown.reason, grant.item)
    if shown.state == State.ACTIVE:
        return replace(stage, is_current=True, state=shown, remedy=remedy)
    progress = StageProgress.CLOSED if shown.state == State.ENDED else StageProgress.CURRENT
    label = {StageName.APPLIED: _("Applying"), StageName.PROVEN: _("Proving")}.get(stage.name, stage.label)
    return replace(
        stage,
        progress=StageProgress.BLOCKED if remedy else progress,
        label=label if shown.state == State.APPLYING else stage.label,
        at=stage.at if stage.name == StageName.ENDS else None,
        detail=status.sentence,
        remedy=remedy,
        is_current=True,
        state=shown,
    )


def _describe_remedy(reason: Reason, item: RequestItem) -> str:
    request = item.request
    words = {
        "requester": request.current_requester.name,
        "account": request.principal.account.name,
        "group": request.group,
    }
    return str(REMEDIES.get(reason, "")) % words


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
    return sorted(moments, key=attrgetter("at"))


def _build_request_entry(item: RequestItem) -> TimelineEvent:
    request, terms = item.request, get_original_terms(item)
    amount, count = get_target_kind(terms).texts.amount, len(terms.columns)
    what = str(amount) or ngettext("%d column", "%d columns", count) % count
    words = {"name": request.requester.name, "what": what, "table": item.name}
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
    events = _list_events("take_over_request", f"request:{item.request_id}")
    return [TimelineEvent(event.at, "asked", text % {"name": name}) for event, name in events]


def _list_events(verb: str, subject: str) -> list[tuple[Event, str]]:
    """Events of people, with their names, the first one first."""
    events = list(Event.objects.filter(subject=subject, verb=verb).order_by("pk"))
    actors = {
        f"person:{person.pk}": person.name
        for person in Person.objects.filter(pk__in=map(_get_person_id, events))
    }
    return [(event, actors.get(event.actor, "")) for event in events]


def _get_person_id(event: Event) -> int:
    return int(event.actor.removeprefix("person:"))


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
