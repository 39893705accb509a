"""Items of one table as targets: some columns, the whole table, or its metadata."""

from collections.abc import Collection, Mapping

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.mirror.models import Table
from fulfilment.preview.tables import Preview
from kernel.errors import RefusedError
from kernel.query_cache import QueryCache
from lakeformation.access.access import Access
from lakeformation.access.table_access import TableAccess
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
from requests_app.targets.access import build_table_access, preview_table_item
from requests_app.targets.checks import check_columns, check_domain, check_table
from requests_app.targets.row_filters import check_row_filter


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
