"""Who called, as a record's `userIdentity` says it (CloudTrail user guide, "userIdentity element")."""

from typing import Any

from mocklake.iam.access_keys import find_credential
from mocklake.iam.callers import Caller
from mocklake.world import World

TIME = "%Y-%m-%dT%H:%M:%SZ"


def identity_of(world: World, caller: Caller) -> dict[str, Any]:
    """Root, a user, or a role's session with its issuer."""
    credential = find_credential(world, caller.access_key)
    key = {"accessKeyId": caller.access_key} if credential is not None else {}
    if caller.is_root:
        return {
            "type": "Root",
            "principalId": caller.account,
            "arn": caller.arn,
            "accountId": caller.account,
        } | key
    principal_id = principal_of(world, caller)
    if ":user/" in caller.arn:
        named = {"type": "IAMUser", "principalId": principal_id, "arn": caller.arn}
        return named | {"accountId": caller.account, "userName": caller.arn.rsplit("/", 1)[1]} | key
    made = (credential.made if credential is not None else None) or world.now()
    return {
        "type": "AssumedRole",
        "principalId": principal_id,
        "arn": caller.session_arn,
        "accountId": caller.account,
        **key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": principal_id.partition(":")[0],
                "arn": caller.arn,
                "accountId": caller.account,
                "userName": caller.arn.rsplit("/", 1)[1],
            },
            "attributes": {"creationDate": made.strftime(TIME), "mfaAuthenticated": "false"},
        },
    }


def identity_abroad(world: World, caller: Caller) -> dict[str, Any]:
    """The same caller in another account's log: no ARN, only account and unique id."""
    return {"type": "AWSAccount", "principalId": principal_of(world, caller), "accountId": caller.account}


def principal_of(world: World, caller: Caller) -> str:
    credential = find_credential(world, caller.access_key)
    return credential.principal_id if credential is not None else caller.account


def username_of(record: dict[str, Any]) -> str:
    """What LookupEvents calls Username: the session's name, or root."""
    identity = record["userIdentity"]
    if identity["type"] == "Root":
        return "root"
    if identity["type"] == "IAMUser":
        return str(identity["userName"])
    return str(identity.get("principalId", "")).rpartition(":")[2]
