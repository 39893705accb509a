"""Items of one table as targets: some columns, the whole table, or its metadata."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.mirror.models import ColumnFacts, Table
from fulfilment.preview import Preview, cache_catalog, is_in_hybrid_mode, preview_access
from kernel.errors import RefusedError
from kernel.queries import QueryCache
from lakeformation.access.access import Access
from lakeformation.access.link_naming import LinkNaming
from lakeformation.access.table_access import TableAccess
from lakeformation.effects.table_effects import TableColumn
from lakeformation.values.column_sets import ColumnSet
from requests_app.access_requests.item_targets import (
    ExtentTexts,
    HasExtent,
    InboxFilter,
    ItemTarget,
    build_filter,
    list_single_table_conditions,
    register_target,
)
from requests_app.access_requests.models import RequestItem
from requests_app.targets.checks import check_columns, check_domain, check_row_filter, check_table
from requests_app.targets.lf_tags import list_tag_cells
from requests_app.targets.many_tables import build_item_parties, build_table_columns, build_table_tags


def build_table_access(item: RequestItem, readings: QueryCache | None = None) -> TableAccess:
    """Builds the access of an item of one table."""
    read, table, catalog = readings or QueryCache(), item.table, item.table.database.catalog
    account, database = item.request.principal.account, item.table.database
    link_naming = LinkNaming(by_table=account.uses_table_links(database.catalog_id, database.name))
    access = TableAccess(
        parties=build_item_parties(item),
        database=table.database.name,
        table=table.name,
        table_created=table.glue_created_at,
        columns=_build_column_set(item, read),
        location=table.location,
        row_filter=item.row_filter,
        metadata_only=not item.target.shows_data,
        holds_new_columns=item.target.has_future_columns and catalog.holds_new_columns,
        link_naming=link_naming,
    )
    path = access.registration
    return replace(access, in_hybrid_mode=path is not None and is_in_hybrid_mode(catalog, path.arn, read))


def preview_table_item(item: RequestItem, readings: QueryCache | None = None) -> Preview:
    """Previews an item of one table."""
    read = readings or QueryCache()
    cache_catalog(item.table.database.catalog, item.request.principal.account, read)
    mirrored, besides = _read_columns(item.table, read), list_tag_cells(item, read)
    access = build_table_access(item, read)
    return preview_access(
        access,
        table_columns=build_table_columns(mirrored),
        requested_columns=item.columns,
        other_cells=besides,
        created_by=item.table.created_by,
        table_tags=build_table_tags(item.table, mirrored),
        default_row_policy=item.table.default_row_policy,
        cache=read,
    )


def list_table_columns(table: Table) -> tuple[TableColumn, ...]:
    """The table's columns as effects look at them."""
    return build_table_columns(table.column_facts)


def _read_columns(table: Table, readings: QueryCache) -> Sequence[ColumnFacts]:
    """Once for all items on the table."""
    return readings.get_or_read(("columns", table.pk), lambda: table.column_facts)


def _build_column_set(item: RequestItem, readings: QueryCache) -> ColumnSet:
    """Without partition keys: Lake Formation refuses them in a column grant, and shows them with any column.

    Of the whole table, those that are there where the catalog holds back what comes later; else every one for ever.
    """
    if item.target.has_future_columns and not item.table.database.catalog.holds_new_columns:
        return ColumnSet.every()
    columns = _read_columns(item.table, readings)
    keys = {column.name for column in columns if column.is_partition_key}
    names = [column.name for column in columns] if item.target.has_future_columns else item.columns
    return ColumnSet.include(name for name in names if name not in keys)


