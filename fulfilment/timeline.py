"""What the engine did for an intent, as a person reads it."""

from dataclasses import dataclass
from datetime import datetime

from fulfilment.models import Entry, Intent, Round, Step

WORDS = {
    "grant": "Granted",
    "revoke": "Revoked",
    "link": "Made resource link",
    "unlink": "Removed resource link",
    "accept": "Accepted the invitation",
    "register": "Registered location",
}


@dataclass(frozen=True)
class Moment:
    """`kind`: sent, done, failed, proof or drift. `request_id` is AWS's, to quote."""

    at: datetime
    kind: str
    text: str
    detail: str = ""
    request_id: str = ""


def timeline(intent: Intent) -> list[Moment]:
    """Steps, drift and proof of one intent, oldest first. Two queries."""
    entries = (
        Entry.objects.filter(intents__contains=[intent.pk], step__sent_at__isnull=False)
        .select_related("step", "step__round")
        .order_by("step__sent_at", "position")
    )
    moments = [_moment(entry) for entry in entries]
    for found in Round.objects.filter(
        scope__key=intent.scope_key, drift__contains=[{"intents": [intent.pk]}]
    ):
        moments += [
            Moment(found.started_at, "drift", "Found changed behind the portal", drift["text"])
            for drift in found.drift
            if intent.pk in drift["intents"]
        ]
    if intent.seen_at and intent.presence in {Intent.Presence.PRESENT, Intent.Presence.ABSENT}:
        word = "present" if intent.presence == Intent.Presence.PRESENT else "absent"
        text = f"Read back from AWS: {word}"
        moments.append(Moment(intent.seen_at, "proof", text, f"round {intent.evidence_id}"))
    return sorted(moments, key=lambda moment: moment.at)


def _moment(entry: Entry) -> Moment:
    step = entry.step
    assert step.sent_at is not None
    kinds = {Step.Outcome.DONE: "done", Step.Outcome.SENT: "sent", Step.Outcome.UNKNOWN: "sent"}
    kind = "failed" if entry.error else kinds.get(Step.Outcome(step.outcome), "done")
    return Moment(
        step.sent_at, kind, told(entry), entry.error or f"account {step.account_id}", step.aws_request_id
    )


def told(entry: Entry) -> str:
    """One line of a call in words: what was done to which permission, link, share or location."""
    return f"{WORDS.get(entry.action, entry.action)} {_described(entry.atom, entry.resource)}"


def _described(atom: dict[str, object], resource: str) -> str:
    """The verb, the resource, and the columns where there are some."""
    if "verb" not in atom:
        return resource
    columns = atom.get("columns")
    names = columns.get("include") if isinstance(columns, dict) else None
    what = f" ({', '.join(names)})" if names else ""
    return f"{atom['verb']} on {resource.replace('/', '.')}{what}"
