"""How far an ask has come, in one chip and one sentence. It never says more than AWS has confirmed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format

from audit import clock
from fulfilment.models import Intent
from requests_app.may import domain_of
from requests_app.models import Grant, Item
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

    `residual_until`: credentials given out before the end may live until then.
    """

    kind: Kind
    word: str
    sentence: str
    presence: str = ""
    usable: bool | None = None
    evidence_at: datetime | None = None
    residual_until: datetime | None = None


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


def _waiting(item: Item) -> Progress:
    domain = domain_of(item)
    if domain is None:
        return Progress(
            Kind.AMBER, "No owner", "No domain answers for this table yet. A steward has to name one."
        )
    return Progress(
        Kind.GREY, "Waiting for the owner", f"A data owner of {domain.owner_team.name} decides next."
    )


def _rejected(item: Item) -> Progress:
    decision = next(iter(reversed(item.decisions.all())), None)
    words = f"{decision.decided_by.name}: {decision.comment}" if decision else "The owner said no."
    return Progress(Kind.RED, "Rejected", words)


def _withdrawn(_item: Item) -> Progress:
    return Progress(Kind.GREY, "Withdrawn", "Taken back before anyone decided. Nothing changed in AWS.")


_ITEM_WORDS: dict[ItemState, Callable[[Item], Progress]] = {
    ItemState.SUBMITTED: _waiting,
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
        return Kind.RED, "Not in place", f"{_sentence(intent.failure)} The workers go on trying."
    if intent.presence != Presence.PRESENT or not intent.is_proven:
        return Kind.BLUE, "Being set up", "Approved. The workers put it in place and read it back."
    read = f"Read back from AWS {_seen(intent)}."
    if intent.usable is False:
        return Kind.AMBER, "Present, not usable", f"{read} Something else still stands in the way."
    word = "Usable" if intent.usable else "Present"
    return Kind.GREEN, word, f"{read} It ends on {moment(grant.ends_at)}."


def _ending(grant: Grant) -> tuple[Kind, str, str]:
    intent = grant.intent
    why = "Revoked" if grant.state == GrantState.REVOKED else "Expired"
    if intent.presence == Presence.ABSENT and intent.is_proven:
        return Kind.GREEN, "Absent", f"{why}. Absent from AWS, read back {_seen(intent)}."
    if held := _needs_a_person(intent):
        return held
    if intent.failure:
        return Kind.RED, "Not removed yet", f"{why}. {_sentence(intent.failure)} The workers go on trying."
    return Kind.BLUE, "Being removed", f"{why}. The workers remove it and read that back."


def _needs_a_person(intent: Intent) -> tuple[Kind, str, str] | None:
    why = _sentence(intent.failure)
    if intent.presence == Presence.STALE:
        stale = why or "Its effects are no longer as approved."
        return (
            Kind.AMBER,
            "Review again",
            f"{stale} What was given is removed. A data owner has to look again.",
        )
    if intent.presence == Presence.HOLD:
        return Kind.AMBER, "On hold", why or "It waits for a person."
    if intent.presence == Presence.UNKNOWN:
        unread = why or "AWS could not be read just now."
        return Kind.AMBER, "Unknown", f"{unread} The workers look again and mend it."
    return None


def _sentence(text: str) -> str:
    """The engine's words as a sentence of ours."""
    bare = text.strip().rstrip(".")
    return f"{bare[:1].upper()}{bare[1:]}." if bare else ""


def _seen(intent: Intent) -> str:
    return moment(intent.seen_at) if intent.seen_at else "at an unknown time"


def _residual_until(grant: Grant, now: datetime) -> datetime | None:
    seen_at = grant.intent.seen_at
    if not has_ended(grant, now) or grant.intent.presence != Presence.ABSENT or seen_at is None:
        return None
    # `seen_at` is when the absence was first read: a scan that finds all as it was writes nothing.
    until = seen_at + timedelta(seconds=settings.RESIDUAL_SECONDS)
    return until if until > now else None
