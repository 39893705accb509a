"""Put, get and delete the Data Catalog's resource policy, and list it with those that RAM made.

Sources: botocore model (conditions, errors, EnableHybrid), Glue Developer Guide, security_iam_resource-based-policy
(10 KB; resources of the own account and region). The texts of refusals are assumed.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from mocklake import catalog_ids, partitions
from mocklake.errors import AwsError
from mocklake.glue import encryption
from mocklake.glue.pages import page
from mocklake.glue.policy_store import Policy, policies_of
from mocklake.iam.callers import Caller
from mocklake.iam.policy_documents import listed
from mocklake.ram.store import Share, store_of
from mocklake.world import World

LONGEST = 10 * 1024
PAGE = 1000
_MEMBERS = {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "Condition"}
_SHARED_ACTIONS = {
    "catalog": ["glue:GetCatalog", "glue:GetDatabases"],
    "database": ["glue:GetDatabase", "glue:GetTables"],
    "table": ["glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions", "glue:GetPartition",
              "glue:GetPartitions", "glue:BatchGetPartition", "glue:SearchTables"],
}  # fmt: skip


def put_resource_policy(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """InvalidInputException for no policy, and without EnableHybrid where grants went through RAM already."""
    _only_catalog(caller, params)
    store, place = policies_of(world).by_place, (caller.account, caller.region)
    text, old = params["PolicyInJson"], store.get(place)
    _check_document(text, caller)
    _check_conditions(old, params)
    if params.get("EnableHybrid", "FALSE") != "TRUE" and _shares_by_ram(world, caller):
        raise _invalid("Resources are shared through AWS RAM: EnableHybrid must be TRUE to set a policy too.")
    now = world.now()
    hashed = b64encode(sha256(text.encode()).digest()).decode()
    store[place] = Policy(text, hashed, old.created_at if old else now, now)
    return {"PolicyHash": hashed}


def get_resource_policy(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """EntityNotFoundException without one; with the ARN of something shared, the policy that RAM made for it."""
    wanted = params.get("ResourceArn")
    if wanted and wanted != _catalog_arn(caller):
        made = dict(_made_by_ram(world, caller))
        if wanted not in made:
            raise _missing()
        return made[wanted]
    return _answer(_present(world, caller))


def delete_resource_policy(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """EntityNotFoundException without one, ConditionCheckFailureException for another hash."""
    _only_catalog(caller, params)
    old = _present(world, caller)
    _check_hash(old, params)
    del policies_of(world).by_place[caller.account, caller.region]
    return {}


def get_resource_policies(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The catalog's own policy first, then one for each thing that RAM shares, by ARN.

    The own one is left out for a caller without the key that the catalog is encrypted with (botocore model).
    """
    own = policies_of(world).by_place.get((caller.account, caller.region))
    if own and not encryption.may_read(world, caller, caller.account, caller.region, own.updated_at):
        own = None
    found = dict(_made_by_ram(world, caller)) | ({"": _answer(own)} if own else {})
    one_page, more = page(
        world, caller, params, sorted(found), found.get, listing="GetResourcePolicies", most=PAGE
    )
    return {"GetResourcePoliciesResponseList": one_page} | more


def _only_catalog(caller: Caller, params: dict[str, Any]) -> None:
    if params.get("ResourceArn") not in (None, _catalog_arn(caller)):
        raise _invalid("ResourceArn must be the ARN of the Data Catalog.")


def _catalog_arn(caller: Caller) -> str:
    return catalog_ids.arn(caller.region, caller.account)


def _present(world: World, caller: Caller) -> Policy:
    found = policies_of(world).by_place.get((caller.account, caller.region))
    if found is None:
        raise _missing()
    return found


def _answer(policy: Policy) -> dict[str, Any]:
    return {
        "PolicyInJson": policy.text,
        "PolicyHash": policy.hash,
        "CreateTime": policy.created_at,
        "UpdateTime": policy.updated_at,
    }


def _missing() -> AwsError:
    return AwsError("EntityNotFoundException", "Policy not found")


def _invalid(text: str) -> AwsError:
    return AwsError("InvalidInputException", text)


def _check_conditions(old: Policy | None, params: dict[str, Any]) -> None:
    wanted = params.get("PolicyExistsCondition", "NONE")
    if wanted not in ("NONE", "NOT_EXIST" if old is None else "MUST_EXIST"):
        raise AwsError("ConditionCheckFailureException", f"Policy existence condition {wanted} is not met")
    _check_hash(old, params)


