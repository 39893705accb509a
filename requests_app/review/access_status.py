"""The state of an item or grant, with a sentence on what happens next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.models import Event
from catalog.products.models import Domain
from fulfilment.intents.models import Intent
from fulfilment.observations.models import ReadingTimes, is_reading_too_old
from fulfilment.rounds import StepEntry
from kernel import clock
from lakeformation.values.wording import to_sentence
from requests_app.access_requests.may import describe_leaver_request, get_item_domain, get_role_phrase
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.display_states.rules import GrantFacts, ItemFacts, get_grant_state, get_item_state
from requests_app.display_states.vocabulary import DisplayState, Reason, State
from requests_app.grants.end_dates import format_nearest_end, has_ended
from requests_app.grants.models import Grant
from requests_app.grants.stale import describe_stale_grant
from requests_app.grants.states import GrantState
from requests_app.grants.subgrants.queries import list_group_intents
from requests_app.policy_engine.rules import DeciderRole

Presence = Intent.Presence


@dataclass(frozen=True)
class AccessStatus:
    """`sentence` says who acts next; `evidence_at` is when AWS was last proven to be so, or None.

    `residual_until`: credentials given out before the end may live until then.
    """

    display_state: DisplayState
    sentence: str
    presence: str = ""
    usable: bool | None = None
    evidence_at: datetime | None = None
    residual_until: datetime | None = None


def get_access_status(
    subject: RequestItem | Grant,
    *,
    now: datetime | None = None,
    readings: ReadingTimes | None = None,
    other_access: Sequence[str] = (),
) -> AccessStatus:
    """Give `now` and `readings` for several subjects: without, each live grant costs a query. `other_access`:
    ways by which its recipient still reads after the end.
    """
    now = now or clock.now()
    shown = get_display_state(subject, now, readings, other_access)
    if isinstance(subject, RequestItem) and subject.state != ItemState.APPROVED:
        return AccessStatus(shown, _describe_item(subject, get_item_domain(subject), shown))
    grant = subject if isinstance(subject, Grant) else subject.grant
    return AccessStatus(
        shown,
        _describe_grant(grant, shown, is_over=has_ended(grant, now)),
        presence=grant.intent.presence,
        usable=grant.intent.usable,
        evidence_at=grant.intent.seen_at,
        residual_until=_get_residual_end(grant, now),
    )


def get_display_state(
    subject: RequestItem | Grant,
    now: datetime,
    readings: ReadingTimes | None = None,
    other_access: Sequence[str] = (),
) -> DisplayState:
    """The state without its sentence, which reads when a live grant ends."""
    if isinstance(subject, RequestItem) and subject.state != ItemState.APPROVED:
        facts = ItemFacts(
            state=subject.state,
            has_owner=get_item_domain(subject) is not None,
            is_requester_active=subject.request.current_requester.is_active,
            is_partly_approved=bool(subject.agreed_hash),
        )
        return get_item_state(facts)
    grant = subject if isinstance(subject, Grant) else subject.grant
    intent, residual_until = grant.intent, _get_residual_end(grant, now)
    shown = get_grant_state(
        GrantFacts(
            presence=intent.presence,
            is_proven=intent.is_proven,
            usable=intent.usable,
            failure=intent.failure,
            has_ended=has_ended(grant, now),
            is_justified=not intent.is_unjustified,
            is_reading_old=_is_reading_old(grant, now, readings),
            subgrant_reason=_get_subgrant_reason(grant, now),
            is_residual=residual_until is not None,
            other_access_remains=bool(other_access),
        )
    )
    if residual_until and shown.reason == Reason.RESIDUAL_CREDENTIALS:
        return replace(shown, until=date_format(timezone.localtime(residual_until), _("j M, H:i")))
    return shown


def format_moment(at: datetime) -> str:
    """A time for a sentence."""
    return date_format(timezone.localtime(at), _("j F Y, H:i"))


def _describe_item(item: RequestItem, domain: Domain | None, shown: DisplayState) -> str:
    if shown.state == State.REJECTED:
        decision = next(iter(reversed(item.decisions.all())), None)
        return f"{decision.by_whom}: {decision.comment}" if decision else _("The data owner rejected it.")
    if shown.state == State.WITHDRAWN:
        return _("Withdrawn before anyone decided. Nothing changed in AWS.")
    if shown.reason == Reason.CHANGES_REQUESTED:
        sentence = _("%(name)s changes the request or explains it, and then it is reviewed again.")
        return sentence % {"name": item.request.current_requester.name}
    if shown.reason == Reason.REQUESTER_INACTIVE:
        return describe_leaver_request(item.request)
    return _describe_next_step(item, domain)


def _describe_next_step(item: RequestItem, domain: Domain | None) -> str:
    if domain is None:
        return _("No domain owns this table yet. A steward has to assign one.")
    if list(item.waits_for) in ([], [DeciderRole.OWNER.value]):
        return _("A data owner of %(team)s decides next.") % {"team": domain.owner_team.name}
    people = ", ".join(get_role_phrase(role) for role in item.waits_for)
    return _("Next to decide: %(people)s.") % {"people": people}


def _is_present(grant: Grant, now: datetime) -> bool:
    intent = grant.intent
    return not has_ended(grant, now) and intent.presence == Presence.PRESENT and intent.is_proven


def _is_reading_old(grant: Grant, now: datetime, readings: ReadingTimes | None) -> bool:
    """Whether the proof of a live, proven grant is older than the scope's last reading."""
    if not _is_present(grant, now):
        return False
    key = grant.intent.scope_key
    read_at = (readings or ReadingTimes([key])).get(key)
    seen_at = grant.intent.seen_at
    return is_reading_too_old(max(filter(None, (read_at, seen_at)), default=None), now)


