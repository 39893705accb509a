"""Links in any order, over accounts, regions and nested catalogs; one step and no further."""

import pytest

from mocklake.glue.access import Target, resolve
from mocklake.tests.glue.nested_catalogs import BUCKET, ROOT, with_bucket
from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ANALYST,
    PRODUCER,
    REGION,
    call,
    caller,
    grant,
    new_world,
    on_table,
    refused,
    rows,
    with_table,
)

FAR = "us-east-1"


def test_a_target_without_an_account_is_in_the_links_own_also_from_a_nested_catalog() -> None:
    world = with_table(with_bucket(new_world()))
    near = {"Name": "near", "TargetDatabase": {"DatabaseName": "sales"}}
    call(world, ROOT, "glue", "CreateDatabase", CatalogId=BUCKET, DatabaseInput=near)
    assert resolve(world, BUCKET, REGION, "near", "orders") == Target(PRODUCER, REGION, "sales", "orders")
    below = {"Name": "below", "TargetDatabase": {"CatalogId": "s3tablescatalog/web", "DatabaseName": "sales"}}
    call(world, ROOT, "glue", "CreateDatabase", DatabaseInput=below)
    assert resolve(world, PRODUCER, REGION, "below").catalog_id == BUCKET


def test_a_table_link_leads_into_another_region_before_the_target_is_made() -> None:
    world = with_table(new_world())
    aim = {"CatalogId": PRODUCER, "DatabaseName": "away", "Name": "later", "Region": FAR}
    body = {"Name": "far", "TargetTable": aim}
    call(world, ROOT, "glue", "CreateTable", DatabaseName="sales", TableInput=body)
    with refused("EntityNotFoundException"):
        resolve(world, PRODUCER, REGION, "sales", "far")
    there = caller(PRODUCER, region=FAR)
    call(world, there, "glue", "CreateDatabase", DatabaseInput={"Name": "away"})
    call(world, there, "glue", "CreateTable", DatabaseName="away", TableInput={"Name": "later"})
    assert resolve(world, PRODUCER, REGION, "sales", "far") == Target(PRODUCER, FAR, "away", "later")


@pytest.mark.parametrize(
    "aim", [{"DatabaseName": "link", "Name": "orders"}, {"DatabaseName": "sales", "Name": "one"}]
)
def test_a_table_link_leads_through_no_other_link(aim: dict[str, str]) -> None:
    world = with_table(new_world())
    link = {"Name": "link", "TargetDatabase": {"CatalogId": PRODUCER, "DatabaseName": "sales"}}
    call(world, ROOT, "glue", "CreateDatabase", DatabaseInput=link)
    one = {"Name": "one", "TargetTable": {"CatalogId": PRODUCER, "DatabaseName": "sales", "Name": "orders"}}
    call(world, ROOT, "glue", "CreateTable", DatabaseName="sales", TableInput=one)
    two = {"Name": "two", "TargetTable": {"CatalogId": PRODUCER} | aim}
    call(world, ROOT, "glue", "CreateTable", DatabaseName="sales", TableInput=two)
    assert resolve(world, PRODUCER, REGION, "sales", "one").table == "orders"
    with refused("EntityNotFoundException"):
        resolve(world, PRODUCER, REGION, "sales", "two")


def test_a_link_and_its_target_have_grants_of_their_own() -> None:
    world = with_table(new_world())
    link = {"Name": "link", "TargetTable": {"CatalogId": PRODUCER, "DatabaseName": "sales", "Name": "orders"}}
    call(world, ROOT, "glue", "CreateTable", DatabaseName="sales", TableInput=link)
    with refused("InvalidInputException"):
        grant(world, ADMIN, ANALYST.arn, on_table("link"), "SELECT")
    grant(world, ADMIN, ANALYST.arn, on_table("link"), "DESCRIBE", "DROP")
    assert [row["Resource"]["Table"]["Name"] for row in rows(world, ADMIN)] == ["link"]
    call(world, ANALYST, "glue", "DeleteTable", DatabaseName="sales", Name="link")
    assert rows(world, ADMIN) == []
    with refused("AccessDeniedException"):
        call(world, ANALYST, "glue", "DeleteTable", DatabaseName="sales", Name="orders")


def test_rows_on_a_catalog_are_listed_by_it() -> None:
    world = with_bucket(new_world())
    on_catalog = {"Catalog": {"Id": BUCKET}}
    grant(world, ADMIN, ANALYST.arn, on_catalog, "DESCRIBE", "CREATE_DATABASE", option=("DESCRIBE",))
    (row,) = rows(world, ADMIN, Resource=on_catalog)
    assert row["Resource"] == on_catalog
    assert (row["Permissions"], row["PermissionsWithGrantOption"]) == (
        ["CREATE_DATABASE", "DESCRIBE"],
        ["DESCRIBE"],
    )
    assert rows(world, ADMIN, Resource={"Catalog": {}}) == []
    call(world, ANALYST, "glue", "CreateDatabase", CatalogId=BUCKET, DatabaseInput={"Name": "mine"})
