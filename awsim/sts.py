"""STS: AssumeRole by the role's own trust policy, and GetCallerIdentity.

moto's STS takes any role, any ExternalId and any duration; this one refuses as AWS does. One deviation:
an account's root may assume a role that trusts its account (AWS refuses root), so that a demonstration
needs no users.
"""

import re
from collections.abc import Callable
from typing import Any

from awsim import moto_bridge
from awsim.callers import Caller
from awsim.credentials import CredentialStore, open_session, store
from awsim.errors import AwsError
from awsim.identity import identity_decision
from awsim.policies import Decision, decide, names_exactly, statements
from awsim.world import World

SHORTEST = 900
CHAINED_LONGEST = 3600
_ROLE_ARN = re.compile(r"arn:aws:iam::(?P<account>\d{12}):role/(?:[\w+=,.@-]+/)*(?P<name>[\w+=,.@-]+)")


def new_store() -> CredentialStore:
    return CredentialStore()


def get_caller_identity(world: World, caller: Caller, _parameters: dict[str, Any]) -> dict[str, Any]:
    principal_id = store(world).by_key[caller.access_key].principal_id
    return {"Arn": caller.session_arn, "UserId": principal_id, "Account": caller.account}


def assume_role(world: World, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
    """Raises AccessDenied (unknown role, not trusted, wrong ExternalId) or ValidationError (duration)."""
    arn = str(parameters.get("RoleArn", ""))
    session = str(parameters.get("RoleSessionName", ""))
    role = _role(arn)
    if role is None or not _is_trusted(caller, role, parameters.get("ExternalId")):
        raise AwsError(
            "AccessDenied",
            f"User: {caller.session_arn} is not authorized to perform: sts:AssumeRole on resource: {arn}",
            status=403,
        )
    seconds = _duration(caller, role, int(parameters.get("DurationSeconds", 3600)))
    made = open_session(world, arn, role.id, session, seconds=seconds)
    return {
        "Credentials": {
            "AccessKeyId": made.access_key,
            "SecretAccessKey": made.secret,
            "SessionToken": made.token,
            "Expiration": made.expires,
        },
        "AssumedRoleUser": {"AssumedRoleId": made.principal_id, "Arn": made.session_arn},
    }


def _role(arn: str) -> Any | None:
    read = _ROLE_ARN.fullmatch(arn)
    if read is None:
        raise AwsError("ValidationError", f"{arn} is invalid", status=400)
    found = moto_bridge.role(read["account"], read["name"])
    return found if found is not None and found.arn == arn else None


def _is_trusted(caller: Caller, role: Any, external_id: str | None) -> bool:
    """The trust policy must allow; the caller's own policy too, unless trust names it in the same account."""
    trust = statements(role.assume_role_policy_document)
    context = {"sts:ExternalId": external_id} if external_id else {}
    about_role = [{**rule, "Resource": "*"} for rule in trust]
    said = decide(about_role, "sts:AssumeRole", role.arn, principal=caller.arn, context=context)
    if said is not Decision.ALLOW:
        return False
    own = identity_decision(caller.arn, "sts:AssumeRole", role.arn)
    named = caller.account == role.account_id and any(names_exactly(rule, caller.arn) for rule in trust)
    return own is Decision.ALLOW or (named and own is not Decision.DENY)


def _duration(caller: Caller, role: Any, seconds: int) -> int:
    if not SHORTEST <= seconds <= int(role.max_session_duration or 3600):
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
            if seconds > SHORTEST
            else f"Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: "
            f"Member must have value greater than or equal to {SHORTEST}",
        )
    if caller.access_key.startswith("ASIA") and seconds > CHAINED_LONGEST:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        )
    return seconds


HANDLERS: dict[str, Callable[[World, Caller, dict[str, Any]], dict[str, Any]]] = {
    "AssumeRole": assume_role,
    "GetCallerIdentity": get_caller_identity,
}
