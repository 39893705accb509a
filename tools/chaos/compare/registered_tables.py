"""Compares what AWS holds of registered tables with what was approved."""

from collections.abc import Iterable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from catalog.registrations.models import Registration
from catalog.registrations.queries import get_status
from catalog.registrations.states import RegistrationStatus
from decisions.states import DecisionState
from demo.bank.accounts import GOVERNANCE
from lakeformation.access.table_access import WRITE_VERBS
from lakeformation.values.permissions import DESCRIBE
from tools.chaos.compare.observed_access import list_permission_rows

SETTLED = {RegistrationStatus.REGISTERED, RegistrationStatus.ENDED}
RELATED = ("catalog__account", "table_intent", "write_intent", "engineer")
Holding = tuple[str, str, str]
"""Database and table of what a principal holds, and the principal; the table is empty for the database itself."""


def list_unsettled(rows: Iterable[Registration]) -> list[Registration]:
    """Those that are not proven registered or ended."""
    return [one for one in rows if get_status(one) not in SETTLED]


def read_registrations() -> list[Registration]:
    return list(Registration.objects.select_related(*RELATED).order_by("pk"))


def find_missing(rows: Iterable[Registration], glue: Any, lake: Any) -> list[str]:
    """Tables that are not as approved, and verbs that a live registration's engineers lack."""
    held = _read_held(lake)
    return [
        f"{row}: {what}"
        for row in rows
        for what in [*_list_table_faults(row, glue), *_list_lacking_verbs(row, held)]
    ]


def find_surplus(rows: Iterable[Registration], lake: Any) -> list[str]:
    """What anybody holds on the registered databases and their tables beyond the live registrations."""
    found = list(rows)
    databases = {row.database for row in found}
    allowed: dict[Holding, set[str]] = {}
    for row in filter(_is_live, found):
        allowed[row.database, row.table, row.engineer.arn] = set(WRITE_VERBS)
        allowed[row.database, "", row.engineer.arn] = {DESCRIBE}
    return [
        f"{principal} holds {', '.join(sorted(verbs))} on {database}.{table}"
        for (database, table, principal), held in sorted(_read_held(lake).items())
        if database in databases and (verbs := held - allowed.get((database, table, principal), set()))
    ]


def _is_live(row: Registration) -> bool:
    return row.state == DecisionState.APPROVED


def _list_table_faults(row: Registration, glue: Any) -> Iterator[str]:
    try:
        table = glue.get_table(CatalogId=GOVERNANCE, DatabaseName=row.database, Name=row.table)["Table"]
    except ClientError as error:
        # One that ended before it was made is not made any more.
        if _is_live(row):
            yield error.response["Error"]["Code"]
        return
    columns = [(one["Name"], one["Type"]) for one in table["StorageDescriptor"]["Columns"]]
    if columns != [(one["name"], one["type"]) for one in row.columns]:
        yield "other columns"
    if table["StorageDescriptor"]["Location"].rstrip("/") != row.location.rstrip("/"):
        yield "another location"


def _list_lacking_verbs(row: Registration, held: dict[Holding, set[str]]) -> Iterator[str]:
    has = held.get((row.database, row.table, row.engineer.arn), set())
    if _is_live(row) and (lacking := set(WRITE_VERBS) - has):
        yield f"its engineers lack {', '.join(sorted(lacking))}"


def _read_held(lake: Any) -> dict[Holding, set[str]]:
    found: dict[Holding, set[str]] = {}
    for row in list_permission_rows(lake, GOVERNANCE):
        on = next(iter(row["Resource"].values()))
        place = (
            on.get("DatabaseName", on.get("Name", "")),
            on.get("Name", "") if "DatabaseName" in on else "",
        )
        holder = row["Principal"]["DataLakePrincipalIdentifier"]
        found.setdefault((*place, holder), set()).update(row["Permissions"])
    return found
