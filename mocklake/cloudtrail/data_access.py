"""GetDataAccess: Lake Formation's record of each time that it lets an engine at a table's data, or does not.

Nobody calls it. Source: Lake Formation developer guide, "Cross-account CloudTrail logging" and "Logging AWS Lake
Formation API Calls Using AWS CloudTrail"; the members of Athena's as the best-practice guide shows them. Data of
another account is recorded in both accounts' logs with the caller's unique id alone; its ARN stands there only if
the caller's account trusts the owner (TrustedResourceOwners). A refusal is recorded too (assumed).
"""

import secrets
import string
import uuid
from dataclasses import dataclass
from typing import Any

from mocklake.cloudtrail.records import TIME, VERSION, copy_for, identity_abroad, identity_of, write_down
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.lakeformation.store import book_of
from mocklake.world import World

_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Engine:
    """`code` stands in the session's name: `AT` Athena, `NA` what has none; `context` is the audit context."""

    host: str
    requester: str
    code: str
    context: str = ""


def session_name(account: str, engine: Engine) -> str:
    """`AWSLF-<version>-<engine>-<account>-<suffix>`: what joins the record to the reads of the objects."""
    suffix = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    return f"AWSLF-00-{engine.code}-{account}-{suffix}"


def note(
    world: World,
    caller: Caller,
    table_arn: str,
    engine: Engine,
    *,
    session: str,
    permissions: tuple[str, ...] = ("SELECT",),
    more: dict[str, Any] | None = None,
    error: AwsError | None = None,
) -> None:
    """Writes the record down in the caller's account, and in the owner's if that is another one."""
    owner = table_arn.split(":")[4]
    abroad = owner != caller.account
    context = {"auditContext": {"additionalAuditContext": engine.context}} if engine.context else {}
    record: dict[str, Any] = {
        **_frame(world, caller, table_arn, engine),
        **({"errorCode": "AccessDenied", "errorMessage": error.message} if error else {}),
        "requestParameters": {
            "tableArn": table_arn,
            "permissions": list(permissions),
            **context,
            **(more or {}),
        },
        "additionalEventData": _additional(world, caller, engine, owner, session),
    }
    if abroad:
        record["sharedEventID"] = str(uuid.uuid4())
        write_down(world, copy_for(record, owner, identity_abroad(world, caller)))
    write_down(world, record)


def _frame(world: World, caller: Caller, table_arn: str, engine: Engine) -> dict[str, Any]:
    """What stands in the record whatever was asked for."""
    region, owner = table_arn.split(":")[3:5]
    return {
        "eventVersion": VERSION,
        "userIdentity": _identity(world, caller, engine, abroad=owner != caller.account),
        "eventTime": world.now().strftime(TIME),
        "eventSource": "lakeformation.amazonaws.com",
        "eventName": "GetDataAccess",
        "awsRegion": region,
        "sourceIPAddress": engine.host,
        "userAgent": engine.host,
        "responseElements": None,
        "requestID": str(uuid.uuid4()),
        "eventID": str(uuid.uuid4()),
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": caller.account,
        "eventCategory": "Management",
    }


def _identity(world: World, caller: Caller, engine: Engine, *, abroad: bool) -> dict[str, Any]:
    if abroad:
        return identity_abroad(world, caller)
    return identity_of(world, caller) | {"invokedBy": engine.host}


def _additional(world: World, caller: Caller, engine: Engine, owner: str, session: str) -> dict[str, Any]:
    trusted = book_of(world, caller.account, caller.region).settings.get("TrustedResourceOwners", [])
    named = owner == caller.account or owner in trusted
    return {
        "requesterService": engine.requester,
        "LakeFormationTrustedCallerInvocation": "true",
        **({"lakeFormationPrincipal": caller.arn} if named else {}),
        "lakeFormationRoleSessionName": session,
    }