def _get_subgrant_reason(grant: Grant, now: datetime) -> Reason:
    """While the group that it was requested for does not have it. Two queries, none without a group."""
    if grant.item.request.group_id is None or not _is_present(grant, now):
        return Reason.NONE
    held = list_group_intents(grant)
    if held is None:
        return Reason.TO_BE_PASSED_ON
    is_there = all(one.presence == Presence.PRESENT and one.is_proven for one in held)
    return Reason.NONE if is_there else Reason.PASSING_ON


def _describe_grant(grant: Grant, shown: DisplayState, *, is_over: bool) -> str:
    sentence = _DESCRIPTIONS[shown.state](grant, shown.reason)
    if not is_over:
        return sentence
    why = _("Revoked.") if grant.state == GrantState.REVOKED else _("Expired.")
    return f"{why} {sentence}"


def _describe_applying(grant: Grant, reason: Reason) -> str:
    request, failure = grant.item.request, to_sentence(grant.intent.failure)
    if reason == Reason.PASSING_ON:
        words = {"account": grant.principal.account.name, "group": request.group}
        return _("%(account)s has access. The workers pass it on to %(group)s and read it back.") % words
    if reason == Reason.DRIFT_REPAIR:
        return f"{failure} {_('The workers check again and repair it.')}"
    if failure:
        return f"{failure} {_('The workers keep trying.')}"
    return _("Approved. The workers apply it in AWS and read it back.")


def _describe_active(grant: Grant, reason: Reason) -> str:
    ends = _("Ends on %(when)s.") % {"when": format_nearest_end(grant)}
    if reason == Reason.USABILITY_NOT_KNOWN:
        ends = f"{_('Which rows it shows is not known: a row-level security policy may narrow or widen them.')} {ends}"
    return f"{_describe_reading(grant.intent)} {ends}"


def _describe_ending(_grant: Grant, _reason: Reason) -> str:
    return _("The workers remove the permission and verify that it is gone.")


def _describe_ended(grant: Grant, _reason: Reason) -> str:
    return _("The removal was verified in AWS %(when)s.") % {"when": _format_seen_time(grant.intent)}


def _describe_failed(grant: Grant, reason: Reason) -> str:
    if reason == Reason.UNJUSTIFIED:
        then = _("The workers send nothing to AWS for it. Governance admins were notified.")
        return f"{to_sentence(grant.intent.failure)} {then}"
    return f"{to_sentence(grant.intent.failure)} {_('The workers keep trying.')}"


def _describe_not_known(grant: Grant, reason: Reason) -> str:
    if reason == Reason.READING_TOO_OLD:
        return f"{_describe_reading(grant.intent)} {_('AWS has not been read since, so the current state is not known.')}"
    unread = to_sentence(grant.intent.failure) or _("AWS could not be read.")
    return f"{unread} {_('The workers check again.')}"


def _describe_needs_attention(grant: Grant, reason: Reason) -> str:
    failure = to_sentence(grant.intent.failure)
    if reason == Reason.EFFECTS_CHANGED:
        return describe_stale_grant(grant)
    if reason == Reason.NOT_USABLE:
        return f"{_describe_reading(grant.intent)} {_('Something else still prevents it.')}"
    if reason == Reason.LINK_NAME_TAKEN:
        return f"{failure} {_('The workers create the link once the name is free, or the account uses the other kind of link.')}"
    if reason == Reason.TO_BE_PASSED_ON:
        words = {"account": grant.principal.account.name, "group": grant.item.request.group}
        return _("%(account)s has access. Its admins have to pass it on to %(group)s.") % words
    return failure or _("It is on hold.")


_DESCRIPTIONS: dict[State, Callable[[Grant, Reason], str]] = {
    State.APPLYING: _describe_applying,
    State.ACTIVE: _describe_active,
    State.ENDING: _describe_ending,
    State.ENDED: _describe_ended,
    State.FAILED: _describe_failed,
    State.NOT_KNOWN: _describe_not_known,
    State.NEEDS_ATTENTION: _describe_needs_attention,
}


def _describe_reading(intent: Intent) -> str:
    return _("Read back from AWS %(when)s.") % {"when": _format_seen_time(intent)}


def _format_seen_time(intent: Intent) -> str:
    return format_moment(intent.seen_at) if intent.seen_at else _("at an unknown time")


def _get_residual_end(grant: Grant, now: datetime) -> datetime | None:
    seen_at = grant.intent.seen_at
    if not has_ended(grant, now) or grant.intent.presence != Presence.ABSENT or seen_at is None:
        return None
    # `seen_at` is when the absence was first read: a scan that finds all as it was writes nothing.
    until = seen_at + timedelta(seconds=settings.RESIDUAL_SECONDS)
    return until if until > now and _was_applied(grant.intent) else None


def _was_applied(intent: Intent) -> bool:
    """Whether AWS held it at some time, so that credentials were issued: a call was sent for it, or a round proved it. Two queries
    at most.
    """
    if StepEntry.objects.filter(intents__contains=[intent.pk], step__sent_at__isnull=False).exists():
        return True
    proofs = Event.objects.filter(subject=intent.subject, verb="proved_present")
    return proofs.exclude(data__round=None).exists()
