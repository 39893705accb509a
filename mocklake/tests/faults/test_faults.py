"""Throttling by bucket, partial batches, an account that is away: through the server, as a client meets them."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from mocklake.faults.injected import Fault, Faults
from mocklake.testing.checks import refused
from mocklake.testing.principals import create_roles
from mocklake.testing.server import Cloud
from mocklake.tests.accounts import CENTRAL, CONSUMER

DATABASE = "ill_manners"
READERS = [f"arn:aws:iam::{CENTRAL}:role/reader-{number}" for number in range(20)]


@pytest.fixture(scope="module")
def made(cloud: Cloud) -> Iterator[Any]:
    create_roles(cloud.client("iam", CENTRAL), *(reader.rpartition("/")[2] for reader in READERS))
    glue = cloud.client("glue", CENTRAL)
    glue.create_database(DatabaseInput={"Name": DATABASE, "CreateTableDefaultPermissions": []})
    yield cloud.client("lakeformation", CENTRAL)
    glue.delete_database(Name=DATABASE)


@pytest.fixture
def lake(cloud: Cloud, made: Any) -> Iterator[Any]:
    yield made
    cloud.control("faults", method="DELETE")


def entries(*verbs: str) -> list[dict[str, Any]]:
    return [
        {
            "Id": str(number),
            "Principal": {"DataLakePrincipalIdentifier": reader},
            "Resource": {"Database": {"Name": DATABASE}},
            "Permissions": list(verbs),
        }
        for number, reader in enumerate(READERS)
    ]


def holders(lake: Any) -> set[str]:
    listed = lake.list_permissions(Resource={"Database": {"Name": DATABASE}})["PrincipalResourcePermissions"]
    return {row["Principal"]["DataLakePrincipalIdentifier"] for row in listed} & set(READERS)


def test_a_bucket_lets_its_burst_through_and_throttles_the_rest(cloud: Cloud, lake: Any) -> None:
    fault = {"kind": "bucket", "operation": "GetDataLakeSettings", "rate": 0.001, "burst": 3}
    cloud.control("faults", fault)
    for _ in range(3):
        lake.get_data_lake_settings()
    assert refused(lake.get_data_lake_settings) == "ThrottledException"
    assert refused(lake.get_data_lake_settings) == "ThrottledException"
    assert cloud.client("lakeformation", CONSUMER).get_data_lake_settings()
    assert lake.list_permissions()


def test_a_bucket_fills_again_at_its_rate() -> None:
    now = [100.0]
    faults = Faults(clock=lambda: now[0])
    faults.add({"kind": "bucket", "rate": 2, "burst": 2})

    def passes() -> bool:
        return not faults.take("glue", "GetTables", CONSUMER)

    assert [passes(), passes(), passes()] == [True, True, False]
    now[0] += 0.5
    assert [passes(), passes()] == [True, False]
    now[0] += 60
    assert [passes(), passes(), passes()] == [True, True, False]


def test_a_bucket_is_one_for_each_account_and_operation() -> None:
    faults = Faults(clock=lambda: 0.0)
    faults.add({"kind": "bucket", "rate": 1, "burst": 1})
    asked = [("GetTables", CONSUMER), ("GetTable", CONSUMER), ("GetTables", CENTRAL), ("GetTables", CONSUMER)]
    assert [bool(faults.take("glue", *one)) for one in asked] == [False, False, False, True]


def test_a_seed_makes_the_same_calls_fail_again() -> None:
    def struck(seed: int) -> list[bool]:
        faults = Faults()
        faults.add({"kind": "throttle", "rate": 0.3, "seed": seed})
        return [bool(faults.take("glue", "GetTables", CONSUMER)) for _ in range(200)]

    assert struck(7) == struck(7) != struck(8)
    assert 30 < sum(struck(7)) < 90


def test_some_entries_of_a_batch_fail_with_the_code_and_the_others_take_effect(
    cloud: Cloud, lake: Any
) -> None:
    fault = {"kind": "partial", "rate": 0.4, "seed": 3, "code": "ConcurrentModificationException"}
    cloud.control("faults", fault)
    failures = lake.batch_grant_permissions(Entries=entries("DESCRIBE"))["Failures"]
    failed = {one["RequestEntry"]["Principal"]["DataLakePrincipalIdentifier"] for one in failures}
    assert {one["Error"]["ErrorCode"] for one in failures} == {"ConcurrentModificationException"}
    assert 0 < len(failed) < 20
    assert holders(lake) == set(READERS) - failed


def test_all_entries_of_a_batch_may_fail(cloud: Cloud, lake: Any) -> None:
    lake.batch_grant_permissions(Entries=entries("ALTER"))
    cloud.control("faults", {"kind": "partial", "operation": "BatchRevokePermissions", "rate": 1})
    assert len(lake.batch_revoke_permissions(Entries=entries("ALTER"))["Failures"]) == 20
    assert holders(lake) == set(READERS)


def test_who_may_not_call_at_all_is_refused_before_any_entry_fails(cloud: Cloud, lake: Any) -> None:
    cloud.control("faults", {"kind": "partial", "rate": 1})
    analyst = cloud.client("lakeformation", CONSUMER, "analyst")
    assert refused(analyst.batch_grant_permissions, Entries=entries("ALTER")) == "AccessDeniedException"


def test_an_unreachable_account_answers_503_to_everything_until_it_is_lifted(cloud: Cloud) -> None:
    names = ("glue", "s3", "sts", "lakeformation", "ram")
    glue, s3, sts, lake, ram = (cloud.client(name, CONSUMER) for name in names)
    cloud.control("faults", {"kind": "unreachable", "account": CONSUMER})
    assert refused(glue.get_databases) == "ServiceUnavailableException"
    assert refused(lake.get_data_lake_settings) == "ServiceUnavailableException"
    assert refused(ram.get_resource_share_invitations) == "ServiceUnavailableException"
    assert refused(s3.list_buckets) == "ServiceUnavailable"
    assert refused(sts.get_caller_identity) == "ServiceUnavailable"
    assert cloud.client("glue", CENTRAL).get_databases()["DatabaseList"]
    cloud.control("faults", method="DELETE")
    assert sts.get_caller_identity()["Account"] == CONSUMER


def test_an_unreachable_account_may_drop_the_connection_without_an_effect(cloud: Cloud, lake: Any) -> None:
    glue = cloud.client("glue", CONSUMER)
    cloud.control("faults", {"kind": "unreachable", "account": CONSUMER, "drops": True})
    with pytest.raises(ConnectionClosedError):
        glue.create_database(DatabaseInput={"Name": "never"})
    cloud.control("faults", method="DELETE")
    assert refused(glue.get_database, Name="never") == "EntityNotFoundException"


@pytest.mark.parametrize(
    "wanted",
    [
        {"kind": "partial"},
        {"kind": "unreachable"},
        {"kind": "delay"},
        {"kind": "throttle", "rate": 2},
        {"kind": "bucket", "burst": 0},
        {"kind": "latency", "milliseconds": "10"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(wanted: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"is|needs"):
        Fault(**wanted)
