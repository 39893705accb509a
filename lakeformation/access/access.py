"""The access that an approved request or registration grants, and the permissions it consists of."""

from collections.abc import Mapping
from typing import Any

from lakeformation.access.base import ACCESS_KINDS, BaseAccess
from lakeformation.access.database_access import DatabaseAccess
from lakeformation.access.table_access import TableAccess
from lakeformation.access.tag_access import TagAccess
from lakeformation.access.write_access import WriteAccess

Access = BaseAccess
BUILT_IN_KINDS = (TableAccess, TagAccess, DatabaseAccess, WriteAccess)
"""Further kinds are registered where their target is (`requests_app.targets`)."""


def parse_access(value: Mapping[str, Any]) -> Access:
    """The access of which `value` is the `to_json`. KeyError for an unknown kind or a missing member, TypeError for an
    unknown member.
    """
    return ACCESS_KINDS[value["kind"]].from_json(value)


def list_kinds_of_any_database() -> list[str]:
    """Kinds whose JSON names no database."""
    return [kind for kind, access in ACCESS_KINDS.items() if not access.names_database]
