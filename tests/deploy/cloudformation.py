"""The CloudFormation templates as data, and which actions of AWS the workers' code calls."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore import xform_name

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("granting-account", "consuming-account")
SERVICES = ("lakeformation", "glue", "ram", "iam", "s3", "athena")
RENAMED_ACTIONS = {"s3:ListObjectsV2": "s3:ListBucket"}
"""Actions by the operations that have another name (Amazon S3, "Required permissions for S3 API operations")."""


class Loader(yaml.SafeLoader):
    """Short forms of CloudFormation's functions become {name: value}."""


def _function(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.ScalarNode)
    return {suffix: loader.construct_scalar(node)}


Loader.add_multi_constructor("!", _function)


@cache
def load_template(name: str) -> dict[str, Any]:
    text = (ROOT / "deploy" / "aws" / f"{name}.yaml").read_text()
    found: dict[str, Any] = yaml.load(text, Loader)  # noqa: S506 - our own file, and a safe loader
    return found


def get_role(name: str, logical: str) -> dict[str, Any]:
    properties: dict[str, Any] = load_template(name)["Resources"][logical]["Properties"]
    return properties


def list_actions(name: str, logical: str, effect: str = "Allow") -> set[str]:
    """Every action of a role's own policies, as IAM writes it."""
    return {
        one for policy in get_role(name, logical)["Policies"] for one in _list_policy_actions(policy, effect)
    }


def list_receiving_actions() -> set[str]:
    """What the executor of a granting account may do besides where the account receives as well."""
    return _list_policy_actions(get_role("granting-account", "Receive"), "Allow")


def get_trail_statements() -> list[dict[str, Any]]:
    """What the observer may do besides where a trail is read, statement by statement."""
    found: list[dict[str, Any]] = get_role("granting-account", "ReadTrail")["PolicyDocument"]["Statement"]
    return found


def _list_policy_actions(policy: dict[str, Any], effect: str) -> set[str]:
    return {
        action
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == effect
        for action in statement["Action"]
    }


@cache
def list_called_actions() -> frozenset[str]:
    """Actions behind each boto3 method that `workers` names; on `glue.…` Glue's, on another name any service's."""
    methods = _map_methods()
    return frozenset(
        action
        for owner, name in _list_attributes()
        for action in methods.get(name, ())
        if owner not in SERVICES or action.startswith(f"{owner}:")
    )


def _list_attributes() -> Iterator[tuple[str, str]]:
    """(name of the variable or empty, attribute) of each attribute in the code."""
    for path in (ROOT / "workers").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute):
                yield node.value.id if isinstance(node.value, ast.Name) else "", node.attr


def _map_methods() -> dict[str, set[str]]:
    session = boto3.session.Session(region_name="eu-central-1")
    found: dict[str, set[str]] = {}
    for service in SERVICES:
        client = session.client(service, aws_access_key_id="none", aws_secret_access_key="none")
        for operation in client.meta.service_model.operation_names:
            action = f"{service}:{operation}"
            found.setdefault(xform_name(operation), set()).add(RENAMED_ACTIONS.get(action, action))
    return found
