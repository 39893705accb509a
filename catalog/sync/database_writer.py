"""Writes databases of the mirror, and tombstones what vanished."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from catalog.mirror.models import Database, Location, ResourceLink, Table, TagKey
from catalog.mirror.snapshot import DatabaseSnapshot, LinkSnapshot
from catalog.products.models import Domain
from catalog.registrations.models import Registration
from catalog.registrations.queries import list_database_registrations
from identity.accounts import ConnectedCatalog


def store_database(
    catalog: ConnectedCatalog, snapshot: DatabaseSnapshot, now: datetime
) -> tuple[Database, bool]:
    """`store_databases` of one."""
    return store_databases(catalog, [snapshot], now)[0]


def store_databases(
    catalog: ConnectedCatalog, snapshots: Sequence[DatabaseSnapshot], now: datetime
) -> list[tuple[Database, bool]]:
    """The live row of each database, made or altered where it differs; and whether anything was written.

    One made anew under its name is another row; the domain, which is the portal's knowledge, goes with it. One that was
    created in AWS after a registration in it was approved belongs to the registration's domain.
    """
    names = [snapshot.name for snapshot in snapshots]
    rows = _read_live_rows(catalog, names)
    new = {snapshot.name: snapshot for snapshot in reversed(snapshots) if snapshot.name not in rows}
    rows |= _create_databases(catalog, list(new.values()))
    found = []
    for snapshot in snapshots:
        differs = rows[snapshot.name].digest != snapshot.digest
        rows[snapshot.name] = (
            _update_or_replace(rows[snapshot.name], snapshot, now) if differs else rows[snapshot.name]
        )
        found.append((rows[snapshot.name], differs or new.get(snapshot.name) is snapshot))
    return found


def _read_live_rows(catalog: ConnectedCatalog, names: Collection[str]) -> dict[str, Database]:
    live = Database.objects.filter(catalog=catalog, name__in=list(names), tombstoned_at=None)
    return {row.name: row for row in live}


def _create_databases(
    catalog: ConnectedCatalog, snapshots: Sequence[DatabaseSnapshot]
) -> dict[str, Database]:
    if not snapshots:
        return {}
    approved = list_database_registrations(catalog, [snapshot.name for snapshot in snapshots])
    made = [
        Database(
            catalog=catalog,
            domain=_find_domain(snapshot, approved.get(snapshot.name)),
            **_build_database_values(snapshot),
        )
        for snapshot in snapshots
    ]
    return _insert_rows(catalog, made)


def _insert_rows(catalog: ConnectedCatalog, made: Sequence[Database]) -> dict[str, Database]:
    """The live rows of these names: a sync and the reading of an event may find the same new database at once."""
    rows: dict[str, Database] = {}
    while missing := [database for database in made if database.name not in rows]:
        Database.objects.bulk_create(missing, ignore_conflicts=True)
        rows = _read_live_rows(catalog, [database.name for database in made])
    return rows


def _find_domain(snapshot: DatabaseSnapshot, registration: Registration | None) -> Domain | None:
    """The domain of the registration, if it was approved before the database was created. Glue reports whole seconds."""
    if registration is None or registration.decided_at is None or not snapshot.glue_created_at:
        return None
    is_new = datetime.fromisoformat(snapshot.glue_created_at) >= registration.decided_at.replace(
        microsecond=0
    )
    return registration.domain if is_new else None


def _build_database_values(snapshot: DatabaseSnapshot) -> dict[str, Any]:
    return {**vars(snapshot), "digest": snapshot.digest, "flags": list(snapshot.flags)}


def _update_or_replace(row: Database, snapshot: DatabaseSnapshot, now: datetime) -> Database:
    with transaction.atomic():
        if row.glue_created_at == snapshot.glue_created_at:
            Database.objects.filter(pk=row.pk).update(**_build_database_values(snapshot))
            row.refresh_from_db()
            return row
        _tombstone_databases([row.pk], now)
        anew = Database(catalog=row.catalog, domain=row.domain, **_build_database_values(snapshot))
        return _insert_rows(row.catalog, [anew])[row.name]


def list_vanished_databases(catalog: ConnectedCatalog, kept: Collection[str], *, only: str = "") -> list[int]:
    """The live databases, or `only` the one of this name, that a complete list did not name."""
    live = Database.objects.filter(catalog=catalog, tombstoned_at=None)
    live = live.filter(name=only) if only else live
    return list(live.exclude(name__in=list(kept)).order_by("pk").values_list("pk", flat=True))


def list_live_table_ids(databases: Collection[int]) -> list[int]:
    """The live tables of these databases."""
    rows = Table.objects.filter(database__in=list(databases), tombstoned_at=None)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def tombstone_rows(tables: Collection[int], databases: Collection[int], now: datetime) -> int:
    """Tombstone these tables and databases, with all that the databases still hold; returns rows."""
    if not tables and not databases:
        return 0
    with transaction.atomic():
        rows = Table.objects.filter(pk__in=list(tables), tombstoned_at=None).update(tombstoned_at=now)
        return rows + _tombstone_databases(list(databases), now)


def _tombstone_databases(databases: list[int], now: datetime) -> int:
    tables = Table.objects.filter(database__in=databases, tombstoned_at=None).update(tombstoned_at=now)
    live = Database.objects.filter(pk__in=databases, tombstoned_at=None)
    return tables + live.update(tombstoned_at=now)


# A tombstone was renamed, not dropped, when exactly one later table of the catalog has its place and columns. What each
# has is read once, before they are compared: where many lie at one place, every pair would read its columns anew.
_WITH_COLUMNS = """
SELECT t.id, t.location, t.name, b.name AS database, b.catalog_id,
  ARRAY(SELECT (c.name, c.type)::text FROM catalog_column c WHERE c.table_id = t.id ORDER BY c.position) AS columns
