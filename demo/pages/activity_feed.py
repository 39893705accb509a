"""What the portal is doing, newest first: events of the audit log, calls to AWS, changes found behind its back."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from audit.models import Event
from fulfilment.rounds.models import Entry, Round
from fulfilment.timeline import told
from identity.accounts.models import ConnectedCatalog
from identity.people.models import Person
from requests_app.access_requests.models import Item
from requests_app.display_states.vocabulary import LOOKS, Look, State, Tone

MOST = 40

VERBS = {
    "request_sync": "asked for a reading of the catalog",
    "found_drift": "found a change behind its back",
    "could_not_read": "could not read AWS, and says so",
    "replaced": "takes one permission for another, and says so",
    "proved_present": "read back that access is there",
    "proved_absent": "read back that access is gone",
    "submit_request": "asked for access",
    "approve_item": "approved a request",
    "reject_item": "rejected a request",
    "withdraw_item": "withdrew a request",
    "revoke_grant": "revoked a grant",
    "expire_grant": "closed a grant whose time was up",
}


@dataclass(frozen=True)
class News:
    at: datetime
    look: Look
    text: str
    detail: str = ""


def news() -> list[News]:
    """Six queries, whatever has happened."""
    found = [*_events(), *_calls(), *_rounds()]
    return sorted(found, key=lambda each: each.at, reverse=True)[:MOST]


def _events() -> Iterator[News]:
    events = list(Event.objects.order_by("-pk")[:MOST])
    ids = [int(e.actor.removeprefix("person:")) for e in events if e.actor.startswith("person:")]
    things = _things(events)
    names = dict(Person.objects.filter(pk__in=ids).values_list("pk", "name"))
    for event in events:
        kind, _colon, key = event.actor.partition(":")
        who = names.get(int(key), event.actor) if kind == "person" else _("The portal")
        what = VERBS.get(event.verb, event.verb.replace("_", " "))
        icon = "person" if kind == "person" else "bolt"
        yield News(event.at, Look(Tone.GREY, icon), f"{who} {what}", things.get(event.subject, event.subject))


def _things(events: list[Event]) -> dict[str, str]:
    """Subjects of events in words: `request:4` is Claims for BI."""
    ids: dict[str, list[int]] = defaultdict(list)
    for event in events:
        model, _colon, key = event.subject.partition(":")
        if key.isdigit():
            ids[model].append(int(key))
    chosen = Q(pk__in=ids["item"]) | Q(request__in=ids["request"]) | Q(grant__in=ids["grant"])
    items = Item.objects.filter(chosen).select_related("product", "table__database", "request__team", "grant")
    catalogs = ConnectedCatalog.objects.filter(pk__in=ids["catalog"])
    named = {f"catalog:{pk}": name for pk, name in catalogs.values_list("pk", "short_name")}
    return named | {
        subject: f"{item.product or item.table} · {item.request.team}"
        for item in items
        for subject in (f"item:{item.pk}", f"request:{item.request_id}", f"grant:{_grant_id(item)}")
    }


def _grant_id(item: Item) -> int:
    grant = getattr(item, "grant", None)
    return grant.pk if grant else 0


def _calls() -> Iterator[News]:
    sent = Entry.objects.filter(step__sent_at__isnull=False).select_related("step")
    for entry in sent.order_by("-step__sent_at", "-pk")[:MOST]:
        step = entry.step
        assert step.sent_at is not None
        failed = entry.error or step.error
        look = LOOKS[State.FAILED] if failed else Look(Tone.GREY, "bolt")
        yield News(step.sent_at, look, told(entry), failed or f"{step.operation} · {step.account_id}")


def _rounds() -> Iterator[News]:
    for found in Round.objects.exclude(drift=[]).order_by("-pk")[:MOST]:
        for drift in found.drift:
            yield News(
                found.started_at,
                LOOKS[State.NEEDS_ATTENTION],
                _("Changed outside the portal"),
                drift["text"],
            )
