"""A producer, a consumer outside its organisation, and calls whose shapes botocore's own models check."""

from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.model import OperationModel, Shape
from botocore.validate import ParamValidator

from mocklake import glue, lakeformation, ram, sts
from mocklake.errors import AwsError
from mocklake.glue import store as glue_store
from mocklake.glue.store import catalog
from mocklake.iam.callers import Caller
from mocklake.lakeformation import store
from mocklake.lakeformation.authority import granted_columns
from mocklake.ram import shares as ram_store
from mocklake.server.gateway import hold_to_model
from mocklake.testing.principals import make_principals
from mocklake.validation.requests import validated
from mocklake.world import World

REGION = "eu-central-1"
PRODUCER, CONSUMER, PARTNER = "222222222222", "333333333333", "444444444444"
HANDLERS = {"lakeformation": lakeformation.HANDLERS, "ram": ram.HANDLERS, "glue": glue.HANDLERS}
EVERYONE = "IAM_ALLOWED_PRINCIPALS"


def role(account: str, name: str) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def caller(account: str, name: str = "", *, region: str = REGION) -> Caller:
    """A role of the account, or its root."""
    arn = role(account, name) if name else f"arn:aws:iam::{account}:root"
    session = f"arn:aws:sts::{account}:assumed-role/{name}/test" if name else arn
    return Caller(account=account, region=region, arn=arn, session_arn=session, access_key="AKIA")


ADMIN = caller(PRODUCER, "LakeAdmin")
RECEIVER = caller(CONSUMER, "LakeAdmin")
ANALYST = caller(PRODUCER, "Analyst")
GUEST = caller(CONSUMER, "Analyst")
_NAMES = ("Analyst", "LakeAdmin", "LakeData", "Other", "Steward", "Writer")
PRINCIPALS = [role(account, name) for account in (PRODUCER, CONSUMER, PARTNER) for name in _NAMES]


@cache
def _service(name: str) -> Any:
    return botocore.session.get_session().get_service_model(name)


def call(world: World, who: Caller, service: str, operation: str, **params: Any) -> dict[str, Any]:
    model: OperationModel = _service(service).operation_model(operation)
    _check(params, model.input_shape)
    asked = validated(service, operation, params, world.switches)
    return hold_to_model(model, HANDLERS[service][operation])(world, who, asked)


def lf(world: World, who: Caller, operation: str, **params: Any) -> dict[str, Any]:
    return call(world, who, "lakeformation", operation, **params)


def refused(code: str, text: str = "") -> Any:
    """A context in which an AwsError of this code, its message starting so, must be raised."""
    return pytest.raises(AwsError, check=lambda error: error.code == code and error.message.startswith(text))


def new_world(
    *, organisation: set[str] | None = None, version: str = "4", open_to_all: bool = False
) -> World:
    """Both accounts with an administrator and, unless `open_to_all`, no permissions for everyone."""
    world = World(organisation=organisation or set())
    world.stores = {
        "lakeformation": store.new_store(),
        "ram": ram_store.new_store(),
        "glue": glue_store.new_store(),
        "sts": sts.new_store(),
    }
    make_principals(*PRINCIPALS, allows="iam:*")
    for account in (PRODUCER, CONSUMER):
        settings: dict[str, Any] = {
            "DataLakeAdmins": [{"DataLakePrincipalIdentifier": role(account, "LakeAdmin")}],
            "Parameters": {"CROSS_ACCOUNT_VERSION": version},
        }
        if open_to_all:
            entry = {"Principal": {"DataLakePrincipalIdentifier": EVERYONE}, "Permissions": ["ALL"]}
            settings |= {
                "CreateDatabaseDefaultPermissions": [entry],
                "CreateTableDefaultPermissions": [entry],
            }
        else:
            open_catalog = permission(EVERYONE, {"Catalog": {}}, "CREATE_DATABASE")
            lf(world, caller(account), "RevokePermissions", **open_catalog)
        lf(world, caller(account), "PutDataLakeSettings", DataLakeSettings=settings)
    return world


def with_table(world: World, database: str = "sales", table: str = "orders") -> World:
    """A table of four columns and a partition key, made by the producer's root."""
    root = caller(PRODUCER)
    if database not in catalog(world, PRODUCER, REGION):
        call(world, root, "glue", "CreateDatabase", DatabaseInput={"Name": database})
    call(world, root, "glue", "CreateTable", DatabaseName=database, TableInput=table_input(table))
    return world


def table_input(name: str) -> dict[str, Any]:
    columns = [{"Name": column, "Type": "string"} for column in ("id", "email", "amount", "country")]
    return {
        "Name": name,
        "StorageDescriptor": {"Columns": columns, "Location": f"s3://producer-lake/sales/{name}/"},
        "PartitionKeys": [{"Name": "day", "Type": "date"}],
    }


