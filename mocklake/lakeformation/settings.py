"""GetDataLakeSettings and PutDataLakeSettings, and the connection to IAM Identity Center.

Source: service model. It is a configuration only: there are no users or groups to sign in with, so that a grant to one
is listed and read by nobody. Assumed: an administrator makes it, and one account and region has one.
"""

from copy import deepcopy
from typing import Any
from uuid import uuid4

from mocklake import servicequotas
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.lakeformation import principals
from mocklake.lakeformation.authority import is_admin, is_reader_of_all
from mocklake.lakeformation.changes import get_viewer
from mocklake.lakeformation.principals import Who
from mocklake.lakeformation.store import Book, book_of, default_settings
from mocklake.lakeformation.tags import get_own_book
from mocklake.world import World

ADMIN_LIMIT = int(servicequotas.ADMINISTRATORS.value)
VERSIONS = ("1", "2", "3", "4", "5")
_KEPT = ("InstanceArn", "ExternalFiltering", "ShareRecipients", "ServiceIntegrations")
_CHANGED = ("ExternalFiltering", "ShareRecipients", "ServiceIntegrations")


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
    if closed and not is_admin(world, get_viewer(caller)):
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


def create_configuration(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """AlreadyExistsException for a second one."""
    book = _book_to_change(world, caller, params)
    if book.identity_center is not None:
        raise AwsError(
            "AlreadyExistsException", "Lake Formation is connected to IAM Identity Center already."
        )
    _check_recipients(world, caller, params)
    arn = f"arn:{caller.partition}:sso::{caller.account}:application/ssoins-mocklake/apl-{uuid4().hex[:16]}"
    given = {name: deepcopy(params[name]) for name in _KEPT if name in params}
    book.identity_center = {"CatalogId": caller.account, "ApplicationArn": arn} | given
    return {"ApplicationArn": arn}


def describe_configuration(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    book = get_own_book(world, caller, params)
    if not is_reader_of_all(world, get_viewer(caller)):
        raise _denied()
    return deepcopy(_found(book))


def update_configuration(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """What is not named stays; an empty list of recipients takes them all away."""
    book = _book_to_change(world, caller, params)
    found = _found(book)
    _check_recipients(world, caller, params)
    found.update({name: deepcopy(params[name]) for name in _CHANGED if name in params})
    return {}


def delete_configuration(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    book = _book_to_change(world, caller, params)
    _found(book)
    book.identity_center = None
    return {}


def _book_to_change(world: World, caller: Caller, params: dict[str, Any]) -> Book:
    if not is_admin(world, get_viewer(caller)):
        raise _denied()
    return get_own_book(world, caller, params)


def _found(book: Book) -> dict[str, Any]:
    if book.identity_center is None:
        raise AwsError("EntityNotFoundException", "Lake Formation is not connected to IAM Identity Center.")
    return book.identity_center


def _check_recipients(world: World, caller: Caller, params: dict[str, Any]) -> None:
    """Accounts, organisations and their units."""
    for entry in params.get("ShareRecipients", ()):
        principal = principals.read(world, entry, caller.partition)
        if principal.who not in (Who.ACCOUNT, Who.ORGANISATION):
            raise AwsError("InvalidInputException", f"Invalid principal, {principal.id}")


def _denied() -> AwsError:
    return AwsError("AccessDeniedException", "User is not authorized to configure IAM Identity Center.")
