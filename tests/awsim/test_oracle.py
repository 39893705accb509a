"""The oracle and the request path were written apart: on random worlds they must say the same."""

from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awsim import glue, lakeformation, ram
from awsim.callers import Caller
from awsim.errors import AwsError
from awsim.glue import store
from awsim.lakeformation import store as lakeformation_store
from awsim.lakeformation.authority import granted_columns
from awsim.oracle import can_read
from awsim.ram import store as ram_store
from awsim.world import World
from tests.awsim.cloud import BI, GOVERNANCE, Cloud

OWNER, FRIEND, STRANGER = "200000000001", "200000000002", "900000000001"
REGION = "eu-central-1"
COLUMNS = ("a", "b", "c")
ALL_COLUMNS = (*COLUMNS, "day")
TABLES = ("one", "two")
READERS = [
    f"arn:aws:iam::{account}:role/{name}" for account in (OWNER, FRIEND, STRANGER) for name in ("x", "y")
]
GRANTEES = [*READERS, FRIEND, STRANGER, "IAM_ALLOWED_PRINCIPALS"]


def root(account: str) -> Caller:
    arn = f"arn:aws:iam::{account}:root"
    return Caller(account, REGION, arn, arn, "test")


def new_world() -> World:
    world = World({OWNER, FRIEND}, accounts={OWNER: "o", FRIEND: "f", STRANGER: "s"})
    world.stores = {
        "glue": store.new_store(),
        "lakeformation": lakeformation_store.new_store(),
        "ram": ram_store.new_store(),
    }
    for account in world.accounts:
        closed = {"CreateDatabaseDefaultPermissions": [], "CreateTableDefaultPermissions": [],
                  "DataLakeAdmins": [], "Parameters": {"CROSS_ACCOUNT_VERSION": "4"}}  # fmt: skip
        lakeformation.HANDLERS["PutDataLakeSettings"](world, root(account), {"DataLakeSettings": closed})
    glue.HANDLERS["CreateDatabase"](world, root(OWNER), {"DatabaseInput": {"Name": "d"}})
    for name in TABLES:
        described = {
            "Columns": [{"Name": column, "Type": "int"} for column in COLUMNS],
            "Location": "s3://x/",
        }
        table = {
            "Name": name,
            "StorageDescriptor": described,
            "PartitionKeys": [{"Name": "day", "Type": "date"}],
        }
        glue.HANDLERS["CreateTable"](world, root(OWNER), {"DatabaseName": "d", "TableInput": table})
    return world


resources = st.one_of(
    st.sampled_from(TABLES).map(lambda name: {"Table": {"DatabaseName": "d", "Name": name}}),
    st.just({"Table": {"DatabaseName": "d", "TableWildcard": {}}}),
    st.tuples(st.sampled_from(TABLES), st.sets(st.sampled_from(COLUMNS), min_size=1)).map(
        lambda it: {"TableWithColumns": {"DatabaseName": "d", "Name": it[0], "ColumnNames": sorted(it[1])}}
    ),
    st.tuples(st.sampled_from(TABLES), st.sets(st.sampled_from(COLUMNS), max_size=2)).map(
        lambda it: {
            "TableWithColumns": {
                "DatabaseName": "d", "Name": it[0], "ColumnWildcard": {"ExcludedColumnNames": sorted(it[1])},
            }
        }
    ),
)  # fmt: skip
grants = st.tuples(
    st.sampled_from(["GrantPermissions", "GrantPermissions", "RevokePermissions"]),
    st.sampled_from([OWNER, OWNER, FRIEND, STRANGER]),
    st.sampled_from(GRANTEES),
    resources,
    st.sampled_from([["SELECT"], ["SELECT"], ["DESCRIBE"], ["ALL"]]),
    st.booleans(),
)
steps = st.lists(st.one_of(grants, st.just("accept"), st.just("recreate")), max_size=25)


def play(world: World, step: Any) -> None:
    """A refused step changes nothing, and that is as good a step as any."""
    with suppress(AwsError):
        if step == "accept":
            _accept_all(world)
        elif step == "recreate":
            glue.HANDLERS["DeleteTable"](world, root(OWNER), {"DatabaseName": "d", "Name": "two"})
        else:
            operation, account, grantee, resource, verbs, option = step
            kind, body = next(iter(resource.items()))
            lakeformation.HANDLERS[operation](
                world,
                root(account),
                {
                    "Principal": {"DataLakePrincipalIdentifier": grantee},
                    "Resource": {kind: {"CatalogId": OWNER, **body}},
                    "Permissions": verbs,
                    "PermissionsWithGrantOption": verbs if option else [],
                },
            )


def _accept_all(world: World) -> None:
    for account in (FRIEND, STRANGER):
        listed = ram.HANDLERS["GetResourceShareInvitations"](world, root(account), {})
        for one in listed["resourceShareInvitations"]:
            with suppress(AwsError):
                wanted = {"resourceShareInvitationArn": one["resourceShareInvitationArn"]}
                ram.HANDLERS["AcceptResourceShareInvitation"](world, root(account), wanted)


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
            verdicts = {
                name: can_read(world, reader, OWNER, REGION, "d", table, name) for name in ALL_COLUMNS
            }
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


@pytest.mark.parametrize(("column", "table"), [("nothing", "life_expectancy"), ("policy_id", "nowhere")])
def test_what_does_not_exist_cannot_be_read(cloud: Cloud, column: str, table: str) -> None:
    verdict = ask_oracle(cloud, table, column)
    assert (verdict["allowed"], verdict["reasons"]) == (
        False, [f"{GOVERNANCE} has no insurance_gold.{table}.{column}"],
    )  # fmt: skip


def test_the_control_api_says_why(cloud: Cloud) -> None:
    assert ask_oracle(cloud, "policies", "region") == {
        "allowed": False,
        "reasons": ["no row grants SELECT on this column"],
    }


def ask_oracle(cloud: Cloud, table: str, column: str) -> Any:
    query = urlencode(
        {
            "principal": f"arn:aws:iam::{BI}:role/bi-analyst", "catalog": GOVERNANCE, "region": REGION,
            "database": "insurance_gold", "table": table, "column": column,
        }
    )  # fmt: skip
    return cloud.control(f"oracle?{query}")
