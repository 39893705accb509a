"""Roles and users as other services see them: one made a moment ago is not known to them yet.

Source: IAM User Guide, troubleshoot (eventual consistency); terraform-provider-aws waits for it in Lake Formation.
"""

from datetime import timedelta

from mocklake import moto_bridge
from mocklake.iam.access_keys import store
from mocklake.served_call import Happening
from mocklake.world import World

_MAKING = {"CreateRole": "RoleName", "CreateUser": "UserName"}


def record_creation(world: World, call: Happening) -> None:
    """Asked after each call; remembers when a role or user was made."""
    named = _MAKING.get(call.operation) if call.service == "iam" else None
    if named is None or call.code or call.caller is None:
        return
    find = moto_bridge.role if named == "RoleName" else moto_bridge.user
    made = find(call.caller.account, str(call.parameters[named]))
    if made is not None:
        store(world).created[made.arn] = world.now()


def exists(arn: str) -> bool:
    return moto_bridge.identity(arn) is not None


def is_known(world: World, arn: str) -> bool:
    """Whether a role or user is there, and not so new that other services do not see it."""
    created = store(world).created.get(arn)
    lag = timedelta(milliseconds=world.switches.new_principal_lag_milliseconds)
    return exists(arn) and (created is None or created + lag <= world.now())
