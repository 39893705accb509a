"""Roles and users as other services see them: one made a moment ago is not known to them yet.

Source: IAM User Guide, troubleshoot (eventual consistency); terraform-provider-aws waits for it in Lake Formation.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from mocklake import moto_bridge
from mocklake.iam.access_keys import store
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
