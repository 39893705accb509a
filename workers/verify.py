"""Write what a reading proves: the seen half of intents, under the epoch, at the generation planned."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from audit.actions import record, record_each
from audit.models import Event
from fulfilment.models import Intent, Round
from lakeformation.desired import Desired, Wish
from lakeformation.observation import Observation
from lakeformation.planning import Plan

REFUSED = "AWS refused"
"""How the engine's sentence on a refusal begins."""


def verdicts(
    wishes: Iterable[Wish], goal: Desired, todo: Plan, *, now: datetime
) -> dict[int, Intent.Presence]:
    """By intent, what a complete reading proved; those that the plan still concerns are left out."""
    touched = todo.touched
    found = {}
    for wish in wishes:
        if wish.intent in touched:
            continue
        if not wish.is_live(now):
            found[wish.intent] = Intent.Presence.ABSENT
        elif wish.intent in goal.stale:
            found[wish.intent] = Intent.Presence.STALE
        else:
            found[wish.intent] = Intent.Presence.PRESENT
    return found


@dataclass(frozen=True)
class Proof:
    """A verdict on an intent. `failure` says why a stale one is stale; `usable`, see `usable()`."""

    intent: Intent
    presence: Intent.Presence
    usable: bool | None
    failure: str


def stands(intent: Intent) -> bool:
    """Whether the intent is proven present as it is wanted now."""
    return intent.presence == Intent.Presence.PRESENT and intent.is_proven


def is_news(proof: Proof) -> bool:
    """Whether the verdict changes the row: a scan that finds all as it was writes nothing."""
    intent = proof.intent
    seen = (intent.presence, intent.proven_generation, intent.usable, intent.failure)
    return seen != (proof.presence, intent.generation, proof.usable, proof.failure)


def usable(wish: Wish, presence: Intent.Presence, seen: Observation) -> bool | None:
    """Whether nothing else stands in the way of a present access; None where the question is idle."""
    if presence != Intent.Presence.PRESENT:
        return None
    access = wish.access
    is_guarded = access.in_hybrid_mode or not seen.is_hybrid(access)
    return seen.is_registered(access) and is_guarded and not seen.open_to_iam(access)


def prove(
    proofs: Iterable[Proof], row: Round, *, now: datetime, heirs: Collection[int] = frozenset()
) -> None:
    """Mark the intents at the generation that was planned, those with the same verdict together; one that has moved
    on since is left as it is. `heirs` keep what the others leave: this round's reading is the evidence that it is there.
    """
    by_id = {proof.intent.pk: proof for proof in proofs}
    locked = Intent.objects.select_for_update().filter(pk__in=[*by_id, *heirs]).order_by("pk")
    alike: dict[tuple[Intent.Presence, bool | None, str], list[Intent]] = {}
    for pk, generation in locked.values_list("pk", "generation"):
        proof = by_id.get(pk)
        if proof and proof.intent.generation == generation:
            alike.setdefault((proof.presence, proof.usable, proof.failure), []).append(proof.intent)
    Intent.objects.filter(pk__in=heirs, evidence=None).update(evidence=row)
    for (presence, usable, failure), intents in alike.items():
        Intent.objects.filter(pk__in=[intent.pk for intent in intents]).update(
            presence=presence,
            proven_generation=F("generation"),
            evidence=row,
            seen_at=now,
            usable=usable,
            failure=failure,
        )
        data = ({"intent": intent.pk, "round": row.pk, "reason": failure} for intent in intents)
        told = zip((intent.subject for intent in intents), data, strict=True)
        record_each(verb=f"proved_{presence}", actor=f"engine:{row.owner}", told=told, now=now)


def doubt(intent: Intent, reason: str, *, verb: str, owner: str, now: datetime) -> None:
    """Something proven is no longer so, or can't be read: say *unknown* until the next proof.

    `verb` (found_drift, could_not_read, replaced) goes on the record once, however often the reason is met again.
    """
    if intent.presence == Intent.Presence.UNKNOWN:
        tell(intent, reason)
        return
    Intent.objects.filter(pk=intent.pk, generation=intent.generation).update(
        presence=Intent.Presence.UNKNOWN, proven_generation=0, usable=None, failure=reason
    )
    data = {"intent": intent.pk, "found": reason}
    record(verb=verb, actor=f"engine:{owner}", subject=intent.subject, data=data, now=now)


def record_failure(intent: Intent, reason: str, *, owner: str, now: datetime) -> None:
    """Put a refusal of AWS on the record, once for each cause, however many rounds meet it; not what is tried again
    without a person.
    """
    if not reason.startswith(REFUSED):
        return
    data = {"intent": intent.pk, "generation": intent.generation, "found": reason}
    told = Event.objects.filter(subject=intent.subject, verb="fail_intent", data=data)
    if not told.filter(at__gte=intent.seen_at or intent.created_at).exists():
        record(verb="fail_intent", actor=f"engine:{owner}", subject=intent.subject, data=data, now=now)


def tell_waiting(intent: Intent, reason: str, *, for_filter: bool) -> None:
    """Write what an intent waits for; of a filter, AWS's refusal to make it says more and stays."""
    if not (for_filter and intent.failure.startswith(REFUSED)):
        tell(intent, reason)


def tell(intent: Intent, reason: str) -> None:
    """Write why an intent is not proven yet, without touching what is known of it."""
    if intent.failure != reason:
        Intent.objects.filter(pk=intent.pk, generation=intent.generation).update(failure=reason)
