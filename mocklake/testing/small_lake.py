"""Three accounts and two tables without HTTP: for properties that are tried on very many worlds."""

from contextlib import suppress
from typing import Any

from mocklake import glue, lakeformation, ram, sts
from mocklake.errors import AwsError
from mocklake.glue import store
from mocklake.iam.callers import Caller
from mocklake.lakeformation import store as lakeformation_store
from mocklake.oracle import columns as oracle
from mocklake.ram import shares as ram_store
from mocklake.testing.principals import make_principals
from mocklake.world import World

__all__ = [
    "ALL_COLUMNS", "COLUMNS", "FRIEND", "GRANTEES", "OWNER", "READERS", "REGION", "STRANGER", "TABLES", "AwsError",
    "World", "call", "can_read", "new_world", "play",
]  # fmt: skip

REGION = "eu-central-1"
OWNER, FRIEND, STRANGER = "200000000001", "200000000002", "900000000001"
"""The friend is in the owner's organisation."""
COLUMNS = ("a", "b", "c")
ALL_COLUMNS = (*COLUMNS, "day")
TABLES = ("one", "two")
READERS = [
    f"arn:aws:iam::{account}:role/{name}" for account in (OWNER, FRIEND, STRANGER) for name in ("x", "y")
]
GRANTEES = [*READERS, FRIEND, STRANGER, "IAM_ALLOWED_PRINCIPALS"]
HANDLERS = {**ram.HANDLERS, **glue.HANDLERS, **lakeformation.HANDLERS}
"""ListPermissions is Lake Formation's."""


def call(world: World, account: str, operation: str, **parameters: Any) -> dict[str, Any]:
    """An operation of Lake Formation, Glue or RAM as the account's root. Raises AwsError."""
    arn = f"arn:aws:iam::{account}:root"
    return HANDLERS[operation](world, Caller(account, REGION, arn, arn, "test"), parameters)


def can_read(world: World, reader: str, table: str, column: str) -> oracle.Verdict:
    """The oracle's verdict, which does not use the code that answers calls."""
    return oracle.can_read(world, reader, OWNER, REGION, "d", table, column)


def new_world() -> World:
    world = World({OWNER, FRIEND}, accounts={OWNER: "o", FRIEND: "f", STRANGER: "s"})
    world.stores = {
        "glue": store.new_store(),
        "lakeformation": lakeformation_store.new_store(),
        "ram": ram_store.new_store(),
        "sts": sts.new_store(),
    }
    make_principals(*READERS)
    for account in world.accounts:
        closed = {"CreateDatabaseDefaultPermissions": [], "CreateTableDefaultPermissions": [],
                  "DataLakeAdmins": [], "Parameters": {"CROSS_ACCOUNT_VERSION": "4"}}  # fmt: skip
        call(world, account, "PutDataLakeSettings", DataLakeSettings=closed)
    call(world, OWNER, "CreateDatabase", DatabaseInput={"Name": "d"})
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
        call(world, OWNER, "CreateTable", DatabaseName="d", TableInput=table)
    return world


def play(world: World, step: Any) -> None:
    """A step of `grant_strategies`, "accept" or "recreate"; one that is refused changes nothing."""
    with suppress(AwsError):
        if step == "accept":
            _accept_all(world)
        elif step == "recreate":
            call(world, OWNER, "DeleteTable", DatabaseName="d", Name="two")
        else:
            operation, account, grantee, resource, verbs, option = step
            kind, body = next(iter(resource.items()))
            call(
                world, account, operation,
                Principal={"DataLakePrincipalIdentifier": grantee},
                Resource={kind: {"CatalogId": OWNER, **body}},
                Permissions=verbs,
                PermissionsWithGrantOption=verbs if option else [],
            )  # fmt: skip


def _accept_all(world: World) -> None:
    for account in (FRIEND, STRANGER):
        listed = call(world, account, "GetResourceShareInvitations")
        for share_invitation in listed["resourceShareInvitations"]:
            with suppress(AwsError):
                arn = share_invitation["resourceShareInvitationArn"]
                call(world, account, "AcceptResourceShareInvitation", resourceShareInvitationArn=arn)
