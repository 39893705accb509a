"""Removals that a person ordered: planned and proven in the round of the catalog's scope."""

from collections.abc import Iterable, Sequence

from django.db.models import F

from fulfilment.intents.models import Intent
from fulfilment.rounds.models import Round
from lakeformation.planning.desired import IntentSpec, build_justification
from lakeformation.planning.removals import Removal, find_justifying_intents, find_remaining_columns
from lakeformation.values.permissions import HeldPermissions
from workers.engine.claim import Lease, lock_scope, short_transaction
from workers.engine.proofs import Proof, store_proofs
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
    held: HeldPermissions,
    live: Sequence[IntentSpec],
    row: Round | None,
) -> None:
    """Prove removals *absent* whose permissions this reading no longer shows."""
    justified = build_justification(live if orders else ())
    gone = [
        one for one in build_removals(orders.values()) if not find_remaining_columns(one, held, justified)
    ]
    if not gone:
        return
    heirs = find_justifying_intents(gone, held, justified)
    with short_transaction(rows=len(gone) + len(heirs)):
        lock_scope(lease)
        evidence = row or create_round(lease, [])
        if row is None:
            finish_round(evidence, Round.Outcome.CONVERGED)
        proofs = [Proof(orders[one.intent], Intent.Presence.ABSENT, usable=None, failure="") for one in gone]
        store_proofs(proofs, evidence, now=lease.now, successors=heirs)
