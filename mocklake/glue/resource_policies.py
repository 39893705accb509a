"""Put, get and delete the Data Catalog's resource policy, and list it with those that RAM made.

Sources: botocore model (conditions, errors, EnableHybrid), Glue Developer Guide, security_iam_resource-based-policy
(10 KB; resources of the own account and region). The texts of refusals are assumed.

Sources: Lake Formation Developer Guide, hybrid-cross-account (a policy without `glue:ShareResource` for RAM blocks
the shares of later grants, which succeed all the same); Glue Developer Guide, cross-account-access (a policy opens
the catalog, the database and the table to another account, each by its ARN). Assumed: a share that is blocked stays
so until the permission is granted again; a policy opens what Lake Formation leaves to IAMAllowedPrincipals and
nothing else; its Deny takes back what it allows itself and no Lake Formation permission.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from mocklake import catalog_ids, partitions
from mocklake.catalog_ids import arn, owner_of
from mocklake.errors import AwsError
from mocklake.glue import encryption
from mocklake.glue.pages import page
from mocklake.iam.callers import Caller
from mocklake.iam.policy_documents import Decision, Statement, decide, listed, statements
from mocklake.lakeformation.resources import Kind, Resource
from mocklake.lakeformation.store import Row
from mocklake.ram.shares import Share, get_store
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
NAME = "glue.policies"
RAM = "ram.amazonaws.com"
_READING = {"catalog": "glue:GetDatabases", "database": "glue:GetDatabase", "table": "glue:GetTable"}
_ACTIONS = {
    Kind.DATABASE: {
        "DESCRIBE": "glue:GetDatabase", "ALTER": "glue:UpdateDatabase", "DROP": "glue:DeleteDatabase",
        "CREATE_TABLE": "glue:CreateTable",
    },
    Kind.TABLE: {
        "DESCRIBE": "glue:GetTable", "SELECT": "glue:GetTable", "ALTER": "glue:UpdateTable",
        "DROP": "glue:DeleteTable", "INSERT": "glue:CreatePartition", "DELETE": "glue:DeletePartition",
    },
}  # fmt: skip


def put_resource_policy(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """InvalidInputException for no policy, and without EnableHybrid where grants went through RAM already."""
    _require_own_catalog(caller, params)
    store, place = get_policies(world).by_place, (caller.account, caller.region)
    text, old = params["PolicyInJson"], store.get(place)
    _check_document(text, caller)
    _check_conditions(old, params)
    if params.get("EnableHybrid", "FALSE") != "TRUE" and _has_shares_by_ram(world, caller):
        raise _build_policy_error(
            "Resources are shared through AWS RAM: EnableHybrid must be TRUE to set a policy too."
        )
    now = world.now()
    hashed = b64encode(sha256(text.encode()).digest()).decode()
    store[place] = Policy(text, hashed, old.created_at if old else now, now)
    return {"PolicyHash": hashed}


def get_resource_policy(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """EntityNotFoundException without one; with the ARN of something shared, the policy that RAM made for it."""
    wanted = params.get("ResourceArn")
    if wanted and wanted != _build_catalog_arn(caller):
        made = dict(_list_made_by_ram(world, caller))
        if wanted not in made:
            raise _build_missing_policy_error()
        return made[wanted]
    return _describe_policy(_get_policy(world, caller))


def delete_resource_policy(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """EntityNotFoundException without one, ConditionCheckFailureException for another hash."""
    _require_own_catalog(caller, params)
    old = _get_policy(world, caller)
    _check_hash(old, params)
    del get_policies(world).by_place[caller.account, caller.region]
    return {}


def get_resource_policies(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The catalog's own policy first, then one for each thing that RAM shares, by ARN.

    The own one is left out for a caller without the key that the catalog is encrypted with (botocore model).
    """
    own = get_policies(world).by_place.get((caller.account, caller.region))
    if own and not encryption.may_read(world, caller, caller.account, caller.region, own.updated_at):
        own = None
    found = dict(_list_made_by_ram(world, caller)) | ({"": _describe_policy(own)} if own else {})
    one_page, more = page(
        world, caller, params, sorted(found), found.get, listing="GetResourcePolicies", most=PAGE
    )
    return {"GetResourcePoliciesResponseList": one_page} | more


def _require_own_catalog(caller: Caller, params: dict[str, Any]) -> None:
    if params.get("ResourceArn") not in (None, _build_catalog_arn(caller)):
        raise _build_policy_error("ResourceArn must be the ARN of the Data Catalog.")


def _build_catalog_arn(caller: Caller) -> str:
    return catalog_ids.arn(caller.region, caller.account)


@dataclass(frozen=True)
class Policy:
    """`text` is the document as it was put."""

    text: str
    hash: str
    created_at: datetime
    updated_at: datetime


def _get_policy(world: World, caller: Caller) -> Policy:
    found = get_policies(world).by_place.get((caller.account, caller.region))
    if found is None:
        raise _build_missing_policy_error()
    return found


def _describe_policy(policy: Policy) -> dict[str, Any]:
    return {
        "PolicyInJson": policy.text,
        "PolicyHash": policy.hash,
        "CreateTime": policy.created_at,
        "UpdateTime": policy.updated_at,
    }


def _build_missing_policy_error() -> AwsError:
    return AwsError("EntityNotFoundException", "Policy not found")


def _build_policy_error(text: str) -> AwsError:
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
        raise _build_policy_error("The resource policy is longer than 10 KB.")
    try:
        document = json.loads(text)
    except ValueError as error:
        raise _build_policy_error("The policy is not valid JSON.") from error
    rules = document.get("Statement") if isinstance(document, dict) else None
    rules = [rules] if isinstance(rules, dict) else rules
    if (
        not isinstance(rules, list)
        or not rules
        or document.get("Version") not in ("2012-10-17", "2008-10-17")
    ):
        raise _build_policy_error("The policy needs a Version and a Statement.")
    for rule in rules:
        _check_statement(rule, caller)