def permission(
    principal: str, resource: dict[str, Any], *verbs: str, option: tuple[str, ...] = ()
) -> dict[str, Any]:
    return {
        "Principal": {"DataLakePrincipalIdentifier": principal},
        "Resource": resource,
        "Permissions": list(verbs),
        "PermissionsWithGrantOption": list(option),
    }


def on_database(name: str = "sales", catalog: str = PRODUCER) -> dict[str, Any]:
    return {"Database": {"CatalogId": catalog, "Name": name}}


def on_table(name: str = "orders", database: str = "sales", catalog: str = PRODUCER) -> dict[str, Any]:
    return {"Table": {"CatalogId": catalog, "DatabaseName": database, "Name": name}}


def on_columns(*columns: str, table: str = "orders", catalog: str = PRODUCER) -> dict[str, Any]:
    body = {"CatalogId": catalog, "DatabaseName": "sales", "Name": table, "ColumnNames": list(columns)}
    return {"TableWithColumns": body}


def on_filter(name: str, table: str = "orders", catalog: str = PRODUCER) -> dict[str, Any]:
    body = {"TableCatalogId": catalog, "DatabaseName": "sales", "TableName": table, "Name": name}
    return {"DataCellsFilter": body}


def filter_data(
    name: str, expression: str | None = None, columns: tuple[str, ...] = (), *, table: str = "orders"
) -> dict[str, Any]:
    """No expression for all rows, no columns for all of them."""
    rows: dict[str, Any] = {"AllRowsWildcard": {}} if expression is None else {"FilterExpression": expression}
    named: dict[str, Any] = {"ColumnNames": list(columns)} if columns else {"ColumnWildcard": {}}
    place: dict[str, Any] = on_filter(name, table)["DataCellsFilter"]
    return place | {"RowFilter": rows} | named


def make_filter(world: World, who: Caller, *args: Any, **options: Any) -> None:
    lf(world, who, "CreateDataCellsFilter", TableData=filter_data(*args, **options))


ALL_TABLES = {"Table": {"CatalogId": PRODUCER, "DatabaseName": "sales", "TableWildcard": {}}}


def grant(
    world: World,
    who: Caller,
    principal: str,
    resource: dict[str, Any],
    *verbs: str,
    option: tuple[str, ...] = (),
) -> None:
    lf(world, who, "GrantPermissions", **permission(principal, resource, *verbs, option=option))


def revoke(
    world: World,
    who: Caller,
    principal: str,
    resource: dict[str, Any],
    *verbs: str,
    option: tuple[str, ...] = (),
) -> None:
    lf(world, who, "RevokePermissions", **permission(principal, resource, *verbs, option=option))


def rows(world: World, who: Caller, **params: Any) -> list[dict[str, Any]]:
    """Every permission listed, to the last page."""
    found: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        answer = lf(world, who, "ListPermissions", **params, **token)
        found += answer["PrincipalResourcePermissions"]
        if "NextToken" not in answer:
            return found
        token = {"NextToken": answer["NextToken"]}


def held(
    world: World, who: Caller, principal: str, **params: Any
) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """(kind of resource, permissions, with grant option) of each row of a principal."""
    return [
        (next(iter(row["Resource"])), tuple(row["Permissions"]), tuple(row["PermissionsWithGrantOption"]))
        for row in rows(world, who, **params)
        if row["Principal"]["DataLakePrincipalIdentifier"] == principal
    ]


def readable(world: World, who: Caller, table: str = "orders") -> tuple[str, ...]:
    """The producer's columns that a principal may read, nothing when it is refused."""
    place = {"catalog_id": PRODUCER, "database": "sales", "table": table, "region": REGION}
    try:
        return granted_columns(world, who.arn, who.account, **place).columns
    except AwsError as error:
        if error.code != "AccessDeniedException":
            raise
        return ()


def accept(world: World, who: Caller = RECEIVER) -> list[str]:
    """Accept all that is pending; answers the shares' ARNs."""
    answer = call(world, who, "ram", "GetResourceShareInvitations")
    pending = [one for one in answer["resourceShareInvitations"] if one["status"] == "PENDING"]
    for one in pending:
        arn = one["resourceShareInvitationArn"]
        call(world, who, "ram", "AcceptResourceShareInvitation", resourceShareInvitationArn=arn)
    return [one["resourceShareArn"] for one in pending]


def _check(value: dict[str, Any], shape: Shape | None) -> None:
    """botocore's validator lets unknown members pass, so they are looked for here."""
    if shape is None:
        assert value == {}
        return
    report = ParamValidator().validate(value, shape)
    assert not report.has_errors(), report.generate_report()
    assert not list(_unknown(value, shape)), list(_unknown(value, shape))


def _unknown(value: Any, shape: Any, path: str = "") -> Any:
    if shape.type_name == "structure" and not shape.is_document_type:
        for name, part in value.items():
            if name not in shape.members:
                yield f"{path}.{name}"
            else:
                yield from _unknown(part, shape.members[name], f"{path}.{name}")
    elif shape.type_name == "list":
        for part in value:
            yield from _unknown(part, shape.member, f"{path}[]")
