"""The last steps of a complete reading: renames, resource links, registered locations."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection, transaction

from catalog.mirror.models import Database, Location, ResourceLink, Table
from catalog.mirror.snapshot import LinkSnapshot
from identity.accounts import ConnectedCatalog

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
