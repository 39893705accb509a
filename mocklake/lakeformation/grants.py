"""GrantPermissions, RevokePermissions and their batches."""

from collections.abc import Callable
from typing import Any

from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.iam.principals import exists
from mocklake.lakeformation import crossing, principals, validation, verbs
from mocklake.lakeformation.changes import Change, invalid, read_change
from mocklake.lakeformation.grantors import check_grantor, check_revoker
from mocklake.lakeformation.principals import Who
from mocklake.lakeformation.selections import Selection, add, covers, take
from mocklake.lakeformation.sharing import close_way, open_way
from mocklake.lakeformation.store import IAM_ALLOWED_PRINCIPALS, Row
from mocklake.world import World

BATCH_LIMIT = 20
Apply = Callable[[World, Caller, Change], None]


def grant_permissions(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Granting what is there already is accepted and changes nothing but the time."""
    grant(world, caller, read_change(world, caller, params, params.get("CatalogId")))
    return {}


def revoke_permissions(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """InvalidInputException "No permissions revoked. Grantee …" for what is not held; then nothing changes."""
    revoke(world, caller, read_change(world, caller, params, params.get("CatalogId")))
    return {}


def batch_grant_permissions(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    return _batch(world, caller, params, grant)


def batch_revoke_permissions(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    return _batch(world, caller, params, revoke)


def grant(world: World, caller: Caller, change: Change) -> None:
    validation.check_verbs(change)
    validation.check_options(change, columns_take_it=world.switches.columns_take_grant_option)
    validation.check_principal(change)
    principals.require_known(world, change.principal, change.grantor.account)
    check_grantor(world, change)
    validation.check_exists(world, change)
    validation.check_tags(world, change)
    crossing.check_foreign(world, change)
    validation.check_columns_beside_writing(world, change)
    if world.switches.identical_grant != "accepted" and _is_there(world, change):
        raise _already(world.switches.identical_grant)
    _add(world, caller, change)


def revoke(world: World, caller: Caller, change: Change) -> None:
    """Permissions and grant options are revoked separately: either list may name what it takes."""
    validation.check_verbs(change)
    check_revoker(world, change)
    if not change.is_delegated:
        validation.check_exists(world, change)
    row = change.book(world).find(change.key, change.resource)
    if row is None or _is_lost(world, change):
        raise AwsError("InvalidInputException", "No permissions revoked. Grantee has no permissions.")
    if change.target.columns is not None:
        _take_columns(row, change, merge=world.switches.merge_column_rows)
    else:
        _take(row, change, folds=world.switches.super_folds)
    row.updated_at, row.updated_by = world.now(), caller.session_arn
    if row.is_empty:
        book = change.book(world)
        book.drop(row)
        if row.receiver:
            close_way(world, book=book, row=row)


def _is_lost(world: World, change: Change) -> bool:
    """Whether what a deleted role or user held is out of reach."""
    is_iam, kept = change.principal.who is Who.IAM, world.switches.revokes_from_deleted_principals
    return is_iam and not kept and not exists(change.principal.id)


def _is_there(world: World, change: Change) -> bool:
    row, columns = change.book(world).find(change.key, change.resource), change.target.columns
    if row is None:
        return False
    if columns is not None:
        return covers(row.selections, columns, held=True, grantable="SELECT" in change.options)
    return change.verbs <= row.verbs and change.options <= row.grantable


def _already(code: str) -> AwsError:
    text = "Permissions modification is invalid." if code == "InvalidInputException" else "Already granted."
    return AwsError(code, text)


def _add(world: World, caller: Caller, change: Change) -> None:
    book = change.book(world)
    who, now, by = change.principal.id, world.now(), caller.session_arn
    row = book.row(who, change.resource, now=now, by=by, condition=change.condition)
    if change.target.columns is not None:
        new = Selection(change.target.columns, held=True, grantable="SELECT" in change.options)
        row.selections = add(row.selections, new, merge=world.switches.merge_column_rows)
    elif change.principal.id == IAM_ALLOWED_PRINCIPALS or not world.switches.super_folds:
        row.verbs |= change.verbs
        row.grantable |= change.options
    else:
        row.verbs |= verbs.expand(change.resource.kind, change.verbs)
        row.grantable |= verbs.expand(change.resource.kind, change.options)
    if change.is_foreign:
        owner, region = change.grantor.account, change.grantor.region
        open_way(world, owner=owner, region=region, book=book, row=row, principal=change.principal)


def _take(row: Row, change: Change, *, folds: bool) -> None:
    missing = sorted((change.verbs - row.verbs) | (change.options - row.grantable))
    if missing == ["SELECT"] and row.selections:
        raise invalid("SELECT is held on some columns.")
    if missing:
        raise _unheld(missing)
    if folds:
        row.verbs = verbs.contract(change.resource.kind, row.verbs, change.verbs)
        row.grantable = verbs.contract(change.resource.kind, row.grantable, change.options)
    else:
        row.verbs -= change.verbs
        row.grantable -= change.options


def _take_columns(row: Row, change: Change, *, merge: bool) -> None:
    columns, held, grantable = change.target.columns, bool(change.verbs), bool(change.options)
    assert columns is not None
    if not row.selections and "SELECT" in row.verbs | row.grantable:
        raise invalid("SELECT is held on the whole table.")
    if not covers(row.selections, columns, held=held, grantable=grantable):
        raise _unheld(["SELECT"])
    row.selections = take(row.selections, columns, held=held, grantable=grantable, merge=merge)


def _unheld(missing: list[str]) -> AwsError:
    text = f"No permissions revoked. Grantee does not have:[{', '.join(missing)}]"
    return AwsError("InvalidInputException", text)


def _batch(world: World, caller: Caller, params: dict[str, Any], apply: Apply) -> dict[str, Any]:
    """Each entry stands alone; up to 20 of them (API reference)."""
    entries = params["Entries"]
    if not 1 <= len(entries) <= BATCH_LIMIT:
        raise AwsError("InvalidInputException", f"Entries must number between 1 and {BATCH_LIMIT}.")
    failures = []
    for entry in entries:
        try:
            apply(world, caller, read_change(world, caller, entry, params.get("CatalogId")))
        except AwsError as error:
            if error.code == "MocklakeNotImplemented":
                raise
            cause = {"ErrorCode": error.code, "ErrorMessage": error.message}
            failures.append({"RequestEntry": entry, "Error": cause})
    return {"Failures": failures}
