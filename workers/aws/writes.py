"""Sends a planned step as one call to AWS. The result has an error or None for each change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from identity.accounts import Account
from lakeformation.observation.reading import Invitation
from lakeformation.observation.registered_names import ObservedTable, awaits_update
from lakeformation.planning.changes import PlannedChange, Step, TagWrite
from lakeformation.values.arn import Location
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import ALL_TABLES, SELECT, OptIn, Permission
from lakeformation.values.registered_tables import RegisteredDatabase, RegisteredTable, build_updated_input
from lakeformation.values.resource_links import LINK_DATABASE_PARAMETER, Link, LinkDatabase
from workers.aws.errors import AwsError, ErrorKind, classify_error, translate_errors
from workers.aws.sessions import get_client

ALREADY_EXISTS_CODES = frozenset(
    {"AlreadyExistsException", "ResourceShareInvitationAlreadyAcceptedException"}
)
REMOVING_OPERATIONS = frozenset(
    {"DeleteDatabase", "DeleteTable", "DeleteDataCellsFilter", "DeleteLakeFormationOptIn"}
)
NOTHING_REVOKED_TEXT = "No permissions revoked"


@dataclass(frozen=True)
class StepResult:
    """AWS's request id, and an error or None for each change of the step, in order."""

    request_id: str
    errors: tuple[AwsError | None, ...]


def get_write_client(step: Step, *, account: Account, session_name: str) -> Any:
    """The boto3 client that makes the step's call, as the account's executor. AwsError when the role cannot be assumed."""
    service, _ = CALLS[step.operation]
    return get_client(
        service, account=account, role="executor", region=step.catalog.region, session_name=session_name
    )


def perform_step(step: Step, aws: Any) -> StepResult:
    """Make the step's call. AwsError when it failed as a whole."""
    _, call = CALLS[step.operation]
    try:
        with translate_errors():
            return call(aws, step.changes)
    except AwsError as error:
        if error.code in ALREADY_EXISTS_CODES or _is_gone(step, error):
            return StepResult(error.request_id, (None,) * len(step.changes))
        raise


def _is_gone(step: Step, error: AwsError) -> bool:
    """Whether a removal failed because the object does not exist. The next reading has to prove that."""
    return step.operation in REMOVING_OPERATIONS and error.kind is ErrorKind.ABSENT


def _grant(aws: Any, changes: Sequence[PlannedChange]) -> StepResult:
    return _send_batch(aws.batch_grant_permissions, changes)


def _revoke(aws: Any, changes: Sequence[PlannedChange]) -> StepResult:
    return _send_batch(aws.batch_revoke_permissions, changes)


def _send_batch(call: Callable[..., Any], changes: Sequence[PlannedChange]) -> StepResult:
    entries = [_build_entry(str(position), change) for position, change in enumerate(changes)]
    answer = call(CatalogId=changes[0].catalog.account, Entries=entries)
    failed = {row["RequestEntry"]["Id"]: row["Error"] for row in answer.get("Failures", ())}
    errors = tuple(_build_entry_error(failed.get(str(position))) for position in range(len(changes)))
    return StepResult(answer["ResponseMetadata"].get("RequestId", ""), errors)


def _build_entry_error(error: Any) -> AwsError | None:
    if error is None:
        return None
    code, message = error.get("ErrorCode", ""), error.get("ErrorMessage", "")
    if code in ALREADY_EXISTS_CODES or NOTHING_REVOKED_TEXT in message:
        return None
    return AwsError(classify_error(code, message), code, message)


def _build_entry(position: str, change: PlannedChange) -> dict[str, Any]:
    """A grant option is granted with its permission, and revoked alone."""
    permission = change.atom
    assert isinstance(permission, Permission)
    option_alone = permission.grantable and change.action == "revoke"
    condition = {"Condition": {"Expression": permission.condition}} if permission.condition else {}
    return {
        **condition,
        "Id": position,
        "Principal": {"DataLakePrincipalIdentifier": permission.principal},
        "Resource": build_resource(permission, change.columns),
        "Permissions": [] if option_alone else [permission.verb],
        "PermissionsWithGrantOption": [permission.verb] if permission.grantable else [],
    }


def build_resource(permission: Permission, columns: ColumnSet | None) -> dict[str, Any]:
    """The `Resource` of a permission in the shape in which AWS takes it."""
    catalog, database = permission.catalog.account, permission.database
    if not permission.table:
        return _build_wide_resource(permission)
    if permission.table == ALL_TABLES:
        return {"Table": {"CatalogId": catalog, "DatabaseName": database, "TableWildcard": {}}}
    if permission.cells_filter:
        place = {"TableCatalogId": catalog, "DatabaseName": database, "TableName": permission.table}
        return {"DataCellsFilter": {**place, "Name": permission.cells_filter}}
    table = {"CatalogId": catalog, "DatabaseName": database, "Name": permission.table}
    if permission.verb != SELECT or columns is None:
        return {"Table": table}
    if not columns.is_exclusion:
        return {"TableWithColumns": {**table, "ColumnNames": list(columns.names)}}
    wildcard = {"ExcludedColumnNames": list(columns.names)} if columns.listed else {}
    return {"TableWithColumns": {**table, "ColumnWildcard": wildcard}}


