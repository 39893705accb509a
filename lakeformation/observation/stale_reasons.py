"""Why an access is no longer what was approved: the sentence, and the cause that is read from it again."""

from enum import StrEnum

_RECREATED, _DELETED = "was created again after the approval", "no longer exists"
_DATABASE, _TABLE = "database ", "table "


class StaleReason(StrEnum):
    TABLE_RECREATED = "table_recreated"
    TABLE_DELETED = "table_deleted"
    DATABASE_RECREATED = "database_recreated"
    DATABASE_DELETED = "database_deleted"
    PRINCIPAL_RECREATED = "principal_recreated"
    PRINCIPAL_DELETED = "principal_deleted"


_CAUSES = {
    (_TABLE, True): StaleReason.TABLE_RECREATED,
    (_TABLE, False): StaleReason.TABLE_DELETED,
    (_DATABASE, True): StaleReason.DATABASE_RECREATED,
    (_DATABASE, False): StaleReason.DATABASE_DELETED,
    ("", True): StaleReason.PRINCIPAL_RECREATED,
    ("", False): StaleReason.PRINCIPAL_DELETED,
}


def name_table(database: str, table: str) -> str:
    return f"{_TABLE}{database}.{table}"


def name_database(database: str) -> str:
    return f"{_DATABASE}{database}"


def describe_recreated(name: str) -> str:
    """Of a table or database as named above, or a principal by its ARN."""
    return f"{name} {_RECREATED}"


def describe_deleted(name: str) -> str:
    return f"{name} {_DELETED}"


RECREATED_TABLE_PATTERN = f"^{_TABLE}.* {_RECREATED}$"
"""Matches the sentences of which `parse_stale_reason` says `TABLE_RECREATED`."""


def parse_stale_reason(reason: str) -> StaleReason | None:
    """The cause that a sentence tells; None for another one."""
    if not reason.endswith((_RECREATED, _DELETED)):
        return None
    kind = next((one for one in (_TABLE, _DATABASE) if reason.startswith(one)), "")
    return _CAUSES[kind, reason.endswith(_RECREATED)]
