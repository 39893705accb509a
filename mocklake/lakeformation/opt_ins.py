"""CreateLakeFormationOptIn and its companions: principals for whom Lake Formation decides in hybrid access mode.

Source: service model; DG:hybrid-access-mode. Only administrators opt principals in. That making one twice is
accepted is assumed.
"""

from collections.abc import Iterator
from typing import Any

from mocklake.errors import AwsError
from mocklake.glue.store import find_database, find_table
from mocklake.iam.callers import Caller
from mocklake.lakeformation import principals, resources
from mocklake.lakeformation.authority import is_admin, is_reader_of_all, sees_database, visible_columns
from mocklake.lakeformation.changes import get_viewer
from mocklake.lakeformation.pages import Position, page, page_size
from mocklake.lakeformation.principals import Who
from mocklake.lakeformation.resources import Kind, Resource
from mocklake.lakeformation.store import OptIn, book_of, keyed
from mocklake.world import World

PAGE_LIMIT = 1000


def create_lake_formation_opt_in(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """EntityNotFoundException for a database or table that is not there or not shared."""
    principal, condition, resource = _asked(world, caller, params)
    principals.require_known(
        world, principals.read(world, params["Principal"], caller.partition), caller.account
    )
    if not _is_seen(world, caller, resource):
        raise AwsError("EntityNotFoundException", f"Resource not found: {resource.name}")
    book = book_of(world, caller.account, caller.region)
    serial = max((opt_in.serial for opt_in in book.opt_ins.values()), default=0) + 1
    key = (keyed(principal, condition), resource)
    if key in book.opt_ins and world.switches.repeated_opt_in != "accepted":
        raise AwsError(world.switches.repeated_opt_in, "The principal is opted in to the resource already.")
    made = OptIn(principal, condition, serial, world.now(), caller.session_arn)
    book.opt_ins.setdefault(key, made)
    return {}


def delete_lake_formation_opt_in(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    principal, condition, resource = _asked(world, caller, params)
    book, key = book_of(world, caller.account, caller.region), (keyed(principal, condition), resource)
    if key not in book.opt_ins:
        raise AwsError("EntityNotFoundException", "The principal is not opted in to the resource.")
    del book.opt_ins[key]
    return {}


def list_lake_formation_opt_ins(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """In the order of their making; of one principal, one resource, or both."""
    if not is_reader_of_all(world, get_viewer(caller)):
        raise _denied()
    principal = _principal_filter(world, caller, params)
    shape = params.get("Resource")
    resource = resources.read(shape, caller.account).resource if shape else None
    opt_ins = book_of(world, caller.account, caller.region).opt_ins

    def items(start: Position | None) -> Iterator[tuple[Position, dict[str, Any]]]:
        del start
        for (_, on), one in sorted(opt_ins.items(), key=lambda item: item[1].serial):
            if principal in (None, one.principal) and resource in (None, on):
                yield [one.serial], _answer(on, one)

    size, token = page_size(params, PAGE_LIMIT), params.get("NextToken")
    found, more = page(items, shape=(int,), token=token, size=size)
    return {"LakeFormationOptInsInfoList": found} | ({"NextToken": more} if more else {})


def _principal_filter(world: World, caller: Caller, params: dict[str, Any]) -> str | None:
    """Not a role or user of another account, though it can be opted in (terraform-provider-aws #49106)."""
    if "Principal" not in params:
        return None
    found = principals.read(world, params["Principal"], caller.partition)
    if found.who is Who.IAM and found.is_foreign(caller.account):
        raise AwsError("InvalidInputException", f"Invalid principal, {found.id}")
    return found.id


def _asked(world: World, caller: Caller, params: dict[str, Any]) -> tuple[str, str, Resource]:
    """Principal, condition and resource."""
    if not is_admin(world, get_viewer(caller)):
        raise _denied()
    principal = principals.read(world, params["Principal"], caller.partition)
    target = resources.read(params["Resource"], caller.account)
    if principal.who is Who.EVERYONE:
        raise AwsError("InvalidInputException", f"Invalid principal, {principal.id}")
    if target.resource.kind not in (Kind.DATABASE, Kind.TABLE) or "TableWithColumns" in params["Resource"]:
        raise AwsError("InvalidInputException", "Only databases and tables can be opted in to.")
    return principal.id, (params.get("Condition") or {}).get("Expression", ""), target.resource


def _is_seen(world: World, caller: Caller, resource: Resource) -> bool:
    place = {"catalog_id": resource.catalog_id, "database": resource.database}
    viewer, is_own = get_viewer(caller), resource.owner == caller.account
    if resource.kind is Kind.DATABASE or resource.is_all_tables:
        exists = find_database(world, resource.catalog_id, caller.region, resource.database) is not None
        return exists and (is_own or sees_database(world, viewer, **place))
    there = find_table(world, resource.catalog_id, caller.region, resource.database, resource.table)
    seen = is_own or visible_columns(world, viewer, **place, table=resource.table) is not None
    return there is not None and seen


def _denied() -> AwsError:
    return AwsError("AccessDeniedException", "User is not authorized to use Lake Formation opt-ins.")


def _answer(resource: Resource, one: OptIn) -> dict[str, Any]:
    condition = {"Condition": {"Expression": one.condition}} if one.condition else {}
    return condition | {
        "Resource": resources.write(resource),
        "Principal": {"DataLakePrincipalIdentifier": one.principal},
        "LastModified": one.made_at,
        "LastUpdatedBy": one.made_by,
    }
