"""Roles and users as other services see them, and the roles in whose name a service works.

Source: IAM User Guide, troubleshoot (eventual consistency); terraform-provider-aws waits for it in Lake Formation.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from mocklake import moto_bridge
from mocklake.errors import AwsError
from mocklake.iam.access_keys import store
from mocklake.iam.callers import Caller, require
from mocklake.iam.policy_documents import Decision, decide, statements
from mocklake.world import World

_MAKING = {"CreateRole": "RoleName", "CreateUser": "UserName"}


def record_creation(world: World, account: str, operation: str, parameters: Mapping[str, Any]) -> None:
    """Remembers when a role or user was made; asked after each call of IAM that succeeded."""
    named = _MAKING.get(operation)
    if named is None:
        return
    find = moto_bridge.role if named == "RoleName" else moto_bridge.user
    made = find(account, str(parameters[named]))
    if made is not None:
        store(world).created[made.arn] = world.now()


def exists(arn: str) -> bool:
    return moto_bridge.identity(arn) is not None


def is_known(world: World, arn: str) -> bool:
    """Whether a role or user is there, and not so new that other services do not see it."""
    created = store(world).created.get(arn)
    lag = timedelta(milliseconds=world.switches.new_principal_lag_milliseconds)
    return exists(arn) and (created is None or created + lag <= world.now())


def check(caller: Caller, named: str, service: str) -> str:
    """The role's ARN. InvalidInputException for one that the service cannot assume (Glue's words, from field reports)."""
    role = moto_bridge.role(caller.account, named.rsplit("/", 1)[-1])
    if role is None or (named.startswith("arn:") and named != role.arn) or not _trusts(role, service):
        text = f"Service is unable to assume role {named}. Please verify role's TrustPolicy"
        raise AwsError("InvalidInputException", text)
    require(caller, "iam:PassRole", role.arn, context={"iam:PassedToService": service})
    return str(role.arn)


def _trusts(role: object, service: str) -> bool:
    document = getattr(role, "assume_role_policy_document", None)
    return decide(statements(document), "sts:AssumeRole", None, principal=service) is Decision.ALLOW
