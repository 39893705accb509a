"""Which assignments and definitions of LF-Tags the mirror does not show."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from catalog.mirror.models import Database, Table, TagKey
from identity.accounts import ConnectedCatalog
from lakeformation.tagging import TagAssignment, TagDefinition, TagTarget


def list_unmirrored(catalog: ConnectedCatalog, assignments: Iterable[TagAssignment]) -> list[TagAssignment]:
    """Assignments that the mirror does not show: it is older, or somebody changed them in AWS."""
    wanted = list(assignments)
    tags = read_mirrored_tags(catalog, [one.target for one in wanted])
    return [one for one in wanted if one.target in tags and not _is_mirrored(one, tags)]


def read_mirrored_tags(
    catalog: ConnectedCatalog, targets: Iterable[TagTarget]
) -> dict[TagTarget, Mapping[str, str]]:
    """Effective tags of the databases of these targets, and of their tables with all columns. What is gone is left out."""
    wanted = set(targets)
    live = Database.objects.filter(
        catalog=catalog, name__in={one.database for one in wanted}, tombstoned_at=None
    )
    tags = {TagTarget(name): own for name, own in live.values_list("name", "tags")}
    tables = Table.objects.filter(
        database__in=live, name__in={one.table for one in wanted}, tombstoned_at=None
    )
    for table in tables.select_related("database").prefetch_related("columns"):
        target = TagTarget(table.database.name, table.name)
        tags[target] = table.tags
        tags |= {replace(target, column=column.name): column.tags for column in table.columns.all()}
    return tags


def _is_mirrored(one: TagAssignment, tags: Mapping[TagTarget, Mapping[str, str]]) -> bool:
    value = one.value
    if value is None:
        target = one.target
        parent = TagTarget(target.database, target.table) if target.column else TagTarget(target.database)
        value = tags.get(parent, {}).get(one.key) if target.table else None
    return tags[one.target].get(one.key) == value


def list_unmirrored_definitions(
    catalog: ConnectedCatalog, definitions: Iterable[TagDefinition]
) -> list[TagDefinition]:
    """Definitions whose values the mirror lacks, or whose removed values it shows."""
    wanted = list(definitions)
    if not wanted:
        return []
    rows = TagKey.objects.filter(catalog=catalog, tombstoned_at=None, key__in={one.key for one in wanted})
    known = {key: set(values) for key, values in rows.values_list("key", "values")}
    return [
        one
        for one in wanted
        if not known.get(one.key, set()) >= set(one.values) or known.get(one.key, set()) & set(one.removed)
    ]
