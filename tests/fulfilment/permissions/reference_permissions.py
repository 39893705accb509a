"""A catalog's permissions, computed from every observed row and intent: what the SQL is compared with."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from fulfilment.intents.models import Intent
from fulfilment.observations.models import ObservedPermission, ScopeReading
from fulfilment.observations.storage import build_held, get_data_catalog
from fulfilment.permissions.catalog_permissions import CatalogPermission, PermissionKey, PermissionStatus
from fulfilment.permissions.models import PermissionRemoval
from identity.accounts import ConnectedCatalog
from lakeformation.planning.catalog_plan import Removal as Wanted
from lakeformation.planning.desired import get_table_key, list_selected_tables
from lakeformation.values.column_sets import NO_COLUMNS, ColumnSet
from lakeformation.values.permissions import DESCRIBE, Permission

Parts = dict[Permission, dict[int, ColumnSet]]
PermissionTuple = tuple[str, PermissionKey, ColumnSet, tuple[int, ...]]
"""Standing, permission, columns, intents."""


def compute_permissions(catalog: ConnectedCatalog, now: datetime) -> set[PermissionTuple]:
    held = build_held(catalog, ObservedPermission.objects.filter(catalog=catalog))
    live, ending = _list_parts(catalog, now)
    found = {one for permission in held for one in _split_held(permission, held[permission], live, ending)}
    selected = list_selected_tables(held)
    for permission, parts in live.items():
        implied = permission.verb == DESCRIBE and permission.table and get_table_key(permission) in selected
        if not implied and (lacking := _unite(parts.values()) - held.get(permission, NO_COLUMNS)):
            found.add(_build_row(PermissionStatus.MISSING, permission, lacking, parts))
    return found


def to_rows(lines: Iterable[CatalogPermission]) -> list[PermissionTuple]:
    return [
        (line.status, PermissionKey.from_permission(line.permission), line.columns, line.intents)
        for line in lines
    ]


def _list_parts(catalog: ConnectedCatalog, now: datetime) -> tuple[Parts, Parts]:
    live: Parts = {}
    ending: Parts = {}
    for intent in Intent.objects.filter(kind=Intent.Kind.GRANT):
        if intent.presence in {"absent", "stale"} and intent.is_proven and not _is_unread(catalog, intent):
            continue
        is_over = intent.ended_at is not None or (intent.expires_at is not None and intent.expires_at <= now)
        into = ending if is_over or intent.presence == "stale" else live
        for permission, columns in intent.access.permissions:
            if permission.catalog == get_data_catalog(catalog) and not permission.passed_on_by:
                into.setdefault(permission, {})[intent.pk] = columns
    for removal in PermissionRemoval.objects.filter(catalog=catalog).select_related("intent"):
        if not removal.intent.is_proven:
            wanted = Wanted.from_json(removal.intent_id, removal.atom)
            for permission in wanted.atoms:
                ending.setdefault(permission, {})[removal.intent_id] = wanted.columns
    return live, ending


def _is_unread(catalog: ConnectedCatalog, intent: Intent) -> bool:
    """Whether it is of another catalog, and was proven gone after this one was read."""
    reading = ScopeReading.objects.filter(scope__kind="catalog", scope__catalog=catalog).first()
    elsewhere = intent.access.owner_catalog != get_data_catalog(catalog)
    return (
        elsewhere and reading is not None and intent.seen_at is not None and intent.seen_at > reading.read_at
    )


def _split_held(permission: Permission, left: ColumnSet, live: Parts, ending: Parts) -> set[PermissionTuple]:
    found = set()
    for standing, parts in ((PermissionStatus.MANAGED, live), (PermissionStatus.ENDING, ending)):
        by_intent = parts.get(permission, {})
        if share := left & _unite(by_intent.values()):
            found.add(_build_row(standing, permission, share, by_intent))
            left -= share
    return found | ({_build_row(PermissionStatus.UNMANAGED, permission, left, {})} if left else set())


def _build_row(
    standing: PermissionStatus, permission: Permission, columns: ColumnSet, parts: Mapping[int, ColumnSet]
) -> PermissionTuple:
    behind = tuple(sorted(pk for pk, part in parts.items() if part & columns))
    return standing.value, PermissionKey.from_permission(permission), columns, behind


def _unite(parts: Iterable[ColumnSet]) -> ColumnSet:
    union = NO_COLUMNS
    for part in parts:
        union |= part
    return union
