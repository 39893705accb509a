"""The oracle and the request path were written apart: on random worlds they must say the same."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mocklake.errors import AwsError
from mocklake.lakeformation.authority import granted_columns
from mocklake.testing.grant_strategies import grants
from mocklake.testing.server import Cloud
from mocklake.testing.small_lake import (
    ALL_COLUMNS,
    OWNER,
    READERS,
    REGION,
    STRANGER,
    TABLES,
    can_read,
    new_world,
    play,
)
from mocklake.tests.accounts import CENTRAL, CONSUMER
from mocklake.world import World

steps = st.lists(st.one_of(grants, st.just("accept"), st.just("recreate")), max_size=25)


def on_the_request_path(world: World, reader: str, table: str) -> set[str]:
    try:
        granted = granted_columns(
            world, reader, reader.split(":")[4], catalog_id=OWNER, database="d", table=table, region=REGION
        )
    except AwsError:
        return set()
    return set(granted.columns)


@settings(max_examples=150, deadline=None)
@given(steps)
def test_oracle_and_request_path_agree_on_every_reader_and_column(history: list[Any]) -> None:
    world = new_world()
    for step in history:
        play(world, step)
    for reader in READERS:
        for table in TABLES:
            verdicts = {name: can_read(world, reader, table, name) for name in ALL_COLUMNS}
            allowed = {name for name, verdict in verdicts.items() if verdict.allowed}
            assert allowed == on_the_request_path(world, reader, table), (reader, table, verdicts)
            assert all(verdict.reasons for verdict in verdicts.values())


def test_random_worlds_do_open_columns_to_each_kind_of_reader() -> None:
    """The property above would hold in a world in which nothing is ever granted."""
    world = new_world()
    one = {"Table": {"DatabaseName": "d", "Name": "one"}}
    play(world, ("GrantPermissions", OWNER, READERS[0], one, ["SELECT"], False))
    play(world, ("GrantPermissions", OWNER, READERS[2], one, ["SELECT"], False))
    play(world, ("GrantPermissions", OWNER, STRANGER, one, ["SELECT"], True))
    play(world, "accept")
    play(world, ("GrantPermissions", STRANGER, READERS[4], one, ["SELECT"], False))
    readable = [reader for reader in READERS if on_the_request_path(world, reader, "one")]
    assert readable == [READERS[0], READERS[2], READERS[4]]


@pytest.mark.parametrize(("column", "table"), [("nothing", "customers"), ("customer_id", "nowhere")])
def test_what_does_not_exist_cannot_be_read(cloud: Cloud, column: str, table: str) -> None:
    verdict = ask_oracle(cloud, table, column)
    assert (verdict["allowed"], verdict["reasons"]) == (
        False, [f"{CENTRAL} has no shop_gold.{table}.{column}"],
    )  # fmt: skip


def test_the_control_api_says_why(cloud: Cloud) -> None:
    assert ask_oracle(cloud, "orders", "region") == {
        "allowed": False,
        "reasons": ["no row grants SELECT on this column"],
    }


def ask_oracle(cloud: Cloud, table: str, column: str) -> Any:
    query = urlencode(
        {
            "principal": f"arn:aws:iam::{CONSUMER}:role/analyst", "catalog": CENTRAL, "region": REGION,
            "database": "shop_gold", "table": table, "column": column,
        }
    )  # fmt: skip
    return cloud.control(f"oracle?{query}")
