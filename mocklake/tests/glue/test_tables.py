"""Tables: visibility by column, optimistic updates, versions, pages, and what dropping one takes along."""

from typing import Any

import pytest

from mocklake.iam.callers import Caller
from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ANALYST,
    GUEST,
    PRODUCER,
    RECEIVER,
    accept,
    call,
    caller,
    grant,
    new_world,
    on_columns,
    on_database,
    on_table,
    readable,
    refused,
    revoke,
    rows,
    table_input,
    with_table,
)
from mocklake.world import World

ROOT = caller(PRODUCER)
ORDERS = {"DatabaseName": "sales", "Name": "orders"}


def _columns(table: dict[str, Any]) -> list[str]:
    return [column["Name"] for column in table["StorageDescriptor"]["Columns"]]


def _tables(world: World, who: Caller, **params: Any) -> list[str]:
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        answer = call(world, who, "glue", "GetTables", DatabaseName="sales", **params, **token)
        found += [one["Name"] for one in answer["TableList"]]
        if "NextToken" not in answer:
            return found
        token = {"NextToken": answer["NextToken"]}


def test_a_table_is_answered_as_made_with_what_glue_adds() -> None:
    world = with_table(new_world(), table="Orders")
    table = call(world, ROOT, "glue", "GetTable", **ORDERS)["Table"]
    assert (table["Name"], table["DatabaseName"], table["CatalogId"]) == ("orders", "sales", PRODUCER)
    assert (table["VersionId"], table["CreatedBy"]) == ("0", ROOT.session_arn)
    assert table["CreateTime"] == table["UpdateTime"]
    assert _columns(table) == ["id", "email", "amount", "country"]
    assert [key["Name"] for key in table["PartitionKeys"]] == ["day"]
    with refused("AlreadyExistsException"):
        with_table(world, table="ORDERS")


def test_column_grants_show_only_those_columns() -> None:
    world = with_table(new_world())
    with refused(
        "AccessDeniedException", "Insufficient Lake Formation permission(s): Required Describe on orders"
    ):
        call(world, ANALYST, "glue", "GetTable", **ORDERS)
    grant(world, ADMIN, ANALYST.arn, on_columns("amount", "id"), "SELECT")
    assert _columns(call(world, ANALYST, "glue", "GetTable", **ORDERS)["Table"]) == ["id", "amount"]
    (listed,) = call(world, ANALYST, "glue", "GetTables", DatabaseName="sales")["TableList"]
    assert _columns(listed) == ["id", "amount"]
    assert len(_columns(call(world, ROOT, "glue", "GetTable", **ORDERS)["Table"])) == 4


def test_administrators_and_describers_see_all_columns_without_reading_data() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, ANALYST.arn, on_table(), "DESCRIBE")
    for who in (ADMIN, ANALYST):
        assert len(_columns(call(world, who, "glue", "GetTable", **ORDERS)["Table"])) == 4
        assert readable(world, who) == ()


def test_tables_are_listed_as_far_as_they_are_seen() -> None:
    world = with_table(with_table(new_world()), table="returns")
    assert _tables(world, ADMIN) == ["orders", "returns"]
    grant(world, ADMIN, ANALYST.arn, on_table("returns"), "SELECT")
    assert _tables(world, ANALYST) == ["returns"]
    assert _tables(world, ADMIN, Expression="ret.*") == ["returns"]
    with refused("InvalidInputException"):
        _tables(world, ADMIN, Expression="(")
    with refused("AccessDeniedException"):
        _tables(world, caller(PRODUCER, "Nobody"))


def test_pages_hold_at_most_a_hundred() -> None:
    world = with_table(new_world())
    for number in range(250):
        call(world, ROOT, "glue", "CreateTable", DatabaseName="sales", TableInput={"Name": f"t{number:03}"})
    first = call(world, ROOT, "glue", "GetTables", DatabaseName="sales")
    assert len(first["TableList"]) == 100
    assert _tables(world, ROOT, MaxResults=30) == ["orders", *(f"t{number:03}" for number in range(250))]
    named = call(world, ROOT, "glue", "GetTables", DatabaseName="sales", AttributesToGet=["NAME"])
    assert named["TableList"][0] == {"Name": "orders"}


