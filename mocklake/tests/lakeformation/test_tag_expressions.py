"""Named LF-Tag expressions: an update moves what grants on the name reach, while no row changes."""

from typing import Any

import pytest

from mocklake.tests.lakeformation.lf_tags import assign, expression, make_tags
from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ANALYST,
    CONSUMER,
    GUEST,
    PRODUCER,
    RECEIVER,
    caller,
    grant,
    lf,
    new_world,
    on_columns,
    on_database,
    readable,
    refused,
    rows,
    with_table,
)
from mocklake.world import World

STEWARD = caller(PRODUCER, "Steward")
NAME = "confidential"
ON_NAME = {"LFTagExpression": {"CatalogId": PRODUCER, "Name": NAME}}
HIGH = expression({"level": ("high",)})
ANY = expression({"level": ("high", "low")})


def _policy(kind: str = "TABLE", name: str = NAME) -> dict[str, Any]:
    return {"LFTagPolicy": {"CatalogId": PRODUCER, "ResourceType": kind, "ExpressionName": name}}


def _world() -> World:
    """level=low on the database, level=high on its column email; `confidential` is level=high."""
    world = with_table(new_world(organisation={PRODUCER, CONSUMER}))
    make_tags(world, {"level": ("low", "high")})
    assign(world, on_database(), "level", "low")
    assign(world, on_columns("email"), "level", "high")
    lf(world, ADMIN, "CreateLFTagExpression", Name=NAME, Description="What is secret", Expression=HIGH)
    return world


def test_it_is_read_back_and_listed() -> None:
    world = _world()
    answer = lf(world, ADMIN, "GetLFTagExpression", Name=NAME)
    assert answer == {
        "Name": NAME,
        "Description": "What is secret",
        "CatalogId": PRODUCER,
        "Expression": HIGH,
    }
    lf(world, ADMIN, "CreateLFTagExpression", Name="open", Expression=ANY)
    first = lf(world, ADMIN, "ListLFTagExpressions", MaxResults=1)
    rest = lf(world, ADMIN, "ListLFTagExpressions", NextToken=first["NextToken"])
    assert [one["Name"] for one in first["LFTagExpressions"] + rest["LFTagExpressions"]] == [NAME, "open"]
    assert lf(world, ANALYST, "ListLFTagExpressions")["LFTagExpressions"] == []


def test_an_update_widens_grants_without_a_row_changing() -> None:
    world = _world()
    grant(world, ADMIN, ANALYST.arn, _policy(), "SELECT")
    before = rows(world, ADMIN)
    assert [row["Resource"] for row in before] == [_policy()]
    assert readable(world, ANALYST) == ("email", "day")
    lf(world, ADMIN, "UpdateLFTagExpression", Name=NAME, Expression=ANY)
    assert len(readable(world, ANALYST)) == 5
    assert rows(world, ADMIN) == before


def test_a_deleted_expression_takes_its_grants_along() -> None:
    world = _world()
    grant(world, ADMIN, ANALYST.arn, _policy(), "SELECT")
    lf(world, ADMIN, "DeleteLFTagExpression", Name=NAME)
    assert readable(world, ANALYST) == ()
    with refused("EntityNotFoundException"):
        grant(world, ADMIN, ANALYST.arn, _policy(), "SELECT")
    lf(world, ADMIN, "CreateLFTagExpression", Name=NAME, Expression=HIGH)
    assert readable(world, ANALYST) == ()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"Name": NAME, "Expression": HIGH}, "InvalidInputException"),
        ({"Name": "new", "Expression": []}, "InvalidInputException"),
        ({"Name": "new", "Expression": HIGH + HIGH}, "InvalidInputException"),
        ({"Name": "new", "Expression": expression({"level": ("none",)})}, "EntityNotFoundException"),
    ],
)
def test_a_wrong_one_is_refused(asked: dict[str, Any], code: str) -> None:
    with refused(code):
        lf(_world(), ADMIN, "CreateLFTagExpression", **asked)


@pytest.mark.parametrize("operation", ["GetLFTagExpression", "DeleteLFTagExpression"])
def test_one_that_is_not_there_and_one_of_others(operation: str) -> None:
    with refused("EntityNotFoundException"):
        lf(_world(), ADMIN, operation, Name="nothing")
    with refused("AccessDeniedException"):
        lf(_world(), STEWARD, operation, Name=NAME)


def test_permissions_on_the_name() -> None:
    world = _world()
    with refused("AccessDeniedException"):
        grant(world, STEWARD, ANALYST.arn, _policy(), "SELECT")
    grant(world, ADMIN, STEWARD.arn, ON_NAME, "DESCRIBE", "ALTER", "GRANT_WITH_LF_TAG_EXPRESSION")
    (row,) = rows(world, ADMIN, ResourceType="LF_NAMED_TAG_EXPRESSION")
    assert row["Resource"] == ON_NAME
    assert lf(world, STEWARD, "GetLFTagExpression", Name=NAME)["Name"] == NAME
    grant(world, STEWARD, ANALYST.arn, _policy(), "SELECT")
    lf(world, STEWARD, "UpdateLFTagExpression", Name=NAME, Expression=ANY)
    assert len(readable(world, ANALYST)) == 5
    with refused("AccessDeniedException"):
        lf(world, STEWARD, "DeleteLFTagExpression", Name=NAME)


def test_its_maker_may_do_everything_with_it() -> None:
    world = _world()
    with refused("AccessDeniedException"):
        lf(world, STEWARD, "CreateLFTagExpression", Name="mine", Expression=HIGH)
    grant(world, ADMIN, STEWARD.arn, {"Catalog": {}}, "CREATE_LF_TAG_EXPRESSION")
    lf(world, STEWARD, "CreateLFTagExpression", Name="mine", Expression=HIGH)
    grant(world, STEWARD, ANALYST.arn, _policy(name="mine"), "SELECT")
    lf(world, STEWARD, "DeleteLFTagExpression", Name="mine")


def test_across_accounts_a_named_policy_follows_its_owner() -> None:
    world = _world()
    grant(world, ADMIN, CONSUMER, _policy(), "SELECT", option=("SELECT",))
    grant(world, RECEIVER, GUEST.arn, _policy(), "SELECT")
    assert readable(world, GUEST) == ("email", "day")
    lf(world, ADMIN, "UpdateLFTagExpression", Name=NAME, Expression=ANY)
    assert len(readable(world, GUEST)) == 5
