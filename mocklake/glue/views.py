"""Data Catalog views: one schema, a text for each engine, read with the rights of the role that defined it.

Sources: DG:working-with-views, DG:views-notes, Glue's service model (ViewUpdateAction, Force, IsStale). Assumed: a
caller other than the account's root defines views as itself only, where AWS asks for iam:PassRole; the tables
beneath must be named in SubObjects.
"""

import re
from typing import Any
from uuid import uuid4

from mocklake.errors import AwsError
from mocklake.glue.links import Target
from mocklake.glue.store import Table, find_table
from mocklake.iam.callers import Caller
from mocklake.lakeformation.authority import Viewer, insufficient, may_pass
from mocklake.lakeformation.resources import table_resource
from mocklake.lakeformation.store import IAM_ALLOWED_PRINCIPALS, book_of
from mocklake.world import World

TYPE = "VIRTUAL_VIEW"
_ROLE = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):role/.+")
_BASE = re.compile(r"arn:aws[a-z-]*:glue:([a-z0-9-]+):(\d{12}):table/([^/]+)/([^/]+)")
Body = dict[str, Any]


def defined(world: World, caller: Caller, place: Target, body: Body) -> Body:
    """The input of a new view with its definition as it is kept."""
    view = body["ViewDefinition"]
    if not view.get("Representations"):
        raise _invalid("A view needs at least one representation.")
    dialects = [one.get("Dialect") for one in view["Representations"]]
    if len(set(dialects)) < len(dialects):
        raise _invalid("A dialect comes twice.")
    definer = view.get("Definer", caller.arn)
    _check_definer(caller, definer)
    _check_bases(world, definer, place, view.get("SubObjects", []))
    token = {"ViewVersionId": 0, "ViewVersionToken": uuid4().hex}
    kept = {"IsProtected": view.get("IsProtected", False)} | view | {"Definer": definer} | token
    return {"TableType": TYPE} | body | {"ViewDefinition": kept}


def redefined(
    world: World, caller: Caller, place: Target, table: Table, *, body: Body, params: dict[str, Any]
) -> Body:
    """The input after one action on its representations; the others stay, stale if Force changed what they share.

    Without an action the representations of the input replace those of their dialects.
    """
    action, old = params.get("ViewUpdateAction", "ADD_OR_REPLACE"), table.body["ViewDefinition"]
    new = body.get("ViewDefinition", {})
    given = {one["Dialect"]: one for one in new.get("Representations", [])}
    kept = {one["Dialect"]: one for one in old["Representations"]}
    _check_action(action, set(given), set(kept))
    if action == "DROP":
        left = [one for dialect, one in kept.items() if dialect not in given]
        if not left:
            raise _invalid("The last dialect of a view cannot be dropped.")
        return _with(table.body, old | {"Representations": left})
    definer = new.get("Definer", old["Definer"])
    _check_definer(caller, definer)
    _check_bases(world, definer, place, new.get("SubObjects", old["SubObjects"]))
    same = _is_same(table.body, body)
    if not same and not params.get("Force", False) and set(kept) - set(given):
        raise _invalid("Columns and sub-objects must match those of the view's other dialects.")
    stale = [one if same else one | {"IsStale": True} for key, one in kept.items() if key not in given]
    changed = old | new | {"Definer": definer, "Representations": [*stale, *given.values()]}
    return _with(table.body | body, changed)


def status(world: World, caller: Caller, action: str, view: Body) -> Body:
    """Of a change that was checked before it was answered."""
    now = world.now()
    checks = [
        {"Dialect": one["Dialect"], "UpdateTime": now, "State": "SUCCESS"}
        | ({"DialectVersion": one["DialectVersion"]} if "DialectVersion" in one else {})
        for one in view["Representations"]
    ]
    return {
        "RequestedBy": caller.arn,
        "UpdatedBy": caller.arn,
        "RequestTime": now,
        "UpdateTime": now,
        "Action": action,
        "State": "SUCCESS",
        "Details": {"ViewValidations": checks},
    }


def _with(body: Body, view: Body) -> Body:
    token = {"ViewVersionId": view["ViewVersionId"] + 1, "ViewVersionToken": uuid4().hex}
    return {"TableType": TYPE} | body | {"ViewDefinition": view | token}


def _check_action(action: str, given: set[str], kept: set[str]) -> None:
    if not given:
        raise _invalid("ViewDefinition must have a representation.")
    if action == "ADD" and given & kept:
        raise AwsError("AlreadyExistsException", f"The view has dialect {min(given & kept)} already.")
    if action in ("REPLACE", "DROP") and given - kept:
        raise AwsError("EntityNotFoundException", f"The view has no dialect {min(given - kept)}.")


def _check_definer(caller: Caller, definer: str) -> None:
    match = _ROLE.fullmatch(definer)
    if match is None or match.groups() != (caller.partition, caller.account):
        raise _invalid("The definer of a view must be an IAM role of the account.")
    if definer != caller.arn and not caller.is_root:
        raise AwsError("AccessDeniedException", f"User is not authorized to pass {definer}.")


def _check_bases(world: World, definer: str, place: Target, bases: list[str]) -> None:
    """The definer holds SELECT with grant option on all of each; none is open to everyone IAM allows."""
    if not bases:
        raise _invalid("SubObjects must name the tables of the view.")
    for arn in bases:
        match = _BASE.fullmatch(arn)
        if match is None or (match[1], match[2]) != (place.region, place.catalog_id):
            raise _invalid(f"A view's sub-object must be a table of its catalog: {arn}")
        database, table = match[3].lower(), match[4].lower()
        if find_table(world, place.catalog_id, place.region, database, table) is None:
            raise AwsError("EntityNotFoundException", f"Table {table} not found.")
        resource = table_resource(place.catalog_id, database, table)
        if book_of(world, place.catalog_id, place.region).find(IAM_ALLOWED_PRINCIPALS, resource):
            raise _invalid(f"IAM_ALLOWED_PRINCIPALS holds permissions on {table}.")
        if not may_pass(world, Viewer(definer, definer.split(":")[4], place.region), "SELECT", resource):
            raise insufficient("Select with grant option", table)


def _is_same(old: Body, new: Body) -> bool:
    def schema(body: Body) -> list[tuple[str, str]]:
        described = body if "StorageDescriptor" in body else old
        columns = described.get("StorageDescriptor", {}).get("Columns", [])
        return [(one["Name"].lower(), one.get("Type", "")) for one in columns]

    bases = old["ViewDefinition"]["SubObjects"]
    named = new.get("ViewDefinition", {}).get("SubObjects", bases)
    return schema(old) == schema(new) and bool(named == bases)


def _invalid(text: str) -> AwsError:
    return AwsError("InvalidInputException", text)
