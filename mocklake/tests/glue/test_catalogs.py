"""Nested catalogs: ids and ARNs, who makes and sees them, and what goes with them."""

import pickle

import pytest

from mocklake.catalog_ids import arn, full_id, owner_of, parent_of
from mocklake.glue.catalogs import mount
from mocklake.lakeformation.resources import catalog_resource
from mocklake.lakeformation.store import book_of
from mocklake.tests.glue.nested_catalogs import BUCKET, ROOT, TOP, with_bucket
from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ANALYST,
    PRODUCER,
    RECEIVER,
    REGION,
    call,
    grant,
    new_world,
    on_database,
    on_table,
    refused,
    rows,
)

IN_BUCKET = {"Catalog": {"Id": BUCKET}}


def test_ids_carry_the_path_and_arns_too() -> None:
    assert full_id(None, PRODUCER) == PRODUCER
    assert full_id("s3tablescatalog/Web", PRODUCER) == BUCKET == full_id(BUCKET, "999999999999")
    assert (owner_of(BUCKET), parent_of(BUCKET), parent_of(TOP)) == (PRODUCER, TOP, PRODUCER)
    assert arn(REGION, PRODUCER) == f"arn:aws:glue:{REGION}:{PRODUCER}:catalog"
    assert arn(REGION, BUCKET, "table", "d", "t").endswith(":table/s3tablescatalog/web/d/t")


def test_catalogs_are_listed_level_by_level_or_all_at_once() -> None:
    world = with_bucket(new_world())
    listed = {
        recursive: [
            one["CatalogId"]
            for one in call(world, ADMIN, "glue", "GetCatalogs", Recursive=recursive)["CatalogList"]
        ]
        for recursive in (False, True)
    }
    assert listed == {False: [TOP], True: [TOP, BUCKET]}
    below = call(world, ADMIN, "glue", "GetCatalogs", ParentCatalogId=TOP)["CatalogList"]
    assert [one["Name"] for one in below] == ["web"]
    assert below[0]["FederatedCatalog"]["Identifier"] == f"arn:aws:s3tables:{REGION}:{PRODUCER}:bucket/web"
    first = call(world, ADMIN, "glue", "GetCatalogs", Recursive=True, MaxResults=1)
    rest = call(world, ADMIN, "glue", "GetCatalogs", Recursive=True, NextToken=first["NextToken"])
    assert [one["CatalogId"] for one in rest["CatalogList"]] == [BUCKET]
    full = call(world, ADMIN, "glue", "GetCatalogs", Recursive=True, HasDatabases=True)["CatalogList"]
    assert [one["CatalogId"] for one in full] == [BUCKET]


def test_making_one_needs_create_catalog_and_seeing_one_a_permission() -> None:
    world = with_bucket(new_world())
    with refused(
        "AccessDeniedException", "Insufficient Lake Formation permission(s): Required Create Catalog"
    ):
        call(world, ANALYST, "glue", "CreateCatalog", Name="mine", CatalogInput={})
    grant(world, ADMIN, ANALYST.arn, {"Catalog": {}}, "CREATE_CATALOG")
    call(world, ANALYST, "glue", "CreateCatalog", Name="mine", CatalogInput={})
    call(world, ANALYST, "glue", "CreateDatabase", CatalogId="mine", DatabaseInput={"Name": "d"})
    with refused("AccessDeniedException"):
        call(world, ANALYST, "glue", "GetCatalog", CatalogId=BUCKET)
    with refused("AccessDeniedException"):
        call(world, RECEIVER, "glue", "GetCatalog", CatalogId=BUCKET)
    grant(world, ADMIN, ANALYST.arn, on_database(catalog=BUCKET), "DESCRIBE")
    assert call(world, ANALYST, "glue", "GetCatalog", CatalogId=BUCKET)["Catalog"]["Name"] == "web"


def test_databases_of_one_name_in_two_catalogs_are_apart() -> None:
    world = with_bucket(new_world())
    with refused("EntityNotFoundException"):
        call(world, ROOT, "glue", "GetDatabase", Name="sales")
    call(world, ROOT, "glue", "CreateDatabase", DatabaseInput={"Name": "sales"})
    grant(world, ADMIN, ANALYST.arn, on_database(), "DESCRIBE")
    with refused("AccessDeniedException"):
        call(world, ANALYST, "glue", "GetDatabase", CatalogId=BUCKET, Name="sales")
    for catalog in (None, "nowhere/else"):
        with refused("EntityNotFoundException"):
            call(world, ROOT, "glue", "GetDatabase", CatalogId=catalog or "nowhere", Name="sales")


def test_a_deleted_catalog_takes_what_is_in_it_and_every_row() -> None:
    world = with_bucket(new_world())
    grant(world, ADMIN, ANALYST.arn, IN_BUCKET, "ALL")
    grant(world, ADMIN, ANALYST.arn, on_database(catalog=BUCKET), "DESCRIBE")
    assert {next(iter(row["Resource"])) for row in rows(world, ADMIN)} == {"Catalog", "Database"}
    call(world, ANALYST, "glue", "DeleteCatalog", CatalogId=BUCKET)
    assert rows(world, ADMIN) == []
    mount(world, BUCKET, REGION)
    assert call(world, ADMIN, "glue", "GetDatabases", CatalogId=BUCKET)["DatabaseList"] == []
    call(world, ROOT, "glue", "DeleteCatalog", CatalogId=TOP)
    assert call(world, ADMIN, "glue", "GetCatalogs", Recursive=True)["CatalogList"] == []


def test_the_accounts_own_catalog_is_read_and_not_changed() -> None:
    world = new_world()
    answer = call(world, ADMIN, "glue", "GetCatalog", CatalogId=PRODUCER)["Catalog"]
    assert (answer["Name"], answer["ResourceArn"]) == (PRODUCER, arn(REGION, PRODUCER))
    with refused("InvalidInputException"):
        call(world, ROOT, "glue", "DeleteCatalog", CatalogId=PRODUCER)
    with refused("InvalidInputException"):
        call(world, ROOT, "glue", "CreateCatalog", Name=PRODUCER, CatalogInput={})


def test_only_a_federated_catalog_shows_others_below() -> None:
    world = new_world()
    call(world, ROOT, "glue", "CreateCatalog", Name="plain", CatalogInput={})
    for catalog_id in (f"{PRODUCER}:plain/x", f"{PRODUCER}:missing/x"):
        with pytest.raises(ValueError, match="is no federated catalog"):
            mount(world, catalog_id, REGION)
    with pytest.raises(ValueError, match="is there already"):
        mount(with_bucket(new_world()), BUCKET, REGION)


def test_an_account_has_one_book_for_all_its_catalogs() -> None:
    world = with_bucket(new_world())
    assert book_of(world, BUCKET, REGION) is book_of(world, PRODUCER, REGION)
    grant(world, ADMIN, ANALYST.arn, IN_BUCKET, "DESCRIBE")
    assert book_of(world, PRODUCER, REGION).find(ANALYST.arn, catalog_resource(BUCKET)) is not None


def test_nested_catalogs_outlive_a_snapshot() -> None:
    world = pickle.loads(pickle.dumps(with_bucket(new_world())))  # noqa: S301
    grant(world, ADMIN, ANALYST.arn, on_table(catalog=BUCKET), "SELECT")
    (table,) = call(world, ANALYST, "glue", "GetTables", CatalogId=BUCKET, DatabaseName="sales")["TableList"]
    assert table["FederatedTable"]["Identifier"].startswith(
        f"arn:aws:s3tables:{REGION}:{PRODUCER}:bucket/web/table/"
    )
