"""IAM roles and users of every account, in moto's IAM, with trust and inline policies.

Who works with the bank brings templates of such roles; these are theirs, action by action. mocklake checks a role's
actions, not the resources and conditions that a template adds to them.
"""

from collections.abc import Sequence
from typing import Any

from demo.bank.accounts import (
    ACCOUNTS,
    CATALOG_PLACES,
    DATA_ACCESS_ROLE,
    EXECUTOR_ROLE,
    GOVERNANCE,
    OBSERVER_ROLE,
    PARTNER,
    TRAILS,
    WORKER_ROLE,
    build_queue_arn,
    external_id,
)
from demo.bank.definitions import Account
from mocklake.seeding import World, role, role_arn, user

WORKER_ARN = role_arn(GOVERNANCE, WORKER_ROLE)
TEST_QUERY_ROLES = ("bi-reporting",)
"""Readers' roles that let the workers query as them."""
SERVICE_PRINCIPALS = {"ml-training": "sagemaker.amazonaws.com"}
"""Readers' roles that a service takes on."""
ACCOUNTS_HIDING_QUERIES = frozenset({PARTNER})
"""Accounts whose template was deployed without the right to read their query history."""
CATALOG_ACCOUNTS = tuple(account for account, _region in CATALOG_PLACES.values())
"""Accounts with a catalog from which others read."""
OBSERVER_ACTIONS = (
    "lakeformation:GetDataLakeSettings", "lakeformation:GetLFTagExpression", "lakeformation:GetResourceLFTags", "lakeformation:ListDataCellsFilter",
    "lakeformation:ListLFTags", "lakeformation:ListLakeFormationOptIns", "lakeformation:ListPermissions",
    "lakeformation:ListRLSPolicies", "lakeformation:ListRLSPolicyAttachments",
    "lakeformation:ListResources", "lakeformation:SearchDatabasesByLFTags", "lakeformation:SearchTablesByLFTags",
    "glue:BatchGetDataQualityResult", "glue:GetColumnStatisticsForTable", "glue:GetCrawlers", "glue:GetDataCatalogEncryptionSettings", "glue:GetDatabase", "glue:GetDatabases", "glue:GetPartitions",
    "glue:GetResourcePolicy", "glue:GetTable", "glue:GetTables", "glue:ListDataQualityResults",
    "iam:GetRole", "iam:GetUser", "iam:ListRoles", "iam:ListUsers",
    "ram:GetResourceShareAssociations", "ram:GetResourceShareInvitations", "ram:GetResourceShares", "ram:ListResources",
)  # fmt: skip
QUERY_HISTORY_ACTIONS = (
    "athena:BatchGetQueryExecution", "athena:ListQueryExecutions", "athena:ListWorkGroups",
)  # fmt: skip
"""Of the observer in an account that shows the portal its queries."""
_PERMISSION_ACTIONS = (
    "lakeformation:BatchGrantPermissions", "lakeformation:BatchRevokePermissions",
    "lakeformation:GrantPermissions", "lakeformation:RevokePermissions",
)  # fmt: skip
GRANTING_EXECUTOR_ACTIONS = (
    *_PERMISSION_ACTIONS,
    "lakeformation:CreateDataCellsFilter", "lakeformation:DeleteDataCellsFilter",
    "lakeformation:CreateLakeFormationOptIn", "lakeformation:DeleteLakeFormationOptIn",
    "lakeformation:AddLFTagsToResource", "lakeformation:RemoveLFTagsFromResource",
    "lakeformation:CreateLFTag", "lakeformation:UpdateLFTag",
    "lakeformation:RegisterResource",
    "iam:PassRole",
    "glue:CreateDatabase", "glue:CreateTable", "glue:UpdateTable", "glue:GetCrawler", "glue:StartCrawler",
    "glue:GetDatabase", "glue:GetTable", "glue:PutResourcePolicy", "glue:DeleteResourcePolicy",
    "ram:CreateResourceShare", "ram:AssociateResourceShare", "ram:DeleteResourceShare",
    "ram:DisassociateResourceShare", "ram:GetResourceShares", "ram:UpdateResourceShare",
)  # fmt: skip
"""In an account that owns a catalog."""
CONSUMING_EXECUTOR_ACTIONS = (
    *_PERMISSION_ACTIONS,
    "ram:AcceptResourceShareInvitation",
    "glue:CreateDatabase", "glue:CreateTable", "glue:DeleteDatabase", "glue:DeleteTable", "glue:GetDatabase",
    "glue:GetTable",
)  # fmt: skip
"""In an account that only receives."""
DENIED_ACTIONS = ("lakeformation:PutDataLakeSettings",)
"""Denied to all of them: neither says who administers the data lake."""


