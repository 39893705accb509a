"""Removals that a person ordered: planned and proven in the round of the catalog's scope."""

from collections.abc import Iterable, Sequence

from django.db.models import F

from fulfilment.intents.models import Intent
from fulfilment.rounds.models import Round
from lakeformation.observation.unknown_rows import UnknownRowIndex
from lakeformation.planning.desired import IntentSpec, build_justification
from lakeformation.planning.removals import Removal, find_justifying_intents, find_remaining_columns
from workers.engine.claim import Lease, lock_scope, short_transaction
from workers.engine.proofs import Proof, store_proofs, write_failures
from workers.engine.reading.catalog import CatalogReading
from workers.engine.round_records import create_round, finish_round


def load_ordered_removals(scope_key: str) -> dict[int, Intent]:
    """Intents of removals that are not proven yet, by id."""
    intents = Intent.objects.filter(scope_key=scope_key, kind=Intent.Kind.REMOVAL)
    return {intent.pk: intent for intent in intents.exclude(proven_generation=F("generation")).order_by("pk")}


def build_removals(intents: Iterable[Intent]) -> list[Removal]:
    return [Removal.from_json(intent.pk, intent.wanted) for intent in intents]


def prove_removals(
    lease: Lease,
    orders: dict[int, Intent],
    seen: CatalogReading,
    live: Sequence[IntentSpec],
    row: Round | None,
) -> bool:
    """Prove removals *absent* whose permissions this reading no longer shows. Returns whether some are not proven, because
    of a row that cannot be judged.
    """
    justified = build_justification(live if orders else ())
    not_seen = [
        one
        for one in build_removals(orders.values())
        if not find_remaining_columns(one, seen.held, justified)
    ]
    unknown = UnknownRowIndex(seen.unknown_rows)
    reasons = {one.intent: unknown.get_reason(one.permission.principal) for one in not_seen}
    gone = [one for one in not_seen if not reasons[one.intent]]
    waiting = [(orders[pk], reason) for pk, reason in reasons.items() if reason]
    if not not_seen:
        return False
    heirs = find_justifying_intents(gone, seen.held, justified)
    with short_transaction(rows=len(not_seen) + len(heirs)):
        lock_scope(lease)
        write_failures(waiting)
        if not gone:
            return True
        evidence = row or create_round(lease, [])
        if row is None:
            finish_round(evidence, Round.Outcome.CONVERGED)
        proofs = [Proof(orders[one.intent], Intent.Presence.ABSENT, usable=None, failure="") for one in gone]
        store_proofs(proofs, evidence, now=lease.now, successors=heirs)
    return bool(waiting)
