"""Three accounts and two tables without HTTP: for properties that are tried on very many worlds."""

from contextlib import suppress
from typing import Any

from awsim import glue, lakeformation, ram
from awsim.callers import Caller
from awsim.errors import AwsError
from awsim.glue import store
from awsim.lakeformation import store as lakeformation_store
from awsim.ram import store as ram_store
from awsim.world import World

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
