"""A permission in words: the same on the review, in plans, in timelines and in what is found behind our back."""

import re
from collections.abc import Iterable

from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.permissions import ALL_TABLES
from lakeformation.values.tag_expressions import is_policy

WORD = re.compile(r"[^\W\d_]+(?=[,;]?(?:\s|$))")


def worded(verb: str, resource: str, columns: str = "") -> str:
    """`SELECT on insurance_gold.claims (id, amount)`; `resource` as `Permission.resource` names it."""
    return f"{verb} on {_where(resource)}{f' ({columns})' if columns else ''}"


def _where(resource: str) -> str:
    if is_policy(resource):
        return resource
    database, _slash, table = resource.partition("/")
    if not table:
        return f"database {database}"
    return f"every table of {database}" if table == ALL_TABLES else f"{database}.{table}"


def columns_worded(columns: ColumnSet | None, most: int | None = None) -> str:
    """The names, at most `most` of them, or which are left out; nothing where columns play no part."""
    if columns is None:
        return ""
    if columns.is_every:
        return "every column, including future ones"
    names = listed(columns.names, most)
    return f"every column but {names}" if columns.but else names


def rows_worded(rule: str) -> str:
    """Which rows: `all rows`, or `the rows where region = 'DE'`."""
    return f"the rows where {rule}" if rule else "all rows"


def cells_worded(name: str) -> str:
    """What a permission on a data cells filter is on, for where the filter's text is not at hand."""
    return f"cells of filter {name}"


def under(condition: str) -> str:
    """` where <condition> alone`, for behind a permission; nothing where it has none."""
    return f" where {condition} alone" if condition else ""


def columns_counted(columns: ColumnSet) -> str:
    """How many, for where the names stand beside it: `1 column`, `6 columns`."""
    if columns.but:
        return columns_worded(columns)
    count = len(columns.names)
    return f"{count} column" if count == 1 else f"{count} columns"


def listed(names: Iterable[str], most: int | None = None) -> str:
    """`policy_id, region and 9 more`; the one that would be left over is named as well."""
    every = list(names)
    if most is None or len(every) <= most + 1:
        return ", ".join(every)
    return f"{', '.join(every[:most])} and {len(every) - most} more"


def as_sentence(text: str) -> str:
    """The engine's words as a sentence. A name stays as it is written: an ARN, `s3://…`, a table's."""
    bare = text.strip().rstrip(".")
    first = bare[:1].upper() if WORD.match(bare) else bare[:1]
    return f"{first}{bare[1:]}." if bare else ""
