"""How far an ask has come, in one chip and one sentence. It never says more than AWS has confirmed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit import clock
from catalog.models import Domain
from fulfilment.models import Intent
from lakeformation.wording import as_sentence
from requests_app.may import domain_of, has_left_sentence, role_words
from requests_app.models import Grant, Item
from requests_app.passing_on.asked import held_by_its_group
from requests_app.policy.rules import Role
from requests_app.states import GrantState, ItemState

Presence = Intent.Presence


class Kind(StrEnum):
    """The chip's colour: waiting for a person, machine at work, proven, needs attention, failed."""

    GREY = "grey"
    BLUE = "blue"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True)
class Progress:
    """One chip. `sentence` says who acts next; `evidence_at` is when AWS was last proven to be so, or None.

    `residual_until`: credentials given out before the end may live until then. `reason` is the case in a word, where the
    state has several.
    """

    kind: Kind
    word: str
    sentence: str
    presence: str = ""
    usable: bool | None = None
    evidence_at: datetime | None = None
    residual_until: datetime | None = None
    reason: str = ""


REQUESTER_INACTIVE = "requester_inactive"
"""A reason for which something needs attention: whoever answers for the request is deactivated."""


def progress_of(subject: Item | Grant, *, now: datetime | None = None) -> Progress:
    """The progress of an item or a grant; give `now` when asking for many."""
    if isinstance(subject, Grant):
        return _of_grant(subject, now or clock.now())
    if subject.state == ItemState.APPROVED:
        return _of_grant(subject.grant, now or clock.now())
    return _ITEM_WORDS[ItemState(subject.state)](subject)


def has_ended(grant: Grant, now: datetime) -> bool:
    """By state or by time: expiry waits for nobody's row."""
    return grant.state != GrantState.LIVE or grant.ends_at <= now


def moment(at: datetime) -> str:
    """A time for a sentence."""
    return date_format(timezone.localtime(at), "j F Y, H:i")


def open_chip(
    state: str, *, is_answered: bool, is_agreed: bool, waits_for: Sequence[str], has_left: bool = False
) -> tuple[Kind, str]:
    """Colour and word of an item that nobody has decided on; `is_answered`: a domain answers for it; `has_left`: its
    requester is deactivated.
    """
    if has_left:
        return Kind.AMBER, _("Needs attention")
    if state == ItemState.RETURNED:
        return Kind.AMBER, _("Change asked for")
    if not is_answered:
        return Kind.AMBER, _("No owner")
    if is_agreed:
        return Kind.GREY, _("Partly approved")
    return Kind.GREY, _("Waiting for the owner") if _is_for_owner(waits_for) else _("Waiting for people")


def _is_for_owner(waits_for: Sequence[str]) -> bool:
    """Of the owner alone; nothing is written where no rule wants anybody else."""
    return list(waits_for) in ([], [Role.OWNER.value])


def _open(item: Item) -> Progress:
    domain, has_left = domain_of(item), not item.request.asker.is_active
    kind, word = open_chip(
        item.state,
        has_left=has_left,
        is_answered=domain is not None,
        is_agreed=bool(item.agreed_hash),
        waits_for=item.waits_for,
    )
    if has_left:
        return Progress(kind, word, has_left_sentence(item.request), reason=REQUESTER_INACTIVE)
    return Progress(kind, word, _next_step(item, domain))


def _next_step(item: Item, domain: Domain | None) -> str:
    if item.state == ItemState.RETURNED:
        sentence = _("%(name)s changes it, or says why it stands. Then it is decided on.")
        return sentence % {"name": item.request.asker.name}
    if domain is None:
        return _("No domain answers for this table yet. A steward has to name one.")
    if _is_for_owner(item.waits_for):
        return _("A data owner of %(team)s decides next.") % {"team": domain.owner_team.name}
    people = ", ".join(role_words(role) for role in item.waits_for)
    return _("Next to decide: %(people)s.") % {"people": people}


def _rejected(item: Item) -> Progress:
    decision = next(iter(reversed(item.decisions.all())), None)
    words = f"{decision.by_whom}: {decision.comment}" if decision else _("The owner said no.")
    return Progress(Kind.RED, _("Rejected"), words)


def _withdrawn(_item: Item) -> Progress:
    sentence = _("Taken back before anyone decided. Nothing changed in AWS.")
    return Progress(Kind.GREY, _("Withdrawn"), sentence)


