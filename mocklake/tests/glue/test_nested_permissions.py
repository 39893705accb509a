"""Permissions on what lies in nested catalogs: Glue, reading and the oracle agree."""

import pytest

from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.lakeformation.authority import granted_columns
from mocklake.oracle.columns import can_read
from mocklake.tests.glue.nested_catalogs import BUCKET, ROOT, TOP, with_bucket
from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ANALYST,
    CONSUMER,
    GUEST,
    PRODUCER,
    RECEIVER,
    REGION,
    accept,
    call,
    grant,
    lf,
    new_world,
    on_columns,
    on_database,
    on_table,
    permission,
    refused,
    revoke,
    rows,
    with_table,
)
from mocklake.world import World

WHERE = {"CatalogId": BUCKET, "DatabaseName": "sales", "Name": "orders"}
EVERY = ("id", "email", "amount", "country", "day")


def _read(world: World, who: Caller) -> tuple[str, ...]:
    place = {"catalog_id": BUCKET, "database": "sales", "table": "orders", "region": REGION}
    try:
        return granted_columns(world, who.arn, who.account, **place).columns
    except AwsError:
        return ()


def _agreed(world: World, who: Caller) -> tuple[str, ...]:
    """What the request path reads, and the oracle says alike of each column."""
    read = _read(world, who)
    said = [
        name for name in EVERY if can_read(world, who.arn, BUCKET, REGION, "sales", "orders", name).allowed
    ]
    assert list(read) == said
    return read


def test_columns_of_a_nested_table_are_granted_by_its_catalogs_id() -> None:
    world = with_table(with_bucket(new_world()))
    grant(world, ADMIN, ANALYST.arn, on_columns("id"), "SELECT")
    assert _agreed(world, ANALYST) == ()
    grant(world, ADMIN, ANALYST.arn, on_columns("email", catalog=BUCKET), "SELECT")
    assert _agreed(world, ANALYST) == ("email", "day")
    table = call(world, ANALYST, "glue", "GetTable", **WHERE)["Table"]
    assert [one["Name"] for one in table["StorageDescriptor"]["Columns"]] == ["email"]
    assert table["CatalogId"] == BUCKET
    assert table["FederatedTable"]["ConnectionName"] == "aws:s3tables"


@pytest.mark.parametrize("catalog", [BUCKET, TOP])
def test_a_super_user_has_all_in_the_catalog_and_below(catalog: str) -> None:
    world = with_bucket(new_world())
    on_catalog = {"Catalog": {"Id": catalog}}
    grant(world, ADMIN, ANALYST.arn, on_catalog, "SUPER_USER")
    assert _agreed(world, ANALYST) == EVERY
    call(world, ANALYST, "glue", "DeleteTable", **WHERE)
    with refused("InvalidInputException", "Permissions modification is invalid."):
        grant(world, ADMIN, ANALYST.arn, on_catalog, "SUPER_USER", option=("SUPER_USER",))
    revoke(world, ADMIN, ANALYST.arn, on_catalog, "SUPER_USER")
    with refused("AccessDeniedException"):
        call(world, ANALYST, "glue", "GetDatabase", CatalogId=BUCKET, Name="sales")


def test_the_call_names_the_account_and_the_resource_the_catalog() -> None:
    world = with_bucket(new_world())
    with refused("InvalidInputException", "Catalog id must be a valid AWS account id."):
        lf(world, ADMIN, "ListPermissions", CatalogId=BUCKET)
    with refused("InvalidInputException", "Catalog id must be a valid AWS account id."):
        asked = permission(ANALYST.arn, {"Catalog": {}}, "DESCRIBE")
        lf(world, ADMIN, "GrantPermissions", CatalogId=BUCKET, **asked)
    with refused("EntityNotFoundException", "Catalog not found"):
        grant(world, ADMIN, ANALYST.arn, {"Catalog": {"Id": f"{PRODUCER}:missing"}}, "DESCRIBE")
    with refused("InvalidInputException"):
        grant(world, ADMIN, ANALYST.arn, {"Catalog": {"Id": BUCKET}}, "CREATE_LF_TAG")


