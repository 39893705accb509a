"""The round of a catalog scope: keep what Lake Formation holds of it, register locations and make filters.

It also removes data cells filters that nothing justifies any more, and unmanaged permissions on a person's order.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from django.db.models import Q, QuerySet

from fulfilment.intents.actions import wake
from fulfilment.intents.models import Intent
from fulfilment.rounds.models import Round
from identity.accounts.models import ConnectedCatalog
from lakeformation.observation.reading import Observation
from lakeformation.planning.changes import Drift, Step
from lakeformation.planning.desired import Wish
from lakeformation.planning.prerequisites import filters, registrations
from lakeformation.planning.removals import Removal, not_ordered, removals
from workers.aws.errors import AwsError
from workers.aws.sessions import forget
from workers.engine.account_outage import hear, unanswered
from workers.engine.claim import Lease, hold, hold_on, short_transaction
from workers.engine.drift.administrators import administrators_of
from workers.engine.drift.filters import changed_back, doubt_all, lacking
from workers.engine.drift.findings import (
    as_drift,
    close_proven,
    close_unseen,
    note,
    of_changed_back,
    of_needs,
)
from workers.engine.drift.holds import hold_columns
from workers.engine.drift.unmanaged import surplus_of, unmanaged_in
from workers.engine.drift.widenings import record_new, widenings_of
from workers.engine.intents import applied, wish_of
from workers.engine.reading.catalog import CatalogReading, read_catalog
from workers.engine.reading.data_lake_settings import facts_in, settings_of, version_of
from workers.engine.reading.named_expressions import expressions_of
from workers.engine.refusal_backoff import due_steps, was_done_in_vain
from workers.engine.removals import as_values, ordered, prove_gone
from workers.engine.round_records import (
    KEEP_SECONDS,
    Pass,
    finish,
    keep_reading,
    keep_whole,
    new_round,
    store_steps,
)
from workers.engine.send import send_all
from workers.engine.unjustified_intents import refused_among, refused_orders, without


def catalog_round(lease: Lease) -> Pass:
    """One reading of the catalog's permissions, filters and locations, and what is missing made. FencedError."""
    catalog = lease.scope.catalog
    try:
        seen = read_catalog(catalog)
    except AwsError as error:
        forget(error)
        return unanswered(lease, error)
    hear(lease)
    intents = _live_intents(catalog)
    live = [wish_of(intent) for intent in intents.values()]
    former = _former_wishes(lease, seen)
    orders = ordered(lease.scope.key)
    refused = refused_orders(lease, orders)
    orders = {pk: order for pk, order in orders.items() if pk not in refused}
    wishes = [*live, *former]
    made = _made(wishes, seen, lease)
    asking = {intent for step in made for change in step.changes for intent in change.intents}
    if unfit := refused_among(lease, [wish for wish in live if wish.intent in asking], intents):
        wishes = without(wishes, unfit)
        made = _made(wishes, seen, lease)
    steps = [*removals(as_values(orders.values()), seen.held, live), *made]
    due = due_steps(lease, steps)
    is_in_vain = was_done_in_vain(lease, due.steps)
    row = _store(lease, seen, due.steps, lacking(wishes, seen, lease), live)
    keep_whole(lease, seen)
    _keep_findings(lease, seen, live, as_values(orders.values()))
    prove_gone(lease, orders, seen.held, live, row)
    if row is None or not due.steps:
        if refused:
            return Pass(failed=True)
        return Pass(wait=due.next_in or 0.0, held_off=bool(due.next_in), converged=not due.next_in)
    passed = send_all(lease, row, due.steps, {wish.intent: wish for wish in wishes})
    if is_in_vain:
        passed.wait, passed.failed, passed.progressed = None, True, False
    else:
        _let_shares_go_on(lease, passed.done)
    if refused:
        passed.wait, passed.failed = None, True
    return passed


