"""STS: sessions of roles by their own trust policy, sessions of root, and who a key belongs to.

moto's STS takes any role, any ExternalId and any duration; this one refuses as AWS does. One deviation:
an account's root may assume a role that trusts its account (AWS refuses root), so that a demonstration
needs no users.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from mocklake import moto_bridge, partitions
from mocklake.errors import AwsError
from mocklake.iam.access_keys import (
    Credential,
    CredentialStore,
    find_credential,
    open_session,
    open_session_of,
)
from mocklake.iam.callers import Caller, decision_for
from mocklake.iam.policy_documents import Decision, decide, names_exactly, statements
from mocklake.protocols import not_implemented
from mocklake.world import World

SHORTEST = 900
CHAINED_LONGEST = 3600
DEFAULT_LONGEST = 3600
"""Of a role that was made without MaxSessionDuration (IAM API reference, CreateRole)."""
ROOT_LONGEST = 3600
USERS_DEFAULT, USERS_LONGEST = 43_200, 129_600
LONGEST_POLICY = 2048
MOST_TAGS = 50
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>\d{12}):role/(?:[\w+=,.@-]+/)*(?P<name>[\w+=,.@-]+)")
_SESSION = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_TAG = re.compile(r"Tags\.member\.(\d+)\.(Key|Value)")
_BEYOND = (
    "PolicyArns",
    "SourceIdentity",
    "SerialNumber",
    "TokenCode",
    "TransitiveTagKeys",
    "ProvidedContexts",
)


def new_store() -> CredentialStore:
    return CredentialStore()


def get_caller_identity(world: World, caller: Caller, _parameters: dict[str, Any]) -> dict[str, Any]:
    credential = find_credential(world, caller.access_key)
    assert credential is not None
    return {"Arn": caller.session_arn, "UserId": credential.principal_id, "Account": caller.account}


def get_access_key_info(world: World, _caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
    """The account of a key, also of an ended one. AWS reads it off the key's letters, mocklake looks it up."""
    wanted = str(parameters.get("AccessKeyId", ""))
    credential = find_credential(world, wanted)
    if credential is None:
        raise AwsError("ValidationError", f"Access key {wanted} is not valid.")
    return {"Account": credential.account}


