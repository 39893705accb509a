"""The access that an approved request or registration grants, and the permissions it consists of."""

from collections.abc import Mapping
from typing import Any

from lakeformation.access.database_access import DatabaseAccess
from lakeformation.access.table_access import TableAccess
from lakeformation.access.tag_access import TagAccess
from lakeformation.access.write_access import WriteAccess

ManyTablesAccess = TagAccess | DatabaseAccess
"""Access that may reach further tables without another approval."""
Access = TableAccess | ManyTablesAccess | WriteAccess

KINDS: Mapping[str, type[Access]] = {
    one.kind: one for one in (TableAccess, TagAccess, DatabaseAccess, WriteAccess)
}


def parse_access(value: Mapping[str, Any]) -> Access:
    """The access of which `value` is the `to_json`. KeyError for an unknown kind or a missing member, TypeError for an
    unknown member.
    """
    return KINDS[value["kind"]].from_json(value)
