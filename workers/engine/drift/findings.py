"""Keep what readings find changed behind the portal, row by row; close what a reading or a proof says is over."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import F

from fulfilment.intents.models import Intent
from fulfilment.ledger.models import Finding
from lakeformation.drift.differences import OF_CATALOG, Difference, Kind, of_prerequisites, of_share
from lakeformation.observation.reading import Observation
from lakeformation.planning.changes import Drift
from lakeformation.planning.desired import Desired, Wish
from workers.engine.claim import Lease, hold, short_transaction
from workers.engine.proofs import stands

SEEN_EVERY = timedelta(minutes=1)
"""How exactly `last_seen_at` is kept: a scan that finds all as it was writes next to nothing."""
OF_IDENTITY = frozenset(
    {Kind.TABLE_RECREATED, Kind.TABLE_DELETED, Kind.PRINCIPAL_RECREATED, Kind.PRINCIPAL_DELETED}
)


def of_standing(
    wishes: Iterable[Wish], intents: Mapping[int, Intent], goal: Desired, seen: Observation, now: datetime
) -> list[Difference]:
    """What live and proven intents of a share scope no longer find."""
    standing = [wish for wish in wishes if wish.is_live(now) and stands(intents[wish.intent])]
    return list(of_share(standing, goal, seen))


def of_needs(wishes: Iterable[Wish], seen: Observation, now: datetime) -> list[Difference]:
    """Filters and locations that proven intents of a catalog no longer find: its scope may mend them first."""
    found = [one for wish in wishes if wish.is_live(now) for one in of_prerequisites(wish, seen)]
    concerned = Intent.objects.filter(pk__in={pk for one in found for pk in one.intents})
    proven = {intent.pk for intent in concerned if stands(intent)}
    return [one for one in found if proven.issuperset(one.intents)]


def of_changed_back(drift: Iterable[Drift]) -> list[Difference]:
    """The same for data cells filters that were changed and changed back: see `filters.changed_back`."""
    told = {pk: one.text for one in drift for pk in one.intents}
    accesses = {intent.pk: intent.access for intent in Intent.objects.filter(pk__in=told)}
    return [
        Difference(
            Kind.FILTER_CHANGED, access.principal_arn, access.database, access.table, told[pk], (pk,),
            thing=access.cells_filter.name if access.cells_filter else "",
        )
        for pk, access in accesses.items()
    ]  # fmt: skip


def as_drift(found: Iterable[Difference], told: Iterable[Drift]) -> list[Drift]:
    """Those that no drift tells of yet, for the round and for the doubt of what was proven."""
    known = {intent for one in told for intent in one.intents}
    return [
        Drift(one.kind, one.text, one.intents)
        for one in found
        if one.intents and not known.issuperset(one.intents)
    ]


def note(lease: Lease, found: Sequence[Difference]) -> None:
    """Write new ones down and what is seen again once more; in the round's transaction."""
    by_key = {one.key: one for one in found}
    if not by_key:
        return
    rows = Finding.objects.filter(catalog=lease.scope.catalog, gone_at__isnull=True, key__in=by_key)
    known = {row.key: row for row in rows}
    again = [
        row
        for key, row in known.items()
        if row.text != by_key[key].text or row.last_seen_at < lease.now - SEEN_EVERY
    ]
    for row in again:
        one = by_key[row.key]
        row.text, row.atom, row.last_seen_at = one.text, one.atom_json(), lease.now
    Finding.objects.bulk_update(again, ["text", "atom", "last_seen_at"])
    Finding.objects.bulk_create(
        [_row(lease, key, one) for key, one in by_key.items() if key not in known], ignore_conflicts=True
    )


def _row(lease: Lease, key: str, one: Difference) -> Finding:
    return Finding(
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


def close_unseen(lease: Lease, found: Iterable[Difference], *, unread: Collection[Kind] = ()) -> None:
    """What a complete reading of the catalog no longer shows is over; kinds that were not read stay open."""
    still = {one.key for one in found}
    rows = Finding.objects.filter(catalog=lease.scope.catalog, gone_at__isnull=True, kind__in=OF_CATALOG)
    gone = [row.pk for row in rows.exclude(kind__in=unread).only("pk", "key") if row.key not in still]
    if gone:
        Finding.objects.filter(pk__in=gone).update(gone_at=lease.now)


def close_proven(lease: Lease) -> None:
    """What was missing of an intent is over when the intent is proven anew, or has ended."""
    rows = Finding.objects.filter(catalog=lease.scope.catalog, gone_at__isnull=True)
    waiting = list(rows.exclude(kind__in=OF_CATALOG))
    if not waiting:
        return
    settled = Intent.objects.filter(pk__in={pk for row in waiting for pk in row.intents})
    over = {intent.pk: intent for intent in settled.filter(proven_generation=F("generation"))}
    healed = [row for row in waiting if all(_is_over(row, over.get(pk)) for pk in row.intents)]
    if not healed:
        return
    with short_transaction(rows=len(healed)):
        hold(lease)
        for row in healed:
            row.gone_at, row.proof_id = lease.now, over[row.intents[0]].evidence_id
        Finding.objects.bulk_update(healed, ["gone_at", "proof"])


def _is_over(row: Finding, proven: Intent | None) -> bool:
    """A proof of what is stale ends nothing of what made it stale, before the grant ends."""
    if proven is None:
        return False
    is_stale = proven.presence == Intent.Presence.STALE
    return proven.ended_at is not None or not (is_stale and row.kind in OF_IDENTITY)
