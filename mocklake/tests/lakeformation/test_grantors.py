"""Administrators, creators and holders of the grant option may grant; nobody else learns anything."""

import pytest

from mocklake.iam.callers import Caller
from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ANALYST,
    GUEST,
    PRODUCER,
    RECEIVER,
    call,
    caller,
    grant,
    new_world,
    on_columns,
    on_table,
    readable,
    refused,
    revoke,
    role,
    table_input,
    with_table,
)

STEWARD = caller(PRODUCER, "Steward")
DENIED = "Resource does not exist or requester is not authorized"


@pytest.mark.parametrize("who", [ANALYST, GUEST, RECEIVER])
@pytest.mark.parametrize("table", ["orders", "missing"])
def test_strangers_are_refused_alike_for_what_is_and_is_not_there(who: Caller, table: str) -> None:
    world = with_table(new_world())
    with refused("AccessDeniedException", DENIED):
        grant(world, who, who.arn, on_table(table), "SELECT")
    assert readable(world, who) == ()


def test_the_grant_option_lets_its_holder_grant_and_revoke() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, STEWARD.arn, on_table(), "SELECT", option=("SELECT",))
    grant(world, STEWARD, ANALYST.arn, on_columns("id"), "SELECT")
    assert readable(world, ANALYST) == ("id", "day")
    revoke(world, STEWARD, ANALYST.arn, on_columns("id"), "SELECT")
    with refused("AccessDeniedException", DENIED):
        grant(world, STEWARD, ANALYST.arn, on_table(), "DESCRIBE")


def test_the_verb_alone_lets_nobody_grant() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, STEWARD.arn, on_table(), "SELECT")
    with refused("AccessDeniedException", DENIED):
        grant(world, STEWARD, ANALYST.arn, on_table(), "SELECT")


def test_a_grant_option_on_columns_reaches_no_further() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, STEWARD.arn, on_columns("id", "amount"), "SELECT", option=("SELECT",))
    grant(world, STEWARD, ANALYST.arn, on_columns("amount"), "SELECT")
    for resource in (on_columns("amount", "email"), on_table()):
        with refused("AccessDeniedException", DENIED):
            grant(world, STEWARD, ANALYST.arn, resource, "SELECT")
    assert readable(world, ANALYST) == ("amount", "day")


def test_a_creator_reads_and_grants_without_a_row() -> None:
    world = with_table(new_world())
    database = {"Database": {"Name": "sales"}}
    grant(world, ADMIN, STEWARD.arn, database, "CREATE_TABLE")
    call(world, STEWARD, "glue", "CreateTable", DatabaseName="sales", TableInput=table_input("mine"))
    assert readable(world, STEWARD, "mine") == ("id", "email", "amount", "country", "day")
    grant(world, STEWARD, role(PRODUCER, "Analyst"), on_table("mine"), "SELECT")
    assert len(readable(world, ANALYST, "mine")) == 5
    with refused("AccessDeniedException", DENIED):
        grant(world, STEWARD, ANALYST.arn, on_table("orders"), "SELECT")
