"""Items of one table as targets: some columns, the whole table, or its metadata."""

from collections.abc import Collection, Mapping

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.mirror.models import Table
from fulfilment.preview import Preview
from kernel.queries import QueryCache
from lakeformation.access.access import Access
from lakeformation.access.table_access import TableAccess
from requests_app.access_requests.item_targets import ExtentTexts, HasExtent, ItemTarget, register_target
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
        return Q((f"{path}tags", {}), (f"{path}whole_database", False), table__in=tables)

    @classmethod
    def format_name(cls, database: str, table: str, tags: dict[str, list[str]]) -> str:  # noqa: ARG003
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
        check_columns(self.item.table, self.item.columns, whole_table=self.item.whole_table)
        check_row_filter(self.item.row_filter, self.item.table)


@register_target
class TableMetadata(SingleTable):
    fact = "metadata"
    shows_data = False
    flags = {"metadata_only": True}
    counts_columns = True
    whole_only_message = gettext_lazy(
        "Metadata can only be approved as a whole. You can only shorten the time."
    )
    texts = ExtentTexts(
        short=gettext_lazy("metadata only"),
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


@register_target
class WholeTable(TableData):
    fact = "whole"
    flags = {"whole_table": True}
    counts_columns = False
    texts = ExtentTexts(
        short=gettext_lazy("whole table"),
        full=gettext_lazy("the whole table, including future columns"),
        readable=gettext_lazy("the whole table, including future columns"),
        amount=gettext_lazy("the whole table"),
        granted=gettext_lazy("all columns"),
        compared=gettext_lazy("the whole table"),
        approval=gettext_lazy("Approve the whole table"),
    )

    @classmethod
    def is_of(cls, row: HasExtent) -> bool:
        return row.whole_table


@register_target
class TableColumns(TableData):
    """The columns that it names, of all rows or of some."""

    fact = "columns"

    @property
    def extent_fact(self) -> str:
        return "rows" if self.row.row_filter else self.fact

    def includes_column(self, name: str) -> bool:
        return name in self.row.columns

    @classmethod
    def is_of(cls, row: HasExtent) -> bool:  # noqa: ARG003
        return True
