"""Datasets are matched to tables by ARN, symlink, and the longest location above an S3 address."""

from typing import Any

import pytest

from catalog.lineage.actions import match_again
from catalog.lineage.matching import GlueName, list_prefixes, normalize_location, parse_glue_name
from catalog.mirror.models import Database
from tests.bank import Bank
from tests.catalog.lineage.samples import NOW, dataset, find_dataset, place_table, run_event, send

ACCOUNT, REGION = "111122223333", "eu-central-1"
CLAIMS = GlueName(ACCOUNT, REGION, "gold", "claims")


@pytest.mark.parametrize(
    ("namespace", "name", "found"),
    [
        (f"arn:aws:glue:{REGION}:{ACCOUNT}", "table/gold/claims", CLAIMS),
        (f"arn:aws:glue:{REGION}:{ACCOUNT}", "gold.claims", CLAIMS),
        ("anything", f"arn:aws:glue:{REGION}:{ACCOUNT}:table/Gold/Claims", CLAIMS),
        (f"awsglue://{REGION}.{ACCOUNT}", "gold.claims", CLAIMS),
        (f"glue://{ACCOUNT}:{REGION}", "gold.claims", CLAIMS),
        (f"aws:glue:{REGION}:{ACCOUNT}", "table/gold/claims", CLAIMS),
        (
            f"awsathena://athena.{REGION}.amazonaws.com",
            "AwsDataCatalog.gold.claims",
            GlueName("", REGION, "gold", "claims"),
        ),
        ("s3://lake", "gold/claims", None),
        (f"arn:aws:glue:{REGION}:{ACCOUNT}", "claims", None),
        ("hive://metastore:9083", "gold.claims", None),
    ],
)
def test_names_of_glue_tables(namespace: str, name: str, found: GlueName | None) -> None:
    assert parse_glue_name(namespace, name) == found


def test_addresses_of_s3() -> None:
    assert normalize_location("s3a://lake", "/gold/claims/") == "s3://lake/gold/claims"
    assert normalize_location("s3://lake", "/") == "s3://lake"
    assert normalize_location("file", "/lake/x") == ""
    assert list_prefixes("s3://lake/gold/claims") == ["s3://lake/gold/claims", "s3://lake/gold", "s3://lake"]


@pytest.fixture
def database(bank: Bank) -> Database:
    return bank.claims.database


def test_the_longest_location_wins_at_folder_borders(bank: Bank, database: Database) -> None:
    outer = place_table(database, "outer", "s3://lake/gold")
    inner = place_table(database, "inner", "s3a://lake/gold/claims/")
    send(bank.insurance, run_event(inputs=("gold/claims_old/x",), outputs=("gold/claims/day=1/part-0",)))
    assert find_dataset("gold/claims/day=1/part-0").table == inner
    assert find_dataset("gold/claims_old/x").table == outer


def test_a_symlink_matches_where_the_address_does_not(bank: Bank, database: Database) -> None:
    arn = f"arn:aws:glue:{database.catalog.region}:{database.catalog.account.account_id}"
    link = {
        "identifiers": [
            {"namespace": arn, "name": f"table/{database.name}/{bank.claims.name}", "type": "TABLE"}
        ]
    }
    send(bank.insurance, run_event(outputs=(dataset("elsewhere", symlinks=link),)))
    found = find_dataset("elsewhere")
    assert (found.table, found.match) == (bank.claims, "symlink")
    assert find_dataset("raw").match == "none"


def test_two_tables_of_one_place_match_the_one_in_a_product(bank: Bank, database: Database) -> None:
    bank.claims.__class__.objects.filter(pk=bank.claims.pk).update(location="s3://lake/claims")
    place_table(database, "copy", "s3://lake/claims/")
    place_table(database, "twin_a", "s3://lake/twin/")
    place_table(database, "twin_b", "s3://lake/twin")
    send(bank.insurance, run_event(inputs=("twin",), outputs=("claims",)))
    assert find_dataset("claims").table == bank.claims
    assert find_dataset("twin").table is None


def test_a_table_that_comes_later_is_found_after_the_sync(
    bank: Bank, database: Database, settings: Any
) -> None:
    send(bank.insurance, run_event())
    clean = place_table(database, "clean", "s3://lake/clean")
    find_dataset("clean").__class__.objects.update(tried_at=None)
    assert match_again(now=NOW) == 1
    assert find_dataset("clean").table == clean