def _made(wishes: list[Wish], seen: CatalogReading, lease: Lease) -> list[Step]:
    """Locations to register, filters to make, and filters that nobody wants any more."""
    return [
        *registrations(wishes, frozenset(seen.locations), now=lease.now),
        *filters(wishes, seen.filters_by_key, seen.held, now=lease.now),
    ]


def _store(
    lease: Lease, seen: CatalogReading, steps: Sequence[Step], drift: list[Drift], live: list[Wish]
) -> Round | None:
    places = Observation(locations=frozenset(seen.locations), filters=seen.filters_by_key)
    with short_transaction(rows=len(live)):
        hold(lease)
        back = changed_back(seen, lease)
        found = of_needs(live, places, lease.now)
        note(lease, [*found, *of_changed_back(back)])
        drift += back
        drift += as_drift(found, drift)
        if not (steps or drift):
            return None
        row = new_round(lease, drift)
        store_steps(row, steps)
        if not steps:
            finish(row, Round.Outcome.WAITING)
        doubt_all(drift, lease)
        hold_on(lease)
    return row


def _keep_findings(lease: Lease, seen: CatalogReading, live: list[Wish], orders: Sequence[Removal]) -> None:
    """Surplus and settings, in a transaction of their own: they are no part of the plan."""
    settings = settings_of(lease.scope.catalog)
    versions, unread = version_of(settings, live, lease.now)
    catalog = lease.scope.catalog
    wider = widenings_of(catalog, live, lease.now)
    extra = unmanaged_in(catalog, seen, live)
    named = expressions_of(lease, seen.held)
    facts = facts_in(settings, seen)
    admins = administrators_of(lease, facts.admins)
    surplus = surplus_of(catalog, extra, seen, live, lease.now)
    found = [*surplus, *versions, *wider, *named.found, *admins.found]
    facts = replace(
        facts,
        permissions=len(seen.held),
        unmanaged=len(not_ordered(extra, orders)),
        expressions=named.expressions,
        first_admins=admins.first,
    )
    with short_transaction(KEEP_SECONDS):
        hold(lease)
        record_new(lease, found)
        hold_columns(lease, live)
        note(lease, found)
        close_unseen(lease, found, unread=[*unread, *named.unread, *admins.unread])
        keep_reading(lease, facts.to_json())
        hold_on(lease)
    close_proven(lease)


def _live_intents(catalog: ConnectedCatalog) -> dict[int, Intent]:
    intents = _of_shares(catalog).filter(ended_at__isnull=True).exclude(presence=Intent.Presence.STALE)
    return {intent.pk: intent for intent in intents.order_by("pk")}


def _former_wishes(lease: Lease, seen: CatalogReading) -> list[Wish]:
    """Ended and stale ones whose data cells filter is there still, and was made for their sake."""
    over = Q(ended_at__isnull=False) | Q(presence=Intent.Presence.STALE)
    intents = _of_shares(lease.scope.catalog).filter(over, wanted__has_key="row_rule")
    there = [
        intent
        for intent in (intents.order_by("pk") if seen.filters else ())
        if (one := wish_of(intent).access.cells_filter) and one.key in seen.filters_by_key
    ]
    known = applied(there)
    wishes = [wish_of(intent) for intent in there if intent.pk in known]
    return [replace(wish, ended_at=wish.ended_at or lease.now) for wish in wishes]


def _of_shares(catalog: ConnectedCatalog) -> QuerySet[Intent]:
    return Intent.objects.filter(scope_key__startswith=f"share:{catalog.pk}:")


def _let_shares_go_on(lease: Lease, done: Collection[int]) -> None:
    """Wake the share scopes that wait for what was made."""
    keys = list(Intent.objects.filter(pk__in=done).values_list("scope_key", flat=True).distinct())
    if not keys:
        return
    with short_transaction():
        for key in keys:
            wake(scope_key=key, reason="a prerequisite was made", now=lease.now)