def test_a_scan_of_the_account_lists_rows_of_all_its_catalogs() -> None:
    world = with_table(with_bucket(new_world()))
    grant(world, ADMIN, ANALYST.arn, on_table(), "DESCRIBE")
    grant(world, ADMIN, ANALYST.arn, on_table(catalog=BUCKET), "DESCRIBE")
    listed = [row["Resource"]["Table"]["CatalogId"] for row in rows(world, ADMIN, CatalogId=PRODUCER)]
    assert listed == [PRODUCER, BUCKET]
    one = rows(world, ADMIN, Resource=on_table(catalog=BUCKET))
    assert [row["Resource"]["Table"]["CatalogId"] for row in one] == [BUCKET]


def test_across_accounts_directly_and_passed_on() -> None:
    world = with_bucket(new_world())
    grant(world, ADMIN, GUEST.arn, on_columns("id", catalog=BUCKET), "SELECT")
    assert _agreed(world, GUEST) == ()
    accept(world)
    assert _agreed(world, GUEST) == ("id", "day")
    grant(world, ADMIN, CONSUMER, on_table(catalog=BUCKET), "SELECT", option=("SELECT",))
    grant(world, RECEIVER, GUEST.arn, on_columns("id", "email", catalog=BUCKET), "SELECT")
    assert _agreed(world, GUEST) == ("id", "email", "day")
    revoke(world, ADMIN, CONSUMER, on_table(catalog=BUCKET), "SELECT", option=("SELECT",))
    assert _agreed(world, GUEST) == ("id", "day")


def test_nested_catalogs_leave_the_account_from_version_four() -> None:
    world = with_bucket(new_world(version="3"))
    with refused("InvalidInputException"):
        grant(world, ADMIN, GUEST.arn, on_table(catalog=BUCKET), "SELECT")
    world = with_bucket(new_world(version="5"))
    grant(world, ADMIN, GUEST.arn, on_table(catalog=BUCKET), "SELECT")
    accept(world)
    assert _agreed(world, GUEST) == EVERY


def test_tags_in_two_catalogs_are_apart() -> None:
    world = with_table(with_bucket(new_world()))
    lf(world, ADMIN, "CreateLFTag", TagKey="tier", TagValues=["gold"])
    tags = [{"TagKey": "tier", "TagValues": ["gold"]}]
    policy = {"LFTagPolicy": {"ResourceType": "TABLE", "Expression": tags}}
    grant(world, ADMIN, ANALYST.arn, policy, "SELECT")
    lf(world, ROOT, "AddLFTagsToResource", Resource=on_table(), LFTags=tags)
    assert _agreed(world, ANALYST) == ()
    lf(world, ROOT, "AddLFTagsToResource", Resource=on_database(catalog=BUCKET), LFTags=tags)
    assert _agreed(world, ANALYST) == EVERY
    found = lf(world, ROOT, "GetResourceLFTags", Resource=on_table(catalog=BUCKET))
    assert found["LFTagOnDatabase"][0]["TagValues"] == ["gold"]


def test_a_database_link_leads_into_a_nested_catalog() -> None:
    world = with_bucket(new_world(organisation={PRODUCER, CONSUMER}))
    aim = {"Name": "near", "TargetDatabase": {"CatalogId": BUCKET, "DatabaseName": "sales"}}
    call(world, RECEIVER, "glue", "CreateDatabase", DatabaseInput=aim)
    grant(world, RECEIVER, GUEST.arn, on_database("near", CONSUMER), "DESCRIBE")
    grant(world, ADMIN, GUEST.arn, on_columns("id", catalog=BUCKET), "SELECT")
    (table,) = call(world, GUEST, "glue", "GetTables", DatabaseName="near")["TableList"]
    assert (table["CatalogId"], table["Name"]) == (BUCKET, "orders")
