"""Descriptions of permissions, shared by reviews, plans, timelines and drift findings."""

import re
from collections.abc import Iterable

from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.permissions import ALL_TABLES
from lakeformation.values.tag_expressions import is_tag_policy_resource

WORD_PATTERN = re.compile(r"[^\W\d_]+(?=[,;]?(?:\s|$))")


def describe_permission(verb: str, resource: str, columns: str = "") -> str:
    """`SELECT on insurance_gold.claims (id, amount)`; `resource` as `Permission.resource` names it."""
    return f"{verb} on {_describe_resource(resource)}{f' ({columns})' if columns else ''}"


def _describe_resource(resource: str) -> str:
    if is_tag_policy_resource(resource):
        return resource
    database, _slash, table = resource.partition("/")
    if not table:
        return f"database {database}"
    return f"every table of {database}" if table == ALL_TABLES else f"{database}.{table}"


def describe_columns(columns: ColumnSet | None, limit: int | None = None) -> str:
    """The names, at most `limit` of them, or which are left out; nothing where columns play no part."""
    if columns is None:
        return ""
    if columns.is_every:
        return "every column, including future ones"
    names = list_names(columns.names, limit)
    return f"every column but {names}" if columns.is_exclusion else names


def describe_rows(row_filter: str) -> str:
    """Which rows: `all rows`, or `the rows where region = 'DE'`."""
    return f"the rows where {row_filter}" if row_filter else "all rows"


def describe_cells_filter(name: str) -> str:
    """What a permission on a data cells filter is on, for where the filter's text is not at hand."""
    return f"cells of filter {name}"


def describe_condition(condition: str) -> str:
    """` where <condition> alone`, for behind a permission; nothing where it has none."""
    return f" where {condition} alone" if condition else ""


def describe_column_count(columns: ColumnSet) -> str:
    """How many, for where the names stand beside it: `1 column`, `6 columns`."""
    if columns.is_exclusion:
        return describe_columns(columns)
    count = len(columns.names)
    return f"{count} column" if count == 1 else f"{count} columns"


def list_names(names: Iterable[str], limit: int | None = None) -> str:
    """`policy_id, region and 9 more`; the one that would be left over is named as well."""
    every = list(names)
    if limit is None or len(every) <= limit + 1:
        return ", ".join(every)
    return f"{', '.join(every[:limit])} and {len(every) - limit} more"


def to_sentence(text: str) -> str:
    """Capitalized and with a full stop. A leading name (ARN, `s3://…`, table) is left as it is."""
    bare = text.strip().rstrip(".")
    first = bare[:1].upper() if WORD_PATTERN.match(bare) else bare[:1]
    return f"{first}{bare[1:]}." if bare else ""
