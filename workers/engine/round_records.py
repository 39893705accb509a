"""Stores a round: its reading, its plan with steps and entries, and its outcome."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from background.log_context import add_to_log_context
from fulfilment import rounds
from fulfilment.intents.models import Intent
from fulfilment.observations import storage
from fulfilment.observations.models import (
    ObservedCellsFilter,
    ObservedOptIn,
    ObservedPermission,
    RegisteredLocation,
)
from fulfilment.rounds import Round, StepEntry
from kernel.clock import Now
from lakeformation.planning.changes import DriftReport, Step
from workers.engine.catalog_reading import CatalogReading
from workers.engine.claim import Lease, extend_lease, get_scope_account, lock_scope, short_transaction
from workers.engine.proofs import record_failures, write_failures

STORE_TIMEOUT = 15.0
STORE_READING = """
INSERT INTO fulfilment_scopereading (scope_id, epoch, read_at, seconds, facts)
VALUES (%s, %s, %s, extract(epoch FROM clock_timestamp() - %s), %s::jsonb)
ON CONFLICT (scope_id) DO UPDATE SET epoch = excluded.epoch, read_at = excluded.read_at,
       seconds = excluded.seconds, facts = excluded.facts
"""


@dataclass
class RoundResult:
    """The result of a round. `wait`: seconds until the scope is due again, None for back-off.

    `has_converged`: a complete reading found nothing to do. `has_progressed`: a call succeeded. `is_too_early`:
    earlier calls had not settled, so nothing was read. `is_unreachable`: AWS did not answer for an account, whose
    outage sets the next try. `is_unread`: nothing was read, so what somebody asked for is still to be done.
    `awaits_refusal_retry`: AWS refused all that is left, and a retry is not due yet.
    `done_intents`: intents for which a call succeeded.
    """

    wait: float | None = None
    has_failed: bool = False
    has_progressed: bool = False
    has_converged: bool = False
    is_too_early: bool = False
    is_unreachable: bool = False
    is_unread: bool = False
    awaits_refusal_retry: bool = False
    done_intents: set[int] = field(default_factory=set)
    failures: dict[int, str] = field(default_factory=dict)


def store_observed(
    lease: Lease, reading: CatalogReading, databases: list[str], facts: dict[str, Any] | None = None
) -> None:
    """Keep what was read of these databases for previews and "who has access", and the `facts`.

    In a transaction of its own: tens of thousands of rows take their time, and none of it is a decision.
    """
    with short_transaction(STORE_TIMEOUT):
        lock_scope(lease)
        catalog = lease.scope.catalog
        held = {p: columns for p, columns in reading.held.items() if p.database in databases}
        storage.store_permissions(
            catalog, databases, held, now=lease.now, unread_tables=reading.unread_tables
        )
        filters = {one: version for one, version in reading.filters.items() if one.database in databases}
        storage.store_filters(catalog, databases, filters, now=lease.now)
        opt_ins = [opt_in for opt_in in reading.opt_ins if opt_in.database in databases]
        storage.store_opt_ins(catalog, databases, opt_ins, now=lease.now)
        stored = RegisteredLocation.objects.filter(catalog=catalog)
        known = dict(stored.values_list("arn", "is_hybrid"))
        stored.filter(arn__in=[arn for arn in known if reading.locations.get(arn) != known[arn]]).delete()
        RegisteredLocation.objects.bulk_create(
            [
                RegisteredLocation(catalog=catalog, arn=arn, is_hybrid=is_hybrid, seen_at=lease.now)
                for arn, is_hybrid in sorted(reading.locations.items())
                if known.get(arn) != is_hybrid
            ],
            ignore_conflicts=True,
        )
        if facts is not None:
            store_reading(lease, facts)
        extend_lease(lease)


def store_whole_catalog(lease: Lease, reading: CatalogReading) -> None:
    """Replace everything stored of a catalog by a complete reading."""
    catalog = lease.scope.catalog
    databases = {p.database for p in reading.held} | {one.database for one in reading.filters}
    databases |= {opt_in.database for opt_in in reading.opt_ins}
    for model in (ObservedPermission, ObservedCellsFilter, ObservedOptIn):
        databases |= set(model.objects.filter(catalog=catalog).values_list("database", flat=True).distinct())
    store_observed(lease, reading, sorted(databases))


def store_reading(lease: Lease, facts: dict[str, Any]) -> None:
    """Store the facts of a complete reading; in a transaction that locked the scope."""
    with connection.cursor() as cursor:
        told = (lease.scope.pk, lease.epoch, lease.now, lease.began_at, json.dumps(facts))
        cursor.execute(STORE_READING, told)


def create_round(lease: Lease, drift: Sequence[DriftReport]) -> Round:
    """A round of this lease, with the differences that it found."""
    row = Round.objects.create(
        scope=lease.scope,
        epoch=lease.epoch,
        owner=lease.owner,
        started_at=lease.now,
        began_at=lease.began_at,
        drift=[{"kind": d.kind, "text": d.text, "intents": list(d.intents)} for d in drift],
    )
    add_to_log_context(round=row.pk)
    return row


def finish_round(row: Round, outcome: Round.Outcome) -> None:
    """Store the outcome and end time of the round."""
    Round.objects.filter(pk=row.pk).update(outcome=outcome, finished_at=Now())


def store_steps(row: Round, steps: Sequence[Step]) -> list[rounds.Step]:
    """Write the planned steps with their entries, however many, in two statements."""
    stored = rounds.Step.objects.bulk_create(
        rounds.Step(
            round=row,
            position=position,
            operation=step.operation,
            account_id=step.catalog.account,
            region=step.catalog.region,
            role_arn=get_scope_account(row.scope, step.catalog.account).executor_role_arn,
        )
        for position, step in enumerate(steps)
    )
    StepEntry.objects.bulk_create(
        StepEntry(
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


def close_round(lease: Lease, row: Round, passed: RoundResult) -> None:
    """Finish a round that sent its plan, and write the failure of each intent that failed."""
    with short_transaction(rows=len(passed.failures)):
        lock_scope(lease)
        record_failures(passed.failures, owner=lease.owner, now=lease.now)
        failed = Intent.objects.filter(pk__in=passed.failures)
        write_failures((intent, passed.failures[intent.pk]) for intent in failed)
        finish_round(row, Round.Outcome.WAITING if passed.has_failed else Round.Outcome.SENT)
