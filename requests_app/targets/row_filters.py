"""The row filter of a request: from the typed text to the canonical one, or the place of the error."""

from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from catalog.mirror.snapshot import SPARK_SCHEMA
from kernel.errors import RefusedError
from lakeformation.values.row_filters import RowFilterError, parse_row_filter
from lakeformation.values.wording import to_sentence

ROW_FILTER_FIELD = "row_filter"
VIEW_KINDS = frozenset({"VIRTUAL_VIEW", "MATERIALIZED_VIEW"})


def check_row_filter(text: str, table: Table) -> str:
    """The canonical text; empty for none. RefusedError with the character at which it cannot be read."""
    if not text.strip():
        return ""
    if table.kind in VIEW_KINDS:
        words = _("%(table)s is a view, and AWS can't filter rows of views. Leave the row filter empty.")
        raise RefusedError(words % {"table": table}, ROW_FILTER_FIELD)
    if SPARK_SCHEMA in table.flags:
        words = _("Lake Formation doesn't know the columns of %(table)s. Leave the row filter empty.")
        raise RefusedError(words % {"table": table}, ROW_FILTER_FIELD)
    try:
        return str(parse_row_filter(text, get_column_types(table)))
    except RowFilterError as error:
        place = _("%(reason)s, at character %(position)s")
        message = place % {"reason": error.reason, "position": error.position}
        raise RefusedError(to_sentence(message), ROW_FILTER_FIELD) from error


def is_same_row_filter(text: str, stored: str, table: Table) -> bool:
    """Whether what was typed is the row filter that is stored."""
    try:
        return check_row_filter(text, table) == stored
    except RefusedError:
        return False


def get_column_types(table: Table) -> dict[str, str]:
    """Glue's types by column, partition keys among them: a row filter may use these, too."""
    return {column.name: column.type for column in table.column_facts}