def _check_hash(old: Policy | None, params: dict[str, Any]) -> None:
    wanted = params.get("PolicyHashCondition")
    if wanted is not None and (old is None or wanted != old.hash):
        raise AwsError("ConditionCheckFailureException", "Policy hash condition not met")


def _check_document(text: str, caller: Caller) -> None:
    if len(text.encode()) > LONGEST:
        raise _invalid("The resource policy is longer than 10 KB.")
    try:
        document = json.loads(text)
    except ValueError as error:
        raise _invalid("The policy is not valid JSON.") from error
    rules = document.get("Statement") if isinstance(document, dict) else None
    rules = [rules] if isinstance(rules, dict) else rules
    if (
        not isinstance(rules, list)
        or not rules
        or document.get("Version") not in ("2012-10-17", "2008-10-17")
    ):
        raise _invalid("The policy needs a Version and a Statement.")
    for rule in rules:
        _check_statement(rule, caller)


def _check_statement(rule: Any, caller: Caller) -> None:
    prefix = catalog_ids.arn(caller.region, caller.account).removesuffix("catalog")
    if not isinstance(rule, dict) or rule.get("Effect") not in ("Allow", "Deny") or rule.keys() - _MEMBERS:
        raise _invalid("A statement of the policy is malformed.")
    actions = listed(rule.get("Action")) or listed(rule.get("NotAction"))
    if not actions or not all(one == "*" or one.lower().startswith("glue:") for one in actions):
        raise _invalid("The policy's actions must be of Glue.")
    resources = listed(rule.get("Resource"))
    if not resources or not all(one == "*" or one.startswith(prefix) for one in resources):
        raise _invalid("The policy's resources must be the Data Catalog's of this account and region.")
    who = rule.get("Principal", rule.get("NotPrincipal"))
    named = ["*"] if who == "*" else listed(who.get("AWS")) if isinstance(who, dict) else []
    services = listed(who.get("Service")) if isinstance(who, dict) else []
    if not (named or services) or not all(_is_principal(one, caller.partition) for one in named):
        raise _invalid("The policy has an invalid principal.")


def _is_principal(name: str, partition: str) -> bool:
    return bool(re.fullmatch(rf"\*|\d{{12}}|arn:{partition}:(iam|sts)::\d{{12}}:.+", name))


def _shares(world: World, caller: Caller) -> list[Share]:
    mine = (caller.account, caller.region)
    return [one for one in store_of(world).shares.values() if (one.owner, one.region) == mine]


def _shares_by_ram(world: World, caller: Caller) -> bool:
    return any(one.status == "ACTIVE" for one in _shares(world, caller))


def _made_by_ram(world: World, caller: Caller) -> Iterator[tuple[str, dict[str, Any]]]:
    """One policy for each shared ARN, with a statement for each receiver whose share is open."""
    receivers: dict[str, list[Share]] = {}
    for share in _shares(world, caller):
        for one in share.resources if share.is_open else ():
            receivers.setdefault(one, []).append(share)
    for shared in sorted(receivers):
        shares = receivers[shared]
        rules = [_statement(shared, one.receiver) for one in sorted(shares, key=lambda one: one.receiver)]
        text = json.dumps({"Version": "2012-10-17", "Statement": rules}, separators=(",", ":"))
        since = [one.resources[shared] for one in shares]
        hashed = b64encode(sha256(text.encode()).digest()).decode()
        yield shared, _answer(Policy(text, hashed, min(since), max(since)))


def _statement(shared: str, receiver: str) -> dict[str, Any]:
    """Assumed: the actions of reading, to the account, or to whoever is in the organisation."""
    kind = shared.split(":", 5)[5].partition("/")[0]
    rule: dict[str, Any] = {"Effect": "Allow", "Action": _SHARED_ACTIONS[kind], "Resource": shared}
    if ":organizations:" in receiver:
        organisation = receiver.rsplit("/", 1)[1]
        return rule | {"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": organisation}}}
    return rule | {"Principal": {"AWS": f"arn:{partitions.of_arn(shared)}:iam::{receiver}:root"}}


HANDLERS = {
    "DeleteResourcePolicy": delete_resource_policy,
    "GetResourcePolicies": get_resource_policies,
    "GetResourcePolicy": get_resource_policy,
    "PutResourcePolicy": put_resource_policy,
}
