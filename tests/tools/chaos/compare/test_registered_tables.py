"""The comparison of registered tables finds what is lost and what is extra."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from catalog.registrations.models import Registration
from lakeformation.access.table_access import WRITE_VERBS
from tests.bank import make_bank
from tests.schema_updates import register
from tools.chaos.compare.observed_access import (
    find_missing,
    find_surplus,
    list_unsettled,
    read_registrations,
)


class Glue:
    """Has one table, or none."""

    def __init__(self, table: dict[str, Any] | None) -> None:
        self._table = table

    def get_table(self, **_asked: str) -> dict[str, Any]:
        if self._table is None:
            raise ClientError({"Error": {"Code": "EntityNotFoundException"}}, "GetTable")
        return {"Table": self._table}


class LakeFormation:
    def __init__(self, *rows: tuple[str, dict[str, Any], list[str]]) -> None:
        self._rows = rows

    def list_permissions(self, **_asked: Any) -> dict[str, Any]:
        return {
            "PrincipalResourcePermissions": [
                {"Principal": {"DataLakePrincipalIdentifier": who}, "Resource": on, "Permissions": verbs}
                for who, on, verbs in self._rows
            ]
        }


@pytest.fixture
def registered(db: None) -> Registration:
    row = register(make_bank())
    assert not list_unsettled(read_registrations())
    return row


def build_table(row: Registration, *columns: dict[str, str]) -> dict[str, Any]:
    shown = [{"Name": one["name"], "Type": one["type"]} for one in columns or row.columns]
    return {"StorageDescriptor": {"Columns": shown, "Location": row.location}}


def build_holding(row: Registration, who: str, *verbs: str) -> tuple[str, dict[str, Any], list[str]]:
    return who, {"Table": {"DatabaseName": row.database, "Name": row.table}}, list(verbs)


def test_what_is_as_approved_is_neither_lost_nor_extra(registered: Registration) -> None:
    lake = LakeFormation(build_holding(registered, registered.engineer.arn, *WRITE_VERBS))
    rows = read_registrations()
    assert find_missing(rows, Glue(build_table(registered)), lake) == []
    assert find_surplus(rows, lake) == []


def test_a_lost_table_lost_columns_and_lost_verbs_are_found(registered: Registration) -> None:
    rows = read_registrations()
    full = LakeFormation(build_holding(registered, registered.engineer.arn, *WRITE_VERBS))
    assert "EntityNotFoundException" in find_missing(rows, Glue(None), full)[0]
    other = Glue(build_table(registered, registered.columns[0]))
    assert "other columns" in find_missing(rows, other, full)[0]
    some = LakeFormation(build_holding(registered, registered.engineer.arn, "ALTER"))
    assert "lack DELETE" in find_missing(rows, Glue(build_table(registered)), some)[0]


def test_what_anybody_else_holds_is_extra(registered: Registration) -> None:
    lake = LakeFormation(
        build_holding(registered, registered.engineer.arn, *WRITE_VERBS, "SELECT"),
        build_holding(registered, "arn:aws:iam::999999999999:role/reader", "DESCRIBE"),
    )
    lines = find_surplus(read_registrations(), lake)
    assert [line.split(" holds ")[1].split(" on ")[0] for line in lines] == ["SELECT", "DESCRIBE"]