def _check_statement(rule: Any, caller: Caller) -> None:
    prefix = catalog_ids.arn(caller.region, caller.account).removesuffix("catalog")
    if not isinstance(rule, dict) or rule.get("Effect") not in ("Allow", "Deny") or rule.keys() - _MEMBERS:
        raise _build_policy_error("A statement of the policy is malformed.")
    actions = listed(rule.get("Action")) or listed(rule.get("NotAction"))
    if not actions or not all(action == "*" or action.lower().startswith("glue:") for action in actions):
        raise _build_policy_error("The policy's actions must be of Glue.")
    resources = listed(rule.get("Resource"))
    if not resources or not all(resource == "*" or resource.startswith(prefix) for resource in resources):
        raise _build_policy_error(
            "The policy's resources must be the Data Catalog's of this account and region."
        )
    who = rule.get("Principal", rule.get("NotPrincipal"))
    named = ["*"] if who == "*" else listed(who.get("AWS")) if isinstance(who, dict) else []
    services = listed(who.get("Service")) if isinstance(who, dict) else []
    if not (named or services) or not all(_is_principal(one, caller.partition) for one in named):
        raise _build_policy_error("The policy has an invalid principal.")


def _is_principal(name: str, partition: str) -> bool:
    return bool(re.fullmatch(rf"\*|\d{{12}}|arn:{partition}:(iam|sts)::\d{{12}}:.+", name))


def _list_shares(world: World, caller: Caller) -> list[Share]:
    mine = (caller.account, caller.region)
    return [share for share in get_store(world).shares.values() if (share.owner, share.region) == mine]


def _has_shares_by_ram(world: World, caller: Caller) -> bool:
    return any(share.status == "ACTIVE" for share in _list_shares(world, caller))


def _list_made_by_ram(world: World, caller: Caller) -> Iterator[tuple[str, dict[str, Any]]]:
    """One policy for each shared ARN, with a statement for each receiver whose share is open."""
    receivers: dict[str, list[Share]] = {}
    for share in _list_shares(world, caller):
        for one in share.resources if share.is_open else ():
            receivers.setdefault(one, []).append(share)
    for shared in sorted(receivers):
        shares = receivers[shared]
        rules = [
            _build_statement(shared, one.receiver) for one in sorted(shares, key=lambda one: one.receiver)
        ]
        text = json.dumps({"Version": "2012-10-17", "Statement": rules}, separators=(",", ":"))
        since = [one.resources[shared] for one in shares]
        hashed = b64encode(sha256(text.encode()).digest()).decode()
        yield shared, _describe_policy(Policy(text, hashed, min(since), max(since)))


def _build_statement(shared: str, receiver: str) -> dict[str, Any]:
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


@dataclass
class PolicyStore:
    by_place: dict[tuple[str, str], Policy] = field(default_factory=dict)
    """By (account, region)."""


def get_policies(world: World) -> PolicyStore:
    store: PolicyStore = world.stores.setdefault(NAME, PolicyStore())
    return store


def list_statements(world: World, account: str, region: str) -> list[Statement]:
    """Empty without a policy, which most accounts never have."""
    found = get_policies(world).by_place.get((account, region))
    return statements(found.text) if found else []


def list_shareable(world: World, owner: str, region: str, arns: Iterable[str]) -> list[str]:
    """Lists what RAM may share: everything where there is no policy."""
    rules = list_statements(world, owner, region)
    if not rules:
        return list(arns)
    return [one for one in arns if _allows(rules, "glue:ShareResource", [one], RAM)]


def list_left_to_everyone(
    world: World, principal: str, region: str, resource: Resource, rows: Iterable[Row]
) -> Iterator[Row]:
    """Yields what the owning account's policy opens to another's principal of what everyone of it holds."""
    rules = list_statements(world, resource.owner, region)
    actions = _ACTIONS.get(resource.kind, {})
    if not rules or not actions or not any("ALL" in row.verbs for row in rows):
        return
    arns = _list_arns(resource, region)
    verbs = {verb for verb, action in actions.items() if _allows(rules, action, arns, principal)}
    if verbs:
        yield Row(principal, resource, 0, datetime.fromtimestamp(0, UTC), "", verbs)


def opens_by_tags(world: World, owner: str, region: str, account: str, arns: Iterable[str]) -> bool:
    """Whether the policy opens all this to an account for grants by LF-Tags below cross-account version 3.

    Source: Lake Formation Developer Guide, cross-account-prereqs; its statement has the condition
    `glue:EvaluatedByLakeFormationTags`. That what the account may read counts is assumed.
    """
    rules, root = list_statements(world, owner, region), partitions.root_arn(account, region)
    tagged = {"glue:EvaluatedByLakeFormationTags": "true"}
    return all(
        decide(rules, _READING[one.split(":", 5)[5].partition("/")[0]], one, principal=root, context=tagged)
        is Decision.ALLOW
        for one in arns
    )


def _allows(rules: list[Statement], action: str, arns: list[str], principal: str) -> bool:
    return all(decide(rules, action, one, principal=principal) is Decision.ALLOW for one in arns)


def _list_arns(resource: Resource, region: str) -> list[str]:
    """What the call touches: the catalog, the database and the table."""
    place = resource.catalog_id
    found = [arn(region, owner_of(place)), arn(region, place, "database", resource.database)]
    return found + (
        [arn(region, place, "table", resource.database, resource.table)] if resource.table else []
    )
