"""The versions of a table: every update that does not skip the archive leaves one behind."""

from typing import Any

from mocklake.errors import AwsError
from mocklake.glue import rendering
from mocklake.glue.access import catalog_of, database_place, own_place, seen_table, viewer_in
from mocklake.glue.links import Target
from mocklake.glue.pages import page
from mocklake.glue.store import Table, Version
from mocklake.iam.callers import Caller
from mocklake.lakeformation.authority import require
from mocklake.lakeformation.resources import table_resource
from mocklake.world import World


def get_table_version(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The present one when none is named; columns cut to what the caller may see of the table today."""
    place, table, columns = _seen(world, caller, params)
    number = _number(params.get("VersionId", str(table.version)))
    version = _by_number(table).get(number)
    if version is None:
        raise _missing(number)
    return {"TableVersion": _answer(world, place, table, version, columns)}


def get_table_versions(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The newest first."""
    place, table, columns = _seen(world, caller, params)
    versions = {-number: version for number, version in _by_number(table).items()}
    found, more = page(world, caller, params, sorted(versions), versions.get, listing="GetTableVersions")
    answers = [_answer(world, place, table, version, columns) for version in found]
    return {"TableVersions": answers} | more


def delete_table_version(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs ALTER (assumed); the present version cannot be deleted (assumed)."""
    _delete(_to_change(world, caller, params), params["VersionId"])
    return {}


def batch_delete_table_version(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Each version stands alone; up to 100 of them."""
    table, errors = _to_change(world, caller, params), []
    for version in params["VersionIds"]:
        try:
            _delete(table, version)
        except AwsError as error:
            detail = {"ErrorCode": error.code, "ErrorMessage": error.message}
            errors.append({"TableName": table.name, "VersionId": version, "ErrorDetail": detail})
    return {"Errors": errors}


def _seen(world: World, caller: Caller, params: dict[str, Any]) -> tuple[Target, Table, tuple[str, ...]]:
    place = database_place(world, caller, catalog_of(caller, params), params["DatabaseName"])
    table, columns = seen_table(world, caller, place, params["TableName"])
    return place, table, columns


def _to_change(world: World, caller: Caller, params: dict[str, Any]) -> Table:
    place, _ = own_place(world, caller, params)
    table, _ = seen_table(world, caller, place, params["TableName"])
    resource = table_resource(place.catalog_id, place.database, table.name)
    require(world, viewer_in(caller, place.region), "ALTER", resource)
    return table


def _by_number(table: Table) -> dict[int, Version]:
    present = Version(table.version, table.body, table.updated_at)
    return {version.number: version for version in (*table.archive, present)}


def _delete(table: Table, version: str) -> None:
    number = _number(version)
    if number == table.version:
        raise AwsError("InvalidInputException", "The latest version of a table cannot be deleted.")
    kept = [one for one in table.archive if one.number != number]
    if len(kept) == len(table.archive):
        raise _missing(number)
    table.archive = kept


def _answer(
    world: World, place: Target, table: Table, version: Version, columns: tuple[str, ...]
) -> dict[str, Any]:
    answer = rendering.version_answer(world, place, table, version, columns)
    return {"VersionId": str(version.number), "Table": answer}


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise AwsError("InvalidInputException", f"VersionId {text} is no number.")
    return int(text)


def _missing(number: int) -> AwsError:
    return AwsError("EntityNotFoundException", f"Version {number} not found.")


HANDLERS = {
    "BatchDeleteTableVersion": batch_delete_table_version,
    "DeleteTableVersion": delete_table_version,
    "GetTableVersion": get_table_version,
    "GetTableVersions": get_table_versions,
}