def get_session_token(world: World, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
    """Root's lasts an hour at most, a user's up to 36; a session cannot ask for another one (API reference,
    GetSessionToken).
    """
    _check_beyond("GetSessionToken", parameters)
    credential = find_credential(world, caller.access_key)
    if credential is None or _is_of_role(caller) or caller.access_key.startswith("ASIA"):
        text = "Cannot call GetSessionToken with session credentials"
        raise AwsError("AccessDenied", text, status=403)
    seconds = int(parameters.get("DurationSeconds", USERS_DEFAULT))
    if seconds < SHORTEST:
        raise _too_short(seconds)
    longest = ROOT_LONGEST if caller.is_root else USERS_LONGEST
    session = open_session_of(world, credential, seconds=min(seconds, longest))
    return {"Credentials": _keys(session)}


def assume_role(world: World, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
    """Raises AccessDenied (unknown role, not trusted, wrong ExternalId, tags not allowed), ValidationError
    (duration, session's name) or MalformedPolicyDocument.
    """
    _check_beyond("AssumeRole", parameters)
    arn, session = str(parameters.get("RoleArn", "")), str(parameters.get("RoleSessionName", ""))
    if not _SESSION.fullmatch(session):
        text = f"Value '{session}' at 'roleSessionName' failed to satisfy constraint: {_SESSION.pattern}"
        raise AwsError("ValidationError", text)
    tags, policy = _tags(parameters), _policy(parameters)
    role = _role(arn)
    if partitions.of_arn(arn) != caller.partition:
        raise _refused(caller, "sts:AssumeRole", arn)
    external = parameters.get("ExternalId")
    if role is None or not _is_trusted(caller, role, "sts:AssumeRole", external):
        raise _refused(caller, "sts:AssumeRole", arn)
    if tags and not _is_trusted(caller, role, "sts:TagSession", external):
        raise _refused(caller, "sts:TagSession", arn)
    seconds = _duration(caller, role, int(parameters.get("DurationSeconds", 3600)))
    made = open_session(world, arn, role.id, session, seconds=seconds, policy=policy, tags=tags)
    user = {"AssumedRoleId": made.principal_id, "Arn": made.session_arn}
    packed = {"PackedPolicySize": 100 * len(policy) // LONGEST_POLICY} if policy or tags else {}
    return {"Credentials": _keys(made), "AssumedRoleUser": user} | packed


def _keys(made: Credential) -> dict[str, Any]:
    return {
        "AccessKeyId": made.access_key,
        "SecretAccessKey": made.secret,
        "SessionToken": made.token,
        "Expiration": made.expires,
    }


def _check_beyond(operation: str, parameters: dict[str, Any]) -> None:
    """What would change a session and is not played is not passed over."""
    asked = sorted({name.partition(".")[0] for name in parameters} & set(_BEYOND))
    if asked:
        raise not_implemented("sts", f"{operation} with {asked[0]}")


def _tags(parameters: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    found: dict[str, dict[str, str]] = {}
    for name, value in parameters.items():
        read = _TAG.fullmatch(name)
        if read:
            found.setdefault(read[1], {})[read[2]] = str(value)
    if len(found) > MOST_TAGS:
        raise AwsError("ValidationError", f"A session has at most {MOST_TAGS} tags.")
    return tuple(sorted((one.get("Key", ""), one.get("Value", "")) for one in found.values()))


def _policy(parameters: dict[str, Any]) -> str:
    text = str(parameters.get("Policy", ""))
    if len(text) > LONGEST_POLICY:
        raise AwsError("PackedPolicyTooLarge", "The session policy is too large.")
    if text and not _is_policy(text):
        raise AwsError("MalformedPolicyDocument", "The policy is not in the valid JSON format.")
    return text


def _is_policy(text: str) -> bool:
    try:
        return isinstance(json.loads(text).get("Statement"), (list, dict))
    except (ValueError, AttributeError):
        return False


def _refused(caller: Caller, action: str, arn: str) -> AwsError:
    text = f"User: {caller.session_arn} is not authorized to perform: {action} on resource: {arn}"
    return AwsError("AccessDenied", text, status=403)


def _role(arn: str) -> Any | None:
    read = _ROLE_ARN.fullmatch(arn)
    if read is None:
        raise AwsError("ValidationError", f"{arn} is invalid", status=400)
    found = moto_bridge.role(read["account"], read["name"])
    return found if found is not None and found.arn == arn else None


def _is_trusted(caller: Caller, role: Any, action: str, external_id: str | None) -> bool:
    """The trust policy must allow; the caller's own policy too, unless trust names it in the same account."""
    trust = statements(role.assume_role_policy_document)
    context = {"aws:PrincipalArn": caller.arn, "aws:PrincipalAccount": caller.account}
    context |= {"sts:ExternalId": external_id} if external_id else {}
    about_role = [{**rule, "Resource": "*"} for rule in trust]
    said = decide(about_role, action, role.arn, principal=caller.arn, context=context)
    if said is not Decision.ALLOW:
        return False
    own = decision_for(caller, action, role.arn)
    named = caller.account == role.account_id and any(names_exactly(rule, caller.arn) for rule in trust)
    return own is Decision.ALLOW or (named and own is not Decision.DENY)


def _duration(caller: Caller, role: Any, seconds: int) -> int:
    if seconds < SHORTEST:
        raise _too_short(seconds)
    if seconds > int(role.max_session_duration or DEFAULT_LONGEST):
        text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise AwsError("ValidationError", text)
    if _is_of_role(caller) and seconds > CHAINED_LONGEST:
        text = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        raise AwsError("ValidationError", text)
    return seconds


def _is_of_role(caller: Caller) -> bool:
    """Also of the long-lived key of a role, which stands for a session that is renewed."""
    return ":role/" in caller.arn


def _too_short(seconds: int) -> AwsError:
    text = (
        f"Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: "
        f"Member must have value greater than or equal to {SHORTEST}"
    )
    return AwsError("ValidationError", text)


HANDLERS: dict[str, Callable[[World, Caller, dict[str, Any]], dict[str, Any]]] = {
    "AssumeRole": assume_role,
    "GetAccessKeyInfo": get_access_key_info,
    "GetCallerIdentity": get_caller_identity,
    "GetSessionToken": get_session_token,
}
