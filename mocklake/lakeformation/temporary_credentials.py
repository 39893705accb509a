"""Credentials vended for a table's location: they live on when the permission they were vended for is gone.

Sources: service model (lifetime, PermissionTypeMismatchException), DG:api-overview-3p-integration (settings of
the owning account). They are a session of the location's registered role; AWS narrows it to the table's
path, mocklake does not.
"""

import re
from typing import Any

from mocklake import moto_bridge
from mocklake.cloudtrail import data_access
from mocklake.errors import AwsError
from mocklake.glue.store import Table, find_table
from mocklake.iam import access_keys
from mocklake.iam.callers import Caller
from mocklake.lakeformation import selections
from mocklake.lakeformation.authority import (
    Viewer,
    granted_columns,
    held_verbs,
    insufficient,
    reads_as_location,
)
from mocklake.lakeformation.hybrid import registered_at
from mocklake.lakeformation.resources import Resource, table_resource
from mocklake.lakeformation.store import book_of
from mocklake.world import World

TABLE_ARN = re.compile(r"arn:(aws[a-z-]*):glue:([a-z0-9-]+):(\d{12}):table/(?:(.+)/)?([^/]+)/([^/]+)")
SHORTEST, USUAL = 900, 3_600
ENGINE = data_access.Engine("lakeformation.amazonaws.com", "UNKNOWN", "NA")
REFUSALS = ("AccessDeniedException", "PermissionTypeMismatchException")


def get_temporary_glue_table_credentials(
    world: World, caller: Caller, params: dict[str, Any]
) -> dict[str, Any]:
    """AccessDeniedException without the permission; PermissionTypeMismatchException when it is a partial one
    and the caller does not say that it will apply it.
    """
    table, answer = _vend(world, caller, params)
    return answer | {"VendedS3Path": [table.location]}


def get_temporary_glue_partition_credentials(
    world: World, caller: Caller, params: dict[str, Any]
) -> dict[str, Any]:
    """One value for each partition key."""
    _, answer = _vend(world, caller, params, values=params["Partition"]["Values"])
    return answer


def _vend(
    world: World, caller: Caller, params: dict[str, Any], *, values: list[str] | None = None
) -> tuple[Table, dict[str, Any]]:
    """Recorded as GetDataAccess, refused or not."""
    session = data_access.session_name(caller.account, ENGINE)
    wanted = tuple(params.get("Permissions") or ["SELECT"])

    def note(error: AwsError | None = None) -> None:
        arn = params["TableArn"]
        data_access.note(world, caller, arn, ENGINE, session=session, permissions=wanted, error=error)

    try:
        found = _vended(world, caller, params, session, values=values)
    except AwsError as error:
        if error.code in REFUSALS:
            note(error)
        raise
    note()
    return found


def _vended(
    world: World, caller: Caller, params: dict[str, Any], session: str, *, values: list[str] | None
) -> tuple[Table, dict[str, Any]]:
    resource, viewer = _table(caller, params["TableArn"])
    seconds = params.get("DurationSeconds", USUAL)
    longest = world.switches.longest_vended_credentials
    if not SHORTEST <= seconds <= longest:
        text = f"DurationSeconds must be between {SHORTEST} and {longest}."
        raise AwsError("InvalidInputException", text)
    _check_permissions(world, viewer, resource, params)
    table = find_table(world, resource.catalog_id, viewer.region, resource.database, resource.table)
    location = registered_at(book_of(world, resource.catalog_id, viewer.region), table)
    place = {"catalog_id": resource.catalog_id, "database": resource.database, "table": resource.table}
    if table is None or location is None or not reads_as_location(world, viewer, **place):
        raise AwsError("AccessDeniedException", "The table's location is not Lake Formation's to vend.")
    if values is not None and len(values) != len(table.partition_keys):
        raise AwsError("InvalidInputException", "Partition values must match the partition keys.")
    return table, _session(world, location.body["RoleArn"], session, seconds)


def _table(caller: Caller, arn: str) -> tuple[Resource, Viewer]:
    match = TABLE_ARN.fullmatch(arn)
    if match is None or match[1] != caller.partition:
        raise AwsError("InvalidInputException", f"Invalid table ARN: {arn}")
    _, region, account, path, database, table = match.groups()
    catalog_id = f"{account}:{path}" if path else account
    return table_resource(catalog_id, database, table), Viewer(caller.arn, caller.account, region)


def _check_permissions(world: World, viewer: Viewer, resource: Resource, params: dict[str, Any]) -> None:
    permissions = set(params.get("Permissions") or ["SELECT"])
    missing = permissions - {"SELECT"} - held_verbs(world, viewer, resource)
    if missing:
        raise insufficient(min(missing).title(), resource.table)
    if "SELECT" in permissions:
        _check_select(world, viewer, resource, params.get("SupportedPermissionTypes", ()))


def _check_select(world: World, viewer: Viewer, resource: Resource, supported: list[str]) -> None:
    """A part of a table goes to those only who cut it themselves, and where the owner lets them."""
    place = {"catalog_id": resource.catalog_id, "database": resource.database, "table": resource.table}
    granted = granted_columns(world, viewer.arn, viewer.account, **place, region=viewer.region)
    table = find_table(world, resource.catalog_id, viewer.region, resource.database, resource.table)
    by_rows = any(rows != selections.ALL_ROWS for rows in granted.cells.values())
    by_columns = table is not None and not set(table.data_columns) <= set(granted.columns)
    needed = {"CELL_FILTER_PERMISSION"} if by_rows else {"COLUMN_PERMISSION"} if by_columns else set()
    if not needed <= set(supported):
        text = f"The caller does not support {min(needed)}, which the table needs."
        raise AwsError("PermissionTypeMismatchException", text)
    settings = book_of(world, resource.catalog_id, viewer.region).settings
    if not (
        settings["AllowExternalDataFiltering"]
        or (not needed and settings["AllowFullTableExternalDataAccess"])
    ):
        text = "Access is not allowed to external engines by the data lake settings."
        raise AwsError("AccessDeniedException", text)


def _session(world: World, role_arn: str, name: str, seconds: int) -> dict[str, Any]:
    role = moto_bridge.role(role_arn.split(":")[4], role_arn.rsplit("/", 1)[1])
    if role is None:
        raise AwsError("AccessDeniedException", f"Unable to assume role {role_arn}.")
    session = access_keys.open_session(world, role_arn, role.id, name, seconds=seconds)
    return {
        "AccessKeyId": session.access_key,
        "SecretAccessKey": session.secret,
        "SessionToken": session.token,
        "Expiration": session.expires,
    }
