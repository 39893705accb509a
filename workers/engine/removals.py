"""Removals that a person ordered: planned and proven in the round of the catalog's scope."""

from collections.abc import Iterable, Sequence

from django.db.models import F

from fulfilment.intents.models import Intent
from fulfilment.rounds.models import Round
from lakeformation.planning.desired import Wish, justify
from lakeformation.planning.removals import Removal, keepers, left_of
from lakeformation.values.permissions import Held
from workers.engine.claim import Lease, hold, short_transaction
from workers.engine.proofs import Proof, prove
from workers.engine.round_records import finish, new_round


def ordered(scope_key: str) -> dict[int, Intent]:
    """Intents of removals that are not proven yet, by id."""
    intents = Intent.objects.filter(scope_key=scope_key, kind=Intent.Kind.REMOVAL)
    return {intent.pk: intent for intent in intents.exclude(proven_generation=F("generation")).order_by("pk")}


def as_values(intents: Iterable[Intent]) -> list[Removal]:
    return [Removal.from_json(intent.pk, intent.wanted) for intent in intents]


def prove_gone(
    lease: Lease, orders: dict[int, Intent], held: Held, live: Sequence[Wish], row: Round | None
) -> None:
    """Absent is what this reading, begun after every write was settled, no longer shows."""
    justified = justify(live if orders else ())
    gone = [one for one in as_values(orders.values()) if not left_of(one, held, justified)]
    if not gone:
        return
    heirs = keepers(gone, held, justified)
    with short_transaction(rows=len(gone) + len(heirs)):
        hold(lease)
        evidence = row or new_round(lease, [])
        if row is None:
            finish(evidence, Round.Outcome.CONVERGED)
        proofs = [Proof(orders[one.intent], Intent.Presence.ABSENT, usable=None, failure="") for one in gone]
        prove(proofs, evidence, now=lease.now, heirs=heirs)
