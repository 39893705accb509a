"""Hybrid access: Lake Formation decides for principals who opted in, IAM for all others."""

from typing import Any

import pytest

from mocklake.iam.callers import Caller
from mocklake.lakeformation.authority import reads_as_location
from mocklake.lakeformation.changes import get_viewer
from mocklake.oracle.columns import can_read
from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ALL_TABLES,
    ANALYST,
    CONSUMER,
    EVERYONE,
    GUEST,
    PRODUCER,
    RECEIVER,
    REGION,
    call,
    caller,
    grant,
    lf,
    new_world,
    on_columns,
    on_database,
    on_filter,
    on_table,
    readable,
    refused,
    role,
    with_table,
)
from mocklake.world import World

LAKE = {"ResourceArn": "arn:aws:s3:::producer-lake", "RoleArn": role(PRODUCER, "LakeData")}


def _world() -> World:
    """The producer's orders lie in a hybrid location and are open to everyone of the account."""
    world = with_table(new_world(organisation={PRODUCER, CONSUMER}, open_to_all=True))
    lf(world, ADMIN, "RegisterResource", **LAKE, HybridAccessEnabled=True)
    return world


def _opt_in(world: World, principal: str, resource: dict[str, Any], who: Caller = ADMIN) -> None:
    asked = {"Principal": {"DataLakePrincipalIdentifier": principal}, "Resource": resource}
    lf(world, who, "CreateLakeFormationOptIn", **asked)


def _agreed(world: World, who: Caller) -> tuple[str, ...]:
    place = (PRODUCER, REGION, "sales", "orders")
    names = ("id", "email", "amount", "country", "day")
    columns = tuple(name for name in names if can_read(world, who.arn, *place, name).allowed)
    assert columns == readable(world, who)
    return columns


def _as_location(world: World, who: Caller) -> bool:
    viewer_place = {"catalog_id": PRODUCER, "database": "sales", "table": "orders"}
    return reads_as_location(world, get_viewer(who), **viewer_place)


def test_only_who_opted_in_is_held_to_grants() -> None:
    world = _world()
    for who in (ANALYST, caller(PRODUCER, "Other")):
        grant(world, ADMIN, who.arn, on_columns("id"), "SELECT")
    assert len(_agreed(world, ANALYST)) == 5
    assert not _as_location(world, ANALYST)
    _opt_in(world, ANALYST.arn, on_table())
    assert _agreed(world, ANALYST) == ("id", "day")
    assert _as_location(world, ANALYST)
    assert len(_agreed(world, caller(PRODUCER, "Other"))) == 5


def test_without_everyones_permission_a_grant_needs_the_opt_in() -> None:
    world = _world()
    lf(world, ADMIN, "RevokePermissions", **_everyone(on_table()))
    grant(world, ADMIN, ANALYST.arn, on_table(), "SELECT")
    assert _agreed(world, ANALYST) == ()
    _opt_in(world, ANALYST.arn, on_table())
    assert len(_agreed(world, ANALYST)) == 5


def test_elsewhere_opt_ins_mean_nothing() -> None:
    world = _world()
    _opt_in(world, ANALYST.arn, on_table())
    assert _agreed(world, ANALYST) == ()
    lf(world, ADMIN, "UpdateResource", **LAKE, HybridAccessEnabled=False)
    assert len(_agreed(world, ANALYST)) == 5


def test_all_tables_are_opted_in_together_with_their_database() -> None:
    world = _world()
    _opt_in(world, ANALYST.arn, ALL_TABLES)
    assert len(_agreed(world, ANALYST)) == 5
    _opt_in(world, ANALYST.arn, on_database())
    assert _agreed(world, ANALYST) == ()


def test_a_table_made_again_has_no_opt_ins() -> None:
    world = _world()
    _opt_in(world, ANALYST.arn, on_table())
    call(world, caller(PRODUCER), "glue", "DeleteTable", DatabaseName="sales", Name="orders")
    with_table(world)
    assert lf(world, ADMIN, "ListLakeFormationOptIns")["LakeFormationOptInsInfoList"] == []
    assert len(_agreed(world, ANALYST)) == 5


def test_a_foreign_principal_needs_an_opt_in() -> None:
    world = _world()
    grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    assert _agreed(world, GUEST) == ()
    _opt_in(world, GUEST.arn, on_table())
    assert len(_agreed(world, GUEST)) == 5


@pytest.mark.parametrize("by_receiver", [True, False])
def test_a_delegated_one_is_opted_in_by_its_account_or_with_it(by_receiver: bool) -> None:  # noqa: FBT001
    world = _world()
    grant(world, ADMIN, CONSUMER, on_table(), "SELECT", option=("SELECT",))
    grant(world, RECEIVER, GUEST.arn, on_table(), "SELECT")
    assert _agreed(world, GUEST) == ()
    if by_receiver:
        _opt_in(world, GUEST.arn, on_table(), RECEIVER)
    else:
        _opt_in(world, CONSUMER, on_table())
    assert len(_agreed(world, GUEST)) == 5


def test_opt_ins_are_listed_by_pages_and_removed() -> None:
    world = _world()
    who = {"DataLakePrincipalIdentifier": ANALYST.arn}
    for resource in (on_table(), on_database(), on_table()):
        _opt_in(world, ANALYST.arn, resource)
    _opt_in(world, GUEST.arn, on_table())
    first = lf(world, ADMIN, "ListLakeFormationOptIns", Principal=who, MaxResults=1)
    (one,) = first["LakeFormationOptInsInfoList"]
    assert (one["Resource"], one["Principal"]) == (on_table(), who)
    rest = lf(world, ADMIN, "ListLakeFormationOptIns", Principal=who, NextToken=first["NextToken"])
    assert [one["Resource"] for one in rest["LakeFormationOptInsInfoList"]] == [on_database()]
    lf(world, ADMIN, "DeleteLakeFormationOptIn", Principal=who, Resource=on_table())
    left = lf(world, ADMIN, "ListLakeFormationOptIns", Resource=on_table())["LakeFormationOptInsInfoList"]
    assert [one["Principal"]["DataLakePrincipalIdentifier"] for one in left] == [GUEST.arn]
    with refused("EntityNotFoundException"):
        lf(world, ADMIN, "DeleteLakeFormationOptIn", Principal=who, Resource=on_table())


@pytest.mark.parametrize(
    ("principal", "resource", "code"),
    [
        (EVERYONE, on_table(), "InvalidInputException"),
        (ANALYST.arn, on_columns("id"), "InvalidInputException"),
        (ANALYST.arn, on_filter("near"), "InvalidInputException"),
        (ANALYST.arn, on_table("nothing"), "EntityNotFoundException"),
        (ANALYST.arn, on_database("nothing"), "EntityNotFoundException"),
    ],
)
def test_wrong_opt_ins_are_refused(principal: str, resource: dict[str, Any], code: str) -> None:
    with refused(code):
        _opt_in(_world(), principal, resource)


def test_only_administrators_opt_in() -> None:
    world = _world()
    with refused("AccessDeniedException"):
        _opt_in(world, ANALYST.arn, on_table(), ANALYST)
    with refused("AccessDeniedException"):
        lf(world, ANALYST, "ListLakeFormationOptIns")
    with refused("EntityNotFoundException"):
        _opt_in(world, GUEST.arn, on_table(), RECEIVER)


def _everyone(resource: dict[str, Any]) -> dict[str, Any]:
    principal = {"DataLakePrincipalIdentifier": EVERYONE}
    return {"Principal": principal, "Resource": resource, "Permissions": ["ALL"]}
