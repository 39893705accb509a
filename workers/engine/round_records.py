"""What a round leaves behind: its reading, its plan with every step and entry, and how it ended."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from audit.clock import Now
from fulfilment.intents.models import Intent
from fulfilment.observations import storage
from fulfilment.observations.models import Observed, ObservedFilter, ObservedOptIn, RegisteredLocation
from fulfilment.rounds import models
from fulfilment.rounds.models import Entry, Round
from identity.accounts.models import ConnectedCatalog
from lakeformation.planning.changes import Drift, Step
from workers.engine.claim import Lease, account_of, hold, hold_on, short_transaction
from workers.engine.proofs import record_failures, say_why
from workers.engine.reading.catalog import CatalogReading

KEEP_SECONDS = 15.0
KEEP_READING = """
INSERT INTO fulfilment_scopereading (scope_id, epoch, read_at, seconds, facts)
VALUES (%s, %s, %s, extract(epoch FROM clock_timestamp() - %s), %s::jsonb)
ON CONFLICT (scope_id) DO UPDATE SET epoch = excluded.epoch, read_at = excluded.read_at,
       seconds = excluded.seconds, facts = excluded.facts
"""


@dataclass
class Pass:
    """What a pass came to. `wait`: seconds until the scope is taken again, None for back-off.

    `converged`: a complete reading found nothing left to do. `progressed`: some call went through. `unread`: it
    was too early to read; whatever asked for the pass still waits for one. `silent`: an account did not answer, and
    its silence says when it is asked again. `held_off`: AWS refused what is left to do, and it is too early to try again.
    `done`: intents for whose sake a call went through.
    """

    wait: float | None = None
    failed: bool = False
    progressed: bool = False
    converged: bool = False
    unread: bool = False
    silent: bool = False
    held_off: bool = False
    done: set[int] = field(default_factory=set)
    failures: dict[int, str] = field(default_factory=dict)


def keep_observed(
    lease: Lease, seen: CatalogReading, databases: list[str], facts: dict[str, Any] | None = None
) -> None:
    """Keep what was read of these databases for previews and "who has access", and what it showed beside.

    In a transaction of its own: tens of thousands of rows take their time, and none of it is a decision.
    """
    with short_transaction(KEEP_SECONDS):
        hold(lease)
        _keep(lease, seen, databases)
        if facts is not None:
            keep_reading(lease, facts)
        hold_on(lease)


def _keep(lease: Lease, seen: CatalogReading, databases: list[str]) -> None:
    catalog = lease.scope.catalog
    held = {p: columns for p, columns in seen.held.items() if p.database in databases}
    storage.store(catalog, databases, held, now=lease.now, unread=seen.unread)
    filters = {one: version for one, version in seen.filters.items() if one.database in databases}
    storage.store_filters(catalog, databases, filters, now=lease.now)
    opt_ins = [one for one in seen.opt_ins if one.database in databases]
    storage.store_opt_ins(catalog, databases, opt_ins, now=lease.now)
    _keep_locations(catalog, seen.locations, lease)


def keep_whole(lease: Lease, seen: CatalogReading) -> None:
    """Make everything stored of a catalog equal to what was just read of all of it."""
    catalog = lease.scope.catalog
    databases = {p.database for p in seen.held} | {one.database for one in seen.filters}
    databases |= {one.database for one in seen.opt_ins}
    for model in (Observed, ObservedFilter, ObservedOptIn):
        databases |= set(model.objects.filter(catalog=catalog).values_list("database", flat=True).distinct())
    keep_observed(lease, seen, sorted(databases))


def keep_reading(lease: Lease, facts: dict[str, Any]) -> None:
    """Keep what a complete reading showed beside permissions; in a transaction that holds the lease."""
    with connection.cursor() as cursor:
        told = (lease.scope.pk, lease.epoch, lease.now, lease.began_at, json.dumps(facts))
        cursor.execute(KEEP_READING, told)


def _keep_locations(catalog: ConnectedCatalog, found: Mapping[str, bool], lease: Lease) -> None:
    stored = RegisteredLocation.objects.filter(catalog=catalog)
    known = dict(stored.values_list("arn", "is_hybrid"))
    stored.filter(arn__in=[arn for arn in known if found.get(arn) != known[arn]]).delete()
    RegisteredLocation.objects.bulk_create(
        [
            RegisteredLocation(catalog=catalog, arn=arn, is_hybrid=is_hybrid, seen_at=lease.now)
            for arn, is_hybrid in sorted(found.items())
            if known.get(arn) != is_hybrid
        ],
        ignore_conflicts=True,
    )


def new_round(lease: Lease, drift: Sequence[Drift]) -> Round:
    """A round of this lease, with the differences that it found."""
    return Round.objects.create(
        scope=lease.scope,
        epoch=lease.epoch,
        owner=lease.owner,
        started_at=lease.now,
        began_at=lease.began_at,
        drift=[{"kind": d.kind, "text": d.text, "intents": list(d.intents)} for d in drift],
    )


def finish(row: Round, outcome: Round.Outcome) -> None:
    """Write down how the round ended, and when."""
    Round.objects.filter(pk=row.pk).update(outcome=outcome, finished_at=Now())


def store_steps(row: Round, steps: Sequence[Step]) -> list[models.Step]:
    """Write the planned steps with their entries, however many, in two statements."""
    stored = models.Step.objects.bulk_create(
        models.Step(
            round=row,
            position=position,
            operation=step.operation,
            account_id=step.place.account,
            region=step.place.region,
            role_arn=account_of(row.scope, step.place.account).executor_role_arn,
        )
        for position, step in enumerate(steps)
    )
    Entry.objects.bulk_create(
        Entry(
            step=kept,
            position=number,
            action=change.action,
            atom=change.atom_json(),
            intents=list(change.intents),
            resource=change.resource,
        )
        for kept, step in zip(stored, steps, strict=True)
        for number, change in enumerate(step.changes)
    )
    return stored


def close(lease: Lease, row: Round, passed: Pass) -> None:
    """End a round that sent its plan; each intent that failed is told why."""
    with short_transaction(rows=len(passed.failures)):
        hold(lease)
        record_failures(passed.failures, owner=lease.owner, now=lease.now)
        failed = Intent.objects.filter(pk__in=passed.failures)
        say_why((intent, passed.failures[intent.pk]) for intent in failed)
        finish(row, Round.Outcome.WAITING if passed.failed else Round.Outcome.SENT)
