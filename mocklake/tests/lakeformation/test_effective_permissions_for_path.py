"""What is granted on the databases and tables that lie at a path in S3."""

from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ANALYST,
    PRODUCER,
    call,
    caller,
    grant,
    lf,
    new_world,
    on_columns,
    on_database,
    on_table,
    refused,
    with_table,
)
from mocklake.world import World

LAKE = "arn:aws:s3:::producer-lake"


def _world() -> World:
    """Orders and returns lie at sales/orders and sales/returns of the bucket."""
    world = with_table(with_table(new_world()), table="returns")
    grant(world, ADMIN, ANALYST.arn, on_table(), "SELECT", "DESCRIBE")
    grant(world, ADMIN, ANALYST.arn, on_columns("id", table="returns"), "SELECT")
    return world


def _kinds(world: World, arn: str) -> list[str]:
    answer = lf(world, ADMIN, "GetEffectivePermissionsForPath", ResourceArn=arn)
    return [next(iter(row["Resource"])) for row in answer["Permissions"]]


def test_rows_of_what_lies_there() -> None:
    world = _world()
    assert _kinds(world, f"{LAKE}/sales/orders") == ["Table", "TableWithColumns"]
    assert _kinds(world, f"{LAKE}/sales/returns/") == ["TableWithColumns"]
    assert _kinds(world, LAKE) == ["Table", "TableWithColumns", "TableWithColumns"]
    assert _kinds(world, f"{LAKE}/sales/order") == _kinds(world, "arn:aws:s3:::elsewhere") == []


def test_a_database_with_a_location() -> None:
    world = _world()
    body = {"Name": "placed", "LocationUri": "s3://producer-lake/placed"}
    call(world, caller(PRODUCER), "glue", "CreateDatabase", DatabaseInput=body)
    grant(world, ADMIN, ANALYST.arn, on_database("placed"), "DESCRIBE")
    assert _kinds(world, f"{LAKE}/placed") == ["Database"]


def test_page_by_page_and_only_what_the_caller_may_see() -> None:
    world = _world()
    first = lf(world, ADMIN, "GetEffectivePermissionsForPath", ResourceArn=LAKE, MaxResults=2)
    rest = lf(world, ADMIN, "GetEffectivePermissionsForPath", ResourceArn=LAKE, NextToken=first["NextToken"])
    assert (len(first["Permissions"]), len(rest["Permissions"])) == (2, 1)
    other = caller(PRODUCER, "Other")
    assert lf(world, other, "GetEffectivePermissionsForPath", ResourceArn=LAKE)["Permissions"] == []
    with refused("InvalidInputException"):
        lf(world, ADMIN, "GetEffectivePermissionsForPath", ResourceArn="arn:aws:iam::1:role/x")
