"""Refuses intents that no decision justifies, whoever wrote their rows, and records each as an incident."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db import connection

from audit.actions import record_each
from fulfilment.intents.models import Intent
from identity.people.models import Person, PlatformRole
from lakeformation.drift.differences import Difference, Kind
from lakeformation.planning.desired import Wish
from requests_app.grants.justification import find_unjustified
from workers.engine.claim import Lease, hold, short_transaction
from workers.engine.drift.findings import note
from workers.engine.proofs import DOUBT


def refused_among(lease: Lease, wishes: Sequence[Wish], intents: Mapping[int, Intent]) -> frozenset[int]:
    """Live intents that are not justified, and those passed on of one that is not. Each is put on the record once; nothing
    is sent for their sake, and nothing removed, until they end.
    """
    live = {wish.intent: intents[wish.intent] for wish in wishes if wish.is_live(lease.now)}
    why = find_unjustified(live.values())
    why |= {
        wish.intent: "the envelope that it is passed on from is not justified"
        for wish in wishes
        if wish.access.envelope in why and wish.intent in live
    }
    if why:
        refuse(lease, live, why)
    return frozenset(why)


def refused_orders(lease: Lease, orders: Mapping[int, Intent]) -> frozenset[int]:
    """Removals that nobody ordered, likewise."""
    why = find_unjustified(orders.values())
    if why:
        refuse(lease, orders, why)
    return frozenset(why)


def refuse(lease: Lease, intents: Mapping[int, Intent], why: Mapping[int, str]) -> None:
    """Say so on each intent, in the ledger, and to governance admins."""
    said = {pk: f"{Intent.UNJUSTIFIED}: {reason}." for pk, reason in sorted(why.items())}
    news = [pk for pk, words in said.items() if intents[pk].failure != words]
    with short_transaction(rows=len(said)):
        hold(lease)
        note(lease, [_incident(intents[pk], words) for pk, words in said.items()])
        if news:
            with connection.cursor() as cursor:
                cursor.execute(DOUBT, [news, [said[pk] for pk in news]])
            _record(lease, {pk: said[pk] for pk in news}, intents)


def _incident(intent: Intent, words: str) -> Difference:
    principal, database, table = (
        str(intent.wanted.get(name, "")) for name in ("principal_arn", "database", "table")
    )
    text = f"intent {intent.pk} for {intent.subject}: {words}"
    return Difference(Kind.UNJUSTIFIED, principal, database, table, text, (intent.pk,))


def _record(lease: Lease, said: Mapping[int, str], intents: Mapping[int, Intent]) -> None:
    admins = Person.objects.filter(platform_roles__role=PlatformRole.Role.GOVERNANCE_ADMIN, is_active=True)
    people = list(admins.order_by("pk").values_list("pk", flat=True))
    told = [
        (
            f"intent:{pk}",
            {
                "intent": pk,
                "people": people,
                "what": f"intent {pk} for {intents[pk].subject}",
                "reason": words,
            },
        )
        for pk, words in said.items()
    ]
    record_each(verb="refuse_intent", actor=f"engine:{lease.owner}", told=told, now=lease.now)


def without(wishes: Iterable[Wish], refused: Collection[int]) -> list[Wish]:
    return [wish for wish in wishes if wish.intent not in refused]
