"""Databases: names, pages, who may make, see, change and drop them."""

from typing import Any

from mocklake.iam.callers import Caller
from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ANALYST,
    CONSUMER,
    GUEST,
    PRODUCER,
    RECEIVER,
    accept,
    call,
    caller,
    grant,
    held,
    lf,
    new_world,
    on_database,
    on_table,
    refused,
    rows,
    with_table,
)
from mocklake.world import World

ROOT = caller(PRODUCER)


def _create(world: World, who: Caller, name: str, **more: Any) -> None:
    call(world, who, "glue", "CreateDatabase", DatabaseInput={"Name": name} | more)


def _names(world: World, who: Caller, **params: Any) -> list[str]:
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        answer = call(world, who, "glue", "GetDatabases", **params, **token)
        found += [one["Name"] for one in answer["DatabaseList"]]
        if "NextToken" not in answer:
            return found
        token = {"NextToken": answer["NextToken"]}


def test_names_are_stored_in_lower_case_and_made_once() -> None:
    world = new_world()
    _create(world, ROOT, "Sales", Description="Orders", LocationUri="s3://lake/", Parameters={"a": "b"})
    answer = call(world, ROOT, "glue", "GetDatabase", Name="SALES")["Database"]
    assert (answer["Name"], answer["Description"], answer["CatalogId"]) == ("sales", "Orders", PRODUCER)
    assert answer["CreateTime"] <= world.now()
    with refused("AlreadyExistsException"):
        _create(world, ROOT, "SALES")


def test_making_one_needs_create_database() -> None:
    world = new_world()
    with refused(
        "AccessDeniedException", "Insufficient Lake Formation permission(s): Required Create Database"
    ):
        _create(world, ANALYST, "mine")
    grant(world, ADMIN, ANALYST.arn, {"Catalog": {}}, "CREATE_DATABASE")
    _create(world, ANALYST, "mine")
    assert _names(world, ANALYST) == ["mine"]
    assert _names(new_world(open_to_all=True), ANALYST) == []
    _create(new_world(open_to_all=True), ANALYST, "anyones")


def test_the_creator_has_no_row_and_may_drop_what_an_administrator_may_not() -> None:
    world = new_world()
    _create(world, ROOT, "sales")
    assert held(world, ADMIN, ROOT.arn) == []
    with refused(
        "AccessDeniedException", "Insufficient Lake Formation permission(s): Required Drop on sales"
    ):
        call(world, ADMIN, "glue", "DeleteDatabase", Name="sales")
    call(world, ROOT, "glue", "DeleteDatabase", Name="sales")
    with refused("EntityNotFoundException"):
        call(world, ROOT, "glue", "GetDatabase", Name="sales")


def test_default_permissions_become_rows() -> None:
    world = new_world(open_to_all=True)
    _create(world, ROOT, "open")
    _create(world, ROOT, "shut", CreateTableDefaultPermissions=[])
    for name in ("open", "shut"):
        table = {"Name": "t"}
        call(world, ROOT, "glue", "CreateTable", DatabaseName=name, TableInput=table)
    found = {
        (next(iter(row["Resource"])), row["Resource"][next(iter(row["Resource"]))].get("DatabaseName"))
        for row in rows(world, ADMIN)
        if "Catalog" not in row["Resource"]
    }
    assert found == {("Database", None), ("Table", "open")}


def test_pages_hold_at_most_a_hundred() -> None:
    world = new_world()
    for number in range(230):
        _create(world, ROOT, f"db{number:03}")
    sizes: list[int] = []
    token: dict[str, str] = {}
    while True:
        answer = call(world, ROOT, "glue", "GetDatabases", **token)
        sizes.append(len(answer["DatabaseList"]))
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    assert sizes == [100, 100, 30]
    assert len(call(world, ROOT, "glue", "GetDatabases", MaxResults=7)["DatabaseList"]) == 7
    assert _names(world, ROOT, MaxResults=50) == [f"db{number:03}" for number in range(230)]
    with refused("InvalidInputException"):
        call(world, ROOT, "glue", "GetDatabases", NextToken="nonsense")


