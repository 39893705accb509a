"""Computes the effects of a tag change from stored rows: no call to AWS."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from catalog.mirror.models import Database, Table
from fulfilment.intents.models import list_live_intents
from fulfilment.observations.models import ObservedPermission
from identity.accounts import ConnectedCatalog
from lakeformation.access.access import TagAccess
from lakeformation.tagging import (
    TagAssignment,
    TagChangeEffects,
    TagDefinition,
    TaggedDatabase,
    TaggedTable,
    TagHolder,
    apply_assignments,
    find_access_changes,
    find_reach_changes,
)
from lakeformation.values.column_sets import ALL_COLUMNS, NO_COLUMNS, ColumnSet
from lakeformation.values.permissions import ALL_TABLES, SELECT
from lakeformation.values.tag_expressions import TagPolicy


def compute_tag_change_effects(
    catalog: ConnectedCatalog,
    definitions: Sequence[TagDefinition],
    assignments: Sequence[TagAssignment],
    pending: Iterable[TagAssignment] = (),
) -> TagChangeEffects:
    """`pending` are approved assignments that the mirror may not show yet."""
    names = {assignment.target.database for assignment in assignments}
    database_rows = Database.objects.filter(catalog=catalog, name__in=names, tombstoned_at=None)
    rows = list(database_rows.select_related("domain").order_by("name"))
    whole = {assignment.target.database for assignment in assignments if not assignment.target.table}
    named = {
        (assignment.target.database, assignment.target.table)
        for assignment in assignments
        if assignment.target.table
    }
    tagged = []
    for row in rows:
        tables = Table.objects.filter(database=row, tombstoned_at=None).prefetch_related("columns")
        if row.name not in whole:
            tables = tables.filter(name__in=[table for database, table in named if database == row.name])
        shown = tuple(_build_tagged_table(row, table) for table in tables.order_by("name"))
        tagged.append(TaggedDatabase(row.name, row.tags, shown))
    before = apply_assignments(tagged, pending)
    after = apply_assignments(before, assignments)
    holders = list_tag_holders(catalog)
    keys = {assignment.key for assignment in assignments}
    touched = [table.get_outcome(keys) for database in after for table in database.tables]
    return TagChangeEffects(
        definitions=tuple(definitions),
        assignments=tuple(assignments),
        access=tuple(find_access_changes(before, after, holders, _load_named(catalog, rows))),
        reach=tuple(find_reach_changes(before, after, holders)),
        outcome=tuple(touched),
        teams=tuple(sorted({row.domain.owner_team_id for row in rows if row.domain})),
    )


def _build_tagged_table(database: Database, table: Table) -> TaggedTable:
    columns = list(table.columns.all())
    return TaggedTable(
        database.name,
        table.name,
        table.glue_created_at,
        table.tags,
        {column.name: column.tags for column in columns},
        frozenset(column.name for column in columns if column.is_partition_key),
    )


def list_tag_holders(catalog: ConnectedCatalog) -> list[TagHolder]:
    """Who reads tables by LF-Tags: by live grants, and as AWS lists it."""
    return [*_list_granted(catalog), *_list_observed(catalog)]


def _list_granted(catalog: ConnectedCatalog) -> Iterable[TagHolder]:
    """Live grants by LF-Tags, whether or not AWS has them yet."""
    intents = list_live_intents().filter(
        wanted__kind=TagAccess.kind,
        wanted__owner=catalog.account.account_id,
        wanted__region=catalog.region,
        scope_key__startswith=f"share:{catalog.pk}:",
    )
    for intent in intents.order_by("pk"):
        access = intent.access
        assert isinstance(access, TagAccess)
        yield TagHolder(access.principal_arn, access.reach.expression, intent.pk)


def _list_observed(catalog: ConnectedCatalog) -> Iterable[TagHolder]:
    """Whoever AWS lists with SELECT by LF-Tags, managed or not."""
    rows = ObservedPermission.objects.filter(catalog=catalog, verb__in=[SELECT, "ALL"]).exclude(tagged="")
    for row in rows.order_by("pk"):
        policy = TagPolicy.from_json(row.policy)
        if policy.kind == "TABLE" and policy.expression:
            yield TagHolder(row.principal_arn, policy.expression)


def _load_named(
    catalog: ConnectedCatalog, databases: Sequence[Database]
) -> dict[tuple[str, str, str], ColumnSet]:
    """Columns that principals read by the name of the table or of its database, all rows of them."""
    named: dict[tuple[str, str, str], ColumnSet] = defaultdict(lambda: NO_COLUMNS)
    names = [row.name for row in databases]
    rows = ObservedPermission.objects.filter(
        catalog=catalog, verb__in=[SELECT, "ALL"], database__in=names, cells_filter="", condition=""
    ).exclude(table="")
    tables = Table.objects.filter(database__in=databases, tombstoned_at=None)
    every: dict[str, list[str]] = defaultdict(list)
    for database, table in tables.values_list("database__name", "name"):
        every[database].append(table)
    for row in rows:
        columns = ColumnSet.from_json(row.columns) if row.verb == SELECT else ALL_COLUMNS
        for table in every[row.database] if row.table == ALL_TABLES else [row.table]:
            key = row.principal_arn, row.database, table
            named[key] = named[key] | columns
    return dict(named)
