"""Glue's operations as a statement's caller does them: IAM and Lake Formation decide as in a call of its own."""

from typing import Any

from mocklake import glue
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.session import Session
from mocklake.athena.sql_text import CATALOG, TableName
from mocklake.catalog_ids import full_id
from mocklake.errors import AwsError
from mocklake.iam.callers import decision_for, refusal
from mocklake.iam.policy_documents import Decision

HIVE_ERROR = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "


class MissingError(QueryFailedError):
    """What the statement names is not there."""


class ExistsError(QueryFailedError):
    """What the statement makes is there already."""


_ERRORS = {"EntityNotFoundException": MissingError, "AlreadyExistsException": ExistsError}


def call(session: Session, operation: str, *, catalog: str = CATALOG, **asked: Any) -> dict[str, Any]:
    """Raises QueryFailedError with Glue's or Lake Formation's reason."""
    caller = session.caller
    decision = decision_for(caller, f"glue:{operation}", None)
    if decision is not Decision.ALLOW:
        raise QueryFailedError(refusal(caller.session_arn, f"glue:{operation}", "*", decision))
    place = {} if catalog == CATALOG else {"CatalogId": full_id(catalog, caller.account)}
    try:
        with session.world.lock:
            return glue.HANDLERS[operation](session.world, caller, {**place, **asked})
    except AwsError as error:
        raise _ERRORS.get(error.code, QueryFailedError)(_reason(error)) from error


def listed(
    session: Session, operation: str, member: str, *, catalog: str = CATALOG, **asked: Any
) -> list[dict[str, Any]]:
    """All pages of a listing."""
    found: list[dict[str, Any]] = []
    more: dict[str, Any] = {}
    while True:
        answer = call(session, operation, catalog=catalog, **asked, **more)
        found += answer.get(member, [])
        if "NextToken" not in answer:
            return found
        more = {"NextToken": answer["NextToken"]}


def table_of(session: Session, name: TableName) -> dict[str, Any]:
    """Raises MissingError without such a table."""
    answer = call(session, "GetTable", catalog=name.catalog, DatabaseName=name.database, Name=name.table)
    found: dict[str, Any] = answer["Table"]
    return found


def table_input(table: dict[str, Any]) -> dict[str, Any]:
    """What UpdateTable takes, of what GetTable gave."""
    kept = ("Name", "Description", "Owner", "LastAccessTime", "LastAnalyzedTime", "Retention", "StorageDescriptor",
            "PartitionKeys", "ViewOriginalText", "ViewExpandedText", "TableType", "Parameters", "TargetTable")  # fmt: skip
    return {name: table[name] for name in kept if name in table}


def update_table(session: Session, name: TableName, body: dict[str, Any]) -> None:
    call(
        session, "UpdateTable", catalog=name.catalog, DatabaseName=name.database, TableInput=body,
        SkipArchive=False,
    )  # fmt: skip


def delete_table(session: Session, name: TableName) -> None:
    call(session, "DeleteTable", catalog=name.catalog, DatabaseName=name.database, Name=name.table)


def _reason(error: AwsError) -> str:
    if error.code == "EntityNotFoundException":
        return f"FAILED: SemanticException [Error 10001]: {error.message}"
    return (
        f"{error.message} (Service: AmazonDataCatalog; Status Code: {error.status}; Error Code: {error.code})"
    )
