"""One planned step as one AWS call. Answers say, per change, what went wrong; None is success."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from identity.accounts.models import Account
from lakeformation.observation.reading import Invitation
from lakeformation.planning.changes import Change, Step
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.locations import Location
from lakeformation.values.permissions import ALL_TABLES, SELECT, OptIn, Permission
from lakeformation.values.resource_links import LANDING, LandingDatabase, Link
from workers.aws.errors import AwsError, ErrorKind, kind_of, translated
from workers.aws.sessions import client

ALREADY_THERE = frozenset({"AlreadyExistsException", "ResourceShareInvitationAlreadyAcceptedException"})
REMOVALS = frozenset({"DeleteDatabase", "DeleteTable", "DeleteDataCellsFilter", "DeleteLakeFormationOptIn"})
NOTHING_HELD = "No permissions revoked"


@dataclass(frozen=True)
class Answer:
    """AWS's request id, and an error or None for each change of the step, in order."""

    request_id: str
    errors: tuple[AwsError | None, ...]


def writer(step: Step, *, account: Account, session_name: str) -> Any:
    """The boto3 client that makes the step's call, as the account's executor. AwsError when the role cannot be assumed."""
    service, _ = CALLS[step.operation]
    return client(
        service, account=account, role="executor", region=step.place.region, session_name=session_name
    )


def perform(step: Step, aws: Any) -> Answer:
    """Make the step's call. AwsError when it failed as a whole."""
    _, call = CALLS[step.operation]
    try:
        with translated():
            return call(aws, step.changes)
    except AwsError as error:
        if error.code in ALREADY_THERE or _is_gone(step, error):
            return Answer(error.request_id, (None,) * len(step.changes))
        raise


def _is_gone(step: Step, error: AwsError) -> bool:
    """A removal of what is not there: nothing to do; only the next reading proves it."""
    return step.operation in REMOVALS and error.kind is ErrorKind.ABSENT


def _grant(aws: Any, changes: Sequence[Change]) -> Answer:
    return _batch(aws.batch_grant_permissions, changes)


def _revoke(aws: Any, changes: Sequence[Change]) -> Answer:
    return _batch(aws.batch_revoke_permissions, changes)


def _batch(call: Callable[..., Any], changes: Sequence[Change]) -> Answer:
    entries = [_entry(str(position), change) for position, change in enumerate(changes)]
    answer = call(CatalogId=changes[0].place.account, Entries=entries)
    failed = {row["RequestEntry"]["Id"]: row["Error"] for row in answer.get("Failures", ())}
    errors = tuple(_entry_error(failed.get(str(position))) for position in range(len(changes)))
    return Answer(answer["ResponseMetadata"].get("RequestId", ""), errors)


def _entry_error(error: Any) -> AwsError | None:
    if error is None:
        return None
    code, message = error.get("ErrorCode", ""), error.get("ErrorMessage", "")
    if code in ALREADY_THERE or NOTHING_HELD in message:
        return None
    return AwsError(kind_of(code, message), code, message)


def _entry(position: str, change: Change) -> dict[str, Any]:
    """The option is granted with its permission, and revoked without it: each is a row of its own to us."""
    permission = change.atom
    assert isinstance(permission, Permission)
    option_alone = permission.grantable and change.action == "revoke"
    condition = {"Condition": {"Expression": permission.condition}} if permission.condition else {}
    return {
        **condition,
        "Id": position,
        "Principal": {"DataLakePrincipalIdentifier": permission.principal},
        "Resource": resource_of(permission, change.columns),
        "Permissions": [] if option_alone else [permission.verb],
        "PermissionsWithGrantOption": [permission.verb] if permission.grantable else [],
    }


def resource_of(permission: Permission, columns: ColumnSet | None) -> dict[str, Any]:
    """The `Resource` of a permission in the shape in which AWS takes it."""
    catalog, database = permission.place.account, permission.database
    if not permission.table:
        return _wider(permission)
    if permission.table == ALL_TABLES:
        return {"Table": {"CatalogId": catalog, "DatabaseName": database, "TableWildcard": {}}}
    if permission.cells_filter:
        place = {"TableCatalogId": catalog, "DatabaseName": database, "TableName": permission.table}
        return {"DataCellsFilter": {**place, "Name": permission.cells_filter}}
    table = {"CatalogId": catalog, "DatabaseName": database, "Name": permission.table}
    if permission.verb != SELECT or columns is None:
        return {"Table": table}
    if not columns.but:
        return {"TableWithColumns": {**table, "ColumnNames": list(columns.names)}}
    wildcard = {"ExcludedColumnNames": list(columns.names)} if columns.listed else {}
    return {"TableWithColumns": {**table, "ColumnWildcard": wildcard}}


def _wider(permission: Permission) -> dict[str, Any]:
    """A database, or all that LF-Tags reach."""
    catalog, policy = permission.place.account, permission.policy
    if policy is None:
        return {"Database": {"CatalogId": catalog, "Name": permission.database}}
    by: dict[str, Any] = {"Expression": policy.expression.to_aws()}
    if policy.name:
        by = {"ExpressionName": policy.name}
    return {"LFTagPolicy": {"CatalogId": catalog, "ResourceType": policy.kind, **by}}


