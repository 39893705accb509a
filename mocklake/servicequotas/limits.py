"""What a quota is in an account and region, and the refusal of what would exceed it."""

from dataclasses import dataclass, field
from typing import Any

from mocklake.errors import AwsError
from mocklake.servicequotas.published import BY_CODE, Quota
from mocklake.world import World

EXCEEDED = "ResourceNumberLimitExceededException"
Place = tuple[str, str, str, str]
"""(account, region, service, code)"""


@dataclass
class Store:
    """Values that differ from the published ones."""

    values: dict[Place, float] = field(default_factory=dict)


def new_store() -> Store:
    return Store()


def value_of(world: World, account: str, region: str, quota: Quota) -> float:
    return _store(world).values.get((account, region, quota.service, quota.code), quota.value)


def check(
    world: World, catalog_id: str, region: str, quota: Quota, wanted: int, *, code: str = EXCEEDED
) -> None:
    """Raises AwsError when there would be more than the quota; `code` where the operation's model has no other."""
    limit = value_of(world, catalog_id.partition(":")[0], region, quota)
    if wanted > limit:
        text = f"Number of {quota.name} would exceed the limit of {limit:.0f}."
        raise AwsError(code, text)


def put(world: World, asked: dict[str, Any]) -> dict[str, Any]:
    """Sets a quota of an account in a region, as AWS's support would. Raises ValueError for an unknown one."""
    if asked.keys() != {"account", "region", "service", "code", "value"}:
        raise ValueError("a quota takes account, region, service, code and value")
    quota = BY_CODE.get((asked["service"], asked["code"]))
    value = asked["value"]
    if quota is None:
        raise ValueError(f"there is no quota {asked['code']} of {asked['service']}")
    if asked["account"] not in world.accounts or not isinstance(asked["region"], str):
        raise ValueError("account is an existing account's id, and region is given")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise ValueError("value is a number from 0 on")
    _store(world).values[asked["account"], asked["region"], quota.service, quota.code] = float(value)
    return asked


def _store(world: World) -> Store:
    """A world that no server holds may have none yet."""
    store: Store = world.stores.setdefault("servicequotas", new_store())
    return store
