"""The request path and the oracle, written apart, decide alike after whatever happened."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from awsim.callers import Caller
from awsim.errors import AwsError
from awsim.oracle import can_read
from awsim.world import World
from tests.awsim.lakeformation.accounts import (
    ADMIN,
    ALL_TABLES,
    ANALYST,
    CONSUMER,
    EVERYONE,
    GUEST,
    PRODUCER,
    RECEIVER,
    REGION,
    accept,
    call,
    caller,
    grant,
    new_world,
    on_columns,
    on_database,
    on_table,
    readable,
    revoke,
    with_table,
)

ROOT = caller(PRODUCER)
STEWARD = caller(PRODUCER, "Steward")
ORGANISATION = f"arn:aws:organizations::{PRODUCER}:organization/o-abcdefghij"
GRANTORS = (ADMIN, ADMIN, RECEIVER, STEWARD)
GRANTEES = (ANALYST.arn, GUEST.arn, STEWARD.arn, CONSUMER, EVERYONE, ORGANISATION)
READERS = (ROOT, ADMIN, ANALYST, STEWARD, RECEIVER, GUEST)
TABLES = ("orders", "returns")
COLUMNS = ("id", "email", "amount", "country", "day")
WHERE: tuple[Callable[[Random], dict[str, Any]], ...] = (
    lambda random: on_table(random.choice(TABLES)),
    lambda random: on_columns(*random.sample(COLUMNS[:4], 2), table=random.choice(TABLES)),
    lambda random: on_columns(random.choice(COLUMNS[:4]), table=random.choice(TABLES)),
    lambda random: ALL_TABLES,
)


def _change(world: World, random: Random) -> None:
    act = random.choice((grant, grant, grant, revoke))
    option = random.choice(((), ("SELECT",)))
    grantor, grantee = random.choice(GRANTORS), random.choice(GRANTEES)
    act(world, grantor, grantee, random.choice(WHERE)(random), "SELECT", option=option)


def _open_to_all(world: World, random: Random) -> None:
    random.choice((grant, revoke))(world, ADMIN, EVERYONE, on_table(random.choice(TABLES)), "ALL")


def _accept(world: World, random: Random) -> None:
    accept(world)


def _delete_share(world: World, random: Random) -> None:
    answer = call(world, ADMIN, "ram", "GetResourceShares", resourceOwner="SELF")
    for share in answer["resourceShares"][:1]:
        call(world, ADMIN, "ram", "DeleteResourceShare", resourceShareArn=share["resourceShareArn"])


def _recreate(world: World, random: Random) -> None:
    name = random.choice(TABLES)
    call(world, ROOT, "glue", "DeleteTable", DatabaseName="sales", Name=name)
    with_table(world, table=name)


STEPS = (
    _change,
    _change,
    _change,
    _change,
    _change,
    _change,
    _open_to_all,
    _accept,
    _delete_share,
    _recreate,
)


def _by_oracle(world: World, who: Caller, table: str) -> tuple[str, ...]:
    place = (PRODUCER, REGION, "sales", table)
    return tuple(name for name in COLUMNS if can_read(world, who.arn, *place, name).allowed)


@pytest.mark.parametrize("seed", range(40))
def test_they_agree(seed: int) -> None:
    random = Random(seed)
    organisation = {PRODUCER, CONSUMER} if seed % 2 else set()
    world = with_table(with_table(new_world(organisation=organisation)), table="returns")
    grant(world, ADMIN, STEWARD.arn, on_database(), "DESCRIBE")
    world.stores["lakeformation"].merge_column_rows = seed % 3 != 0
    for _ in range(30):
        try:
            random.choice(STEPS)(world, random)
        except AwsError as error:
            if error.code not in {"InvalidInputException", "AccessDeniedException"}:
                raise
        for who in READERS:
            for table in TABLES:
                assert readable(world, who, table) == _by_oracle(world, who, table), (who.arn, table)
