"""What a grant is refused for, whoever asks, and that nothing changed."""

from typing import Any

import pytest

from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ANALYST,
    CONSUMER,
    EVERYONE,
    GUEST,
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
    revoke,
    role,
    rows,
    with_table,
)

CATALOG: dict[str, Any] = {"Catalog": {}}
LOCATION = {"DataLocation": {"ResourceArn": "arn:aws:s3:::producer-lake/sales"}}
ORGANISATION = f"arn:aws:organizations::{PRODUCER}:organization/o-abcdefghij"


@pytest.mark.parametrize(
    ("resource", "verb"),
    [
        (on_database(), "SELECT"),
        (on_database(), "INSERT"),
        (on_table(), "CREATE_TABLE"),
        (on_table(), "CREATE_DATABASE"),
        (on_columns("id"), "DESCRIBE"),
        (on_columns("id"), "ALL"),
        (CATALOG, "SELECT"),
        (CATALOG, "CREATE_TABLE"),
        (LOCATION, "DESCRIBE"),
    ],
)
def test_a_verb_must_fit_the_resource(resource: dict[str, Any], verb: str) -> None:
    world = with_table(new_world())
    with refused("InvalidInputException", "Permissions modification is invalid"):
        grant(world, ADMIN, ANALYST.arn, resource, verb)
    assert rows(world, ADMIN) == []


@pytest.mark.parametrize(
    "principal",
    ["not-a-principal", "arn:aws:iam::222222222222:root", "arn:aws:s3:::bucket", PRODUCER, "12345"],
)
def test_a_principal_must_be_one_that_can_hold_permissions(principal: str) -> None:
    world = with_table(new_world())
    with refused("InvalidInputException", f"Invalid principal, {principal}"):
        grant(world, ADMIN, principal, on_table(), "SELECT")


def test_an_account_that_does_not_exist_is_no_principal() -> None:
    world = with_table(new_world())
    world.accounts = {PRODUCER: "Producer"}
    with refused("InvalidInputException", "Invalid principal"):
        grant(world, ADMIN, CONSUMER, on_table(), "SELECT")


@pytest.mark.parametrize(
    "resource", [on_table("missing"), on_table(database="missing"), on_database("missing")]
)
def test_what_is_not_there_cannot_be_granted_or_revoked(resource: dict[str, Any]) -> None:
    world = with_table(new_world())
    with refused("EntityNotFoundException"):
        grant(world, ADMIN, ANALYST.arn, resource, "DESCRIBE")
    with refused("EntityNotFoundException"):
        revoke(world, ADMIN, ANALYST.arn, resource, "DESCRIBE")


def test_the_grant_option_is_a_subset_of_the_permissions() -> None:
    world = with_table(new_world())
    with refused("InvalidInputException", "Permissions modification is invalid"):
        grant(world, ADMIN, ANALYST.arn, on_table(), "SELECT", option=("DESCRIBE",))


def test_a_table_is_named_or_all_are_meant() -> None:
    world = with_table(new_world())
    both = {"Table": {"DatabaseName": "sales", "Name": "orders", "TableWildcard": {}}}
    with refused("InvalidInputException"):
        grant(world, ADMIN, ANALYST.arn, both, "SELECT")
    with refused("InvalidInputException"):
        grant(world, ADMIN, ANALYST.arn, {"Table": {"DatabaseName": "sales"}}, "SELECT")
    with refused("InvalidInputException"):
        grant(world, ADMIN, ANALYST.arn, on_table() | on_database(), "DESCRIBE")


def test_everyone_can_hold_all_only() -> None:
    world = with_table(new_world())
    with refused("InvalidInputException", "Permissions modification is invalid"):
        grant(world, ADMIN, EVERYONE, on_table(), "SELECT")
    grant(world, ADMIN, EVERYONE, on_table(), "ALL")


def test_a_location_must_be_registered_first() -> None:
    world = with_table(new_world())
    with refused("EntityNotFoundException", "Please register the S3 path"):
        grant(world, ADMIN, ANALYST.arn, LOCATION, "DATA_LOCATION_ACCESS")
    arn = "arn:aws:s3:::producer-lake"
    lf(world, ADMIN, "RegisterResource", ResourceArn=arn, RoleArn=role(PRODUCER, "LakeData"))
    grant(world, ADMIN, ANALYST.arn, LOCATION, "DATA_LOCATION_ACCESS")


def test_a_link_takes_describe_and_drop_only() -> None:
    world = with_table(new_world())
    link = {"Name": "sales_link", "TargetDatabase": {"CatalogId": PRODUCER, "DatabaseName": "sales"}}
    call(world, caller(PRODUCER), "glue", "CreateDatabase", DatabaseInput=link)
    grant(world, ADMIN, ANALYST.arn, on_database("sales_link"), "DESCRIBE")
    with refused("InvalidInputException", "Permissions modification is invalid"):
        grant(world, ADMIN, ANALYST.arn, on_database("sales_link"), "CREATE_TABLE")


@pytest.mark.parametrize("verb", ["DROP", "ALL"])
def test_a_database_cannot_be_given_away(verb: str) -> None:
    world = with_table(new_world())
    with refused("InvalidInputException", "Permissions modification is invalid"):
        grant(world, ADMIN, CONSUMER, on_database(), verb)
    assert rows(world, ADMIN) == []


def test_a_foreign_role_takes_no_grant_option() -> None:
    world = with_table(new_world())
    with refused("InvalidInputException", "Permissions modification is invalid"):
        grant(world, ADMIN, GUEST.arn, on_table(), "SELECT", option=("SELECT",))
    grant(world, ADMIN, CONSUMER, on_table(), "SELECT", option=("SELECT",))


@pytest.mark.parametrize(("version", "allowed"), [("1", False), ("2", False), ("3", True), ("5", True)])
def test_a_foreign_role_needs_version_three(version: str, *, allowed: bool) -> None:
    world = with_table(new_world(version=version))
    if allowed:
        grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    else:
        with refused("InvalidInputException", "Cross-account grants to IAM principals"):
            grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    assert len(rows(world, ADMIN)) == allowed


def test_federated_principals_cannot_be_reached_across_accounts() -> None:
    world = with_table(new_world())
    foreign = f"arn:aws:iam::{CONSUMER}:saml-provider/Corp:group/analysts"
    with refused("InvalidInputException", "Cross-account grants are not supported for the principal"):
        grant(world, ADMIN, foreign, on_table(), "SELECT")
    grant(world, ADMIN, foreign.replace(CONSUMER, PRODUCER), on_table(), "SELECT")


def test_an_organisation_must_be_the_own_one() -> None:
    world = with_table(new_world())
    with refused("InvalidInputException", "Invalid principal"):
        grant(world, ADMIN, ORGANISATION, on_table(), "SELECT")


def test_a_table_open_to_all_of_iam_is_not_shared_but_in_hybrid_mode() -> None:
    world = with_table(new_world(open_to_all=True))
    with refused("InvalidInputException", "Please revoke permission(s) for IAM_ALLOWED_PRINCIPALS"):
        grant(world, ADMIN, CONSUMER, on_table(), "SELECT")
    place = {"ResourceArn": "arn:aws:s3:::producer-lake", "RoleArn": role(PRODUCER, "LakeData")}
    lf(world, ADMIN, "RegisterResource", **place, HybridAccessEnabled=True)
    grant(world, ADMIN, CONSUMER, on_table(), "SELECT")
