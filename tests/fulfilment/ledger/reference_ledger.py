"""The ledger computed the plain way, from every observed row and the JSON of every intent: what the SQL is held against."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from fulfilment.intents.models import Intent
from fulfilment.ledger.lines import Key, Line, Standing
from fulfilment.ledger.models import Removal
from fulfilment.observations.models import Observed, ScopeReading
from fulfilment.observations.storage import held_in, place_of
from identity.accounts.models import ConnectedCatalog
from lakeformation.planning.desired import on_table, selections
from lakeformation.planning.removals import Removal as Wanted
from lakeformation.values.column_sets import NONE, ColumnSet
from lakeformation.values.permissions import DESCRIBE, Permission

Parts = dict[Permission, dict[int, ColumnSet]]
Told = tuple[str, Key, ColumnSet, tuple[int, ...]]
"""Standing, permission, columns, intents."""


def whole_ledger(catalog: ConnectedCatalog, now: datetime) -> set[Told]:
    held = held_in(catalog, Observed.objects.filter(catalog=catalog))
    live, ending = _parts(catalog, now)
    found = {one for permission in held for one in _held(permission, held[permission], live, ending)}
    selected = selections(held)
    for permission, parts in live.items():
        implied = permission.verb == DESCRIBE and permission.table and on_table(permission) in selected
        if not implied and (lacking := _union(parts.values()) - held.get(permission, NONE)):
            found.add(_told(Standing.MISSING, permission, lacking, parts))
    return found


def as_told(lines: Iterable[Line]) -> list[Told]:
    return [(line.standing, Key.of(line.permission), line.columns, line.intents) for line in lines]


def _parts(catalog: ConnectedCatalog, now: datetime) -> tuple[Parts, Parts]:
    live: Parts = {}
    ending: Parts = {}
    for intent in Intent.objects.filter(kind=Intent.Kind.GRANT):
        if intent.presence in {"absent", "stale"} and intent.is_proven and not _is_unread(catalog, intent):
            continue
        is_over = intent.ended_at is not None or (intent.expires_at is not None and intent.expires_at <= now)
        into = ending if is_over or intent.presence == "stale" else live
        for permission, columns in intent.access.permissions:
            if permission.place == place_of(catalog) and not permission.through:
                into.setdefault(permission, {})[intent.pk] = columns
    for removal in Removal.objects.filter(catalog=catalog).select_related("intent"):
        if not removal.intent.is_proven:
            wanted = Wanted.from_json(removal.intent_id, removal.atom)
            for permission in wanted.atoms:
                ending.setdefault(permission, {})[removal.intent_id] = wanted.columns
    return live, ending


def _is_unread(catalog: ConnectedCatalog, intent: Intent) -> bool:
    """Whether it is of another catalog, and was proven gone after this one was read."""
    reading = ScopeReading.objects.filter(scope__kind="catalog", scope__catalog=catalog).first()
    elsewhere = intent.access.place != place_of(catalog)
    return (
        elsewhere and reading is not None and intent.seen_at is not None and intent.seen_at > reading.read_at
    )


def _held(permission: Permission, left: ColumnSet, live: Parts, ending: Parts) -> set[Told]:
    found = set()
    for standing, parts in ((Standing.MANAGED, live), (Standing.ENDING, ending)):
        by_intent = parts.get(permission, {})
        if share := left & _union(by_intent.values()):
            found.add(_told(standing, permission, share, by_intent))
            left -= share
    return found | ({_told(Standing.UNMANAGED, permission, left, {})} if left else set())


def _told(
    standing: Standing, permission: Permission, columns: ColumnSet, parts: Mapping[int, ColumnSet]
) -> Told:
    behind = tuple(sorted(pk for pk, part in parts.items() if part & columns))
    return standing.value, Key.of(permission), columns, behind


def _union(parts: Iterable[ColumnSet]) -> ColumnSet:
    union = NONE
    for part in parts:
        union |= part
    return union
