"""Loads intents of a scope as intent specs, the input of planning."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, F, Func, JSONField, OuterRef, Q

from fulfilment.intents.models import Intent
from fulfilment.intents.queries import list_live_intents
from fulfilment.rounds.models import StepEntry
from lakeformation.effects.table_effects import parse_approved_filter, parse_approved_permissions
from lakeformation.planning.account_grants import limit_to_account_grants
from lakeformation.planning.desired import IntentSpec
from lakeformation.values.data_cells_filters import CellsFilter

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
    known = find_applied(one for one in intents.values() if not _is_stale_and_proven(one))
    wishes = (build_intent_spec(intent, was_applied=intent.pk in known) for intent in intents.values())
    return limit_to_account_grants(wishes), intents


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