class SingleTable(ItemTarget):
    """The item's table, and nothing beside it."""

    @property
    def item(self) -> RequestItem:
        row: RequestItem = self.row
        return row

    @classmethod
    def build_tables_filter(cls, tables: Collection[int], path: str) -> Q | None:
        """Once for the three kinds."""
        if cls is not TableColumns:
            return None
        return build_filter(list_single_table_conditions(), path) & Q(table__in=tables)

    @classmethod
    def format_name(cls, database: str, table: str, item: RequestItem) -> str:  # noqa: ARG003
        return f"{database}.{table}"

    def describe_submission(self, words: Mapping[str, str]) -> str:
        return _("%(name)s requested %(what)s of %(table)s") % words

    def build_access(self, readings: QueryCache | None = None) -> TableAccess:
        return build_table_access(self.item, readings)

    def preview(self, readings: QueryCache | None = None) -> Preview:
        return preview_table_item(self.item, readings)

    def check_grantable(self) -> None:
        check_table(self.item.table)
        check_domain(self.item.table)

    def filter_tables(self, tables: QuerySet[Table], access: Access) -> QuerySet[Table]:  # noqa: ARG002
        return tables.filter(pk=self.item.table_id)

    def covers_table(self, table: Table, access: Access) -> bool:  # noqa: ARG002
        return self.item.table_id == table.pk


class TableData(SingleTable):
    """Rows of the table."""

    counts_columns = True

    def check_grantable(self) -> None:
        super().check_grantable()
        self.check_request(self.item, self.item.table)

    @classmethod
    def check_request(cls, requested_item: HasExtent, table: Table) -> None:
        check_columns(table, requested_item.columns, has_future_columns=cls.has_future_columns)
        check_row_filter(requested_item.row_filter, table)


@register_target
class TableColumns(TableData):
    """The columns that it names, of all rows or of some."""

    fact = "columns"
    choice_label = gettext_lazy("The selected columns")
    has_future_columns = False
    inbox_filters = {
        "columns": InboxFilter(
            gettext_lazy("some columns"), Q(whole_table=False, metadata_only=False, row_filter="")
        ),
        "rows": InboxFilter(gettext_lazy("some rows"), ~Q(row_filter="")),
    }

    @property
    def extent_fact(self) -> str:
        return "rows" if self.row.row_filter else self.fact

    def includes_column(self, name: str) -> bool:
        return name in self.row.columns

    @classmethod
    def is_of(cls, row: HasExtent) -> bool:
        return not (row.whole_table or row.metadata_only)


@register_target
class WholeTable(TableData):
    fact = "whole"
    choice_label = gettext_lazy("The whole table")
    inbox_filters = {"whole": InboxFilter(gettext_lazy("the whole table"), Q(whole_table=True))}
    flags = {"whole_table": True}
    counts_columns = False
    texts = ExtentTexts(
        short=gettext_lazy("whole table"),
        waiting=gettext_lazy("the whole table"),
        full=gettext_lazy("the whole table, including future columns"),
        readable=gettext_lazy("the whole table, including future columns"),
        amount=gettext_lazy("the whole table"),
        granted=gettext_lazy("all columns"),
        compared=gettext_lazy("the whole table"),
        approval=gettext_lazy("Approve the whole table"),
    )

    @classmethod
    def is_of(cls, row: HasExtent) -> bool:
        return row.whole_table and not row.metadata_only


@register_target
class TableMetadata(SingleTable):
    fact = "metadata"
    choice_label = gettext_lazy("Metadata only")
    inbox_filters = {"metadata": InboxFilter(gettext_lazy("metadata only"), Q(metadata_only=True))}
    has_future_columns = False
    shows_data = False
    flags = {"metadata_only": True}
    counts_columns = True
    whole_only_message = gettext_lazy(
        "Metadata can only be approved as a whole. You can only shorten the time."
    )
    texts = ExtentTexts(
        short=gettext_lazy("metadata only"),
        waiting=gettext_lazy("metadata only"),
        full=gettext_lazy("names, types and comments; no data"),
        readable=gettext_lazy("names, types and comments; no data"),
        amount=gettext_lazy("the metadata"),
        granted=gettext_lazy("metadata only"),
        compared=gettext_lazy("metadata only"),
        approval=gettext_lazy("Approve the metadata"),
    )

    @classmethod
    def is_of(cls, row: HasExtent) -> bool:
        return row.metadata_only

    @classmethod
    def check_request(cls, requested_item: HasExtent, table: Table) -> None:  # noqa: ARG003
        if requested_item.columns or requested_item.whole_table or requested_item.row_filter.strip():
            raise RefusedError(
                _(
                    "You requested metadata only. Remove the columns and the row filter, or request data access."
                ),
                "items",
            )
