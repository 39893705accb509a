"""Lake Formation's connection to IAM Identity Center: kept, described and shared by RAM with its recipients.

Source: service model. It is a configuration only: there are no users or groups to sign in with, so that a grant to one
is listed and read by nobody. Assumed: an administrator makes it, and one account and region has one.
"""

from copy import deepcopy
from typing import Any
from uuid import uuid4

from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.lakeformation import principals
from mocklake.lakeformation.authority import is_admin, is_reader_of_all
from mocklake.lakeformation.changes import viewer_of
from mocklake.lakeformation.principals import Who
from mocklake.lakeformation.store import Book
from mocklake.lakeformation.tags import own_book
from mocklake.world import World

_KEPT = ("InstanceArn", "ExternalFiltering", "ShareRecipients", "ServiceIntegrations")
_CHANGED = ("ExternalFiltering", "ShareRecipients", "ServiceIntegrations")


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
    book = own_book(world, caller, params)
    if not is_reader_of_all(world, viewer_of(caller)):
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
    if not is_admin(world, viewer_of(caller)):
        raise _denied()
    return own_book(world, caller, params)


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
