"""The intents that a round applies, and removals that a person ordered: planned and proven in the round of the catalog's scope."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Exists, F, Func, JSONField, OuterRef, Q

from fulfilment.intents.models import Intent, list_live_intents
from fulfilment.rounds import Round, StepEntry
from lakeformation.effects.table_effects import parse_approved_filter, parse_approved_permissions
from lakeformation.observation.reading import UnknownRowIndex
from lakeformation.planning.catalog_plan import Removal, find_justifying_intents, find_remaining_columns
from lakeformation.planning.desired import IntentSpec, build_justification, limit_to_account_grants
from lakeformation.values.data_cells_filters import CellsFilter
from workers.engine.catalog_reading import CatalogReading
from workers.engine.claim import Lease, lock_scope, short_transaction
from workers.engine.proofs import Proof, store_proofs, write_failures
from workers.engine.round_records import create_round, finish_round

SETTLED_PRESENCES = (Intent.Presence.ABSENT, Intent.Presence.STALE)


def load_intent_specs(scope_key: str, now: datetime) -> tuple[list[IntentSpec], dict[int, Intent]]:
    """Specs of every intent of the scope that still matters, and the intents as read, by id.

    One that is proven absent wants nothing any more: what its principal holds since is not ours. One that is stale
    matters again once its time has come, as it is to be proven absent then.
    """
    over = Q(presence=Intent.Presence.STALE, expires_at__lte=now)
    settled = Q(presence__in=SETTLED_PRESENCES, proven_generation=F("generation")) & ~over
    rows = Intent.objects.filter(scope_key=scope_key).exclude(settled)
    intents = {intent.pk: intent for intent in rows.order_by("pk")}
    applied = find_applied(intent for intent in intents.values() if not _is_stale_and_proven(intent))
    specs = (build_intent_spec(intent, was_applied=intent.pk in applied) for intent in intents.values())
    return limit_to_account_grants(specs), intents


def _is_stale_and_proven(intent: Intent) -> bool:
    """Whether it is stale and everything that it held is proven gone."""
    return intent.presence == Intent.Presence.STALE and intent.is_proven


def build_intent_spec(intent: Intent, *, was_applied: bool = True) -> IntentSpec:
    """One intent as an `IntentSpec`; `was_applied` matters once it is no longer live."""
    return IntentSpec(
        intent_id=intent.pk,
        access=intent.access,
        approved=parse_approved_permissions(intent.effects),
        expires_at=intent.expires_at,
        ended_at=intent.ended_at,
        was_applied=was_applied,
        approved_filter=parse_approved_filter(intent.effects),
    )


def find_applied(intents: Iterable[Intent]) -> set[int]:
    """Intents that were proven once, that took over another's permissions, or for which a call was sent, whatever its
    result; and adopted ones.
    """
    every = list(intents)
    seen = {one.pk for one in every if one.evidence_id is not None or "adoption" in one.wanted}
    unseen = [one.pk for one in every if one.pk not in seen]
    if not unseen:
        return seen
    own = Func(OuterRef("pk"), function="to_jsonb", output_field=JSONField())
    sent = StepEntry.objects.filter(intents__contains=own, step__sent_at__isnull=False)
    return seen | set(Intent.objects.filter(Exists(sent), pk__in=unseen).values_list("pk", flat=True))


def is_filter_wanted(one: CellsFilter) -> bool:
    """Whether a live intent wants exactly this data cells filter just now."""
    intents = list_live_intents().filter(
        wanted__owner=one.catalog.account,
        wanted__region=one.catalog.region,
        wanted__database=one.database,
        wanted__table=one.table,
        wanted__row_filter=one.rows,
    )
    return any(intent.access.cells_filter == one for intent in intents)


def load_ordered_removals(scope_key: str) -> dict[int, Intent]:
    """Intents of removals that are not proven yet, by id."""
    intents = Intent.objects.filter(scope_key=scope_key, kind=Intent.Kind.REMOVAL)
    return {intent.pk: intent for intent in intents.exclude(proven_generation=F("generation")).order_by("pk")}


def build_removals(intents: Iterable[Intent]) -> list[Removal]:
    return [Removal.from_json(intent.pk, intent.wanted) for intent in intents]


def prove_removals(
    lease: Lease,
    orders: dict[int, Intent],
    reading: CatalogReading,
    live: Sequence[IntentSpec],
    row: Round | None,
) -> bool:
    """Prove removals *absent* whose permissions this reading no longer shows. Returns whether some are not proven, because
    of a row that cannot be judged.
    """
    justified = build_justification(live if orders else ())
    not_seen = [
        removal
        for removal in build_removals(orders.values())
        if not find_remaining_columns(removal, reading.held, justified)
    ]
    unknown = UnknownRowIndex(reading.unknown_rows)
    reasons = {one.intent: unknown.get_reason(one.permission.principal) for one in not_seen}
    gone = [one for one in not_seen if not reasons[one.intent]]
    waiting = [(orders[pk], reason) for pk, reason in reasons.items() if reason]
    if not not_seen:
        return False
    heirs = find_justifying_intents(gone, reading.held, justified)
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
