"""CreateRLSPolicy and its companions: policies of the rows that whom they are attached to sees of a table.

Source: service model; DG:rls-policies, DG:rls-policies-granting. A policy is made by administrators (CREATE_RLS_POLICY is no permission
of the API) and attached by them, or by its creator on a table that it may pass on; by LF-Tags and as a default by
administrators alone (assumed). Expressions are those of data cells filters, without subqueries and session attributes.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mocklake.errors import AwsError
from mocklake.glue.store import find_table
from mocklake.iam.callers import Caller
from mocklake.lakeformation import principals, resources, row_filters
from mocklake.lakeformation.authority import is_admin, is_reader_of_all, may_pass
from mocklake.lakeformation.changes import get_viewer
from mocklake.lakeformation.pages import Position, page, page_size
from mocklake.lakeformation.principals import Who
from mocklake.lakeformation.resources import Kind
from mocklake.lakeformation.row_filters import find_default
from mocklake.lakeformation.store import Book, RLSAttachment, RLSPolicy, book_of
from mocklake.world import World

PAGE_LIMIT = 1000


def create_rls_policy(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """AlreadyExistsException for a name that the catalog has; the expression names declared columns alone."""
    if not is_admin(world, get_viewer(caller)):
        raise _denied()
    book, name = book_of(world, caller.account, caller.region), params["Name"]
    if any(rls_policy.name == name for rls_policy in book.rls_policies):
        raise AwsError("AlreadyExistsException", f"RLS policy already exists: {name}")
    columns = tuple(
        (attachment_column["Name"].lower(), attachment_column.get("Type", "string"))
        for attachment_column in params["AttachmentColumns"]
    )
    made = RLSPolicy(name, columns, params["FilterExpression"], caller.arn)
    _check_expression(made)
    book.rls_policies = (*book.rls_policies, made)
    return {}


def update_rls_policy(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """All attachments follow at once."""
    book, found = _owned(world, caller, params["Name"])
    changed = replace(found, expression=params["FilterExpression"])
    _check_expression(changed)
    book.rls_policies = tuple(
        changed if rls_policy == found else rls_policy for rls_policy in book.rls_policies
    )
    return {}


def delete_rls_policy(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Its attachments go with it."""
    book, found = _owned(world, caller, params["Name"])
    book.rls_policies = tuple(rls_policy for rls_policy in book.rls_policies if rls_policy != found)
    book.rls_attachments = tuple(
        rls_attachment for rls_attachment in book.rls_attachments if rls_attachment.policy != found.name
    )
    return {}


