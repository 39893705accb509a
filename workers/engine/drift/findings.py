"""Stores drift findings, and closes those that a reading or a proof shows resolved."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import F

from fulfilment.intents.models import Intent
from fulfilment.permissions.models import DriftFinding
from lakeformation.drift.differences import (
    CATALOG_KINDS,
    Difference,
    DifferenceKind,
    find_prerequisite_differences,
    find_share_differences,
)
from lakeformation.observation.reading import Observation
from lakeformation.planning.changes import DriftReport
from lakeformation.planning.desired import DesiredState, IntentSpec
from workers.engine.claim import Lease, lock_scope, short_transaction
from workers.engine.proofs import is_proven_present

LAST_SEEN_INTERVAL = timedelta(minutes=1)
"""Resolution of `last_seen_at`, so that an unchanged scan writes almost nothing."""
IDENTITY_KINDS = frozenset(
    {
        DifferenceKind.TABLE_RECREATED,
        DifferenceKind.TABLE_DELETED,
        DifferenceKind.PRINCIPAL_RECREATED,
        DifferenceKind.PRINCIPAL_DELETED,
    }
)


def find_proven_share_differences(
    wishes: Iterable[IntentSpec],
    intents: Mapping[int, Intent],
    goal: DesiredState,
    seen: Observation,
    now: datetime,
) -> list[Difference]:
    """Differences from what live, proven intents of a share scope want."""
    standing = [wish for wish in wishes if wish.is_live(now) and is_proven_present(intents[wish.intent_id])]
    return list(find_share_differences(standing, goal, seen))


def find_proven_prerequisite_differences(
    wishes: Iterable[IntentSpec], seen: Observation, now: datetime
) -> list[Difference]:
    """Missing filters and locations of proven intents of a catalog."""
    found = [one for wish in wishes if wish.is_live(now) for one in find_prerequisite_differences(wish, seen)]
    concerned = Intent.objects.filter(pk__in={pk for one in found for pk in one.intents})
    proven = {intent.pk for intent in concerned if is_proven_present(intent)}
    return [one for one in found if proven.issuperset(one.intents)]


def build_reverted_filter_differences(drift: Iterable[DriftReport]) -> list[Difference]:
    """Differences for filters that were changed and reverted; see `find_reverted_filters`."""
    told = {pk: one.text for one in drift for pk in one.intents}
    accesses = {intent.pk: intent.access for intent in Intent.objects.filter(pk__in=told)}
    return [
        Difference(
            DifferenceKind.FILTER_CHANGED,
            access.principal_arn,
            *access.target,
            told[pk],
            (pk,),
            subject=access.cells_filter.name if access.cells_filter else "",
        )
        for pk, access in accesses.items()
    ]


def build_drift_reports(found: Iterable[Difference], told: Iterable[DriftReport]) -> list[DriftReport]:
    """Drift for differences of intents that `told` does not cover."""
    known = {intent for one in told for intent in one.intents}
    return [
        DriftReport(one.kind, one.text, one.intents)
        for one in found
        if one.intents and not known.issuperset(one.intents)
    ]


def store_findings(lease: Lease, found: Sequence[Difference]) -> None:
    """Insert new findings and update known ones; in the round's transaction."""
    by_key = {one.key: one for one in found}
    if not by_key:
        return
    rows = DriftFinding.objects.filter(catalog=lease.scope.catalog, gone_at__isnull=True, key__in=by_key)
    known = {row.key: row for row in rows}
    again = [
        row
        for key, row in known.items()
        if row.text != by_key[key].text or row.last_seen_at < lease.now - LAST_SEEN_INTERVAL
    ]
    for row in again:
        one = by_key[row.key]
        row.text, row.atom, row.last_seen_at = one.text, one.atom_json(), lease.now
    DriftFinding.objects.bulk_update(again, ["text", "atom", "last_seen_at"])
    DriftFinding.objects.bulk_create(
        [_build_finding(lease, key, one) for key, one in by_key.items() if key not in known],
        ignore_conflicts=True,
    )


def _build_finding(lease: Lease, key: str, one: Difference) -> DriftFinding:
    return DriftFinding(
        catalog=lease.scope.catalog,
        kind=one.kind,
        key=key,
        principal_arn=one.principal,
        database=one.database,
        table=one.table,
        text=one.text,
        atom=one.atom_json(),
        intents=list(one.intents),
        first_seen_at=lease.now,
        last_seen_at=lease.now,
    )


def close_unseen_findings(
    lease: Lease, found: Iterable[Difference], *, unread_kinds: Collection[DifferenceKind] = ()
) -> None:
    """Close findings that a complete reading no longer shows, except kinds that were not read."""
    still = {one.key for one in found}
    rows = DriftFinding.objects.filter(
        catalog=lease.scope.catalog, gone_at__isnull=True, kind__in=CATALOG_KINDS
    )
    gone = [row.pk for row in rows.exclude(kind__in=unread_kinds).only("pk", "key") if row.key not in still]
    if gone:
        DriftFinding.objects.filter(pk__in=gone).update(gone_at=lease.now)


def close_repaired_findings(lease: Lease) -> None:
    """Close findings whose intents are proven again or have ended."""
    rows = DriftFinding.objects.filter(catalog=lease.scope.catalog, gone_at__isnull=True)
    waiting = list(rows.exclude(kind__in=CATALOG_KINDS))
    if not waiting:
        return
    settled = Intent.objects.filter(pk__in={pk for row in waiting for pk in row.intents})
    over = {intent.pk: intent for intent in settled.filter(proven_generation=F("generation"))}
    healed = [row for row in waiting if all(_is_resolved(row, over.get(pk)) for pk in row.intents)]
    if not healed:
        return
    with short_transaction(rows=len(healed)):
        lock_scope(lease)
        for row in healed:
            row.gone_at, row.proof_id = lease.now, over[row.intents[0]].evidence_id
        DriftFinding.objects.bulk_update(healed, ["gone_at", "proof"])


def _is_resolved(row: DriftFinding, proven: Intent | None) -> bool:
    """A finding that made an intent stale stays open until the intent ends."""
    if proven is None:
        return False
    is_stale = proven.presence == Intent.Presence.STALE
    return proven.ended_at is not None or not (is_stale and row.kind in IDENTITY_KINDS)
