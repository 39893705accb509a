"""IAM roles and users of every account, in moto's IAM, with trust and inline policies."""

import json
from collections.abc import Sequence
from typing import Any

from awsim import moto_bridge
from awsim.credentials import long_lived_key
from awsim.world import World
from demo.bank import iam_actions
from demo.bank.accounts import (
    ACCOUNTS,
    DATA_ACCESS_ROLE,
    EXECUTOR_ROLE,
    GOVERNANCE,
    INSURANCE,
    OBSERVER_ROLE,
    WORKER_ROLE,
)
from demo.bank.shapes import Account

WORKER_ARN = f"arn:aws:iam::{GOVERNANCE}:role/{WORKER_ROLE}"
QUERIED_AS = ("bi-reporting",)
"""Readers' roles that let the workers query as them."""
SERVICES = {"ml-training": "sagemaker.amazonaws.com"}
"""Readers' roles that a service takes on."""
OWNERS = (GOVERNANCE, INSURANCE)
"""Accounts with a catalog from which others read."""


def create_roles(world: World) -> None:
    """Every account's roles and users, and the key without an end that the worker process runs with."""
    for account in ACCOUNTS:
        trust = _trust(WORKER_ARN, external_id=f"meshmarket-{account.id}")
        applies = iam_actions.GRANTING_EXECUTOR if account.id in OWNERS else iam_actions.CONSUMING_EXECUTOR
        _create(
            account.id, OBSERVER_ROLE, trust, _only(iam_actions.OBSERVER), "Reads permissions and catalog"
        )
        _create(account.id, EXECUTOR_ROLE, trust, _only(applies), "Applies what producers decided")
        for name in account.consumer_roles:
            _create_consumer(account, name)
        for name in account.consumer_users:
            _create_user(account, name)
    for account_id in OWNERS:
        service = {"Service": "lakeformation.amazonaws.com"}
        objects = _allow(["s3:GetObject", "s3:ListBucket"], "arn:aws:s3:::harbour-*")
        _create(account_id, DATA_ACCESS_ROLE, _trust_of(service), objects, "Reads registered locations")
    readers = (f"arn:aws:iam::*:role/{name}" for name in QUERIED_AS)
    assume = _allow(["sts:AssumeRole"], "arn:aws:iam::*:role/meshmarket-*", *readers)
    worker = _create(
        GOVERNANCE, WORKER_ROLE, _trust_of({"Service": "ec2.amazonaws.com"}), assume, "What the workers are"
    )
    long_lived_key(world, worker.arn, worker.id)


def results_bucket(account: Account) -> str:
    return f"harbour-{account.name}-results"


def _create_consumer(account: Account, name: str) -> None:
    rules = [_trusting({"AWS": f"arn:aws:iam::{account.id}:root"})]
    if name in SERVICES:
        rules.append(_trusting({"Service": SERVICES[name]}))
    if name in QUERIED_AS:
        rules.append(_trusting({"AWS": WORKER_ARN}, _known(f"meshmarket-{account.id}")))
    _create(account.id, name, _document(*rules), _asking(account), f"{account.title}: asks for data")
    moto_bridge.iam(account.id).tag_role(name, _tags(account))


def _create_user(account: Account, name: str) -> None:
    """It has no key: nobody in the bank works as it."""
    iam = moto_bridge.iam(account.id)
    iam.create_user("us-east-1", name, "/", _tags(account))
    iam.put_user_policy(name, "inline", _asking(account))


def _asking(account: Account) -> str:
    """What who asks for data may call."""
    results = results_bucket(account)
    return _document(
        _statement(["athena:*", "glue:Get*", "lakeformation:GetDataAccess"]),
        _statement(["s3:*"], f"arn:aws:s3:::{results}", f"arn:aws:s3:::{results}/*"),
    )


def _tags(account: Account) -> list[dict[str, str]]:
    tags = {"line-of-business": account.line_of_business, "environment": account.environment}
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _create(account: str, name: str, trust: str, policy: str, description: str) -> Any:
    iam = moto_bridge.iam(account)
    role = iam.create_role(name, trust, "/", None, description, [], "43200")
    iam.put_role_policy(name, "inline", policy)
    return role


def _trust(principal: str, *, external_id: str) -> str:
    return _document(_trusting({"AWS": principal}, _known(external_id)))


def _known(external_id: str) -> dict[str, Any]:
    return {"StringEquals": {"sts:ExternalId": external_id}}


def _trust_of(principal: dict[str, str]) -> str:
    return _document(_trusting(principal))


def _trusting(principal: dict[str, str], condition: dict[str, Any] | None = None) -> dict[str, Any]:
    rule: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return {**rule, "Condition": condition} if condition else rule


def _allow(actions: list[str], *resources: str) -> str:
    return _document(_statement(actions, *resources))


def _only(actions: Sequence[str]) -> str:
    never = {"Effect": "Deny", "Action": list(iam_actions.NEVER), "Resource": ["*"]}
    return _document(_statement(list(actions)), never)


def _statement(actions: list[str], *resources: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": list(resources) or ["*"]}


def _document(*rules: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(rules)})
