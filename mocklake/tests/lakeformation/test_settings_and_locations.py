"""Data lake settings with their versions and administrators; registered S3 locations."""

from typing import Any

import pytest

from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ANALYST,
    CONSUMER,
    PRODUCER,
    call,
    caller,
    grant,
    lf,
    new_world,
    on_table,
    refused,
    role,
    with_table,
)

BUCKET = "arn:aws:s3:::producer-lake"
ROLE = role(PRODUCER, "LakeData")


def _admins(*names: str) -> list[dict[str, str]]:
    return [{"DataLakePrincipalIdentifier": role(PRODUCER, name)} for name in names]


def test_a_fresh_account_has_version_one_and_everything_open() -> None:
    settings = lf(new_world(), caller("666666666666"), "GetDataLakeSettings")["DataLakeSettings"]
    assert settings["Parameters"]["CROSS_ACCOUNT_VERSION"] == "1"
    assert settings["DataLakeAdmins"] == []
    for kind in ("CreateDatabaseDefaultPermissions", "CreateTableDefaultPermissions"):
        (entry,) = settings[kind]
        assert entry["Permissions"] == ["ALL"]


def test_putting_replaces_all_lists_and_keeps_the_version() -> None:
    world = new_world()
    lf(world, ADMIN, "PutDataLakeSettings", DataLakeSettings={"DataLakeAdmins": _admins("Other")})
    settings = lf(world, ADMIN, "GetDataLakeSettings")["DataLakeSettings"]
    assert settings["DataLakeAdmins"] == _admins("Other")
    assert settings["CreateTableDefaultPermissions"] == []
    assert settings["Parameters"]["CROSS_ACCOUNT_VERSION"] == "4"


@pytest.mark.parametrize(
    "settings",
    [
        {"DataLakeAdmins": [{"DataLakePrincipalIdentifier": "not-a-principal"}]},
        {"ReadOnlyAdmins": [{"DataLakePrincipalIdentifier": role(CONSUMER, "LakeAdmin")}]},
        {"DataLakeAdmins": [{"DataLakePrincipalIdentifier": CONSUMER}]},
        {"Parameters": {"CROSS_ACCOUNT_VERSION": "6"}},
    ],
)
def test_settings_that_are_refused_change_nothing(settings: dict[str, Any]) -> None:
    world = new_world()
    before = lf(world, ADMIN, "GetDataLakeSettings")
    with refused("InvalidInputException"):
        lf(world, ADMIN, "PutDataLakeSettings", DataLakeSettings=settings)
    assert lf(world, ADMIN, "GetDataLakeSettings") == before


def test_thirty_one_administrators_break_the_model() -> None:
    settings = {"DataLakeAdmins": _admins(*(f"Admin{n}" for n in range(31)))}
    with refused("ValidationException", "1 validation error detected"):
        lf(new_world(), ADMIN, "PutDataLakeSettings", DataLakeSettings=settings)


def test_version_five_has_no_way_back() -> None:
    world = new_world(version="5")
    with refused("InvalidInputException"):
        lf(
            world,
            ADMIN,
            "PutDataLakeSettings",
            DataLakeSettings={"Parameters": {"CROSS_ACCOUNT_VERSION": "4"}},
        )


def test_another_account_does_not_reach_the_settings() -> None:
    world, who = new_world(), caller(CONSUMER, "LakeAdmin")
    settings = {"DataLakeAdmins": [{"DataLakePrincipalIdentifier": who.arn}]}
    with refused("AccessDeniedException"):
        lf(world, who, "PutDataLakeSettings", CatalogId=PRODUCER, DataLakeSettings=settings)
    with refused("AccessDeniedException"):
        lf(world, caller(CONSUMER, "LakeAdmin"), "GetDataLakeSettings", CatalogId=PRODUCER)


def test_a_location_is_registered_once_and_described_as_given() -> None:
    world = new_world()
    given = {"ResourceArn": BUCKET, "RoleArn": ROLE, "HybridAccessEnabled": True, "WithFederation": True}
    lf(world, ADMIN, "RegisterResource", **given)
    with refused("AlreadyExistsException", "Resource is already registered"):
        lf(world, ADMIN, "RegisterResource", **given)
    info = lf(world, ADMIN, "DescribeResource", ResourceArn=BUCKET)["ResourceInfo"]
    assert {name: info[name] for name in given} == given
    assert info["VerificationStatus"] == "VERIFIED"


def test_a_service_linked_role_is_named() -> None:
    world = new_world()
    lf(world, ADMIN, "RegisterResource", ResourceArn=BUCKET, UseServiceLinkedRole=True)
    (info,) = lf(world, ADMIN, "ListResources")["ResourceInfoList"]
    assert info["RoleArn"].endswith("/AWSServiceRoleForLakeFormationDataAccess")


def test_updating_and_deregistering() -> None:
    world = new_world()
    lf(world, ADMIN, "RegisterResource", ResourceArn=BUCKET, RoleArn=ROLE)
    other = role(PRODUCER, "Other")
    lf(world, ADMIN, "UpdateResource", ResourceArn=BUCKET, RoleArn=other, HybridAccessEnabled=True)
    info = lf(world, ADMIN, "DescribeResource", ResourceArn=BUCKET)["ResourceInfo"]
    assert (info["RoleArn"], info["HybridAccessEnabled"]) == (other, True)
    lf(world, ADMIN, "DeregisterResource", ResourceArn=BUCKET)
    for operation in ("DeregisterResource", "DescribeResource"):
        with refused("EntityNotFoundException"):
            lf(world, ADMIN, operation, ResourceArn=BUCKET)


def test_a_location_without_a_role_or_by_a_stranger_is_refused() -> None:
    world = new_world()
    with refused("InvalidInputException"):
        lf(world, ADMIN, "RegisterResource", ResourceArn=BUCKET)
    with refused("AccessDeniedException"):
        lf(world, caller(PRODUCER, "Nobody"), "RegisterResource", ResourceArn=BUCKET, RoleArn=ROLE)
    assert lf(world, ADMIN, "ListResources") == {"ResourceInfoList": []}


def test_locations_are_listed_by_pages_and_filters() -> None:
    world = new_world()
    arns = [f"{BUCKET}-{number}" for number in range(5)]
    for arn in arns:
        lf(world, ADMIN, "RegisterResource", ResourceArn=arn, RoleArn=ROLE)
    first = lf(world, ADMIN, "ListResources", MaxResults=3)
    rest = lf(world, ADMIN, "ListResources", MaxResults=3, NextToken=first["NextToken"])
    listed = first["ResourceInfoList"] + rest["ResourceInfoList"]
    assert [info["ResourceArn"] for info in listed] == arns
    ask = {"Field": "RESOURCE_ARN", "ComparisonOperator": "EQ", "StringValueList": [arns[2]]}
    (info,) = lf(world, ADMIN, "ListResources", FilterConditionList=[ask])["ResourceInfoList"]
    assert info["ResourceArn"] == arns[2]


def test_a_table_tells_whether_its_location_is_registered() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, ANALYST.arn, on_table(), "SELECT")

    def registered() -> bool:
        table = call(world, ANALYST, "glue", "GetTable", DatabaseName="sales", Name="orders")["Table"]
        return bool(table["IsRegisteredWithLakeFormation"])

    lf(world, ADMIN, "RegisterResource", ResourceArn=f"{BUCKET}/sal", RoleArn=ROLE)
    assert not registered()
    lf(world, ADMIN, "RegisterResource", ResourceArn=f"{BUCKET}/sales/", RoleArn=ROLE)
    assert registered()
