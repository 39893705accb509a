"""Links lead to their target, show what the caller may see there, and give nothing by themselves."""

from typing import Any

import pytest

from mocklake.glue.access import Target, resolve
from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    CONSUMER,
    EVERYONE,
    GUEST,
    PRODUCER,
    RECEIVER,
    REGION,
    accept,
    call,
    caller,
    grant,
    lf,
    new_world,
    on_columns,
    on_database,
    on_table,
    readable,
    refused,
    revoke,
    with_table,
)
from mocklake.world import World

LINK = on_database("sales_link", CONSUMER)
FAR = "us-east-1"


def _link(world: World, **target: Any) -> None:
    aim = {"CatalogId": PRODUCER, "DatabaseName": "sales"} | target
    body = {"Name": "sales_link", "TargetDatabase": aim}
    call(world, RECEIVER, "glue", "CreateDatabase", DatabaseInput=body)


def _table_link(world: World) -> None:
    call(world, RECEIVER, "glue", "CreateDatabase", DatabaseInput={"Name": "own"})
    aim = {"CatalogId": PRODUCER, "DatabaseName": "sales", "Name": "orders"}
    body = {"Name": "orders_link", "TargetTable": aim}
    call(world, RECEIVER, "glue", "CreateTable", DatabaseName="own", TableInput=body)


def _columns(table: dict[str, Any]) -> list[str]:
    return [column["Name"] for column in table["StorageDescriptor"]["Columns"]]


def test_through_a_database_link_the_targets_tables_are_seen() -> None:
    world = with_table(with_table(new_world(organisation={PRODUCER, CONSUMER})), table="returns")
    _link(world)
    grant(world, ADMIN, GUEST.arn, on_columns("id"), "SELECT")
    grant(world, RECEIVER, GUEST.arn, LINK, "DESCRIBE")
    (table,) = call(world, GUEST, "glue", "GetTables", DatabaseName="sales_link")["TableList"]
    assert (table["Name"], table["DatabaseName"], table["CatalogId"]) == ("orders", "sales", PRODUCER)
    assert _columns(table) == ["id"]
    same = call(world, GUEST, "glue", "GetTable", DatabaseName="sales_link", Name="orders")["Table"]
    assert same == table


def test_the_link_alone_and_the_target_alone_show_nothing_through_it() -> None:
    world = with_table(new_world())
    _link(world)
    ask = {"DatabaseName": "sales_link", "Name": "orders"}
    grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    accept(world)
    with refused(
        "AccessDeniedException", "Insufficient Lake Formation permission(s): Required Describe on sales_link"
    ):
        call(world, GUEST, "glue", "GetTable", **ask)
    grant(world, RECEIVER, GUEST.arn, LINK, "DESCRIBE")
    assert call(world, GUEST, "glue", "GetTable", **ask)["Table"]["Name"] == "orders"
    other = caller(CONSUMER, "Other")
    grant(world, RECEIVER, other.arn, LINK, "DESCRIBE")
    with refused("AccessDeniedException"):
        call(world, other, "glue", "GetTable", **ask)
    assert readable(world, other) == ()


def test_a_database_link_is_answered_as_itself() -> None:
    world = new_world()
    _link(world, Region=FAR)
    answer = call(world, RECEIVER, "glue", "GetDatabase", Name="sales_link")["Database"]
    assert answer["TargetDatabase"] == {"CatalogId": PRODUCER, "DatabaseName": "sales", "Region": FAR}
    assert answer["CatalogId"] == CONSUMER


def test_a_link_to_nothing_is_made_and_leads_nowhere() -> None:
    world = new_world()
    _link(world)
    with refused("EntityNotFoundException"):
        call(world, RECEIVER, "glue", "GetTables", DatabaseName="sales_link")
    with refused("EntityNotFoundException"):
        resolve(world, CONSUMER, REGION, "sales_link")


def test_a_table_link_carries_the_targets_columns_for_those_who_see_it() -> None:
    world = with_table(new_world(organisation={PRODUCER, CONSUMER}))
    _table_link(world)
    ask = {"DatabaseName": "own", "Name": "orders_link"}
    link = call(world, RECEIVER, "glue", "GetTable", **ask)["Table"]
    assert "StorageDescriptor" not in link
    grant(world, ADMIN, GUEST.arn, on_columns("id"), "SELECT")
    grant(world, RECEIVER, GUEST.arn, on_table("orders_link", "own", CONSUMER), "DESCRIBE")
    link = call(world, GUEST, "glue", "GetTable", **ask)["Table"]
    assert (link["Name"], link["DatabaseName"]) == ("orders_link", "own")
    assert link["TargetTable"]["Name"] == "orders"
    assert _columns(link) == ["id"]


def test_resolving_follows_both_kinds_of_link() -> None:
    world = with_table(new_world())
    _link(world)
    _table_link(world)
    place = Target(PRODUCER, REGION, "sales", "orders")
    assert resolve(world, CONSUMER, REGION, "Sales_Link", "Orders") == place
    assert resolve(world, CONSUMER, REGION, "own", "orders_link") == place
    assert resolve(world, PRODUCER, REGION, "sales", "orders") == place
    assert resolve(world, CONSUMER, REGION, "sales_link") == Target(PRODUCER, REGION, "sales", None)


@pytest.mark.parametrize(
    ("database", "table"), [("nowhere", None), ("sales", "nothing"), ("sales_link", "nothing")]
)
def test_resolving_a_name_that_is_not_there(database: str, table: str | None) -> None:
    world = with_table(new_world())
    _link(world)
    with refused("EntityNotFoundException"):
        resolve(world, CONSUMER, REGION, database, table)


def test_a_link_leads_into_another_region() -> None:
    world = new_world(organisation={PRODUCER, CONSUMER})
    far = caller(PRODUCER, region=FAR)
    call(world, far, "glue", "CreateDatabase", DatabaseInput={"Name": "sales"})
    settings = {"Parameters": {"CROSS_ACCOUNT_VERSION": "4"}}
    lf(world, far, "PutDataLakeSettings", DataLakeSettings=settings)
    body = {"Name": "orders", "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "int"}]}}
    call(world, far, "glue", "CreateTable", DatabaseName="sales", TableInput=body)
    revoke(world, far, EVERYONE, on_table(), "ALL")
    _link(world, Region=FAR)
    grant(world, RECEIVER, GUEST.arn, LINK, "DESCRIBE")
    grant(world, far, GUEST.arn, on_table(), "SELECT")
    (table,) = call(world, GUEST, "glue", "GetTables", DatabaseName="sales_link")["TableList"]
    assert _columns(table) == ["id"]


def test_nothing_is_made_in_a_link_and_dropping_it_leaves_the_target() -> None:
    world = with_table(new_world())
    _link(world)
    with refused("InvalidInputException"):
        call(world, RECEIVER, "glue", "CreateTable", DatabaseName="sales_link", TableInput={"Name": "x"})
    call(world, RECEIVER, "glue", "DeleteDatabase", Name="sales_link")
    assert resolve(world, PRODUCER, REGION, "sales", "orders").table == "orders"
