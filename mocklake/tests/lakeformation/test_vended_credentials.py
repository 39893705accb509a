"""Credentials vended for a table outlast the permission that they were vended for."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from mocklake.testing.checks import refused
from mocklake.testing.in_process import REGION
from mocklake.testing.server import Cloud
from mocklake.tests.accounts import CENTRAL, CONSUMER

DATABASE, TABLE = "suppliers_gold", "deliveries"
ARN = f"arn:aws:glue:{REGION}:{CENTRAL}:table/{DATABASE}/{TABLE}"
WHOLE = {"Table": {"DatabaseName": DATABASE, "Name": TABLE}}
ANALYST = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/analyst"}


@pytest.fixture(scope="module")
def lake(cloud: Cloud) -> Iterator[Any]:
    """The owner lets external engines read whole tables, and those that filter by themselves parts."""
    client = cloud.client("lakeformation", CENTRAL)
    before = client.get_data_lake_settings()["DataLakeSettings"]
    after = before | {"AllowExternalDataFiltering": True, "AllowFullTableExternalDataAccess": True}
    client.put_data_lake_settings(DataLakeSettings=after)
    yield client
    client.put_data_lake_settings(DataLakeSettings=before)


@pytest.fixture
def analyst(cloud: Cloud, lake: Any) -> Iterator[Any]:
    lake.grant_permissions(Principal=ANALYST, Resource=WHOLE, Permissions=["SELECT"])
    yield cloud.client("lakeformation", CONSUMER, "analyst")
    with suppress(lake.exceptions.InvalidInputException):
        lake.revoke_permissions(Principal=ANALYST, Resource=WHOLE, Permissions=["SELECT"])


def _objects(cloud: Cloud, vended: dict[str, Any]) -> int:
    s3 = cloud.client_of("s3", vended)
    bucket, _, prefix = vended["VendedS3Path"][0].removeprefix("s3://").partition("/")
    found = s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
    for one in found:
        s3.get_object(Bucket=bucket, Key=one["Key"])
    return len(found)


def test_they_read_the_table_and_go_on_when_the_grant_is_gone(cloud: Cloud, lake: Any, analyst: Any) -> None:
    vended = analyst.get_temporary_glue_table_credentials(TableArn=ARN, DurationSeconds=43200)
    life = vended["Expiration"] - datetime.now(UTC)
    assert 43_000 < life.total_seconds() <= 43_200
    assert _objects(cloud, vended) > 0
    lake.revoke_permissions(Principal=ANALYST, Resource=WHOLE, Permissions=["SELECT"])
    assert refused(analyst.get_temporary_glue_table_credentials, TableArn=ARN) == "AccessDeniedException"
    assert _objects(cloud, vended) > 0


def test_of_one_partition(analyst: Any) -> None:
    vend = analyst.get_temporary_glue_partition_credentials
    assert vend(TableArn=ARN, Partition={"Values": ["2026-01-31"]})["AccessKeyId"].startswith("ASIA")
    assert refused(vend, TableArn=ARN, Partition={"Values": ["a", "b"]}) == "InvalidInputException"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"TableArn": f"{ARN}/"}, "InvalidInputException"),
        ({"TableArn": ARN.replace(TABLE, "nothing")}, "AccessDeniedException"),
        ({"TableArn": ARN, "Permissions": ["INSERT"]}, "AccessDeniedException"),
    ],
)
def test_what_is_refused(analyst: Any, asked: dict[str, Any], code: str) -> None:
    assert refused(analyst.get_temporary_glue_table_credentials, **asked) == code


def test_a_part_goes_to_those_who_cut_it_themselves(cloud: Cloud, lake: Any) -> None:
    columns = {"TableWithColumns": {"DatabaseName": DATABASE, "Name": TABLE, "ColumnNames": ["strategy"]}}
    grant = {"Principal": ANALYST, "Resource": columns, "Permissions": ["SELECT"]}
    lake.grant_permissions(**grant)
    vend = cloud.client("lakeformation", CONSUMER, "analyst").get_temporary_glue_table_credentials
    assert refused(vend, TableArn=ARN) == "PermissionTypeMismatchException"
    cell = ["CELL_FILTER_PERMISSION"]
    assert refused(vend, TableArn=ARN, SupportedPermissionTypes=cell) == "PermissionTypeMismatchException"
    assert vend(TableArn=ARN, SupportedPermissionTypes=["COLUMN_PERMISSION"])["AccessKeyId"]
    lake.revoke_permissions(**grant)