def test_across_accounts_the_share_must_be_accepted_first() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, GUEST.arn, on_columns("id"), "SELECT")
    ask = ORDERS | {"CatalogId": PRODUCER}
    with refused("AccessDeniedException"):
        call(world, GUEST, "glue", "GetTable", **ask)
    accept(world)
    assert _columns(call(world, GUEST, "glue", "GetTable", **ask)["Table"]) == ["id"]
    assert _tables(world, GUEST, CatalogId=PRODUCER) == ["orders"]
    with refused("AccessDeniedException"):
        call(world, RECEIVER, "glue", "GetTable", **ask)
    with refused("EntityNotFoundException"):
        call(world, GUEST, "glue", "GetTable", **ORDERS)


@pytest.mark.parametrize("name", ["orders", "missing"])
def test_another_accounts_tables_missing_and_forbidden_look_alike(name: str) -> None:
    world = with_table(new_world())
    grant(world, ADMIN, GUEST.arn, on_database(), "DESCRIBE")
    accept(world)
    with refused(
        "AccessDeniedException", f"Insufficient Lake Formation permission(s): Required Describe on {name}"
    ):
        call(world, GUEST, "glue", "GetTable", CatalogId=PRODUCER, DatabaseName="sales", Name=name)


def test_an_update_of_an_older_version_is_refused() -> None:
    world = with_table(new_world())
    new = {"DatabaseName": "sales", "TableInput": table_input("orders") | {"Description": "New"}}
    call(world, ROOT, "glue", "UpdateTable", VersionId="0", **new)
    with refused("ConcurrentModificationException"):
        call(world, ROOT, "glue", "UpdateTable", VersionId="0", **new)
    call(world, ROOT, "glue", "UpdateTable", SkipArchive=True, **new)
    table = call(world, ROOT, "glue", "GetTable", **ORDERS)["Table"]
    assert (table["VersionId"], table["Description"]) == ("2", "New")
    assert table["UpdateTime"] > table["CreateTime"]


def test_versions_are_listed_from_the_newest() -> None:
    world = with_table(new_world())
    for text in ("one", "two"):
        body = table_input("orders") | {"Description": text}
        call(world, ROOT, "glue", "UpdateTable", DatabaseName="sales", TableInput=body)
    ask = {"DatabaseName": "sales", "TableName": "orders"}
    first = call(world, ROOT, "glue", "GetTableVersions", MaxResults=2, **ask)
    rest = call(world, ROOT, "glue", "GetTableVersions", NextToken=first["NextToken"], **ask)
    found = first["TableVersions"] + rest["TableVersions"]
    assert [(one["VersionId"], one["Table"].get("Description")) for one in found] == [
        ("2", "two"),
        ("1", "one"),
        ("0", None),
    ]


def test_writing_needs_the_verb() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, ANALYST.arn, on_table(), "SELECT", "DESCRIBE")
    with refused(
        "AccessDeniedException", "Insufficient Lake Formation permission(s): Required Create Table on sales"
    ):
        call(world, ANALYST, "glue", "CreateTable", DatabaseName="sales", TableInput={"Name": "mine"})
    with refused(
        "AccessDeniedException", "Insufficient Lake Formation permission(s): Required Alter on orders"
    ):
        call(world, ANALYST, "glue", "UpdateTable", DatabaseName="sales", TableInput=table_input("orders"))
    with refused(
        "AccessDeniedException", "Insufficient Lake Formation permission(s): Required Drop on orders"
    ):
        call(world, ANALYST, "glue", "DeleteTable", **ORDERS)
    grant(world, ADMIN, ANALYST.arn, on_table(), "DROP")
    call(world, ANALYST, "glue", "DeleteTable", **ORDERS)
    assert _tables(world, ROOT) == []


def test_a_recreated_table_starts_without_permissions() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, ANALYST.arn, on_table(), "SELECT")
    before = call(world, ROOT, "glue", "GetTable", **ORDERS)["Table"]["CreateTime"]
    call(world, ROOT, "glue", "DeleteTable", **ORDERS)
    with_table(world)
    assert rows(world, ADMIN) == []
    assert readable(world, ANALYST) == ()
    assert call(world, ROOT, "glue", "GetTable", **ORDERS)["Table"]["CreateTime"] > before


def test_a_revoke_hides_the_table_again() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, ANALYST.arn, on_table(), "SELECT")
    revoke(world, ADMIN, ANALYST.arn, on_table(), "SELECT")
    with refused("AccessDeniedException"):
        _tables(world, ANALYST)