def test_strangers_see_nothing_and_a_table_shows_its_database() -> None:
    world = with_table(new_world())
    assert _names(world, ANALYST) == []
    with refused("AccessDeniedException", "Insufficient Lake Formation permission(s)"):
        call(world, ANALYST, "glue", "GetDatabase", Name="sales")
    grant(world, ADMIN, ANALYST.arn, on_table(), "SELECT")
    assert _names(world, ANALYST) == ["sales"]
    assert _names(world, ADMIN) == ["sales"]


def test_across_accounts_a_database_needs_its_own_describe() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    accept(world)
    for name in ("sales", "missing"):
        with refused("AccessDeniedException", "Insufficient Lake Formation permission(s)"):
            call(world, GUEST, "glue", "GetDatabase", CatalogId=PRODUCER, Name=name)
    grant(world, ADMIN, GUEST.arn, on_database(), "DESCRIBE")
    assert _names(world, GUEST, CatalogId=PRODUCER) == ["sales"]
    assert _names(world, GUEST, ResourceShareType="FOREIGN") == ["sales"]
    assert _names(world, GUEST) == []
    assert _names(world, RECEIVER, CatalogId=PRODUCER) == []


def test_what_an_account_was_granted_its_administrator_sees() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, CONSUMER, on_database(), "DESCRIBE")
    assert _names(world, RECEIVER, CatalogId=PRODUCER) == []
    accept(world)
    _create(world, RECEIVER, "own")
    assert _names(world, RECEIVER, ResourceShareType="ALL") == ["sales", "own"]
    assert _names(world, GUEST, CatalogId=PRODUCER) == []


def test_another_accounts_catalog_cannot_be_written() -> None:
    world = with_table(new_world(organisation={PRODUCER, CONSUMER}))
    grant(world, ADMIN, CONSUMER, on_database(), "DESCRIBE")
    with refused("AccessDeniedException"):
        call(world, RECEIVER, "glue", "CreateDatabase", CatalogId=PRODUCER, DatabaseInput={"Name": "x"})
    with refused("AccessDeniedException"):
        call(world, RECEIVER, "glue", "DeleteDatabase", CatalogId=PRODUCER, Name="sales")
    assert _names(world, ROOT) == ["sales"]


def test_regions_are_apart() -> None:
    world = with_table(new_world())
    elsewhere = caller(PRODUCER, region="us-east-1")
    assert _names(world, elsewhere) == []
    assert lf(world, elsewhere, "GetDataLakeSettings")["DataLakeSettings"]["DataLakeAdmins"] == []


def test_updating_needs_alter_and_keeps_the_name() -> None:
    world = with_table(new_world())
    change = {"Name": "sales", "DatabaseInput": {"Name": "sales", "Description": "New"}}
    with refused("AccessDeniedException"):
        call(world, ADMIN, "glue", "UpdateDatabase", **change)
    grant(world, ADMIN, ADMIN.arn, on_database(), "ALTER")
    call(world, ADMIN, "glue", "UpdateDatabase", **change)
    assert call(world, ADMIN, "glue", "GetDatabase", Name="sales")["Database"]["Description"] == "New"
    with refused("InvalidInputException"):
        call(world, ROOT, "glue", "UpdateDatabase", Name="sales", DatabaseInput={"Name": "other"})


def test_a_dropped_database_takes_tables_and_permissions_along() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, ANALYST.arn, on_database(), "DESCRIBE")
    grant(world, ADMIN, ANALYST.arn, on_table(), "SELECT")
    call(world, ROOT, "glue", "DeleteDatabase", Name="sales")
    with_table(world)
    assert rows(world, ADMIN) == []
    assert _names(world, ANALYST) == []
