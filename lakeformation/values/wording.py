"""Descriptions of permissions, shared by reviews, plans, timelines and drift findings."""

import re
from collections.abc import Iterable

from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.messages import gettext_noop, message
from lakeformation.values.permissions import ALL_TABLES
from lakeformation.values.tag_expressions import is_tag_policy_resource

_PERMISSION = message(gettext_noop("%(verb)s on %(resource)s"))
_COLUMNS_PERMISSION = message(gettext_noop("%(verb)s on %(resource)s (%(columns)s)"))
_DATABASE = message(gettext_noop("database %(database)s"))
_EVERY_TABLE = message(gettext_noop("every table of %(database)s"))
EVERY_COLUMN = message(gettext_noop("every column, including future ones"))
_EVERY_COLUMN_BUT = message(gettext_noop("every column but %(names)s"))
_ALL_ROWS = message(gettext_noop("all rows"))
_SOME_ROWS = message(gettext_noop("the rows where %(filter)s"))
_CELLS_OF_FILTER = message(gettext_noop("cells of filter %(name)s"))
_COLUMN, _COLUMNS = message(gettext_noop("%(n)d column")), message(gettext_noop("%(n)d columns"))
_NAMES_AND_MORE = message(gettext_noop("%(names)s and %(n)d more"))

WORD_PATTERN = re.compile(r"[^\W\d_]+(?=[,;]?(?:\s|$))")


def describe_permission(verb: str, resource: str, columns: str = "") -> str:
    """`SELECT on insurance_gold.claims (id, amount)`; `resource` as `Permission.resource` names it."""
    what = _describe_resource(resource)
    if not columns:
        return _PERMISSION.format(verb=verb, resource=what)
    return _COLUMNS_PERMISSION.format(verb=verb, resource=what, columns=columns)


def _describe_resource(resource: str) -> str:
    if is_tag_policy_resource(resource):
        return resource
    database, _slash, table = resource.partition("/")
    if not table:
        return _DATABASE.format(database=database)
    return _EVERY_TABLE.format(database=database) if table == ALL_TABLES else f"{database}.{table}"


def describe_columns(columns: ColumnSet | None, limit: int | None = None) -> str:
    """The names, at most `limit` of them, or which are left out; nothing where columns play no part."""
    if columns is None:
        return ""
    if columns.is_every:
        return EVERY_COLUMN.format()
    names = list_names(columns.names, limit)
    return _EVERY_COLUMN_BUT.format(names=names) if columns.is_exclusion else names


def describe_rows(row_filter: str) -> str:
    """Which rows: `all rows`, or `the rows where region = 'DE'`."""
    return _SOME_ROWS.format(filter=row_filter) if row_filter else _ALL_ROWS.format()


def describe_cells_filter(name: str) -> str:
    """What a permission on a data cells filter is on, for where the filter's text is not at hand."""
    return _CELLS_OF_FILTER.format(name=name)


def describe_condition(condition: str) -> str:
    """` where <condition> alone`, for behind a permission; nothing where it has none."""
    return f" where {condition} alone" if condition else ""


def describe_column_count(columns: ColumnSet) -> str:
    """How many, for where the names stand beside it: `1 column`, `6 columns`."""
    if columns.is_exclusion:
        return describe_columns(columns)
    count = len(columns.names)
    return _COLUMN.format(n=count) if count == 1 else _COLUMNS.format(n=count)


def list_names(names: Iterable[str], limit: int | None = None) -> str:
    """`policy_id, region and 9 more`; the one that would be left over is named as well."""
    every = list(names)
    if limit is None or len(every) <= limit + 1:
        return ", ".join(every)
    return _NAMES_AND_MORE.format(names=", ".join(every[:limit]), n=len(every) - limit)


def to_sentence(text: str) -> str:
    """Capitalized and with a full stop. A leading name (ARN, `s3://…`, table) is left as it is."""
    bare = text.strip().rstrip(".")
    first = bare[:1].upper() if WORD_PATTERN.match(bare) else bare[:1]
    return f"{first}{bare[1:]}." if bare else ""
