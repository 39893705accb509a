"""Every permission of a catalog as last read: managed, ending, unmanaged, or expected and missing."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import F, Q, QuerySet

from fulfilment.models import Intent, Observed
from fulfilment.observed import Seen, place_of, seen_in
from identity.models import ConnectedCatalog
from lakeformation.atoms import DESCRIBE, Permission
from lakeformation.canonical import digest
from lakeformation.columns import NONE, ColumnSet
from lakeformation.desired import on_table, selections

Parts = dict[Permission, dict[int, ColumnSet]]
"""By permission and intent, the columns that it justifies."""


class Standing(StrEnum):
    """How a permission stands to our intents."""

    MISSING = "missing"
    UNMANAGED = "unmanaged"
    ENDING = "ending"
    MANAGED = "managed"


@dataclass(frozen=True)
class Line:
    """One permission, or the columns of it that stand alike. `observed` is its row; none for a missing one."""

    standing: Standing
    permission: Permission
    columns: ColumnSet
    intents: tuple[int, ...] = ()
    observed: int | None = None
    seen_at: datetime | None = None

    @property
    def key(self) -> str:
        """Digest of exactly this permission with these columns: what a person saw is what is acted on."""
        return digest({**self.permission.to_json(), "columns": self.columns.to_json()})


def ledger_of(
    catalog: ConnectedCatalog, now: datetime, *, databases: Collection[str] | None = None
) -> list[Line]:
    """All lines of these databases (None: of all), by database, table and principal. Two queries."""
    rows = Observed.objects.filter(catalog=catalog)
    if databases is not None:
        rows = rows.filter(database__in=list(databases))
    seen = list(seen_in(catalog, rows))
    live, ending = _justifying(catalog, now)
    held = {row.permission: row.columns for row in seen}
    lines = [line for row in seen for line in _held(row, live, ending)]
    wanted = {p: parts for p, parts in live.items() if databases is None or p.database in databases}
    return sorted([*lines, *_missing(wanted, held)], key=_order)


def _order(line: Line) -> tuple[str, ...]:
    one = line.permission
    return one.database, one.table, one.principal, one.verb, one.cells_filter, line.standing


def _justifying(catalog: ConnectedCatalog, now: datetime) -> tuple[Parts, Parts]:
    """What live intents want in the catalog, and what others still hold until that is proven gone."""
    place = place_of(catalog)
    live: Parts = {}
    ending: Parts = {}
    read = "wanted", "opened", "presence", "ended_at", "expires_at"
    for intent in intents_in(catalog).only(*read):
        is_over = intent.ended_at is not None or (intent.expires_at is not None and intent.expires_at <= now)
        into = ending if is_over or intent.presence == Intent.Presence.STALE else live
        for permission, columns in intent.access.permissions():
            if permission.place == place and not permission.through:
                into.setdefault(permission, {})[intent.pk] = columns
    return live, ending


def intents_in(catalog: ConnectedCatalog) -> QuerySet[Intent]:
    """Grants' intents that say something of the catalog: as its owner, or by links that lie in it."""
    account, region = catalog.account.account_id, catalog.region
    here = Q(wanted__owner=account, wanted__region=region) | Q(
        wanted__consumer=account, wanted__consumer_region=region
    )
    settled = Q(presence__in=[Intent.Presence.ABSENT, Intent.Presence.STALE]) & Q(
        proven_generation=F("generation")
    )
    return Intent.objects.filter(here, kind=Intent.Kind.GRANT).exclude(settled)


def _held(row: Seen, live: Parts, ending: Parts) -> Iterator[Line]:
    """The columns that live intents justify, those of ending ones, and those of nobody."""
    permission, left = row.permission, row.columns
    for standing, parts in ((Standing.MANAGED, live), (Standing.ENDING, ending)):
        by_intent = parts.get(permission)
        if by_intent and (share := left & _union(by_intent)):
            intents = tuple(sorted(pk for pk, part in by_intent.items() if part & share))
            yield Line(standing, permission, share, intents, row.pk, row.seen_at)
            left -= share
    if left:
        yield Line(Standing.UNMANAGED, permission, left, (), row.pk, row.seen_at)


def _missing(wanted: Parts, held: dict[Permission, ColumnSet]) -> Iterator[Line]:
    """DESCRIBE on a table comes with a SELECT that its holder has there."""
    selected = selections(held)
    for permission, parts in wanted.items():
        if permission.verb == DESCRIBE and permission.table and on_table(permission) in selected:
            continue
        if lacking := _union(parts) - held.get(permission, NONE):
            intents = tuple(sorted(pk for pk, part in parts.items() if part & lacking))
            yield Line(Standing.MISSING, permission, lacking, intents)


def _union(parts: dict[int, ColumnSet]) -> ColumnSet:
    union = NONE
    for part in parts.values():
        union |= part
    return union
