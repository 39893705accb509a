"""GetDataLakeSettings and PutDataLakeSettings."""

from copy import deepcopy
from typing import Any

from mocklake import servicequotas
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.lakeformation import principals
from mocklake.lakeformation.authority import is_admin
from mocklake.lakeformation.changes import viewer_of
from mocklake.lakeformation.principals import Who
from mocklake.lakeformation.store import book_of, default_settings
from mocklake.world import World

ADMIN_LIMIT = int(servicequotas.ADMINISTRATORS.value)
VERSIONS = ("1", "2", "3", "4", "5")


def get_data_lake_settings(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    _check_own(caller, params)
    return {"DataLakeSettings": deepcopy(book_of(world, caller.account, caller.region).settings)}


def put_data_lake_settings(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Replaces everything that is named and empties the lists that are not; the version only ever rises to 5.

    IAM alone allows it (DG:required-permissions-for-grant), unless a switch asks for an administrator too.
    """
    _check_own(caller, params)
    book = book_of(world, caller.account, caller.region)
    closed = world.switches.settings_need_administrator and bool(book.settings["DataLakeAdmins"])
    if closed and not is_admin(world, viewer_of(caller)):
        raise AwsError("AccessDeniedException", "User is not authorized to change data lake settings.")
    given = deepcopy(params["DataLakeSettings"])
    for kind in ("DataLakeAdmins", "ReadOnlyAdmins"):
        _check_admins(world, caller, given.get(kind, []))
    parameters = book.settings["Parameters"] | given.pop("Parameters", {})
    _check_version(book.version, parameters["CROSS_ACCOUNT_VERSION"])
    empty = {name: type(value)() for name, value in default_settings().items()}
    book.settings = empty | given | {"Parameters": parameters}
    return {}


def get_data_lake_principal(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Who the caller is to Lake Formation: the role itself, which is what permissions are granted to (assumed)."""
    del world, params
    return {"Identity": caller.arn}


def _check_own(caller: Caller, params: dict[str, Any]) -> None:
    if params.get("CatalogId", caller.account) != caller.account:
        raise AwsError("AccessDeniedException", "Cross-account access to data lake settings is not allowed.")


def _check_admins(world: World, caller: Caller, entries: list[dict[str, Any]]) -> None:
    if len(entries) > ADMIN_LIMIT:
        raise AwsError("InvalidInputException", f"At most {ADMIN_LIMIT} administrators can be set.")
    for entry in entries:
        principal = principals.read(world, entry, caller.partition)
        if principal.who not in (Who.IAM, Who.FEDERATED) or principal.is_foreign(caller.account):
            raise AwsError("InvalidInputException", f"Invalid principal, {principal.id}")
        principals.require_known(world, principal, caller.account)


def _check_version(current: str, wanted: str) -> None:
    if wanted not in VERSIONS:
        raise AwsError("InvalidInputException", f"Invalid value for CROSS_ACCOUNT_VERSION: {wanted}")
    if current == VERSIONS[-1] and wanted != current:
        raise AwsError("InvalidInputException", "Cross-account version 5 cannot be lowered.")
