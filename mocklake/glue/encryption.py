"""The Data Catalog's encryption settings, and who is refused for want of the key.

Sources: Glue Developer Guide, encrypt-glue-data-catalog (what is written while encryption is on stays encrypted; a
client needs the customer's key itself, or a role does it for the client) and botocore model (settings, errors).
Assumed: a key of AWS serves the principals of its own account only; a listing with one thing that cannot be decrypted
fails as a whole.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, wraps
from typing import Any

from mocklake.catalog_ids import full_id, owner_of
from mocklake.errors import AwsError
from mocklake.iam import resource_access
from mocklake.iam.callers import Caller, require
from mocklake.protocols import model
from mocklake.world import World

NAME = "glue.encryption"
CODE = "GlueEncryptionException"
AWS_KEY = "alias/aws/glue"
OFF: dict[str, Any] = {
    "EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"},
    "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": False},
}
_WRITES = ("Create", "Update", "BatchCreate", "BatchUpdate")
Handler = Callable[[World, Caller, dict[str, Any]], dict[str, Any]]


@dataclass
class EncryptionStore:
    """Every setting that was put, in order, by (account, region): it decides on what was written after it."""

    by_place: dict[tuple[str, str], list[tuple[datetime, dict[str, Any]]]] = field(default_factory=dict)


def put_settings(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """InvalidInputException for a key that cannot be used; a service role must be the caller's to pass."""
    _own(caller, params)
    settings = params["DataCatalogEncryptionSettings"]
    body = {name: dict(settings.get(name) or OFF[name]) for name in OFF}
    at_rest = body["EncryptionAtRest"]
    if at_rest["CatalogEncryptionMode"] != "DISABLED":
        _check_key(caller, at_rest.setdefault("SseAwsKmsKeyId", AWS_KEY))
    if at_rest["CatalogEncryptionMode"] == "SSE-KMS-WITH-SERVICE-ROLE":
        _check_role(caller, at_rest.get("CatalogEncryptionServiceRole"))
    _settings(world, caller.account, caller.region).append((world.now(), body))
    return {}


def get_settings(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """DISABLED where nothing was put."""
    _own(caller, params)
    found = _settings(world, caller.account, caller.region)
    return {"DataCatalogEncryptionSettings": found[-1][1] if found else OFF}


def check_read(world: World, caller: Caller, catalog_id: str, region: str, written_at: datetime) -> None:
    """GlueEncryptionException for metadata written under a key that the caller may not decrypt with."""
    kept = world.stores.get(NAME)
    if kept is None:
        return
    account = owner_of(catalog_id)
    before = [body for since, body in kept.by_place.get((account, region), ()) if since <= written_at]
    if before:
        _check(caller, account, region, before[-1]["EncryptionAtRest"], "kms:Decrypt")


def may_read(world: World, caller: Caller, catalog_id: str, region: str, written_at: datetime) -> bool:
    try:
        check_read(world, caller, catalog_id, region, written_at)
    except AwsError:
        return False
    return True


def guarding(handlers: Mapping[str, Handler]) -> dict[str, Handler]:
    """The same handlers; those that write metadata ask for the key that the catalog is encrypted with now."""
    return {name: _guarded(name, handler) for name, handler in handlers.items()}


def _guarded(operation: str, handler: Handler) -> Handler:
    @wraps(handler)
    def handle(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        if operation.startswith(_WRITES) and _can_fail(operation):
            _check_write(world, caller, params)
        try:
            return handler(world, caller, params)
        except AwsError as error:
            if error.code != CODE or _can_fail(operation):
                raise
            raise AwsError("AccessDeniedException", error.message) from error

    return handle


@cache
def _can_fail(operation: str) -> bool:
    return any(shape.name == CODE for shape in model("glue").operation_model(operation).error_shapes)


def _check_write(world: World, caller: Caller, params: dict[str, Any]) -> None:
    kept = world.stores.get(NAME)
    account = owner_of(full_id(params.get("CatalogId"), caller.account))
    found = kept.by_place.get((account, caller.region)) if kept else None
    if found:
        for action in ("kms:GenerateDataKey", "kms:Encrypt"):
            _check(caller, account, caller.region, found[-1][1]["EncryptionAtRest"], action)


def _check(caller: Caller, account: str, region: str, at_rest: Mapping[str, str], action: str) -> None:
    mode = at_rest["CatalogEncryptionMode"]
    if mode == "DISABLED":
        return
    by_role = mode == "SSE-KMS-WITH-SERVICE-ROLE"
    who = at_rest["CatalogEncryptionServiceRole"] if by_role else caller.arn
    named = at_rest["SseAwsKmsKeyId"]
    if named == AWS_KEY:
        allowed = who.split(":")[4] == account
    else:
        allowed = resource_access.may_use_key(who, action, resource_access.find_key(named, account, region))
    if not allowed:
        shown = who if by_role else caller.session_arn
        text = f"User: {shown} is not authorized to perform: {action} on resource: {named}"
        raise AwsError(CODE, text)


def _settings(world: World, account: str, region: str) -> list[tuple[datetime, dict[str, Any]]]:
    store: EncryptionStore = world.stores.setdefault(NAME, EncryptionStore())
    return store.by_place.setdefault((account, region), [])


def _own(caller: Caller, params: dict[str, Any]) -> None:
    if params.get("CatalogId", caller.account) != caller.account:
        raise AwsError("AccessDeniedException", "Encryption settings are those of the own Data Catalog.")


def _check_key(caller: Caller, named: str) -> None:
    if named != AWS_KEY and not resource_access.is_usable_key(
        resource_access.find_key(named, caller.account, caller.region)
    ):
        raise AwsError("InvalidInputException", f"The key {named} does not exist or cannot be used.")


def _check_role(caller: Caller, arn: str | None) -> None:
    if not arn:
        raise AwsError("InvalidInputException", "CatalogEncryptionServiceRole must be given.")
    require(caller, "iam:PassRole", arn, context={"iam:PassedToService": "glue.amazonaws.com"})


HANDLERS = {
    "GetDataCatalogEncryptionSettings": get_settings,
    "PutDataCatalogEncryptionSettings": put_settings,
}