def _build_wide_resource(permission: Permission) -> dict[str, Any]:
    """The resource of a database, or of an LF-Tag policy."""
    catalog, policy = permission.catalog.account, permission.policy
    if policy is None:
        return {"Database": {"CatalogId": catalog, "Name": permission.database}}
    by: dict[str, Any] = {"Expression": policy.expression.to_aws()}
    if policy.name:
        by = {"ExpressionName": policy.name}
    return {"LFTagPolicy": {"CatalogId": catalog, "ResourceType": policy.kind, **by}}


def _create_filter(aws: Any, changes: Sequence[PlannedChange]) -> StepResult:
    one = changes[0].atom
    assert isinstance(one, CellsFilter)
    rows: dict[str, Any] = {"FilterExpression": one.rows} if one.rows else {"AllRowsWildcard": {}}
    names = list(one.columns.names)
    wildcard: dict[str, Any] = {"ExcludedColumnNames": names} if names else {}
    columns: dict[str, Any] = (
        {"ColumnWildcard": wildcard} if one.columns.is_exclusion else {"ColumnNames": names}
    )
    return _build_single_result(
        aws.create_data_cells_filter(TableData={**_build_filter_name(one), "RowFilter": rows, **columns})
    )


def _delete_filter(aws: Any, changes: Sequence[PlannedChange]) -> StepResult:
    one = changes[0].atom
    assert isinstance(one, CellsFilter)
    return _build_single_result(aws.delete_data_cells_filter(**_build_filter_name(one)))


def _build_filter_name(one: CellsFilter) -> dict[str, str]:
    place = {"TableCatalogId": one.catalog.account, "DatabaseName": one.database, "TableName": one.table}
    return {**place, "Name": one.name}


def _opt_in(aws: Any, changes: Sequence[PlannedChange]) -> StepResult:
    return _build_single_result(aws.create_lake_formation_opt_in(**_build_opt_in(changes[0])))


def _opt_out(aws: Any, changes: Sequence[PlannedChange]) -> StepResult:
    return _build_single_result(aws.delete_lake_formation_opt_in(**_build_opt_in(changes[0])))


def _build_opt_in(change: PlannedChange) -> dict[str, Any]:
    one = change.atom
    assert isinstance(one, OptIn)
    table = {"CatalogId": one.catalog.account, "DatabaseName": one.database, "Name": one.table}
    return {"Principal": {"DataLakePrincipalIdentifier": one.principal}, "Resource": {"Table": table}}


def _create_database(aws: Any, changes: Sequence[PlannedChange]) -> StepResult:
    """A link to a database, a database of ours that links to tables lie in, or one for registered tables."""
    one = changes[0].atom
    if isinstance(one, RegisteredDatabase):
        return _build_single_result(
            aws.create_database(CatalogId=one.catalog.account, DatabaseInput=one.to_glue())
        )
    assert isinstance(one, Link | LinkDatabase)
    what: dict[str, Any] = (
        {"TargetDatabase": _build_link_target(one)}
        if isinstance(one, Link)
        else {"Parameters": {LINK_DATABASE_PARAMETER: one.parameter_value}}
    )
    # Empty defaults: a link or link database must not open itself to IAMAllowedPrincipals.
    wanted = {"Name": one.name, "CreateTableDefaultPermissions": [], **what}
    return _build_single_result(aws.create_database(CatalogId=one.catalog.account, DatabaseInput=wanted))


def _build_link_target(link: Link) -> dict[str, str]:
    return {
        "CatalogId": link.target_catalog.account,
        "DatabaseName": link.target_database,
        "Region": link.target_catalog.region,
    }


def _delete_database(aws: Any, changes: Sequence[PlannedChange]) -> StepResult:
    one = changes[0].atom
    assert isinstance(one, Link | LinkDatabase)
    return _build_single_result(aws.delete_database(CatalogId=one.catalog.account, Name=one.name))


def _create_table(aws: Any, changes: Sequence[PlannedChange]) -> StepResult:
    """A link to a table, or a registered table."""
    link = changes[0].atom
    if isinstance(link, RegisteredTable):
        return _build_single_result(
            aws.create_table(
                CatalogId=link.catalog.account, DatabaseName=link.database, TableInput=link.to_glue()
            )
        )
    assert isinstance(link, Link)
    wanted = {"Name": link.name, "TargetTable": {**_build_link_target(link), "Name": link.target_table}}
    return _build_single_result(
        aws.create_table(CatalogId=link.catalog.account, DatabaseName=link.database, TableInput=wanted)
    )


def _update_table(aws: Any, changes: Sequence[PlannedChange]) -> StepResult:
    """Other columns or another storage for a registered table, unless somebody changed it since the reading: AwsError, as AWS
    raises it for a change between the two calls here.
    """
    one = changes[0].atom
    assert isinstance(one, RegisteredTable)
    place = {"CatalogId": one.catalog.account, "DatabaseName": one.database}
    row = aws.get_table(**place, Name=one.name)["Table"]
    seen = ObservedTable.from_glue(row)
    if seen.columns != one.replaces or not awaits_update(one, seen):
        code = "ConcurrentModificationException"
        raise AwsError(ErrorKind.CONFLICT, code, "The table has changed since it was read.")
    changed = build_updated_input(row, one)
    return _build_single_result(aws.update_table(**place, TableInput=changed, VersionId=row["VersionId"]))