def _create_filter(aws: Any, changes: Sequence[Change]) -> Answer:
    one = changes[0].atom
    assert isinstance(one, CellsFilter)
    rows: dict[str, Any] = {"FilterExpression": one.rows} if one.rows else {"AllRowsWildcard": {}}
    names = list(one.columns.names)
    wildcard: dict[str, Any] = {"ExcludedColumnNames": names} if names else {}
    columns: dict[str, Any] = {"ColumnWildcard": wildcard} if one.columns.but else {"ColumnNames": names}
    return _one(aws.create_data_cells_filter(TableData={**_named(one), "RowFilter": rows, **columns}))


def _delete_filter(aws: Any, changes: Sequence[Change]) -> Answer:
    one = changes[0].atom
    assert isinstance(one, CellsFilter)
    return _one(aws.delete_data_cells_filter(**_named(one)))


def _named(one: CellsFilter) -> dict[str, str]:
    place = {"TableCatalogId": one.place.account, "DatabaseName": one.database, "TableName": one.table}
    return {**place, "Name": one.name}


def _opt_in(aws: Any, changes: Sequence[Change]) -> Answer:
    return _one(aws.create_lake_formation_opt_in(**_opted(changes[0])))


def _opt_out(aws: Any, changes: Sequence[Change]) -> Answer:
    return _one(aws.delete_lake_formation_opt_in(**_opted(changes[0])))


def _opted(change: Change) -> dict[str, Any]:
    one = change.atom
    assert isinstance(one, OptIn)
    table = {"CatalogId": one.place.account, "DatabaseName": one.database, "Name": one.table}
    return {"Principal": {"DataLakePrincipalIdentifier": one.principal}, "Resource": {"Table": table}}


def _create_database(aws: Any, changes: Sequence[Change]) -> Answer:
    """A link to a database, or a database of ours that links to tables lie in."""
    one = changes[0].atom
    assert isinstance(one, Link | LandingDatabase)
    what: dict[str, Any] = (
        {"TargetDatabase": _target(one)} if isinstance(one, Link) else {"Parameters": {LANDING: one.mark}}
    )
    # Empty defaults: a landing object must not open itself to IAMAllowedPrincipals.
    wanted = {"Name": one.name, "CreateTableDefaultPermissions": [], **what}
    return _one(aws.create_database(CatalogId=one.place.account, DatabaseInput=wanted))


def _target(link: Link) -> dict[str, str]:
    return {
        "CatalogId": link.target.account,
        "DatabaseName": link.target_database,
        "Region": link.target.region,
    }


def _delete_database(aws: Any, changes: Sequence[Change]) -> Answer:
    one = changes[0].atom
    assert isinstance(one, Link | LandingDatabase)
    return _one(aws.delete_database(CatalogId=one.place.account, Name=one.name))


def _create_table(aws: Any, changes: Sequence[Change]) -> Answer:
    link = changes[0].atom
    assert isinstance(link, Link)
    wanted = {"Name": link.name, "TargetTable": {**_target(link), "Name": link.target_table}}
    return _one(aws.create_table(CatalogId=link.place.account, DatabaseName=link.database, TableInput=wanted))


def _delete_table(aws: Any, changes: Sequence[Change]) -> Answer:
    link = changes[0].atom
    assert isinstance(link, Link)
    return _one(aws.delete_table(CatalogId=link.place.account, DatabaseName=link.database, Name=link.name))


def _accept(aws: Any, changes: Sequence[Change]) -> Answer:
    invitation = changes[0].atom
    assert isinstance(invitation, Invitation)
    return _one(aws.accept_resource_share_invitation(resourceShareInvitationArn=invitation.arn))


def _register(aws: Any, changes: Sequence[Change]) -> Answer:
    location = changes[0].atom
    assert isinstance(location, Location)
    return _one(
        aws.register_resource(ResourceArn=location.arn, RoleArn=location.role, UseServiceLinkedRole=False)
    )


def _one(answer: Any) -> Answer:
    return Answer(answer["ResponseMetadata"].get("RequestId", ""), (None,))


CALLS: dict[str, tuple[str, Callable[[Any, Sequence[Change]], Answer]]] = {
    "BatchGrantPermissions": ("lakeformation", _grant),
    "BatchRevokePermissions": ("lakeformation", _revoke),
    "RegisterResource": ("lakeformation", _register),
    "CreateDataCellsFilter": ("lakeformation", _create_filter),
    "DeleteDataCellsFilter": ("lakeformation", _delete_filter),
    "CreateLakeFormationOptIn": ("lakeformation", _opt_in),
    "DeleteLakeFormationOptIn": ("lakeformation", _opt_out),
    "CreateDatabase": ("glue", _create_database),
    "DeleteDatabase": ("glue", _delete_database),
    "CreateTable": ("glue", _create_table),
    "DeleteTable": ("glue", _delete_table),
    "AcceptResourceShareInvitation": ("ram", _accept),
}
