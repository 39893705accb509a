"""The intents of a scope as the pure core sees them."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, F, Func, JSONField, OuterRef, Q

from fulfilment.intents.models import Intent
from fulfilment.intents.queries import in_force
from fulfilment.rounds.models import Entry
from lakeformation.effects.table_effects import approved_atoms, approved_filter
from lakeformation.planning.desired import Wish
from lakeformation.planning.envelopes import within_envelopes
from lakeformation.values.data_cells_filters import CellsFilter

SETTLED = (Intent.Presence.ABSENT, Intent.Presence.STALE)


def wishes_of(scope_key: str, now: datetime) -> tuple[list[Wish], dict[int, Intent]]:
    """Wishes of every intent of the scope that still matters, and the intents as read, by id.

    One that is proven absent wants nothing any more: what its principal holds since is not ours. One that is stale
    matters again once its time has come, as it is to be proven absent then.
    """
    over = Q(presence=Intent.Presence.STALE, expires_at__lte=now)
    settled = Q(presence__in=SETTLED, proven_generation=F("generation")) & ~over
    rows = Intent.objects.filter(scope_key=scope_key).exclude(settled)
    intents = {intent.pk: intent for intent in rows.order_by("pk")}
    known = applied(one for one in intents.values() if not _let_go(one))
    wishes = (wish_of(intent, was_applied=intent.pk in known) for intent in intents.values())
    return within_envelopes(wishes), intents


def _let_go(intent: Intent) -> bool:
    """Whether all that it held is proven gone, as it is stale. Who revokes it asks for more: for what stands there now."""
    return intent.presence == Intent.Presence.STALE and intent.is_proven


def wish_of(intent: Intent, *, was_applied: bool = True) -> Wish:
    """One intent as a wish of the pure core; `was_applied` matters once it is no longer live."""
    return Wish(
        intent=intent.pk,
        access=intent.access,
        approved=approved_atoms(intent.effects),
        expires_at=intent.expires_at,
        ended_at=intent.ended_at,
        was_applied=was_applied,
        approved_filter=approved_filter(intent.effects),
    )


def applied(intents: Iterable[Intent]) -> set[int]:
    """Those that were once seen to be true or to keep what others left, or for whose sake a call was made, its answer
    known or not. What was adopted stood there from the beginning.
    """
    every = list(intents)
    seen = {one.pk for one in every if one.evidence_id is not None or one.wanted.get("adopted")}
    unseen = [one.pk for one in every if one.pk not in seen]
    if not unseen:
        return seen
    own = Func(OuterRef("pk"), function="to_jsonb", output_field=JSONField())
    sent = Entry.objects.filter(intents__contains=own, step__sent_at__isnull=False)
    return seen | set(Intent.objects.filter(Exists(sent), pk__in=unseen).values_list("pk", flat=True))


def is_wanted(one: CellsFilter) -> bool:
    """Whether a live intent wants exactly this data cells filter just now."""
    intents = in_force().filter(
        wanted__owner=one.place.account,
        wanted__region=one.place.region,
        wanted__database=one.database,
        wanted__table=one.table,
        wanted__row_rule=one.rows,
    )
    return any(intent.access.cells_filter == one for intent in intents)