FROM catalog_table t JOIN catalog_database b ON b.id = t.database_id"""
_LINK_RENAMED = f"""
WITH gone AS MATERIALIZED (
  {_WITH_COLUMNS} WHERE t.id = ANY(%s) AND t.tombstoned_at IS NOT NULL AND t.location <> ''
), later AS MATERIALIZED (
  {_WITH_COLUMNS} WHERE t.tombstoned_at IS NULL AND t.location IN (SELECT location FROM gone)
), said AS (
  SELECT gone.id AS gone, min(later.id) AS later FROM gone JOIN later USING (location, catalog_id, columns)
  WHERE later.id > gone.id AND (later.database, later.name) <> (gone.database, gone.name)
  GROUP BY gone.id HAVING count(*) = 1
)
UPDATE catalog_table AS row SET succeeded_by_id = said.later FROM said WHERE row.id = said.gone"""  # noqa: S608


def link_renamed_tables(gone: Collection[int]) -> int:
    """Link these tombstones to their new tables where the match is unique. Returns the number of links."""
    if not gone:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_LINK_RENAMED, [list(gone)])
        return int(cursor.rowcount)


def store_links(catalog: ConnectedCatalog, links: Sequence[LinkSnapshot]) -> int:
    """Bring the links of a catalog to a complete reading; returns rows written or removed.

    Each leads to the mirrored database or table that it names, if that catalog is connected.
    """
    known = {(row.database, row.name): row for row in ResourceLink.objects.filter(catalog=catalog)}
    written, leads = 0, _LinkTargets(links)
    with transaction.atomic():
        for link in links:
            values = {**vars(link), **leads.resolve(link)}
            row = known.pop((link.database, link.name), None)
            if row is None:
                ResourceLink.objects.create(catalog=catalog, **values)
            elif any(getattr(row, name) != value for name, value in values.items()):
                ResourceLink.objects.filter(pk=row.pk).update(**values)
            else:
                continue
            written += 1
        gone, _ = ResourceLink.objects.filter(pk__in=[row.pk for row in known.values()]).delete()
    return written + gone


class _LinkTargets:
    """The mirrored databases and tables that links name, by two queries."""

    def __init__(self, links: Sequence[LinkSnapshot]) -> None:
        named = Database.objects.filter(
            tombstoned_at=None, name__in={link.target_database for link in links}
        ).select_related("catalog__account")
        self._databases: dict[tuple[str, str], list[Database]] = {}
        for row in named:
            place = ":".join(filter(None, [row.catalog.account.account_id, row.catalog.path]))
            self._databases.setdefault((place, row.name), []).append(row)
        tables = Table.objects.filter(
            tombstoned_at=None, database__in=named, name__in={link.target_table for link in links}
        )
        self._tables = {(row.database_id, row.name): row.pk for row in tables.only("database", "name")}

    def resolve(self, link: LinkSnapshot) -> dict[str, int | None]:
        found = self._databases.get((link.target_catalog, link.target_database), [])
        database = next((row for row in found if link.target_region in {"", row.catalog.region}), None)
        if database is None:
            return {"leads_to_database_id": None, "leads_to_table_id": None}
        table = self._tables.get((database.pk, link.target_table)) if link.target_table else None
        return {"leads_to_database_id": database.pk, "leads_to_table_id": table}


def store_locations(catalog: ConnectedCatalog, answers: Sequence[dict[str, Any]]) -> int:
    """Bring the registered locations to ListResources' `ResourceInfoList`; returns rows written or removed."""
    known = {row.arn: row for row in Location.objects.filter(catalog=catalog)}
    written = 0
    with transaction.atomic():
        for answer in answers:
            arn = answer["ResourceArn"]
            values = {
                "role_arn": answer.get("RoleArn") or "",
                "is_hybrid": bool(answer.get("HybridAccessEnabled")),
            }
            row = known.pop(arn, None)
            if row and (row.role_arn, row.is_hybrid) == (values["role_arn"], values["is_hybrid"]):
                continue
            Location.objects.update_or_create(catalog=catalog, arn=arn, defaults=values)
            written += 1
        gone, _ = Location.objects.filter(pk__in=[row.pk for row in known.values()]).delete()
    return written + gone


def store_tag_keys(
    catalog: ConnectedCatalog, values_by_key: Mapping[str, Collection[str]], now: datetime
) -> None:
    """The values of each key of a complete list; what the list does not have becomes a tombstone. Writes differences only."""
    live = TagKey.objects.filter(catalog=catalog, tombstoned_at=None)
    known = dict(live.values_list("key", "values"))
    rows = [
        TagKey(catalog=catalog, key=key, values=sorted(values), read_at=now)
        for key, values in sorted(values_by_key.items())
        if known.get(key) != sorted(values)
    ]
    TagKey.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["catalog", "key"],
        update_fields=["values", "read_at", "tombstoned_at"],
    )
    live.exclude(key__in=list(values_by_key)).update(tombstoned_at=now)
