"""What the portal is doing, newest first: events of the audit log, calls to AWS, changes found behind its back."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from audit.models import Event
from fulfilment.rounds import Round, StepEntry
from fulfilment.timeline import describe_entry
from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from requests_app.access_requests.models import RequestItem
from requests_app.display_states.vocabulary import APPEARANCES, Appearance, State, Tone

MAX_ACTIVITIES = 40

VERB_TEXTS = {
    "request_sync": "asked for a reading of the catalog",
    "found_drift": "found a change behind its back",
    "could_not_read": "could not read AWS, and says so",
    "replaced": "takes one permission for another, and says so",
    "proved_present": "read back that access is there",
    "proved_absent": "read back that access is gone",
    "submit_access_request": "asked for access",
    "approve_item": "approved a request",
    "reject_item": "rejected a request",
    "withdraw_item": "withdrew a request",
    "revoke_grant": "revoked a grant",
    "expire_grant": "closed a grant whose time was up",
}


@dataclass(frozen=True)
class Activity:
    at: datetime
    look: Appearance
    text: str
    detail: str = ""


def list_activities() -> list[Activity]:
    """Six queries, whatever has happened."""
    found = [*_list_events(), *_list_calls(), *_list_drift()]
    return sorted(found, key=lambda each: each.at, reverse=True)[:MAX_ACTIVITIES]


def _list_events() -> Iterator[Activity]:
    events = list(Event.objects.order_by("-pk")[:MAX_ACTIVITIES])
    ids = [int(e.actor.removeprefix("person:")) for e in events if e.actor.startswith("person:")]
    things = _describe_subjects(events)
    names = dict(Person.objects.filter(pk__in=ids).values_list("pk", "name"))
    for event in events:
        kind, _colon, key = event.actor.partition(":")
        who = names.get(int(key), event.actor) if kind == "person" else _("The portal")
        what = VERB_TEXTS.get(event.verb, event.verb.replace("_", " "))
        icon = "person" if kind == "person" else "bolt"
        yield Activity(
            event.at, Appearance(Tone.GREY, icon), f"{who} {what}", things.get(event.subject, event.subject)
        )


def _describe_subjects(events: list[Event]) -> dict[str, str]:
    """Subjects of events in words: `request:4` is Claims for BI."""
    ids: dict[str, list[int]] = defaultdict(list)
    for event in events:
        model, _colon, key = event.subject.partition(":")
        if key.isdigit():
            ids[model].append(int(key))
    chosen = Q(pk__in=ids["item"]) | Q(request__in=ids["request"]) | Q(grant__in=ids["grant"])
    items = RequestItem.objects.filter(chosen).select_related(
        "product", "table__database", "request__team", "grant"
    )
    catalogs = ConnectedCatalog.objects.filter(pk__in=ids["catalog"])
    named = {f"catalog:{pk}": name for pk, name in catalogs.values_list("pk", "short_name")}
    return named | {
        subject: f"{item.product or item.table} · {item.request.team}"
        for item in items
        for subject in (f"item:{item.pk}", f"request:{item.request_id}", f"grant:{_grant_id(item)}")
    }


def _grant_id(item: RequestItem) -> int:
    grant = getattr(item, "grant", None)
    return grant.pk if grant else 0


def _list_calls() -> Iterator[Activity]:
    sent = StepEntry.objects.filter(step__sent_at__isnull=False).select_related("step")
    for entry in sent.order_by("-step__sent_at", "-pk")[:MAX_ACTIVITIES]:
        step = entry.step
        assert step.sent_at is not None
        failed = entry.error or step.error
        look = APPEARANCES[State.FAILED] if failed else Appearance(Tone.GREY, "bolt")
        yield Activity(
            step.sent_at, look, describe_entry(entry), failed or f"{step.operation} · {step.account_id}"
        )


def _list_drift() -> Iterator[Activity]:
    for found in Round.objects.exclude(drift=[]).order_by("-pk")[:MAX_ACTIVITIES]:
        for drift in found.drift:
            yield Activity(
                found.started_at,
                APPEARANCES[State.NEEDS_ATTENTION],
                _("Changed outside the portal"),
                drift["text"],
            )