def create_roles(world: World) -> None:
    """Every account's roles and users, and the key without an end that the worker process runs with."""
    for account in ACCOUNTS:
        trust = _document(_worker_trust(account))
        applies = GRANTING_EXECUTOR_ACTIONS if account.id in CATALOG_ACCOUNTS else CONSUMING_EXECUTOR_ACTIONS
        observer, executor = _allow_only(_list_observer_actions(account)), _allow_only(applies)
        if account.id in CATALOG_ACCOUNTS:
            observer["Statement"] += _list_time_statements() + _list_change_statements(account.id)
        role(
            world, account.id, OBSERVER_ROLE, trust=trust, policy=observer,
            description="Reads permissions and catalog",
        )  # fmt: skip
        role(
            world, account.id, EXECUTOR_ROLE, trust=trust, policy=executor,
            description="Applies what producers decided",
        )  # fmt: skip
        for name in account.consumer_roles:
            _create_consumer_role(world, account, name)
        for name in account.producer_roles:
            _create_producer_role(world, account, name)
        for name in account.consumer_users:
            user(account.id, name, policy=_consumer_policy(account), tags=_tags(account))
    objects = _statement(["s3:GetObject", "s3:ListBucket"], "arn:aws:s3:::harbour-*")
    for owner in CATALOG_ACCOUNTS:
        role(
            world, owner, DATA_ACCESS_ROLE, trust=_service_trust("lakeformation.amazonaws.com"),
            policy=_document(objects), description="Reads registered locations",
        )  # fmt: skip
    readers = (f"arn:aws:iam::*:role/{name}" for name in TEST_QUERY_ROLES)
    assume = _statement(["sts:AssumeRole"], "arn:aws:iam::*:role/meshmarket-*", *readers)
    role(
        world, GOVERNANCE, WORKER_ROLE, trust=_service_trust("ec2.amazonaws.com"), policy=_document(assume),
        description="What the workers are", long_lived=True,
    )  # fmt: skip


def _list_time_statements() -> list[dict[str, Any]]:
    """What the observer reads to know when data changed: times of objects, and Iceberg's metadata. No rows."""
    return [
        _statement(["s3:ListBucket"], "arn:aws:s3:::harbour-*"),
        _statement(["s3:GetObject"], "arn:aws:s3:::harbour-*/metadata/*.metadata.json"),
    ]


def _list_change_statements(account: str) -> list[dict[str, Any]]:
    """What the observer reads to know what changed: the trail's files, and the queue that EventBridge fills."""
    buckets = [trail.bucket for trail in TRAILS if trail.account == account]
    queues = [build_queue_arn(*place) for place in CATALOG_PLACES.values() if place[0] == account]
    return [
        _statement(["s3:ListBucket"], *(f"arn:aws:s3:::{bucket}" for bucket in buckets)),
        _statement(["s3:GetObject"], *(f"arn:aws:s3:::{bucket}/AWSLogs/{account}/*" for bucket in buckets)),
        _statement(["sqs:ReceiveMessage", "sqs:DeleteMessage"], *queues),
    ]


def _list_observer_actions(account: Account) -> tuple[str, ...]:
    hides_queries = account.id in ACCOUNTS_HIDING_QUERIES
    return (*OBSERVER_ACTIONS, *(() if hides_queries else QUERY_HISTORY_ACTIONS))


def get_results_bucket(account: Account) -> str:
    return f"harbour-{account.name}-results"


def _create_consumer_role(world: World, account: Account, name: str) -> None:
    rules = [_trust_statement({"AWS": f"arn:aws:iam::{account.id}:root"})]
    if name in SERVICE_PRINCIPALS:
        rules.append(_trust_statement({"Service": SERVICE_PRINCIPALS[name]}))
    if name in TEST_QUERY_ROLES:
        rules.append(_worker_trust(account))
    role(
        world, account.id, name, trust=_document(*rules), policy=_consumer_policy(account),
        description=f"{account.title}: asks for data", tags=_tags(account),
    )  # fmt: skip


def _create_producer_role(world: World, account: Account, name: str) -> None:
    data = f"arn:aws:s3:::harbour-{account.name}-*"
    policy = _document(
        _statement(["glue:*", "lakeformation:GetDataAccess"]), _statement(["s3:*"], data, f"{data}/*")
    )
    trust = _document(_trust_statement({"AWS": f"arn:aws:iam::{account.id}:root"}))
    role(
        world, account.id, name, trust=trust, policy=policy,
        description=f"{account.title}: writes data", tags=_tags(account),
    )  # fmt: skip


def _consumer_policy(account: Account) -> dict[str, Any]:
    """What a role or user that reads data may call."""
    results = get_results_bucket(account)
    return _document(
        _statement(["athena:*", "glue:Get*", "lakeformation:GetDataAccess"]),
        _statement(["s3:*"], f"arn:aws:s3:::{results}", f"arn:aws:s3:::{results}/*"),
    )


def _tags(account: Account) -> dict[str, str]:
    return {"line-of-business": account.line_of_business, "environment": account.environment}


def _worker_trust(account: Account) -> dict[str, Any]:
    """Trusts the worker role, which must know the account's external id."""
    condition = {"StringEquals": {"sts:ExternalId": external_id(account.id)}}
    return {**_trust_statement({"AWS": WORKER_ARN}), "Condition": condition}


def _service_trust(name: str) -> dict[str, Any]:
    return _document(_trust_statement({"Service": name}))


def _trust_statement(principal: dict[str, str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}


def _allow_only(actions: Sequence[str]) -> dict[str, Any]:
    never = {"Effect": "Deny", "Action": list(DENIED_ACTIONS), "Resource": ["*"]}
    return _document(_statement(list(actions)), never)


def _statement(actions: list[str], *resources: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": list(resources) or ["*"]}


def _document(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(rules)}