def _delete_table(aws: Any, changes: Sequence[PlannedChange]) -> StepResult:
    link = changes[0].atom
    assert isinstance(link, Link)
    return _build_single_result(
        aws.delete_table(CatalogId=link.catalog.account, DatabaseName=link.database, Name=link.name)
    )


def _accept(aws: Any, changes: Sequence[PlannedChange]) -> StepResult:
    invitation = changes[0].atom
    assert isinstance(invitation, Invitation)
    return _build_single_result(
        aws.accept_resource_share_invitation(resourceShareInvitationArn=invitation.arn)
    )


def _register(aws: Any, changes: Sequence[PlannedChange]) -> StepResult:
    location = changes[0].atom
    assert isinstance(location, Location)
    return _build_single_result(
        aws.register_resource(ResourceArn=location.arn, RoleArn=location.role, UseServiceLinkedRole=False)
    )


def _create_tag(aws: Any, changes: Sequence[PlannedChange]) -> StepResult:
    tag_write = _get_tag_write(changes[0])
    asked = {
        "CatalogId": tag_write.catalog.account,
        "TagKey": tag_write.key,
        "TagValues": list(tag_write.values),
    }
    return _build_single_result(aws.create_lf_tag(**asked))


def _update_tag(aws: Any, changes: Sequence[PlannedChange]) -> StepResult:
    tag_write = _get_tag_write(changes[0])
    member = "TagValuesToDelete" if changes[0].action == "undefine tag" else "TagValuesToAdd"
    asked = {"CatalogId": tag_write.catalog.account, "TagKey": tag_write.key, member: list(tag_write.values)}
    return _build_single_result(aws.update_lf_tag(**asked))


def _add_tags(aws: Any, changes: Sequence[PlannedChange]) -> StepResult:
    return _change_tags(aws.add_lf_tags_to_resource, changes)


def _remove_tags(aws: Any, changes: Sequence[PlannedChange]) -> StepResult:
    return _change_tags(aws.remove_lf_tags_from_resource, changes)


def _change_tags(call: Callable[..., Any], changes: Sequence[PlannedChange]) -> StepResult:
    """The changes are of one resource; each tag is answered by itself."""
    writes = [_get_tag_write(change) for change in changes]
    catalog = writes[0].catalog.account
    pairs = [{"CatalogId": catalog, "TagKey": write.key, "TagValues": list(write.values)} for write in writes]
    answer = call(CatalogId=catalog, Resource=build_tagged_resource(writes[0]), LFTags=pairs)
    failed = {row["LFTag"]["TagKey"]: row["Error"] for row in answer.get("Failures", ())}
    errors = tuple(_build_entry_error(failed.get(write.key)) for write in writes)
    return StepResult(answer["ResponseMetadata"].get("RequestId", ""), errors)


def _get_tag_write(change: PlannedChange) -> TagWrite:
    assert isinstance(change.atom, TagWrite)
    return change.atom


def build_tagged_resource(write: TagWrite) -> dict[str, Any]:
    """What carries the tag, in the shape in which AWS takes it."""
    catalog = write.catalog.account
    if not write.table:
        return {"Database": {"CatalogId": catalog, "Name": write.database}}
    table = {"CatalogId": catalog, "DatabaseName": write.database, "Name": write.table}
    if write.columns:
        return {"TableWithColumns": {**table, "ColumnNames": list(write.columns)}}
    return {"Table": table}


def _build_single_result(answer: Any) -> StepResult:
    return StepResult(answer["ResponseMetadata"].get("RequestId", ""), (None,))


CALLS: dict[str, tuple[str, Callable[[Any, Sequence[PlannedChange]], StepResult]]] = {
    "BatchGrantPermissions": ("lakeformation", _grant),
    "BatchRevokePermissions": ("lakeformation", _revoke),
    "RegisterResource": ("lakeformation", _register),
    "CreateDataCellsFilter": ("lakeformation", _create_filter),
    "DeleteDataCellsFilter": ("lakeformation", _delete_filter),
    "CreateLFTag": ("lakeformation", _create_tag),
    "UpdateLFTag": ("lakeformation", _update_tag),
    "AddLFTagsToResource": ("lakeformation", _add_tags),
    "RemoveLFTagsFromResource": ("lakeformation", _remove_tags),
    "CreateLakeFormationOptIn": ("lakeformation", _opt_in),
    "DeleteLakeFormationOptIn": ("lakeformation", _opt_out),
    "CreateDatabase": ("glue", _create_database),
    "DeleteDatabase": ("glue", _delete_database),
    "CreateTable": ("glue", _create_table),
    "UpdateTable": ("glue", _update_table),
    "DeleteTable": ("glue", _delete_table),
    "AcceptResourceShareInvitation": ("ram", _accept),
}