_ITEM_WORDS: dict[ItemState, Callable[[Item], Progress]] = {
    ItemState.SUBMITTED: _open,
    ItemState.RETURNED: _open,
    ItemState.REJECTED: _rejected,
    ItemState.WITHDRAWN: _withdrawn,
}


def _of_grant(grant: Grant, now: datetime) -> Progress:
    kind, word, sentence = _ending(grant) if has_ended(grant, now) else _arriving(grant)
    intent = grant.intent
    return Progress(
        kind,
        word,
        sentence,
        presence=intent.presence,
        usable=intent.usable,
        evidence_at=intent.seen_at,
        residual_until=_residual_until(grant, now),
    )


def _arriving(grant: Grant) -> tuple[Kind, str, str]:
    intent = grant.intent
    if held := _needs_a_person(intent):
        return held
    if intent.failure:
        return Kind.RED, _("Not in place"), _trying(intent.failure)
    if intent.presence != Presence.PRESENT or not intent.is_proven:
        return Kind.BLUE, _("Being set up"), _("Approved. The workers put it in place and read it back.")
    read = _("Read back from AWS %(when)s.") % {"when": _seen(intent)}
    if intent.usable is False:
        return Kind.AMBER, _("Present, not usable"), f"{read} {_('Something else still stands in the way.')}"
    if passing := _to_its_group(grant):
        return passing
    word = _("Usable") if intent.usable else _("Present")
    ends = _("It ends on %(when)s.") % {"when": moment(grant.ends_at)}
    return Kind.GREEN, word, f"{read} {ends}"


def _to_its_group(grant: Grant) -> tuple[Kind, str, str] | None:
    """While the group for which it was asked does not have it. Two queries, none where it was asked for no group."""
    request = grant.item.request
    if request.group_id is None:
        return None
    words = {"account": grant.principal.account.name, "group": request.group}
    held = held_by_its_group(grant)
    if held is None:
        said = _("%(account)s has it. Its admins pass it on to %(group)s.") % words
        return Kind.GREY, _("To be passed on"), said
    if not all(one.presence == Presence.PRESENT and one.is_proven for one in held):
        said = _("%(account)s has it. The workers pass it on to %(group)s and read it back.") % words
        return Kind.BLUE, _("Being passed on"), said
    return None


def _ending(grant: Grant) -> tuple[Kind, str, str]:
    intent = grant.intent
    why = _("Revoked.") if grant.state == GrantState.REVOKED else _("Expired.")
    if intent.presence == Presence.ABSENT and intent.is_proven:
        absent = _("Absent from AWS, read back %(when)s.") % {"when": _seen(intent)}
        return Kind.GREEN, _("Gone"), f"{why} {absent}"
    if held := _needs_a_person(intent):
        return held
    if intent.failure:
        return Kind.RED, _("Not removed yet"), f"{why} {_trying(intent.failure)}"
    return Kind.BLUE, _("Being removed"), f"{why} {_('The workers remove it and read that back.')}"


def _needs_a_person(intent: Intent) -> tuple[Kind, str, str] | None:
    why = as_sentence(intent.failure)
    if intent.is_unjustified:
        refused = _("The workers send nothing for it, and governance admins were told.")
        return Kind.RED, _("Failed"), f"{why} {refused}"
    if intent.presence == Presence.STALE:
        stale = why or _("Its effects are no longer as approved.")
        then = _("What was given is removed. A data owner has to look again.")
        return Kind.AMBER, _("Review again"), f"{stale} {then}"
    if intent.presence == Presence.HOLD:
        return Kind.AMBER, _("On hold"), why or _("It waits for a person.")
    if intent.presence == Presence.UNKNOWN:
        unread = why or _("AWS could not be read just now.")
        return Kind.AMBER, _("Unknown"), f"{unread} {_('The workers look again and mend it.')}"
    return None


def _trying(failure: str) -> str:
    return f"{as_sentence(failure)} {_('The workers go on trying.')}"


def _seen(intent: Intent) -> str:
    return moment(intent.seen_at) if intent.seen_at else _("at an unknown time")


def _residual_until(grant: Grant, now: datetime) -> datetime | None:
    seen_at = grant.intent.seen_at
    if not has_ended(grant, now) or grant.intent.presence != Presence.ABSENT or seen_at is None:
        return None
    # `seen_at` is when the absence was first read: a scan that finds all as it was writes nothing.
    until = seen_at + timedelta(seconds=settings.RESIDUAL_SECONDS)
    return until if until > now else None
