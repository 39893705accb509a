"""Refuses intents that no decision justifies, whoever wrote their rows, and records each as an incident."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db import connection

from audit.actions import record_events
from fulfilment.intents.models import Intent
from identity.people.models import Person, PlatformRole
from lakeformation.drift import Difference, DifferenceKind
from lakeformation.planning.desired import IntentSpec
from requests_app.grants.justification import find_unjustified
from workers.engine.claim import Lease, lock_scope, short_transaction
from workers.engine.drift import store_findings
from workers.engine.proofs import MARK_UNKNOWN


def refuse_unjustified(
    lease: Lease, specs: Sequence[IntentSpec], intents: Mapping[int, Intent]
) -> frozenset[int]:
    """Live intents that are not justified, and those passed on of one that is not. Each is put on the record once; nothing
    is sent for their sake, and nothing removed, until they end.
    """
    live = {spec.intent_id: intents[spec.intent_id] for spec in specs if spec.is_live(lease.now)}
    why = find_unjustified(live.values())
    why |= {
        spec.intent_id: "the account grant that it is passed on from is not justified"
        for spec in specs
        if spec.access.account_grant in why and spec.intent_id in live
    }
    if why:
        record_unjustified(lease, live, why)
    return frozenset(why)


def refuse_unjustified_removals(lease: Lease, orders: Mapping[int, Intent]) -> frozenset[int]:
    """Refuse removals that nobody ordered; returns their ids."""
    why = find_unjustified(orders.values())
    if why:
        record_unjustified(lease, orders, why)
    return frozenset(why)


def record_unjustified(lease: Lease, intents: Mapping[int, Intent], reasons: Mapping[int, str]) -> None:
    """Record it on each intent, as a finding, and as an event for governance admins."""
    said = {pk: f"{Intent.UNJUSTIFIED}: {reason}." for pk, reason in sorted(reasons.items())}
    news = [pk for pk, words in said.items() if intents[pk].failure != words]
    with short_transaction(rows=len(said)):
        lock_scope(lease)
        store_findings(lease, [_build_incident(intents[pk], words) for pk, words in said.items()])
        if news:
            with connection.cursor() as cursor:
                cursor.execute(MARK_UNKNOWN, [news, [said[pk] for pk in news]])
            _record_events(lease, {pk: said[pk] for pk in news}, intents)


def _build_incident(intent: Intent, words: str) -> Difference:
    text = f"intent {intent.pk} for {intent.subject}: {words}"
    if intent.kind != Intent.Kind.GRANT:
        return Difference(DifferenceKind.UNJUSTIFIED, "", "", "", text, (intent.pk,))
    access = intent.access
    return Difference(DifferenceKind.UNJUSTIFIED, access.principal_arn, *access.target, text, (intent.pk,))


def _record_events(lease: Lease, said: Mapping[int, str], intents: Mapping[int, Intent]) -> None:
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
    record_events(verb="refuse_intent", actor=f"engine:{lease.owner}", entries=told, now=lease.now)


def exclude_specs(specs: Iterable[IntentSpec], refused: Collection[int]) -> list[IntentSpec]:
    return [spec for spec in specs if spec.intent_id not in refused]