def get_rls_policy(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    book = book_of(world, caller.account, caller.region)
    return {"RLSPolicy": _answer_policy(caller, _seen(world, caller, book, params["Name"]))}


def list_rls_policies(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Administrators see all, others those that they created."""
    every = is_reader_of_all(world, get_viewer(caller))
    policies = book_of(world, caller.account, caller.region).rls_policies

    def items(start: Position | None) -> Iterator[tuple[Position, dict[str, Any]]]:
        del start
        for one in sorted(policies, key=lambda policy: policy.name):
            if every or one.creator == caller.arn:
                yield [one.name], _answer_policy(caller, one)

    size, token = page_size(params, PAGE_LIMIT), params.get("NextToken")
    found, more = page(items, shape=(str,), token=token, size=size)
    return {"RLSPolicies": found} | ({"NextToken": more} if more else {})


def attach_rls_policy(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """To one table, or to tables by LF-Tags: for a principal, for whoever meets a condition, or as a table's default.

    AlreadyExistsException for an attachment that is there, and for a second default. Columns are looked at when the table
    is queried.
    """
    attachment = _read_attachment(world, caller, params)
    book = book_of(world, caller.account, caller.region)
    _check_attacher(world, caller, _seen(world, caller, book, attachment.policy), attachment)
    default = find_default(book, attachment.resource)
    if attachment.key in {rls_attachment.key for rls_attachment in book.rls_attachments} or (
        attachment.is_default and default
    ):
        raise AwsError("AlreadyExistsException", "The RLS policy is attached to the resource already.")
    serial = max((rls_attachment.serial for rls_attachment in book.rls_attachments), default=0) + 1
    book.rls_attachments = (*book.rls_attachments, replace(attachment, serial=serial))
    return {}


def detach_rls_policy(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """EntityNotFoundException for what is not attached."""
    attachment = _read_attachment(world, caller, params)
    book = book_of(world, caller.account, caller.region)
    _check_attacher(world, caller, _seen(world, caller, book, attachment.policy), attachment)
    left = tuple(
        rls_attachment for rls_attachment in book.rls_attachments if rls_attachment.key != attachment.key
    )
    if len(left) == len(book.rls_attachments):
        raise AwsError("EntityNotFoundException", "The RLS policy is not attached to the resource.")
    book.rls_attachments = left
    return {}


def list_rls_policy_attachments(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Administrators see all, others those of policies that they created on tables that they may pass on.

    Of one resource, principal or policy, in the order of their making.
    """
    principal, resource = None, None
    if "Principal" in params:
        principal = principals.read(world, params["Principal"], caller.partition).id
    if "Resource" in params:
        resource = resources.read(params["Resource"], caller.account).resource
    book = book_of(world, caller.account, caller.region)

    def items(start: Position | None) -> Iterator[tuple[Position, dict[str, Any]]]:
        del start
        for one in book.rls_attachments:
            asked = params.get("PolicyName") in (None, one.policy) and principal in (None, one.principal)
            if asked and resource in (None, one.resource) and _may_see(world, caller, book, one):
                yield [one.serial], _answer_attachment(caller, one)

    size, token = page_size(params, PAGE_LIMIT), params.get("NextToken")
    found, more = page(items, shape=(int,), token=token, size=size)
    return {"RLSPolicyAttachments": found} | ({"NextToken": more} if more else {})


def _read_attachment(world: World, caller: Caller, params: dict[str, Any]) -> RLSAttachment:
    resource = resources.read(params["Resource"], caller.account).resource
    is_table = set(params["Resource"]) == {"Table"} and not resource.is_all_tables
    if not is_table and resource.kind is not Kind.LF_TAG_POLICY_TABLE:
        raise AwsError(
            "InvalidInputException", "RLS policies are attached to a table, or to tables by LF-Tags."
        )
    if resource.owner != caller.account:
        raise AwsError("InvalidInputException", "RLS policies are attached to resources of the own catalog.")
    condition = (params.get("Condition") or {}).get("Expression", "")
    is_default = bool(params.get("SetDefault") or params.get("RemoveDefault"))
    given = [is_default, bool(params.get("Principal")), bool(condition)]
    if sum(given) != 1 or (is_default and not is_table):
        text = "Give a principal, a condition, or make the policy the default of a table."
        raise AwsError("InvalidInputException", text)
    principal = ""
    if params.get("Principal"):
        read = principals.read(world, params["Principal"], caller.partition)
        if read.who is Who.EVERYONE:
            raise AwsError("InvalidInputException", f"Invalid principal, {read.id}")
        principals.require_known(world, read, caller.account)
        principal = read.id
    return RLSAttachment(params["Name"], resource, principal, condition, is_default, serial=0)


def _check_attacher(world: World, caller: Caller, policy: RLSPolicy, wanted: RLSAttachment) -> None:
    """ALL with grant option on the table, beside the policy; EntityNotFoundException for a table that is not there."""
    viewer, on = get_viewer(caller), wanted.resource
    is_plain = on.kind is Kind.TABLE and not wanted.is_default
    may = is_plain and policy.creator == caller.arn and may_pass(world, viewer, "ALL", on)
    if not (may or is_admin(world, viewer)):
        raise _denied()
    missing = (
        on.kind is Kind.TABLE
        and find_table(world, on.catalog_id, caller.region, on.database, on.table) is None
    )
    if missing:
        raise AwsError("EntityNotFoundException", f"Table not found: {on.table}")


def _may_see(world: World, caller: Caller, book: Book, one: RLSAttachment) -> bool:
    viewer = get_viewer(caller)
    if is_reader_of_all(world, viewer):
        return True
    policy = next(policy for policy in book.rls_policies if policy.name == one.policy)
    is_table = one.resource.kind is Kind.TABLE
    return policy.creator == caller.arn and is_table and may_pass(world, viewer, "ALL", one.resource)


def _seen(world: World, caller: Caller, book: Book, name: str) -> RLSPolicy:
    rls_policy = next((rls_policy for rls_policy in book.rls_policies if rls_policy.name == name), None)
    is_reader = is_reader_of_all(world, get_viewer(caller))
    if rls_policy is None and is_reader:
        raise AwsError("EntityNotFoundException", f"RLS policy not found: {name}")
    if rls_policy is None or not (is_reader or rls_policy.creator == caller.arn):
        raise _denied()
    return rls_policy


def _owned(world: World, caller: Caller, name: str) -> tuple[Book, RLSPolicy]:
    """The policy, to administrators and its creator."""
    book = book_of(world, caller.account, caller.region)
    found = _seen(world, caller, book, name)
    if not (is_admin(world, get_viewer(caller)) or found.creator == caller.arn):
        raise _denied()
    return book, found


def _check_expression(one: RLSPolicy) -> None:
    if not one.expression.strip():
        raise AwsError("InvalidInputException", "FilterExpression must not be empty.")
    row_filters.write_expression_sql(one.expression, dict(one.columns))


def _denied() -> AwsError:
    return AwsError("AccessDeniedException", "Insufficient Lake Formation permission(s) on RLS policy")


def _answer_policy(caller: Caller, one: RLSPolicy) -> dict[str, Any]:
    columns = [{"Name": name, "Type": kind} for name, kind in one.columns]
    body = {"CatalogId": caller.account, "Name": one.name, "AttachmentColumns": columns}
    return body | {"FilterExpression": one.expression}


def _answer_attachment(caller: Caller, one: RLSAttachment) -> dict[str, Any]:
    who: dict[str, Any] = (
        {"Principal": {"DataLakePrincipalIdentifier": one.principal}} if one.principal else {}
    )
    if one.condition:
        who["Condition"] = {"Expression": one.condition}
    on = {"CatalogId": caller.account, "PolicyName": one.policy, "Resource": resources.write(one.resource)}
    return on | who | {"DefaultRLSPolicy": one.is_default}
